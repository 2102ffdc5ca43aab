/*
 * The helper: a process that runs the notification callback (callback.h), so
 * that the main process never forks, executes or waits. It is forked before any
 * secret is read, holds nothing but what it is asked to run, has no descriptor
 * of ours except one end of a socket pair, and ends with the main process. The
 * main process alone may be confined: the callback is any program of the
 * user's.
 *
 * Over the socket pair go requests to the helper, one at a time: a record of
 * helper_add_call, or an empty one of helper_add_end. Back come answers of
 * HELPER_ANSWER bytes: one of enum helper_kind, and a value. May fork.
 */
#ifndef LINE_WORLD_HELPER_H
#define LINE_WORLD_HELPER_H

#include "sexp/buf.h"

#define HELPER_REQUEST 65536 /* bytes of a request, at most */
#define HELPER_ANSWER  2     /* bytes of an answer */

/* The first byte of an answer; the second is its value. */
enum helper_kind {
	HELPER_BELL = 'b',   /* The output of the program has a BEL; 0. */
	HELPER_FAILED = 'f', /* The program could not be started; errno. */
	HELPER_ENDED = 'e'   /* The callback ended: its exit status, or 0. */
};

/* A call of the callback. The strings are borrowed; NULL is an empty one. */
struct helper_call {
	const char *program, *jid, *state, *event;
	const char *more, *contact, *kind; /* or NULL */
};

/*
 * Forks the helper. Returns our end of the socket pair, which does not block
 * and which the caller closes: the helper then ends the program that runs
 * within two seconds, and itself. -1 with errno.
 */
int helper_start(void);
/*
 * Appends the request to run CALL to OUT. Returns 0; -1 with errno, and OUT as
 * before, if it is too long.
 */
int helper_add_call(struct buf *out, const struct helper_call *call);
/* Appends the request to OUT to kill the program that runs, and to end. */
void helper_add_end(struct buf *out);

#endif
