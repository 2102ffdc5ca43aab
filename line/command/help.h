/*
 * /help, and the commands of other clients that people type here. Pure but for
 * the events of /help; owns nothing.
 */
#ifndef LINE_COMMAND_HELP_H
#define LINE_COMMAND_HELP_H

#include "line/command/args.h"

/*
 * Appends `/NAME ARGUMENTS` of ROW to OUT, what may be left out in brackets: of
 * `?JID` in the table becomes `[JID]`.
 */
void help_form(const struct command_row *row, struct buf *out);
/*
 * Appends to OUT the line of ours that does what the N bytes of WORD, a command
 * of another client, do there with ARGS. Returns 1; 0 if that is not obvious,
 * or there is no such.
 */
int help_habit(const char *word, size_t n, const char *args, struct buf *out);
/* Returns which command to use in place of WORD, static, or NULL. */
const char *help_instead(const char *word, size_t n);

#endif
