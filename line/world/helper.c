/* For closefrom(3). */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "line/world/helper.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/world/clock.h"
#include "line/world/signals.h"

#define LIMIT  30000 /* milliseconds that the program may run */
#define AGAIN  1000  /* milliseconds from one SIGKILL to the next */
#define LINGER 2000  /* milliseconds left to it after the main process */
#define FDS    65536 /* descriptors that are closed are below this */
#define SOCKET 3     /* the descriptor to the main process, in the helper */
#define PASSED (sizeof passed / sizeof *passed)

/* The variables of our environment that the program gets. */
static const char *const passed[] = {"PATH", "HOME", "USER", "LOGNAME", "SHELL",
    "LANG", "LC_ALL", "LC_CTYPE", "TERM", "TMPDIR", "DISPLAY",
    "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS"};

/* A request as it goes over the socket: this, then LEN bytes of strings. */
struct header {
	uint32_t len;
};

/* The state of the helper process. */
struct helper {
	int socket;    /* to the main process, or -1 when that is gone */
	struct buf in; /* the request that is not whole yet */
	pid_t pid;     /* of the program, or 0 if it does not run */
	int output;    /* of the program, or -1 */
	int64_t kill_at;
	int is_ending;	  /* Nothing more is run. */
	int64_t leave_at; /* The end then waits no longer for the program. */
	/* The answers that are owed. */
	int bell;
	char answer[HELPER_ANSWER]; /* to the request, if answered */
	int answered;
};

int
helper_add_call(struct buf *out, const struct helper_call *call)
{
	const char *const words[] = {call->program, call->jid, call->state,
	    call->event, call->more, call->contact, call->kind};
	size_t i, n = sizeof words / sizeof *words, len = 0;
	struct header header;

	for (i = 0; i < n; i++)
		len += (words[i] == NULL ? 0 : strlen(words[i])) + 1;
	errno = E2BIG;
	if (len > HELPER_REQUEST - sizeof header)
		return -1;
	header.len = (uint32_t)len;
	buf_add(out, &header, sizeof header);
	for (i = 0; i < n; i++) {
		if (words[i] != NULL)
			buf_adds(out, words[i]);
		buf_addc(out, '\0');
	}
	return 0;
}

void
helper_add_end(struct buf *out)
{
	struct header header = {0};

	buf_add(out, &header, sizeof header);
}

/* Takes the next string from *P, which ends before END; NULL: it is empty. */
static const char *
take_word(const char **p, const char *end)
{
	const char *word = *p, *nul;

	nul = word < end ? memchr(word, '\0', (size_t)(end - word)) : NULL;
	if (nul == NULL)
		return NULL;
	*p = nul + 1;
	return nul == word ? NULL : word;
}

/* Reads CALL from the N bytes at P, where its strings stay. */
static void
read_call(struct helper_call *call, const char *p, size_t n)
{
	const char *end = p + n;

	call->program = take_word(&p, end);
	call->jid = take_word(&p, end);
	call->state = take_word(&p, end);
	call->event = take_word(&p, end);
	call->more = take_word(&p, end);
	call->contact = take_word(&p, end);
	call->kind = take_word(&p, end);
}

static char *
environment_entry(const char *name, const char *value)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_addf(&b, "%s=%s", name, value);
	return buf_strdup(buf_str(&b));
}

/* Becomes the program, in the child process. Its standard input is ours. */
static _Noreturn void
exec_program(const struct helper_call *call, int output)
{
	char *env[PASSED + 3];
	const char *argv[9], *value;
	struct buf script;
	size_t i, a = 0, e = 0;
	int is_path;

	setsid();
	signal(SIGPIPE, SIG_DFL);
	if (dup2(output, 1) == -1 || dup2(output, 2) == -1)
		_exit(127);
	for (i = 0; i < PASSED; i++) {
		value = getenv(passed[i]);
		if (value != NULL)
			env[e++] = environment_entry(passed[i], value);
	}
	/* The arguments are those of the original, which has no contact. */
	if (call->contact != NULL)
		env[e++] = environment_entry("JACKLINE_PEER", call->contact);
	if (call->kind != NULL)
		env[e++] = environment_entry("JACKLINE_KIND", call->kind);
	env[e] = NULL;
	/* A shell runs all but the path of a program; our words are arguments
	 * of its own and never part of the script. */
	is_path = strchr(call->program, '/') != NULL &&
		  access(call->program, X_OK) == 0;
	argv[a++] = "/bin/sh";
	if (is_path) {
		argv[a++] = call->program;
	} else {
		buf_init(&script, HELPER_REQUEST + 8);
		buf_addf(&script, "%s \"$@\"", call->program);
		argv[a++] = "-c";
		argv[a++] = buf_str(&script);
		argv[a++] = "jackline";
	}
	argv[a++] = call->jid;
	argv[a++] = call->state;
	argv[a++] = call->event;
	argv[a++] = call->more;
	argv[a] = NULL;
	if (is_path)
		execve(call->program, (char **)argv + 1, env);
	/* As execvp(3) does: a script without a #! is for the shell. */
	if (!is_path || errno == ENOEXEC)
		execve(argv[0], (char **)argv, env);
	_exit(127);
}

/* Starts the program for CALL. -1 with errno. */
static int
start_program(struct helper *h, const struct helper_call *call, int64_t now)
{
	int ends[2], saved, i;

	errno = EINVAL;
	if (call->program == NULL || pipe(ends) == -1)
		return -1;
	for (i = 0; i < 2; i++)
		fcntl(ends[i], F_SETFD, FD_CLOEXEC);
	h->pid = fork();
	saved = errno;
	if (h->pid == 0)
		exec_program(call, ends[1]);
	close(ends[1]);
	if (h->pid == -1) {
		h->pid = 0;
		close(ends[0]);
		errno = saved;
		return -1;
	}
	h->output = ends[0];
	fcntl(h->output, F_SETFL, O_NONBLOCK);
	h->kill_at = now + LIMIT;
	return 0;
}

/* Notes the answer to the request. */
static void
answer_request(struct helper *h, enum helper_kind kind, int value)
{
	h->answer[0] = (char)kind;
	h->answer[1] = (char)value;
	h->answered = 1;
}

/* Drops the output of the program, but notes a BEL in it. */
static void
read_output(struct helper *h)
{
	char bytes[4096];
	ssize_t got;
	int rounds = 16;

	while (h->output != -1 && rounds-- > 0) {
		got = read(h->output, bytes, sizeof bytes);
		if (got == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			close(h->output);
			h->output = -1;
		} else {
			h->bell |= memchr(bytes, '\a', (size_t)got) != NULL;
		}
	}
}

/* Collects the program if it has ended, and kills it if it takes too long. */
static void
end_program(struct helper *h, int64_t now)
{
	int status = 0;
	pid_t ended;

	if (h->pid == 0)
		return;
	ended = waitpid(h->pid, &status, WNOHANG);
	if (ended == 0 || (ended == -1 && errno == EINTR)) {
		/* Until it is collected, the number can be no other's. */
		if (ended == 0 && h->kill_at <= now) {
			kill(-h->pid, SIGKILL);
			h->kill_at = now + AGAIN;
		}
		return;
	}
	read_output(h);
	h->pid = 0;
	if (h->output != -1)
		close(h->output);
	h->output = -1;
	/* If somebody else collected it, its status is not known. */
	answer_request(h, HELPER_ENDED,
	    ended == -1 || !WIFEXITED(status) ? 0 : WEXITSTATUS(status));
}

/* Runs nothing more; a program that still runs may do so until AT. */
static void
begin_end(struct helper *h, int64_t at)
{
	h->is_ending = 1;
	h->leave_at = at;
}

/* Reads what the main process asks for, or that it is gone. */
static void
read_socket(struct helper *h, int64_t now)
{
	char bytes[4096];
	ssize_t got;

	while (h->socket != -1) {
		got = read(h->socket, bytes, sizeof bytes);
		if (got == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got > 0 && buf_add(&h->in, bytes, (size_t)got) == 0)
			continue;
		close(h->socket);
		h->socket = -1;
		begin_end(h, now + LINGER);
	}
}

/* Performs the request that is whole, if there is one. */
static void
perform_request(struct helper *h, int64_t now)
{
	struct helper_call call;
	struct header header;

	if (buf_len(&h->in) < sizeof header)
		return;
	memcpy(&header, buf_data(&h->in), sizeof header);
	if (header.len == 0) {
		begin_end(h, now);
		return;
	}
	if (h->pid != 0 || h->answered || h->is_ending ||
	    buf_len(&h->in) - sizeof header < header.len)
		return;
	read_call(
	    &call, (const char *)buf_data(&h->in) + sizeof header, header.len);
	if (start_program(h, &call, now) == -1)
		answer_request(h, HELPER_FAILED, errno);
	buf_drop(&h->in, sizeof header + header.len);
}

/* Sends the answers that are owed, as far as there is room. */
static void
send_answers(struct helper *h)
{
	static const char bell[HELPER_ANSWER] = {HELPER_BELL, 0};

	if (h->socket == -1)
		return;
	if (h->bell && write(h->socket, bell, sizeof bell) != -1)
		h->bell = 0;
	if (h->answered && !h->bell &&
	    write(h->socket, h->answer, sizeof h->answer) != -1)
		h->answered = 0;
}

/* Does what is due. Returns 0 when the helper is to end. */
static int
work_helper(struct helper *h, int64_t now)
{
	read_socket(h, now);
	read_output(h);
	perform_request(h, now);
	end_program(h, now);
	send_answers(h);
	return !h->is_ending || (h->pid != 0 && now < h->leave_at);
}

/* Waits in poll(2) until something is due. */
static void
wait_helper(const struct helper *h, int64_t now)
{
	int64_t at =
	    h->is_ending && h->leave_at < h->kill_at ? h->leave_at : h->kill_at;
	int64_t left = at > now ? at - now : 0;
	int owes = h->answered || h->bell;
	struct pollfd fds[] = {{.fd = signals_fd(), .events = POLLIN},
	    {.fd = h->socket, .events = (short)(POLLIN | (owes ? POLLOUT : 0))},
	    {.fd = h->output, .events = POLLIN}};

	poll(fds, sizeof fds / sizeof *fds, h->pid == 0 ? -1 : (int)left);
}

/* Closes all descriptors from FIRST on: a password may come from one. */
static void
close_from(int first)
{
#ifdef __GLIBC__
	closefrom(first);
#else
	long max = sysconf(_SC_OPEN_MAX);

	for (max = max < 0 || max > FDS ? FDS : max; first < max; first++)
		close(first);
#endif
}

/* The helper process, from start to end; FD leads to the main process. */
static _Noreturn void
run_helper(int fd)
{
	struct helper h = {.socket = SOCKET, .output = -1};
	int nowhere;

	/* The keys of a terminal are not for us, nor is its end. */
	setsid();
	nowhere = open("/dev/null", O_RDWR);
	if (nowhere == -1 || dup2(nowhere, 0) == -1 || dup2(nowhere, 1) == -1 ||
	    dup2(nowhere, 2) == -1 || dup2(fd, SOCKET) == -1)
		_exit(1);
	fcntl(SOCKET, F_SETFD, FD_CLOEXEC);
	close_from(SOCKET + 1);
	/* A signal for the whole group is caught and means nothing: the helper
	 * ends when the main process does. */
	if (signals_catch() == -1)
		_exit(1);
	signals_catch_children();
	buf_init(&h.in, HELPER_REQUEST + sizeof(struct header));
	while (work_helper(&h, clock_monotonic())) {
		wait_helper(&h, clock_monotonic());
		while (signals_take() != 0)
			;
	}
	if (h.pid != 0)
		kill(-h.pid, SIGKILL);
	_exit(0);
}

int
helper_start(void)
{
	int ends[2], saved, i;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		return -1;
	for (i = 0; i < 2; i++) {
		fcntl(ends[i], F_SETFD, FD_CLOEXEC);
		fcntl(ends[i], F_SETFL, O_NONBLOCK);
	}
	switch (fork()) {
	case 0:
		run_helper(ends[1]);
	case -1:
		saved = errno;
		close(ends[0]);
		close(ends[1]);
		errno = saved;
		return -1;
	}
	close(ends[1]);
	return ends[0];
}
