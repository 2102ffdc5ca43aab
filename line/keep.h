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

/* The record of the bare part of JID, or NULL; borrowed until it is dropped. */
struct user *keep_find(const struct client *c, const char *jid);
/* The same; an empty contact is made where there was none. */
struct user *keep_need(struct client *c, const char *jid);
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
/* Frees all records, and what was not stored. */
void keep_clear(struct client *c);

#endif
