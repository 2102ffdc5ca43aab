/* line/filter.c: the codec over streams of any size, in pieces of any size. */
#include "line/filter.h"
#include "t/tap.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define ACUTE	     "\xcc\x81"

static struct buf out, whole;

/* Runs N bytes of P through F in pieces of STEP bytes, into OUT. */
static int
run(struct filter *f, const void *p, size_t n, size_t step)
{
	const unsigned char *from = p;
	size_t some, before;

	buf_reset(&out);
	for (; n > 0; n -= some, from += some) {
		some = step < n ? step : n;
		before = buf_len(&out);
		if (filter_add(f, from, some, &out) == -1)
			return -1;
		if (buf_len(&out) - before > FILTER_MAX(some))
			return -2;
	}
	return filter_end(f, &out);
}

static int
gives(enum filter_way way, const char *in, size_t n, const char *want, size_t m)
{
	struct filter f;
	size_t step;

	for (step = 1; step <= n + 1; step++) {
		filter_init(&f, way, 0);
		if (run(&f, in, n, step) != 0 || buf_len(&out) != m ||
		    memcmp(buf_data(&out), want, m) != 0)
			return 0;
	}
	return 1;
}

static void
test_escape(void)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
	    {"", "\\e\n"},
	    {"-", "\\-\n"},
	    {"--", "--\n"},
	    {"-\n", "-\\n\n"},
	    {"\n", "\\n\n"},
	    {"a\nb", "a\\nb\n"},
	    {"two words\n\n", "two words\\n\\n\n"},
	    {"caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80\n"},
	    {"\xf0\x9f\x98", "\\xf0\\x9f\\x98\n"},
	    {"\xe2\x82\xc3\xa9\xff", "\\xe2\\x82\xc3\xa9\\xff\n"},
	    {ACUTE ACUTE, "\\u{301}" ACUTE "\n"},
	    {"a" ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE,
		"a" ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE
		"\\u{301}\n"},
	};
	struct filter f;
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		ok(gives(FILTER_ESCAPE, cases[i].in, strlen(cases[i].in),
		       cases[i].want, strlen(cases[i].want)),
		    "--escape: case %zu", i);
	filter_init(&f, FILTER_ESCAPE, ESCAPE_ASCII | ESCAPE_VALUE);
	ok(run(&f, "\xc3\xa9 \xc3", 4, 1) == 0 &&
		strcmp(buf_str(&out), "\\xc3\\xa9\\s\\xc3\n") == 0,
	    "options are heeded");
}

static void
test_unescape(void)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
	    {"", ""},
	    {"\n\n", "\n\n"},
	    {"a\n", "a\n"},
	    {"a", "a"},
	    {"-\n\\e\n\\-\n-", "\n\n-\n"},
	    {"\\-", "-"},
	    {"--\n- \n", "--\n- \n"},
	    {"a\\nb\\s\\u{1f600}\\x21\n\\\\\n", "a\nb \xf0\x9f\x98\x80!\n\\\n"},
	    {"\\xc3\\xa9\\u{10ffff}", "\xc3\xa9\xf4\x8f\xbf\xbf"},
	    {"\xff\t\n", "\xff\t\n"},
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		ok(gives(FILTER_UNESCAPE, cases[i].in, strlen(cases[i].in),
		       cases[i].want, strlen(cases[i].want)),
		    "--unescape: case %zu", i);
	ok(gives(FILTER_UNESCAPE, "\\x00\n", 5, "\0\n", 2), "NUL");
}

static void
test_errors(void)
{
	static const struct {
		const char *in;
		size_t line, at;
		const char *why, *want;
	} cases[] = {
	    {"ok\nab\\qc\n", 2, 2, "unknown escape", "ok\nab"},
	    {"ok\n\n\\n.\\", 3, 3, "unfinished escape", "ok\n\n\n."},
	    {"\\x4\n1", 1, 0, "unfinished escape", ""},
	    {"\\x4g\n", 1, 0, "\\x wants two hex digits", ""},
	    {"\\u{41\n}", 1, 0, "unfinished escape", ""},
	    {"a\\e\n", 1, 1, "\\e and \\- must stand alone", "a"},
	    {"\n\n-\n\\u{d800}", 4, 0, "\\u{} names no character", "\n\n\n"},
	};
	struct filter f;
	size_t i, step, wrong;

	for (i = 0; i < COUNT(cases); i++) {
		wrong = 0;
		for (step = 1; step < 20; step++) {
			filter_init(&f, FILTER_UNESCAPE, 0);
			if (run(&f, cases[i].in, strlen(cases[i].in), step) !=
				-1 ||
			    f.line != cases[i].line || f.at != cases[i].at ||
			    f.why == NULL || strcmp(f.why, cases[i].why) != 0 ||
			    strcmp(buf_str(&out), cases[i].want) != 0)
				wrong++;
			wrong += filter_add(&f, "a", 1, &out) != -1 ||
				 filter_end(&f, &out) != -1;
		}
		ok(wrong == 0, "error %zu: %zu:%zu: %s", i, f.line, f.at,
		    f.why);
	}
}

/* More than is ever held: random bytes there and back in uneven pieces, the
 * same as all at once. */
static void
test_stream(void)
{
	static unsigned char data[100000];
	unsigned long long seed = 7;
	struct filter f;
	size_t i, step, wrong = 0;

	for (i = 0; i < sizeof data; i++) {
		seed = seed * 6364136223846793005ULL + 1;
		data[i] = (unsigned char)(seed >> 56);
		if ((seed >> 40 & 3) == 0)
			data[i] &= 0x7f;
		if ((seed >> 42 & 7) == 0 && i + 1 < sizeof data) {
			memcpy(data + i, ACUTE, 2);
			i++;
		}
	}
	buf_reset(&whole);
	escape_write(&whole, data, sizeof data, 0);
	for (step = 1; step < 20000; step = step * 3 + 1) {
		filter_init(&f, FILTER_ESCAPE, 0);
		wrong += run(&f, data, sizeof data, step) != 0 ||
			 buf_len(&out) != buf_len(&whole) + 1 ||
			 memcmp(buf_data(&out), buf_data(&whole),
			     buf_len(&whole)) != 0;
		filter_init(&f, FILTER_UNESCAPE, 0);
		wrong +=
		    run(&f, buf_data(&whole), buf_len(&whole), step) != 0 ||
		    buf_len(&out) != sizeof data ||
		    memcmp(buf_data(&out), data, sizeof data) != 0;
	}
	ok(wrong == 0, "a stream is what all at once is, both ways");
}

static void
test_bound(void)
{
	struct buf small;
	struct filter f;

	buf_init(&small, 3);
	filter_init(&f, FILTER_ESCAPE, 0);
	ok(filter_add(&f, "a\n\n", 3, &small) == -1 && f.why != NULL &&
		strcmp(f.why, "too long") == 0,
	    "--escape past the bound is an error");
	buf_reset(&small);
	filter_init(&f, FILTER_ESCAPE, 0);
	ok(filter_add(&f, "abc", 3, &small) == 0 &&
		filter_end(&f, &small) == -1 && f.why != NULL,
	    "and so is its line feed");
	buf_reset(&small);
	filter_init(&f, FILTER_UNESCAPE, 0);
	ok(filter_add(&f, "\n\n\n\n", 4, &small) == -1 && f.line == 4 &&
		strcmp(f.why, "too long") == 0,
	    "--unescape likewise");
	buf_clear(&small);
}

int
main(void)
{
	buf_init(&out, 1 << 20);
	buf_init(&whole, 1 << 20);
	test_escape();
	test_unescape();
	test_errors();
	test_stream();
	test_bound();
	buf_clear(&out);
	buf_clear(&whole);
	return tap_done();
}
