/*
 * The codec of LINES.md 1.1: any bytes to one column of an event line and
 * back. Total, lossless, canonical. The only way of remote bytes into a line.
 * Pure; owns nothing; knows no tags.
 */
#ifndef LINE_ESCAPE_H
#define LINE_ESCAPE_H

#include "sexp/buf.h"

/* Options for writing. */
#define ESCAPE_ASCII 1 /* every byte from 0x80 up as \xHH (-a) */
#define ESCAPE_VALUE 2 /* PEER and attribute values: blank, U+200C, U+200D */

/*
 * Appends N bytes of P to OUT as one column. P NULL is "absent", `-`; N 0 is
 * `\e`. -1, and OUT as before, where OUT's bound is exceeded.
 */
int escape_write(struct buf *out, const void *p, size_t n, int options);

/*
 * Appends to OUT the bytes that the column of N bytes at P stands for; liberal
 * as LINES.md 2 says. Returns 1; 0 where the column is `-` (absent, nothing
 * appended); -1 where it is no escaped form, with *WHY a static text and *AT
 * the offset in P.
 */
int escape_read(
    struct buf *out, const void *p, size_t n, const char **why, size_t *at);

#endif
