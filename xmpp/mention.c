#include "xmpp/mention.h"

#include <string.h>

#include "sexp/utf8.h"

/*
 * Characters with another lower case (Unicode, simple case mapping): every
 * STEP-th one from FIRST to LAST, whose lower case is BY more.
 */
static const struct {
	uint32_t first, last;
	int step, by;
} upper[] = {{'A', 'Z', 1, 32}, {0xc0, 0xd6, 1, 32}, {0xd8, 0xde, 1, 32},
    {0x100, 0x12e, 2, 1}, {0x132, 0x136, 2, 1}, {0x139, 0x147, 2, 1},
    {0x14a, 0x176, 2, 1}, {0x178, 0x178, 1, -121}, {0x179, 0x17d, 2, 1},
    {0x1cd, 0x1db, 2, 1}, {0x1de, 0x1ee, 2, 1}, {0x1f8, 0x21e, 2, 1},
    {0x222, 0x232, 2, 1}, {0x386, 0x386, 1, 38}, {0x388, 0x38a, 1, 37},
    {0x38c, 0x38c, 1, 64}, {0x38e, 0x38f, 1, 63}, {0x391, 0x3a1, 1, 32},
    {0x3a3, 0x3ab, 1, 32}, {0x3c2, 0x3c2, 1, 1}, {0x400, 0x40f, 1, 80},
    {0x410, 0x42f, 1, 32}, {0x460, 0x480, 2, 1}, {0x48a, 0x4be, 2, 1},
    {0x4c1, 0x4cd, 2, 1}, {0x4d0, 0x52e, 2, 1}, {0x531, 0x556, 1, 48},
    {0x10a0, 0x10c5, 1, 7264}, {0x1c90, 0x1cba, 1, -3008},
    {0x1e00, 0x1e94, 2, 1}, {0x1ea0, 0x1efe, 2, 1}, {0xff21, 0xff3a, 1, 32},
    {0x10400, 0x10427, 1, 40}};

/* Blanks, punctuation and symbols beyond ASCII: no letters and no digits. */
static const uint32_t not_words[][2] = {{0x80, 0xa9}, {0xab, 0xb4},
    {0xb6, 0xb9}, {0xbb, 0xbf}, {0xd7, 0xd7}, {0xf7, 0xf7}, {0x2c2, 0x2c5},
    {0x2d2, 0x2df}, {0x37e, 0x37e}, {0x387, 0x387}, {0x55a, 0x55f},
    {0x589, 0x58a}, {0x5be, 0x5be}, {0x5c0, 0x5c0}, {0x5c3, 0x5c3},
    {0x5f3, 0x5f4}, {0x60c, 0x60d}, {0x61b, 0x61f}, {0x66a, 0x66d},
    {0x6d4, 0x6d4}, {0x964, 0x965}, {0x10fb, 0x10fb}, {0x1361, 0x1368},
    {0x1680, 0x1680}, {0x2000, 0x206f}, {0x207a, 0x207e}, {0x208a, 0x208e},
    {0x20a0, 0x20cf}, {0x2100, 0x2bff}, {0x2e00, 0x2e7f}, {0x3000, 0x3004},
    {0x3008, 0x3020}, {0x3030, 0x3030}, {0x303d, 0x303f}, {0x30fb, 0x30fb},
    {0xe000, 0xf8ff}, {0xfe00, 0xfe6f}, {0xff00, 0xff0f}, {0xff1a, 0xff20},
    {0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xffe0, 0xffff}, {0x1f000, 0x1faff},
    {0xe0000, 0x10ffff}};

/* Scripts that are written without blanks between words. */
static const uint32_t no_blanks[][2] = {{0xe00, 0xeff}, {0xf00, 0xfff},
    {0x1000, 0x109f}, {0x1780, 0x17ff}, {0x2e80, 0x2fdf}, {0x3005, 0x3007},
    {0x3021, 0x302f}, {0x3031, 0x312f}, {0x31a0, 0x31ff}, {0x3400, 0x9fff},
    {0xf900, 0xfaff}, {0xff66, 0xff9f}, {0x1aff0, 0x1b16f}, {0x20000, 0x3ffff}};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static int
in_ranges(const uint32_t ranges[][2], size_t n, uint32_t cp)
{
	size_t i;

	for (i = 0; i < n && ranges[i][0] <= cp; i++)
		if (cp <= ranges[i][1])
			return 1;
	return 0;
}

/* Returns CP in lower case, always one character. */
static uint32_t
lower_case(uint32_t cp)
{
	size_t i;

	for (i = 0; i < COUNT(upper) && upper[i].first <= cp; i++)
		if (cp <= upper[i].last &&
		    (cp - upper[i].first) % (uint32_t)upper[i].step == 0)
			return (uint32_t)((int32_t)cp + upper[i].by);
	return cp;
}

/* Returns 1 if CP and a letter beside it belong to the same word. */
static int
is_word_char(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') ||
		       (cp >= 'a' && cp <= 'z') || cp == '_';
	return !in_ranges(not_words, COUNT(not_words), cp) &&
	       !in_ranges(no_blanks, COUNT(no_blanks), cp);
}

/* Returns how many of the N bytes at TEXT are NICK in any case; 0 if not. */
static size_t
match_nick(const char *text, size_t n, const char *nick)
{
	size_t i = 0, j, len, size = strlen(nick);
	uint32_t a, b;

	for (j = 0; j < size; j += len) {
		len = utf8_decode(nick + j, size - j, &b);
		if (len == 0 || i >= n || utf8_decode(text + i, n - i, &a) == 0)
			return 0;
		if (lower_case(a) != lower_case(b))
			return 0;
		i += utf8_decode(text + i, n - i, &a);
	}
	return i;
}

int
mention_found(const char *text, size_t n, const char *nick)
{
	size_t i, len, end, size = strlen(nick);
	uint32_t before = ' ', first, last = 0, cp, next;

	if (size == 0 || size > MENTION_MAX ||
	    utf8_decode(nick, size, &first) == 0)
		return 0;
	for (i = 0; i < size; i += len == 0 ? 1 : len)
		len = utf8_decode(nick + i, size - i, &last);
	for (i = 0; i < n; i += len, before = cp) {
		len = utf8_decode(text + i, n - i, &cp);
		if (len == 0)
			return 0;
		if (lower_case(cp) != lower_case(first) ||
		    (is_word_char(first) && is_word_char(before)))
			continue;
		end = match_nick(text + i, n - i, nick);
		if (end == 0)
			continue;
		end += i;
		/* A combining mark makes another character of the last one. */
		if (utf8_decode(text + end, n - end, &next) == 0 ||
		    (!utf8_is_mark(next) &&
			!(is_word_char(last) && is_word_char(next))))
			return 1;
	}
	return 0;
}
