/*
 * Lines whose text OMEMO encrypts: each waits until the devices of its readers
 * are known, is encrypted by a task, and is sent. Owns the message that is
 * being sent.
 */
#ifndef LINE_TALK_OMEMO_LINE_H
#define LINE_TALK_OMEMO_LINE_H

#include "line/talk/omemo_task.h"

/* Makes C ready. */
void omemo_line_init(struct client *c);
/* Frees all. */
void omemo_line_clear(struct client *c);
/*
 * Has N bytes of TEXT sent to the bare part of JID, as a correction of the
 * message REPLACES (NULL: of none): the current line waits until they are, or
 * are refused. AGAIN does the line anew if it turns out that the contact has no
 * devices.
 */
void omemo_line_send(struct client *c, const char *jid, const char *text,
    size_t n, const char *replaces,
    void (*again)(struct client *c, const char *jid, const char *text));
/*
 * Does the same for the room JID, whose members are NAMES, each before a blank.
 * NOW writes the message omemo_line_out, in answer to the line.
 */
void omemo_line_send_group(struct client *c, const char *jid, const char *names,
    const char *text, const char *replaces,
    void (*now)(struct client *c, const char *jid, const char *text));
/*
 * Returns the message that is to be written now, borrowed; *TRUST becomes the
 * word for the trust of its keys, static.
 */
const struct omemo_message *omemo_line_out(
    const struct client *c, const char **trust);
/*
 * Returns the id of the message that the line which AGAIN or NOW does corrects,
 * or NULL.
 */
const char *omemo_line_replaces(const struct client *c);
/* Sends the encrypted message ITEM, for its line or only with a key. */
void omemo_line_take(struct client *c, const struct omemo_item *item);
/* Takes the lines that wait one step further, unless a task is under way. */
void omemo_line_advance(struct client *c);

#endif
