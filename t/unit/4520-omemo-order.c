/* Messages out of order, twice, never; many; and older states restored. */
#ifdef NO_OMEMO
#include "t/unit/skip-omemo.h"
#else
#include "omemo/intern.h"
#include "t/unit/omemo-pair.h"

#define ALICE "alice@example.org"
#define BOB   "bob@example.org"

static struct host *a, *b;

static void
begin(void)
{
	a = pair_new(ALICE);
	b = pair_new(BOB);
	pair_meet();
}

static void
greet(void)
{
	pair_say(a, BOB, "hello");
	pair_deliver();
	pair_say(b, ALICE, "hello");
	pair_deliver();
	a->notes = b->notes = 0;
}

/* Bob reads the Nth message that waits; returns what he read. */
static const char *
reads(size_t n)
{
	size_t before = b->gots;

	pair_receive(b, &pair_wire[n]);
	return b->gots == before ? "(none)" : pair_said(b);
}

static void
out_of_order(void)
{
	begin();
	greet();
	pair_say(a, BOB, "one");
	pair_say(a, BOB, "two");
	pair_say(a, BOB, "three");
	ok(strcmp(reads(2), "three") == 0, "the third first");
	ok(strcmp(reads(0), "one") == 0, "then the first");
	ok(strcmp(reads(1), "two") == 0, "then the second");
	ok(strcmp(reads(1), "(none)") == 0 &&
		pair_noted(b, OMEMO_NOTE_DUPLICATE) == 1,
	    "again before it is told: a duplicate");
	pair_told(b, 3);
	ok(strcmp(reads(1), "(none)") == 0 &&
		pair_noted(b, OMEMO_NOTE_DUPLICATE) == 2,
	    "and after it is told");
	ok(!omemo_find(b->o, ALICE)->device[0].heal, "that is not healed");
	pair_end();
}

/* A crash after the record was written, before the text was told. */
static void
crash(void)
{
	struct omemo_bundle old;
	size_t i;

	begin();
	old = b->b;
	pair_say(a, BOB, "first");
	ok(strcmp(reads(0), "first") == 0, "read");
	pair_start(b);
	ok(strcmp(reads(0), "first") == 0, "read again after a crash");
	pair_told(b, 1);
	ok(omemo_find(b->o, ALICE)->kepts == 0, "no key is kept then");
	b->now += 10;
	omemo_tick(b->o, b->now);
	pair_pull(b);
	for (i = 0; i < b->b.prekeys; i++)
		if (b->b.prekey[i].id == OMEMO_PREKEYS + 2)
			break;
	ok(i < b->b.prekeys, "the used prekey was replaced");
	(void)old;
	pair_start(b);
	ok(strcmp(reads(0), "(none)") == 0, "and then it is not read again");
	pair_drop();
	pair_say(a, BOB, "second");
	ok(strcmp(reads(0), "second") == 0, "read");
	pair_start(b);
	pair_ready(b, ALICE);
	omemo_replayed(b->o, ALICE, b->now);
	pair_pull(b);
	ok(omemo_find(b->o, ALICE)->kepts == 0,
	    "a key that nobody asked for is dropped after the replay");
	pair_end();
}

/* The next message's record forgets the keys of those that were told. */
static void
told_later(void)
{
	struct omemo_item i;
	int stores = 0, texts = 0;

	begin();
	greet();
	pair_say(a, BOB, "one");
	pair_say(a, BOB, "two");
	ok(strcmp(reads(0), "one") == 0, "the first is read");
	pair_ready(b, ALICE);
	omemo_told(b->o, ALICE,
	    (const unsigned char(*)[OMEMO_TOKEN])pair_last(b)->token, 1,
	    b->now);
	omemo_receive(b->o, ALICE, &pair_wire[1].m, 1, b->now);
	while (omemo_next(b->o, &i)) {
		texts += i.type == OMEMO_TEXT;
		if (i.type == OMEMO_STORE && strcmp(i.name, ALICE) == 0) {
			stores++;
			pair_store(b, &i);
		}
	}
	ok(stores == 1 && texts == 1, "one record, before the text");
	ok(omemo_find(b->o, ALICE)->kepts == 1, "which keeps one key");
	pair_start(b);
	ok(strcmp(reads(1), "two") == 0, "that of the second");
	pair_end();
}

static void
too_many_kept(void)
{
	char text[16];
	int i;

	begin();
	greet();
	for (i = 0; i <= OMEMO_KEPT; i++) {
		snprintf(text, sizeof text, "%d", i);
		pair_say(a, BOB, text);
	}
	for (i = 0; i < OMEMO_KEPT; i++)
		pair_receive(b, &pair_wire[i]);
	snprintf(text, sizeof text, "%d", OMEMO_KEPT - 1);
	ok(strcmp(pair_said(b), text) == 0, "1,000 are kept");
	ok(pair_receive(b, &pair_wire[OMEMO_KEPT]) == -1 &&
		strcmp(pair_said(b), text) == 0,
	    "the next has to wait");
	pair_start(b);
	pair_ready(b, ALICE);
	for (i = 0; i < OMEMO_KEPT; i++)
		pair_receive(b, &pair_wire[i]);
	ok(strcmp(pair_said(b), text) == 0 &&
		pair_receive(b, &pair_wire[OMEMO_KEPT]) == -1,
	    "the same in the next run, in which all of them come again");
	pair_told(b, 1);
	ok(pair_receive(b, &pair_wire[OMEMO_KEPT]) == 0, "until one is told");
	pair_end();
}

/* A thousand and more that nobody answers, then an answer. */
static void
unanswered(void)
{
	char text[16];
	int i;

	begin();
	pair_say(a, BOB, "0");
	pair_deliver();
	pair_deliver();
	for (i = 1; i <= 1000; i++) {
		snprintf(text, sizeof text, "%d", i);
		pair_say(a, BOB, text);
		pair_receive(b, &pair_wire[pair_wires - 1]);
		pair_told(b, 1);
	}
	ok(strcmp(pair_said(b), "1000") == 0 &&
		pair_noted(b, OMEMO_NOTE_UNREADABLE) == 0,
	    "1,000 unanswered are read");
	for (i = 0; pair_wires > 0 && i < (int)pair_wires; i++)
		if (strcmp(pair_wire[i].from, BOB) == 0)
			break;
	ok(pair_wires == 1001, "he sent one empty message: %zu",
	    pair_wires - 1000);
	pair_drop();
	pair_say(b, ALICE, "enough");
	pair_deliver();
	ok(strcmp(pair_said(a), "enough") == 0, "and answers");
	pair_end();
	/* None arrives but the last. */
	begin();
	greet();
	for (i = 0; i < 1500; i++)
		pair_say(a, BOB, "lost");
	ok(strcmp(reads(1499), "lost") == 0, "1,500 may be skipped");
	pair_drop();
	for (i = 0; i < 2100; i++)
		pair_say(a, BOB, "lost");
	ok(strcmp(reads(2099), "(none)") == 0, "not 2,100");
	pair_drop();
	ok(b->fetches == 1, "then a new session is built");
	pair_end();
}

static void
save(const struct host *h, struct file *copy)
{
	size_t i;

	for (i = 0; i < PAIR_FILES; i++) {
		copy[i] = h->file[i];
		buf_init(&copy[i].bytes, FORM_MAX);
		buf_add(&copy[i].bytes, buf_data(&h->file[i].bytes),
		    buf_len(&h->file[i].bytes));
	}
}

static void
restore(struct host *h, struct file *copy)
{
	size_t i;

	for (i = 0; i < PAIR_FILES; i++) {
		buf_clear(&h->file[i].bytes);
		h->file[i] = copy[i];
	}
	pair_start(h);
	pair_list(h, a->account);
	pair_list(h, b->account);
}

/* Says TEXT until it is read, at most LIMIT times; returns how often. */
static int
until_read(struct host *from, struct host *to, const char *text, int limit)
{
	int i;

	for (i = 1; i <= limit; i++) {
		pair_say(from, to->account, text);
		pair_deliver();
		if (strcmp(pair_said(to), text) == 0)
			return i;
	}
	return -1;
}

static void
restored(void)
{
	struct file copy[PAIR_FILES];
	int i;

	/* Both wrote since. */
	begin();
	greet();
	save(a, copy);
	for (i = 0; i < 3; i++) {
		pair_say(a, BOB, "since");
		pair_say(b, ALICE, "since");
		pair_deliver();
	}
	restore(a, copy);
	ok(until_read(b, a, "do you read?", 3) > 0, "he is read again");
	ok(until_read(a, b, "again", 5) > 0, "and she is");
	ok(until_read(b, a, "fine", 1) == 1 && until_read(a, b, "ok", 1) == 1,
	    "and from then on all");
	pair_end();
	/* Only we wrote since: so many are duplicates to the other side. */
	begin();
	greet();
	pair_say(a, BOB, "turn");
	pair_deliver();
	save(a, copy);
	for (i = 0; i < 3; i++) {
		pair_say(a, BOB, "since");
		pair_deliver();
	}
	restore(a, copy);
	ok(until_read(a, b, "here", 5) == 4, "three are lost");
	pair_end();
	/* All is forgotten. */
	begin();
	greet();
	memset(copy, 0, sizeof copy);
	save(a, copy);
	for (i = 0; i < PAIR_FILES; i++)
		if (strcmp(copy[i].name, BOB) == 0)
			copy[i].there = 0;
	restore(a, copy);
	pair_say(b, ALICE, "lost");
	pair_deliver();
	ok(pair_noted(a, OMEMO_NOTE_UNREADABLE) == 1 && a->fetches == 2,
	    "one is unreadable, and she builds a session");
	ok(until_read(b, a, "read", 1) == 1, "the next is read");
	pair_end();
}

/* A stranger, or a key that is revoked, gets no answer. */
static void
unhealed(void)
{
	char hex[OMEMO_FINGERPRINT];
	size_t before;

	begin();
	pair_say(a, BOB, "hello");
	pair_ready(b, ALICE);
	omemo_receive(b->o, ALICE, &pair_wire[0].m, 0, b->now);
	pair_pull(b);
	pair_ready(b, ALICE);
	omemo_answer(b->o, ALICE);
	pair_pull(b);
	ok(strcmp(pair_said(b), "hello") == 0 && pair_wires == 1,
	    "a stranger is read and not answered");
	before = pair_wires;
	omemo_fingerprint(a->o, hex);
	pair_ready(b, ALICE);
	ok(omemo_trust(b->o, ALICE, hex, OMEMO_REVOKED, 1) == 0, "revoked");
	pair_pull(b);
	pair_receive(b, &pair_wire[0]);
	pair_say(a, BOB, "and now?");
	pair_receive(b, &pair_wire[1]);
	ok(strcmp(pair_said(b), "and now?") == 0 && pair_wires == before + 1 &&
		pair_last(b)->trust == OMEMO_REVOKED,
	    "nor is a revoked key, which is told");
	pair_wire[1].data[pair_wire[1].key[0].data.len - 1] ^= 1;
	before = (size_t)b->fetches;
	pair_receive(b, &pair_wire[1]);
	ok((size_t)b->fetches == before, "nor healed");
	pair_end();
}

/* Payloads that were changed, and the oldest form of them. */
static void
payloads(void)
{
	struct wire *w;

	begin();
	pair_say(a, BOB, "hello there");
	w = &pair_wire[0];
	*(unsigned char *)(uintptr_t)w->m.payload.data ^= 1;
	ok(strcmp(reads(0), "(none)") == 0 &&
		pair_noted(b, OMEMO_NOTE_UNREADABLE) == 1,
	    "a changed payload is not told");
	*(unsigned char *)(uintptr_t)w->m.payload.data ^= 1;
	ok(strcmp(reads(0), "(none)") == 0 &&
		pair_noted(b, OMEMO_NOTE_DUPLICATE) == 1,
	    "and its key is used up");
	pair_drop();
	pair_say(a, BOB, "hello there");
	w = &pair_wire[0];
	ok(strcmp(reads(0), "hello there") == 0, "read");
	*(unsigned char *)(uintptr_t)w->m.iv.data ^= 1;
	ok(strcmp(reads(0), "(none)") == 0, "with a kept key too");
	pair_end();
}

/* Bob reads a text with an IV of N bytes and a key of LEN, as others send. */
static const char *
reads_form(size_t n, size_t len)
{
	static unsigned char iv[16] = {1, 2, 3};
	unsigned char material[32] = {9, 8, 7}, data[32] = "an old text";
	struct omemo_bytes nonce = {iv, n};
	struct omemo_key k = {0};
	struct omemo_message m = {0};
	struct omemo_device *d;
	signal_buffer *out;
	struct peer *p;
	size_t before = b->gots;

	pair_ready(a, BOB);
	queue_begin(a->o);
	p = peer_find(a->o, BOB);
	d = omemo_contact_device(&p->contact, b->id);
	crypto_gcm(1, material, nonce, data, 11, material + 16);
	memcpy(data + 11, material + 16, 16);
	peer_work(a->o, p, d, d->id);
	if (lib_encrypt(a->o, material, len, &out, &k.prekey) != 0)
		return "(not encrypted)";
	peer_work_done(a->o, p, d, 1);
	queue_record(a->o, p);
	pair_pull(a);
	k.rid = b->id;
	k.data.data = signal_buffer_data(out);
	k.data.len = signal_buffer_len(out);
	m.sid = a->id;
	m.key = &k;
	m.keys = 1;
	m.iv = nonce;
	m.payload.data = data;
	m.payload.len = len == 32 ? 11 : len == 16 ? 27 : 5;
	pair_ready(b, ALICE);
	omemo_receive(b->o, ALICE, &m, 1, b->now);
	pair_pull(b);
	signal_buffer_free(out);
	return b->gots == before ? "(none)" : pair_said(b);
}

static void
forms(void)
{
	begin();
	greet();
	ok(strcmp(reads_form(16, 32), "an old text") == 0, "an IV of 16 bytes");
	ok(strcmp(reads_form(12, 16), "an old text") == 0,
	    "the tag behind the payload");
	ok(strcmp(reads_form(16, 16), "an old text") == 0, "both");
	ok(strcmp(reads_form(13, 32), "(none)") == 0, "no other IV");
	ok(strcmp(reads_form(12, 24), "(none)") == 0, "no other key");
	pair_end();
}

/* Two accounts have a device of the same number. */
static void
collision(void)
{
	struct host *x;
	struct omemo_key two[2];
	struct omemo_message m;

	begin();
	x = pair_new(BOB);
	pair_meet();
	pair_say(a, BOB, "for both");
	ok(pair_wire[0].m.keys == 2, "two keys");
	m = pair_wire[0].m;
	memcpy(two, m.key, sizeof two);
	two[0].rid = two[1].rid = b->id;
	if (m.key[0].rid == b->id) {
		two[0] = m.key[1];
		two[1] = m.key[0];
		two[0].rid = b->id;
	}
	m.key = two;
	pair_ready(b, ALICE);
	omemo_receive(b->o, ALICE, &m, 1, b->now);
	pair_pull(b);
	ok(strcmp(pair_said(b), "for both") == 0, "each key is tried");
	(void)x;
	pair_end();
}

int
main(void)
{
	out_of_order();
	crash();
	told_later();
	too_many_kept();
	unanswered();
	restored();
	unhealed();
	payloads();
	forms();
	collision();
	return tap_done();
}
#endif
