#include "store/record.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY	   86400
#define FIELDS_MAX 32
#define WORD_BITS  3 /* of an order: index + 1 of each word */

/* The first and the last second of the years 0 to 9999. */
#define TIME_MIN (-62167219200.0)
#define TIME_MAX 253402300799.0

const char *const record_policies[] = {"REQUIRE_ENCRYPTION",
    "SEND_WHITESPACE_TAG", "WHITESPACE_START_AKE", "ERROR_START_AKE",
    "REVEAL_MACS", NULL};
const char *const record_versions[] = {"V2", "V3", NULL};

int
record_fail(const struct sexp *s, const char *what, struct sexp_error *e)
{
	e->line = s->line;
	e->column = s->column;
	snprintf(e->why, sizeof e->why, "expected %s", what);
	return -1;
}

int
record_is(const struct sexp *s, const char *text)
{
	return s->text != NULL && s->len == strlen(text) &&
	       memcmp(s->text, text, s->len) == 0;
}

/* Returns 1 if S is `(name value)`, where the name is any atom. */
static int
is_field(const struct sexp *s)
{
	return s->text == NULL && s->len == 2 && s->first->text != NULL;
}

const struct sexp *
record_find(const struct sexp *s, const char *name)
{
	const struct sexp *i;

	for (i = s->first; i != NULL; i = i->next)
		if (is_field(i) && record_is(i->first, name))
			return i->last;
	return NULL;
}

static int
read_bool(const struct sexp *s, int *out, struct sexp_error *e)
{
	if (record_is(s, "true") || record_is(s, "True"))
		*out = 1;
	else if (record_is(s, "false") || record_is(s, "False"))
		*out = 0;
	else
		return record_fail(s, "true or false", e);
	return 0;
}

static int
read_option(const struct sexp *s, char **out, struct sexp_error *e)
{
	const struct sexp *value;

	if (record_option(s, &value, e) == -1)
		return -1;
	return value == NULL ? 0 : record_string(value, out, e);
}

static int
read_value(const struct record_field *f, void *object, const struct sexp *v,
    struct sexp_error *e)
{
	void *member = (char *)object + f->offset;

	switch (f->type) {
	case RECORD_STRING:
		return record_string(v, member, e);
	case RECORD_OPTION:
		return read_option(v, member, e);
	case RECORD_BOOL:
		return read_bool(v, member, e);
	case RECORD_COUNT:
		return record_int(v, 0, INT64_MAX, member, e);
	case RECORD_DATE:
		return record_date(v, member, e);
	case RECORD_CUSTOM:
		break;
	}
	return f->read(object, v, e);
}

static const struct record_field *
find_field(
    const struct sexp *item, const struct record_field *field, size_t count)
{
	size_t i;

	if (is_field(item))
		for (i = 0; i < count; i++)
			if (record_is(item->first, field[i].name))
				return &field[i];
	return NULL;
}

int
record_read(const struct sexp *s, void *object,
    const struct record_field *field, size_t count, struct buf *extra,
    struct sexp_error *e)
{
	const struct record_field *f;
	const struct sexp *i;
	char what[80];
	uint32_t seen = 0;
	size_t k;

	if (s->text != NULL)
		return record_fail(s, "a list of (name value)", e);
	for (i = s->first; i != NULL; i = i->next) {
		if ((f = find_field(i, field, count)) == NULL) {
			if (extra != NULL && sexp_mach(i, extra) == -1)
				return record_fail(i, "a shorter field", e);
			/* Without a blank two atoms would become one. */
			if (extra != NULL)
				buf_addc(extra, ' ');
			continue;
		}
		k = (size_t)(f - field);
		snprintf(what, sizeof what, "the field %s only once", f->name);
		if (k < FIELDS_MAX && (seen & (UINT32_C(1) << k)) != 0)
			return record_fail(i, what, e);
		seen |= UINT32_C(1) << k;
		if (read_value(f, object, i->last, e) == -1)
			return -1;
	}
	for (k = 0; k < count; k++)
		if (field[k].options == RECORD_REQUIRED &&
		    (seen & (UINT32_C(1) << k)) == 0) {
			snprintf(what, sizeof what, "a field (%s ...) in here",
			    field[k].name);
			return record_fail(s, what, e);
		}
	return 0;
}

int
record_string(const struct sexp *s, char **out, struct sexp_error *e)
{
	if (s->text == NULL)
		return record_fail(s, "a word, not a list", e);
	if (strlen(s->text) != s->len)
		return record_fail(s, "a word without a zero byte", e);
	buf_free_secret(*out);
	*out = buf_strdup(s->text);
	return 0;
}

int
record_option(
    const struct sexp *s, const struct sexp **value, struct sexp_error *e)
{
	*value = NULL;
	if (record_is(s, "none") || record_is(s, "None"))
		return 0;
	if (s->text != NULL)
		return record_fail(s, "() or a value in brackets", e);
	if (s->len == 1)
		*value = s->first;
	else if (s->len == 2 &&
		 (record_is(s->first, "some") || record_is(s->first, "Some")))
		*value = s->last;
	else if (s->len != 0)
		return record_fail(s, "() or one value in brackets", e);
	return 0;
}

int
record_int(const struct sexp *s, int64_t min, int64_t max, int64_t *out,
    struct sexp_error *e)
{
	char what[80], *end;
	long long value;

	snprintf(what, sizeof what, "a whole number, %lld to %lld",
	    (long long)min, (long long)max);
	if (s->text == NULL || s->len == 0 ||
	    strspn(s->text, "+-0123456789") != s->len)
		return record_fail(s, what, e);
	errno = 0;
	value = strtoll(s->text, &end, 10);
	if (errno != 0 || *end != '\0' || value < min || value > max)
		return record_fail(s, what, e);
	*out = value;
	return 0;
}

/* strtod with a point in every locale, as the files have it. */
static double
to_double(const char *text, char **end)
{
	char copy[64], *dot, *stop;
	double value;

	snprintf(copy, sizeof copy, "%s", text);
	if ((dot = strchr(copy, '.')) != NULL)
		*dot = localeconv()->decimal_point[0];
	value = strtod(copy, &stop);
	*end = (char *)text + (stop - copy);
	return value;
}

int
record_float(const struct sexp *s, double *out, struct sexp_error *e)
{
	char *end;
	double value;

	if (s->text == NULL || s->len == 0 || s->len > 60 ||
	    strspn(s->text, "+-0123456789.eExXaAbBcCdDfFpP") != s->len)
		return record_fail(s, "a number", e);
	value = to_double(s->text, &end);
	if (*end != '\0' || !isfinite(value))
		return record_fail(s, "a number", e);
	*out = value;
	return 0;
}

int
record_date(const struct sexp *s, int64_t *out, struct sexp_error *e)
{
	double value;
	int64_t rest;

	if (record_float(s, &value, e) == -1)
		return -1;
	if (value < TIME_MIN || value > TIME_MAX)
		value = 0;
	*out = (int64_t)value;
	if (value < (double)*out)
		--*out;
	rest = *out % DAY;
	*out -= rest < 0 ? rest + DAY : rest;
	return 0;
}

int
record_strings(
    const struct sexp *s, char ***list, size_t *count, struct sexp_error *e)
{
	const struct sexp *i;

	if (s->text != NULL)
		return record_fail(s, "a list of words", e);
	*list = buf_realloc(NULL, s->len, sizeof **list);
	*count = 0;
	for (i = s->first; i != NULL; i = i->next) {
		(*list)[*count] = NULL;
		if (record_string(i, &(*list)[*count], e) == -1)
			return -1;
		(*count)++;
	}
	return 0;
}

void
record_strings_free(char **list, size_t count)
{
	while (count > 0)
		free(list[--count]);
	free(list);
}

int
record_word(const struct sexp *s, const char *const word[], const char *what,
    struct sexp_error *e)
{
	int i;

	for (i = 0; word[i] != NULL; i++)
		if (record_is(s, word[i]))
			return i;
	return record_fail(s, what, e);
}

int
record_set(const struct sexp *s, const char *const word[], unsigned *set,
    unsigned *order, struct sexp_error *e)
{
	const struct sexp *i;
	unsigned shift = 0;
	struct buf what;
	int k;

	*set = *order = 0;
	if (s->text != NULL)
		return record_fail(s, "a list of words", e);
	buf_init(&what, sizeof e->why);
	buf_adds(&what, "one of");
	for (k = 0; word[k] != NULL; k++)
		buf_addf(&what, " %s", word[k]);
	for (i = s->first; i != NULL; i = i->next) {
		k = record_word(i, word, buf_str(&what), e);
		if (k == -1)
			break;
		if ((*set & (1u << k)) != 0)
			continue;
		*set |= 1u << k;
		*order |= (unsigned)(k + 1) << shift;
		shift += WORD_BITS;
	}
	buf_clear(&what);
	return i == NULL ? 0 : -1;
}

int
record_jid(const struct sexp *s, char **out, struct sexp_error *e)
{
	struct buf jid;

	if (s->text != NULL || s->len != 2 || s->first->text == NULL ||
	    s->last->text == NULL)
		return record_fail(s, "(user host)", e);
	if (strlen(s->first->text) != s->first->len ||
	    strlen(s->last->text) != s->last->len || s->last->len == 0)
		return record_fail(s, "(user host) with a host", e);
	/* It would be cut elsewhere when it is written. */
	if (strpbrk(s->first->text, "@/") != NULL ||
	    strpbrk(s->last->text, "@/") != NULL)
		return record_fail(s, "(user host) without @ and /", e);
	buf_init(&jid, SEXP_SIZE);
	if (s->first->len > 0)
		buf_addf(&jid, "%s@", s->first->text);
	buf_adds(&jid, s->last->text);
	free(*out);
	*out = buf_strdup(buf_str(&jid));
	buf_clear(&jid);
	return 0;
}

void
record_put(struct sexp_tree *t, struct sexp *list, const char *name,
    struct sexp *value)
{
	struct sexp *field = sexp_list(t);

	sexp_append(sexp_append(field, sexp_string(t, name)), value);
	sexp_append(list, field);
}

struct sexp *
record_some(struct sexp_tree *t, struct sexp *s)
{
	struct sexp *list = sexp_list(t);

	return s == NULL ? list : sexp_append(list, s);
}

struct sexp *
record_optional(struct sexp_tree *t, const char *text)
{
	return record_some(t, text == NULL ? NULL : sexp_string(t, text));
}

struct sexp *
record_bool(struct sexp_tree *t, int value)
{
	return sexp_string(t, value ? "true" : "false");
}

struct sexp *
record_number(struct sexp_tree *t, int64_t value)
{
	char text[32];

	snprintf(text, sizeof text, "%lld", (long long)value);
	return sexp_string(t, text);
}

/*
 * Writes VALUE to TEXT as %.15G does, if it is a whole number of milliseconds
 * of our time. Returns -1 if it is not.
 */
static int
print_milliseconds(double value, char text[RECORD_REAL])
{
	long long ms;
	int n;

	if (!(value >= 0 && value < 1e11))
		return -1;
	ms = (long long)(value * 1000 + 0.5);
	if ((double)ms / 1000 != value)
		return -1;
	n = snprintf(text, RECORD_REAL, "%lld", ms / 1000);
	if (ms % 1000 == 0)
		return 0;
	text[n] = '.';
	text[n + 1] = (char)('0' + ms / 100 % 10);
	text[n + 2] = (char)('0' + ms / 10 % 10);
	text[n + 3] = (char)('0' + ms % 10);
	for (n += 4; text[n - 1] == '0'; n--)
		;
	text[n] = '\0';
	return 0;
}

void
record_real(double value, char text[RECORD_REAL])
{
	char *dot;

	if (print_milliseconds(value, text) == 0)
		return;
	snprintf(text, RECORD_REAL, "%.15G", value);
	if (strtod(text, NULL) != value)
		snprintf(text, RECORD_REAL, "%.17G", value);
	if ((dot = strchr(text, localeconv()->decimal_point[0])) != NULL)
		*dot = '.';
}

struct sexp *
record_texts(struct sexp_tree *t, char *const *list, size_t count)
{
	struct sexp *s = sexp_list(t);
	size_t i;

	for (i = 0; i < count; i++)
		sexp_append(s, sexp_string(t, list[i]));
	return s;
}

struct sexp *
record_words(
    struct sexp_tree *t, const char *const word[], unsigned set, unsigned order)
{
	struct sexp *s = sexp_list(t);
	unsigned k;

	for (; order != 0; order >>= WORD_BITS) {
		k = (order & ((1u << WORD_BITS) - 1)) - 1;
		if ((set & (1u << k)) != 0)
			sexp_append(s, sexp_string(t, word[k]));
		set &= ~(1u << k);
	}
	for (k = 0; word[k] != NULL; k++)
		if ((set & (1u << k)) != 0)
			sexp_append(s, sexp_string(t, word[k]));
	return s;
}

struct sexp *
record_address(struct sexp_tree *t, const char *jid, size_t len)
{
	const char *at = memchr(jid, '@', len);
	size_t local = at == NULL ? 0 : (size_t)(at - jid);
	const char *host = at == NULL ? jid : at + 1;
	struct sexp *s = sexp_list(t);

	sexp_append(s, sexp_atom(t, jid, local));
	return sexp_append(s, sexp_atom(t, host, len - (size_t)(host - jid)));
}

void
record_put_extra(struct sexp_tree *t, struct sexp *list, const char *extra)
{
	struct sexp_tree *fields;
	struct sexp_error e;
	const struct sexp *i;

	if (extra == NULL)
		return;
	fields = sexp_parse_many(extra, strlen(extra), &e);
	if (fields == NULL)
		return;
	for (i = sexp_root(fields)->first; i != NULL; i = i->next)
		sexp_append(list, sexp_copy(t, i));
	sexp_free(fields);
}
