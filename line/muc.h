/*
 * The rooms that we are in or want to be in (XEP-0045): what comes from them
 * to events, what goes there. Nothing of a room ever reaches OTR.
 */
#ifndef LINE_MUC_H
#define LINE_MUC_H

#include "line/encrypt.h"
#include "line/state.h"
#include "xmpp/room.h"

#define MUC_SECONDS 30 /* for a room to answer */

enum muc_state {
	MUC_OUT,
	MUC_HIDDEN, /* out until our presence is no longer unavailable */
	MUC_JOINING,
	MUC_IN
};

/* A message to a room that has no fate yet. */
struct muc_said {
	struct muc_said *next;
	char id[NONCE_ID + 1];
	unsigned long line;
	char *label;
	uint64_t number; /* of its stanza, as stream_sent counts */
	int outside;	 /* we are, or were, out of the room since */
};

struct muc {
	struct room room;
	enum muc_state state;
	int wanted;	/* to be joined again when we are online again */
	int by_command; /* /join is why we are joining */
	/* 1: we go, and the room's word on it is to come, by /leave or, where
	 * it is wanted, as our presence is unavailable; 2: and we enter again.
	 */
	int parting;
	char *password;		  /* or NULL */
	char entry[NONCE_ID + 1]; /* id of the presence that entered, or "" */
	struct muc_said *said;
};

/* The room of the bare part of JID, if we know it as one, or NULL. */
struct muc *muc_find(const struct client *c, const char *jid);
/* The same, made where there was none; the nick is the one that is kept. */
struct muc *muc_need(struct client *c, const char *jid);
/*
 * How we are called in the room JID unless told otherwise: as we were there
 * last, or by our local part, which is then in LOCAL. Borrowed.
 */
const char *muc_nick(
    const struct client *c, const char *jid, char local[JID_SIZE]);
/* The room of JID that we are in, or about to be, or NULL. */
struct muc *muc_inside(const struct client *c, const char *jid);
/* All rooms, in no order; ended by NULL, the caller frees the array. */
struct muc **muc_all(const struct client *c);
/* The file of M, if any, no longer says to enter it at login; 1: it did. */
int muc_keep_out(struct client *c, const struct muc *m);
/* Sends the presence that enters M (7.2). */
void muc_enter(struct client *c, struct muc *m);
/* Tells M that we are not there, which may have let us in. */
void muc_part(struct client *c, const struct muc *m);
/* We are online; RESUMED: the session went on, so we may be in rooms still. */
void muc_online(struct client *c, int resumed);
/* The session is over, for CAUSE: we are in no room. */
void muc_lost(struct client *c, const char *cause);
/* No answer came to who would leave, or JOINING enter, the room JID. */
void muc_give_up(struct client *c, const char *jid, int joining);
/*
 * M refused something with CONDITION, which may say that we are not in it,
 * though it never told us: then we enter it again, asking first where that is
 * not sure (XEP-0410 3).
 */
void muc_doubt(struct client *c, struct muc *m, const char *condition);
/* Tells the rooms what our presence is now; those left by it are entered. */
void muc_status(struct client *c);
/* Takes the presence X from FROM; 0: it is not about a room of ours. */
int muc_presence(struct client *c, const char *from, const struct stanza *x);
/* Takes the message X from FROM; 0: it is for others to take. */
int muc_message(struct client *c, const char *from, const struct stanza *x);
/*
 * Sends N bytes of TEXT to the room JID and answers the current line by
 * `sent` or `error`.
 */
void muc_send(struct client *c, const char *jid, const char *text, size_t n);
/*
 * Whether N bytes of TEXT may go to an occupant TO: in the clear, so not where
 * encryption is required. -1 with a cause in RESULT.
 */
int muc_private(const struct client *c, const char *to, const char *text,
    size_t n, struct encrypt_result *result);
/* Writes the `contact` event of the room JID; 0: it is none. */
int muc_contact(struct client *c, const char *jid);
/*
 * Writes a `session` event for each occupant, or of a full JID only for that
 * one; 0: JID is no room.
 */
int muc_sessions(struct client *c, const char *jid);
/* Writes what else is known of the room JID as `info`; 0: it is none. */
int muc_describe(struct client *c, const char *jid);
/* Knows every room that has a record. */
void muc_load(struct client *c);
/* Time has passed; wanted at c->rooms_until, where that is not 0. */
void muc_tick(struct client *c);
/* Frees all. */
void muc_clear(struct client *c);

#endif
