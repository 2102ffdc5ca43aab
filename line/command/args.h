/*
 * Reads what follows the name of a command, and checks what commands need. A
 * function that fails has answered the current line by `error`. Owns nothing.
 */
#ifndef LINE_COMMAND_ARGS_H
#define LINE_COMMAND_ARGS_H

#include "line/core/state.h"

/*
 * Reads the JID that ARGS begin with, up to a blank (address.h), into JID.
 * Returns what follows that blank; NULL after the current line was answered
 * `bad-jid`.
 */
const char *args_jid(struct client *c, const char *args, char jid[JID_SIZE]);
/*
 * Does the same where a person is meant. At a terminal a word with neither @
 * nor dot, which would be a server, is refused unless it is in the roster.
 */
const char *args_person(struct client *c, const char *args, char jid[JID_SIZE]);
/*
 * Returns 1 where JID is not our own account; 0 after the line was answered.
 */
int args_is_other(struct client *c, const char *jid);
/* Returns 1 where the N bytes at ARGS are WORD, else 0. */
int args_is(const char *args, size_t n, const char *word);
/*
 * Returns 1 where nothing but blanks is in REST, which follows the last
 * argument; 0 after the line was answered `usage`.
 */
int args_no_more(struct client *c, const char *rest);
/*
 * Answers the current line by `usage`, naming the arguments of the command
 * that is being executed.
 */
void args_usage(struct client *c);
/* Returns the active contact; NULL after the answer `no-contact`. */
const char *args_active(struct client *c);
/*
 * Returns a copy of TEXT, unescaped with -e. The caller frees it, by
 * buf_free_secret if it is a secret; NULL after the line was answered.
 */
char *args_text(struct client *c, const char *text);
/*
 * Returns NULL where the N bytes of TEXT are UTF-8 that XML can carry (XML 1.0,
 * 2.2); else the cause of the error, static.
 */
const char *args_check(const char *text, size_t n);
/*
 * With --sanitize spells out, in TEXT, what XML cannot carry; the bound of TEXT
 * may grow fourfold. Else does nothing.
 */
void args_sanitize(struct client *c, struct buf *text);
/*
 * Unescapes the N bytes of TEXT into PLAIN: at most INPUT_LINE_MAX bytes, which
 * XML can carry. Returns 0; -1 after the line was answered as one about PEER
 * (NULL: nobody).
 */
int args_unescape(struct client *c, const char *peer, const char *text,
    size_t n, struct buf *plain);
/*
 * Returns the number TEXT, 1 to MOST, OTHERWISE where it is empty, or -1.
 */
long args_count(const char *text, long otherwise, long most);
/*
 * Returns the id that the N bytes at TEXT are the escaped form of, as in
 * attributes; the caller frees it. NULL after the line was answered.
 */
char *args_id(struct client *c, const char *text, size_t n);
/* Returns 1 where we are online; 0 after the answer `not-connected`. */
int args_online(struct client *c);

#endif
