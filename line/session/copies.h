/*
 * Carbons (XEP-0280): the server is to copy to us what our other clients say
 * and get. Owns the wish for that, which every new session is told.
 */
#ifndef LINE_SESSION_COPIES_H
#define LINE_SESSION_COPIES_H

#include "line/core/state.h"

/* Makes C ready: copies are wanted as its options say. */
void copies_init(struct client *c);
/* Frees what copies_init made. */
void copies_clear(struct client *c);
/*
 * A new session begins: asks for copies in it if they are wanted. To be called
 * before presence is sent, so that no message passes uncopied.
 */
void copies_begin(struct client *c);
/* Returns 1 if copies were asked for in this session, else 0. */
int copies_are_on(const struct client *c);
/*
 * For the current line: has copies be sent or not, now and in later sessions,
 * and answers the line.
 */
void copies_want(struct client *c, int on);

#endif
