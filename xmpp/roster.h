/*
 * The roster (RFC 6121 2) and the presence of every resource (RFC 6121 4). Owns
 * the contacts, including those outside the roster whose presence came. Knows
 * no lines and sends nothing.
 */
#ifndef XMPP_ROSTER_H
#define XMPP_ROSTER_H

#include "sexp/map.h"
#include "xmpp/stanza.h"

/* Ordered from least to most available, see roster_compare. */
enum roster_show {
	SHOW_OFFLINE,
	SHOW_DND,
	SHOW_XA,
	SHOW_AWAY,
	SHOW_ONLINE,
	SHOW_FREE
};

enum roster_sub { SUB_NONE, SUB_TO, SUB_FROM, SUB_BOTH, SUB_REMOVE };

/* One session of a contact. */
struct resource {
	struct resource *next;
	char *name;   /* "" if the presence came from the bare JID */
	char *status; /* or NULL */
	enum roster_show show;
	int priority;
	int receipts; /* it has sent a receipt (XEP-0184) */
	int stranger; /* the contact was not in the roster when it appeared */
};

/* Small, as there are many. */
struct contact {
	const char *jid; /* bare; of the map of the roster */
	char *name;	 /* or NULL */
	char **groups;	 /* group_count of them, in one allocation */
	size_t group_count;
	struct resource *resources; /* the online ones */
	enum roster_sub sub;
	/* Our subscription request is unanswered (`ask`). */
	unsigned char pending;
	unsigned char approved; /* pre-approved (RFC 6121 3.4) */
	unsigned char in_roster;
	unsigned char seen; /* Its presence came since we are online. */
};

/* A zeroed struct is empty; roster_clear frees it. */
struct roster {
	struct map contacts; /* struct contact by bare JID */
	size_t strangers;    /* resources of contacts outside the roster */
	size_t online;	     /* all resources */
	size_t words;	     /* bytes of all their status texts */
	char *version;	     /* `ver` of the last answer or push, or NULL */
};

/* Frees everything and leaves R empty. */
void roster_clear(struct roster *r);
/* Returns the contact with the bare part of JID, or NULL. Borrowed from R. */
struct contact *roster_find(const struct roster *r, const char *jid);
/*
 * Applies an <item/> of a roster result or push (RFC 6121 2.1.2). Returns the
 * contact, whose sub is SUB_REMOVE if it was removed; NULL if the item has no
 * valid bare JID.
 */
struct contact *roster_item(struct roster *r, const struct stanza *item);
/*
 * Removes C from the roster if its sub is SUB_REMOVE. C is freed if it is
 * offline. To be called after roster_item, when the removal was reported.
 */
void roster_settle(struct roster *r, struct contact *c);
/* Notes VERSION, which is copied; NULL: none (RFC 6121 2.6). */
void roster_set_version(struct roster *r, const char *version);
/*
 * Applies the roster result QUERY: contacts that it does not list are no longer
 * in the roster. NULL means that our version is current (RFC 6121 2.6.3).
 */
void roster_replace(struct roster *r, const struct stanza *query);
/*
 * Sets the presence of the full or bare JID. STATUS (copied) may be NULL; it is
 * dropped if it is too long, or all status texts together are. Sets *WAS to the
 * former show. Returns the resource, borrowed until its next presence; NULL if
 * it is offline now or a bound of roster.c is reached.
 */
struct resource *roster_presence(struct roster *r, const char *jid,
    enum roster_show show, int priority, const char *status,
    enum roster_show *was);
/* Makes all resources offline, as the stream has ended. */
void roster_offline(struct roster *r);
/* Returns the resource of the full JID, or NULL. */
struct resource *roster_resource(const struct roster *r, const char *jid);
/*
 * Compares by priority, then by availability; returns more than 0 if A is
 * better than B, less if it is worse. SHOW_FREE counts as SHOW_ONLINE.
 */
int roster_compare(const struct resource *a, const struct resource *b);
/* Returns the best resource of C by roster_compare, or NULL. */
struct resource *roster_best(const struct contact *c);
/* Reads the <show/> of the available presence X (RFC 6121 4.7.2.1). */
enum roster_show roster_show(const struct stanza *x);
/* Returns the show of C's best resource, or SHOW_OFFLINE. */
enum roster_show roster_shows(const struct contact *c);
/* Returns 1 if JID may see our presence (subscription from or both). */
int roster_may_see(const struct roster *r, const char *jid);
/* Returns `offline`, `dnd`, `xa`, `away`, `online` or `free`; static. */
const char *roster_show_name(enum roster_show show);
/* Returns `none`, `to`, `from`, `both` or `remove`; static. */
const char *roster_sub_name(enum roster_sub sub);

#endif
