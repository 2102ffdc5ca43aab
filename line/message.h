/*
 * Messages going out and their fates (LINES.md, promise 3): every id ends as
 * acked, failed or unknown, once.
 */
#ifndef LINE_MESSAGE_H
#define LINE_MESSAGE_H

#include "line/state.h"

#define MESSAGE_OPEN_MAX                                                       \
	1000 /* without a fate: no further line is executed                    \
	      */

/*
 * Sends N bytes of TEXT to JID (bare: as the chat with it stands) and answers
 * the current line by `sent`, or by `error`, with nothing sent.
 */
void message_send(
    struct client *c, const char *jid, const char *text, size_t n);
/* The server has the messages counted up to COVERED of this stream. */
void message_acked(struct client *c, uint64_t covered);
/* JID says that it got ID (XEP-0184); ignored unless it was sent there. */
void message_receipt(struct client *c, const char *jid, const char *id);
/* The error stanza X came; 0 where it is about no message of ours. */
int message_bounced(struct client *c, const char *from, const struct stanza *x);
/* The stream ended: what has no fate is `unknown`, by CAUSE. */
void message_lost(struct client *c, const char *cause);
/* Asks the server for an answer behind the last message, where one is due. */
void message_ask_ack(struct client *c);
/* Frees all. */
void message_clear(struct client *c);

#endif
