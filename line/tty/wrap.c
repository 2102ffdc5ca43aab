#include "line/tty/wrap.h"

#include <stdio.h>
#include <string.h>

#include "line/tty/render.h"
#include "sexp/utf8.h"

#define NARROW 40 /* columns below which little is indented */

int
wrap_width(int w, uint32_t cp)
{
	if (cp >= ' ' && cp < 0x7f)
		return 1;
	if (cp == 0xfe0f) /* makes a sign of the letter before */
		return 1;
	if (w == 1 && ((cp >= 0x1100 && cp < 0x1e00) || cp >= 0x2190))
		return 2;
	return w;
}

size_t
rows_next(
    const struct render_style *s, const char *p, size_t n, int *w, uint32_t *cp)
{
	size_t len = utf8_decode(p, n, cp);

	if (len == 0)
		*cp = (unsigned char)*p;
	*w = len == 0 ? -1 : wrap_width(s->width(*cp), *cp);
	return len == 0 ? 1 : len;
}

int
render_width(const struct render_style *s, const char *p, size_t n)
{
	char escape[16];
	int w, total = 0;
	uint32_t cp;
	size_t len;

	for (; n > 0; p += len, n -= len) {
		len = rows_next(s, p, n, &w, &cp);
		if (w < 0)
			w = snprintf(
			    escape, sizeof escape, "\\u{%x}", (unsigned)cp);
		total += w;
	}
	return total;
}

static void
break_row(struct rows *r)
{
	buf_addc(r->out, '\n');
	buf_addf(r->out, "%*s", r->indent, "");
	r->column = r->indent;
	r->count++;
}

/* Adds N bytes of P, W columns wide, as one. */
static void
put_cell(struct rows *r, const char *p, size_t n, int w)
{
	if (r->column + w > r->last && r->column > r->indent)
		break_row(r);
	buf_add(r->out, p, n);
	r->column += w;
}

/* Adds CP, which cannot be shown, spelt out; in several rows if they are short.
 */
static void
put_spelt(struct rows *r, uint32_t cp)
{
	char escape[16], *c;
	int n = snprintf(escape, sizeof escape, "\\u{%x}", (unsigned)cp);

	if (r->indent + n <= r->last) {
		put_cell(r, escape, (size_t)n, n);
		return;
	}
	for (c = escape; *c != '\0'; c++)
		put_cell(r, c, 1, 1);
}

void
rows_word(struct rows *r, const char *p, size_t n)
{
	int w = render_width(r->style, p, n), one;
	uint32_t cp;
	size_t len;

	if (r->column + w > r->last && r->indent + w <= r->last &&
	    r->column > r->indent)
		break_row(r);
	for (; n > 0; p += len, n -= len) {
		len = rows_next(r->style, p, n, &one, &cp);
		if (one < 0) {
			put_spelt(r, cp);
			continue;
		}
		/* A backslash stays with what it escapes. */
		if (*p == '\\' && n > 1)
			len = 2, one = 2;
		put_cell(r, p, len, one);
	}
}

/* Returns the length of the word or the blanks at P; a `\n` *ENDS a word. */
static size_t
word_length(const char *p, size_t n, int *ends)
{
	int blank = *p == ' ';
	size_t i;

	for (i = 0; i < n && (p[i] == ' ') == blank; i++) {
		if (p[i] != '\\' || i + 1 >= n)
			continue;
		i++;
		*ends = p[i] == 'n';
		if (*ends)
			return i + 1;
	}
	*ends = 0;
	return i;
}

void
rows_add(struct rows *r, const char *p, size_t n)
{
	size_t len;
	int ends;

	for (; n > 0; p += len, n -= len) {
		len = word_length(p, n, &ends);
		if (ends && len < n) {
			rows_word(r, p, len);
			break_row(r);
			continue;
		}
		if (*p == ' ' && r->column + (int)len > r->last) {
			/* Blanks at the end of a row are not carried over. */
			if (r->column > r->indent)
				break_row(r);
			continue;
		}
		rows_word(r, p, len);
	}
}

void
rows_field(struct rows *r, struct field f)
{
	if (f.p != NULL)
		rows_add(r, f.p, f.n);
}

void
rows_text(struct rows *r, const char *s)
{
	rows_add(r, s, strlen(s));
}

void
rows_begin(struct rows *r, struct render_style *s, struct buf *out)
{
	int columns = s->columns < 10 ? 10 : s->columns;

	memset(r, 0, sizeof *r);
	r->style = s;
	r->out = out;
	r->last = columns - 1;
	r->indent = columns < NARROW ? 2 : 13;
}

int
rows_end(struct rows *r)
{
	if (r->painted)
		buf_adds(r->out, "\033[0m");
	buf_addc(r->out, '\n');
	return r->count + 1;
}
