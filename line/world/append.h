/*
 * Appends whole lines to a log that others may rename or remove at any time, so
 * that it is opened each time. Owns nothing, and does not know what a line is
 * about.
 */
#ifndef LINE_WORLD_APPEND_H
#define LINE_WORLD_APPEND_H

#include <stddef.h>

/*
 * Appends the LEN bytes at TEXT, which are whole lines, to the file NAME in the
 * directory AT, which is made if it is absent. Unless *IS_WHOLE, the end of the
 * file is first cut off if it is no whole line, as a run that was killed may
 * have left it; then *IS_WHOLE is 1. Returns LEN; or less, whole lines all the
 * same, with errno, EACCES if it is no file of ours.
 */
size_t append_lines(
    int at, const char *name, const void *text, size_t len, int *is_whole);
/* Returns 1 if what failed with ERROR may succeed later, as on a full disk. */
int append_may_pass(int error);

#endif
