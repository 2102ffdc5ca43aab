/*
 * The table of commands, command.def: their names, arguments and help. Their
 * functions are called by command.c. Owns nothing.
 */
#ifndef LINE_COMMAND_TABLE_H
#define LINE_COMMAND_TABLE_H

#include "line/core/state.h"

/* A row of the table. */
struct command_row {
	const char *name, *arguments, *help;
	int is_message; /* sends a message, which /wait means then */
};

/* Returns row I of the table of commands, which is sorted; NULL past its end.
 */
const struct command_row *command_row(size_t i);
/*
 * Returns the command called by the N bytes of NAME, at a terminal also by a
 * prefix that no other has, or NULL.
 */
const struct command_row *command_find(
    const struct client *c, const char *name, size_t n);
/*
 * Appends `/NAME ARGUMENTS` of ROW to OUT, what may be left out in brackets: of
 * `?JID` in the table becomes `[JID]`.
 */
void command_form(const struct command_row *row, struct buf *out);
/* Answers the current line by an error: no command is called by the N bytes of
 * NAME. */
void command_unknown(struct client *c, const char *name, size_t n);
/* Appends the table of commands for --events. */
void command_table(struct buf *out);

#endif
