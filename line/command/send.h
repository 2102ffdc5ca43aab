/*
 * Messages going out; what becomes of them is fate.h's.
 */
#ifndef LINE_COMMAND_SEND_H
#define LINE_COMMAND_SEND_H

#include "line/talk/message.h"

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
 * Does the same for text that corrects the message REPLACES, which
 * chat_original returned.
 */
void message_correct(struct client *c, const char *jid, const char *text,
    size_t n, const char *replaces);

#endif
