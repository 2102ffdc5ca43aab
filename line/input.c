#include "line/input.h"

#include <string.h>

void
input_init(struct input *i, size_t max)
{
	memset(i, 0, sizeof *i);
	buf_init(&i->bytes, INPUT_AHEAD + max);
	i->max = max;
}

void
input_clear(struct input *i)
{
	buf_clear(&i->bytes);
}

size_t
input_room(const struct input *i)
{
	size_t held = buf_len(&i->bytes) - i->taken;

	return i->ended || held >= INPUT_AHEAD ? 0 : INPUT_AHEAD - held;
}

/* The line lent last is over. */
static void
settle(struct input *i)
{
	buf_drop(&i->bytes, i->taken);
	i->ahead -= i->taken < i->ahead ? i->taken : i->ahead;
	i->taken = 0;
}

void
input_add(struct input *i, const void *p, size_t n)
{
	settle(i);
	buf_add(&i->bytes, p, n);
}

void
input_end(struct input *i)
{
	i->ended = 1;
}

/* The length of the line at the front without LF; -1: not whole yet. */
static long
find(struct input *i)
{
	const unsigned char *p = buf_data(&i->bytes), *lf;
	size_t n = buf_len(&i->bytes);

	lf = n > i->scanned ? memchr(p + i->scanned, '\n', n - i->scanned)
			    : NULL;
	if (lf != NULL)
		return lf - p;
	i->scanned = n;
	return i->ended && (n > 0 || i->skipping) ? (long)n : -1;
}

enum input_item
input_next(struct input *i, const char **line, size_t *n)
{
	enum input_item item = INPUT_LINE;
	long len;

	settle(i);
	len = find(i);
	if ((len < 0 ? i->scanned : (size_t)len) > i->max)
		i->skipping = 1;
	if (len < 0) {
		if (i->skipping)
			buf_reset(&i->bytes);
		if (i->skipping)
			i->scanned = 0;
		return INPUT_NONE;
	}
	if (i->skipping)
		item = INPUT_LONG;
	i->skipping = 0;
	*line = (const char *)buf_data(&i->bytes);
	*n = (size_t)len;
	i->taken = *n < buf_len(&i->bytes) ? *n + 1 : *n;
	i->scanned = 0;
	i->line++;
	if (i->ahead_lines > 0)
		i->ahead_lines--;
	return item;
}

int
input_waiting(const struct input *i)
{
	size_t n = buf_len(&i->bytes) - i->taken;

	return i->ended || (n > 0 && memchr(buf_data(&i->bytes) + i->taken,
					 '\n', n) != NULL);
}

unsigned long
input_held(const struct input *i)
{
	size_t at = i->taken, n = buf_len(&i->bytes);
	const unsigned char *p = buf_data(&i->bytes), *lf;
	unsigned long lines = 0;

	for (; at < n && (lf = memchr(p + at, '\n', n - at)) != NULL; lines++)
		at = (size_t)(lf + 1 - p);
	return lines + (i->ended && (at < n || i->skipping));
}

int
input_ahead(struct input *i, const char **line, size_t *n)
{
	const char *p, *lf;

	settle(i);
	p = (const char *)buf_data(&i->bytes) + i->ahead;
	lf = memchr(p, '\n', buf_len(&i->bytes) - i->ahead);
	*line = p;
	*n = lf != NULL ? (size_t)(lf - p) : buf_len(&i->bytes) - i->ahead;
	if (i->skipping || (lf == NULL && (!i->ended || *n == 0)))
		return 0;
	i->ahead += *n + (lf != NULL);
	i->ahead_lines++;
	return 1;
}
