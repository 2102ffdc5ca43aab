/*
 * What the server sends once we are online: stanzas to events, and the few
 * answers that are given without being asked for.
 */
#ifndef LINE_RECEIVE_H
#define LINE_RECEIVE_H

#include "line/state.h"

/* Takes the message, presence or iq X. */
void receive_stanza(struct client *c, const struct stanza *x);
/* A body as its event tells it; FINGERPRINT and TRUST NULL: in the clear. */
struct receive_text {
	const char *text;
	size_t len;
	const char *fingerprint, *trust;
};

/* Tells of the message X from FROM, whose body is TEXT. */
void receive_text(struct client *c, const char *from, const struct stanza *x,
    const struct receive_text *text);
/*
 * Of the delays of X (XEP-0203) the stamp that the user's own server made, and
 * then *OFFLINE, or else somebody's claim; NULL: none that can be shown.
 */
const char *receive_delay(
    const struct client *c, const struct stanza *x, int *offline);
/*
 * Whether JID may learn from us that we are here (SAFETY.md): it may see our
 * presence, or we wrote to it.
 */
int receive_may_answer(const struct client *c, const char *jid);
/*
 * Event lines were written out: receipts for the messages among them may go
 * (XEP-0184; never before, so that "delivered" is true).
 */
void receive_written(struct client *c);

#endif
