/*
 * Checks the certificates of the server in one handshake, as the X.509 engine
 * that BearSSL calls (bearssl_x509.h). Either a chain must lead to a trust
 * anchor, in whatever order its certificates come, or the leaf must be the
 * pinned one. Keeps the leaf even if it is refused. Private to tls.c; owns
 * copies of the certificates and knows nothing of records and keys.
 */
#ifndef XMPP_VERIFY_H
#define XMPP_VERIFY_H

#include <bearssl.h>

#include "sexp/buf.h"
#include "xmpp/path.h"
#include "xmpp/tls.h"

#define VERIFY_CERT_MAX 65536 /* bytes of DER of one certificate */
#define VERIFY_RSA_MIN	256   /* bytes of an RSA modulus: 2048 bits */

/* Decoded trust anchors, as BearSSL wants them. A zeroed struct is empty. */
struct verify_found {
	br_x509_trust_anchor *list;
	size_t count;
};

struct verify {
	const br_x509_class *vtable; /* first: BearSSL's pointer to us */
	int is_pinned; /* check the hash of the leaf and no chain */
	unsigned char pin[TLS_PIN];
	char *name;  /* the DNS name that the leaf must have */
	int64_t now; /* seconds since 1970 */
	br_x509_minimal_context chain;
	const struct tls_anchors *anchors; /* borrowed */
	struct verify_found found;	   /* those that the chain names */
	struct buf cert;		   /* the one being received */
	struct path path;		   /* the chain, unless is_pinned */
	/* Its status is 0 after the chain if the leaf has no dNSName. */
	br_name_element san;
	char san_byte;
	br_x509_decoder_context decoder; /* of the leaf */
	struct buf leaf;
	unsigned char hash[TLS_PIN];
	unsigned certificates;	 /* begun in this chain */
	int seen;		 /* `leaf` and `hash` are complete */
	const char *cause, *why; /* of a refusal, static; else NULL */
};

/*
 * Initialises V by OPTIONS, which tls_new has checked, and makes it the X.509
 * engine of CLIENT. The options are copied, except the anchors, which must
 * outlive V. The caller frees what V holds with verify_clear.
 */
void verify_init(struct verify *v, br_ssl_client_context *client,
    const struct tls_options *options);
/* Frees all that V holds. */
void verify_clear(struct verify *v);

/* In xmpp/anchors.c. */

/*
 * Adds to FOUND the anchors of A that bear the name of the issuer or of the
 * subject of the certificate of N bytes of DER at P, unless they are in it.
 */
void verify_find(const struct tls_anchors *a, const unsigned char *p, size_t n,
    struct verify_found *found);
/* Frees all that FOUND holds. */
void verify_found_clear(struct verify_found *found);

/*
 * Converts a date of BearSSL, DAYS since 1 January of the year 0 and SECONDS
 * since midnight, to seconds since 1970.
 */
int64_t verify_time(uint32_t days, uint32_t seconds);

#endif
