#include "line/world/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static int ends[2];
static volatile sig_atomic_t is_ending;

/*
 * A terminal that takes nothing can hold a write(2) for ever: once the program
 * is to end, an alarm each second interrupts what waits.
 */
static void
on_alarm(int number)
{
	(void)number;
	alarm(1);
}

static void
interrupt_what_waits(void)
{
	static const struct sigaction action = {.sa_handler = on_alarm};

	sigaction(SIGALRM, &action, NULL);
	alarm(1);
}

static void
on_signal(int number)
{
	int saved = errno;
	char byte = (char)number;

	if (number == SIGINT || number == SIGTERM || number == SIGHUP) {
		is_ending = 1;
		interrupt_what_waits();
	}
	/* A full pipe wakes the loop as well. */
	if (write(ends[1], &byte, 1) == -1)
		byte = 0;
	errno = saved;
}

int
signals_catch(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t none;
	int i;

	if (pipe(ends) == -1)
		return -1;
	/* The parent may have blocked signals. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (i = 0; i < 2; i++) {
		fcntl(ends[i], F_SETFD, FD_CLOEXEC);
		fcntl(ends[i], F_SETFL, O_NONBLOCK);
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	sigaction(SIGCHLD, &action, NULL);
	return 0;
}

void
signals_catch_resize(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGWINCH, &action, NULL);
}

void
signals_catch_children(void)
{
	struct sigaction action = {
	    .sa_handler = on_signal, .sa_flags = SA_NOCLDSTOP};

	sigaction(SIGCHLD, &action, NULL);
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
signals_take(void)
{
	char byte;

	while (read(ends[0], &byte, 1) == 1)
		if (byte != SIGCHLD)
			return byte;
	return 0;
}

int
signals_ending(void)
{
	return is_ending;
}
