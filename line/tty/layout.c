#include "line/tty/layout.h"

#include <stdio.h>
#include <string.h>

#include "line/tty/prompt.h"
#include "line/tty/wrap.h"
#include "sexp/utf8.h"

#define TEXT_MAX ((size_t)1 << 24)
#define MARKS	 8 /* combining marks of one character that are drawn */

static const char dots[] = "...";

/* The place where the next character goes. */
struct pen {
	struct layout *l;
	const struct layout_input *in;
	int columns;	 /* that a row may have */
	int reserve;	 /* columns less in the last row */
	int column;	 /* where we are, by the widest reckoning */
	size_t row_at;	 /* bytes of the text where the row begins */
	int marks;	 /* that the last character has; -1: there is none */
	int want_cursor; /* The cursor is on the next character. */
};

static void
note_cursor(struct pen *p)
{
	struct layout *l = p->l;

	if (!p->want_cursor)
		return;
	p->want_cursor = 0;
	l->cursor_row = l->rows - 1;
	l->cursor_column = l->width[l->rows - 1];
	l->cursor_row_at = p->row_at;
	l->cursor_at = buf_len(&l->text);
}

/* Begins a row; returns 0 if there may be no more. */
static int
break_row(struct pen *p)
{
	struct layout *l = p->l;

	if (l->rows >= p->in->rows || l->rows >= LAYOUT_ROWS)
		return 0;
	buf_adds(&l->text, "\033[K\r\n");
	l->width[l->rows++] = 0;
	p->row_at = buf_len(&l->text);
	p->column = 0;
	p->marks = -1;
	return 1;
}

/*
 * Adds the N bytes at BYTES, which have WIDTH columns and may have as many as
 * WIDEST. Returns 0 if they have no room.
 */
static int
put_cell(struct pen *p, const char *bytes, size_t n, int width, int widest)
{
	struct layout *l = p->l;
	int room = p->columns - (l->rows == p->in->rows ? p->reserve : 0);

	if (p->column + widest > room &&
	    (p->column > 0 || l->rows == p->in->rows) && !break_row(p))
		return 0;
	note_cursor(p);
	buf_add(&l->text, bytes, n);
	p->column += widest;
	l->width[l->rows - 1] += width;
	return 1;
}

/* Spells out CP in ASCII, as libedit does. */
static int
spell_out(struct pen *p, uint32_t cp)
{
	char text[16], *c;

	if (cp < 0x80)
		snprintf(text, sizeof text, "^%c", (int)(cp ^ 0x40));
	else
		snprintf(text, sizeof text, "\\U+%04X", (unsigned)cp);
	for (c = text; *c != '\0'; c++)
		if (!put_cell(p, c, 1, 1, 1))
			return 0;
	p->marks = -1;
	return 1;
}

static int
put_tab(struct pen *p)
{
	int left = 8 - p->column % 8;

	while (left-- > 0)
		if (!put_cell(p, " ", 1, 1, 1))
			return 0;
	p->marks = -1;
	return 1;
}

/* Adds the character CP; returns 0 if it has no room. */
static int
put_character(struct pen *p, uint32_t cp)
{
	int width = cp < ' ' || cp == 0x7f ? -1 : p->in->width(cp);
	static const char circle[] = "\342\227\214"; /* carries a lone mark */
	char bytes[4];
	size_t n;

	if (cp == '\n') {
		note_cursor(p);
		return break_row(p);
	}
	if (cp == '\t')
		return put_tab(p);
	if (width < 0 || (p->in->is_ascii && cp >= 0x80) ||
	    (cp & ~0x7ffu) == 0xd800 || utf8_is_hidden(cp) ||
	    (width == 0 && p->marks >= MARKS))
		return spell_out(p, cp);
	n = utf8_encode(cp, (unsigned char *)bytes);
	if (width > 0) {
		p->marks = 0;
		return put_cell(p, bytes, n, width, wrap_width(width, cp));
	}
	if (p->marks < 0 && !put_cell(p, circle, sizeof circle - 1, 1, 2))
		return 0;
	p->marks = p->marks < 0 ? 1 : p->marks + 1;
	return put_cell(p, bytes, n, 0, wrap_width(0, cp));
}

static void
put_prompt(struct pen *p)
{
	const char *c = p->in->prompt;
	int is_hidden = 0;
	uint32_t cp;
	size_t len;

	for (; *c != '\0'; c += len) {
		len = 1;
		if (*c == PROMPT_ESCAPE) {
			is_hidden = !is_hidden;
		} else if (is_hidden) {
			buf_addc(&p->l->text, *c);
		} else {
			len = utf8_decode(c, strlen(c), &cp);
			if (len == 0 || !put_character(p, cp))
				return;
		}
	}
	p->marks = -1;
}

/*
 * Makes the rows of L, from the character L->first on, with RESERVE columns
 * less in the last possible one. Returns the number of the first character
 * behind what has room.
 */
static size_t
make_rows(struct layout *l, const struct layout_input *in, int reserve)
{
	struct pen p = {.l = l, .in = in, .reserve = reserve, .marks = -1};
	size_t i;

	p.columns = in->columns > 1 ? in->columns - 1 : 1;
	if (reserve >= p.columns)
		p.reserve = p.columns - 1;
	buf_reset(&l->text);
	l->rows = 1;
	l->width[0] = 0;
	p.want_cursor = 1; /* in case that the prompt alone is too tall */
	note_cursor(&p);
	put_prompt(&p);
	if (l->first > 0)
		put_cell(&p, dots, 3, 3, 3);
	for (i = l->first; i < in->length; i++) {
		p.want_cursor = i == in->cursor;
		if (!put_character(&p, (uint32_t)in->line[i]))
			return i;
	}
	p.want_cursor = in->cursor >= in->length;
	note_cursor(&p);
	return i;
}

/* Returns the character that is half a window before the cursor. */
static size_t
before_cursor(const struct layout_input *in)
{
	int room = in->columns * in->rows / 2, width;
	size_t at = in->cursor;

	while (at > 0 && room > 0) {
		width = in->width((uint32_t)in->line[at - 1]);
		room -= in->line[at - 1] == L'\n' ? in->columns
			: width < 0		  ? 7
			: width > 1		  ? width
						  : 1;
		at--;
	}
	return at;
}

void
layout_make(struct layout *l, const struct layout_input *in)
{
	size_t end, first = l->first;

	if (l->rows == 0)
		buf_init(&l->text, TEXT_MAX);
	l->first = 0;
	end = make_rows(l, in, 0);
	if (end == in->length)
		return;
	l->first = first > in->cursor ? before_cursor(in) : first;
	end = make_rows(l, in, 3);
	if ((end < in->length && in->cursor >= end) ||
	    (end == in->length && l->rows <= in->rows / 2)) {
		l->first = before_cursor(in);
		end = make_rows(l, in, 3);
	}
	while (end < in->length && in->cursor >= end && l->first < in->cursor) {
		l->first += (in->cursor - l->first + 1) / 2;
		end = make_rows(l, in, 3);
	}
	if (end < in->length) {
		buf_adds(&l->text, dots);
		l->width[l->rows - 1] += 3;
	}
}

int
layout_refolded(const struct layout *l, int columns)
{
	int i, above = 0;

	for (i = 0; i < l->cursor_row; i++)
		above += l->width[i] == 0
			     ? 1
			     : (l->width[i] + columns - 1) / columns;
	return above + l->cursor_column / columns;
}

void
layout_clear(struct layout *l)
{
	buf_clear(&l->text);
}
