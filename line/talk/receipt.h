/*
 * Receipts that we owe (XEP-0184). Each is sent when the event of its message
 * was written to the output. Owns those that are still to be sent, bounded.
 */
#ifndef LINE_TALK_RECEIPT_H
#define LINE_TALK_RECEIPT_H

#include "line/talk/incoming.h"

/* Makes C ready. */
void receipt_init(struct client *c);
/* Frees what is owed; sends nothing. */
void receipt_clear(struct client *c);
/*
 * Returns 1 if JID may learn from us that we are here, else 0: it may see our
 * presence, or we wrote to it.
 */
int receipt_may_answer(const struct client *c, const char *jid);
/*
 * Sends the receipts for the messages whose events the loop has written; never
 * before, so that "delivered" is true (XEP-0184).
 */
void receipt_written(struct client *c);
/*
 * Notes that the message M asks for a receipt, if it does, was delivered to us
 * and is from nobody in a room; it is sent once all events so far are written,
 * or not at all if there is no room for it.
 */
void receipt_owe(struct client *c, const struct incoming *m);

#endif
