/*
 * A connection through torsocks, for dial.c alone. torsocks carries
 * getaddrinfo and connect and makes both wait for Tor, so they are made in a
 * thread of their own. Owns the thread and, until it is taken, the socket.
 */
#ifndef XMPP_TOR_H
#define XMPP_TOR_H

#include <stddef.h>

#define TOR_ADDRESS 64 /* bytes of a numeric address and its NUL */

/* How it ended. */
struct tor_result {
	int fd;	   /* connected, non-blocking, close-on-exec; or -1 */
	int found; /* 1: the name had an address */
	char address[TOR_ADDRESS]; /* the last one tried, numeric; or "" */
	char why[128];		   /* why FD is -1, in words */
};

struct tor;

/*
 * Whether this process runs under torsocks: LD_PRELOAD names it, as the
 * torsocks command does. Where this is not noticed torsocks refuses the
 * name server's packets, and nothing leaks.
 */
int tor_used(void);
/*
 * Starts to connect to PORT of HOST, a name or numeric address. NULL where no
 * thread can be had. The caller frees with tor_free.
 */
struct tor *tor_new(const char *host, int port);
/* Ends the waiting, not the thread, which ends later on its own. */
void tor_free(struct tor *t);
/* What is readable when it is over; borrowed. */
int tor_fd(const struct tor *t);
/* 1, and RESULT, whose socket is the caller's, when it is over; else 0. */
int tor_take(struct tor *t, struct tor_result *result);

#endif
