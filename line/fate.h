/*
 * The fates of messages (LINES.md, promise 3): every id ends as acked, failed
 * or unknown, once; an acked one may still be delivered, or fail.
 */
#ifndef LINE_FATE_H
#define LINE_FATE_H

#include "line/state.h"

/* Without a fate: no further line is executed. */
#define FATE_OPEN_MAX 1000

/*
 * A message of the current line was written to the stream, as the last stanza
 * so far. What is ENCRYPTED is for one session of the peer's, and not sent on
 * another stream.
 */
void fate_add(struct client *c, const char *to, const char *id, int encrypted);
/* The answer to an <r/> came. */
void fate_answered(struct client *c);
/* The server has the stanzas of this session up to number COVERED. */
void fate_acked(struct client *c, uint64_t covered);
/* JID says that it got ID (XEP-0184); ignored unless it was sent there. */
void fate_receipt(struct client *c, const char *jid, const char *id);
/*
 * The error stanza X came from the JID FROM (NULL: our own server or account,
 * which may speak of every message); 0 where it is about none of ours.
 */
int fate_bounced(struct client *c, const char *from, const struct stanza *x);
/*
 * The server ended the stream for something among what it has not acked;
 * returns how many messages that may be.
 */
size_t fate_strike(struct client *c);
/* The session goes on: what is poison is taken out of what is sent again. */
void fate_resumed(struct client *c);
/*
 * The server does not resume the session: by its last word, if there is one,
 * messages are acked, failed, or kept for fate_again; else unknown.
 */
void fate_unresumed(struct client *c);
/* Sends on the new session what was kept for it. */
void fate_again(struct client *c);
/* The session ended: what has no fate is `unknown`, by CAUSE. */
void fate_lost(struct client *c, const char *cause);
/* Asks the server for an answer behind the last message, where one is due. */
void fate_ask_ack(struct client *c);
/* Asks, due or not, by XEP-0198. */
void fate_ask(struct client *c);
/* Frees all. */
void fate_clear(struct client *c);

#endif
