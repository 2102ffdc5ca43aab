/*
 * Every operation of the directory, once for each of its system calls and
 * each way in which that can go wrong: an error, half a write, the end of the
 * process. Whatever happened, each file is old or new. The functions of libc
 * that make the calls are replaced here by faulty ones.
 */
#define _GNU_SOURCE /* for RTLD_NEXT */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/dir.h"
#include "t/unit/file.h"
#include "t/unit/tap.h"

static int countdown; /* to the call that fails */
static int log_fd;    /* where the order of the calls is noted, or 0 */
static int errors;    /* errno for it; or: */
#define KILL  -1      /* the process ends before it */
#define SHORT -2      /* half of it is written, if it is a write */
#define NONE  -3      /* nothing of it is written, if it is a write */
static int sticks;    /* All calls behind the one that fails fail, too. */
static int came;      /* The call that fails was made. */
static int locker;    /* the process that has the locks, or 0; -1: unknown */
static int polls;     /* how often poll was called */
static int must_pass; /* The fault was none for the caller. */
static int must_fail; /* What was written may be lost. */
static int badly;     /* so many files were opened with a flag missing */
static char root[256];

/* Fills ST for the temporary file of one of the operations, if there is one. */
static int
temporary_of(struct stat *st)
{
	static const char *const names[] = {
	    "users/.new", "omemo/.new", ".new", "users/.a.new"};
	char name[512];
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(name, sizeof name, "%s/%s", root, names[i]);
		if (lstat(name, st) == 0)
			return 1;
	}
	return 0;
}

static int
fault(void)
{
	if (countdown == 0 || --countdown > 0)
		return 0;
	came = 1;
	countdown = sticks;
	if (errors == KILL)
		_exit(99);
	errno = errors;
	return errors > 0;
}

/* Lets the following call NAME its own function of libc as `real`. */
#define REAL(result, name, ...)                                                \
	static result (*real)(__VA_ARGS__);                                    \
	if (real == NULL)                                                      \
	*(void **)(&real) = dlsym(RTLD_NEXT, #name)

static ssize_t
write_really(int fd, const void *p, size_t n)
{
	REAL(ssize_t, write, int, const void *, size_t);

	return real(fd, p, n);
}

/* Notes one letter for a call that was made. */
static void
note(char letter)
{
	if (log_fd > 0 && write_really(log_fd, &letter, 1) != 1)
		_exit(95);
}

int
openat(int at, const char *name, int flags, ...)
{
	REAL(int, openat, int, const char *, int, ...);
	va_list more;
	mode_t mode;

	/* Nothing is inherited, and below the directory no link is followed;
	 * what may be a FIFO does not block. */
	badly += (flags & O_CLOEXEC) == 0 ||
		 (at != AT_FDCWD && (flags & O_NOFOLLOW) == 0) ||
		 (flags & (O_DIRECTORY | O_EXCL | O_NONBLOCK)) == 0;
	va_start(more, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
	va_end(more);
	return fault() ? -1 : real(at, name, flags, mode);
}

int
mkdir(const char *name, mode_t mode)
{
	REAL(int, mkdir, const char *, mode_t);

	return fault() ? -1 : real(name, mode);
}

int
chmod(const char *name, mode_t mode)
{
	REAL(int, chmod, const char *, mode_t);

	return fault() ? -1 : real(name, mode);
}

int
mkdirat(int at, const char *name, mode_t mode)
{
	REAL(int, mkdirat, int, const char *, mode_t);

	return fault() ? -1 : (note('m'), real(at, name, mode));
}

int
fchmod(int fd, mode_t mode)
{
	REAL(int, fchmod, int, mode_t);

	return fault() ? -1 : real(fd, mode);
}

int
fchmodat(int at, const char *name, mode_t mode, int flags)
{
	REAL(int, fchmodat, int, const char *, mode_t, int);

	return fault() ? -1 : real(at, name, mode, flags);
}

int
renameat(int from, const char *old, int to, const char *new)
{
	REAL(int, renameat, int, const char *, int, const char *);

	return fault() ? -1 : (note('r'), real(from, old, to, new));
}

int
linkat(int from, const char *old, int to, const char *new, int flags)
{
	REAL(int, linkat, int, const char *, int, const char *, int);

	return fault() ? -1 : (note('l'), real(from, old, to, new, flags));
}

int
unlinkat(int at, const char *name, int flags)
{
	REAL(int, unlinkat, int, const char *, int);

	return fault() ? -1 : (note('u'), real(at, name, flags));
}

int
ftruncate(int fd, off_t size)
{
	REAL(int, ftruncate, int, off_t);

	return fault() ? -1 : (note('t'), real(fd, size));
}

off_t
lseek(int fd, off_t offset, int whence)
{
	REAL(off_t, lseek, int, off_t, int);

	return fault() ? -1 : real(fd, offset, whence);
}

/* Locks only. */
int
fcntl(int fd, int command, ...)
{
	REAL(int, fcntl, int, int, ...);
	struct flock *lock;
	va_list more;

	va_start(more, command);
	lock = va_arg(more, struct flock *);
	va_end(more);
	if (locker != 0 && command == F_SETLK) {
		errno = EAGAIN;
		return -1;
	}
	if (fault())
		return -1;
	if (locker > 0 && command == F_GETLK)
		lock->l_pid = locker;
	else if (locker < 0 && command == F_GETLK)
		lock->l_type = F_UNLCK;
	return locker != 0 ? 0 : real(fd, command, lock);
}

int
fstatat(int at, const char *name, struct stat *st, int flags)
{
	REAL(int, fstatat, int, const char *, struct stat *, int);

	return fault() ? -1 : real(at, name, st, flags);
}

int
fstat(int fd, struct stat *st)
{
	REAL(int, fstat, int, struct stat *);

	return fault() ? -1 : real(fd, st);
}

/* `f` for a file, `d` for a directory. Some directories cannot be synced, which
 * is EINVAL and no fault. */
int
fsync(int fd)
{
	struct stat st;
	int left = countdown, is_directory;

	countdown = 0;
	is_directory = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
	countdown = left;
	if (fault()) {
		if (is_directory && errno == EINVAL)
			must_pass = 1;
		else
			must_fail |= errno != EINTR;
		return -1;
	}
	left = countdown;
	countdown = 0;
	note(is_directory ? 'd' : 'f');
	countdown = left;
	return 0;
}

ssize_t
read(int fd, void *p, size_t n)
{
	REAL(ssize_t, read, int, void *, size_t);

	return fault() ? -1 : real(fd, p, n);
}

ssize_t
pread(int fd, void *p, size_t n, off_t offset)
{
	REAL(ssize_t, pread, int, void *, size_t, off_t);

	return fault() ? -1 : real(fd, p, n, offset);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t offset)
{
	REAL(ssize_t, pwrite, int, const void *, size_t, off_t);

	return fault() ? -1 : (note('p'), real(fd, p, n, offset));
}

ssize_t
write(int fd, const void *p, size_t n)
{
	int due = countdown == 1;

	if (fault())
		return -1;
	note('w');
	if (due && errors == NONE)
		return 0;
	return write_really(fd, p, due && errors == SHORT && n > 1 ? n / 2 : n);
}

DIR *
fdopendir(int fd)
{
	REAL(DIR *, fdopendir, int);

	return fault() ? NULL : real(fd);
}

struct dirent *
readdir(DIR *stream)
{
	REAL(struct dirent *, readdir, DIR *);

	return fault() ? NULL : real(stream);
}

/* Returns 1 if FD is the temporary file: of those that are written, that alone
 * has no name that stays. */
static int
is_temporary(int fd)
{
	REAL(int, fstat, int, struct stat *);
	struct stat st, named;

	return real(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       temporary_of(&named) && st.st_ino == named.st_ino;
}

/* Reports a write that failed when the file is closed, as close does; the
 * descriptor is gone. */
int
close(int fd)
{
	REAL(int, close, int);
	int left = countdown, is_written, bad, why;

	countdown = 0;
	is_written = is_temporary(fd);
	countdown = left;
	bad = fault();
	why = errno;
	must_fail |= bad && is_written && why != EINTR;
	real(fd);
	errno = why;
	return bad ? -1 : 0;
}

/* No time passes. */
int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	(void)fds, (void)n, (void)timeout;
	polls++;
	return 0;
}

#define OLD  "what was there"
#define NEW  "what shall be there from now on"
#define PART "what was tHERe" /* as long as OLD; bytes in its middle */
#define HEAD "(3())"
#define TORN "(3((("

static char path[512];
static const char *held; /* what dir_read gave */
static int is_wrong;	 /* Something was read that is not there. */

/* What perform returns where nothing is done, and no reason is given. */
#define BUSY -2

struct operation {
	const char *name;
	int (*perform)(struct dir *d);
	const char *file;   /* that it changes, or only reads */
	const char *before; /* its bytes before; NULL: absent */
	const char *after;
	int twice; /* also where its directory is not there yet */
	/*
	 * Checks what is brought to the disk, and when, as note() has it; and
	 * where the directory is not there yet.
	 */
	const char *order, *order_first;
};

/* The bytes of FILE, NULL where it is absent; static. */
static const char *
bytes_of(const char *file)
{
	static char text[256];
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "%s/%s", root, file);
	if ((f = fopen(path, "r")) == NULL)
		return NULL;
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static int
is(const char *file, const char *want)
{
	const char *got = bytes_of(file);

	if (got == NULL || want == NULL)
		return got == want;
	return strcmp(got, want) == 0;
}

static const char *
path_of(const char *name)
{
	snprintf(path, sizeof path, "%s/%s", root, name);
	return path;
}

static int
do_replace(struct dir *d)
{
	return dir_replace(d, "users/a@b", NEW, strlen(NEW));
}

static int
do_replace_shared(struct dir *d)
{
	int status = dir_lock(d, "omemo");

	if (status == 1)
		status = dir_replace(d, "omemo/a@b", NEW, strlen(NEW));
	else if (status == 0)
		status = BUSY;
	dir_unlock(d);
	return status;
}

static int
do_create(struct dir *d)
{
	return dir_create(d, "config.sexp", NEW, strlen(NEW));
}

static int
do_append(struct dir *d)
{
	return dir_append(d, "histories/a@b", NEW, strlen(NEW), 1);
}

static int
do_remove(struct dir *d)
{
	return dir_remove(d, "users/a@b");
}

static int
do_set_aside(struct dir *d)
{
	return dir_set_aside(d, "histories/a@b", (int64_t)strlen(HEAD));
}

static int
do_set_all_aside(struct dir *d)
{
	return dir_set_aside(d, "histories/a@b", 0);
}

/* 0: it is what stands there; nothing else may be said to be there. */
static int
do_read(struct dir *d)
{
	struct buf out;
	int status;

	buf_init(&out, 4096);
	status = dir_read(d, "users/a@b", 4096, &out);
	held = status == 1 && strcmp(buf_str(&out), OLD) == 0 ? OLD : NULL;
	if (status == 0 || (status == 1 && held == NULL) ||
	    (status == -1 && buf_len(&out) > 0))
		is_wrong = 1;
	buf_clear(&out);
	return status == 1 ? 0 : -1;
}

static int
do_list(struct dir *d)
{
	char **list;
	size_t count;
	int status = dir_list(d, "users", &list, &count);

	if (status == 0 && (count != 1 || strcmp(list[0], "a@b") != 0))
		is_wrong = 1;
	dir_list_free(list, count);
	return status;
}

/* Makes a secret, which is then taken back. */
static int
do_take_back(struct dir *d)
{
	int left = countdown;

	countdown = 0;
	unlink(path_of("config.sexp"));
	if (dir_create(d, "config.sexp", NEW, strlen(NEW)) == -1)
		is_wrong = 1;
	countdown = left;
	return dir_take_back(d, "config.sexp");
}

static int
do_overwrite(struct dir *d)
{
	int status =
	    dir_overwrite(d, "histories/a@b", 2, (const unsigned char *)OLD + 2,
		(const unsigned char *)PART + 2, strlen(OLD) - 2);

	/* Bytes that cannot be read may be others. */
	return status == 0 && !is("histories/a@b", PART) ? BUSY : status;
}

static int
do_replace_own(struct dir *d)
{
	int status = dir_lock_own(d, "users/a");

	if (status != 1)
		return status == 0 ? BUSY : -1;
	return dir_replace(d, "users/a@b", NEW, strlen(NEW));
}

static int
do_replace_waiting(struct dir *d)
{
	if (dir_lock_wait(d, "omemo") == -1)
		return -1;
	return dir_replace(d, "omemo/a@b", NEW, strlen(NEW));
}

static int
do_mark(struct dir *d)
{
	return dir_mark(d, 1) == -1 ? -1 : dir_mark(d, 0);
}

/* Nothing else may be said to be there. */
static int
do_read_part(struct dir *d)
{
	struct buf out;
	int64_t size = 0;
	int status;

	buf_init(&out, 4096);
	status = dir_read_part(d, "users/a@b", -5, 4096, &out, &size);
	if (status == 0 ||
	    (status == 1 && (strcmp(buf_str(&out), &OLD[strlen(OLD) - 5]) ||
				size != (int64_t)strlen(OLD))))
		is_wrong = 1;
	buf_clear(&out);
	return status == 1 ? 0 : -1;
}

static int
do_read_path(struct dir *d)
{
	struct buf out;
	int status;

	buf_init(&out, 4096);
	status = dir_read_path(d, path_of("users/a@b"), 4096, &out);
	if (status == 0 || (status == 1 && strcmp(buf_str(&out), OLD) != 0))
		is_wrong = 1;
	buf_clear(&out);
	return status == 1 ? 0 : -1;
}

static int
do_check(struct dir *d)
{
	char name[] = "a@b", gone[] = "gone", *names[] = {gone, name};

	return dir_check(d, "users", 4096, names, 2);
}

static const struct operation operations[] = {
    {"replace", do_replace, "users/a@b", OLD, NEW, 1, "uwfrd", "mduwfrd"},
    {"replace what is shared", do_replace_shared, "omemo/a@b", OLD, NEW, 1,
	"uwfrd", "mduwfrd"},
    {"create", do_create, "config.sexp", NULL, NEW, 0, "uwflud", NULL},
    {"append", do_append, "histories/a@b", OLD, OLD NEW, 0, "wf", NULL},
    {"append to nothing", do_append, "histories/a@b", NULL, NEW, 1, "wfd",
	"mdwfd"},
    {"remove", do_remove, "users/a@b", OLD, NULL, 0, "ud", NULL},
    {"set aside", do_set_aside, "histories/a@b", HEAD TORN, HEAD, 0, "wfdtf",
	NULL},
    {"set aside all", do_set_all_aside, "histories/a@b", TORN, NULL, 0, "wfdud",
	NULL},
    {"take back", do_take_back, "config.sexp", NULL, NULL, 0, "uwfludud", NULL},
    {"overwrite", do_overwrite, "histories/a@b", OLD, PART, 0, "p", NULL},
    {"replace our own", do_replace_own, "users/a@b", OLD, NEW, 1, "uwfrd",
	"mduwfrd"},
    {"replace, waiting", do_replace_waiting, "omemo/a@b", OLD, NEW, 1, "uwfrd",
	"mduwfrd"},
    {"mark", do_mark, "users/a@b", OLD, OLD, 0, "pt", NULL},
    {"read", do_read, "users/a@b", OLD, OLD, 0, "", NULL},
    {"read a part", do_read_part, "users/a@b", OLD, OLD, 0, "", NULL},
    {"read a path", do_read_path, "users/a@b", OLD, OLD, 0, "", NULL},
    {"check", do_check, "users/a@b", OLD, OLD, 0, "", NULL},
    {"list", do_list, "users/a@b", OLD, OLD, 0, "", NULL},
};

static void
prepare(const struct operation *o, int bare)
{
	static const char *const files[] = {"users/a@b", "users/.new",
	    "histories/a@b", "histories/.a@b.torn", "config.sexp", ".new",
	    "omemo/a@b", "omemo/.new", "omemo/.lock", "users/.a.lock",
	    "users/.a.new"};
	FILE *f;
	size_t i;

	countdown = 0;
	for (i = 0; i < sizeof files / sizeof *files; i++)
		unlink(path_of(files[i]));
	rmdir(path_of("users"));
	rmdir(path_of("histories"));
	rmdir(path_of("omemo"));
	if (bare)
		return;
	mkdir(path_of("omemo"), 0700);
	mkdir(path_of("users"), 0700);
	mkdir(path_of("histories"), 0700);
	if (o->before != NULL && (f = fopen(path_of(o->file), "w")) != NULL) {
		fputs(o->before, f);
		fclose(f);
	}
}

/* Performs O on a directory: 0, 1 for an error, 96 if it made fewer than CALL
 * calls, 97 for an error without a sentence, 98 for a wrong answer. */
static int
perform(const struct operation *o, int call, int how)
{
	struct dir *d = dir_new();
	int status = 0;

	is_wrong = came = must_pass = must_fail = 0;
	countdown = call;
	errors = how;
	if (dir_open(d, root, 0) != 1)
		status = -1;
	else
		status = o->perform(d);
	countdown = 0;
	/* Every error says what it was about. */
	if (status == -1 && strstr(dir_why(d), ": ") == NULL)
		status = 97;
	if (status == 0 && call > 0 && !came)
		status = 96;
	if (is_wrong || (must_fail && status == 0) ||
	    (must_pass && status != 0 && !sticks))
		status = 98;
	dir_free(d);
	return status < 0 ? 1 : status;
}

/* The same, where it ends in a process of its own: 99. */
static int
run(const struct operation *o, int call, int how)
{
	int status = 0;
	pid_t child;

	if (how != KILL)
		return perform(o, call, how);
	child = fork();
	if (child == 0)
		_exit(perform(o, call, how));
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Returns 1 if the directory may be so after STATUS. */
static int
is_sound(const struct operation *o, const char *before, int status)
{
	const char *aside = "histories/.a@b.torn";
	const char *torn;

	if (status != 0 && status != 1 && status != 99)
		return 0;
	/* a history without a record is as good as none */
	if (o->perform == do_append && before == NULL && status != 0 &&
	    is(o->file, ""))
		return 1;
	if (o->perform == do_take_back && status != 0 && is(o->file, NEW))
		return 1;
	if (status == 0 ? !is(o->file, o->after)
			: !is(o->file, before) && !is(o->file, o->after))
		return 0;
	if (o->perform != do_set_aside || !is(o->file, HEAD))
		return 1;
	torn = bytes_of(aside);
	return torn != NULL && strcmp(torn, TORN) == 0;
}

/* Returns 1 if O is not to be performed again, after a fault. */
static int
is_done(const struct operation *o)
{
	if (strcmp(o->order, "") == 0 || o->perform == do_mark)
		return 0;
	return (o->after != NULL || o->perform == do_set_all_aside) &&
	       is(o->file, o->after);
}

static void
test(const struct operation *o, int bare)
{
	static const struct {
		int how, sticks;
	} ways[] = {{KILL, 0}, {SHORT, 0}, {NONE, 0}, {EIO, 0}, {ENOSPC, 0},
	    {EINTR, 0}, {EPERM, 0}, {EACCES, 0}, {EAGAIN, 0}, {EINVAL, 0},
	    {ENOTSUP, 0}, {EIO, 1}, {EPERM, 1}, {EACCES, 1}};
	const char *before = bare ? NULL : o->before;
	int call, status, cases = 0, good = 0, calls = 0;
	size_t i;

	for (i = 0; i < sizeof ways / sizeof *ways; i++)
		for (call = 1; call < 200; call++) {
			prepare(o, bare);
			sticks = ways[i].sticks;
			status = run(o, call, ways[i].how);
			sticks = 0;
			if (status == 96)
				break; /* it has no so many calls */
			cases++;
			calls = call > calls ? call : calls;
			if (!is_sound(o, before, status)) {
				printf("# call %d, %d: %d, %s\n", call,
				    ways[i].how, status, bytes_of(o->file));
				continue;
			}
			/* and afterwards it can be done */
			status = is_done(o) ? 0 : run(o, 0, EIO);
			good += status == 0 && is(o->file, o->after);
			if (status != 0)
				printf("# call %d, %d: not again\n", call,
				    ways[i].how);
		}
	ok(cases > 30 && good == cases, "%s%s: %d calls, %d of %d faults",
	    o->name, bare ? " for the first time" : "", calls, good, cases);
}

/* No fault: what is written is brought to the disk, and so is its name. */
static void
test_order(const struct operation *o, int bare)
{
	const char *want = bare ? o->order_first : o->order;
	char got[64] = "";
	int ends[2], status;
	ssize_t n;

	prepare(o, bare);
	if (pipe(ends) == -1) {
		printf("Bail out! no pipe\n");
		exit(1);
	}
	log_fd = ends[1];
	status = run(o, 0, EIO);
	log_fd = 0;
	close(ends[1]);
	n = read(ends[0], got, sizeof got - 1);
	close(ends[0]);
	ok(status == 0 && n >= 0 && strcmp(got, want) == 0,
	    "%s%s: in the order %s, not %s", o->name,
	    bare ? " for the first time" : "", want, got);
}

/* Returns 1 if the last error of D says WHY. */
static int
says(struct dir *d, const char *why)
{
	return strstr(dir_why(d), why) != NULL;
}

/* Another process has the locks. */
static void
test_locked(void)
{
	struct dir *d = dir_new(), *other = dir_new();

	prepare(&operations[0], 0);
	dir_open(d, root, DIR_READ_ONLY);
	locker = 1234;
	ok(dir_open(other, root, 0) == -1 && says(other, "process 1234"),
	    "it is said which process has the directory");
	ok(dir_is_in_use(d), "it is in use");
	ok(dir_lock_wait(d, "omemo") == -1 && polls >= 100 &&
		says(d, "another jackline"),
	    "a lock is waited for, and not for ever");
	ok(dir_lock_own(d, "users/a") == 0, "our own is told as locked");
	dir_free(other);
	other = dir_new();
	locker = -1;
	ok(dir_open(other, root, 0) == -1 && says(other, "another jackline") &&
		!says(other, "process"),
	    "it ended meanwhile: no process is named");
	ok(!dir_is_in_use(d), "and it is not in use");
	locker = 0;
	dir_free(other);
	other = dir_new();
	errors = EIO;
	countdown = 5;
	ok(dir_open(other, root, 0) == -1 && says(other, "cannot lock it"),
	    "nobody has it where locking fails otherwise");
	dir_free(other);
	dir_free(d);
	dir_free(NULL);
	d = dir_new();
	dir_open(d, "build", DIR_READ_ONLY);
	ok(!dir_is_in_use(d), "nor is one without a lock");
	dir_free(d);
}

/* The directory is made with its parents, or it is said why not. */
static void
test_make(void)
{
	static const int ways[] = {EIO, ENOENT, EEXIST, EACCES};
	char inner[512];
	int status, call, good = 0, cases = 0;
	struct dir *d;
	size_t i;

	for (i = 0; i < 2 * sizeof ways / sizeof *ways; i++)
		for (call = 1; call < 30; call++) {
			rmdir(path_of("x/y/z"));
			rmdir(path_of("x/y"));
			rmdir(path_of("x"));
			snprintf(inner, sizeof inner, "%s", path_of("x/y/z"));
			unlink(path_of("x/y/z/.lock"));
			d = dir_new();
			came = 0;
			errors = ways[i / 2];
			sticks = (int)i % 2;
			countdown = call;
			status = dir_open(d, inner, DIR_CREATE);
			countdown = sticks = 0;
			cases++;
			/* Another process may have made what is there. */
			good +=
			    status == 1 ||
			    (status == 0 &&
				(errors == ENOENT || errors == EEXIST)) ||
			    (status == -1 && strstr(dir_why(d), ": ") != NULL);
			dir_free(d);
			unlink(path_of("x/y/z/.lock"));
			if (!came)
				break;
		}
	ok(good == cases && cases > 20, "made with its parents: %d of %d", good,
	    cases);
}

/* The directory is removed, and cannot even be looked at. */
static void
test_gone(void)
{
	struct dir *d = dir_new();

	prepare(&operations[0], 0);
	dir_open(d, root, 0);
	errors = ENOENT;
	countdown = sticks = 1;
	ok(dir_append(d, "x", NEW, strlen(NEW), 1) == -1, "nothing is stored");
	countdown = sticks = 0;
	ok(says(d, "the directory was removed"), "and it is said why");
	countdown = 2;
	ok(!dir_is_in_use(d), "a lock that cannot be looked at is none");
	countdown = 0;
	dir_free(d);
}

int
main(void)
{
	size_t i;

	file_temporary(root);
	if (mkdtemp(root) == NULL) {
		printf("Bail out! no directory\n");
		return 1;
	}
	for (i = 0; i < sizeof operations / sizeof *operations; i++) {
		test(&operations[i], 0);
		test_order(&operations[i], 0);
		if (operations[i].twice) {
			test(&operations[i], 1);
			test_order(&operations[i], 1);
		}
	}
	test_locked();
	test_make();
	test_gone();
	ok(badly == 0, "all is opened with the flags that it needs");
	snprintf(path, sizeof path, "rm -rf %s", root);
	if (system(path) != 0)
		printf("# %s is left\n", root);
	return tap_done();
}
