/*
 * Connects through torsocks(1); used by dial.c alone. torsocks makes
 * getaddrinfo(3) and connect(2) go through Tor, and both block, so they run in
 * a thread. Owns the thread, and the socket until tor_take hands it out.
 */
#ifndef XMPP_TOR_H
#define XMPP_TOR_H

#include <stddef.h>

#define TOR_ADDRESS 64 /* bytes of a numeric address and its NUL */

/* The outcome of the thread. */
struct tor_result {
	int fd;	   /* connected, non-blocking, close-on-exec; or -1 */
	int found; /* 1: the name had an address */
	char address[TOR_ADDRESS]; /* the last one tried, numeric; or "" */
	char why[128];		   /* the reason if FD is -1 */
};

struct tor;

/*
 * Returns 1 if LD_PRELOAD says that this process runs under torsocks. Should it
 * be overlooked, nothing leaks: torsocks refuses the UDP of DNS queries.
 */
int tor_used(void);
/*
 * Starts to connect to PORT of HOST, a name or numeric address. Returns NULL if
 * no thread can be started. The caller frees with tor_free.
 */
struct tor *tor_new(const char *host, int port);
/*
 * Gives up the attempt and frees T. The thread ends when its call returns, and
 * closes its socket. NULL is accepted.
 */
void tor_free(struct tor *t);
/* Returns a descriptor that polls readable when the thread is done; borrowed.
 */
int tor_fd(const struct tor *t);
/*
 * Returns 0 while the thread works. When it is done, fills RESULT, whose socket
 * the caller owns from then on, and returns 1. To be called once more at most.
 */
int tor_take(struct tor *t, struct tor_result *result);

#endif
