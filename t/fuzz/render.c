/*
 * Text of others in the rows of a terminal: each byte of them is printable or
 * a sequence of ours that sets a colour, no row is wider than the window, and
 * as many rows are there as are told.
 *
 * The first byte is the depth of colours and how the event looks, the second
 * the width, the third the tag; then come its columns, raw, with tabs between.
 */
#include "line/tty/render.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "line/text/escape.h"
#include "t/fuzz/fuzz-width.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
zone(int64_t t)
{
	return (int)(t % 7) * 1800 - 3600;
}

/* Appends the N bytes at P as a column: `key=VALUE`, or text. */
static void
add_column(struct buf *line, const char *p, size_t n)
{
	size_t key = 0;

	while (key < n && p[key] >= 'a' && p[key] <= 'z')
		key++;
	buf_addc(line, '\t');
	if (key > 0 && key < n && p[key] == '=') {
		buf_add(line, p, key + 1);
		escape_write(line, p + key + 1, n - key - 1, ESCAPE_VALUE);
	} else {
		escape_write(line, p, n, 0);
	}
}

/* Returns the length of the sequence of ours that P begins with, or gives up.
 */
static size_t
sequence(const char *p)
{
	size_t n = strspn(p + 2, "0123456789;") + 2;

	if (p[1] != '[' || p[n] != 'm')
		abort();
	return n + 1;
}

static void
check(struct buf *out, int rows, int columns)
{
	const char *p = buf_str(out), *end = p + buf_len(out);
	int told = 0, wide = 0, w;
	uint32_t cp;
	size_t n;

	for (; p < end; p += n) {
		n = 1;
		if (*p == '\n') {
			told++;
			wide = 0;
			continue;
		}
		if (*p == '\033') {
			n = sequence(p);
			continue;
		}
		n = utf8_decode(
		    (const unsigned char *)p, (size_t)(end - p), &cp);
		if (n == 0 || utf8_is_hidden(cp) || (w = width(cp)) == -1)
			abort();
		wide += w;
		if (wide > columns)
			abort();
	}
	if (told != rows || (buf_len(out) > 0 && end[-1] != '\n'))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int depths[] = {0, 16, 256, 16};
	struct colours colours;
	struct render_style style = {.colours = &colours,
	    .width = width,
	    .zone = zone,
	    .active = field_of("bob@x"),
	    .day = -1};
	const char *p = (const char *)data + 3, *end, *tab;
	struct fields f;
	struct buf line, out;
	int rows;

	if (size < 3 || size > 4096)
		return 0;
	colours_init(&colours);
	style.depth = depths[data[0] & 3];
	style.dates = data[0] >> 2 & 1;
	style.columns = 10 + data[1];
	buf_init(&line, 65536);
	buf_init(&out, (size_t)1 << 20);
	buf_addf(&line, "%s\t2026-11-22T15:23:54.123Z",
	    event_name(data[2] % EVENT_TAGS));
	for (end = (const char *)data + size; p <= end; p = tab + 1) {
		tab = p == end ? NULL : memchr(p, '\t', (size_t)(end - p));
		if (tab == NULL)
			tab = end;
		add_column(&line, p, (size_t)(tab - p));
	}
	if (fields_read(&f, buf_str(&line), buf_len(&line)) == 0) {
		rows = render_event(&style, &f,
		    (enum render_as)((data[0] >> 3) % (RENDER_RAW + 1)), &out);
		check(&out, rows, style.columns);
	}
	buf_clear(&line);
	buf_clear(&out);
	return 0;
}
