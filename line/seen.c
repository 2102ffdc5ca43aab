#include "line/seen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ID_KEPT	     128 /* bytes of an id, of longer ones a hash */
#define NS_STANZA_ID "urn:xmpp:sid:0"

struct seen_entry {
	char *key;
	unsigned long session;
};

/* The id that our own server gave X, or NULL. */
static const char *
server_id(const struct client *c, const struct stanza *x)
{
	const struct stanza *s;
	const char *by;
	size_t n = jid_bare_len(c->jid);

	for (s = x->child; s != NULL; s = s->next) {
		by = stanza_get(s, "by");
		if (stanza_is(s, "stanza-id", NS_STANZA_ID) && by != NULL &&
		    strlen(by) == n && memcmp(by, c->jid, n) == 0)
			return stanza_get(s, "id");
	}
	return NULL;
}

/* Told apart by this alone only where a wrong guess does no harm. */
static uint64_t
hash(const char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;

	while (n-- > 0)
		h = (h ^ (unsigned char)*p++) * 0x100000001b3u;
	return h;
}

static void
add_hash(struct buf *key, const char *p, size_t n)
{
	uint64_t h = hash(p, n);
	int i;

	for (i = 0; i < 16; i++, h >>= 4)
		buf_addc(key, "0123456789abcdef"[h & 15]);
}

/* Others choose how long an id is. */
static void
add_id(struct buf *key, const char *id)
{
	size_t n = strlen(id);

	if (n <= ID_KEPT)
		buf_add(key, id, n);
	else
		add_hash(key, id, n);
}

static void
key_of(const struct client *c, const char *from, const struct stanza *x,
    const struct stanza *body, struct buf *key)
{
	const char *id = server_id(c, x);

	buf_init(key, 2 * STANZA_MAX);
	if (id != NULL) {
		buf_addc(key, 's');
		buf_add(key, from, jid_bare_len(from));
	} else {
		id = stanza_get(x, "id");
		buf_addc(key, 'm');
		buf_adds(key, from);
	}
	buf_addc(key, '\n');
	if (id != NULL)
		add_id(key, id);
	buf_addc(key, '\n');
	/* Some servers pass on a stanza-id that the sender made up. */
	add_hash(key, body->text, body->text_len);
}

enum seen
seen_note(struct client *c, const char *from, const struct stanza *x,
    const struct stanza *body)
{
	struct seen_entry *e;
	enum seen result = SEEN_NEW;
	struct buf key;

	key_of(c, from, x, body, &key);
	e = map_find(&c->seen_keys, buf_str(&key));
	if (e != NULL && *e->key == 's')
		result = SEEN_AGAIN;
	else if (e != NULL && e->session != c->sessions)
		result = SEEN_MAYBE;
	if (e == NULL) {
		if (c->seen_ring == NULL)
			c->seen_ring = buf_alloc(SEEN_KEPT * sizeof *e);
		e = &c->seen_ring[c->seen_next++ % SEEN_KEPT];
		if (e->key != NULL)
			map_remove(&c->seen_keys, e->key);
		free(e->key);
		e->key = buf_strdup(buf_str(&key));
		map_add(&c->seen_keys, e->key, e);
	}
	e->session = c->sessions;
	buf_clear(&key);
	return result;
}

void
seen_clear(struct client *c)
{
	size_t i;

	for (i = 0; c->seen_ring != NULL && i < SEEN_KEPT; i++)
		free(c->seen_ring[i].key);
	free(c->seen_ring);
	map_clear(&c->seen_keys);
}
