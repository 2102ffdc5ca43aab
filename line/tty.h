/*
 * The terminal: one of the few files that touch the world. So far it asks for
 * a password.
 */
#ifndef LINE_TTY_H
#define LINE_TTY_H

#include "sexp/buf.h"

/*
 * Asks QUESTION on the terminal (descriptors 0 and 1) and reads a line without
 * echo to the end of OUT, which the caller wipes. The settings are restored
 * on every way out. -1 at the end of input, on a signal, or where there is no
 * terminal.
 */
int tty_secret(const char *question, struct buf *out);

#endif
