/*
 * The terminal: one of the few files that touch the world. Rows above, below
 * them the line that is being typed, by libedit; what is to be seen decide
 * render.h, view.h and prompt.h. Owns the terminal's settings, which are put
 * back on every way out.
 */
#ifndef LINE_TTY_H
#define LINE_TTY_H

#include "line/client.h"
#include "sexp/buf.h"
#include "store/colours.h"

struct tty;

/*
 * Asks QUESTION on the terminal (descriptors 0 and 1) and reads a line, without
 * echo where SECRET, to the end of OUT, which the caller wipes. The settings
 * are restored on every way out. -1 at the end of input, on a signal but those
 * of job control, or where there is no terminal.
 */
int tty_question(const char *question, int secret, struct buf *out);
/*
 * Adds TEXT, spelt as in events, and LF to OUT; where FD is a terminal, in rows
 * of its width, of which all but the first are indented.
 */
void tty_fold(int fd, const char *text, struct buf *out);
/* Puts the terminal's settings back, where they were changed; on a new row. */
void tty_restore(void);

/*
 * Takes descriptors 0 and 1 for a person who writes to ACTIVE (a JID as it is,
 * NULL: nobody yet); with TEXT_ONLY no line is a command (-t); ASCII as -a.
 * COLOURS are copied. NULL, and nothing was done, where they are no terminal
 * that can move its cursor.
 */
struct tty *tty_open(const char *active, int text_only, int ascii,
    const struct colours *colours);
/* Whether only ASCII is to be shown, as was said or by the locale. */
int tty_is_ascii(const struct tty *t);
/*
 * Lets a person work with C until all is over. TURN(DATA) is one turn of the
 * poll loop, which calls tty_read and tty_text; it returns 0 at the end.
 */
void tty_run(struct tty *t, struct client *c, int (*turn)(void *), void *data);
/* Reads what was typed, without waiting where poll says so; 0 at its end. */
int tty_read(struct tty *t);
/* Whether the poll loop is not to wait: typed keys are in T already. */
int tty_hurries(const struct tty *t);
/*
 * The terminal takes no more: what C has for it stays there. Whether that is
 * news; its SIGHUP may come before it, and does not count twice behind it.
 */
int tty_lose(struct tty *t);
/* Whether it did; not where T is NULL. */
int tty_is_lost(const struct tty *t);
/* Shows the events that C has, all of them. */
void tty_text(struct tty *t, struct client *c);
/* Whether the signal NUMBER was for the terminal alone (its size changed). */
int tty_signal(struct tty *t, int number);
/* Puts the settings back and frees T; NULL is accepted. */
void tty_close(struct tty *t);

#endif
