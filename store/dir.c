#include "store/dir_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK	   ".lock" /* no JID begins with a dot */
#define WHY	   8192
#define PIECE	   16384
#define READ_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

int
dir_fail(struct dir *d, const char *cause, const char *name, const char *what)
{
	buf_reset(&d->why);
	if (d->path != NULL)
		buf_adds(&d->why, d->path);
	if (d->path != NULL && name != NULL)
		buf_addc(&d->why, '/');
	if (name != NULL)
		buf_adds(&d->why, name);
	buf_addf(&d->why, ": %s", what);
	d->cause = cause;
	return -1;
}

int
dir_fail_errno(struct dir *d, const char *name, const char *what)
{
	const char *why = strerror(errno);
	char text[256];

	if (errno == ELOOP)
		why = "it is a symbolic link";
	snprintf(text, sizeof text, "cannot %s: %s", what, why);
	return dir_fail(d, "store", name, text);
}

struct dir *
dir_new(void)
{
	struct dir *d = buf_alloc(sizeof *d);

	d->fd = d->lock = -1;
	d->cause = "store";
	buf_init(&d->why, WHY);
	return d;
}

void
dir_free(struct dir *d)
{
	if (d == NULL)
		return;
	if (d->lock != -1)
		close(d->lock);
	if (d->fd != -1)
		close(d->fd);
	buf_clear(&d->why);
	free(d->path);
	free(d);
}

int
dir_open_file(int at, const char *name, int flags)
{
	int fd;

	do
		fd = openat(at, name, flags, 0600);
	while (fd == -1 && errno == EINTR);
	return fd;
}

int
dir_sync(int fd, int directory)
{
	int status;

	do
		status = fsync(fd);
	while (status == -1 && errno == EINTR);
	if (status == -1 && directory && errno == EINVAL)
		return 0;
	return status;
}

/* Whether the directory FD is ours alone to write. */
static int
check_directory(struct dir *d, int fd, const char *name)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return dir_fail_errno(d, name, "look at the directory");
	if (st.st_uid != geteuid())
		return dir_fail(
		    d, "config", name, "the directory belongs to another user");
	if ((st.st_mode & 022) != 0)
		return dir_fail(d, "config", name,
		    "others can write to the directory: chmod go-w");
	return 0;
}

/* One instance: the lock dies with the process, whatever kills it. */
static int
take_lock(struct dir *d)
{
	struct flock lock = {0};
	struct stat st;
	char what[80];
	int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;

	d->lock = dir_open_file(d->fd, LOCK, flags);
	if (d->lock == -1)
		return dir_fail_errno(d, LOCK, "open the lock");
	fchmod(d->lock, 0600);
	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	if (fcntl(d->lock, F_SETLK, &lock) != -1) {
		d->marked = fstat(d->lock, &st) == 0 && st.st_size > 0;
		return 0;
	}
	if (errno != EAGAIN && errno != EACCES)
		return dir_fail_errno(d, LOCK, "lock it");
	if (fcntl(d->lock, F_GETLK, &lock) == -1 || lock.l_type == F_UNLCK)
		return dir_fail(d, "locked", NULL, "another jackline uses it");
	snprintf(what, sizeof what, "another jackline uses it, process %ld",
	    (long)lock.l_pid);
	return dir_fail(d, "locked", NULL, what);
}

int
dir_mark(struct dir *d, int on)
{
	ssize_t n;

	do
		n = on ? pwrite(d->lock, "1", 1, 0) : ftruncate(d->lock, 0);
	while (n == -1 && errno == EINTR);
	return n == -1 ? dir_fail_errno(d, LOCK, "mark it") : 0;
}

int
dir_was_marked(const struct dir *d)
{
	return d->marked;
}

/* One directory, 0700 whatever the umask, if it is not there. */
static int
make_directory(struct dir *d)
{
	int status = mkdir(d->path, 0700);

	if (status == -1 && errno == EEXIST)
		return 0;
	if (status == 0)
		status = chmod(d->path, 0700);
	if (status == -1)
		return dir_fail_errno(d, NULL, "create the directory");
	return 0;
}

/* The directory and its parents. */
static int
make_directories(struct dir *d)
{
	char *slash = d->path;
	int status = 0;

	while (status == 0 && (slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		status = make_directory(d);
		*slash = '/';
	}
	return status == 0 ? make_directory(d) : -1;
}

int
dir_open(struct dir *d, const char *path, int options)
{
	d->path = buf_strdup(path);
	d->options = options;
	if ((options & DIR_CREATE) != 0 && make_directories(d) == -1)
		return -1;
	d->fd =
	    dir_open_file(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd == -1 && errno == ENOENT)
		return 0;
	if (d->fd == -1)
		return dir_fail_errno(d, NULL, "open the directory");
	if (check_directory(d, d->fd, NULL) == -1)
		return -1;
	if ((options & DIR_READ_ONLY) == 0 && take_lock(d) == -1)
		return -1;
	return 1;
}

const char *
dir_name_why(const char *text)
{
	if (text[0] == '\0')
		return "it is empty";
	if (text[0] == '.')
		return "it begins with a dot";
	if (strchr(text, '/') != NULL)
		return "it holds a slash";
	if (strlen(text) > DIR_NAME)
		return "it is longer than 200 bytes";
	return NULL;
}

int
dir_is_secret(const char *name)
{
	static const char *const names[] = {
	    "config.sexp", "otr_dsa.sexp", "password"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return 1 << i;
	return 0;
}

/* 0700 whatever the umask: with some it could not even be opened. */
static int
make_subdirectory(struct dir *d, const char *sub)
{
	int fd, status = mkdirat(d->fd, sub, 0700);

	if (status == 0)
		status = fchmodat(d->fd, sub, 0700, 0);
	if (status == 0)
		status = dir_sync(d->fd, 1);
	if (status == -1)
		return dir_fail_errno(d, sub, "create the directory");
	fd = dir_open_file(
	    d->fd, sub, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return dir_fail_errno(d, sub, "open the directory");
	return fd;
}

/*
 * The subdirectory SUB, made where absent with CREATE. The descriptor; -1
 * with a cause; -2: there is none.
 */
static int
open_subdirectory(struct dir *d, const char *sub, int create)
{
	int fd = dir_open_file(
	    d->fd, sub, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1 && errno == ENOENT)
		return create ? make_subdirectory(d, sub) : -2;
	if (fd == -1)
		return dir_fail_errno(d, sub, "open the directory");
	if (check_directory(d, fd, sub) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

int
dir_place(struct dir *d, const char *name, int create, struct place *place)
{
	const char *slash = strchr(name, '/'), *why;
	char sub[32];

	place->fd = d->fd;
	place->parent = 1;
	place->leaf = slash == NULL ? name : slash + 1;
	if (d->fd == -1)
		return dir_fail(d, "store", name, "the directory is not open");
	if ((why = dir_name_why(place->leaf)) != NULL)
		return dir_fail(d, "store", name, why);
	if (slash == NULL)
		return 1;
	snprintf(sub, sizeof sub, "%.*s", (int)(slash - name), name);
	if ((why = dir_name_why(sub)) != NULL)
		return dir_fail(d, "store", name, why);
	place->fd = open_subdirectory(d, sub, create);
	place->parent = 0;
	return place->fd == -2 ? 0 : place->fd == -1 ? -1 : 1;
}

void
dir_leave(struct place *place)
{
	if (!place->parent && place->fd >= 0)
		close(place->fd);
}

int
dir_check(struct dir *d, int fd, const char *name, struct stat *st)
{
	if (fstat(fd, st) == -1)
		return dir_fail_errno(d, name, "look at it");
	if (!S_ISREG(st->st_mode))
		return dir_fail(d, "store", name, "it is not a regular file");
	if (!dir_is_secret(name))
		return 0;
	if (st->st_uid != geteuid())
		return dir_fail(
		    d, "config", name, "it belongs to another user");
	if ((st->st_mode & 077) != 0)
		return dir_fail(
		    d, "config", name, "others can read it: chmod 600");
	return 0;
}

/* ENOENT of a file in a directory that was removed itself is no answer. */
static int
is_gone(const struct dir *d)
{
	struct stat st;

	return fstat(d->fd, &st) == -1 || st.st_nlink == 0;
}

int
dir_open_name(struct dir *d, const char *name, int flags, struct stat *st)
{
	struct place place;
	int fd, status = dir_place(d, name, 0, &place);

	if (status == 1)
		fd = dir_open_file(place.fd, place.leaf,
		    flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	else
		fd = status == 0 ? -2 : -1;
	if (fd == -1 && status == 1) {
		if (errno == ENOENT)
			fd = -2;
		else
			dir_fail_errno(d, name, "open it");
	}
	dir_leave(&place);
	if (fd == -2 && is_gone(d))
		return dir_fail(d, "store", NULL, "the directory is gone");
	if (fd >= 0 && dir_check(d, fd, name, st) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

/* At most MAX bytes of FD, or with WHOLE an error where there are more. */
static int
read_all(struct dir *d, int fd, const char *name, size_t max, int whole,
    struct buf *out)
{
	char piece[PIECE];
	size_t before = buf_len(out), held = 0, most = 0, want;
	ssize_t n = 1;
	int status = 1;

	while (status == 1 && n != 0) {
		want = max - held < PIECE ? max - held : PIECE;
		if (want == 0 && !whole)
			break;
		/* one byte more than allowed shows that it is too long */
		n = read(fd, piece, want > 0 ? want : 1);
		if (n == -1) {
			if (errno != EINTR)
				status = dir_fail_errno(d, name, "read it");
			continue;
		}
		most = (size_t)n > most ? (size_t)n : most;
		if ((size_t)n > want || buf_add(out, piece, (size_t)n) == -1)
			status = dir_fail(d, "store", name, "it is too large");
		held += (size_t)n;
	}
	buf_wipe(piece, most);
	if (status == -1)
		buf_cut(out, before);
	return status;
}

int
dir_read(struct dir *d, const char *name, size_t max, struct buf *out)
{
	struct stat st;
	int status, fd = dir_open_name(d, name, O_RDONLY, &st);

	if (fd < 0)
		return fd == -2 ? 0 : -1;
	status = read_all(d, fd, name, max, 1, out);
	close(fd);
	return status;
}

int
dir_read_part(struct dir *d, const char *name, int64_t offset, size_t max,
    struct buf *out, int64_t *size)
{
	struct stat st;
	int status, fd = dir_open_name(d, name, O_RDONLY, &st);

	if (fd < 0)
		return fd == -2 ? 0 : -1;
	if (offset < 0)
		offset = offset < -st.st_size ? 0 : st.st_size + offset;
	if (size != NULL)
		*size = st.st_size;
	if (lseek(fd, (off_t)offset, SEEK_SET) == -1)
		status = dir_fail_errno(d, name, "read it");
	else
		status = read_all(d, fd, name, max, 0, out);
	close(fd);
	return status;
}

int
dir_read_path(struct dir *d, const char *path, size_t max, struct buf *out)
{
	char *own = d->path;
	struct stat st;
	int status, fd;

	d->path = NULL; /* for the sentences */
	fd = dir_open_file(AT_FDCWD, path, READ_FLAGS);
	if (fd == -1)
		status =
		    errno == ENOENT ? 0 : dir_fail_errno(d, path, "open it");
	else if (fstat(fd, &st) == -1)
		status = dir_fail_errno(d, path, "look at it");
	else if (!S_ISREG(st.st_mode))
		status = dir_fail(d, "store", path, "it is not a regular file");
	else
		status = read_all(d, fd, path, max, 1, out);
	if (fd != -1)
		close(fd);
	d->path = own;
	return status;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
dir_list(struct dir *d, const char *sub, char ***list, size_t *count)
{
	struct dirent *entry;
	size_t room = 0;
	DIR *stream;
	int fd;

	*list = NULL;
	*count = 0;
	if (d->fd == -1)
		return dir_fail(d, "store", sub, "the directory is not open");
	if ((fd = open_subdirectory(d, sub, 0)) < 0)
		return fd == -2 ? 0 : -1;
	if ((stream = fdopendir(fd)) == NULL) {
		dir_fail_errno(d, sub, "list the directory");
		close(fd);
		return -1;
	}
	while (errno = 0, (entry = readdir(stream)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (*count == room) {
			room = room * 2 + 64;
			*list = buf_realloc(*list, room, sizeof **list);
		}
		(*list)[(*count)++] = buf_strdup(entry->d_name);
	}
	fd = errno == 0 ? 0 : dir_fail_errno(d, sub, "list the directory");
	closedir(stream);
	if (*count > 0)
		qsort(*list, *count, sizeof **list, compare);
	if (fd == -1) {
		dir_list_free(*list, *count);
		*list = NULL;
		*count = 0;
	}
	return fd;
}

void
dir_list_free(char **list, size_t count)
{
	while (count > 0)
		free(list[--count]);
	free(list);
}

int
dir_is_read_only(const struct dir *d)
{
	return (d->options & DIR_READ_ONLY) != 0;
}

const char *
dir_path(const struct dir *d)
{
	return d->path;
}

const char *
dir_cause(const struct dir *d)
{
	return d->cause;
}

const char *
dir_why(const struct dir *d)
{
	return buf_str(&((struct dir *)d)->why);
}
