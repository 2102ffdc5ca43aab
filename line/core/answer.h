/*
 * The answers to lines. Each line is answered once, by `ok`, `error` or `sent`,
 * at once or later; owns the lines whose answer is still to come.
 */
#ifndef LINE_CORE_ANSWER_H
#define LINE_CORE_ANSWER_H

#include "line/core/state.h"

/* The event that a line waits for. */
enum answer_kind {
	ANSWER_CONNECT,
	ANSWER_DISCONNECT,
	ANSWER_REQUEST,
	ANSWER_WAIT,
	ANSWER_HISTORY, /* /history, for the disk */
	ANSWER_OTR,	/* /otr start, for the session */
	ANSWER_REPLAY,	/* for the end of a replay */
	ANSWER_OMEMO,	/* for devices and the disk; `until`: its number */
	ANSWER_ARCHIVE, /* /archive, which `data` is of */
	ANSWER_JOIN,	/* for a room, whose JID is `subject`, and so on: */
	ANSWER_LEAVE,
	ANSWER_NICK,
	ANSWER_TOPIC,
	ANSWER_STORE, /* for the disk; `wait`: remark, `place`: of `success` */
	ANSWER_LOG,   /* the same for /log on, which is off again if it fails */
	ANSWER_ENTRY, /* for entering the room `subject`; then it is redone */
	ANSWER_ASK    /* for the next line, which answers its `ask` */
};

struct users_store;

/* A line that is not answered yet. */
struct answer {
	struct answer *next;
	/* A store that, where it fails, makes the answer an error; or NULL.
	 * ANSWER_STORE waits for nothing else. */
	const struct users_store *store;
	enum answer_kind kind;
	struct source *source; /* whose line it is */
	unsigned long line;
	char *label;
	int is_message;
	int holds;	  /* No further line is executed meanwhile. */
	int64_t deadline; /* monotonic; then `timeout`; 0: none */
	/* At a terminal: when to say what is waited for; 0: not, or said. */
	int64_t tell_at;
	/* Called at the deadline in place of answering by `timeout`; or NULL.
	 */
	void (*on_timeout)(struct client *c, const struct answer *a);
	char *subject; /* JID for the answer, or NULL */
	/* ANSWER_WAIT: the event; ANSWER_ASK: the SMP question; ANSWER_NICK,
	 * and ANSWER_JOIN where we are entering with another: the nick;
	 * ANSWER_ENTRY: text; else the id that was sent. */
	char *wait;
	/* ANSWER_ENTRY: does the line, by `subject` and `wait`. */
	void (*redo)(struct client *, const char *subject, const char *wait);
	const void *data; /* ANSWER_ARCHIVE: of its command, not owned */
	/* ANSWER_OTR: where its query (wait) went; ANSWER_REQUEST of a block:
	 * the remark of its ok; of a text that OMEMO encrypts: the id of the
	 * message that it corrects; or NULL. */
	char *place;
	char *names; /* of the members of a room, each before a blank; or NULL
		      */
	/* ANSWER_OTR: only a verified key will do; ANSWER_ASK: the secret is
	 * the answer to the question of the contact. */
	int verified;
	int64_t until; /* ANSWER_OTR: waits so long for presence; 0: begun */
};

/* The line and label that events are about. */
struct answer_scope {
	unsigned long line;
	char *label;
	const char *event_label;
	int is_message;
	struct source *source;
};

/* Makes LINE, of the current source, the line being executed; 0: none is. */
void answer_begin(struct client *c, unsigned long line);
/*
 * Makes LABEL, which C owns from now on, that of the line, whose source is
 * noted with it (event_label); NULL: none.
 */
void answer_label(struct client *c, char *label);
/*
 * Says that the line being executed is a message or was to be one, as it is
 * taken to be until told, or is not: /wait means the last that was answered.
 */
void answer_is_message(struct client *c, int is_message);
/* Answers the current line by ok; PEER and REMARK may be NULL. */
void answer_ok(struct client *c, const char *peer, const char *remark);
/* Notes that the event `sent` with ID answered the current line. */
void answer_sent(struct client *c, const char *id);
/*
 * Answers the current line by error with CAUSE; WHY NULL: the sentence of
 * the cause.
 */
void answer_error(
    struct client *c, const char *peer, const char *cause, const char *why);
/*
 * Makes the current line wait, SECONDS at most (0: for ever); HOLDS: the
 * following lines do so too (never at a terminal). Returns the entry, which is
 * freed when it is answered.
 */
struct answer *answer_wait(
    struct client *c, enum answer_kind kind, int holds, int seconds);
/*
 * Makes the current line, which has asked something, wait for the next line:
 * that is the answer. No other question may be open.
 */
struct answer *answer_question(struct client *c);
/*
 * Makes TEXT, which C owns from now on, the subject of the next message (NULL:
 * none). Returns the one before, for the caller to free, or NULL.
 */
char *answer_subject(struct client *c, char *text);
/* Has /wait look at what comes from now on, as when a message is answered. */
void answer_look_anew(struct client *c);
/* Executes no further line: /quit, -x, or a signal. */
void answer_no_more(struct client *c);
/* Returns 1 if a line of S that waits holds those behind it, else 0. */
int answer_holds(const struct client *c, const struct source *s);
/*
 * Returns the first line that waits for KIND behind AFTER (NULL: of all), or
 * NULL; borrowed until it is answered.
 */
struct answer *answer_next(
    const struct client *c, const struct answer *after, enum answer_kind kind);
/*
 * Makes the events that follow those of the line of A. Returns the scope
 * before, for answer_leave.
 */
struct answer_scope answer_enter(struct client *c, const struct answer *a);
/* Makes the events that follow those of BEFORE again. */
void answer_leave(struct client *c, struct answer_scope before);
/* Answers A by ok and frees it. */
void answer_done(struct client *c, struct answer *a, const char *remark);
/* Answers A by error and frees it. */
void answer_failed(
    struct client *c, struct answer *a, const char *cause, const char *why);
/* The words of a refusal of which no more is known than its condition. */
#define ANSWER_REFUSED "the server refused it"
/*
 * Takes the reply X to the request of A (NULL: nobody waits), for request_done.
 * Returns 1 if it is a result, for which A still waits. Else answers A by error
 * in the words of X or, where it has none, by WHY (NULL: the server refused
 * it).
 */
int answer_result(struct client *c, struct answer *a, const struct stanza *x,
    const char *why);
/* Does the line of A, an ANSWER_ENTRY, anew, which answers it; frees A. */
void answer_redo(struct client *c, struct answer *a);
/* Answers all of KIND: by ok where CAUSE is NULL, else by error. */
void answer_settle(struct client *c, enum answer_kind kind, const char *cause,
    const char *why);
/* Answers those whose time is over by `timeout`. */
void answer_timeouts(struct client *c);
/* Returns the next deadline among them, -1 where there is none. */
int64_t answer_deadline(const struct client *c);
/* Frees all unanswered, and the label. */
void answer_clear(struct client *c);
/* Answers the open question, if there is one, by an error: no line will. */
void answer_unasked(struct client *c);
/* Writes an `error` about PEER (or NULL) by CAUSE that no line caused. */
void answer_no_line(
    struct client *c, const char *peer, const char *cause, const char *why);
/* Notes why the exit status will not be 0; the first reason stays. */
void answer_note_error(struct client *c, const char *cause, const char *why);

#endif
