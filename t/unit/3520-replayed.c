/*
 * The row above what a replay has brought, and the one about others: counts in
 * words, how long ago, and the line that is remembered.
 */
#include <stdlib.h>
#include <string.h>

#include "line/tty/replayed.h"
#include "t/unit/tap.h"

#define NOW    INT64_C(1767323000000)
#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static struct replayed r;

/* Counts N events of KIND about PEER, each at T. */
static void
count(const char *peer, int n, enum replayed_kind kind, int64_t t)
{
	while (n-- > 0)
		replayed_count(&r, field_of(peer), t, kind);
}

/* Says that N messages of the bare JID are unread. */
static void
unread(const char *jid, unsigned n)
{
	struct replayed_contact *o = map_find(&r.by_jid, jid);

	if (o != NULL)
		o->unread = n;
}

/* The row about ACTIVE, of whom LINES are shown, and about others. */
static void
says(const char *active, size_t lines, const char *above, const char *below)
{
	struct buf a, b;

	buf_init(&a, 65536);
	buf_init(&b, 65536);
	replayed_words(&r, field_of(active), lines, NOW, &a);
	replayed_others(&r, field_of(active), NOW, &b);
	ok(strcmp(buf_str(&a), above) == 0, "%s: %s", above, buf_str(&a));
	ok(strcmp(buf_str(&b), below) == 0, "%s: %s", below, buf_str(&b));
	buf_clear(&a);
	buf_clear(&b);
}

static void
active(void)
{
	replayed_begin(&r, REPLAYED_LEFT, NOW - 2 * HOUR);
	count("bob@x/pad", 14, REPLAYED_MESSAGE, NOW - HOUR);
	says("bob@x", 14, "since you left, 2 hours ago: 14 messages", "");
	count("bob@x/pad", 2, REPLAYED_REACTION, NOW);
	count("bob@x", 1, REPLAYED_RETRACTION, NOW);
	count("bob@x/phone", 1, REPLAYED_UNREADABLE, NOW);
	count("bob@x/phone", 9, REPLAYED_DISPLAYED, NOW);
	says("bob@x/pad", 3,
	    "since you left, 2 hours ago: 14 messages, 2 reactions, 1 taken "
	    "back, 1 that cannot be read here; here the last 3, Ctrl-p: "
	    "earlier",
	    "");
	/* A replay goes on over a lost connection. */
	replayed_begin(&r, REPLAYED_LOST, NOW);
	ok(r.why == REPLAYED_LEFT && r.count == 27, "one that is open goes on");
	replayed_shown(&r, field_of("bob@x"));
	says("bob@x", 0, "", "");
	replayed_clear(&r);
	says("bob@x", 0, "", "");
}

static void
ago(void)
{
	static const struct {
		int64_t before;
		const char *words;
	} times[] = {{0, "less than a minute"},
	    {MINUTE - 1, "less than a "
			 "minute"},
	    {MINUTE, "1 minute"}, {HOUR - 1, "59 minutes"}, {HOUR, "1 hour"},
	    {48 * HOUR - 1, "47 hours"}, {48 * HOUR, "2 days"},
	    {-HOUR, "less than a minute"}};
	char row[200];
	size_t i;

	for (i = 0; i < sizeof times / sizeof *times; i++) {
		replayed_begin(&r, REPLAYED_LOST, NOW - times[i].before);
		count("bob@x", 1, REPLAYED_MESSAGE, 0);
		snprintf(row, sizeof row,
		    "since the connection was lost, %s ago: 1 message",
		    times[i].words);
		says("bob@x", 1, row, "");
		replayed_clear(&r);
	}
	/* Messages of before the beginning that were not told then. */
	replayed_begin(&r, REPLAYED_LEFT, NOW - HOUR);
	count("bob@x", 1, REPLAYED_MESSAGE, NOW - 3 * HOUR);
	says("bob@x", 1, "since you left, 3 hours ago: 1 message", "");
	replayed_clear(&r);
	replayed_begin(&r, REPLAYED_LEFT, 0);
	count("bob@x", 1, REPLAYED_MESSAGE, 0);
	says("bob@x", 1, "since you left: 1 message", "");
	replayed_clear(&r);
	replayed_begin(&r, REPLAYED_ASKED, NOW - HOUR);
	count("bob@x", 1, REPLAYED_NOTE, NOW);
	says("bob@x", 1, "from the archive: 1 note", "");
	replayed_clear(&r);
}

static void
others(void)
{
	char jid[16];
	int i;

	replayed_begin(&r, REPLAYED_LEFT, NOW - HOUR);
	count("bob@x", 1, REPLAYED_MESSAGE, NOW);
	count("carol@x/a", 2, REPLAYED_MESSAGE, NOW);
	count("dave@x/b", 3, REPLAYED_MESSAGE, NOW);
	count("erin@x", 3, REPLAYED_REACTION, NOW);
	unread("carol@x", 1);
	says("bob@x", 1, "since you left, 1 hour ago: 1 message",
	    "1 unread from carol@x, 3 more read elsewhere");
	unread("bob@x", 1);
	says(NULL, 0, "",
	    "since you left, 1 hour ago: 1 unread from bob@x, 1 unread from "
	    "carol@x, 3 more read elsewhere");
	unread("bob@x", 0);
	unread("carol@x", 0);
	says(NULL, 0, "", "since you left, 1 hour ago: 6 read elsewhere");
	replayed_clear(&r);
	replayed_begin(&r, REPLAYED_LEFT, NOW - HOUR);
	for (i = 0; i < REPLAYED_NAMED + 2; i++) {
		snprintf(jid, sizeof jid, "c%02d@x", i);
		count(jid, 1, REPLAYED_MESSAGE, NOW);
		unread(jid, 5);
	}
	says(NULL, 0, "",
	    "since you left, 1 hour ago: 5 unread from c00@x, 5 unread from "
	    "c01@x, 5 unread from c02@x, 5 unread from c03@x, 5 unread from "
	    "c04@x, 5 unread from c05@x, 5 unread from c06@x, 5 unread from "
	    "c07@x, 10 unread from others");
	replayed_clear(&r);
}

/* Returns what the event LINE is to R. */
static enum replayed_kind
sorted(const char *line)
{
	struct fields f;

	if (fields_read(&f, line, strlen(line)) == -1)
		return REPLAYED_KINDS;
	return replayed_sort(&r, &f);
}

#define AT "\t2026-01-02T03:04:05.000Z\tbob@x/pad\t"

static void
kinds(void)
{
	static const struct {
		const char *line;
		enum replayed_kind kind;
	} lines[] = {
	    {"message" AT "hi\tenc=none\tarchived=1", REPLAYED_MESSAGE},
	    {"message" AT "hi\tenc=none", REPLAYED_NOT},
	    {"own" AT "hi\tenc=none\tarchived=1", REPLAYED_MESSAGE},
	    {"room" AT "hi\tmine=no\tarchived=1", REPLAYED_NOT},
	    {"info" AT "calls\tkind=call\tarchived=1", REPLAYED_NOTE},
	    {"mark" AT "x\ttype=reaction\tof=1\tarchived=1", REPLAYED_REACTION},
	    {"mark" AT "-\ttype=retraction\tof=1\tarchived=1",
		REPLAYED_RETRACTION},
	    {"mark" AT "-\ttype=displayed\tof=1\tarchived=1",
		REPLAYED_DISPLAYED},
	    {"warning" AT "why\tcause=unreadable\tarchived=1",
		REPLAYED_UNREADABLE},
	    {"warning" AT "why\tcause=limit\tarchived=1", REPLAYED_NOT}};
	size_t i;

	ok(sorted(lines[0].line) == REPLAYED_NOT, "no replay: nothing of it");
	replayed_begin(&r, REPLAYED_LEFT, 0);
	for (i = 0; i < sizeof lines / sizeof *lines; i++)
		ok(sorted(lines[i].line) == lines[i].kind, "%s", lines[i].line);
	replayed_clear(&r);
}

/* LINE is remembered as WANTED, with the time T. */
static void
remembered(const char *line, int64_t t, const char *wanted)
{
	struct fields f;
	struct buf b;

	buf_init(&b, 4096);
	fields_read(&f, line, strlen(line));
	replayed_line(&f, t, &b);
	ok(strcmp(buf_str(&b), wanted) == 0, "%s: %s", line, buf_str(&b));
	buf_clear(&b);
}

int
main(void)
{
	active();
	ago();
	others();
	kinds();
	remembered("message" AT "hi\tid=1\tstamp=2026-01-01T00:00:00Z\ta=b", 0,
	    "message\t2026-01-01T00:00:00.000Z\tbob@x/pad\thi\tid=1\ta=b");
	remembered("message" AT "hi\tid=1\tstamp=2027-01-01T00:00:00Z", 0,
	    "message" AT "hi\tid=1\tstamp=2027-01-01T00:00:00Z");
	remembered("message" AT "stamp=2020-01-01T00:00:00Z\tid=1", 0,
	    "message" AT "stamp=2020-01-01T00:00:00Z\tid=1");
	remembered("message" AT "hi\tid=1\tstamp=2026-01-01T00:00:00Z",
	    1700000000000,
	    "message\t2023-11-14T22:13:20.000Z\tbob@x/pad\thi\tid=1");
	return tap_done();
}
