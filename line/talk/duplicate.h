/*
 * Messages that came before. The server may deliver one twice, on two sessions;
 * it is shown once, or marked dup=maybe (XEP-0359, jackline-lines(7)). Keeps
 * the last few thousand messages as keys.
 */
#ifndef LINE_TALK_DUPLICATE_H
#define LINE_TALK_DUPLICATE_H

#include "line/talk/incoming.h"

/*
 * Makes C ready: no message came. After a run that crashed (options.torn)
 * every message from offline storage may have come to that run.
 */
void duplicate_init(struct client *c);
/* Frees all. */
void duplicate_clear(struct client *c);
/* The offline messages of that run have all come: later ones are new. */
void duplicate_all_came(struct client *c);
/* Begins with another message, which is new as far as we know. */
void duplicate_begin(struct client *c);
/*
 * Notes the message M with BODY (NULL: it has none). Returns 1 if it came
 * before: it has the id that our own server gave it and the same words. Else
 * returns 0; if the same sender sent the same id and words,
 * duplicate_is_possible says so from now on. A sender can only make his own
 * messages look like repeats.
 */
int duplicate_note(
    struct client *c, const struct incoming *m, const struct stanza *body);
/*
 * Returns 1 if the message being taken may have come before, else 0. OFFLINE:
 * it was in offline storage (delay.h).
 */
int duplicate_is_possible(const struct client *c, int offline);

#endif
