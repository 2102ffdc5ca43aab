/*
 * Folds text into rows that stay in their place: each but the first is
 * indented, so that nothing in the text can begin a row. Pure; escapes are
 * shown as they are.
 */
#ifndef LINE_TTY_WRAP_H
#define LINE_TTY_WRAP_H

#include <stdint.h>

#include "line/text/fields.h"
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
/* Adds F like rows_add, unless it is absent. */
void rows_field(struct rows *r, struct field f);
/* Adds the string S like rows_add. */
void rows_text(struct rows *r, const char *s);
/* Adds N bytes as one word, which may be longer than a row. */
void rows_word(struct rows *r, const char *p, size_t n);
/*
 * Returns the most columns that CP may have, for which wcwidth(3) says W. Fonts
 * and tables disagree about symbols, and a row that ends too early is better
 * than one that the terminal cuts.
 */
int wrap_width(int w, uint32_t cp);
/*
 * Reads a character from the N bytes at P: stores it in *CP, and in *W how many
 * columns it has, -1 if it cannot be shown. Returns how many bytes it has.
 */
size_t rows_next(const struct render_style *s, const char *p, size_t n, int *w,
    uint32_t *cp);

#endif
