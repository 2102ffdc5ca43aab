/*
 * The time when a stanza was sent, as others claim (XEP-0203, and before that
 * XEP-0091). Pure.
 */
#ifndef LINE_TALK_DELAY_H
#define LINE_TALK_DELAY_H

#include "line/core/state.h"

#define DELAY_STAMP 64 /* bytes of a stamp in UTC */

/* Returns 1 if D is a delay, of XEP-0203 or in the form of XEP-0091, else 0. */
int delay_is(const struct stanza *d);
/* The time when a stanza was sent. */
struct delay {
	char text[DELAY_STAMP]; /* in UTC, with `Z` */
	int offline; /* our server stored it, and it was not sent to us before
		      */
};

/*
 * Reads into D when X was sent: as our own server says, else as somebody
 * claims. Returns D's text, or NULL if nobody says so in a way that can be
 * shown.
 */
const char *delay_stamp(
    const struct client *c, const struct stanza *x, struct delay *d);

#endif
