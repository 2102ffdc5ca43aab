/*
 * The link to the server as the user sees it: connecting, being online,
 * losing it, ending it. Writes the `state` events.
 */
#ifndef LINE_SESSION_H
#define LINE_SESSION_H

#include "line/state.h"

#define SESSION_CONNECT_SECONDS 60
#define SESSION_CLOSE_SECONDS	5

/* Dials, for a user or to regain what was lost. */
void session_dial(struct client *c);
/* Begins to connect; the current line waits for how it ends. */
void session_connect(struct client *c);
/* Ends the stream politely; the socket is given up when the server has. */
void session_close(struct client *c);
/*
 * Gives up the link at once, for CAUSE (NULL: as the user wished). A session
 * that may be regained is, see regain.h.
 */
void session_end(struct client *c, const char *cause, const char *why);
/* The socket is there, or not. */
void session_dialled(struct client *c, const struct dial_result *result);
/* Whether bytes of the socket are welcome, as client_wants_bytes. */
int session_listens(const struct client *c);
/* The socket took N bytes. */
void session_taken(struct client *c, size_t n);
/* Does the next thing that the stream has; 0: there is none. */
int session_pull(struct client *c);
/*
 * Events were written: what they came from is handled, and the server is told
 * so where it asked (XEP-0198 4).
 */
void session_written(struct client *c);
/* Whether something was received whose events are not written. */
int session_owes(const struct client *c);
/* Liveness and the time that connecting and closing may take. */
void session_timers(struct client *c);
/* When session_timers is wanted, -1: never. */
int64_t session_deadline(const struct client *c);
/* Sends our presence as last set. */
void session_presence(struct client *c);

#endif
