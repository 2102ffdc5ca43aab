/*
 * Asks for the files of users/ that a line or a message is about, and for all
 * of them before the login that enters the kept rooms. Does no I/O: the loop
 * reads (CLIENT_KEEP), and whoever waits looks again. Owns nothing.
 */
#ifndef LINE_DISK_WANT_H
#define LINE_DISK_WANT_H

#include "line/core/state.h"
#include "xmpp/stanza.h"

/*
 * Asks the loop to read the file of the bare part of JID (NULL: of nobody), if
 * that is listed and was not read. Returns 1 where that is still to be done.
 */
int want_jid(struct client *c, const char *jid);
/* Does so for the files of all JIDs. */
int want_all(struct client *c);
/*
 * Does so for all that the line LINE of N bytes, which may hold any, can be
 * about: the active contact, the JIDs behind a command and before it, or, where
 * the command is about everybody, all.
 */
int want_line(struct client *c, const char *line, size_t n);
/* Does so for all senders and recipients that the message X names. */
int want_stanza(struct client *c, const struct stanza *x);

#endif
