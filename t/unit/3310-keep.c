/*
 * Tests what the machine asks the loop to store, and what it does with what the
 * directory holds, without a directory.
 */
#include <stdlib.h>
#include <string.h>

#include "line/disk/histories.h"
#include "line/disk/position.h"
#include "line/disk/users.h"
#include "omemo/contact.h"
#include "store/history.h"
#include "t/unit/file.h"
#include "t/unit/tap.h"

static const unsigned char seed[32] = {1}, pin[TLS_PIN] = {2};

/* The machine, what it wrote, and what it wanted to be stored. */
struct world {
	struct client *c;
	struct buf text, stored;
	const char *fails; /* operations on this name fail */
	/* Names and texts of files in users/ that are only listed, and NULL. */
	const char *const (*listed)[2];
};

static void
open_world(struct world *w, int read_only)
{
	struct client_options o = {.jid = "me@example.org/t",
	    .password = "x",
	    .name = "example.org",
	    .pin = pin,
	    .wait = 1,
	    .seed = seed,
	    .read_only = read_only};

	memset(w, 0, sizeof *w);
	buf_init(&w->text, 1 << 24);
	buf_init(&w->stored, 1 << 24);
	w->c = client_new(&o);
	client_now(w->c, 1000, 1795362628123);
}

static void
close_world(struct world *w)
{
	client_free(w->c);
	buf_clear(&w->text);
	buf_clear(&w->stored);
}

/* Hands the file users/NAME of the sample to the machine. */
static void
users_sample(struct world *w, const char *sample, const char *name)
{
	char path[256];
	struct buf text;

	buf_init(&text, 1 << 20);
	snprintf(path, sizeof path, "t/samples/%s/users/%s", sample, name);
	file_read(path, &text);
	client_keep(w->c, name, buf_data(&text), buf_len(&text));
	buf_clear(&text);
}

static void
keep(struct world *w, const char *name, const char *text)
{
	client_keep(w->c, name, text, strlen(text));
}

static void
read_history(struct world *w, const struct client_store *x)
{
	struct history *h = history_new("bob@jl.test", x->count, 0);
	struct buf text;

	buf_init(&text, 1 << 20);
	file_read("t/samples/live-alice/histories/bob@jl.test", &text);
	history_feed(h, buf_data(&text), buf_len(&text));
	history_end(h);
	client_history(w->c, h);
	history_free(h);
	buf_clear(&text);
}

/* Hands the listed file NAME to the machine; none is there without a text. */
static void
read_listed(struct world *w, const char *name)
{
	size_t i;

	for (i = 0; w->listed[i][0] != NULL; i++)
		if (strcmp(w->listed[i][0], name) == 0 &&
		    w->listed[i][1] != NULL)
			client_keep(w->c, name, w->listed[i][1],
			    strlen(w->listed[i][1]));
}

/* Does what the loop does: what is to be stored, then the text. */
static void
turn(struct world *w)
{
	static const char *const words[] = {"replace", "append", "overwrite",
	    "remove", "aside", "history", "enter", "create", "keep", "lock",
	    "read", "unlock", "wish", "mark"};
	const struct client_store *x;
	const unsigned char *p;
	const char *why;
	size_t n;

	while ((x = client_store(w->c)) != NULL) {
		buf_addf(&w->stored, "%s %s %.*s\n", words[x->what], x->name,
		    (int)x->len, (const char *)x->bytes);
		why = w->fails != NULL && strcmp(w->fails, x->name) == 0
			  ? "the disk is full"
			  : NULL;
		if (x->what == CLIENT_HISTORY && why == NULL)
			read_history(w, x);
		if (x->what == CLIENT_KEEP && why == NULL)
			read_listed(w, x->name + 6);
		client_stored(w->c, why);
	}
	p = client_text_buf(w->c, &n);
	buf_add(&w->text, p, n);
	client_text_done(w->c, n);
}

static void
say(struct world *w, const char *line)
{
	client_input(w->c, line, strlen(line));
	turn(w);
}

/* How often TEXT stands in B. */
static int
count(struct buf *b, const char *text)
{
	const char *p = buf_str(b);
	int n = 0;

	while ((p = strstr(p, text)) != NULL) {
		p += strlen(text);
		n++;
	}
	return n;
}

static void
test_samples(void)
{
	static const char *const names[] = {"alice@example.org",
	    "bob@example.org", "carol@example.org", "erin@example.org",
	    "frank@xn--bcher-kva.example", "jackline@conference.example.org",
	    "plain@conference.example.org", "secret@conference.example.org",
	    NULL};
	struct world w;
	size_t i;

	open_world(&w, 0);
	for (i = 0; names[i] != NULL; i++)
		users_sample(&w, "gen-full", names[i]);
	client_start(w.c);
	say(&w, "/contacts all\n/info\n");
	ok(strncmp(buf_str(&w.text), "hello\t", 6) == 0, "hello comes first");
	ok(count(&w.text, "warning\t") == 0, "every sample is read");
	ok(buf_len(&w.stored) == 0, "nothing changed, nothing is stored");
	close_world(&w);
}

static void
test_log(void)
{
	struct world w;
	struct buf text;

	buf_init(&text, 1 << 20);
	file_read("t/samples/live-alice/users/bob@jl.test", &text);
	open_world(&w, 0);
	users_sample(&w, "live-alice", "bob@jl.test");
	client_start(w.c);
	say(&w, "/go bob@jl.test\n/info\n");
	ok(count(&w.text, "logging=yes") == 1, "the event says logging=yes");
	say(&w, "/log on\n");
	ok(buf_len(&w.stored) == 0, "what is on already is not stored");
	say(&w, "/log off\n/info\n");
	ok(count(&w.stored, "replace users/bob@jl.test (1\n") == 1 &&
		count(&w.stored, "(preserve_history false)") == 1,
	    "off: its file is written");
	ok(count(&w.text, "logging=yes") == 1,
	    "and the event no longer says so");
	buf_reset(&w.stored);
	say(&w, "/log on\n");
	ok(strncmp(buf_str(&w.stored), "replace users/bob@jl.test ", 26) == 0 &&
		buf_len(&w.stored) == 26 + buf_len(&text) + 1 &&
		memcmp(buf_data(&w.stored) + 26, buf_data(&text),
		    buf_len(&text)) == 0,
	    "on again: to the byte what it was");
	buf_reset(&w.stored);
	say(&w, "/log off\n/log on\n/log off\n/log on\n");
	ok(count(&w.stored, "replace") == 4, "each line waits for its own");
	buf_reset(&w.stored);
	say(&w, "/go new@example.org\n/log on\n");
	ok(count(&w.stored, "replace users/new@example.org") == 1,
	    "a new contact gets a file");
	say(&w, "/log off\n");
	ok(count(&w.stored, "remove users/new@example.org") == 1,
	    "and none when nothing is left to keep");
	buf_reset(&w.stored);
	say(&w, "/log\n/log maybe\n/go me@example.org\n/log on\n");
	ok(count(&w.text, "cause=usage") == 2 &&
		count(&w.text, "cause=policy") == 1 && buf_len(&w.stored) == 0,
	    "what is no sense, and our own account");
	buf_clear(&text);
	close_world(&w);
}

static void
test_unreadable(void)
{
	struct world w;

	open_world(&w, 0);
	keep(&w, "a@example.org", "(1 ((name ())");
	keep(&w, "b@example.org",
	    "(1((name())(bare_jid(c example.org))(groups())(preserve_history "
	    "true)(properties())(subscription None)(otr_fingerprints())))");
	keep(&w, "no jid", "(1 ())");
	keep(&w, "x/y@example.org", "");
	client_start(w.c);
	turn(&w);
	ok(count(&w.text, "warning\t") == 4, "four files, four warnings");
	ok(count(&w.text, "a@example.org\tusers/a@example.org is left alone: "
			  "line 1, column ") == 1,
	    "the file, line and column");
	ok(count(&w.text, "users/b@example.org is left alone: what is inside "
			  "is about another JID") == 1,
	    "another JID inside");
	ok(count(&w.text, "-\tusers/no\\sjid") +
		    count(&w.text, "-\tusers/no jid") ==
		1,
	    "what is no JID is nobody");
	say(&w, "/go a@example.org\n/log on\n/go b@example.org\n/log on\n");
	ok(buf_len(&w.stored) == 0, "neither is overwritten");
	ok(count(&w.text, "line=2\tcause=store") == 1 &&
		count(&w.text, "line=4\tcause=store") == 1 &&
		count(&w.text, "line=-\tcause=store") == 0,
	    "which is the answer of the line");
	say(&w, "/go c@example.org\n/log on\n");
	ok(count(&w.stored, "replace users/c@example.org") == 1,
	    "others go on as ever");
	close_world(&w);
}

static const char spelled[] =
    "(1((name())(bare_jid(Bob Example.Org))(groups())(preserve_history "
    "false)(properties())(subscription None)(otr_fingerprints(((data "
    "070c11161b20252a2f34393e43484d52575c6166)(verified Unverified)"
    "(resources())(session_count 1)(first 0)(last 0))))"
    "(otr_custom_config())))";

static void
test_spelling(void)
{
	struct world w;

	open_world(&w, 0);
	keep(&w, "Bob@Example.Org", spelled);
	client_start(w.c);
	say(&w, "/go bob@example.org\n/log on\n/history\n");
	ok(count(&w.text, "warning") == 0 &&
		count(&w.stored, "replace users/Bob@Example.Org ") == 1 &&
		count(&w.stored, "history histories/Bob@Example.Org ") == 1,
	    "a file keeps the spelling of its name");
	close_world(&w);
	open_world(&w, 0);
	keep(&w, "BOB@example.org", spelled);
	keep(&w, "Bob@Example.Org", spelled);
	keep(&w, "bob@example.org", spelled);
	client_start(w.c);
	say(&w, "/go bob@example.org\n/log on\n");
	ok(count(&w.text, "warning\t") == 2 &&
		count(&w.stored, "replace users/bob@example.org ") == 1 &&
		count(&w.stored, "replace") == 1,
	    "of several the prepared one; the others are told and left");
	close_world(&w);
	open_world(&w, 0);
	keep(&w, "Bob@Example.Org", "(");
	keep(&w, "bob@example.org", spelled);
	client_start(w.c);
	say(&w, "/go bob@example.org\n/log on\n");
	ok(count(&w.stored, "replace users/bob@example.org ") == 1,
	    "one that is readable is better than one that is not");
	close_world(&w);
}

#define LOGGED(local)                                                          \
	"(1((name())(bare_jid(" local " example.org))(groups())"               \
	"(preserve_history true)(properties())(subscription None)"             \
	"(otr_fingerprints())))"

static const char *const listed[][2] = {{"Bob@Example.Org", "("},
    {"a@example.org", LOGGED("a")}, {"b@example.org", LOGGED("b")},
    {"bob@example.org", spelled}, {"c@example.org", LOGGED("c")},
    {"d@example.org", "(1"}, {"gone@example.org", NULL},
    {"r@example.org", "(1((room_jid(r example.org))(my_nick me)"
		      "(preserve_messages false)(autojoin true)"
		      "(password())))"},
    {NULL, NULL}};

/* Opens a world with the files LISTED. Returns how many are wanted at once. */
static int
open_listed(struct world *w, int read_only)
{
	int wanted = 0;
	size_t i;

	open_world(w, read_only);
	w->listed = listed;
	for (i = 0; listed[i][0] != NULL; i++)
		wanted += client_listed(w->c, listed[i][0]);
	return wanted;
}

static void
test_listed(void)
{
	const char *why;
	struct world w;

	ok(open_listed(&w, 0) == 0, "what is listed is not read at once");
	ok(client_listed(w.c, "no jid") == 1, "but for what is no JID");
	client_start(w.c);
	say(&w, "/info\n/help\na@example.org\n/say b@example.org\n");
	ok(count(&w.stored, "keep") == 1 &&
		count(&w.stored, "keep users/b@example.org") == 1,
	    "only what follows a command may be somebody");
	say(&w, "/go a@example.org\n/info\n");
	ok(count(&w.stored, "keep") == 2 && count(&w.text, "logging=yes") == 1,
	    "a contact is read when it is needed");
	say(&w, "/with xmpp:C@example.org /label x /info\n/log off\n");
	ok(count(&w.stored, "keep") == 3 &&
		count(&w.text, "logging=yes") == 2 &&
		count(&w.stored, "remove users/a@example.org ") == 1,
	    "once, and whatever way it is named");
	say(&w, "/with bob@example.org /log on\n");
	ok(count(&w.stored, "keep") == 5 &&
		count(&w.stored, "replace users/bob@example.org ") == 1,
	    "with all spellings of its name");
	say(&w, "/with d@example.org /info\n/with d@example.org /log on\n"
		"/with gone@example.org /log on\n");
	ok(count(&w.text, "users/d@example.org is left alone: line 1, column "
			  "3: ") == 1 &&
		count(&w.stored, "replace users/d@example.org") == 0,
	    "a damaged one is told then, and left alone");
	ok(count(&w.stored, "replace users/gone@example.org ") == 1,
	    "one that is gone was never there");
	say(&w, "/contacts all\n");
	ok(count(&w.stored, "keep") == 8 && count(&w.text, "\tkind=room") == 1,
	    "all are read for those who want to see all");
	close_world(&w);

	open_listed(&w, 0);
	w.fails = "users/a@example.org";
	client_start(w.c);
	say(&w, "/info\n/go b@example.org\n/with a@example.org /info\n"
		"/info\n");
	ok(count(&w.text, "ok\t") == 2 && count(&w.text, "error\t") == 0 &&
		client_done(w.c),
	    "one that cannot be read ends it");
	ok(client_status(w.c, &why) == 78 && strstr(why, "full") != NULL,
	    "by 78");
	close_world(&w);

	open_listed(&w, 1);
	client_start(w.c);
	say(&w, "/connect\n");
	ok(count(&w.stored, "keep") == 0, "with -r nobody is read at login");
	close_world(&w);
	open_listed(&w, 0);
	client_start(w.c);
	say(&w, "/connect\n");
	ok(count(&w.stored, "keep") == 8, "without it all, as for the rooms");
	close_world(&w);
}

static void
users_old(struct world *w, const char *path)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	file_read(path, &text);
	client_keep_old(w->c, buf_data(&text), buf_len(&text));
	buf_clear(&text);
}

/* Returns where in B TEXT stands first. */
static size_t
place(struct buf *b, const char *text)
{
	const char *p = strstr(buf_str(b), text);

	return p == NULL ? (size_t)-1 : (size_t)(p - buf_str(b));
}

static void
test_old(void)
{
	struct world w;

	open_world(&w, 0);
	users_old(&w, "t/samples/legacy-v2/users.sexp");
	client_start(w.c);
	turn(&w);
	ok(count(&w.stored, "replace users/a@example.org (1\n") == 1 &&
		count(&w.stored, "replace users/b@example.org (1\n") == 1,
	    "an old users.sexp: one file each");
	ok(count(&w.stored, "remove users.sexp") == 1 &&
		place(&w.stored, "remove users.sexp") >
		    place(&w.stored, "replace users/b@example.org"),
	    "then it goes");
	close_world(&w);
	open_world(&w, 0);
	w.fails = "users/a@example.org";
	users_old(&w, "t/samples/legacy-v2/users.sexp");
	client_start(w.c);
	turn(&w);
	ok(count(&w.stored, "users.sexp") == 0 &&
		count(&w.text, "cause=store") == 1,
	    "it stays where one of them could not be written");
	close_world(&w);
	open_world(&w, 0);
	users_old(&w, "t/samples/legacy-v0/users.sexp");
	client_start(w.c);
	turn(&w);
	ok(count(&w.stored, "replace") == 2 &&
		count(&w.stored, "aside users.sexp") == 1 &&
		count(&w.text, "warning\t") == 1 &&
		count(&w.text, "users.sexp: line 1, column ") == 1,
	    "set aside where a record in it is unreadable");
	close_world(&w);
	open_world(&w, 0);
	client_keep_old(w.c, "((", 2);
	client_start(w.c);
	turn(&w);
	ok(buf_len(&w.stored) == 0 && count(&w.text, "warning\t") == 1,
	    "left alone where all of it is");
	close_world(&w);
	open_world(&w, 0);
	keep(&w, "a@example.org", "(");
	users_old(&w, "t/samples/legacy-v2/users.sexp");
	client_start(w.c);
	turn(&w);
	ok(count(&w.stored, "users/a@example.org") == 0 &&
		count(&w.stored, "aside users.sexp") == 1,
	    "no file in users/ is overwritten by it");
	close_world(&w);
}

static void
test_history(void)
{
	struct world w;

	open_world(&w, 0);
	client_start(w.c);
	say(&w, "/history\n/go bob@jl.test\n/history 2\n/label L /history "
		"1\n/history 0\n/history -1\n/history 1x\n/help history\n");
	ok(count(&w.text, "cause=no-contact") == 1, "of whom?");
	ok(count(&w.text, "history\t") == 3 &&
		count(&w.text, "\thistory\t") == 0,
	    "as many as asked for");
	ok(count(&w.text,
	       "\tdir=in\tenc=otr\treceived=yes\t"
	       "stamp=2026-11-22T15:50:28.271Z\tkind=chat\tlabel=L") == 1,
	    "with the stamp, kind and label");
	ok(place(&w.text, "encrypted again") < place(&w.text, "/me waves"),
	    "the oldest first");
	ok(count(&w.text, "ok\t") == 4 && count(&w.text, "cause=usage") == 3,
	    "each line is answered once");
	w.fails = "histories/bob@jl.test";
	say(&w, "/history\n");
	ok(count(&w.text, "the disk is full\tline=9\tcause=store") == 1,
	    "one that cannot be read is the line's error");
	close_world(&w);
}

static void
test_failure(void)
{
	const char *why;
	struct world w;

	open_world(&w, 0);
	client_start(w.c);
	w.fails = "users/bob@example.org";
	say(&w, "/go bob@example.org\n/log on\n");
	ok(count(&w.text, "error\t") == 1 && count(&w.text, "ok\t") == 1 &&
		count(&w.text, "bob@example.org\tthe disk is full; nothing is "
			       "kept\tline=2\tcause=store\n") == 1,
	    "a failure is the answer of the line");
	say(&w, "/info\n");
	ok(count(&w.text, "\t-\tline=3\n") == 1, "it goes on");
	ok(client_status(w.c, &why) == 74 && strstr(why, "full") != NULL,
	    "and ends by 74");
	close_world(&w);
	open_world(&w, 1);
	users_old(&w, "t/samples/legacy-v2/users.sexp");
	client_start(w.c);
	say(&w, "/go a@example.org\n/log off\n/log on\n/history 1\n");
	ok(count(&w.stored, "history histories/a") == 1 &&
		count(&w.stored, "\n") == 1 && count(&w.text, "history\t") == 1,
	    "-r stores nothing, and reads");
	close_world(&w);
}

/* A peer or a room may have a name that no file can have. */
static void
test_no_name(void)
{
	static const char *const jids[] = {"..@example.org/x", ".@example.org",
	    ".hidden@example.org/pad", NULL};
	char longest[300];
	struct user *u;
	struct world w;
	size_t i, k, n = 0;
	const char *p, *jid;

	memset(longest, 'a', sizeof longest);
	strcpy(longest + 240, "@example.org/x");
	open_world(&w, 0);
	for (i = 0; i < 4; i++)
		for (k = 0; k < 3; k++) {
			jid = jids[i] == NULL ? longest : jids[i];
			u = users_need(w.c, jid);
			user_use(u, "00", "x", 0);
			users_noted(w.c, u);
		}
	p = (const char *)client_text_buf(w.c, &k);
	for (i = 0; i + 7 < k; i++)
		n += memcmp(p + i, "warning", 7) == 0;
	ok(client_store(w.c) == NULL, "nothing of them is stored");
	ok(n == 4, "a warning for each, once: %zu", n);
	close_world(&w);
}

/* Hands the machine the record of NAME, made by OMEMO: a wish, and used. */
static void
keep_wish(struct world *w, const char *name, enum omemo_wish how, int used)
{
	struct omemo_contact contact;
	struct buf text;

	omemo_contact_init(&contact);
	contact.wish = how;
	contact.used = used;
	buf_init(&text, 1 << 16);
	omemo_contact_print(&contact, &text);
	client_keep_wish(w->c, name, buf_data(&text), buf_len(&text));
	omemo_contact_clear(&contact);
	buf_clear(&text);
}

static void
test_wishes(void)
{
	static const char *const shown[] = {
	    "; never in the clear, as OMEMO was used",
	    "none: text is sent in the clear\t",
	    "omemo: text is encrypted by OMEMO; OMEMO is off here"};
	struct world w;

	open_world(&w, 0);
	keep_wish(&w, "used@example.org", OMEMO_WISH_AUTO, 1);
	keep_wish(&w, "clear@example.org", OMEMO_WISH_NONE, 1);
	keep_wish(&w, "omemo@example.org", OMEMO_WISH_OMEMO, 0);
	keep_wish(&w, "@device", OMEMO_WISH_NONE, 1);
	client_keep_wish(w.c, "bad@example.org", "(1 (x))", 7);
	client_start(w.c);
	say(&w, "/with used@example.org /encryption\n"
		"/with clear@example.org /encryption\n"
		"/with omemo@example.org /encryption\n");
	ok(count(&w.text, shown[0]) == 1, "a record says that it was used");
	ok(count(&w.text, shown[1]) == 1, "or what the user wished");
	ok(count(&w.text, shown[2]) == 1, "or that nothing else will do");
	ok(count(&w.text, "bad@example.org\tomemo/bad@example.org is left "
			  "alone: ") == 1 &&
		count(&w.text, "warning\t") == 1,
	    "one that is damaged is a warning, one of no JID is not");
	say(&w, "/with clear@example.org /encryption otr verified\n");
	ok(buf_len(&w.stored) == 0, "a setting for this run is not stored");
	say(&w, "/with clear@example.org /encryption otr verified keep\n");
	ok(count(&w.stored, "wish omemo/clear@example.org") == 1,
	    "with keep it is");
	w.fails = "omemo/clear@example.org";
	say(&w, "/with clear@example.org /encryption auto keep\n");
	ok(count(&w.text, "the disk is full; it holds for this run only") == 1,
	    "or the answer is an error");
	close_world(&w);

	open_world(&w, 1);
	client_start(w.c);
	say(&w, "/with a@example.org /encryption none\n"
		"/with a@example.org /encryption none keep\n");
	ok(count(&w.text, "ok\t") == 1 && count(&w.text, "cause=store") == 1 &&
		buf_len(&w.stored) == 0,
	    "with -r: for this run, and never stored");
	close_world(&w);
}

/* A position that is held back is stored once it no longer is. */
static void
test_held_position(void)
{
	struct position *p;
	struct world w;

	open_world(&w, 0);
	p = position_of(w.c, "me@example.org");
	position_follow(p);
	client_hold_positions(w.c, 1);
	position_enter(w.c, p, "id1", NULL, 1795362628, POSITION_LINE);
	turn(&w);
	position_enter(w.c, p, "id2", NULL, 1795362629, POSITION_LINE);
	turn(&w);
	ok(buf_len(&w.stored) == 0, "a position that is held is not stored");
	client_hold_positions(w.c, 0);
	turn(&w);
	ok(strcmp(buf_str(&w.stored),
	       "enter positions/me@example.org id1 1795362628\n"
	       "id2 1795362629\n\n") == 0,
	    "until all was shown");
	close_world(&w);
}

/* Keeps TEXT from or, with an ID, to JID. */
static void
chat(struct world *w, const char *jid, const char *id, const char *text)
{
	if (id == NULL)
		histories_in(w->c, HISTORY_CHAT, jid, text, strlen(text), NULL);
	else
		histories_out(w->c, jid, id, text, strlen(text), NULL);
}

static struct buf appended; /* the bytes of the last append */

/*
 * Does the next operation at AT. Returns 1 if it appends to NAME records that
 * hold TEXTS, each followed by a `;`, of which the first bytes count.
 */
static int
appends(struct world *w, const char *name, const char *texts, int64_t at)
{
	static const char mark[] = "(message ";
	const struct client_store *x = client_store(w->c);
	struct buf seen;
	const char *p;
	int same;

	if (x == NULL || x->what != CLIENT_APPEND || strcmp(x->name, name) != 0)
		return 0;
	buf_init(&seen, 1 << 16);
	buf_clear(&appended);
	buf_init(&appended, 1 << 24);
	buf_add(&appended, x->bytes, x->len);
	for (p = buf_str(&appended); (p = strstr(p, mark)) != NULL; p++)
		buf_addf(&seen, "%.*s;",
		    (int)strcspn(p, ")") > 20 ? 3 : (int)strcspn(p, ")") - 9,
		    p + 9);
	same = strcmp(buf_str(&seen), texts) == 0;
	buf_clear(&seen);
	client_appended(w->c, at);
	client_stored(w->c, NULL);
	return same;
}

/* Returns the offset in the last append of the record of the message ID. */
static int64_t
record_of(const char *id)
{
	const char *p = strstr(buf_str(&appended), id);

	while (strncmp(p, "(3(((", 5) != 0)
		p--;
	return p - buf_str(&appended);
}

/* Returns 1 if the next operation marks the record of ID, at AT, as received.
 */
static int
marks(struct world *w, int64_t at, const char *id)
{
	const struct client_store *x = client_store(w->c);
	int good = x != NULL && x->what == CLIENT_OVERWRITE && x->at == at;
	struct buf bytes;

	if (!good)
		return 0;
	buf_init(&bytes, 1 << 16);
	buf_add(&bytes, x->bytes, x->len);
	good = strstr(buf_str(&bytes), id) != NULL;
	buf_clear(&bytes);
	client_stored(w->c, NULL);
	return good;
}

/* Records of one wake-up are one append for each history. */
static void
test_appends(void)
{
	static const char bob[] = "bob@example.org/pad";
	static const char eve[] = "eve@example.org";
	static const char bobs[] = "histories/bob@example.org";
	static const char eves[] = "histories/eve@example.org";
	size_t n = ((size_t)1 << 20) - 200;
	char *big = buf_alloc(n + 1);
	int64_t third, fifth;
	struct world w;

	memset(big, 'b', n);
	open_world(&w, 0);
	client_start(w.c);
	users_need(w.c, bob)->preserve = 1;
	users_need(w.c, eve)->preserve = 1;
	chat(&w, bob, NULL, "one");
	chat(&w, eve, NULL, "two");
	chat(&w, bob, "id3", "three");
	chat(&w, eve, NULL, "four");
	chat(&w, bob, "id5", "five");
	chat(&w, "carol@example.org", NULL, "not kept");
	ok(appends(&w, bobs, "one;three;five;", 1000),
	    "records of one wake-up are one append");
	third = 1000 + record_of("id3");
	fifth = 1000 + record_of("id5");
	ok(appends(&w, eves, "two;four;", 0) && client_store(w.c) == NULL,
	    "for each file");
	chat(&w, bob, NULL, "one");
	ok(appends(&w, bobs, "one;", 0), "the next wake-up has its own");
	histories_received(w.c, bob, "id5");
	histories_received(w.c, bob, "id3");
	histories_received(w.c, bob, "id3");
	ok(marks(&w, fifth, "id5") && marks(&w, third, "id3") &&
		client_store(w.c) == NULL,
	    "a receipt finds its record among them, once");
	chat(&w, bob, NULL, "one");
	users_read(w.c, bobs, 1, USERS_READING_RECALL);
	chat(&w, bob, NULL, "two");
	ok(appends(&w, bobs, "one;", 0) &&
		client_store(w.c)->what == CLIENT_HISTORY,
	    "what is read between them is read between them");
	client_stored(w.c, NULL);
	ok(appends(&w, bobs, "two;", 0), "the other one follows");
	chat(&w, bob, NULL, "one");
	client_store(w.c);
	chat(&w, bob, NULL, "two");
	ok(appends(&w, bobs, "one;", 0) && appends(&w, bobs, "two;", 0),
	    "nothing joins an append that was handed out");
	chat(&w, bob, NULL, "one");
	chat(&w, bob, NULL, big);
	chat(&w, bob, NULL, big);
	chat(&w, bob, NULL, "two");
	ok(client_store(w.c)->len < 200, "too many are not joined");
	client_stored(w.c, NULL);
	ok(appends(&w, bobs, "bbb;", 0) && appends(&w, bobs, "bbb;", 0) &&
		appends(&w, bobs, "two;", 0),
	    "and keep their order");
	free(big);
	buf_clear(&appended);
	close_world(&w);
}

int
main(void)
{
	test_appends();
	test_no_name();
	test_samples();
	test_log();
	test_unreadable();
	test_listed();
	test_spelling();
	test_old();
	test_history();
	test_failure();
	test_wishes();
	test_held_position();
	return tap_done();
}
