/* Our own device: its identity, its prekeys and their record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "omemo/intern.h"
#include "sexp/hex.h"
#include "sexp/siphash.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

#define DATE_MAX 253402300799 /* the end of the year 9999 */

/* Prekeys are numbered in 24 bits, as others do, and begin anew then. */
#define NUMBERS 0xffffffu

static const char *const truth[] = {"false", "true"};

const struct prekey *
own_find(const struct omemo *o, uint32_t id, int signed_)
{
	const struct prekey *k = signed_ ? o->own.signed_ : o->own.prekey;
	size_t n = signed_ ? o->own.signeds : o->own.prekeys;

	for (; n > 0; n--, k++)
		if (k->id == id)
			return k;
	return NULL;
}

/* Makes K a new key pair with the next number. */
static void
make_prekey(struct omemo *o, struct prekey *k)
{
	memset(k, 0, sizeof *k);
	do {
		k->id = o->own.next;
		o->own.next = o->own.next % NUMBERS + 1;
	} while (
	    own_find(o, k->id, 0) != NULL || own_find(o, k->id, 1) != NULL);
	key_pair(o, k->secret, k->public);
}

int
own_refill(struct omemo *o)
{
	struct prekey k;
	int made = 0;

	while (o->own.prekeys < OMEMO_PREKEYS) {
		make_prekey(o, &k);
		o->own.prekey[o->own.prekeys++] = k;
		made = 1;
	}
	buf_wipe(&k, sizeof k);
	if (made) {
		o->own.published = 0;
		o->changes++;
	}
	return made;
}

int
own_use(struct omemo *o, uint32_t id)
{
	struct prekey *last, *k;

	k = (struct prekey *)(uintptr_t)own_find(o, id, 0);
	if (k == NULL)
		return 0;
	last = &o->own.prekey[--o->own.prekeys];
	*k = *last;
	buf_wipe(last, sizeof *last);
	return 1;
}

int
own_rotate(struct omemo *o, int64_t now)
{
	struct own *own = &o->own;
	int64_t age = own->signeds == 0 ? 0 : now - own->signed_[0].date;
	struct prekey k;

	/* A clock that was set back must not stop the rotation for years. */
	if (own->signeds > 0 && age < OMEMO_ROTATE && age > -OMEMO_ROTATE)
		return 0;
	make_prekey(o, &k);
	k.date = now;
	if (key_sign(o, &k) == -1)
		return 0;
	if (own->signeds == OMEMO_SIGNED)
		buf_wipe(&own->signed_[--own->signeds], sizeof k);
	memmove(own->signed_ + 1, own->signed_, own->signeds * sizeof k);
	own->signed_[0] = k;
	own->signeds++;
	own->published = 0;
	o->changes++;
	buf_wipe(&k, sizeof k);
	return 1;
}

static struct sexp *
build_prekey(struct sexp_tree *t, const struct prekey *k, int signed_)
{
	struct sexp *s = sexp_list(t);

	form_put_number(t, s, "id", k->id);
	form_put_bytes(t, s, "secret", k->secret, OMEMO_KEY);
	form_put_bytes(t, s, "public", k->public, OMEMO_KEY);
	if (signed_) {
		form_put_number(t, s, "date", k->date);
		form_put_bytes(t, s, "signature", k->signature, SIGNATURE);
	}
	return s;
}

static void
print_own(struct omemo *o, struct buf *out)
{
	struct sexp_tree *t = sexp_new();
	struct sexp *record = sexp_list(t), *signeds = sexp_list(t),
		    *prekeys = sexp_list(t);
	size_t i;

	for (i = 0; i < o->own.signeds; i++)
		sexp_append(signeds, build_prekey(t, &o->own.signed_[i], 1));
	for (i = 0; i < o->own.prekeys; i++)
		sexp_append(prekeys, build_prekey(t, &o->own.prekey[i], 0));
	form_put_number(t, record, "device", o->own.id);
	form_put_number(t, record, "next", o->own.next);
	form_put_word(t, record, "published", truth[o->own.published]);
	form_put(t, record, "signed", signeds);
	form_put(t, record, "prekeys", prekeys);
	form_print(t, record, out);
	sexp_free(t);
}

void
own_store(struct omemo *o)
{
	struct buf out;

	buf_init(&out, FORM_MAX);
	print_own(o, &out);
	siphash_128(buf_data(&out), buf_len(&out), o->own.sum);
	queue_store(o, OMEMO_OWN, &out);
	buf_clear(&out);
}

static int
read_prekey(const struct sexp *s, struct prekey *k, int signed_)
{
	static const char *const names[] = {
	    "id", "secret", "public", "date", "signature"};
	const struct sexp *v[COUNT(names)];
	int64_t id;

	memset(k, 0, sizeof *k);
	if (form_fields(s, names, signed_ ? 5 : 3, v) == -1 ||
	    form_number(v[0], 1, FORM_ID, &id) == -1 ||
	    form_hex(v[1], k->secret, OMEMO_KEY) == -1 ||
	    form_hex(v[2], k->public, OMEMO_KEY) == -1)
		return -1;
	k->id = (uint32_t)id;
	if (!signed_)
		return 0;
	if (form_number(v[3], 0, DATE_MAX, &k->date) == -1)
		return -1;
	return form_hex(v[4], k->signature, SIGNATURE);
}

/* Reads the list S of at most MAX keys into K, *COUNT of them. */
static int
read_prekeys(const struct sexp *s, struct prekey *k, size_t *count, size_t max,
    int signed_)
{
	if (s->text != NULL || s->len > max)
		return -1;
	for (s = s->first; s != NULL; s = s->next)
		if (read_prekey(s, &k[(*count)++], signed_) == -1)
			return -1;
	return 0;
}

static int
read_own(struct own *own, const struct sexp *s)
{
	static const char *const names[] = {
	    "device", "next", "published", "signed", "prekeys"};
	const struct sexp *v[COUNT(names)];
	int64_t id, next;

	if (form_fields(s, names, COUNT(names), v) == -1 ||
	    form_number(v[0], 1, FORM_ID, &id) == -1 ||
	    form_number(v[1], 1, NUMBERS, &next) == -1)
		return -1;
	own->id = (uint32_t)id;
	own->next = (uint32_t)next;
	own->published = form_word(v[2], truth, COUNT(truth));
	if (own->published == -1 || read_prekeys(v[3], own->signed_,
					&own->signeds, OMEMO_SIGNED, 1) == -1)
		return -1;
	return read_prekeys(v[4], own->prekey, &own->prekeys, OMEMO_PREKEYS, 0);
}

/* Chooses the number of our device, which is not in our device list. */
static uint32_t
choose_id(struct omemo *o)
{
	const struct omemo_contact *c = omemo_find(o, o->name);
	uint32_t id;
	size_t i;

	for (;;) {
		id = 1 + crypto_below(o, FORM_ID);
		for (i = 0; c != NULL && i < c->devices; i++)
			if (c->device[i].id == id)
				break;
		if (c == NULL || i == c->devices)
			return id;
	}
}

static void
make_own(struct omemo *o, int64_t now)
{
	o->own.id = choose_id(o);
	o->own.next = 1;
	own_rotate(o, now);
	own_refill(o);
	o->own.loaded = 1;
	own_store(o);
}

/* Reads the file of N bytes at P into o->own. -1 with E if it is damaged. */
static int
parse_own(struct omemo *o, const void *p, size_t n, struct sexp_error *e)
{
	const struct sexp *record;
	struct sexp_tree *t = form_parse(p, n, &record, e);

	buf_wipe(&o->own, sizeof o->own);
	if (t == NULL)
		return -1;
	o->own.loaded = read_own(&o->own, record) == 0;
	if (!o->own.loaded) {
		buf_wipe(&o->own, sizeof o->own);
		e->line = record->line;
		e->column = record->column;
		snprintf(e->why, sizeof e->why,
		    "expected the record of your OMEMO device");
	}
	siphash_128(p, n, o->own.sum);
	sexp_free(t);
	return o->own.loaded ? 0 : -1;
}

int
omemo_load_own(
    struct omemo *o, const void *p, size_t n, int64_t now, struct sexp_error *e)
{
	uint64_t sum[2];

	queue_begin(o);
	if (p == NULL) {
		buf_wipe(&o->own, sizeof o->own);
		make_own(o, now);
		return 0;
	}
	siphash_128(p, n, sum);
	if (o->own.loaded && memcmp(sum, o->own.sum, sizeof sum) == 0)
		return 0;
	if (parse_own(o, p, n, e) == -1)
		return queue_refuse(o, OMEMO_REFUSED_RECORD);
	return 0;
}

void
omemo_generate(struct omemo *o, struct buf *out)
{
	struct sexp_tree *t = sexp_new();
	struct sexp *record = sexp_list(t);
	unsigned char secret[OMEMO_KEY], public[OMEMO_KEY];

	key_pair(o, secret, public);
	form_put_bytes(t, record, "secret", secret, sizeof secret);
	form_put_bytes(t, record, "public", public, sizeof public);
	form_print(t, record, out);
	buf_wipe(secret, sizeof secret);
	sexp_free(t);
}

int
omemo_identity(struct omemo *o, const void *p, size_t n, struct sexp_error *e)
{
	static const char *const names[] = {"secret", "public"};
	unsigned char public[OMEMO_KEY];
	const struct sexp *record, *v[COUNT(names)];
	struct sexp_tree *t = form_parse(p, n, &record, e);

	queue_begin(o);
	if (t == NULL)
		return queue_refuse(o, OMEMO_REFUSED_RECORD);
	o->has_identity = form_fields(record, names, COUNT(names), v) == 0 &&
			  form_hex(v[0], o->secret, OMEMO_KEY) == 0 &&
			  form_hex(v[1], o->public, OMEMO_KEY) == 0 &&
			  key_public(o->secret, public) == 0 &&
			  memcmp(public, o->public, OMEMO_KEY) == 0;
	if (!o->has_identity) {
		e->line = record->line;
		e->column = record->column;
		snprintf(e->why, sizeof e->why, "expected an OMEMO identity");
		queue_refuse(o, OMEMO_REFUSED_RECORD);
	}
	sexp_free(t);
	return o->has_identity ? 0 : -1;
}

int
omemo_is_published(const struct omemo *o)
{
	return o->own.loaded && o->own.published;
}

uint32_t
omemo_device_id(const struct omemo *o)
{
	return o->own.loaded ? o->own.id : 0;
}

void
omemo_fingerprint(const struct omemo *o, char out[OMEMO_FINGERPRINT])
{
	hex_write(o->public, OMEMO_KEY, out);
}

/* Appends the public key of K to D, as on the wire; returns it. */
static struct omemo_bytes
put_point(unsigned char **d, const struct prekey *k)
{
	struct omemo_bytes b = {*d, SERIAL};

	**d = 5;
	memcpy(*d + 1, k->public, OMEMO_KEY);
	*d += SERIAL;
	return b;
}

void
own_publish(struct omemo *o)
{
	const struct own *own = &o->own;
	struct prekey identity = {0};
	struct omemo_bundle *b;
	struct item *i;
	unsigned char *d;
	size_t k;

	if (own->published || own->signeds == 0)
		return;
	i = queue_item(o, OMEMO_PUT_BUNDLE, NULL);
	b = &i->bundle;
	i->pub.bundle = b;
	i->prekey = buf_alloc(own->prekeys * sizeof *i->prekey);
	d = i->data = buf_alloc((own->prekeys + 2) * SERIAL + SIGNATURE);
	memcpy(identity.public, o->public, OMEMO_KEY);
	b->identity = put_point(&d, &identity);
	b->signed_id = own->signed_[0].id;
	b->signed_key = put_point(&d, &own->signed_[0]);
	b->signature.data = d;
	b->signature.len = SIGNATURE;
	memcpy(d, own->signed_[0].signature, SIGNATURE);
	d += SIGNATURE;
	for (k = 0; k < own->prekeys; k++) {
		i->prekey[k].id = own->prekey[k].id;
		i->prekey[k].key = put_point(&d, &own->prekey[k]);
	}
	b->prekey = i->prekey;
	b->prekeys = own->prekeys;
	o->offered = o->changes;
}

void
omemo_published(struct omemo *o)
{
	queue_begin(o);
	/* The published bundle may be older than our keys are by now. */
	if (!o->own.loaded || o->own.published || o->offered != o->changes)
		return;
	o->own.published = 1;
	own_store(o);
	if (o->list_waits)
		o->list_at = 1; /* at once */
	o->list_waits = 0;
}
