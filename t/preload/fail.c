/*
 * For LD_PRELOAD: a system that refuses once. A place is a kind of call and the
 * functions of the program and its libraries that it is made from.
 *
 *     FAIL_LIST=FILE   the places where memory is asked for, or with FAIL_CALLS
 *                      where a system call is made, each once, are noted there:
 *                      lines of 32 bytes, NUL behind the last
 *     FAIL_AT=PLACE    there it fails, the first time: no memory, or EIO; then
 *                      FAIL_LIST gets the line `failed`
 *     FAIL_KILL        there the program is killed instead
 *
 * FILE is there before and as large as it may become. Only the thread that
 * begins is meant, not what it starts.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t/preload/checked.h"

#define LINE   32
#define DEPTH  12    /* calls that make a place */
#define PLACES 65536 /* at most, a power of two */

static char *list, *at; /* the file, and its end, which grows */
static size_t room;
static uint64_t seen[PLACES];
static uint64_t wanted;	  /* the place that fails, or 0 */
static int calls;	  /* Calls fail, not allocations. */
static int kills;	  /* The program is killed instead. */
static __thread int busy; /* within a call of ours */
static pid_t self;	  /* the thread that is meant, or 0 */

static void
note(const char *text)
{
	if (list != NULL && (size_t)(at - list) + LINE < room) {
		snprintf(at, LINE, "%-*s", LINE - 1, text);
		at[LINE - 1] = '\n';
		at += LINE;
	}
}

/* Returns 1 if PLACE is new, and notes it. */
static int
is_new(uint64_t place)
{
	size_t i = place % PLACES;

	for (; seen[i] != 0; i = (i + 1) % PLACES)
		if (seen[i] == place)
			return 0;
	seen[i] = place;
	return 1;
}

/* Reads the call paths that earlier runs have seen. */
static void
read_list(const char *name)
{
	struct stat st;
	int fd = open(name, O_RDWR | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1)
		_exit(96);
	room = (size_t)st.st_size;
	list = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (list == MAP_FAILED)
		_exit(96);
	for (at = list; *at != '\0'; at += LINE)
		is_new(strtoull(at, NULL, 16));
}

__attribute__((constructor)) static void
begin(void)
{
	const char *name = getenv("FAIL_LIST"), *place = getenv("FAIL_AT");
	void *frames[DEPTH];

	calls = getenv("FAIL_CALLS") != NULL;
	kills = getenv("FAIL_KILL") != NULL;
	backtrace(frames, DEPTH); /* which takes memory the first time */
	if (name != NULL)
		read_list(name);
	if (place != NULL)
		wanted = strtoull(place, NULL, 16);
	self = gettid();
}

/* Returns the place that a call of KIND is made from. It is the same wherever
 * the system has put the program and its libraries. */
static uint64_t
place_of(const char *kind)
{
	void *frames[DEPTH];
	int i, n = backtrace(frames, DEPTH);
	uint64_t hash = 0xcbf29ce484222325u;
	Dl_info info;

	for (; *kind != '\0'; kind++)
		hash = (hash ^ (unsigned char)*kind) * 0x100000001b3u;
	for (i = 2; i < n; i++)
		if (dladdr(frames[i], &info) != 0) {
			hash ^= (uint64_t)((char *)frames[i] -
					   (char *)info.dli_fbase);
			hash *= 0x100000001b3u;
		}
	return hash | 1;
}

/* Returns 1 if the call of KIND is to fail. */
static int
fails(const char *kind, int is_call)
{
	char text[100];
	int result = 0, why = errno;
	uint64_t place;

	if (busy || self == 0 || is_call != calls || gettid() != self)
		return 0;
	busy = 1;
	place = place_of(kind);
	if (place == wanted) {
		wanted = 0;
		note("failed");
		if (kills)
			raise(SIGKILL);
		result = 1;
	} else if (getenv("FAIL_AT") == NULL && list != NULL && is_new(place)) {
		snprintf(text, sizeof text, "%016llx %s",
		    (unsigned long long)place, kind);
		note(text);
	}
	busy = 0;
	errno = result ? (is_call ? EIO : ENOMEM) : why;
	return result;
}

/* Makes NAME a call that may fail, of type RESULT, with the parameters
 * PARAMETERS, which are passed on as ARGUMENTS. */
#define CALL(result, name, parameters, arguments)                              \
	result name parameters                                                 \
	{                                                                      \
		static result(*real) parameters;                               \
                                                                               \
		if (fails(#name, 1))                                           \
			return (result)-1;                                     \
		if (real == NULL)                                              \
			*(void **)(&real) = dlsym(RTLD_NEXT, #name);           \
		return real arguments;                                         \
	}

CALL(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n))
CALL(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))
CALL(ssize_t, pread, (int fd, void *p, size_t n, off_t o), (fd, p, n, o))
CALL(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t o), (fd, p, n, o))
CALL(ssize_t, recv, (int fd, void *p, size_t n, int f), (fd, p, n, f))
CALL(ssize_t, send, (int fd, const void *p, size_t n, int f), (fd, p, n, f))
CALL(ssize_t, recvmsg, (int fd, struct msghdr *m, int f), (fd, m, f))
CALL(ssize_t, sendmsg, (int fd, const struct msghdr *m, int f), (fd, m, f))
CALL(int, socket, (int a, int b, int c), (a, b, c))
CALL(int, socketpair, (int a, int b, int c, int d[2]), (a, b, c, d))
CALL(int, connect, (int fd, __CONST_SOCKADDR_ARG a, socklen_t n), (fd, a, n))
CALL(int, getsockopt, (int fd, int l, int o, void *p, socklen_t *n),
    (fd, l, o, p, n))
CALL(int, setsockopt, (int fd, int l, int o, const void *p, socklen_t n),
    (fd, l, o, p, n))
CALL(int, getsockname, (int fd, __SOCKADDR_ARG a, socklen_t *n), (fd, a, n))
CALL(int, getpeername, (int fd, __SOCKADDR_ARG a, socklen_t *n), (fd, a, n))
CALL(int, shutdown, (int fd, int how), (fd, how))
CALL(int, poll, (struct pollfd * p, nfds_t n, int t), (p, n, t))
CALL(int, pipe, (int fds[2]), (fds))
CALL(int, fsync, (int fd), (fd))
CALL(int, ftruncate, (int fd, off_t n), (fd, n))
CALL(off_t, lseek, (int fd, off_t n, int w), (fd, n, w))
CALL(int, fchmod, (int fd, mode_t m), (fd, m))
CALL(int, fstat, (int fd, struct stat *s), (fd, s))
CALL(int, stat, (const char *p, struct stat *s), (p, s))
CALL(
    int, fstatat, (int fd, const char *p, struct stat *s, int f), (fd, p, s, f))
CALL(int, mkdirat, (int fd, const char *p, mode_t m), (fd, p, m))
CALL(int, unlinkat, (int fd, const char *p, int f), (fd, p, f))
CALL(int, renameat, (int a, const char *p, int b, const char *q), (a, p, b, q))
CALL(int, linkat, (int a, const char *p, int b, const char *q, int f),
    (a, p, b, q, f))
CALL(int, close, (int fd), (fd))
CALL(ssize_t, getrandom, (void *p, size_t n, unsigned f), (p, n, f))
CALL(int, getentropy, (void *p, size_t n), (p, n))
CALL(pid_t, fork, (void), ())

/* sexp/memory.c calls these in place of malloc(3) and its like. */
#define ALLOCATE(name, parameters, arguments)                                  \
	void *name parameters;                                                 \
	void *name parameters                                                  \
	{                                                                      \
		static void *(*real)parameters;                                \
                                                                               \
		if (fails(#name, 0))                                           \
			return NULL;                                           \
		if (real == NULL)                                              \
			*(void **)(&real) = dlsym(RTLD_NEXT, #name);           \
		return real arguments;                                         \
	}

ALLOCATE(__libc_malloc, (size_t n), (n))
ALLOCATE(__libc_calloc, (size_t count, size_t size), (count, size))
ALLOCATE(__libc_realloc, (void *p, size_t n), (p, n))

int
openat(int fd, const char *name, int flags, ...)
{
	static int (*real)(int, const char *, int, ...);
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
	va_end(more);
	if (fails("openat", 1))
		return -1;
	if (real == NULL)
		*(void **)(&real) = dlsym(RTLD_NEXT, "openat");
	return real(fd, name, flags, mode);
}

int
fcntl(int fd, int command, ...)
{
	static int (*real)(int, int, ...);
	va_list more;
	void *argument;

	va_start(more, command);
	argument = va_arg(more, void *);
	va_end(more);
	if (fails("fcntl", 1))
		return -1;
	if (real == NULL)
		*(void **)(&real) = dlsym(RTLD_NEXT, "fcntl");
	return real(fd, command, argument);
}
