/* What is known and trusted of a contact's keys: the second half of user.h. */
#include <stdlib.h>
#include <string.h>

#include "store/user.h"

#define DAY 86400

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static int
same_digits(const char *a, const char *b)
{
	for (; *a != '\0' && lower(*a) == lower(*b); a++, b++)
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

/* The second of the day's beginning, also before 1970. */
static int64_t
day_of(int64_t now)
{
	int64_t rest = now % DAY;

	return now - (rest < 0 ? rest + DAY : rest);
}

static struct user_fingerprint *
add_fingerprint(struct user *u, const char *data, int64_t date)
{
	size_t n = u->fingerprint_count++;
	struct user_fingerprint *f;
	char *c;

	f = u->fingerprints = buf_realloc(u->fingerprints, n + 1, sizeof *f);
	memmove(f + 1, f, n * sizeof *f);
	memset(f, 0, sizeof *f);
	f->data = buf_strdup(data);
	for (c = f->data; *c != '\0'; c++)
		*c = (char)lower(*c);
	f->first = date;
	return f;
}

static void
add_resource(struct user_fingerprint *f, const char *resource)
{
	size_t i, n = f->resource_count;

	for (i = 0; i < n; i++)
		if (strcmp(f->resources[i], resource) == 0)
			return;
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
		f = add_fingerprint(u, data, day_of(now));
	if (resource != NULL)
		add_resource(f, resource);
	if (f->sessions < INT64_MAX)
		f->sessions++;
	f->last = day_of(now);
	return f;
}

void
user_verify(struct user_fingerprint *f, enum user_how how, int64_t now)
{
	int64_t date = day_of(now);
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
	f->revoked = day_of(now);
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
