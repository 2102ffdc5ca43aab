/*
 * From a domain to a connected socket: SRV records (RFC 6120 3.2, XEP-0368)
 * and addresses by c-ares, selection by RFC 2782, addresses raced by RFC 8305.
 * One of the few files that touch the world, and it never blocks. Under
 * torsocks it asks no SRV and uses getaddrinfo, which torsocks carries.
 * Owns every socket until it is handed out. Knows no XMPP beyond the SRV names.
 *
 * With a configured host or port, or a numeric address, no SRV record is asked
 * for; the port is 5222 unless configured; and TLS comes first on ports 5223
 * and 443, on any other by STARTTLS. Without, the records decide; where there
 * are none, or the name servers do not say, it is port 5222 of the domain.
 * Where _xmpp-client has the target `.` and there is no other, it is nothing.
 */
#ifndef XMPP_DIAL_H
#define XMPP_DIAL_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define DIAL_FDS 32 /* descriptors that one dial may watch at once */

/* What to reach; strings are borrowed during dial_new only. */
struct dial_options {
	const char *domain;  /* the JID's domain, A-labels */
	const char *host;    /* configured: no SRV, an address no lookup */
	int port;	     /* configured, 1 to 65535; or 0 */
	const char *servers; /* name servers "IP:PORT,...", NULL: system's */
	uint32_t random;     /* for the weights of RFC 2782 */
};

/* Where it ended; what is borrowed lives until dial_free. */
struct dial_result {
	int fd;		  /* connected, non-blocking, close-on-exec; or -1 */
	const char *host; /* name that was connected to; borrowed */
	int port;
	const char *address; /* numeric; borrowed */
	int direct;	     /* 1: TLS from the first byte (XEP-0368) */
	const char *cause;   /* NULL, `dns`, `refused`, `timeout` */
	const char *why;     /* in words, naming what was tried; or NULL */
};

struct dial;

/* Starts. NOW is monotonic milliseconds. The caller frees with dial_free. */
struct dial *dial_new(const struct dial_options *options, int64_t now);
/* Closes all but the socket handed out; NULL is accepted. */
void dial_free(struct dial *d);
/* Fills up to MAX entries of FDS with what to watch; returns how many. */
size_t dial_fds(struct dial *d, struct pollfd *fds, size_t max);
/* Monotonic milliseconds at which dial_work wants to be called; -1: none. */
int64_t dial_deadline(const struct dial *d);
/*
 * Works on the N entries of FDS after poll (or on time alone). Returns 1 and
 * fills RESULT when it ended, well or not; 0 while it goes on. The socket of
 * a good result belongs to the caller.
 */
int dial_work(struct dial *d, const struct pollfd *fds, size_t n, int64_t now,
    struct dial_result *result);

#endif
