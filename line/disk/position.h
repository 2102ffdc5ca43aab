/*
 * The positions in archives (positions/, jackline(1), FILES): the ids of what
 * was dealt with, so that it is not told again and the next run goes on behind
 * it. An id is stored when its event is written or, with --queue, when /done
 * says so. Owns what is known of each archive. Does no I/O: users.h queues it
 * for the loop.
 *
 * Two messages that reach ejabberd in one microsecond get one id, so an entry
 * is known by its id and its sender. Where no sender is told (FROM is NULL, or
 * the entry is from a file) an id is anybody's, and belongs to the first sender
 * who is told.
 */
#ifndef LINE_DISK_POSITION_H
#define LINE_DISK_POSITION_H

#include "line/core/answer.h"
#include "line/core/state.h"

/*
 * With --queue: past so many events that are not dealt with no more are asked
 * for, and then the socket is not read.
 */
#define POSITION_PAUSE 10000
#define POSITION_STOP  65536

/*
 * The first byte of an id that is not the archive's but made here (told.h): no
 * replay begins behind it.
 */
#define POSITION_OURS '~'

struct position;

/* Makes C ready. */
void position_init(struct client *c);
/* Frees all, and what was not stored. */
void position_clear(struct client *c);
/* Returns the position in the archive of the bare JID, made if there is none.
 */
struct position *position_of(struct client *c, const char *jid);

/*
 * Stores from now on what is dealt with, in the file of P; with -r only that of
 * --queue.
 */
void position_follow(struct position *p);
/*
 * Notes if (ON: 1) everything older was dealt with: entries that follow are not
 * early then, whatever their flags say.
 */
void position_caught_up(struct position *p, int on);
/*
 * Forgets all that is known of P, but for position_was_dealt; a file holds it
 * until it is replaced.
 */
void position_set_aside(struct client *c, struct position *p);
/*
 * Returns 1 where ID of the time SECONDS was dealt with when P was set aside:
 * it was known, or a replay would have begun behind it. Else 0.
 */
int position_was_dealt(
    const struct position *p, const char *id, int64_t seconds);
/* Stores no longer what is dealt with. Returns 1 if that was stored, else 0. */
int position_unfollow(struct position *p);
/* Returns 1 where ID by the JID FROM was dealt with, else 0. */
int position_knows(struct position *p, const char *id, const char *from);
/* Flags of position_enter. */
#define POSITION_EARLY 1 /* Messages before it may not be dealt with. */
#define POSITION_LINE  2 /* An event is about it. */
/*
 * Returns 1 where ID was noted and is not dealt with yet (with --queue: by
 * /done), or that is not stored, else 0.
 */
int position_awaits(const struct position *p, const char *id);
/*
 * Notes that ID by FROM of the time SECONDS is dealt with by the events made so
 * far, as soon as they are written. Ids that are too long are not noted.
 */
void position_enter(struct client *c, struct position *p, const char *id,
    const char *from, int64_t seconds, int flags);
/*
 * Notes that everything before ID by FROM was dealt with too: it was early, and
 * a replay has come to it.
 */
void position_pass(
    struct client *c, struct position *p, const char *id, const char *from);
/* Notes that the archive is empty at SECONDS. */
void position_empty(struct client *c, struct position *p, int64_t seconds);
/*
 * Returns the id behind which a replay begins, "" for the beginning, borrowed
 * until the next entry; with OLD, an earlier result that the archive no longer
 * has, the next younger one; NULL: there is none.
 */
const char *position_anchor(const struct position *p, const char *old);
/* Returns the time of the last entry that was not early, or 0. */
int64_t position_time(const struct position *p);

/* Stores what the events written so far have dealt with. */
void position_written(struct client *c);
/* Notes that something could not be stored: each file is replaced next. */
void position_failed(struct client *c);
/*
 * Deals with every event of ID's archive up to that of ID (of several the first
 * that was not dealt with), and answers the current line when that is stored.
 */
void position_done(struct client *c, const char *id);
/* Returns how many events wait for /done. */
size_t position_undone(const struct client *c);

#endif
