/*
 * A TCP proxy on loopback that makes a bad network: it delays, drips and cuts.
 *
 *     server-proxy [-b N] [-d MS] [-p PORT] [-r SEED] [-c HOW]... [-s N] [-u N]
 *         TARGET
 *
 * TARGET is a port. -p: it listens on PORT, not on one that is free. -d: each
 * byte is MS under way, each way. -b: at most N bytes a millisecond, each way.
 * -r: connections are cut, each when a number of bytes has passed, drawn from 1
 * to what -u says for the client's bytes, -s for the server's (all of it for
 * the first), in one of the ways HOW; one of four is slow by up to -d and drips
 * down to -b. HOW is `rst`, `fin`, or `silence`, in which nothing passes and no
 * end of one side is told to the other.
 *
 * It says `port N` first, then `open K delay=MS drip=BYTES`, `cut K HOW` and,
 * at the end of the connection K (counted from 1), `end K up=BYTES down=BYTES
 * turns=N`: the bytes that passed, how often the client spoke after the server.
 * A line on standard input cuts all that is open: `rst`, which ends what is
 * silent, too, `fin`, `silence`;
 * `refuse` and `accept` are about what comes; `next up N HOW FILE` and `next
 * down ...`: the next connection is cut so, when N bytes have passed that way,
 * and FILE is made; `calm`: nothing is cut any more. It ends with its input.
 *
 * With Debian's expat ejabberd waits for ever on a stream header that -b tears.
 */
#define _GNU_SOURCE /* POLLRDHUP */
#include "sexp/buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LINKS 64		/* connections at once */
#define HELD  ((size_t)1 << 20) /* bytes under way, each way */

enum how { OPEN, RST, FIN, SILENCE };

/* Bytes under way; none at all are the end. */
struct chunk {
	struct chunk *next;
	int64_t due;
	size_t len, off;
	unsigned char data[];
};

/* From one socket to the other. */
struct way {
	int from, to;
	struct chunk *head, **tail;
	size_t held;
	uint64_t passed, limit;
	int64_t next;	 /* not before, when dripping */
	int heard, told; /* the end: read, passed on */
};

struct link {
	int number, turns, speaker;
	enum how how, cut; /* is and will be */
	char mark[256];	   /* made by the cut, or empty */
	int64_t delay;
	size_t drip;
	struct way way[2]; /* up, down */
};

static const char *const hows[] = {"", "rst", "fin", "silence"};
static struct link *links[LINKS];
static int listener = -1, port, target, count, wake[2];
static int64_t delay;
static size_t drip;
static uint64_t limit[2] = {UINT64_MAX, UINT64_MAX};
static enum how draw_hows[8] = {RST};
static size_t draw_how_count;
static uint64_t next_limit[2] = {UINT64_MAX, UINT64_MAX};
static enum how next_how;
static char next_mark[256];
static uint64_t draws; /* 0: nothing is drawn */

static void
die(const char *what)
{
	fprintf(stderr, "server-proxy: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
on_signal(int number)
{
	(void)number;
	if (write(wake[1], "", 1) == -1)
		_exit(1);
}

static struct sockaddr_in
loopback(int number)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof a);
	a.sin_family = AF_INET;
	a.sin_port = htons((uint16_t)number);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

static void
listen_again(void)
{
	struct sockaddr_in a = loopback(port);
	socklen_t len = sizeof a;
	int one = 1;

	if (listener != -1)
		return;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, (struct sockaddr *)&a, len) == -1 ||
	    listen(listener, LINKS) == -1 ||
	    getsockname(listener, (struct sockaddr *)&a, &len) == -1)
		die("listen");
	port = ntohs(a.sin_port);
}

/* Small pieces leave at once: the delay is to be ours alone. */
static void
prepare(int fd)
{
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* A number below BELOW (splitmix64). */
static uint64_t
draw(uint64_t below)
{
	uint64_t z = draws += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (z ^ z >> 31) % below;
}

/* Decides what L will go through. */
static void
draw_fate(struct link *l)
{
	for (size_t i = 0; i < 2; i++) {
		l->way[i].limit = next_limit[i];
		next_limit[i] = UINT64_MAX;
		if (draws != 0 && limit[i] != UINT64_MAX)
			l->way[i].limit =
			    l->number == 1 ? limit[i] : 1 + draw(limit[i]);
	}
	l->cut = next_how;
	memcpy(l->mark, next_mark, sizeof l->mark);
	*next_mark = '\0';
	l->delay = delay;
	l->drip = drip;
	if (draws == 0)
		return;
	l->cut = draw_hows[draw_how_count == 0 ? 0 : draw(draw_how_count)];
	if (l->number == 1 || draw(4) > 0) {
		l->delay = 0;
		l->drip = 0;
		return;
	}
	if (delay > 0)
		l->delay = 1 + (int64_t)draw((uint64_t)delay);
	if (drip > 0)
		l->drip = drip + (size_t)draw(4 * drip);
}

static void
drop_chunk(struct way *w)
{
	struct chunk *c = w->head;

	w->head = c->next;
	if (w->head == NULL)
		w->tail = &w->head;
	free(c);
}

static void
end_link(struct link **slot)
{
	struct link *l = *slot;

	printf("end %d up=%" PRIu64 " down=%" PRIu64 " turns=%d\n", l->number,
	    l->way[0].passed, l->way[1].passed, l->turns);
	for (size_t i = 0; i < 2; i++) {
		while (l->way[i].head != NULL)
			drop_chunk(&l->way[i]);
		close(l->way[i].from);
	}
	free(l);
	*slot = NULL;
}

/* Both sides see a reset. */
static void
reset_link(struct link **slot)
{
	struct linger hard = {1, 0};

	for (size_t i = 0; i < 2; i++)
		setsockopt((*slot)->way[i].from, SOL_SOCKET, SO_LINGER, &hard,
		    sizeof hard);
	end_link(slot);
}

/*
 * A place for another, or LINKS. A silent one makes way once its client is
 * gone, the oldest first: a server may wait for long.
 */
static size_t
find_slot(void)
{
	size_t i, slot = LINKS;

	for (i = 0; i < LINKS; i++) {
		if (links[i] == NULL)
			return i;
		if (links[i]->how == SILENCE && links[i]->way[0].heard &&
		    (slot == LINKS || links[i]->number < links[slot]->number))
			slot = i;
	}
	if (slot < LINKS)
		reset_link(&links[slot]);
	return slot;
}

static void
accept_link(void)
{
	struct sockaddr_in a = loopback(target);
	int client = accept(listener, NULL, NULL);
	int server = socket(AF_INET, SOCK_STREAM, 0);
	size_t slot = find_slot();
	struct link *l;

	if (slot == LINKS || client == -1 ||
	    connect(server, (struct sockaddr *)&a, sizeof a) == -1) {
		close(client);
		close(server);
		return;
	}
	prepare(client);
	prepare(server);
	l = links[slot] = buf_alloc(sizeof *l);
	l->number = ++count;
	l->speaker = 1;
	l->way[0].from = l->way[1].to = client;
	l->way[0].to = l->way[1].from = server;
	for (size_t i = 0; i < 2; i++) {
		l->way[i].tail = &l->way[i].head;
	}
	draw_fate(l);
	printf("open %d delay=%" PRId64 " drip=%zu\n", l->number, l->delay,
	    l->drip);
}

static void
cut_link(struct link **slot, enum how how)
{
	struct link *l = *slot;

	if (l->how != OPEN && (l->how != SILENCE || how != RST))
		return;
	l->how = how;
	if (*l->mark != '\0')
		close(open(l->mark, O_WRONLY | O_CREAT, 0600));
	printf("cut %d %s\n", l->number, hows[how]);
	for (size_t i = 0; i < 2 && how == FIN; i++)
		shutdown(l->way[i].from, SHUT_WR);
	if (how == RST)
		reset_link(slot);
}

/* Takes in what has come. -1: the connection was reset. */
static int
hear(struct link *l, int i, int64_t now)
{
	struct way *w = &l->way[i];
	unsigned char bytes[16384];
	ssize_t n = read(w->from, bytes, sizeof bytes);
	struct chunk *c;

	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n == 0)
		w->heard = 1;
	if (l->how != OPEN)
		return 0;
	if (n > 0 && i != l->speaker) {
		l->speaker = i;
		l->turns += i == 0;
	}
	c = buf_alloc(sizeof *c + (size_t)n);
	if (n > 0)
		memcpy(c->data, bytes, (size_t)n);
	c->len = (size_t)n;
	c->due = now + l->delay;
	*w->tail = c;
	w->tail = &c->next;
	w->held += c->len;
	return 0;
}

/* Returns 1 if there are bytes that may be passed on now. */
static int
due(const struct link *l, const struct way *w, int64_t now)
{
	return l->how == OPEN && w->head != NULL && w->head->due <= now &&
	       w->next <= now;
}

/* Passes on what is due. -1: the connection was reset; 1: it is to be cut. */
static int
pass(struct link *l, struct way *w, int64_t now)
{
	while (due(l, w, now)) {
		struct chunk *c = w->head;
		size_t n = c->len - c->off;
		ssize_t done;

		if (c->len == 0) {
			shutdown(w->to, SHUT_WR);
			w->told = 1;
			drop_chunk(w);
			continue;
		}
		if (n > w->limit - w->passed)
			n = (size_t)(w->limit - w->passed);
		if (l->drip > 0 && n > l->drip)
			n = l->drip;
		done = send(w->to, c->data + c->off, n, MSG_NOSIGNAL);
		if (done == -1)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		c->off += (size_t)done;
		w->passed += (uint64_t)done;
		w->held -= (size_t)done;
		if (c->off == c->len)
			drop_chunk(w);
		if (l->drip > 0)
			w->next = now + 1;
		if (w->passed == w->limit)
			return 1;
	}
	return 0;
}

/* In silence nobody hears of the other's end, but two ends are the last. */
static void
work_silence(struct link **slot, const struct pollfd *fds)
{
	for (int i = 0; i < 2; i++)
		if (fds[i].revents != 0)
			(*slot)->way[i].heard = 1;
	if ((*slot)->way[0].heard && (*slot)->way[1].heard)
		reset_link(slot);
}

static void
work_link(struct link **slot, const struct pollfd *fds, int64_t now)
{
	struct link *l = *slot;
	int reset = 0, cut = 0;

	if (l->how == SILENCE) {
		work_silence(slot, fds);
		return;
	}
	for (int i = 0; i < 2; i++) {
		if (fds[i].revents & (POLLIN | POLLHUP | POLLERR) &&
		    fds[i].events & POLLIN && hear(l, i, now) == -1)
			reset = 1;
	}
	for (int i = 0; i < 2 && !reset && !cut; i++) {
		int r = pass(l, &l->way[i], now);

		reset = r == -1;
		cut = r == 1;
	}
	if (reset)
		reset_link(slot);
	else if (cut)
		cut_link(slot, l->cut);
	else if (l->how == FIN ? l->way[0].heard && l->way[1].heard
			       : l->way[0].told && l->way[1].told)
		end_link(slot);
}

/* Sets up what to wait for; returns the time in milliseconds, -1 for any. */
static int
watch(const struct link *l, struct pollfd *fds, int64_t now, int timeout)
{
	for (int i = 0; i < 2; i++) {
		const struct way *w = &l->way[i];
		int64_t at;

		fds[i].fd = w->from;
		fds[i].events = 0;
		if (l->how == SILENCE) {
			fds[i].events = POLLRDHUP;
			fds[i].fd = w->heard ? -1 : w->from;
			continue;
		}
		if (!w->heard && w->held < HELD)
			fds[i].events |= POLLIN;
		if (due(l, &l->way[1 - i], now))
			fds[i].events |= POLLOUT;
		if (fds[i].events == 0)
			fds[i].fd = -1;
		if (l->how != OPEN || w->head == NULL || due(l, w, now))
			continue;
		at = w->head->due > w->next ? w->head->due : w->next;
		if (timeout == -1 || at - now < timeout)
			timeout = (int)(at - now);
	}
	return timeout;
}

static void
calm(void)
{
	limit[0] = limit[1] = UINT64_MAX;
	delay = 0;
	drip = 0;
	for (size_t k = 0; k < LINKS; k++)
		if (links[k] != NULL) {
			links[k]->way[0].limit = UINT64_MAX;
			links[k]->way[1].limit = UINT64_MAX;
		}
}

static enum how
read_how(const char *text)
{
	for (size_t i = RST; i <= SILENCE; i++)
		if (strcmp(text, hows[i]) == 0)
			return (enum how)i;
	errno = EINVAL;
	die(text);
	return OPEN;
}

/* `up` or `down`, bytes, how, and a file. */
static void
next_link(const char *text)
{
	char way[8], how[8];
	uint64_t n;

	if (sscanf(text, "%7s %" SCNu64 " %7s %255s", way, &n, how,
		next_mark) != 4)
		die(text);
	next_limit[strcmp(way, "down") == 0] = n;
	next_how = read_how(how);
}

/* A byte of standard input; 0 at its end. */
static int
command(void)
{
	static char line[512];
	static size_t len;
	ssize_t n = read(0, line + len, 1);

	if (n <= 0)
		return 0;
	if (line[len] != '\n') {
		len += len < sizeof line - 2;
		return 1;
	}
	line[len] = '\0';
	len = 0;
	if (strcmp(line, "accept") == 0) {
		listen_again();
	} else if (strcmp(line, "refuse") == 0 && listener != -1) {
		close(listener);
		listener = -1;
	}
	if (strcmp(line, "calm") == 0)
		calm();
	if (strncmp(line, "next ", 5) == 0)
		next_link(line + 5);
	for (size_t i = RST; i <= SILENCE; i++)
		for (size_t k = 0; k < LINKS && strcmp(line, hows[i]) == 0; k++)
			if (links[k] != NULL)
				cut_link(&links[k], (enum how)i);
	return 1;
}

static void
loop(void)
{
	struct pollfd fds[3 + 2 * LINKS];
	int64_t now;

	for (;;) {
		int timeout = -1;

		now = now_ms();
		fds[0] = (struct pollfd){0, POLLIN, 0};
		fds[1] = (struct pollfd){wake[0], POLLIN, 0};
		fds[2] = (struct pollfd){listener, POLLIN, 0};
		for (size_t i = 0; i < LINKS; i++) {
			fds[3 + 2 * i].fd = fds[4 + 2 * i].fd = -1;
			if (links[i] != NULL)
				timeout = watch(
				    links[i], fds + 3 + 2 * i, now, timeout);
		}
		if (poll(fds, 3 + 2 * LINKS, timeout) == -1 && errno != EINTR)
			die("poll");
		now = now_ms();
		for (size_t i = 0; i < LINKS; i++)
			if (links[i] != NULL)
				work_link(&links[i], fds + 3 + 2 * i, now);
		if (fds[1].revents != 0 || (fds[0].revents != 0 && !command()))
			return;
		/* An order is for the connections that come after it. */
		if (fds[2].revents != 0 && fds[0].revents == 0)
			accept_link();
	}
}

static void
read_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "b:c:d:p:r:s:u:")) != -1) {
		switch (c) {
		case 'b':
			drip = strtoul(optarg, NULL, 10);
			break;
		case 'c':
			if (draw_how_count < 8)
				draw_hows[draw_how_count++] = read_how(optarg);
			break;
		case 'd':
			delay = atoi(optarg);
			break;
		case 'p':
			port = atoi(optarg);
			break;
		case 'r':
			draws = strtoull(optarg, NULL, 10);
			break;
		case 's':
			limit[1] = strtoull(optarg, NULL, 10);
			break;
		case 'u':
			limit[0] = strtoull(optarg, NULL, 10);
			break;
		default:
			exit(64);
		}
	}
	if (argc - optind != 1) {
		fputs("usage: server-proxy [OPTION...] TARGET\n", stderr);
		exit(64);
	}
	target = atoi(argv[optind]);
}

int
main(int argc, char **argv)
{
	struct sigaction action = {0};

	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	read_options(argc, argv);
	if (pipe(wake) == -1)
		die("pipe");
	action.sa_handler = on_signal;
	sigaction(SIGTERM, &action, NULL);
	listen_again();
	printf("port %d\n", port);
	loop();
	for (size_t i = 0; i < LINKS; i++)
		if (links[i] != NULL)
			end_link(&links[i]);
	return 0;
}
