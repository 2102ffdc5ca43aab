/*
 * The prompt and the line that is being typed, folded into rows of the window.
 * A line that is taller than its share of the window is shown in part, around
 * the cursor. Pure; knows what is on the screen only from the caller.
 */
#ifndef LINE_TTY_LAYOUT_H
#define LINE_TTY_LAYOUT_H

#include <stdint.h>
#include <wchar.h>

#include "sexp/buf.h"

#define LAYOUT_ROWS 512 /* at most */

/* The prompt, the line and the cursor to lay out, all borrowed. */
struct layout_input {
	const char *prompt;  /* UTF-8, with the marks of prompt.h */
	const wchar_t *line; /* may hold LF, which begins a row */
	size_t length, cursor;
	int columns, rows; /* of the window; as many as the rows may be */
	int is_ascii;	   /* Other characters are spelt out. */
	int (*width)(uint32_t cp); /* columns of CP; -1: it cannot be shown */
};

/* Zeroed before its first use; its fields are read by the caller. */
struct layout {
	size_t first;	 /* the first character of the line that is shown */
	struct buf text; /* the rows, with CR LF between them */
	int rows;	 /* at least one */
	int width[LAYOUT_ROWS]; /* columns of each on the screen */
	int cursor_row;		/* from 0 */
	int cursor_column;	/* as wide as the row is said to be there */
	size_t cursor_row_at;	/* bytes of TEXT where that row begins */
	size_t cursor_at;	/* bytes of TEXT before the cursor */
};

/*
 * Replaces L's rows by those of IN. Text that is left out at either end is
 * shown as `...`; as long as the cursor stays within what is shown, that does
 * not move. One column at the right stays empty, as terminals differ in what
 * they do behind it.
 */
void layout_make(struct layout *l, const struct layout_input *in);
/*
 * Returns how far below its first row the cursor of L is after the terminal,
 * whose lines had room for the rows, has folded them into COLUMNS.
 */
int layout_refolded(const struct layout *l, int columns);
/* Frees what L owns. */
void layout_clear(struct layout *l);

#endif
