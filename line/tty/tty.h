/*
 * The terminal: rows of events above, the line that is being typed below them,
 * edited by libedit. One of the few parts of the program that touch the world.
 * Owns the terminal on descriptors 0 and 1 with its settings, which are put
 * back on every way out. Knows events and the view (view.h), and nothing of the
 * protocol.
 */
#ifndef LINE_TTY_TTY_H
#define LINE_TTY_TTY_H

#include "line/core/door.h"
#include "sexp/buf.h"
#include "store/colours.h"

struct tty;

/*
 * Completes TEXT, the part of an answer before the cursor: appends to INSERT
 * how all that fits goes on, or to LIST what fits if several do and have
 * nothing more in common. Both are UTF-8.
 */
typedef void tty_complete(
    const char *text, struct buf *insert, struct buf *list);
/*
 * Asks QUESTION on the terminal and appends the line of the answer to OUT,
 * which the caller wipes; with SECRET it is not echoed. COMPLETE, if it is not
 * NULL, completes the answer at Tab, where the terminal can move its cursor.
 * QUESTION goes to standard error if standard output is no terminal. The
 * terminal may keep the settings of the question until tty_question_end; they
 * are restored on every way out. Returns 0; 1 if the answer was longer than the
 * screen; -1 at the end of input, on a signal except those of job control, or
 * if there is no terminal.
 */
int tty_question(
    const char *question, int secret, tty_complete *complete, struct buf *out);
/*
 * Does what the signals demand that came since the last question, as Ctrl-Z.
 * Returns -1 if one of them ends the program; it still waits then (signals.h).
 */
int tty_question_signals(void);
/* Restores the settings behind the last of some questions, if there were any.
 * What was typed ahead is left to who reads next. */
void tty_question_end(void);
/*
 * Appends TEXT, escaped as in events, and LF to OUT. If FD is a terminal, TEXT
 * is folded into rows of its width, of which all but the first are indented.
 */
void tty_fold(int fd, const char *text, struct buf *out);
/* Restores the terminal's settings, if they were changed, on a new row. */
void tty_restore(void);

/*
 * Opens the terminal. With TEXT_ONLY no line is a command (-t); with ASCII
 * nothing else is shown (-a). LEFT is when the program ended the last time, in
 * milliseconds since 1970, or 0. COLOURS are copied. Returns NULL, with nothing
 * changed, if there is no terminal that can move its cursor. The caller frees
 * it with tty_close.
 */
struct tty *tty_open(
    int text_only, int ascii, int64_t left, const struct colours *colours);
/* Returns whether only ASCII is shown, because of -a or of the locale. */
int tty_is_ascii(const struct tty *t);
/*
 * Lets a person work with C, which is borrowed, until all is over. TURN(DATA)
 * is one turn of the poll loop, which calls tty_read and tty_text; it returns 0
 * at the end.
 */
void tty_run(struct tty *t, struct client *c, int (*turn)(void *), void *data);
/* Reads what was typed, when poll says that there is something; 0 at its end.
 */
int tty_read(struct tty *t);
/*
 * Returns until when the poll loop may wait, in monotonic milliseconds: AT (-1:
 * for ever) or sooner; T may be NULL.
 */
int64_t tty_deadline(const struct tty *t, int64_t at);
/*
 * Notes that the terminal takes no more output; the events stay in the client.
 * Returns whether that is news: the terminal's SIGHUP may come first, and is
 * not counted again if it comes later.
 */
int tty_lose(struct tty *t);
/* Returns whether the terminal was lost; 0 if T is NULL. */
int tty_is_lost(const struct tty *t);
/* Shows the events that C has, until a key waits. */
void tty_text(struct tty *t, struct client *c);
/*
 * Takes signal NUMBER; returns whether it concerned the terminal alone, as one
 * of its size or of job control does.
 */
int tty_signal(struct tty *t, int number);
/* Restores the settings and frees T; NULL is accepted. */
void tty_close(struct tty *t);

#endif
