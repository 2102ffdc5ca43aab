#include "line/notify.h"

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/escape.h"

#define LIMIT  30000 /* milliseconds that one callback may take */
#define LINGER 2000  /* and all of them at the end */
#define LOOK   50    /* how often it is looked at meanwhile */
#define FDS    1024  /* that a callback must not inherit */
#define CALLS  64    /* that wait; the oldest go */
#define PARTS  4
#define PASSED (sizeof passed / sizeof *passed)

/* What a callback gets of our environment. */
static const char *const passed[] = {"PATH", "HOME", "USER", "LOGNAME", "SHELL",
    "LANG", "LC_ALL", "LC_CTYPE", "TERM", "TMPDIR", "DISPLAY",
    "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS"};

struct call {
	struct call *next;
	char *part[PARTS]; /* JID, state, event, a fourth or NULL */
	char *contact;	   /* or NULL */
};

struct notify {
	char *callback, *jid;
	int bell;
	int words, focus; /* descriptors, -1: none */
	struct buf line;  /* of focus, not whole yet */
	struct call *calls;
	size_t call_count;
	pid_t pid;  /* 0: none runs */
	int output; /* of it */
	int64_t kill_at, leave_at;
};

/* The descriptor NUMBER, which must be open for what FLAGS say. */
static int
open_number(long number, int flags)
{
	int fd = (int)number, is;

	errno = EBADF;
	if (fd != number || (is = fcntl(fd, F_GETFL)) == -1)
		return -1;
	is &= O_ACCMODE;
	if ((is != O_RDWR && is != (flags & O_ACCMODE)) ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	return fd;
}

int
notify_open(const char *name, int flags)
{
	char *end;
	long number = strtol(name, &end, 10);
	struct stat st;

	if (*name != '\0' && *end == '\0' && number >= 0)
		return open_number(number, flags);
	/* Read-write: a FIFO opens at once and has no end. */
	if (stat(name, &st) == 0 && S_ISFIFO(st.st_mode))
		flags = O_RDWR;
	return open(name, flags | O_CLOEXEC | O_NONBLOCK, 0600);
}

struct notify *
notify_new(
    const char *jid, const char *callback, int words, int focus, int bell)
{
	struct notify *n = buf_alloc(sizeof *n);

	n->callback = buf_strdup(callback);
	n->jid = buf_strdup(jid);
	n->bell = bell;
	n->words = words;
	n->focus = focus;
	n->output = -1;
	buf_init(&n->line, 256);
	return n;
}

/* One line of words. Who does not read loses them: we never wait. */
static void
write_words(struct notify *n, const struct client_notice *told)
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

static void
call_free(struct call *call)
{
	size_t i;

	for (i = 0; i < PARTS; i++)
		free(call->part[i]);
	free(call->contact);
	free(call);
}

static void
drop_first(struct notify *n)
{
	struct call *call = n->calls;

	n->calls = call->next;
	n->call_count--;
	call_free(call);
}

static void
add_call(struct notify *n, const struct client_notice *told)
{
	struct call *call, **at;

	if (n->callback == NULL)
		return;
	if (n->call_count == CALLS)
		drop_first(n);
	call = buf_alloc(sizeof *call);
	call->part[0] = buf_strdup(n->jid);
	call->part[1] = buf_strdup(told->state);
	call->part[2] = buf_strdup(told->event);
	call->part[3] = buf_strdup(told->more);
	call->contact = buf_strdup(told->contact);
	for (at = &n->calls; *at != NULL; at = &(*at)->next)
		;
	*at = call;
	n->call_count++;
}

static char *
variable(const char *name, const char *value)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_addf(&b, "%s=%s", name, value);
	return buf_strdup(buf_str(&b));
}

/* In the child: becomes the callback, with nothing of ours. */
static _Noreturn void
become(const char *callback, const struct call *call, int output)
{
	char *argv[PARTS + 5], *env[PASSED + 2];
	struct buf script;
	const char *value;
	size_t i, n = 0, e = 0;
	int fd = open("/dev/null", O_RDONLY), program;

	setsid();
	signal(SIGPIPE, SIG_DFL);
	if (dup2(fd, 0) == -1 || dup2(output, 1) == -1 || dup2(output, 2) == -1)
		_exit(127);
	for (fd = 3; fd < FDS; fd++)
		close(fd);
	for (i = 0; i < PASSED; i++) {
		value = getenv(passed[i]);
		if (value != NULL)
			env[e++] = variable(passed[i], value);
	}
	/* The original does not say who: it is not among the arguments. */
	if (call->contact != NULL)
		env[e++] = variable("JACKLINE_PEER", call->contact);
	env[e] = NULL;
	/* What is no program is for the shell; our words are arguments. */
	program = strchr(callback, '/') != NULL && access(callback, X_OK) == 0;
	argv[n++] = buf_strdup("/bin/sh");
	if (program) {
		argv[n++] = buf_strdup(callback);
	} else {
		buf_init(&script, 1 << 20);
		buf_addf(&script, "%s \"$@\"", callback);
		argv[n++] = buf_strdup("-c");
		argv[n++] = buf_strdup(buf_str(&script));
		argv[n++] = buf_strdup("jackline");
	}
	for (i = 0; i < PARTS && call->part[i] != NULL; i++)
		argv[n++] = call->part[i];
	argv[n] = NULL;
	if (program)
		execve(argv[1], argv + 1, env);
	/* As execvp(3): a script without a #! is for the shell too. */
	if (!program || errno == ENOEXEC)
		execve(argv[0], argv, env);
	_exit(127);
}

static void
start_call(struct notify *n, int64_t now)
{
	int ends[2];

	if (n->pid != 0 || n->calls == NULL)
		return;
	if (pipe(ends) == -1)
		return;
	n->pid = fork();
	if (n->pid == 0)
		become(n->callback, n->calls, ends[1]);
	close(ends[1]);
	drop_first(n);
	if (n->pid == -1) {
		n->pid = 0;
		close(ends[0]);
		return;
	}
	n->output = ends[0];
	fcntl(n->output, F_SETFD, FD_CLOEXEC);
	fcntl(n->output, F_SETFL, O_NONBLOCK);
	n->kill_at = now + LIMIT;
}

/* What it says is dropped, but for a BEL where somebody can hear it. */
static void
read_output(struct notify *n)
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

static void
end_call(struct notify *n, int64_t now)
{
	int status;

	if (n->pid == 0)
		return;
	if (n->kill_at <= now)
		kill(-n->pid, SIGKILL);
	if (waitpid(n->pid, &status, WNOHANG) != n->pid)
		return;
	read_output(n);
	n->pid = 0;
	if (n->output != -1)
		close(n->output);
	n->output = -1;
}

/* Lines `gui_focus false`, and any other means true, as in the original. */
static void
read_focus(struct notify *n, struct client *c)
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
notify_work(struct notify *n, struct client *c, int64_t now)
{
	const struct client_notice *told;

	read_focus(n, c);
	while ((told = client_notice(c)) != NULL) {
		write_words(n, told);
		add_call(n, told);
		client_noticed(c);
	}
	read_output(n);
	end_call(n, now);
	start_call(n, now);
}

void
notify_fds(const struct notify *n, struct pollfd *fds)
{
	fds[0] = (struct pollfd){.fd = n->focus, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = n->output, .events = POLLIN};
}

int64_t
notify_deadline(const struct notify *n, int64_t at, int64_t now)
{
	if (n->pid == 0 || (at >= 0 && at < now + LOOK))
		return at;
	return now + LOOK;
}

int
notify_lingers(struct notify *n, int64_t now)
{
	if (n->leave_at == 0)
		n->leave_at = now + LINGER;
	return (n->pid != 0 || n->calls != NULL) && now < n->leave_at;
}

void
notify_free(struct notify *n)
{
	if (n == NULL)
		return;
	if (n->pid != 0)
		kill(-n->pid, SIGKILL);
	while (n->calls != NULL)
		drop_first(n);
	if (n->output != -1)
		close(n->output);
	buf_clear(&n->line);
	free(n->callback);
	free(n->jid);
	free(n);
}
