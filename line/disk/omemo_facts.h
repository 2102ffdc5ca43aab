/*
 * The facts of the records below `omemo/` that decide whether text may leave in
 * the clear: kept in memory for all contacts, with a build without OMEMO too.
 * Owns the facts; the records themselves are the business of omemo/.
 */
#ifndef LINE_DISK_OMEMO_FACTS_H
#define LINE_DISK_OMEMO_FACTS_H

#include "line/core/state.h"
#include "omemo/contact.h"

/* The facts about one contact. Only omemo_facts.c writes to them. */
struct omemo_facts {
	char *jid;	 /* bare */
	int used;	 /* OMEMO was sent to it or read from it */
	int unreadable;	 /* its record is damaged: nothing may be sent */
	int is_decided;	 /* The user decided about a key of it. */
	int is_verified; /* One of its keys is verified. */
	size_t devices;	 /* in its list */
	size_t kept;	 /* messages that were read and not yet told */
	int64_t latest;	 /* when one of its devices wrote last; or 0 */
};

/* Makes C ready: nothing is known. */
void omemo_facts_init(struct client *c);
/* Frees all. */
void omemo_facts_clear(struct client *c);
/* Returns the facts about the bare part of JID, borrowed, or NULL. */
const struct omemo_facts *omemo_facts_find(
    const struct client *c, const char *jid);
/*
 * Notes the N bytes at P as the record of the bare JID NAME. -1 with E if it is
 * damaged: nothing is sent to it then.
 */
int omemo_facts_note(struct client *c, const char *name, const void *p,
    size_t n, struct sexp_error *e);
/* Forgets NAME, whose record was removed. */
void omemo_facts_forget(struct client *c, const char *name);
/*
 * Returns all facts, in no order, and a NULL; the caller frees the array, which
 * is valid until the next call that changes them.
 */
struct omemo_facts **omemo_facts_all(const struct client *c);

#endif
