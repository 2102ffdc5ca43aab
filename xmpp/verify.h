/*
 * The check of the server's certificates in one handshake, as the X.509
 * engine that BearSSL calls: a chain to a trust anchor, or a pinned leaf, or
 * only a look. Keeps the leaf, whatever the verdict. Internal to the TLS of
 * tls.h; owns no keys of ours, knows no records.
 */
#ifndef XMPP_VERIFY_H
#define XMPP_VERIFY_H

#include <bearssl.h>

#include "sexp/buf.h"
#include "xmpp/tls.h"

#define VERIFY_CERT_MAX 65536 /* bytes of DER of one certificate */
#define VERIFY_RSA_MIN	256   /* bytes of an RSA modulus: 2048 bits */

/* Where the names of a certificate lie in its DER, whole with their tags. */
struct verify_names {
	size_t issuer, issuer_len, subject, subject_len;
};

/* Anchors as BearSSL wants them. Zeroed is empty. */
struct verify_found {
	br_x509_trust_anchor *list;
	size_t count;
};

enum verify_mode { VERIFY_CHAIN, VERIFY_PIN, VERIFY_LOOK };

struct verify {
	const br_x509_class *vtable; /* first: BearSSL's pointer to us */
	enum verify_mode mode;
	char *name;
	unsigned char pin[TLS_PIN];
	int64_t now;
	br_x509_minimal_context chain;
	const struct tls_anchors *anchors; /* borrowed */
	struct verify_found found;	   /* those that the chain names */
	struct buf cert;		   /* that is being received */
	br_name_element san; /* whether the leaf has a dNSName at all */
	char san_byte;
	br_x509_decoder_context decoder; /* of the leaf */
	struct buf leaf;
	unsigned char hash[TLS_PIN];
	unsigned certificates;	 /* begun in this chain */
	int seen;		 /* the leaf is whole: hash and leaf hold */
	const char *cause, *why; /* of a refusal, else NULL; static */
};

/*
 * Prepares V as OPTIONS say (copied, but for the anchors, which must outlive
 * V) and makes it the X.509 engine of CLIENT. The options are those that
 * tls_new has found to be sound. verify_clear frees what V holds.
 */
void verify_init(struct verify *v, br_ssl_client_context *client,
    const struct tls_options *options);
/* Frees what V holds. */
void verify_clear(struct verify *v);

/* In xmpp/anchors.c. */

/*
 * Finds the names in the certificate of N bytes of DER at P (RFC 5280 4.1). -1
 * where they are not there. No check of anything else.
 */
int verify_names(const unsigned char *p, size_t n, struct verify_names *names);
/*
 * Adds to FOUND those of A that bear the name of the issuer or of the subject
 * of the certificate of N bytes of DER at P, and were not found before.
 */
void verify_find(const struct tls_anchors *a, const unsigned char *p, size_t n,
    struct verify_found *found);
/* Frees what FOUND holds. */
void verify_found_clear(struct verify_found *found);

/*
 * Seconds since 1970 of BearSSL's date: DAYS since 1 January of the year 0
 * and SECONDS since midnight.
 */
int64_t verify_time(uint32_t days, uint32_t seconds);

#endif
