/* line/input.c: lines cut the same however their bytes come. */
#include "line/text/input.h"
#include "t/unit/tap.h"

#include <string.h>

#define MAX ((size_t)10)

static struct buf got;

/* Notes every line that is there. */
static void
take(struct input *i)
{
	enum input_item item;
	const char *line;
	size_t n;

	while ((item = input_next(i, &line, &n)) != INPUT_NONE) {
		buf_addf(&got, "%lu:", i->line);
		if (item == INPUT_LONG)
			buf_adds(&got, "LONG");
		else
			buf_add(&got, line, n);
		buf_addc(&got, '|');
	}
}

/* Returns 1 if N bytes of TEXT in pieces of STEP give WANT. */
static int
gives(const char *text, size_t n, size_t step, const char *want)
{
	struct input i;
	size_t at, some;
	int good;

	input_init(&i, MAX);
	buf_reset(&got);
	for (at = 0; at < n; at += some) {
		some = step < n - at ? step : n - at;
		input_add(&i, text + at, some);
		take(&i);
	}
	input_end(&i);
	take(&i);
	good = strcmp(buf_str(&got), want) == 0 &&
	       input_room(&i, INPUT_UNREAD) == 0;
	if (!good)
		printf("# step %zu: %s\n", step, buf_str(&got));
	input_clear(&i);
	return good;
}

static void
test_lines(void)
{
	static const struct {
		const char *text, *want, *what;
	} cases[] = {
	    {"", "", "nothing"},
	    {"\n", "1:|", "an empty line"},
	    {"a\nb\n", "1:a|2:b|", "two lines"},
	    {"a\nb", "1:a|2:b|", "the last without LF"},
	    {"a\n\n\nb\n", "1:a|2:|3:|4:b|", "empty lines"},
	    {"a\r\n\r\nb\r\r\nc\rd\r\n\r", "1:a|2:|3:b\r|4:c\rd|5:\r|",
		"one CR before an LF is no part of the line"},
	    {"0123456789\r\n01234567890\r\n", "1:0123456789|2:LONG|",
		"a CR does not make a line too long"},
	    {"\xef\xbb\xbfx\n\xef\xbb\xbfy\n", "1:x|2:\xef\xbb\xbfy|",
		"a byte order mark counts at the very first byte"},
	    {"\xef\xbb\xbf\n", "1:|", "a mark and an empty line"},
	    {"\xef\xbb\xbf", "", "a mark alone"},
	    {"\xef\xbb\xbf\xef\xbb\xbf\n", "1:\xef\xbb\xbf|",
		"a second one is text"},
	    {"\xef\xbbx\n", "1:\xef\xbbx|", "half a mark is none"},
	    {"\xef\xbb", "1:\xef\xbb|", "nor at the end"},
	    {"\n\xef\xbb\xbf\n", "1:|2:\xef\xbb\xbf|", "nor on line 2"},
	    {"0123456789\n", "1:0123456789|", "as long as may be"},
	    {"01234567890\nx\n", "1:LONG|2:x|", "one byte more"},
	    {"01234567890123456789012345678901\nx", "1:LONG|2:x|", "many more"},
	    {"x\n012345678901234567", "1:x|2:LONG|", "too long, without LF"},
	};
	size_t i, step;
	int good;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		good = 1;
		for (step = 1; step < 40; step++)
			good &= gives(cases[i].text, strlen(cases[i].text),
			    step, cases[i].want);
		ok(good, "%s", cases[i].what);
	}
	ok(gives("a\0b\n", 4, 1, "1:a"), "a NUL is a byte of the line");
}

/* Adds bytes of CHUNK until I takes no more. Returns how many. */
static size_t
fill(struct input *i, const char chunk[65536], size_t ahead)
{
	size_t room, n, all = 0;

	while ((room = input_room(i, ahead)) > 0) {
		n = room < 65536 ? room : 65536;
		input_add(i, chunk, n);
		all += n;
	}
	return all;
}

static void
test_room(void)
{
	static char chunk[65536];
	size_t all;
	struct input i;
	const char *line;
	size_t n;

	memset(chunk, '\n', sizeof chunk);
	input_init(&i, MAX);
	all = fill(&i, chunk, INPUT_AHEAD);
	ok(all == INPUT_AHEAD, "64 KiB are read ahead");
	all += fill(&i, chunk, INPUT_UNREAD);
	ok(all == INPUT_UNREAD, "4 MiB while events stand unread");
	ok(input_room(&i, INPUT_AHEAD) == 0, "and no more");
	ok(input_waiting(&i), "lines wait");
	input_next(&i, &line, &n);
	ok(input_room(&i, INPUT_UNREAD) == 1,
	    "a line that was taken makes room");
	input_clear(&i);

	/* The longest line is longer than what is read ahead. */
	memset(chunk, 'x', sizeof chunk);
	input_init(&i, INPUT_RAW_MAX);
	all = fill(&i, chunk, INPUT_AHEAD);
	ok(all > INPUT_RAW_MAX + 2 && all <= INPUT_RAW_MAX + 3,
	    "a line is read whole, or until it is too long");
	ok(input_next(&i, &line, &n) == INPUT_NONE &&
		input_room(&i, INPUT_AHEAD) == INPUT_AHEAD,
	    "then it is skipped");
	input_clear(&i);

	input_init(&i, MAX);
	memset(chunk, 'x', sizeof chunk);
	for (all = 0; all < (size_t)32 << 20; all += sizeof chunk) {
		input_add(&i, chunk, sizeof chunk);
		if (input_next(&i, &line, &n) != INPUT_NONE)
			break;
	}
	ok(all == (size_t)32 << 20 &&
		input_room(&i, INPUT_UNREAD) > INPUT_UNREAD / 2,
	    "a line that never ends is not kept");
	input_end(&i);
	ok(input_next(&i, &line, &n) == INPUT_LONG &&
		input_next(&i, &line, &n) == INPUT_NONE,
	    "and is one at the end");
	input_clear(&i);
}

int
main(void)
{
	buf_init(&got, 1000);
	test_lines();
	test_room();
	buf_clear(&got);
	return tap_done();
}
