/*
 * The parts of SCRAM (RFC 5802) that are neither state nor choice: what the
 * server's messages say, and what is computed from them. Pure functions over
 * the hashes of BearSSL; owns nothing, decides nothing.
 */
#ifndef XMPP_SCRAM_H
#define XMPP_SCRAM_H

#include <stddef.h>
#include <stdint.h>

#include <bearssl.h>

#include "sexp/buf.h"

#define SCRAM_HASH 64  /* bytes of the longest hash */
#define SCRAM_SALT 255 /* bytes of the longest salt taken */

/* What server-first-message says. */
struct scram_first {
	const char *nonce; /* borrowed from the message */
	size_t nonce_len;
	unsigned char salt[SCRAM_SALT];
	size_t salt_len;
	uint32_t rounds; /* unchecked; UINT32_MAX for all that is above */
};

/* What server-final-message says. */
struct scram_final {
	const char *error; /* borrowed from the message; NULL: none */
	size_t error_len;
	unsigned char signature[SCRAM_HASH];
	size_t signature_len;
};

/*
 * Reads server-first-message (RFC 5802 section 7), N bytes at P, into FIRST.
 * Extensions are skipped; an attribute that comes twice, or the mandatory `m`
 * anywhere, is an error. NULL, or why not: one clause, static.
 */
const char *scram_read_first(
    struct scram_first *first, const char *p, size_t n);
/*
 * Reads server-final-message (the same), N bytes at P, into FINAL. NULL, or why
 * not: one clause, static.
 */
const char *scram_read_final(
    struct scram_final *final, const char *p, size_t n);
/* Appends `n=NAME,r=NONCE`, NAME escaped (section 5.1). -1 as buf_add. */
int scram_write_first(struct buf *out, const char *name, const char *nonce);

/* The length in bytes of what HASH makes. */
size_t scram_hash_size(const br_hash_class *hash);
/*
 * Hi() of section 2.2, which is PBKDF2 (RFC 8018 5.2) of one block: ROUNDS
 * (at least 1) of the HMAC keyed with the password in KEY over N bytes of SALT.
 * Writes the size of KEY's hash to OUT. The caller bounds ROUNDS and wipes.
 */
void scram_hi(const br_hmac_key_context *key, const void *salt, size_t n,
    uint32_t rounds, unsigned char *out);
/*
 * From SALTED, what Hi() gave, and AUTH, the AuthMessage: ClientProof into
 * PROOF, the ServerSignature to be expected into SIGNATURE (section 3).
 */
void scram_proof(const br_hash_class *hash, const unsigned char *salted,
    const struct buf *auth, unsigned char proof[SCRAM_HASH],
    unsigned char signature[SCRAM_HASH]);
/* Whether N bytes of A and B are equal, in a time that N alone decides. */
int scram_equal(const void *a, const void *b, size_t n);

#endif
