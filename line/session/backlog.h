/*
 * Messages that came live while their archive was being read, before the replay
 * had come to them: they are held until it has, and then told in its order.
 * Owns them; asks the server for nothing.
 */
#ifndef LINE_SESSION_BACKLOG_H
#define LINE_SESSION_BACKLOG_H

#include "line/talk/incoming.h"

struct held;

struct backlog_list {
	struct held *first, *last;
};

/* All messages that are held. Zeroed, it is empty. */
struct backlogs {
	size_t count, bytes;	   /* of those in a backlog */
	struct backlog_list ready; /* to be told now */
	struct held *taken;	   /* handed out last */
};

/* The messages of one archive. Zeroed but for `all`, it is empty. */
struct backlog {
	struct backlogs *all;
	struct backlog_list list;
	struct map by_key;
	size_t count;
};

/* Forgets all that B holds: it was not told. */
void backlog_clear(struct backlog *b);
/* Forgets what is to be told; the backlogs were cleared before. */
void backlogs_clear(struct backlogs *all);
/* Returns 1 if no backlog may hold another message. */
int backlog_is_full(const struct backlog *b);
/*
 * Holds M, which X from FROM brought, unless B holds it already. SENDER is NULL
 * where the ids of the archive are unique without one. Of what exceeds 1 MiB in
 * all backlogs only the id is kept.
 */
void backlog_hold(struct backlog *b, const struct incoming *m,
    const char *sender, const char *from, const struct stanza *x);
/*
 * Has the message that came as M from SENDER told next, in order, and returns
 * 1. Returns 0 if B does not hold it, or no longer holds more than its id.
 */
int backlog_release(
    struct backlog *b, const struct incoming *m, const char *sender);
/*
 * Has all that B holds told next; IN_ORDER: the archive has nothing that should
 * have been told before.
 */
void backlog_release_all(struct backlog *b, int in_order);
/*
 * Fills M with the next message that is to be told and returns 1; it is
 * borrowed until the next call. *IN_ORDER says how it was released. Returns 0
 * if there is none. Warns of messages of which only the id was kept.
 */
int backlog_next(
    struct client *c, struct backlogs *all, struct incoming *m, int *in_order);

#endif
