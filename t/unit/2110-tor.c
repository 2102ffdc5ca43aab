/*
 * Dialling under torsocks: this program is the proxy, and starts itself again
 * under torsocks to be the client. The proxy answers only when the client has
 * said that its loop goes on. Without torsocks there is nothing to test.
 */
#define _DEFAULT_SOURCE
#include "xmpp/dial.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "t/unit/file.h"
#include "t/unit/tap.h"

#define PATIENCE 20 /* seconds for each client */

static int proxy; /* listens */
static char config[256];

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The client: `DOMAIN HOST PORT SERVERS`, `-` and 0 for none. */
static int
client(char **argv)
{
	struct dial_options options = {.domain = argv[0], .servers = argv[3]};
	struct dial_result r;
	struct pollfd fds[DIAL_FDS];
	char got[10] = "";
	struct dial *d;
	size_t n = 0;

	if (strcmp(argv[1], "-") != 0)
		options.host = argv[1];
	options.port = atoi(argv[2]);
	d = dial_new(&options, now());
	if (dial_work(d, fds, 0, now(), &r) != 0)
		return 1;
	printf(".");
	fflush(stdout);
	if (strcmp(argv[0], "leave.example") == 0) {
		dial_free(d);
		printf("left\n");
		return 0;
	}
	do {
		int64_t left = dial_deadline(d) - now();

		n = dial_fds(d, fds, DIAL_FDS);
		poll(fds, n, left < 0 ? 0 : (int)left);
	} while (!dial_work(d, fds, n, now(), &r));
	if (r.fd != -1) {
		struct pollfd p = {r.fd, POLLIN, 0};

		if (!(fcntl(r.fd, F_GETFL) & O_NONBLOCK) ||
		    !(fcntl(r.fd, F_GETFD) & FD_CLOEXEC))
			return 1;
		poll(&p, 1, -1);
		if (read(r.fd, got, 5) != 5)
			return 1;
		close(r.fd);
	}
	printf("%s %s %d %s %d %s\n", r.cause ? r.cause : "-", r.host, r.port,
	    *r.address ? r.address : "-", r.direct, *got ? got : "-");
	dial_free(d);
	return 0;
}

static int
bound(int type, int *port)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&a, n) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) == -1)
		return -1;
	*port = ntohs(a.sin_port);
	return fd;
}

static int
read_all(int fd, void *p, size_t n)
{
	char *to = p;

	while (n > 0) {
		ssize_t got = read(fd, to, n);

		if (got <= 0)
			return -1;
		to += got;
		n -= (size_t)got;
	}
	return 0;
}

/*
 * Serves one connection of SOCKS 5 with Tor's RESOLVE; what was asked is
 * written to ASKED. CODE is the answer, 0 for success. -1 at a breach.
 */
static int
serve(int fd, unsigned char code, char *asked, size_t size)
{
	unsigned char in[300], address[16];
	char name[256];
	int type, command;

	if (read_all(fd, in, 2) || in[0] != 5 || read_all(fd, in + 2, in[1]) ||
	    write(fd, "\5\0", 2) != 2 || read_all(fd, in, 4))
		return -1;
	command = in[1];
	type = in[3];
	if (type == 1) {
		if (read_all(fd, address, 4))
			return -1;
		inet_ntop(AF_INET, address, name, sizeof name);
	} else if (type != 3 || read_all(fd, in, 1) ||
		   read_all(fd, name, in[0])) {
		return -1;
	} else {
		name[in[0]] = '\0';
	}
	if (read_all(fd, in, 2))
		return -1;
	if (command == 1)
		snprintf(
		    asked, size, "connect %s %d ", name, in[0] << 8 | in[1]);
	else
		snprintf(asked, size, "%s %s ",
		    command == 0xf0 ? "resolve" : "other", name);
	memcpy(in, "\5\0\0\1\012\1\2\3\0\0", 10);
	in[1] = code;
	if (write(fd, in, 10) != 10 ||
	    (command == 1 && code == 0 && write(fd, "hello", 5) != 5))
		return -1;
	return 0;
}

/* Starts the client; its output can be read from the descriptor. */
static int
start(const char *self, char *const args[], pid_t *pid)
{
	int out[2];

	if (pipe(out) == -1)
		return -1;
	if ((*pid = fork()) == 0) {
		dup2(out[1], 1);
		close(out[0]);
		close(out[1]);
		setenv("TORSOCKS_CONF_FILE", config, 1);
		setenv("TORSOCKS_LOG_LEVEL", "1", 1); /* none */
		/* torsocks comes before the sanitizer and leaks itself. */
		setenv("ASAN_OPTIONS",
		    "verify_asan_link_order=0:detect_leaks=0", 1);
		execlp("torsocks", "torsocks", self, "client", args[0], args[1],
		    args[2], args[3], (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	return out[0];
}

/*
 * One dial. FAIL is the number of the proxy's answer that is CODE instead of
 * success. What the proxy was asked (NULL: anything) and the client said must
 * be as expected.
 */
static void
test(const char *self, char *const args[], int fail, unsigned char code,
    const char *asked, const char *said)
{
	struct pollfd fds[2];
	char all[500] = "", line[300] = "", dot = 0;
	int out, status = -1, count = 0, held = -1;
	size_t n = 0;
	pid_t pid = -1;

	out = start(self, args, &pid);
	alarm(PATIENCE);
	read_all(out, &dot, 1);
	fds[0] = (struct pollfd){proxy, POLLIN, 0};
	fds[1] = (struct pollfd){out, POLLIN, 0};
	while (poll(fds, 2, -1) > 0) {
		if (fds[1].revents != 0) {
			ssize_t got = read(out, line + n, sizeof line - 1 - n);

			if (got <= 0)
				break;
			n += (size_t)got;
		}
		if (fds[0].revents != 0) {
			int fd = accept(proxy, NULL, NULL);

			serve(fd, ++count == fail ? code : 0, all + strlen(all),
			    sizeof all - strlen(all));
			if (held != -1)
				close(held);
			held = fd;
		}
	}
	close(out);
	close(held);
	waitpid(pid, &status, 0);
	line[strcspn(line, "\n")] = '\0';
	ok(dot == '.' && status == 0 && strcmp(line, said) == 0, "%s: %s",
	    args[0], said);
	if (strcmp(line, said) != 0)
		printf("# said %s, status %d\n", line, status);
	if (asked != NULL &&
	    !ok(strcmp(all, asked) == 0, "the proxy was asked: %s", asked))
		printf("# asked %s\n", all);
}

int
main(int argc, char **argv)
{
	char servers[40], buffer[100];
	int port, port2, dns, fd;

	if (argc == 6 && strcmp(argv[1], "client") == 0)
		return client(argv + 2);
	if (system("torsocks --version >/dev/null 2>&1") != 0) {
		printf("1..0 # SKIP torsocks is not installed\n");
		return 0;
	}
	proxy = bound(SOCK_STREAM, &port);
	listen(proxy, 5);
	dns = bound(SOCK_DGRAM, &port2);
	snprintf(servers, sizeof servers, "127.0.0.1:%d", port2);
	file_temporary(config);
	fd = mkstemp(config);
	dprintf(fd, "TorAddress 127.0.0.1\nTorPort %d\n", port);
	close(fd);
#define ARGS(domain, host, number)                                             \
	(char *const[]){domain, host, number, servers}
	test(argv[0], ARGS("a.example", "-", "0"), 0, 0,
	    "resolve a.example connect 10.1.2.3 5222 ",
	    "- a.example 5222 10.1.2.3 0 hello");
	test(argv[0], ARGS("a.example", "b.example", "5223"), 0, 0,
	    "resolve b.example connect 10.1.2.3 5223 ",
	    "- b.example 5223 10.1.2.3 1 hello");
	test(argv[0], ARGS("a.example", "10.9.8.7", "5222"), 0, 0,
	    "connect 10.9.8.7 5222 ", "- 10.9.8.7 5222 10.9.8.7 0 hello");
	test(argv[0], ARGS("abc.onion", "-", "0"), 0, 0,
	    "connect abc.onion 5222 ", "- abc.onion 5222 127.42.42.0 0 hello");
	test(argv[0], ARGS("none.example", "-", "0"), 1, 4,
	    "resolve none.example ", "dns none.example 5222 - 0 -");
	test(argv[0], ARGS("shut.example", "-", "0"), 2, 5,
	    "resolve shut.example connect 10.1.2.3 5222 ",
	    "refused shut.example 5222 10.1.2.3 0 -");
	test(argv[0], ARGS("leave.example", "-", "0"), 0, 0, NULL, "left");
	ok(recv(dns, buffer, sizeof buffer, MSG_DONTWAIT) == -1,
	    "no packet for the name server");
	unlink(config);
	return tap_done();
}
