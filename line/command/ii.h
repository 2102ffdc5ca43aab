/*
 * The one-letter commands of ii(1), in the inputs of --tree. Owns nothing.
 */
#ifndef LINE_COMMAND_II_H
#define LINE_COMMAND_II_H

#include "line/core/state.h"

/*
 * Appends to OUT the line of ours that does what LINE, one of ii's commands,
 * does there: /j /l /t /n /a /q. Returns 1; where OUT is empty then, the
 * current line was answered. Returns 0 if LINE is none of them.
 */
int ii_line(struct client *c, const char *line, struct buf *out);

#endif
