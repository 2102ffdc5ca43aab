/*
 * The lines that are typed: their way to the machine, those to be had again by
 * Up (one history for each contact), and the half-typed line of each. Owns the
 * histories and the count of lines; the view keeps the half-typed ones.
 */
#ifndef LINE_TTY_TTY_LINE_H
#define LINE_TTY_TTY_LINE_H

#include "line/tty/tty_state.h"

/* Makes T's lines, of which there are none yet. */
void tty_line_new(struct tty *t);
/* Frees them; lines that were not made are accepted. */
void tty_line_free(struct tty *t);
/*
 * Gives the machine the N bytes of TEXT as one line. If they hold LF they are
 * one message, whose LF are escaped.
 */
void tty_line_send(struct tty *t, const char *text, size_t n);
/* Gives the machine the line that turns to the contact JID (escaped). */
void tty_line_go(struct tty *t, const char *jid);
/*
 * Takes the answer F to a line. If it refuses the message that was sent last,
 * that becomes the half-typed line: it is not lost, and Return sends it again,
 * to the contact that /go names if nobody was active. A secret is not kept for
 * that.
 */
void tty_line_answered(struct tty *t, const struct fields *f);
/* Returns whether a line was sent since this was asked last. */
int tty_line_is_due(struct tty *t);
/* Gives libedit the history of the active contact. */
void tty_line_turn(struct tty *t);
/* Adds the line being typed to the history of the active contact. */
void tty_line_remember(struct tty *t);
/* Appends the line being typed, up to the cursor or WHOLE, to OUT in UTF-8. */
void tty_line_typed(const struct tty *t, int whole, struct buf *out);
/* Inserts the N bytes of TEXT, in UTF-8, where the cursor is. */
void tty_line_insert(struct tty *t, const char *text, size_t n);
/* Keeps the line being typed as the half-typed one of the active contact. */
void tty_line_put_aside(struct tty *t);
/*
 * Inserts the half-typed line of the active contact, if there is one, the line
 * of tty_line_go was answered, and nothing has been typed since.
 */
void tty_line_bring_back(struct tty *t);
/*
 * Called before libedit is given KEY. A `/` that is typed first behind a text
 * that was refused and is back on the line begins a command in its place: the
 * text is kept, and becomes the half-typed line when the command is sent, or
 * answered where nobody was active: then of the contact that it chooses.
 */
void tty_line_key(struct tty *t, wchar_t key);
/* Drops a text that is kept so. */
void tty_line_drop(struct tty *t);

#endif
