#include "line/talk/omemo_device.h"

#include <string.h>

#include "line/core/answer.h"
#include "line/talk/omemo_event.h"
#include "line/talk/omemo_pep.h"
#include "line/talk/omemo_talk.h"

#define SECONDS 30 /* for our device to be published */

/* The identity is made, or WHY says why not. */
static void
on_created(struct client *c, const char *why)
{
	struct answer *j, *next;

	if (why == NULL) {
		omemo_talk_made(c);
		return;
	}
	for (j = answer_next(c, NULL, ANSWER_OMEMO); j != NULL; j = next) {
		next = answer_next(c, j, ANSWER_OMEMO);
		if (j->wait == NULL)
			answer_failed(c, j, "store", why);
	}
}

void
omemo_device_publish(struct client *c)
{
	omemo_task_wait(c, c->self.jid, SECONDS);
	if (omemo_task_is_on(c))
		omemo_pep_publish(c);
	else
		omemo_task_create(c, on_created);
}

static void
run_remove(struct client *c, struct omemo *o, struct omemo_task *t)
{
	(void)c;
	t->refused =
	    omemo_remove(o, t->device) == -1 ? omemo_cause(o) : OMEMO_OK;
}

/* Answers the line of T: by error if WHY or the machine says so, else by ok
 * with REMARK, which may be NULL. */
static void
answer_line(struct client *c, const struct omemo_task *t, const char *why,
    const char *remark)
{
	struct answer *j = omemo_task_line(c, t);

	if (j == NULL)
		return;
	if (why != NULL)
		answer_failed(c, j, "store", why);
	else if (t->refused != OMEMO_OK)
		answer_failed(
		    c, j, "no-fingerprint", omemo_cause_words(t->refused));
	else
		answer_done(c, j, remark);
}

static void
end_line(struct client *c, const struct omemo_task *t, const char *why)
{
	answer_line(c, t, why, NULL);
}

static void
end_remove(struct client *c, const struct omemo_task *t, const char *why)
{
	struct answer *j = omemo_task_line(c, t);

	if (j != NULL && why == NULL && t->refused != OMEMO_OK)
		answer_failed(c, j, "no-fingerprint",
		    "there is no such device on your list, beside this one");
	else
		answer_line(c, t, why, "the device is off your list");
}

/* Begins a task about JID that answers the current line. */
static struct omemo_task *
line_task(
    struct client *c, const char *jid, omemo_task_run *run, omemo_task_end *end)
{
	struct omemo_task *t = omemo_task_new(jid, run, end);
	struct answer *j = omemo_task_wait(c, jid, 0);

	j->wait = buf_strdup("");
	t->serial = (unsigned long)j->until;
	return t;
}

void
omemo_device_remove(struct client *c, uint32_t device)
{
	struct omemo_task *t =
	    line_task(c, c->self.jid, run_remove, end_remove);

	t->device = device;
	omemo_task_add(c, t);
}

/* Copies the Ith fingerprint of the digits TEXT to OUT; 0: there is none. */
static int
digits_at(const char *text, size_t i, char out[OMEMO_FINGERPRINT])
{
	size_t n = OMEMO_FINGERPRINT - 1;

	if (strlen(text) < (i + 1) * n)
		return 0;
	memcpy(out, text + i * n, n);
	out[n] = '\0';
	return 1;
}

static void
run_decide(struct client *c, struct omemo *o, struct omemo_task *t)
{
	char fp[OMEMO_FINGERPRINT];
	size_t i;

	for (i = 0; digits_at(t->text, i, fp); i++)
		if (omemo_trust(o, t->name, fp, (enum omemo_trust)t->device,
			c->clock.wall / 1000) == -1)
			t->refused = omemo_cause(o);
}

static void
end_decide(struct client *c, const struct omemo_task *t, const char *why)
{
	struct answer *j = omemo_task_line(c, t);
	char fp[OMEMO_FINGERPRINT];
	struct answer_scope before;
	size_t i;

	if (j != NULL && why == NULL && t->refused == OMEMO_OK) {
		before = answer_enter(c, j);
		for (i = 0; digits_at(t->text, i, fp); i++) {
			event_begins(
			    &c->event, EVENT_SUCCESS, t->name, t->words);
			event_set_number(
			    &c->event, "line", (long long)c->lines.line);
			event_set(&c->event, "fp", fp);
			event_end(&c->event);
		}
		answer_leave(c, before);
	}
	end_line(c, t, why);
}

void
omemo_device_decide(struct client *c, const char *jid, const char *fingerprint,
    enum omemo_trust trust, const char *words)
{
	struct omemo_task *t = line_task(c, jid, run_decide, end_decide);

	t->text = buf_strdup(fingerprint);
	t->words = buf_strdup(words);
	t->device = trust;
	omemo_task_add(c, t);
}

static void
run_list(struct client *c, struct omemo *o, struct omemo_task *t)
{
	struct answer *j = omemo_task_line(c, t);
	struct answer_scope before;
	struct omemo_info info = {.active = 1};
	size_t i;

	if (j == NULL)
		return;
	before = answer_enter(c, j);
	if (client_is_self(c, t->name) && omemo_device_id(o) != 0) {
		info.id = omemo_device_id(o);
		info.trust = OMEMO_VERIFIED;
		omemo_fingerprint(o, info.fingerprint);
		omemo_event_key(c, t->name, &info);
	}
	for (i = 0; omemo_info(o, t->name, i, &info); i++)
		omemo_event_key(c, t->name, &info);
	if (i == 0 && !client_is_self(c, t->name))
		client_info(c, t->name, "no OMEMO device of theirs is known");
	answer_leave(c, before);
}

void
omemo_device_list(struct client *c, const char *jid)
{
	omemo_task_add(c, line_task(c, jid, run_list, end_line));
}
