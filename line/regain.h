/*
 * Getting a lost session back (LINES.md 2.1, 2.2, SAFETY.md, promise 3): when
 * to dial again, when to give up, and what becomes of the lines that wait.
 */
#ifndef LINE_REGAIN_H
#define LINE_REGAIN_H

#include "line/state.h"

/* Whether the end of the link by CAUSE (NULL: as wished) is not for good. */
int regain_may(const struct client *c, const char *cause);
/* The link is down, c->lost says why: another attempt will follow. */
void regain_begin(struct client *c);
/* It is given up, before session_end: the lines that wait are lost. */
void regain_failed(struct client *c);
/* The session is there again, or a new one; lines may go on. */
void regain_done(struct client *c);
/* Whether there is no link now, and it is being sought. */
int regain_is_on(const struct client *c);
/* Whether lines wait; some may be lost, see regain_lines. */
int regain_holds(const struct client *c);
/* Dials when it is time; gives up when it was too long. */
void regain_timers(struct client *c);
/* When regain_timers is wanted, -1: never. */
int64_t regain_deadline(const struct client *c);
/*
 * Looks for /quit and /disconnect among the lines that wait: those before it
 * are lost, what holds them up is answered.
 */
void regain_lines(struct client *c);
/*
 * Whether the current line, of number c->line and the N bytes at LINE, is one
 * that waited in vain; then it is answered.
 */
int regain_dooms(struct client *c, const char *line, size_t n);

#endif
