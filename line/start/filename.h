/*
 * Completes the names of files and programs in the answers of --configure.
 * Touches the world: reads directories. Owns nothing.
 */
#ifndef LINE_START_FILENAME_H
#define LINE_START_FILENAME_H

#include "line/tty/tty.h"

/* Completes `system`, or the path of a file. */
tty_complete filename_trust;
/*
 * Completes a command: its first word as the name of a program in PATH, and
 * each word with a slash as the path of a file, which may begin with `~/`.
 */
tty_complete filename_program;

#endif
