/*
 * An event line taken apart again, for what shows it (LINES.md 1). Pure; all
 * is borrowed from the line. Knows the columns, not what they mean.
 */
#ifndef LINE_FIELDS_H
#define LINE_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "line/event.h"

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
 * The milliseconds since 1970 that F says, as TIME or as a stamp of XEP-0082
 * in UTC; -1 where it says none.
 */
int64_t field_time(struct field f);
/* The value of the attribute KEY; absent also where it is `-`. */
struct field fields_get(const struct fields *f, const char *key);
/*
 * The next attribute of REST, which is shortened by it, as `key=value`; absent
 * after the last.
 */
struct field fields_next(struct field *rest);
/* Whether F is the string S. */
int field_is(struct field f, const char *s);
/* Whether A and B are the same bytes, both being there. */
int field_same(struct field a, struct field b);
/* The bare part of a PEER. */
struct field field_bare(struct field peer);
/* The field that holds the string S, or nothing where S is NULL. */
struct field field_of(const char *s);

#endif
