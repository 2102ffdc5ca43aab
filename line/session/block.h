/*
 * Blocking (XEP-0191): /block, /unblock and /blocked, and what other clients
 * of the account do meanwhile. The list is the server's; nothing is kept.
 */
#ifndef LINE_SESSION_BLOCK_H
#define LINE_SESSION_BLOCK_H

#include "line/core/state.h"

#define NS_BLOCK "urn:xmpp:blocking"

/* Makes C's part of this. */
void block_init(struct client *c);
/* Frees it. */
void block_clear(struct client *c);
/*
 * Notes that a line asks for ELEMENT, "block" or "unblock" and static, about
 * JID; NULL: it was refused. At a terminal the push that says the same next is
 * not told, as the answer to the line says it.
 */
void block_asked(struct client *c, const char *jid, const char *element);
/*
 * Tells what the push X from FROM says was blocked or no longer; 0: it is
 * none, or not of our own account itself.
 */
int block_push(struct client *c, const char *from, const struct stanza *x);
/*
 * Writes an `info` WORDS about each JID that LIST holds; -1 where it holds
 * none.
 */
int block_tell(struct client *c, const struct stanza *list, const char *words);

#endif
