/*
 * Reads and prints the lines of a position (jackline(1), FILES): the ids of an
 * archive that were dealt with, each with its time. Pure: no files, no clock.
 */
#ifndef STORE_ENTRY_H
#define STORE_ENTRY_H

#include <stdint.h>

#include "sexp/buf.h"

#define ENTRY_ID   1024	       /* bytes of an id, at most */
#define ENTRY_FILE (64u << 10) /* past this the file is replaced */

/* One line. */
struct entry_line {
	char id[ENTRY_ID + 1]; /* empty: the archive was empty then */
	int64_t seconds;       /* since 1970 */
	int early;	       /* dealt with before the entries above it */
};

/*
 * Reads the first line of the N bytes at P, with its newline, into L. Returns
 * its length; 0 where there is no newline; L->id is NULL-terminated. A line
 * that is none sets *WHY to the static reason and is skipped by the caller.
 */
size_t entry_read(
    struct entry_line *l, const char *p, size_t n, const char **why);
/*
 * Appends the line of ID ("": none) to OUT. Returns -1 if the bound of OUT is
 * exceeded; ID has at most ENTRY_ID bytes.
 */
int entry_print(struct buf *out, const char *id, int64_t seconds, int early);

#endif
