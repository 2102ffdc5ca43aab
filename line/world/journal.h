/*
 * The journal of an input of --tree: the lines that were read from the FIFO and
 * are not answered yet, in a file `.journal` beside it, for the case that we
 * are killed. It is empty whenever all are answered. A record is `+`, the
 * number of its first line, its length, the time in milliseconds, and those
 * bytes, or `-` and the number of a line that was answered.
 */
#ifndef LINE_WORLD_JOURNAL_H
#define LINE_WORLD_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "sexp/buf.h"

/* Its fields are for journal.c alone. */
struct journal {
	unsigned long lines, answered; /* of this run */
	int is_partial;		       /* The last line is not whole. */
	size_t size;		       /* bytes of the file */
	struct buf notes;	       /* answers that are not in the file */
};

/* Makes J empty. */
void journal_init(struct journal *j);
/* Frees what J owns. */
void journal_clear(struct journal *j);
/*
 * Writes the N bytes at P, read at NOW (milliseconds since 1970), to the
 * journal in the directory AT, before they are executed. No event that they
 * cause may have an earlier time than NOW. Returns 0; -1 with errno and nothing
 * written.
 */
int journal_add(
    struct journal *j, int at, const void *p, size_t n, int64_t now);
/* Notes that the line of number LINE is answered by events yet to be filed. */
void journal_answered(struct journal *j, unsigned long line);
/*
 * Writes what was noted, as these events are in their files. What the disk has
 * no room for is kept for the next call.
 */
void journal_note(struct journal *j, int at);
/* Returns 1 if J is so large that it should become empty first. */
int journal_is_full(const struct journal *j);
/*
 * Reads the journal in the directory AT of an earlier run: calls TELL with
 * DATA, the number and the bytes of each line that was not answered. The answer
 * to one may be the last thing in `out`, as an event with `in=IN`.
 */
void journal_recover(int at, const char *in,
    void (*tell)(void *data, unsigned long line, const char *p, size_t n),
    void *data);
/* Empties the journal in the directory AT. */
void journal_forget(int at);

#endif
