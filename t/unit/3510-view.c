/*
 * The terminal beside a machine that is logged in: who is active, what is
 * unread, where the keys lead, what the prompt says of a session, what Tab
 * completes, which lines are shown and remembered. What the machine says is
 * real; the events of messages are made up where only their rows matter.
 */
#include <locale.h>

#include "otr/otr.h"
#include "t/unit/fake-tls.h"
#include "t/unit/libotr-leaks.h"
#include "t/unit/play-world.h"
#include "t/unit/tap.h"

#include "line/command/window.h"
#include "line/room/people.h"
#include "line/tty/complete.h"
#include "line/tty/prompt.h"
#include "line/tty/view.h"

#define BOB  "bob@example.org"
#define ROOM "tea@rooms.example.org"

static struct world w;
static struct view *v;
static int shown; /* the last event was */

/* Takes the event line of N bytes. */
static int
take(const char *line, size_t n)
{
	struct fields f;

	if (fields_read(&f, line, n) == -1)
		return -1;
	shown = view_event(v, &f);
	if (f.tag == EVENT_OK || f.tag == EVENT_ERROR)
		view_turn(v);
	return shown;
}

/* Takes all events of the machine. */
static void
run(void)
{
	const char *p, *lf;

	world_pump(&w);
	for (p = buf_str(&w.text); (lf = strchr(p, '\n')) != NULL; p = lf + 1)
		take(p, (size_t)(lf - p));
	buf_reset(&w.text);
}

static void
type(const char *line)
{
	buf_addf(&w.in, "%s\n", line);
	run();
}

static void
receive(const char *xml)
{
	buf_adds(&w.sock, xml);
	run();
}

static void
message(const char *from)
{
	char xml[300];

	snprintf(xml, sizeof xml,
	    "<message from='%s' type='chat'><body>text</body></message>", from);
	receive(xml);
}

static void
presence(const char *from, const char *rest)
{
	char xml[300];

	snprintf(xml, sizeof xml, "<presence from='%s'%s", from, rest);
	receive(xml);
}

/* Takes the event `TAG TIME` and what follows; returns whether it is shown. */
static int
event(const char *tag, const char *rest)
{
	struct buf line;
	int is_shown;

	buf_init(&line, 4096);
	buf_addf(&line, "%s\t2026-11-22T15:23:54.123Z\t%s", tag, rest);
	is_shown = take(buf_str(&line), buf_len(&line));
	buf_clear(&line);
	return is_shown;
}

static size_t
unread(void)
{
	struct people_state s;

	people_state(w.client, &s);
	return s.unread;
}

static void
steps_to(enum people_step step, const char *wanted, const char *what)
{
	char jid[JID_SIZE] = "nowhere";

	people_step(w.client, step, jid);
	ok(strcmp(jid, wanted) == 0, "%s: %s", what, jid);
}

static void
is_active(const char *jid, const char *what)
{
	struct field active = view_active(v);

	ok(jid == NULL ? active.p == NULL : field_is(active, jid), "%s", what);
}

static int
narrow(uint32_t cp)
{
	(void)cp;
	return 1;
}

static void
prompts_in(int columns, int depth, const char *wanted)
{
	struct render_style style = {
	    .columns = columns, .depth = depth, .width = narrow};
	struct people_state state;
	struct buf b;
	char *name;

	people_state(w.client, &state);
	name = state.jid == NULL ? NULL : view_spell(v, state.jid, 0);
	buf_init(&b, 4096);
	prompt_write(&state, name, &style, &b);
	if (!ok(strcmp(buf_str(&b), wanted) == 0, "prompt: %s", wanted))
		printf("# got: %s\n", buf_str(&b));
	buf_clear(&b);
	free(name);
}

static void
prompts(const char *wanted)
{
	prompts_in(80, 0, wanted);
}

/* In INSERT, one `<` stands for each byte that is replaced. */
static void
completes(const char *line, int count, const char *insert, const char *list)
{
	struct completion got;
	const char *more, *all;

	complete_line(v, w.client, line, strlen(line), &got);
	for (; got.cut > 0; got.cut--)
		buf_addc(&got.insert, '<');
	more = buf_str(&got.insert);
	all = buf_str(&got.list);
	ok((count < 0 || got.count == count) && strcmp(more, insert) == 0 &&
		(list == NULL || strcmp(all, list) == 0),
	    "%.60s and %d: `%s`, of %s", line, got.count, more, all);
	complete_clear(&got);
}

static void
offline(void)
{
	steps_to(PEOPLE_NEXT, "nowhere", "nobody is there");
	prompts("(offline) > ");
	prompts_in(40, 0, "(off) > ");
	world_login(&w);
	run();
	prompts("> ");
	steps_to(PEOPLE_NEXT, "nowhere", "all are offline");
	client_offline(w.client);
	steps_to(PEOPLE_NEXT, BOB, "F5: the roster");
	client_offline(w.client);
	presence(BOB "/one", "><show>away</show></presence>");
	presence(BOB "/two", "><priority>-1</priority></presence>");
	steps_to(PEOPLE_NEXT, BOB, "who is online");
}

static void
turning(void)
{
	type("/go " BOB);
	is_active(BOB, "/go");
	prompts(BOB " [a] clear> ");
	prompts_in(30, 0, "bob a-> ");
	prompts_in(80, 16, BOB " [a] \1\033[31m\1clear\1\033[0m\1> ");
	ok(!view_turn(v), "once");
	type("/go nobody");
	is_active(NULL, "a /go that failed leaves nobody");
	ok(strcmp(view_last(v), BOB) == 0, "who was before that");
	prompts("> ");
	type("/Go carol@x.example");
	is_active(NULL, "nor is anybody there to be lost");
	type("/go " BOB);
	type("/label t /gobob");
	is_active(NULL, "a command that only looks like /go");
	type("/la t /wi carol@x.example /g " BOB "/one");
	is_active(BOB "/one", "/la, /wi and /g");
	prompts(BOB "/one [a] clear> ");
	type("/go " BOB "/two");
	prompts(BOB "/two [o] clear> ");
	type("/go " BOB "/three");
	prompts(BOB "/three [_] clear> ");
	type("/msg " BOB " /go x");
	is_active(BOB "/three", "another command");
	type("/go " BOB);
	view_draft_set(v, "half", 4);
	type("/go carol@x.example/r");
	ok(strcmp(view_draft(v), "") == 0, "nothing is half typed");
	steps_to(PEOPLE_NEXT, BOB, "next");
	steps_to(PEOPLE_PREVIOUS, BOB, "round");
	ok(strcmp(view_last(v), BOB) == 0, "who was before");
	type("/go " BOB);
	ok(strcmp(view_draft(v), "half") == 0, "what was half typed");
	type("/log on");
	prompts_in(80, 16,
	    "\1\033[7m\1" BOB "\1\033[0m\1 [a] \1\033[31m\1clear\1\033[0m\1> ");
	type("/label x /with " BOB " /log off");
	prompts_in(80, 16, BOB " [a] \1\033[31m\1clear\1\033[0m\1> ");
}

static void
reading(void)
{
	message(BOB "/one");
	ok(shown && unread() == 0, "from the active contact");
	message("carol@x.example/r");
	message("dave@x.example/r");
	ok(shown && unread() == 2, "from others: unread");
	prompts("## " BOB " [a] clear> ");
	prompts_in(80, 16,
	    "\1\033[33m\1##\1\033[0m\1 " BOB
	    " [a] \1\033[31m\1clear\1\033[0m\1> ");
	steps_to(PEOPLE_UNREAD, "carol@x.example", "the next unread");
	ok(view_show_next(v) == VIEW_ACTIVE, "only the active contact");
	message("carol@x.example/r");
	ok(!shown && unread() == 3, "others are hidden");
	message(BOB "/one");
	ok(shown, "it is shown");
	ok(view_show_next(v) == VIEW_RAW, "the event lines");
	message("carol@x.example/r");
	ok(shown && view_show_next(v) == VIEW_ALL, "all are shown");
	type("/go carol@x.example/r");
	ok(unread() == 1, "who one turns to is read");
	message("carol@x.example/other");
	ok(!shown && unread() == 2, "another session is unread");
	type("/with dave@x.example /clear");
	steps_to(PEOPLE_UNREAD, "carol@x.example", "it is the next");
	message("carol@x.example/r");
	message("carol@x.example");
	ok(shown && unread() == 1, "this one is shown");
	type("/go carol@x.example");
	ok(unread() == 0, "all of it is read");
}

/* A person may hide events. */
static void
hiding(void)
{
	type("/go " BOB);
	ok(event("presence", BOB "/s\tlunch\tshow=away\twas=online") &&
		!event("presence", BOB "/s\tlunch\tshow=away\twas=away") &&
		event("presence", BOB "/s\tnap\tshow=away\twas=away") &&
		event("presence", BOB "/s\t-\tshow=away\twas=away") &&
		!event("presence", BOB "/s\t-\tshow=away\twas=away") &&
		event("presence", BOB "/s\t-\tshow=offline\twas=away") &&
		!event("presence", BOB "/s\t-\tshow=offline\twas=offline"),
	    "presence that is news: what they show, or their words");
	type("/ig");
	type("/filt ex");
	ok(!event("presence", BOB "/s\t-\tshow=away\twas=offline") &&
		!event("member", ROOM "/n\t-\tshow=away"),
	    "/ignore_presence");
	message(BOB "/one");
	ok(shown, "/filter lets through");
	ok(!event("sent", BOB "\tother\tline=41\tid=s1\tenc=none\ttrust=-") &&
		!event("delivered", BOB "\t-\tline=41\tid=s1"),
	    "/filter hides what was sent, and its receipt");
	ok(event("sent", BOB "\ttext\tline=42\tid=s2\tenc=none\ttrust=-") &&
		event("delivered", BOB "\t-\tline=42\tid=s2"),
	    "and no other");
	type("/filter other \\ x");
	message(BOB "/one");
	ok(!shown, "/filter with other words");
	ok(event("sent", BOB "\tan other \\\\ x\tline=43\tid=s3\tenc=none"),
	    "which are as they were typed");
	type("/ignore_presence");
	ok(event("presence", BOB "/s\t-\tshow=away\twas=offline"),
	    "/ignore_presence again");
	type("/filter");
	message(BOB "/one");
	ok(shown, "/filter without words");
	type("/filter nothing");
	type("/ignore_presence");
	type("/go carol@x.example");
	message(BOB "/one");
	ok(shown && event("presence", BOB "/s\t-\tshow=xa\twas=away"),
	    "until the contact changes");
}

/* The settings of the terminal are noted where the command is done. */
static void
wishing(void)
{
	const struct window *wishes = window_wishes(w.client);
	unsigned long clears = wishes->clears;

	type("/help go");
	ok(wishes->helps == 0, "/help");
	type("/he keys");
	ok(wishes->helps == 1, "/he keys");
	type("/clear x");
	ok(wishes->clears == clears, "/clear that failed");
	type("/label x /with " BOB " /cle");
	ok(wishes->clears == clears + 1, "/clear");
}

static void
remembering(void)
{
	const struct scrollback_line *line = NULL;
	size_t i;

	type("/go eve@x");
	message("eve@x/one");
	message("eve@x/two");
	event("sent", "eve@x\thi\tline=1\tid=q\tenc=none\ttrust=-");
	ok(view_lines(v) == 3 && view_line(v, 3) == NULL &&
		(line = view_line(v, 2)) != NULL && line->look == RENDER_OPEN,
	    "all lines of a bare JID");
	event("delivered", "eve@x/one\t-\tline=1\tid=q");
	ok(view_receipt(v) != NULL && line->look == RENDER_DELIVERED,
	    "one is delivered");
	event("delivered", "eve@x/one\t-\tline=1\tid=q");
	ok(view_receipt(v) == NULL, "once");
	event("failed", "eve@x/one\tbounced\tline=1\tid=q\tcause=gone");
	ok(line != NULL && line->look == RENDER_FAILED,
	    "it came back after all");
	type("/go eve@x/two");
	ok(view_lines(v) == 2 && strstr(view_line(v, 0)->text, "/two") != NULL,
	    "a full JID has its own, and what went to all");
	type("/go " BOB);
	for (i = 0; i < SCROLLBACK_LINES + 5; i++)
		event("message", BOB "/one\ttext\tenc=none");
	ok(view_lines(v) == SCROLLBACK_LINES &&
		view_line(v, SCROLLBACK_LINES - 1) != NULL &&
		view_line(v, SCROLLBACK_LINES) == NULL,
	    "so many lines, no more");
}

/* A correction takes the place of its line if its sender has sent that. */
static void
correcting(void)
{
	type("/go fay@x");
	event("message", "fay@x/one\tfirst\tenc=none\tid=1");
	event("sent", "fay@x\tours\tline=1\tid=2\tenc=none\ttrust=-");
	event("message", "fay@x/one\tmended\tenc=none\tid=3\treplaces=1");
	ok(view_lines(v) == 2 &&
		strstr(view_line(v, 0)->text, "mended") != NULL,
	    "one that came is replaced");
	event("message", "fay@x/two\tagain\tenc=none\tid=4\treplaces=1");
	ok(view_lines(v) == 2 && strstr(view_line(v, 0)->text, "again") != NULL,
	    "by a correction of a correction, from another client");
	event("message", "fay@x/one\tforged\tenc=none\tid=5\treplaces=2");
	ok(view_lines(v) == 3 && strstr(view_line(v, 1)->text, "ours") != NULL,
	    "but ours is not theirs to correct");
	event("message", "gil@x/one\tforged\tenc=none\tid=6\treplaces=1");
	event("message", "fay@x/one\tlost\tenc=none\tid=7\treplaces=no");
	ok(view_lines(v) == 4, "one that is not remembered is a line");
	event("sent",
	    "fay@x\tbetter\tline=2\tid=8\tenc=none\ttrust=-\treplaces=2");
	ok(view_lines(v) == 4 &&
		strstr(view_line(v, 1)->text, "better") != NULL,
	    "we can");
	event("room", ROOM "/n\tfirst\tmine=no\tsrc=live\tid=1");
	event("room", ROOM "/m\tforged\tmine=no\tsrc=live\tid=2\treplaces=1");
	type("/go " ROOM);
	ok(view_lines(v) >= 2, "in a room only the same nick");
	ok(event("mark", "fay@x/one\t-\ttype=displayed\tof=8") &&
		view_marked(v) != NULL &&
		strstr(view_marked(v), "better") != NULL,
	    "what they saw of ours is told");
	ok(!event("mark", "fay@x/one\t-\ttype=displayed\tof=1") &&
		!event("mark", "fay@x/one\t-\ttype=displayed\tof=none"),
	    "and nothing else that was seen");
	ok(event("mark", "me@x/phone\tx\ttype=reaction\tof=1\tto=fay@x") &&
		view_marked(v) != NULL &&
		strstr(view_marked(v), "again") != NULL,
	    "a mark of another client of ours");
}

/* The lines of one contact too many: all but the active one's go. */
static void
forgetting(void)
{
	char rest[64];
	int i;

	type("/go kept@x");
	event("message", "kept@x/r\ttext\tenc=none");
	event("message", "lost@x/r\ttext\tenc=none");
	for (i = 0; i < VIEW_CONTACTS; i++) {
		snprintf(rest, sizeof rest, "s%d@x\ttext\tenc=none", i);
		event("message", rest);
	}
	ok(view_lines(v) == 1, "the active contact's lines are kept");
	type("/go lost@x");
	ok(view_lines(v) == 0 && view_forgot(v), "others are forgotten");
}

#define STORED(jid, text, dir, stamp)                                          \
	"history\t2026-11-22T15:23:55.000Z\t" jid "\t" text "\tdir=" dir       \
	"\tenc=none\treceived=yes\tstamp=" stamp "\tkind=chat\n"

/* Stored messages come before remembered ones, and not again. */
static void
recalling(void)
{
	int i;

	type("/go old@x");
	ok(view_forgot(v), "what is stored is not known");
	event("message", "old@x/r\ttext\tenc=none");
	view_recall(v,
	    STORED("old@x/r", "first", "in", "2025-01-01T00:00:00.000Z")
		STORED("alice@x", "second", "out", "2026-11-22T15:23:54.100Z")
		    STORED("old@x/r", "text", "in", "2026-11-22T15:23:54.122Z")
			STORED("old@x/r", "later", "in",
			    "2026-11-22T15:24:00.000Z"));
	ok(!view_forgot(v), "now it is");
	ok(view_lines(v) == 3 &&
		strstr(view_line(v, 0)->text, "\tfirst\t") != NULL &&
		strstr(view_line(v, 1)->text, "\tsecond\t") != NULL &&
		memcmp(view_line(v, 2)->text, "message", 7) == 0,
	    "before the message, which is there once");
	type("/go old@x/r");
	ok(!view_forgot(v) && view_lines(v) == 3, "its session too");
	type("/go old@x/other");
	ok(view_lines(v) == 1, "not what came from others");
	type("/go full@x");
	for (i = 0; i < SCROLLBACK_LINES; i++)
		event("message", "full@x/r\ttext\tenc=none");
	view_recall(
	    v, STORED("full@x/r", "first", "in", "2025-01-01T00:00:00.000Z"));
	ok(view_lines(v) == SCROLLBACK_LINES && *view_line(v, 0)->text == 'm',
	    "where there is room");
	view_recall(v, "");
}

#define SELF                                                                   \
	"><x xmlns='http://jabber.org/protocol/muc#user'>"                     \
	"<item affiliation='none' role='participant'/>"                        \
	"<status code='110'/></x></presence>"
#define OTHER                                                                  \
	"><x xmlns='http://jabber.org/protocol/muc#user'>"                     \
	"<item affiliation='none' role='participant'/></x></presence>"

static void
in_a_room(void)
{
	struct field occupant = field_of(ROOM "/nora"), other = field_of(BOB);

	ok(!view_occupant(v, occupant), "no room yet");
	type("/join " ROOM "/al");
	presence(ROOM "/nora", OTHER);
	presence(ROOM "/nick", OTHER);
	presence(ROOM "/a b", OTHER);
	presence(ROOM "/weird\\slash", OTHER);
	presence(ROOM "/al", SELF);
	receive(
	    "<message from='" ROOM "' type='groupchat'><subject/></message>");
	ok(view_occupant(v, occupant) && !view_occupant(v, other),
	    "somebody in a room");
	type("/go " ROOM);
	prompts(ROOM " [o] room> ");
	prompts_in(30, 0, "tea o> ");
	ok(!view_forgot(v), "what is stored of it comes from the room");
	receive("<message from='" ROOM
		"/nora' type='groupchat'><body>hi al</body></message>");
	ok(shown && unread() == 0, "somebody speaks");
	completes("ni", 1, "ck: ", "nick ");
	completes("hello ni", 1, "ck ", "nick ");
	completes("n", 2, "", NULL);
	completes("al", 0, "", "");
	completes("a", 1, " b: ", "a b ");
	completes("a b", 1, ": ", "a b ");
	completes("hello a", 1, " b ", "a b ");
	completes("weird", 1, "\\slash: ", "weird\\slash ");
	completes("NI", 1, "nick: <<", "nick ");
	completes("A B", 1, "a b: <<<", NULL);
	completes("/say n", 2, "", NULL);
	completes("/say no", 1, "ra: ", NULL);
	completes("/topic hail No", 1, "nora <<", NULL);
	completes("/topic no", 1, "ra ", NULL);
	completes("/msg " ROOM " no", 1, "ra: ", NULL);
	completes("/msg " BOB " no", 0, "", "");
	completes("/with " ROOM " no", 1, "ra: ", NULL);
	completes("/with " BOB " no", 0, "", "");
	presence(ROOM "/\303\211va", OTHER);
	presence(ROOM "/\303\251tienne", OTHER);
	completes("\303\251v", 1, "\303\211va: <<<", NULL);
	completes("\303\211", 2, "", NULL);
	completes("\303\211T", 1, "\303\251tienne: <<<", NULL);
	presence(ROOM "/NORA", OTHER);
	completes("n", 3, "", NULL);
	completes("nOr", 2, "NORA<<<", NULL);
	completes("NORA", 2, "", "NORA nora ");
	presence(ROOM "/NORA", " type='unavailable'/>");
	/* An address typed before text is that of the text. */
	completes(
	    "/go " ROOM "/NI", 1, ROOM "/nick <<<<<<<<<<<<<<<<<<<<<<<<", NULL);
	completes("/msg " ROOM "/a", -1, "", NULL);
	presence(ROOM "/nick", " type='unavailable'/>");
	completes("ni", 0, "", "");
	type("/go " ROOM "/a\\sb");
	is_active(ROOM "/a\\sb", "somebody in it");
	prompts_in(100, 0, ROOM "/a b [o] room> ");
	steps_to(PEOPLE_PREVIOUS, BOB, "rooms are behind the others");
	type("/go " BOB);
	completes("n", 0, "", "");
	steps_to(PEOPLE_NEXT, ROOM, "and come next");
	receive("<message from='" ROOM
		"/nora' type='groupchat'><body>hi</body></message>");
	ok(unread() == 1, "a room is unread too");
	steps_to(PEOPLE_UNREAD, ROOM, "and stepped to");
	presence(ROOM "/al",
	    " type='unavailable'><x xmlns='http://jabber.org/protocol/"
	    "muc#user'><item affiliation='none' role='none'/>"
	    "<status code='110'/><status code='307'/></x></presence>");
	type("/go " ROOM);
	prompts(ROOM " [_] room> ");
	completes("no", 0, "", "");
	type("/go " BOB);
}

/* The other side of a session. */
static struct otr *peer;
static struct otr_peer we = {
    .name = "alice@example.org/desk", .versions = OTR_V2 | OTR_V3, .answer = 1};

/* Delivers what both have to say, bob with resource FROM, until both rest. */
static void
converse(const char *from)
{
	struct otr_item item;
	char *body, *end, *copy;
	int moves = 0;

	for (;;) {
		while (otr_next(peer, &item)) {
			if (item.type != OTR_WIRE)
				continue;
			moves++;
			buf_addf(&w.sock,
			    "<message from='" BOB "/%s' to='%s' type='chat'>"
			    "<body>%s</body></message>",
			    from, we.name, item.text);
		}
		run();
		body = strstr(buf_str(&w.wire), "<body>");
		if (body == NULL || moves > 40)
			break;
		end = strstr(body, "</body>");
		copy = buf_memdup(body + 6, (size_t)(end - body) - 6);
		buf_drop(&w.wire, (size_t)(end - buf_str(&w.wire)));
		otr_receive(peer, &we, copy);
		free(copy);
	}
	buf_reset(&w.wire);
	ok(moves <= 40, "they come to an end");
}

#define KEY "fda69d1d0024e0b71a9b70fce30f118690c208a4" /* of gen-full */

static struct otr *
new_peer(void)
{
	struct privkey *key;
	struct otr *o;
	struct buf b;
	char why[160];

	buf_init(&b, 65536);
	file_read("t/samples/gen-full/otr_dsa.sexp", &b);
	key = privkey_parse(buf_data(&b), buf_len(&b), why);
	o = otr_new(key);
	privkey_free(key);
	buf_clear(&b);
	otr_account(o, BOB "/one");
	return o;
}

/* The prompt says what the machine knows of the very session that is used. */
static void
encrypted(void)
{
	type("/go " BOB);
	peer = new_peer();
	buf_reset(&w.wire);
	steps_to(PEOPLE_ENCRYPTED, "nowhere", "no session");
	type("/otr start");
	converse("one");
	prompts(BOB " [a] otr unverified> ");
	prompts_in(40, 0, "bob aO?> ");
	prompts_in(80, 16,
	    BOB " [a] \1\033[32m\1otr\1\033[0m\1 "
		"\1\033[31m\1unverified\1\033[0m\1> ");
	/* Whoever answers their question has verified nobody. */
	otr_smp_start(peer, &we, "which bird?", "plover");
	converse("one");
	type("/smp answer plover");
	converse("one");
	prompts(BOB " [a] otr unverified> ");
	/* Nor do events decide, whatever they say. */
	event("smp", BOB "/one\t-\tstate=succeeded\ttrust=verified\tfp=a");
	event("otr", BOB "/one\tencrypted\ttrust=verified\tfp=a");
	event("sent", BOB "/one\thi\tline=1\tid=x\tenc=otr\ttrust=verified");
	event("contact", BOB "\t-\tenc=otr\ttrust=verified\tkind=user");
	prompts(BOB " [a] otr unverified> ");
	type("/smp shared plover");
	converse("one");
	otr_smp_answer(peer, &we, "plover");
	converse("one");
	prompts(BOB " [a] otr verified> ");
	prompts_in(40, 0, "bob aO> ");
	completes("/revoke f", 1, &KEY " "[1], NULL);
	completes("/fingerprint FDa", 1, KEY " <<<", NULL);
	completes("/fingerprint ", 1, KEY " ", NULL);
	completes("/fingerprint 0", 0, "", "");
	completes("/with carol@x.example /revoke ", 0, "", "");
	completes("/with " BOB "/one /revoke ", 1, KEY " ", NULL);
	type("/revoke " KEY);
	prompts(BOB " [a] otr revoked> ");
	type("/fingerprint " KEY);
	prompts(BOB " [a] otr verified> ");
	type("/go " BOB "/two");
	prompts(BOB "/two [o] elsewhere> ");
	type("/go " BOB "/one");
	prompts(BOB "/one [a] otr verified> ");
	type("/go carol@x.example");
	steps_to(PEOPLE_ENCRYPTED, BOB, "the encrypted one");
	type("/go " BOB);
	steps_to(PEOPLE_ENCRYPTED, "nowhere", "there is no other");
	otr_stop(peer, &we);
	converse("one");
	prompts(BOB " [a] finished> ");
	presence(BOB "/one", " type='unavailable'/>");
	presence(BOB "/two", " type='unavailable'/>");
	prompts(BOB " [_] finished> ");
	type("/otr stop");
	prompts(BOB " [_] clear> ");
	presence(BOB "/one", "><show>away</show></presence>");
	otr_free(peer);
}

/* Rooms that we were invited to are offered until we enter them. */
static void
invited(void)
{
	completes("/join d", 0, "", "");
	receive("<message from='" BOB "/one'><x xmlns='jabber:x:conference' "
		"jid='den@rooms.example.org'/></message>");
	completes(
	    "/join D", 1, "den@rooms.example.org <", "den@rooms.example.org ");
	completes("/go den", 0, "", "");
	receive("<message from='den@rooms.example.org'>"
		"<x xmlns='http://jabber.org/protocol/muc#user'>"
		"<invite from='" BOB "'/><password>pw</password></x>"
		"</message>");
	completes("/join ", -1, "", NULL);
	completes("/join de", 1, "n@rooms.example.org ", NULL);
	type("/join den@rooms.example.org/al");
	completes("/join d", 1, "en@rooms.example.org ", NULL);
	completes("/go den", 1, "@rooms.example.org ", NULL);
	completes("/rooms r", 1, "ooms.example.org ", NULL);
	receive("<presence from='den@rooms.example.org/al' type='error'>"
		"<error type='auth'><forbidden "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
		"</presence>");
}

static void
completion(void)
{
	struct buf words;

	completes("/conn", 1, "ect ", "/connect ");
	completes("/con", 2, "", "/connect /contacts ");
	completes("/go ca", 1, "rol@x.example ", "carol@x.example ");
	completes("/with bob@x /go ca", 1, "rol@x.example ", NULL);
	completes("/wi bob@x /la x /go ca", 1, "rol@x.example ", NULL);
	completes("/with ca", 1, "rol@x.example ", NULL);
	completes("/l bob@x /go ca", 0, "", "");
	completes("/msg bob@x ca", 0, "", "");
	completes("/otr st", 2, "", "start stop ");
	completes("/status a", 1, "way ", "away ");
	completes("/help otrp", 1, "olicy ", NULL);
	completes("/help /Otrp", 0, "", "");
	completes("/help /otrp", 1, "olicy ", "/otrpolicy ");
	completes("/help ke", 1, "ys ", NULL);
	completes("/wait deliv", 1, "ered ", "delivered ");
	completes("", 0, "", "");
	completes("bo", 0, "", "");
	completes("/authorization re", 2, "quest", NULL);
	completes("/authorization allow b", 1, "ob@example.org ", NULL);
	completes("/authorization b", 0, "", "");
	completes("/otr start v", 1, "erified ", NULL);
	completes("/otr stop v", 0, "", "");
	completes("/otrpolicy +v", 2, "", "+v2 +v3 ");
	completes("/smp q", 1, "uestion ", NULL);
	completes("/s", -1, "", NULL);
	completes("/go bo", 1, "b@example.org ", BOB " ");
	completes("/go " BOB "/", 1, "one ", BOB "/one ");
	presence(BOB "/a b", "/>");
	completes("/go bo", 1, "b@example.org", BOB " ");
	completes("/go " BOB "/", 2, "", NULL);
	completes("/go " BOB "/a", 1, "\\sb ", BOB "/a\\sb ");
	completes("/go BOB", 1, "bob@example.org<<<", BOB " ");
	completes("/go BoB@Example.org/O", 1, BOB "/one <<<<<<<<<<<<<<<<<",
	    BOB "/one ");
	completes("/wait message b", 1, "ob@example.org", NULL);
	completes("/wait message - b", 0, "", "");
	completes("/wait message x=1 b", 0, "", "");
	completes("/invite b", 1, "ob@example.org", NULL);
	completes("/block b", 1, "ob@example.org", NULL);
	completes("/rooms e", 1, "xample.org ", "example.org ");
	completes("/history b", 0, "", "");
	completes("/msg " BOB, 3, "", NULL);
	completes("/join b", 0, "", "");
	/* However many words there are. */
	buf_init(&words, (size_t)1 << 20);
	buf_adds(&words, "/wait message");
	while (buf_len(&words) < 200000)
		buf_adds(&words, " a=b");
	completes(buf_str(&words), 0, "", "");
	buf_clear(&words);
}

#define ARCHIVED(id, stamp)                                                    \
	"\tid=" id "\tstamp=" stamp "\tarchived=a" id "\tvia=archive"

/* The replay that ended just now is shown so. */
static void
replayed(const char *above, const char *below)
{
	struct buf a, b;

	ok(view_is_replayed(v), "the replay is over");
	buf_init(&a, 65536);
	buf_init(&b, 65536);
	view_replay_rows(v, 99, INT64_C(1795360994123), &a, &b);
	ok(strcmp(buf_str(&a), above) == 0, "%s: %s", above, buf_str(&a));
	ok(strcmp(buf_str(&b), below) == 0, "%s: %s", below, buf_str(&b));
	buf_clear(&a);
	buf_clear(&b);
}

/* Line I of the active contact holds TEXT, and the replay brought it or not. */
static void
line_is(size_t i, const char *text, int brought)
{
	const struct scrollback_line *line = view_line(v, i);

	ok(line != NULL && strstr(line->text, text) != NULL &&
		view_line_is_replayed(v, line) == brought,
	    "line %zu: %s", i, text);
}

/* A replay is shown when all is there, each line with its own time. */
static void
replaying(void)
{
	type("/go ivy@x");
	event("message", "ivy@x/a\tbefore\tenc=none\tid=0");
	view_left(v, INT64_C(1795360994123) - 7200000);
	event("state", "al@x/me\tonline\tcause=-\tresumed=no");
	ok(!event("replay", "al@x\t-\tstate=started\tcount=0"),
	    "its beginning has no row");
	ok(!event("message", "ivy@x/a\tfrist\tenc=none" ARCHIVED(
				 "1", "2026-11-22T14:00:00Z")) &&
		!view_is_new(v),
	    "nor has what it brings");
	ok(event("message", "ivy@x/b\tnow\tenc=none\tid=9") && view_is_new(v),
	    "what is not archived comes at once");
	event("own", "ivy@x\tours\tenc=none" ARCHIVED(
			 "2", "2026-11-22T14:01:00Z") "\tfrom=al@x/phone");
	event("message", "ivy@x/a\tfirst\tenc=none\treplaces=1" ARCHIVED(
			     "3", "2026-11-22T14:02:00Z"));
	event("message", "ivy@x/a\tafter\tenc=none\treplaces=0" ARCHIVED(
			     "4", "2026-11-22T14:03:00Z"));
	ok(!event("mark", "ivy@x/a\tx\ttype=reaction\tof=1" ARCHIVED(
			      "5", "2026-11-22T14:03:00Z")),
	    "a reaction is counted");
	event("warning", "ivy@x/a\twhy\tcause=unreadable" ARCHIVED(
			     "6", "2026-11-22T14:03:00Z"));
	event("message",
	    "jo@x/a\thello\tenc=none" ARCHIVED("7", "2026-11-22T14:03:00Z"));
	ok(!view_is_replayed(v), "it is not over");
	ok(!event("replay", "al@x\twords\tstate=done\tcount=7"),
	    "the row of its end is another");
	replayed("since you left, 2 hours ago: 2 messages, 1 reaction, 1 that "
		 "cannot be read here, 1 corrected",
	    "1 read elsewhere");
	ok(view_lines(v) == 4, "four lines, of which it brought three");
	line_is(0, "\tafter\t", 1);
	line_is(1, "\t2026-11-22T14:00:00.000Z\tivy@x/a\tfirst\t", 1);
	line_is(2, "\tnow\t", 0);
	line_is(3, "\t2026-11-22T14:01:00.000Z\tivy@x\tours\t", 1);
	view_replay_end(v);
	type("/go " BOB);
	type("/go ivy@x");
	view_lines(v);
	line_is(1, "first", 0);

	/* One who is turned to has seen it. */
	event("state", "al@x/me\twaiting\tcause=connection-lost");
	event("state", "al@x/me\tonline\tcause=-\tresumed=no");
	event("replay", "al@x\t-\tstate=started\tcount=0");
	event("message",
	    "jo@x/a\tone\tenc=none" ARCHIVED("8", "2026-11-22T15:23:54Z"));
	type("/go jo@x");
	event("message",
	    "jo@x/a\ttwo\tenc=none" ARCHIVED("9", "2026-11-22T15:23:54Z"));
	event("replay", "al@x\twords\tstate=failed\tcount=2\tcause=x");
	replayed("since the connection was lost, less than a minute ago: 1 "
		 "message",
	    "");
	view_lines(v);
	line_is(1, "one", 0);
	line_is(2, "two", 1);
	view_replay_end(v);
	event("replay", "al@x\t-\tstate=started\tcount=0");
	event("replay", "al@x\twords\tstate=done\tcount=0");
	replayed("", "");
	view_replay_end(v);

	/* In rooms only what names us is shown, unless one is there. */
	ok(!event("room", ROOM "/n\tsaid\tmine=no\tsrc=history\tid=1") &&
		event("room",
		    ROOM "/n\tal!\tmine=no\tsrc=history\tid=2\tmention=yes") &&
		event("room", ROOM "/n\tsaid\tmine=no\tsrc=live\tid=3"),
	    "of a room's history what names us");
	event("replay", ROOM "\twords\tstate=done\tcount=2");
	ok(view_is_replayed(v), "a room's replay");
	replayed("", ROOM
	    ", since the connection was lost: 2 lines, 1 of them names you");
	view_replay_end(v);
	type("/go " ROOM);
	ok(event("room", ROOM "/n\tsaid\tmine=no\tsrc=history\tid=4"),
	    "and all of it in the room itself");
	event("replay", ROOM "\t-\tstate=started\tcount=0");
	event("room", ROOM "/n\tsaid\tmine=no\tsrc=history\tid=5");
	event("room", ROOM "/n\tal\tmine=no\tsrc=history\tid=6\tmention=yes");
	event("replay", ROOM "\twords\tstate=done\tcount=2");
	replayed("", ROOM ", from the archive: 2 lines, 1 of them names you");
	view_replay_end(v);
	event("state", "al@x\tonline\tcause=-\tresumed=no");
	event("state", "al@x\twaiting\tcause=connection-lost\tin=0");
	event("state", "al@x\tonline\tcause=-\tresumed=no");
	event("room", ROOM "/n\tsaid\tmine=no\tsrc=history\tid=7");
	event("replay", ROOM "\twords\tstate=done\tcount=1");
	replayed("", ROOM ", since the connection was lost: 1 line");
	view_replay_end(v);
	event("state", "al@x\twaiting\tcause=connection-lost\tin=0");
	event("state", "al@x\tonline\tcause=-\tresumed=yes");
	event("room", ROOM "/n\tsaid\tmine=no\tsrc=history\tid=8");
	event("replay", ROOM "\twords\tstate=done\tcount=1");
	replayed("", ROOM ", from the archive: 1 line");
	view_replay_end(v);
	type("/go " BOB);
}

/* Stored lines and their corrections, as an archive has them. */
static void
folding(void)
{
	type("/go kim@x");
	event("sent", "kim@x\tsent\tline=1\tid=s1\tenc=none\ttrust=-");
	view_recall(v,
	    STORED("kim@x/r", "frist", "in",
		"2025-01-01T00:00:00.000Z\tid=1") STORED("kim@x/r", "other",
		"in", "2025-01-01T00:00:01.000Z\tid=2") STORED("kim@x/q",
		"fisrt", "in", "2025-01-01T00:00:02.000Z\tid=3\treplaces=1")
		STORED("kim@x/r", "first", "in",
		    "2025-01-01T00:00:03.000Z\tid=4\treplaces=1") STORED("me@x",
		    "sent", "out", "2025-01-01T00:00:04.000Z\tid=s1"));
	ok(view_lines(v) == 3, "three lines");
	ok(strstr(view_line(v, 0)->text, "\tfirst\t") != NULL,
	    "the last correction stands where the message stood");
	ok(strstr(view_line(v, 1)->text, "\tother\t") != NULL,
	    "before what came after it");
	ok(*view_line(v, 2)->text == 's', "and what is there is not repeated");
}

static void
chosen(void)
{
	world_clear(&w);
	view_free(v);
	world_init(&w, WORLD_CHUNK);
	w.options.terminal = 1;
	w.options.text_to = BOB;
	world_start(&w);
	v = view_new(1);
	view_begin(v, w.client);
	run();
	is_active(BOB, "-t");
	prompts("(offline) " BOB " [_] clear> ");
	world_clear(&w);
	world_init(&w, WORLD_CHUNK);
	w.options.terminal = 1;
	w.options.go = "b\xc3\xb6" BOB;
	world_start(&w);
	view_begin(v, w.client);
	is_active("b\\xc3\\xb6" BOB, "-g, in ASCII");
}

int
main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	world_init(&w, WORLD_CHUNK);
	w.options.terminal = w.options.connect = 1;
	w.options.otr_versions = OTR_V2 | OTR_V3;
	world_start(&w);
	v = view_new(0);
	view_begin(v, w.client);
	run();
	offline();
	turning();
	reading();
	hiding();
	wishing();
	encrypted();
	completion();
	in_a_room();
	invited();
	remembering();
	correcting();
	recalling();
	replaying();
	folding();
	forgetting();
	chosen();
	view_free(v);
	view_free(NULL);
	world_clear(&w);
	return tap_done();
}
