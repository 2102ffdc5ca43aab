/*
 * The files of users/ that were not read yet. At the start only their names are
 * listed; each is read when a line or a message is about its contact or room,
 * and all of them before the login that enters the kept rooms. Does no I/O: the
 * loop reads (CLIENT_KEEP), and whoever waits looks again. Owns the names.
 */
#ifndef LINE_DISK_UNREAD_H
#define LINE_DISK_UNREAD_H

#include "line/core/state.h"
#include "xmpp/stanza.h"

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
 * Asks the loop to read the file of the bare part of JID (NULL: of nobody), if
 * that is listed and was not read. Returns 1 where that is still to be done.
 */
int unread_want(struct client *c, const char *jid);
/* Does so for all files. */
int unread_want_all(struct client *c);
/*
 * Does so for all that the line LINE of N bytes, which may hold any, can be
 * about: the active contact, the JIDs behind a command and before it, or, where
 * the command is about everybody, all.
 */
int unread_want_line(struct client *c, const char *line, size_t n);
/* Does so for all senders and recipients that the message X names. */
int unread_want_stanza(struct client *c, const struct stanza *x);
/* Notes that the file users/NAME was read, or is gone. */
void unread_done(struct client *c, const char *name);

#endif
