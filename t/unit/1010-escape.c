/* line/escape.c: total, lossless, canonical, and nothing forged (1.1). */
#include "line/text/escape.h"
#include "sexp/utf8.h"
#include "t/unit/file.h"
#include "t/unit/stack.h"
#include "t/unit/tap.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define ACUTE	     "\xcc\x81" /* U+0301, Mn */
#define EIGHT	     ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE
#define ZWNJ	     "\xe2\x80\x8c"
#define ZWJ	     "\xe2\x80\x8d"

static struct buf text, back;

/* Returns 1 if the N bytes at P go there and back in one spelling, the text
 * being one that cannot be taken for anything else. The text stays in `text`.
 */
static int
round_trip(const void *p, size_t n, int options)
{
	const unsigned char *s;
	const char *why;
	size_t i, at, len, size;
	uint32_t cp;

	buf_reset(&text);
	buf_reset(&back);
	if (escape_write(&text, p, n, options) != 0)
		return 0;
	s = buf_data(&text);
	size = buf_len(&text);
	for (i = 0; i < size; i += len) {
		len = utf8_decode(s + i, size - i, &cp);
		if (len == 0 || cp < 0x20 || cp == 0x7f || utf8_is_hidden(cp))
			return 0;
		if ((options & ESCAPE_ASCII) && cp >= 0x80)
			return 0;
		if ((options & ESCAPE_VALUE) &&
		    (cp == ' ' || cp == 0x200c || cp == 0x200d))
			return 0;
		if (i == 0 && utf8_is_mark(cp))
			return 0;
	}
	if (size == 0 || (size == 1 && s[0] == '-'))
		return 0;
	return escape_read(&back, s, size, &why, &at) == 1 &&
	       buf_len(&back) == n && memcmp(buf_data(&back), p, n) == 0;
}

/* How CP is to be written, as a column of its own or behind a letter. */
static void
expect(uint32_t cp, int options, int alone, char out[64])
{
	static const char *const named[] = {
	    ['\t'] = "\\t", ['\n'] = "\\n", ['\r'] = "\\r", ['\\'] = "\\\\"};
	unsigned char utf8[5] = {0};
	size_t n = utf8_encode(cp, utf8), i;
	int bytes = cp < 0x20 || cp == 0x7f || (cp >= 0xd800 && cp <= 0xdfff) ||
		    (cp >= 0x80 && (options & ESCAPE_ASCII));
	int joiner = cp == 0x200c || cp == 0x200d;

	if (cp < COUNT(named) && named[cp] != NULL)
		strcpy(out, named[cp]);
	else if (cp == ' ' && (options & ESCAPE_VALUE))
		strcpy(out, "\\s");
	else if (cp == '-' && alone)
		strcpy(out, "\\-");
	else if (bytes)
		for (i = 0; i < n; i++)
			snprintf(out + 4 * i, 5, "\\x%02x", utf8[i]);
	else if (utf8_is_hidden(cp) || (alone && utf8_is_mark(cp)) ||
		 (joiner && (options & ESCAPE_VALUE)))
		snprintf(out, 64, "\\u{%x}", (unsigned)cp);
	else
		strcpy(out, (char *)utf8);
}

/*
 * The character behind CP that is tried. Planes 4 to 13 are unassigned, 15 and
 * 16 private, one character there like another: one in 251 of them.
 */
static uint32_t
next_character(uint32_t cp)
{
	uint32_t plane = cp >> 16;

	return (plane > 3 && plane != 14) ? cp + 251 : cp + 1;
}

static void
test_characters(int options, const char *name)
{
	size_t wrong = 0, n;
	unsigned char behind[6];
	char want[66] = "a";
	uint32_t cp;

	behind[0] = 'a';
	for (cp = 0; cp <= 0x10ffff; cp = next_character(cp)) {
		n = utf8_encode(cp, behind + 1);
		expect(cp, options, 1, want + 1);
		if (!round_trip(behind + 1, n, options) ||
		    strcmp(buf_str(&text), want + 1) != 0)
			wrong++;
		expect(cp, options, 0, want + 1);
		if (!round_trip(behind, n + 1, options) ||
		    strcmp(buf_str(&text), want) != 0)
			wrong++;
	}
	ok(wrong == 0, "every character, %s", name);
}

/* Plain text is looked at in words: each byte at each place of them. */
static void
test_places(int options)
{
	char data[21], want[96], one[64];
	size_t wrong = 0, at;
	int byte;

	for (byte = 0; byte < 256; byte++)
		for (at = 1; at < 20; at++) {
			memset(data, 'a', sizeof data - 1);
			data[sizeof data - 1] = '\0';
			data[at] = (char)byte;
			if (byte < 0x80)
				expect((uint32_t)byte, options, 0, one);
			else
				snprintf(one, sizeof one, "\\x%02x", byte);
			snprintf(want, sizeof want, "%.*s%s%s", (int)at, data,
			    one, data + at + 1);
			wrong += !round_trip(data, 20, options) ||
				 strcmp(buf_str(&text), want) != 0;
		}
	ok(wrong == 0, "every byte at every place, options %d", options);
}

static void
test_written(void)
{
	static const struct {
		const char *data;
		int options;
		const char *text;
	} cases[] = {
	    {"", 0, "\\e"},
	    {"-", 0, "\\-"},
	    {"-", ESCAPE_VALUE | ESCAPE_ASCII, "\\-"},
	    {"--", 0, "--"},
	    {"- ", ESCAPE_VALUE, "-\\s"},
	    {"-" ACUTE, 0, "-" ACUTE},
	    {"\\e", 0, "\\\\e"},
	    {"two words", 0, "two words"},
	    {" two  words ", ESCAPE_VALUE, "\\stwo\\s\\swords\\s"},
	    {"a\nok\t-\t-\r", 0, "a\\nok\\t-\\t-\\r"},
	    {"\x1b[2J\x7f", 0, "\\x1b[2J\\x7f"},
	    {"caf\xc3\xa9", 0, "caf\xc3\xa9"},
	    {"caf\xc3\xa9", ESCAPE_ASCII, "caf\\xc3\\xa9"},
	    {"\xef\xbb\xbf\xe2\x80\xae", 0, "\\u{feff}\\u{202e}"},
	    {"\xef\xbb\xbf", ESCAPE_ASCII, "\\xef\\xbb\\xbf"},
	    {"\xc3(\xff\xc3", 0, "\\xc3(\\xff\\xc3"},
	    {"\xf0\x9f\x98", 0, "\\xf0\\x9f\\x98"},
	    {"\xe2\x82\xf0\x9f\x98\x80", 0, "\\xe2\\x82\xf0\x9f\x98\x80"},
	    {"\xed\xa0\xbd\xc0\xaf", 0, "\\xed\\xa0\\xbd\\xc0\\xaf"},
	    /* marks */
	    {ACUTE, 0, "\\u{301}"},
	    {ACUTE ACUTE "a" ACUTE, 0, "\\u{301}" ACUTE "a" ACUTE},
	    {"\n" ACUTE, 0, "\\n" ACUTE},
	    {"\xe0\xa4\x83", 0, "\\u{903}"},
	    {"a" EIGHT, 0, "a" EIGHT},
	    {"a" EIGHT ACUTE ACUTE "b" ACUTE, 0,
		"a" EIGHT "\\u{301}\\u{301}b" ACUTE},
	    {EIGHT ACUTE, 0,
		"\\u{301}" ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE
		"\\u{301}"},
	    {"a" EIGHT "\xe0\xa4\x83" EIGHT, 0, "a" EIGHT "\xe0\xa4\x83" EIGHT},
	    {"a" EIGHT "\xff" ACUTE, 0, "a" EIGHT "\\xff" ACUTE},
	    {"a" EIGHT "\xe2\x80\x8b" ACUTE, 0, "a" EIGHT "\\u{200b}" ACUTE},
	    /* joiners */
	    {"\xd9\x86" ZWNJ "\xd9\x87", 0, "\xd9\x86" ZWNJ "\xd9\x87"},
	    {"a" ZWJ ZWNJ, ESCAPE_VALUE, "a\\u{200d}\\u{200c}"},
	    {"a" EIGHT ZWJ ACUTE, 0, "a" EIGHT ZWJ "\\u{301}"},
	    {"a" EIGHT ZWJ ACUTE, ESCAPE_VALUE, "a" EIGHT "\\u{200d}" ACUTE},
	    {ZWJ ACUTE, 0, ZWJ "\\u{301}"},
	    {ZWJ ACUTE, ESCAPE_VALUE, "\\u{200d}" ACUTE},
	};
	size_t i;
	int good;

	for (i = 0; i < COUNT(cases); i++) {
		good = round_trip(
		    cases[i].data, strlen(cases[i].data), cases[i].options);
		ok(good && strcmp(buf_str(&text), cases[i].text) == 0,
		    "written: case %zu", i);
	}
	ok(round_trip("a\0b", 3, 0) && strcmp(buf_str(&text), "a\\x00b") == 0,
	    "NUL");
	buf_reset(&text);
	ok(escape_write(&text, NULL, 0, 0) == 0 &&
		strcmp(buf_str(&text), "-") == 0,
	    "absent");
}

static void
test_random(void)
{
	static const char *const pieces[] = {"-", "\\", "\\e", "\\-", "\n",
	    "\t", "\r", " ", "a", "}", "{", "\\u{41}", "\\x41", ACUTE, EIGHT,
	    ZWJ, ZWNJ, "\xe0\xa4\x83", "\xc3\xa9", "\xf0\x9f\x98\x80",
	    "\xe2\x80\xae", "\xf4\x8f\xbf\xbf", "\xff", "\xc3", "\xe2\x82",
	    "\xed\xa0\x80", "\xf0\x9f", "\x7f", "\x1b", "plain words"};
	unsigned char data[512];
	unsigned long long seed = 1;
	size_t wrong = 0, i, k, n, len;

	for (i = 0; i < 50000; i++) {
		for (n = 0, k = i % 23; k > 0; k--) {
			seed = seed * 6364136223846793005ULL + 1;
			len = (size_t)(seed >> 33) % (COUNT(pieces) + 4);
			if (len >= COUNT(pieces)) {
				data[n++] = (unsigned char)(seed >> 56);
				continue;
			}
			memcpy(data + n, pieces[len], strlen(pieces[len]));
			n += strlen(pieces[len]);
		}
		wrong += !round_trip(data, n, (int)(seed >> 60) & 3);
	}
	ok(wrong == 0, "random bytes there and back");
}

static void
test_read(void)
{
	static const struct {
		const char *text, *data;
	} cases[] = {
	    {"", ""},
	    {"\\e", ""},
	    {"\\-", "-"},
	    {"--", "--"},
	    {"plain words", "plain words"},
	    {"\\\\\\n\\r\\t\\s", "\\\n\r\t "},
	    {"\\x41\\x4A\\x4a", "AJJ"},
	    {"\\xff\\xC3\\xa9\xff", "\xff\xc3\xa9\xff"},
	    {"\\u{41}\\u{000041}\\u{E9}", "AA\xc3\xa9"},
	    {"\\u{10ffff}\\u{d7ff}\\u{e000}",
		"\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80"},
	    {"a\tb" ACUTE "\x1b", "a\tb" ACUTE "\x1b"},
	    {"\\\\e", "\\e"},
	    {"a\\e", "a"},
	    {"\\ea\\eb", "ab"},
	    {"\\e\\e", ""},
	    {"\\-\\-", "--"},
	    {"a\\-b", "a-b"},
	    {"\\e-", "-"},
	    {"-\\e", "-"},
	};
	const char *why;
	size_t i, at;
	int got;

	for (i = 0; i < COUNT(cases); i++) {
		buf_reset(&back);
		got = escape_read(
		    &back, cases[i].text, strlen(cases[i].text), &why, &at);
		ok(got == 1 && strcmp(buf_str(&back), cases[i].data) == 0,
		    "read: %s", i == 10 ? "raw bytes" : cases[i].text);
	}
	buf_reset(&back);
	ok(escape_read(&back, "-", 1, &why, &at) == 0 && buf_len(&back) == 0,
	    "absent is told apart");
}

static void
test_malformed(void)
{
	static const struct {
		const char *text;
		size_t at;
		const char *why;
	} cases[] = {
	    {"\\", 0, "unfinished escape"},
	    {"abc\\", 3, "unfinished escape"},
	    {"\\\\\\", 2, "unfinished escape"},
	    {"a\\q", 1, "unknown escape"},
	    {"a\\N", 1, "unknown escape"},
	    {"a\\0", 1, "unknown escape"},
	    {"\\\xc3\xa9", 0, "unknown escape"},
	    {"\\x", 0, "unfinished escape"},
	    {"\\x4", 0, "unfinished escape"},
	    {"\\xg1", 0, "\\x wants two hex digits"},
	    {"..\\x1g", 2, "\\x wants two hex digits"},
	    {"\\u", 0, "unfinished escape"},
	    {"\\u{", 0, "unfinished escape"},
	    {"\\u{10ffff", 0, "unfinished escape"},
	    {"\\u41", 0, "\\u wants {, one to six hex digits, }"},
	    {"\\u{}", 0, "\\u wants {, one to six hex digits, }"},
	    {"\\u{ 41}", 0, "\\u wants {, one to six hex digits, }"},
	    {"\\u{0000041}", 0, "\\u wants {, one to six hex digits, }"},
	    {"\\u{110000}", 0, "\\u{} names no character"},
	    {"\\u{ffffff}", 0, "\\u{} names no character"},
	    {"ok \\u{d800}", 3, "\\u{} names no character"},
	    {"ok \\u{DFFF}", 3, "\\u{} names no character"},
	};
	const char *why;
	size_t i, at;
	int got;

	for (i = 0; i < COUNT(cases); i++) {
		buf_reset(&back);
		buf_adds(&back, "kept");
		why = "";
		got = escape_read(
		    &back, cases[i].text, strlen(cases[i].text), &why, &at);
		ok(got == -1 && at == cases[i].at &&
			strcmp(why, cases[i].why) == 0 &&
			strcmp(buf_str(&back), "kept") == 0,
		    "malformed: case %zu: %s at %zu", i, why, at);
	}
}

/* Whatever the bound, all or nothing. */
static void
test_bound(void)
{
	static const char data[] = "a\n" ACUTE "\xff\xe2\x80\xaezz \\";
	struct buf small;
	const char *why;
	size_t max, at, wrong = 0, need;

	buf_reset(&text);
	escape_write(&text, data, strlen(data), ESCAPE_VALUE);
	need = buf_len(&text);
	for (max = 1; max < need + 3; max++) {
		buf_init(&small, max);
		buf_addc(&small, '!');
		if (escape_write(&small, data, strlen(data), ESCAPE_VALUE) !=
		    (max > need ? 0 : -1))
			wrong++;
		wrong += buf_len(&small) != (max > need ? need + 1 : 1);
		buf_clear(&small);
		buf_init(&small, max);
		buf_addc(&small, '!');
		if (escape_read(&small, buf_data(&text), need, &why, &at) !=
		    (max > strlen(data) ? 1 : -1))
			wrong++;
		wrong += buf_len(&small) !=
			 (max > strlen(data) ? 1 + strlen(data) : 1);
		buf_clear(&small);
	}
	ok(wrong == 0, "all or nothing up to %zu bytes", need + 3);
	for (max = 1, wrong = 0; max < 30; max++) {
		buf_init(&small, max);
		buf_addc(&small, '!');
		wrong += escape_sanitize(&small, "a\xff\xc3\xa9\1", 5) !=
			     (max > 11 ? 0 : -1) ||
			 buf_len(&small) != (max > 11 ? 12 : 1);
		buf_clear(&small);
	}
	ok(wrong == 0, "all or nothing of what is made fit for XML");
	buf_init(&small, 30);
	ok(escape_sanitize(&small, "a\xc3\xa9", 2) == 0 &&
		strcmp(buf_str(&small), "a\\xc3") == 0,
	    "a character that goes on behind the end is cut");
	buf_clear(&small);
	buf_init(&small, 1);
	ok(escape_write(&small, "", 0, 0) == -1 && buf_len(&small) == 0 &&
		escape_write(&small, "-", 1, 0) == -1 && buf_len(&small) == 0 &&
		escape_write(&small, NULL, 0, 0) == 0 &&
		escape_write(&small, NULL, 0, 0) == -1,
	    "nor half an escape");
	buf_clear(&small);
}

/* Eight bytes at once are those of the text, and no others. */
static void
test_eight(void)
{
	static const char lines[] = "aaaaaaaaaaaaaaaaaaaaaaaa\n\n\n\n\n\n\n\n";

	buf_reset(&text);
	stack_fill();
	ok(escape_write(&text, lines + 24, 8, 0) == 0 &&
		strcmp(buf_str(&text), "\\n\\n\\n\\n\\n\\n\\n\\n") == 0,
	    "eight bytes to be escaped");
	buf_reset(&text);
	ok(escape_write(&text, lines + 16, 16, 0) == 0 &&
		strcmp(buf_str(&text), "aaaaaaaa\\n\\n\\n\\n\\n\\n\\n\\n") == 0,
	    "behind eight that are not, and more in front of the text");
}

int
main(void)
{
	buf_init(&text, 1 << 20);
	buf_init(&back, 1 << 20);
	test_characters(0, "in TEXT");
	test_characters(ESCAPE_VALUE, "in values");
	test_characters(ESCAPE_ASCII, "in ASCII");
	test_characters(ESCAPE_ASCII | ESCAPE_VALUE, "in values in ASCII");
	test_places(0);
	test_places(ESCAPE_VALUE);
	test_written();
	test_random();
	test_read();
	test_malformed();
	test_bound();
	test_eight();
	buf_clear(&text);
	buf_clear(&back);
	return tap_done();
}
