/*
 * For LD_PRELOAD: a machine that sleeps. Each number that is written, with an
 * LF, to the FIFO that SLEEP names are seconds in which nobody was awake: the
 * real clock goes on by as much at once, and whoever asked the system to be
 * told of that (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET) is told.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "t/preload/checked.h"

static int fifo = -1;
static time_t slept;

int
clock_gettime(clockid_t id, struct timespec *t)
{
	int (*real)(clockid_t, struct timespec *);
	int result;

	*(void **)(&real) = dlsym(RTLD_NEXT, "clock_gettime");
	result = real(id, t);
	if (id == CLOCK_REALTIME)
		t->tv_sec += slept;
	return result;
}

int
timerfd_create(clockid_t id, int flags)
{
	(void)id, (void)flags;
	fifo = open(getenv("SLEEP"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return fifo;
}

int
timerfd_settime(
    int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
{
	(void)new, (void)old;
	if (fd == fifo && (flags & TFD_TIMER_CANCEL_ON_SET) != 0)
		return 0;
	errno = EINVAL;
	return -1;
}

ssize_t
read(int fd, void *p, size_t n)
{
	ssize_t (*real)(int, void *, size_t);
	char text[32] = "";

	*(void **)(&real) = dlsym(RTLD_NEXT, "read");
	if (fd != fifo || fd == -1)
		return real(fd, p, n);
	if (real(fd, text, sizeof text - 1) > 0)
		slept += atol(text);
	errno = ECANCELED;
	return -1;
}
