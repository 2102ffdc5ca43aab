/*
 * How text to each contact or room is to be encrypted, as the user said by
 * /encryption, and with whom OMEMO was used: what the files of omemo/ held at
 * the start, and what was said in this run. Does no I/O: users.h queues what is
 * to be stored. Knows no devices, keys or sessions.
 */
#ifndef LINE_DISK_WISHES_H
#define LINE_DISK_WISHES_H

#include "line/core/state.h"
#include "omemo/contact.h"

struct wish {
	enum omemo_wish how;
	int verified_only; /* to verified keys only */
	int used;	   /* OMEMO was sent to it or read from it */
	/* Its file could not be read, so nobody knows if OMEMO was used. */
	int unreadable;
};

/* Makes C ready: nothing is wished. */
void wishes_init(struct client *c);
/* Frees what is kept. */
void wishes_clear(struct client *c);
/*
 * Returns what holds for the bare part of JID, borrowed until the next call
 * here; never NULL.
 */
const struct wish *wishes_find(const struct client *c, const char *jid);
/* Notes HOW and VERIFIED_ONLY for the bare part of JID, in this run. */
void wishes_set(
    struct client *c, const char *jid, enum omemo_wish how, int verified_only);
/*
 * Has what was noted for JID written to its file, after which the current line
 * is answered by ok with REMARK, or by the error `store`. Not with -r.
 */
void wishes_keep(struct client *c, const char *jid, const char *remark);

#endif
