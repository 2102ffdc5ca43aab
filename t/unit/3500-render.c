/* Event lines as rows: what is shown how, folded where, and hostile ones. */
#include <stdlib.h>
#include <string.h>

#include "line/tty/render.h"
#include "t/unit/tap.h"

static struct render_style style;
static struct colours colours;
static struct buf out;

/* Enough for these tests: Latin, marks, ideographs, and one of no width. */
static int
width(uint32_t cp)
{
	if (cp == 0x301)
		return 0;
	if (cp == 0x2fffd)
		return -1;
	return cp >= 0x3000 && cp < 0xa000 ? 2 : cp < ' ' ? -1 : 1;
}

static int ahead;

/* Summer begins, an hour more, with 2026-11-23T12:00:00Z. */
static int
zone(int64_t t)
{
	return ahead + (t >= INT64_C(1795435200000) ? 3600 : 0);
}

static void
reset(int columns, int depth)
{
	colours_init(&colours);
	memset(&style, 0, sizeof style);
	style.columns = columns;
	style.depth = depth;
	style.colours = &colours;
	style.width = width;
	style.zone = zone;
	ahead = 0;
	style.active = field_of("bob@x");
	style.day = -1;
}

/* The rows of the event `TAG TIME` and what follows, borrowed. */
static const char *
rows(const char *tag, const char *rest, enum render_as as, int *count)
{
	struct fields f;
	struct buf line;

	buf_init(&line, 65536);
	buf_addf(&line, "%s\t2026-11-22T15:23:54.123Z\t%s", tag, rest);
	buf_clear(&out);
	buf_init(&out, 65536);
	*count = -1;
	if (fields_read(&f, buf_str(&line), buf_len(&line)) == 0)
		*count = render_event(&style, &f, as, &out);
	buf_clear(&line);
	return buf_str(&out);
}

static void
is(const char *tag, const char *rest, enum render_as as, const char *wanted)
{
	int count, lines = 0;
	const char *got = rows(tag, rest, as, &count), *p;

	for (p = got; *p != '\0'; p++)
		lines += *p == '\n';
	if (!ok(strcmp(got, wanted) == 0 && lines == count, "%s %s", tag, rest))
		printf("# got %d: %s# wanted: %s", count, got, wanted);
}

/* No row is longer than the terminal, and only the first is not indented. */
static int
keeps_its_place(const char *text, int indent)
{
	int column = 0, row = 0;

	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			row++;
			column = 0;
			continue;
		}
		if (row > 0 && column < indent && *text != ' ')
			return 0;
		if (((unsigned char)*text & 0xc0) != 0x80)
			column += (unsigned char)*text >= 0xe3 ? 2 : 1;
		if (column >= style.columns)
			return 0;
	}
	return row > 0;
}

static void
words(void)
{
	reset(80, 0);
	is("failed",
	    "bob@x\tWe do not speak to that other server at all any "
	    "more.\tline=1"
	    "\tid=a\tcause=not-allowed",
	    RENDER_PLAIN,
	    "15:23:54 * failed: We do not speak to that other server at all "
	    "any more. "
	    "\n             (not allowed)\n");
	is("error", "-\tHEX is no HEX\tline=1\tcause=config", RENDER_PLAIN,
	    "15:23:54 * HEX is no HEX\n");
	is("error", "-\tthe server refused it\tline=1\tcause=item-not-found",
	    RENDER_PLAIN,
	    "15:23:54 * the server refused it (item not found)\n");
	is("error", "-\twe are not there\tline=1\tcause=not-acceptable",
	    RENDER_PLAIN, "15:23:54 * we are not there\n");
	is("failed", "bob@x\t-\tline=1\tid=a\tcause=timeout", RENDER_PLAIN,
	    "15:23:54 * failed: no answer came in time\n");
	is("state", "-\twaiting\tcause=dns\tin=9", RENDER_PLAIN,
	    "15:23:54 * waiting: the name of the server could not be resolved; "
	    "trying again \n             in 9 s\n");
	is("state", "-\toffline\tcause=tls-name", RENDER_PLAIN,
	    "15:23:54 * offline: the certificate is for another name\n");
	is("sent", "bob@x\t/me nods\tline=1\tid=a\tenc=none", RENDER_PLAIN,
	    "15:23:54 ?-> * you nods\n");
	is("sent", "bob@x\thi\tline=1\tid=a\tenc=otr", RENDER_DELIVERED,
	    "15:23:54 -O> hi\n");
	is("sent", "bob@x\thi\tline=1\tid=a\tenc=none", RENDER_FAILED,
	    "15:23:54 !-> hi\n");
	is("replay", "a@x\tall is told\tstate=done\tcount=3", RENDER_PLAIN,
	    "15:23:54 a@x * all is told\n");
	is("replay", "a@x\tbegins\tstate=started\tcount=0\tafter=b",
	    RENDER_PLAIN, "");
	is("replay", "a@x\tall is told\tstate=done\tcount=0", RENDER_PLAIN, "");
	is("replay", "a@x\tlost\tstate=lost\tcount=1", RENDER_PLAIN,
	    "15:23:54 a@x * lost\n");
	is("history", "a@x\thi\tdir=out\tenc=none\treceived=yes", RENDER_PLAIN,
	    "15:23:54 --> hi\n");
	is("history", "a@x\thi\tdir=out\tenc=none\treceived=no", RENDER_PLAIN,
	    "15:23:54  -> hi\n");
	is("history", "a@x\thi\tdir=out\tenc=otr\treceived=no", RENDER_PLAIN,
	    "15:23:54  O> hi\n");
	is("history", "a@x\thi\tdir=out\tenc=none\treceived=no", RENDER_OPEN,
	    "15:23:54 ?-> hi\n");
	is("history", "a@x\thi\tdir=out\tenc=none\treceived=no", RENDER_FAILED,
	    "15:23:54 !-> hi\n");
	style.self = field_of("alice@x/t");
	is("sent", "bob@x\t/me nods\tline=1\tid=a\tenc=none", RENDER_PLAIN,
	    "15:23:54 ?-> * alice nods\n");
	is("history", "bob@x/eve\thello\tdir=in\tenc=none\tkind=groupchat",
	    RENDER_PLAIN, "15:23:54 <-- eve: hello\n");
}

/* Events that call for a command have it in their row. */
static void
test_hints(void)
{
	reset(80, 0);
	is("otr", "bob@x/r\tencrypted\ttrust=verified\tfp=abcdefab12",
	    RENDER_PLAIN,
	    "15:23:54 bob@x/r * otr: encrypted, the key is verified abcdefab "
	    "12\n");
	is("otr", "bob@x/r\tencrypted\ttrust=unverified\tfp=ab\tnew=yes",
	    RENDER_PLAIN,
	    "15:23:54 bob@x/r * otr: encrypted, the key is new and unverified "
	    "ab; /with \n             bob@x /smp question QUESTION verifies "
	    "it\n");
	is("smp", "bob@x/r\twho?\tstate=asked", RENDER_PLAIN,
	    "15:23:54 bob@x/r * smp: they ask: who?; /with bob@x /smp answer "
	    "SECRET answers,\n             and no message does\n");
	is("invite", "bob@x\tcome\troom=den@y", RENDER_PLAIN,
	    "15:23:54 * invites you to den@y: come; /join den@y enters "
	    "it\n");
}

static void
plain(void)
{
	int count;

	reset(80, 0);
	is("message", "bob@x/r\thello\tenc=none\ttrust=-", RENDER_PLAIN,
	    "15:23:54 <-- hello\n");
	is("message", "bob@x/r\thello\tenc=otr\ttrust=verified", RENDER_PLAIN,
	    "15:23:54 <O- hello\n");
	is("message", "bob@x/r\thello\tenc=omemo\ttrust=verified", RENDER_PLAIN,
	    "15:23:54 <M- hello\n");
	is("sent", "bob@x\thi\tline=1\tid=a\tenc=omemo", RENDER_PLAIN,
	    "15:23:54 ?M> hi\n");
	is("sent", "bob@x\thi\tline=1\tid=a\tenc=omemo", RENDER_DELIVERED,
	    "15:23:54 -M> hi\n");
	is("sent", "bob@x\thi\tline=1\tid=a\tenc=omemo", RENDER_FAILED,
	    "15:23:54 !M> hi\n");
	is("message", "eve@x/r\thello\tenc=none\ttrust=-", RENDER_PLAIN,
	    "15:23:54 eve@x/r <-- hello\n");
	is("message", "bob@x/r\t/me waves\tenc=none", RENDER_PLAIN,
	    "15:23:54 <-- * bob waves\n");
	is("message", "bob@x/r\t/meat\tenc=none", RENDER_PLAIN,
	    "15:23:54 <-- /meat\n");
	is("sent", "bob@x/r\thello\tline=1\tid=a\tenc=none", RENDER_PLAIN,
	    "15:23:54 ?-> hello\n");
	is("sent", "bob@x/r\thello\tline=1\tid=a\tenc=otr", RENDER_PLAIN,
	    "15:23:54 ?O> hello\n");
	is("sent", "bob@x/r\thello\tline=1\tid=a\tenc=otr", RENDER_DELIVERED,
	    "15:23:54 -O> hello\n");
	is("delivered", "bob@x\t-\tline=1\tid=a", RENDER_PLAIN,
	    "15:23:54 --> delivered\n");
	is("acked", "bob@x\t-\tline=1\tid=a", RENDER_PLAIN, "");
	is("room", "bob@x/nick\thello\tmine=no\tsrc=live", RENDER_PLAIN,
	    "15:23:54 <-- nick: hello\n");
	is("ok", "-\t-\tline=1", RENDER_PLAIN, "");
	is("ok", "-\tnothing to do\tline=1", RENDER_PLAIN,
	    "15:23:54 * nothing to do\n");
	is("error", "-\tno such thing\tline=1\tcause=usage", RENDER_PLAIN,
	    "15:23:54 * no such thing\n");
	is("presence", "eve@x/r\tlunch\tshow=away\twas=online\tprio=0",
	    RENDER_PLAIN, "15:23:54 eve@x/r * is away: lunch\n");
	is("presence", "eve@x/r\t-\tshow=away\twas=away\tprio=0", RENDER_PLAIN,
	    "15:23:54 eve@x/r * is away\n");
	is("message", "bob@x/r\tof\tenc=none\tid=2\treplaces=1", RENDER_PLAIN,
	    "15:23:54 <-- of (corrected)\n");
	is("message", "bob@x/r\tof\tenc=none\tid=2\tdup=maybe", RENDER_PLAIN,
	    "15:23:54 <-- of (maybe seen before)\n");
	is("member",
	    "bob@x/nick\tlunch\tshow=away\trole=none\taffiliation=none\t"
	    "jid=eve@x/r",
	    RENDER_PLAIN, "15:23:54 * nick is away, none, eve@x/r: lunch\n");
	is("member", "bob@x/nick\t-\tshow=offline\trole=-\tnick=other",
	    RENDER_PLAIN, "15:23:54 * nick is now other\n");
	is("member", "c@x/nick\t-\tshow=offline\trole=-", RENDER_PLAIN,
	    "15:23:54 c@x * nick left\n");
	is("topic", "bob@x/nick\t\\e", RENDER_PLAIN,
	    "15:23:54 * topic: none\n");
	is("message", "bob@x/r\thi\tenc=none\tstamp=2026-11-22T11:00:00Z",
	    RENDER_PLAIN, "15:23:54 <-- hi (11:00:00)\n");
	is("room", "bob@x/n\thi\tmine=no\tstamp=2026-11-21T11:00:00.12Z",
	    RENDER_PLAIN, "15:23:54 <-- n: hi (2026-11-21 11:00:00)\n");
	is("message", "bob@x/r\thi\tenc=none\tstamp=yesterday", RENDER_PLAIN,
	    "15:23:54 <-- hi\n");
	is("history",
	    "bob@x\thi\tdir=in\tenc=none\treceived=yes\t"
	    "stamp=2026-11-22T11:00:00.000Z",
	    RENDER_PLAIN, "11:00:00 <-- hi\n");
	is("state", "me@x/r\tonline\tcause=-\thost=x\taddr=y\tcert=ab\tsasl=z",
	    RENDER_PLAIN, "15:23:54 * online  host x\n");
	is("message", "bob@x/r\thello\tenc=none", RENDER_RAW,
	    "message  2026-11-22T15:23:54.123Z  bob@x/r  hello  enc=none\n");
	ok(*rows("nonsense", "-\tb", RENDER_PLAIN, &count) == '\0' &&
		count == -1,
	    "no event");
}

/* The notation of the original. */
static void
people(void)
{
	static const struct {
		const char *sub, *show, *want;
	} all[] = {{"both", "online", " [o] eve@x"},
	    {"from", "free", " FfF eve@x"}, {"to", "away", " TaT eve@x"},
	    {"none", "dnd", " ?d? eve@x"}, {"remove", "xa", " RxR eve@x"},
	    {"both", "offline", " [_] eve@x"}};
	char rest[300], want[300];
	size_t i;

	reset(200, 0);
	for (i = 0; i < sizeof all / sizeof *all; i++) {
		snprintf(rest, sizeof rest,
		    "eve@x\t-\tshow=%s\tsub=%s\tunread=0\tenc=none\ttrust=-\t"
		    "kind=user\tsessions=1",
		    all[i].show, all[i].sub);
		snprintf(want, sizeof want, "15:23:54 %s\n", all[i].want);
		is("contact", rest, RENDER_PLAIN, want);
	}
	is("contact",
	    "me@x\t-\tshow=dnd\tsub=none\tunread=0\tenc=none\ttrust=-\t"
	    "kind=self\tsessions=1",
	    RENDER_PLAIN, "15:23:54  {d} me@x\n");
	is("contact",
	    "bob@x\tBob\tshow=away\tsub=both\tunread=0\tenc=otr\t"
	    "trust=verified\tkind=user\tsessions=2\tlogging=yes",
	    RENDER_PLAIN,
	    "15:23:54 +[a] bob@x - Bob (otr, verified) (logged)\n");
	is("contact",
	    "bob@x\tBob\tshow=away\tsub=both\tunread=0\tenc=none\t"
	    "trust=-\tkind=user\tsessions=12\texpanded=yes",
	    RENDER_PLAIN, "15:23:54  [a] bob@x - Bob\n");
	is("contact",
	    "bob@x\t-\tshow=away\tsub=both\tunread=3\tenc=none\ttrust=-\t"
	    "kind=user\tsessions=2",
	    RENDER_PLAIN, "15:23:54 *[a] bob@x (3 unread)\n");
	is("contact",
	    "den@x\tthe topic\tshow=online\tsub=none\tunread=0\tenc=none\t"
	    "trust=-\tkind=room\tsessions=12",
	    RENDER_PLAIN, "15:23:54 +o(12) den@x - the topic\n");
	is("contact",
	    "den@x\t\\e\tshow=offline\tsub=none\tunread=0\tenc=none\t"
	    "trust=-\tkind=room\tsessions=0\texpanded=yes",
	    RENDER_PLAIN, "15:23:54  _(0) den@x - no topic\n");
}

static void
sessions(void)
{
	reset(200, 0);
	is("session",
	    "bob@x/pad/2\tout to lunch\tshow=xa\tprio=-5\tenc=none\ttrust=-\t"
	    "best=yes\treceipts=seen",
	    RENDER_PLAIN,
	    "15:23:54  x pad/2 (best) (-5) (receipts seen) - out to lunch\n");
	is("session",
	    "bob@x\t-\tshow=online\tprio=0\tenc=otr\ttrust=revoked\t"
	    "receipts=unknown\tactive=yes",
	    RENDER_PLAIN,
	    "15:23:54  o bob@x (active) (0) (receipts unknown) "
	    "(otr, revoked)\n");
	is("session",
	    "den@x/n\\sick\t-\tshow=online\tprio=-\tenc=none\ttrust=-\t"
	    "role=moderator\taffiliation=owner\tjid=eve@x/r",
	    RENDER_PLAIN, "15:23:54  om n\\sick (owner) (eve@x/r)\n");
	is("session",
	    "den@x/v\t-\tshow=away\tprio=-\tenc=none\ttrust=-\trole=visitor",
	    RENDER_PLAIN, "15:23:54  av v\n");
	is("subscription", "eve@x\tit is me\ttype=subscribe", RENDER_PLAIN,
	    "15:23:54 eve@x * asks to see when you are online - it is me; "
	    "/authorization allow eve@x lets them, /authorization cancel "
	    "eve@x does not\n");
	is("subscription", "eve@x\t-\ttype=unsubscribed", RENDER_PLAIN,
	    "15:23:54 eve@x * does not let you see their presence\n");
	is("roster", "eve@x\tEve\tsub=none\tpending=yes\tgroup=A\\sB\tgroup=C",
	    RENDER_PLAIN,
	    "15:23:54 eve@x * is a contact: you do not see each other's "
	    "presence; they have not answered yet (group A\\sB) (group C) - "
	    "Eve\n");
	is("roster", "eve@x\t-\tsub=remove", RENDER_PLAIN,
	    "15:23:54 eve@x * is no longer a contact\n");
	is("info", "bob@x\tBob's\tline=1", RENDER_PLAIN, "15:23:54 * Bob's\n");
	is("info", "bob@x\t\\e\tline=1", RENDER_PLAIN, "15:23:54 bob@x * \n");
	is("info", "bob@x\t-\tline=1", RENDER_PLAIN, "15:23:54 bob@x * \n");
	reset(200, 16);
	is("contact",
	    "eve@x\t-\tshow=away\tsub=to\tenc=otr\ttrust=verified\t"
	    "kind=user\tsessions=1",
	    RENDER_PLAIN,
	    "15:23:54 \033[32m TaT eve@x (otr, verified)\033[0m\n");
	is("session", "eve@x/r\t-\tshow=away\tprio=0\tenc=none\ttrust=-",
	    RENDER_PLAIN, "15:23:54 \033[31m a r (0)\033[0m\n");
}

static void
times(void)
{
	reset(80, 0);
	style.dates = 1;
	ahead = 9 * 3600;
	is("info", "-\ta\tline=1", RENDER_PLAIN, "2026-11-23\n00:23:54 * a\n");
	is("info", "-\tb\tline=1", RENDER_PLAIN, "00:23:54 * b\n");
	ahead = -16 * 3600;
	is("info", "-\tc\tline=1", RENDER_PLAIN, "2026-11-21\n23:23:54 * c\n");
	/* Events stored or sent in the other half of the year. */
	reset(80, 0);
	ahead = 3600;
	is("history", "bob@x\thi\tdir=in\tenc=none\tstamp=2026-11-23T12:00:00Z",
	    RENDER_PLAIN, "14:00:00 <-- hi\n");
	is("history", "bob@x\thi\tdir=in\tenc=none\tstamp=2026-11-23T11:59:59Z",
	    RENDER_PLAIN, "12:59:59 <-- hi\n");
	is("message", "bob@x/r\thi\tenc=none\tstamp=2026-11-23T12:00:00Z",
	    RENDER_PLAIN, "16:23:54 <-- hi (2026-11-23 14:00:00)\n");
}

static void
folding(void)
{
	static const int widths[] = {10, 20, 39, 40, 41, 80};
	char text[600] = "bob@x/r\t", *p;
	int count, i;

	reset(40, 0);
	is("message",
	    "bob@x/r\tone two three four five six seven eight\tenc=none",
	    RENDER_PLAIN,
	    "15:23:54 <-- one two three four five \n"
	    "             six seven eight\n");
	is("message", "bob@x/r\tone\\n11:11:11 <-- two\tenc=none", RENDER_PLAIN,
	    "15:23:54 <-- one\\n\n             11:11:11 <-- two\n");
	is("message", "bob@x/r\tone\\\\n two\\n\tenc=none", RENDER_PLAIN,
	    "15:23:54 <-- one\\\\n two\\n\n");
	is("message", "bob@x/r\ta\U0002fffdb\tenc=none", RENDER_PLAIN,
	    "15:23:54 <-- a\\u{2fffd}b\n");
	for (i = 0; i < 6; i++) {
		reset(widths[i], 0);
		for (p = text + 8; p < text + 500; p++)
			*p = (p - text) % (7 + i) == 0 ? ' ' : 'x';
		strcpy(p, "\tenc=none");
		ok(keeps_its_place(rows("message", text, RENDER_PLAIN, &count),
		       widths[i] < 40 ? 2 : 13),
		    "words in %d columns", widths[i]);
		memset(text + 8, ' ', 300);
		ok(keeps_its_place(rows("message", text, RENDER_PLAIN, &count),
		       widths[i] < 40 ? 2 : 13),
		    "blanks in %d columns", widths[i]);
		for (p = text + 8; p < text + 500; p += 3)
			memcpy(p, "\u65e5", 3);
		strcpy(p, "\tenc=none");
		ok(keeps_its_place(rows("message", text, RENDER_PLAIN, &count),
		       widths[i] < 40 ? 2 : 13),
		    "wide ones in %d columns", widths[i]);
	}
	ok(render_width(&style, "a\u65e5e\u0301", 7) == 4, "columns of a text");
}

static void
coloured(void)
{
	reset(80, 256);
	is("message", "bob@x/r\thello\tenc=none", RENDER_PLAIN,
	    "15:23:54 <-- hello\n");
	is("room", "bob@x/nick\tyou\tmine=no\tmention=yes", RENDER_PLAIN,
	    "15:23:54 \033[1;4m<-- nick: you\033[0m\n");
	is("sent", "bob@x/r\thello\tline=1\tid=a\tenc=none", RENDER_PLAIN,
	    "15:23:54 \033[38;5;243m?-> hello\033[0m\n");
	is("error", "-\tno\tline=1", RENDER_PLAIN,
	    "15:23:54 \033[31m* no\033[0m\n");
	is("otr", "bob@x\tencrypted\ttrust=-", RENDER_PLAIN,
	    "15:23:54 \033[38;5;28m* otr: encrypted\033[0m\n");
	is("otr", "bob@x\tencrypted\ttrust=revoked", RENDER_PLAIN,
	    "15:23:54 \033[31m* otr: encrypted, the key is revoked\033[0m\n");
	is("fingerprint",
	    "bob@x\t0123456789\ttrust=verified\thow=smp\tfirst=2026-11-01\t"
	    "last=2026-11-22\tsessions=2\tresource=pad\tactive=yes",
	    RENDER_PLAIN,
	    "15:23:54 \033[38;5;28m* fingerprint 01234567 89 verified by smp, "
	    "first seen 2026-11-01, last\n             seen 2026-11-22, with "
	    "pad, in use now\033[0m\n");
	is("smp", "bob@x\twho?\tstate=started", RENDER_PLAIN,
	    "15:23:54 \033[38;5;100m* smp: they are asked: who?\033[0m\n");
	is("smp", "bob@x\t-\tstate=succeeded\ttrust=verified", RENDER_PLAIN,
	    "15:23:54 \033[38;5;28m* smp: succeeded: they know the secret, the "
	    "key is verified\033[0m\n");
	is("smp", "bob@x\t-\tstate=succeeded\ttrust=unverified", RENDER_PLAIN,
	    "15:23:54 \033[38;5;243m* smp: succeeded\033[0m\n");
	is("smp", "bob@x\t-\tstate=failed", RENDER_PLAIN,
	    "15:23:54 \033[31m* smp: failed: the secrets differ, the key is "
	    "not verified\033[0m\n");
	is("state", "me@x/r\toffline\tcause=tls-pin\tcert=0123456789",
	    RENDER_PLAIN,
	    "15:23:54 \033[31m* offline: the certificate does not have the "
	    "configured fingerprint; \n             the server's is 01234567 "
	    "89\033[0m\n");
	is("fingerprint", "bob@x\tab\ttrust=verified", RENDER_PLAIN,
	    "15:23:54 \033[38;5;28m* fingerprint ab verified\033[0m\n");
	is("fingerprint", "bob@x\tab\ttrust=unverified", RENDER_PLAIN,
	    "15:23:54 \033[31m* fingerprint ab unverified\033[0m\n");
	is("otr", "bob@x\tfinished\ttrust=-", RENDER_PLAIN,
	    "15:23:54 \033[31m* otr: they ended the encrypted session; "
	    "/with bob@x /otr start begins\n             another, /with bob@x "
	    "/otr stop allows clear text\033[0m\n");
	reset(80, 16);
	is("sent", "bob@x/r\thello\tline=1\tid=a\tenc=none", RENDER_PLAIN,
	    "15:23:54 \033[90m?-> hello\033[0m\n");
	colours.kind[HISTORY_CHAT] =
	    (struct colours_entry){COLOURS_RGB, {5, 0, 1}};
	is("message", "bob@x/r\thello\tenc=none", RENDER_PLAIN,
	    "15:23:54 \033[91m<-- hello\033[0m\n");
	/* A dark colour is not taken for black. */
	is("otr", "bob@x\tencrypted\ttrust=-", RENDER_PLAIN,
	    "15:23:54 \033[32m* otr: encrypted\033[0m\n");
	is("warning", "-\tno\tline=1", RENDER_PLAIN,
	    "15:23:54 \033[33m* no\033[0m\n");
	style.depth = 256;
	is("message", "bob@x/r\thello\tenc=none", RENDER_PLAIN,
	    "15:23:54 \033[38;5;197m<-- hello\033[0m\n");
}

/*
 * There is a row for each event that a pipe writes, save for two, and as it is
 * (F12) it has the columns of that line.
 */
static void
all_tags(void)
{
	const char *rest = "bob@x\tsome words\tenc=none", *got;
	char wanted[200];
	enum event_tag tag;
	int count;

	reset(200, 0);
	for (tag = 0; tag < EVENT_TAGS; tag++) {
		rows(event_name(tag), rest, RENDER_PLAIN, &count);
		ok(count == (tag != EVENT_ACKED), "%s: a row", event_name(tag));
		got = rows(event_name(tag), rest, RENDER_RAW, &count);
		snprintf(wanted, sizeof wanted,
		    "%s  2026-11-22T15:23:54.123Z  bob@x  some words  "
		    "enc=none\n",
		    event_name(tag));
		ok(count == 1 && strcmp(got, wanted) == 0, "%s: as it is",
		    event_name(tag));
	}
	rows("ok", "bob@x\t-\tline=1", RENDER_PLAIN, &count);
	ok(count == 0, "nor one for an answer without words");
}

/* One dim row, however long the message was. */
static int
occupant(void *data, struct field peer)
{
	(void)data;
	return peer.n > 6 && memcmp(peer.p, "den@x/", 6) == 0;
}

/* A private message never looks like what is said to the room. */
static void
asides(void)
{
	reset(80, 0);
	style.occupant = occupant;
	style.active = field_of("den@x");
	is("room", "den@x/eve\thm\tmine=no\tsrc=live\tid=a", RENDER_PLAIN,
	    "15:23:54 <-- eve: hm\n");
	is("message",
	    "den@x/eve\tboss: hm\tenc=none\ttrust=-\tsrc=live\tkind=chat\tid=a",
	    RENDER_PLAIN, "15:23:54 den@x/eve <-- boss: hm\n");
	is("message",
	    "den@x/eve\t/me nods\tenc=none\ttrust=-\tsrc=live\tkind=chat\t"
	    "id=a",
	    RENDER_PLAIN, "15:23:54 den@x/eve <-- * eve nods\n");
	is("sent", "den@x/eve\thm\tline=1\tid=a\tenc=none\ttrust=-",
	    RENDER_PLAIN, "15:23:54 den@x/eve ?-> hm\n");
	is("history",
	    "den@x/eve\thm\tdir=in\tenc=none\treceived=yes\tkind=groupchat",
	    RENDER_PLAIN, "15:23:54 <-- eve: hm\n");
}

static void
receipts(void)
{
	static const char event[] =
	    "delivered\t2026-11-22T15:23:54.123Z\tbob@x\t-\tline=1\tid=a";
	struct fields f;

	fields_read(&f, event, sizeof event - 1);
	reset(40, 0);
	buf_reset(&out);
	ok(render_receipt(&style, &f, field_of("hello"), &out) == 1 &&
		strcmp(buf_str(&out),
		    "15:23:54 \033[2m--> delivered: hello\033[0m\n") == 0,
	    "a receipt: %s", buf_str(&out));
	buf_reset(&out);
	ok(render_receipt(&style, &f,
	       field_of("one\\ntwo three four five six seven"), &out) == 1 &&
		strcmp(buf_str(&out), "15:23:54 \033[2m--> delivered: "
				      "one\\ntwo three~\033[0m\n") == 0,
	    "of a long one: %s", buf_str(&out));
	reset(10, 0);
	buf_reset(&out);
	ok(render_receipt(&style, &f, field_of("hello"), &out) > 0,
	    "in ten columns: %s", buf_str(&out));
	buf_reset(&out);
	reset(40, 0);
	ok(render_receipt(&style, &f, field_of(NULL), &out) == 1,
	    "of one that is forgotten: %s", buf_str(&out));
}

/* The row of a mark with EVENT behind its TIME, about MARKED, or NULL. */
static void
is_mark(const char *event, const char *marked, const char *row)
{
	struct fields f, about;
	char line[300], other[300];

	snprintf(
	    line, sizeof line, "mark\t2026-11-22T15:23:54.123Z\t%s", event);
	fields_read(&f, line, strlen(line));
	if (marked != NULL) {
		snprintf(other, sizeof other, "%s", marked);
		fields_read(&about, other, strlen(other));
	}
	buf_reset(&out);
	ok(render_mark(&style, &f, marked == NULL ? NULL : &about, &out) == 1 &&
		strcmp(buf_str(&out), row) == 0,
	    "%s: %s", event, buf_str(&out));
}

static void
marks(void)
{
	static const char hello[] = "message\t2026-11-22T15:23:50.000Z\t"
				    "bob@x/pad\thello";
	static const char room[] = "room\t2026-11-22T15:23:50.000Z\t"
				   "den@x/eve\thello";
	static const char sent[] =
	    "sent\t2026-11-22T15:23:50.000Z\tden@x\thello";

	reset(50, 0);
	is_mark("bob@x/pad\tha ha\ttype=reaction\tof=a", hello,
	    "15:23:54 \033[2m* bob ha ha: hello\033[0m\n");
	is_mark("bob@x/pad\t-\ttype=reaction\tof=a", hello,
	    "15:23:54 \033[2m* bob took the reaction back: hello\033[0m\n");
	is_mark("bob@x/pad\t-\ttype=retraction\tof=a", NULL,
	    "15:23:54 \033[2m* bob took back\033[0m\n");
	style.occupant = occupant;
	style.active = field_of("den@x");
	is_mark("den@x/eve\t-\ttype=retraction\tof=a", room,
	    "15:23:54 \033[2m* eve took back: hello\033[0m\n");
	is_mark("den@x/mod\t-\ttype=retraction\tof=a", room,
	    "15:23:54 \033[2m* mod removed a message of eve: "
	    "hello\033[0m\n");
	is_mark("den@x/mod\t-\ttype=retraction\tof=a", sent,
	    "15:23:54 \033[2m* mod removed a message of yours: "
	    "hello\033[0m\n");
	is_mark("den@x/mod\t-\ttype=retraction\tof=a", NULL,
	    "15:23:54 \033[2m* mod removed a message\033[0m\n");
	is_mark("den@x\t-\ttype=retraction\tof=a", NULL,
	    "15:23:54 \033[2m* den removed a message\033[0m\n");
	reset(50, 0);
	is_mark("bob@x/pad\t-\ttype=displayed\tof=a",
	    "message\t2026-11-22T15:23:50.000Z\tme@x\t"
	    "one\\ntwo three four five six seven",
	    "15:23:54 \033[2m* bob saw: one\\ntwo three four five "
	    "six~\033[0m\n");
	is("own", "bob@x/pad\thm\tenc=none\tfrom=alice@x/phone\treplaces=a",
	    RENDER_PLAIN, "15:23:54  -> hm (sent with phone) (corrected)\n");
}

int
main(void)
{
	words();
	test_hints();
	plain();
	people();
	sessions();
	times();
	folding();
	coloured();
	all_tags();
	asides();
	receipts();
	marks();
	buf_clear(&out);
	return tap_done();
}
