#define _XOPEN_SOURCE 700 /* sigaltstack */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "line/tty/tty.h"
#include "line/tty/tty_mode.h"
#include "line/world/signals.h"

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l\033[0m"

/*
 * The settings that every way out restores, a signal's handler included, and
 * those that are set again after a stop.
 */
static struct termios before, during;
static volatile sig_atomic_t is_ours, is_marked, is_editor;

/* Returns whether another process group has the terminal, and set it up. */
static int
is_background(void)
{
	pid_t front = tcgetpgrp(STDIN_FILENO);

	return front > 0 && front != getpgrp();
}

/* Calls only what is safe in a signal's handler. */
static void
restore_settings(void)
{
	ssize_t done = 0;

	if (!is_ours)
		return;
	is_ours = 0;
	if (is_background())
		return;
	if (is_editor)
		done = write(STDOUT_FILENO, PASTE_OFF, sizeof PASTE_OFF - 1);
	while (tcsetattr(STDIN_FILENO, TCSANOW, &before) == -1 &&
	       errno == EINTR && done >= -1)
		;
}

void
tty_restore(void)
{
	if (is_ours && is_editor && !is_background() &&
	    write(STDOUT_FILENO, "\n", 1) == -1)
		is_editor = 0;
	restore_settings();
}

static void
on_crash(int number)
{
	tty_restore();
	signal(number, SIG_DFL);
	raise(number);
}

/*
 * Catches all signals that end a process without being taken by signals.h. The
 * handler has a stack of its own, for the case that the other is full.
 */
static void
catch_crashes(void)
{
	static const int spared[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGCHLD,
	    SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH};
	static unsigned char stack[65536];
	static const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
	struct sigaction action = {
	    .sa_handler = on_crash, .sa_flags = SA_ONSTACK};
	size_t i;
	int n;

	sigaltstack(&other, NULL);
	for (n = 1; n <= SIGRTMAX; n++) {
		for (i = 0; i < sizeof spared / sizeof *spared; i++)
			if (n == spared[i])
				break;
		if (i == sizeof spared / sizeof *spared)
			sigaction(n, &action, NULL);
	}
}

int
tty_mode_keep(int editor)
{
	static int is_caught;

	if (tcgetattr(STDIN_FILENO, &before) == -1)
		return -1;
	is_editor = editor;
	is_marked = 0;
	is_ours = 1;
	if (!is_caught) {
		atexit(restore_settings);
		catch_crashes();
	}
	is_caught = 1;
	signals_stops(1);
	return 0;
}

void
tty_mode_mark(void)
{
	if (is_ours && !is_marked)
		is_marked = tcgetattr(STDIN_FILENO, &during) == 0;
}

int
tty_mode_again(void)
{
	int status = is_marked ? -1 : 0;

	while (status == -1) {
		if (is_background())
			return -1;
		status = tcsetattr(STDIN_FILENO, TCSADRAIN, &during);
		if (status == -1 && errno != EINTR)
			return -1;
	}
	is_ours = 1;
	if (is_editor &&
	    write(STDOUT_FILENO, PASTE_ON, sizeof PASTE_ON - 1) == -1)
		status = -1;
	return status;
}

void
tty_mode_leave(void)
{
	restore_settings();
	signals_stops(0);
}

/* Returns whether a signal waits that ends the program. */
static int
is_ending(void)
{
	int number;

	while ((number = signals_take()) != 0)
		if (number != SIGWINCH && number != SIGCONT) {
			raise(number); /* so that it waits again */
			return 1;
		}
	return 0;
}

/* Lets FD lead nowhere from now on. */
static void
close_terminal(int fd)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nowhere != -1 && dup2(nowhere, fd) != -1)
		close(nowhere);
}

void
tty_mode_mute(void)
{
	close_terminal(STDOUT_FILENO);
	if (isatty(STDERR_FILENO))
		close_terminal(STDERR_FILENO);
}

void
tty_mode_stop(int group)
{
	restore_settings();
	signals_stops(0);
	kill(group ? 0 : getpid(), SIGTSTP);
	while (is_background()) {
		if (is_ending()) {
			/* Setting a terminal that another has would stop
			 * us once more. */
			close_terminal(STDIN_FILENO);
			break;
		}
		raise(SIGTSTP);
	}
	signals_stops(1);
}

int
tty_mode_silence(void)
{
	struct termios quiet = before;

	quiet.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
	return tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet);
}
