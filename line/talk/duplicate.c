#include "line/talk/duplicate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/siphash.h"

#define ID_KEPT 128 /* bytes of an id, of longer ones a hash */

/* About as many messages as 2 MiB of events that nobody reads hold. */
#define KEPT	8192

#define BUCKETS 8192 /* a power of two */

/* A message that came, known by the hash of its key (key_of). */
struct entry {
	uint64_t hash[2];
	uint32_t session; /* c->link.sessions when it came last */
	uint16_t next;	  /* the next of its bucket, as in `first` */
};

struct table {
	uint16_t first[BUCKETS]; /* 1 + the index in `ring`; 0: none */
	struct entry ring[KEPT];
};

struct duplicates {
	struct table *table; /* NULL before the first message */
	size_t count;	     /* messages noted so far, kept or not */
	struct buf key;	     /* that of the message being noted */
	int torn;  /* messages stored offline may have come to the last run */
	int maybe; /* the message being taken may have come before */
};

_Static_assert(KEPT < UINT16_MAX, "uint16_t is an index and 0");

void
duplicate_init(struct client *c)
{
	c->duplicates = buf_alloc(sizeof *c->duplicates);
	c->duplicates->torn = c->options.torn;
	buf_init(&c->duplicates->key, 2 * STANZA_MAX);
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

	buf_add(key, &h, sizeof h);
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

	buf_reset(key);
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

/* Returns the place of the index of the entry of HASH, or of the 0 at the end
 * of its bucket. */
static uint16_t *
entry_place(struct table *t, const uint64_t hash[2])
{
	uint16_t *at = &t->first[hash[0] % BUCKETS];

	while (*at != 0 &&
	       memcmp(t->ring[*at - 1].hash, hash, sizeof t->ring->hash) != 0)
		at = &t->ring[*at - 1].next;
	return at;
}

/* Adds HASH in the place of the oldest entry, and returns its entry. */
static struct entry *
add_entry(struct duplicates *d, const uint64_t hash[2])
{
	size_t index = d->count % KEPT;
	struct table *t = d->table;
	struct entry *e = &t->ring[index];
	uint16_t *at;

	if (d->count++ >= KEPT)
		*entry_place(t, e->hash) = e->next;
	memcpy(e->hash, hash, sizeof e->hash);
	at = &t->first[hash[0] % BUCKETS];
	e->next = *at;
	*at = (uint16_t)(index + 1);
	return e;
}

int
duplicate_note(
    struct client *c, const struct incoming *m, const struct stanza *body)
{
	uint32_t session = (uint32_t)c->link.sessions;
	struct duplicates *d = c->duplicates;
	struct entry *e = NULL;
	int again = 0;
	uint64_t hash[2];
	uint16_t at;

	if (!key_of(c, m, body, &d->key))
		return 0;
	siphash_128(buf_data(&d->key), buf_len(&d->key), hash);
	if (d->table == NULL)
		d->table = buf_alloc(sizeof *d->table);
	at = *entry_place(d->table, hash);
	if (at != 0)
		e = &d->table->ring[at - 1];
	if (e != NULL && *buf_data(&d->key) == 's')
		again = 1;
	else if (e != NULL && e->session != session)
		d->maybe = 1;
	if (e == NULL)
		e = add_entry(d, hash);
	e->session = session;
	return again;
}

void
duplicate_clear(struct client *c)
{
	buf_clear(&c->duplicates->key);
	free(c->duplicates->table);
	free(c->duplicates);
}
