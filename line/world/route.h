/*
 * To which directory of --tree an event belongs (jackline-ii(1)). Pure; owns
 * nothing, and does not know which directories there are.
 */
#ifndef LINE_WORLD_ROUTE_H
#define LINE_WORLD_ROUTE_H

#include "line/core/door.h"
#include "line/text/fields.h"
#include "xmpp/jid.h"

enum route {
	ROUTE_TOP,	/* the topmost one */
	ROUTE_FULL,	/* that of the JID as it is, which is there */
	ROUTE_FULL_NEW, /* the same, made if it is absent */
	ROUTE_BARE,	/* that of the bare JID if it is there, else the top */
	ROUTE_BARE_NEW	/* the same, made if it is absent */
};

/* Reads F, an escaped JID, into JID. Returns 0; -1 if it is absent. */
int route_jid(struct field f, char jid[JID_SIZE]);
/*
 * Returns where an event TAG about JID belongs, whose bare JID is KNOWN as
 * that. HAS_OWN: JID has a directory as it is. IS_ASKED: a line from some
 * directory caused the event.
 */
enum route route_event(enum event_tag tag, const char *jid,
    enum client_known known, int has_own, int is_asked);

#endif
