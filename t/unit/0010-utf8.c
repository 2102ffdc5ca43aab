/* sexp/utf8.c: every character, and everything that is none. */
#include "sexp/utf8.h"
#include "t/unit/tap.h"

#include <string.h>

#define LAST 0x10ffff

static int
is_surrogate(uint32_t cp)
{
	return cp >= 0xd800 && cp <= 0xdfff;
}

static void
test_all(void)
{
	size_t wrong = 0, cut = 0, surrogates = 0, n, want, i;
	unsigned char s[4];
	uint32_t cp, got;

	for (cp = 0; cp <= LAST; cp++) {
		want = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
		n = utf8_encode(cp, s);
		got = LAST + 1;
		if (is_surrogate(cp)) {
			surrogates += utf8_decode(s, n, &got) == 0;
			continue;
		}
		wrong += n != want || utf8_decode(s, n, &got) != n ||
			 got != cp || utf8_valid(s, n) != n;
		for (i = 0; i < n; i++)
			cut += utf8_decode(s, i, &got) != 0;
	}
	ok(wrong == 0, "every character there and back");
	ok(cut == 0, "none when it is cut");
	ok(surrogates == 0x800, "no surrogate");
}

/* RFC 3629 section 4, the grammar, as ranges of the second byte. */
static size_t
grammar(const unsigned char *s)
{
	unsigned low = 0x80, high = 0xbf;
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0;
	if (s[0] == 0xed)
		high = 0x9f;
	if (s[0] == 0xf0)
		low = 0x90;
	if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return n;
}

/* All pairs of first bytes, with every kind of third and fourth. */
static void
test_grammar(void)
{
	static const unsigned char kinds[] = {
	    0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
	size_t wrong = 0, i, j;
	unsigned char s[4];
	uint32_t cp;
	unsigned first;

	for (first = 0; first < 0x10000; first++)
		for (i = 0; i < sizeof kinds; i++)
			for (j = 0; j < sizeof kinds; j++) {
				s[0] = (unsigned char)(first >> 8);
				s[1] = (unsigned char)first;
				s[2] = kinds[i];
				s[3] = kinds[j];
				wrong += utf8_decode(s, 4, &cp) != grammar(s);
			}
	ok(wrong == 0, "what the grammar of RFC 3629 says");
}

static void
test_valid(void)
{
	static const struct {
		const char *bytes;
		size_t n, valid;
	} cases[] = {
	    {"", 0, 0},
	    {"plain", 5, 5},
	    {"a longer plain text of ASCII", 28, 28},
	    {"a\0b", 3, 3},
	    {"12345678\xff", 9, 8},
	    {"1234567\xff", 8, 7},
	    {"1234567\xc3\xa9 12345678", 18, 18},
	    {"\xc0\x80", 2, 0},
	    {"x\xe0\x80\x80", 4, 1},
	    {"\xf0\x80\x80\x80", 4, 0},
	    {"\xed\xa0\x80", 3, 0},
	    {"\xf4\x90\x80\x80", 4, 0},
	    {"\xf5\x80\x80\x80", 4, 0},
	    {"\xf8\x88\x80\x80\x80", 5, 0},
	    {"ok\xe2\x82", 4, 2},
	    {"ok\xf0\x9f\x98\x80\x80", 7, 6},
	};
	size_t i, got;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		got = utf8_valid(cases[i].bytes, cases[i].n);
		ok(got == cases[i].valid, "case %zu: %zu valid", i, got);
	}
}

/* The hidden characters of jackline-lines(7), word for word. */
static int
hidden(uint32_t c)
{
	if (c >= 0x80 && c <= 0x9f)
		return 1;
	if (c == 0x2028 || c == 0x2029)
		return 1;
	if (c == 0x061c || c == 0x200e || c == 0x200f ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	    (c >= 0x206a && c <= 0x206f))
		return 1;
	if (c == 0xad || c == 0x180e || c == 0x200b ||
	    (c >= 0x2060 && c <= 0x2064) || c == 0xfeff ||
	    (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f))
		return 1;
	if ((c >= 0xfdd0 && c <= 0xfdef) || c % 0x10000 >= 0xfffe)
		return 1;
	return (c >= 0xe000 && c <= 0xf8ff) || c >= 0xf0000;
}

static void
test_classes(void)
{
	size_t bad = 0, xml = 0, marks = 0, nonspacing = 0, both = 0;
	uint32_t cp;

	for (cp = 0; cp <= LAST; cp++) {
		bad += utf8_is_hidden(cp) != hidden(cp);
		xml += utf8_is_xml(cp) != 0;
		marks += utf8_is_mark(cp) != 0;
		nonspacing += utf8_is_nonspacing(cp) != 0;
		both += utf8_is_nonspacing(cp) && !utf8_is_mark(cp);
	}
	ok(bad == 0, "hidden characters are those of the manual");
	ok(xml == 3 + 0xd7ff - 0x20 + 1 + 0xfffd - 0xe000 + 1 + 0x100000,
	    "as many as XML 1.0 has");
	ok(!utf8_is_xml(0) && !utf8_is_xml(0x1f) && !utf8_is_xml(0xb) &&
		utf8_is_xml(9) && utf8_is_xml(0x7f) && !utf8_is_xml(0xd800) &&
		!utf8_is_xml(0xfffe) && !utf8_is_xml(0x110000),
	    "and the right ones");
	/* Unicode 15.0: 1,985 Mn, 13 Me, 452 Mc. */
	ok(nonspacing == 1985 + 13, "%zu marks without width", nonspacing);
	ok(marks == 1985 + 13 + 452 && both == 0, "%zu marks", marks);
	ok(utf8_is_nonspacing(0x300) && utf8_is_nonspacing(0x20dd) &&
		utf8_is_nonspacing(0xfe0f) && utf8_is_nonspacing(0xe01ef) &&
		!utf8_is_mark(0x2ff) && !utf8_is_mark(0x200d),
	    "some that are and some that are not");
	ok(utf8_is_mark(0x903) && !utf8_is_nonspacing(0x903),
	    "a mark that takes a column");
	ok(utf8_is_nonspacing(0x10efd) && utf8_is_mark(0x11f03),
	    "marks new in 15.0");
}

int
main(void)
{
	test_all();
	test_grammar();
	test_valid();
	test_classes();
	return tap_done();
}
