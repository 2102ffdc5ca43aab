/*
 * --configure: asks for the account, checks it by a login if the person agrees,
 * and writes the files of the directory, all of them or none. `config.sexp`,
 * `password` and the key are never written again: what changes in them is
 * written to `config.sexp.new` and `password.new`, and the command that puts
 * that in place is told. Touches the world: standard input and output, the
 * directory, the network.
 */
#ifndef LINE_START_CONFIGURE_H
#define LINE_START_CONFIGURE_H

#include "sexp/buf.h"

/*
 * Sets up the directory PATH, or changes what it holds; ASCII as -a. OPTIONS,
 * as ` -f DIR`, stands behind the commands that are told. Returns the exit
 * status, with a sentence in WHY if it is not 0: 1 if all is written but, away
 * from a terminal, an answer was refused or the login failed; 71, 74 or 78 if
 * nothing is written.
 */
int configure_directory(
    const char *path, const char *options, int ascii, struct buf *why);
/* Appends TEXT to OUT as one word for a shell, quoted if it has to be. */
void configure_quote(struct buf *out, const char *text);

#endif
