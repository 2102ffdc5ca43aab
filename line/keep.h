/*
 * What stays on the disk about contacts and rooms (users/), as the machine
 * sees it: the records read at start, and the writes that changes ask for.
 * Does no I/O: the loop performs the store actions before wire and text, so
 * that a record is on the disk before the event that relies on it is shown.
 */
#ifndef LINE_KEEP_H
#define LINE_KEEP_H

#include "line/state.h"
#include "store/user.h"

#define KEEP_NAME (JID_SIZE + 16) /* room for the name of a file */

/* The record of the bare part of JID, or NULL; borrowed until it is dropped. */
struct user *keep_find(const struct client *c, const char *jid);
/* The same; an empty contact is made where there was none. */
struct user *keep_need(struct client *c, const char *jid);
/*
 * The record of the room JID (bare), made where there was none; NULL where it
 * is that of a contact with something to keep.
 */
struct user *keep_room(struct client *c, const char *jid);
/* Calls EACH for every room that has a record. */
void keep_rooms(
    struct client *c, void (*each)(struct client *c, const struct user *room));
/*
 * The prepared bare JIDs of all contacts that have a record, a NULL behind
 * them, in no order; the caller frees the array, not the strings.
 */
const char **keep_contacts(const struct client *c);
/*
 * U was changed: its file is to be replaced, or removed where nothing of it
 * needs one (user_is_kept). Nothing with -r: the directory is only read.
 */
void keep_changed(struct client *c, const struct user *u);
/*
 * Asks the loop to do WHAT with the file NAME, as client.h has it; BYTES
 * (NULL: none) are taken from the caller's buffer, which is then empty. What
 * was asked for NAME before and is overtaken is dropped. Nothing with -r.
 */
void keep_store(struct client *c, enum client_store_what what, const char *name,
    struct buf *bytes);
/*
 * Writes to NAME the file of the contact or room JID in the directory SUB:
 * spelled as it is there, or else as JID is prepared.
 */
void keep_name(const struct client *c, const char *sub, const char *jid,
    char name[KEEP_NAME]);
/* Asks the loop to set the mark of dir.h, or (ON 0) to take it away. */
void keep_mark(struct client *c, int on);
/*
 * Asks the loop for the last COUNT messages of the history NAME; -r too. They
 * are for a line's answer, or for client_recall.
 */
void keep_read(struct client *c, const char *name, size_t count, int recall);
/* Whether what the loop does just now is a keep_read for client_recall. */
int keep_recalls(const struct client *c);
/* See client_stored. */
void keep_stored(struct client *c, const char *why);
/* Frees all records, and what was not stored. */
void keep_clear(struct client *c);

#endif
