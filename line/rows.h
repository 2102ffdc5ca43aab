/*
 * Text folded into rows that never leave their place: nothing that it holds
 * can begin a row, each but the first is indented. Pure; its escapes stand as
 * they are.
 */
#ifndef LINE_ROWS_H
#define LINE_ROWS_H

#include <stdint.h>

#include "line/fields.h"
#include "sexp/buf.h"

struct render_style;

/* Rows in the making. */
struct rows {
	const struct render_style *style;
	struct buf *out;
	int column, indent, count;
	int last;    /* the first column that is not written to */
	int painted; /* a colour or an attribute is on */
};

/* Begins a row at the end of OUT, in the terminal that S describes. */
void rows_begin(struct rows *r, struct render_style *s, struct buf *out);
/* Ends the last row; returns how many there are. */
int rows_end(struct rows *r);
/* Adds N bytes of P, folded between words; a `\n` in it ends a row. */
void rows_add(struct rows *r, const char *p, size_t n);
/* The same, of a field that may be absent. */
void rows_field(struct rows *r, struct field f);
/* The same, of a string. */
void rows_text(struct rows *r, const char *s);
/* Adds N bytes as one word, which may be longer than a row. */
void rows_word(struct rows *r, const char *p, size_t n);
/*
 * Reads the character CP at P, of N bytes that are left; returns how many it
 * takes. W: its columns, -1 where it is not shown.
 */
size_t rows_next(const struct render_style *s, const char *p, size_t n, int *w,
    uint32_t *cp);

#endif
