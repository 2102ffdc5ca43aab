/*
 * What the server sends once we are online: stanzas to events, and the few
 * answers that are given without being asked for.
 */
#ifndef LINE_RECEIVE_H
#define LINE_RECEIVE_H

#include "line/state.h"

/* Takes the message, presence or iq X. */
void receive_stanza(struct client *c, const struct stanza *x);
/*
 * Event lines were written out: receipts for the messages among them may go
 * (XEP-0184; never before, so that "delivered" is true).
 */
void receive_written(struct client *c);

#endif
