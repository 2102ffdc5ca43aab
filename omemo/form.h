/*
 * The form of our records: `(1 SUM RECORD)`, where SUM is a checksum of RECORD
 * and RECORD is a list of pairs `(NAME VALUE)`. Binary data is in hexadecimal
 * digits. libomemo-c aborts or prints on a damaged record, so that nothing is
 * given to it that has not been checked here. Pure functions; needs BearSSL and
 * not libomemo-c.
 */
#ifndef OMEMO_FORM_H
#define OMEMO_FORM_H

#include <stdint.h>

#include "sexp/sexp.h"

#define FORM_SUM 16	     /* bytes of the checksum */
#define FORM_MAX (8u << 20)  /* bytes of a record, at most */
#define FORM_ID	 0x7fffffffu /* the greatest number of a device or key */

/* Writes the first N (at most 32) bytes of the SHA-256 of LEN bytes to OUT. */
void form_digest(const void *p, size_t len, unsigned char *out, size_t n);

/*
 * Appends the file that holds RECORD, a list of T, to OUT, in human form and
 * without a newline at the end. -1 with OUT as before if that exceeds FORM_MAX
 * or the bound of OUT.
 */
int form_print(struct sexp_tree *t, struct sexp *record, struct buf *out);
/*
 * Reads the N bytes of a file at P, checks the checksum, and sets *RECORD,
 * which the returned tree owns; the caller frees it with sexp_free. NULL with E
 * if the file has another form, version or checksum.
 */
struct sexp_tree *form_parse(
    const void *p, size_t n, const struct sexp **record, struct sexp_error *e);

/*
 * Sets VALUE[i] to the value of the field NAME[i] of the record S for all COUNT
 * fields. -1 if S has another form, or a field is missing, double or unknown.
 */
int form_fields(const struct sexp *s, const char *const name[], size_t count,
    const struct sexp *value[]);
/* Reads the whole number S, MIN to MAX, into *OUT; -1 if it is none. */
int form_number(const struct sexp *s, int64_t min, int64_t max, int64_t *out);
/* Returns the index of the atom S in WORD, COUNT words, or -1. */
int form_word(const struct sexp *s, const char *const word[], size_t count);
/* Reads the digits S into exactly N bytes of OUT; -1 if they are not those. */
int form_hex(const struct sexp *s, unsigned char *out, size_t n);
/*
 * Reads the digits S into new memory *OUT of *N bytes, which the caller wipes
 * and frees. No digits give NULL and 0. -1 if they are more than MAX bytes.
 */
int form_bytes(
    const struct sexp *s, size_t max, unsigned char **out, size_t *n);

/* Appends `(NAME VALUE)` to the record LIST. */
void form_put(struct sexp_tree *t, struct sexp *list, const char *name,
    struct sexp *value);
/* Appends a number to the record LIST. */
void form_put_number(
    struct sexp_tree *t, struct sexp *list, const char *name, int64_t value);
/* Appends the word TEXT to the record LIST. */
void form_put_word(
    struct sexp_tree *t, struct sexp *list, const char *name, const char *text);
/* Appends N bytes of P as digits to the record LIST. */
void form_put_bytes(struct sexp_tree *t, struct sexp *list, const char *name,
    const void *p, size_t n);

/*
 * Reads TEXT, exactly 2 N digits in either case, with blanks and colons between
 * groups ignored, into OUT. -1 if it is something else.
 */
int form_from_hex(const char *text, unsigned char *out, size_t n);

#endif
