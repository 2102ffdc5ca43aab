/*
 * Getting a lost session back: when to dial again, when to give up, and which
 * of the lines that wait are lost then. Owns the times of the attempts; the
 * connection itself is session.c's.
 */
#ifndef LINE_SESSION_RECONNECT_H
#define LINE_SESSION_RECONNECT_H

#include "line/core/state.h"

/* The step that is due while another connection is sought. */
enum reconnect_due {
	RECONNECT_WAITS,
	RECONNECT_DIALS, /* Another attempt is due. */
	RECONNECT_ENDS	 /* The attempts took too long: the session is given up.
			  */
};

/* Makes C ready for the functions below. */
void reconnect_init(struct client *c);
/* Frees what reconnect_init made. */
void reconnect_clear(struct client *c);
/*
 * Returns 1 if a link that ends by CAUSE (NULL: as the user wished) is to be
 * regained, else 0.
 */
int reconnect_may(const struct client *c, const char *cause);
/*
 * Plans the next attempt, while the state of the link is still the one that it
 * was lost in. Returns the milliseconds until then.
 */
int64_t reconnect_begin(struct client *c);
/* Notes an attempt; each is noted, so that none comes too early. */
void reconnect_dialled(struct client *c);
/* Gives up, before session_end: the lines that wait are lost. */
void reconnect_failed(struct client *c);
/* Forgets the time limit, as the session is there again, or a new one. */
void reconnect_done(struct client *c);
/* Makes the lines below the number LINE lost. */
void reconnect_doom(struct client *c, unsigned long line);
/* Returns 1 if the line of number LINE is lost, else 0. */
int reconnect_dooms(const struct client *c, unsigned long line);
/* Returns 1 if lines wait for the connection and the next is not lost. */
int reconnect_holds(const struct client *c);
/*
 * Returns what is due now, while another connection is sought; JUMPED: the
 * clock did, or we slept.
 */
enum reconnect_due reconnect_timers(struct client *c, int jumped);
/* Returns when reconnect_timers is wanted; -1: never. */
int64_t reconnect_deadline(const struct client *c);

#endif
