/* Two machines joined by memory: how sessions begin, go on and end. */
#include <libotr/proto.h>

#include "t/unit/otr-pair.h"

static void
by_query(unsigned va, unsigned vb, int version)
{
	pair_open();
	alice.peer.versions = va;
	bob.peer.versions = vb;
	ok(otr_start(alice.o, &alice.peer) == 0, "start with %u, %u", va, vb);
	ok(pair_run(), "the handshake comes to an end");
	if (version == 0) {
		ok(alice.states + bob.states == 0 &&
			bob.note == OTR_NOTE_VERSION,
		    "nothing in common: said, and no session");
		ok(side_say(&alice, "x") == -1 &&
			otr_cause(alice.o) == OTR_REFUSED_ASKED,
		    "the wish holds");
	} else {
		ok(pair_encrypted(version), "encrypted by version %d", version);
		ok(alice.states == 1 && bob.states == 1 &&
			alice.state == OTR_ENCRYPTED &&
			strcmp(alice.ssid, bob.ssid) == 0 &&
			alice.version == version,
		    "each side is told once");
		ok(strcmp(alice.from, bob.o == NULL ? "" : alice.fingerprint) ==
			0,
		    "texts come with the fingerprint");
		ok(alice.notes + bob.notes == 0, "and nothing else");
	}
	pair_close();
}

static void
queries(void)
{
	static const struct {
		unsigned versions;
		const char *query;
	} q[] = {{OTR_V2, "?OTRv2?\n"}, {OTR_V3, "?OTRv3?\n"},
	    {OTR_V2 | OTR_V3, "?OTRv23?\n"}};
	size_t i;

	for (i = 0; i < 3; i++) {
		pair_open();
		alice.peer.versions = q[i].versions;
		otr_start(alice.o, &alice.peer);
		side_pull(&alice, NULL);
		ok(strcmp(buf_str(&alice.wire), q[i].query) == 0,
		    "a bare query: %s", q[i].versions == 3 ? "23" : "one");
		pair_close();
	}
	pair_open();
	alice.peer.versions = 0;
	ok(otr_start(alice.o, &alice.peer) == -1 &&
		otr_cause(alice.o) == OTR_REFUSED_VERSIONS &&
		pair_wish(alice.o, "bob@b.example"),
	    "no version: refused, the wish is kept");
	ok(side_say(&alice, "x") == -1, "and holds");
	pair_close();
}

static void
by_tag(void)
{
	pair_open();
	alice.peer.policies = OTR_SEND_WHITESPACE_TAG;
	bob.peer.policies = OTR_WHITESPACE_START_AKE;
	ok(pair_says(&alice, &bob, "hello", 0), "a tag does not show");
	ok(pair_encrypted(3), "the tag started a session");
	pair_close();

	pair_open();
	alice.peer.policies = OTR_SEND_WHITESPACE_TAG;
	alice.peer.versions = OTR_V2;
	bob.peer.policies = OTR_WHITESPACE_START_AKE;
	pair_says(&alice, &bob, "hello", 0);
	ok(pair_encrypted(2), "by version 2 where that is all");
	pair_close();

	pair_open();
	alice.peer.policies = OTR_SEND_WHITESPACE_TAG;
	ok(pair_says(&alice, &bob, "hello", 0) && alice.states == 0,
	    "the policy decides whether it does");
	pair_close();

	pair_open();
	alice.peer.policies = OTR_SEND_WHITESPACE_TAG;
	bob.peer.policies = OTR_WHITESPACE_START_AKE;
	bob.peer.answer = 0;
	ok(pair_says(&alice, &bob, "hello", 0) && bob.wires == 0,
	    "a stranger's tag is not answered");
	pair_close();
}

static void
by_policy(void)
{
	pair_open();
	alice.peer.policies = OTR_REQUIRE_ENCRYPTION;
	alice.peer.now = 5;
	ok(side_say(&alice, "canary") == -1 &&
		otr_cause(alice.o) == OTR_REFUSED_POLICY,
	    "refused without a session");
	ok(strcmp(otr_cause_token(otr_cause(alice.o)), "policy") == 0,
	    "cause=policy");
	ok(side_say(&alice, "canary") == -1, "again");
	side_pull(&alice, &bob);
	ok(alice.wires == 1, "one handshake is started by it");
	ok(pair_run() && pair_encrypted(3), "which makes a session");
	ok(bob.texts == 2 && !side_leaked(&alice, "canary"),
	    "what was refused never comes");
	pair_close();

	pair_open();
	alice.peer.policies = OTR_REQUIRE_ENCRYPTION;
	alice.peer.now = 1000;
	side_say(&alice, "1");
	alice.peer.now = 60999;
	side_say(&alice, "2");
	side_pull(&alice, NULL);
	ok(alice.wires == 1, "not twice within a minute");
	alice.peer.now = 61000;
	side_say(&alice, "3");
	side_pull(&alice, NULL);
	ok(alice.wires == 2, "but then");
	alice.peer.name = "bob@b.example/2";
	side_say(&alice, "4");
	side_pull(&alice, NULL);
	ok(alice.wires == 2, "the minute is per contact");
	pair_close();
}

static void
clear_text(void)
{
	pair_open();
	ok(pair_says(&alice, &bob, "a < b & c <b>d</b> &amp;", 0),
	    "clear text is not touched");
	ok(side_say(&alice, "see ?OTR") == -1 &&
		otr_cause(alice.o) == OTR_REFUSED_MARK,
	    "clear text with the mark is refused");
	otr_receive(bob.o, &bob.peer, "?OTRs are nice");
	otr_receive(bob.o, &bob.peer, "?OTR");
	side_pull(&bob, NULL);
	ok(bob.texts == 3 && strcmp(bob.text, "?OTR") == 0 && bob.notes == 0,
	    "prose about it is shown");
	otr_receive(bob.o, &bob.peer, "not at the front: ?OTRv23?");
	side_pull(&bob, NULL);
	ok(bob.texts == 4 && bob.wires == 0, "and starts nothing inside");
	ok(pair_start(), "a session");
	otr_receive(bob.o, &bob.peer, "oops");
	side_pull(&bob, NULL);
	ok(bob.note == OTR_NOTE_CLEAR && !bob.encrypted &&
		strcmp(bob.text, "oops") == 0,
	    "clear text in a session is shown and said");
	pair_close();
}

/* Both start; FIRST says who reads first, each reading one at a time. */
static void
simultaneous(unsigned versions, int first, int batch)
{
	int hops, k;

	pair_open();
	alice.peer.versions = bob.peer.versions = versions;
	otr_start(alice.o, &alice.peer);
	otr_start(bob.o, &bob.peer);
	side_pull(&alice, &bob);
	side_pull(&bob, &alice);
	for (hops = 0; hops < HOPS && alice.boxed + bob.boxed > 0; hops++)
		for (k = 0; k < batch; k++) {
			struct side *s = (hops + first) % 2 ? &alice : &bob;

			if (s->boxed > 0)
				side_take(s, s == &alice ? &bob : &alice);
		}
	ok(alice.boxed + bob.boxed == 0 &&
		pair_encrypted(versions == OTR_V2 ? 2 : 3),
	    "both start at once, versions %u, order %d, %d", versions, first,
	    batch);
	pair_close();
}

static void
endings(void)
{
	int before;

	pair_open();
	ok(pair_start(), "a session");
	otr_stop(alice.o, &alice.peer);
	ok(pair_run() && alice.state == OTR_PLAINTEXT &&
		bob.state == OTR_FINISHED,
	    "stop: we are plain, the peer is told");
	ok(strcmp(bob.fingerprint,
	       "fda69d1d0024e0b71a9b70fce30f118690c208a4") == 0,
	    "the end names whose session it was");
	before = bob.wires;
	ok(side_say(&bob, "canary") == -1 &&
		otr_cause(bob.o) == OTR_REFUSED_FINISHED,
	    "a message after the end is refused");
	side_pull(&bob, &alice);
	ok(bob.wires == before, "and nothing is sent");
	ok(pair_says(&alice, &bob, "plain", 0) && bob.note == OTR_NOTE_CLEAR,
	    "the side that stopped sends in the clear, as it said");
	ok(side_say(&bob, "canary") == -1, "which opens nothing");
	otr_stop(bob.o, &bob.peer);
	ok(pair_run() && bob.state == OTR_PLAINTEXT &&
		pair_says(&bob, &alice, "plain too", 0),
	    "until stop");
	ok(pair_start(), "and a new session can be made");
	otr_stop(bob.o, &bob.peer);
	pair_run();
	ok(alice.state == OTR_FINISHED, "stop by the other side");
	ok(pair_wish(alice.o, "bob@b.example/1") &&
		!pair_wish(bob.o, "alice@a.example"),
	    "wishes are where they were made");
	otr_start(bob.o, &bob.peer);
	ok(pair_run() && pair_encrypted(3), "a new session after the end");
	otr_end(alice.o);
	ok(pair_run() && bob.state == OTR_FINISHED &&
		alice.state == OTR_PLAINTEXT,
	    "end: as stop");
	ok(pair_wish(alice.o, "bob@b.example/1") && side_say(&alice, "c") == -1,
	    "but for the wish");
	ok(!side_leaked(&alice, "canary") && !side_leaked(&bob, "canary"),
	    "nothing refused was sent");
	pair_close();
}

/* Returns the instance tag in the last data message that S sent, 0: none. */
static unsigned
tag_of(struct side *s)
{
	const char *wire = buf_str(&s->wire), *last = NULL;
	unsigned from = 0, to = 0;

	while ((wire = strstr(wire, "?OTR:AAMD")) != NULL)
		last = wire++;
	return last != NULL && otrl_proto_instance(last, &from, &to) == 0 ? from
									  : 0;
}

static void
restarts(void)
{
	struct otr *old;
	struct privkey *k;
	unsigned tag;

	pair_open();
	ok(pair_start() && pair_says(&alice, &bob, "before", 1), "a session");
	tag = tag_of(&alice);
	/* Alice's program starts anew: the same name, nothing remembered. */
	k = pair_key("gen-full");
	otr_free(alice.o);
	alice.o = otr_new(k);
	privkey_free(k);
	otr_account(alice.o, "alice@a.example/pad");
	ok(side_say(&bob, "lost") == 0 && pair_run() &&
		alice.note == OTR_NOTE_INSTANCE,
	    "what comes for the old session cannot be read, and is said");
	otr_gone(bob.o, bob.peer.name); /* as her server says */
	ok(pair_start(), "a new session from the new side");
	ok(bob.states == 3 && bob.state == OTR_ENCRYPTED, "bob is told");
	ok(pair_says(&alice, &bob, "after", 1) && tag != 0 &&
		tag_of(&alice) == tag,
	    "our instance tag is the same, so that it replaces the lost one");
	/* Again, and the old side starts. */
	k = pair_key("gen-full");
	old = alice.o;
	alice.o = otr_new(k);
	privkey_free(k);
	otr_free(old);
	otr_start(bob.o, &bob.peer);
	ok(pair_run() && pair_encrypted(3), "or from the old");
	/* A new key. */
	k = pair_key("live-alice");
	otr_free(alice.o);
	alice.o = otr_new(k);
	privkey_free(k);
	bob.peer.now += OTR_AUTOMATIC;
	ok(otr_start(alice.o, &alice.peer) == 0 && pair_run() &&
		bob.state == OTR_ENCRYPTED &&
		strcmp(bob.fingerprint,
		    "cb63a504767a5b6c7d4ebd9729b85cf22feadadd") == 0,
	    "another key is told with its session");
	ok(pair_says(&alice, &bob, "it is me", 1) &&
		strcmp(bob.from, bob.fingerprint) == 0 &&
		pair_says(&bob, &alice, "who?", 1),
	    "and by each text");
	pair_close();

	pair_open();
	ok(pair_start(), "a session");
	bob.peer.now = OTR_AUTOMATIC;
	otr_start(alice.o, &alice.peer);
	ok(pair_run() && pair_encrypted(3) && alice.states == 2,
	    "a second start refreshes it");
	otr_account(alice.o, "alice@a.example/pad");
	ok(pair_encrypted(3), "the same name for us changes nothing");
	otr_account(alice.o, "alice@a.example/other");
	side_pull(&alice, NULL);
	ok(alice.state == OTR_FINISHED && side_say(&alice, "c") == -1 &&
		otr_cause(alice.o) == OTR_REFUSED_FINISHED,
	    "another name for us ends it, and it is refused");
	pair_close();
}

static void
places(void)
{
	const char *name;

	pair_open();
	alice.peer.name = "bob@b.example";
	ok(otr_start(alice.o, &alice.peer) == 0 &&
		otr_encrypted(alice.o, "bob@b.example") == NULL,
	    "start with the bare name");
	side_pull(&alice, &bob);
	alice.peer.name = "bob@b.example/1";
	ok(pair_run() && pair_encrypted(3), "the place that answers is used");
	name = otr_encrypted(alice.o, "bob@b.example/9");
	ok(name != NULL && strcmp(name, "bob@b.example/1") == 0,
	    "it can be asked for");
	otr_stop(alice.o, &alice.peer);
	pair_run();
	ok(pair_start(), "a session");
	alice.peer.name = "bob@b.example/2";
	ok(side_say(&alice, "canary") == -1 &&
		otr_cause(alice.o) == OTR_REFUSED_PLACE,
	    "clear text to another place is refused");
	alice.peer.name = "bob@b.example";
	ok(side_say(&alice, "canary") == -1, "and to none");
	alice.peer.name = "bob@b.example.evil/1";
	ok(side_say(&alice, "x") == 0, "a longer name is another contact");
	alice.peer.name = "bob@b.exampl/1";
	ok(side_say(&alice, "x") == 0, "a shorter one too");
	alice.peer.name = "bob@b.example";
	otr_stop(alice.o, &alice.peer);
	side_pull(&alice, &bob);
	ok(alice.state == OTR_PLAINTEXT && !side_leaked(&alice, "canary"),
	    "stop ends all places");
	pair_close();
}

static void
strangers(void)
{
	pair_open();
	bob.peer.answer = 0;
	otr_start(alice.o, &alice.peer);
	ok(pair_run() && bob.wires == 0 && bob.note == OTR_NOTE_STRANGER,
	    "a stranger's query is not answered");
	otr_receive(bob.o, &bob.peer, "?OTR Error: x");
	bob.peer.policies = OTR_ERROR_START_AKE;
	otr_receive(bob.o, &bob.peer, "?OTR Error: x");
	ok(pair_run() && bob.wires == 0, "nor an error");
	otr_stop(alice.o, &alice.peer);
	ok(pair_says(&alice, &bob, "hello", 0), "but text is shown");
	bob.peer.policies = 0;
	ok(pair_says(&bob, &alice, "who are you?", 0), "once written to");
	ok(pair_start(), "the stranger may start");
	pair_close();

	pair_open();
	bob.peer.answer = 0;
	otr_start(bob.o, &bob.peer);
	ok(pair_run() && pair_encrypted(3), "and where the user started");
	pair_close();
}

/* The peer, or our own stream, is lost in a session. */
static void
lost(void)
{
	struct otr_info i;
	char *late;

	pair_open();
	ok(pair_start(), "a session");
	side_say(&bob, "late");
	side_pull(&bob, &alice);
	late = buf_strdup(alice.box[0]);
	side_forget(&alice);
	otr_gone(alice.o, alice.peer.name);
	side_pull(&alice, &bob);
	otr_info(alice.o, alice.peer.name, &i);
	ok(alice.state == OTR_FINISHED && i.state == OTR_FINISHED && i.closed,
	    "who goes offline may lose the keys: told");
	ok(side_say(&alice, "x") == -1 &&
		otr_cause(alice.o) == OTR_REFUSED_CLOSED &&
		otr_send_raw(alice.o, &alice.peer, 9, "x", 1) == -1 &&
		otr_send_raw(alice.o, &alice.peer, 9, "x", 0) == -1 &&
		otr_smp_start(alice.o, &alice.peer, NULL, "x") == -1 &&
		otr_encrypted(alice.o, alice.peer.name) == NULL,
	    "and nothing is sent to them");
	alice.peer.name = "bob@b.example";
	ok(side_say(&alice, "x") == -1 &&
		otr_cause(alice.o) == OTR_REFUSED_CLOSED,
	    "nor to the contact");
	alice.peer.name = "bob@b.example/1";
	otr_receive(alice.o, &alice.peer, late);
	side_pull(&alice, &bob);
	ok(alice.encrypted && strcmp(alice.text, "late") == 0,
	    "what comes by the old keys is read");
	otr_here(alice.o, alice.peer.name);
	ok(side_say(&alice, "x") == -1, "coming back does not open it");
	side_forget(&bob);
	ok(otr_start(alice.o, &alice.peer) == 0 && pair_run() &&
		pair_encrypted(3),
	    "a handshake does");
	otr_unresumed(alice.o);
	side_pull(&alice, &bob);
	ok(alice.state == OTR_FINISHED && side_say(&alice, "x") == -1,
	    "our own stream counts the same");
	otr_stop(alice.o, &alice.peer);
	ok(pair_run() && bob.state == OTR_FINISHED &&
		pair_says(&alice, &bob, "open", 0),
	    "otr_stop ends it, and says so");
	free(late);
	pair_close();

	pair_open();
	ok(pair_start(), "a session");
	otr_gone(alice.o, alice.peer.name);
	side_pull(&alice, &bob);
	otr_stop(alice.o, &alice.peer);
	side_pull(&alice, &bob);
	ok(alice.state == OTR_PLAINTEXT && bob.boxed == 0,
	    "but not to somebody who is offline");
	alice.peer.offline = 1;
	ok(otr_start(alice.o, &alice.peer) == -1 &&
		otr_cause(alice.o) == OTR_REFUSED_OFFLINE &&
		side_say(&alice, "x") == -1,
	    "who is asked for nothing either");
	side_pull(&alice, &bob);
	ok(bob.boxed == 0, "by no word");
	pair_close();

	pair_open();
	ok(pair_start(), "a session");
	otr_start(alice.o, &alice.peer);
	ok(side_say(&alice, "x") == -1, "while it is renewed nothing is sent");
	side_pull(&alice, NULL);
	ok(alice.state == OTR_ENCRYPTED, "which is not told");
	otr_give_up(alice.o, &alice.peer);
	side_pull(&alice, NULL);
	ok(alice.state == OTR_FINISHED && side_say(&alice, "x") == -1,
	    "unless it fails, and stays so");
	pair_close();
}

static void
errors(void)
{
	pair_open();
	bob.peer.policies = OTR_ERROR_START_AKE;
	otr_receive(bob.o, &bob.peer, "?OTR Error: you \xff lost me");
	ok(pair_run() && bob.note == OTR_NOTE_ERROR &&
		strcmp(bob.error, "you  lost me") == 0,
	    "an error is told in the words of the peer");
	ok(pair_encrypted(3), "and starts a session where the policy says so");
	otr_receive(bob.o, &bob.peer, "?OTR Error: again");
	side_pull(&bob, &alice);
	ok(alice.boxed == 0, "at most one a minute");
	bob.peer.now = OTR_AUTOMATIC;
	otr_receive(bob.o, &bob.peer, "?OTR Error: again");
	ok(pair_run() && pair_encrypted(3) && bob.texts == 4,
	    "then again, and nothing is sent a second time");
	pair_close();
}

/*
 * Sends TEXT from alice to bob. Returns 1 if otr_sends_clear and otr_is_plain
 * say beforehand what otr_send and otr_receive then do.
 */
static int
foreseen(const char *text, int clear, int plain)
{
	int before = bob.texts, notes = bob.notes, good;
	struct otr_item i, none;

	good =
	    otr_sends_clear(alice.o, &alice.peer, text, strlen(text)) == clear;
	otr_send(alice.o, &alice.peer, 1, text);
	if (clear)
		good = good && otr_next(alice.o, &i) && i.type == OTR_WIRE &&
		       strcmp(i.text, text) == 0 && !i.encrypted &&
		       !otr_next(alice.o, &none);
	side_pull(&alice, NULL);
	good = good && otr_is_plain(bob.o, &bob.peer, text) == plain;
	otr_receive(bob.o, &bob.peer, text);
	/* Text that waits in the queue goes first. */
	if (plain && otr_is_plain(bob.o, &bob.peer, text))
		good = 0;
	side_pull(&bob, NULL);
	if (plain)
		good = good && bob.texts == before + 1 && bob.notes == notes &&
		       strcmp(bob.text, text) == 0 && bob.boxed == 0 &&
		       alice.boxed == 0;
	return good;
}

static void
shortcuts(void)
{
	static const char tagged[] =
	    "hello" OTRL_MESSAGE_TAG_BASE OTRL_MESSAGE_TAG_V3;
	char *big = buf_alloc(OTR_MAX_BODY + 2);

	memset(big, 'x', OTR_MAX_BODY + 1);
	pair_open();
	alice.peer.policies = bob.peer.policies = 0;
	ok(foreseen("hello", 1, 1) && foreseen("?OT", 1, 1) &&
		foreseen("", 1, 1) && foreseen("OTR?OT", 1, 1),
	    "clear text is seen to be clear and plain");
	ok(foreseen("a ?OTR", 0, 1) && foreseen("?OTRv3?", 0, 0) &&
		foreseen("?OTR", 0, 1) && foreseen("?OTR:AAMD.", 0, 0),
	    "what is like OTR is not clear");
	ok(foreseen(tagged, 1, 0), "a tag is no plain text");
	ok(foreseen(big, 0, 0) && foreseen(big + OTR_MAX_BODY - 9, 1, 1),
	    "nor is what is too long");
	alice.peer.policies = OTR_SEND_WHITESPACE_TAG;
	ok(foreseen("hello", 0, 1), "nor clear what gets a tag");
	alice.peer.policies = OTR_REQUIRE_ENCRYPTION;
	ok(foreseen("hello", 0, 1), "nor what is refused");
	pair_close();
	pair_open();
	otr_start(bob.o, &bob.peer);
	side_pull(&bob, NULL);
	ok(foreseen("hello", 1, 0), "nor plain where encryption is wanted");
	otr_start(alice.o, &alice.peer);
	ok(pair_run() && pair_encrypted(3) && foreseen("hello", 0, 0),
	    "nor in a session");
	pair_close();
	free(big);
}

int
main(void)
{
	int i, k;

	shortcuts();

	by_query(3, 3, 3);
	by_query(OTR_V2, 3, 2);
	by_query(3, OTR_V2, 2);
	by_query(OTR_V3, 3, 3);
	by_query(OTR_V2, OTR_V2, 2);
	by_query(OTR_V2, OTR_V3, 0);
	by_query(3, 0, 0);
	queries();
	by_tag();
	by_policy();
	clear_text();
	for (i = 0; i < 16; i++)
		for (k = 1; k < 3; k++) {
			simultaneous(3, i % 2, k);
			simultaneous(OTR_V2, i % 2, k);
		}
	endings();
	restarts();
	places();
	strangers();
	lost();
	errors();
	return tap_done();
}
