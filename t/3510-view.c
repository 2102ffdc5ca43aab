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
	view_free(v);
	view_free(NULL);
	v = view_new("bob@x");
	ok(field_is(view_active(v), "bob@x") && !view_switched(v), "-g");
	view_free(v);
	return tap_done();
}
