/*
 * A message that came to our account, by whatever way: live, from offline
 * storage, as a copy of what another client of ours said or got (XEP-0280), or
 * out of an archive (XEP-0313). Says whose it is, and sets the attributes that
 * every event about it carries. Owns nothing.
 */
#ifndef LINE_TALK_INCOMING_H
#define LINE_TALK_INCOMING_H

#include "line/core/state.h"
#include "line/talk/delay.h"

#define NS_CARBONS "urn:xmpp:carbons:2" /* XEP-0280 */
#define NS_FORWARD "urn:xmpp:forward:0" /* XEP-0297 */

enum incoming_way { INCOMING_DIRECT, INCOMING_CARBON, INCOMING_ARCHIVE };

/* One message. Borrows from its stanza. */
struct incoming {
	const struct stanza *x; /* the message itself, never its wrapper */
	enum incoming_way way;
	char from[JID_SIZE]; /* its sender */
	char to[JID_SIZE];   /* the recipient, as the sender wrote it */
	/* Our account sent it with another client: to somebody else. */
	int own;
	/* The other side, which the talk is with: TO if `own`, else FROM. */
	const char *peer;
	/* Its id in the archive of our account or of the room (XEP-0359), as
	 * these themselves say; or NULL. */
	const char *archived;
	const char *stamp; /* when it was sent, as others say; or NULL */
	struct delay delay;
	/* The message was dealt with before and is told again because the user
	 * asked for it: it is neither logged nor counted as unread. */
	int again;
};

/* Fills M with the message X that the server delivered from the JID FROM. */
void incoming_direct(struct client *c, struct incoming *m, const char *from,
    const struct stanza *x);
/*
 * Returns the <forwarded/> of X from the JID FROM, a carbon; or NULL. *FORGED
 * is 1 where it is a carbon that another than our own account sent, else 0
 * (CVE-2017-5589).
 */
const struct stanza *incoming_carbon(const struct client *c, const char *from,
    const struct stanza *x, int *forged);
/*
 * Fills M with the message in FORWARDED (XEP-0297), which is a carbon, WAY, or
 * was in the archive of the bare JID ARCHIVE with ID. The caller has checked
 * who sent the wrapper. Returns -1 if there is no message in it that could have
 * come by WAY: one to or from our account, or for the archive of a room from
 * that room.
 */
int incoming_forwarded(struct client *c, struct incoming *m,
    const struct stanza *forwarded, enum incoming_way way, const char *archive,
    const char *id);
/*
 * Sets archived=, via=, to= and, for what another client of ours sent, from= of
 * the current event, which is about M.
 */
void incoming_set(struct client *c, const struct incoming *m);
/*
 * Does the same for an event whose PEER is the sender even of our own messages,
 * and sets its stamp=.
 */
void incoming_set_sender(struct client *c, const struct incoming *m);

#endif
