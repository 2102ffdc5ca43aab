/*
 * Messages going out; what becomes of them is fate.h's.
 */
#ifndef LINE_MESSAGE_H
#define LINE_MESSAGE_H

#include "line/encrypt.h"
#include "line/state.h"

enum message_form {
	MESSAGE_TEXT,	  /* of a person, encrypted or not as it has to be */
	MESSAGE_RAW,	  /* the body itself, where clear text may leave */
	MESSAGE_ENCRYPTED /* bytes without NUL for the session that there is */
};

/*
 * Sends N bytes of TEXT to JID (bare: as the chat with it stands) in FORM and
 * answers the current line by `sent`, or by `error`, with nothing sent.
 */
void message_send(struct client *c, const char *jid, const char *text, size_t n,
    enum message_form form);
/*
 * Writes the message TEXT of TYPE (`chat`, `groupchat`) to TO under ID; only
 * `chat` asks for a receipt. -1, and nothing written, where it is too large.
 */
int message_put(struct client *c, const char *to, const char *type,
    const char *id, const struct encrypt_result *text);
/*
 * Where a text to JID goes: to a full JID as it is; to a bare one by its
 * best resource, or where it is expanded or no resource is known to its
 * encrypted session, if any, else to the bare JID.
 */
void message_address(
    const struct client *c, const char *jid, char to[JID_SIZE]);

#endif
