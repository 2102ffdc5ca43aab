#define _XOPEN_SOURCE 700 /* sigaltstack, wcwidth */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "line/rows.h"
#include "line/signals.h"
#include "line/tty.h"
#include "line/tty_intern.h"

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l\033[0m"

/*
 * What is put back on every way out, also from a signal's handler; and what
 * is set again when we come back from a stop.
 */
static struct termios before, during;
static volatile sig_atomic_t is_ours, is_marked, is_editor;

/* Whether the terminal is another's now, which has settings of its own. */
static int
is_background(void)
{
	pid_t front = tcgetpgrp(STDIN_FILENO);

	return front > 0 && front != getpgrp();
}

/* Nothing here may be unsafe in a signal's handler. */
void
tty_mode_restore(void)
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
	tty_mode_restore();
}

static void
on_crash(int number)
{
	tty_restore();
	signal(number, SIG_DFL);
	raise(number);
}

/* Of all that ends a process. Where the stack is full there is another. */
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
		atexit(tty_mode_restore);
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
	tty_mode_restore();
	signals_stops(0);
}

/* Whether a signal waits that is to end us. */
static int
is_ending(void)
{
	int number;

	while ((number = signals_take()) != 0)
		if (number != SIGWINCH && number != SIGCONT) {
			raise(number); /* it goes on waiting */
			return 1;
		}
	return 0;
}

/* FD leads nowhere from now on. */
static void
let_go(int fd)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nowhere != -1 && dup2(nowhere, fd) != -1)
		close(nowhere);
}

void
tty_mode_mute(void)
{
	let_go(STDOUT_FILENO);
	if (isatty(STDERR_FILENO))
		let_go(STDERR_FILENO);
}

void
tty_mode_stop(int group)
{
	tty_mode_restore();
	signals_stops(0);
	kill(group ? 0 : getpid(), SIGTSTP);
	while (is_background()) {
		if (is_ending()) {
			/* It stays another's: whoever sets it would be
			 * stopped for that. */
			let_go(STDIN_FILENO);
			break;
		}
		raise(SIGTSTP);
	}
	signals_stops(1);
}

/* Writes QUESTION and, where SECRET, turns the echo off. */
static int
put(const char *question, int secret)
{
	struct termios quiet = before;

	quiet.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
	if (secret && tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet) == -1)
		return -1;
	tty_mode_mark();
	return write(STDOUT_FILENO, question, strlen(question)) == -1 ? -1 : 0;
}

/* What a signal does to an open question; -1: it is over. */
static int
heed(int number, const char *question)
{
	if (number == SIGWINCH)
		return 0;
	if (number != SIGTSTP && number != SIGCONT) {
		raise(number); /* whoever asked wants to know */
		return -1;
	}
	if (number == SIGTSTP || tty_mode_again() == -1) {
		tty_mode_stop(0);
		if (tty_mode_again() == -1)
			return 0; /* for a signal that waits */
	}
	return write(STDOUT_FILENO, question, strlen(question)) == -1 ? -1 : 0;
}

/* Reads up to LF; -1 where none comes, also because of a signal. */
static int
read_line(const char *question, struct buf *out)
{
	struct pollfd fds[] = {
	    {signals_fd(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
	int number;
	char c;

	for (;;) {
		if (poll(fds, 2, -1) == -1) {
			if (errno != EINTR)
				return -1;
			continue;
		}
		while ((number = signals_take()) != 0)
			if (heed(number, question) == -1)
				return -1;
		if (fds[0].revents != 0)
			continue; /* Ctrl-Z took what was typed */
		if (read(STDIN_FILENO, &c, 1) != 1)
			return -1;
		if (c == '\n' || c == '\r')
			return 0;
		if (buf_addc(out, c) == -1)
			return -1;
	}
}

int
tty_question(const char *question, int secret, struct buf *out)
{
	int status;

	if (tty_mode_keep(0) == -1)
		return -1;
	status = put(question, secret);
	if (status == 0)
		status = read_line(question, out);
	tty_mode_leave();
	/* Neither a secret's end nor ours was seen. */
	if ((secret || status == -1) && write(STDOUT_FILENO, "\n", 1) == -1)
		status = -1;
	return status;
}

static int
columns_of(uint32_t cp)
{
	return wcwidth((wchar_t)cp);
}

void
tty_fold(int fd, const char *text, struct buf *out)
{
	struct render_style style = {.columns = 80, .width = columns_of};
	struct winsize size;
	struct rows r;

	if (!isatty(fd)) {
		buf_addf(out, "%s\n", text);
		return;
	}
	setlocale(LC_CTYPE, "");
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		style.columns = size.ws_col;
	rows_begin(&r, &style, out);
	r.indent = 2;
	rows_text(&r, text);
	rows_end(&r);
}
