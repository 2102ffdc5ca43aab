#include "line/start/probe.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "line/tty/tty.h"
#include "line/world/clock.h"
#include "line/world/random.h"
#include "xmpp/dial.h"
#include "xmpp/stream.h"

#define TARGET_MS 10000 /* the time for one address if there are others */
#define TICK_MS	  100	/* how often signals and deadlines are looked at */

/* Notes the failure CAUSE with the sentence WHY, NULL for none. */
static void
probe_fail(struct probe *p, const char *cause, const char *why)
{
	p->cause = cause;
	snprintf(p->why, sizeof p->why, "%s",
	    why == NULL ? "the server ended the connection" : why);
}

/* Waits until D has an outcome or the time DEADLINE. Returns 0, or -1. */
static int
wait_for_dial(struct dial *d, int64_t deadline, struct dial_result *result)
{
	struct pollfd fds[DIAL_FDS];
	size_t n = 0;

	while (!dial_work(d, fds, n, clock_monotonic(), result)) {
		n = dial_fds(d, fds, DIAL_FDS);
		if (poll(fds, n, TICK_MS) == -1)
			n = 0;
		if (tty_question_signals() == -1 ||
		    clock_monotonic() >= deadline)
			return -1;
	}
	return 0;
}

/* Moves bytes between S and FD once. Returns -1 if a signal ends it. */
static int
exchange_bytes(struct stream *s, int fd)
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
	if (poll(&poll_fd, 1, TICK_MS) == -1 || tty_question_signals() == -1)
		return -1;
	n = recv(fd, chunk, sizeof chunk, 0);
	if (n > 0)
		stream_recv(s, chunk, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		stream_lost(s);
	buf_wipe(chunk, sizeof chunk);
	return 0;
}

/*
 * Returns 1 once S has logged in, or is trusted if there is no password to log
 * in with.
 */
static int
is_logged_in(const struct setup *setup, struct stream *s, enum stream_item item)
{
	if (buf_len(&setup->password) > 0)
		return item == STREAM_SESSION;
	return stream_tls(s) != NULL && tls_ready(stream_tls(s));
}

/* Speaks with the server over FD until the time DEADLINE, and fills P. */
static void
speak_stream(struct stream *s, const struct setup *setup, int fd,
    int64_t deadline, struct probe *p)
{
	enum stream_item item = STREAM_MORE;
	const unsigned char *der;
	int is_done = 0;
	size_t n;

	probe_fail(p, "timeout", "the server does not answer");
	while (!is_done && item != STREAM_END && clock_monotonic() < deadline) {
		if (exchange_bytes(s, fd) == -1)
			break;
		do {
			item = stream_next(s);
			is_done |= is_logged_in(setup, s, item);
		} while (item != STREAM_MORE && item != STREAM_END);
	}
	if (is_done)
		p->cause = NULL;
	else if (item == STREAM_END)
		probe_fail(p,
		    stream_cause(s) == NULL ? "connection-lost"
					    : stream_cause(s),
		    stream_why(s));
	if (stream_tls(s) == NULL)
		return;
	der = tls_leaf(stream_tls(s), &n);
	if (der == NULL)
		return;
	buf_add(&p->der, der, n);
	memcpy(p->pin, tls_pin(stream_tls(s)), sizeof p->pin);
}

/* Tries to log in at what RESULT has connected to. */
static void
try_target(const struct setup *s, const struct stream_options *common,
    const struct dial_result *result, int64_t deadline, struct probe *p)
{
	struct stream_options options = *common;
	int64_t ends = clock_monotonic() + TARGET_MS;
	struct stream *stream;

	options.direct = result->direct;
	stream = stream_new(&options);
	if (result->more == 0 || ends > deadline)
		ends = deadline;
	speak_stream(stream, s, result->fd, ends, p);
	stream_free(stream);
	close(result->fd);
}

/* Tries the targets of D one after another until one is an XMPP server. */
static void
try_targets(const struct setup *s, const struct stream_options *common,
    struct dial *d, struct probe *p)
{
	int64_t deadline = clock_monotonic() + PROBE_SECONDS * 1000;
	struct dial_result result;

	for (;;) {
		if (wait_for_dial(d, deadline, &result) == -1) {
			probe_fail(p, "timeout", "the server does not answer");
			return;
		}
		if (result.cause != NULL) {
			probe_fail(p, result.cause, result.why);
			return;
		}
		try_target(s, common, &result, deadline, p);
		if (p->cause == NULL || buf_len(&p->der) > 0 ||
		    result.more == 0 || tty_question_signals() == -1)
			return;
		dial_next(d, p->why, clock_monotonic());
	}
}

void
probe_login(struct setup *s, struct probe *p)
{
	char domain[256], name[256], host[256], jid_host[JID_SIZE];
	unsigned char seed[NONCE_SEED];
	unsigned seen = 0;
	struct dial_options target = {.domain = domain,
	    .host = s->config.hostname,
	    .port = s->config.port};
	struct stream_options options = {.jid = s->jid,
	    .domain = domain,
	    .name = domain,
	    .anchors = s->anchors,
	    .pin = s->anchors == NULL ? s->pin : NULL,
	    .now = clock_real() / 1000,
	    .seen = &seen};
	struct dial *d;

	memset(p, 0, sizeof *p);
	buf_init(&p->der, 65536);
	options.password = buf_str(&s->password);
	jid_domain(s->jid, jid_host);
	if (jid_ascii_domain(jid_host, domain) == -1) {
		probe_fail(p, "dns", "the host of the JID has no DNS name");
		return;
	}
	if (s->config.certificate_hostname != NULL &&
	    jid_ascii_domain(s->config.certificate_hostname, name) == 0)
		options.name = name;
	if (target.host != NULL && *target.host == '\0')
		target.host = domain;
	else if (target.host != NULL &&
		 jid_ascii_domain(target.host, host) == 0)
		target.host = host;
	if (random_bytes(seed, sizeof seed) == -1) {
		probe_fail(p, "refused", "no randomness");
		return;
	}
	memcpy(&target.random, seed, sizeof target.random);
	options.nonce = nonce_new(seed);
	buf_wipe(seed, sizeof seed);
	d = dial_new(&target, clock_monotonic());
	try_targets(s, &options, d, p);
	dial_free(d);
	nonce_free(options.nonce);
}

void
probe_clear(struct probe *p)
{
	buf_clear(&p->der);
}
