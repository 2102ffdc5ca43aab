#include "line/world/clock.h"

#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/timerfd.h>
#endif

static int timer = -2; /* the descriptor of clock_fd; -2: not made yet */

static int64_t
read_clock(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_real(void)
{
	return read_clock(CLOCK_REALTIME);
}

#ifdef __linux__
/* The timer never expires; it only reports that the clock was set. */
#define NEVER ((time_t)1 << (sizeof(time_t) > 4 ? 33 : 30))

static int
open_timer(void)
{
	static const struct itimerspec never = {.it_value = {NEVER, 0}};
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd != -1 &&
	    timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
		&never, NULL) == -1) {
		close(fd);
		fd = -1;
	}
	return fd;
}
#else
static int
open_timer(void)
{
	return -1;
}
#endif

int
clock_fd(void)
{
	if (timer == -2)
		timer = open_timer();
	return timer;
}

void
clock_heard(void)
{
	uint64_t times;

	/* The read fails with ECANCELED, which arms the timer again. */
	if (read(timer, &times, sizeof times) == -1)
		return;
}
