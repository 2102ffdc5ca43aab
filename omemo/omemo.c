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

void
omemo_free(struct omemo *o)
{
	if (o == NULL)
		return;
	queue_empty(o);
	peer_free_all(o);
	lib_close(o);
	free(o->name);
	buf_wipe(o, sizeof *o);
	free(o);
}

void
omemo_connected(struct omemo *o)
{
	struct omemo_device *d;
	struct peer *p;
	size_t i;

	for (p = o->peer; p != NULL; p = p->next)
		for (i = 0; i < p->contact.devices; i++) {
			d = &p->contact.device[i];
			d->healed = d->skipped = 0;
			d->no_bundle = 0;
		}
	o->knows_list = o->repairs = 0;
	o->list_at = o->bundle_at = 0;
	o->list_waits = 0;
}

void
omemo_online(struct omemo *o, int64_t now)
{
	queue_begin(o);
	if (!o->own.loaded)
		return;
	if (own_rotate(o, now) | own_refill(o))
		own_store(o);
	own_publish(o);
}

/* Returns the time at which what several devices may do at once is done. */
static int64_t
random_moment(struct omemo *o, int64_t now)
{
	return now + 1 + crypto_below(o, 4);
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
		o->list_at = random_moment(o, now);
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
		peer_name_key(queue_item(o, OMEMO_DEVICE, p->name), p, d);
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

	queue_begin(o);
	if ((p = peer_find(o, name)) == NULL)
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

void
omemo_publish_later(struct omemo *o, int bundle, int64_t now)
{
	if (bundle)
		o->bundle_at = random_moment(o, now);
	else
		o->list_at = random_moment(o, now);
}

int
omemo_publish(struct omemo *o, int bundle)
{
	struct peer *p;

	queue_begin(o);
	if ((p = peer_find(o, o->name)) == NULL)
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

	queue_begin(o);
	if ((p = peer_find(o, o->name)) == NULL)
		return -1;
	d = omemo_contact_device(&p->contact, device);
	if (d == NULL || !d->active)
		return queue_refuse(o, OMEMO_REFUSED_KEY);
	d->active = 0;
	queue_record(o, p);
	peer_name_key(queue_item(o, OMEMO_DEVICE, p->name), p, d);
	queue_list(o, p);
	return 0;
}

int
omemo_trust(struct omemo *o, const char *name, const char *fingerprint,
    enum omemo_trust trust, int64_t now)
{
	unsigned char key[OMEMO_KEY];
	struct peer *p;

	queue_begin(o);
	if ((p = peer_find(o, name)) == NULL)
		return -1;
	if (form_from_hex(fingerprint, key, sizeof key) == -1 ||
	    omemo_contact_decide(&p->contact, key, trust, now) == -1)
		return queue_refuse(o, OMEMO_REFUSED_KEY);
	queue_record(o, p);
	return 0;
}

int
omemo_wish(
    struct omemo *o, const char *name, enum omemo_wish wish, int verified_only)
{
	struct peer *p;

	queue_begin(o);
	if ((p = peer_find(o, name)) == NULL)
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
omemo_told(struct omemo *o, const char *name,
    const unsigned char (*token)[OMEMO_TOKEN], size_t count, int64_t now)
{
	int changed = 0, used = 0;
	struct omemo_kept *k;
	struct peer *p;
	size_t i;

	queue_begin(o);
	if ((p = peer_find(o, name)) == NULL)
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

	queue_begin(o);
	if ((p = peer_find(o, name)) == NULL)
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

	queue_begin(o);
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
	    (p = peer_find(o, o->name)) != NULL) {
		o->list_at = 0;
		/* Nobody could encrypt for a device without a bundle. */
		o->list_waits = !o->own.published;
		if (!o->list_waits)
			queue_list(o, p);
	}
}
