#include "line/escape.h"

#include "sexp/utf8.h"

#include <string.h>

#define UTF8_MAX 4 /* the longest character, in bytes */
#define TOO_LONG "too long"
#define MARKS	 8 /* in a row, of those that take no column */

#define EACH(c)	 (UINT64_C(0x0101010101010101) * (c))

/* Whether the eight bytes of W are all from LOW to 0x7e and none is `\`: tests
 * that borrow and carry only behind a byte that already fails. */
static int
all_plain(uint64_t w, unsigned low)
{
	uint64_t slash = w ^ EACH('\\');
	uint64_t less = (w - EACH(low)) & ~w;
	uint64_t more = (w + EACH(1)) | w;

	return ((less | more | ((slash - EACH(1)) & ~slash)) & EACH(0x80)) == 0;
}

/* How many of N bytes at P are printable ASCII that is never escaped. */
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

/* What is written in ASCII takes a column, and a mark can stand on it. */
static void
ground(struct escape *e)
{
	e->based = 1;
	e->marks = 0;
}

/*
 * Whether CP, not ASCII, stands for itself. A joiner of TEXT has no width, so
 * it changes nothing for the marks around it.
 */
static int
stands(struct escape *e, uint32_t cp)
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

/* Adds what does not stand for itself: the character CP of LEN bytes, or where
 * that is one byte or no character the byte C. */
static int
add(struct escape *e, struct buf *out, unsigned char c, size_t len, uint32_t cp)
{
	if (len > 1)
		return add_character(out, cp);
	ground(e);
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

int
escape_write_some(
    struct escape *e, struct buf *out, const void *data, size_t *n, int last)
{
	const unsigned char *p = data;
	size_t size = *n, i = 0, from = 0, run, len;
	uint32_t cp = 0;
	int special;

	if (!e->begun && !last && size < 2) {
		*n = 0;
		return 0;
	}
	if (!e->begun && (special = write_special(out, p, size)) != 0)
		return special == -1 ? -1 : 0;
	e->begun = 1;
	while (i < size) {
		run = plain_run(p + i, size - i, e->options);
		if (run > 0) {
			ground(e);
			i += run;
			continue;
		}
		len = 0;
		if (!(e->options & ESCAPE_ASCII))
			len = utf8_decode(p + i, size - i, &cp);
		if (len == 0 && !last && size - i < UTF8_MAX)
			break;
		if (len > 1 && stands(e, cp)) {
			i += len;
			continue;
		}
		if (buf_add(out, p + from, i - from) == -1)
			return -1;
		if (add(e, out, p[i], len, cp) == -1)
			return -1;
		i += len > 1 ? len : 1;
		from = i;
	}
	*n = i;
	return buf_add(out, p + from, i - from);
}

int
escape_write(struct buf *out, const void *p, size_t n, int options)
{
	struct escape e = {.options = options};
	size_t before = buf_len(out);

	if (p == NULL)
		return buf_addc(out, '-');
	if (escape_write_some(&e, out, p, &n, 1) == 0)
		return 0;
	buf_cut(out, before);
	return -1;
}

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The three readers below: the length of the escape at P, of which N bytes are
 * there; 0 where it goes on behind them, -1 where it is none. */

static int
read_byte(const unsigned char *p, size_t n, struct buf *out, const char **why)
{
	int value = 0, digit;
	size_t i;

	for (i = 2; i < 4; i++) {
		if (i == n)
			return 0;
		if ((digit = hex_digit(p[i])) == -1) {
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
		if (i == 9 || (digit = hex_digit(p[i])) == -1)
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
	static const char letter[] = "\\nrts", means[] = "\\\n\r\t ";
	const char *found;

	*why = TOO_LONG;
	if (n == 1)
		return 0;
	if (p[1] == 'x')
		return read_byte(p, n, out, why);
	if (p[1] == 'u')
		return read_character(p, n, out, why);
	found = memchr(letter, p[1], sizeof letter - 1);
	if (found != NULL)
		return buf_addc(out, means[found - letter]) == -1 ? -1 : 2;
	*why = p[1] == 'e' || p[1] == '-' ? "\\e and \\- must stand alone"
					  : "unknown escape";
	return -1;
}

/* The columns that mean something only as a whole. Returns 0 for `-`, 2 for
 * what it has read, 1 for any other. */
static int
read_special(const unsigned char *p, size_t n, struct buf *out)
{
	if (n == 1 && p[0] == '-')
		return 0;
	if (n != 2 || p[0] != '\\' || (p[1] != 'e' && p[1] != '-'))
		return 1;
	if (p[1] == '-' && buf_addc(out, '-') == -1)
		return -1;
	return 2;
}

int
escape_read_some(struct escape *e, struct buf *out, const void *data, size_t *n,
    int last, const char **why)
{
	const unsigned char *p = data, *mark;
	size_t i = 0, run, size = *n;
	int got;

	*n = 0;
	*why = TOO_LONG;
	if (!e->begun && !last && size < 3)
		return 1;
	if (!e->begun && (got = read_special(p, size, out)) != 1) {
		*n = size;
		return got == 2 ? 1 : got;
	}
	e->begun = 1;
	while (i < size) {
		*n = i;
		if (p[i] != '\\') {
			mark = memchr(p + i, '\\', size - i);
			run = (mark == NULL ? size : (size_t)(mark - p)) - i;
			if (buf_add(out, p + i, run) == -1)
				return -1;
			i += run;
			continue;
		}
		got = read_one(p + i, size - i, out, why);
		if (got == 0 && !last)
			break;
		if (got == 0)
			*why = "unfinished escape";
		if (got <= 0)
			return -1;
		i += (size_t)got;
	}
	*n = i;
	return 1;
}

int
escape_read(
    struct buf *out, const void *p, size_t n, const char **why, size_t *at)
{
	struct escape e = {0};
	size_t before = buf_len(out);
	const char *reason;
	int got;

	*at = n;
	got = escape_read_some(&e, out, p, at, 1, &reason);
	if (got == -1) {
		buf_cut(out, before);
		*why = reason;
	}
	return got;
}
