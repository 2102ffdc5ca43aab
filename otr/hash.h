/*
 * PBKDF2 by libgcrypt, which uses the SHA instructions of the processor: a
 * login needs ten thousand rounds. Knows no XMPP.
 */
#ifndef OTR_HASH_H
#define OTR_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Computes one block of PBKDF2 (RFC 8018 5.2): ROUNDS (at least 1) of the HMAC
 * with HASH ("SHA1", "SHA256", "SHA512") and PASSWORD over N bytes of SALT.
 * Writes as many bytes as HASH has to OUT. Returns -1, with OUT undefined, if
 * libgcrypt does not support it.
 */
int hash_hi(const char *hash, const char *password, const void *salt, size_t n,
    uint32_t rounds, unsigned char *out);

#endif
