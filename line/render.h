/*
 * Event lines for eyes (LINES.md 5): one line becomes coloured rows that never
 * leave their place. Pure: what it must know of the terminal is in its style.
 * The escapes of the line stand as they are; nothing is ever unescaped.
 */
#ifndef LINE_RENDER_H
#define LINE_RENDER_H

#include "line/fields.h"
#include "sexp/buf.h"
#include "store/colours.h"

struct render_style {
	int depth;   /* colours of the terminal: 0, 16 or 256 */
	int columns; /* its width; at least 10 are taken for granted */
	int dates;   /* a row with the date before the first of a day */
	const struct colours *colours;
	/* Columns that a character takes; -1: it cannot be shown. */
	int (*width)(uint32_t cp);
	/* Seconds that local time is ahead of UTC at T (milliseconds). */
	int (*zone)(int64_t t);
	/* Whether PEER is somebody in a room, for DATA; NULL: never. */
	int (*occupant)(void *data, struct field peer);
	void *data;
	struct field active; /* whom one is writing to, as in PEER, or absent */
	struct field self;   /* our own JID, or absent */
	int64_t day;	     /* since 1970, of the last row; starts as -1 */
};

/* How the line of a `sent` is to look. */
enum render_as {
	RENDER_PLAIN,	  /* as it came */
	RENDER_DELIVERED, /* a `sent` whose receipt is here */
	RENDER_CALLED,	  /* a `room` that names us */
	RENDER_RAW	  /* the event line itself */
};

/*
 * Appends the rows of the event F to OUT, each with its LF, none where there
 * is nothing to see in F. Returns how many.
 */
int render_event(struct render_style *s, const struct fields *f,
    enum render_as as, struct buf *out);
/*
 * The same for the `delivered` F, whose message TEXT stands further above: one
 * dim row, with the front of it.
 */
int render_receipt(struct render_style *s, const struct fields *f,
    struct field text, struct buf *out);
/*
 * The same for words of our own, not an event, at T (milliseconds since
 * 1970): TEXT may hold LF, which ends a row.
 */
int render_words(struct render_style *s, int64_t t, enum history_kind kind,
    const char *text, struct buf *out);
/* Appends the sequence that turns colour ENTRY on; nothing with DEPTH 0. */
void render_colour(
    struct buf *out, int depth, const struct colours_entry *entry);
/*
 * The columns that N bytes of UTF-8 at P take; what cannot be shown counts as
 * render_event writes it.
 */
int render_width(const struct render_style *s, const char *p, size_t n);

#endif
