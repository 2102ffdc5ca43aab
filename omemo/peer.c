/* The contacts that are loaded, and the sessions of their devices. */
#include <stdlib.h>
#include <string.h>

#include "omemo/intern.h"
#include "sexp/hex.h"
#include "sexp/siphash.h"

static void
peer_free(struct peer *p)
{
	omemo_contact_clear(&p->contact);
	free(p->name);
	free(p);
}

void
peer_free_all(struct omemo *o)
{
	struct peer *p;

	while ((p = o->peer) != NULL) {
		o->peer = p->next;
		peer_free(p);
	}
}

static struct peer *
look_up(const struct omemo *o, const char *name)
{
	struct peer *p;

	for (p = o->peer; p != NULL; p = p->next)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

struct peer *
peer_find(struct omemo *o, const char *name)
{
	struct peer *p = look_up(o, name);

	if (p != NULL && p->loaded && o->own.loaded && o->has_identity)
		return p;
	queue_refuse(
	    o, o->own.id == 0 ? OMEMO_REFUSED_OWN : OMEMO_REFUSED_NOT_LOADED);
	return NULL;
}

const struct omemo_contact *
omemo_find(const struct omemo *o, const char *name)
{
	const struct peer *p = look_up(o, name);

	return p != NULL && p->loaded ? &p->contact : NULL;
}

/* Returns 1 if P can be forgotten: its file has all that there is. */
static int
is_forgettable(const struct omemo *o, const struct peer *p)
{
	return strcmp(p->name, o->name) != 0 && p->contact.kepts == 0;
}

/* Forgets the contact that was not used for the longest time. */
static void
forget_peer(struct omemo *o)
{
	struct peer **at, **last = NULL, *p;

	for (at = &o->peer; *at != NULL; at = &(*at)->next)
		if (is_forgettable(o, *at))
			last = at;
	if (last == NULL)
		return;
	p = *last;
	*last = p->next;
	peer_free(p);
	o->peers--;
}

/* Moves the contact NAME to the front, after making it if it is missing. */
static struct peer *
use_peer(struct omemo *o, const char *name)
{
	struct peer **at, *p;

	for (at = &o->peer; (p = *at) != NULL; at = &p->next)
		if (strcmp(p->name, name) == 0) {
			*at = p->next;
			p->next = o->peer;
			return o->peer = p;
		}
	if (o->peers >= OMEMO_MAX_CONTACTS)
		forget_peer(o);
	if (o->peers >= OMEMO_MAX_CONTACTS)
		return NULL;
	p = buf_alloc(sizeof *p);
	p->name = buf_strdup(name);
	p->next = o->peer;
	o->peers++;
	return o->peer = p;
}

/* Copies what is not in the file from WAS to IS, the same contact. */
static void
carry_over(struct omemo_contact *is, struct omemo_contact *was)
{
	struct omemo_device *d, *old;
	struct omemo_kept *k;
	size_t i;

	for (i = 0; i < is->devices; i++) {
		d = &is->device[i];
		if ((old = omemo_contact_device(was, d->id)) == NULL)
			continue;
		d->heal = old->heal;
		d->healed = old->healed;
		d->answer = old->answer;
		d->no_bundle = old->no_bundle;
		d->skipped = old->skipped;
		memcpy(d->ratchet, old->ratchet, sizeof d->ratchet);
	}
	for (i = 0; i < is->kepts; i++) {
		k = omemo_contact_kept(was, is->kept[i].token);
		is->kept[i].seen = k != NULL && k->seen;
	}
}

int
omemo_load(struct omemo *o, const char *name, const void *p, size_t n,
    struct sexp_error *e)
{
	struct peer *x = use_peer(o, name);
	uint64_t sum[2] = {0};
	struct omemo_contact c;

	queue_begin(o);
	if (x == NULL)
		return queue_refuse(o, OMEMO_REFUSED_FULL);
	if (p != NULL)
		siphash_128(p, n, sum);
	if (x->loaded && memcmp(sum, x->sum, sizeof sum) == 0)
		return 0;
	x->loaded = 0;
	if (p == NULL)
		omemo_contact_init(&c);
	else if (omemo_contact_parse(&c, p, n, e) == -1)
		return queue_refuse(o, OMEMO_REFUSED_RECORD);
	carry_over(&c, &x->contact);
	omemo_contact_clear(&x->contact);
	x->contact = c;
	memcpy(x->sum, sum, sizeof sum);
	x->loaded = 1;
	return 0;
}

void
peer_work(struct omemo *o, struct peer *p, const struct omemo_device *d,
    uint32_t device)
{
	struct work *w = &o->work;

	memset(w, 0, sizeof *w);
	w->name = p->name;
	w->device = device;
	if (d == NULL)
		return;
	w->session = d->session;
	w->session_len = d->session_len;
	w->pinned = d->has_key ? d->key : NULL;
}

/* Returns the bytes of all sessions of C but that of D. */
static size_t
sessions_size(const struct omemo_contact *c, const struct omemo_device *d)
{
	size_t i, n = 0;

	for (i = 0; i < c->devices; i++)
		if (&c->device[i] != d)
			n += c->device[i].session_len;
	return n;
}

void
peer_work_done(
    struct omemo *o, struct peer *p, struct omemo_device *d, int done)
{
	struct work *w = &o->work;

	if (w->stored != NULL && done) {
		omemo_contact_end(d);
		d->session = w->stored;
		d->session_len = w->stored_len;
		/*
		 * A contact can make its session large, with keys of messages
		 * that it never sends; then a new one is built.
		 */
		if (d->session_len > OMEMO_SESSION ||
		    sessions_size(&p->contact, NULL) > OMEMO_SESSIONS) {
			omemo_contact_end(d);
			d->heal = 1;
		}
	} else if (w->stored != NULL) {
		buf_wipe(w->stored, w->stored_len);
		free(w->stored);
	}
	memset(w, 0, sizeof *w);
}

void
peer_name_key(
    struct item *i, const struct peer *p, const struct omemo_device *d)
{
	i->pub.device = d->id;
	if (!d->has_key)
		return;
	hex_write(d->key, OMEMO_KEY, i->pub.fingerprint);
	i->pub.trust = omemo_contact_trust(&p->contact, d->key);
}

void
peer_pin(struct omemo *o, struct peer *p, struct omemo_device *d,
    const unsigned char *key, int64_t now)
{
	struct item *i;

	if (d->has_key)
		return;
	d->has_key = 1;
	d->first = now;
	memcpy(d->key, key, OMEMO_KEY);
	i = queue_item(o, OMEMO_DEVICE, p->name);
	peer_name_key(i, p, d);
	i->pub.is_new = 1;
	i->pub.beside = i->pub.trust != OMEMO_VERIFIED &&
			omemo_contact_was_verified(&p->contact);
}
