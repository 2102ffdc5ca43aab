#include "line/world/callback.h"

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/core/state.h"

#define LIMIT  30000 /* milliseconds that the program may run */
#define AGAIN  1000  /* milliseconds from one SIGKILL to the next */
#define LINGER 2000  /* milliseconds that the end waits for the program */
#define FDS    1024  /* the program inherits no descriptor below this */
#define PASSED (sizeof passed / sizeof *passed)

/* The variables of our environment that the program gets. */
static const char *const passed[] = {"PATH", "HOME", "USER", "LOGNAME", "SHELL",
    "LANG", "LC_ALL", "LC_CTYPE", "TERM", "TMPDIR", "DISPLAY",
    "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS"};

struct callback {
	char *program, *jid;
	int bell;	  /* A BEL in the output of the program passes. */
	int words, focus; /* descriptors of --fd-nfy and --fd-gui, or -1 */
	struct buf line;  /* the line of focus that is not whole yet */
	pid_t pid;	  /* of the program, or 0 if it does not run */
	int output;	  /* of the program, or -1 */
	int64_t kill_at, leave_at;
	int failed; /* The user was told that it cannot be started. */
};

/* Returns FD if it is open for what FLAGS say, else -1 with errno. */
static int
use_descriptor(int fd, int flags)
{
	int is = fcntl(fd, F_GETFL);

	if (is == -1)
		return -1;
	errno = EBADF;
	is &= O_ACCMODE;
	if ((is != O_RDWR && is != (flags & O_ACCMODE)) ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	return fd;
}

int
callback_open(const char *name, int flags)
{
	struct stat st;
	int fd;

	if (callback_descriptor(name, &fd))
		return use_descriptor(fd, flags);
	/* Opened for both, a FIFO opens at once and never ends. */
	if (stat(name, &st) == 0 && S_ISFIFO(st.st_mode))
		flags = O_RDWR;
	return open(name, flags | O_CLOEXEC | O_NONBLOCK, 0600);
}

struct callback *
callback_new(
    const char *jid, const char *program, int words, int focus, int bell)
{
	struct callback *n = buf_alloc(sizeof *n);

	n->program = buf_strdup(program);
	n->jid = buf_strdup(jid);
	n->bell = bell;
	n->words = words;
	n->focus = focus;
	n->output = -1;
	buf_init(&n->line, 256);
	return n;
}

/* Writes TOLD as a line to --fd-nfy. A reader that is too slow loses it. */
static void
write_words(struct callback *n, const struct client_notice *told)
{
	struct pollfd fd = {.fd = n->words, .events = POLLOUT};
	struct buf b;
	ssize_t done;

	if (n->words == -1 || poll(&fd, 1, 0) <= 0)
		return;
	buf_init(&b, 1 << 16);
	buf_addf(&b, "%s %s", told->state, told->event);
	if (told->more != NULL)
		buf_addf(&b, " %s", told->more);
	buf_addc(&b, '\n');
	do
		done = write(n->words, buf_data(&b), buf_len(&b));
	while (done == -1 && errno == EINTR);
	if (done == -1 && errno != EAGAIN) {
		close(n->words);
		n->words = -1;
	}
	buf_clear(&b);
}

static char *
environment_entry(const char *name, const char *value)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_addf(&b, "%s=%s", name, value);
	return buf_strdup(buf_str(&b));
}

/* Becomes the program, in the child process, with nothing else of ours. */
static _Noreturn void
exec_program(
    const struct callback *n, const struct client_notice *told, int output)
{
	char *env[PASSED + 3];
	const char *argv[9], *value;
	struct buf script;
	size_t i, a = 0, e = 0;
	int fd = open("/dev/null", O_RDONLY), is_path;

	setsid();
	signal(SIGPIPE, SIG_DFL);
	if (dup2(fd, 0) == -1 || dup2(output, 1) == -1 || dup2(output, 2) == -1)
		_exit(127);
	for (fd = 3; fd < FDS; fd++)
		close(fd);
	for (i = 0; i < PASSED; i++) {
		value = getenv(passed[i]);
		if (value != NULL)
			env[e++] = environment_entry(passed[i], value);
	}
	/* The arguments are those of the original, which has no contact. */
	if (told->contact != NULL)
		env[e++] = environment_entry("JACKLINE_PEER", told->contact);
	if (told->kind != NULL)
		env[e++] = environment_entry("JACKLINE_KIND", told->kind);
	env[e] = NULL;
	/* A shell runs all but the path of a program; our words are arguments
	 * of its own and never part of the script. */
	is_path =
	    strchr(n->program, '/') != NULL && access(n->program, X_OK) == 0;
	argv[a++] = "/bin/sh";
	if (is_path) {
		argv[a++] = n->program;
	} else {
		buf_init(&script, 1 << 20);
		buf_addf(&script, "%s \"$@\"", n->program);
		argv[a++] = "-c";
		argv[a++] = buf_str(&script);
		argv[a++] = "jackline";
	}
	argv[a++] = n->jid;
	argv[a++] = told->state;
	argv[a++] = told->event;
	argv[a++] = told->more;
	argv[a] = NULL;
	if (is_path)
		execve(n->program, (char **)argv + 1, env);
	/* As execvp(3) does: a script without a #! is for the shell. */
	if (!is_path || errno == ENOEXEC)
		execve(argv[0], (char **)argv, env);
	_exit(127);
}

/* Warns the user, once, that the program could not be started. */
static void
tell_failure(struct callback *n, struct client *c, const char *why)
{
	char text[160];

	if (n->failed)
		return;
	n->failed = 1;
	snprintf(text, sizeof text,
	    "the notification callback could not be started: %s", why);
	client_warning(c, NULL, text);
}

/* Starts the program for TOLD. -1 with errno. */
static int
start_program(struct callback *n, const struct client_notice *told, int64_t now)
{
	int ends[2], saved;

	if (pipe(ends) == -1)
		return -1;
	n->pid = fork();
	saved = errno;
	if (n->pid == 0)
		exec_program(n, told, ends[1]);
	close(ends[1]);
	if (n->pid == -1) {
		n->pid = 0;
		close(ends[0]);
		errno = saved;
		return -1;
	}
	n->output = ends[0];
	fcntl(n->output, F_SETFD, FD_CLOEXEC);
	fcntl(n->output, F_SETFL, O_NONBLOCK);
	n->kill_at = now + LIMIT;
	return 0;
}

/* Starts the program for the oldest notice. Those that fail are dropped. */
static void
start_next(struct callback *n, struct client *c, int64_t now)
{
	const struct client_notice *told;

	while (n->pid == 0 && (told = client_notice(c)) != NULL) {
		if (n->program != NULL && start_program(n, told, now) == -1)
			tell_failure(n, c, strerror(errno));
		client_noticed(c);
	}
}

/* Drops the output of the program, but passes a BEL to the terminal. */
static void
read_output(struct callback *n)
{
	char bytes[4096];
	ssize_t got;
	int rounds = 16;

	while (n->output != -1 && rounds-- > 0) {
		got = read(n->output, bytes, sizeof bytes);
		if (got == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			close(n->output);
			n->output = -1;
		} else if (n->bell &&
			   memchr(bytes, '\a', (size_t)got) != NULL &&
			   write(STDOUT_FILENO, "\a", 1) == -1) {
			return;
		}
	}
}

/* Collects the program if it has ended, and kills it if it takes too long. */
static void
end_program(struct callback *n, struct client *c, int64_t now)
{
	int status = 0;
	pid_t ended;

	if (n->pid == 0)
		return;
	ended = waitpid(n->pid, &status, WNOHANG);
	if (ended == 0 || (ended == -1 && errno == EINTR)) {
		/* Until it is collected, the number can be no other's. */
		if (ended == 0 && n->kill_at <= now) {
			kill(-n->pid, SIGKILL);
			n->kill_at = now + AGAIN;
		}
		return;
	}
	/* If somebody else collected it, its status is not known. */
	if (ended == n->pid && WIFEXITED(status) &&
	    (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127))
		tell_failure(n, c,
		    WEXITSTATUS(status) == 127
			? "it was not found or cannot be run"
			: "it is not executable");
	read_output(n);
	n->pid = 0;
	if (n->output != -1)
		close(n->output);
	n->output = -1;
}

/*
 * Reads the lines of --fd-gui: `gui_focus false`; any other means true, as in
 * the original.
 */
static void
read_focus(struct callback *n, struct client *c)
{
	struct pollfd fd = {.fd = n->focus, .events = POLLIN};
	const char *text, *lf;
	char bytes[256];
	ssize_t got;

	if (n->focus == -1 || poll(&fd, 1, 0) <= 0)
		return;
	got = read(n->focus, bytes, sizeof bytes);
	if (got == 0 || (got == -1 && errno != EAGAIN && errno != EINTR)) {
		close(n->focus);
		n->focus = -1;
	}
	if (got <= 0)
		return;
	if (buf_add(&n->line, bytes, (size_t)got) == -1)
		buf_reset(&n->line);
	for (;;) {
		text = buf_str(&n->line);
		lf = strchr(text, '\n');
		if (lf == NULL)
			return;
		client_focus(c, strncmp(text, "gui_focus false\n", 16) != 0);
		buf_drop(&n->line, (size_t)(lf - text) + 1);
	}
}

void
callback_work(struct callback *n, struct client *c, int64_t now)
{
	const struct client_notice *told;

	read_focus(n, c);
	while ((told = client_announce(c)) != NULL)
		write_words(n, told);
	read_output(n);
	end_program(n, c, now);
	start_next(n, c, now);
}

void
callback_fds(const struct callback *n, struct pollfd *fds)
{
	fds[0] = (struct pollfd){.fd = n->focus, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = n->output, .events = POLLIN};
}

int64_t
callback_deadline(const struct callback *n, int64_t at)
{
	if (n->pid != 0 && (at < 0 || n->kill_at < at))
		at = n->kill_at;
	if (n->pid != 0 && n->leave_at != 0 && n->leave_at < at)
		at = n->leave_at;
	return at;
}

int
callback_lingers(struct callback *n, int64_t now)
{
	if (n->leave_at == 0)
		n->leave_at = now + LINGER;
	return n->pid != 0 && now < n->leave_at;
}

void
callback_free(struct callback *n)
{
	if (n == NULL)
		return;
	if (n->pid != 0 && waitpid(n->pid, NULL, WNOHANG) == 0)
		kill(-n->pid, SIGKILL);
	if (n->output != -1)
		close(n->output);
	buf_clear(&n->line);
	free(n->program);
	free(n->jid);
	free(n);
}

int
callback_descriptor(const char *text, int *fd)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0')
		return 0;
	*fd = n > INT_MAX ? -1 : (int)n;
	return 1;
}
