/*
 * Makes random ids for messages and IQs, and SASL nonces. Owns a generator that
 * the caller seeds once: ChaCha20 (RFC 8439), with a new key for each kilobyte.
 * Asks the system for nothing.
 */
#ifndef XMPP_NONCE_H
#define XMPP_NONCE_H

#include <stddef.h>
#include <stdint.h>

#define NONCE_SEED 32 /* bytes of randomness */
#define NONCE_ID   24 /* characters of 6 bits each, 144 bits in all */

struct nonce;

/*
 * Makes a generator from NONCE_SEED random bytes of SEED (copied). The caller
 * frees with nonce_free.
 */
struct nonce *nonce_new(const unsigned char *seed);
/* Wipes and frees; NULL is accepted. */
void nonce_free(struct nonce *n);
/* Writes LEN random bytes to OUT. */
void nonce_bytes(struct nonce *n, void *out, size_t len);
/* Writes NONCE_ID random letters, digits, `_` and `-` to OUT, and a NUL. */
void nonce_id(struct nonce *n, char out[NONCE_ID + 1]);
/* Returns a random number from 0 to BELOW - 1; BELOW is at least 1. */
uint32_t nonce_below(struct nonce *n, uint32_t below);

#endif
