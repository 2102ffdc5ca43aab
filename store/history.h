/*
 * Reads and prints histories (jackline(1), FILES): groups of messages, one
 * after another. A message is printed as a group of its own. All versions are
 * read, piece by piece and in bounded memory; torn places, as a crash during a
 * write leaves them, are skipped. Pure: no files, no clock.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <stdint.h>

#include "sexp/buf.h"

#define HISTORY_GROUP (16u << 20) /* bytes of one group, at most */

enum history_direction {
	HISTORY_FROM,
	HISTORY_TO,
	HISTORY_LOCAL /* a remark of the program itself, in old files */
};

enum history_kind {
	HISTORY_CHAT,
	HISTORY_GROUPCHAT,
	HISTORY_PRESENCE,
	HISTORY_INFO,
	HISTORY_WARNING,
	HISTORY_ERROR,
	HISTORY_SUCCESS,
	HISTORY_TRANSIT,
	HISTORY_KINDS /* the number of kinds */
};

/* One message. The strings of a message of a reader are borrowed from it. */
struct history_message {
	enum history_direction direction;
	char *jid; /* the sender or recipient, bare or full */
	/* HISTORY_TO: the id, or "". HISTORY_LOCAL: a word of the remark.
	 * HISTORY_FROM: NULL. */
	char *id;
	int encrypted;
	int omemo;    /* by OMEMO, else by OTR; ours, the original skips it */
	int received; /* a HISTORY_TO was delivered */
	double timestamp; /* seconds since 1970 */
	char *text;	  /* TEXT_LEN bytes and a NUL */
	size_t text_len;
	enum history_kind kind;
};

/*
 * Appends M to OUT as a group of one, version 3: the record to be appended to
 * histories/BARE-JID in one write. Returns -1 if the bound of OUT is exceeded.
 */
int history_print(const struct history_message *m, struct buf *out);

/*
 * Appends to OUT the beginning of the record of M, a message sent, up to and
 * with `(received false)`: as history_print has written it, or with RECEIVED
 * the bytes of the same length that say that the receipt came. Returns -1 if
 * the bound of OUT is exceeded.
 */
int history_front(
    const struct history_message *m, int received, struct buf *out);

struct history;

/*
 * Returns a reader for the history of the bare JID, which old records leave
 * out. It keeps the last KEEP messages and counts all. With MIDDLE the bytes
 * may begin anywhere in the file: those before the first whole group are
 * skipped and do not count as torn. The caller frees with history_free.
 */
struct history *history_new(const char *jid, size_t keep, int middle);
/* Wipes and frees; NULL is accepted. */
void history_free(struct history *h);
/* Reads the next N bytes of the file. */
void history_feed(struct history *h, const void *p, size_t n);
/* Tells H that the end of the file was reached. */
void history_end(struct history *h);

/* Returns the number of messages kept. */
size_t history_count(const struct history *h);
/*
 * Returns the kept message I, of which 0 is the oldest, borrowed from H. The
 * order is that of the file, reversed in groups, which begin with the newest.
 */
const struct history_message *history_message(
    const struct history *h, size_t i);
/* Returns the number of messages read, kept or not. */
uint64_t history_total(const struct history *h);
/* Returns the number of torn places, with the end of the file. */
size_t history_torn(const struct history *h);
/*
 * Returns, after history_end, how many bytes at the end of the file are torn.
 * They have to be moved away with dir_set_aside before anything is appended.
 */
uint64_t history_tail(const struct history *h);
/*
 * Returns the reason of the first torn place, "expected ...", borrowed, and
 * sets *OFFSET to its offset from the first byte fed. Returns NULL if none is
 * torn.
 */
const char *history_why(const struct history *h, uint64_t *offset);

#endif
