/*
 * Summary of a replay of our account's archive, which the terminal shows when
 * all is there: counts of what each contact said, and the row above the lines
 * (jackline(1), TERMINAL). Pure. The lines themselves are in the view.
 */
#ifndef LINE_TTY_REPLAYED_H
#define LINE_TTY_REPLAYED_H

#include "line/text/fields.h"
#include "sexp/buf.h"
#include "sexp/map.h"

/* Contacts that the row names; the others are only counted. */
#define REPLAYED_NAMED 8

/* The reason why a replay runs. */
enum replayed_why {
	REPLAYED_LEFT, /* The program was not running. */
	REPLAYED_LOST, /* The connection was lost. */
	REPLAYED_ASKED /* A person typed /replay. */
};

/* The part that an event has in a replay. */
enum replayed_kind {
	REPLAYED_NOT,	     /* no part of it */
	REPLAYED_MESSAGE,    /* a message, of whatever side */
	REPLAYED_NOTE,	     /* words about something else, as of a call */
	REPLAYED_REACTION,   /* a reaction, or one that was taken back */
	REPLAYED_RETRACTION, /* a message was taken back */
	REPLAYED_DISPLAYED,  /* something was seen */
	REPLAYED_UNREADABLE, /* a message that we cannot decrypt */
	REPLAYED_CORRECTION, /* of a message that was shown before */
	REPLAYED_KINDS
};

/* A replay. Zeroed it is over and holds nothing. */
struct replayed {
	int is_open; /* under way */
	enum replayed_why why;
	int64_t since;	   /* when what it brings began, ms since 1970; 0: ? */
	size_t count;	   /* of all events */
	struct map by_jid; /* of struct replayed_contact */
};

/* The counts of one contact. */
struct replayed_contact {
	char *jid; /* bare, escaped as in PEER */
	size_t of[REPLAYED_KINDS];
	unsigned unread; /* set by the caller before replayed_words */
};

/* Returns WHY in words, static. */
const char *replayed_why(enum replayed_why why);
/* Forgets what R counted. */
void replayed_clear(struct replayed *r);
/*
 * Begins R, for WHY, with what was said since SINCE (milliseconds since 1970;
 * 0: not known). One that is open goes on: its connection was lost.
 */
void replayed_begin(struct replayed *r, enum replayed_why why, int64_t since);
/*
 * Returns what the event F is to R: nothing, unless R is open and F is about
 * something that the archive has.
 */
enum replayed_kind replayed_sort(
    const struct replayed *r, const struct fields *f);
/* Counts an event of KIND about PEER that was said at T (ms since 1970). */
void replayed_count(
    struct replayed *r, struct field peer, int64_t t, enum replayed_kind kind);
/* Forgets what was counted of PEER, which was shown already. */
void replayed_shown(struct replayed *r, struct field peer);
/*
 * Appends the row about ACTIVE (absent: nobody) to OUT, at the time NOW; LINES
 * of it follow below. Nothing if there is nothing to say.
 */
void replayed_words(const struct replayed *r, struct field active, size_t lines,
    int64_t now, struct buf *out);
/* Appends the row about all others, with the counts of what is unread. */
void replayed_others(const struct replayed *r, struct field active, int64_t now,
    struct buf *out);
/*
 * Appends F to OUT as the line that is remembered: with T (ms since 1970) as
 * its TIME or, where that is 0, with its stamp, which is when it was said. A
 * stamp that is later than TIME is left where it is.
 */
void replayed_line(const struct fields *f, int64_t t, struct buf *out);

#endif
