/*
 * The event lines of one contact that a terminal can show again, each with its
 * look, which says what became of it if it was sent. Pure; knows no contacts.
 */
#ifndef LINE_TTY_SCROLLBACK_H
#define LINE_TTY_SCROLLBACK_H

#include "line/tty/render.h"

#define SCROLLBACK_LINES 1000 /* the oldest go first */

struct scrollback_line {
	char *text;
	/* RENDER_OPEN, _DELIVERED or _FAILED, for what became of a `sent`. */
	enum render_as look;
	unsigned replay; /* the number of the replay that brought it, or 0 */
};

/* Empty if zeroed; to be cleared by scrollback_clear. */
struct scrollback {
	struct scrollback_line *lines; /* a ring of SIZE, from FIRST on */
	size_t first, count, size;
};

/* Frees what S holds. */
void scrollback_clear(struct scrollback *s);
/* Adds the event F as the newest line, which is returned, borrowed. */
struct scrollback_line *scrollback_add(
    struct scrollback *s, const struct fields *f);
/*
 * Adds the `history` lines of TEXT, each with its LF, that are older than the
 * oldest line, as far as there is room; the others were shown when they were
 * stored. One whose id, here or in the archive, a line has is left out.
 */
void scrollback_recall(struct scrollback *s, const char *text);
/* Returns line I, the oldest first; NULL past the last. Borrowed. */
struct scrollback_line *scrollback_line(const struct scrollback *s, size_t i);
/*
 * Returns the last line whose id, or id in the archive, is ID, else the first
 * that corrects that one; NULL if there is none. Borrowed.
 */
struct scrollback_line *scrollback_find(
    const struct scrollback *s, struct field id);
/* Returns the `sent` line with the id of F, or NULL. Borrowed. */
struct scrollback_line *scrollback_sent(
    const struct scrollback *s, const struct fields *f);

#endif
