#include "line/disk/omemo_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
omemo_facts_init(struct client *c)
{
	c->omemo_facts = buf_alloc(sizeof *c->omemo_facts);
}

static void
facts_free(struct omemo_facts *f)
{
	if (f != NULL)
		free(f->jid);
	free(f);
}

void
omemo_facts_clear(struct client *c)
{
	struct omemo_facts **all = omemo_facts_all(c);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		facts_free(all[i]);
	free(all);
	map_clear(c->omemo_facts);
	free(c->omemo_facts);
}

const struct omemo_facts *
omemo_facts_find(const struct client *c, const char *jid)
{
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	return map_find(c->omemo_facts, bare);
}

/* Copies what counts of X to F. */
static void
take_facts(struct omemo_facts *f, const struct omemo_contact *x)
{
	size_t i;

	f->used = x->used;
	f->is_decided = x->decisions > 0;
	f->is_verified = omemo_contact_is_verified(x);
	f->kept = x->kepts;
	f->devices = 0;
	f->latest = 0;
	for (i = 0; i < x->devices; i++) {
		f->devices += x->device[i].active != 0;
		if (x->device[i].latest > f->latest)
			f->latest = x->device[i].latest;
	}
}

int
omemo_facts_note(struct client *c, const char *name, const void *p, size_t n,
    struct sexp_error *e)
{
	struct omemo_facts *f = map_find(c->omemo_facts, name);
	struct omemo_contact *x = buf_alloc(sizeof *x);
	int status = omemo_contact_parse(x, p, n, e);

	if (f == NULL) {
		f = buf_alloc(sizeof *f);
		f->jid = buf_strdup(name);
		map_add(c->omemo_facts, name, f);
	}
	f->unreadable = status == -1;
	if (status == 0)
		take_facts(f, x);
	omemo_contact_clear(x);
	free(x);
	return status;
}

void
omemo_facts_forget(struct client *c, const char *name)
{
	facts_free(map_remove(c->omemo_facts, name));
}

struct omemo_facts **
omemo_facts_all(const struct client *c)
{
	return (struct omemo_facts **)map_values(c->omemo_facts);
}
