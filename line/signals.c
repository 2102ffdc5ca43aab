#include "line/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static int ends[2];
static volatile sig_atomic_t is_ending;

static void
on_signal(int number)
{
	int saved = errno;
	char byte = (char)number;

	is_ending |= number == SIGINT || number == SIGTERM || number == SIGHUP;
	if (write(ends[1], &byte, 1) == -1)
		byte = 0; /* full: it was heard already */
	errno = saved;
}

int
signals_catch(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	int i;

	if (pipe(ends) == -1)
		return -1;
	for (i = 0; i < 2; i++) {
		fcntl(ends[i], F_SETFD, FD_CLOEXEC);
		fcntl(ends[i], F_SETFL, O_NONBLOCK);
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	return 0;
}

void
signals_catch_resize(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGWINCH, &action, NULL);
}

int
signals_fd(void)
{
	return ends[0];
}

void
signals_stops(int caught)
{
	struct sigaction action = {.sa_handler = caught ? on_signal : SIG_DFL};

	sigaction(SIGTSTP, &action, NULL);
	sigaction(SIGCONT, &action, NULL);
}

int
signals_wait(void)
{
	struct pollfd fd = {.fd = ends[0], .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

int
signals_take(void)
{
	char byte;

	return read(ends[0], &byte, 1) == 1 ? byte : 0;
}

int
signals_ending(void)
{
	return is_ending;
}
