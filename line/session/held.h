/*
 * Lines that are held while a lost connection is regained: finds the one that
 * ends the session, and answers those that are lost with it.
 */
#ifndef LINE_SESSION_HELD_H
#define LINE_SESSION_HELD_H

#include "line/core/state.h"

/*
 * Looks for /quit and /disconnect among the lines that wait: those before it
 * are lost, and the lines that hold them up are answered by an error.
 */
void held_lines(struct client *c);
/*
 * Returns 1 if the current line, the N bytes at LINE, waited in vain; it is
 * answered by an error then. Else 0.
 */
int held_dooms(struct client *c, const char *line, size_t n);

#endif
