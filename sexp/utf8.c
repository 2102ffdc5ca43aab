#include "sexp/utf8.h"

#include <string.h>

struct range {
	uint32_t first, last;
};

#include "sexp/utf8-table.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Returns 1 if CP is in one of N ranges, which are sorted and disjoint. */
static int
in_ranges(const struct range *ranges, size_t n, uint32_t cp)
{
	size_t low = 0, high = n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (cp > ranges[middle].last)
			low = middle + 1;
		else if (cp < ranges[middle].first)
			high = middle;
		else
			return 1;
	}
	return 0;
}

static int
is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t
utf8_decode(const void *p, size_t n, uint32_t *cp)
{
	const unsigned char *s = p;
	uint32_t c;

	if (n == 0)
		return 0;
	if (s[0] < 0x80) {
		*cp = s[0];
		return 1;
	}
	if (s[0] < 0xc2 || n < 2 || !is_continuation(s[1]))
		return 0;
	c = (uint32_t)s[1] & 0x3f;
	if (s[0] < 0xe0) {
		*cp = ((uint32_t)s[0] & 0x1f) << 6 | c;
		return 2;
	}
	if (n < 3 || !is_continuation(s[2]))
		return 0;
	c = c << 6 | ((uint32_t)s[2] & 0x3f);
	if (s[0] < 0xf0) {
		c |= ((uint32_t)s[0] & 0x0f) << 12;
		if (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))
			return 0;
		*cp = c;
		return 3;
	}
	if (s[0] > 0xf4 || n < 4 || !is_continuation(s[3]))
		return 0;
	c = ((uint32_t)s[0] & 0x07) << 18 | c << 6 | ((uint32_t)s[3] & 0x3f);
	if (c < 0x10000 || c > 0x10ffff)
		return 0;
	*cp = c;
	return 4;
}

size_t
utf8_encode(uint32_t cp, unsigned char out[4])
{
	if (cp < 0x80) {
		out[0] = (unsigned char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (unsigned char)(0xc0 | cp >> 6);
		out[1] = (unsigned char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (unsigned char)(0xe0 | cp >> 12);
		out[1] = (unsigned char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (unsigned char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (unsigned char)(0xf0 | cp >> 18);
	out[1] = (unsigned char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (unsigned char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (unsigned char)(0x80 | (cp & 0x3f));
	return 4;
}

size_t
utf8_valid(const void *p, size_t n)
{
	const unsigned char *s = p;
	size_t i = 0, len;
	uint64_t word;
	uint32_t cp;

	while (i < n) {
		/* Most text is ASCII: take eight bytes at once. */
		if (n - i >= sizeof word) {
			memcpy(&word, s + i, sizeof word);
			if ((word & UINT64_C(0x8080808080808080)) == 0) {
				i += sizeof word;
				continue;
			}
		}
		len = utf8_decode(s + i, n - i, &cp);
		if (len == 0)
			break;
		i += len;
	}
	return i;
}

int
utf8_is_xml(uint32_t cp)
{
	if (cp < 0x20)
		return cp == '\t' || cp == '\n' || cp == '\r';
	return cp <= 0xd7ff || (cp >= 0xe000 && cp <= 0xfffd) ||
	       (cp >= 0x10000 && cp <= 0x10ffff);
}

int
utf8_is_nonspacing(uint32_t cp)
{
	/* A shortcut for Latin; Greek and Russian; Chinese and Korean. */
	if (cp < 0x300 || (cp >= 0x370 && cp < 0x483) ||
	    (cp >= 0x30a0 && cp < 0xa66f) || (cp >= 0xac00 && cp < 0xfb1e))
		return 0;
	return in_ranges(nonspacing, COUNT(nonspacing), cp);
}

int
utf8_is_mark(uint32_t cp)
{
	return utf8_is_nonspacing(cp) || in_ranges(spacing, COUNT(spacing), cp);
}

int
utf8_is_hidden(uint32_t cp)
{
	static const struct range hidden[] = {{0x0080, 0x009f}, /* C1 */
	    {0x00ad, 0x00ad},	  /* soft hyphen */
	    {0x061c, 0x061c},	  /* bidi: Arabic letter mark */
	    {0x180e, 0x180e},	  /* Mongolian vowel separator */
	    {0x200b, 0x200b},	  /* zero width space */
	    {0x200e, 0x200f},	  /* bidi: marks */
	    {0x2028, 0x202e},	  /* separators; bidi: embeddings, overrides */
	    {0x2060, 0x2064},	  /* word joiner, invisible operators */
	    {0x2066, 0x206f},	  /* bidi: isolates and the deprecated ones */
	    {0xe000, 0xf8ff},	  /* private use */
	    {0xfdd0, 0xfdef},	  /* non-characters */
	    {0xfeff, 0xfeff},	  /* byte order mark */
	    {0xfff9, 0xfffb},	  /* interlinear annotation */
	    {0xe0000, 0xe007f},	  /* tags */
	    {0xf0000, 0x10ffff}}; /* private use of planes 15 and 16 */

	if (cp < 0x80 || (cp > 0xad && cp < 0x61c) ||
	    (cp > 0x206f && cp < 0xe000))
		return 0;
	return (cp & 0xfffe) == 0xfffe || in_ranges(hidden, COUNT(hidden), cp);
}
