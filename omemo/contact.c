#include "omemo/contact.h"

#include <stdlib.h>
#include <string.h>

#include "sexp/hex.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

#define DATE_MAX 253402300799 /* the end of the year 9999 */

static const char *const wishes[] = {"auto", "otr", "omemo", "none"};
static const char *const truth[] = {"false", "true"};
/* The last: revoked after it had been verified. */
#define REVOKED_VERIFIED 3
static const char *const trusts[] = {
    "unverified", "verified", "revoked", "revoked-verified"};

void
omemo_contact_init(struct omemo_contact *c)
{
	memset(c, 0, sizeof *c);
}

void
omemo_contact_end(struct omemo_device *d)
{
	if (d->session != NULL)
		buf_wipe(d->session, d->session_len);
	free(d->session);
	d->session = NULL;
	d->session_len = 0;
}

void
omemo_contact_clear(struct omemo_contact *c)
{
	size_t i;

	for (i = 0; i < c->devices; i++)
		omemo_contact_end(&c->device[i]);
	if (c->kept != NULL)
		buf_wipe(c->kept, c->kepts * sizeof *c->kept);
	free(c->kept);
	free(c->decision);
	omemo_contact_init(c);
}

struct omemo_device *
omemo_contact_device(struct omemo_contact *c, uint32_t id)
{
	size_t i;

	for (i = 0; i < c->devices; i++)
		if (c->device[i].id == id)
			return &c->device[i];
	return NULL;
}

/* Returns the inactive device that can be forgotten, or NULL. */
static const struct omemo_device *
find_forgettable(const struct omemo_contact *c)
{
	const struct omemo_device *best = NULL;
	size_t i;

	for (i = 0; i < c->devices; i++)
		if (!c->device[i].active &&
		    (best == NULL || c->device[i].latest < best->latest))
			best = &c->device[i];
	return best;
}

int
omemo_contact_has_room(const struct omemo_contact *c)
{
	return c->devices < OMEMO_DEVICES || find_forgettable(c) != NULL;
}

struct omemo_device *
omemo_contact_add(struct omemo_contact *c, uint32_t id)
{
	struct omemo_device *d = omemo_contact_device(c, id);

	if (d != NULL)
		return d;
	if (!omemo_contact_has_room(c))
		return NULL;
	if (c->devices < OMEMO_DEVICES)
		d = &c->device[c->devices++];
	else {
		d = &c->device[find_forgettable(c) - c->device];
		omemo_contact_end(d);
	}
	memset(d, 0, sizeof *d);
	d->id = id;
	return d;
}

static struct omemo_decision *
find_decision(const struct omemo_contact *c, const unsigned char *key)
{
	size_t i;

	for (i = 0; i < c->decisions; i++)
		if (memcmp(c->decision[i].key, key, OMEMO_KEY) == 0)
			return &c->decision[i];
	return NULL;
}

enum omemo_trust
omemo_contact_trust(const struct omemo_contact *c, const unsigned char *key)
{
	const struct omemo_decision *x = find_decision(c, key);

	return x == NULL ? OMEMO_UNVERIFIED : x->trust;
}

int
omemo_contact_is_verified(const struct omemo_contact *c)
{
	size_t i;

	for (i = 0; i < c->decisions; i++)
		if (c->decision[i].trust == OMEMO_VERIFIED)
			return 1;
	return 0;
}

int
omemo_contact_was_verified(const struct omemo_contact *c)
{
	size_t i;

	for (i = 0; i < c->decisions; i++)
		if (c->decision[i].trust == OMEMO_VERIFIED ||
		    c->decision[i].was_verified)
			return 1;
	return 0;
}

int
omemo_contact_may_use(const struct omemo_contact *c,
    const struct omemo_device *d, int verified_only)
{
	if (!d->has_key)
		return 0;
	switch (omemo_contact_trust(c, d->key)) {
	case OMEMO_VERIFIED:
		return 1;
	case OMEMO_UNVERIFIED:
		return !verified_only && !omemo_contact_was_verified(c);
	case OMEMO_REVOKED:
		break;
	}
	return 0;
}

int
omemo_contact_decide(struct omemo_contact *c, const unsigned char *key,
    enum omemo_trust trust, int64_t date)
{
	struct omemo_decision *x = find_decision(c, key);

	if (trust == OMEMO_UNVERIFIED) {
		if (x != NULL)
			*x = c->decision[--c->decisions];
		return 0;
	}
	if (x == NULL) {
		if (c->decisions == OMEMO_DECIDED)
			return -1;
		c->decision = buf_realloc(
		    c->decision, c->decisions + 1, sizeof *c->decision);
		x = &c->decision[c->decisions++];
		memset(x, 0, sizeof *x);
		memcpy(x->key, key, OMEMO_KEY);
	}
	x->was_verified |= x->trust == OMEMO_VERIFIED;
	x->was_verified &= trust == OMEMO_REVOKED;
	x->trust = trust;
	x->date = date;
	return 0;
}

struct omemo_kept *
omemo_contact_kept(struct omemo_contact *c, const unsigned char *token)
{
	size_t i;

	for (i = 0; i < c->kepts; i++)
		if (memcmp(c->kept[i].token, token, OMEMO_TOKEN) == 0)
			return &c->kept[i];
	return NULL;
}

struct omemo_kept *
omemo_contact_keep(struct omemo_contact *c)
{
	struct omemo_kept *more, *k;
	size_t i;

	for (i = 0; c->kepts == OMEMO_KEPT_MAX && i < c->kepts; i++)
		if (!c->kept[i].seen)
			omemo_contact_drop(c, &c->kept[i]);
	if (c->kepts == OMEMO_KEPT_MAX)
		return NULL;
	/* realloc(3) would leave a copy of the keys behind. */
	if (c->kepts % 16 == 0) {
		more = buf_alloc((c->kepts + 16) * sizeof *more);
		if (c->kept != NULL) {
			memcpy(more, c->kept, c->kepts * sizeof *more);
			buf_wipe(c->kept, c->kepts * sizeof *more);
		}
		free(c->kept);
		c->kept = more;
	}
	k = &c->kept[c->kepts++];
	memset(k, 0, sizeof *k);
	return k;
}

void
omemo_contact_drop(struct omemo_contact *c, struct omemo_kept *k)
{
	*k = c->kept[--c->kepts];
	buf_wipe(&c->kept[c->kepts], sizeof *k);
	if (c->kepts == 0) {
		free(c->kept);
		c->kept = NULL;
	}
}

static int
read_device(
    struct omemo_contact *c, struct omemo_device *d, const struct sexp *s)
{
	static const char *const names[] = {
	    "id", "active", "first", "latest", "key", "session"};
	const struct sexp *v[COUNT(names)];
	int64_t id;

	if (form_fields(s, names, COUNT(names), v) == -1 ||
	    form_number(v[0], 1, FORM_ID, &id) == -1 ||
	    omemo_contact_device(c, (uint32_t)id) != NULL ||
	    form_number(v[2], 0, DATE_MAX, &d->first) == -1 ||
	    form_number(v[3], 0, DATE_MAX, &d->latest) == -1)
		return -1;
	d->id = (uint32_t)id;
	d->active = form_word(v[1], truth, COUNT(truth));
	d->has_key = v[4]->text != NULL && v[4]->len > 0;
	if (d->active == -1 || v[4]->text == NULL ||
	    (d->has_key && form_hex(v[4], d->key, OMEMO_KEY) == -1))
		return -1;
	return form_bytes(v[5], OMEMO_SESSION, &d->session, &d->session_len);
}

/* Reads the list S of at most MAX elements with READ. */
static int
read_list(struct omemo_contact *c, const struct sexp *s, size_t max,
    int (*read)(struct omemo_contact *c, const struct sexp *s))
{
	if (s->text != NULL || s->len > max)
		return -1;
	for (s = s->first; s != NULL; s = s->next)
		if (read(c, s) == -1)
			return -1;
	return 0;
}

static int
read_one_device(struct omemo_contact *c, const struct sexp *s)
{
	struct omemo_device d = {0};
	size_t i, all = 0;
	int status = read_device(c, &d, s);

	for (i = 0; i < c->devices; i++)
		all += c->device[i].session_len;
	if (status == -1 || all + d.session_len > OMEMO_SESSIONS ||
	    (d.session != NULL && !d.has_key)) {
		omemo_contact_end(&d);
		return -1;
	}
	c->device[c->devices++] = d;
	return 0;
}

static int
read_decision(struct omemo_contact *c, const struct sexp *s)
{
	static const char *const names[] = {"key", "trust", "date"};
	const struct sexp *v[COUNT(names)];
	unsigned char key[OMEMO_KEY];
	int64_t date;
	int trust;

	if (form_fields(s, names, COUNT(names), v) == -1 ||
	    form_hex(v[0], key, sizeof key) == -1 ||
	    form_number(v[2], 0, DATE_MAX, &date) == -1)
		return -1;
	trust = form_word(v[1], trusts, COUNT(trusts));
	if (trust < OMEMO_VERIFIED || find_decision(c, key) != NULL)
		return -1;
	if (trust == REVOKED_VERIFIED &&
	    omemo_contact_decide(c, key, OMEMO_VERIFIED, date) == -1)
		return -1;
	return omemo_contact_decide(c, key,
	    trust == REVOKED_VERIFIED ? OMEMO_REVOKED : (enum omemo_trust)trust,
	    date);
}

/* Bytes of a kept key in the file, before the key itself. */
#define KEPT_HEAD (OMEMO_TOKEN + 8)

static void
put_number(unsigned char *at, uint32_t n)
{
	int i;

	for (i = 0; i < 4; i++)
		at[i] = (unsigned char)(n >> (24 - 8 * i));
}

static uint32_t
get_number(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

/* Reads a kept key: one atom, as there may be many. */
static int
read_kept(struct omemo_contact *c, const struct sexp *s)
{
	struct omemo_kept *k = omemo_contact_keep(c);
	unsigned char bytes[KEPT_HEAD + sizeof k->key];
	size_t n = s->len / 2;
	int status = -1;

	if ((n == KEPT_HEAD + 16 || n == KEPT_HEAD + 32) &&
	    form_hex(s, bytes, n) == 0) {
		memcpy(k->token, bytes, OMEMO_TOKEN);
		k->device = get_number(bytes + OMEMO_TOKEN);
		k->prekey = get_number(bytes + OMEMO_TOKEN + 4);
		k->key_len = n - KEPT_HEAD;
		memcpy(k->key, bytes + KEPT_HEAD, k->key_len);
		status = 0;
	}
	buf_wipe(bytes, sizeof bytes);
	return status;
}

static int
read_contact(struct omemo_contact *c, const struct sexp *s)
{
	static const char *const names[] = {
	    "encryption", "verified", "used", "devices", "keys", "kept"};
	const struct sexp *v[COUNT(names)];
	int wish;

	if (form_fields(s, names, COUNT(names), v) == -1)
		return -1;
	wish = form_word(v[0], wishes, COUNT(wishes));
	c->verified_only = form_word(v[1], truth, COUNT(truth));
	c->used = form_word(v[2], truth, COUNT(truth));
	if (wish == -1 || c->verified_only == -1 || c->used == -1)
		return -1;
	c->wish = (enum omemo_wish)wish;
	if (read_list(c, v[3], OMEMO_DEVICES, read_one_device) == -1 ||
	    read_list(c, v[4], OMEMO_DECIDED, read_decision) == -1)
		return -1;
	return read_list(c, v[5], OMEMO_KEPT_MAX, read_kept);
}

int
omemo_contact_parse(
    struct omemo_contact *c, const void *p, size_t n, struct sexp_error *e)
{
	const struct sexp *record;
	struct sexp_tree *t;
	int status;

	omemo_contact_init(c);
	t = form_parse(p, n, &record, e);
	if (t == NULL)
		return -1;
	status = read_contact(c, record);
	if (status == -1) {
		e->line = record->line;
		e->column = record->column;
		strcpy(e->why, "expected the OMEMO record of a contact");
		omemo_contact_clear(c);
	}
	sexp_free(t);
	return status;
}

static struct sexp *
build_device(struct sexp_tree *t, const struct omemo_device *d)
{
	struct sexp *s = sexp_list(t);

	form_put_number(t, s, "id", d->id);
	form_put_word(t, s, "active", truth[d->active]);
	form_put_number(t, s, "first", d->first);
	form_put_number(t, s, "latest", d->latest);
	form_put_bytes(t, s, "key", d->key, d->has_key ? OMEMO_KEY : 0);
	form_put_bytes(t, s, "session", d->session, d->session_len);
	return s;
}

static struct sexp *
build_decision(struct sexp_tree *t, const struct omemo_decision *x)
{
	struct sexp *s = sexp_list(t);

	form_put_bytes(t, s, "key", x->key, OMEMO_KEY);
	form_put_word(t, s, "trust",
	    trusts[x->was_verified ? REVOKED_VERIFIED : (int)x->trust]);
	form_put_number(t, s, "date", x->date);
	return s;
}

static struct sexp *
build_kept(struct sexp_tree *t, const struct omemo_kept *k)
{
	unsigned char bytes[KEPT_HEAD + sizeof k->key];
	char digits[2 * sizeof bytes + 1];
	struct sexp *s;

	memcpy(bytes, k->token, OMEMO_TOKEN);
	put_number(bytes + OMEMO_TOKEN, k->device);
	put_number(bytes + OMEMO_TOKEN + 4, k->prekey);
	memcpy(bytes + KEPT_HEAD, k->key, k->key_len);
	hex_write(bytes, KEPT_HEAD + k->key_len, digits);
	s = sexp_string(t, digits);
	buf_wipe(bytes, sizeof bytes);
	buf_wipe(digits, sizeof digits);
	return s;
}

int
omemo_contact_print(const struct omemo_contact *c, struct buf *out)
{
	struct sexp_tree *t = sexp_new();
	struct sexp *record = sexp_list(t), *devices = sexp_list(t),
		    *keys = sexp_list(t), *kept = sexp_list(t);
	size_t i;
	int status;

	for (i = 0; i < c->devices; i++)
		sexp_append(devices, build_device(t, &c->device[i]));
	for (i = 0; i < c->decisions; i++)
		sexp_append(keys, build_decision(t, &c->decision[i]));
	for (i = 0; i < c->kepts; i++)
		sexp_append(kept, build_kept(t, &c->kept[i]));
	form_put_word(t, record, "encryption", wishes[c->wish]);
	form_put_word(t, record, "verified", truth[c->verified_only]);
	form_put_word(t, record, "used", truth[c->used]);
	form_put(t, record, "devices", devices);
	form_put(t, record, "keys", keys);
	form_put(t, record, "kept", kept);
	status = form_print(t, record, out);
	sexp_free(t);
	return status;
}
