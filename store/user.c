#include "store/user.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/record.h"

#define CURRENT	  1
#define DAY	  86400
#define EXTRA_MAX ((size_t)1 << 20) /* bytes of unknown fields, at most */
#define COUNT(a)  (sizeof(a) / sizeof *(a))

static const char *const subscriptions[] = {
    "None", "From", "To", "Both", "Remove", NULL};
static const char *const properties[] = {"Pending", "PreApproved", NULL};
static const char *const ways[] = {"Manual", "SMP", NULL};

void
user_init(struct user *u, enum user_kind kind, const char *jid)
{
	memset(u, 0, sizeof *u);
	u->kind = kind;
	u->jid = buf_strdup(jid);
}

/* Frees what F owns. */
static void
clear_fingerprint(struct user_fingerprint *f)
{
	free(f->data);
	free(f->verified);
	record_strings_free(f->resources, f->resource_count);
	free(f->extra);
}

void
user_clear(struct user *u)
{
	size_t i;

	free(u->jid);
	free(u->name);
	record_strings_free(u->groups, u->group_count);
	for (i = 0; i < u->fingerprint_count; i++)
		clear_fingerprint(&u->fingerprints[i]);
	free(u->fingerprints);
	free(u->nick);
	buf_free_secret(u->password);
	buf_free_secret(u->extra);
	free(u->custom_extra);
	memset(u, 0, sizeof *u);
}

/* Reads the record S. Fields that are not in FIELD go to *UNKNOWN. */
static int
read_record(const struct sexp *s, void *object,
    const struct record_field *field, size_t count, char **unknown,
    struct sexp_error *e)
{
	struct buf extra;
	int status;

	buf_init(&extra, EXTRA_MAX);
	status = record_read(s, object, field, count, &extra, e);
	if (status == 0 && buf_len(&extra) > 0)
		*unknown = buf_strdup(buf_str(&extra));
	buf_clear(&extra);
	return status;
}

/* Reads the name of version 0, which is no option; an empty one means none. */
static int
read_old_name(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct user *u = object;

	if (v->text != NULL && v->len == 0)
		return 0;
	return record_string(v, &u->name, e);
}

/* Reads the old form `user@host`, and drops a resource. */
static int
read_old_jid(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct user *u = object;
	const char *host;

	if (record_string(v, &u->jid, e) == -1)
		return -1;
	u->jid[strcspn(u->jid, "/")] = '\0';
	host = strchr(u->jid, '@');
	host = host == NULL ? u->jid : host + 1;
	if (*u->jid == '@' || *host == '\0' || strchr(host, '@') != NULL)
		return record_fail(v, "user@host", e);
	return 0;
}

static int
read_jid(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct user *u = object;

	return record_jid(v, &u->jid, e);
}

static int
read_groups(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct user *u = object;

	return record_strings(v, &u->groups, &u->group_count, e);
}

static int
read_properties(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct user *u = object;

	return record_set(
	    v, properties, &u->properties, &u->properties_order, e);
}

static int
read_subscription(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct user *u = object;
	int i =
	    record_word(v, subscriptions, "None, From, To, Both or Remove", e);

	if (i == -1)
		return -1;
	u->subscription = (enum user_subscription)i;
	return 0;
}

static int
read_policies(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct user *u = object;

	return record_set(
	    v, record_policies, &u->policies, &u->policies_order, e);
}

static int
read_versions(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct user *u = object;

	return record_set(
	    v, record_versions, &u->versions, &u->versions_order, e);
}

static int
read_custom(void *object, const struct sexp *v, struct sexp_error *e)
{
	static const struct record_field fields[] = {
	    RECORD_READ("policies", RECORD_REQUIRED, read_policies),
	    RECORD_READ("versions", RECORD_REQUIRED, read_versions),
	};
	struct user *u = object;

	if (record_option(v, &v, e) == -1)
		return -1;
	if (v == NULL)
		return 0;
	u->has_custom = 1;
	return read_record(v, u, fields, COUNT(fields), &u->custom_extra, e);
}

static void
add_verification(struct user_fingerprint *f, enum user_how how, int64_t date)
{
	size_t n = f->verified_count + 1;

	f->verified = buf_realloc(f->verified, n, sizeof *f->verified);
	f->verified[n - 1].how = how;
	f->verified[n - 1].date = date;
	f->verified_count = n;
}

static int
read_verifications(
    struct user_fingerprint *f, const struct sexp *v, struct sexp_error *e)
{
	const struct sexp *i;
	int64_t date;
	int how;

	f->trust = USER_VERIFIED;
	if (v->text != NULL)
		return record_fail(v, "a list of (Manual DATE), (SMP DATE)", e);
	for (i = v->first; i != NULL; i = i->next) {
		if (i->text != NULL || i->len != 2)
			return record_fail(i, "(Manual DATE) or (SMP DATE)", e);
		how = record_word(i->first, ways, "Manual or SMP", e);
		if (how == -1 || record_date(i->last, &date, e) == -1)
			return -1;
		add_verification(f, (enum user_how)how, date);
	}
	return 0;
}

/* Reads the trust. Old versions wrote an atom; new ones only `Unverified`. */
static int
read_verified(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct user_fingerprint *f = object;

	if (record_is(v, "Unverified") || record_is(v, "false"))
		return 0;
	if (record_is(v, "Verified") || record_is(v, "true")) {
		f->trust = USER_VERIFIED;
		add_verification(f, USER_MANUAL, 0);
		return 0;
	}
	if (record_is(v, "Revoked")) {
		f->trust = USER_REVOKED;
		return 0;
	}
	if (v->text == NULL && v->len == 2) {
		if (record_is(v->first, "Verified"))
			return read_verifications(f, v->last, e);
		if (record_is(v->first, "Revoked")) {
			f->trust = USER_REVOKED;
			return record_date(v->last, &f->revoked, e);
		}
	}
	return record_fail(
	    v, "Unverified, (Verified LIST) or (Revoked DATE)", e);
}

static int
read_resources(void *object, const struct sexp *v, struct sexp_error *e)
{
	struct user_fingerprint *f = object;

	return record_strings(v, &f->resources, &f->resource_count, e);
}

#define MEMBER(member) offsetof(struct user_fingerprint, member)

static int
read_fingerprints(void *object, const struct sexp *v, struct sexp_error *e)
{
	static const struct record_field fields[] = {
	    RECORD("data", RECORD_STRING, user_fingerprint, data),
	    RECORD_READ("verified", RECORD_REQUIRED, read_verified),
	    RECORD_READ("resources", RECORD_REQUIRED, read_resources),
	    RECORD("session_count", RECORD_COUNT, user_fingerprint, sessions),
	    {"first", RECORD_DATE, MEMBER(first), 0, NULL},
	    {"last", RECORD_DATE, MEMBER(last), 0, NULL},
	};
	struct user *u = object;
	struct user_fingerprint *f;
	const struct sexp *i;

	if (v->text != NULL)
		return record_fail(v, "a list of fingerprints", e);
	u->fingerprints = buf_alloc(v->len * sizeof *u->fingerprints);
	for (i = v->first; i != NULL; i = i->next) {
		f = &u->fingerprints[u->fingerprint_count++];
		if (read_record(i, f, fields, COUNT(fields), &f->extra, e) ==
		    -1)
			return -1;
	}
	return 0;
}

/* Reads a contact. The form of its name changed with version 1. */
static int
read_contact(
    struct user *u, const struct sexp *s, int version, struct sexp_error *e)
{
	static const struct record_field now = {
	    "name", RECORD_OPTION, offsetof(struct user, name), 1, NULL};
	static const struct record_field then =
	    RECORD_READ("name", RECORD_REQUIRED, read_old_name);
	const struct record_field fields[] = {
	    version == 0 ? then : now,
	    RECORD_READ("jid", 0, read_old_jid),
	    RECORD_READ("bare_jid", 0, read_jid),
	    RECORD_READ("groups", RECORD_REQUIRED, read_groups),
	    RECORD("preserve_history", RECORD_BOOL, user, preserve),
	    RECORD_READ("properties", RECORD_REQUIRED, read_properties),
	    RECORD_READ("subscription", RECORD_REQUIRED, read_subscription),
	    RECORD_READ("otr_fingerprints", RECORD_REQUIRED, read_fingerprints),
	    RECORD_READ("otr_custom_config", 0, read_custom),
	};

	u->kind = USER_CONTACT;
	if (read_record(s, u, fields, COUNT(fields), &u->extra, e) == -1)
		return -1;
	if (u->jid == NULL)
		return record_fail(s, "a field (bare_jid ...) in here", e);
	return 0;
}

static int
read_room(struct user *u, const struct sexp *s, struct sexp_error *e)
{
	static const struct record_field fields[] = {
	    RECORD_READ("room_jid", RECORD_REQUIRED, read_jid),
	    RECORD("my_nick", RECORD_STRING, user, nick),
	    RECORD("preserve_messages", RECORD_BOOL, user, preserve),
	    RECORD("autojoin", RECORD_BOOL, user, autojoin),
	    RECORD("password", RECORD_OPTION, user, password),
	};

	u->kind = USER_ROOM;
	return read_record(s, u, fields, COUNT(fields), &u->extra, e);
}

/* Reads `(VERSION REST)` into *VERSION and *REST. */
static int
read_frame(const struct sexp *s, int64_t *version, const struct sexp **rest,
    struct sexp_error *e)
{
	if (s->text != NULL || s->len != 2)
		return record_fail(s, "(VERSION RECORD)", e);
	*rest = s->last;
	return record_int(s->first, 0, CURRENT, version, e);
}

int
user_parse(struct user *u, const void *p, size_t n, struct sexp_error *e)
{
	struct sexp_tree *t = sexp_parse(p, n, e);
	const struct sexp *record = NULL;
	int64_t version;
	int status = -1;

	memset(u, 0, sizeof *u);
	if (t != NULL && read_frame(sexp_root(t), &version, &record, e) == 0) {
		if (record_find(record, "room_jid") != NULL)
			status = read_room(u, record, e);
		else
			status = read_contact(u, record, (int)version, e);
	}
	sexp_free(t);
	if (status == -1)
		user_clear(u);
	return status;
}

/*
 * Reads all records of S into LIST. Returns the number of bad ones, with E
 * about the first of them.
 */
static int
read_list(struct user *list, size_t *count, const struct sexp *s, int version,
    struct sexp_error *e)
{
	struct sexp_error later, *where = e;
	const struct sexp *i;
	struct user *u;
	int bad = 0;

	for (i = s->first; i != NULL; i = i->next) {
		u = &list[*count];
		if (read_contact(u, i, version, where) == 0) {
			(*count)++;
			continue;
		}
		user_clear(u);
		where = &later;
		bad++;
	}
	return bad;
}

int
user_parse_list(struct user **list, size_t *count, const void *p, size_t n,
    struct sexp_error *e)
{
	struct sexp_tree *t = sexp_parse(p, n, e);
	const struct sexp *users = NULL;
	int64_t version;
	int status = -1;

	*list = NULL;
	*count = 0;
	if (t == NULL)
		return -1;
	if (read_frame(sexp_root(t), &version, &users, e) == -1)
		goto out;
	if (users->text != NULL) {
		record_fail(users, "a list of contacts", e);
		goto out;
	}
	*list = buf_alloc((users->len + 1) * sizeof **list);
	status = read_list(*list, count, users, (int)version, e);
out:
	sexp_free(t);
	return status;
}

static struct sexp *
build_verified(struct sexp_tree *t, const struct user_fingerprint *f)
{
	struct sexp *s, *list, *item;
	size_t i;

	if (f->trust == USER_UNVERIFIED)
		return sexp_string(t, "Unverified");
	s = sexp_list(t);
	if (f->trust == USER_REVOKED) {
		sexp_append(s, sexp_string(t, "Revoked"));
		return sexp_append(s, record_number(t, f->revoked));
	}
	list = sexp_list(t);
	for (i = 0; i < f->verified_count; i++) {
		item = sexp_list(t);
		sexp_append(item, sexp_string(t, ways[f->verified[i].how]));
		sexp_append(item, record_number(t, f->verified[i].date));
		sexp_append(list, item);
	}
	sexp_append(s, sexp_string(t, "Verified"));
	return sexp_append(s, list);
}

static struct sexp *
build_fingerprints(struct sexp_tree *t, const struct user *u)
{
	struct sexp *list = sexp_list(t), *s;
	size_t i;

	for (i = 0; i < u->fingerprint_count; i++) {
		const struct user_fingerprint *f = &u->fingerprints[i];

		s = sexp_list(t);
		record_put(t, s, "data", sexp_string(t, f->data));
		record_put(t, s, "verified", build_verified(t, f));
		record_put(t, s, "resources",
		    record_texts(t, f->resources, f->resource_count));
		record_put(
		    t, s, "session_count", record_number(t, f->sessions));
		record_put(t, s, "first", record_number(t, f->first));
		record_put(t, s, "last", record_number(t, f->last));
		record_put_extra(t, s, f->extra);
		sexp_append(list, s);
	}
	return list;
}

static struct sexp *
build_custom(struct sexp_tree *t, const struct user *u)
{
	/* The OCaml jackline lists version 3 first. */
	unsigned order = u->versions_order == 0 ? 2 : u->versions_order;
	struct sexp *s;

	if (!u->has_custom)
		return sexp_list(t);
	s = sexp_list(t);
	record_put(t, s, "policies",
	    record_words(t, record_policies, u->policies, u->policies_order));
	record_put(t, s, "versions",
	    record_words(t, record_versions, u->versions, order));
	record_put_extra(t, s, u->custom_extra);
	return record_some(t, s);
}

static struct sexp *
build_contact(struct sexp_tree *t, const struct user *u)
{
	struct sexp *s = sexp_list(t);

	record_put(t, s, "name", record_optional(t, u->name));
	record_put(t, s, "bare_jid", record_address(t, u->jid, strlen(u->jid)));
	record_put(t, s, "groups", record_texts(t, u->groups, u->group_count));
	record_put(t, s, "preserve_history", record_bool(t, u->preserve));
	record_put(t, s, "properties",
	    record_words(t, properties, u->properties, u->properties_order));
	record_put(t, s, "subscription",
	    sexp_string(t, subscriptions[u->subscription]));
	record_put(t, s, "otr_fingerprints", build_fingerprints(t, u));
	record_put(t, s, "otr_custom_config", build_custom(t, u));
	record_put_extra(t, s, u->extra);
	return s;
}

static struct sexp *
build_room(struct sexp_tree *t, const struct user *u)
{
	struct sexp *s = sexp_list(t);
	const char *nick = u->nick == NULL ? "" : u->nick;

	record_put(t, s, "room_jid", record_address(t, u->jid, strlen(u->jid)));
	record_put(t, s, "my_nick", sexp_string(t, nick));
	record_put(t, s, "preserve_messages", record_bool(t, u->preserve));
	record_put(t, s, "autojoin", record_bool(t, u->autojoin));
	record_put(t, s, "password", record_optional(t, u->password));
	record_put_extra(t, s, u->extra);
	return s;
}

int
user_print(const struct user *u, struct buf *out)
{
	struct sexp_tree *t = sexp_new();
	struct sexp *s = sexp_list(t);
	int status;

	sexp_append(s, record_number(t, CURRENT));
	sexp_append(
	    s, u->kind == USER_ROOM ? build_room(t, u) : build_contact(t, u));
	status = sexp_hum(s, out);
	sexp_free(t);
	return status;
}

int
user_is_kept(const struct user *u)
{
	return u->kind == USER_ROOM || u->preserve || u->has_custom ||
	       u->fingerprint_count > 0 || u->extra != NULL;
}

static int
lower_digit(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static int
same_digits(const char *a, const char *b)
{
	for (; *a != '\0' && lower_digit(*a) == lower_digit(*b); a++, b++)
		;
	return *a == *b;
}

struct user_fingerprint *
user_fingerprint(const struct user *u, const char *data)
{
	size_t i;

	for (i = 0; i < u->fingerprint_count; i++)
		if (same_digits(u->fingerprints[i].data, data))
			return &u->fingerprints[i];
	return NULL;
}

/* Returns the second at which the day of NOW begins, before 1970 too. */
static int64_t
start_of_day(int64_t now)
{
	int64_t rest = now % DAY;

	return now - (rest < 0 ? rest + DAY : rest);
}

/* Drops the unverified key of U unused longest, if there are too many. */
static void
drop_fingerprint(struct user *u)
{
	struct user_fingerprint *f = u->fingerprints, *oldest = NULL;
	size_t i, unverified = 0;

	for (i = 0; i < u->fingerprint_count; i++) {
		if (f[i].trust != USER_UNVERIFIED)
			continue;
		unverified++;
		/* The last of several with the same day was added first. */
		if (oldest == NULL || f[i].last <= oldest->last)
			oldest = &f[i];
	}
	if (unverified < USER_FINGERPRINTS)
		return;
	clear_fingerprint(oldest);
	i = (size_t)(oldest - f);
	memmove(
	    oldest, oldest + 1, (--u->fingerprint_count - i) * sizeof *oldest);
}

static struct user_fingerprint *
add_fingerprint(struct user *u, const char *data, int64_t date)
{
	struct user_fingerprint *f;
	size_t n;
	char *c;

	drop_fingerprint(u);
	n = u->fingerprint_count++;
	f = u->fingerprints = buf_realloc(u->fingerprints, n + 1, sizeof *f);
	memmove(f + 1, f, n * sizeof *f);
	memset(f, 0, sizeof *f);
	f->data = buf_strdup(data);
	for (c = f->data; *c != '\0'; c++)
		*c = (char)lower_digit(*c);
	f->first = date;
	return f;
}

static void
add_resource(struct user_fingerprint *f, const char *resource)
{
	size_t i, n = f->resource_count;

	if (strlen(resource) > USER_RESOURCE)
		return;
	for (i = 0; i < n; i++)
		if (strcmp(f->resources[i], resource) == 0)
			return;
	if (n >= USER_RESOURCES) {
		free(f->resources[--n]);
		f->resource_count--;
	}
	f->resources = buf_realloc(f->resources, n + 1, sizeof *f->resources);
	memmove(f->resources + 1, f->resources, n * sizeof *f->resources);
	f->resources[0] = buf_strdup(resource);
	f->resource_count++;
}

struct user_fingerprint *
user_use(struct user *u, const char *data, const char *resource, int64_t now)
{
	struct user_fingerprint *f = user_fingerprint(u, data);

	if (f == NULL)
		f = add_fingerprint(u, data, start_of_day(now));
	if (resource != NULL)
		add_resource(f, resource);
	if (f->sessions < INT64_MAX)
		f->sessions++;
	f->last = start_of_day(now);
	return f;
}

void
user_verify(struct user_fingerprint *f, enum user_how how, int64_t now)
{
	int64_t date = start_of_day(now);
	size_t i;

	if (f->trust != USER_VERIFIED)
		f->verified_count = 0;
	f->trust = USER_VERIFIED;
	f->revoked = 0;
	for (i = 0; i < f->verified_count; i++)
		if (f->verified[i].how == how && f->verified[i].date == date)
			return;
	i = f->verified_count++;
	f->verified =
	    buf_realloc(f->verified, f->verified_count, sizeof *f->verified);
	for (; i > 0; i--)
		f->verified[i] = f->verified[i - 1];
	f->verified[0].how = how;
	f->verified[0].date = date;
}

void
user_revoke(struct user_fingerprint *f, int64_t now)
{
	f->trust = USER_REVOKED;
	f->revoked = start_of_day(now);
	f->verified_count = 0;
}

int
user_has_verified(const struct user *u, const char *data)
{
	size_t i;

	for (i = 0; i < u->fingerprint_count; i++)
		if (u->fingerprints[i].trust == USER_VERIFIED &&
		    (data == NULL ||
			!same_digits(u->fingerprints[i].data, data)))
			return 1;
	return 0;
}
