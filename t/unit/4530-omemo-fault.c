/*
 * Every write of a record fails once: nothing is sent that relies on it, a text
 * is told again and not lost, and the talk goes on.
 */
#ifdef NO_OMEMO
#include "t/unit/skip-omemo.h"
#else
#include "t/unit/omemo-pair.h"

#define ALICE "alice@example.org"
#define BOB   "bob@example.org"

static char fault[200];

static void
fail(const char *why, const char *text)
{
	if (fault[0] == '\0')
		snprintf(fault, sizeof fault, "%s: %s", why, text);
}

/* Sends TEXT; where a write failed, a second time. */
static void
say_twice(struct host *from, const char *to, const char *text)
{
	size_t before = pair_wires;
	int i, stores;

	for (i = 0; i < 3 && pair_wires == before; i++) {
		stores = pair_noted(from, OMEMO_NOTE_STORE);
		pair_say(from, to, text);
		if (pair_noted(from, OMEMO_NOTE_STORE) == stores &&
		    pair_wires == before)
			fail("not sent, though all was written", text);
		if (pair_noted(from, OMEMO_NOTE_STORE) > 1)
			fail("one failure, told twice", text);
	}
	if (pair_wires != before + 1)
		fail("not sent, or twice", text);
}

/* Delivers W, as a server does again after a crash or a lost connection. */
static void
deliver_twice(struct host *to, const struct wire *w, const char *text)
{
	size_t before = to->gots;
	int i;

	for (i = 0; i < 3 && to->gots == before; i++)
		pair_receive(to, w);
	if (to->gots != before + 1 || strcmp(pair_last(to)->text, text) != 0)
		fail("not read", text);
	/* The message comes again before it is told. */
	pair_receive(to, w);
	if (to->gots != before + 1)
		fail("read twice", text);
	/* The record of the first may have failed. */
	pair_told(to, 1);
	pair_told(to, 1);
	pair_ready(to, w->from);
	if (omemo_find(to->o, w->from)->kepts != 0)
		fail("a key stays", text);
}

/* Delivers the empty messages that wait; those may be lost. */
static void
deliver_keys(struct host *x, struct host *y)
{
	size_t i;

	for (i = 0; i < pair_wires; i++)
		if (pair_wire[i].tag == 0)
			pair_receive(
			    strcmp(pair_wire[i].from, x->account) == 0 ? y : x,
			    &pair_wire[i]);
	pair_drop();
}

static void
turn(struct host *x, struct host *y, const char *text)
{
	struct wire *w;

	say_twice(x, y->account, text);
	if (pair_wires == 0)
		return;
	w = &pair_wire[pair_wires - 1];
	deliver_twice(y, w, text);
	deliver_keys(x, y);
}

/* Both talk while the Nth write fails; returns how many there were. */
static int
run(int n)
{
	struct host *a = pair_new(ALICE), *b = pair_new(BOB);
	int made;

	pair_meet();
	pair_stores = 0;
	pair_fail_at = n;
	turn(a, b, "one");
	turn(a, b, "two");
	turn(b, a, "three");
	turn(b, a, "four");
	turn(a, b, "five");
	a->now += OMEMO_ROTATE;
	omemo_tick(a->o, a->now);
	pair_pull(a);
	pair_start(a);
	pair_meet();
	turn(a, b, "six");
	turn(b, a, "seven");
	if (pair_noted(a, OMEMO_NOTE_UNREADABLE) +
		pair_noted(b, OMEMO_NOTE_UNREADABLE) >
	    0)
		fail("unreadable", "");
	if (pair_late > 0)
		fail("a record came behind what relies on it", "");
	made = pair_stores;
	pair_end();
	return made;
}

/* The very first record cannot be written. */
static void
first(void)
{
	struct host *a;
	uint32_t id;

	pair_fail_at = 1;
	a = pair_new(ALICE);
	ok(omemo_device_id(a->o) == 0 && a->b.identity.data == NULL,
	    "no device without a record, and nothing is published");
	pair_fail_at = 0;
	pair_start(a);
	id = omemo_device_id(a->o);
	ok(id != 0 && a->b.identity.data != NULL, "then there is one");
	pair_start(a);
	ok(omemo_device_id(a->o) == id, "that stays");
	omemo_store_failed(a->o);
	ok(omemo_device_id(a->o) == id, "nothing failed where nothing was");
	pair_end();
}

int
main(void)
{
	int writes = run(0), i;

	ok(fault[0] == '\0' && writes > 20, "%d writes and no failure %s",
	    writes, fault);
	for (i = 1; i <= writes; i++) {
		fault[0] = '\0';
		run(i);
		ok(fault[0] == '\0', "write %d fails %s", i, fault);
	}
	first();
	return tap_done();
}
#endif
