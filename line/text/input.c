#include "line/text/input.h"

#include <string.h>

void
input_init(struct input *i, size_t max)
{
	memset(i, 0, sizeof *i);
	buf_init(&i->bytes, INPUT_UNREAD + max + INPUT_AHEAD);
	i->max = max;
}

void
input_clear(struct input *i)
{
	buf_clear(&i->bytes);
}

size_t
input_room(const struct input *i, size_t ahead)
{
	const unsigned char *p = buf_data(&i->bytes) + i->taken;
	size_t held = buf_len(&i->bytes) - i->taken, line = i->max + 3;

	if (i->ended)
		return 0;
	if (held < ahead)
		return ahead - held;
	/* With its CR and LF, or with the byte that makes it too long. */
	return held < line && memchr(p, '\n', held) == NULL ? line - held : 0;
}

/* The line lent last is over. */
static void
end_lent_line(struct input *i)
{
	buf_drop(&i->bytes, i->taken);
	i->ahead -= i->taken < i->ahead ? i->taken : i->ahead;
	i->taken = 0;
}

/* Takes a byte order mark off the front, once all three bytes are there. */
static void
skip_byte_order_mark(struct input *i)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t n = buf_len(&i->bytes);

	if (n > sizeof mark - 1)
		n = sizeof mark - 1;
	i->begun = memcmp(buf_data(&i->bytes), mark, n) != 0;
	if (i->begun || n < sizeof mark - 1)
		return;
	buf_drop(&i->bytes, n);
	i->scanned = 0;
	i->begun = 1;
}

void
input_add(struct input *i, const void *p, size_t n)
{
	end_lent_line(i);
	buf_add(&i->bytes, p, n);
	if (!i->begun)
		skip_byte_order_mark(i);
}

void
input_end(struct input *i)
{
	i->ended = 1;
}

/* The length of the line at the front without LF; -1: not whole yet. */
static long
find_line_end(struct input *i)
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

/* Notes that the line whose first N bytes are there is too long. */
static void
skip_long_line(struct input *i, size_t n)
{
	if (!i->skipping)
		memcpy(i->head, buf_data(&i->bytes),
		    n < INPUT_HEAD ? n : INPUT_HEAD);
	i->skipping = 1;
}

/* Returns 1 if the N bytes at P end with a CR, else 0. */
static size_t
has_cr(const void *p, size_t n)
{
	return n > 0 && ((const char *)p)[n - 1] == '\r';
}

enum input_item
input_next(struct input *i, const char **line, size_t *n)
{
	enum input_item item = INPUT_LINE;
	size_t there;
	long len;

	end_lent_line(i);
	len = find_line_end(i);
	there = len < 0 ? i->scanned : (size_t)len;
	if (there - has_cr(buf_data(&i->bytes), there) > i->max)
		skip_long_line(i, there);
	if (len < 0) {
		if (i->skipping)
			buf_reset(&i->bytes);
		if (i->skipping)
			i->scanned = 0;
		return INPUT_NONE;
	}
	*line = (const char *)buf_data(&i->bytes);
	*n = (size_t)len;
	i->taken = *n < buf_len(&i->bytes) ? *n + 1 : *n;
	if (i->taken > *n)
		*n -= has_cr(*line, *n);
	if (i->skipping) {
		item = INPUT_LONG;
		*line = i->head;
		*n = i->max < INPUT_HEAD ? i->max : INPUT_HEAD;
	}
	i->skipping = 0;
	i->scanned = 0;
	i->line++;
	if (i->ahead_lines > 0)
		i->ahead_lines--;
	return item;
}

int
input_peek(struct input *i, const char **line, size_t *n)
{
	long len;

	end_lent_line(i);
	len = find_line_end(i);
	if (len < 0 || i->skipping)
		return 0;
	*line = (const char *)buf_data(&i->bytes);
	*n = (size_t)len - has_cr(*line, (size_t)len);
	return 1;
}

int
input_waiting(const struct input *i)
{
	size_t n = buf_len(&i->bytes) - i->taken;

	return i->ended || (n > 0 && memchr(buf_data(&i->bytes) + i->taken,
					 '\n', n) != NULL);
}

void
input_rest(struct input *i)
{
	end_lent_line(i);
	if (buf_len(&i->bytes) == 0)
		buf_clear(&i->bytes);
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

	end_lent_line(i);
	p = (const char *)buf_data(&i->bytes) + i->ahead;
	lf = memchr(p, '\n', buf_len(&i->bytes) - i->ahead);
	*line = p;
	*n = lf != NULL ? (size_t)(lf - p) : buf_len(&i->bytes) - i->ahead;
	if (i->skipping || (lf == NULL && (!i->ended || *n == 0)))
		return 0;
	i->ahead += *n + (lf != NULL);
	if (lf != NULL)
		*n -= has_cr(p, *n);
	i->ahead_lines++;
	return 1;
}
