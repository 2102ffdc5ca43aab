/*
 * Our private DSA key of OTR, read from and written as otr_dsa.sexp
 * (jackline(1), FILES). Pure; owns the secret number, in the memory of
 * libgcrypt.
 */
#ifndef OTR_PRIVKEY_H
#define OTR_PRIVKEY_H

#include "sexp/buf.h"

/* Bytes of a fingerprint: 40 lower-case hex digits and a NUL. */
#define OTR_FINGERPRINT_SIZE 41

struct privkey;
struct s_OtrlUserState;

/*
 * Reads the N bytes at P, `((p N) (q N) (gg N) (x N) (y N))` with decimal
 * numbers, in any order; unknown fields are skipped. Returns NULL with the
 * reason in WHY if the bytes have another form or the numbers are not a DSA key
 * of 1024 to 3072 bits. The caller frees with privkey_free.
 */
struct privkey *privkey_parse(const void *p, size_t n, char why[160]);
/* Makes a key with a p of 1024 bits, in 15 to 200 ms; NULL if that failed. */
struct privkey *privkey_generate(void);
/* Wipes and frees; NULL is accepted. */
void privkey_free(struct privkey *k);
/*
 * Appends K in the format of the OCaml jackline, without a newline. OUT must be
 * freed by buf_clear, which wipes it. Returns -1 if OUT is full.
 */
int privkey_print(const struct privkey *k, struct buf *out);
/* Returns the fingerprint by which peers know K; borrowed from K. */
const char *privkey_fingerprint(const struct privkey *k);
/*
 * Adds a copy of K to US, the user state of libotr, as the key of the account
 * NAME on PROTOCOL. For otr.c only.
 */
void privkey_give(const struct privkey *k, struct s_OtrlUserState *us,
    const char *name, const char *protocol);

#endif
