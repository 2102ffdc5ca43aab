/*
 * The answers to lines, and the lines whose answer waits for somebody: each
 * is answered once, by job_ok or job_error, or `sent` (message.h).
 */
#ifndef LINE_JOB_H
#define LINE_JOB_H

#include "line/state.h"

/* What a line waits for. */
enum job_kind {
	JOB_CONNECT,
	JOB_DISCONNECT,
	JOB_REQUEST,
	JOB_WAIT,
	JOB_HISTORY, /* /history, for the disk */
	JOB_OTR,     /* /otr start, for the session */
	JOB_JOIN,    /* what a room answers to, SUBJECT is its JID; */
	JOB_LEAVE,
	JOB_NICK,
	JOB_TOPIC,
	JOB_ASK /* its `ask`, for the next line */
};

/* A line that is not answered yet. */
struct job {
	struct job *next;
	enum job_kind kind;
	unsigned long line;
	char *label;
	int holds;	  /* no further line is executed meanwhile */
	int64_t deadline; /* monotonic; then `timeout`; 0: none */
	char *subject;	  /* JID for the answer, or NULL */
	char *wait; /* JOB_WAIT: what for; JOB_ASK: the SMP question; id sent */
	char *place;   /* JOB_OTR: where its query (wait) went, or NULL */
	int verified;  /* JOB_OTR: only a verified key will do */
	int64_t until; /* JOB_OTR: waits so long for presence; 0: begun */
};

/* Answers the current line by ok; PEER and REMARK may be NULL. */
void job_ok(struct client *c, const char *peer, const char *remark);
/*
 * Answers the current line by error with CAUSE; WHY NULL: the sentence of
 * the cause.
 */
void job_error(
    struct client *c, const char *peer, const char *cause, const char *why);
/*
 * Makes the current line wait, SECONDS at most (0: for ever); HOLDS: the
 * following lines do so too (never at a terminal). Freed when it is answered.
 */
struct job *job_wait(
    struct client *c, enum job_kind kind, int holds, int seconds);
/* Whether some job holds the following lines. */
int job_holds(const struct client *c);
/* Answers J by ok and frees it. */
void job_done(struct client *c, struct job *j, const char *remark);
/* Answers J by error and frees it. */
void job_failed(
    struct client *c, struct job *j, const char *cause, const char *why);
/* Answers all of KIND: by ok where CAUSE is NULL, else by error. */
void job_settle(
    struct client *c, enum job_kind kind, const char *cause, const char *why);
/* Answers those whose time is over by `timeout`. */
void job_timeouts(struct client *c);
/* The next deadline among them, -1 where there is none. */
int64_t job_deadline(const struct client *c);
/* Frees all unanswered. */
void job_clear(struct client *c);

/* No answer to an open question comes any more. */
void job_unasked(struct client *c);

/* Notes why the exit status will not be 0; the first reason stays. */
void job_note_error(struct client *c, const char *cause, const char *why);

#endif
