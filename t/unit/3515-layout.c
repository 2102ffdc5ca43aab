/*
 * The prompt and the typed line in rows: where the cursor is, what is left out
 * of a line that is too tall, characters of every width.
 */
#include <string.h>

#include "line/tty/layout.h"
#include "t/unit/tap.h"

/* As wcwidth(3): CJK has two columns, what combines none. */
static int
width(uint32_t cp)
{
	if (cp < ' ' || (cp >= 0x7f && cp < 0xa0))
		return -1;
	if (cp >= 0x300 && cp < 0x370)
		return 0;
	return cp >= 0x3000 && cp < 0xa000 ? 2 : 1;
}

static struct layout l;

/* Lays LINE out behind `> ` in COLUMNS and ROWS; the cursor is at CURSOR. */
static void
lay(const wchar_t *line, size_t cursor, int columns, int rows)
{
	struct layout_input in = {.prompt = "\1\033[1m\1> \1\033[0m\1",
	    .line = line,
	    .length = wcslen(line),
	    .cursor = cursor,
	    .columns = columns,
	    .rows = rows,
	    .width = width};

	layout_make(&l, &in);
}

/* The text without what begins and ends a row and without colours. */
static void
looks(const char *rows, int row, int column)
{
	const char *p = buf_str(&l.text);
	struct buf b;

	buf_init(&b, 1 << 20);
	for (; *p != '\0'; p++)
		if (strncmp(p, "\033[K\r\n", 5) == 0) {
			buf_addc(&b, '|');
			p += 4;
		} else if (*p == '\033') {
			p = strchr(p, 'm');
		} else {
			buf_addc(&b, *p);
		}
	ok(strcmp(buf_str(&b), rows) == 0 && l.cursor_row == row &&
		l.cursor_column == column,
	    "%s, %d, %d: %s, %d, %d", rows, row, column, buf_str(&b),
	    l.cursor_row, l.cursor_column);
	buf_clear(&b);
}

static void
widths(void)
{
	lay(L"", 0, 20, 4);
	looks("> ", 0, 2);
	lay(L"abc", 1, 20, 4);
	looks("> abc", 0, 3);
	ok(l.cursor_at == strlen("\033[1m> \033[0ma") && l.cursor_row_at == 0,
	    "bytes before the cursor");
	lay(L"abcdefgh", 8, 10, 4);
	looks("> abcdefg|h", 1, 1);
	lay(L"abcdefg", 7, 10, 4);
	looks("> abcdefg", 0, 9);
	lay(L"abcdefgh", 7, 10, 4);
	looks("> abcdefg|h", 1, 0);
	lay(L"abcdef\x65e5x", 8, 10, 4);
	looks("> abcdef|\346\227\245x", 1, 3);
	lay(L"e\x301x", 2, 10, 4);
	looks("> e\314\201x", 0, 3);
	lay(L"\x301x", 2, 10, 4);
	looks("> \342\227\214\314\201x", 0, 4);
	lay(L"e\x301\x301\x301\x301\x301\x301\x301\x301\x301", 10, 20, 4);
	looks("> e\314\201\314\201\314\201\314\201\314\201\314\201\314\201"
	      "\314\201\\U+0301",
	    0, 10);
	lay(L"a\tb", 3, 20, 4);
	looks("> a     b", 0, 9);
	lay(L"\x1b\x7f", 2, 20, 4);
	looks("> ^[^?", 0, 6);
	lay(L"\x202e\x85", 2, 20, 4);
	looks("> \\U+202E\\U+0085", 0, 16);
	lay(L"one\ntwo", 3, 20, 4);
	looks("> one|two", 0, 5);
	lay(L"one\ntwo", 4, 20, 4);
	looks("> one|two", 1, 0);
}

static void
tall(void)
{
	wchar_t line[1001];
	size_t i;

	for (i = 0; i < 1000; i++)
		line[i] = (wchar_t)(L'a' + (wchar_t)(i % 26));
	line[1000] = L'\0';
	lay(line, 1000, 11, 3);
	ok(l.first > 970 && l.rows <= 3 && l.cursor_row == l.rows - 1,
	    "the end of a tall line, from %zu on", l.first);
	i = l.first;
	lay(line, 990, 11, 3);
	ok(l.first == i, "stays while the cursor is in it");
	lay(line, 0, 11, 3);
	looks("> abcdefgh|ijklmnopqr|stuvwxy...", 0, 2);
	lay(line, 26, 11, 3);
	ok(l.first > 0 && l.first < 26 && l.cursor_row < 3,
	    "the first that is not seen, from %zu on", l.first);
	lay(line, 500, 11, 1);
	ok(l.first <= 500 && l.cursor_row == 0 && l.rows == 1, "one row");
	lay(line, 500, 1, 1);
	ok(l.rows == 1, "one column");
	lay(line, 500, 40, 100);
	ok(l.first == 0 && l.rows == 26, "with room for all of it");
	lay(L"short", 5, 11, 3);
	looks("> short", 0, 7);
	lay(L"1\n2\n3\n4\n5\n6\n7", 13, 20, 3);
	ok(l.first > 0 && l.cursor_row == l.rows - 1 && l.rows <= 3,
	    "many lines");
}

static void
refolded(void)
{
	lay(L"abcdefghijklmnopqrstuvwxyz", 26, 11, 9);
	ok(l.cursor_row == 2, "three rows");
	ok(layout_refolded(&l, 11) == 2, "of the same width");
	ok(layout_refolded(&l, 5) == 5, "of half of it");
	ok(layout_refolded(&l, 80) == 2, "of more");
}

int
main(void)
{
	widths();
	tall();
	refolded();
	layout_clear(&l);
	return tap_done();
}
