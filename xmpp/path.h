/*
 * Builds certification paths (RFC 4158) from the certificates that a server
 * sent: lists that begin with the server's own, in which each is followed by
 * its issuer. TLS 1.2 demands that they are sent in that order (RFC 5246
 * 7.4.2), but many servers send them in another, twice, or with strangers among
 * them. Only names are compared and no signature is checked, so each path must
 * be validated as a whole. Private to verify.c. Owns copies of the
 * certificates.
 */
#ifndef XMPP_PATH_H
#define XMPP_PATH_H

#include <stddef.h>

#include "sexp/buf.h"

#define PATH_CERTS 16	  /* certificates kept, at most */
#define PATH_BYTES 262144 /* bytes of DER kept, at most */
#define PATH_TRIES 8	  /* paths that path_next gives, at most */

/* Offsets and lengths of the names in the DER of a certificate, with tags. */
struct path_names {
	size_t issuer, issuer_len, subject, subject_len;
};

struct path_cert {
	size_t at, len; /* in `der` of struct path */
	struct path_names names;
};

struct path {
	struct buf der;
	struct path_cert certs[PATH_CERTS]; /* the first is the server's own */
	size_t count;
	int more; /* a bound was reached, so that some were left out */
	size_t steps[PATH_CERTS], depth; /* the current path: indices */
	unsigned tries;			 /* paths given so far */
};

/*
 * Finds the issuer and the subject in the certificate of N bytes of DER at P
 * (RFC 5280 4.1), and checks nothing else. Returns -1 if they are not found.
 */
int path_names(const unsigned char *p, size_t n, struct path_names *names);

/* Makes P empty. The caller frees what it holds with path_clear. */
void path_init(struct path *p);
/* Frees all that P holds. */
void path_clear(struct path *p);
/* Removes all certificates, for the next chain. */
void path_reset(struct path *p);
/*
 * Adds a copy of the certificate of N bytes at DER. It is left out if it has no
 * names, unless it is the first; if it was added already; or, with `more` set,
 * if PATH_CERTS or PATH_BYTES would be exceeded.
 */
void path_add(struct path *p, const unsigned char *der, size_t n);
/*
 * Sets `steps` and `depth` to the next path and returns 1; 0 if there is no
 * other, or PATH_TRIES were given. A path begins with the first certificate,
 * has no certificate twice, and is as long as the issuers' names allow. Issuers
 * are tried in the order in which they were sent.
 */
int path_next(struct path *p);

#endif
