/*
 * For LD_PRELOAD: a system that is rough with the program. It takes and gives
 * fewer bytes than asked for, is interrupted when it likes, and kills.
 *
 *     ROUGH_SEED=N   read, write, recv, send and poll are interrupted or cut
 *                    short, at random
 *     ROUGH_KILL=N   SIGKILL at the Nth of these calls; by N modulo 3 before
 *                    it, behind it, or when half of the bytes are written
 *     ROUGH_LAST=S   SIGKILL behind the write to standard output that holds S
 *
 * Files other than standard output are never interrupted, as on real systems.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t/preload/checked.h"

static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_recv)(int, void *, size_t, int);
static ssize_t (*real_send)(int, const void *, size_t, int);
static int (*real_poll)(struct pollfd *, nfds_t, int);
static uint64_t state;
static long left; /* calls until the end; 0: for ever */
static int how;	  /* 0: before it, 1: behind it, 2: when it is half done */
static const char *last;

__attribute__((constructor)) static void
begin(void)
{
	const char *seed = getenv("ROUGH_SEED"), *n = getenv("ROUGH_KILL");

	*(void **)(&real_read) = dlsym(RTLD_NEXT, "read");
	*(void **)(&real_write) = dlsym(RTLD_NEXT, "write");
	*(void **)(&real_recv) = dlsym(RTLD_NEXT, "recv");
	*(void **)(&real_send) = dlsym(RTLD_NEXT, "send");
	*(void **)(&real_poll) = dlsym(RTLD_NEXT, "poll");
	if (seed != NULL)
		state = strtoull(seed, NULL, 10) * 2654435761u + 1;
	if (n != NULL)
		left = atol(n);
	how = (int)(left % 3);
	last = getenv("ROUGH_LAST");
}

/* xorshift64* */
static unsigned
chance(unsigned n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * 0x2545f4914f6cdd1du) >> 33) % n;
}

static int
is_file(int fd)
{
	struct stat st;

	return fd != STDOUT_FILENO && fstat(fd, &st) == 0 &&
	       S_ISREG(st.st_mode);
}

static void
die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* Returns 1 if this is the last call; each third time it is not made any more.
 */
static int
is_last(void)
{
	if (left == 0 || --left > 0)
		return 0;
	if (how == 0)
		die();
	return 1;
}

/* The bytes of N that this call is to move; 0: it is interrupted. */
static size_t
share(int fd, size_t n)
{
	if (state == 0 || n == 0 || is_file(fd))
		return n;
	switch (chance(4)) {
	case 0:
		errno = EINTR;
		return 0;
	case 1:
		return 1 + chance(n < 100 ? (unsigned)n : 100);
	case 2:
		return 1 + chance((unsigned)n);
	default:
		return n;
	}
}

ssize_t
read(int fd, void *p, size_t n)
{
	size_t some = share(fd, n);
	int end = is_last();
	ssize_t done = some == 0 && n > 0 ? -1 : real_read(fd, p, some);

	if (end)
		die();
	return done;
}

ssize_t
recv(int fd, void *p, size_t n, int flags)
{
	size_t some = share(fd, n);
	int end = is_last();
	ssize_t done = some == 0 && n > 0 ? -1 : real_recv(fd, p, some, flags);

	if (end)
		die();
	return done;
}

ssize_t
write(int fd, const void *p, size_t n)
{
	size_t some = share(fd, n);
	int end = is_last();
	ssize_t done;

	if (end && how == 2 && n > 1)
		some = n / 2;
	done = some == 0 && n > 0 ? -1 : real_write(fd, p, some);
	if (end || (last != NULL && fd == STDOUT_FILENO && done > 0 &&
		       memmem(p, (size_t)done, last, strlen(last)) != NULL))
		die();
	return done;
}

ssize_t
send(int fd, const void *p, size_t n, int flags)
{
	size_t some = share(fd, n);
	int end = is_last();
	ssize_t done;

	if (end && how == 2 && n > 1)
		some = n / 2;
	done = some == 0 && n > 0 ? -1 : real_send(fd, p, some, flags);
	if (end)
		die();
	return done;
}

int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	if (is_last())
		die();
	if (state != 0 && timeout != 0 && chance(4) == 0) {
		errno = EINTR;
		return -1;
	}
	return real_poll(fds, n, timeout);
}
