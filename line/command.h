/*
 * Input lines (LINES.md 2 and 3): text or command, each answered once. The
 * table of commands is command.def; each has one function here or in
 * contact.c. Owns nothing.
 */
#ifndef LINE_COMMAND_H
#define LINE_COMMAND_H

#include "line/state.h"

/* Does one input line, N bytes of LINE, and answers it or makes it wait. */
void command_line(struct client *c, const char *line, size_t n);
/* Appends the table of commands for --events. */
void command_table(struct buf *out);

/*
 * Reads the N bytes at WORD, a JID as it is escaped in PEER, into JID; -1
 * after the current line was answered `bad-jid`.
 */
int command_jid(
    struct client *c, const char *word, size_t n, char jid[JID_SIZE]);
/* Answers the current line by `usage`, naming the arguments of COMMAND. */
void command_usage(struct client *c, const char *command);
/* The active contact; NULL after the line was answered `no-contact`. */
const char *command_active(struct client *c);
/*
 * TEXT as the user means it: unescaped with -e. The caller frees it, by
 * buf_free_secret if it is one; NULL after the line was answered.
 */
char *command_text(struct client *c, const char *text);
/*
 * Whether the N bytes of TEXT are well-formed UTF-8 that XML can carry; -1
 * after the line was answered.
 */
int command_check(struct client *c, const char *text, size_t n);
/* Takes LINE as the answer to the open question (client.ask). */
void command_answer(struct client *c, const char *line);
/* Whether we are online; 0 after the line was answered `not-connected`. */
int command_online(struct client *c);

/* One function per command: ARGS is what follows its name and one blank. */
#define COMMAND(name, arguments, help)                                         \
	void command_##name(struct client *c, const char *args);
#include "line/command.def"
#undef COMMAND

#endif
