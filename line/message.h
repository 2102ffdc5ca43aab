/*
 * Messages going out; what becomes of them is fate.h's.
 */
#ifndef LINE_MESSAGE_H
#define LINE_MESSAGE_H

#include "line/encrypt.h"
#include "line/state.h"

/*
 * Sends N bytes of TEXT to JID (bare: as the chat with it stands) and answers
 * the current line by `sent`, or by `error`, with nothing sent.
 */
void message_send(
    struct client *c, const char *jid, const char *text, size_t n);
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
