/*
 * The records of contacts and rooms (users/): those read at the start, and the
 * queue of what is to be stored. Does no I/O: the loop performs the queue
 * before it sends and writes, so that a record is on the disk before the event
 * that relies on it is shown. Owns the records and the queue.
 */
#ifndef LINE_DISK_USERS_H
#define LINE_DISK_USERS_H

#include "line/core/answer.h"
#include "line/core/state.h"
#include "omemo/contact.h"
#include "store/user.h"

#define USERS_NAME (JID_SIZE + 16) /* bytes of the name of a file */

/* Reasons to read a file. */
enum users_reading {
	USERS_READING_NOTHING,
	USERS_READING_LINE,   /* /history, which is to be answered */
	USERS_READING_RECALL, /* client_recall */
	USERS_READING_OMEMO,  /* an operation of users_omemo, reading or not */
	USERS_READING_RECORD  /* users_keep */
};

/* Makes C ready. */
void users_init(struct client *c);
/* Frees all records, and what was not stored. */
void users_clear(struct client *c);
/* Returns why something could not be stored, borrowed; NULL: all could. */
const char *users_failure(const struct client *c);
/* Returns 1 if a message could not be appended to its history, else 0. */
int users_history_failed(const struct client *c);
/* Returns 1 if a file of users/ could not be read, else 0. */
int users_reading_failed(const struct client *c);

/* Returns the record of the bare part of JID, borrowed, or NULL. */
struct user *users_find(const struct client *c, const char *jid);
/* Does the same, and makes the record of a contact if there is none. */
struct user *users_need(struct client *c, const char *jid);
/*
 * Returns the record of the room JID (bare), made if there is none; NULL if it
 * is that of a contact with something to keep.
 */
struct user *users_room(struct client *c, const char *jid);
/* Returns the record of the bare part of JID if it is a room's, or NULL. */
struct user *users_find_room(const struct client *c, const char *jid);
/*
 * Returns the prepared bare JIDs of all contacts or rooms with a record, in no
 * order, and a NULL. The caller frees the array, not the strings.
 */
const char **users_jids(const struct client *c, enum user_kind kind);
/*
 * Has the record U stored after a change that no line asked for. Nothing is
 * stored with -r. If no file can have the name of its JID, that is a warning,
 * once.
 */
void users_noted(struct client *c, const struct user *u);
/*
 * Has U stored after a change that J asked for: J is answered by ok with REMARK
 * (NULL: none) when U is on the disk or, with -r, at once; by the error `store`
 * if it could not be stored and the change holds for this run only. Lines wait
 * until then.
 */
void users_answer(struct client *c, const struct user *u, struct answer *j,
    const char *remark);
/*
 * Does the same for the current line, whose answer is of KIND, and the record
 * of JID. SUCCESS (NULL: none) are the words of a `success` before the ok.
 */
void users_line(struct client *c, const char *jid, enum answer_kind kind,
    const char *success, const char *remark);
/*
 * Has HOW and VERIFIED_ONLY (CLIENT_WISH) written to the record NAME of the
 * contact or room JID, and answers the current line then, as users_line does.
 */
void users_wish(struct client *c, const char *jid, const char *name,
    enum omemo_wish how, int verified_only, const char *remark);
/*
 * Has J, which waits for something else as well, answered by an error if U,
 * which is queued, cannot be stored.
 */
void users_watch(struct client *c, const struct user *u, struct answer *j);
/*
 * Asks the loop to do WHAT with the file NAME, as door.h has it. BYTES (NULL:
 * none) are taken from the caller's buffer, which is then empty. A replacement
 * or removal of NAME drops what was queued for it before. Returns what was
 * queued, borrowed; NULL with -r.
 */
const struct users_store *users_store(struct client *c,
    enum client_store_what what, const char *name, struct buf *bytes);
/*
 * Asks the loop to append the record BYTES to the history NAME, in one write
 * with others that it has not appended yet. ID (NULL: none) is that of its
 * message, see users_append_id.
 */
void users_append(
    struct client *c, const char *name, const char *id, struct buf *bytes);
/* Asks the loop to replace the first half of BYTES, at AT, by the second. */
void users_overwrite(
    struct client *c, const char *name, int64_t at, struct buf *bytes);
/*
 * Writes to NAME the file of the contact or room JID in the directory SUB,
 * spelled as in users/, or else as JID is prepared.
 */
void users_name(const struct client *c, const char *sub, const char *jid,
    char name[USERS_NAME]);
/* Returns 1 if a line waits for something to be stored, else 0. */
int users_is_awaited(const struct client *c);
/* Asks the loop to set the mark (dir_mark), or with ON 0 to remove it. */
void users_mark(struct client *c, int on);
/* Asks the loop for the last COUNT messages of the history NAME; -r too. */
void users_read(struct client *c, const char *name, size_t count,
    enum users_reading reading);
/* Asks the loop to read the file users/NAME, for client_keep; -r too. */
void users_keep(struct client *c, const char *name);
/*
 * Asks the loop to do WHAT with the file NAME of OMEMO, even with -r: create,
 * lock, read, replace, remove, unlock. BYTES as in users_store. Nothing is
 * dropped, and its outcome answers no line.
 */
void users_omemo(struct client *c, enum client_store_what what,
    const char *name, struct buf *bytes);
/* Returns why the operation that client_store handed out reads a file. */
enum users_reading users_reading(const struct client *c);
/*
 * Writes to JID the owner of the file that users_keep asked for, if that is the
 * operation that client_store handed out; JID is empty if its name is none.
 */
void users_reading_jid(const struct client *c, char jid[JID_SIZE]);
/*
 * Returns the id of message I, from 0, of those with an id that are being
 * appended by the operation that client_store handed out, borrowed, and sets
 * *AT to where its record begins in the bytes. NULL if there are no more.
 */
const char *users_append_id(const struct client *c, size_t i, size_t *at);
/* Takes the outcome of the operation handed out, see client_stored. */
void users_stored(struct client *c, const char *why);

#endif
