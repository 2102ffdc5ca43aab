/*
 * Histories (FILES.md, histories/): groups of messages one after another.
 * Prints one message as a group of its own and reads all versions, piece by
 * piece, in bounded memory, past what is torn. Pure: no files, no clock.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <stdint.h>

#include "sexp/buf.h"

#define HISTORY_GROUP (16u << 20) /* bytes of one group, at most */

enum history_direction {
	HISTORY_FROM,
	HISTORY_TO,
	HISTORY_LOCAL /* a remark of jackline's own; old files have it */
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
	HISTORY_KINDS /* how many */
};

/* One message. In what history_next returns all strings are borrowed. */
struct history_message {
	enum history_direction direction;
	char *jid; /* bare or full: the sender, or the recipient */
	char *id;  /* of a HISTORY_TO: its id, may be empty; of a
		      HISTORY_LOCAL: its own word; else NULL */
	int encrypted;
	int received;	  /* a HISTORY_TO was delivered */
	double timestamp; /* seconds since 1970 */
	char *text;	  /* TEXT_LEN bytes and a NUL */
	size_t text_len;
	enum history_kind kind;
};

/* The word of the files for KIND, `Chat` for HISTORY_CHAT; static. */
const char *history_kind_name(enum history_kind kind);
/* The kind called NAME, -1: none. */
int history_kind(const char *name);

/*
 * Appends M to OUT as a group of one, version 3: the record to be appended to
 * histories/BARE-JID in one write. -1 where OUT's bound is exceeded.
 */
int history_print(const struct history_message *m, struct buf *out);

struct history;

/*
 * A reader for the history of JID (bare; old records leave it out) that keeps
 * the last KEEP messages (0: none, it only counts). MIDDLE 1: what will be
 * fed begins anywhere in the file; the front up to the first whole group is
 * skipped and not counted as torn. The caller frees with history_free.
 */
struct history *history_new(const char *jid, size_t keep, int middle);
/* Wipes and frees; NULL is accepted. */
void history_free(struct history *h);
/* Takes the next N bytes of the file. */
void history_feed(struct history *h, const void *p, size_t n);
/* The end of the file was reached. */
void history_end(struct history *h);

/* How many messages were kept. */
size_t history_count(const struct history *h);
/*
 * The kept message I, 0 is the oldest; the order is that of the file, turned
 * round inside groups, where the newest stands first. Borrowed from H.
 */
const struct history_message *history_message(
    const struct history *h, size_t i);
/* How many messages were read, kept or not. */
uint64_t history_total(const struct history *h);
/* How many places are torn (each costs one record), the tail included. */
size_t history_torn(const struct history *h);
/*
 * After history_end: how many bytes at the end of the file are torn, 0: none.
 * They are to be set aside (dir_set_aside) before anything is appended.
 */
uint64_t history_tail(const struct history *h);
/* Where the first torn place begins, in bytes of what was fed, and what was
 * expected there, borrowed; NULL where nothing is torn. */
const char *history_why(const struct history *h, uint64_t *offset);

#endif
