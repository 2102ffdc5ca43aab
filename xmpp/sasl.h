/*
 * SASL for one login: the choice of a mechanism; SCRAM (RFC 5802, RFC 7677, and
 * with SHA-512) with or without `tls-unique` channel binding (RFC 5929); PLAIN
 * (RFC 4616) as the last resort. A pure machine; it owns copies of the
 * credentials and wipes them, and knows no XML.
 */
#ifndef XMPP_SASL_H
#define XMPP_SASL_H

#include <stddef.h>
#include <stdint.h>

#include "sexp/buf.h"

/* Bits of the mechanisms, in order of preference. */
#define SASL_SCRAM_SHA_512_PLUS 0x01u
#define SASL_SCRAM_SHA_256_PLUS 0x02u
#define SASL_SCRAM_SHA_1_PLUS	0x04u
#define SASL_SCRAM_SHA_512	0x08u
#define SASL_SCRAM_SHA_256	0x10u
#define SASL_SCRAM_SHA_1	0x20u
#define SASL_PLAIN		0x40u
#define SASL_BINDS		0x80u /* binding was possible; see sasl_start */
#define SASL_PLUS		0x07u
#define SASL_SCRAM		0x3fu

/* Bytes of tls-unique: a Finished message of TLS 1.2. */
#define SASL_BINDING 12

#define SASL_SALT    255 /* bytes of the longest salt accepted */
#define SASL_HASH    64	 /* bytes of the longest hash */

/*
 * The SaltedPassword of an earlier login (RFC 5802 5.1), all 0 at first. It is
 * as secret as the password: it stays in memory, and its owner wipes it.
 */
struct sasl_salted {
	const char *hash; /* NULL: there is none */
	unsigned char salt[SASL_SALT];
	size_t salt_len;
	uint32_t rounds;
	unsigned char key[SASL_HASH];
};

struct sasl;

/*
 * A faster Hi() (RFC 5802 2.2) than scram_hi: ROUNDS of HASH ("SHA1", "SHA256",
 * "SHA512") keyed with PASSWORD over N bytes of SALT, written to OUT. Returns
 * -1 if it cannot; then scram_hi is used.
 */
typedef int sasl_hi(const char *hash, const char *password, const void *salt,
    size_t n, uint32_t rounds, unsigned char *out);

/* Returns the bit of the mechanism NAME; 0 if it is not supported. */
unsigned sasl_mechanism(const char *name);

/*
 * Begins a login of USER (a local part) with PASSWORD (UTF-8). Both are copied
 * and prepared by SASLprep (RFC 4013). NONCE is 24 random printable characters
 * without a comma. The caller frees with sasl_free.
 */
struct sasl *sasl_new(
    const char *user, const char *password, const char nonce[24]);
/*
 * Makes S compute Hi() by the function HI, or by scram_hi if HI is NULL. If
 * KEPT is not NULL, what it computes is kept there for the logins that follow
 * with the same password; KEPT must outlive S.
 */
void sasl_hash_by(struct sasl *s, sasl_hi *hi, struct sasl_salted *kept);
/* Wipes and frees; NULL is accepted. */
void sasl_free(struct sasl *s);

/*
 * Chooses the best of the OFFERED bits. BINDING is the tls-unique data, or NULL
 * if there is none. TYPES is 0 if the server lists binding types without
 * tls-unique (XEP-0440), else 1.
 *
 * *SEEN has the bits that were offered earlier in this process; the new ones
 * are added. PLAIN is refused if SCRAM was ever offered. A list without
 * tls-unique is refused (`downgrade`) if binding was possible before: somebody
 * in between may have replaced the list so that we send `n`.
 *
 * The GS2 header says `p` with a -PLUS mechanism, `y` if we can bind and no
 * -PLUS was offered, else `n` (RFC 5802 6). Appends the initial response to OUT
 * and returns the name of the mechanism, static; NULL with a cause.
 */
const char *sasl_start(struct sasl *s, unsigned offered,
    const unsigned char *binding, int types, unsigned *seen, struct buf *out);
/* Appends the response to the challenge of N bytes at P; -1 with a cause. */
int sasl_challenge(struct sasl *s, const void *p, size_t n, struct buf *out);
/*
 * Handles the additional data of <success/>, N bytes at P, or none if N is 0
 * (RFC 6120 6.3.10). Returns -1 with a cause unless the server has proved that
 * it knows the password; with PLAIN there is no such proof.
 */
int sasl_success(struct sasl *s, const void *p, size_t n);

/*
 * Returns NULL unless our first message had `y` in its GS2 header, which a
 * server with channel binding must refuse (RFC 5802 6). Then returns a sentence
 * for the user that explains the failure that follows, static.
 */
const char *sasl_not_offered(const struct sasl *s);
/* Returns the token of xmpp/cause.def for a failure, static; else NULL. */
const char *sasl_cause(const struct sasl *s);
/* Explains the failure in one clause, static; NULL if there is none. */
const char *sasl_why(const struct sasl *s);

#endif
