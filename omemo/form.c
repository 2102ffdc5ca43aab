#include "omemo/form.h"

#include <bearssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/hex.h"

#define VERSION_WORD "1"

void
form_digest(const void *p, size_t len, unsigned char *out, size_t n)
{
	unsigned char hash[br_sha256_SIZE];
	br_sha256_context c;

	br_sha256_init(&c);
	br_sha256_update(&c, p, len);
	br_sha256_out(&c, hash);
	memcpy(out, hash, n);
	buf_wipe(hash, sizeof hash);
	buf_wipe(&c, sizeof c);
}

static int
sum_record(const struct sexp *record, unsigned char sum[FORM_SUM])
{
	struct buf mach;
	int status;

	buf_init(&mach, FORM_MAX);
	status = sexp_mach(record, &mach);
	if (status == 0)
		form_digest(buf_data(&mach), buf_len(&mach), sum, FORM_SUM);
	buf_clear(&mach);
	return status;
}

int
form_print(struct sexp_tree *t, struct sexp *record, struct buf *out)
{
	unsigned char sum[FORM_SUM];
	struct sexp *whole = sexp_list(t);
	char digits[2 * FORM_SUM + 1];

	if (sum_record(record, sum) == -1)
		return -1;
	hex_write(sum, FORM_SUM, digits);
	sexp_append(whole, sexp_string(t, VERSION_WORD));
	sexp_append(whole, sexp_string(t, digits));
	sexp_append(whole, record);
	return sexp_hum(whole, out);
}

/* Fills E with the place of S and WHY. Returns NULL. */
static struct sexp_tree *
refuse_form(struct sexp_tree *t, const struct sexp *s, const char *why,
    struct sexp_error *e)
{
	e->line = s->line;
	e->column = s->column;
	snprintf(e->why, sizeof e->why, "%s", why);
	sexp_free(t);
	return NULL;
}

struct sexp_tree *
form_parse(
    const void *p, size_t n, const struct sexp **record, struct sexp_error *e)
{
	struct sexp_tree *t = sexp_parse(p, n, e);
	const struct sexp *root = t == NULL ? NULL : sexp_root(t);
	unsigned char stored[FORM_SUM], sum[FORM_SUM];

	if (t == NULL)
		return NULL;
	if (root->text != NULL || root->len != 3 || root->first->text == NULL)
		return refuse_form(t, root, "expected (1 SUM RECORD)", e);
	if (strcmp(root->first->text, VERSION_WORD) != 0)
		return refuse_form(
		    t, root->first, "expected version 1 of this file", e);
	if (root->last->text != NULL ||
	    form_hex(root->first->next, stored, sizeof stored) == -1)
		return refuse_form(t, root, "expected (1 SUM RECORD)", e);
	if (sum_record(root->last, sum) == -1 ||
	    memcmp(sum, stored, FORM_SUM) != 0)
		return refuse_form(t, root->first->next,
		    "expected another checksum: the file is damaged", e);
	*record = root->last;
	return t;
}

static int
find_name(const struct sexp *pair, const char *const name[], size_t count)
{
	if (pair->text != NULL || pair->len != 2)
		return -1;
	return form_word(pair->first, name, count);
}

int
form_fields(const struct sexp *s, const char *const name[], size_t count,
    const struct sexp *value[])
{
	const struct sexp *pair;
	size_t seen = 0;
	int i;

	memset(value, 0, count * sizeof *value);
	if (s->text != NULL)
		return -1;
	for (pair = s->first; pair != NULL; pair = pair->next) {
		i = find_name(pair, name, count);
		if (i == -1 || value[i] != NULL)
			return -1;
		value[i] = pair->last;
		seen++;
	}
	return seen == count ? 0 : -1;
}

int
form_number(const struct sexp *s, int64_t min, int64_t max, int64_t *out)
{
	char digits[24];
	char *end;
	long long n;

	if (s->text == NULL || s->len == 0 || s->len > 18)
		return -1;
	n = strtoll(s->text, &end, 10);
	snprintf(digits, sizeof digits, "%lld", n);
	if (strcmp(digits, s->text) != 0 || strlen(s->text) != s->len)
		return -1;
	if (n < min || n > max)
		return -1;
	*out = n;
	return 0;
}

int
form_word(const struct sexp *s, const char *const word[], size_t count)
{
	size_t i;

	for (i = 0; s->text != NULL && i < count; i++)
		if (strcmp(s->text, word[i]) == 0 && strlen(word[i]) == s->len)
			return (int)i;
	return -1;
}

static int
digit_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int
form_hex(const struct sexp *s, unsigned char *out, size_t n)
{
	size_t i;
	int high, low;

	if (s->text == NULL || s->len != 2 * n)
		return -1;
	for (i = 0; i < n; i++) {
		high = digit_value(s->text[2 * i]);
		low = digit_value(s->text[2 * i + 1]);
		if (high == -1 || low == -1)
			return -1;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

int
form_bytes(const struct sexp *s, size_t max, unsigned char **out, size_t *n)
{
	*out = NULL;
	*n = 0;
	if (s->text == NULL || s->len % 2 != 0 || s->len / 2 > max)
		return -1;
	if (s->len == 0)
		return 0;
	*out = buf_alloc(s->len / 2);
	*n = s->len / 2;
	if (form_hex(s, *out, *n) == 0)
		return 0;
	free(*out);
	*out = NULL;
	*n = 0;
	return -1;
}

void
form_put(struct sexp_tree *t, struct sexp *list, const char *name,
    struct sexp *value)
{
	struct sexp *pair = sexp_append(sexp_list(t), sexp_string(t, name));

	sexp_append(list, sexp_append(pair, value));
}

void
form_put_number(
    struct sexp_tree *t, struct sexp *list, const char *name, int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%lld", (long long)value);
	form_put_word(t, list, name, digits);
}

void
form_put_word(
    struct sexp_tree *t, struct sexp *list, const char *name, const char *text)
{
	form_put(t, list, name, sexp_string(t, text));
}

void
form_put_bytes(struct sexp_tree *t, struct sexp *list, const char *name,
    const void *p, size_t n)
{
	char *digits = buf_alloc(2 * n + 1);

	hex_write(p, n, digits);
	form_put_word(t, list, name, digits);
	buf_free_secret(digits);
}

int
form_from_hex(const char *text, unsigned char *out, size_t n)
{
	size_t got = 0;
	int value;

	for (; *text != '\0'; text++) {
		if (*text == ' ' || *text == ':')
			continue;
		value = hex_value(*text);
		if (value == -1 || got == 2 * n)
			return -1;
		if (got % 2 == 0)
			out[got / 2] = (unsigned char)(value << 4);
		else
			out[got / 2] |= (unsigned char)value;
		got++;
	}
	return got == 2 * n ? 0 : -1;
}
