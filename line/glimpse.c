#include "line/glimpse.h"

#include <sys/random.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "line/clock.h"
#include "line/signals.h"
#include "xmpp/dial.h"
#include "xmpp/jid.h"

#define LIMIT 30000 /* milliseconds */

/* A socket, with *DIRECT; -1 with the reasons in G. */
static int
connect_server(const struct config *config, const char *domain,
    int64_t deadline, int *direct, struct glimpse *g)
{
	struct dial_options options = {
	    .domain = domain, .host = config->hostname, .port = config->port};
	int64_t now = clock_monotonic();
	struct dial *dial = dial_new(&options, now);
	struct dial_result result = {.fd = -1};
	struct pollfd fds[DIAL_FDS];
	size_t n = 0;

	g->cause = "timeout";
	snprintf(g->why, sizeof g->why, "the server does not answer");
	while (!dial_work(dial, fds, n, now, &result) && now < deadline) {
		n = dial_fds(dial, fds, DIAL_FDS);
		if (poll(fds, n, 100) == -1 || signals_wait()) {
			snprintf(g->why, sizeof g->why, "interrupted");
			break;
		}
		now = clock_monotonic();
	}
	if (result.cause != NULL) {
		g->cause = result.cause;
		snprintf(g->why, sizeof g->why, "%s", result.why);
		result.fd = -1;
	}
	*direct = result.direct;
	dial_free(dial);
	return result.fd;
}

/* Moves bytes between S and FD once; -1 where that cannot go on. */
static int
exchange(struct stream *s, int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	const unsigned char *wire;
	char chunk[16384];
	ssize_t n;
	size_t len;

	while (wire = stream_wire_buf(s, &len), len > 0) {
		n = send(fd, wire, len, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		stream_wire_done(s, (size_t)n);
	}
	if (poll(&poll_fd, 1, 100) == -1 || signals_wait())
		return -1;
	n = recv(fd, chunk, sizeof chunk, 0);
	if (n > 0)
		stream_recv(s, chunk, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		stream_lost(s);
	return 0;
}

/* Speaks over FD until the certificate was shown, which cannot be right. */
static struct stream *
look(const struct config *config, const char *domain, int fd, int direct,
    int64_t deadline)
{
	static const unsigned char none[TLS_PIN];
	unsigned char seed[NONCE_SEED];
	enum stream_item item = STREAM_MORE;
	unsigned seen = 0;
	struct stream *s;
	struct stream_options options = {.jid = config->jid,
	    .password = "",
	    .domain = domain,
	    .name = domain,
	    .pin = none,
	    .direct = direct,
	    .now = clock_real() / 1000,
	    .seen = &seen};

	if (getrandom(seed, sizeof seed, 0) != sizeof seed)
		return NULL;
	options.nonce = nonce_new(seed);
	s = stream_new(&options);
	while (item != STREAM_END && exchange(s, fd) == 0 &&
	       clock_monotonic() < deadline)
		do
			item = stream_next(s);
		while (item != STREAM_MORE && item != STREAM_END);
	nonce_free(options.nonce);
	return s;
}

void
glimpse_take(const struct config *c, struct glimpse *g)
{
	int64_t deadline = clock_monotonic() + LIMIT;
	char host[JID_SIZE], domain[256];
	struct stream *s = NULL;
	int fd, direct;

	memset(g, 0, sizeof *g);
	jid_domain(c->jid, host);
	jid_ascii_domain(host, domain);
	fd = connect_server(c, domain, deadline, &direct, g);
	if (fd == -1)
		return;
	g->stream = s = look(c, domain, fd, direct, deadline);
	close(fd);
	if (s != NULL && stream_tls(s) != NULL)
		g->der = tls_leaf(stream_tls(s), &g->n);
	if (g->der != NULL) {
		g->pin = tls_pin(stream_tls(s));
	} else if (s != NULL && stream_cause(s) != NULL) {
		g->cause = stream_cause(s);
		snprintf(g->why, sizeof g->why, "%s", stream_why(s));
	}
}

void
glimpse_clear(struct glimpse *g)
{
	stream_free(g->stream);
}
