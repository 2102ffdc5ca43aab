/*
 * Event lines, see jackline-lines(7): the one place that writes them; fields.h
 * reads them. Owns the line
 * being made; everything in it goes through escape.c. Knows no XMPP.
 */
#ifndef LINE_TEXT_EVENT_H
#define LINE_TEXT_EVENT_H

#include <stdint.h>

#include "sexp/buf.h"

enum event_tag {
#define EVENT(id, tag, fixed, further) EVENT_##id,
#include "line/text/event.def"
#undef EVENT
	EVENT_TAGS
};

#define EVENT_FIXED 5 /* fixed attributes of a tag, at most */

/* Its fields are written by the functions below alone. */
struct event_writer {
	struct buf *out; /* borrowed: where finished lines go */
	int ascii;	 /* -a */
	int64_t now;	 /* milliseconds since 1970 */
	char when[32];	 /* the same, as it is written */
	const char
	    *label; /* of the line being executed, or NULL: event_label */
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
/* The same with TEXT a string, or NULL: absent. */
void event_begins(struct event_writer *w, enum event_tag tag, const char *peer,
    const char *text);
/* Sets attribute KEY to VALUE; nothing where VALUE is NULL. */
void event_set(struct event_writer *w, const char *key, const char *value);
/* The same for a number. */
void event_set_number(struct event_writer *w, const char *key, long long n);
/* Ends the line and appends it to out whole. */
void event_end(struct event_writer *w);
/*
 * Returns the label of a line with the label TOKEN (NULL: none) from the input
 * IN (NULL: standard input): `TOKEN`, `TOKEN/IN` or `/IN`; NULL where there is
 * neither. Its two parts are the attributes label= and in=. The caller frees it
 * unless it is TOKEN itself.
 */
char *event_label(char *token, const char *in);
/*
 * Makes LABEL (NULL: none), which is borrowed, the label of the events that
 * follow, and returns the one before.
 */
const char *event_relabel(struct event_writer *w, const char *label);
/*
 * Makes the events that follow go to OUT, which is borrowed, without a label;
 * *LABEL is the label before. Returns where they went before. Undone by
 * event_restore.
 */
struct buf *event_redirect(
    struct event_writer *w, struct buf *out, const char **label);
/* Makes the events that follow go to OUT again, with LABEL. */
void event_restore(struct event_writer *w, struct buf *out, const char *label);
/* Makes NOW, milliseconds since 1970, the time of the events that follow. */
void event_set_time(struct event_writer *w, int64_t now);

/* Returns the name of TAG; static. */
const char *event_name(enum event_tag tag);
/* Returns the tag that the N bytes of NAME name; EVENT_TAGS: there is none. */
enum event_tag event_find(const char *name, size_t n);
/*
 * Reads WORDS, tags with commas between them, into *TAGS, a bit for each.
 * Returns 0; -1 if one of them is no tag.
 */
int event_read_tags(const char *words, uint64_t *tags);
/*
 * Returns how many of the N bytes of lines at P are, from the front, all of
 * tags in TAGS (*SHOWN is 1 then) or all of others (0); whole lines.
 */
size_t event_run(const void *p, size_t n, uint64_t tags, int *shown);
/* Returns 1 if the N bytes of KEY are an attribute of TAG in event.def. */
int event_has(enum event_tag tag, const char *key, size_t n);
/* Returns the exit status for the cause TOKEN, 1 for one unknown. */
int event_status(const char *cause);
/* Returns the sentence for the cause TOKEN; static; NULL for one unknown. */
const char *event_sentence(const char *cause);
/* Writes T, milliseconds since 1970, as RFC 3339 in UTC with milliseconds. */
void event_time(int64_t t, char out[32]);
/* Appends the tables of tags and causes for --events. */
void event_tables(struct buf *out);

#endif
