/*
 * The one-letter commands of ii(1), which work in the inputs of --tree. Owns
 * nothing.
 */
#ifndef LINE_COMMAND_HABIT_H
#define LINE_COMMAND_HABIT_H

#include "line/core/state.h"

/*
 * Does LINE, a command that has no row in the table, where it is one of ii's:
 * /j /l /t /n /a /q. Returns 1; 0 if it is none.
 */
int habit_run(struct client *c, const char *line);

#endif
