/* Two machines and more, joined by memory: what people do. */
#ifdef NO_OMEMO
#include "t/unit/skip-omemo.h"
#else
#include "t/unit/omemo-pair.h"

#define ALICE "alice@example.org"
#define BOB   "bob@example.org"

/* A text each way, and another. */
static void
talk(void)
{
	struct host *a = pair_new(ALICE), *b = pair_new(BOB);
	char hex[OMEMO_FINGERPRINT];

	pair_meet();
	ok(a->id != 0 && b->id != 0 && a->id != b->id, "two devices");
	ok(pair_say(a, BOB, "hello") == 0, "a text is sent");
	ok(pair_wires == 1 && pair_wire[0].m.keys == 1 &&
		pair_wire[0].m.key[0].prekey &&
		pair_wire[0].m.key[0].data.len < 190 &&
		pair_wire[0].m.payload.len == 5,
	    "with a prekey, %zu bytes", pair_wire[0].m.key[0].data.len);
	pair_deliver();
	ok(strcmp(pair_said(b), "hello") == 0, "and read: %s", pair_said(b));
	omemo_fingerprint(a->o, hex);
	ok(strcmp(b->device.fingerprint, hex) == 0 && b->device.is_new,
	    "under her key");
	pair_deliver();
	ok(strcmp(pair_last(a)->text, "(key)") == 0, "an empty message back");
	ok(pair_say(b, ALICE, "yes?") == 0, "he answers");
	ok(!pair_wire[0].m.key[0].prekey, "without a prekey");
	pair_deliver();
	ok(strcmp(pair_said(a), "yes?") == 0, "she reads: %s", pair_said(a));
	pair_say(a, BOB, "");
	ok(!pair_wire[0].m.key[0].prekey, "nor she any more");
	pair_deliver();
	ok(strcmp(pair_said(b), "") == 0, "an empty text is one");
	ok(b->b.prekeys == OMEMO_PREKEYS, "his prekeys are full again");
	pair_end();
}

/* A second device of each account reads along. */
static void
devices(void)
{
	struct host *a = pair_new(ALICE), *x = pair_new(ALICE),
		    *b = pair_new(BOB), *y = pair_new(BOB);
	const struct got *g;

	pair_meet();
	ok(pair_say(a, BOB, "all of you") == 0 && pair_wire[0].m.keys == 3,
	    "three keys, none for the sender");
	pair_deliver();
	ok(strcmp(pair_said(b), "all of you") == 0 &&
		strcmp(pair_said(y), "all of you") == 0 &&
		strcmp(pair_said(x), "all of you") == 0,
	    "all read it");
	g = &x->got[0];
	ok(strcmp(g->from, ALICE) == 0 && g->device == a->id,
	    "her second device knows who sent it");
	ok(pair_say(x, ALICE, "a note") == 0 && pair_wire[0].m.keys == 1,
	    "to oneself: the other devices");
	pair_drop();
	ok(omemo_remove(a->o, x->id) == 0, "she takes the second one off");
	pair_pull(a);
	ok(a->listed == 1 && a->list[0] == a->id, "the list is shorter");
	ok(a->devices == 4 && !a->device.is_new && a->device.device == x->id,
	    "and it is told");
	ok(omemo_remove(a->o, 7) == -1, "an unknown device cannot be");
	ok(pair_say(a, ALICE, "a note") == -1 &&
		omemo_cause(a->o) == OMEMO_REFUSED_NO_DEVICES,
	    "then there is nobody to write to");
	pair_end();
}

/* Both write before either has read. */
static void
both_start(void)
{
	struct host *a = pair_new(ALICE), *b = pair_new(BOB);
	int i;

	pair_meet();
	pair_say(a, BOB, "me first");
	pair_say(b, ALICE, "no, me");
	pair_deliver();
	ok(strcmp(pair_said(b), "me first") == 0 &&
		strcmp(pair_said(a), "no, me") == 0,
	    "both are read");
	pair_deliver();
	for (i = 0; i < 3; i++) {
		pair_say(a, BOB, "ping");
		pair_say(b, ALICE, "pong");
		pair_deliver();
	}
	ok(!pair_wires && a->gots >= 4 && strcmp(pair_said(a), "pong") == 0 &&
		strcmp(pair_said(b), "ping") == 0,
	    "and it goes on");
	pair_say(a, BOB, "settled");
	ok(!pair_wire[0].m.key[0].prekey, "without prekeys");
	pair_end();
}

/* Several recipients at once, as in a room. */
static void
room(void)
{
	static const char *const names[] = {BOB, "carol@example.org"};
	struct host *a = pair_new(ALICE), *b = pair_new(BOB),
		    *c = pair_new("carol@example.org");
	struct omemo_text t = {5, names, 2, "hi all", 6, 0};

	pair_meet();
	ok(omemo_send(a->o, &t) == -1 &&
		omemo_cause(a->o) == OMEMO_REFUSED_NO_SESSION,
	    "no bundles yet: refused");
	ok(omemo_prepare(a->o, names, 2, a->now) == 2, "two are awaited");
	ok(omemo_prepare(a->o, names, 2, a->now) == 2, "and still");
	pair_pull(a);
	ok(a->fetches == 4, "asked for each time: a failure is not final");
	ok(omemo_prepare(a->o, names, 2, a->now) == 0, "none is left");
	ok(omemo_send(a->o, &t) == 0, "sent");
	pair_pull(a);
	ok(pair_wires == 1 && pair_wire[0].tag == 5 && pair_wire[0].m.keys == 2,
	    "as one message");
	pair_deliver();
	ok(strcmp(pair_said(b), "hi all") == 0 &&
		strcmp(pair_said(c), "hi all") == 0,
	    "both read it");
	t.names = 0;
	ok(omemo_send(a->o, &t) == -1, "nobody is no recipient");
	pair_end();
}

/* Lists: too long, forged numbers, ours without us. */
static void
lists(void)
{
	struct host *a = pair_new(ALICE);
	uint32_t id[100], some[] = {0, 5, 0x80000000u, 5, 6};
	struct omemo_info info;
	size_t i;

	pair_ready(a, BOB);
	omemo_list(a->o, BOB, some, 5, a->now);
	pair_pull(a);
	ok(omemo_find(a->o, BOB)->devices == 2, "two of five are numbers");
	for (i = 0; i < 100; i++)
		id[i] = 100 + (uint32_t)i;
	omemo_list(a->o, BOB, id, 100, a->now);
	pair_pull(a);
	ok(omemo_find(a->o, BOB)->devices == OMEMO_DEVICES &&
		pair_noted(a, OMEMO_NOTE_MANY) == 1,
	    "64 are kept, and it is told");
	ok(omemo_info(a->o, BOB, 3, &info) && info.active &&
		info.fingerprint[0] == '\0' && !info.has_session,
	    "without keys yet");
	omemo_list(a->o, BOB, id, 1, a->now);
	omemo_list(a->o, BOB, id + 90, 10, a->now);
	pair_pull(a);
	ok(omemo_find(a->o, BOB)->devices == OMEMO_DEVICES, "bounded");
	for (i = 0; i < OMEMO_REPAIRS + 2; i++) {
		omemo_list(a->o, ALICE, id, 1, a->now);
		pair_pull(a);
		ok(omemo_deadline(a->o) <= a->now + 5 || i >= OMEMO_REPAIRS,
		    "we are missing from our list: mended soon");
		a->listed = 0;
		a->now += 10;
		omemo_tick(a->o, a->now);
		pair_pull(a);
		ok(a->listed == (i < OMEMO_REPAIRS ? 2 : 0), "list %zu has %zu",
		    i, a->listed);
	}
	ok(pair_noted(a, OMEMO_NOTE_TAKEN) == 1, "given up, told once");
	omemo_connected(a->o);
	omemo_online(a->o, a->now);
	omemo_list(a->o, ALICE, id, 1, a->now);
	ok(omemo_deadline(a->o) <= a->now + 5, "tried again when online again");
	id[1] = a->id;
	omemo_list(a->o, ALICE, id, 2, a->now);
	ok(omemo_deadline(a->o) > a->now + 5, "not if it came to be right");
	pair_end();
}

/* Signed prekeys: one a week, four kept. */
static void
rotation(void)
{
	struct host *a = pair_new(ALICE), *b = pair_new(BOB);
	struct omemo_bundle old;
	unsigned char *bytes;
	struct omemo_prekey *pre;
	uint32_t first = a->b.signed_id;
	int i;

	pair_meet();
	old = a->b;
	pre = a->pre;
	bytes = a->bundle->data;
	a->pre = NULL; /* the test keeps them */
	buf_init(a->bundle, 65536);
	for (i = 0; i < 3; i++) {
		a->now += OMEMO_ROTATE;
		ok(omemo_deadline(a->o) <= a->now, "due");
		omemo_tick(a->o, a->now);
		pair_pull(a);
		ok(a->b.signed_id != first, "a new one, published");
		first = a->b.signed_id;
	}
	omemo_tick(a->o, a->now + 5);
	pair_pull(a);
	ok(a->b.signed_id == first, "not sooner");
	/* Bob has the bundle of three weeks ago. */
	pair_ready(b, ALICE);
	omemo_prepare(b->o, (const char *const[]){ALICE}, 1, b->now);
	while (omemo_next(b->o, &(struct omemo_item){0}))
		;
	omemo_bundle(b->o, ALICE, a->id, &old, b->now);
	pair_pull(b);
	pair_say(b, ALICE, "late");
	pair_deliver();
	ok(strcmp(pair_said(a), "late") == 0, "the fourth is still good");
	a->now += OMEMO_ROTATE;
	omemo_tick(a->o, a->now);
	pair_pull(a);
	a->now -= 3 * OMEMO_ROTATE;
	omemo_tick(a->o, a->now);
	pair_pull(a);
	ok(a->b.signed_id != first, "a clock set back makes a new one");
	free(pre);
	free(bytes);
	pair_end();
}

/* Calls that are refused, and messages that are not even tried. */
static void
refusals(void)
{
	static const unsigned char none[OMEMO_TOKEN];
	struct host *a = pair_new(ALICE), *b = pair_new(BOB);
	static char text[OMEMO_MAX_TEXT + 1];
	const char *name = BOB;
	struct omemo_text t = {1, &name, 1, text, sizeof text, 0};
	struct omemo_message m = {0};
	struct omemo_key k = {0};

	ok(omemo_send(a->o, &t) == -1 &&
		omemo_cause(a->o) == OMEMO_REFUSED_LONG,
	    "too long");
	t.len = 1;
	ok(omemo_send(a->o, &t) == -1 &&
		omemo_cause(a->o) == OMEMO_REFUSED_NOT_LOADED,
	    "not loaded");
	ok(omemo_prepare(a->o, &name, 1, 1) == -1 &&
		omemo_list(a->o, BOB, NULL, 0, 1) == -1 &&
		omemo_bundle(a->o, BOB, 1, NULL, 1) == -1 &&
		omemo_receive(a->o, BOB, &m, 1, 1) == -1 &&
		omemo_told(a->o, BOB, &none, 1, 1) == -1 &&
		omemo_replayed(a->o, BOB, 1) == -1 &&
		omemo_answer(a->o, BOB) == -1 &&
		omemo_wish(a->o, BOB, OMEMO_WISH_NONE, 0) == -1 &&
		omemo_trust(a->o, BOB, "", OMEMO_VERIFIED, 1) == -1,
	    "nor anything else");
	pair_meet();
	ok(omemo_told(a->o, BOB, &none, 1, 1) == 0,
	    "a token that nobody knows");
	pair_ready(a, BOB);
	m.sid = b->id;
	m.key = &k;
	m.keys = 1;
	k.rid = a->id + 1;
	omemo_receive(a->o, BOB, &m, 1, 1);
	pair_pull(a);
	ok(pair_noted(a, OMEMO_NOTE_NOT_FOR_US) == 1, "not for us");
	k.rid = a->id;
	omemo_receive(a->o, BOB, &m, 1, 1);
	pair_pull(a);
	m.sid = 0;
	omemo_receive(a->o, BOB, &m, 1, 1);
	m.sid = b->id;
	m.keys = OMEMO_MAX_KEYS + 1;
	omemo_receive(a->o, BOB, &m, 1, 1);
	m.keys = 1;
	m.payload.data = (unsigned char *)text;
	m.iv.len = 13;
	omemo_receive(a->o, BOB, &m, 1, 1);
	m.payload.len = OMEMO_MAX_PAYLOAD + 1;
	omemo_receive(a->o, BOB, &m, 1, 1);
	pair_pull(a);
	ok(pair_noted(a, OMEMO_NOTE_UNREADABLE) == 5, "unreadable: %d",
	    pair_noted(a, OMEMO_NOTE_UNREADABLE));
	m.sid = a->id;
	omemo_receive(a->o, ALICE, &m, 1, 1);
	ok(!omemo_next(a->o, &(struct omemo_item){0}), "our own words");
	pair_end();
}

int
main(void)
{
	talk();
	devices();
	both_start();
	room();
	lists();
	rotation();
	refusals();
	return tap_done();
}
#endif
