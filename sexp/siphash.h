/*
 * SipHash-2-4 of Aumasson and Bernstein, with one key for the whole process:
 * somebody who chooses the input cannot foresee the hash. Pure except for the
 * key.
 */
#ifndef SEXP_SIPHASH_H
#define SEXP_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY 16

/*
 * Sets the key of the process, SIPHASH_KEY random bytes; to be called before
 * anything is hashed. Without it the key is zero, and tests are reproducible.
 */
void siphash_set_key(const unsigned char key[SIPHASH_KEY]);
/* Returns the hash of the N bytes of P. */
uint64_t siphash(const void *p, size_t n);
/*
 * Writes the hash of the N bytes of P in its variant of 128 bits to OUT: long
 * enough to stand for what was hashed.
 */
void siphash_128(const void *p, size_t n, uint64_t out[2]);

#endif
