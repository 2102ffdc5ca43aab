/*
 * The stateless parts of SCRAM (RFC 5802): parsing the messages of the server
 * and computing the proofs, with the hashes of BearSSL. Pure functions; owns
 * nothing.
 */
#ifndef XMPP_SCRAM_H
#define XMPP_SCRAM_H

#include <stddef.h>
#include <stdint.h>

#include <bearssl.h>

#include "sexp/buf.h"
#include "xmpp/sasl.h"

#define SCRAM_HASH SASL_HASH
#define SCRAM_SALT SASL_SALT

/* The content of server-first-message. */
struct scram_first {
	const char *nonce; /* borrowed from the message */
	size_t nonce_len;
	unsigned char salt[SCRAM_SALT];
	size_t salt_len;
	uint32_t rounds; /* unchecked; UINT32_MAX if larger */
};

/* The content of server-final-message. */
struct scram_final {
	const char *error; /* borrowed from the message; or NULL */
	size_t error_len;
	unsigned char signature[SCRAM_HASH];
	size_t signature_len;
};

/*
 * Parses server-first-message (RFC 5802 7), N bytes at P, into FIRST.
 * Extensions are skipped; a repeated attribute, or a mandatory extension (`m`),
 * is an error. Returns NULL, or the reason in one clause, static.
 */
const char *scram_read_first(
    struct scram_first *first, const char *p, size_t n);
/* Parses server-final-message into FINAL, in the same way. */
const char *scram_read_final(
    struct scram_final *final, const char *p, size_t n);
/*
 * Appends `n=NAME,r=NONCE` to OUT, with NAME escaped (RFC 5802 5.1). Returns -1
 * if OUT is full.
 */
int scram_write_first(struct buf *out, const char *name, const char *nonce);

/* Returns the number of bytes of HASH. */
size_t scram_hash_size(const br_hash_class *hash);
/*
 * Computes Hi() (RFC 5802 2.2), one block of PBKDF2 (RFC 8018 5.2): ROUNDS (at
 * least 1) of the HMAC with KEY, the password, over N bytes of SALT. Writes as
 * many bytes as the hash has to OUT, which the caller wipes.
 */
void scram_hi(const br_hmac_key_context *key, const void *salt, size_t n,
    uint32_t rounds, unsigned char *out);
/*
 * Computes ClientProof into PROOF, and the expected ServerSignature into
 * SIGNATURE, from SaltedPassword and AuthMessage (RFC 5802 3).
 */
void scram_proof(const br_hash_class *hash, const unsigned char *salted,
    const struct buf *auth, unsigned char proof[SCRAM_HASH],
    unsigned char signature[SCRAM_HASH]);
/* Returns 1 if N bytes of A and B are equal, in constant time. */
int scram_equal(const void *a, const void *b, size_t n);

#endif
