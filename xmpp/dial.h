/*
 * Connects to the server of a domain: SRV records (RFC 6120 3.2, XEP-0368) and
 * addresses by c-ares, in the order of RFC 2782, raced as in RFC 8305. One of
 * the few files that do I/O; it never blocks. Under torsocks it queries no SRV
 * records and uses getaddrinfo, which torsocks redirects. Owns every socket
 * until it is handed out. Knows no XMPP beyond the SRV names.
 *
 * With a configured host or port, or a numeric address, SRV is not queried. The
 * port is then 5222 unless configured; ports 5223 and 443 use direct TLS, all
 * others STARTTLS. Otherwise the SRV records decide. If there are none, or the
 * name servers do not answer, it is port 5222 of the domain; if _xmpp-client
 * has only the target `.`, the domain serves no clients and the dial fails.
 */
#ifndef XMPP_DIAL_H
#define XMPP_DIAL_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define DIAL_FDS 32 /* descriptors that one dial may watch at once */

/* The server to reach; strings are borrowed during dial_new only. */
struct dial_options {
	const char *domain; /* the JID's domain, A-labels */
	const char *host;   /* configured, a name or address; or NULL */
	int port;	    /* configured, 1 to 65535; or 0 */
	/* Name servers "IP:PORT,..."; NULL: those of the system. */
	const char *servers;
	uint32_t random; /* seed for the weights of RFC 2782 */
};

/* The outcome; strings are borrowed until dial_next or dial_free. */
struct dial_result {
	int fd;		  /* connected, non-blocking, close-on-exec; or -1 */
	const char *host; /* the name connected to */
	int port;
	const char *address; /* the numeric address */
	int direct;	     /* 1: TLS from the first byte (XEP-0368) */
	size_t more;	     /* targets and addresses left to try */
	const char *cause;   /* `dns`, `refused` or `timeout`; NULL: success */
	const char *why;     /* a list of the failed attempts; or NULL */
};

struct dial;

/* Starts a dial at NOW, monotonic milliseconds. The caller frees. */
struct dial *dial_new(const struct dial_options *options, int64_t now);
/* Closes all sockets except the one handed out, and frees. NULL is accepted. */
void dial_free(struct dial *d);
/* Fills up to MAX entries of FDS for poll; returns the number filled. */
size_t dial_fds(struct dial *d, struct pollfd *fds, size_t max);
/* Returns the time at which dial_work is due, monotonic milliseconds; or -1. */
int64_t dial_deadline(const struct dial *d);
/*
 * Handles the N entries of FDS after poll, and timeouts. Returns 1 and fills
 * RESULT when the dial has succeeded or failed, else 0. The socket in RESULT
 * then belongs to the caller.
 */
int dial_work(struct dial *d, const struct pollfd *fds, size_t n, int64_t now,
    struct dial_result *result);

/*
 * Goes on with the targets and addresses that are left, because the connection
 * handed out was of no use for the reason WHY (copied). The caller has closed
 * it, and `more` was not 0. Strings of the former result are no longer valid.
 * NOW is monotonic milliseconds.
 */
void dial_next(struct dial *d, const char *why, int64_t now);

#endif
