/*
 * Our device and one of python-omemo, which shares no code with libomemo-c:
 * bundles and messages as XML, both ways.
 */
#ifdef NO_OMEMO
#include "t/unit/skip-omemo.h"
#else
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "t/unit/omemo-element.h"
#include "t/unit/omemo-pair.h"

#define ALICE "alice@example.org"
#define BOB   "bob@example.org"

static FILE *to, *from;
static pid_t child;
static char answer[1 << 16];
static struct buf text;
static struct xml *reader;
static struct arena arena; /* of the bundle of the peer */

static struct host *a;
static struct host *peer; /* only its account, number and bundle */
static uint32_t bob;

/* Starts python-omemo; 0 if it is not there. */
static int
start_peer(void)
{
	int in[2], out[2];

	if (system("/usr/bin/python3 -c 'import oldmemo.etree' 2>/dev/null") !=
	    0)
		return 0;
	if (pipe(in) == -1 || pipe(out) == -1 || (child = fork()) == -1)
		return 0;
	if (child == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execl("/usr/bin/python3", "python3", "t/peer/peer-omemo.py",
		    (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to = fdopen(in[1], "w");
	from = fdopen(out[0], "r");
	return 1;
}

static void
end_peer(void)
{
	fclose(to);
	fclose(from);
	waitpid(child, NULL, 0);
}

/* Gives the peer a command; its answer without the newline. */
static const char *
tell_peer(const char *verb, const char *jid, const char *rest)
{
	fprintf(to, "%s%s%s%s%s\n", verb, jid[0] == '\0' ? "" : " ", jid,
	    rest[0] == '\0' ? "" : " ", rest);
	fflush(to);
	if (fgets(answer, sizeof answer, from) == NULL)
		return "! it is gone";
	answer[strcspn(answer, "\n")] = '\0';
	return answer;
}

/* Makes the peer's device, and tells each of the other. */
static void
meet(void)
{
	static char first[sizeof answer], line[sizeof answer];
	const char *name = BOB;
	char number[16];

	/* Our bundle may name a prekey that was used up: publish it anew. */
	a->now += 10;
	omemo_tick(a->o, a->now);
	pair_pull(a);
	snprintf(first, sizeof first, "%s", tell_peer("start", BOB, ""));
	bob = (uint32_t)strtoul(first, NULL, 10);
	ok(bob > 0, "a device: %.40s", first);
	snprintf(number, sizeof number, "%lu", (unsigned long)a->id);
	element_write(&text, NULL, &a->b, NULL, 0);
	snprintf(line, sizeof line, "%s %s", number, buf_str(&text));
	ok(strcmp(tell_peer("bundle", ALICE, line), "ok") == 0,
	    "our bundle is taken: %s", answer);
	ok(strcmp(tell_peer("list", ALICE, number), "ok") == 0, "and read: %s",
	    answer);
	arena_reset(&arena);
	ok(omemo_xml_bundle(&arena,
	       element_read(reader, strchr(first, ' ') + 1), &peer->b) == 0,
	    "the other bundle is read");
	ok(peer->b.prekeys == 100 && peer->b.signature.len == 64 &&
		peer->b.identity.len == 33,
	    "all of it");
	peer->id = bob;
	pair_list(a, BOB);
	pair_ready(a, BOB);
	omemo_prepare(a->o, &name, 1, a->now);
	pair_pull(a);
	ok(a->device.is_new && a->device.device == bob, "a session is built");
}

/* Gives the message XML to our device; returns what it read. */
static const char *
we_read(const char *xml)
{
	const struct stanza *s = element_read(reader, xml);
	struct arena parts = {0};
	struct omemo_message m;
	size_t before = a->gots;

	pair_ready(a, BOB);
	if (s != NULL && omemo_xml_message(&parts, s, &m) == 0)
		omemo_receive(a->o, BOB, &m, 1, a->now);
	arena_clear(&parts);
	pair_pull(a);
	pair_ready(a, BOB);
	omemo_answer(a->o, BOB);
	pair_pull(a);
	if (a->gots == before)
		return "(unreadable)";
	pair_told(a, 1);
	return pair_last(a)->text;
}

/* Gives the Nth message that waits to the peer; returns what it read. */
static const char *
they_read(size_t n)
{
	element_write(&text, &pair_wire[n].m, NULL, NULL, 0);
	return tell_peer("read", ALICE, buf_str(&text));
}

/* Delivers all that we sent; returns what was read last. */
static const char *
they_read_all(void)
{
	const char *said = "(none)";
	size_t i;

	for (i = 0; i < pair_wires; i++)
		said = they_read(i);
	pair_drop();
	return said;
}

/* We read what the peer says. */
static const char *
they_say(const char *said)
{
	static char xml[sizeof answer];

	snprintf(xml, sizeof xml, "%s", tell_peer("send", ALICE, said));
	return we_read(xml);
}

static void
we_begin(void)
{
	meet();
	ok(pair_say(a, BOB, "hello") == 0, "we write first");
	ok(strcmp(they_read_all(), "hello") == 0, "it is read: %s", answer);
	tell_peer("last", "", "");
	ok(strcmp(we_read(answer), "(key)") == 0, "the answer, only a key");
	ok(strcmp(they_say("you too"), "you too") == 0, "and a text: %s",
	    pair_said(a));
}

static void
they_begin(void)
{
	meet();
	ok(strcmp(they_say("hello"), "hello") == 0, "they write first");
	ok(pair_wires == 1 && pair_wire[0].m.payload.data == NULL,
	    "we answer with only a key");
	ok(strcmp(they_read_all(), "") == 0, "which is read: %s", answer);
	ok(strcmp(they_say("again"), "again") == 0 && pair_wires == 0,
	    "then there is no prekey any more");
}

static void
both_begin(void)
{
	static char xml[sizeof answer];

	meet();
	pair_say(a, BOB, "at once");
	snprintf(xml, sizeof xml, "%s", tell_peer("send", ALICE, "me too"));
	ok(strcmp(we_read(xml), "me too") == 0, "both write: we read");
	ok(strcmp(they_read(0), "at once") == 0, "and they: %s", answer);
	they_read_all();
	ok(strcmp(they_say("so"), "so") == 0, "it goes on");
	pair_say(a, BOB, "indeed");
	ok(strcmp(they_read_all(), "indeed") == 0, "both ways: %s", answer);
}

/* Our record is lost: what then comes cannot be read, and is healed. */
static void
forgotten(void)
{
	pair_file(a, BOB)->there = 0;
	pair_start(a);
	pair_list(a, BOB);
	ok(strcmp(they_say("lost"), "(unreadable)") == 0, "one is lost");
	ok(pair_wires == 1 && pair_wire[0].m.key[0].prekey,
	    "a new session is announced");
	ok(strcmp(they_read_all(), "") == 0, "and read: %s", answer);
	ok(strcmp(they_say("found"), "found") == 0, "the next one is read");
	pair_say(a, BOB, "you too");
	ok(strcmp(they_read_all(), "you too") == 0, "and ours: %s", answer);
}

/* An older record of ours is restored: both have written since. */
static void
restored(void)
{
	struct file *f = pair_file(a, BOB);
	struct buf old;
	int i;

	buf_init(&old, FORM_MAX);
	buf_add(&old, buf_data(&f->bytes), buf_len(&f->bytes));
	for (i = 0; i < 3; i++) {
		pair_say(a, BOB, "since");
		they_read_all();
		they_say("since");
	}
	buf_reset(&f->bytes);
	buf_add(&f->bytes, buf_data(&old), buf_len(&old));
	buf_clear(&old);
	pair_start(a);
	pair_list(a, BOB);
	for (i = 0; i < 5 && strcmp(they_say("again"), "again") != 0; i++)
		they_read_all();
	they_read_all();
	ok(i < 5, "they are read again, after %d", i);
	pair_say(a, BOB, "and we");
	ok(strcmp(they_read_all(), "and we") == 0, "and we: %s", answer);
}

static void
many(void)
{
	char said[16];
	int i, bad = 0;

	/* Turns, each a new ratchet. */
	for (i = 0; i < 10; i++) {
		snprintf(said, sizeof said, "%d", i);
		pair_say(a, BOB, said);
		bad += strcmp(they_read_all(), said) != 0;
		bad += strcmp(they_say(said), said) != 0;
	}
	ok(bad == 0, "ten turns");
	for (i = 0; i < 5; i++) {
		snprintf(said, sizeof said, "%d", i);
		pair_say(a, BOB, said);
	}
	ok(strcmp(they_read(4), "4") == 0 && strcmp(they_read(1), "1") == 0 &&
		strcmp(they_read(0), "0") == 0,
	    "out of order");
	pair_drop();
	for (i = 0; i < 100; i++) {
		snprintf(said, sizeof said, "%d", i);
		bad += strcmp(they_say(said), said) != 0;
	}
	ok(bad == 0 && pair_wires == 1, "100 unanswered, one empty message");
	ok(strcmp(they_read_all(), "") == 0, "which is read");
	for (i = 0; i < 100; i++) {
		snprintf(said, sizeof said, "%d", i);
		pair_say(a, BOB, said);
		bad += strcmp(they_read_all(), said) != 0;
	}
	ok(bad == 0, "100 the other way");
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (!start_peer()) {
		puts("1..0 # SKIP python3-oldmemo is not there");
		return 0;
	}
	buf_init(&text, 1 << 18);
	reader = xml_new();
	a = pair_new(ALICE);
	peer = buf_alloc(sizeof *peer);
	snprintf(peer->account, sizeof peer->account, BOB);
	pair_host[pair_hosts++] = peer;
	we_begin();
	they_begin();
	both_begin();
	many();
	forgotten();
	restored();
	end_peer();
	pair_end();
	xml_free(reader);
	arena_clear(&arena);
	buf_clear(&text);
	return tap_done();
}
#endif
