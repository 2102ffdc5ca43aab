/*
 * Reads the event lines that event.h writes, for /wait and the terminal. Pure;
 * all is borrowed from the line. Knows the columns, not their meaning.
 */
#ifndef LINE_TEXT_FIELDS_H
#define LINE_TEXT_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "line/text/event.h"

/* N bytes, escaped as they stand in the line; p NULL: absent. */
struct field {
	const char *p;
	size_t n;
};

struct fields {
	enum event_tag tag;
	int64_t time; /* milliseconds since 1970 */
	struct field line, peer, text, rest;
};

/* Reads LINE of N bytes, without its LF. -1 where it is no event line. */
int fields_read(struct fields *f, const char *line, size_t n);
/*
 * Returns the milliseconds since 1970 that F says, as TIME or as a stamp of
 * XEP-0082 in UTC; -1 where it says none.
 */
int64_t field_time(struct field f);
/* Returns the value of the attribute KEY; absent also where it is `-`. */
struct field fields_get(const struct fields *f, const char *key);
/* Takes the next attribute, `key=value`, off REST; absent after the last. */
struct field fields_next(struct field *rest);
/* Returns 1 if F is the string S, else 0. */
int field_is(struct field f, const char *s);
/* Returns 1 if A and B are there and the same bytes, else 0. */
int field_same(struct field a, struct field b);
/* Returns the bare part of a PEER. */
struct field field_bare(struct field peer);
/* Returns a field of the string S, absent where S is NULL. */
struct field field_of(const char *s);

#endif
