/*
 * What `jackline --escape` and `jackline --unescape` do: the codec of
 * line/escape.h as a filter for scripts, any size in bounded memory. Pure.
 *
 * FILTER_ESCAPE takes the whole of its input, line feeds included, as one
 * text, and gives one escaped line: `printf 'a\nb'` becomes `a\nb` and a line
 * feed, no input at all `\e`. FILTER_UNESCAPE takes each line as one escaped
 * column and gives the bytes that it stands for; every line feed of the input
 * passes as it is, so a last line without one gives exactly its bytes: with
 * x=$(jackline --escape <f), `printf %s "$x" | jackline --unescape` is f again.
 * A line `-` (absent) gives an empty line, as `\e` does.
 */
#ifndef LINE_FILTER_H
#define LINE_FILTER_H

#include "line/escape.h"
#include "sexp/buf.h"

#include <stddef.h>

/* What filter_add and filter_end give at most for N bytes more. */
#define FILTER_MAX(n) (4 * ((n) + ESCAPE_HELD))

enum filter_way { FILTER_ESCAPE, FILTER_UNESCAPE };

/* Embedded. After an error the first three tell of it. */
struct filter {
	const char *why; /* NULL while all is well; static */
	size_t line;	 /* of the input, from 1; FILTER_ESCAPE has but one */
	size_t at;	 /* byte in that line, from 0 */
	enum filter_way way;
	struct escape column;
	unsigned char part[4096]; /* of the input, not yet done */
	size_t len;
};

/* Makes F a filter; OPTIONS as of escape_write. There is nothing to free. */
void filter_init(struct filter *f, enum filter_way way, int options);
/*
 * Takes N bytes of the input at P and appends to OUT what they give, at most
 * FILTER_MAX(N) bytes. -1, sticky, with why, line and at set, where an
 * escape is wrong or OUT's bound is exceeded; what stands before it is in OUT.
 */
int filter_add(struct filter *f, const void *p, size_t n, struct buf *out);
/* The input has ended: appends what is left. -1 as filter_add. */
int filter_end(struct filter *f, struct buf *out);

#endif
