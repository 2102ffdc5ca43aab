/*
 * Every operation of the directory, once for each of its system calls and
 * each way in which that can go wrong: an error, half a write, the end of the
 * process. Whatever happened, each file is old or new.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int countdown; /* to the call that fails */
static int log_fd;    /* where the order of the calls is noted, or 0 */
static int errors;    /* errno for it; or: */
#define KILL  -1      /* the process ends before it */
#define SHORT -2      /* half of it is written, if it is a write */

static int
fault(void)
{
	if (countdown == 0 || --countdown > 0 || errors == SHORT)
		return 0;
	if (errors == KILL)
		_exit(99);
	errno = errors;
	return 1;
}

/* Notes one letter for a call that was made. */
static void
note(char letter)
{
	if (log_fd > 0 && write(log_fd, &letter, 1) != 1)
		_exit(95);
}

/* `f` for a file, `d` for a directory. */
static int
faulty_sync(int fd)
{
	struct stat st;

	if (fault())
		return -1;
	note(fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? 'd' : 'f');
	return 0;
}

static ssize_t
faulty_write(int fd, const void *p, size_t n)
{
	int due = errors == SHORT && countdown == 1;

	if (fault())
		return -1;
	note('w');
	return write(fd, p, due && n > 1 ? n / 2 : n);
}

/* Reports a write that failed when the file is closed, as close does; the
 * descriptor is gone. */
static int
faulty_close(int fd)
{
	int bad = fault(), why = errno;

	close(fd);
	errno = why;
	return bad ? -1 : 0;
}

#define openat(...)    (fault() ? -1 : openat(__VA_ARGS__))
#define mkdir(...)     (fault() ? -1 : mkdir(__VA_ARGS__))
#define chmod(...)     (fault() ? -1 : chmod(__VA_ARGS__))
#define mkdirat(...)   (fault() ? -1 : (note('m'), mkdirat(__VA_ARGS__)))
#define fchmod(...)    (fault() ? -1 : fchmod(__VA_ARGS__))
#define fchmodat(...)  (fault() ? -1 : fchmodat(__VA_ARGS__))
#define renameat(...)  (fault() ? -1 : (note('r'), renameat(__VA_ARGS__)))
#define linkat(...)    (fault() ? -1 : (note('l'), linkat(__VA_ARGS__)))
#define unlinkat(...)  (fault() ? -1 : (note('u'), unlinkat(__VA_ARGS__)))
#define ftruncate(...) (fault() ? -1 : (note('t'), ftruncate(__VA_ARGS__)))
#define fsync(fd)      faulty_sync(fd)
#define lseek(...)     (fault() ? -1 : lseek(__VA_ARGS__))
#define fcntl(...)     (fault() ? -1 : fcntl(__VA_ARGS__))
#define fstatat(...)   (fault() ? -1 : fstatat(__VA_ARGS__))
#define fstat(...)     (fault() ? -1 : fstat(__VA_ARGS__))
#define read(...)      (fault() ? -1 : read(__VA_ARGS__))
#define fdopendir(...) (fault() ? NULL : fdopendir(__VA_ARGS__))
#define readdir(...)   (fault() ? NULL : readdir(__VA_ARGS__))
#define write(...)     faulty_write(__VA_ARGS__)
#define close(...)     faulty_close(__VA_ARGS__)

#include "store/dir.c"
#include "t/unit/file.h"
#include "t/unit/tap.h"

#define OLD  "what was there"
#define NEW  "what shall be there from now on"
#define HEAD "(3())"
#define TORN "(3((("

static char root[256];
static char path[512];
static const char *held; /* what dir_read gave */

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
		_exit(98);
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
		_exit(98);
	dir_list_free(list, count);
	return status;
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
    {"read", do_read, "users/a@b", OLD, OLD, 0, "", NULL},
    {"list", do_list, "users/a@b", OLD, OLD, 0, "", NULL},
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
in(const char *name)
{
	snprintf(path, sizeof path, "%s/%s", root, name);
	return path;
}

static void
prepare(const struct operation *o, int bare)
{
	static const char *const files[] = {"users/a@b", "users/.new",
	    "histories/a@b", "histories/.a@b.torn", "config.sexp", ".new",
	    "omemo/a@b", "omemo/.new", "omemo/.lock"};
	FILE *f;
	size_t i;

	countdown = 0;
	for (i = 0; i < sizeof files / sizeof *files; i++)
		unlink(in(files[i]));
	rmdir(in("users"));
	rmdir(in("histories"));
	rmdir(in("omemo"));
	if (bare)
		return;
	(mkdir)(in("omemo"), 0700);
	(mkdir)(in("users"), 0700);
	(mkdir)(in("histories"), 0700);
	if (o->before != NULL && (f = fopen(in(o->file), "w")) != NULL) {
		fputs(o->before, f);
		fclose(f);
	}
}

/* Runs O in a process of its own: 0, 1 for an error, 99 where it ended. */
static int
run(const struct operation *o, int call, int how)
{
	struct dir *d;
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		d = dir_new();
		countdown = call;
		errors = how;
		if (dir_open(d, root, 0) != 1)
			status = 1;
		else
			status = o->perform(d) == 0 ? 0 : 1;
		/* every error says what it was about */
		if (status == 1 && strstr(dir_why(d), ": ") == NULL)
			_exit(97);
		_exit(status == 0 && countdown > 0 ? 96 : status);
	}
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
	if (status == 0 ? !is(o->file, o->after)
			: !is(o->file, before) && !is(o->file, o->after))
		return 0;
	if (o->perform != do_set_aside || !is(o->file, HEAD))
		return 1;
	torn = bytes_of(aside);
	return torn != NULL && strcmp(torn, TORN) == 0;
}

static void
test(const struct operation *o, int bare)
{
	static const int ways[] = {KILL, SHORT, EIO, ENOSPC, EINTR, EPERM};
	const char *before = bare ? NULL : o->before;
	int call, status, cases = 0, good = 0, calls = 0;
	size_t i;

	for (i = 0; i < sizeof ways / sizeof *ways; i++)
		for (call = 1; call < 200; call++) {
			prepare(o, bare);
			status = run(o, call, ways[i]);
			if (status == 96)
				break; /* it has no so many calls */
			cases++;
			calls = call > calls ? call : calls;
			if (!is_sound(o, before, status)) {
				printf("# call %d, %d: %d, %s\n", call, ways[i],
				    status, bytes_of(o->file));
				continue;
			}
			/* and afterwards it can be done */
			status = (o->after != NULL ||
				     o->perform == do_set_all_aside) &&
					 is(o->file, o->after) &&
					 o->perform != do_read &&
					 o->perform != do_list
				     ? 0
				     : run(o, 0, EIO);
			good += status == 0 && is(o->file, o->after);
			if (status != 0)
				printf("# call %d, %d: not again\n", call,
				    ways[i]);
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
	(close)(ends[1]);
	n = (read)(ends[0], got, sizeof got - 1);
	(close)(ends[0]);
	ok(status == 0 && n >= 0 && strcmp(got, want) == 0,
	    "%s%s: in the order %s, not %s", o->name,
	    bare ? " for the first time" : "", want, got);
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
	snprintf(path, sizeof path, "rm -rf %s", root);
	if (system(path) != 0)
		printf("# %s is left\n", root);
	return tap_done();
}
