/*
 * What dir.c and dir_write.c share: the handle itself, and how a name becomes
 * an open file. Private to these two, which alone touch the world.
 */
#ifndef STORE_DIR_PLACE_H
#define STORE_DIR_PLACE_H

#include <sys/stat.h>

#include "store/dir.h"

struct dir {
	char *path;
	int fd, lock, options;
	int marked;  /* by the one before us */
	int created; /* of dir_is_secret: those that dir_create made */
	const char *cause;
	struct buf why;
};

/* Where a name is: the descriptor of its directory, and the last part. */
struct place {
	int fd;
	int parent; /* FD is the directory itself: not ours to close */
	const char *leaf;
};

/*
 * Notes that WHAT is wrong with NAME (NULL: the directory), with CAUSE, a
 * static token. Returns -1.
 */
int dir_fail(
    struct dir *d, const char *cause, const char *name, const char *what);
/* The same for a system call that could not do WHAT, by errno. Returns -1. */
int dir_fail_errno(struct dir *d, const char *name, const char *what);
/* openat with mode 0600 that no signal ends. The descriptor, or -1, errno. */
int dir_open_file(int at, const char *name, int flags);
/*
 * fsync that no signal ends; a DIRECTORY of some file systems has nothing to
 * say to it. -1, errno.
 */
int dir_sync(int fd, int directory);
/* Nonzero, a bit of its own, where NAME is written once and for all. */
int dir_is_secret(const char *name);
/*
 * Finds where NAME is, its subdirectory is made where absent with CREATE. 1;
 * 0: there is no such subdirectory; -1 with a cause. Then dir_leave.
 */
int dir_place(struct dir *d, const char *name, int create, struct place *place);
/* Closes what dir_place opened. */
void dir_leave(struct place *place);
/* Whether FD, the open file NAME, may be used; fills ST. -1 with a cause. */
int dir_check(struct dir *d, int fd, const char *name, struct stat *st);
/*
 * Opens NAME, which is there, with FLAGS and fills ST. The descriptor; -1
 * with a cause; -2: absent.
 */
int dir_open_name(struct dir *d, const char *name, int flags, struct stat *st);

#endif
