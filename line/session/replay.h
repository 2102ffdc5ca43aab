/*
 * Tells what was said while we were away: asks the archive (XEP-0313) of our
 * account, and of each room that we have entered, for what lies behind our
 * position in it, page by page, and holds what comes live meanwhile, so that
 * everything is told once and in order (jackline-lines(7), THE ARCHIVE). Pages
 * of several archives come in turn, one at a time. Owns the state of each
 * replay; tells nothing itself: dispatch.c takes the messages from here. What
 * is held is in a backlog (backlog.h).
 */
#ifndef LINE_SESSION_REPLAY_H
#define LINE_SESSION_REPLAY_H

#include "line/core/state.h"
#include "line/talk/incoming.h"

/* Makes C ready. */
void replay_init(struct client *c);
/* Frees what is held. */
void replay_clear(struct client *c);
/* Returns 1 if a replay runs when a new session begins, else 0. */
int replay_will_run(const struct client *c);
/* Notes that a new session began; a replay starts if replay_will_run. */
void replay_login(struct client *c);
/*
 * Notes that the session was resumed: the last minute of the archive is read
 * again soon, since ejabberd may lose messages that come just then.
 */
void replay_resumed(struct client *c);
/* Notes that the session is lost and will not be resumed. */
void replay_lost(struct client *c);
/*
 * Returns 1 if the message M, which X from FROM brought, is not to be told now:
 * it was told, or is held until the replay has come to it. Else 0.
 */
int replay_holds(struct client *c, const struct incoming *m, const char *from,
    const struct stanza *x);
/* Notes that M was dealt with just now; LINE: an event is about it. */
void replay_took(struct client *c, const struct incoming *m, int line);
/*
 * Fills M with the next message that is to be told, in order, and returns 1; it
 * is borrowed until the next call on C. Returns 0 if there is none now.
 */
int replay_next(struct client *c, struct incoming *m);
/*
 * Notes that a message from FROM (NULL: our server) was too large to be read:
 * perhaps it was a result, and the position has to go past it.
 */
void replay_past(struct client *c, const char *from);
/*
 * Begins a replay of the archive of ROOM (NULL: of our account) for the current
 * line, which is answered at its end: behind the position or, unless it is
 * NULL, behind AFTER, "" for the beginning.
 */
void replay_command(struct client *c, const char *room, const char *after);
/* Asks for nothing more, as the program ends: a page under way still comes. */
void replay_stop(struct client *c);
/* Returns 1 while something that was asked for is still to come, else 0. */
int replay_is_busy(const struct client *c);
/* Returns why the program cannot go on without an archive, or NULL; static. */
const char *replay_refusal(const struct client *c);
/* Does what is due, at replay_deadline or any other time. */
void replay_tick(struct client *c);
/* Returns when replay_tick is wanted, monotonic; -1: never. */
int64_t replay_deadline(const struct client *c);

#endif
