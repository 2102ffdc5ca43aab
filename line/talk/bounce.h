/*
 * The pings before the end. A message that our server has acked may still come
 * back from the recipient's server. So each server that we wrote to is pinged:
 * its answer, of any kind, follows the errors that it sent. Owns the list of
 * these servers.
 */
#ifndef LINE_TALK_BOUNCE_H
#define LINE_TALK_BOUNCE_H

#include "line/core/state.h"

/* Makes C ready. */
void bounce_init(struct client *c);
/*
 * Notes that the message ID was sent to TO. Of the domains that have not
 * answered the last message to them, the 16 that were written to last are
 * kept. Our own domain is not among them: it is always pinged.
 */
void bounce_wrote(struct client *c, const char *to, const char *id);
/*
 * Notes that the message ID was received or came back. If it was the last to
 * its domain, that one is not pinged.
 */
void bounce_answered(struct client *c, const char *id);
/* Pings our own server and those domains; the link must be online. */
void bounce_ask(struct client *c);
/* Returns 1 if all have answered, or were given up, else 0. */
int bounce_done(const struct client *c);
/* Returns 1 if the connection was lost before the answers came, else 0. */
int bounce_is_lost(const struct client *c);
/* Gives the servers their whole time from now on, since the clock jumped. */
void bounce_wait_anew(struct client *c);
/*
 * Returns when the servers must have answered, monotonic; -1 while the link is
 * not online.
 */
int64_t bounce_deadline(const struct client *c);
/* Writes a warning for each that has not answered, and waits no more. */
void bounce_give_up(struct client *c);
/* Frees what is kept. */
void bounce_clear(struct client *c);

#endif
