/*
 * Decides whether a line is an event as jackline-lines(7) has it, without the
 * tables of the program: its columns, its tag with the fixed attributes in
 * their order, and every column in the one spelling that its content has.
 */
#ifndef T_PLAY_LINE_H
#define T_PLAY_LINE_H

#include <stdlib.h>
#include <string.h>

#include "line/text/escape.h"
#include "sexp/buf.h"

/* The table of events in jackline-lines(7), copied by hand. */
static const struct {
	const char *tag, *fixed;
} play_line_tags[] = {
    {"hello", "lines"},
    {"state", "cause"},
    {"ok", "line"},
    {"error", "line cause"},
    {"ask", "what secret"},
    {"info", "line"},
    {"warning", "line"},
    {"success", "line"},
    {"message", "enc trust src kind id"},
    {"own", "enc trust src kind id"},
    {"mark", "type of"},
    {"sent", "line id enc trust"},
    {"acked", "line id"},
    {"delivered", "line id"},
    {"failed", "line id cause"},
    {"unknown", "line id cause"},
    {"room", "mine src id"},
    {"topic", ""},
    {"member", "show role affiliation"},
    {"invite", "room"},
    {"presence", "show was prio"},
    {"roster", "sub"},
    {"subscription", "type"},
    {"otr", "trust fp"},
    {"smp", "state"},
    {"contact", "show sub unread enc trust"},
    {"session", "show prio enc trust"},
    {"fingerprint", "trust"},
    {"device", "trust fp"},
    {"replay", "state count"},
    {"history", "dir enc received stamp"},
    {"help", ""},
};

/* Returns 1 if the column is what the codec makes of what it stands for. */
static int
play_line_column(const char *p, size_t n, int options)
{
	struct buf plain, again;
	const char *why;
	size_t at;
	int kind, good;

	buf_init(&plain, 1 << 30);
	buf_init(&again, 1 << 30);
	kind = escape_read(&plain, p, n, &why, &at);
	if (kind >= 0)
		escape_write(&again, kind == 0 ? NULL : buf_data(&plain),
		    buf_len(&plain), options);
	good = n > 0 && kind >= 0 && buf_len(&again) == n &&
	       memcmp(buf_data(&again), p, n) == 0;
	buf_clear(&plain);
	buf_clear(&again);
	return good;
}

static int
play_line_time(const char *p, size_t n)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	size_t i;

	for (i = 0; i < sizeof form - 1; i++)
		if (n != sizeof form - 1 ||
		    (form[i] == 'd' ? p[i] < '0' || p[i] > '9'
				    : p[i] != form[i]))
			return 0;
	return 1;
}

/* Takes the next column off *P, which ends at END; its length, or -1. */
static long
play_line_next(const char **p, const char *end, const char **column)
{
	const char *tab;

	if (*p == NULL)
		return -1;
	*column = *p;
	tab = memchr(*p, '\t', (size_t)(end - *p));
	*p = tab == NULL ? NULL : tab + 1;
	return (tab == NULL ? end : tab) - *column;
}

/* One attribute; *FIXED is moved behind it where it is the next fixed one. */
static int
play_line_attribute(const char *p, size_t n, const char **fixed, int options)
{
	size_t key = strspn(p, "abcdefghijklmnopqrstuvwxyz"), want;

	if (key == 0 || key >= n || p[key] != '=')
		return 0;
	want = strcspn(*fixed, " ");
	if (want > 0) {
		if (want != key || memcmp(*fixed, p, key) != 0)
			return 0;
		*fixed += want + ((*fixed)[want] == ' ');
	}
	return play_line_column(
	    p + key + 1, n - key - 1, options | ESCAPE_VALUE);
}

/* NULL, or what is wrong with the line of N bytes at P, without its LF. */
__attribute__((unused)) static const char *
play_line_fault(const char *p, size_t n, int ascii)
{
	int options = ascii ? ESCAPE_ASCII : 0;
	const char *end = p + n, *column = p, *fixed = NULL;
	long len;
	size_t i;

	len = play_line_next(&p, end, &column);
	for (i = 0; i < sizeof play_line_tags / sizeof *play_line_tags; i++)
		if (strlen(play_line_tags[i].tag) == (size_t)len &&
		    memcmp(play_line_tags[i].tag, column, (size_t)len) == 0)
			fixed = play_line_tags[i].fixed;
	if (fixed == NULL)
		return "unknown tag";
	len = play_line_next(&p, end, &column);
	if (len < 0 || !play_line_time(column, (size_t)len))
		return "TIME is not as it should be";
	len = play_line_next(&p, end, &column);
	if (len < 0 ||
	    !play_line_column(column, (size_t)len, options | ESCAPE_VALUE))
		return "PEER is not in its canonical form";
	len = play_line_next(&p, end, &column);
	if (len < 0 || !play_line_column(column, (size_t)len, options))
		return "TEXT is not in its canonical form";
	while ((len = play_line_next(&p, end, &column)) >= 0)
		if (!play_line_attribute(column, (size_t)len, &fixed, options))
			return "an attribute is wrong or out of place";
	return *fixed == '\0' ? NULL : "a fixed attribute is missing";
}

#endif
