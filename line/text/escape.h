/*
 * The codec of jackline-lines(7), ESCAPES: any bytes to one column of an event
 * line and back, without loss, and each in one form only. No other function
 * puts remote bytes into a line. Pure; owns nothing; knows no tags.
 */
#ifndef LINE_TEXT_ESCAPE_H
#define LINE_TEXT_ESCAPE_H

#include "sexp/buf.h"

/* Options for writing. */
#define ESCAPE_ASCII 1 /* every byte from 0x80 up as \xHH (-a) */
#define ESCAPE_VALUE 2 /* PEER and attribute values: blank, U+200C, U+200D */

/*
 * Appends N bytes of P to OUT as one column. P NULL is "absent", `-`; N 0 is
 * `\e`. -1, and OUT as before, where OUT's bound is exceeded. Marks are
 * counted in the data, so that an escaped one still continues its row; in
 * TEXT U+200C and U+200D, which have no width, neither end a row of marks nor
 * give one something to stand on at the start of a column.
 */
int escape_write(struct buf *out, const void *p, size_t n, int options);

/*
 * Appends the N bytes at P to OUT; those of them that are not UTF-8, and the
 * characters that XML 1.0 cannot carry, are spelled as escape_write has them.
 * -1, and OUT as before, where OUT's bound is exceeded.
 */
int escape_sanitize(struct buf *out, const void *p, size_t n);

/*
 * Appends to OUT the bytes that the column of N bytes at P stands for; liberal
 * as jackline-lines(7) says: but for `\`, every byte may stand for itself, and
 * it is the caller who asks whether the result is UTF-8. `\e` is nothing and
 * `\-` is `-` wherever they stand; `-` means "absent" only where it is the
 * whole column. No bytes at all are an empty column. Returns 1; 0 where the
 * column is `-` (absent, nothing appended); -1 where it is no escaped form or
 * OUT's bound is exceeded, with *WHY a static text and *AT the offset in P,
 * and OUT as before.
 */
int escape_read(
    struct buf *out, const void *p, size_t n, const char **why, size_t *at);

#endif
