/*
 * Turns the stanzas that the server sends into events, and sends the few
 * answers that are given unasked. Owns nothing.
 */
#ifndef LINE_SESSION_DISPATCH_H
#define LINE_SESSION_DISPATCH_H

#include "line/talk/incoming.h"

/* Takes the message, presence or iq X. */
void dispatch_stanza(struct client *c, const struct stanza *x);
/*
 * Takes the messages that a replay has for us now, in the order of the archive.
 */
void dispatch_replayed(struct client *c);
/*
 * Warns of X, of which only the attributes were kept as it passed the bound
 * WHY, and tells those who wait for it that it came.
 */
void dispatch_past(struct client *c, const struct stanza *x, const char *why);

#endif
