#include "line/regain.h"

#include <stdlib.h>
#include <string.h>

#include "line/job.h"
#include "line/session.h"

/* Milliseconds. */
#define STABLE	((int64_t)60 * 1000)
#define LONGEST ((int64_t)300 * 1000)

/*
 * What may be over in a while, by itself. A server that is just being stopped
 * says so in the clear behind its <proceed/>: that connection is ended as any
 * other with such words, and nothing was sent on it.
 */
static int
is_passing(const char *cause)
{
	static const char *const causes[] = {
	    "connection-lost", "timeout", "dns", "refused", "tls-injected"};
	size_t i;

	for (i = 0; i < sizeof causes / sizeof *causes; i++)
		if (strcmp(cause, causes[i]) == 0)
			return 1;
	return 0;
}

int
regain_may(const struct client *c, const char *cause)
{
	return cause != NULL && is_passing(cause) && !c->closing &&
	       c->ending < ENDING_STREAM &&
	       (c->link == LINK_ONLINE || c->regaining);
}

/* At once; then 1 s, doubling, a quarter more or less. */
static int64_t
delay(struct client *c)
{
	int64_t ms = c->retries > 9 ? LONGEST : (int64_t)500 << c->retries;

	if (c->retries == 0)
		return 0;
	if (ms > LONGEST)
		ms = LONGEST;
	return ms - ms / 4 + nonce_below(c->nonce, (uint32_t)(ms / 2));
}

void
regain_begin(struct client *c)
{
	int64_t in;

	if (c->link == LINK_ONLINE && c->online_since + STABLE <= c->mono) {
		c->retries = 0;
		c->torn = 0; /* what was kept for us has come */
	}
	in = delay(c);
	c->retries += c->retries < 10;
	c->regaining = 1;
	c->link = LINK_WAITING;
	c->retry_at = c->mono + in;
	event_begin(&c->event, EVENT_STATE, c->jid, "waiting", 7);
	event_set(&c->event, "cause", c->lost);
	event_set_number(&c->event, "in", (in + 999) / 1000);
	event_end(&c->event);
}

void
regain_done(struct client *c)
{
	c->regaining = 0;
	c->regain_until = 0;
}

void
regain_failed(struct client *c)
{
	if (c->regaining && !c->options.terminal)
		c->doomed = c->input.line + input_held(&c->input) + 1;
}

int
regain_is_on(const struct client *c)
{
	return c->regaining && c->link != LINK_ONLINE;
}

int
regain_holds(const struct client *c)
{
	return c->regaining && !c->options.terminal &&
	       c->input.line + 1 > c->doomed;
}

void
regain_timers(struct client *c)
{
	if (!regain_is_on(c))
		return;
	if (c->input.ended && !c->options.stay && c->regain_until == 0)
		c->regain_until = c->mono + c->options.wait * 1000;
	/* Another network, perhaps: what was learnt of the last is void. */
	if (c->jumped)
		c->retries = 0;
	if (c->regain_until != 0 && c->regain_until <= c->mono) {
		regain_failed(c);
		session_end(c, NULL, NULL);
	} else if (c->link == LINK_WAITING &&
		   (c->retry_at <= c->mono || c->jumped)) {
		session_dial(c);
	}
}

int64_t
regain_deadline(const struct client *c)
{
	int64_t at = c->regain_until;

	if (!regain_is_on(c))
		return -1;
	if (c->link == LINK_WAITING && (at == 0 || c->retry_at < at))
		at = c->retry_at;
	return at == 0 ? -1 : at;
}

/* Takes `WORD ARGUMENT ` off the N bytes at *LINE: the argument, or NULL. */
static const char *
skip(const char **line, size_t *n, const char *word)
{
	size_t len = strlen(word);
	const char *argument = *line + len, *space;

	if (*n <= len || memcmp(*line, word, len) != 0)
		return NULL;
	space = memchr(argument, ' ', *n - len);
	if (space == NULL)
		return NULL;
	*n -= (size_t)(space + 1 - *line);
	*line = space + 1;
	return argument;
}

/* Takes off what may stand before any line: the last label, or NULL. */
static char *
skip_all(const char **line, size_t *n)
{
	const char *token;
	char *label = NULL;

	for (;;) {
		token = skip(line, n, "/label ");
		if (token != NULL) {
			free(label);
			label = buf_memdup(token, (size_t)(*line - 1 - token));
		} else if (skip(line, n, "/with ") == NULL) {
			return label;
		}
	}
}

/* Whether the N bytes of LINE end the session, whatever stands before that. */
static int
is_end(const char *line, size_t n)
{
	static const char quit[] = "/quit", disconnect[] = "/disconnect";

	free(skip_all(&line, &n));
	return (n == sizeof quit - 1 && memcmp(line, quit, n) == 0) ||
	       (n == sizeof disconnect - 1 && memcmp(line, disconnect, n) == 0);
}

/* The lines under way that hold those behind them wait no longer. */
static void
fail_holders(struct client *c)
{
	struct job *j, *next;

	/* Its answer is one of the lines that fail. */
	if (c->ask != NULL)
		job_failed(c, c->ask, "connection-lost", NULL);
	for (j = c->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->holds && j->kind != JOB_HISTORY)
			job_failed(c, j, "connection-lost", NULL);
	}
}

void
regain_lines(struct client *c)
{
	const char *line;
	size_t n;

	if (!regain_is_on(c) || c->options.terminal ||
	    c->options.text_to != NULL || c->doomed > c->input.line)
		return;
	while (input_ahead(&c->input, &line, &n)) {
		if (!is_end(line, n))
			continue;
		c->doomed = c->input.line + c->input.ahead_lines;
		fail_holders(c);
		return;
	}
}

int
regain_dooms(struct client *c, const char *line, size_t n)
{
	char *label;

	if (c->line >= c->doomed)
		return 0;
	label = c->options.text_to == NULL ? skip_all(&line, &n) : NULL;
	c->event.label = label;
	job_error(c, NULL, "connection-lost", NULL);
	c->event.label = NULL;
	free(label);
	return 1;
}
