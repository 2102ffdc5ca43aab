/*
 * Reads the histories in the configuration directory, by history.h from dir.h:
 * decides how much of a file is read. Owns nothing. A function that fails
 * leaves its reason in dir_why.
 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include "store/dir.h"
#include "store/history.h"

#define LOG_WINDOW (64u << 20) /* bytes of a history looked at, at most */

/*
 * Checks the end of the history of JID; to be called once before the first
 * append. Torn bytes there are moved to a file of their own, see dir_set_aside.
 * Returns 1 with their number in *TORN; 0 if there are none; -1 on an error.
 */
int log_repair(struct dir *d, const char *jid, int64_t *torn);
/*
 * Returns the last N messages of the history of JID, or all if there are fewer.
 * Only the end of the file is read, LOG_WINDOW bytes at most, and history_torn
 * counts only there. NULL if it cannot be read. The caller frees with
 * history_free.
 */
struct history *log_last(struct dir *d, const char *jid, size_t n);
/*
 * Reads the whole history of JID, piece by piece, and keeps no message: for
 * history_total, history_torn, history_tail and history_why. Returns NULL if it
 * cannot be read. The caller frees with history_free.
 */
struct history *log_check(struct dir *d, const char *jid);

#endif
