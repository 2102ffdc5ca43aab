#include "line/text/fields.h"

#include <string.h>

struct field
field_of(const char *s)
{
	return (struct field){s, s == NULL ? 0 : strlen(s)};
}

int
field_is(struct field f, const char *s)
{
	return f.p != NULL && strlen(s) == f.n && memcmp(f.p, s, f.n) == 0;
}

int
field_same(struct field a, struct field b)
{
	return a.p != NULL && b.p != NULL && a.n == b.n &&
	       memcmp(a.p, b.p, a.n) == 0;
}

struct field
field_bare(struct field peer)
{
	const char *slash = peer.p == NULL ? NULL : memchr(peer.p, '/', peer.n);

	if (slash != NULL)
		peer.n = (size_t)(slash - peer.p);
	return peer;
}

/* Takes the column at the front off REST; absent where there is none. */
static struct field
take_column(struct field *rest)
{
	struct field f = *rest;
	const char *tab;

	if (rest->p == NULL)
		return f;
	tab = memchr(rest->p, '\t', rest->n);
	if (tab == NULL) {
		*rest = (struct field){NULL, 0};
		return f;
	}
	f.n = (size_t)(tab - f.p);
	rest->p = tab + 1;
	rest->n -= f.n + 1;
	return f;
}

/* The number of N digits at P; -1 where others stand there. */
static int64_t
read_digits(const char *p, int n)
{
	int64_t value = 0;

	for (; n > 0; n--, p++) {
		if (*p < '0' || *p > '9')
			return -1;
		value = value * 10 + (*p - '0');
	}
	return value;
}

/* Days since 1970 of a date of the Gregorian calendar. */
static int64_t
days_of_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2), era = y / 400, yoe = y % 400;
	int64_t doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int64_t
field_time(struct field f)
{
	static const struct {
		int at, n;
	} parts[] = {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}};
	int64_t v[6], ms = 0;
	int i;

	if (f.p == NULL || f.n < 20 || f.p[f.n - 1] != 'Z')
		return -1;
	for (i = 0; i < 6; i++) {
		v[i] = read_digits(f.p + parts[i].at, parts[i].n);
		if (v[i] < 0)
			return -1;
	}
	/* A fraction may be shorter or longer than ours. */
	if (f.n >= 24 && f.p[19] == '.')
		ms = read_digits(f.p + 20, 3);
	return ms < 0 ? -1
		      : ((days_of_date(v[0], v[1], v[2]) * 24 + v[3]) * 60 +
			    v[4]) *
				60000 +
			    v[5] * 1000 + ms;
}

int
fields_read(struct fields *f, const char *line, size_t n)
{
	struct field rest = {line, n}, tag = take_column(&rest);
	struct field time = take_column(&rest);

	f->line = (struct field){line, n};
	f->tag = event_find(tag.p, tag.n);
	f->peer = take_column(&rest);
	f->text = take_column(&rest);
	f->rest = rest;
	if (f->tag == EVENT_TAGS || f->text.p == NULL ||
	    (f->time = field_time(time)) == -1)
		return -1;
	if (field_is(f->peer, "-"))
		f->peer = (struct field){NULL, 0};
	if (field_is(f->text, "-"))
		f->text = (struct field){NULL, 0};
	return 0;
}

struct field
fields_next(struct field *rest)
{
	return take_column(rest);
}

struct field
fields_get(const struct fields *f, const char *key)
{
	struct field rest = f->rest, a;
	size_t n = strlen(key);

	while ((a = take_column(&rest)).p != NULL) {
		if (a.n <= n || memcmp(a.p, key, n) != 0 || a.p[n] != '=')
			continue;
		a.p += n + 1;
		a.n -= n + 1;
		if (!field_is(a, "-"))
			return a;
		break;
	}
	return (struct field){NULL, 0};
}
