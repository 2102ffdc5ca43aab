/* What changes the directory: the second half of dir.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/dir_place.h"

#define FRESH ".new" /* what a file is called while it is written */
#define PIECE 16384

static int
truncate_file(int fd, off_t size)
{
	int status;

	do
		status = ftruncate(fd, size);
	while (status == -1 && errno == EINTR);
	return status;
}

static int
write_all(int fd, const void *p, size_t n)
{
	const char *byte = p;
	ssize_t done;

	while (n > 0) {
		done = write(fd, byte, n);
		if (done == -1 && errno == EINTR)
			continue;
		if (done == 0)
			errno = ENOSPC;
		if (done <= 0)
			return -1;
		byte += done;
		n -= (size_t)done;
	}
	return 0;
}

enum change {
	CREATE, /* what is not there; a secret too */
	WRITE,	/* what may be there */
	LESSEN	/* what is there */
};

/* dir_place for a change of NAME. */
static int
find_to_change(
    struct dir *d, const char *name, enum change change, struct place *place)
{
	place->parent = 1;
	if ((d->options & DIR_READ_ONLY) != 0)
		return dir_fail(d, "store", name,
		    "not written: the directory is only read (-r)");
	if (change != CREATE && dir_is_secret(name))
		return dir_fail(
		    d, "store", name, "not written: it is never written again");
	return dir_place(d, name, change != LESSEN, place);
}

/* Writes the temporary file of PLACE, all of it and on the disk. */
static int
write_fresh(struct dir *d, const char *name, const struct place *place,
    const void *p, size_t n)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd, status = -1;

	/* one that a crash left behind */
	if (unlinkat(place->fd, FRESH, 0) == -1 && errno != ENOENT)
		return dir_fail_errno(d, name, "remove the old temporary file");
	fd = dir_open_file(place->fd, FRESH, flags);
	if (fd == -1)
		return dir_fail_errno(d, name, "create the temporary file");
	if (fchmod(fd, 0600) == -1)
		dir_fail_errno(d, name, "set the mode");
	else if (write_all(fd, p, n) == -1)
		dir_fail_errno(d, name, "write it");
	else if (dir_sync(fd, 0) == -1)
		dir_fail_errno(d, name, "bring it to the disk");
	else
		status = 0;
	/* a file system may report a write that failed only here */
	if (close(fd) == -1 && errno != EINTR && status == 0)
		status = dir_fail_errno(d, name, "close it");
	return status;
}

/* What stands at PLACE: 1 a regular file, 0 nothing, -1 with a cause. */
static int
look(struct dir *d, const char *name, const struct place *place)
{
	struct stat st;

	if (fstatat(place->fd, place->leaf, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0
				       : dir_fail_errno(d, name, "look at it");
	if (!S_ISREG(st.st_mode))
		return dir_fail(d, "store", name, "it is not a regular file");
	return 1;
}

/* The temporary file becomes PLACE; with ONLY_NEW where nothing stands. */
static int
move_fresh(
    struct dir *d, const char *name, const struct place *place, int only_new)
{
	int status;

	if (!only_new)
		status = renameat(place->fd, FRESH, place->fd, place->leaf);
	else {
		status = linkat(place->fd, FRESH, place->fd, place->leaf, 0);
		if (status == 0)
			unlinkat(place->fd, FRESH, 0);
		/* no links here; the lock keeps others away meanwhile */
		else if ((errno == EPERM || errno == ENOTSUP) &&
			 look(d, name, place) == 0)
			status =
			    renameat(place->fd, FRESH, place->fd, place->leaf);
	}
	if (status == -1)
		return dir_fail_errno(d, name, "put it in its place");
	if (dir_sync(place->fd, 1) == 0)
		return 0;
	dir_fail_errno(d, name, "bring its name to the disk");
	/* what cannot be said to be made was not made */
	if (only_new)
		unlinkat(place->fd, place->leaf, 0);
	return -1;
}

static int
put(struct dir *d, const char *name, const void *p, size_t n, int only_new)
{
	struct place place;
	int status = -1, there;

	if (find_to_change(d, name, only_new ? CREATE : WRITE, &place) != 1)
		return -1;
	there = look(d, name, &place);
	if (there == 1 && only_new)
		dir_fail(d, "store", name, "it exists already");
	else if (there != -1) {
		status = write_fresh(d, name, &place, p, n);
		if (status == 0)
			status = move_fresh(d, name, &place, only_new);
		if (status == -1)
			unlinkat(place.fd, FRESH, 0);
	}
	dir_leave(&place);
	return status;
}

int
dir_create(struct dir *d, const char *name, const void *p, size_t n)
{
	if (put(d, name, p, n, 1) == -1)
		return -1;
	d->created |= dir_is_secret(name);
	return 0;
}

int
dir_take_back(struct dir *d, const char *name)
{
	if ((d->created & dir_is_secret(name)) == 0)
		return dir_fail(
		    d, "store", name, "not removed: it was there before");
	d->created &= ~dir_is_secret(name);
	if (unlinkat(d->fd, name, 0) == -1 || dir_sync(d->fd, 1) == -1)
		return dir_fail_errno(d, name, "remove it");
	return 0;
}

int
dir_replace(struct dir *d, const char *name, const void *p, size_t n)
{
	return put(d, name, p, n, 0);
}

/* Opens NAME at the end, made where absent; *CREATED whether it was. */
static int
open_append(struct dir *d, const char *name, const struct place *place,
    int *created, struct stat *st)
{
	int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	int fd = dir_open_file(place->fd, place->leaf, flags);

	*created = fd == -1 && errno == ENOENT;
	if (*created)
		fd = dir_open_file(
		    place->fd, place->leaf, flags | O_CREAT | O_EXCL);
	if (fd == -1)
		return dir_fail_errno(d, name, "open it");
	if (*created && fchmod(fd, 0600) == -1)
		dir_fail_errno(d, name, "set the mode");
	else if (dir_check(d, fd, name, st) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Makes the file as it was; returns -1. */
static int
undo(struct dir *d, int fd, const char *name, off_t size)
{
	if (truncate_file(fd, size) == -1)
		dir_fail_errno(d, name, "cut off half a record");
	return -1;
}

/* One write to the file of SIZE bytes; where it fails, as it was. */
static int
append(struct dir *d, int fd, const char *name, const void *p, size_t n,
    off_t size)
{
	ssize_t done;

	do
		done = write(fd, p, n);
	while (done == -1 && errno == EINTR);
	if (done == -1)
		return dir_fail_errno(d, name, "append to it");
	if ((size_t)done == n)
		return 0;
	dir_fail(d, "store", name, "cannot append to it: the disk is full");
	return undo(d, fd, name, size);
}

int
dir_append(struct dir *d, const char *name, const void *p, size_t n, int sync)
{
	struct place place;
	struct stat st;
	int status = -1, created, fd;

	if (find_to_change(d, name, WRITE, &place) != 1)
		return -1;
	fd = open_append(d, name, &place, &created, &st);
	if (fd != -1) {
		status = append(d, fd, name, p, n, st.st_size);
		if (status == 0 && sync && dir_sync(fd, 0) == -1) {
			dir_fail_errno(d, name, "bring it to the disk");
			status = undo(d, fd, name, st.st_size);
		}
		close(fd);
	}
	if (status == 0 && sync && created && dir_sync(place.fd, 1) == -1)
		status = dir_fail_errno(d, name, "bring its name to the disk");
	dir_leave(&place);
	return status;
}

int
dir_remove(struct dir *d, const char *name)
{
	struct place place;
	int status = find_to_change(d, name, LESSEN, &place);

	if (status != 1)
		return status;
	status = unlinkat(place.fd, place.leaf, 0);
	if (status == 0)
		status = dir_sync(place.fd, 1);
	else if (errno == ENOENT)
		status = 0;
	if (status == -1)
		dir_fail_errno(d, name, "remove it");
	dir_leave(&place);
	return status;
}

/* Copies FROM from where it stands to the end of TO, onto the disk. */
static int
copy(int from, int to)
{
	char piece[PIECE];
	ssize_t n;

	while ((n = read(from, piece, sizeof piece)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || write_all(to, piece, (size_t)n) == -1)
			return -1;
	}
	return dir_sync(to, 0);
}

/* Copies what FROM holds from OFFSET on to `.NAME.torn`. */
static int
set_aside(struct dir *d, const char *name, const struct place *place, int from,
    int64_t offset)
{
	int flags =
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	char aside[DIR_NAME + 8];
	struct stat st;
	int to, status = -1;

	snprintf(aside, sizeof aside, ".%s.torn", place->leaf);
	to = dir_open_file(place->fd, aside, flags);
	if (to == -1)
		return dir_fail_errno(d, name, "set aside its torn end");
	if (dir_check(d, to, aside, &st) == -1)
		;
	else if (fchmod(to, 0600) == -1 ||
		 lseek(from, (off_t)offset, SEEK_SET) == -1)
		dir_fail_errno(d, name, "set aside its torn end");
	else if ((status = copy(from, to)) == -1) {
		dir_fail_errno(d, name, "set aside its torn end");
		truncate_file(to, st.st_size);
	} else if (dir_sync(place->fd, 1) == -1)
		status = dir_fail_errno(d, name, "set aside its torn end");
	close(to);
	return status;
}

int
dir_set_aside(struct dir *d, const char *name, int64_t offset)
{
	struct place place;
	struct stat st;
	int fd = -1, status = find_to_change(d, name, LESSEN, &place);

	if (status == 0)
		return dir_fail(d, "store", name, "it does not exist");
	if (status == -1)
		return -1;
	status = -1;
	fd = dir_open_name(d, name, O_RDWR, &st);
	if (fd == -2)
		dir_fail(d, "store", name, "it does not exist");
	else if (fd >= 0)
		status = set_aside(d, name, &place, fd, offset);
	if (status == 0 && offset == 0) {
		if (unlinkat(place.fd, place.leaf, 0) == -1 ||
		    dir_sync(place.fd, 1) == -1)
			status = dir_fail_errno(d, name, "remove it");
	} else if (status == 0 && (truncate_file(fd, (off_t)offset) == -1 ||
				      dir_sync(fd, 0) == -1))
		status = dir_fail_errno(d, name, "cut off its torn end");
	if (fd >= 0)
		close(fd);
	dir_leave(&place);
	return status;
}
