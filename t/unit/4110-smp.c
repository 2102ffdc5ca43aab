/* SMP between two machines: all its ends, and what nobody asked for. */
#include "t/unit/otr-pair.h"

static int
start(const char *question, const char *secret)
{
	return otr_smp_start(alice.o, &alice.peer, question, secret) == 0 &&
	       pair_run();
}

static int
answer(const char *secret)
{
	return otr_smp_answer(bob.o, &bob.peer, secret) == 0 && pair_run();
}

static void
dialogue(const char *question, const char *a, const char *b, int succeeds,
    int proves)
{
	int smps = alice.smps + bob.smps;

	ok(start(question, a), "start, %s question",
	    question == NULL ? "no" : "with a");
	ok(alice.smp == OTR_SMP_STARTED && bob.smp == OTR_SMP_ASKED &&
		strcmp(bob.question, question == NULL ? "-" : question) == 0,
	    "both are told, with the question");
	ok(answer(b), "answer");
	ok(alice.smp == (succeeds ? OTR_SMP_SUCCEEDED : OTR_SMP_FAILED) &&
		bob.smp == alice.smp,
	    "both get the same end: %s", succeeds ? "succeeded" : "failed");
	ok(alice.proves == succeeds && bob.proves == proves,
	    "and what it proves");
	ok(alice.smps + bob.smps == smps + 4, "four items in all");
	ok(pair_encrypted(3), "the session goes on");
}

static void
unasked(void)
{
	struct otr_peer nobody = bob.peer;
	char longest[OTR_MAX_SMP + 2];

	nobody.name = "nobody@x.example/1";
	ok(otr_smp_answer(bob.o, &bob.peer, "x") == -1 &&
		otr_cause(bob.o) == OTR_REFUSED_UNASKED,
	    "an answer that nobody asked for is refused");
	ok(otr_smp_abort(bob.o, &bob.peer) == -1 &&
		otr_cause(bob.o) == OTR_REFUSED_UNASKED,
	    "nothing to abort");
	ok(otr_smp_start(bob.o, &bob.peer, NULL, "") == -1 &&
		otr_cause(bob.o) == OTR_REFUSED_EMPTY &&
		otr_smp_start(bob.o, &bob.peer, "who?", "") == -1 &&
		otr_smp_answer(bob.o, &bob.peer, "") == -1 &&
		otr_cause(bob.o) == OTR_REFUSED_EMPTY,
	    "a secret that everybody has is none");
	ok(otr_smp_start(bob.o, &nobody, NULL, "x") == -1 &&
		otr_cause(bob.o) == OTR_REFUSED_SESSION &&
		otr_smp_answer(bob.o, &nobody, "x") == -1 &&
		otr_smp_abort(bob.o, &nobody) == -1,
	    "no session, no SMP");
	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	ok(otr_smp_start(bob.o, &bob.peer, longest, "x") == -1 &&
		otr_cause(bob.o) == OTR_REFUSED_LONG &&
		otr_smp_start(bob.o, &bob.peer, NULL, longest) == -1,
	    "too long");
	longest[OTR_MAX_SMP] = '\0';
	start(longest, longest);
	ok(answer(longest) && alice.smp == OTR_SMP_SUCCEEDED,
	    "the longest of all works");
	ok(start(NULL, "x") &&
		otr_smp_start(alice.o, &alice.peer, NULL, "y") == -1 &&
		otr_cause(alice.o) == OTR_REFUSED_BUSY,
	    "one at a time");
	ok(otr_smp_answer(alice.o, &alice.peer, "x") == -1,
	    "who asks does not answer");
	ok(otr_smp_start(bob.o, &bob.peer, NULL, "y") == -1,
	    "who is asked does not ask");
	ok(answer("x") && otr_smp_answer(bob.o, &bob.peer, "x") == -1,
	    "and answers once");
}

static void
aborted(void)
{
	struct otr_info i;

	ok(start("q", "x") && otr_smp_abort(alice.o, &alice.peer) == 0 &&
		pair_run() && alice.smp == OTR_SMP_ABORTED &&
		bob.smp == OTR_SMP_ABORTED,
	    "aborted by who asks");
	ok(otr_smp_answer(bob.o, &bob.peer, "x") == -1,
	    "an answer comes too late");
	ok(start("q", "x") && otr_smp_abort(bob.o, &bob.peer) == 0 &&
		pair_run() && alice.smp == OTR_SMP_ABORTED,
	    "aborted by who is asked");
	/* Both ask at once. */
	otr_smp_start(alice.o, &alice.peer, NULL, "x");
	otr_smp_start(bob.o, &bob.peer, NULL, "x");
	ok(pair_run() && alice.smp == OTR_SMP_ABORTED &&
		bob.smp == OTR_SMP_ABORTED,
	    "both at once: both are aborted");
	ok(pair_encrypted(3), "the session goes on");
	dialogue(NULL, "again", "again", 1, 1);
	/* The session ends under it. */
	ok(start("q", "x"), "once more");
	otr_stop(bob.o, &bob.peer);
	ok(pair_run() && alice.smp == OTR_SMP_ABORTED &&
		alice.state == OTR_FINISHED && bob.smp == OTR_SMP_ABORTED,
	    "it ends with its session");
	otr_start(alice.o, &alice.peer);
	ok(pair_run() && pair_encrypted(3), "a new session");
	ok(start("q", "x"), "once more");
	otr_start(bob.o, &bob.peer);
	ok(pair_run() && alice.smp == OTR_SMP_ABORTED &&
		bob.smp == OTR_SMP_ABORTED,
	    "it ends where the session is made anew");
	otr_info(bob.o, bob.peer.name, &i);
	ok(i.smp == OTR_SMP_NONE, "and is forgotten");
	dialogue("last", "x", "x", 1, 0);
}

int
main(void)
{
	pair_open();
	ok(pair_start(), "a session");
	dialogue(NULL, "secret", "secret", 1, 1);
	dialogue(NULL, "secret", "other", 0, 0);
	/* A user who answers a question of the other's choice has learnt
	 * nothing. */
	dialogue("what is \xc3\xa9?", "x", "x", 1, 0);
	dialogue("what?", "x", "X", 0, 0);
	dialogue("", "x", "x", 1, 0);
	unasked();
	aborted();
	ok(alice.notes + bob.notes == 0, "nothing was found wrong");
	pair_close();
	return tap_done();
}
