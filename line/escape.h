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
 * `\e`. -1, and OUT as before, where OUT's bound is exceeded. Marks are
 * counted in the data, so that an escaped one still continues its row; in
 * TEXT U+200C and U+200D, which have no width, neither end a row of marks nor
 * give one something to stand on at the start of a column.
 */
int escape_write(struct buf *out, const void *p, size_t n, int options);

/*
 * Appends to OUT the bytes that the column of N bytes at P stands for; liberal
 * as LINES.md 2 says: but for `\`, every byte may stand for itself, and it is
 * the caller who asks whether the result is UTF-8. `-`, `\-` and `\e` mean
 * what they mean only where they are the whole column; elsewhere the latter
 * two are errors. No bytes at all are an empty column. Returns 1; 0 where the
 * column is `-` (absent, nothing appended); -1 where it is no escaped form or
 * OUT's bound is exceeded, with *WHY a static text and *AT the offset in P,
 * and OUT as before.
 */
int escape_read(
    struct buf *out, const void *p, size_t n, const char **why, size_t *at);

/*
 * The same for a column that comes in pieces (line/filter.h). Zeroed, but for
 * the options, is a column of which nothing was done yet.
 */
struct escape {
	int options;
	int begun;	/* some bytes of the column were taken */
	int based;	/* a mark has something to stand on */
	unsigned marks; /* how many stand in a row just now */
};

/* More bytes than are ever left over by escape_write_some, escape_read_some. */
#define ESCAPE_HELD 10

/*
 * escape_write for the next *N bytes at P; LAST: they end the column. *N
 * becomes how many were taken. What is left over (fewer than ESCAPE_HELD, none
 * if LAST) is to be offered again, in front of what follows it. -1, and OUT,
 * E and *N without meaning, where OUT's bound is exceeded.
 */
int escape_write_some(
    struct escape *e, struct buf *out, const void *p, size_t *n, int last);

/*
 * escape_read for the next *N bytes at P, as above. Returns 1; 0 where the
 * whole column is `-`; -1 with *WHY, *N the offset in P of the error and OUT
 * holding what stands before it.
 */
int escape_read_some(struct escape *e, struct buf *out, const void *p,
    size_t *n, int last, const char **why);

#endif
