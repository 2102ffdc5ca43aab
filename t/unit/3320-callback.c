/*
 * line/callback.c where the system does not do as it should: no process, no
 * pipe, a child that somebody else has collected, one that is interrupted.
 */
#include "line/core/door.h"

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
static int forks, kills, notices, warnings;
static char warned[200];

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
	if (status != NULL)
		*status = waits_status << 8;
	return is_over ? pid : 0;
}

static int
fake_kill(pid_t pid, int number)
{
	kills += pid == -CHILD && number == SIGKILL;
	return 0;
}

static const struct client_notice *
fake_notice(struct client *c)
{
	static const struct client_notice notice = {
	    .state = "connected", .event = "connect"};

	(void)c;
	return notices > 0 ? &notice : NULL;
}

static const struct client_notice *
fake_announce(struct client *c)
{
	(void)c;
	return NULL;
}

static void
fake_noticed(struct client *c)
{
	(void)c;
	notices--;
}

static void
fake_warning(struct client *c, const char *jid, const char *why)
{
	(void)c, (void)jid;
	warnings++;
	strncpy(warned, why, sizeof warned - 1);
}

#define fork		 fake_fork
#define pipe		 fake_pipe
#define waitpid		 fake_waitpid
#define kill		 fake_kill
#define client_notice(c) fake_notice(c)
#define client_announce	 fake_announce
#define client_noticed	 fake_noticed
#define client_warning	 fake_warning
#include "line/world/callback.c"
#include "t/unit/tap.h"

/* As it is when nothing is wrong, with a callback that has COUNT calls. */
static struct callback *
begin(int count)
{
	fork_fails = pipe_fails = waits_errno = waits_status = is_over = 0;
	forks = kills = warnings = 0;
	notices = count;
	return callback_new("a@b/c", "true", -1, -1, 0);
}

/* Returns 1 if something is still to be told or waited for. */
static int
holds_up(struct callback *n)
{
	return callback_lingers(n, 1000) || notices > 0 ||
	       callback_deadline(n, -1) != -1;
}

static void
test_none(const char *what, int *fails, int with)
{
	struct callback *n = begin(3);

	*fails = with;
	callback_work(n, NULL, 1000);
	ok(!holds_up(n), "%s: nothing is held up", what);
	ok(warnings == 1 && strstr(warned, strerror(with)) != NULL,
	    "%s: told once, and why: %s", what, warned);
	notices = 2;
	callback_work(n, NULL, 2000);
	ok(warnings == 1, "%s: and not again", what);
	*fails = 0;
	notices = 1;
	callback_work(n, NULL, 3000);
	is_over = 1;
	callback_work(n, NULL, 3000);
	ok(!holds_up(n) && forks > 0, "%s: later it can be", what);
	ok(kills == 0, "%s: nobody is killed", what);
	callback_free(n);
}

static void
test_collected(void)
{
	struct callback *n = begin(2);

	callback_work(n, NULL, 1000);
	waits_errno = ECHILD;
	callback_work(n, NULL, 1000 + LIMIT);
	ok(forks == 2, "collected by somebody else: the next one runs");
	ok(kills == 0, "and its number is not signalled");
	callback_work(n, NULL, 2000 + LIMIT);
	ok(!holds_up(n), "nor is the end held up");
	notices = 1;
	callback_work(n, NULL, 3000 + LIMIT);
	callback_free(n);
	ok(kills == 0, "nor is it signalled at the end");
}

static void
test_interrupted(void)
{
	struct callback *n = begin(1);

	callback_work(n, NULL, 1000);
	waits_errno = EINTR;
	callback_work(n, NULL, 2000);
	ok(forks == 1 && callback_deadline(n, -1) == 1000 + LIMIT,
	    "interrupted: it is looked at again");
	ok(callback_deadline(n, 3000) == 3000, "the earlier deadline counts");
	waits_errno = 0;
	callback_work(n, NULL, 1000 + LIMIT);
	ok(kills == 1, "killed after 30 s");
	callback_work(n, NULL, 1000 + LIMIT);
	ok(kills == 1 && callback_deadline(n, -1) == 1000 + LIMIT + AGAIN,
	    "once a second at most");
	callback_work(n, NULL, 1000 + LIMIT + AGAIN);
	ok(kills == 2, "and again where it is still there");
	is_over = 1;
	callback_work(n, NULL, 1000 + LIMIT);
	ok(!holds_up(n), "and over");
	callback_free(n);
}

static void
test_status(void)
{
	static const struct {
		int status, told;
	} table[] = {{0, 0}, {1, 0}, {3, 0}, {126, 1}, {127, 1}};
	struct callback *n;
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++) {
		n = begin(2);
		is_over = 1;
		waits_status = table[i].status;
		callback_work(n, NULL, 1000);
		callback_work(n, NULL, 1000);
		callback_work(n, NULL, 1000);
		ok(warnings == table[i].told && forks == 2,
		    "status %d: told %d times", table[i].status, warnings);
		callback_free(n);
	}
}

int
main(void)
{
	test_none("no process", &fork_fails, EAGAIN);
	test_none("no memory", &fork_fails, ENOMEM);
	test_none("no pipe", &pipe_fails, EMFILE);
	test_collected();
	test_interrupted();
	test_status();
	return tap_done();
}
