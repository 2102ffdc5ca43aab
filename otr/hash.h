/*
 * The one hash that is worth libgcrypt's speed: it uses what the processor has
 * for SHA, and a login runs it ten thousand times. Knows no XMPP.
 */
#ifndef OTR_HASH_H
#define OTR_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * PBKDF2 (RFC 8018 5.2) of one block: ROUNDS (at least 1) of the HMAC with
 * HASH ("SHA1", "SHA256", "SHA512") and PASSWORD over N bytes of SALT. Writes
 * the size of the hash to OUT. -1, and OUT is undefined, where libgcrypt
 * cannot or may not do it.
 */
int hash_hi(const char *hash, const char *password, const void *salt, size_t n,
    uint32_t rounds, unsigned char *out);

#endif
