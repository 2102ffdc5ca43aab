#include "line/interview.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/clock.h"
#include "line/configure.h"
#include "line/escape.h"
#include "line/event.h"
#include "line/glimpse.h"
#include "line/input.h"
#include "line/setup.h"
#include "line/signals.h"
#include "line/tty.h"
#include "otr/key.h"

#define STATUS_SYSTEM 71
#define STATUS_OUTPUT 74
#define STATUS_CONFIG 78

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

static const char interrupted[] = "interrupted: nothing was written";

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
		buf_adds(&line, "* ");
		if (words != NULL &&
		    escape_write(&line, words, strlen(words), 0) == 0)
			tty_fold(STDOUT_FILENO, buf_str(&line), &v->out);
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

/* Waits until something can be read; -1 at a signal. */
static int
wait_for_input(void)
{
	struct pollfd fds[] = {
	    {signals_fd(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};

	while (poll(fds, 2, -1) == -1 && errno == EINTR)
		;
	return fds[0].revents != 0 ? -1 : 0;
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
		if (wait_for_input() == -1)
			return -1;
		got = read(STDIN_FILENO, chunk, sizeof chunk);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		if (got == 0)
			input_end(&v->input);
		input_add(&v->input, chunk, (size_t)got);
		buf_wipe(chunk, sizeof chunk);
	}
}

/* At a terminal: the prompt, and what is typed, into LINE; a secret twice. */
static int
prompt(
    struct interview *v, const struct configure_question *q, struct buf *line)
{
	struct buf text, again;
	int same, status;

	buf_init(&text, JID_SIZE + 512);
	buf_init(&again, INPUT_LINE_MAX);
	buf_addf(&text, "%s: ", q->text);
	do {
		same = 1;
		status = tty_question(buf_str(&text), q->secret, line);
		if (status == -1 || !q->secret || buf_len(line) == 0)
			break;
		status = tty_question("the same again: ", 1, &again);
		same = strcmp(buf_str(line), buf_str(&again)) == 0;
		if (status == 0 && !same) {
			tell(v, EVENT_INFO, "these two are not the same");
			buf_reset(line);
		}
		buf_reset(&again);
	} while (status == 0 && !same);
	buf_clear(&text);
	buf_clear(&again);
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

/* The server's certificate, or why it could not be seen. */
static void
fetch(struct interview *v)
{
	const struct config *config = configure_config(v->dialogue);
	struct glimpse g;

	glimpse_take(config, &g);
	configure_fetched(v->dialogue, g.der, g.n, g.pin);
	if (g.der != NULL)
		tell(v, EVENT_INFO, configure_remark(v->dialogue));
	answer(v, g.cause, g.der == NULL ? g.why : NULL);
	glimpse_clear(&g);
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
	    signals_wait()
		? interrupted
		: "the input ended before all was answered: nothing was "
		  "written");
}

/* Whether PATH, or what is there of it, can be written to; else errno. */
static int
is_writable(const char *path)
{
	char *copy = buf_strdup(path), *slash;
	int status;

	while ((status = access(copy, W_OK | X_OK)) == -1 && errno == ENOENT) {
		slash = strrchr(copy, '/');
		if (slash == NULL || slash == copy) {
			status = access(slash == NULL ? "." : "/", W_OK | X_OK);
			break;
		}
		*slash = '\0';
	}
	free(copy);
	return status == 0;
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
	char why[PATH_MAX + 100];

	s->dir = dir_new();
	v->has_directory = dir_open(s->dir, v->path, 0);
	/* Not only after all the questions. */
	if (v->has_directory != -1 && !is_writable(v->path)) {
		snprintf(why, sizeof why, "%s: it cannot be written: %s",
		    v->path, strerror(errno));
		return fail(v, STATUS_CONFIG, why);
	}
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
	char text[PATH_MAX + 40];

	if (v->terminal) {
		snprintf(text, sizeof text, "all is written to %s", v->path);
		tell(v, EVENT_INFO, text);
	}
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

	if (!v->has_key && v->terminal)
		tell(v, EVENT_INFO, "making the OTR key: some seconds");
	key = v->has_key ? key_parse(buf_data(&v->setup.key),
			       buf_len(&v->setup.key), why)
			 : key_generate();
	if (key == NULL)
		return fail(v, STATUS_SYSTEM, "no OTR key could be made");
	if (signals_wait() ||
	    (!v->has_directory &&
		dir_open(v->setup.dir, v->path, DIR_CREATE) != 1)) {
		key_free(key);
		return fail(v, STATUS_CONFIG,
		    signals_wait() ? interrupted : dir_why(v->setup.dir));
	}
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
	static const char opening[] =
	    "some questions; Return alone takes what is in brackets, Ctrl-C "
	    "writes nothing";
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
		if (v.terminal && configure_step(v.dialogue) == CONFIGURE_ASK)
			tell(&v, EVENT_INFO, opening);
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
