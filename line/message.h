/*
 * Messages going out; what becomes of them is fate.h's.
 */
#ifndef LINE_MESSAGE_H
#define LINE_MESSAGE_H

#include "line/state.h"

/*
 * Sends N bytes of TEXT to JID (bare: as the chat with it stands) and answers
 * the current line by `sent`, or by `error`, with nothing sent.
 */
void message_send(
    struct client *c, const char *jid, const char *text, size_t n);

#endif
