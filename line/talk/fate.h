/*
 * The fates of messages, as jackline-lines(7) has them: every id ends as acked,
 * failed or unknown, once; an acked one may still be delivered, or fail. Owns
 * every message without a fate, and asks the server what it has.
 */
#ifndef LINE_TALK_FATE_H
#define LINE_TALK_FATE_H

#include "line/core/state.h"

/* With so many messages without a fate no further line is executed. */
#define FATE_OPEN_MAX 1000

/* One message. Only fate.c writes to it. */
struct fate {
	struct fate *next, *before; /* in the order of sending */
	char id[NONCE_ID + 1];
	char *to; /* behind this struct; a room: its bare JID */
	unsigned long line;
	char *label;
	uint64_t number; /* of its stanza, as link_sent counts; 0: lost */
	int acked, encrypted;
	int strikes; /* streams that were ended while it was under way */
	int sought;  /* The archive may have it: it is in a list of its own. */
	char *again; /* its stanza, for the next session, or NULL */
	size_t again_len;

	/* For a message to a room: */
	char *nick;    /* ours when it was sent; NULL: TO is no room */
	uint64_t text; /* its hash */
	int outside;   /* why we have been out of the room since; 0: not */
};

/* Makes C ready. */
void fate_init(struct client *c);
/* Frees all. */
void fate_clear(struct client *c);
/* Returns how many messages have no fate yet. */
size_t fate_open(const struct client *c);
/*
 * Returns how many messages to people are acked and not delivered. They are
 * counted for --delivered alone.
 */
size_t fate_undelivered(const struct client *c);
/* Returns 1 if messages were sent that may come back, else 0. */
int fate_may_bounce(const struct client *c);
/*
 * Notes the message ID to TO of the current line; its stanza is the last one
 * written so far. If it is ENCRYPTED it is never sent again on another session.
 */
void fate_add(struct client *c, const char *to, const char *id, int encrypted);
/*
 * Notes the message ID with N bytes of TEXT to ROOM, where we are called NICK;
 * it is acked when the room shows it.
 */
void fate_add_room(struct client *c, const char *room, const char *nick,
    const char *id, const char *text, size_t n);
/* Takes the answer to an <r/>, which is in C->resume (XEP-0198 4). */
void fate_answered(struct client *c);
/* Takes a receipt of JID for ID (XEP-0184), ignored unless ID went there. */
void fate_receipt(struct client *c, const char *jid, const char *id);
/*
 * Takes the error stanza X from the JID FROM; NULL is our own server or
 * account, which may report on every message. Returns 1 if it is about a
 * message of ours to FROM, which is then failed, else 0.
 */
int fate_bounced(struct client *c, const char *from, const struct stanza *x);
/*
 * Notes that the server ended the stream for something that it has not acked.
 * Returns how many messages that may have been.
 */
size_t fate_strike(struct client *c);
/*
 * Acks what the server has, as the session is resumed. A message for which it
 * ended two streams is not sent again and has failed.
 */
void fate_resumed(struct client *c);
/*
 * Settles all messages, as the server does not resume the session. If it says
 * what it had, they are acked, failed, or kept for fate_again; else they are
 * unknown or, with SEEKS, left to fate_seek.
 */
void fate_unresumed(struct client *c, int seeks);
/*
 * Leaves open what fate_unresumed or fate_lost would make `unknown`: the
 * archive may have it (XEP-0313), which fate_found tells.
 */
void fate_seek(struct client *c);
/* The archive has the message ID of ours, which is then acked if it was sought.
 */
void fate_found(struct client *c, const char *id);
/* Makes `unknown` what was sought and not found. */
void fate_sought_over(struct client *c);
/* Returns how many messages were ever sent to people. */
uint64_t fate_total(const struct client *c);
/* Sends what fate_unresumed kept, on the new session. */
void fate_again(struct client *c);
/* Makes all without a fate `unknown` by CAUSE, as the session ended. */
void fate_lost(struct client *c, const char *cause);
/* Asks the server what it has, if that is due: by <r/> or a ping. */
void fate_ask_ack(struct client *c);
/*
 * Asks the server by <r/> behind all that was sent again on a resumed stream,
 * in which there were RESENT such questions already.
 */
void fate_ask_again(struct client *c, int resent);
/* Forgets that the server owes answers, as the stream ended. */
void fate_ask_over(struct client *c);
/* Returns since when the server owes an answer, monotonic; 0: it owes none. */
int64_t fate_asked_at(const struct client *c);
/* Returns how many milliseconds more that answer may take on a slow line. */
int64_t fate_slow(const struct client *c);
/* Gives the server its whole time for that answer from now on. */
void fate_wait_anew(struct client *c);
/* Returns when fate_ask_ack may ask again, monotonic; -1: at any time. */
int64_t fate_ask_deadline(const struct client *c);

/*
 * Messages to rooms. ROOM is a bare JID. A struct fate is borrowed until it has
 * its fate.
 */

/* Returns the first message to ROOM without a fate, or NULL. */
struct fate *fate_first_in(const struct client *c, const char *room);
/* Returns the message ID (NULL: none) to ROOM without a fate, or NULL. */
struct fate *fate_find_id(
    const struct client *c, const char *room, const char *id);
/* Returns the first to ROOM without a fate whose text is N bytes of TEXT. */
struct fate *fate_find_text(
    const struct client *c, const char *room, const char *text, size_t n);
/* Acks F, since its room showed it, and marks its record as received. */
void fate_shown(struct client *c, struct fate *f);
/* Makes F failed by CAUSE, for the reason WHY. */
void fate_failed(
    struct client *c, struct fate *f, const char *cause, const char *why);
/* Notes that we are out of ROOM, which may thus not show all of them. */
void fate_outside(struct client *c, const char *room);
/* Makes `unknown` what ROOM has not shown since fate_outside. */
void fate_not_shown(struct client *c, const char *room);
/*
 * Settles the messages to ROOM (NULL: to all), as the session ended for CAUSE.
 * Messages that the server says it did not have have failed. The rest is
 * `unknown`, but if we enter the room again (RETURNS) its history may still
 * show them.
 */
void fate_room_lost(
    struct client *c, const char *room, const char *cause, int returns);

#endif
