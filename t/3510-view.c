/* What follows from events: active, unread, steps; completion, the prompt. */
#include <string.h>

#include "line/complete.h"
#include "line/people.h"
#include "line/prompt.h"
#include "t/tap.h"

static struct view *v;

/* Takes the event `TAG TIME` and what follows; whether it is shown. */
static int
event(const char *tag, const char *rest)
{
	struct fields f;
	struct buf line;
	int shown = -1;

	buf_init(&line, 4096);
	buf_addf(&line, "%s\t2026-11-22T15:23:54.123Z\t%s", tag, rest);
	if (fields_read(&f, buf_str(&line), buf_len(&line)) == 0)
		shown = view_event(v, &f);
	buf_clear(&line);
	return shown;
}

static int
message(const char *from)
{
	char rest[200];

	snprintf(rest, sizeof rest,
	    "%s\ttext\tenc=none\ttrust=-\tsrc=live\tkind=chat\tid=a", from);
	return event("message", rest);
}

static int
unread(void)
{
	struct view_state s;

	view_state(v, &s);
	return s.unread;
}

/* The line NUMBER turns to JID, as a person or a key has it. */
static void
go(unsigned long number, const char *jid)
{
	char text[100];

	snprintf(text, sizeof text, "/go %s", jid);
	view_typed(v, number, text);
	snprintf(text, sizeof text, "%s\t-\tline=%lu", jid, number);
	event("ok", text);
}

static void
steps_to(enum view_step step, const char *wanted, const char *what)
{
	const char *got = view_step(v, step);

	ok(got == wanted ||
		(got != NULL && wanted != NULL && strcmp(got, wanted) == 0),
	    "%s: %s", what, got == NULL ? "nowhere" : got);
}

static void
completes(const char *line, int count, const char *insert, const char *list)
{
	struct buf more, all;
	int got;

	buf_init(&more, 4096);
	buf_init(&all, 65536);
	got = complete_line(v, line, strlen(line), &more, &all);
	ok((count < 0 || got == count) && strcmp(buf_str(&more), insert) == 0 &&
		(list == NULL || strcmp(buf_str(&all), list) == 0),
	    "%s and %d: `%s`, of %s", line, got, buf_str(&more), buf_str(&all));
	buf_clear(&more);
	buf_clear(&all);
}

static void
listed(void)
{
	steps_to(VIEW_NEXT, NULL, "nobody is there");
	ok(view_wants(v) == VIEW_NOTHING, "nothing is wanted");
	event("ok", "-\t-\tline=0");
	ok(view_wants(v) == VIEW_EVERYBODY && view_wants(v) == VIEW_NOTHING,
	    "the contacts, once, when connected");
	event("contact", "carol@x\t-\tshow=offline\tsub=both\tunread=0\t"
			 "enc=none\ttrust=-\tkind=user");
	event("contact", "bob@x\t-\tshow=offline\tsub=both\tunread=0\t"
			 "enc=none\ttrust=-\tkind=user");
	event("contact", "me@x\t-\tshow=offline\tsub=both\tunread=0\t"
			 "enc=none\ttrust=-\tkind=self");
	steps_to(VIEW_NEXT, NULL, "all are offline");
	event("presence", "carol@x/r\t-\tshow=away\twas=offline\tprio=0");
	steps_to(VIEW_NEXT, "carol@x", "who is online");
	view_offline_toggle(v);
	steps_to(VIEW_NEXT, "bob@x", "the first");
	steps_to(VIEW_PREVIOUS, "carol@x", "the last");
}

static void
turning(void)
{
	go(1, "bob@x");
	ok(view_switched(v) && !view_switched(v) &&
		field_is(view_active(v), "bob@x"),
	    "/go");
	view_typed(v, 2, "/go nobody");
	event("error", "-\tbad\tline=2\tcause=bad-jid");
	ok(field_is(view_active(v), "bob@x"), "a /go that failed");
	event("ok", "carol@x\t-\tline=3");
	ok(field_is(view_active(v), "bob@x"), "another line's ok");
	steps_to(VIEW_NEXT, "carol@x", "next");
	steps_to(VIEW_PREVIOUS, "carol@x", "round");
	steps_to(VIEW_LAST, NULL, "there was none before");
	view_draft_set(v, "half", 4);
	go(4, "carol@x/r");
	ok(strcmp(view_draft(v), "") == 0, "nothing is half typed");
	steps_to(VIEW_LAST, "bob@x", "who was before");
	go(5, "bob@x");
	ok(strcmp(view_draft(v), "half") == 0, "what was half typed");
}

/* What of our own is hidden has no receipt either. */
static void
filtering(void)
{
	view_typed(v, 40, "/filt ex");
	event("ok", "-\t-\tline=40");
	ok(event("sent", "bob@x\tother\tline=41\tid=s1\tenc=none\ttrust=-") ==
		    0 &&
		event("delivered", "bob@x\t-\tline=41\tid=s1") == 0,
	    "/filter hides what was sent, and its receipt");
	ok(event("sent", "bob@x\ttext\tline=42\tid=s2\tenc=none\ttrust=-") ==
		    1 &&
		event("delivered", "bob@x\t-\tline=42\tid=s2") == 1,
	    "and no other");
	view_typed(v, 43, "/filter");
	event("ok", "-\t-\tline=43");
}

/* As short as the machine takes them. */
static void
prefixes(void)
{
	view_typed(v, 60, "/la x /wi eve@x /g bob@x");
	event("ok", "bob@x\t-\tline=60\tlabel=x");
	ok(field_is(view_active(v), "bob@x"), "/la, /wi and /g");
	view_typed(v, 61, "/with eve@x /label x /go eve@x");
	event("ok", "eve@x\t-\tline=61\tlabel=x");
	ok(field_is(view_active(v), "eve@x"), "/with, /label and /go");
	view_typed(v, 62, "/l x /go bob@x");
	event("error", "-\t-\tline=62\tcause=unknown-command");
	view_typed(v, 63, "/lax x /go bob@x");
	event("ok", "bob@x\t-\tline=63");
	ok(field_is(view_active(v), "eve@x"), "no other");
	view_typed(v, 64, "/help go");
	event("ok", "-\t-\tline=64");
	ok(!view_helps(v), "/help");
	view_typed(v, 65, "/he keys");
	event("ok", "-\t-\tline=65");
	ok(view_helps(v) && !view_helps(v), "/he keys");
}

static void
reading(void)
{
	int d;
	size_t i;

	ok(message("bob@x/r") == 1 && unread() == 0, "from the active one");
	ok(message("carol@x/r") == 1 && unread() == 1, "from another");
	ok(message("dave@x/r") == 1 && unread() == 2, "from a stranger");
	event("room", "room@x/n\ttext\tmine=no\tsrc=history\tid=-");
	ok(unread() == 2, "what a room says of old is not new");
	steps_to(VIEW_UNREAD, "carol@x", "the next unread");
	ok(view_show_next(v) == VIEW_ACTIVE && message("carol@x/r") == 0 &&
		message("bob@x/r") == 1 && unread() == 3,
	    "only the active contact is shown");
	go(6, "carol@x/r");
	ok(unread() == 1 && message("carol@x/r") == 1 &&
		message("carol@x/other") == 0 && unread() == 2,
	    "only one session is shown");
	ok(view_show_next(v) == VIEW_RAW && message("bob@x") == 1 &&
		view_show_next(v) == VIEW_ALL,
	    "all is shown");
	go(7, "bob@x");
	ok(event("presence", "bob@x/s\tlunch\tshow=away\twas=online") == 1 &&
		event("presence", "bob@x/s\tlunch\tshow=away\twas=away") == 0 &&
		event("presence", "bob@x/s\tnap\tshow=away\twas=away") == 1 &&
		event("presence", "bob@x/s\t-\tshow=away\twas=away") == 1 &&
		event("presence", "bob@x/s\t-\tshow=away\twas=away") == 0 &&
		event("presence", "bob@x/s\t-\tshow=offline\twas=away") == 1 &&
		event("presence", "bob@x/s\t-\tshow=offline\twas=offline") == 0,
	    "presence that is news: what they show, or their words");
	view_typed(v, 8, "/ignore_presence");
	event("ok", "-\t-\tline=8");
	view_typed(v, 9, "/filter ex");
	event("ok", "-\t-\tline=9");
	ok(event("presence", "bob@x/r\t-\tshow=away\twas=offline") == 0 &&
		message("bob@x/r") == 1,
	    "/ignore_presence, /filter");
	view_typed(v, 10, "/filter other");
	event("ok", "-\t-\tline=10");
	ok(message("bob@x/r") == 0, "/filter hides");
	go(11, "carol@x");
	ok(message("bob@x/r") == 1, "until the contact changes");
	go(12, "bob@x");
	ok(view_lines(v) == 6 && view_line(v, 6, &d) == NULL &&
		strncmp(view_line(v, 0, &d), "message\t", 8) == 0,
	    "%zu lines are remembered", view_lines(v));
	for (i = 0; i < PEOPLE_LINES + 5; i++)
		message("bob@x/r");
	ok(view_lines(v) == PEOPLE_LINES &&
		view_line(v, PEOPLE_LINES - 1, &d) != NULL &&
		view_line(v, PEOPLE_LINES, &d) == NULL,
	    "so many, no more");
	filtering();
}

#define STORED(jid, text, dir, stamp)                                          \
	"history\t2026-11-22T15:23:55.000Z\t" jid "\t" text "\tdir=" dir       \
	"\tenc=none\treceived=yes\tstamp=" stamp "\tkind=chat\n"

/* What is stored comes before what is remembered, and not again. */
static void
recalling(void)
{
	struct view_state s;
	int d;

	go(30, "old@x");
	ok(view_forgot(v), "what is stored is not known");
	message("old@x/r");
	view_recall(v,
	    STORED("old@x/r", "first", "in", "2025-01-01T00:00:00.000Z")
		STORED("alice@x", "second", "out", "2026-11-22T15:23:54.100Z")
		    STORED("old@x/r", "text", "in", "2026-11-22T15:23:54.122Z")
			STORED("old@x/r", "later", "in",
			    "2026-11-22T15:24:00.000Z"));
	ok(!view_forgot(v), "now it is");
	ok(view_lines(v) == 3 &&
		strstr(view_line(v, 0, &d), "\tfirst\t") != NULL &&
		strstr(view_line(v, 1, &d), "\tsecond\t") != NULL &&
		memcmp(view_line(v, 2, &d), "message", 7) == 0,
	    "before the message, which is there once");
	go(31, "old@x/r");
	ok(view_forgot(v) == 0 && view_lines(v) == 3, "its session too");
	go(32, "old@x/other");
	ok(view_lines(v) == 1, "not what came from others");
	go(33, "full@x");
	for (d = 0; d < PEOPLE_LINES; d++)
		message("full@x/r");
	view_recall(
	    v, STORED("full@x/r", "first", "in", "2025-01-01T00:00:00.000Z"));
	ok(view_lines(v) == PEOPLE_LINES && *view_line(v, 0, &d) == 'm',
	    "where there is room");
	view_recall(v, "");
	go(34, "bob@x");
	/* PgUp and PgDn go the way that /contacts lists. */
	message("step@b/r");
	message("step-2@a/r");
	go(35, "step@b");
	steps_to(VIEW_NEXT, "step-2@a", "a local part before a longer one");
	event("member", "den@x/al\t-\tshow=online\tcode=110");
	event("member", "den@x/eve\t-\tshow=online");
	event("presence", "zoe@z/r\t-\tshow=online");
	event("roster", "zoe@z\t-\tsub=both");
	go(36, "zoe@z");
	steps_to(VIEW_NEXT, "den@x", "rooms come last");
	go(37, "den@x");
	steps_to(VIEW_PREVIOUS, "zoe@z", "and back");
	view_state(v, &s);
	ok(strcmp(s.show, "online") == 0, "a room that we are in");
	event(
	    "member", "den@x/al\t-\tshow=offline\tcode=303\tcode=110\tnick=x");
	view_state(v, &s);
	ok(strcmp(s.show, "online") == 0, "by another nick too");
	event("member", "den@x/x\t-\tshow=online\tcode=110");
	event("member", "den@x/x\t-\tshow=offline\tcode=110");
	view_state(v, &s);
	ok(strcmp(s.show, "offline") == 0, "and one that we left");
}

/* Whether the `room` with TEXT names us. */
static int
calls(const char *nick, const char *text, const char *more)
{
	struct fields f;
	struct buf line;
	int called;

	buf_init(&line, 4096);
	buf_addf(&line,
	    "room\t2026-11-22T15:23:54.123Z\ttea@x/%s\t%s\tmine=%s\tsrc=live",
	    nick, text, more);
	fields_read(&f, buf_str(&line), buf_len(&line));
	view_event(v, &f);
	called = view_calls(v, &f);
	buf_clear(&line);
	return called;
}

static void
calling(void)
{
	ok(!calls("bo", "hello al", "no"), "we are not in the room");
	event("member",
	    "tea@x/al\t-\tshow=online\trole=none\taffiliation=none\t"
	    "code=100\tcode=110");
	ok(calls("bo", "hello al", "no") && calls("bo", "Al: hello", "no") &&
		calls("bo", "(AL)", "no"),
	    "our nick, whatever its case");
	ok(!calls("bo", "also", "no") && !calls("bo", "pal, real", "no") &&
		!calls("bo", "al\u00e9", "no") && !calls("bo", "", "no"),
	    "is a word of its own");
	ok(!calls("al", "al is me", "yes"), "not by ourselves");
	event("member",
	    "tea@x/al\t-\tshow=offline\trole=none\taffiliation=none\t"
	    "code=303\tcode=110\tnick=a\\sb");
	event("member",
	    "tea@x/a\\sb\t-\tshow=online\trole=none\taffiliation=none\t"
	    "code=110");
	ok(!calls("bo", "hello al", "no") && calls("bo", "hi A B!", "no"),
	    "another nick, with a blank");
}

/* What one session says, and what came of what was sent. */
static void
sessions(void)
{
	struct view_state s;
	size_t n;
	int d = 0;

	while (unread() > 0)
		go(39, view_step(v, VIEW_UNREAD));
	go(40, "eve@x");
	message("eve@x/one");
	message("eve@x/two");
	event("sent", "eve@x\thi\tline=1\tid=q\tenc=none\ttrust=-");
	ok(view_lines(v) == 3 && view_line(v, 2, &d) != NULL && d == 0,
	    "all lines of a bare JID");
	event("delivered", "eve@x/one\t-\tline=1\tid=q");
	ok(view_receipt(v) != NULL && view_lines(v) == 3 &&
		view_line(v, 2, &d) != NULL && d == 1,
	    "one is delivered");
	event("delivered", "eve@x/one\t-\tline=1\tid=q");
	ok(view_receipt(v) == NULL, "once");
	go(41, "eve@x/two");
	n = view_lines(v);
	ok(n == 2 && strstr(view_line(v, 0, &d), "/two") != NULL,
	    "a full JID has its own, and what went to all");
	ok(message("eve@x/one") == 0 && message("eve@x/two") == 1 &&
		unread() > 0,
	    "it alone is shown");
	steps_to(VIEW_UNREAD, "eve@x", "the other is unread");
	event("otr", "eve@x/one\tencrypted\ttrust=verified\tfp=a");
	view_state(v, &s);
	ok(s.trust == NULL, "the session of another is not ours");
	event("otr", "eve@x/two\tplaintext\ttrust=-\tfp=-");
	go(42, "eve@x");
	view_state(v, &s);
	ok(s.trust != NULL && strcmp(s.trust, "verified") == 0,
	    "the bare JID has it");
	ok(view_step(v, VIEW_UNREAD) == NULL ||
		strcmp(view_step(v, VIEW_UNREAD), "eve@x") != 0,
	    "and all is read");
}

static void
logging(void)
{
	struct view_state s;

	view_typed(v, 50, "/log on");
	event("ok", "eve@x\t-\tline=50");
	view_state(v, &s);
	ok(s.logging, "/log on");
	view_typed(v, 51, "/label x /with eve@x /log off");
	event("error", "eve@x\tno\tline=51\tcause=policy");
	view_state(v, &s);
	ok(s.logging, "/log off that failed");
	view_typed(v, 52, "/label x /with eve@x /log off");
	event("ok", "eve@x\t-\tline=52\tlabel=x");
	view_state(v, &s);
	ok(!s.logging, "/log off, for somebody");
	ok(view_wants(v) != VIEW_NOTHING, "who one turned to is asked for");
	while (view_wants(v) != VIEW_NOTHING)
		;
	event("contact",
	    "eve@x\t-\tshow=offline\tsub=none\tunread=0\tenc=none\ttrust=-\t"
	    "kind=user\tlogging=yes\tlabel=.view");
	view_state(v, &s);
	ok(s.logging && s.trust == NULL, "and answered");
}

static int
narrow(uint32_t cp)
{
	(void)cp;
	return 1;
}

static void
prompts(int columns, int depth, const char *wanted)
{
	struct render_style s = {
	    .columns = columns, .depth = depth, .width = narrow};
	struct buf b;

	buf_init(&b, 4096);
	prompt_write(v, &s, &b);
	if (!ok(strcmp(buf_str(&b), wanted) == 0, "prompt: %s", wanted))
		printf("# got: %s\n", buf_str(&b));
	buf_clear(&b);
}

static void
prompting(void)
{
	go(20, "carol@x");
	go(21, "bob@x");
	event("state", "me@x/r\tonline\tcause=-");
	prompts(80, 0, "## bob@x [a] clear> ");
	go(22, "dave@x");
	go(23, "bob@x");
	prompts(80, 0, "bob@x [a] clear> ");
	prompts(30, 0, "bob a-> ");
	event("otr", "bob@x/r\tencrypted\ttrust=unverified\tfp=a");
	prompts(80, 0, "bob@x [a] otr unverified> ");
	prompts(80, 16,
	    "bob@x [a] \1\033[32m\1otr\1\033[0m\1 "
	    "\1\033[31m\1unverified\1\033[0m\1> ");
	go(24, "carol@x");
	steps_to(VIEW_ENCRYPTED, "bob@x", "the encrypted one");
	go(25, "bob@x");
	event("smp", "bob@x/r\t-\tstate=succeeded");
	prompts(80, 0, "bob@x [a] otr verified> ");
	event("otr", "bob@x/r\tfinished\ttrust=-\tfp=-");
	prompts(80, 0, "bob@x [a] finished> ");
	event("state", "me@x/r\toffline\tcause=-");
	prompts(80, 0, "(offline) bob@x [_] finished> ");
}

static void
completion(void)
{
	completes("/conn", 1, "ect ", "/connect ");
	completes("/con", 2, "", "/connect /contacts ");
	completes("/go ca", 1, "rol@x ", "carol@x ");
	completes("/with bob@x /go ca", 1, "rol@x ", "carol@x ");
	completes("/wi bob@x /la x /go ca", 1, "rol@x ", "carol@x ");
	completes("/l bob@x /go ca", 0, "", "");
	completes("/msg bob@x ca", 0, "", "");
	completes("/otr st", 2, "", "start stop ");
	completes("/status a", 1, "way ", "away ");
	completes("/help otrp", 1, "olicy ", NULL);
	completes("/wait deliv", 1, "ered ", "delivered ");
	completes("", 0, "", "");
	completes("bo", 0, "", "");
	event("member", "room@x/nick\t-\tshow=online\trole=-\taffiliation=-");
	event("member", "room@x/nora\t-\tshow=online\trole=-\taffiliation=-");
	go(30, "room@x");
	completes("ni", 1, "ck: ", "nick ");
	completes("hello ni", 1, "ck ", "nick ");
	completes("n", 2, "", NULL);
	event("member", "room@x/nick\t-\tshow=offline\trole=-");
	completes("ni", 0, "", "");
	event("member", "room@x/a\\sb\t-\tshow=online\trole=-");
	completes("a", 1, " b: ", "a b ");
	completes("a b", 1, ": ", "a b ");
	completes("hello a", 1, " b ", "a b ");
	completes("/authorization re", 2, "quest", NULL);
	completes("/authorization allow b", 1, "ob@x ", "bob@x ");
	completes("/authorization b", 0, "", "");
	completes("/otr start v", 1, "erified ", NULL);
	completes("/otr stop v", 0, "", "");
	completes("/otrpolicy +v", 2, "", "+v2 +v3 ");
	completes("/smp q", 1, "uestion ", NULL);
	completes("/s", -1, "", NULL);
	event("presence", "bob@x/a\t-\tshow=online\twas=offline");
	event("presence", "bob@x/b\t-\tshow=online\twas=offline");
	completes("/go bo", 1, "b@x", "bob@x ");
	completes("/go bob@x/", 2, "", NULL);
	completes("/go bob@x/a", 1, " ", "bob@x/a ");
}

int
main(void)
{
	v = view_new(NULL);
	listed();
	turning();
	reading();
	prompting();
	completion();
	calling();
	sessions();
	logging();
	prefixes();
	recalling();
	view_free(v);
	view_free(NULL);
	v = view_new("bob@x");
	ok(field_is(view_active(v), "bob@x") && !view_switched(v), "-g");
	view_free(v);
	return tap_done();
}
