/*
 * What jackline does instead of a session: prints tables, is the codec as a
 * filter, checks a directory, or sets one up (interview.h). One of the few
 * files that touch the world: standard input and output.
 */
#ifndef LINE_ERRAND_H
#define LINE_ERRAND_H

#include "line/option.h"

/*
 * Does what --help, --version, --events, --escape or --unescape ask for.
 * Returns the exit status, with a sentence in WHY where it is not 0; -1 where
 * none of them was given.
 */
int errand_print(const struct option_values *v, struct buf *why);
/*
 * The same for --check and --configure with the directory PATH. At a terminal
 * and with no configuration there, the dialogue of --configure comes by itself;
 * then -1.
 */
int errand_directory(
    const struct option_values *v, const char *path, struct buf *why);
/*
 * Appends to OUT what NAME, a descriptor's number or a path, holds. -1 with
 * errno.
 */
int errand_password(const char *name, struct buf *out);

#endif
