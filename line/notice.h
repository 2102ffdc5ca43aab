/*
 * What the notification callback and --fd-nfy are to be told: the words of
 * the original jackline. Decides, and queues; line/notify.c acts.
 */
#ifndef LINE_NOTICE_H
#define LINE_NOTICE_H

#include "line/state.h"

/* The program starts: we are not online, the original says first. */
void notice_start(struct client *c);
/* We are online; to be told again is no news. */
void notice_connected(struct client *c);
/* We are not any more, for now or for good, though the program goes on. */
void notice_disconnected(struct client *c);
/* The program is about to end. */
void notice_quit(struct client *c);
/* Something came from JID; it counts as unseen unless it is looked at. */
void notice_message(struct client *c, const char *jid);
/* The chat with JID is being looked at, or forgotten. */
void notice_seen(struct client *c, const char *jid);
/* Frees all. */
void notice_clear(struct client *c);

#endif
