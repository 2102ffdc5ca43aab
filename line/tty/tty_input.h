/*
 * The bytes that are typed, as libedit gets them: characters, sequences of
 * keys that are bound, one key for all that is pasted at once. Owns the bytes
 * not yet taken, the paste under way, and the answer to a secret question,
 * which libedit never sees. Does not know what the keys do.
 */
#ifndef LINE_TTY_TTY_INPUT_H
#define LINE_TTY_TTY_INPUT_H

#include <stdint.h>
#include <wchar.h>

#include "line/tty/tty_state.h"

#define TTY_PASTE 29 /* the key that libedit gets for a paste */

/* Makes T's input, which is empty. */
void tty_input_new(struct tty *t);
/* Wipes and frees it; one that was not made is accepted. */
void tty_input_free(struct tty *t);
/*
 * Waits for a character for libedit (EL_GETCFN of editline(3)), with as many
 * turns of the poll loop as that takes. Returns 1, or 0 when all is over.
 */
int tty_input_get(EditLine *el, wchar_t *wc);
/* Nothing more is typed. */
void tty_input_end(struct tty *t);
/*
 * Returns when tty_input_get is to be called though nothing is typed, in
 * monotonic milliseconds; -1: never.
 */
int64_t tty_input_deadline(const struct tty *t);
/* Returns whether a turn of the poll loop must not wait. */
int tty_input_hurries(const struct tty *t);
/*
 * Returns what was pasted and stores its LENGTH, without the NUL behind it;
 * NULL if nothing was. Borrowed until tty_input_paste_free.
 */
const wchar_t *tty_input_paste(const struct tty *t, size_t *length);
/* Wipes and frees what was pasted, if anything was. */
void tty_input_paste_free(struct tty *t);

#endif
