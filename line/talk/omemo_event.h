/*
 * The events about OMEMO: of devices and their keys, and the warnings about
 * messages that cannot be read and devices that get nothing. Owns nothing.
 */
#ifndef LINE_TALK_OMEMO_EVENT_H
#define LINE_TALK_OMEMO_EVENT_H

#include "line/talk/omemo_task.h"

/* Returns the word of `trust=` for TRUST, static. */
const char *omemo_event_trust(enum omemo_trust trust);
/* Returns 1 if the message of T was said in a room, and not to us alone. */
int omemo_event_is_in_room(const struct omemo_task *t);
/*
 * Writes `device` about ITEM, a device that is new or gone, and a `warning` if
 * a new one is of our account or beside a verified key.
 */
void omemo_event_device(struct client *c, const struct omemo_item *item);
/*
 * Writes a `warning` with CAUSE and the words WHY: about the message of T, or
 * about NAME where T has none.
 */
void omemo_event_warning(struct client *c, const struct omemo_task *t,
    const char *name, const char *cause, const char *why);
/* Writes the `warning` or `error`, if any, for the note ITEM of the task T. */
void omemo_event_note(struct client *c, const struct omemo_item *item,
    const struct omemo_task *t);
/* Writes `fingerprint` about the key INFO of NAME. */
void omemo_event_key(
    struct client *c, const char *name, const struct omemo_info *info);

#endif
