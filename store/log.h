/*
 * The histories in the directory: history.h over dir.h, so that nobody else
 * has to know how much of a file to read. Owns nothing.
 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include "store/dir.h"
#include "store/history.h"

#define LOG_WINDOW (64u << 20) /* bytes of a history looked at, at most */

/*
 * Appends M to the history of JID (bare) as one record. SYNC as dir_append.
 * -1 with D's cause. log_repair must have been called for JID before.
 */
int log_append(
    struct dir *d, const char *jid, const struct history_message *m, int sync);
/*
 * Looks at the end of the history of JID, once before the first log_append:
 * what is torn there is set aside in a file of its own. Returns 1 where that
 * was so, with *TORN bytes; 0 where all is well; -1 with D's cause.
 */
int log_repair(struct dir *d, const char *jid, int64_t *torn);
/*
 * The last N messages of the history of JID, as few as there are: only the
 * end of the file is read, LOG_WINDOW bytes at most. NULL with D's cause. The
 * caller frees with history_free; history_torn counts what was looked at.
 */
struct history *log_last(struct dir *d, const char *jid, size_t n);
/*
 * Reads the whole history of JID piece by piece and keeps nothing of it: for
 * history_total, history_torn, history_tail, history_why. NULL with D's
 * cause. The caller frees with history_free.
 */
struct history *log_check(struct dir *d, const char *jid);

#endif
