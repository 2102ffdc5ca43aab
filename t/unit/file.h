/*
 * Helpers that the tests of store/ share: whole files, lines of samples.
 * Included by a .c file that is a test.
 */
#ifndef T_FILE_H
#define T_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"

/* The whole file PATH into OUT, emptied before; ends the test without it. */
__attribute__((unused)) static void
file_read(const char *path, struct buf *out)
{
	char piece[4096];
	size_t n;
	FILE *f = fopen(path, "rb");

	buf_reset(out);
	if (f == NULL) {
		printf("Bail out! cannot open %s\n", path);
		exit(1);
	}
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(out, piece, n);
	fclose(f);
}

/*
 * The name for a temporary file or directory, to be made from it by mkstemp or
 * mkdtemp; tests run from the top of the tree.
 */
__attribute__((unused)) static void
file_temporary(char path[256])
{
	const char *at = getenv("TMPDIR");

	snprintf(path, 256, "%.200s/jackline-XXXXXX",
	    at == NULL || *at == '\0' ? "build" : at);
}

/* Returns 1 if B holds the bytes of the string TEXT. */
__attribute__((unused)) static int
file_is(const struct buf *b, const char *text)
{
	return buf_len(b) == strlen(text) &&
	       memcmp(buf_data(b), text, buf_len(b)) == 0;
}

/* Returns 1 if A and B hold the same bytes. */
__attribute__((unused)) static int
file_same(const struct buf *a, const struct buf *b)
{
	return buf_len(a) == buf_len(b) &&
	       memcmp(buf_data(a), buf_data(b), buf_len(a)) == 0;
}

#endif
