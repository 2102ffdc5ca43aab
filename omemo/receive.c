/* Decrypting. */
#include <stdlib.h>
#include <string.h>

#include "omemo/intern.h"

/* A message while it is read. */
struct reading {
	struct omemo *o;
	struct peer *peer;
	const struct omemo_message *m;
	struct omemo_device *device; /* NULL: not known yet */
	int answer;
	int64_t now;
	struct lib_plain plain;
	unsigned char token[OMEMO_TOKEN];
	uint32_t prekey; /* of ours, which was used up; or 0 */
	int duplicate, other_key, broken;
};

/* Names the key K of R: the same one that comes again has the same name. */
static void
make_token(struct reading *r, const struct omemo_key *k)
{
	unsigned char *both = buf_alloc(k->data.len + 4);
	int i;

	for (i = 0; i < 4; i++)
		both[i] = (unsigned char)(r->m->sid >> (8 * i));
	memcpy(both + 4, k->data.data, k->data.len);
	form_digest(both, k->data.len + 4, r->token, sizeof r->token);
	free(both);
}

/*
 * Decrypts the payload of R into new memory *TEXT, *N bytes and a NUL. -1 if it
 * was changed on the way.
 */
static int
open_payload(const struct reading *r, const unsigned char *key, size_t len,
    unsigned char **text, size_t *n)
{
	const struct omemo_bytes *p = &r->m->payload;
	unsigned char tag[TAG];

	*n = p->len;
	/* Very old clients put the tag behind the payload. */
	if (len == PAYLOAD) {
		if (p->len < TAG)
			return -1;
		*n -= TAG;
		memcpy(tag, p->data + *n, TAG);
	} else
		memcpy(tag, key + PAYLOAD, TAG);
	*text = buf_alloc(*n + 1);
	memcpy(*text, p->data, *n);
	if (crypto_gcm(0, key, r->m->iv, *text, *n, tag) == 0)
		return 0;
	buf_wipe(*text, *n);
	free(*text);
	return -1;
}

/* Queues N bytes of TEXT (or NULL for only a key), which it takes. */
static void
queue_text(struct reading *r, unsigned char *text, size_t n)
{
	struct item *i = queue_item(r->o, OMEMO_TEXT, r->peer->name);

	peer_name_key(i, r->peer, r->device);
	i->bytes = text;
	i->size = n;
	i->pub.text = (const char *)text;
	i->pub.len = n;
	memcpy(i->pub.token, r->token, sizeof r->token);
}

/*
 * Reads R with a key that an earlier run has kept, which may not have told the
 * text. Returns 1 if there is one.
 */
static int
read_kept(struct reading *r)
{
	struct omemo_contact *c = &r->peer->contact;
	struct omemo_kept *k = omemo_contact_kept(c, r->token);
	unsigned char *text;
	size_t n;

	if (k == NULL || k->seen || r->device == NULL ||
	    r->m->payload.data == NULL ||
	    open_payload(r, k->key, k->key_len, &text, &n) == -1)
		return 0;
	k->seen = 1;
	queue_text(r, text, n);
	return 1;
}

/* Notes that a message of R could not be decrypted, with ERROR. */
static void
note_error(struct reading *r, int error)
{
	r->duplicate |= error == SG_ERR_DUPLICATE_MESSAGE;
	r->other_key |= r->o->work.other_key;
	r->broken |= error == SG_ERR_NO_SESSION ||
		     error == SG_ERR_INVALID_MESSAGE ||
		     error == SG_ERR_INVALID_KEY_ID;
}

/* Takes over what the library made of K. */
static void
adopt_device(struct reading *r, const struct omemo_key *k)
{
	if (r->device == NULL)
		r->device = omemo_contact_add(&r->peer->contact, r->m->sid);
	r->prekey = r->o->work.prekey;
	peer_work_done(r->o, r->peer, r->device, 1);
	if (r->device->session != NULL)
		r->device->heal = 0;
	r->device->active = 1;
	r->device->latest = r->now;
	if (k->prekey)
		peer_pin(r->o, r->peer, r->device, r->plain.identity, r->now);
}

/* Decrypts K. Returns 1 if it could be read. */
static int
read_key(struct reading *r, const struct omemo_key *k)
{
	int error;

	peer_work(r->o, r->peer, r->device, r->m->sid);
	error = lib_decrypt(r->o, k, &r->plain);
	if (error == 0) {
		adopt_device(r, k);
		return 1;
	}
	note_error(r, error);
	peer_work_done(r->o, r->peer, r->device, 0);
	return 0;
}

/* Decides whether D is to get an empty message for K. */
static void
plan_answer(struct reading *r, const struct omemo_key *k)
{
	struct omemo_device *d = r->device;

	if (!r->answer)
		return;
	if (k->prekey)
		d->answer = 1;
	/* Their chain would grow until we write. */
	if (r->plain.counter >= OMEMO_UNANSWERED &&
	    memcmp(d->ratchet, r->plain.ratchet, sizeof d->ratchet) != 0) {
		memcpy(d->ratchet, r->plain.ratchet, sizeof d->ratchet);
		d->answer = 1;
	}
}

/* Keeps the key that was read until its text was told. */
static void
keep_key(struct reading *r)
{
	struct omemo_kept *k = omemo_contact_keep(&r->peer->contact);

	memcpy(k->token, r->token, sizeof k->token);
	memcpy(k->key, r->plain.key, r->plain.len);
	k->key_len = r->plain.len;
	k->device = r->m->sid;
	k->prekey = r->prekey;
	k->seen = 1;
}

/* Handles the message R, whose key K was read. */
static void
finish_reading(struct reading *r, const struct omemo_key *k)
{
	unsigned char *text = NULL;
	size_t n = 0;

	plan_answer(r, k);
	if (r->m->payload.data == NULL) {
		queue_text(r, NULL, 0);
		omemo_use_prekey(r->o, r->prekey, r->now);
	} else if (open_payload(r, r->plain.key, r->plain.len, &text, &n) ==
		   0) {
		r->peer->contact.used = 1;
		keep_key(r);
		queue_text(r, text, n);
	} else {
		queue_cause(
		    r->o, r->peer->name, r->m->sid, OMEMO_NOTE_UNREADABLE);
		omemo_use_prekey(r->o, r->prekey, r->now);
	}
	queue_record(r->o, r->peer);
}

/* Handles the message R, of which no key could be read. */
static void
fail_reading(struct reading *r)
{
	enum omemo_cause cause = OMEMO_NOTE_UNREADABLE;

	if (r->other_key)
		cause = OMEMO_NOTE_KEY;
	else if (r->duplicate)
		cause = OMEMO_NOTE_DUPLICATE;
	else if (r->broken && r->answer) {
		if (r->device == NULL)
			r->device =
			    omemo_contact_add(&r->peer->contact, r->m->sid);
		if (r->device != NULL)
			r->device->heal = 1;
	}
	queue_cause(r->o, r->peer->name, r->m->sid, cause);
}

/* Returns the cause why M is not even tried, or OMEMO_OK. */
static enum omemo_cause
check_message(const struct omemo *o, const struct omemo_message *m)
{
	size_t i;

	if (m->sid == 0 || m->sid > FORM_ID || m->keys > OMEMO_MAX_KEYS ||
	    m->payload.len > OMEMO_MAX_PAYLOAD)
		return OMEMO_NOTE_UNREADABLE;
	if (m->payload.data != NULL && m->iv.len != 12 && m->iv.len != 16)
		return OMEMO_NOTE_UNREADABLE;
	for (i = 0; i < m->keys; i++)
		if (m->key[i].rid == o->own.id)
			return OMEMO_OK;
	return OMEMO_NOTE_NOT_FOR_US;
}

/* Returns 1 if so many texts of C wait to be told that no other may come. */
static int
is_full(const struct omemo_contact *c)
{
	size_t i, seen = 0;

	for (i = 0; i < c->kepts; i++)
		seen += (size_t)c->kept[i].seen;
	return seen >= OMEMO_KEPT;
}

/*
 * Tries all keys of R that may be ours: ids of devices are not unique. -1 with
 * a cause if nothing was done.
 */
static int
read_message(struct reading *r)
{
	const struct omemo_key *k = r->m->key, *end = k + r->m->keys;

	for (; k < end; k++) {
		if (k->rid != r->o->own.id || k->data.data == NULL)
			continue;
		make_token(r, k);
		if (read_kept(r))
			return 0;
		if (r->m->payload.data != NULL && is_full(&r->peer->contact))
			return queue_refuse(r->o, OMEMO_REFUSED_KEPT);
		if (read_key(r, k)) {
			finish_reading(r, k);
			return 0;
		}
	}
	fail_reading(r);
	return 0;
}

int
omemo_receive(struct omemo *o, const char *name, const struct omemo_message *m,
    int answer, int64_t now)
{
	struct reading r = {.o = o, .m = m, .answer = answer, .now = now};
	enum omemo_cause cause;
	int status = 0;

	queue_begin(o);
	if ((r.peer = peer_find(o, name)) == NULL)
		return -1;
	/* Our own words, that a room or a copy brings back. */
	if (m->sid == o->own.id && strcmp(name, o->name) == 0)
		return 0;
	r.device = omemo_contact_device(&r.peer->contact, m->sid);
	cause = check_message(o, m);
	if (cause == OMEMO_OK && r.device == NULL &&
	    !omemo_contact_has_room(&r.peer->contact))
		cause = OMEMO_NOTE_MANY;
	if (cause == OMEMO_OK)
		status = read_message(&r);
	else
		queue_cause(o, name, m->sid, cause);
	buf_wipe(&r.plain, sizeof r.plain);
	return status;
}
