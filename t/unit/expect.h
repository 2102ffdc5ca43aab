/*
 * The form of t/samples/NAME.expected.txt, where the original's own reader
 * says what it sees: quoted text, dates, sets; and the lines of one kind.
 */
#ifndef T_EXPECT_H
#define T_EXPECT_H

#include <stdint.h>
#include <time.h>

#include "sexp/sexp.h"
#include "t/unit/file.h"

/* N bytes of P as a string of OCaml. */
__attribute__((unused)) static void
expect_quoted(struct buf *out, const char *p, size_t n)
{
	struct sexp_tree *t = sexp_new();
	struct buf text;

	buf_init(&text, 1 << 20);
	sexp_mach(sexp_atom(t, p, n), &text);
	if (buf_len(&text) > 0 && buf_data(&text)[0] == '"')
		buf_adds(out, buf_str(&text));
	else
		buf_addf(out, "\"%s\"", buf_str(&text));
	buf_clear(&text);
	sexp_free(t);
}

__attribute__((unused)) static void
expect_option(struct buf *out, const char *text)
{
	if (text == NULL) {
		buf_adds(out, "None");
		return;
	}
	buf_adds(out, "Some ");
	expect_quoted(out, text, strlen(text));
}

__attribute__((unused)) static void
expect_day(struct buf *out, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;

	gmtime_r(&when, &tm);
	buf_addf(out, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
	    tm.tm_mday);
}

__attribute__((unused)) static void
expect_time(struct buf *out, double seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;

	gmtime_r(&when, &tm);
	expect_day(out, (int64_t)when);
	buf_addf(out, "T%02d:%02d:%02d.%06d-00:00", tm.tm_hour, tm.tm_min,
	    tm.tm_sec, (int)((seconds - (double)when) * 1e6));
}

/* The words of an OTR policy, in the order in which the file has them. */
__attribute__((unused)) static void
expect_otr(struct buf *out, unsigned policies, unsigned versions)
{
	static const char *const words[] = {"require encryption",
	    "send whitespace tag", "whitespace starts key exchange",
	    "error starts key exchange", "reveal mac keys"};
	const char *between = "";

	buf_adds(out, "policies=[");
	for (; policies != 0; policies >>= 3, between = "; ")
		buf_addf(out, "%s%s", between, words[(policies & 7) - 1]);
	buf_adds(out, "] versions=[");
	between = "";
	for (; versions != 0; versions >>= 3, between = "; ")
		buf_addf(out, "%sversion %u", between, (versions & 7) + 1);
	buf_addc(out, ']');
}

/* The lines of NAME.expected.txt that begin with one of PREFIX, into OUT. */
__attribute__((unused)) static void
expect_lines(const char *name, const char *const prefix[], struct buf *out)
{
	struct buf file;
	char path[64];
	const char *p, *end;
	int i;

	snprintf(path, sizeof path, "t/samples/%s.expected.txt", name);
	buf_init(&file, 1 << 20);
	file_read(path, &file);
	buf_reset(out);
	for (p = buf_str(&file); (end = strchr(p, '\n')) != NULL; p = end + 1)
		for (i = 0; prefix[i] != NULL; i++)
			if (strncmp(p, prefix[i], strlen(prefix[i])) == 0)
				buf_add(out, p, (size_t)(end - p) + 1);
	buf_clear(&file);
}

/* Says where A and B differ, if they do; returns whether they are the same. */
__attribute__((unused)) static int
expect_same(struct buf *got, struct buf *want)
{
	if (file_same(got, want))
		return 1;
	printf("# got:  %s\n# want: %s\n", buf_str(got), buf_str(want));
	return 0;
}

#endif
