/*
 * A small model of a session with XEP-0198, explored whole: three messages
 * each way apart, two disconnections, and, one way, a crash, at every moment;
 * with the crash two messages, three where the environment has SOAK. What is
 * in flight at a cut is lost. The counters begin below 2^32.
 */
#include "t/unit/tap.h"
#include "xmpp/resume.h"

#include <stdlib.h>
#include <string.h>

#define CUTS  2
#define DEPTH 64
#define BASE  UINT64_C(0xfffffffe)

/* The moves of one run, and how many there were to choose from. */
static int chosen[DEPTH], choices[DEPTH], depth, runs, wrong;

static int messages = 3;

static int
choose(int n)
{
	if (depth == DEPTH) {
		wrong++;
		return 0;
	}
	if (choices[depth] == 0)
		chosen[depth] = 0;
	choices[depth] = n;
	return chosen[depth++];
}

/* The next run of all; 0: that was the last. */
static int
next_run(void)
{
	runs++;
	while (depth > 0 && chosen[depth - 1] + 1 >= choices[depth - 1])
		choices[--depth] = 0;
	if (depth == 0)
		return 0;
	chosen[depth - 1]++;
	depth = 0;
	return 1;
}

/* Messages or numbers under way, in order. */
struct way {
	uint32_t item[16];
	size_t count;
};

static void
put(struct way *w, uint32_t item)
{
	w->item[w->count++] = item;
}

static uint32_t
get(struct way *w)
{
	uint32_t first = w->item[0];

	memmove(w->item, w->item + 1, --w->count * sizeof *w->item);
	return first;
}

static void
write_message(struct resume *r, struct buf *wire, int number)
{
	char text[64];

	snprintf(text, sizeof text, "<message id='%d'/>", number);
	buf_adds(wire, text);
	resume_keep_sent(r, text, strlen(text));
}

/* Moves what the buffer holds to the way. */
static void
send_all(struct buf *wire, struct way *up)
{
	const char *p = buf_str(wire);

	while ((p = strstr(p, "id='")) != NULL)
		put(up, (uint32_t)strtoul(p += 4, NULL, 10));
	buf_reset(wire);
}

/*
 * We send. The server handles, answers when it likes, and may be cut off and
 * come back with its count. On each run all arrives once, in order, and
 * nothing counts as acked that did not.
 */
static void
run_up(void)
{
	struct resume r = {0};
	struct way up = {0}, down = {0};
	struct buf wire;
	int sent = 0, cuts = 0, told = 0, moves[5], n;
	uint32_t got = 0;

	buf_init(&wire, 4096);
	resume_begin(&r);
	resume_enabled(&r, "t");
	r.sent = r.acked = BASE;
	for (;;) {
		n = 0;
		if (sent < messages)
			moves[n++] = 's';
		if (up.count > 0)
			moves[n++] = 'u';
		if (down.count > 0)
			moves[n++] = 'd';
		if (told < (int)got)
			moves[n++] = 'a';
		if (cuts < CUTS)
			moves[n++] = 'c';
		if (n == 0)
			break;
		switch (moves[choose(n)]) {
		case 's':
			write_message(&r, &wire, ++sent);
			send_all(&wire, &up);
			break;
		case 'u':
			wrong += get(&up) != ++got;
			break;
		case 'd':
			wrong += resume_ack(&r, get(&down)) != 0;
			break;
		case 'a':
			put(&down, (uint32_t)(BASE + got));
			told = (int)got;
			break;
		case 'c':
			cuts++;
			up.count = down.count = 0;
			wrong += resume_ack(&r, (uint32_t)(BASE + got)) != 0;
			resume_send_again(&r, &wire, NULL);
			send_all(&wire, &up);
			told = (int)got;
			break;
		}
		wrong += r.acked > BASE + got;
	}
	wrong +=
	    got != (uint32_t)messages || r.acked != BASE + (uint64_t)messages;
	resume_clear(&r);
	buf_clear(&wire);
}

/* The server of run_down: what it keeps until we have handled it. */
struct server {
	int sent, handled; /* of messages */
};

static void
server_again(const struct server *s, struct way *down)
{
	int i;

	for (i = s->handled + 1; i <= s->sent; i++)
		put(down, (uint32_t)i);
}

/*
 * The server sends; we take, and write later. On each run each is written
 * once, in order; after a crash, also those that the server was not told of.
 */
static void
run_down(int crashes)
{
	struct resume r = {0};
	struct server s = {0, 0};
	struct way up = {0}, down = {0};
	int cuts = 0, taken = 0, written = 0, moves[6], n, first, x;
	uint64_t base = BASE;

	resume_begin(&r);
	resume_enabled(&r, "t");
	r.received = r.handled = BASE;
	for (;;) {
		n = 0;
		if (s.sent < messages)
			moves[n++] = 's';
		if (down.count > 0)
			moves[n++] = 'd';
		if (written < taken)
			moves[n++] = 'w';
		if (up.count > 0)
			moves[n++] = 'u';
		if (r.handled > base + (uint64_t)s.handled && up.count == 0)
			moves[n++] = 'a';
		if (cuts < CUTS)
			moves[n++] = 'c';
		if (n == 0)
			break;
		switch (moves[choose(n)]) {
		case 's':
			put(&down, (uint32_t)++s.sent);
			break;
		case 'd':
			x = (int)get(&down);
			if (resume_is_repeat(&r))
				break;
			wrong += x != taken + 1;
			taken = x;
			resume_received(&r, (uint64_t)taken);
			break;
		case 'w':
			resume_written(&r, (uint64_t)++written);
			break;
		case 'a':
			put(&up, resume_h(&r));
			break;
		case 'u':
			s.handled = (int)(get(&up) - (uint32_t)base);
			wrong += s.handled > written;
			break;
		case 'c':
			up.count = down.count = 0;
			if (cuts++ == 0 && crashes) {
				/* State that is in memory only is gone. */
				first = s.handled;
				wrong += first > written;
				taken = written = first;
				base = BASE;
				resume_begin(&r);
				resume_enabled(&r, "t");
				r.received = r.handled = base + (uint64_t)first;
			} else {
				s.handled =
				    (int)(resume_attempt(&r) - (uint32_t)base);
				wrong += s.handled > written;
				resume_resumed(&r);
			}
			server_again(&s, &down);
			break;
		}
	}
	wrong += written != messages || s.handled != messages;
	resume_clear(&r);
}

int
main(void)
{
	do
		run_up();
	while (next_run());
	ok(wrong == 0 && runs > 1000, "sending: %d runs, %d wrong", runs,
	    wrong);
	runs = 0;
	do
		run_down(0);
	while (next_run());
	ok(wrong == 0 && runs > 1000, "receiving: %d runs, %d wrong", runs,
	    wrong);
	runs = 0;
	messages = getenv("SOAK") != NULL ? 3 : 2;
	do
		run_down(1);
	while (next_run());
	ok(wrong == 0 && runs > 1000, "and a crash: %d runs, %d wrong", runs,
	    wrong);
	return tap_done();
}
