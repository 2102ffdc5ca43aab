#include "line/disk/wishes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/disk/omemo_facts.h"
#include "line/disk/users.h"

struct wishes {
	struct map by_jid; /* of struct wish, by bare JID */
};

void
wishes_init(struct client *c)
{
	c->wishes = buf_alloc(sizeof *c->wishes);
}

void
wishes_clear(struct client *c)
{
	void **all = map_values(&c->wishes->by_jid);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		free(all[i]);
	free(all);
	map_clear(&c->wishes->by_jid);
	free(c->wishes);
}

const struct wish *
wishes_find(const struct client *c, const char *jid)
{
	static const struct wish none;
	const struct wish *w;
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	w = map_find(&c->wishes->by_jid, bare);
	return w == NULL ? &none : w;
}

/* Returns what holds for the bare part of JID, to be changed. */
static struct wish *
need_wish(struct client *c, const char *jid)
{
	char bare[JID_SIZE];
	struct wish *w;

	jid_bare(jid, bare);
	w = map_find(&c->wishes->by_jid, bare);
	if (w == NULL) {
		w = buf_alloc(sizeof *w);
		map_add(&c->wishes->by_jid, bare, w);
	}
	return w;
}

void
wishes_set(
    struct client *c, const char *jid, enum omemo_wish how, int verified_only)
{
	struct wish *w = need_wish(c, jid);

	w->how = how;
	w->verified_only = verified_only;
}

void
wishes_keep(struct client *c, const char *jid, const char *remark)
{
	const struct wish *w = wishes_find(c, jid);
	char bare[JID_SIZE], name[USERS_NAME];

	jid_bare(jid, bare);
	snprintf(name, sizeof name, "omemo/%s", bare);
	users_wish(c, bare, name, w->how, w->verified_only, remark);
}

void
client_keep_wish(struct client *c, const char *name, const void *p, size_t n)
{
	struct omemo_contact contact;
	char jid[JID_SIZE], why[800];
	struct sexp_error e;
	struct wish *w;

	client_hello(c);
	if (jid_parse(name, strlen(name), jid, NULL) == -1 ||
	    strcmp(jid, name) != 0)
		return; /* The file is about no contact, as that of our own
			 * device. */
	w = need_wish(c, jid);
	if (omemo_contact_parse(&contact, p, n, &e) == -1) {
		snprintf(why, sizeof why,
		    "omemo/%.255s is left alone: line %d, column %d: %s; no "
		    "text is sent to this contact in the clear; /with %.255s "
		    "/encryption none allows it",
		    name, e.line, e.column, e.why, jid);
		client_warning(c, jid, why);
		w->unreadable = 1;
		return;
	}
	w->how = contact.wish;
	w->verified_only = contact.verified_only;
	w->used = contact.used;
	omemo_facts_note(c, jid, p, n, &e);
	omemo_contact_clear(&contact);
}
