/*
 * What a person at a terminal has before them: whom they write to, what of
 * whom is unread, the lines of each contact, half-typed ones too; learned from
 * the event lines alone. Pure. JIDs are escaped, as PEER has them.
 */
#ifndef LINE_VIEW_H
#define LINE_VIEW_H

#include "line/fields.h"
#include "sexp/buf.h"

struct view;

enum view_want { VIEW_NOTHING, VIEW_CONTACT, VIEW_EVERYBODY };

enum view_show { VIEW_ALL, VIEW_ACTIVE, VIEW_RAW };

/* Steps from one contact to another. */
enum view_step {
	VIEW_NEXT,     /* PgDn */
	VIEW_PREVIOUS, /* PgUp */
	VIEW_UNREAD,   /* the next with something unread */
	VIEW_LAST,     /* who was active before */
	VIEW_ENCRYPTED /* the next with an encrypted session */
};

/* What is known of a contact, for the prompt. */
struct view_state {
	int online;	   /* we are */
	int unread;	   /* messages, of all contacts together */
	int logging;	   /* what is said is kept */
	int room;	   /* it is one: nothing there is encrypted */
	const char *show;  /* their presence, a word of LINES.md 1.2 */
	const char *trust; /* of the session; NULL: it is not encrypted */
	int finished;	   /* they ended it: nothing is sent */
};

/* A view of nothing; ACTIVE (escaped, NULL: none) is whom one writes to. */
struct view *view_new(const char *active);
/* Frees V; NULL is accepted. */
void view_free(struct view *v);
/*
 * The input line TEXT will be line NUMBER. To be called before the machine is
 * given it.
 */
void view_typed(struct view *v, unsigned long number, const char *text);
/*
 * Of whom V wants the `contact` lines (client_contacts), which are given to
 * view_event, and not shown: everybody, or the active contact. Wanted once.
 */
enum view_want view_wants(struct view *v);
/* Takes note of the event F; whether it is to be shown. */
int view_event(struct view *v, const struct fields *f);
/* Whether the `room` F names us; to be asked behind view_event. */
int view_calls(struct view *v, const struct fields *f);
/* Whom one is writing to; absent: nobody. Borrowed until that changes. */
struct field view_active(const struct view *v);
/* Fills S for the active contact; borrowed until the next event. */
void view_state(const struct view *v, struct view_state *s);
/*
 * The contact that STEP leads to, for /go; borrowed until the next event.
 * NULL: nowhere.
 */
const char *view_step(struct view *v, enum view_step step);
/* Whether the last event is among the active contact's remembered lines. */
int view_is_new(const struct view *v);
/*
 * The `sent` line that the last event is the receipt for: a `delivered`, or
 * what a room shows us of our own; NULL where none is remembered. Borrowed
 * until the next event.
 */
const char *view_receipt(const struct view *v);
/* Whether the active contact changed since this was asked last. */
int view_switched(struct view *v);
/* Whether what is stored of the active contact is to be had by view_recall. */
int view_forgot(const struct view *v);
/*
 * Takes the `history` lines of TEXT, each with its LF, as older lines of the
 * active contact. What is remembered already is left out: it was stored too.
 */
void view_recall(struct view *v, const char *text);
/* Whether /clear was answered since this was asked last. */
int view_cleared(struct view *v);
/* Whether `/help keys` was answered since this was asked last. */
int view_helps(struct view *v);
/* What is shown. */
enum view_show view_show(const struct view *v);
/* Goes on to the next, which is returned. */
enum view_show view_show_next(struct view *v);
/* F5: whether those who are offline are stepped to as well; toggles it. */
int view_offline_toggle(struct view *v);
/*
 * Gathers the remembered lines of the active contact, of that session only
 * where it is a full JID; returns how many.
 */
size_t view_lines(struct view *v);
/*
 * The I-th of them, the oldest first; NULL past the last. DELIVERED: it is a
 * `sent` whose receipt came. Borrowed until the next event.
 */
const char *view_line(const struct view *v, size_t i, int *delivered);
/* Takes N bytes of TEXT as the half-typed line of the active contact. */
void view_draft_set(struct view *v, const char *text, size_t n);
/* The half-typed line of the active contact; empty where there is none. */
const char *view_draft(const struct view *v);
/*
 * Walks over all that can be stepped to: the I-th JID in order; NULL past the
 * last. For completion.
 */
const char *view_contact(const struct view *v, size_t i);
/* Whether that I-th is a room. */
int view_room(const struct view *v, size_t i);
/* The full JID of the K-th session of that I-th; NULL past the last. */
const char *view_session(const struct view *v, size_t i, size_t k);
/* The I-th nick in the active room; NULL past the last, and in no room. */
const char *view_nick(const struct view *v, size_t i);

/* Whether PEER is somebody in a room that VIEW has heard of. */
int view_occupant(void *view, struct field peer);

#endif
