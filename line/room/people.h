/*
 * Contacts and rooms together: who there is, in the order of /contacts, and how
 * things stand with each. For the commands that list them and for the terminal,
 * which shows no state that it has not asked for here. Changes nothing, save
 * that rooms with a record are known from then on (room_load). JIDs are
 * prepared and not escaped.
 */
#ifndef LINE_ROOM_PEOPLE_H
#define LINE_ROOM_PEOPLE_H

#include "line/core/door.h"
#include "sexp/buf.h"
#include "sexp/map.h"
#include "xmpp/jid.h"

/* All bare JIDs that we know of; their strings are borrowed until the next
 * call that takes a line or bytes. To be cleared by people_clear. */
struct people {
	char self[JID_SIZE];
	struct map seen;
	const char **jids; /* the rooms, then all others, each in order */
	size_t count, rooms;
};

/* Steps from the active contact to another. */
enum people_step {
	PEOPLE_NEXT,
	PEOPLE_PREVIOUS,
	PEOPLE_UNREAD,	 /* the next with something unread */
	PEOPLE_ENCRYPTED /* the next with an open OTR session */
};

/* The protection of a text to the active contact. */
enum people_safety {
	PEOPLE_CLEAR,
	PEOPLE_OTR,	 /* encrypted */
	PEOPLE_OMEMO,	 /* encrypted by OMEMO */
	PEOPLE_FINISHED, /* refused, since a session has ended */
	PEOPLE_ELSEWHERE /* refused: the session is with another resource */
};

/* The state of the session, for a prompt. */
struct people_state {
	int is_online;	   /* we are online */
	unsigned unread;   /* messages of all contacts and rooms */
	const char *jid;   /* the active contact, bare or full, or NULL */
	int is_room;	   /* JID, or its bare part, is a room */
	int is_logged;	   /* its messages are kept in a history */
	const char *show;  /* its presence, as in `presence`, static */
	const char *trust; /* in the contact's key, static, or NULL */
	enum people_safety safety;
};

/*
 * Fills P with the rooms, ourselves, the roster, who is online, whom we talked
 * with, and who has a record.
 */
void people_gather(struct client *c, struct people *p);
/* Frees what people_gather made. */
void people_clear(struct people *p);
/* Returns whether the bare JID is online, a room that we are in, unread or
 * active. */
int people_matters(const struct client *c, const char *jid);
/* Returns whether the bare part of JID is a room that we know. */
int people_is_room(const struct client *c, const char *jid);
/*
 * Returns the presence of JID as a word, static: that of a contact's best
 * resource, of one resource or occupant, or in a room our own.
 */
const char *people_show(const struct client *c, const char *jid);
/*
 * Stores in JID the bare JID that STEP leads to from the active contact, and
 * returns 1; 0 if it leads nowhere. Contacts that are offline count only if
 * /contacts lists them, and others than rooms come first.
 */
int people_step(struct client *c, enum people_step step, char jid[JID_SIZE]);
/*
 * Appends to OUT the resources of the bare JID that are online, or the nicks in
 * the room JID, in order, each with its NUL.
 */
void people_resources(const struct client *c, const char *jid, struct buf *out);
/*
 * Appends the bare JIDs of all rooms that we know or were invited to, in order,
 * each with its NUL.
 */
void people_rooms(struct client *c, struct buf *out);
/*
 * Appends the fingerprints of the keys that we have of the bare part of JID, as
 * hexadecimal digits, each with its NUL.
 */
void people_fingerprints(
    const struct client *c, const char *jid, struct buf *out);
/* Returns our nick in the room of JID, borrowed until it changes, or NULL. */
const char *people_own_nick(const struct client *c, const char *jid);
/* Returns the JID that a line of text goes to (-t included), or NULL. */
const char *people_active(const struct client *c);
/* Fills S as of now; borrowed until the next call that takes something. */
void people_state(const struct client *c, struct people_state *s);

#endif
