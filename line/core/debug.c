#include "line/core/debug.h"

#include <string.h>

#include "line/text/escape.h"

#define LEFT_OUT "(left out)"

/* Appends C to the name at P of *N bytes, as far as it is looked at. */
static void
add_name(char p[DEBUG_NAME], size_t *n, char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c + 'a' - 'A');
	if (*n < DEBUG_NAME - 1)
		p[(*n)++] = c;
	p[*n] = '\0';
}

/* Returns 1 if NAME is one that goes with a secret. */
static int
names_secret(const char *name)
{
	static const char *const words[] = {
	    "passw", "passphrase", "secret", "digest", "token"};
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(name, words[i]) != NULL)
			return 1;
	return 0;
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * Returns 1 if the value of the attribute that we are in is a secret, as the
 * password of an invitation is (XEP-0249).
 */
static int
hides_value(const struct debug *d)
{
	return d->hidden > 0 || names_secret(d->key);
}

/* A form's field is secret by its name or its type (XEP-0004, XEP-0045). */
static void
end_value(struct debug *d)
{
	if (strcmp(d->key, "var") == 0)
		d->is_secret |= names_secret(d->value);
	else if (strcmp(d->key, "type") == 0)
		d->is_secret |= strcmp(d->value, "text-private") == 0;
}

static void
end_tag(struct debug *d)
{
	d->state = DEBUG_TEXT;
	if (d->is_end) {
		if (d->hidden > 0)
			d->hidden--;
	} else if (!d->is_empty &&
		   (d->hidden > 0 || d->is_secret || names_secret(d->name))) {
		d->hidden++;
	}
	d->told = 0;
}

static void
begin_tag(struct debug *d)
{
	d->state = DEBUG_OPEN;
	d->name_len = d->key_len = d->value_len = 0;
	*d->name = *d->key = *d->value = '\0';
	d->is_end = d->is_empty = d->is_secret = 0;
}

/* Takes C, which is in a tag and not in quotes. */
static void
take_tag(struct debug *d, char c)
{
	if (c == '>') {
		end_tag(d);
		return;
	}
	d->is_empty = c == '/';
	if (d->state == DEBUG_OPEN && c == '/') {
		d->is_end = 1;
		d->state = DEBUG_NAMED;
	} else if (d->state == DEBUG_OPEN && (c == '!' || c == '?')) {
		d->state = DEBUG_SPECIAL;
	} else if (c == '"' || c == '\'') {
		d->state = DEBUG_VALUE;
		d->quote = c;
		d->value_len = 0;
		*d->value = '\0';
		d->told = 0;
	} else if (d->state == DEBUG_OPEN || d->state == DEBUG_NAMED) {
		d->state = is_blank(c) || c == '/' ? DEBUG_TAG : DEBUG_NAMED;
		if (d->state == DEBUG_NAMED)
			add_name(d->name, &d->name_len, c);
	} else if (is_blank(c) || c == '/') {
		d->state = d->state == DEBUG_KEY ? DEBUG_EQUALS : d->state;
	} else if (c == '=') {
		d->state = DEBUG_EQUALS;
	} else {
		if (d->state != DEBUG_KEY)
			d->key_len = 0;
		d->state = DEBUG_KEY;
		add_name(d->key, &d->key_len, c);
	}
}

/* Takes the next byte C; 0 where it is not to be seen. */
static int
take_byte(struct debug *d, char c)
{
	int shown = 1;

	switch (d->state) {
	case DEBUG_TEXT:
		if (c == '<')
			begin_tag(d);
		else
			shown = d->hidden == 0;
		break;
	case DEBUG_VALUE:
		if (c == d->quote) {
			end_value(d);
			d->state = DEBUG_TAG;
			break;
		}
		shown = !hides_value(d);
		add_name(d->value, &d->value_len, c);
		break;
	case DEBUG_SPECIAL:
		if (c == '>')
			d->state = DEBUG_TEXT;
		else if (c == '[' && d->last == 'A')
			d->state = DEBUG_CDATA;
		break;
	case DEBUG_CDATA:
		if (c == '>' && d->last == ']' && d->before == ']')
			d->state = DEBUG_TEXT;
		else
			shown = d->hidden == 0;
		break;
	default:
		take_tag(d, c);
	}
	d->before = d->last;
	d->last = c;
	return shown;
}

void
debug_skip(struct debug *d, const void *p, size_t n)
{
	const char *bytes = p;

	while (n-- > 0)
		take_byte(d, *bytes++);
}

void
debug_note(
    struct debug *d, struct buf *out, const char *way, const void *p, size_t n)
{
	const char *bytes = p;
	struct buf seen, line;
	size_t i;

	buf_init(&seen, (n + 1) * sizeof LEFT_OUT);
	buf_init(&line, 64 + 10 * (n + 1) * sizeof LEFT_OUT);
	for (i = 0; i < n; i++) {
		if (take_byte(d, bytes[i])) {
			buf_addc(&seen, bytes[i]);
		} else if (!d->told) {
			buf_adds(&seen, LEFT_OUT);
			d->told = 1;
		}
	}
	buf_addf(&line, "%s ", way);
	escape_write(&line, buf_data(&seen), buf_len(&seen), 0);
	buf_addc(&line, '\n');
	buf_add(out, buf_data(&line), buf_len(&line));
	buf_clear(&seen);
	buf_clear(&line);
}
