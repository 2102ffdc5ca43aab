/*
 * The people and rooms that we talk to, by bare JID, and which is the active
 * contact. Anybody can write to us and so add a chat: those of strangers are
 * swept from time to time. Owns every struct chat.
 */
#ifndef LINE_TALK_CHAT_H
#define LINE_TALK_CHAT_H

#include "line/core/state.h"

/* A contact or a room that we talked to. */
struct chat {
	char *jid;	   /* bare */
	char *wrote;	   /* the full JID that wrote last, or NULL */
	int warned;	   /* We said that our words go to another resource. */
	int encrypt_only;  /* since /otr start, until /otr stop */
	int verified_only; /* since /otr start verified, until /otr stop */
	int spoken;	 /* We wrote to it, so it may know that we are here. */
	int expanded;	 /* Messages go to the bare JID. */
	int fresh;	 /* Used since the last sweep. */
	int asks;	 /* The contact asked to see our presence. */
	unsigned unread; /* messages */
	/* 1 and the session in which a replay has caused a notification. */
	unsigned long replayed;
	/* The id of the last message from here that corrections name, or "". */
	char last_sent[NONCE_ID + 1];
};

/* Makes C ready. */
void chat_init(struct client *c);
/* Frees all chats. */
void chat_clear(struct client *c);
/* Returns the chat with the bare part of JID, borrowed, or NULL. */
struct chat *chat_find(const struct client *c, const char *jid);
/*
 * Returns the chat with the bare part of JID, borrowed, and makes it if there
 * is none. That may free other chats, but none that we wrote to.
 */
struct chat *chat_need(struct client *c, const char *jid);
/* Returns all chats, in no order, and a NULL; the caller frees the array. */
struct chat **chat_all(const struct client *c);
/* Makes JID (copied; NULL: nobody) the active contact. */
void chat_activate(struct client *c, const char *jid);
/*
 * Counts the message from JID as unread, unless it is the active contact's: at
 * a terminal, where one session can be active, unless it is that session's.
 */
void chat_wrote(struct client *c, const char *jid);
/* Notes that JID asked to see our presence, or with ON 0 was answered. */
void chat_asked(struct client *c, const char *jid, int on);
/*
 * Notes that the message ID was sent to JID; REPLACES (NULL: none) is the id of
 * the message that it corrects, as chat_original returns it.
 */
void chat_sent(
    struct client *c, const char *jid, const char *id, const char *replaces);
/*
 * Returns the id that a correction of the message ID (NULL: the last one) to
 * the contact or room of JID has to name: its own, or if it is a correction
 * itself, that of the first (XEP-0308 3). NULL if it is none of the last few
 * thousand that were sent here. Borrowed until the next chat_sent.
 */
const char *chat_original(
    const struct client *c, const char *jid, const char *id);
/* Counts no message of the contact of JID as unread any more. */
void chat_read(struct client *c, const char *jid);
/* Returns how many messages of JID (NULL: of everybody) are unread. */
unsigned chat_unread(const struct client *c, const char *jid);

#endif
