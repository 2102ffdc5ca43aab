/*
 * line/world/helper.c where the system does not do as it should: no process, no
 * pipe, a child that somebody else has collected, one that is interrupted; and
 * what the main process may do to it: speak in pieces, be slow, be gone.
 */
#define _DEFAULT_SOURCE
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define CHILD 4711 /* no process of ours, and none is signalled */

static int fork_fails, pipe_fails;
static int waits_errno, waits_status; /* errno; or what the child ended with */
static int is_over;
static int forks, kills;

static pid_t
fake_fork(void)
{
	forks++;
	errno = fork_fails;
	return fork_fails != 0 ? -1 : CHILD;
}

static int
fake_pipe(int ends[2])
{
	errno = pipe_fails;
	return pipe_fails != 0 ? -1 : pipe(ends);
}

static pid_t
fake_waitpid(pid_t pid, int *status, int options)
{
	(void)options;
	if (waits_errno != 0) {
		errno = waits_errno;
		return -1;
	}
	*status = waits_status;
	return is_over ? pid : 0;
}

static int
fake_kill(pid_t pid, int number)
{
	kills += pid == -CHILD && number == SIGKILL;
	return 0;
}

#define fork	fake_fork
#define pipe	fake_pipe
#define waitpid fake_waitpid
#define kill	fake_kill
#include "line/world/helper.c"
#include "t/unit/tap.h"

static int ours; /* the end of the main process */
static struct helper h;

/* As it is when nothing is wrong. */
static void
begin(void)
{
	int ends[2], i;

	fork_fails = pipe_fails = waits_errno = waits_status = is_over = 0;
	forks = kills = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		_exit(1);
	for (i = 0; i < 2; i++)
		fcntl(ends[i], F_SETFL, O_NONBLOCK);
	ours = ends[0];
	memset(&h, 0, sizeof h);
	h.socket = ends[1];
	h.output = -1;
	buf_init(&h.in, HELPER_REQUEST + sizeof(struct header));
}

static void
end(void)
{
	close(ours);
	if (h.socket != -1)
		close(h.socket);
	if (h.output != -1)
		close(h.output);
	buf_clear(&h.in);
}

/* Asks for a call of PROGRAM, byte by byte if PIECES, with turns at NOW. */
static void
ask(const char *program, int pieces, int64_t now)
{
	struct helper_call call = {
	    .program = program, .jid = "a@b/c", .state = "s", .event = "e"};
	struct buf b;

	buf_init(&b, 2 * HELPER_REQUEST);
	helper_add_call(&b, &call);
	while (buf_len(&b) > 0) {
		size_t n = pieces ? 1 : buf_len(&b);

		if (send(ours, buf_data(&b), n, 0) != (ssize_t)n)
			break;
		buf_drop(&b, n);
		work_helper(&h, now);
	}
	buf_clear(&b);
}

/* Returns 1 if the next answer is KIND with VALUE; KIND 0: if there is none. */
static int
answers(int kind, int value)
{
	unsigned char got[HELPER_ANSWER];
	ssize_t n = recv(ours, got, sizeof got, 0);

	if (kind == 0)
		return n == -1 && errno == EAGAIN;
	return n == HELPER_ANSWER && got[0] == kind && got[1] == value;
}

static void
test_none(const char *what, int *fails, int with)
{
	begin();
	*fails = with;
	ask("true", 0, 1000);
	ok(answers(HELPER_FAILED, with) && answers(0, 0), "%s: and why", what);
	ok(h.pid == 0, "%s: nothing runs", what);
	*fails = 0;
	ask("true", 0, 2000);
	ok(h.pid == CHILD && answers(0, 0), "%s: later it can be", what);
	is_over = 1;
	ok(work_helper(&h, 2000) && answers(HELPER_ENDED, 0), "%s: ends", what);
	ok(kills == 0, "%s: nobody is killed", what);
	end();
}

static void
test_collected(void)
{
	begin();
	ask("true", 1, 1000);
	ok(forks == 1, "a request in pieces");
	waits_errno = ECHILD;
	work_helper(&h, 1000 + LIMIT);
	ok(answers(HELPER_ENDED, 0),
	    "collected by somebody else: it has ended");
	ok(kills == 0, "and its number is not signalled");
	close(ours);
	ok(!work_helper(&h, 3000 + LIMIT), "nor is the end held up");
	end();
}

static void
test_interrupted(void)
{
	begin();
	ask("true", 0, 1000);
	waits_errno = EINTR;
	work_helper(&h, 2000);
	ok(h.pid == CHILD && answers(0, 0),
	    "interrupted: it is looked at again");
	waits_errno = 0;
	work_helper(&h, 999 + LIMIT);
	ok(kills == 0, "not killed before 30 s");
	work_helper(&h, 1000 + LIMIT);
	ok(kills == 1, "killed after 30 s");
	work_helper(&h, 1000 + LIMIT);
	ok(kills == 1, "once a second at most");
	work_helper(&h, 1000 + LIMIT + AGAIN);
	ok(kills == 2, "and again where it is still there");
	is_over = 1;
	waits_status = SIGKILL;
	work_helper(&h, 1000 + LIMIT + AGAIN);
	ok(answers(HELPER_ENDED, 0) && h.pid == 0, "and over");
	end();
}

static void
test_status(void)
{
	static const int statuses[] = {0, 1, 3, 126, 127};
	size_t i;

	for (i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		begin();
		is_over = 1;
		waits_status = statuses[i] << 8;
		ask("true", 0, 1000);
		ok(answers(HELPER_ENDED, statuses[i]), "status %d",
		    statuses[i]);
		end();
	}
}

/* The main process is gone, or asks for the end. */
static void
test_end(void)
{
	struct buf b;

	begin();
	close(ours);
	ok(!work_helper(&h, 1000), "gone while nothing runs: the end");
	end();

	begin();
	ask("true", 0, 1000);
	close(ours);
	ok(work_helper(&h, 2000), "gone while it runs: it may go on");
	ok(work_helper(&h, 1999 + LINGER), "for two seconds");
	ok(!work_helper(&h, 2000 + LINGER), "then that is the end");
	end();

	begin();
	ask("true", 0, 1000);
	close(ours);
	work_helper(&h, 2000);
	is_over = 1;
	ok(!work_helper(&h, 2001), "or when it has ended");
	end();

	begin();
	ask("true", 0, 1000);
	buf_init(&b, 100);
	helper_add_end(&b);
	ok(send(ours, buf_data(&b), buf_len(&b), 0) != -1 &&
		!work_helper(&h, 1001),
	    "asked for the end: at once");
	buf_clear(&b);
	end();
}

/* A main process that does not read: nothing blocks, no end is lost. */
static void
test_slow(void)
{
	char bytes[512];
	ssize_t n, i;
	int bells = 0, ends = 0, rounds;

	begin();
	is_over = 1;
	for (rounds = 0; rounds < 100000 && !h.bell; rounds++) {
		h.bell = 1;
		work_helper(&h, 1000);
	}
	ok(h.bell, "no room after %d bells", rounds);
	h.pid = CHILD;
	work_helper(&h, 1000);
	ok(h.answered && h.pid == 0, "the end of a program is owed");
	while ((n = recv(ours, bytes, sizeof bytes, 0)) > 0) {
		for (i = 0; i < n; i += HELPER_ANSWER) {
			bells += bytes[i] == HELPER_BELL;
			ends += bytes[i] == HELPER_ENDED;
		}
		work_helper(&h, 1000);
	}
	ok(bells == rounds && ends == 1, "%d bells and one end", bells);
	end();
}

/* Requests that are too long or mean nothing are not run. */
static void
test_strange(void)
{
	static char text[HELPER_REQUEST];
	struct helper_call call = {.program = text,
	    .jid = "a@b/c",
	    .state = "s",
	    .event = "e",
	    .kind = "chat"};
	struct helper_call got;
	struct buf b;

	buf_init(&b, 3 * HELPER_REQUEST);
	memset(text, 'x', sizeof text - 1);
	ok(helper_add_call(&b, &call) == -1 && errno == E2BIG &&
		buf_len(&b) == 0,
	    "a request that is too long");
	text[1000] = '\0';
	ok(helper_add_call(&b, &call) == 0, "one that is not");
	read_call(&got, (const char *)buf_data(&b) + sizeof(struct header),
	    buf_len(&b) - sizeof(struct header));
	ok(strcmp(got.program, text) == 0 && strcmp(got.jid, "a@b/c") == 0 &&
		strcmp(got.state, "s") == 0 && strcmp(got.event, "e") == 0 &&
		got.more == NULL && got.contact == NULL &&
		strcmp(got.kind, "chat") == 0,
	    "is read as it was");
	read_call(&got, "abc", 3);
	ok(got.program == NULL && got.kind == NULL, "no NUL: nothing");
	buf_clear(&b);

	begin();
	ask("", 0, 1000);
	ok(forks == 0 && answers(HELPER_FAILED, EINVAL), "no program");
	memset(text, 'x', sizeof text);
	while (send(ours, text, sizeof text, 0) > 0)
		work_helper(&h, 1000);
	ok(h.socket == -1 && !work_helper(&h, 1000) && forks == 0,
	    "no record: the end");
	end();
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_none("no process", &fork_fails, EAGAIN);
	test_none("no memory", &fork_fails, ENOMEM);
	test_none("no pipe", &pipe_fails, EMFILE);
	test_collected();
	test_interrupted();
	test_status();
	test_end();
	test_slow();
	test_strange();
	return tap_done();
}
