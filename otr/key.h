/*
 * Our DSA key: otr_dsa.sexp (FILES.md) to libotr's form and back. Pure; owns
 * the secret number, which lies in libgcrypt's memory.
 */
#ifndef OTR_KEY_H
#define OTR_KEY_H

#include "sexp/buf.h"

/* Room for a fingerprint: 40 lower-case hex digits and a NUL. */
#define KEY_FINGERPRINT 41

struct key;
struct s_OtrlUserState;

/*
 * Reads N bytes of P: `((p N) (q N) (gg N) (x N) (y N))`, decimal numbers,
 * fields in any order, unknown fields skipped. NULL with WHY in words where
 * this is no such key, or its numbers do not fit each other. Caller frees.
 */
struct key *key_parse(const void *p, size_t n, char why[160]);
/* A new key: p of 1024 bits, q of 160; takes 15 to 200 ms. NULL: failed. */
struct key *key_generate(void);
/* Wipes and frees; NULL is accepted. */
void key_free(struct key *k);
/*
 * Appends K as the original prints it, no newline behind. It is secret: OUT
 * is to be cleared by buf_clear. -1 where OUT is full.
 */
int key_print(const struct key *k, struct buf *out);
/* The fingerprint, as others see it in OTR. Borrowed from K. */
const char *key_fingerprint(const struct key *k);
/* Writes N bytes of P to OUT as 2 N lower-case hex digits and a NUL. */
void key_hex(const unsigned char *p, size_t n, char *out);
/* For otr.c: puts a copy into US as the key of account NAME. */
void key_give(const struct key *k, struct s_OtrlUserState *us, const char *name,
    const char *protocol);

#endif
