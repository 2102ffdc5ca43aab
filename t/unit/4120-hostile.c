/* Feeds a machine what a hostile or broken peer may send. */
#include <time.h>

#define PAIR_LEAKS "leak:otrl_message_receiving"
#include "t/unit/otr-pair.h"

/* libotr's clock, in place of the system's. */
static time_t clock_now = 1700000000;

time_t
time(time_t *t)
{
	if (t != NULL)
		*t = clock_now;
	return clock_now;
}

/* One body of ALICE for bob, which does not reach him. */
static char *
caught(const char *text)
{
	struct otr_item i;
	char *body = NULL;

	side_say(&alice, text);
	while (otr_next(alice.o, &i))
		if (i.type == OTR_WIRE) {
			free(body);
			body = buf_strdup(i.text);
		}
	return body;
}

static void
give(const char *body)
{
	otr_receive(bob.o, &bob.peer, body);
	side_pull(&bob, &alice);
}

static void
damaged(void)
{
	struct otr_info i;
	char *body;
	size_t n, k;
	int texts, notes;

	pair_open();
	ok(pair_start(), "a session");
	body = caught("once");
	texts = bob.texts;
	notes = bob.notes;
	give(body);
	ok(bob.texts == texts + 1 && strcmp(bob.text, "once") == 0, "read");
	give(body);
	ok(bob.texts == texts + 1 && bob.notes == notes + 1 &&
		bob.note == OTR_NOTE_UNREADABLE,
	    "replayed: not read, and said");
	free(body);
	pair_run();
	ok(alice.note == OTR_NOTE_ERROR &&
		strcmp(alice.error,
		    "An encrypted message could not be read.") == 0,
	    "the peer is told in plain words");

	body = caught("damaged");
	texts = bob.texts;
	/* The last group may differ in bits that mean nothing. */
	n = strlen(body) - 5;
	for (k = 5; k < n; k++) {
		char c = body[k];

		body[k] = c == 'A' ? 'B' : 'A';
		give(body);
		body[k] = c;
	}
	ok(bob.texts == texts, "no damaged byte of %zu gets through", n - 5);
	for (k = 0; k < n; k += 3) {
		char c = body[k];

		body[k] = '\0';
		if (k > 5)
			give(body);
		body[k] = c;
	}
	ok(bob.texts == texts, "nor a torn one");
	otr_info(bob.o, bob.peer.name, &i);
	ok(i.state == OTR_ENCRYPTED, "the session stands");
	give(body);
	ok(bob.texts == texts + 1 && strcmp(bob.text, "damaged") == 0,
	    "the true one is read");
	free(body);
	side_forget(&alice);
	ok(pair_encrypted(3), "and it goes on");
	pair_close();
}

/* BODY in N pieces, as libotr cuts it, to bob. */
static void
pieces(const char *body, size_t n, unsigned from, unsigned to)
{
	size_t k, len = strlen(body), size = (len + n - 1) / n;
	struct buf b;

	buf_init(&b, OTR_MAX_BODY);
	for (k = 0; k < n; k++) {
		buf_reset(&b);
		buf_addf(&b, "?OTR|%08x|%08x,%05zu,%05zu,%.*s,", from, to,
		    k + 1, n,
		    (int)(size < len - k * size ? size : len - k * size),
		    body + k * size);
		give(buf_str(&b));
	}
	buf_clear(&b);
}

static void
fragments(void)
{
	static char big[100001];
	char *body;
	unsigned from, to, k;
	unsigned char raw[16] = {0};
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
				  "qrstuvwxyz0123456789+/";
	struct buf b;
	int texts;

	pair_open();
	ok(pair_start(), "a session");
	body = caught("in pieces");
	/* Header (3 bytes) and the two instance tags: 16 of base64. */
	for (k = 0; k < 16; k++)
		raw[k] = (unsigned char)(strchr(set, body[5 + k]) - set);
#define BYTE(i)                                                                \
	((unsigned)(raw[(i)*8 / 6] << ((i)*8 % 6 + 2) |                        \
		    raw[(i)*8 / 6 + 1] >> (4 - (i)*8 % 6)) &                   \
	    0xff)
	from = BYTE(3) << 24 | BYTE(4) << 16 | BYTE(5) << 8 | BYTE(6);
	to = BYTE(7) << 24 | BYTE(8) << 16 | BYTE(9) << 8 | BYTE(10);
	texts = bob.texts;
	pieces(body, 7, from, to);
	ok(bob.texts == texts + 1 && strcmp(bob.text, "in pieces") == 0,
	    "a message in 7 fragments is read");
	free(body);
	memset(big, 'x', sizeof big - 1);
	buf_init(&b, OTR_MAX_BODY);
	for (k = 1; k <= 200; k++) {
		buf_reset(&b);
		buf_addf(&b, "?OTR|%08x|%08x,%05u,%05u,%s,", from, to, k,
		    60000u, big);
		give(buf_str(&b));
	}
	buf_clear(&b);
	ok(bob.texts == texts + 1, "20 MB of fragments without an end");
	ok(pair_encrypted(3), "change nothing");
	memset(big, 'x', sizeof big - 1);
	body = buf_alloc(OTR_MAX_BODY + 2);
	memset(body, 'A', OTR_MAX_BODY + 1);
	memcpy(body, "?OTR:", 5);
	give(body);
	ok(bob.note == OTR_NOTE_MALFORMED, "a body too large is refused");
	free(body);
	pair_close();
}

static void
base64(const unsigned char *p, size_t n, char *out)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
				  "qrstuvwxyz0123456789+/";

	for (; n >= 3; n -= 3, p += 3, out += 4) {
		out[0] = set[p[0] >> 2];
		out[1] = set[(p[0] << 4 | p[1] >> 4) & 63];
		out[2] = set[(p[1] << 2 | p[2] >> 6) & 63];
		out[3] = set[p[2] & 63];
	}
	*out = '\0';
}

/* A message of KIND from the instance TAG to nobody in particular. */
static void
tagged(unsigned char kind, unsigned tag)
{
	unsigned char raw[11 + 4 + 192 + 4 + 32 + 3] = {0, 3, kind};
	char text[512] = "?OTR:";
	size_t n = 11 + 4 + 192 + 4 + 32, k;

	for (k = 0; k < 4; k++)
		raw[3 + k] = (unsigned char)(tag >> (24 - 8 * k));
	raw[14] = 192;
	raw[11 + 4 + 192 + 3] = 32;
	n = n / 3 * 3; /* 243 */
	base64(raw, n, text + 5);
	strcat(text, ".");
	otr_receive(bob.o, &bob.peer, text);
	side_pull(&bob, NULL);
}

static void
instances(void)
{
	unsigned k;
	int wires;

	pair_open();
	ok(pair_start(), "a session");
	wires = bob.wires;
	bob.peer.now = 1;
	for (k = 0; k < 5000; k++)
		tagged(2, 0x10000 + k * 77777);
	ok(bob.wires - wires <= OTR_MAX_INSTANCES,
	    "5,000 instance tags get %d answers", bob.wires - wires);
	for (k = 0; k < 5000; k++)
		tagged(3, 0x20000 + k * 77777);
	ok(bob.note == OTR_NOTE_IGNORED, "and are then ignored");
	ok(pair_encrypted(3), "the session goes on");
	for (k = 0; k < 100; k++) {
		bob.peer.now += OTR_AUTOMATIC;
		tagged(2, 0x30000 + k);
	}
	ok(bob.note == OTR_NOTE_IGNORED && bob.wires - wires >= 100,
	    "slowly they are answered, and forgotten");
	ok(pair_encrypted(3), "the session goes on");
	pair_close();
}

static void
unasked(void)
{
	char *body;
	int wires;
	struct otr_item i;

	pair_open();
	ok(pair_start(), "a session");
	clock_now += 1000;
	body = caught("long after");
	wires = bob.wires;
	give(body);
	free(body);
	ok(strcmp(bob.text, "long after") == 0 && bob.wires == wires,
	    "no heartbeat is sent");
	pair_close();

	pair_open();
	otr_start(alice.o, &alice.peer);
	side_pull(&alice, &bob);
	bob.peer.now = 10;
	ok(otr_deadline(bob.o) == -1, "nothing to forget");
	side_take(&bob, NULL); /* the commit is lost */
	ok(otr_deadline(bob.o) > 10, "a handshake that is not answered");
	clock_now += 200;
	otr_tick(bob.o, otr_deadline(bob.o) - 1);
	ok(otr_deadline(bob.o) > 10, "is not due");
	otr_tick(bob.o, otr_deadline(bob.o));
	ok(otr_deadline(bob.o) == -1, "is forgotten when it is");
	ok(!otr_next(bob.o, &i), "with nothing sent");
	pair_close();
}

static void
names(void)
{
	char name[64];
	const char *kept = NULL;
	struct otr_item item;
	struct otr_info i;
	unsigned k, notes = 0;

	pair_open();
	/* Many places of one contact, handshakes begun. */
	ok(pair_start(), "a session");
	for (k = 0; k < 100; k++) {
		snprintf(name, sizeof name, "alice@a.example/%u", k);
		bob.peer.name = name;
		give("?OTRv3?");
	}
	kept = otr_encrypted(bob.o, "alice@a.example");
	ok(kept != NULL && strcmp(kept, "alice@a.example/pad") == 0,
	    "100 places do not push the session out");
	/* Many contacts. */
	for (k = 0; k < 3000; k++) {
		snprintf(name, sizeof name, "c%u@x.example/1", k);
		bob.peer.name = name;
		otr_receive(bob.o, &bob.peer, "?OTR:AAMD");
		while (otr_next(bob.o, &item))
			notes++;
	}
	ok(notes > 0, "3,000 contacts, %u items", notes);
	otr_info(bob.o, "alice@a.example/pad", &i);
	ok(i.state == OTR_ENCRYPTED, "neither do they");
	pair_close();
}

static void
junk(void)
{
	static const char *const body[] = {"?OTR:", "?OTR:.", "?OTR:AAMC",
	    "?OTR:AAMC.", "?OTR:AAMCAAAAAAAAAAA=.", "?OTR:AAMK.", "?OTR:AAMR.",
	    "?OTR:AAMS.", "?OTR:AAMD.", "?OTR:AAIC.", "?OTR:AAIK.",
	    "?OTR:AAIR.", "?OTR:AAIS.", "?OTR:AAID.", "?OTR:AAEK.",
	    "?OTR:AAED.", "?OTR|", "?OTR|1|1,1,1,x,", "?OTR|100|0,1,1,x,",
	    "?OTR,1,1,?OTRv3?,", "?OTR,1,1,hello,", "?OTR,0,0,,", "?OTR?",
	    "?OTRv?", "?OTRv1?", "?OTRv4?", "?OTR?v?", "?OTRv", "?OTR:AAMDxx",
	    "?OTR|ffffffff|ffffffff,00001,00002,?OTR:AAMD,"};
	size_t k;

	pair_open();
	ok(pair_start(), "a session");
	for (k = 0; k < sizeof body / sizeof *body; k++)
		give(body[k]);
	ok(bob.texts == 2, "%zu kinds of junk are no text", k);
	pair_run();
	ok(pair_encrypted(3), "and the session goes on");
	pair_close();

	pair_open();
	for (k = 0; k < sizeof body / sizeof *body; k++)
		give(body[k]);
	ok(bob.texts == 0, "nor without a session");
	side_forget(&alice);
	bob.peer.now = OTR_AUTOMATIC;
	ok(pair_start(), "which can then be made");
	pair_close();
}

/* How often WHAT stands on the wire of S. */
static unsigned
count(struct side *s, const char *what)
{
	const char *p = buf_str(&s->wire);
	unsigned n = 0;

	for (; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

/* Gives bob BODY in N pieces, the first of them of FIRST bytes. */
static void
give_pieces(const char *body, unsigned first)
{
	char piece[4096];

	snprintf(piece, sizeof piece, "?OTR|100|0,1,2,%.*s,", (int)first, body);
	give(piece);
	snprintf(piece, sizeof piece, "?OTR|100|0,2,2,%s,", body + first);
	give(piece);
}

/* Handshakes cost: a contact can make us do one a minute. */
static void
often(void)
{
	char *commit;
	unsigned n, k;

	pair_open();
	bob.peer.policies = OTR_WHITESPACE_START_AKE | OTR_ERROR_START_AKE;
	for (n = 0; n < 2000; n++) {
		give(n % 2 ? "?OTRv23?" : "?OTR?v2?");
		give("hi"
		     "\x20\x09\x20\x20\x09\x09\x09\x09\x20\x09\x20\x09"
		     "\x20\x09\x20\x20\x20\x20\x09\x09\x20\x20\x09\x09");
		give("?OTR Error: x");
		side_forget(&alice);
	}
	ok(count(&bob, "?OTR:") == 1 && count(&bob, "?OTRv") == 0 &&
		bob.notes < 2010,
	    "of 2,000 queries one is answered, and it is said once");
	ok(otr_deadline(bob.o) == OTR_AUTOMATIC, "another when it is time");
	otr_tick(bob.o, OTR_AUTOMATIC - 1);
	side_pull(&bob, &alice);
	n = count(&bob, "?OTR:");
	otr_tick(bob.o, OTR_AUTOMATIC);
	side_pull(&bob, &alice);
	ok(n == 1 && count(&bob, "?OTR:") == 2, "a minute later the last is");
	otr_tick(bob.o, 2 * OTR_AUTOMATIC);
	side_pull(&bob, &alice);
	ok(count(&bob, "?OTR:") == 2, "only once");
	ok(pair_run() && pair_encrypted(3), "and makes a session");
	pair_close();

	pair_open();
	otr_receive(alice.o, &alice.peer, "?OTRv3?");
	side_pull(&alice, &bob);
	commit = buf_strdup(bob.box[0]);
	side_forget(&bob);
	for (n = 0; n < 500; n++) {
		give(commit);
		for (k = 1; k < 12; k++)
			give_pieces(commit, k);
		side_forget(&alice);
	}
	ok(count(&bob, "?OTR:AAMK") == 1,
	    "as of their handshakes, in pieces or whole");
	free(commit);
	pair_close();

	pair_open();
	for (n = 0; n < 20; n++) {
		otr_start(alice.o, &alice.peer);
		bob.peer.now += OTR_AUTOMATIC;
		if (!pair_run() || !pair_encrypted(3))
			break;
	}
	ok(n == 20, "those that we have asked for are not counted");
	pair_close();
}

/*
 * A contact that completes each handshake gets a few at once, and one a minute
 * from then on, however long it goes on.
 */
static void
completed(void)
{
	unsigned minute, k, made[3] = {0};
	long long at;
	int ends = 1;

	pair_open();
	for (minute = 0; minute < 30; minute++)
		for (k = 0; k < 100; k++) {
			at = minute * (long long)OTR_AUTOMATIC + k;
			otr_tick(bob.o, at);
			bob.peer.now = at;
			alice.peer.now = at;
			bob.state = OTR_PLAINTEXT;
			otr_start(alice.o, &alice.peer);
			ends &= pair_run();
			made[minute == 0   ? 0
			     : minute < 15 ? 1
					   : 2] += bob.state == OTR_ENCRYPTED;
		}
	ok(ends && made[0] == OTR_MAX_PLACES + 1, "%u handshakes at once",
	    made[0]);
	ok(made[1] <= 14 && made[2] <= 15 && made[1] + made[2] > 20,
	    "%u and %u in the next 29 minutes", made[1], made[2]);
	pair_close();
}

/* The peer says with ERROR that it cannot read us. */
static void
reported(const char *error)
{
	otr_receive(alice.o, &alice.peer, error);
	side_pull(&alice, NULL);
}

/* An error of the peer closes a session, where it may have none. */
static void
doubted(void)
{
	static const char *const lost[] = {
	    "?OTR Error: There is no encrypted session here.",
	    ("?OTR Error: You sent encrypted data to b@x, who wasn't expecting "
	     "it."),
	    "?OTR Error:", "?OTR Error: \xff"};
	static const char *const one[] = {
	    "?OTR Error: You transmitted an unreadable encrypted message.",
	    "?OTR Error: You transmitted a malformed data message.",
	    "?OTR Error: An encrypted message could not be read.",
	    "?OTR Error: A message of no known form was received."};
	struct otr_info i;
	size_t k;

	for (k = 0; k < sizeof lost / sizeof *lost; k++) {
		pair_open();
		ok(pair_start(), "a session");
		reported(lost[k]);
		otr_info(alice.o, alice.peer.name, &i);
		ok(i.closed && alice.state == OTR_FINISHED &&
			side_say(&alice, "no") == -1 &&
			otr_cause(alice.o) == OTR_REFUSED_CLOSED,
		    "no text after error %zu", k);
		ok(side_say(&bob, "still there") == 0 && pair_run() &&
			strcmp(alice.text, "still there") == 0 &&
			side_say(&alice, "no") == -1,
		    "what comes is read, and opens nothing");
		alice.peer.now += OTR_AUTOMATIC;
		ok(pair_start(), "/otr start does");
		pair_close();
	}
	for (k = 0; k < sizeof one / sizeof *one; k++) {
		pair_open();
		ok(pair_start(), "a session");
		reported(one[k]);
		ok(pair_says(&alice, &bob, "on", 1), "one message %zu", k);
		reported(one[k]);
		ok(side_say(&alice, "no") == -1, "and another are too many");
		alice.peer.now += OTR_AUTOMATIC;
		ok(pair_start(), "/otr start helps");
		reported(one[k]);
		ok(pair_encrypted(3), "one, and they write");
		reported(one[k]);
		ok(pair_encrypted(3), "one, and they write");
		pair_close();
	}
	pair_open();
	ok(pair_start(), "a session");
	alice.peer.name = "bob@b.example/2";
	reported(lost[0]);
	alice.peer.name = "bob@b.example/1";
	ok(pair_encrypted(3), "another place cannot close it");
	pair_close();
}

int
main(void)
{
	often();
	completed();
	doubted();
	damaged();
	fragments();
	instances();
	unasked();
	names();
	junk();
	return tap_done();
}
