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
/* The program starts; the original says first that we are not online. */
void notice_start(struct client *c);
/* We are online. A second call before notice_disconnected says nothing. */
void notice_connected(struct client *c);
/* We are no longer online, and the program goes on. */
void notice_disconnected(struct client *c);
/* The program is about to end. */
void notice_quit(struct client *c);
/*
 * Something came from JID. It is unseen unless the user looks at that chat.
 * KIND is `chat room mention invite`, static, or NULL for anything else.
 */
void notice_message(struct client *c, const char *jid, const char *kind);
/* The user looks at the chat with JID, or the chat is gone. JID may be NULL. */
void notice_seen(struct client *c, const char *jid);
/* Frees the queue. */
void notice_clear(struct client *c);

#endif
