/*
 * Bytes from a terminal, and the line that they type: a sequence ends
 * where it ends, however many bytes come at once, and the line in rows stays in
 * the window, with the cursor in it. The first bytes are the columns, the rows,
 * the place of the cursor and whether all is spelt in ASCII.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "line/tty/layout.h"
#include "line/tty/tty_sequence.h"
#include "t/fuzz/fuzz-width.h"

#define LINE 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Looks at the sequence with which the N bytes at P begin. */
static void
read_sequence(const unsigned char *p, size_t n)
{
	int whole = tty_sequence_length(p, n), part;
	size_t i;

	if (whole < -1 || (whole > 0 && (size_t)whole > n))
		abort();
	for (i = 1; i < n && i < TTY_SEQUENCE + 8; i++) {
		part = tty_sequence_length(p, i);
		/* A verdict about the front stays true. */
		if (part != -1 && part != whole)
			abort();
	}
}

static void
check(struct layout *l, const struct layout_input *in)
{
	const char *p = buf_str(&l->text);
	int i;

	if (l->rows < 1 || l->rows > LAYOUT_ROWS || l->cursor_row < 0 ||
	    l->cursor_row >= l->rows || l->cursor_column < 0 ||
	    l->cursor_at > buf_len(&l->text) || l->first > in->length)
		abort();
	for (i = 0; i < l->rows; i++)
		if (l->width[i] < 0 || l->width[i] > in->columns)
			abort();
	for (; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' && *p != '\r' && *p != '\n' &&
		    *p != '\033')
			abort();
	if (utf8_valid(buf_str(&l->text), buf_len(&l->text)) !=
	    buf_len(&l->text))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct layout none;
	struct layout l = none;
	static wchar_t line[LINE];
	struct layout_input in = {
	    .prompt = "\1\033[1m\1> \1\033[0m\1", .line = line, .width = width};
	size_t i, n, count = 0;
	uint32_t cp;

	if (size < 4 || size > LINE)
		return 0;
	in.columns = 10 + data[0] % 120;
	in.rows = 1 + data[1] % 40;
	in.is_ascii = data[3] & 1;
	for (i = 4; i < size; i += n) {
		if (data[i] == TTY_ESC)
			read_sequence(data + i, size - i);
		n = utf8_decode(data + i, size - i, &cp);
		if (n == 0)
			cp = data[i];
		n += n == 0;
		line[count++] = (wchar_t)cp;
		in.length = count;
		in.cursor = count * data[2] / 255;
		if (i % 16 == 0 || i + n >= size) {
			layout_make(&l, &in);
			check(&l, &in);
			if (layout_refolded(&l, 10 + data[1]) < 0)
				abort();
		}
	}
	layout_clear(&l);
	return 0;
}
