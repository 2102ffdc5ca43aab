/*
 * IQ requests of ours and who waits for their answers (RFC 6120 8.2.3): only
 * the id that we made, from the JID that we asked, answers one.
 */
#ifndef LINE_CORE_REQUEST_H
#define LINE_CORE_REQUEST_H

#include "line/core/state.h"

/*
 * Called once with the answer, X of type result or error; NULL: the stream
 * ended before. ANSWER is the line that asked, NULL where none did or it has
 * been answered.
 */
typedef void request_done(
    struct client *c, struct answer *answer, const struct stanza *x);

/*
 * Begins an IQ of TYPE `get` or `set` to TO (NULL: our account) on W, which
 * the caller fills and closes with writer_end. DONE gets the reply for ANSWER
 * (NULL: none).
 */
void request_begin(struct client *c, struct writer *w, const char *type,
    const char *to, request_done *done, struct answer *answer);
/* Returns the id of the request begun last, borrowed. */
const char *request_id(const struct client *c);
/* Notes that the answer to the request begun last may be large. */
void request_large(struct client *c);
/* Tells the stream of a resumed session which answers may be large. */
void request_resumed(struct client *c);
/* Hands X, an iq of type result or error, to its request; returns 0 if there is
 * none. */
int request_answer(struct client *c, const struct stanza *x);
/*
 * Hands an error, `resource-constraint`, to the request that X answers: only
 * its attributes were kept, as it was too large.
 */
void request_past(struct client *c, const struct stanza *x);
/* Forgets J, which was answered otherwise, in its request. */
void request_forget(struct client *c, const struct answer *j);
/* Ends all requests, as the stream ended and no answer will come. */
void request_lost(struct client *c);

#endif
