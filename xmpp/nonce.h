/*
 * Random names: message ids, IQ ids, SASL nonces. A generator seeded once by
 * the caller, so that the machine that owns it stays pure. Knows no entropy
 * source.
 */
#ifndef XMPP_NONCE_H
#define XMPP_NONCE_H

#include <stddef.h>
#include <stdint.h>

#define NONCE_SEED 32 /* bytes of randomness */
#define NONCE_ID   24 /* characters of 6 bits; 128 and some */

struct nonce;

/* A generator from SEED, NONCE_SEED bytes that are copied. Caller frees. */
struct nonce *nonce_new(const unsigned char *seed);
/* Wipes and frees; NULL is accepted. */
void nonce_free(struct nonce *n);
/* Writes LEN random bytes to OUT. */
void nonce_bytes(struct nonce *n, void *out, size_t len);
/* Writes NONCE_ID letters, digits, `_` and `-`, and a NUL. */
void nonce_id(struct nonce *n, char out[NONCE_ID + 1]);
/* A number from 0 to BELOW - 1, BELOW at least 1. */
uint32_t nonce_below(struct nonce *n, uint32_t below);

#endif
