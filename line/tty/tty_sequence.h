/*
 * The sequences of bytes that keys send: where one ends, and what libedit has
 * bound to it. libedit waits for the rest of a sequence at ESC, and takes what
 * it does not know for text; so it is given only sequences that are bound, and
 * they begin with TTY_LEAD for it. Remembers nothing: the bindings are
 * libedit's, since ~/.editrc may change any of them.
 */
#ifndef LINE_TTY_TTY_SEQUENCE_H
#define LINE_TTY_TTY_SEQUENCE_H

#include "line/tty/tty_state.h"

#define TTY_ESC	 27
#define TTY_LEAD 28 /* stands for the ESC that begins a sequence */

/* Bytes of a sequence before its last, at most. */
#define TTY_SEQUENCE 32

/* A sequence leads to nothing, to a function, to text of .editrc. */
enum tty_bound { TTY_UNBOUND, TTY_BOUND, TTY_MACRO };

/*
 * Returns the length of the sequence with which the N bytes of P begin, the
 * first of them ESC; 0 if they begin with none, -1 if it is not whole yet.
 */
int tty_sequence_length(const unsigned char *p, size_t n);
/* Returns whether ~/.editrc has chosen the keys of vi. */
int tty_sequence_is_vi(const struct tty *t);
/*
 * Binds KEY, as bind of editrc(5) has it, to libedit's function NAME. In vi's
 * mode ESC is a key of its own: Alt and a letter cannot be bound, and longer
 * sequences are bound with TTY_LEAD, also among the commands. With ALWAYS
 * other keys are bound there as well.
 */
void tty_sequence_bind(
    struct tty *t, const char *key, const char *name, int always);
/* Returns whether KEY is bound to NAME. */
int tty_sequence_is_bound(struct tty *t, const char *key, const char *name);
/*
 * Returns what the sequence KEY is bound to. If that is a function, it is
 * bound to KEY with TTY_LEAD for its ESC as well.
 */
enum tty_bound tty_sequence_bound(struct tty *t, const char *key);

#endif
