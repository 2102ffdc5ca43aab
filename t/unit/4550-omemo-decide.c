/* Trust, lost and shared records, bounds: what is decided about devices. */
#ifdef NO_OMEMO
#include "t/unit/skip-omemo.h"
#else
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

static int
decide(
    struct host *h, const char *name, const char *hex, enum omemo_trust trust)
{
	int r;

	pair_ready(h, name);
	r = omemo_trust(h->o, name, hex, trust, h->now);
	pair_pull(h);
	return r;
}

static enum omemo_cause
cause_of(struct host *h, const char *name, const char *text)
{
	return pair_say(h, name, text) == 0 ? OMEMO_OK : omemo_cause(h->o);
}

/* Blind until one is verified, then that one only. */
static void
verified(void)
{
	char hex[OMEMO_FINGERPRINT], other[OMEMO_FINGERPRINT];
	struct omemo_info info;
	struct host *x;
	size_t i;

	begin();
	omemo_fingerprint(b->o, hex);
	ok(cause_of(a, BOB, "blind") == OMEMO_OK &&
		pair_wire[0].trust == OMEMO_UNVERIFIED,
	    "used blindly");
	pair_deliver();
	ok(decide(a, BOB, "0011", OMEMO_VERIFIED) == -1, "too short a key");
	ok(decide(a, BOB, hex, OMEMO_VERIFIED) == 0, "verified");
	ok(omemo_info(a->o, BOB, 0, &info) && info.trust == OMEMO_VERIFIED &&
		info.date == a->now && info.may_use && info.has_session &&
		strcmp(info.fingerprint, hex) == 0 &&
		!omemo_info(a->o, BOB, 1, &info) &&
		!omemo_info(a->o, "carol", 0, &info),
	    "it is told");
	ok(cause_of(a, BOB, "sure") == OMEMO_OK &&
		pair_wire[0].trust == OMEMO_VERIFIED,
	    "sent to a verified key");
	pair_deliver();
	pair_say(b, ALICE, "well");
	pair_deliver();
	ok(pair_last(a)->trust == OMEMO_VERIFIED, "and from one");
	x = pair_new(BOB);
	pair_meet();
	ok(cause_of(a, BOB, "to one") == OMEMO_OK && pair_wire[0].m.keys == 1 &&
		pair_wire[0].m.key[0].rid == b->id,
	    "a new device gets nothing");
	ok(a->device.is_new && a->device.beside && a->device.device == x->id,
	    "and is told as beside a verified one");
	pair_drop();
	pair_say(x, ALICE, "trust me");
	pair_receive(a, &pair_wire[0]);
	ok(strcmp(pair_said(a), "trust me") == 0 &&
		pair_last(a)->trust == OMEMO_UNVERIFIED && pair_wires == 1,
	    "it is read, and not answered");
	pair_told(a, 1);
	pair_drop();
	omemo_fingerprint(x->o, other);
	decide(a, BOB, hex, OMEMO_REVOKED);
	ok(cause_of(a, BOB, "x") == OMEMO_REFUSED_TRUST,
	    "the other is not used blindly again");
	decide(a, BOB, other, OMEMO_REVOKED);
	ok(cause_of(a, BOB, "x") == OMEMO_REFUSED_TRUST, "all revoked: none");
	memset(other, 'a', 64);
	decide(a, BOB, other, OMEMO_VERIFIED);
	for (i = 0; omemo_info(a->o, BOB, i, &info); i++)
		if (info.id == 0)
			break;
	ok(i == 2 && info.trust == OMEMO_VERIFIED &&
		strcmp(info.fingerprint, other) == 0,
	    "a key of no device is told, too");
	ok(!omemo_info(a->o, BOB, 3, &info), "once");
	pair_end();
}

/* Verified before any message, and only to verified keys. */
static void
strict(void)
{
	char hex[OMEMO_FINGERPRINT];
	const char *name = BOB;
	struct omemo_text t = {1, &name, 1, "x", 1, 1};

	begin();
	omemo_fingerprint(b->o, hex);
	ok(omemo_reach(a->o, BOB, 0) == OMEMO_REFUSED_NO_SESSION &&
		omemo_reach(a->o, "carol", 0) == OMEMO_REFUSED_NOT_LOADED,
	    "not yet");
	pair_ready(a, BOB);
	omemo_prepare(a->o, &name, 1, a->now);
	pair_pull(a);
	ok(omemo_reach(a->o, BOB, 0) == OMEMO_OK &&
		omemo_reach(a->o, BOB, 1) == OMEMO_REFUSED_TRUST,
	    "then blindly");
	ok(omemo_send(a->o, &t) == -1 &&
		omemo_cause(a->o) == OMEMO_REFUSED_TRUST,
	    "a text for verified keys only is refused");
	pair_ready(a, BOB);
	omemo_wish(a->o, BOB, OMEMO_WISH_OMEMO, 1);
	pair_pull(a);
	pair_start(a);
	pair_ready(a, BOB);
	ok(omemo_find(a->o, BOB)->wish == OMEMO_WISH_OMEMO &&
		cause_of(a, BOB, "x") == OMEMO_REFUSED_TRUST,
	    "so is every one, if that is what the record says");
	decide(a, BOB, hex, OMEMO_VERIFIED);
	ok(cause_of(a, BOB, "x") == OMEMO_OK, "until a key is verified");
	pair_end();
	begin();
	decide(a, BOB, hex, OMEMO_VERIFIED); /* of the former one */
	ok(cause_of(a, BOB, "x") == OMEMO_REFUSED_TRUST,
	    "a key verified in advance: no other is used");
	omemo_fingerprint(b->o, hex);
	decide(a, BOB, hex, OMEMO_VERIFIED);
	ok(cause_of(a, BOB, "x") == OMEMO_OK, "but that one");
	pair_end();
}

/* A device that no list has writes: read, answered, active. */
static void
unlisted(void)
{
	uint32_t id[OMEMO_DEVICES];
	struct host *x;
	size_t i;

	begin();
	pair_ready(b, "carol@example.org");
	x = pair_new("carol@example.org");
	pair_list(x, BOB);
	pair_say(x, BOB, "it is me");
	pair_receive(b, &pair_wire[0]);
	ok(strcmp(pair_said(b), "it is me") == 0 && pair_wires == 2 &&
		omemo_find(b->o, x->account)->devices == 1,
	    "read and answered");
	pair_told(b, 1);
	pair_drop();
	/* All places are taken by devices of the list. */
	for (i = 0; i < OMEMO_DEVICES; i++)
		id[i] = (uint32_t)i + 1;
	pair_ready(b, ALICE);
	omemo_list(b->o, ALICE, id, OMEMO_DEVICES, b->now);
	omemo_list(b->o, ALICE, id, OMEMO_DEVICES, b->now);
	pair_pull(b);
	b->notes = 0;
	pair_say(a, BOB, "and I?");
	pair_receive(b, &pair_wire[0]);
	ok(pair_noted(b, OMEMO_NOTE_MANY) == 1 &&
		strcmp(pair_said(b), "it is me") == 0,
	    "there is no room for another");
	pair_end();
	begin();
	pair_say(a, BOB, "hello");
	pair_drop();
	pair_say(a, BOB, "hello");
	pair_wire[0].data[pair_wire[0].key[0].data.len - 1] ^= 1;
	pair_ready(b, ALICE);
	omemo_list(b->o, ALICE, NULL, 0, b->now);
	pair_pull(b);
	pair_receive(b, &pair_wire[0]);
	ok(b->fetches == 1, "who cannot be read is healed, listed or not");
	pair_end();
}

/* Files that are damaged load nothing, and nothing is sent. */
static void
damaged(void)
{
	struct sexp_error e;
	struct file *f;
	unsigned char *p;

	begin();
	pair_say(a, BOB, "hello");
	f = pair_file(a, BOB);
	p = (unsigned char *)(uintptr_t)buf_data(&f->bytes);
	p[buf_len(&f->bytes) / 2] ^= 1;
	ok(pair_load(a, BOB) == -1 && omemo_cause(a->o) == OMEMO_REFUSED_RECORD,
	    "a damaged record is not loaded");
	ok(cause_of(a, BOB, "x") == OMEMO_REFUSED_NOT_LOADED,
	    "and nothing is sent");
	f = pair_file(a, OMEMO_OWN);
	p = (unsigned char *)(uintptr_t)buf_data(&f->bytes);
	p[buf_len(&f->bytes) / 2] ^= 1;
	ok(pair_load_own(a) == -1 && omemo_device_id(a->o) == 0,
	    "nor is our own");
	ok(omemo_load_own(a->o, "(1 00112233445566778899aabbccddeeff ())", 39,
	       1, &e) == -1,
	    "nor something else");
	ok(omemo_deadline(a->o) == -1, "nothing is due then");
	omemo_tick(a->o, a->now);
	omemo_connected(a->o);
	omemo_online(a->o, a->now);
	omemo_published(a->o);
	ok(!omemo_next(a->o, &(struct omemo_item){0}), "nothing is done");
	p = (unsigned char *)(uintptr_t)buf_data(&a->identity);
	p[buf_len(&a->identity) / 2] ^= 1;
	ok(omemo_identity(a->o, p, buf_len(&a->identity), &e) == -1,
	    "nor the identity");
	pair_end();
}

/* Two processes write to the same contact, one after another. */
static void
shared(void)
{
	struct host *r;
	size_t i;
	int turn;

	begin();
	r = pair_new("process@example.org");
	omemo_free(r->o);
	r->o = NULL;
	snprintf(r->account, sizeof r->account, "%s", ALICE);
	buf_reset(&r->identity);
	buf_add(&r->identity, buf_data(&a->identity), buf_len(&a->identity));
	for (i = 0; i < PAIR_FILES; i++) {
		buf_clear(&r->file[i].bytes);
		memset(&r->file[i], 0, sizeof r->file[i]);
	}
	for (turn = 0; turn < 6; turn++) {
		struct host *from = turn % 2 == 0 ? a : r,
			    *next = turn % 2 == 0 ? r : a;

		if (from->o == NULL)
			pair_start(from);
		pair_say(from, BOB, turn % 2 == 0 ? "even" : "odd");
		pair_receive(b, &pair_wire[0]);
		ok(strcmp(pair_last(b)->text, turn % 2 == 0 ? "even" : "odd") ==
			0,
		    "turn %d is read", turn);
		pair_told(b, 1);
		pair_drop();
		/* The disk is one. */
		for (i = 0; i < PAIR_FILES; i++) {
			buf_clear(&next->file[i].bytes);
			next->file[i] = from->file[i];
			buf_init(&next->file[i].bytes, FORM_MAX);
			buf_add(&next->file[i].bytes,
			    buf_data(&from->file[i].bytes),
			    buf_len(&from->file[i].bytes));
		}
	}
	ok(pair_noted(b, OMEMO_NOTE_DUPLICATE) == 0, "no key was used twice");
	pair_end();
}

/* More contacts than are held; a session that was made too large. */
static void
bounds(void)
{
	char name[32];
	int i, turn;

	begin();
	pair_ready(a, BOB);
	for (i = 0; i < OMEMO_MAX_CONTACTS + 10; i++) {
		snprintf(name, sizeof name, "c%d@example.org", i);
		if (omemo_load(a->o, name, NULL, 0, NULL) == -1)
			break;
	}
	ok(i == OMEMO_MAX_CONTACTS + 10 && omemo_find(a->o, name) != NULL &&
		omemo_find(a->o, "c1@example.org") == NULL &&
		omemo_find(a->o, ALICE) != NULL,
	    "the oldest contacts are forgotten, never ourselves");
	pair_say(a, BOB, "hello");
	pair_deliver();
	pair_say(b, ALICE, "hello");
	pair_deliver();
	for (turn = 0; turn < 2; turn++) {
		for (i = 0; i < 1900; i++) {
			pair_say(a, BOB, "lost");
			if (i < 1899)
				pair_drop();
		}
		pair_receive(b, &pair_wire[0]);
		pair_told(b, 1);
		pair_drop();
		pair_say(b, ALICE, "turn");
		pair_deliver();
	}
	ok(strcmp(pair_said(b), "lost") == 0 && b->fetches == 1,
	    "a session with too many keys is built anew");
	pair_say(a, BOB, "new");
	pair_deliver();
	ok(strcmp(pair_said(b), "new") == 0, "and used");
	pair_end();
}

int
main(void)
{
	verified();
	strict();
	unlisted();
	damaged();
	shared();
	bounds();
	return tap_done();
}
#endif
