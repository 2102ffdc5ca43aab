/*
 * For LD_PRELOAD: time passes at once while the program has no socket open
 * and only waits. So it need not be waited for when it wants to connect again.
 * With QUIET=MS in the environment it passes as well where it has one and
 * nothing at all has come for MS: so the silence of a peer is found out soon;
 * with QUIET_IF=FILE, not before that is there. Each time it doubles, up to 16
 * times, and halves where something comes: the peer may only be slow. IDLE=MS
 * is how long it waits before time passes, 20 unless told.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t skipped; /* milliseconds */
static int slow = 1;	/* what QUIET is multiplied by */

static void *
next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
	int (*real)(clockid_t, struct timespec *);
	int result;

	*(void **)(&real) = next("clock_gettime");
	result = real(id, t);
	t->tv_sec += skipped / 1000;
	t->tv_nsec += skipped % 1000 * 1000000;
	t->tv_sec += t->tv_nsec / 1000000000;
	t->tv_nsec %= 1000000000;
	return result;
}

/* Sockets of the system itself, as that to the helper, do not count. */
static int
has_socket(const struct pollfd *fds, nfds_t n)
{
	struct sockaddr_storage name;
	socklen_t len;

	for (nfds_t i = 0; i < n; i++) {
		len = sizeof name;
		if (fds[i].fd >= 0 &&
		    getsockname(fds[i].fd, (struct sockaddr *)&name, &len) ==
			0 &&
		    name.ss_family != AF_UNIX)
			return 1;
	}
	return 0;
}

/* After how many milliseconds nothing more is waited for; NONE: never. */
static int
patience(int is_connected, int none)
{
	const char *quiet = getenv("QUIET"), *idle = getenv("IDLE");

	if (!is_connected)
		return idle == NULL ? 20 : atoi(idle);
	return quiet == NULL ? none : atoi(quiet) * slow;
}

/* Returns 1 if time may pass where there is a socket. */
static int
may_skip(void)
{
	const char *file = getenv("QUIET_IF");

	return file == NULL || access(file, F_OK) == 0;
}

/* The checked name of poll, called where the length of the array is known. */
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);

int
__poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
	(void)size;
	return poll(fds, n, timeout);
}

int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	int (*real)(struct pollfd *, nfds_t, int);
	static unsigned came;
	int is_connected = has_socket(fds, n);
	int wait = patience(is_connected, timeout), result;

	*(void **)(&real) = next("poll");
	for (; timeout > wait; timeout -= wait) {
		result = real(fds, n, wait);
		if (result > 0 && slow > 1 && ++came % 32 == 0)
			slow /= 2;
		if (result != 0)
			return result;
		if (is_connected && !may_skip())
			continue;
		skipped += timeout - wait;
		if (is_connected && slow < 16)
			slow *= 2;
		return 0;
	}
	return real(fds, n, timeout);
}
