/*
 * Stream management (XEP-0198), the state of it: what was sent and is not
 * acknowledged, what was received and is not handled, and the token for
 * resuming. Outlives the streams that it is used on; its owner hands it to
 * each. Pure; writes no XML but what it was given.
 *
 * Stanzas are numbered from 1 by 64 bits, for good on one session; the 32 bits
 * on the wire are the low ones (XEP-0198 4).
 */
#ifndef XMPP_RESUME_H
#define XMPP_RESUME_H

#include <stdint.h>

#include "sexp/buf.h"

#define NS_SM "urn:xmpp:sm:3"

/* What may be unacknowledged, in bytes; more is a server gone wrong. */
#define RESUME_HELD ((size_t)12 * 1024 * 1024)
/* Connections lost behind a <resume/>, then the session is given up. */
#define RESUME_ATTEMPTS 6
/* An <r/> is answered after this time at the latest, milliseconds. */
#define RESUME_PATIENT ((int64_t)10 * 1000)
/*
 * Bytes of stanzas after which an <r/> follows, so that on a slow line, too,
 * the other side is heard from.
 */
#define RESUME_STRIDE ((size_t)16 * 1024)

enum resume_state {
	RESUME_OFF,   /* the server does not acknowledge */
	RESUME_ASKED, /* <enable/> was sent: what follows it is kept */
	RESUME_ON
};

/* Zeroed is off and empty. */
struct resume {
	enum resume_state state;
	char *token;	  /* for <resume/>, or NULL: this session cannot be */
	uint64_t sent;	  /* stanzas sent, those before <enable/> left out */
	uint64_t acked;	  /* of them, the server has */
	struct buf queue; /* the others: size_t length, bytes; in order */
	uint64_t bytes;	  /* of all that were kept */

	uint64_t received; /* stanzas received */
	uint64_t handled;  /* of them, what they caused was written */
	struct buf marks;  /* of the others: struct resume_mark, in order */
	uint64_t offered;  /* handled, as <resume/> said it */
	uint64_t again;	   /* stanzas to come that are held already */
	int owes;	   /* an <r/> is not answered */
	uint64_t owed;	   /* it came when so many were received */
	int64_t owed_at;   /* by then it is answered, monotonic */

	/* The server refused to resume; KNOWN: acked is its last word. */
	int refused, known;
	int attempts; /* <resume/> sent in vain, one after the other */
};

/* Frees what R holds; R is off and empty. */
void resume_clear(struct resume *r);
/* <enable/> follows: a new session, numbers from 1, nothing kept. */
void resume_begin(struct resume *r);
/* <enabled/> came, with TOKEN (copied; NULL: it cannot be resumed). */
void resume_enabled(struct resume *r, const char *token);
/* The server does not acknowledge: numbers go on, nothing is kept. */
void resume_off(struct resume *r);
/* Forgets the token: this session is not to be resumed. */
void resume_forget(struct resume *r);
/* Whether a stream should begin by <resume/>. */
int resume_can(const struct resume *r);

/*
 * Takes the whole stanzas at the front of N bytes of P, as a struct writer
 * made them; what lies between them (<r/> and so on) is not counted. Returns
 * the bytes taken, or -1: more than RESUME_HELD is unacknowledged.
 */
long resume_take(struct resume *r, const void *p, size_t n);
/*
 * The length of the whole elements at the front of N bytes of P that are not
 * longer than MAX together, or the first alone; N where none is whole.
 */
size_t resume_piece(const void *p, size_t n, size_t max);
/* The server has handled H; -1, and nothing changed: it cannot have. */
int resume_ack(struct resume *r, uint32_t h);
/*
 * The unacknowledged stanzas one by one: the first is number `acked` + 1. *AT
 * is 0 before the first call. NULL behind the last; else *LEN bytes, borrowed.
 */
const void *resume_walk(const struct resume *r, size_t *at, size_t *len);
/*
 * Takes the unacknowledged stanza NUMBER out, as if it had never been sent:
 * those behind it move up by one. Only once <resumed/> came and before
 * resume_again, as the server must not have counted it.
 */
void resume_drop(struct resume *r, uint64_t number);
/*
 * Appends to OUT what is to be sent again, and ASK (NULL: nothing) within it
 * after each RESUME_STRIDE. Returns how often; -1 where OUT takes no more.
 */
int resume_again(const struct resume *r, struct buf *out, const char *ask);

/* The `h` for <resume/>; what is held beyond it will come once more. */
uint32_t resume_offer(struct resume *r);
/*
 * Time went by without an answer: a slow server may have the session still,
 * so that this is no attempt in vain.
 */
void resume_unanswered(struct resume *r);
/* <resumed/> came. */
void resume_resumed(struct resume *r);
/* A stanza came: whether it is one that came before, and is held. */
int resume_known(struct resume *r);
/* A stanza came that is new, and what it caused is written once WRITTEN reaches
 * MARK. */
void resume_received(struct resume *r, uint64_t mark);
/* All up to MARK is written. */
void resume_written(struct resume *r, uint64_t mark);
/* <r/> came, at NOW, in milliseconds. */
void resume_owe(struct resume *r, int64_t now);
/* Whether <a/> is to be sent now; if so, it is owed no more. */
int resume_pay(struct resume *r, int64_t now);
/* The `h` for <a/>. */
uint32_t resume_h(const struct resume *r);

#endif
