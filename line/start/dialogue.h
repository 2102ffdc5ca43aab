/*
 * Questions and answers of --configure, before there is a session: at a
 * terminal in words, elsewhere as the events `ask`, `ok`, `error`, `info` and
 * lines (jackline-lines(7), Questions). Touches the world: standard input and
 * output, the clock. Knows nothing of what is asked.
 */
#ifndef LINE_START_DIALOGUE_H
#define LINE_START_DIALOGUE_H

#include "line/text/event.h"
#include "line/tty/tty.h"

#define DIALOGUE_LINE ((size_t)65536) /* bytes of an answer, at most */

struct dialogue {
	struct event_writer event;
	struct buf out;
	unsigned long line; /* the number of the last answer, from 1 */
	int is_terminal;    /* Both standard input and output are one. */
	int is_lost;	    /* Nobody reads our output. */
	int had_error;	    /* Some answer was refused. */
};

struct dialogue_question {
	const char *what;	/* the name of the question, for `ask` */
	const char *text;	/* the question, with the default in [] */
	const char *cert;	/* `cert=` of the `ask`, or NULL */
	int is_secret;		/* The answer is not echoed. */
	tty_complete *complete; /* of the answer, at a terminal; or NULL */
};

/* Begins D with the event `hello`; ASCII as -a. */
void dialogue_open(struct dialogue *d, int ascii);
/* Frees what D owns, and restores the terminal's settings. */
void dialogue_close(struct dialogue *d);

/*
 * Asks Q and reads the answer, without blanks at its ends unless it is secret,
 * into ANSWER, which is emptied first and which the caller wipes. No byte
 * behind the line is read. A line that is too long, or no UTF-8, or has a NUL
 * in it, is refused, and asked for again. Returns -1 at the end of input, after
 * SIGINT, SIGTERM and SIGHUP, and if output is lost.
 */
int dialogue_ask(
    struct dialogue *d, const struct dialogue_question *q, struct buf *answer);
/* Begins a new row at a terminal, which may have shown `^C`. */
void dialogue_newline(struct dialogue *d);
/* Accepts the last answer, or refuses it for the reason WHY. */
void dialogue_answer(struct dialogue *d, const char *why);
/* Writes an event of TAG with TEXT, and with KEY=VALUE if VALUE is not NULL. */
void dialogue_tell(struct dialogue *d, enum event_tag tag, const char *text,
    const char *key, const char *value);
/* Writes an `info` with a text as of printf(3), 4,096 bytes at most. */
__attribute__((format(printf, 2, 3))) void dialogue_say(
    struct dialogue *d, const char *format, ...);
/*
 * Writes an `info` whose text is COMMAND, a line for a shell; at a terminal in
 * a row of its own that is not folded, so that it can be pasted.
 */
void dialogue_command(struct dialogue *d, const char *command);

#endif
