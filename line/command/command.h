/*
 * Input lines (jackline-lines(7)): text or command, each answered once. Each
 * command of the table has one function here or in another file of this folder.
 * Owns nothing.
 */
#ifndef LINE_COMMAND_COMMAND_H
#define LINE_COMMAND_COMMAND_H

#include "line/core/state.h"

/* Does one input line, N bytes of LINE, and answers it or makes it wait. */
void command_line(struct client *c, const char *line, size_t n);
/* Makes C ready. */
void commands_init(struct client *c);
/* Frees what is kept from one line to the next. */
void commands_clear(struct client *c);
/* Answers a line that is too long, of which the first N bytes are LINE. */
void command_too_long(struct client *c, const char *line, size_t n);
/*
 * Returns 1 if LINE, behind all /with and /label, is a message to somebody: a
 * text, or a command that sends one. Else 0.
 */
int command_is_message(const struct client *c, const char *line);

/*
 * Takes the active contact away where the N bytes of LINE, which is executed
 * next or refused, mean /go: only one that succeeds makes another active. So
 * none that fails, for whatever reason, leaves the one before armed.
 */
void command_disarm(struct client *c, const char *line, size_t n);
/* Takes LINE as the answer to the open question (client.ask). */
void command_answer(struct client *c, const char *line);

/* One function per command: ARGS is what follows its name and one blank. */
#define COMMAND(name, arguments, help)                                         \
	void command_##name(struct client *c, const char *args);
#include "line/command/command.def"
#undef COMMAND

#endif
