#include "line/talk/duplicate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/siphash.h"

#define ID_KEPT 128 /* bytes of an id, of longer ones a hash */

/* About as many messages as 2 MiB of events that nobody reads hold. */
#define KEPT 8192

/* A message that came, found by its key (key_of). */
struct entry {
	char *key;
	unsigned long session; /* c->link.sessions when it came last */
};

struct duplicates {
	struct map by_key; /* of struct entry */
	struct entry *ring;
	size_t next;
	int torn;  /* messages stored offline may have come to the last run */
	int maybe; /* the message being taken may have come before */
};

void
duplicate_init(struct client *c)
{
	c->duplicates = buf_alloc(sizeof *c->duplicates);
	c->duplicates->torn = c->options.torn;
}

void
duplicate_all_came(struct client *c)
{
	c->duplicates->torn = 0;
}

void
duplicate_begin(struct client *c)
{
	c->duplicates->maybe = 0;
}

int
duplicate_is_possible(const struct client *c, int offline)
{
	return c->duplicates->maybe || (offline && c->duplicates->torn);
}

/* Adds a hash of P: two texts with one hash would be taken for repeats. */
static void
add_hash(struct buf *key, const char *p, size_t n)
{
	uint64_t h = siphash(p, n);
	int i;

	for (i = 0; i < 16; i++, h >>= 4)
		buf_addc(key, "0123456789abcdef"[h & 15]);
}

/* Adds ID, or its hash if it is long: others choose its length. */
static void
add_id(struct buf *key, const char *id)
{
	size_t n = strlen(id);

	if (n <= ID_KEPT)
		buf_add(key, id, n);
	else
		add_hash(key, id, n);
}

/*
 * Writes the key by which M, with BODY, is known again to KEY. Returns 0 if it
 * could not be: it has neither words nor an id of the archive.
 */
static int
key_of(const struct client *c, const struct incoming *m,
    const struct stanza *body, struct buf *key)
{
	const char *id = m->archived;

	buf_init(key, 2 * STANZA_MAX);
	if (client_is_self(c, m->from) && client_is_self(c, m->to) &&
	    stanza_get(m->x, "id") != NULL) {
		/* To ourselves: a copy of it comes and the message, each with
		 * an id of the archive (XEP-0280 6). */
		id = stanza_get(m->x, "id");
		buf_addc(key, 's');
		buf_adds(key, m->from);
		buf_addc(key, '\n');
	} else if (id != NULL) {
		buf_addc(key, 's');
		buf_add(key, m->from, jid_bare_len(m->from));
	} else {
		id = stanza_get(m->x, "id");
		buf_addc(key, 'm');
		buf_adds(key, m->from);
	}
	buf_addc(key, '\n');
	if (id != NULL)
		add_id(key, id);
	buf_addc(key, '\n');
	/* Some servers let the sender make up a stanza-id, so the text counts.
	 */
	if (body != NULL)
		add_hash(key, body->text, body->text_len);
	return body != NULL || *buf_str(key) == 's';
}

int
duplicate_note(
    struct client *c, const struct incoming *m, const struct stanza *body)
{
	struct duplicates *d = c->duplicates;
	struct entry *e;
	int again = 0;
	struct buf key;

	if (!key_of(c, m, body, &key)) {
		buf_clear(&key);
		return 0;
	}
	e = map_find(&d->by_key, buf_str(&key));
	if (e != NULL && *e->key == 's')
		again = 1;
	else if (e != NULL && e->session != c->link.sessions)
		d->maybe = 1;
	if (e == NULL) {
		if (d->ring == NULL)
			d->ring = buf_alloc(KEPT * sizeof *e);
		e = &d->ring[d->next++ % KEPT];
		if (e->key != NULL)
			map_remove(&d->by_key, e->key);
		free(e->key);
		e->key = buf_strdup(buf_str(&key));
		map_add(&d->by_key, e->key, e);
	}
	e->session = c->link.sessions;
	buf_clear(&key);
	return again;
}

void
duplicate_clear(struct client *c)
{
	struct duplicates *d = c->duplicates;
	size_t i;

	for (i = 0; d->ring != NULL && i < KEPT; i++)
		free(d->ring[i].key);
	free(d->ring);
	map_clear(&d->by_key);
	free(d);
}
