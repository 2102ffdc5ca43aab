/*
 * Messages between two people: the stanza of one that goes out, and the event
 * of one that came. Owns nothing.
 */
#ifndef LINE_TALK_MESSAGE_H
#define LINE_TALK_MESSAGE_H

#include "line/talk/incoming.h"
#include "omemo/omemo.h"
#include "otr/otr.h"

#define NS_CORRECT "urn:xmpp:message-correct:0" /* XEP-0308 */

#define NS_HINTS   "urn:xmpp:hints" /* XEP-0334 */

/* Bytes for a sentence of ours that names two commands for a contact. */
#define MESSAGE_WORDS (2 * (size_t)JID_SIZE + 400)

/* A text that is sent, as encrypt_text made it. */
struct message_out {
	const char *body; /* borrowed until the next call here */
	size_t len;
	int encrypted;
	const char *subject; /* of the next message_put, borrowed; or NULL */
	/* In place of BODY, borrowed; or NULL. */
	const struct omemo_message *omemo;
	char
	    fingerprint[OTR_FINGERPRINT_SIZE]; /* of the key; "" in the clear */
	const char *trust;		       /* static; NULL in the clear */
	/* The id of the message that it corrects, borrowed; or NULL. */
	const char *replaces;
	const char *cause; /* where it may not leave: static; and why: */
	char why[MESSAGE_WORDS];
};

/* The text of a message that came; in the clear its fingerprint and trust are
 * NULL. */
struct message_in {
	const char *text;
	size_t len;
	const char *fingerprint, *trust;
	const char *enc; /* `omemo`; NULL: OTR if there is a fingerprint */
};

/*
 * Writes the event of the message M with TEXT, `message`, or `own` if another
 * client of ours sent it; and its record.
 */
void message_tell(
    struct client *c, const struct incoming *m, const struct message_in *text);
/*
 * Begins on W the stanza of a message of TYPE (NULL: none) to TO with ID, which
 * goes out; the caller fills it and ends it with writer_end.
 */
void message_begin(struct client *c, struct writer *w, const char *to,
    const char *type, const char *id);
/*
 * Sends TEXT as a message of TYPE (`chat`, `groupchat`) to TO with ID; only
 * `chat` asks for a receipt. Returns -1 and sends nothing if it is too large.
 */
int message_put(struct client *c, const char *to, const char *type,
    const char *id, const struct message_out *text);
/*
 * Writes to the open message of W that it is encrypted by OTR and not to be
 * stored or copied (XEP-0380, XEP-0334, XEP-0280).
 */
void message_hints(struct writer *w);

#endif
