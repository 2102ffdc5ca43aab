#include "omemo/omemo.h"

#include <stdlib.h>
#include <string.h>

#include "omemo/intern.h"
#include "sexp/hex.h"

#define SOON                                                                   \
	5 /* seconds in which several used prekeys are replaced at once        \
	   */

struct omemo *
omemo_new(const unsigned char *seed, const char *name)
{
	struct omemo *o = buf_alloc(sizeof *o);

	br_hmac_drbg_init(&o->random, &br_sha256_vtable, seed, OMEMO_SEED);
	o->name = buf_strdup(name);
	lib_open(o);
	return o;
}

static void
peer_free(struct peer *p)
{
	omemo_contact_clear(&p->contact);
	free(p->name);
	free(p);
}

void
omemo_free(struct omemo *o)
{
	struct peer *p;

	if (o == NULL)
		return;
	queue_empty(o);
	while ((p = o->peer) != NULL) {
		o->peer = p->next;
		peer_free(p);
	}
	lib_close(o);
	free(o->name);
	buf_wipe(o, sizeof *o);
	free(o);
}

void
omemo_begin(struct omemo *o)
{
	o->cause = OMEMO_OK;
	o->op++;
}

int
omemo_refuse(struct omemo *o, enum omemo_cause cause)
{
	o->cause = cause;
	return -1;
}

static struct peer *
find_peer(const struct omemo *o, const char *name)
{
	struct peer *p;

	for (p = o->peer; p != NULL; p = p->next)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

struct peer *
omemo_peer(struct omemo *o, const char *name)
{
	struct peer *p = find_peer(o, name);

	if (p != NULL && p->loaded && o->own.loaded && o->has_identity)
		return p;
	omemo_refuse(o, OMEMO_REFUSED_NOT_LOADED);
	return NULL;
}

const struct omemo_contact *
omemo_find(const struct omemo *o, const char *name)
{
	const struct peer *p = find_peer(o, name);

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
		d->fetching = old->fetching;
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
	unsigned char sum[FORM_SUM] = {0};
	struct omemo_contact c;

	omemo_begin(o);
	if (x == NULL)
		return omemo_refuse(o, OMEMO_REFUSED_FULL);
	if (p != NULL)
		form_digest(p, n, sum, sizeof sum);
	if (x->loaded && memcmp(sum, x->sum, sizeof sum) == 0)
		return 0;
	x->loaded = 0;
	if (p == NULL)
		omemo_contact_init(&c);
	else if (omemo_contact_parse(&c, p, n, e) == -1)
		return omemo_refuse(o, OMEMO_REFUSED_RECORD);
	carry_over(&c, &x->contact);
	omemo_contact_clear(&x->contact);
	x->contact = c;
	memcpy(x->sum, sum, sizeof sum);
	x->loaded = 1;
	return 0;
}

void
omemo_work(struct omemo *o, struct peer *p, const struct omemo_device *d,
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
omemo_work_done(
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
omemo_name_key(
    struct item *i, const struct peer *p, const struct omemo_device *d)
{
	i->pub.device = d->id;
	if (!d->has_key)
		return;
	hex_write(d->key, OMEMO_KEY, i->pub.fingerprint);
	i->pub.trust = omemo_contact_trust(&p->contact, d->key);
}

void
omemo_pin(struct omemo *o, struct peer *p, struct omemo_device *d,
    const unsigned char *key, int64_t now)
{
	struct item *i;

	if (d->has_key)
		return;
	d->has_key = 1;
	d->first = now;
	memcpy(d->key, key, OMEMO_KEY);
	i = queue_item(o, OMEMO_DEVICE, p->name);
	omemo_name_key(i, p, d);
	i->pub.is_new = 1;
	i->pub.beside = i->pub.trust != OMEMO_VERIFIED &&
			omemo_contact_is_verified(&p->contact);
}

void
omemo_online(struct omemo *o, int64_t now)
{
	struct omemo_device *d;
	struct peer *p;
	size_t i;

	omemo_begin(o);
	for (p = o->peer; p != NULL; p = p->next)
		for (i = 0; i < p->contact.devices; i++) {
			d = &p->contact.device[i];
			d->healed = d->fetching = d->skipped = 0;
			d->no_bundle = 0;
		}
	o->knows_list = o->repairs = 0;
	o->list_at = o->bundle_at = 0;
	if (!o->own.loaded)
		return;
	if (own_rotate(o, now) | own_refill(o))
		own_store(o);
	own_publish(o);
}

/* Notes that our device list, which was just read, lacks our device. */
static void
plan_repair(struct omemo *o, const struct peer *p, int64_t now)
{
	if (o->repairs == OMEMO_REPAIRS) {
		queue_cause(o, p->name, 0, OMEMO_NOTE_TAKEN);
		o->repairs++;
	} else if (o->repairs < OMEMO_REPAIRS && o->list_at == 0) {
		/* Two devices that do so at once would remove each other. */
		o->list_at = now + 1 + crypto_below(o, 4);
		o->repairs++;
	}
}

/* Returns 1 if ID, COUNT of them, has N. */
static int
has_id(const uint32_t *id, size_t count, uint32_t n)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (id[i] == n)
			return 1;
	return 0;
}

/* Marks the devices that the list no longer has. Returns 1 if there are any. */
static int
leave_list(struct omemo *o, struct peer *p, const uint32_t *id, size_t count)
{
	struct omemo_device *d;
	int changed = 0;
	size_t i;

	for (i = 0; i < p->contact.devices; i++) {
		d = &p->contact.device[i];
		if (!d->active || has_id(id, count, d->id))
			continue;
		d->active = 0;
		changed = 1;
		omemo_name_key(queue_item(o, OMEMO_DEVICE, p->name), p, d);
	}
	return changed;
}

/* Adds the devices of the list. Returns 1 if one is new or active again. */
static int
enter_list(struct omemo *o, struct peer *p, const uint32_t *id, size_t count)
{
	int is_own = strcmp(p->name, o->name) == 0, changed = 0, many = 0;
	struct omemo_device *d;
	size_t i;

	for (i = 0; i < count && !many; i++) {
		if (id[i] == 0 || id[i] > FORM_ID ||
		    (is_own && id[i] == o->own.id))
			continue;
		if ((d = omemo_contact_add(&p->contact, id[i])) == NULL) {
			queue_cause(o, p->name, 0, OMEMO_NOTE_MANY);
			many = 1;
		} else if (!d->active) {
			d->active = 1;
			changed = 1;
		}
	}
	return changed;
}

int
omemo_list(struct omemo *o, const char *name, const uint32_t *id, size_t count,
    int64_t now)
{
	struct peer *p;
	int changed;

	omemo_begin(o);
	if ((p = omemo_peer(o, name)) == NULL)
		return -1;
	changed = leave_list(o, p, id, count);
	changed |= enter_list(o, p, id, count);
	if (changed)
		queue_record(o, p);
	if (strcmp(name, o->name) != 0)
		return 0;
	o->knows_list = 1;
	if (has_id(id, count, o->own.id))
		o->list_at = 0;
	else
		plan_repair(o, p, now);
	return 0;
}

/* Queues our device list as it should be. */
static void
queue_list(struct omemo *o, const struct peer *p)
{
	struct item *i = queue_item(o, OMEMO_PUT_LIST, NULL);
	size_t k;

	i->ids = buf_alloc((p->contact.devices + 1) * sizeof *i->ids);
	i->pub.ids = i->ids;
	i->ids[i->pub.len++] = o->own.id;
	for (k = 0; k < p->contact.devices; k++)
		if (p->contact.device[k].active)
			i->ids[i->pub.len++] = p->contact.device[k].id;
}

int
omemo_publish(struct omemo *o, int bundle)
{
	struct peer *p;

	omemo_begin(o);
	if ((p = omemo_peer(o, o->name)) == NULL)
		return -1;
	if (bundle) {
		o->own.published = 0;
		own_publish(o);
	}
	queue_list(o, p);
	return 0;
}

int
omemo_remove(struct omemo *o, uint32_t device)
{
	struct omemo_device *d;
	struct peer *p;

	omemo_begin(o);
	if ((p = omemo_peer(o, o->name)) == NULL)
		return -1;
	d = omemo_contact_device(&p->contact, device);
	if (d == NULL || !d->active)
		return omemo_refuse(o, OMEMO_REFUSED_KEY);
	d->active = 0;
	queue_record(o, p);
	omemo_name_key(queue_item(o, OMEMO_DEVICE, p->name), p, d);
	queue_list(o, p);
	return 0;
}

int
omemo_trust(struct omemo *o, const char *name, const char *fingerprint,
    enum omemo_trust trust, int64_t now)
{
	unsigned char key[OMEMO_KEY];
	struct peer *p;

	omemo_begin(o);
	if ((p = omemo_peer(o, name)) == NULL)
		return -1;
	if (form_from_hex(fingerprint, key, sizeof key) == -1 ||
	    omemo_contact_decide(&p->contact, key, trust, now) == -1)
		return omemo_refuse(o, OMEMO_REFUSED_KEY);
	queue_record(o, p);
	return 0;
}

int
omemo_wish(
    struct omemo *o, const char *name, enum omemo_wish wish, int verified_only)
{
	struct peer *p;

	omemo_begin(o);
	if ((p = omemo_peer(o, name)) == NULL)
		return -1;
	p->contact.wish = wish;
	p->contact.verified_only = verified_only;
	queue_record(o, p);
	return 0;
}

/* Fills INFO with the Ith decision about a key that no device has. */
static int
info_of_key(const struct omemo_contact *c, size_t i, struct omemo_info *info)
{
	const struct omemo_decision *x;
	size_t k, d;

	for (k = 0; k < c->decisions; k++) {
		x = &c->decision[k];
		for (d = 0; d < c->devices; d++)
			if (c->device[d].has_key &&
			    memcmp(c->device[d].key, x->key, OMEMO_KEY) == 0)
				break;
		if (d < c->devices || i-- > 0)
			continue;
		hex_write(x->key, OMEMO_KEY, info->fingerprint);
		info->trust = x->trust;
		info->date = x->date;
		return 1;
	}
	return 0;
}

int
omemo_info(
    const struct omemo *o, const char *name, size_t i, struct omemo_info *info)
{
	const struct omemo_contact *c = omemo_find(o, name);
	const struct omemo_device *d;
	size_t k;

	memset(info, 0, sizeof *info);
	if (c == NULL)
		return 0;
	if (i >= c->devices)
		return info_of_key(c, i - c->devices, info);
	d = &c->device[i];
	info->id = d->id;
	info->active = d->active;
	info->has_session = d->session != NULL;
	info->may_use = omemo_contact_may_use(c, d, c->verified_only);
	if (!d->has_key)
		return 1;
	info->first = d->first;
	hex_write(d->key, OMEMO_KEY, info->fingerprint);
	info->trust = omemo_contact_trust(c, d->key);
	for (k = 0; k < c->decisions; k++)
		if (memcmp(c->decision[k].key, d->key, OMEMO_KEY) == 0)
			info->date = c->decision[k].date;
	return 1;
}

/* Replaces our prekeys that were used up, and publishes that soon. */
static void
replace_prekeys(struct omemo *o, int64_t now)
{
	own_refill(o);
	own_store(o);
	if (o->bundle_at == 0)
		o->bundle_at = now + SOON;
}

void
omemo_use_prekey(struct omemo *o, uint32_t id, int64_t now)
{
	if (id != 0 && own_use(o, id))
		replace_prekeys(o, now);
}

int
omemo_told(
    struct omemo *o, const char *name, const unsigned char *token, int64_t now)
{
	unsigned char one[1][OMEMO_TOKEN];

	memcpy(one[0], token, OMEMO_TOKEN);
	return omemo_told_all(
	    o, name, (const unsigned char(*)[OMEMO_TOKEN])one, 1, now);
}

int
omemo_told_all(struct omemo *o, const char *name,
    const unsigned char (*token)[OMEMO_TOKEN], size_t count, int64_t now)
{
	int changed = 0, used = 0;
	struct omemo_kept *k;
	struct peer *p;
	size_t i;

	omemo_begin(o);
	if ((p = omemo_peer(o, name)) == NULL)
		return -1;
	for (i = 0; i < count; i++) {
		k = omemo_contact_kept(&p->contact, token[i]);
		if (k == NULL)
			continue;
		used |= k->prekey != 0 && own_use(o, k->prekey);
		omemo_contact_drop(&p->contact, k);
		changed = 1;
	}
	if (changed)
		queue_record(o, p);
	if (used)
		replace_prekeys(o, now);
	return 0;
}

int
omemo_replayed(struct omemo *o, const char *name, int64_t now)
{
	struct omemo_contact *c;
	struct peer *p;
	int changed = 0, used = 0;
	size_t i;

	omemo_begin(o);
	if ((p = omemo_peer(o, name)) == NULL)
		return -1;
	c = &p->contact;
	for (i = c->kepts; i-- > 0;)
		if (!c->kept[i].seen) {
			used |= own_use(o, c->kept[i].prekey);
			omemo_contact_drop(c, &c->kept[i]);
			changed = 1;
		}
	if (changed)
		queue_record(o, p);
	if (used)
		replace_prekeys(o, now);
	return 0;
}

int64_t
omemo_deadline(const struct omemo *o)
{
	int64_t due = -1;

	if (!o->own.loaded)
		return -1;
	if (o->own.signeds > 0)
		due = o->own.signed_[0].date + OMEMO_ROTATE;
	if (o->bundle_at != 0 && o->bundle_at < due)
		due = o->bundle_at;
	if (o->list_at != 0 && o->list_at < due)
		due = o->list_at;
	return due;
}

void
omemo_tick(struct omemo *o, int64_t now)
{
	struct peer *p;

	omemo_begin(o);
	if (!o->own.loaded)
		return;
	if (own_rotate(o, now)) {
		own_store(o);
		o->bundle_at = now;
	}
	if (o->bundle_at != 0 && o->bundle_at <= now) {
		o->bundle_at = 0;
		own_publish(o);
	}
	if (o->list_at != 0 && o->list_at <= now &&
	    (p = omemo_peer(o, o->name)) != NULL) {
		o->list_at = 0;
		queue_list(o, p);
	}
}
