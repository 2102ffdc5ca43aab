/*
 * Several sockets connecting at the same time, of which the first wins (RFC
 * 8305 5); used by dial.c alone. Owns the sockets until the caller takes them.
 * Knows no names and no time.
 */
#ifndef XMPP_RACE_H
#define XMPP_RACE_H

#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>

#define RACE_MAX 16 /* attempts at the same time */

/* One connection attempt. */
struct racer {
	int fd;		    /* -1: not connecting */
	int error;	    /* errno of the failure */
	size_t tag;	    /* the caller's, not used here */
	unsigned long turn; /* a serial number: the order of starting */
	struct sockaddr_storage to;
	char address[INET6_ADDRSTRLEN];
};

struct race {
	struct racer list[RACE_MAX];
	unsigned long turns;
};

/* Makes an empty race. */
void race_init(struct race *race);
/* Closes all sockets. */
void race_clear(struct race *race);
/* Returns the number of attempts under way. */
size_t race_count(const struct race *race);
/*
 * Starts to connect to TO, an IPv4 or IPv6 address with its port, with a socket
 * that is non-blocking, close-on-exec and TCP_NODELAY. Returns the racer,
 * borrowed until the next start; if it failed at once its fd is -1 and its
 * error is set. Returns NULL if RACE_MAX attempts are under way.
 */
struct racer *race_start(
    struct race *race, const struct sockaddr_storage *to, size_t tag);
/* Returns the attempt that was started first, or NULL if there is none. */
struct racer *race_oldest(struct race *race);
/* Gives up the attempt R and closes its socket. */
void race_stop(struct racer *r);
/* Returns the attempt with the socket FD, or NULL. */
struct racer *race_find(struct race *race, int fd);
/*
 * Checks R after poll. Returns 1 if it is connected: the caller may take the
 * socket by setting fd to -1. Returns 0 if it is still connecting, and -1 if it
 * failed: it is closed and its error is set.
 */
int race_check(struct racer *r);
/* Fills up to MAX entries of FDS for poll; returns the number filled. */
size_t race_fds(const struct race *race, struct pollfd *fds, size_t max);

#endif
