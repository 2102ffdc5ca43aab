/*
 * Standard input cut into lines, see jackline-lines(7), INPUT. One CR before
 * the LF and a byte order mark at the very first byte are no part of a line.
 * Owns what was read ahead; knows no command.
 */
#ifndef LINE_TEXT_INPUT_H
#define LINE_TEXT_INPUT_H

#include "sexp/buf.h"

#define INPUT_LINE_MAX ((size_t)65536) /* bytes after unescaping */
/* The same escaped, `\u{00000a}` for each byte, behind a command and a JID. */
#define INPUT_RAW_MAX (10 * INPUT_LINE_MAX + 8192)
#define INPUT_AHEAD   ((size_t)65536) /* bytes read ahead */
/* The same while events stand unread: their reader may be the writer, who must
 * not wait for us. */
#define INPUT_UNREAD ((size_t)4 * 1024 * 1024)
#define INPUT_HEAD   ((size_t)256) /* bytes that are kept of a long line */

enum input_item {
	INPUT_NONE, /* no whole line is there */
	INPUT_LINE, /* a line */
	INPUT_LONG  /* a line that was too long; only its front is left */
};

struct input {
	struct buf bytes;
	size_t scanned;	    /* of bytes, without an LF */
	size_t taken;	    /* the line lent last, with its LF */
	size_t max;	    /* bytes of a raw line */
	unsigned long line; /* number of the last line, from 1 */
	size_t ahead;	    /* of bytes, seen by input_ahead */
	unsigned long ahead_lines;
	int ended, skipping;   /* no more bytes; inside a line too long */
	int begun;	       /* the first bytes were looked at */
	char head[INPUT_HEAD]; /* the front of the line being skipped */
};

/* Makes I ready for lines of at most MAX raw bytes. */
void input_init(struct input *i, size_t max);
/* Frees what I owns. */
void input_clear(struct input *i);
/*
 * Returns how many bytes I takes now, so that AHEAD bytes are held, or one line
 * if that is longer.
 */
size_t input_room(const struct input *i, size_t ahead);
/* Takes N bytes of P, at most input_room. */
void input_add(struct input *i, const void *p, size_t n);
/* Notes that no more bytes come: bytes without an LF are a line now. */
void input_end(struct input *i);
/*
 * Takes the next line: sets *LINE and *N to it, without its LF and a CR before
 * that; of INPUT_LONG to the first INPUT_HEAD bytes. Borrowed until the next
 * call on I.
 */
enum input_item input_next(struct input *i, const char **line, size_t *n);
/* Does the same without taking it. Returns 0 if there is no whole line. */
int input_peek(struct input *i, const char **line, size_t *n);
/*
 * Looks at a whole line that is not taken yet, each once, without taking it;
 * 0: there is no further one. It is `ahead_lines` behind the line taken last.
 */
int input_ahead(struct input *i, const char **line, size_t *n);
/* Gives up the line lent last, and where there are no more bytes the memory. */
void input_rest(struct input *i);
/* Returns how many lines are there to be taken. */
unsigned long input_held(const struct input *i);
/* Returns 1 if a line, or the end, is there to be taken. */
int input_waiting(const struct input *i);

#endif
