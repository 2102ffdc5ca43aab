/*
 * The keys of messages that were read: each is kept until the event of its
 * message was written and, if the message is of an archive, until the position
 * moves behind it, so that after a crash it can be read again. Owns the
 * messages whose keys are kept.
 */
#ifndef LINE_TALK_OMEMO_FORGET_H
#define LINE_TALK_OMEMO_FORGET_H

#include "line/talk/omemo_task.h"

/* Makes C ready. */
void omemo_forget_init(struct client *c);
/* Frees all; no key is forgotten. */
void omemo_forget_clear(struct client *c);
/*
 * Returns 1 if OMEMO_KEPT messages wait for their keys to be forgotten: no
 * other should be read before.
 */
int omemo_forget_is_full(const struct client *c);
/*
 * Notes that the event of the text ITEM, which came in M, was made, and that
 * its key is to be forgotten; IN_ROOM: M was said to a room.
 */
void omemo_forget_later(struct client *c, const struct omemo_item *item,
    const struct incoming *m, int in_room);
/*
 * Forgets now in O what is due of the contact of T: the running task T writes
 * its record in any case.
 */
void omemo_forget_with(
    struct client *c, struct omemo *o, const struct omemo_task *t);
/* Notes that events were written, whose keys are forgotten soon. */
void omemo_forget_written(struct client *c);
/* Begins to forget what is due; no task may be under way. */
void omemo_forget_tick(struct client *c);
/* Returns when omemo_forget_tick is wanted, monotonic; -1: never. */
int64_t omemo_forget_deadline(const struct client *c);

#endif
