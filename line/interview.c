#include "line/interview.h"

#include <sys/random.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/clock.h"
#include "line/configure.h"
#include "line/escape.h"
#include "line/event.h"
#include "line/input.h"
#include "line/setup.h"
#include "line/tty.h"
#include "otr/key.h"
#include "xmpp/stream.h"

#define STATUS_SYSTEM 71
#define STATUS_OUTPUT 74
#define STATUS_CONFIG 78

#define FETCH_TIME    30000 /* milliseconds for the server's certificate */

struct interview {
	const char *path;
	struct setup setup; /* the directory, and what is there already */
	int has_directory, has_config, has_password, has_key;
	struct configure *dialogue;
	struct event_writer event;
	struct buf out, *why;
	struct input input;
	int terminal, had_error;
	int gone; /* nobody reads our output */
};

static int
fail(struct interview *v, int status, const char *why)
{
	buf_reset(v->why);
	buf_adds(v->why, why);
	return status;
}

static void
flush(struct interview *v)
{
	ssize_t n;

	while (buf_len(&v->out) > 0 && !v->gone) {
		n = write(STDOUT_FILENO, buf_data(&v->out), buf_len(&v->out));
		if (n >= 0)
			buf_drop(&v->out, (size_t)n);
		else
			v->gone = errno != EINTR;
	}
}

static void
begin(struct interview *v, enum event_tag tag, const char *text)
{
	v->event.now = clock_real();
	event_begin(
	    &v->event, tag, NULL, text, text == NULL ? 0 : strlen(text));
}

/* Ends the event; at a terminal its words WORDS, if any, are all. */
static void
end(struct interview *v, const char *words)
{
	struct buf line;

	event_end(&v->event);
	if (v->terminal) {
		buf_reset(&v->out);
		buf_init(&line, (size_t)1 << 20);
		if (words != NULL &&
		    escape_write(&line, words, strlen(words), 0) == 0)
			buf_addf(&v->out, "* %s\n", buf_str(&line));
		buf_clear(&line);
	}
	flush(v);
}

static void
tell(struct interview *v, enum event_tag tag, const char *text)
{
	begin(v, tag, text);
	end(v, text);
}

/* The answer to the last line: ok, or WHY not and the CAUSE. */
static void
answer(struct interview *v, const char *cause, const char *why)
{
	begin(v, why == NULL ? EVENT_OK : EVENT_ERROR, why);
	event_set_number(&v->event, "line", (long long)v->input.line);
	if (why != NULL) {
		v->had_error = 1;
		event_set(&v->event, "cause", cause);
	}
	end(v, why);
}

/* Reads on until there is a line; -1 at the end, and at a signal. */
static int
read_line(struct interview *v, const char **line, size_t *n)
{
	char chunk[512];
	ssize_t got;

	for (;;) {
		switch (input_next(&v->input, line, n)) {
		case INPUT_LINE:
			return 0;
		case INPUT_LONG:
			answer(v, "too-long", "that is too long");
			continue;
		case INPUT_NONE:
			break;
		}
		if (v->input.ended)
			return -1;
		got = read(STDIN_FILENO, chunk, sizeof chunk);
		if (got == -1)
			return -1;
		if (got == 0)
			input_end(&v->input);
		input_add(&v->input, chunk, (size_t)got);
		buf_wipe(chunk, sizeof chunk);
	}
}

/* At a terminal: the prompt, and what is typed, into LINE. */
static int
prompt(
    struct interview *v, const struct configure_question *q, struct buf *line)
{
	const char *typed;
	struct buf text;
	size_t n;
	int status;

	buf_init(&text, JID_SIZE + 512);
	buf_addf(&text, "%s: ", q->text);
	if (q->secret) {
		status = tty_secret(buf_str(&text), line);
	} else {
		buf_add(&v->out, buf_data(&text), buf_len(&text));
		flush(v);
		status = read_line(v, &typed, &n);
		if (status == 0)
			buf_add(line, typed, n);
	}
	buf_clear(&text);
	return status;
}

/* In a pipe: the `ask`, and the next line, into LINE. */
static int
request(
    struct interview *v, const struct configure_question *q, struct buf *line)
{
	const char *given;
	size_t n;

	begin(v, EVENT_ASK, q->text);
	event_set(&v->event, "what", q->what);
	event_set(&v->event, "secret", q->secret ? "yes" : "no");
	end(v, NULL);
	if (v->gone || read_line(v, &given, &n) == -1)
		return -1;
	buf_add(line, given, n);
	return 0;
}

/* Puts the open question and takes the answer; -1: there is none. */
static int
ask(struct interview *v)
{
	struct configure_question q;
	enum configure_step step;
	const char *why = NULL;
	struct buf line;
	int status;

	configure_question(v->dialogue, &q);
	buf_init(&line, INPUT_LINE_MAX);
	status = v->terminal ? prompt(v, &q, &line) : request(v, &q, &line);
	if (status == 0 &&
	    configure_answer(v->dialogue, (const char *)buf_data(&line),
		buf_len(&line), &why) == -1)
		answer(v, "usage", why);
	else if (status == 0) {
		step = configure_step(v->dialogue);
		if (step == CONFIGURE_ASK || step == CONFIGURE_DONE)
			answer(v, NULL, NULL);
	}
	buf_clear(&line);
	return status;
}

/* The file of CA certificates that was named. */
static void
read_anchors(struct interview *v)
{
	const char *path = configure_config(v->dialogue)->trust_anchor;
	const char *why = "there is no such file";
	struct dir *d = dir_new();
	struct buf pem;
	int found;

	buf_init(&pem, DIR_FILE);
	found = dir_read_path(d, path, DIR_FILE, &pem);
	if (found == -1)
		why = dir_why(d);
	if (configure_read(v->dialogue, found == 1 ? buf_data(&pem) : NULL,
		buf_len(&pem), &why) == 0)
		why = NULL;
	answer(v, "usage", why);
	buf_clear(&pem);
	dir_free(d);
}

/* Why the certificate could not be seen. */
struct failure {
	const char *cause;
	char why[400];
};

/*
 * Connects as the configuration so far says. A socket, with *DIRECT; -1 with
 * F.
 */
static int
connect_server(const struct config *config, const char *domain,
    int64_t deadline, int *direct, struct failure *f)
{
	struct dial_options options = {
	    .domain = domain, .host = config->hostname, .port = config->port};
	int64_t now = clock_monotonic();
	struct dial *dial = dial_new(&options, now);
	struct dial_result result = {.fd = -1};
	struct pollfd fds[DIAL_FDS];
	size_t n = 0;

	f->cause = "timeout";
	snprintf(f->why, sizeof f->why, "the server does not answer");
	while (!dial_work(dial, fds, n, now, &result) && now < deadline) {
		n = dial_fds(dial, fds, DIAL_FDS);
		if (poll(fds, n, 100) == -1) {
			snprintf(f->why, sizeof f->why, "interrupted");
			break;
		}
		now = clock_monotonic();
	}
	if (result.cause != NULL) {
		f->cause = result.cause;
		snprintf(f->why, sizeof f->why, "%s", result.why);
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
	if (poll(&poll_fd, 1, 100) == -1)
		return -1;
	n = recv(fd, chunk, sizeof chunk, 0);
	if (n > 0)
		stream_recv(s, chunk, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		stream_lost(s);
	return 0;
}

/*
 * Speaks over FD until the server has shown its certificate, which nothing
 * can be the right one of: the login does not begin. The caller frees.
 */
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

/* The server's certificate, or why it could not be seen. */
static void
fetch(struct interview *v)
{
	const struct config *config = configure_config(v->dialogue);
	int64_t deadline = clock_monotonic() + FETCH_TIME;
	char host[JID_SIZE], domain[256];
	struct failure f = {0};
	const unsigned char *der = NULL;
	struct stream *s = NULL;
	size_t n = 0;
	int fd, direct;

	jid_domain(config->jid, host);
	jid_ascii_domain(host, domain);
	fd = connect_server(config, domain, deadline, &direct, &f);
	if (fd != -1)
		s = look(config, domain, fd, direct, deadline);
	if (s != NULL && stream_tls(s) != NULL)
		der = tls_leaf(stream_tls(s), &n);
	if (der == NULL && s != NULL && stream_cause(s) != NULL) {
		f.cause = stream_cause(s);
		snprintf(f.why, sizeof f.why, "%s", stream_why(s));
	}
	configure_fetched(
	    v->dialogue, der, n, der == NULL ? NULL : tls_pin(stream_tls(s)));
	if (der != NULL)
		tell(v, EVENT_INFO, configure_remark(v->dialogue));
	answer(v, f.cause, der == NULL ? f.why : NULL);
	stream_free(s);
	if (fd != -1)
		close(fd);
}

/* All questions. 0, or the exit status. */
static int
converse(struct interview *v)
{
	int status = 0;

	while (status == 0) {
		switch (configure_step(v->dialogue)) {
		case CONFIGURE_ASK:
			status = ask(v);
			break;
		case CONFIGURE_READ:
			read_anchors(v);
			break;
		case CONFIGURE_FETCH:
			fetch(v);
			break;
		case CONFIGURE_DONE:
			return 0;
		}
		if (v->gone)
			return fail(
			    v, STATUS_OUTPUT, "standard output is gone");
	}
	return fail(v, STATUS_CONFIG,
	    "the input ended before all was answered: nothing was written");
}

/* Whether NAME is there: 1 or 0; -1 where that cannot be told. */
static int
is_there(struct interview *v, const char *name)
{
	struct buf text;
	int found;

	buf_init(&text, DIR_FILE);
	found = dir_read(v->setup.dir, name, DIR_FILE, &text);
	buf_clear(&text);
	return found;
}

/* Looks at what there is already. 0, or the exit status. */
static int
look_around(struct interview *v)
{
	struct setup *s = &v->setup;

	s->dir = dir_new();
	v->has_directory = dir_open(s->dir, v->path, 0);
	if (v->has_directory == 0) {
		dir_free(s->dir); /* it is made at the end, by another */
		s->dir = dir_new();
		return 0;
	}
	if (v->has_directory == -1 ||
	    (v->has_config = is_there(v, "config.sexp")) == -1 ||
	    (v->has_password = is_there(v, "password")) == -1 ||
	    (v->has_key = is_there(v, "otr_dsa.sexp")) == -1)
		return fail(v, STATUS_CONFIG, dir_why(s->dir));
	if (v->has_config && setup_config(s, NULL) == -1)
		return fail(v, s->status, buf_str(&s->why));
	v->has_password |= s->config.password != NULL;
	v->has_key |= s->config.dsa != NULL;
	if (v->has_key && setup_key(s) == -1)
		return fail(v, s->status, buf_str(&s->why));
	return 0;
}

/* Writes NAME with the bytes TEXT unless HAS it. 0, or -1. */
static int
create(struct interview *v, int has, const char *name, const struct buf *text)
{
	if (has || buf_len(text) == 0)
		return 0;
	return dir_create(v->setup.dir, name, buf_data(text), buf_len(text));
}

/* Writes the three of them, or none. 0, or the exit status. */
static int
write_all(struct interview *v, const struct buf *config,
    const struct buf *password, const struct buf *key)
{
	struct dir *d = v->setup.dir;
	char why[1024];

	if (create(v, v->has_key, "otr_dsa.sexp", key) == 0 &&
	    create(v, v->has_password, "password", password) == 0 &&
	    create(v, v->has_config, "config.sexp", config) == 0)
		return 0;
	snprintf(why, sizeof why, "%s", dir_why(d));
	/* Only what was made here can be taken back. */
	dir_take_back(d, "config.sexp");
	dir_take_back(d, "password");
	dir_take_back(d, "otr_dsa.sexp");
	return fail(v, STATUS_OUTPUT, why);
}

static void
tell_key(struct interview *v, const char *fingerprint)
{
	char text[120];

	snprintf(text, sizeof text, "the fingerprint of our OTR key is %s",
	    fingerprint);
	begin(v, EVENT_SUCCESS, text);
	event_set(&v->event, "fp", fingerprint);
	end(v, text);
}

/* Makes the key, prints all, writes all. 0, or the exit status. */
static int
finish(struct interview *v)
{
	const char *secret = configure_password(v->dialogue);
	struct buf config, password, text;
	struct key *key;
	char why[160];
	int status;

	if (!v->has_directory &&
	    dir_open(v->setup.dir, v->path, DIR_CREATE) != 1)
		return fail(v, STATUS_CONFIG, dir_why(v->setup.dir));
	key = v->has_key ? key_parse(buf_data(&v->setup.key),
			       buf_len(&v->setup.key), why)
			 : key_generate();
	if (key == NULL)
		return fail(v, STATUS_SYSTEM, "no OTR key could be made");
	buf_init(&config, DIR_FILE);
	buf_init(&password, SETUP_PASSWORD);
	buf_init(&text, DIR_FILE);
	if (!v->has_config)
		config_print(configure_config(v->dialogue), &config);
	if (secret != NULL)
		buf_adds(&password, secret);
	key_print(key, &text);
	status = write_all(v, &config, &password, &text);
	if (status == 0)
		tell_key(v, key_fingerprint(key));
	key_free(key);
	buf_clear(&config);
	buf_clear(&password);
	buf_clear(&text);
	return status;
}

int
interview(const char *path, int ascii, struct buf *why)
{
	struct interview v = {.path = path,
	    .why = why,
	    .terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)};
	int status;

	buf_init(&v.out, (size_t)1 << 20);
	event_init(&v.event, &v.out, ascii);
	input_init(&v.input, INPUT_LINE_MAX);
	status = look_around(&v);
	if (status == 0) {
		v.dialogue =
		    configure_new((v.has_config ? 0 : CONFIGURE_NO_CONFIG) |
				  (v.has_password ? 0 : CONFIGURE_NO_PASSWORD));
		begin(&v, EVENT_HELLO, "jackline " VERSION);
		event_set(&v.event, "lines", "1");
		end(&v, NULL);
		status = converse(&v);
	}
	if (status == 0)
		status = finish(&v);
	/* Who sits there has seen it. */
	if (status == 0 && v.had_error && !v.terminal)
		status = fail(
		    &v, 1, "all is written, but some answers were given again");
	configure_free(v.dialogue);
	setup_clear(&v.setup);
	input_clear(&v.input);
	event_clear(&v.event);
	buf_clear(&v.out);
	return status;
}
