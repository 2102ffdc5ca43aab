#include "line/text/escape.h"

#include <string.h>

#include "sexp/hex.h"
#include "sexp/utf8.h"

#define UTF8_MAX 4 /* the longest character, in bytes */
#define TOO_LONG "too long"
#define MARKS	 8 /* in a row, of those that take no column */

/* A column while it is being written. */
struct column {
	int options;
	int based; /* A mark has a character to stand on. */
	int marks; /* so many stand in a row at the end */
};

#define EACH(c) (UINT64_C(0x0101010101010101) * (c))

/* Returns 1 if the eight bytes of W are all from LOW to 0x7e and none is `\`.
 * Borrows and carries only reach bytes above one that fails anyway. */
static int
all_plain(uint64_t w, unsigned low)
{
	uint64_t slash = w ^ EACH('\\');
	uint64_t less = (w - EACH(low)) & ~w;
	uint64_t more = (w + EACH(1)) | w;

	return ((less | more | ((slash - EACH(1)) & ~slash)) & EACH(0x80)) == 0;
}

/* Returns how many of N bytes at P are printable ASCII, never escaped. */
static size_t
plain_run(const unsigned char *p, size_t n, int options)
{
	unsigned low = options & ESCAPE_VALUE ? 0x21 : 0x20;
	uint64_t word;
	size_t i = 0;

	for (; n - i >= sizeof word; i += sizeof word) {
		memcpy(&word, p + i, sizeof word);
		if (!all_plain(word, low))
			break;
	}
	while (i < n && p[i] >= low && p[i] < 0x7f && p[i] != '\\')
		i++;
	return i;
}

/* Notes a character in ASCII: it takes a column, and a mark can stand on it. */
static void
note_ground(struct column *e)
{
	e->based = 1;
	e->marks = 0;
}

/*
 * Returns 1 if CP, not ASCII, stands for itself. A joiner of TEXT has no width,
 * so it changes nothing for the marks around it.
 */
static int
mark_stands(struct column *e, uint32_t cp)
{
	int based = e->based;

	if ((cp == 0x200c || cp == 0x200d) && !(e->options & ESCAPE_VALUE))
		return 1;
	e->based = 1;
	if (utf8_is_nonspacing(cp)) {
		if (e->marks <= MARKS)
			e->marks++;
		return based && e->marks <= MARKS;
	}
	e->marks = 0;
	if (cp == 0x200c || cp == 0x200d || utf8_is_hidden(cp))
		return 0;
	return based || !utf8_is_mark(cp);
}

static int
add_byte(struct buf *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char text[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};

	switch (c) {
	case '\\':
		return buf_add(out, "\\\\", 2);
	case '\n':
		return buf_add(out, "\\n", 2);
	case '\r':
		return buf_add(out, "\\r", 2);
	case '\t':
		return buf_add(out, "\\t", 2);
	case ' ':
		return buf_add(out, "\\s", 2);
	}
	return buf_add(out, text, sizeof text);
}

static int
add_character(struct buf *out, uint32_t cp)
{
	char text[10], *end = text + sizeof text, *p = end;

	*--p = '}';
	do {
		*--p = "0123456789abcdef"[cp & 15];
		cp >>= 4;
	} while (cp > 0);
	*--p = '{';
	*--p = 'u';
	*--p = '\\';
	return buf_add(out, p, (size_t)(end - p));
}

/* Adds an escape for the character CP of LEN bytes, or where LEN is 0 or 1 for
 * the byte C. */
static int
add_escape(
    struct column *e, struct buf *out, unsigned char c, size_t len, uint32_t cp)
{
	if (len > 1)
		return add_character(out, cp);
	note_ground(e);
	return add_byte(out, c);
}

/* The columns that are not what they look like. 1 where P is one of them. */
static int
write_special(struct buf *out, const unsigned char *p, size_t n)
{
	if (n == 0)
		return buf_add(out, "\\e", 2) == -1 ? -1 : 1;
	if (n == 1 && p[0] == '-')
		return buf_add(out, "\\-", 2) == -1 ? -1 : 1;
	return 0;
}

static int
write_column(
    struct column *e, struct buf *out, const unsigned char *p, size_t n)
{
	size_t i = 0, from = 0, run, len;
	uint32_t cp = 0;

	while (i < n) {
		run = plain_run(p + i, n - i, e->options);
		if (run > 0) {
			note_ground(e);
			i += run;
			continue;
		}
		len = 0;
		if (!(e->options & ESCAPE_ASCII))
			len = utf8_decode(p + i, n - i, &cp);
		if (len > 1 && mark_stands(e, cp)) {
			i += len;
			continue;
		}
		if (buf_add(out, p + from, i - from) == -1 ||
		    add_escape(e, out, p[i], len, cp) == -1)
			return -1;
		i += len > 1 ? len : 1;
		from = i;
	}
	return buf_add(out, p + from, i - from);
}

int
escape_write(struct buf *out, const void *p, size_t n, int options)
{
	struct column e = {.options = options};
	size_t before = buf_len(out);
	int special;

	if (p == NULL)
		return buf_addc(out, '-');
	special = write_special(out, p, n);
	if (special != 0)
		return special == -1 ? -1 : 0;
	if (write_column(&e, out, p, n) == 0)
		return 0;
	buf_cut(out, before);
	return -1;
}

int
escape_sanitize(struct buf *out, const void *p, size_t n)
{
	const unsigned char *at = p;
	size_t i, len, before = buf_len(out);
	struct column e = {.options = 0};
	uint32_t cp = 0;
	int failed = 0;

	for (i = 0; i < n && !failed; i += len > 0 ? len : 1) {
		len = utf8_decode(at + i, n - i, &cp);
		if (len > 0 && utf8_is_xml(cp))
			failed = buf_add(out, at + i, len) == -1;
		else
			failed = add_escape(&e, out, at[i], len, cp) == -1;
	}
	if (failed)
		buf_cut(out, before);
	return failed ? -1 : 0;
}

/*
 * The three readers below read the escape at P, of which N bytes are there.
 * They return its length, 0 if the column ends inside it, or -1 with *WHY.
 */

static int
read_byte(const unsigned char *p, size_t n, struct buf *out, const char **why)
{
	int value = 0, digit;
	size_t i;

	for (i = 2; i < 4; i++) {
		if (i == n)
			return 0;
		if ((digit = hex_value(p[i])) == -1) {
			*why = "\\x wants two hex digits";
			return -1;
		}
		value = value << 4 | digit;
	}
	return buf_addc(out, value) == -1 ? -1 : 4;
}

static int
read_character(
    const unsigned char *p, size_t n, struct buf *out, const char **why)
{
	unsigned char utf8[UTF8_MAX];
	uint32_t cp = 0;
	size_t i;
	int digit;

	if (n == 2)
		return 0;
	*why = "\\u wants {, one to six hex digits, }";
	if (p[2] != '{')
		return -1;
	for (i = 3; i < n && p[i] != '}'; i++) {
		if (i == 9 || (digit = hex_value(p[i])) == -1)
			return -1;
		cp = cp << 4 | (uint32_t)digit;
	}
	if (i == n)
		return 0;
	if (i == 3)
		return -1;
	*why = "\\u{} names no character";
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return -1;
	*why = TOO_LONG;
	if (buf_add(out, utf8, utf8_encode(cp, utf8)) == -1)
		return -1;
	return (int)i + 1;
}

static int
read_one(const unsigned char *p, size_t n, struct buf *out, const char **why)
{
	static const char letter[] = "\\nrts-", means[] = "\\\n\r\t -";
	const char *found;

	*why = TOO_LONG;
	if (n == 1)
		return 0;
	if (p[1] == 'x')
		return read_byte(p, n, out, why);
	if (p[1] == 'u')
		return read_character(p, n, out, why);
	if (p[1] == 'e') /* is nothing, wherever it stands */
		return 2;
	found = memchr(letter, p[1], sizeof letter - 1);
	if (found != NULL)
		return buf_addc(out, means[found - letter]) == -1 ? -1 : 2;
	*why = "unknown escape";
	return -1;
}

static int
read_column(const unsigned char *p, size_t n, struct buf *out, const char **why,
    size_t *at)
{
	const unsigned char *mark;
	size_t i = 0, run;
	int got;

	while (i < n) {
		*at = i;
		if (p[i] != '\\') {
			*why = TOO_LONG;
			mark = memchr(p + i, '\\', n - i);
			run = (mark == NULL ? n : (size_t)(mark - p)) - i;
			if (buf_add(out, p + i, run) == -1)
				return -1;
			i += run;
			continue;
		}
		got = read_one(p + i, n - i, out, why);
		if (got == 0)
			*why = "unfinished escape";
		if (got <= 0)
			return -1;
		i += (size_t)got;
	}
	*at = n;
	return 1;
}

int
escape_read(
    struct buf *out, const void *p, size_t n, const char **why, size_t *at)
{
	size_t before = buf_len(out);
	const char *reason;
	int got;

	*at = n;
	if (n == 1 && memcmp(p, "-", 1) == 0)
		return 0;
	got = read_column(p, n, out, &reason, at);
	if (got == -1) {
		buf_cut(out, before);
		*why = reason;
	}
	return got;
}
