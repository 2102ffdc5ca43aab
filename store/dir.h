/*
 * The configuration directory: opens, checks and locks it, and reads and writes
 * its files so that after a crash at any point each file is the old or the new
 * one, whole (jackline(1), FILES). Owns the descriptors. Knows nothing of what
 * is inside the files. Almost all file access of the program is here.
 *
 * A NAME is relative to the directory: `config.sexp`, `users/BARE-JID`,
 * `histories/BARE-JID`. Its last part must be one that dir_name_why accepts.
 * Symbolic links inside the directory are not followed. Files get mode 0600 and
 * directories 0700, whatever the umask. `config.sexp`, `otr_dsa.sexp`,
 * `omemo.sexp` and `password` are secrets: they are not read if others can read
 * or own them, they are created once, and never written again. The files below
 * `omemo/` are not read if others can read or own them.
 *
 * A function that fails returns -1, and dir_why then says the reason.
 */
#ifndef STORE_DIR_H
#define STORE_DIR_H

#include <stdint.h>

#include "sexp/buf.h"

#define DIR_NAME      200	  /* bytes of a file name, at most */
#define DIR_FILE      (16u << 20) /* bytes; the usual bound for dir_read */
#define DIR_CREATE    1		  /* Make the directory if it is absent. */
#define DIR_READ_ONLY 2		  /* Take no lock and change nothing. */

struct dir;

/* Returns a handle that is not open yet. The caller frees with dir_free. */
struct dir *dir_new(void);
/* Closes everything and releases the lock. NULL is accepted. */
void dir_free(struct dir *d);
/*
 * Opens the directory PATH, with DIR_CREATE after making it and its parents,
 * checks that it is ours and that others cannot write to it, and locks it.
 * Returns 1; 0 if it is absent; -1 if it is not safe, or locked by another
 * jackline. Called once for each handle.
 */
int dir_open(struct dir *d, const char *path, int options);

/*
 * Appends the file NAME, at most MAX bytes, to OUT. Returns 1; 0 if there is no
 * such file (ENOENT and no other error); -1 with OUT as before if it cannot be
 * read, is larger than MAX, is not a regular file, or is an unsafe secret.
 */
int dir_read(struct dir *d, const char *name, size_t max, struct buf *out);
/*
 * Appends at most MAX bytes of the file NAME from OFFSET on to OUT; a negative
 * OFFSET counts from the end, and one beyond either end means that end. *SIZE
 * (SIZE may be NULL) becomes the size of the whole file, which may exceed MAX.
 * Returns as dir_read does.
 */
int dir_read_part(struct dir *d, const char *name, int64_t offset, size_t max,
    struct buf *out, int64_t *size);
/*
 * dir_read for a file outside the directory, as a CA bundle. Symbolic links are
 * followed, and D need not be open.
 */
int dir_read_path(struct dir *d, const char *path, size_t max, struct buf *out);

/*
 * Creates the file NAME with N bytes of P, whole or not at all. -1 too if it
 * exists. Only this function can write a secret.
 */
int dir_create(struct dir *d, const char *name, const void *p, size_t n);
/*
 * Removes the secret NAME again, which dir_create made through D, because
 * another file that belongs to it could not be made. -1 if it was not made so.
 */
int dir_take_back(struct dir *d, const char *name);
/*
 * Replaces or creates the file NAME with N bytes of P, which are on the disk
 * when it returns. After -1 the file is the old or the new one, whole. Secrets
 * are refused.
 */
int dir_replace(struct dir *d, const char *name, const void *p, size_t n);
/*
 * Appends the record of N bytes at P to the file NAME in one write, and creates
 * the file if it is absent. With SYNC the record is on the disk when it
 * returns. After -1 nothing of the record is in the file. Secrets are refused.
 */
int dir_append(
    struct dir *d, const char *name, const void *p, size_t n, int sync);
/* Returns the offset of the record that the last successful dir_append wrote.
 */
int64_t dir_appended(const struct dir *d);
/*
 * If the N bytes at offset AT of the file NAME equal WAS, overwrites those that
 * differ from WITH, in one write and without a sync. If they do not, somebody
 * else changed or moved the file, and nothing is written; that is no error.
 * Secrets are refused.
 */
int dir_overwrite(struct dir *d, const char *name, int64_t at,
    const unsigned char *was, const unsigned char *with, size_t n);
/* Removes the file NAME, which may be absent. Secrets are refused. */
int dir_remove(struct dir *d, const char *name);
/*
 * Moves the bytes of the file NAME from OFFSET on to the end of the file
 * `.NAME.torn` beside it. With OFFSET 0 the file NAME is removed then, else cut
 * at OFFSET. A crash in between may leave the bytes in both files, and never in
 * none. Secrets are refused.
 */
int dir_set_aside(struct dir *d, const char *name, int64_t offset);
/*
 * Lists the subdirectory SUB, as `users`: the sorted names into *LIST, *COUNT
 * of them, which the caller frees with dir_list_free. Names that begin with a
 * dot are left out, and with them our temporary files. An absent SUB is empty.
 */
int dir_list(struct dir *d, const char *sub, char ***list, size_t *count);
/*
 * Looks at the COUNT files NAMES of the subdirectory SUB without opening them.
 * -1 if one of them is no regular file or has more than MAX bytes, so that
 * dir_read would fail; one that is gone by now does not matter.
 */
int dir_check(
    struct dir *d, const char *sub, size_t max, char **names, size_t count);
/* Frees the names that dir_list made. NULL is accepted. */
void dir_list_free(char **list, size_t count);

/*
 * Locks the subdirectory SUB, as `omemo`, which processes share, by a file in
 * it that is never replaced; SUB is made if it is absent, but not with
 * DIR_READ_ONLY: then no file in it can be written either. A process reads a
 * file there again after locking, and writes it before dir_unlock. Until then
 * files in SUB can be written even with DIR_READ_ONLY; those below `omemo/`
 * only then, by whatever process. Never waits: returns 1; 0 if another process
 * has the lock; -1 if it cannot be made, or D has locked something already.
 */
int dir_lock(struct dir *d, const char *sub);
/*
 * Locks the files whose names begin with PREFIX, as `positions/NAME:`, until
 * dir_free, by a file beside them: they can be written even with
 * DIR_READ_ONLY, whatever other processes do to others in that subdirectory.
 * To be called once at most. Returns 1; 0 if another process has locked them;
 * -1.
 */
int dir_lock_own(struct dir *d, const char *prefix);
/*
 * Locks SUB as dir_lock does, but waits some seconds for the other process,
 * which holds the lock no longer than it takes to write a few files. -1 if it
 * still has it.
 */
int dir_lock_wait(struct dir *d, const char *sub);
/* Gives the lock of dir_lock back; there need be none. */
void dir_unlock(struct dir *d);

/*
 * Returns when the file NAME was written last, in seconds since 1970; 0 if that
 * is not known. With NAME NULL: when the process that had the lock before D
 * set or removed its mark last.
 */
int64_t dir_time(struct dir *d, const char *name);

/*
 * Returns NULL if TEXT, a bare JID, can be a file name, else a static clause
 * that says why not: it is empty, longer than DIR_NAME bytes, begins with a dot
 * or has a slash.
 */
const char *dir_name_why(const char *text);

/*
 * Sets a mark in the lock file for the process that opens the directory next,
 * or with ON 0 removes it. The mark survives this process however it ends, but
 * not a power failure.
 */
int dir_mark(struct dir *d, int on);
/* Returns 1 if D had a mark when it was opened; 0 always for DIR_READ_ONLY. */
int dir_was_marked(const struct dir *d);

/*
 * Returns 1 if another process holds the lock of D, which was opened with
 * DIR_READ_ONLY. The other process may release it at any time.
 */
int dir_is_in_use(const struct dir *d);
/* Returns 1 if D was opened with DIR_READ_ONLY. */
int dir_is_read_only(const struct dir *d);
/* Returns the path that dir_open was given, borrowed; NULL before dir_open. */
const char *dir_path(const struct dir *d);
/* Returns the descriptor of the directory that dir_open opened, borrowed. */
int dir_fd(const struct dir *d);
/*
 * Returns why the last call that failed did so: a sentence without full stop
 * that names the file, the deed and the reason. Borrowed until the next call.
 * File names in it are not escaped.
 */
const char *dir_why(const struct dir *d);

#endif
