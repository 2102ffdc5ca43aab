/*
 * Bytes sent as they are: in the clear only where a text may leave so, inside
 * a session only where there is one, and nothing else in any state.
 */
#include "t/unit/otr-pair.h"

/* Tries both forms with alice; what must come of each, OTR_OK: it leaves. */
static void
both(const char *when, enum otr_cause raw, enum otr_cause inside)
{
	enum otr_cause got;
	int wires, r;

	side_pull(&alice, &bob);
	wires = alice.wires;
	r = otr_send_raw(alice.o, &alice.peer, 7, "<b>&?OTRx\x80", 0);
	got = otr_cause(alice.o);
	side_pull(&alice, &bob);
	ok(got == raw && r == (raw == OTR_OK ? 0 : -1) &&
		alice.wires == wires + (raw == OTR_OK),
	    "%s: raw %s", when, raw == OTR_OK ? "leaves" : "does not leave");
	ok((strstr(buf_str(&alice.wire), "<b>&?OTRx\x80\n") != NULL) ==
		(raw == OTR_OK),
	    "%s: the bytes themselves", when);
	wires = alice.wires;
	r = otr_send_raw(alice.o, &alice.peer, 8, "a &lt; b<br>\x80", 1);
	got = otr_cause(alice.o);
	side_pull(&alice, &bob);
	ok(got == inside && r == (inside == OTR_OK ? 0 : -1) &&
		alice.wires == wires + (inside == OTR_OK) &&
		strstr(buf_str(&alice.wire), "&lt;") == NULL,
	    "%s: rawenc %s", when,
	    inside == OTR_OK ? "leaves encrypted" : "does not leave");
}

static void
without_session(void)
{
	pair_open();
	both("nothing wanted", OTR_OK, OTR_REFUSED_SESSION);
	ok(alice.tag == 7, "by its tag");
	pair_close();

	pair_open();
	alice.peer.policies = OTR_SEND_WHITESPACE_TAG;
	both("a tag wanted", OTR_OK, OTR_REFUSED_SESSION);
	ok(alice.wires == 1 && strchr(buf_str(&alice.wire), '\t') == NULL,
	    "nothing is added");
	pair_close();

	pair_open();
	alice.peer.policies = OTR_REQUIRE_ENCRYPTION;
	both("required", OTR_REFUSED_RAW, OTR_REFUSED_SESSION);
	ok(alice.wires == 0, "and no handshake is begun");
	pair_close();

	pair_open();
	otr_start(alice.o, &alice.peer);
	both("wished", OTR_REFUSED_RAW, OTR_REFUSED_SESSION);
	pair_close();
}

static void
with_session(void)
{
	pair_open();
	otr_start(alice.o, &alice.peer);
	ok(pair_run() && pair_encrypted(3), "a session");
	both("in a session", OTR_REFUSED_RAW, OTR_OK);
	ok(alice.tag == 8, "by its tag");
	ok(pair_run() && bob.encrypted &&
		strcmp(bob.text, "a < b\n\xef\xbf\xbd") == 0,
	    "the other side takes it as what HTML it is");
	alice.peer.name = "bob@b.example/2";
	both("from another place", OTR_REFUSED_RAW, OTR_REFUSED_SESSION);
	alice.peer.name = "bob@b.example/1";
	otr_end(bob.o);
	ok(pair_run() && alice.state == OTR_FINISHED, "ended by the other");
	both("after its end", OTR_REFUSED_RAW, OTR_REFUSED_SESSION);
	otr_stop(alice.o, &alice.peer);
	both("after /otr stop", OTR_OK, OTR_REFUSED_SESSION);
	pair_close();
}

static void
bounds(void)
{
	char *text = buf_alloc(OTR_MAX_TEXT + 2);

	pair_open();
	memset(text, 'x', OTR_MAX_TEXT + 1);
	ok(otr_send_raw(alice.o, &alice.peer, 1, text, 0) == -1 &&
		otr_cause(alice.o) == OTR_REFUSED_LONG,
	    "too long");
	text[OTR_MAX_TEXT] = '\0';
	ok(otr_send_raw(alice.o, &alice.peer, 1, text, 0) == 0, "just not");
	pair_close();
	free(text);
}

int
main(void)
{
	without_session();
	with_session();
	bounds();
	return tap_done();
}
