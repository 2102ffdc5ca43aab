/*
 * /wait (LINES.md 3): lines of events past and to come, compared as they were
 * written. Keeps those since the last message line was answered.
 */
#ifndef LINE_WAIT_H
#define LINE_WAIT_H

#include "line/state.h"

#define WAIT_SECONDS 30 /* unless told */

/* Does `/wait ARGS` for the current line. */
void wait_command(struct client *c, const char *args);
/* Looks at the events made since the last call; answers who waits for one. */
void wait_scan(struct client *c);
/*
 * A message line was answered, and ID (NULL: none) was sent: what was before
 * counts no more.
 */
void wait_reset(struct client *c, const char *id);

#endif
