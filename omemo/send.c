/* Building sessions from bundles, and encrypting. */
#include <stdlib.h>
#include <string.h>

#include "omemo/intern.h"

/* Returns 1 if D of C is, or may turn out to be, one to encrypt for. */
static int
is_candidate(const struct omemo_contact *c, const struct omemo_device *d,
    int verified_only)
{
	if (!d->active)
		return 0;
	/* The key of a device that has none yet is in its bundle. */
	return !d->has_key || omemo_contact_may_use(c, d, verified_only);
}

static void
fetch_bundle(
    struct omemo *o, const struct peer *p, const struct omemo_device *d)
{
	queue_item(o, OMEMO_FETCH, p->name)->pub.device = d->id;
}

/* Asks for the bundles of P that are missing; returns how many those are. */
static int
prepare_peer(struct omemo *o, struct peer *p, int64_t now)
{
	const struct omemo_device *d;
	int awaited = 0;
	size_t i;

	for (i = 0; i < p->contact.devices; i++) {
		d = &p->contact.device[i];
		if (d->session != NULL || !is_candidate(&p->contact, d, 0))
			continue;
		if (d->no_bundle != 0 && now - d->no_bundle < OMEMO_RETRY &&
		    now >= d->no_bundle)
			continue;
		fetch_bundle(o, p, d);
		awaited++;
	}
	return awaited;
}

int
omemo_prepare(
    struct omemo *o, const char *const *name, size_t count, int64_t now)
{
	struct peer *p, *self;
	int awaited = 0;
	size_t i;

	queue_begin(o);
	if ((self = peer_find(o, o->name)) == NULL)
		return -1;
	for (i = 0; i < count; i++) {
		if ((p = peer_find(o, name[i])) == NULL)
			return -1;
		if (p != self)
			awaited += prepare_peer(o, p, now);
	}
	return awaited + prepare_peer(o, self, now);
}

/* Returns 1 if B is a public key as on the wire, and one to be used. */
static int
is_point(const struct omemo_bytes *b)
{
	return b->data != NULL && b->len == SERIAL && b->data[0] == 5 &&
	       !crypto_is_weak(b->data + 1);
}

/*
 * Checks B before the library sees it, which crashes without a signature, and
 * takes keys without a type for another curve. The library checks the signature
 * when it builds the session.
 */
static int
is_bundle(const struct omemo_bundle *b)
{
	if (!is_point(&b->identity) || !is_point(&b->signed_key))
		return 0;
	/* The same key would have a second fingerprint. */
	if ((b->identity.data[SERIAL - 1] & 0x80) != 0)
		return 0;
	if (b->signature.data == NULL || b->signature.len != SIGNATURE)
		return 0;
	return b->signed_id <= FORM_ID && b->prekeys <= OMEMO_MAX_PREKEYS;
}

/* Chooses a prekey of B at random, or returns b->prekeys if none is valid. */
static size_t
choose_prekey(struct omemo *o, const struct omemo_bundle *b)
{
	size_t valid[OMEMO_MAX_PREKEYS], n = 0, i;

	for (i = 0; i < b->prekeys; i++)
		if (b->prekey[i].id <= FORM_ID && is_point(&b->prekey[i].key))
			valid[n++] = i;
	return n == 0 ? b->prekeys : valid[crypto_below(o, (uint32_t)n)];
}

/* Builds the session with D of P; returns the cause why not, or OMEMO_OK. */
static enum omemo_cause
build_session(struct omemo *o, struct peer *p, struct omemo_device *d,
    const struct omemo_bundle *b, int64_t now)
{
	size_t i;
	int r;

	if (b == NULL || !is_bundle(b))
		return OMEMO_NOTE_BUNDLE;
	if (d->has_key && memcmp(d->key, b->identity.data + 1, OMEMO_KEY) != 0)
		return OMEMO_NOTE_KEY;
	if ((i = choose_prekey(o, b)) == b->prekeys)
		return OMEMO_NOTE_BUNDLE;
	peer_work(o, p, d, d->id);
	r = lib_build(o, b, i);
	peer_work_done(o, p, d, r == 0);
	if (r != 0 || d->session == NULL)
		return OMEMO_NOTE_BUNDLE;
	peer_pin(o, p, d, b->identity.data + 1, now);
	return OMEMO_OK;
}

int
omemo_bundle(struct omemo *o, const char *name, uint32_t device,
    const struct omemo_bundle *b, int64_t now)
{
	struct omemo_device *d;
	enum omemo_cause cause;
	struct peer *p;
	int heal;

	queue_begin(o);
	if ((p = peer_find(o, name)) == NULL)
		return -1;
	d = omemo_contact_device(&p->contact, device);
	if (d == NULL)
		return 0;
	heal = d->heal;
	if (d->session != NULL && !heal)
		return 0;
	cause = build_session(o, p, d, b, now);
	if (cause != OMEMO_OK) {
		d->no_bundle = now;
		queue_cause(o, name, device, cause);
		return 0;
	}
	d->no_bundle = 0;
	d->heal = d->skipped = 0;
	queue_record(o, p);
	if (heal)
		omemo_send_key(o, p, d);
	return 0;
}

/* A message while it is made. */
struct sending {
	struct omemo *o;
	unsigned char material[PAYLOAD + TAG];
	size_t material_len;
	struct omemo_key *key;
	size_t keys, room;
	struct buf data; /* of all keys, one after another */
	enum omemo_trust least;
};

static void
sending_init(struct sending *s, struct omemo *o)
{
	memset(s, 0, sizeof *s);
	s->o = o;
	s->least = OMEMO_VERIFIED;
	buf_init(&s->data, (size_t)OMEMO_MAX_KEYS * 1024);
}

static void
sending_clear(struct sending *s)
{
	buf_clear(&s->data);
	free(s->key);
	buf_wipe(s, sizeof *s);
}

/* Encrypts the material for D of P. -1 if the library could not. */
static int
add_key(struct sending *s, struct peer *p, struct omemo_device *d)
{
	signal_buffer *out = NULL;
	struct omemo_key *k;
	int prekey = 0, r;

	peer_work(s->o, p, d, d->id);
	r = lib_encrypt(s->o, s->material, s->material_len, &out, &prekey);
	peer_work_done(s->o, p, d, r == 0);
	if (r == 0 && s->keys == s->room) {
		s->room += 64;
		s->key = buf_realloc(s->key, s->room, sizeof *s->key);
	}
	if (r == 0) {
		k = &s->key[s->keys++];
		memset(k, 0, sizeof *k);
		k->rid = d->id;
		k->prekey = prekey;
		k->data.len = signal_buffer_len(out);
		buf_add(&s->data, signal_buffer_data(out), k->data.len);
	} else {
		/* The session is of no use; another is built. */
		omemo_contact_end(d);
		d->heal = 1;
	}
	signal_buffer_free(out);
	return r == 0 ? 0 : -1;
}

/* Queues what S holds, with N bytes of PAYLOAD, or NULL for only a key. */
static struct item *
queue_message(struct sending *s, const char *name, const unsigned char *iv,
    const unsigned char *payload, size_t n)
{
	struct item *i = queue_item(s->o, OMEMO_WIRE, name);
	struct omemo_message *m = &i->message;
	size_t len = buf_len(&s->data), k;
	unsigned char *at;

	at = i->data = buf_alloc(len + IV + n + 1);
	memcpy(at, buf_data(&s->data), len);
	i->key = s->key;
	s->key = NULL;
	for (k = 0; k < s->keys; k++) {
		i->key[k].data.data = at;
		at += i->key[k].data.len;
	}
	m->sid = s->o->own.id;
	m->key = i->key;
	m->keys = s->keys;
	m->iv.data = memcpy(at, iv, IV);
	m->iv.len = IV;
	if (payload != NULL) {
		m->payload.data = memcpy(at + IV, payload, n);
		m->payload.len = n;
	}
	i->pub.message = m;
	i->pub.trust = s->least;
	return i;
}

void
omemo_send_key(struct omemo *o, struct peer *p, struct omemo_device *d)
{
	unsigned char iv[IV];
	struct sending s;

	sending_init(&s, o);
	crypto_random(o, s.material, PAYLOAD);
	s.material_len = PAYLOAD;
	crypto_random(o, iv, IV);
	if (add_key(&s, p, d) == 0)
		queue_message(&s, p->name, iv, NULL, 0);
	queue_record(o, p);
	sending_clear(&s);
}

enum omemo_cause
omemo_reach(const struct omemo *o, const char *name, int verified_only)
{
	const struct omemo_contact *c = omemo_find(o, name);
	const struct omemo_device *d;
	int active = 0, candidate = 0;
	size_t i;

	if (c == NULL)
		return OMEMO_REFUSED_NOT_LOADED;
	verified_only |= c->verified_only;
	for (i = 0; i < c->devices; i++) {
		d = &c->device[i];
		active |= d->active;
		if (!is_candidate(c, d, verified_only))
			continue;
		candidate = 1;
		if (d->session != NULL)
			return OMEMO_OK;
	}
	if (!active)
		return OMEMO_REFUSED_NO_DEVICES;
	return candidate ? OMEMO_REFUSED_NO_SESSION : OMEMO_REFUSED_TRUST;
}

/* Encrypts for the devices of P; returns for how many. */
static size_t
add_peer(struct sending *s, struct peer *p, int verified_only, int recipient)
{
	struct omemo_contact *c = &p->contact;
	struct omemo_device *d;
	size_t i, n = 0;

	verified_only |= c->verified_only;
	for (i = 0; i < c->devices && s->keys < OMEMO_MAX_KEYS; i++) {
		d = &c->device[i];
		if (!is_candidate(c, d, verified_only))
			continue;
		if (d->session != NULL && add_key(s, p, d) == 0) {
			n++;
			if (recipient &&
			    omemo_contact_trust(c, d->key) != OMEMO_VERIFIED)
				s->least = OMEMO_UNVERIFIED;
		} else if (!d->skipped) {
			d->skipped = 1;
			queue_cause(s->o, p->name, d->id, OMEMO_NOTE_SKIPPED);
		}
	}
	return n;
}

/* Encrypts for all recipients of T and for our own other devices. */
static enum omemo_cause
add_recipients(struct sending *s, const struct omemo_text *t)
{
	struct omemo *o = s->o;
	struct peer *p, *self = peer_find(o, o->name);
	int to_self = 0;
	size_t i;

	for (i = 0; i < t->names; i++) {
		p = peer_find(o, t->name[i]);
		to_self |= p == self;
		if (add_peer(s, p, t->verified_only, 1) == 0)
			return OMEMO_REFUSED_FAILED;
		p->contact.used = 1;
		queue_record(o, p);
	}
	if (!to_self && add_peer(s, self, t->verified_only, 0) > 0)
		queue_record(o, self);
	return s->keys < OMEMO_MAX_KEYS ? OMEMO_OK : OMEMO_REFUSED_LONG;
}

/* Returns the cause why T cannot be sent, or OMEMO_OK. */
static enum omemo_cause
check_text(struct omemo *o, const struct omemo_text *t)
{
	enum omemo_cause cause = OMEMO_OK;
	size_t i;

	if (t->len > OMEMO_MAX_TEXT)
		return OMEMO_REFUSED_LONG;
	if (t->names == 0)
		return OMEMO_REFUSED_NO_DEVICES;
	if (peer_find(o, o->name) == NULL)
		return OMEMO_REFUSED_NOT_LOADED;
	for (i = 0; i < t->names && cause == OMEMO_OK; i++)
		cause = omemo_reach(o, t->name[i], t->verified_only);
	return cause;
}

int
omemo_send(struct omemo *o, const struct omemo_text *t)
{
	unsigned char iv[IV], *payload;
	struct omemo_bytes nonce = {iv, IV};
	enum omemo_cause cause;
	struct sending s;
	struct item *i;

	queue_begin(o);
	if ((cause = check_text(o, t)) != OMEMO_OK)
		return queue_refuse(o, cause);
	sending_init(&s, o);
	crypto_random(o, s.material, PAYLOAD);
	s.material_len = PAYLOAD + TAG;
	crypto_random(o, iv, IV);
	payload = buf_alloc(t->len + 1);
	memcpy(payload, t->text, t->len);
	crypto_gcm(1, s.material, nonce, payload, t->len, s.material + PAYLOAD);
	cause = add_recipients(&s, t);
	if (cause == OMEMO_OK) {
		i = queue_message(&s, NULL, iv, payload, t->len);
		i->pub.tag = t->tag;
	} else
		queue_refuse(o, cause);
	free(payload);
	sending_clear(&s);
	return cause == OMEMO_OK ? 0 : -1;
}

int
omemo_answer(struct omemo *o, const char *name)
{
	struct omemo_device *d;
	struct peer *p;
	size_t i;

	queue_begin(o);
	if ((p = peer_find(o, name)) == NULL)
		return -1;
	for (i = 0; i < p->contact.devices; i++) {
		d = &p->contact.device[i];
		if (d->answer && d->session != NULL &&
		    omemo_contact_may_use(&p->contact, d, 0))
			omemo_send_key(o, p, d);
		d->answer = 0;
		/* A revoked or replaced key is not healed. */
		if (!d->heal || d->healed ||
		    (d->has_key && !omemo_contact_may_use(&p->contact, d, 0)))
			continue;
		d->healed = 1;
		fetch_bundle(o, p, d);
	}
	return 0;
}
