/*
 * The options that do one thing and exit instead of starting a session: --help,
 * --version, --events, --escape, --unescape, --check, --configure. Also reads
 * --fd-password. Touches the world: standard input and output.
 */
#ifndef LINE_START_ONESHOT_H
#define LINE_START_ONESHOT_H

#include "line/start/option.h"

/*
 * Does what --help, --version, --events, --escape or --unescape ask for.
 * Returns the exit status, with a sentence in WHY if it is not 0; -1 if none of
 * them was given.
 */
int oneshot_print(const struct option_values *v, struct buf *why);
/*
 * Does what --check or --configure ask for on the directory PATH, and returns
 * as oneshot_print does. At a terminal and without a configuration in PATH, it
 * runs the dialogue of --configure unasked and returns -1 if that succeeds: the
 * session follows.
 */
int oneshot_directory(
    const struct option_values *v, const char *path, struct buf *why);
/*
 * Appends to OUT the command that mends the configuration of V's directory, as
 * `jackline --configure -f DIR`, quoted for a shell.
 */
void oneshot_configure_command(const struct option_values *v, struct buf *out);
/*
 * Appends to OUT all bytes of NAME, the number of a descriptor or a path. -1
 * with errno; EINTR after SIGINT, SIGTERM or SIGHUP.
 */
int oneshot_password(const char *name, struct buf *out);

#endif
