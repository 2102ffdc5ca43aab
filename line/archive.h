/*
 * The histories of contacts and rooms with logging on (FILES.md,
 * histories/): each message becomes a record of its own, on the disk before
 * its event is shown. Does no I/O: see client_store.
 */
#ifndef LINE_ARCHIVE_H
#define LINE_ARCHIVE_H

#include "line/state.h"
#include "store/history.h"

/* Whether messages with the contact or room JID are kept. */
int archive_is_on(const struct client *c, const char *jid);
/* N bytes of TEXT came from FROM; KIND is chat or groupchat. */
void archive_in(struct client *c, enum history_kind kind, const char *from,
    const char *text, size_t n, int encrypted);
/* N bytes of TEXT were sent to TO under ID, to a room too. */
void archive_out(struct client *c, const char *to, const char *id,
    const char *text, size_t n, int encrypted);
/*
 * What the /history that is next to be answered asked for was read, or not by
 * the reason WHY: answers it.
 */
void archive_read(struct client *c, const char *why);

#endif
