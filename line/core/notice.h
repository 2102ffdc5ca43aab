/*
 * Decides what the notification callback and --fd-nfy are to be told, in the
 * words of the original jackline, and queues it: 64 notices at most, then the
 * oldest are dropped. callback.h runs the callback.
 */
#ifndef LINE_CORE_NOTICE_H
#define LINE_CORE_NOTICE_H

#include "line/core/state.h"

/* Makes an empty queue. */
void notice_init(struct client *c);
/* Notes the start of the program: as in the original, we are not online. */
void notice_start(struct client *c);
/* Notes that we are online; does nothing if that was noted already. */
void notice_connected(struct client *c);
/* Notes that we are no longer online, and the program goes on. */
void notice_disconnected(struct client *c);
/* Notes that the program is about to end. */
void notice_quit(struct client *c);
/*
 * Notes that something came from JID, unseen unless its chat is the active one.
 * KIND is `chat room mention invite`, static, or NULL for anything else.
 */
void notice_message(struct client *c, const char *jid, const char *kind);
/* Notes that the user has seen the chat with JID (or NULL), or it is gone. */
void notice_seen(struct client *c, const char *jid);
/* Frees the queue. */
void notice_clear(struct client *c);

#endif
