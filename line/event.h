/*
 * Event lines (LINES.md 1): the one place that writes them. Owns the line
 * being made; everything in it goes through escape.c. Knows no XMPP.
 */
#ifndef LINE_EVENT_H
#define LINE_EVENT_H

#include <stdint.h>

#include "sexp/buf.h"

enum event_tag {
#define EVENT(id, tag, fixed, further) EVENT_##id,
#include "line/event.def"
#undef EVENT
	EVENT_TAGS
};

#define EVENT_FIXED 5 /* fixed attributes of a tag, at most */

/* Set OUT, ASCII, and NOW before each event; LABEL and LINE where one causes
 * it. */
struct event_writer {
	struct buf *out;   /* borrowed: where finished lines go */
	int ascii;	   /* -a */
	int64_t now;	   /* milliseconds since 1970 */
	const char *label; /* of the line being executed, or NULL */
	enum event_tag tag;
	struct buf head, further, fixed[EVENT_FIXED];
};

/* Makes W ready; clear it with event_clear. */
void event_init(struct event_writer *w, struct buf *out, int ascii);
/* Frees what W owns. */
void event_clear(struct event_writer *w);
/*
 * Begins an event of TAG about PEER (a prepared JID; NULL: none) with N bytes
 * of TEXT (NULL: absent).
 */
void event_begin(struct event_writer *w, enum event_tag tag, const char *peer,
    const void *text, size_t n);
/* Sets attribute KEY to VALUE; nothing where VALUE is NULL. */
void event_set(struct event_writer *w, const char *key, const char *value);
/* The same for a number. */
void event_set_number(struct event_writer *w, const char *key, long long n);
/* Ends the line and appends it to out whole. */
void event_end(struct event_writer *w);

/* The tag's name; static. */
const char *event_name(enum event_tag tag);
/* The tag called by the N bytes of NAME; EVENT_TAGS where there is none. */
enum event_tag event_find(const char *name, size_t n);
/* Whether the N bytes of KEY are an attribute of TAG, as event.def has them. */
int event_has(enum event_tag tag, const char *key, size_t n);
/* The exit status for the cause TOKEN (1.3), 1 for one unknown. */
int event_status(const char *cause);
/* The sentence for the cause TOKEN; static; NULL for one unknown. */
const char *event_sentence(const char *cause);
/* Writes T, milliseconds since 1970, as RFC 3339 in UTC with milliseconds. */
void event_time(int64_t t, char out[32]);
/* Appends the tables of tags and causes for --events. */
void event_tables(struct buf *out);

#endif
