#include "store/entry.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that stand for themselves in an id. */
static int
is_plain(unsigned char byte)
{
	return byte > ' ' && byte != '\\' && byte != 0x7f;
}

static int
hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = digit == '\0' ? NULL : strchr(digits, digit);

	return at == NULL ? -1 : (int)(at - digits);
}

/* Reads the id in the N bytes at P. Returns -1 if they are none. */
static int
read_id(char id[ENTRY_ID + 1], const char *p, size_t n)
{
	size_t len = 0;
	int byte;

	if (n == 1 && *p == '-')
		n = 0;
	for (; n > 0; p++, n--) {
		byte = (unsigned char)*p;
		if (byte == '\\') {
			if (n < 4 || p[1] != 'x' || hex_digit(p[2]) == -1 ||
			    hex_digit(p[3]) == -1)
				return -1;
			byte = hex_digit(p[2]) * 16 + hex_digit(p[3]);
			p += 3;
			n -= 3;
		} else if (!is_plain((unsigned char)byte)) {
			return -1;
		}
		if (byte == '\0' || len == ENTRY_ID)
			return -1;
		id[len++] = (char)byte;
	}
	id[len] = '\0';
	return 0;
}

size_t
entry_read(struct entry_line *l, const char *p, size_t n, const char **why)
{
	const char *lf = memchr(p, '\n', n), *blank;
	char number[20];
	char *end;
	size_t len;

	*why = NULL;
	if (lf == NULL)
		return 0;
	blank = memchr(p, ' ', (size_t)(lf - p));
	if (blank == NULL || blank == p ||
	    read_id(l->id, p, (size_t)(blank - p)) == -1) {
		*why = "expected an id and a blank";
		return (size_t)(lf - p) + 1;
	}
	len = (size_t)(lf - ++blank);
	l->early = len > 2 && memcmp(blank + len - 2, " *", 2) == 0;
	len -= l->early ? 2 : 0;
	if (len == 0 || len >= sizeof number || *blank < '0' || *blank > '9') {
		*why = "expected seconds since 1970";
		return (size_t)(lf - p) + 1;
	}
	memcpy(number, blank, len);
	number[len] = '\0';
	l->seconds = (int64_t)strtoll(number, &end, 10);
	if (*end != '\0')
		*why = "expected seconds since 1970";
	return (size_t)(lf - p) + 1;
}

int
entry_print(struct buf *out, const char *id, int64_t seconds, int early)
{
	size_t before = buf_len(out);

	if (*id == '\0')
		buf_addc(out, '-');
	else if (strcmp(id, "-") == 0)
		buf_adds(out, "\\x2d");
	else
		for (; *id != '\0'; id++)
			if (is_plain((unsigned char)*id))
				buf_addc(out, *id);
			else
				buf_addf(out, "\\x%02x", (unsigned char)*id);
	if (buf_addf(out, " %lld%s\n", (long long)seconds, early ? " *" : "") ==
	    0)
		return 0;
	buf_cut(out, before);
	return -1;
}
