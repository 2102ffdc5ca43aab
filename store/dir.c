#include "store/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How often, and after how many milliseconds, a lock is looked at again. */
#define LOCK_LOOKS 1000
#define LOCK_PAUSE 10

/* The names of our own files begin with a dot, which no JID does. */
#define LOCK	   ".lock"
#define TEMPORARY  ".new" /* the name of a file while it is being written */
#define WHY	   8192	  /* bytes of the sentence of dir_why, at most */
#define PIECE	   16384  /* bytes that are read at once */
#define READ_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

struct dir {
	char *path;
	int fd, lock, options;
	/* The subdirectory that dir_lock locked, and its lock; NULL and -1. */
	char *shared;
	int shared_lock;
	/* How the names begin of the files that dir_lock_own locked, NULL where
	 * it did not, and its lock, or -1. */
	char *own;
	int own_lock;
	int marked;	   /* The last process left a mark in the lock file, */
	int64_t marked_at; /* or removed it, at this time. */
	/* The bits of secret_bit of the secrets that dir_create made. */
	int created;
	int64_t appended; /* the offset that dir_appended returns */
	struct buf why;
};

/* An open directory and the name of a file in it. */
struct place {
	int fd;
	int is_top; /* FD is d->fd: leave_place does not close it. */
	const char *leaf;
};

/*
 * Makes "NAME: WHAT" the sentence of dir_why; NAME NULL stands for the
 * directory itself. Returns -1.
 */
static int
dir_fail(struct dir *d, const char *name, const char *what)
{
	buf_reset(&d->why);
	if (d->path != NULL)
		buf_adds(&d->why, d->path);
	if (d->path != NULL && name != NULL)
		buf_addc(&d->why, '/');
	if (name != NULL)
		buf_adds(&d->why, name);
	buf_addf(&d->why, ": %s", what);
	return -1;
}

/*
 * Returns 1 if the directory itself was removed while it was open. ENOENT then
 * does not say that the file was absent.
 */
static int
directory_is_gone(const struct dir *d)
{
	struct stat st;

	return fstat(d->fd, &st) == -1 || st.st_nlink == 0;
}

/* Calls dir_fail for a system call that could not do WHAT, with errno. */
static int
dir_fail_errno(struct dir *d, const char *name, const char *what)
{
	const char *why = strerror(errno);
	char text[256];

	if (errno == ELOOP)
		why = "it is a symbolic link";
	if (errno == ENOENT && d->fd != -1 && directory_is_gone(d))
		why = "the directory was removed while jackline ran";
	snprintf(text, sizeof text, "cannot %s: %s", what, why);
	return dir_fail(d, name, text);
}

struct dir *
dir_new(void)
{
	struct dir *d = buf_alloc(sizeof *d);

	d->fd = d->lock = d->shared_lock = d->own_lock = -1;
	buf_init(&d->why, WHY);
	return d;
}

void
dir_free(struct dir *d)
{
	if (d == NULL)
		return;
	dir_unlock(d);
	if (d->own_lock != -1)
		close(d->own_lock);
	free(d->own);
	if (d->lock != -1)
		close(d->lock);
	if (d->fd != -1)
		close(d->fd);
	buf_clear(&d->why);
	free(d->path);
	free(d);
}

/* openat(2) with mode 0600, repeated when a signal interrupts it. */
static int
open_file(int at, const char *name, int flags)
{
	int fd;

	do
		fd = openat(at, name, flags, 0600);
	while (fd == -1 && errno == EINTR);
	return fd;
}

/*
 * fsync(2), repeated when a signal interrupts it. Some file systems cannot sync
 * a DIRECTORY and say EINVAL, which counts as done.
 */
static int
sync_fd(int fd, int directory)
{
	int status;

	do
		status = fsync(fd);
	while (status == -1 && errno == EINTR);
	if (status == -1 && directory && errno == EINVAL)
		return 0;
	return status;
}

/* Fails unless the directory FD belongs to us and only we can write to it. */
static int
check_directory(struct dir *d, int fd, const char *name)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return dir_fail_errno(d, name, "look at the directory");
	if (st.st_uid != geteuid())
		return dir_fail(
		    d, name, "the directory belongs to another user");
	if ((st.st_mode & 022) != 0)
		return dir_fail(
		    d, name, "others can write to the directory: chmod go-w");
	return 0;
}

/*
 * Takes the lock that keeps a second jackline out. The system drops it when
 * this process ends, however it ends.
 */
static int
take_lock(struct dir *d)
{
	struct flock lock = {0};
	struct stat st;
	char what[80];
	int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;

	d->lock = open_file(d->fd, LOCK, flags);
	if (d->lock == -1)
		return dir_fail_errno(d, LOCK, "open the lock");
	fchmod(d->lock, 0600);
	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	if (fcntl(d->lock, F_SETLK, &lock) != -1) {
		if (fstat(d->lock, &st) == 0) {
			d->marked = st.st_size > 0;
			d->marked_at = st.st_mtime;
		}
		return 0;
	}
	if (errno != EAGAIN && errno != EACCES)
		return dir_fail_errno(d, LOCK, "lock it");
	if (fcntl(d->lock, F_GETLK, &lock) == -1 || lock.l_type == F_UNLCK)
		return dir_fail(d, NULL, "another jackline uses it");
	snprintf(what, sizeof what, "another jackline uses it, process %ld",
	    (long)lock.l_pid);
	return dir_fail(d, NULL, what);
}

int
dir_is_in_use(const struct dir *d)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd, is_locked;

	fd = open_file(
	    d->fd, LOCK, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return 0;
	is_locked = fcntl(fd, F_GETLK, &lock) != -1 && lock.l_type != F_UNLCK;
	close(fd);
	return is_locked;
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

/* Makes the directory d->path, mode 0700 whatever the umask. */
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

/* Makes the directory d->path and its parents. */
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
	d->fd = open_file(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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

/* Returns 0 for an ordinary NAME, and for each secret a bit of its own. */
static int
secret_bit(const char *name)
{
	static const char *const names[] = {
	    "config.sexp", "otr_dsa.sexp", "password", "omemo.sexp"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return 1 << i;
	return 0;
}

/* Returns 1 if NAME holds keys of sessions, which processes share. */
static int
is_shared(const char *name)
{
	return strncmp(name, "omemo/", 6) == 0;
}

/*
 * Makes the subdirectory SUB and opens it. The mode is 0700 whatever the umask:
 * under some umasks we could not even open it, and only then is its name given
 * another mode, which a confined process may not do. Returns the descriptor, or
 * -1.
 */
static int
make_subdirectory(struct dir *d, const char *sub)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, fd;

	if (mkdirat(d->fd, sub, 0700) == -1 || sync_fd(d->fd, 1) == -1)
		return dir_fail_errno(d, sub, "create the directory");
	fd = open_file(d->fd, sub, flags);
	if (fd == -1 && errno == EACCES && fchmodat(d->fd, sub, 0700, 0) == 0)
		fd = open_file(d->fd, sub, flags);
	if (fd == -1)
		return dir_fail_errno(d, sub, "open the directory");
	if (fchmod(fd, 0700) == -1) {
		dir_fail_errno(d, sub, "change the mode of the directory");
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * Opens the subdirectory SUB, and with CREATE makes it first if it is absent.
 * Returns the descriptor, -1 with a reason, or -2 if there is none.
 */
static int
open_subdirectory(struct dir *d, const char *sub, int create)
{
	int fd = open_file(
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

/*
 * Opens the directory that NAME is in; with CREATE it is made if it is absent.
 * Returns 1; 0 if it is absent; -1 with a reason. In each case the caller calls
 * leave_place.
 */
static int
find_place(struct dir *d, const char *name, int create, struct place *place)
{
	const char *slash = strchr(name, '/'), *why;
	char sub[32];

	place->fd = d->fd;
	place->is_top = 1;
	place->leaf = slash == NULL ? name : slash + 1;
	if (d->fd == -1)
		return dir_fail(d, name, "the directory is not open");
	if ((why = dir_name_why(place->leaf)) != NULL)
		return dir_fail(d, name, why);
	if (slash == NULL)
		return 1;
	snprintf(sub, sizeof sub, "%.*s", (int)(slash - name), name);
	if ((why = dir_name_why(sub)) != NULL)
		return dir_fail(d, name, why);
	place->fd = open_subdirectory(d, sub, create);
	place->is_top = 0;
	return place->fd == -2 ? 0 : place->fd == -1 ? -1 : 1;
}

/* Closes the directory that find_place opened. */
static void
leave_place(struct place *place)
{
	if (!place->is_top && place->fd >= 0)
		close(place->fd);
}

/*
 * Fills ST for FD, the open file NAME. -1 with a reason if it is not a regular
 * file, or is private and others can read or own it.
 */
static int
check_file(struct dir *d, int fd, const char *name, struct stat *st)
{
	if (fstat(fd, st) == -1)
		return dir_fail_errno(d, name, "look at it");
	if (!S_ISREG(st->st_mode))
		return dir_fail(d, name, "it is not a regular file");
	if (!secret_bit(name) && !is_shared(name))
		return 0;
	if (st->st_uid != geteuid())
		return dir_fail(d, name, "it belongs to another user");
	if ((st->st_mode & 077) != 0)
		return dir_fail(d, name, "others can read it: chmod 600");
	return 0;
}

/*
 * Opens the existing file NAME with FLAGS and fills ST. Returns the descriptor,
 * -1 with a reason, or -2 if there is no such file.
 */
static int
open_name(struct dir *d, const char *name, int flags, struct stat *st)
{
	struct place place;
	int fd, status = find_place(d, name, 0, &place);

	if (status == 1)
		fd = open_file(place.fd, place.leaf,
		    flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	else
		fd = status == 0 ? -2 : -1;
	if (fd == -1 && status == 1) {
		if (errno == ENOENT)
			fd = -2;
		else
			dir_fail_errno(d, name, "open it");
	}
	leave_place(&place);
	if (fd == -2 && directory_is_gone(d))
		return dir_fail(d, NULL, "the directory is gone");
	if (fd >= 0 && check_file(d, fd, name, st) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Reads at most MAX bytes of FD. With WHOLE a longer file is an error. */
static int
read_bytes(struct dir *d, int fd, const char *name, size_t max, int whole,
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
		/* Reading one byte too many shows that the file is too long. */
		n = read(fd, piece, want > 0 ? want : 1);
		if (n == -1) {
			if (errno != EINTR)
				status = dir_fail_errno(d, name, "read it");
			continue;
		}
		most = (size_t)n > most ? (size_t)n : most;
		if ((size_t)n > want || buf_add(out, piece, (size_t)n) == -1)
			status = dir_fail(d, name, "it is too large");
		held += (size_t)n;
	}
	buf_wipe(piece, most);
	if (status == -1)
		buf_cut(out, before);
	return status;
}

int64_t
dir_time(struct dir *d, const char *name)
{
	struct place place;
	struct stat st;
	int64_t t = 0;

	if (name == NULL)
		return d->marked_at;
	if (find_place(d, name, 0, &place) == 1 &&
	    fstatat(place.fd, place.leaf, &st, AT_SYMLINK_NOFOLLOW) == 0)
		t = st.st_mtime;
	leave_place(&place);
	return t;
}

int
dir_read(struct dir *d, const char *name, size_t max, struct buf *out)
{
	struct stat st;
	int status, fd = open_name(d, name, O_RDONLY, &st);

	if (fd < 0)
		return fd == -2 ? 0 : -1;
	status = read_bytes(d, fd, name, max, 1, out);
	close(fd);
	return status;
}

int
dir_read_part(struct dir *d, const char *name, int64_t offset, size_t max,
    struct buf *out, int64_t *size)
{
	struct stat st;
	int status, fd = open_name(d, name, O_RDONLY, &st);

	if (fd < 0)
		return fd == -2 ? 0 : -1;
	if (offset < 0)
		offset = offset < -st.st_size ? 0 : st.st_size + offset;
	if (size != NULL)
		*size = st.st_size;
	if (lseek(fd, (off_t)offset, SEEK_SET) == -1)
		status = dir_fail_errno(d, name, "read it");
	else
		status = read_bytes(d, fd, name, max, 0, out);
	close(fd);
	return status;
}

int
dir_read_path(struct dir *d, const char *path, size_t max, struct buf *out)
{
	char *own = d->path;
	struct stat st;
	int status, fd;

	d->path = NULL; /* dir_fail must not put it before PATH. */
	fd = open_file(AT_FDCWD, path, READ_FLAGS);
	if (fd == -1)
		status =
		    errno == ENOENT ? 0 : dir_fail_errno(d, path, "open it");
	else if (fstat(fd, &st) == -1)
		status = dir_fail_errno(d, path, "look at it");
	else if (!S_ISREG(st.st_mode))
		status = dir_fail(d, path, "it is not a regular file");
	else
		status = read_bytes(d, fd, path, max, 1, out);
	if (fd != -1)
		close(fd);
	d->path = own;
	return status;
}

static int
compare_names(const void *a, const void *b)
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
		return dir_fail(d, sub, "the directory is not open");
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
		qsort(*list, *count, sizeof **list, compare_names);
	if (fd == -1) {
		dir_list_free(*list, *count);
		*list = NULL;
		*count = 0;
	}
	return fd;
}

/* Fails if the file NAME of SUB, which is open as FD, is not as in dir.h. */
static int
check_name(struct dir *d, int fd, const char *sub, size_t max, const char *name)
{
	const char *why = NULL;
	char path[2 * DIR_NAME];
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno == ENOENT)
			return 0;
		why = strerror(errno);
	} else if (S_ISLNK(st.st_mode))
		why = "it is a symbolic link";
	else if (!S_ISREG(st.st_mode))
		why = "it is not a regular file";
	else if ((uintmax_t)st.st_size > max)
		why = "it is too large";
	if (why == NULL)
		return 0;
	snprintf(path, sizeof path, "%s/%.*s", sub, DIR_NAME, name);
	return dir_fail(d, path, why);
}

int
dir_check(
    struct dir *d, const char *sub, size_t max, char **names, size_t count)
{
	int fd = open_subdirectory(d, sub, 0), status = 0;
	size_t i;

	if (fd < 0)
		return fd == -2 ? 0 : -1;
	for (i = 0; i < count && status == 0; i++)
		status = check_name(d, fd, sub, max, names[i]);
	close(fd);
	return status;
}

void
dir_list_free(char **list, size_t count)
{
	while (count > 0)
		free(list[--count]);
	free(list);
}

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
write_bytes(int fd, const void *p, size_t n)
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
	CHANGE_CREATE, /* The file must be absent; secrets are allowed. */
	CHANGE_WRITE,  /* The file may exist. */
	CHANGE_REDUCE  /* The file exists; bytes of it are lost or changed. */
};

/*
 * Makes and locks the file NAME in the directory AT, which it closes, into
 * *OUT. Returns 1; 0 if another process has it locked; -1 with an error about
 * WHAT.
 */
static int
lock_file(struct dir *d, int at, const char *name, const char *what, int *out)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	int fd = open_file(at, name, flags), status;

	if (fd == -1)
		dir_fail_errno(d, what, "open the lock");
	close(at);
	if (fd == -1)
		return -1;
	fchmod(fd, 0600);
	do
		status = fcntl(fd, F_SETLK, &lock);
	while (status == -1 && errno == EINTR);
	if (status == 0) {
		*out = fd;
		return 1;
	}
	status = errno == EAGAIN || errno == EACCES
		     ? 0
		     : dir_fail_errno(d, what, "lock it");
	close(fd);
	return status;
}

int
dir_lock(struct dir *d, const char *sub)
{
	int at, status;

	if (d->shared != NULL)
		return dir_fail(d, sub, "something is locked already");
	at = open_subdirectory(d, sub, (d->options & DIR_READ_ONLY) == 0);
	if (at == -1)
		return -1;
	/* There is nothing to be shared, and nothing can be written. */
	status = at == -2 ? 1 : lock_file(d, at, LOCK, sub, &d->shared_lock);
	if (status == 1)
		d->shared = buf_strdup(sub);
	return status;
}

int
dir_lock_wait(struct dir *d, const char *sub)
{
	int status, looks = 0;

	while ((status = dir_lock(d, sub)) == 0 && looks++ < LOCK_LOOKS)
		poll(NULL, 0, LOCK_PAUSE);
	if (status == 0)
		return dir_fail(d, sub, "another jackline has it locked");
	return status == 1 ? 0 : -1;
}

void
dir_unlock(struct dir *d)
{
	if (d->shared_lock != -1)
		close(d->shared_lock);
	d->shared_lock = -1;
	free(d->shared);
	d->shared = NULL;
}

int
dir_lock_own(struct dir *d, const char *prefix)
{
	const char *leaf = strchr(prefix, '/') + 1;
	char *sub = buf_memdup(prefix, (size_t)(leaf - prefix) - 1);
	char name[DIR_NAME + sizeof LOCK + 2];
	int at = open_subdirectory(d, sub, 1), status;

	free(sub);
	if (at == -1)
		return -1;
	snprintf(name, sizeof name, ".%.*s" LOCK, DIR_NAME, leaf);
	status = lock_file(d, at, name, prefix, &d->own_lock);
	if (status == 1)
		d->own = buf_strdup(prefix);
	return status;
}

/* Returns 1 if NAME is one of those that dir_lock_own locked. */
static int
is_own(const struct dir *d, const char *name)
{
	return d->own != NULL && strncmp(name, d->own, strlen(d->own)) == 0;
}

/* Writes to OUT the name of the temporary file for NAME. */
static void
temporary_name(const struct dir *d, const char *name, char out[DIR_NAME + 16])
{
	snprintf(out, DIR_NAME + 16, "%s%.*s" TEMPORARY,
	    is_own(d, name) ? "." : "", DIR_NAME,
	    is_own(d, name) ? strchr(d->own, '/') + 1 : "");
}

/* Returns 1 if NAME is in the subdirectory that dir_lock locked. */
static int
is_locked(const struct dir *d, const char *name)
{
	size_t n;

	if (d->shared_lock == -1)
		return 0;
	n = strlen(d->shared);
	return strncmp(name, d->shared, n) == 0 && name[n] == '/';
}

/* Does what find_place does, but fails if NAME may not be changed like that. */
static int
find_changeable(
    struct dir *d, const char *name, enum change change, struct place *place)
{
	place->is_top = 1;
	if ((d->options & DIR_READ_ONLY) != 0 && !is_locked(d, name) &&
	    !is_own(d, name))
		return dir_fail(
		    d, name, "not written: the directory is only read (-r)");
	if (is_shared(name) && !is_locked(d, name))
		return dir_fail(d, name, "not written: it is not locked");
	if (change != CHANGE_CREATE && secret_bit(name))
		return dir_fail(
		    d, name, "not written: it is never written again");
	return find_place(d, name, change != CHANGE_REDUCE, place);
}

/* Writes the N bytes to the file TEMPORARY beside PLACE and syncs it. */
static int
write_temporary(struct dir *d, const char *name, const struct place *place,
    const char *temporary, const void *p, size_t n)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd, status = -1;

	/* A crash may have left one behind. */
	if (unlinkat(place->fd, temporary, 0) == -1 && errno != ENOENT)
		return dir_fail_errno(d, name, "remove the old temporary file");
	fd = open_file(place->fd, temporary, flags);
	if (fd == -1)
		return dir_fail_errno(d, name, "create the temporary file");
	if (fchmod(fd, 0600) == -1)
		dir_fail_errno(d, name, "set the mode");
	else if (write_bytes(fd, p, n) == -1)
		dir_fail_errno(d, name, "write it");
	else if (sync_fd(fd, 0) == -1)
		dir_fail_errno(d, name, "bring it to the disk");
	else
		status = 0;
	/* Some file systems report a failed write only here. */
	if (close(fd) == -1 && errno != EINTR && status == 0)
		status = dir_fail_errno(d, name, "close it");
	return status;
}

/* Returns 1 if PLACE is a regular file, 0 if it is absent, or -1. */
static int
look_at_place(struct dir *d, const char *name, const struct place *place)
{
	struct stat st;

	if (fstatat(place->fd, place->leaf, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0
				       : dir_fail_errno(d, name, "look at it");
	if (!S_ISREG(st.st_mode))
		return dir_fail(d, name, "it is not a regular file");
	return 1;
}

/* Renames TEMPORARY to PLACE. With ONLY_NEW, PLACE must be absent. */
static int
move_temporary(struct dir *d, const char *name, const struct place *place,
    const char *temporary, int only_new)
{
	int status;

	if (!only_new)
		status = renameat(place->fd, temporary, place->fd, place->leaf);
	else {
		status =
		    linkat(place->fd, temporary, place->fd, place->leaf, 0);
		if (status == 0)
			unlinkat(place->fd, temporary, 0);
		/* This file system has no hard links; the lock keeps other
		 * processes from creating the file between look and rename. */
		else if ((errno == EPERM || errno == ENOTSUP) &&
			 look_at_place(d, name, place) == 0)
			status = renameat(
			    place->fd, temporary, place->fd, place->leaf);
	}
	if (status == -1)
		return dir_fail_errno(d, name, "put it in its place");
	if (sync_fd(place->fd, 1) == 0)
		return 0;
	dir_fail_errno(d, name, "bring its name to the disk");
	/* The caller is told that nothing was created, so nothing stays. */
	if (only_new)
		unlinkat(place->fd, place->leaf, 0);
	return -1;
}

/* Writes the file NAME whole. With ONLY_NEW it must not exist yet. */
static int
write_file(
    struct dir *d, const char *name, const void *p, size_t n, int only_new)
{
	char temporary[DIR_NAME + 16];
	struct place place;
	int status = -1, there;

	if (find_changeable(
		d, name, only_new ? CHANGE_CREATE : CHANGE_WRITE, &place) != 1)
		return -1;
	there = look_at_place(d, name, &place);
	if (there == 1 && only_new)
		dir_fail(d, name, "it exists already");
	else if (there != -1) {
		temporary_name(d, name, temporary);
		status = write_temporary(d, name, &place, temporary, p, n);
		if (status == 0)
			status = move_temporary(
			    d, name, &place, temporary, only_new);
		if (status == -1)
			unlinkat(place.fd, temporary, 0);
	}
	leave_place(&place);
	return status;
}

int
dir_create(struct dir *d, const char *name, const void *p, size_t n)
{
	if (write_file(d, name, p, n, 1) == -1)
		return -1;
	d->created |= secret_bit(name);
	return 0;
}

int
dir_take_back(struct dir *d, const char *name)
{
	if ((d->created & secret_bit(name)) == 0)
		return dir_fail(d, name, "not removed: it was there before");
	d->created &= ~secret_bit(name);
	if (unlinkat(d->fd, name, 0) == -1 || sync_fd(d->fd, 1) == -1)
		return dir_fail_errno(d, name, "remove it");
	return 0;
}

int
dir_replace(struct dir *d, const char *name, const void *p, size_t n)
{
	return write_file(d, name, p, n, 0);
}

/* Opens NAME for appending. *CREATED becomes 1 if it was absent and is made. */
static int
open_append(struct dir *d, const char *name, const struct place *place,
    int *created, struct stat *st)
{
	int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	int fd = open_file(place->fd, place->leaf, flags);

	*created = fd == -1 && errno == ENOENT;
	if (*created)
		fd =
		    open_file(place->fd, place->leaf, flags | O_CREAT | O_EXCL);
	if (fd == -1)
		return dir_fail_errno(d, name, "open it");
	if (*created && fchmod(fd, 0600) == -1)
		dir_fail_errno(d, name, "set the mode");
	else if (check_file(d, fd, name, st) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Cuts the file back to the SIZE bytes that it had. Returns -1. */
static int
cut_back(struct dir *d, int fd, const char *name, off_t size)
{
	if (truncate_file(fd, size) == -1)
		dir_fail_errno(d, name, "cut off half a record");
	return -1;
}

/* Appends in one write. If it fails the file keeps its SIZE bytes. */
static int
append_record(struct dir *d, int fd, const char *name, const void *p, size_t n,
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
	dir_fail(d, name, "cannot append to it: the disk is full");
	return cut_back(d, fd, name, size);
}

int
dir_append(struct dir *d, const char *name, const void *p, size_t n, int sync)
{
	struct place place;
	struct stat st;
	int status = -1, created, fd;

	if (find_changeable(d, name, CHANGE_WRITE, &place) != 1)
		return -1;
	fd = open_append(d, name, &place, &created, &st);
	if (fd != -1) {
		status = append_record(d, fd, name, p, n, st.st_size);
		d->appended = st.st_size;
		if (status == 0 && sync && sync_fd(fd, 0) == -1) {
			dir_fail_errno(d, name, "bring it to the disk");
			status = cut_back(d, fd, name, st.st_size);
		}
		close(fd);
	}
	if (status == 0 && sync && created && sync_fd(place.fd, 1) == -1)
		status = dir_fail_errno(d, name, "bring its name to the disk");
	leave_place(&place);
	return status;
}

int64_t
dir_appended(const struct dir *d)
{
	return d->appended;
}

/* Returns 1 if the N bytes at offset AT of FD equal WAS. */
static int
holds_bytes(int fd, int64_t at, const unsigned char *was, size_t n)
{
	unsigned char piece[PIECE];
	size_t done, some;
	ssize_t got;

	for (done = 0; done < n; done += (size_t)got) {
		some = n - done < sizeof piece ? n - done : sizeof piece;
		got = pread(fd, piece, some, (off_t)(at + (int64_t)done));
		if (got <= 0 || memcmp(piece, was + done, (size_t)got) != 0)
			return 0;
	}
	return 1;
}

int
dir_overwrite(struct dir *d, const char *name, int64_t at,
    const unsigned char *was, const unsigned char *with, size_t n)
{
	struct place place;
	struct stat st;
	size_t from = 0, to = n;
	ssize_t done;
	int fd, status = find_changeable(d, name, CHANGE_REDUCE, &place);

	if (status != 1)
		return status;
	leave_place(&place);
	fd = open_name(d, name, O_RDWR, &st);
	if (fd < 0)
		return fd == -2 ? 0 : -1;
	while (from < n && was[from] == with[from])
		from++;
	while (to > from && was[to - 1] == with[to - 1])
		to--;
	status = 0;
	if (to > from && holds_bytes(fd, at, was, n)) {
		do
			done = pwrite(fd, with + from, to - from,
			    (off_t)(at + (int64_t)from));
		while (done == -1 && errno == EINTR);
		if (done == -1)
			status = dir_fail_errno(d, name, "write into it");
	}
	close(fd);
	return status;
}

int
dir_remove(struct dir *d, const char *name)
{
	struct place place;
	int status = find_changeable(d, name, CHANGE_REDUCE, &place);

	if (status != 1)
		return status;
	status = unlinkat(place.fd, place.leaf, 0);
	if (status == 0)
		status = sync_fd(place.fd, 1);
	else if (errno == ENOENT)
		status = 0;
	if (status == -1)
		dir_fail_errno(d, name, "remove it");
	leave_place(&place);
	return status;
}

/* Copies the rest of FROM to the end of TO and syncs TO. */
static int
copy_rest(int from, int to)
{
	char piece[PIECE];
	ssize_t n;

	while ((n = read(from, piece, sizeof piece)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || write_bytes(to, piece, (size_t)n) == -1)
			return -1;
	}
	return sync_fd(to, 0);
}

/* Appends the bytes of FROM from OFFSET on to `.NAME.torn`. */
static int
copy_aside(struct dir *d, const char *name, const struct place *place, int from,
    int64_t offset)
{
	int flags =
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	char aside[DIR_NAME + 8];
	struct stat st;
	int to, status = -1;

	snprintf(aside, sizeof aside, ".%s.torn", place->leaf);
	to = open_file(place->fd, aside, flags);
	if (to == -1)
		return dir_fail_errno(d, name, "set aside its torn end");
	if (check_file(d, to, aside, &st) == -1)
		;
	else if (fchmod(to, 0600) == -1 ||
		 lseek(from, (off_t)offset, SEEK_SET) == -1)
		dir_fail_errno(d, name, "set aside its torn end");
	else if ((status = copy_rest(from, to)) == -1) {
		dir_fail_errno(d, name, "set aside its torn end");
		truncate_file(to, st.st_size);
	} else if (sync_fd(place->fd, 1) == -1)
		status = dir_fail_errno(d, name, "set aside its torn end");
	close(to);
	return status;
}

int
dir_set_aside(struct dir *d, const char *name, int64_t offset)
{
	struct place place;
	struct stat st;
	int fd = -1, status = find_changeable(d, name, CHANGE_REDUCE, &place);

	if (status == 0)
		return dir_fail(d, name, "it does not exist");
	if (status == -1)
		return -1;
	status = -1;
	fd = open_name(d, name, O_RDWR, &st);
	if (fd == -2)
		dir_fail(d, name, "it does not exist");
	else if (fd >= 0)
		status = copy_aside(d, name, &place, fd, offset);
	if (status == 0 && offset == 0) {
		if (unlinkat(place.fd, place.leaf, 0) == -1 ||
		    sync_fd(place.fd, 1) == -1)
			status = dir_fail_errno(d, name, "remove it");
	} else if (status == 0 && (truncate_file(fd, (off_t)offset) == -1 ||
				      sync_fd(fd, 0) == -1))
		status = dir_fail_errno(d, name, "cut off its torn end");
	if (fd >= 0)
		close(fd);
	leave_place(&place);
	return status;
}

int
dir_is_read_only(const struct dir *d)
{
	return (d->options & DIR_READ_ONLY) != 0;
}

int
dir_fd(const struct dir *d)
{
	return d->fd;
}

const char *
dir_path(const struct dir *d)
{
	return d->path;
}

const char *
dir_why(const struct dir *d)
{
	return buf_str(&((struct dir *)d)->why);
}
