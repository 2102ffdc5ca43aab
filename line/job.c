#include "line/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/muc.h"
#include "line/request.h"

void
job_ok(struct client *c, const char *peer, const char *remark)
{
	event_begin(&c->event, EVENT_OK, peer, remark,
	    remark == NULL ? 0 : strlen(remark));
	event_set_number(&c->event, "line", (long long)c->line);
	event_end(&c->event);
	c->answered = 1;
}

void
job_error(
    struct client *c, const char *peer, const char *cause, const char *why)
{
	if (why == NULL)
		why = event_sentence(cause);
	event_begin(&c->event, EVENT_ERROR, peer, why, strlen(why));
	event_set_number(&c->event, "line", (long long)c->line);
	event_set(&c->event, "cause", cause);
	event_end(&c->event);
	c->answered = 1;
	job_note_error(c, cause, why);
}

struct job *
job_wait(struct client *c, enum job_kind kind, int holds, int seconds)
{
	struct job *j = buf_alloc(sizeof *j), **at;

	j->kind = kind;
	j->line = c->line;
	j->label = buf_strdup(c->label);
	j->holds = holds && !c->options.terminal;
	j->deadline = seconds > 0 ? c->mono + (int64_t)seconds * 1000 : 0;
	for (at = &c->jobs; *at != NULL; at = &(*at)->next)
		;
	*at = j;
	c->answered = 1;
	return j;
}

int
job_holds(const struct client *c)
{
	const struct job *j;

	for (j = c->jobs; j != NULL; j = j->next)
		if (j->holds)
			return 1;
	return 0;
}

static void
job_free(struct job *j)
{
	free(j->label);
	free(j->subject);
	free(j->wait);
	free(j->place);
	free(j);
}

/* Takes J out of the list and answers it in its own name. */
static void
answer(struct client *c, struct job *j, const char *cause, const char *why)
{
	unsigned long line = c->line;
	char *label = c->label;
	struct job **at;

	for (at = &c->jobs; *at != j; at = &(*at)->next)
		;
	*at = j->next;
	request_forget(c, j);
	if (c->ask == j)
		c->ask = NULL;
	c->line = j->line;
	c->label = j->label;
	c->event.label = j->label;
	if (cause == NULL)
		job_ok(c, j->subject, why);
	else
		job_error(c, j->subject, cause, why);
	c->line = line;
	c->label = label;
	c->event.label = label;
	job_free(j);
}

void
job_done(struct client *c, struct job *j, const char *remark)
{
	answer(c, j, NULL, remark);
}

void
job_failed(struct client *c, struct job *j, const char *cause, const char *why)
{
	answer(c, j, cause, why);
}

void
job_settle(
    struct client *c, enum job_kind kind, const char *cause, const char *why)
{
	struct job *j, *next;

	for (j = c->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->kind == kind)
			answer(c, j, cause, why);
	}
}

void
job_timeouts(struct client *c)
{
	struct job *j, *next;

	for (j = c->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->deadline == 0 || j->deadline > c->mono)
			continue;
		if (j->kind == JOB_JOIN || j->kind == JOB_LEAVE)
			muc_give_up(c, j->subject, j->kind == JOB_JOIN);
		answer(c, j, "timeout", NULL);
	}
}

int64_t
job_deadline(const struct client *c)
{
	const struct job *j;
	int64_t first = -1;

	for (j = c->jobs; j != NULL; j = j->next)
		if (j->deadline != 0 && (first < 0 || j->deadline < first))
			first = j->deadline;
	return first;
}

void
job_clear(struct client *c)
{
	struct job *next;

	for (; c->jobs != NULL; c->jobs = next) {
		next = c->jobs->next;
		request_forget(c, c->jobs);
		job_free(c->jobs);
	}
}

void
job_unasked(struct client *c)
{
	if (c->ask != NULL)
		job_failed(c, c->ask, "usage", "the question was not answered");
}

void
job_note_error(struct client *c, const char *cause, const char *why)
{
	if (!c->had_error)
		snprintf(
		    c->error_why, sizeof c->error_why, "%s: %s", cause, why);
	c->had_error = 1;
	if (c->options.stop)
		c->read_ended = 1;
}
