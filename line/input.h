/*
 * Standard input cut into lines (LINES.md 2). Owns what was read ahead; knows
 * no command.
 */
#ifndef LINE_INPUT_H
#define LINE_INPUT_H

#include "sexp/buf.h"

#define INPUT_LINE_MAX ((size_t)65536) /* bytes after unescaping */
/* The same escaped, `\u{00000a}` for each byte, behind a command and a JID. */
#define INPUT_RAW_MAX (10 * INPUT_LINE_MAX + 8192)
#define INPUT_AHEAD   ((size_t)4 * 1024 * 1024) /* bytes read ahead */

enum input_item {
	INPUT_NONE, /* no whole line is there */
	INPUT_LINE, /* a line */
	INPUT_LONG  /* a line that was too long; its bytes are gone */
};

struct input {
	struct buf bytes;
	size_t scanned;	    /* of bytes, without an LF */
	size_t taken;	    /* the line lent last, with its LF */
	size_t max;	    /* bytes of a raw line */
	unsigned long line; /* number of the last line, from 1 */
	size_t ahead;	    /* of bytes, seen by input_ahead */
	unsigned long ahead_lines;
	int ended, skipping; /* no more bytes; inside a line too long */
};

/* Makes I ready for lines of at most MAX raw bytes. */
void input_init(struct input *i, size_t max);
/* Frees what I owns. */
void input_clear(struct input *i);
/* How many bytes I takes now. */
size_t input_room(const struct input *i);
/* Takes N bytes of P, at most input_room. */
void input_add(struct input *i, const void *p, size_t n);
/* No more bytes come: what is left without LF is a line. */
void input_end(struct input *i);
/* The next line, without its LF; borrowed until the next call on I. */
enum input_item input_next(struct input *i, const char **line, size_t *n);
/*
 * Looks at a whole line that is not taken yet, each once, without taking it;
 * 0: there is no further one. It is `ahead_lines` behind the line taken last.
 */
int input_ahead(struct input *i, const char **line, size_t *n);
/* How many lines are there to be taken. */
unsigned long input_held(const struct input *i);
/* Whether a line, or the end, is there to be taken. */
int input_waiting(const struct input *i);

#endif
