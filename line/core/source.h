/*
 * The inputs: standard input, and those of --tree, which come and never go.
 * Says whose line is being executed, and lets each have its turn. Owns them.
 */
#ifndef LINE_CORE_SOURCE_H
#define LINE_CORE_SOURCE_H

#include "line/core/state.h"

/*
 * Makes standard input, which is the current source then. The caller makes it
 * ready for events by wait_init().
 */
void source_init(struct client *c);
/* Frees all. */
void source_clear(struct client *c);
/*
 * Adds an input that `in=` calls NAME; its lines are for JID, unless that is
 * NULL. Both are copied. Borrowed from C, for its life. The caller makes it
 * ready for events by wait_init().
 */
struct source *source_add(struct client *c, const char *name, const char *jid);
/* Returns the input whose lines are for the bare part of JID, or NULL. */
struct source *source_of(const struct client *c, const char *jid);
/* Makes S the current source. Returns the one before. */
struct source *source_enter(struct client *c, struct source *s);
/* Notes that S may have lines to be executed. */
void source_ready(struct client *c, struct source *s);
/*
 * Takes the list of the sources that may have lines to be executed, by
 * `next_ready`, the one that waited longest first; NULL: there is none.
 */
struct source *source_take_all(struct client *c);
/* Returns 1 if S, which is no standard input, may read on: it has no lines. */
int source_wants(const struct source *s);
/* Makes JID, copied, the active contact of the current source; NULL: none. */
void source_activate(struct client *c, const char *jid);
/* Makes the lines below the number LINE of S lost. */
void source_doom(struct source *s, unsigned long line);

#endif
