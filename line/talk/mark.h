/*
 * Messages about another message: reactions (XEP-0444), retractions (XEP-0424,
 * XEP-0425), displayed marks (XEP-0333) and replies (XEP-0461). Owns nothing.
 */
#ifndef LINE_TALK_MARK_H
#define LINE_TALK_MARK_H

#include "line/talk/incoming.h"

/* Namespaces of marks, which say nothing else. */
#define NS_REACTIONS   "urn:xmpp:reactions:0"
#define NS_RETRACT     "urn:xmpp:message-retract:1"
#define NS_RETRACT_OLD "urn:xmpp:message-retract:0"
#define NS_FASTEN      "urn:xmpp:fasten:0"
#define NS_MARKERS     "urn:xmpp:chat-markers:0"
#define NS_FALLBACK    "urn:xmpp:fallback:0" /* XEP-0428 */
#define NS_REPLY       "urn:xmpp:reply:0"

/*
 * Returns 1 if the body of X only says to clients which know no marks what its
 * mark says (XEP-0428), else 0.
 */
int mark_is_fallback(const struct stanza *x);
/*
 * Writes a `mark` event for the first mark of each type in M, however many it
 * holds. Returns how many were written. What came before one that another
 * client of ours has displayed counts as read.
 */
int mark_tell(struct client *c, const struct incoming *m);
/*
 * Sets reply= and fallback= of the current event, about the message X with
 * BODY; fallback= is how many of its first characters quote that message.
 */
void mark_set_reply(struct client *c, const struct stanza *x, const char *body);

#endif
