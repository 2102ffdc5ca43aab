/*
 * The screen: rows above, the prompt and the line being typed below them. Owns
 * the rows that wait to be written, the open question, the style of rendering,
 * and the messages whose rows are the last and may still change when a receipt
 * comes. Does not know keys or where lines come from; which rows an event has
 * is up to render.h.
 */
#ifndef LINE_TTY_TTY_SCREEN_H
#define LINE_TTY_TTY_SCREEN_H

#include <wchar.h>

#include "line/tty/render.h"
#include "line/tty/tty_state.h"

/* A byte that is no character of the locale, OR'ed to this, for libedit. */
#define TTY_RAW 0xdc00

enum tty_question { TTY_ASKS_NOTHING, TTY_ASKS, TTY_ASKS_SECRET };

/*
 * Makes T's screen, which measures the terminal and reads its colours from the
 * environment. COLOURS are copied. Needs T's view.
 */
void tty_screen_new(struct tty *t, const struct colours *colours);
/* Frees T's screen; one that was not made is accepted. */
void tty_screen_free(struct tty *t);
/* Returns the terminal whose line EL edits. */
struct tty *tty_screen_of(EditLine *el);

/* Measures the terminal, whose size may have changed. */
void tty_screen_measure(struct tty *t);
/* Returns the rows that the terminal has. */
int tty_screen_height(const struct tty *t);
/* Returns how events are rendered; borrowed, and to be copied for trials. */
struct render_style *tty_screen_style(struct tty *t);
/* Takes JID (escaped, copied) for our own. */
void tty_screen_self(struct tty *t, struct field jid);
/* Renders for the contact that is active in the view now. */
void tty_screen_turn(struct tty *t);

/* Erases the prompt and the line; the cursor is where they began. */
void tty_screen_erase(struct tty *t);
/* Writes the waiting rows in the place of the prompt and the line. */
void tty_screen_flush(struct tty *t);
/* Draws the prompt and the line as they are now; writes only what differs. */
void tty_screen_draw(struct tty *t);
/* Notes that the screen may hold anything: another program had it. */
void tty_screen_doubt(struct tty *t);
/*
 * Gives the terminal back to the shell until it is ours again. This process is
 * stopped, or with GROUP its whole process group.
 */
void tty_screen_suspend(struct tty *t, int group);

/*
 * Returns the buffer of waiting rows, to append to. Messages above what is
 * appended keep their look from now on, whatever receipt comes.
 */
struct buf *tty_screen_rows(struct tty *t);
/* Has the screen cleared, behind the rows that wait. */
void tty_screen_wipe(struct tty *t);
/* Returns the time that words have, in milliseconds since 1970. */
int64_t tty_screen_now(void);
/* Appends TEXT, which may hold LF, as words of the program to the rows. */
void tty_screen_words(struct tty *t, enum history_kind kind, const char *text);
/*
 * Appends the rows of the event F. A receipt changes the rows of its message
 * instead, if those are still the last on the screen.
 */
void tty_screen_show(struct tty *t, const struct fields *f);

/* Puts the question of the `ask` event F in the place of the prompt. */
void tty_screen_ask(struct tty *t, const struct fields *f);
/* The question was answered: the prompt returns. */
void tty_screen_answered(struct tty *t);
/* Returns what kind of question is open. */
enum tty_question tty_screen_asks(const struct tty *t);

/* Appends N wide characters of P to OUT in UTF-8, raw bytes as they were. */
void tty_narrow(const wchar_t *p, size_t n, struct buf *out);
/*
 * Converts N bytes of UTF-8 at P to wide characters at OUT, which has ROOM for
 * them and a NUL. What is no UTF-8 becomes raw bytes (TTY_RAW).
 */
void tty_widen(const char *p, size_t n, wchar_t *out, size_t room);

#endif
