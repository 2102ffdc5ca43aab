/*
 * SASL for one login: choice of the mechanism, SCRAM (RFC 5802, 7677, with
 * SHA-512 besides) with and without channel binding `tls-unique` (RFC 5929),
 * PLAIN (RFC 4616) as the last resort. A pure machine: owns the credentials
 * given to it and wipes them; knows no XML and no base64.
 */
#ifndef XMPP_SASL_H
#define XMPP_SASL_H

#include <stddef.h>
#include <stdint.h>

#include "sexp/buf.h"

/* Mechanisms in the order of preference, each a bit; see sasl_mechanism. */
#define SASL_SCRAM_SHA_512_PLUS 0x01u
#define SASL_SCRAM_SHA_256_PLUS 0x02u
#define SASL_SCRAM_SHA_1_PLUS	0x04u
#define SASL_SCRAM_SHA_512	0x08u
#define SASL_SCRAM_SHA_256	0x10u
#define SASL_SCRAM_SHA_1	0x20u
#define SASL_PLAIN		0x40u
#define SASL_PLUS		0x07u
#define SASL_SCRAM		0x3fu

/* Length of what tls-unique binds to: the Finished of TLS 1.2. */
#define SASL_BINDING 12

struct sasl;

/*
 * Hi() of RFC 5802 2.2 by somebody who is faster than scram_hi: ROUNDS of HASH
 * ("SHA1", "SHA256", "SHA512") keyed with PASSWORD over N bytes of SALT into
 * OUT. -1: it cannot, and scram_hi does it.
 */
typedef int sasl_hi(const char *hash, const char *password, const void *salt,
    size_t n, uint32_t rounds, unsigned char *out);

/* The bit of the mechanism called NAME, 0 for one that we do not have. */
unsigned sasl_mechanism(const char *name);

/*
 * A login of USER (local part) with PASSWORD (UTF-8, prepared here by SASLprep
 * RFC 4013); both are copied. NONCE is 24 printable characters without comma
 * from the caller's randomness. The caller frees with sasl_free.
 */
struct sasl *sasl_new(
    const char *user, const char *password, const char nonce[24]);
/* Takes HI for its hashing from here on; NULL: its own. */
void sasl_hash_by(struct sasl *s, sasl_hi *hi);
/* Wipes and frees; NULL is accepted. */
void sasl_free(struct sasl *s);

/*
 * Chooses the best of OFFERED (bits). BINDING is the tls-unique data, NULL if
 * we cannot bind; TYPES is 1 where the server lists tls-unique for binding or
 * lists nothing (XEP-0440), 0 where it lists types of which we have none.
 * SEEN holds the bits offered before in the life of the process: with any of
 * SASL_SCRAM among them PLAIN is refused (`downgrade`). The GS2 header says
 * `p` with -PLUS, `y` where we could bind and no -PLUS was offered, else `n`.
 * Returns the mechanism's name (static) and appends the initial response to
 * OUT; NULL with a cause.
 */
const char *sasl_start(struct sasl *s, unsigned offered,
    const unsigned char *binding, int types, unsigned seen, struct buf *out);
/* Answers the challenge of N bytes at P: appends the response. -1: cause. */
int sasl_challenge(struct sasl *s, const void *p, size_t n, struct buf *out);
/*
 * Takes the additional data of <success/>, N bytes at P (N 0: none came). -1
 * unless the server has proved by now that it knows the password (SCRAM) or
 * has nothing to prove (PLAIN).
 */
int sasl_success(struct sasl *s, const void *p, size_t n);

/* Why the last call failed: a token of line/error.def, static; else NULL. */
const char *sasl_cause(const struct sasl *s);
/* The same in words, one clause, static; NULL where nothing failed. */
const char *sasl_why(const struct sasl *s);

#endif
