/*
 * The configuration directory, and the only file access of jackline: opens,
 * checks and locks it, reads and writes its files so that a crash at any
 * point leaves each of them old or new (SAFETY.md, Files and processes).
 * Owns the descriptors; knows nothing of what is inside the files.
 *
 * A NAME is relative to the directory: `config.sexp`, `users/BARE-JID`,
 * `histories/BARE-JID`. The last part must satisfy dir_name_why. Symbolic
 * links are not followed inside the directory; files are 0600, directories
 * 0700 whatever the umask. `config.sexp otr_dsa.sexp password` are secrets:
 * refused on reading where others can read them or own them, created once,
 * and never written again.
 */
#ifndef STORE_DIR_H
#define STORE_DIR_H

#include <stdint.h>

#include "sexp/buf.h"

#define DIR_NAME      200	  /* bytes of a file name, at most */
#define DIR_FILE      (16u << 20) /* a sensible bound for dir_read */
#define DIR_CREATE    1		  /* make the directory where it is absent */
#define DIR_READ_ONLY 2		  /* take no lock, change nothing */

struct dir;

/* A handle on nothing yet. The caller frees with dir_free. */
struct dir *dir_new(void);
/* Closes everything, gives the lock up; NULL is accepted. */
void dir_free(struct dir *d);
/*
 * Opens the directory PATH (parents are made too with DIR_CREATE), checks
 * that it is ours and that others cannot write to it, and locks it. Returns
 * 1; 0 where it is absent; -1 with a cause: `locked` by another jackline,
 * or `config`. Called once.
 */
int dir_open(struct dir *d, const char *path, int options);

/*
 * Reads the file NAME, at most MAX bytes, to the end of OUT. Returns 1; 0
 * where there is no such file (ENOENT and nothing else); -1 with a cause, and
 * OUT as before: any other error, a file over MAX, none that is regular, a
 * secret that is not safe.
 */
int dir_read(struct dir *d, const char *name, size_t max, struct buf *out);
/*
 * Reads at most MAX bytes of the file NAME from OFFSET on (negative: counted
 * from the end) to the end of OUT, and its whole *SIZE (may be NULL). Returns
 * as dir_read; a file that is longer is no error. An offset beyond either end
 * is taken as that end.
 */
int dir_read_part(struct dir *d, const char *name, int64_t offset, size_t max,
    struct buf *out, int64_t *size);
/*
 * Reads the file PATH anywhere (a CA bundle): as dir_read, but links are
 * followed and D need not be open.
 */
int dir_read_path(struct dir *d, const char *path, size_t max, struct buf *out);

/*
 * Creates the file NAME with N bytes of P, whole or not at all; -1 with a
 * cause, also where it exists. The only way to write a secret.
 */
int dir_create(struct dir *d, const char *name, const void *p, size_t n);
/*
 * Takes back the file NAME that dir_create has just made through D, because
 * something that belongs to it could not be made. -1 with a cause.
 */
int dir_take_back(struct dir *d, const char *name);
/*
 * Replaces (or creates) the file NAME by N bytes of P: on return they are on
 * the disk. -1 with a cause: the file is then the old or the new one, whole;
 * secrets are refused.
 */
int dir_replace(struct dir *d, const char *name, const void *p, size_t n);
/*
 * Appends the record of N bytes at P to the file NAME, made where absent, in
 * one write. SYNC 1: it is on the disk on return. -1 with a cause; what was
 * written of it is then cut off again. Secrets are refused.
 */
int dir_append(
    struct dir *d, const char *name, const void *p, size_t n, int sync);
/* Removes the file NAME. 0 too where it is absent; -1 with a cause. Secrets
 * are refused. */
int dir_remove(struct dir *d, const char *name);
/*
 * Moves the bytes of the file NAME from OFFSET on to the end of a file of
 * their own beside it, `.NAME.torn`, and cuts NAME there; with OFFSET 0 the
 * file goes as a whole. A crash between may keep them twice, never lose them.
 * -1 with a cause. Secrets are refused.
 */
int dir_set_aside(struct dir *d, const char *name, int64_t offset);
/*
 * The names in the subdirectory SUB (`users`), sorted, without dot files and
 * thereby without our temporary ones: *LIST of *COUNT on the heap, freed with
 * dir_list_free. An absent SUB is empty. -1 with a cause.
 */
int dir_list(struct dir *d, const char *sub, char ***list, size_t *count);
/* Frees what dir_list gave; NULL is accepted. */
void dir_list_free(char **list, size_t count);

/*
 * Why TEXT, a bare JID, cannot be a file name: empty, over DIR_NAME bytes, a
 * leading dot, a `/`. A clause, static; NULL where it can.
 */
const char *dir_name_why(const char *text);

/*
 * Leaves a mark for whoever opens the directory next, in the file of the lock,
 * or (ON 0) takes it away. It outlives us, whatever kills us, but for a loss
 * of power. -1 with a cause.
 */
int dir_mark(struct dir *d, int on);
/* Whether there was a mark when D was opened; 0 with DIR_READ_ONLY. */
int dir_was_marked(const struct dir *d);

/* Whether D was opened with DIR_READ_ONLY. */
int dir_is_read_only(const struct dir *d);
/* The path that dir_open was given, borrowed; NULL before. */
const char *dir_path(const struct dir *d);
/*
 * Of the last call that failed: `store`, `locked` or `config` (an unsafe
 * secret or directory); static.
 */
const char *dir_cause(const struct dir *d);
/*
 * The same in words, one sentence without full stop that names the file, what
 * failed and why; borrowed until the next call. The path in it is raw.
 */
const char *dir_why(const struct dir *d);

#endif
