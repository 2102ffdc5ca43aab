/*
 * Dialling against a name server and listeners of its own on loopback, all in
 * one thread. Time is not waited for: when nothing more comes the clock is set
 * to the dial's own deadline.
 */
#define _DEFAULT_SOURCE
#include "xmpp/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sexp/buf.h"
#include "t/unit/name-server.h"
#include "t/unit/tap.h"

#define START 1000 /* the clock when a dial begins */
#define HOME  "127.83.22.5"
/*
 * Real milliseconds in which loopback delivers for certain. A machine that is
 * slower still makes a test fail, never pass.
 */
#define PATIENCE 150

static int64_t at; /* the clock */

/* A socket bound to ADDRESS and *PORT, which is chosen where it is 0. */
static int
bound(int type, const char *address, int *port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	int is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1, on = 1, fd;
	struct sockaddr *to = is_v4 ? (void *)&v4 : (void *)&v6;
	socklen_t n = is_v4 ? sizeof v4 : sizeof v6;

	inet_pton(AF_INET6, address, &v6.sin6_addr);
	v4.sin_port = v6.sin6_port = htons((uint16_t)*port);
	fd = socket(to->sa_family, type, 0);
	if (fd == -1)
		return -1;
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, to, n) == -1 || getsockname(fd, to, &n) == -1) {
		close(fd);
		return -1;
	}
	*port = ntohs(is_v4 ? v4.sin_port : v6.sin6_port);
	return fd;
}

static int
listener(const char *address, int *port)
{
	int fd = bound(SOCK_STREAM, address, port);

	if (fd != -1)
		listen(fd, 5);
	return fd;
}

/* Fills the queue of listener FD, so that further attempts hang. */
static void
choke(int fd, const char *address, int port, int fill[4])
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	int i, is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;

	inet_pton(AF_INET6, address, &v6.sin6_addr);
	v4.sin_port = v6.sin6_port = htons((uint16_t)port);
	listen(fd, 0);
	for (i = 0; i < 4; i++) {
		fill[i] = socket(
		    is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fill[i], is_v4 ? (void *)&v4 : (void *)&v6,
		    is_v4 ? sizeof v4 : sizeof v6);
	}
}

static void
unchoke(int fd, const int fill[4])
{
	int i;

	for (i = 0; i < 4; i++)
		close(fill[i]);
	close(fd);
}

static int
open_files(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* Runs D until it ends, at most LIMIT rounds; 1: it did. */
static int
run(struct dial *d, int limit, struct dial_result *result)
{
	while (limit-- > 0) {
		struct pollfd fds[DIAL_FDS + 1];
		size_t n = dial_fds(d, fds, DIAL_FDS);
		int ready;

		fds[n] = (struct pollfd){server, POLLIN, 0};
		ready = poll(fds, n + 1, PATIENCE);
		if (ready == 0 && dial_deadline(d) > at)
			at = dial_deadline(d);
		if (fds[n].revents != 0)
			serve();
		if (dial_work(d, fds, n, at, result))
			return 1;
	}
	return 0;
}

/* Dials to the end; strings of RESULT live until the next call. */
static void
dial(const char *domain, const char *host, int port, struct dial_result *result)
{
	struct dial_options options = {.domain = domain,
	    .host = host,
	    .port = port,
	    .servers = server_name};
	static struct dial *d;
	int files;

	dial_free(d);
	files = open_files();
	queries[0] = '\0';
	at = START;
	memset(result, 0, sizeof *result);
	d = dial_new(&options, at);
	ok(run(d, 1000, result), "%s: it ends", domain);
	ok(open_files() == files + (result->fd != -1),
	    "no descriptor is left over");
}

/* RESULT is a connection to HOST PORT ADDRESS. */
static int
reached(const struct dial_result *r, const char *host, int port,
    const char *address, int direct)
{
	int on = 0, good;
	socklen_t n = sizeof on;

	if (r->fd == -1) {
		printf("# %s: %s; asked %s\n", r->cause, r->why, queries);
		return 0;
	}
	getsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &on, &n);
	good = on && (fcntl(r->fd, F_GETFL) & O_NONBLOCK) &&
	       (fcntl(r->fd, F_GETFD) & FD_CLOEXEC) && r->cause == NULL &&
	       r->why == NULL && strcmp(r->host, host) == 0 &&
	       r->port == port && strcmp(r->address, address) == 0 &&
	       r->direct == direct;
	if (!good)
		printf("# %s %d %s %d; asked %s\n", r->host, r->port,
		    r->address, r->direct, queries);
	close(r->fd);
	return good;
}

static int
failed(const struct dial_result *r, const char *cause, const char *why)
{
	if (r->fd == -1 && r->cause != NULL && strcmp(r->cause, cause) == 0 &&
	    r->why != NULL && strstr(r->why, why) != NULL)
		return 1;
	printf("# fd %d, %s: %s; asked %s\n", r->fd,
	    r->cause ? r->cause : "no cause", r->why ? r->why : "", queries);
	return 0;
}

static void
test_srv(void)
{
	int p1 = 0, p2 = 0, dead = 0;
	int l1 = listener("127.0.0.1", &p1), l2 = listener("127.0.0.2", &p2);
	int closed = bound(SOCK_STREAM, "127.0.0.1", &dead);
	struct dial_result r;

	zone_count = 0;
	add("one.example", A, "127.0.0.1");
	add("two.example", A, "127.0.0.2");
	add_srv("_xmpp-client._tcp.a.example", 10, 0, p1, "one.example");
	add_srv("_xmpp-client._tcp.a.example", 5, 0, p2, "two.example");
	dial("a.example", NULL, 0, &r);
	ok(reached(&r, "two.example", p2, "127.0.0.2", 0), "lowest priority");
	ok(strcmp(queries, "SRV _xmpps-client._tcp.a.example "
			   "SRV _xmpp-client._tcp.a.example "
			   "AAAA two.example A two.example ") == 0,
	    "both services and one host are asked for");
	add_srv("_xmpps-client._tcp.a.example", 1, 0, p1, "one.example");
	dial("a.example", NULL, 0, &r);
	ok(reached(&r, "one.example", p1, "127.0.0.1", 1),
	    "TLS from the first byte where that has the lowest priority");
	zone[zone_count - 1].priority = 7;
	dial("a.example", NULL, 0, &r);
	ok(reached(&r, "two.example", p2, "127.0.0.2", 0),
	    "and STARTTLS where not");
	add_srv("_xmpps-client._tcp.b.example", 1, 0, dead, "one.example");
	add_srv("_xmpp-client._tcp.b.example", 2, 0, 5222, "gone.example");
	add_srv("_xmpp-client._tcp.b.example", 3, 0, p2, "127.0.0.2");
	dial("b.example", NULL, 0, &r);
	ok(reached(&r, "127.0.0.2", p2, "127.0.0.2", 0),
	    "a closed port and an unknown host are passed over");
	ok(at == START, "at once");
	zone_count--;
	dial("b.example", NULL, 0, &r);
	ok(failed(&r, "refused", "one.example port ") &&
		failed(&r, "refused",
		    " at 127.0.0.1: Connection refused; gone.example: "),
	    "all that was tried is named");
	add_srv("_xmpp-client._tcp.c.example", 1, 0, 5222, "gone.example");
	add_srv("_xmpp-client._tcp.c.example", 1, 0, 0, "one.example");
	dial("c.example", NULL, 0, &r);
	ok(failed(&r, "dns", "gone.example: ") &&
		strstr(queries, "A c.example") == NULL,
	    "records without an address are no reason for the domain's own");
	close(l1);
	close(l2);
	close(closed);
}

static void
test_absent(void)
{
	int port = 5222, l = listener(HOME, &port);
	struct dial_result r;

	ok(l != -1, "port 5222 of " HOME " is free");
	zone_count = 0;
	add("a.example", A, HOME);
	dial("a.example", NULL, 0, &r);
	ok(reached(&r, "a.example", 5222, HOME, 0), "no records: the domain");
	add_srv("_xmpps-client._tcp.a.example", 0, 0, 0, ".");
	dial("a.example", NULL, 0, &r);
	ok(reached(&r, "a.example", 5222, HOME, 0),
	    "direct TLS is declared away: the domain");
	add_srv("_xmpp-client._tcp.a.example", 0, 0, 0, ".");
	dial("a.example", NULL, 0, &r);
	ok(failed(&r, "dns", "serves no clients") &&
		strstr(queries, "A a.example") == NULL,
	    "both are declared away: nothing");
	zone[1].port = 5222;
	zone[1].data = "a.example";
	dial("a.example", NULL, 0, &r);
	ok(reached(&r, "a.example", 5222, HOME, 1),
	    "STARTTLS is declared away: direct TLS");
	zone_count = 1;
	add_code("_xmpps-client._tcp.a.example", SRV, SERVFAIL);
	add_code("_xmpp-client._tcp.a.example", SRV, SERVFAIL);
	dial("a.example", NULL, 0, &r);
	ok(reached(&r, "a.example", 5222, HOME, 0),
	    "records cannot be had: the domain");
	zone[0].rcode = SERVFAIL;
	zone[0].type = ANY;
	dial("a.example", NULL, 0, &r);
	ok(failed(&r, "dns", "a.example: "), "nothing can be had");
	add_srv("_xmpps-client._tcp.a.example", 0, 0, 5222, HOME);
	zone[1] = zone[--zone_count];
	dial("a.example", NULL, 0, &r);
	ok(reached(&r, HOME, 5222, HOME, 1), "half of the records can be had");
	close(l);
}

static void
test_server(void)
{
	char name[40];
	struct dial_result r;
	int port = 0, closed = bound(SOCK_DGRAM, "127.0.0.1", &port);
	struct dial *d;
	struct dial_options options = {.domain = "a.example", .servers = name};

	close(closed);
	snprintf(name, sizeof name, "127.0.0.1:%d", port);
	at = START;
	d = dial_new(&options, at);
	ok(run(d, 1000, &r) && failed(&r, "dns", "a.example: "),
	    "no name server");
	dial_free(d);
	snprintf(name, sizeof name, "nonsense");
	d = dial_new(&options, at);
	ok(dial_deadline(d) <= at && run(d, 1, &r) && failed(&r, "dns", ""),
	    "no name server's address");
	dial_free(d);
	zone_count = 0;
	add_code("_xmpps-client._tcp.a.example", SRV, SILENT);
	add_code("_xmpp-client._tcp.a.example", SRV, SILENT);
	dial("a.example", NULL, 0, &r);
	ok(failed(&r, "timeout", "name servers") && at == START + 30000,
	    "a silent name server: 30 s");
	dial_free(NULL);
}

/* Names and addresses for which no packet may leave. */
static void
test_unasked(void)
{
	char domain[400];
	int p6 = 0, port = 0, l6 = listener("::1", &p6);
	int l = listener("127.0.0.1", &port);
	struct dial_result r;

	zone_count = 0;
	dial("a.example", "127.0.0.1", port, &r);
	ok(reached(&r, "127.0.0.1", port, "127.0.0.1", 0) && !*queries,
	    "a configured address");
	dial("127.0.0.1", NULL, port, &r);
	ok(reached(&r, "127.0.0.1", port, "127.0.0.1", 0) && !*queries,
	    "a domain that is an address");
	dial(HOME, NULL, 0, &r);
	ok(failed(&r, "refused", HOME " port 5222 at " HOME) && !*queries,
	    "the same without a port");
	dial("localhost", NULL, port, &r);
	ok(reached(&r, "localhost", port, "127.0.0.1", 0) && !*queries,
	    "localhost");
	dial("a.localhost", NULL, port, &r);
	ok(reached(&r, "a.localhost", port, "127.0.0.1", 0) && !*queries,
	    "a name under localhost");
	dial("abc.onion", NULL, 0, &r);
	ok(failed(&r, "dns", "torsocks") && !*queries, "an onion service");
	dial("a.example", "abc.ONION", 443, &r);
	ok(failed(&r, "dns", "torsocks") && !*queries, "a configured one");
	memset(domain, 'a', 254);
	domain[254] = '\0';
	dial(domain, NULL, 0, &r);
	ok(failed(&r, "dns", "too long") && !*queries, "too long a name");
	if (l6 == -1) {
		ok(1, "# SKIP no IPv6 here");
	} else {
		dial("[::1]", NULL, p6, &r);
		ok(reached(&r, "[::1]", p6, "::1", 0) && !*queries,
		    "an IPv6 domain");
		dial("a.example", "::1", p6, &r);
		ok(reached(&r, "::1", p6, "::1", 0) && !*queries,
		    "an IPv6 host");
		close(l6);
	}
	close(l);
}

static void
test_configured(void)
{
	int port = 0, direct = 5223, l = listener("127.0.0.1", &port);
	int l2 = listener(HOME, &direct);
	struct dial_result r;

	zone_count = 0;
	add_srv("_xmpp-client._tcp.a.example", 0, 0, 1, "127.0.0.9");
	add("a.example", A, "127.0.0.1");
	add("host.example", A, "127.0.0.1");
	add("host.corp.example", A, "127.0.0.1");
	dial("a.example", "host.example", port, &r);
	ok(reached(&r, "host.example", port, "127.0.0.1", 0) &&
		strstr(queries, "SRV") == NULL,
	    "host and port");
	dial("a.example", NULL, port, &r);
	ok(reached(&r, "a.example", port, "127.0.0.1", 0) &&
		strstr(queries, "SRV") == NULL,
	    "a port alone");
	dial("a.example", "host.example", 0, &r);
	ok(failed(&r, "refused", "host.example port 5222 at 127.0.0.1: ") &&
		strstr(queries, "SRV") == NULL,
	    "a host alone");
	dial("a.example", HOME, 5223, &r);
	ok(reached(&r, HOME, 5223, HOME, 1), "port 5223 is direct TLS");
	dial("a.example", "none.example", port, &r);
	ok(failed(&r, "dns", "none.example: ") &&
		strcmp(queries, "AAAA none.example A none.example ") == 0,
	    "no domain is searched for a whole name");
	dial("a.example", "host", port, &r);
	ok(reached(&r, "host", port, "127.0.0.1", 0) &&
		strstr(queries, "A host.corp.example ") != NULL,
	    "but for a configured name without dots");
	dial("host", NULL, 0, &r);
	ok(failed(&r, "dns", "host: ") && strstr(queries, "corp") == NULL,
	    "not for a domain without dots");
	close(l);
	close(l2);
}

/* Two listeners on one port, of IPv6 and of IPv4. */
static int
pair(int fds[2], int *port)
{
	int i;

	for (i = 0; i < 20; i++) {
		*port = 0;
		if ((fds[0] = listener("::1", port)) == -1)
			return -1;
		if ((fds[1] = listener("127.0.0.1", port)) != -1)
			return 0;
		close(fds[0]);
	}
	return -1;
}

static void
test_race(void)
{
	int fds[2], port, p2 = 0, fill[4], fill2[4];
	struct dial_result r;

	if (pair(fds, &port) == -1) {
		ok(1, "# SKIP no IPv6 here");
		return;
	}
	zone_count = 0;
	add("a.example", A, "127.0.0.1");
	add("a.example", AAAA, "::1");
	dial("a.example", NULL, port, &r);
	ok(reached(&r, "a.example", port, "::1", 0) && at == START,
	    "IPv6 comes first");
	zone[0].rcode = SILENT;
	dial("a.example", NULL, port, &r);
	ok(reached(&r, "a.example", port, "::1", 0) && at == START,
	    "and does not wait for IPv4");
	zone[0].rcode = 0;
	zone[1].rcode = SILENT;
	dial("a.example", NULL, port, &r);
	ok(reached(&r, "a.example", port, "127.0.0.1", 0) && at == START + 50,
	    "IPv4 waits 50 ms for the answer about IPv6");
	zone[1].rcode = SERVFAIL;
	dial("a.example", NULL, port, &r);
	ok(reached(&r, "a.example", port, "127.0.0.1", 0) && at == START,
	    "but not where that is an error");
	zone[1].rcode = 0;
	choke(fds[0], "::1", port, fill);
	dial("a.example", NULL, port, &r);
	ok(reached(&r, "a.example", port, "127.0.0.1", 0) && at == START + 250,
	    "IPv6 hangs: IPv4 after 250 ms");
	add("a.example", AAAA, "::2");
	dial("a.example", NULL, port, &r);
	ok(reached(&r, "a.example", port, "127.0.0.1", 0) && at == START + 250,
	    "families alternate");
	close(fds[1]);
	dial("a.example", NULL, port, &r);
	ok(failed(&r, "timeout", " at ::1: no answer") &&
		strstr(r.why, " at 127.0.0.1: Connection refused") != NULL &&
		at == START + 30000,
	    "IPv6 hangs, IPv4 is closed: 30 s");
	zone_count--;
	fds[1] = listener("127.0.0.3", &p2);
	add_srv("_xmpp-client._tcp.b.example", 1, 0, port, "a.example");
	add_srv("_xmpp-client._tcp.b.example", 2, 0, p2, "127.0.0.3");
	dial("b.example", NULL, 0, &r);
	ok(reached(&r, "127.0.0.3", p2, "127.0.0.3", 0) && at >= START + 5000 &&
		at <= START + 5250,
	    "a target hangs: the next after 5 s");
	choke(fds[1], "127.0.0.3", p2, fill2);
	dial("b.example", NULL, 0, &r);
	ok(failed(&r, "timeout", " at ::1: no answer") &&
		strstr(r.why, " at 127.0.0.3: no answer") != NULL &&
		at == START + 30000,
	    "all hang: 30 s");
	unchoke(fds[0], fill);
	unchoke(fds[1], fill2);
}

/* The attempt that hangs is still in the race when the next target is tried. */
static void
test_late(void)
{
	int p1 = 0, p2 = 0, fill[4], fill2[4], i, done = 0, files;
	int l1 = listener("127.0.0.3", &p1), l2 = listener("127.0.0.4", &p2);
	struct dial_options options = {
	    .domain = "a.example", .servers = server_name};
	struct dial_result r = {.fd = -1};
	struct pollfd fds[DIAL_FDS];
	struct dial *d;

	files = open_files();
	choke(l1, "127.0.0.3", p1, fill);
	choke(l2, "127.0.0.4", p2, fill2);
	zone_count = 0;
	add_srv("_xmpp-client._tcp.a.example", 1, 0, p1, "127.0.0.3");
	add_srv("_xmpp-client._tcp.a.example", 2, 0, p2, "127.0.0.4");
	at = START;
	d = dial_new(&options, at);
	for (i = 0; i < 1000 && at < START + 5000 && !done; i++)
		done = run(d, 1, &r);
	ok(!done && dial_fds(d, fds, DIAL_FDS) >= 2 && dial_fds(d, fds, 1) == 1,
	    "two targets hang");
	dial_free(d);
	ok(open_files() == files + 8, "freed under way, nothing is left open");
	unchoke(l1, fill);
	unchoke(l2, fill2);
}

/* One SRV answer never comes: the other is enough, after a moment. */
static void
test_one_srv(void)
{
	static const char *const names[] = {
	    "_xmpps-client._tcp.a.example", "_xmpp-client._tcp.a.example"};
	int port = 5222, p2 = 0, p3 = 0, i, l = listener(HOME, &port);
	int l2 = listener("127.0.0.2", &p2), closed;
	struct dial_result r;

	closed = bound(SOCK_STREAM, "127.0.0.1", &p3);
	for (i = 0; i < 2; i++) {
		zone_count = 0;
		add_srv(names[i], 1, 0, p2, "127.0.0.2");
		add_code(names[!i], SRV, SILENT);
		add("a.example", A, HOME);
		dial("a.example", NULL, 0, &r);
		ok(reached(&r, "127.0.0.2", p2, "127.0.0.2", i == 0) &&
			at == START + 500,
		    "%s alone is answered: half a second", names[i]);
		zone_count = 0;
		add_code(names[!i], SRV, SILENT);
		add("a.example", A, HOME);
		dial("a.example", NULL, 0, &r);
		ok(reached(&r, "a.example", port, HOME, 0) &&
			at == START + 2500,
		    "it has none, the other is silent: 2.5 s, then the domain");
	}
	close(l);
	close(l2);
	close(closed);
}

/* 42 targets at PORT, as many as two answers of 512 bytes hold, then a good. */
static void
add_many(int port, int good)
{
	int i;

	zone_count = 0;
	for (i = 0; i < 42; i++)
		add_srv(i % 2 ? "_xmpp-client._tcp.a" : "_xmpps-client._tcp.a",
		    i, 0, port, "d");
	add_srv("_xmpp-client._tcp.a", 99, 0, good, "g");
	add("d", A, "127.0.0.3");
	add("g", A, "127.0.0.4");
}

/* More targets that refuse, or hang, than run at once. */
static void
test_many(void)
{
	int p1 = 0, p2 = 0, dead = 0, fill[4];
	int l1 = listener("127.0.0.3", &p1), l2 = listener("127.0.0.4", &p2);
	int closed = bound(SOCK_STREAM, "127.0.0.3", &dead);
	struct dial_result r;

	add_many(dead, p2);
	dial("a", NULL, 0, &r);
	ok(reached(&r, "g", p2, "127.0.0.4", 0) && at == START,
	    "42 targets refuse, the next does not");
	choke(l1, "127.0.0.3", p1, fill);
	add_many(p1, p2);
	dial("a", NULL, 0, &r);
	ok(reached(&r, "g", p2, "127.0.0.4", 0) && at < START + 30000,
	    "42 targets hang, the next does not: %d ms", (int)(at - START));
	unchoke(l1, fill);
	close(l2);
	close(closed);
}

/* The target that was connected to is of no use: what is left, and no more, is
 * tried. */
static void
test_next(void)
{
	int p1 = 0, p2 = 0, dead = 0;
	int l1 = listener("127.0.0.1", &p1), l2 = listener("127.0.0.2", &p2);
	int closed = bound(SOCK_STREAM, "127.0.0.1", &dead), files;
	struct dial_options options = {
	    .domain = "a.example", .servers = server_name};
	struct pollfd fds[DIAL_FDS];
	struct dial_result r = {.fd = -1};
	struct dial *d;

	zone_count = 0;
	add("one.example", A, "127.0.0.1");
	add("two.example", A, "127.0.0.1");
	add("two.example", A, "127.0.0.2");
	add_srv("_xmpps-client._tcp.a.example", 1, 0, p1, "one.example");
	add_srv("_xmpp-client._tcp.a.example", 2, 0, p2, "two.example");
	files = open_files();
	at = START;
	d = dial_new(&options, at);
	ok(run(d, 1000, &r) && r.more == 1 &&
		reached(&r, "one.example", p1, "127.0.0.1", 1),
	    "the first target, and one is left");
	ok(dial_fds(d, fds, DIAL_FDS) == 0 && dial_deadline(d) == -1 &&
		dial_work(d, fds, 0, at, &r) == 0 && open_files() == files,
	    "nothing is open or due meanwhile");
	dial_next(d, "it was silent", at);
	ok(run(d, 1000, &r) && reached(&r, "two.example", p2, "127.0.0.2", 0),
	    "the next, at its second address");
	if (r.more > 0)
		dial_next(d, "it was silent, too", at);
	ok(r.more == 0, "none is left");
	dial_free(d);
	close(l2);
	at = START;
	d = dial_new(&options, at);
	ok(run(d, 1000, &r) && r.more == 1, "the first target again");
	close(r.fd);
	dial_next(d, "it was silent", at);
	ok(run(d, 1000, &r) &&
		failed(&r, "refused", "at 127.0.0.1: it was silent; two.exa") &&
		failed(&r, "refused", "at 127.0.0.2: Connection refused"),
	    "the next refuses: both are named");
	dial_free(d);
	ok(open_files() == files - 1, "no descriptor is left over");
	close(l1);
	close(closed);
}

int
main(void)
{
	int port = 0;

	unsetenv("LD_PRELOAD");
	setenv("LOCALDOMAIN", "corp.example", 1);
	server = bound(SOCK_DGRAM, "127.0.0.1", &port);
	snprintf(server_name, sizeof server_name, "127.0.0.1:%d", port);
	test_srv();
	test_absent();
	test_server();
	test_unasked();
	test_configured();
	test_race();
	test_late();
	test_one_srv();
	test_many();
	test_next();
	return tap_done();
}
