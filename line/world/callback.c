#include "line/world/callback.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/core/state.h"
#include "line/world/helper.h"

#define LINGER 2000 /* milliseconds that the end waits for the program */
#define HELD   4096 /* bytes of the request that is on its way, and the end */

struct callback {
	char *program, *jid;
	int bell;	  /* A BEL in the output of the program passes. */
	int words, focus; /* descriptors of --fd-nfy and --fd-gui, or -1 */
	struct buf line;  /* the line of focus that is not whole yet */
	int helper;	  /* the socket to the helper, or -1 */
	int why;	  /* errno, if there is no helper */
	struct buf out;	  /* for the helper, not sent yet */
	char answer[HELPER_ANSWER];
	size_t answer_len; /* bytes of an answer that is not whole yet */
	int is_busy;	   /* The helper has not answered the request yet. */
	int64_t leave_at;
	int failed; /* The user was told that nothing can be started. */
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
callback_new(void)
{
	struct callback *n = buf_alloc(sizeof *n);

	n->helper = helper_start();
	n->why = errno;
	n->words = n->focus = -1;
	buf_init(&n->line, 256);
	buf_init(&n->out, HELPER_REQUEST + HELD);
	return n;
}

/* Parts from the helper, which then ends. */
static void
close_helper(struct callback *n)
{
	if (n->helper != -1)
		close(n->helper);
	n->helper = -1;
	n->is_busy = 0;
	buf_reset(&n->out);
}

void
callback_set(struct callback *n, const char *jid, const char *program,
    int words, int focus, int bell)
{
	n->program = buf_strdup(program);
	n->jid = buf_strdup(jid);
	n->bell = bell;
	n->words = words;
	n->focus = focus;
	if (program == NULL)
		close_helper(n);
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

/* Warns the user that the helper is gone, which is not started again. */
static void
lose_helper(struct callback *n, struct client *c)
{
	close_helper(n);
	n->failed = 1;
	client_warning(c, NULL,
	    "the notification callback is not run any more: the process that "
	    "runs it has ended");
}

/* Sends what waits for the helper, as far as there is room. */
static void
send_requests(struct callback *n)
{
	ssize_t done;

	while (n->helper != -1 && buf_len(&n->out) > 0) {
		done = write(n->helper, buf_data(&n->out), buf_len(&n->out));
		/* If the helper is gone, the next read tells. */
		if (done == -1)
			return;
		buf_drop(&n->out, (size_t)done);
	}
}

/* Asks the helper to run the program for TOLD. -1 with errno. */
static int
ask_helper(struct callback *n, const struct client_notice *told)
{
	struct helper_call call = {.program = n->program,
	    .jid = n->jid,
	    .state = told->state,
	    .event = told->event,
	    .more = told->more,
	    .contact = told->contact,
	    .kind = told->kind};

	if (n->helper == -1) {
		errno = n->why;
		return -1;
	}
	if (helper_add_call(&n->out, &call) == -1)
		return -1;
	n->is_busy = 1;
	return 0;
}

/* Starts the program for the oldest notice. Those that fail are dropped. */
static void
start_next(struct callback *n, struct client *c)
{
	const struct client_notice *told;

	while (!n->is_busy && (told = client_notice(c)) != NULL) {
		if (n->program != NULL && ask_helper(n, told) == -1)
			tell_failure(n, c, strerror(errno));
		client_noticed(c);
	}
}

/* Takes the answer of the helper that is whole. */
static void
take_answer(struct callback *n, struct client *c)
{
	int value = (unsigned char)n->answer[1];

	switch (n->answer[0]) {
	case HELPER_BELL:
		if (n->bell && write(STDOUT_FILENO, "\a", 1) == -1)
			return; /* Nobody hears it. */
		return;
	case HELPER_FAILED:
		tell_failure(n, c, strerror(value));
		break;
	case HELPER_ENDED:
		if (value == 127)
			tell_failure(n, c, "it was not found or cannot be run");
		if (value == 126)
			tell_failure(n, c, "it is not executable");
		break;
	}
	n->is_busy = 0;
}

/* Reads the answers of the helper: a bell, and that the program has ended. */
static void
read_answers(struct callback *n, struct client *c)
{
	int rounds = 16;
	ssize_t got;

	while (n->helper != -1 && rounds-- > 0) {
		got = read(n->helper, n->answer + n->answer_len,
		    sizeof n->answer - n->answer_len);
		if (got == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			lose_helper(n, c);
			return;
		}
		n->answer_len += (size_t)got;
		if (n->answer_len == sizeof n->answer) {
			n->answer_len = 0;
			take_answer(n, c);
		}
	}
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
callback_work(struct callback *n, struct client *c)
{
	const struct client_notice *told;

	read_focus(n, c);
	while ((told = client_announce(c)) != NULL)
		write_words(n, told);
	read_answers(n, c);
	start_next(n, c);
	send_requests(n);
}

void
callback_fds(const struct callback *n, struct pollfd *fds)
{
	int waits = buf_len(&n->out) > 0;

	fds[0] = (struct pollfd){.fd = n->focus, .events = POLLIN};
	fds[1] = (struct pollfd){
	    .fd = n->helper, .events = (short)(POLLIN | (waits ? POLLOUT : 0))};
}

int64_t
callback_deadline(const struct callback *n, int64_t at)
{
	if (n->is_busy && n->leave_at != 0 && (at < 0 || n->leave_at < at))
		return n->leave_at;
	return at;
}

int
callback_lingers(struct callback *n, int64_t now)
{
	if (n->leave_at == 0)
		n->leave_at = now + LINGER;
	return n->is_busy && now < n->leave_at;
}

void
callback_free(struct callback *n)
{
	if (n == NULL)
		return;
	helper_add_end(&n->out);
	send_requests(n);
	close_helper(n);
	buf_clear(&n->line);
	buf_clear(&n->out);
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
