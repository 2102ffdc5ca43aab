/*
 * The roster (RFC 6121 2) and the presence of every resource (4). Owns the
 * contacts. A contact is also kept for somebody who is not in the roster but
 * whose presence came. Knows no lines and asks nobody anything.
 */
#ifndef XMPP_ROSTER_H
#define XMPP_ROSTER_H

#include "sexp/map.h"
#include "xmpp/stanza.h"

/* In the order of "most present" (LINES.md 3). */
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
	char *name;   /* "" where the presence came from the bare JID */
	char *status; /* or NULL */
	enum roster_show show;
	int priority;
	int receipts; /* a receipt came from it */
	int stranger; /* its contact was not in the roster when it came */
};

struct contact {
	char *jid;     /* bare */
	char *name;    /* or NULL */
	char **groups; /* group_count of them */
	size_t group_count;
	enum roster_sub sub;
	int pending;  /* our request is not yet answered (ask) */
	int approved; /* pre-approved (RFC 6121 3.4) */
	int in_roster;
	struct resource *resources; /* those that are online */
};

/* Zeroed is empty; clear with roster_clear. */
struct roster {
	struct map contacts; /* of struct contact by bare JID */
	size_t strangers;    /* resources of such */
	char *version;	     /* of the last answer or push, or NULL */
};

/* Frees all; R is as zeroed. */
void roster_clear(struct roster *r);
/* The contact of the bare part of JID, or NULL. */
struct contact *roster_find(const struct roster *r, const char *jid);
/* The same; makes one that is not in the roster where there was none. */
struct contact *roster_need(struct roster *r, const char *jid);
/*
 * Takes an <item/> of an answer or push (RFC 6121 2.1.2). Returns the contact,
 * with sub SUB_REMOVE when it is no longer in the roster; NULL where the item
 * names no valid JID.
 */
struct contact *roster_item(struct roster *r, const struct stanza *item);
/* Forgets C where its sub is SUB_REMOVE, but for presence still known. */
void roster_settle(struct roster *r, struct contact *c);
/*
 * The answer to our request: QUERY's items are the roster; NULL: nothing has
 * changed. Who is not named is no longer in it.
 */
void roster_replace(struct roster *r, const struct stanza *query);
/*
 * Notes that JID has SHOW; STATUS may be NULL, and is not kept of a stranger
 * where it is long. Returns its resource, or NULL where it is offline now. *WAS
 * is what was known before.
 */
struct resource *roster_presence(struct roster *r, const char *jid,
    enum roster_show show, int priority, const char *status,
    enum roster_show *was);
/* Everybody is offline (the stream ended). */
void roster_offline(struct roster *r);
/* The resource of JID (full), or NULL. */
struct resource *roster_resource(const struct roster *r, const char *jid);
/* Whether A is better than B, as below: above 0; below 0: worse; 0: neither. */
int roster_compare(const struct resource *a, const struct resource *b);
/* The best resource of C: highest priority, most present; or NULL. */
struct resource *roster_best(const struct contact *c);
/* What the available presence X shows (RFC 6121 4.7.2.1). */
enum roster_show roster_show(const struct stanza *x);
/* What C's best resource shows. */
enum roster_show roster_shows(const struct contact *c);
/* Whether the owner of JID may see our presence (sub from or both). */
int roster_may_see(const struct roster *r, const char *jid);
/* All contacts by JID, r->contacts.count and a NULL; caller frees the array. */
struct contact **roster_sorted(const struct roster *r);
/* `offline dnd xa away online free`; static. */
const char *roster_show_name(enum roster_show show);
/* `none to from both remove`; static. */
const char *roster_sub_name(enum roster_sub sub);

#endif
