/*
 * The histories of contacts and rooms with logging on (histories/, jackline(1),
 * FILES). Each message becomes a record of its own, on the disk before its
 * event is shown. Does no I/O: users.h queues it for the loop.
 */
#ifndef LINE_DISK_HISTORIES_H
#define LINE_DISK_HISTORIES_H

#include "line/core/state.h"
#include "line/disk/users.h"
#include "store/history.h"

/* Makes C ready. */
void histories_init(struct client *c);
/* Frees what is kept. */
void histories_clear(struct client *c);
/* Returns 1 if messages with the contact or room JID are kept, else 0. */
int histories_is_on(const struct client *c, const char *jid);
/*
 * Keeps N bytes of TEXT that came from FROM; KIND is chat or groupchat. ENC is
 * `otr`, `omemo`, or `none` or NULL.
 */
void histories_in(struct client *c, enum history_kind kind, const char *from,
    const char *text, size_t n, const char *enc);
/* Keeps N bytes of TEXT that were sent to TO, a room or not, with ID; ENC as in
 * histories_in. */
void histories_out(struct client *c, const char *to, const char *id,
    const char *text, size_t n, const char *enc);
/*
 * Writes into the record of the message ID to TO that it arrived, if it is one
 * of the last few thousand that were stored.
 */
void histories_received(struct client *c, const char *to, const char *id);
/*
 * Has client_recalled return LINES, `history` events about JID, if that is the
 * active contact still.
 */
void histories_recalled(
    struct client *c, const char *jid, const struct buf *lines);
/*
 * Has the message that is kept next have the time MS, milliseconds since 1970,
 * when it was said.
 */
void histories_at(struct client *c, int64_t ms);
/*
 * Ends a read: answers the next /history or ends client_recall, as READING
 * says. WHY is the reason why it could not be read, or NULL.
 */
void histories_read(
    struct client *c, enum users_reading reading, const char *why);

#endif
