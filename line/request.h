/*
 * IQ requests of ours and who waits for their answers (RFC 6120 8.2.3): only
 * the id that we made, from the JID that we asked, answers one.
 */
#ifndef LINE_REQUEST_H
#define LINE_REQUEST_H

#include "line/state.h"

/*
 * Called once with the answer, X of type result or error; NULL: the stream
 * ended before. JOB is the line that asked, NULL where none did or it has
 * been answered.
 */
typedef void request_done(
    struct client *c, struct job *job, const struct stanza *x);

/*
 * Begins an IQ of TYPE `get` or `set` to TO (NULL: our account) on W, which
 * the caller fills and closes with writer_end. DONE gets the answer for JOB
 * (NULL: none).
 */
void request_begin(struct client *c, struct writer *w, const char *type,
    const char *to, request_done *done, struct job *job);
/* The answer to the last that was begun may be large. */
void request_large(struct client *c);
/* The session goes on with another stream, which learns which may be so. */
void request_resumed(struct client *c);
/* Hands X, an iq of type result or error, to who waits; 0: nobody does. */
int request_answer(struct client *c, const struct stanza *x);
/* The job J was answered otherwise: its request is no longer heard. */
void request_forget(struct client *c, const struct job *j);
/* The stream ended: no answer will come. */
void request_lost(struct client *c);

#endif
