/*
 * The files of users/ that were not read yet. At the start only their names are
 * listed; want.h asks for them. Does no I/O. Owns the names.
 */
#ifndef LINE_DISK_UNREAD_H
#define LINE_DISK_UNREAD_H

#include "line/core/state.h"

/* Makes C ready. */
void unread_init(struct client *c);
/* Frees the names. */
void unread_clear(struct client *c);
/*
 * Returns the name of the file of the bare JID that is listed and was not read,
 * borrowed until it is; NULL: there is none.
 */
const char *unread_name(const struct client *c, const char *jid);
/*
 * Returns the name of a file of the bare JID that was not asked for yet, and
 * notes that it is now; NULL: there is no further. Borrowed until it is read.
 */
const char *unread_ask(struct client *c, const char *jid);
/* Returns the number of JIDs whose files were not read. */
size_t unread_count(const struct client *c);
/*
 * Returns the name of the first file of each of these JIDs, sorted and ended by
 * NULL, for the caller to free; NULL where they were returned before, or there
 * are none.
 */
const char **unread_names(struct client *c);
/* Notes that the file users/NAME was read, or is gone. */
void unread_done(struct client *c, const char *name);

#endif
