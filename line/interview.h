/*
 * What --configure does: puts the questions of configure.h as `ask` events,
 * or at a terminal in words, reads the answers, and writes what is missing in
 * the directory, all of it or nothing. One of the few files that touch the
 * world: standard input and output, the clock, the directory, and the server
 * where its certificate is to be looked at, which is only asked for by hand.
 */
#ifndef LINE_INTERVIEW_H
#define LINE_INTERVIEW_H

#include "sexp/buf.h"

/*
 * Sets the directory PATH up; ASCII as -a. Returns the exit status, with a
 * sentence in WHY where it is not 0: 1 where all is written but some answer
 * had to be given again (not so at a terminal); 71, 74, or 78, with nothing
 * written.
 */
int interview(const char *path, int ascii, struct buf *why);

#endif
