/*
 * Renders event lines for a person (jackline(1), TERMINAL): each becomes
 * coloured rows that stay in their place. Pure: what it must know of the
 * terminal is in its style. Escapes are shown as they are in the line.
 */
#ifndef LINE_TTY_RENDER_H
#define LINE_TTY_RENDER_H

#include "line/text/fields.h"
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
	/* Returns whether PEER is somebody in a room; NULL: never. */
	int (*occupant)(void *data, struct field peer);
	void *data;
	struct field active; /* whom one is writing to, as in PEER, or absent */
	struct field self;   /* our own JID, or absent */
	int64_t day;	     /* since 1970, of the last row; starts as -1 */
};

/* The look of the rows of an event. */
enum render_as {
	RENDER_PLAIN,	  /* as it came */
	RENDER_OPEN,	  /* a message of ours that is under way */
	RENDER_DELIVERED, /* one whose receipt is here */
	RENDER_FAILED,	  /* one that failed, or whose fate is unknown */
	RENDER_RAW	  /* the event line itself */
};

/*
 * Appends the rows of the event F to OUT, each with its LF; some events have
 * none. Returns how many.
 */
int render_event(struct render_style *s, const struct fields *f,
    enum render_as as, struct buf *out);
/*
 * Appends one dim row for the `delivered` F, with the front of TEXT, the
 * message that it is about, which stands further above. Returns 1.
 */
int render_receipt(struct render_style *s, const struct fields *f,
    struct field text, struct buf *out);
/*
 * Appends one dim row for the `mark` F, with the front of the text of MARKED,
 * the event of the message that it is about (NULL: unknown). Returns 1.
 */
int render_mark(struct render_style *s, const struct fields *f,
    const struct fields *marked, struct buf *out);
/*
 * Appends the rows of TEXT, words of the terminal itself at the time T
 * (milliseconds since 1970), in which LF ends a row. Returns how many.
 */
int render_words(struct render_style *s, int64_t t, enum history_kind kind,
    const char *text, struct buf *out);
/* Appends the sequence that sets the colour ENTRY; nothing with DEPTH 0. */
void render_colour(
    struct buf *out, int depth, const struct colours_entry *entry);
/*
 * Returns the columns of N bytes of UTF-8 at P. A character that cannot be
 * shown counts as the escape that stands for it.
 */
int render_width(const struct render_style *s, const char *p, size_t n);

#endif
