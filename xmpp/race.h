/*
 * Sockets that are being connected at once, for dial.c alone: the first one
 * wins (RFC 8305 section 5). Owns the sockets until they are taken. Knows no
 * names and no time.
 */
#ifndef XMPP_RACE_H
#define XMPP_RACE_H

#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>

#define RACE_MAX 16

/* One socket. */
struct racer {
	int fd;	    /* -1: not running */
	int error;  /* errno of its end */
	size_t tag; /* the caller's */
	char address[INET6_ADDRSTRLEN];
};

struct race {
	struct racer list[RACE_MAX];
};

/* An empty race. */
void race_init(struct race *race);
/* Closes all sockets. */
void race_clear(struct race *race);
/* How many run. */
size_t race_count(const struct race *race);
/*
 * Starts to connect to TO, an IPv4 or IPv6 address with its port, non-blocking,
 * close-on-exec, without delay. Returns the racer, borrowed until the next
 * start; where it failed at once its fd is -1 and its error says why. NULL
 * when RACE_MAX run.
 */
struct racer *race_start(
    struct race *race, const struct sockaddr_storage *to, size_t tag);
/* The racer of FD, NULL for none. */
struct racer *race_find(struct race *race, int fd);
/*
 * Looks at R after poll. 1: connected, its fd is the caller's now to close or
 * to take away by setting -1. 0: still running. -1: closed, error says why.
 */
int race_check(struct racer *r);
/* Fills up to MAX entries of FDS with what to watch; returns how many. */
size_t race_fds(const struct race *race, struct pollfd *fds, size_t max);

#endif
