/*
 * The commands of other clients that people type here: which line of ours does
 * the same. Owns nothing.
 */
#ifndef LINE_COMMAND_HABIT_H
#define LINE_COMMAND_HABIT_H

#include <stddef.h>

struct buf;

/*
 * Appends to OUT the line of ours that does what the N bytes of WORD, a command
 * of another client, do there with ARGS. Returns 1; 0 if that is not obvious,
 * or there is no such.
 */
int habit_line(const char *word, size_t n, const char *args, struct buf *out);
/* Returns which command to use in place of WORD, static, or NULL. */
const char *habit_hint(const char *word, size_t n);

#endif
