/*
 * The fates of messages (LINES.md, promise 3): every id ends as acked, failed
 * or unknown, once; an acked one may still be delivered, or fail.
 */
#ifndef LINE_FATE_H
#define LINE_FATE_H

#include "line/state.h"

/* Without a fate: no further line is executed. */
#define FATE_OPEN_MAX 1000

/* A message of the current line was written to the stream. */
void fate_add(struct client *c, const char *to, const char *id);
/* The server has the messages counted up to COVERED of this stream. */
void fate_acked(struct client *c, uint64_t covered);
/* JID says that it got ID (XEP-0184); ignored unless it was sent there. */
void fate_receipt(struct client *c, const char *jid, const char *id);
/* The error stanza X came; 0 where it is about no message of ours. */
int fate_bounced(struct client *c, const char *from, const struct stanza *x);
/* The stream ended: what has no fate is `unknown`, by CAUSE. */
void fate_lost(struct client *c, const char *cause);
/* Asks the server for an answer behind the last message, where one is due. */
void fate_ask_ack(struct client *c);
/* Frees all. */
void fate_clear(struct client *c);

#endif
