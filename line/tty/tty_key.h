/*
 * The keys: what each does, in one table with the text of `/help keys`. Owns
 * nothing but a note that one of them has ended libedit's reading. What libedit
 * itself does at a key is bound by its name.
 */
#ifndef LINE_TTY_TTY_KEY_H
#define LINE_TTY_TTY_KEY_H

#include "line/tty/tty_state.h"

/* Binds all keys of the table, those of libedit included. */
void tty_key_bind(struct tty *t);
/*
 * Returns whether they are bound; `bind -v` and `bind -e` in ~/.editrc unbind
 * all keys.
 */
int tty_key_is_bound(struct tty *t);
/* Appends what `/help keys` says to the rows of the screen. */
void tty_key_help(struct tty *t);
/* Returns whether a key has ended libedit's reading; once for each. */
int tty_key_left(struct tty *t);

#endif
