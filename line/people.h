/*
 * The contacts and rooms as far as a terminal saw them in event lines: who is
 * there, what of them is unread, their last lines, a half-typed one. Pure.
 * JIDs are escaped, as PEER has them. Knows nothing of what is shown.
 */
#ifndef LINE_PEOPLE_H
#define LINE_PEOPLE_H

#include "line/fields.h"
#include "sexp/map.h"

#define PEOPLE_LINES 1000 /* of one that are remembered */

/* One session that is online, or an occupant. */
struct people_session {
	struct people_session *next;
	char *jid, *words; /* of their status; NULL: none */
	char show[16];
};

/* An event line that is remembered. */
struct people_line {
	char *text;
	int delivered; /* a `sent` whose receipt came */
};

/* A contact or a room, by its bare JID. */
struct people_one {
	char *jid;
	struct people_session *sessions;
	int listed; /* in the roster, or one talked with them */
	int room;
	int unread, logging;
	int recalled; /* its stored lines are among them */
	char *nick;   /* ours, in a room, or NULL */

	/* OTR: with whom, NULL: unknown or none; how far trusted. */
	char *place;
	int encrypted, finished;
	char trust[16];

	char *draft;		   /* the half-typed line, or NULL */
	struct people_line *lines; /* a ring of PEOPLE_LINES, from FIRST on */
	size_t first, count, size;
};

/* To be initialised by people_init. */
struct people {
	struct map by_jid;
	struct people_one **all; /* in the order of /contacts */
	size_t count, size;
	struct people_one *nobody; /* stands for no JID */
};

/* Makes P hold nobody. */
void people_init(struct people *p);
/* Frees all. */
void people_clear(struct people *p);
/* Who PEER belongs to; made where there was none. Absent: nobody. */
struct people_one *people_of(struct people *p, struct field peer);
/* The index among all where JID stands, or would stand. */
size_t people_place(const struct people *p, const char *jid);
/*
 * Takes the presence, or the entry of a room, F about O; whether the words of a
 * session that was there are others now.
 */
int people_presence(struct people_one *o, const struct fields *f);
/* Takes what `enc` and `trust` of F say of the session with O. */
void people_security(struct people_one *o, const struct fields *f);
/* Takes the change of OTR, or the end of an SMP, F. */
void people_otr(struct people_one *o, const struct fields *f);
/* Forgets who is online: we are not. */
void people_leave(struct people *p);
/* Remembers the line F. */
void people_remember(struct people_one *o, const struct fields *f);
/*
 * Remembers the `history` lines of TEXT, each with its LF, that are older than
 * all others, where there is room.
 */
void people_recall(struct people_one *o, const char *text);
/* The I-th remembered line, the oldest first; NULL past the last. */
struct people_line *people_line(const struct people_one *o, size_t i);
/*
 * The `delivered` F: the line that it is for is marked and returned, borrowed;
 * NULL where it is not remembered.
 */
const char *people_delivered(struct people_one *o, const struct fields *f);
/*
 * The best of what the sessions of O show, a word of LINES.md 1.2; where JID
 * is full, what that one shows.
 */
const char *people_show(const struct people_one *o, struct field jid);

#endif
