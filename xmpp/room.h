/*
 * One room (XEP-0045): who is in it, as what, and what its codes mean. Owns
 * the occupants and the topic. Knows no lines and sends nothing.
 */
#ifndef XMPP_ROOM_H
#define XMPP_ROOM_H

#include "sexp/map.h"
#include "xmpp/jid.h"
#include "xmpp/roster.h"
#include "xmpp/stanza.h"

#define NS_MUC	       "http://jabber.org/protocol/muc"
#define NS_MUC_USER    "http://jabber.org/protocol/muc#user"
#define NS_MUC_OWNER   "http://jabber.org/protocol/muc#owner"
#define NS_CONFERENCE  "jabber:x:conference"
#define NS_DATA	       "jabber:x:data" /* XEP-0004 */

#define ROOM_CODES     16    /* of one stanza; what is more is not looked at */
#define ROOM_FEATURES  3     /* who sees JIDs, unavailable ones, a log */
#define ROOM_OCCUPANTS 20000 /* who comes later is told of, not kept */

enum room_role { ROLE_NONE, ROLE_VISITOR, ROLE_PARTICIPANT, ROLE_MODERATOR };

enum room_affiliation {
	AFFILIATION_NONE,
	AFFILIATION_OUTCAST,
	AFFILIATION_MEMBER,
	AFFILIATION_ADMIN,
	AFFILIATION_OWNER
};

/* Somebody in the room. Strings are owned; NULL where unknown. */
struct occupant {
	char *nick, *status, *jid; /* jid: the real one, prepared */
	enum roster_show show;
	enum room_role role;
	enum room_affiliation affiliation;
};

struct room {
	char *jid;   /* bare */
	char *nick;  /* ours, as asked for or as the room says it */
	char *topic; /* or NULL */
	int joined;
	int settled; /* the topic came: what is delayed is no history */
	int features[ROOM_FEATURES]; /* the code that spoke of each last; 0 */
	struct map occupants;	     /* of struct occupant by nick */
};

/* What a presence says, as room_presence read it; borrowed from it. */
struct room_change {
	const char *nick, *status;
	enum roster_show show; /* SHOW_OFFLINE: not in the room any more */
	enum room_role role;
	enum room_affiliation affiliation;
	char jid[JID_SIZE]; /* the real one, prepared, or "" */
	const char *new_nick, *reason, *actor;
	int codes[ROOM_CODES];
	size_t code_count;
	int self;	   /* it is about us */
	int joined;	   /* and says for the first time that we are in */
	int destroyed;	   /* there is no room any more, */
	const char *venue; /* but another one; or NULL */
};

/* Makes R the room called by the bare JID, which we want to be in as NICK. */
void room_init(struct room *r, const char *jid, const char *nick);
/* Frees what R owns. */
void room_clear(struct room *r);
/* We are not in it any more, or not yet again: nobody is known there. */
void room_leave(struct room *r);
/*
 * Takes the presence X (available or unavailable) of the occupant NICK and
 * says in CHANGE what it means (XEP-0045 7.2 to 7.14). A change of nick is
 * one stanza with new_nick, and then the presence of the new one.
 */
void room_presence(struct room *r, const char *nick, const struct stanza *x,
    struct room_change *change);
/* Reads the codes of X (XEP-0045 15.6) into CODES; returns how many. */
size_t room_codes(const struct stanza *x, int codes[ROOM_CODES]);
/* Whether CODE is among those of CHANGE. */
int room_has_code(const struct room_change *change, int code);
/* What CODE means, in words; static; NULL for one unknown or told elsewhere. */
const char *room_code_words(int code);
/* Notes what the N CODES, of a presence of ours or a message, say of R. */
void room_note(struct room *r, const int codes[], size_t n);
/* What is known of feature I (below ROOM_FEATURES); static, or NULL. */
const char *room_feature(const struct room *r, size_t i);
/*
 * Why a room does not let us in, by CONDITION, or where INSIDE not be called
 * as we want; static (XEP-0045 7.2, 7.6).
 */
const char *room_refusal(const char *condition, int inside);
/* `none visitor participant moderator`; static. */
const char *room_role_name(enum room_role role);
/* `none outcast member admin owner`; static. */
const char *room_affiliation_name(enum room_affiliation affiliation);

#endif
