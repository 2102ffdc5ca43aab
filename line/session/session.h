/*
 * The link to the server as the user sees it: connecting, being online, losing
 * it, ending it. Writes the `state` events; owns the stream and struct
 * client_link. The actions and the log of door.h are here too.
 */
#ifndef LINE_SESSION_SESSION_H
#define LINE_SESSION_SESSION_H

#include "line/core/state.h"

#define SESSION_CONNECT_SECONDS 60
#define SESSION_CLOSE_SECONDS	5

/* Makes C ready; its options and our JID are set. */
void session_init(struct client *c);
/* Frees the stream and what session_init made. */
void session_clear(struct client *c);
/* Begins to connect; the current line waits for how it ends. */
void session_connect(struct client *c);
/*
 * Ends the link: if we are online by session_close_due, if the server has what
 * follows the binding by session_close, else at once.
 */
void session_disconnect(struct client *c);
/*
 * Closes the stream that session_disconnect is to end, as soon as OPEN, the
 * number of messages without a fate, is 0, or at the end of -w.
 */
void session_close_due(struct client *c, size_t open);
/*
 * Closes the stream (RFC 6120 4.4) if the server has a session of ours, or will
 * have one by the requests that were sent ahead; the link ends when the server
 * has closed its side, after SESSION_CLOSE_SECONDS at most. Else it ends at
 * once.
 */
void session_close(struct client *c);
/*
 * Gives up the link at once, for CAUSE and WHY in words, which are copied;
 * CAUSE NULL: as the user wished. Connects anew later where reconnect_may says
 * so.
 */
void session_end(struct client *c, const char *cause, const char *why);
/* Has the socket closed, whatever the state, as the program ends. */
void session_hang_up(struct client *c);
/* Takes the RESULT of an action CLIENT_DIAL. */
void session_dialled(struct client *c, const struct dial_result *result);
/* Returns 1 if more bytes of the socket may be read (client_wants_bytes). */
int session_listens(const struct client *c);
/* Takes N bytes of the socket, while there is a stream. */
void session_received(struct client *c, const void *p, size_t n);
/* Notes that the socket took N bytes. */
void session_taken(struct client *c, size_t n);
/* Takes the next event of the stream. Returns 0 if there is none. */
int session_pull(struct client *c);
/*
 * Notes that events were written: the stanzas that they came from are handled,
 * and the server is told so where it asked (XEP-0198 4).
 */
void session_written(struct client *c);
/* Returns 1 if a stanza was received whose events are not written, else 0. */
int session_owes(const struct client *c);
/*
 * Returns 1 if the program is to end with the session: it was lost for good
 * with -k, or -c made none. Else 0.
 */
int session_is_lost(const struct client *c);
/* Notes that the clock jumped, or that we slept or were stopped. */
void session_jumped(struct client *c);
/* Does what is due: liveness, reconnecting, the end of a deadline. */
void session_timers(struct client *c);
/* Returns when session_timers is wanted; -1: never. */
int64_t session_deadline(const struct client *c);
/*
 * Sets what others see of us, now or when there is a connection: SHOW and
 * STATUS, copied; an empty one is none (RFC 6121 4.7.2).
 */
void session_show(struct client *c, enum roster_show show, const char *status);
/* Sets our priority (RFC 6121 4.7.2.3), in the same way. */
void session_priority(struct client *c, int priority);

#endif
