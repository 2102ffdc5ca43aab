/*
 * The occupants of one room (XEP-0045): their roles, affiliations and presence,
 * and the meaning of status codes. Owns the table of occupants and the topic.
 * Knows no lines and sends nothing.
 */
#ifndef XMPP_OCCUPANTS_H
#define XMPP_OCCUPANTS_H

#include "sexp/map.h"
#include "xmpp/jid.h"
#include "xmpp/roster.h"
#include "xmpp/stanza.h"

#define NS_MUC		   "http://jabber.org/protocol/muc"
#define NS_MUC_USER	   "http://jabber.org/protocol/muc#user"
#define NS_MUC_OWNER	   "http://jabber.org/protocol/muc#owner"
#define NS_CONFERENCE	   "jabber:x:conference"
#define NS_DATA		   "jabber:x:data"	    /* XEP-0004 */
#define NS_OCCUPANT_ID	   "urn:xmpp:occupant-id:0" /* XEP-0421 */

#define OCCUPANTS_CODES	   16	 /* read of one stanza; more are ignored */
#define OCCUPANTS_FEATURES 3	 /* anonymity, unavailable members, logging */
#define OCCUPANTS_MAX	   20000 /* later ones are reported, but not kept */
/* Bytes of all occupants of a room; more are reported, but not kept. */
#define OCCUPANTS_BYTES ((size_t)8 * 1024 * 1024)
#define OCCUPANTS_STATUSES                                                     \
	((size_t)2 * 1024 * 1024) /* of them for status texts */
#define OCCUPANTS_ID 1024	  /* bytes of an occupant-id; longer: none */

enum occupant_role {
	ROLE_NONE,
	ROLE_VISITOR,
	ROLE_PARTICIPANT,
	ROLE_MODERATOR
};

enum occupant_affiliation {
	AFFILIATION_NONE,
	AFFILIATION_OUTCAST,
	AFFILIATION_MEMBER,
	AFFILIATION_ADMIN,
	AFFILIATION_OWNER
};

/* Somebody in the room. Strings are owned, and NULL if unknown. */
struct occupant {
	char *nick, *status;
	char *jid; /* the real JID, prepared */
	enum roster_show show;
	enum occupant_role role;
	enum occupant_affiliation affiliation;
};

struct occupants {
	char *jid;   /* bare */
	char *nick;  /* ours: as requested, then as the room says it */
	char *topic; /* or NULL */
	int joined;
	int settled; /* the topic came, which ends the history */
	/* The last status code about each feature, or 0. */
	int features[OCCUPANTS_FEATURES];
	struct map occupants; /* struct occupant by nick */
	size_t bytes;	      /* used of OCCUPANTS_BYTES */
	size_t statuses;      /* used of OCCUPANTS_STATUSES */
	/*
	 * Our occupant-id (XEP-0421), or NULL. Kept when we leave, to recognise
	 * our own messages in the history of the next join.
	 */
	char *occupant_id;
};

/* One presence as occupants_presence read it; strings are borrowed from it. */
struct occupants_change {
	const char *nick, *status;
	enum roster_show show; /* SHOW_OFFLINE: the occupant has left */
	enum occupant_role role;
	enum occupant_affiliation affiliation;
	char jid[JID_SIZE]; /* the real JID, prepared, or "" */
	const char *new_nick, *reason, *actor;
	int codes[OCCUPANTS_CODES];
	size_t code_count;
	int self;	   /* it is our own presence */
	int new_presence;  /* `show` or `status` is not what it was before */
	int new_rank;	   /* nor are `role`, `affiliation` and `jid` */
	int joined;	   /* it is the one that ends entering the room */
	int destroyed;	   /* the room no longer exists */
	const char *venue; /* the room to use instead, or NULL */
};

/* Initialises R for the room with the bare JID, to be joined as NICK. */
void occupants_init(struct occupants *r, const char *jid, const char *nick);
/* Frees what R owns and zeroes R. */
void occupants_clear(struct occupants *r);
/* Records that we left the room: forgets the occupants and the topic. */
void occupants_leave(struct occupants *r);
/*
 * Applies the presence X (available or unavailable) of the occupant NICK and
 * describes it in CHANGE (XEP-0045 7.2 to 7.14). A change of nick comes as one
 * stanza with new_nick, followed by the presence of the new nick.
 */
void occupants_presence(struct occupants *r, const char *nick,
    const struct stanza *x, struct occupants_change *change);
/* Reads the status codes of X (XEP-0045 15.6) into CODES; returns the number.
 */
size_t occupants_codes(const struct stanza *x, int codes[OCCUPANTS_CODES]);
/* Returns 1 if CHANGE has the status code CODE. */
int occupants_has_code(const struct occupants_change *change, int code);
/*
 * Returns the meaning of CODE in words, static; NULL if it is unknown or shown
 * in another way.
 */
const char *occupants_code_words(int code);
/* Describes feature I (below OCCUPANTS_FEATURES); static; NULL if unknown. */
const char *occupants_feature(const struct occupants *r, size_t i);
/*
 * Explains the error CONDITION of a refused join or, if INSIDE, of a refused
 * change of nick; static (XEP-0045 7.2, 7.6).
 */
const char *occupants_refusal(const char *condition, int inside);
/* Returns `none`, `visitor`, `participant` or `moderator`; static. */
const char *occupant_role_name(enum occupant_role role);
/* Returns `none`, `outcast`, `member`, `admin` or `owner`; static. */
const char *occupant_affiliation_name(enum occupant_affiliation affiliation);

#endif
