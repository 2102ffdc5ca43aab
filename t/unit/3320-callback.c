/*
 * line/world/callback.c with a helper that fails, dies, is slow or was never
 * there. That of the real program is 3322-helper.c.
 */
#include "line/core/door.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int notices, warnings;
static char warned[200];
static int theirs, start_fails; /* the end of the helper; errno */

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

static int
fake_start(void)
{
	int ends[2], i;

	errno = start_fails;
	if (start_fails != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		return -1;
	for (i = 0; i < 2; i++)
		fcntl(ends[i], F_SETFL, O_NONBLOCK);
	theirs = ends[1];
	return ends[0];
}

#define client_notice(c) fake_notice(c)
#define client_announce	 fake_announce
#define client_noticed	 fake_noticed
#define client_warning	 fake_warning
#define helper_start	 fake_start
#include "line/world/callback.c"
#include "t/unit/tap.h"

/* As it is when nothing is wrong, with a callback that has COUNT calls. */
static struct callback *
begin(int count, const char *program)
{
	struct callback *n;

	theirs = -1;
	warnings = 0;
	notices = count;
	n = callback_new();
	callback_set(n, "a@b/c", program, -1, -1, 0);
	return n;
}

static void
end(struct callback *n)
{
	callback_free(n);
	if (theirs != -1)
		close(theirs);
}

/* Returns how many requests the helper reads that begin as they should. */
static int
requests(void)
{
	static char bytes[2 * HELPER_REQUEST];
	ssize_t n, i;
	int count = 0;

	n = recv(theirs, bytes, sizeof bytes, 0);
	for (i = 0; i + 10 < n; i++)
		count += memcmp(bytes + i, "true\0a@b/c", 10) == 0;
	return count;
}

static void
answer(char kind, int value)
{
	char bytes[HELPER_ANSWER] = {kind, (char)value};

	if (send(theirs, bytes, 1, 0) + send(theirs, bytes + 1, 1, 0) != 2)
		_exit(1);
}

static void
test_none(void)
{
	struct callback *n;

	start_fails = EAGAIN;
	n = begin(3, "true");
	callback_work(n, NULL);
	ok(notices == 0 && !callback_lingers(n, 1000), "nothing is held up");
	ok(warnings == 1 && strstr(warned, strerror(EAGAIN)) != NULL,
	    "told once, and why: %s", warned);
	notices = 2;
	callback_work(n, NULL);
	ok(warnings == 1 && notices == 0, "and not again");
	end(n);
	n = begin(2, NULL);
	callback_work(n, NULL);
	ok(warnings == 0 && notices == 0, "no helper and no callback: no word");
	end(n);
	start_fails = 0;
}

static void
test_order(void)
{
	struct callback *n = begin(3, "true");

	callback_work(n, NULL);
	ok(requests() == 1 && notices == 2, "the first is asked for");
	callback_work(n, NULL);
	ok(requests() == 0 && notices == 2, "and no other at once");
	answer(HELPER_BELL, 0);
	callback_work(n, NULL);
	ok(requests() == 0, "a bell is no end");
	answer(HELPER_ENDED, 3);
	callback_work(n, NULL);
	ok(requests() == 1 && notices == 1, "then the second");
	ok(callback_deadline(n, -1) == -1, "no deadline");
	ok(callback_lingers(n, 1000) &&
		callback_deadline(n, -1) == 1000 + LINGER &&
		callback_deadline(n, 1500) == 1500,
	    "the end waits for it");
	ok(!callback_lingers(n, 1000 + LINGER), "for two seconds");
	ok(warnings == 0, "no warning");
	end(n);
}

static void
test_status(void)
{
	static const struct {
		char kind;
		int value, told;
	} table[] = {{HELPER_ENDED, 0, 0}, {HELPER_ENDED, 1, 0},
	    {HELPER_ENDED, 126, 1}, {HELPER_ENDED, 127, 1},
	    {HELPER_FAILED, ENOMEM, 1}};
	struct callback *n;
	size_t i;
	int k;

	for (i = 0; i < sizeof table / sizeof *table; i++) {
		n = begin(2, "true");
		for (k = 0; k < 2; k++) {
			callback_work(n, NULL);
			answer(table[i].kind, table[i].value);
		}
		callback_work(n, NULL);
		ok(warnings == table[i].told && notices == 0,
		    "answer %c %d: told %d times", table[i].kind,
		    table[i].value, warnings);
		end(n);
	}
}

static void
test_death(void)
{
	struct callback *n = begin(3, "true");
	int rounds;

	callback_work(n, NULL);
	close(theirs);
	theirs = -1;
	for (rounds = 0; rounds < 3; rounds++)
		callback_work(n, NULL);
	ok(warnings == 1 && strstr(warned, "has ended") != NULL,
	    "the helper has died: told once: %s", warned);
	ok(notices == 0 && !callback_lingers(n, 1000),
	    "and nothing is held up");
	end(n);
}

/* A helper that is stopped: a long request goes in pieces. */
static void
test_slow(void)
{
	static char text[HELPER_REQUEST - 100];
	static char bytes[sizeof text];
	struct callback *n;
	struct pollfd fds[CALLBACK_FDS];
	int size = 4096;
	size_t got = 0;
	ssize_t done;

	memset(text, 'x', sizeof text - 1);
	n = begin(1, text);
	setsockopt(n->helper, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	callback_work(n, NULL);
	callback_fds(n, fds);
	ok((fds[1].events & POLLOUT) != 0, "it waits for room");
	while ((done = recv(theirs, bytes, sizeof bytes, 0)) > 0) {
		got += (size_t)done;
		callback_work(n, NULL);
	}
	callback_fds(n, fds);
	ok(got > sizeof text && (fds[1].events & POLLOUT) == 0,
	    "and all of it comes");
	end(n);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_none();
	test_order();
	test_status();
	test_death();
	test_slow();
	return tap_done();
}
