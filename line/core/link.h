/*
 * The one door through which every stanza goes out, whatever the state of the
 * connection; session.c opens and ends streams. Owns the stanzas that wait
 * until a session is resumed.
 */
#ifndef LINE_CORE_LINK_H
#define LINE_CORE_LINK_H

#include "line/core/state.h"

/* Makes C ready for link_out. */
void link_init(struct client *c);
/* Frees what link_init made. */
void link_clear(struct client *c);
/*
 * Returns the buffer to write a stanza to, whatever the state of the link;
 * borrowed until the next call on C. With no session the stanza is dropped;
 * while a session is to be resumed it waits, and goes out when that is done.
 */
struct buf *link_out(struct client *c);
/* Drops the stanzas that wait until the session is resumed. */
void link_drop_later(struct client *c);
/* Sends the stanzas that wait, now that the session is resumed. */
void link_send_later(struct client *c);
/* Returns how many stanzas were sent in this session (XEP-0198 4). */
uint64_t link_sent(const struct client *c);
/* Asks the server what it has handled (XEP-0198 4). */
void link_ask(struct client *c);
/* Notes that the answer to the IQ of id ID may be LARGE (1), or came (0). */
void link_expect(struct client *c, const char *id, int large);
/* Returns how many bytes the socket has not taken. */
size_t link_unsent(const struct client *c);
/* Returns 1 while the link is down and the lost session is sought, else 0. */
int link_is_sought(const struct client *c);

#endif
