/*
 * The state of stream management (XEP-0198): stanzas sent and not yet
 * acknowledged, stanzas received and not yet handled, and the token to resume
 * with. It outlives a stream: its owner hands it to the next one. Pure; it
 * writes no XML but the stanzas that it was given.
 *
 * The stanzas of a session are numbered from 1 with 64 bits; `h` on the wire is
 * the low 32 of them (XEP-0198 4).
 */
#ifndef XMPP_RESUME_H
#define XMPP_RESUME_H

#include <stdint.h>

#include "sexp/buf.h"

#define NS_SM "urn:xmpp:sm:3"

/* Bound of unacknowledged bytes: a server that exceeds it is broken. */
#define RESUME_HELD ((size_t)12 * 1024 * 1024)
/* The session is given up after so many <resume/> without an answer. */
#define RESUME_ATTEMPTS 6
/*
 * An <r/> is answered after this time, in milliseconds, even if stanzas that
 * came before it are not handled yet.
 */
#define RESUME_PATIENT ((int64_t)10 * 1000)
/*
 * An <r/> follows each time so many bytes were sent again, so that the server
 * is heard from on a slow line too.
 */
#define RESUME_STRIDE ((size_t)16 * 1024)

enum resume_state {
	RESUME_OFF,   /* the server does not acknowledge */
	RESUME_ASKED, /* <enable/> was sent; stanzas behind it are kept */
	RESUME_ON
};

/* A zeroed struct is off and empty. */
struct resume {
	enum resume_state state;
	char *token;	  /* for <resume/>; NULL: cannot be resumed */
	uint64_t sent;	  /* stanzas sent behind <enable/> */
	uint64_t acked;	  /* the server acknowledged so many of them */
	struct buf queue; /* the rest, in order: size_t length, then bytes */
	uint64_t bytes;	  /* total ever added to the queue */

	uint64_t received; /* stanzas received */
	uint64_t handled;  /* so many of them: their output was written */
	struct buf marks;  /* a struct resume_mark for the rest, in order */
	uint64_t offered;  /* the value of `handled` in our <resume/> */
	uint64_t repeats;  /* stanzas to come that the server repeats */

	int is_asked;		 /* an <r/> awaits our answer */
	uint64_t asked_received; /* the value of `received` when it came */
	int64_t answer_by;	 /* latest time of the answer, monotonic ms */

	/* The server refused to resume, but told in <failed/> how many stanzas
	 * of the old session it had handled: `acked`. */
	int known;
	int attempts; /* <resume/> without an answer, in a row */
};

/* Frees what R owns and zeroes R. */
void resume_clear(struct resume *r);
/* Begins a new, empty session, as <enable/> is sent (XEP-0198 3). */
void resume_begin(struct resume *r);
/*
 * Records <enabled/> with TOKEN, the id for <resume/> (copied), or NULL if the
 * server cannot resume the session.
 */
void resume_enabled(struct resume *r, const char *token);
/* Records that the server does not acknowledge: nothing is kept from now on. */
void resume_off(struct resume *r);
/* Forgets the token, so that the session is not resumed. */
void resume_forget(struct resume *r);
/* Returns 1 if the session can be resumed on a new stream. */
int resume_can(const struct resume *r);

/*
 * Counts and keeps (copied) the complete stanzas at the front of the N bytes at
 * P, which a struct writer made and which will be sent. Other elements, as <r/>
 * and <a/>, are passed over. Returns the number of bytes that were read; -1 if
 * RESUME_HELD would be exceeded.
 */
long resume_keep_sent(struct resume *r, const void *p, size_t n);
/*
 * Returns the length of the complete elements at the front of the N bytes at P
 * that fit into MAX, but of one at least; N if none is complete.
 */
size_t resume_whole_elements(const void *p, size_t n, size_t max);
/*
 * Drops the stanzas that the server acknowledges with H, the attribute `h`
 * (XEP-0198 4). Returns -1 and changes nothing if they are more than were sent.
 */
int resume_ack(struct resume *r, uint32_t h);
/*
 * Iterates over the unacknowledged stanzas, the first of which has the number
 * `acked` + 1. *AT is 0 before the first call. Returns *LEN bytes, borrowed
 * until R changes, or NULL after the last.
 */
const void *resume_walk(const struct resume *r, size_t *at, size_t *len);
/*
 * Removes the unacknowledged stanza NUMBER as if it had never been sent; the
 * numbers behind it shift by one. Allowed only between <resumed/> and
 * resume_send_again, since the server must not have counted it.
 */
void resume_drop(struct resume *r, uint64_t number);
/*
 * Appends the unacknowledged stanzas to OUT, and ASK (unless NULL) after every
 * RESUME_STRIDE bytes. Returns how often ASK was written; -1, with OUT as it
 * was, if OUT is full.
 */
int resume_send_again(const struct resume *r, struct buf *out, const char *ask);

/*
 * Counts an attempt and returns the `h` for its <resume/>: the server repeats
 * the stanzas after that number.
 */
uint32_t resume_attempt(struct resume *r);
/*
 * Sets `attempts` to 0, after a timeout: a server that is slow may still have
 * the session.
 */
void resume_reset_attempts(struct resume *r);
/* Records <resumed/>: the stanzas after `offered` will be repeated. */
void resume_resumed(struct resume *r);
/* Returns 1 if the stanza just received is one that the server repeats. */
int resume_is_repeat(struct resume *r);
/*
 * Counts a stanza that is no repeat. It is handled when its output is written,
 * which resume_written tells with MARK or a greater number.
 */
void resume_received(struct resume *r, uint64_t mark);
/* Records that the output up to MARK is written. */
void resume_written(struct resume *r, uint64_t mark);
/* Records an <r/> received at NOW, monotonic milliseconds. */
void resume_asked(struct resume *r, int64_t now);
/*
 * Returns 1, once for each <r/>, when <a/> is to be sent: when all stanzas
 * before the <r/> are handled, and after RESUME_PATIENT at the latest.
 */
int resume_answer_due(struct resume *r, int64_t now);
/* Returns the `h` for <a/>. */
uint32_t resume_h(const struct resume *r);

#endif
