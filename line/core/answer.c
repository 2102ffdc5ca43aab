#include "line/core/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/request.h"
#include "line/core/source.h"

/* Milliseconds after which a person is told what a line waits for. */
#define TELL_AFTER 1000

/*
 * Notes that a message line is answered, where the current one is that: ID is
 * that of the message, or empty. /wait starts anew from here.
 */
static void
note_message(struct client *c, const char *id)
{
	struct source *s = c->source;

	if (!c->lines.is_message)
		return;
	s->message_at = client_text_total(c);
	buf_copy(s->sent_id, sizeof s->sent_id, id);
}

void
answer_begin(struct client *c, unsigned long line)
{
	c->lines.line = line;
	c->lines.is_message = line != 0;
	answer_label(c, NULL);
}

void
answer_label(struct client *c, char *label)
{
	free(c->lines.label);
	c->lines.label =
	    c->lines.line == 0 ? label : event_label(label, c->source->name);
	if (c->lines.label != label)
		free(label);
	event_relabel(&c->event, c->lines.label);
}

void
answer_is_message(struct client *c, int is_message)
{
	c->lines.is_message = is_message;
}

void
answer_ok(struct client *c, const char *peer, const char *remark)
{
	event_begins(&c->event, EVENT_OK, peer, remark);
	event_set_number(&c->event, "line", (long long)c->lines.line);
	event_end(&c->event);
}

void
answer_sent(struct client *c, const char *id)
{
	note_message(c, id);
}

void
answer_error(
    struct client *c, const char *peer, const char *cause, const char *why)
{
	if (why == NULL)
		why = event_sentence(cause);
	event_begins(&c->event, EVENT_ERROR, peer, why);
	event_set_number(&c->event, "line", (long long)c->lines.line);
	event_set(&c->event, "cause", cause);
	event_end(&c->event);
	note_message(c, "");
	answer_note_error(c, cause, why);
}

struct answer *
answer_wait(struct client *c, enum answer_kind kind, int holds, int seconds)
{
	struct answer *a = buf_alloc(sizeof *a), **at;

	a->kind = kind;
	a->line = c->lines.line;
	a->source = c->source;
	a->label = buf_strdup(c->lines.label);
	a->is_message = c->lines.is_message;
	a->holds = holds && !client_is_typed(c);
	a->deadline = seconds > 0 ? c->clock.mono + (int64_t)seconds * 1000 : 0;
	a->tell_at =
	    c->options.terminal && seconds > 0 ? c->clock.mono + TELL_AFTER : 0;
	for (at = &c->lines.answers; *at != NULL; at = &(*at)->next)
		;
	*at = a;
	note_message(c, "");
	return a;
}

/* Tells a person what A has been waiting for. */
static void
tell_waiting(struct client *c, struct answer *a)
{
	static const char *const words[] = {[ANSWER_CONNECT] = "for the server",
	    [ANSWER_REQUEST] = "for an answer",
	    [ANSWER_WAIT] = "for that event",
	    [ANSWER_OTR] = "for them to begin the encrypted session",
	    [ANSWER_JOIN] = "for the room to let you in",
	    [ANSWER_LEAVE] = "for the room to let you go",
	    [ANSWER_NICK] = "for the room to take the nick",
	    [ANSWER_TOPIC] = "for the room to take the topic",
	    [ANSWER_ENTRY] = "for the room to let you in"};
	struct answer_scope before;
	char text[160];

	a->tell_at = 0;
	if ((size_t)a->kind >= sizeof words / sizeof *words ||
	    words[a->kind] == NULL)
		return;
	before = answer_enter(c, a);
	snprintf(text, sizeof text, "waiting %s, for %lld s more at most",
	    words[a->kind],
	    (long long)(a->deadline - c->clock.mono + 999) / 1000);
	client_info(c, a->subject, text);
	answer_leave(c, before);
}

struct answer *
answer_question(struct client *c)
{
	struct source *s = c->source;

	s->ask = answer_wait(c, ANSWER_ASK, 0, 0);
	return s->ask;
}

char *
answer_subject(struct client *c, char *text)
{
	struct source *s = c->source;
	char *before = s->subject;

	s->subject = text;
	return before;
}

void
answer_look_anew(struct client *c)
{
	struct source *s = c->source;

	s->message_at = client_text_total(c);
}

void
answer_no_more(struct client *c)
{
	c->lines.read_ended = 1;
}

int
answer_holds(const struct client *c, const struct source *s)
{
	const struct answer *a;

	for (a = c->lines.answers; a != NULL; a = a->next)
		if (a->holds && a->source == s)
			return 1;
	return 0;
}

struct answer *
answer_next(
    const struct client *c, const struct answer *after, enum answer_kind kind)
{
	struct answer *a = after == NULL ? c->lines.answers : after->next;

	while (a != NULL && a->kind != kind)
		a = a->next;
	return a;
}

static void
answer_free(struct answer *a)
{
	free(a->label);
	free(a->subject);
	free(a->wait);
	free(a->place);
	free(a->names);
	free(a);
}

struct answer_scope
answer_enter(struct client *c, const struct answer *a)
{
	struct answer_scope before = {c->lines.line, c->lines.label,
	    event_relabel(&c->event, a->label), c->lines.is_message,
	    source_enter(c, a->source)};

	c->lines.line = a->line;
	c->lines.label = a->label;
	c->lines.is_message = 0;
	return before;
}

void
answer_leave(struct client *c, struct answer_scope before)
{
	c->lines.line = before.line;
	c->lines.label = before.label;
	c->lines.is_message = before.is_message;
	event_relabel(&c->event, before.event_label);
	source_enter(c, before.source);
}

/*
 * Takes A out of the list and answers it in its own name: by an error with
 * CAUSE, by ok where that is NULL, or by doing its line anew. Frees A.
 */
static void
answer_finish(
    struct client *c, struct answer *a, const char *cause, const char *why)
{
	struct answer_scope before = answer_enter(c, a);
	struct answer **at;

	for (at = &c->lines.answers; *at != a; at = &(*at)->next)
		;
	*at = a->next;
	request_forget(c, a);
	if (a->source->ask == a)
		a->source->ask = NULL;
	if (cause != NULL) {
		answer_error(c, a->subject, cause, why);
	} else if (a->redo != NULL) {
		c->lines.is_message = a->is_message;
		a->redo(c, a->subject, a->wait);
	} else {
		answer_ok(c, a->subject, why);
	}
	answer_leave(c, before);
	answer_free(a);
}

void
answer_redo(struct client *c, struct answer *a)
{
	answer_finish(c, a, NULL, NULL);
}

void
answer_done(struct client *c, struct answer *a, const char *remark)
{
	answer_finish(c, a, NULL, remark);
}

void
answer_failed(
    struct client *c, struct answer *a, const char *cause, const char *why)
{
	answer_finish(c, a, cause, why);
}

int
answer_result(
    struct client *c, struct answer *a, const struct stanza *x, const char *why)
{
	const char *text;

	if (a == NULL)
		return 0;
	if (x == NULL) {
		answer_failed(c, a, "connection-lost", NULL);
		return 0;
	}
	if (strcmp(stanza_get(x, "type"), "result") == 0)
		return 1;
	text = stanza_error_text(x);
	if (text == NULL)
		text = why == NULL ? ANSWER_REFUSED : why;
	answer_failed(c, a, stanza_condition(x), text);
	return 0;
}

void
answer_settle(
    struct client *c, enum answer_kind kind, const char *cause, const char *why)
{
	struct answer *a, *next;

	for (a = answer_next(c, NULL, kind); a != NULL; a = next) {
		next = answer_next(c, a, kind);
		answer_finish(c, a, cause, why);
	}
}

/* Returns what A has waited for in vain, static; NULL: the sentence of the
 * cause says as much. */
static const char *
missing_words(const struct client *c, const struct answer *a)
{
	const struct contact *contact =
	    a->subject == NULL ? NULL : roster_find(&c->roster, a->subject);

	switch (a->kind) {
	case ANSWER_OTR:
		return contact == NULL || contact->resources == NULL
			   ? "no session: no presence of them is known, so "
			     "they "
			     "may be offline; if they are not, use the full JID"
			   : "no session: they have not answered, and may have "
			     "no OTR";
	case ANSWER_JOIN:
	case ANSWER_ENTRY:
	case ANSWER_LEAVE:
	case ANSWER_NICK:
	case ANSWER_TOPIC:
		return "the room has not answered in time";
	case ANSWER_WAIT:
		return "no such event came in time";
	default:
		return NULL;
	}
}

/* Returns the first line whose time is over, or NULL. */
static struct answer *
first_overdue(const struct client *c)
{
	struct answer *a;

	for (a = c->lines.answers; a != NULL; a = a->next)
		if (a->deadline != 0 && a->deadline <= c->clock.mono)
			return a;
	return NULL;
}

void
answer_timeouts(struct client *c)
{
	void (*on_timeout)(struct client *, const struct answer *);
	struct answer *a;

	for (a = c->lines.answers; a != NULL; a = a->next)
		if (a->tell_at != 0 && a->tell_at <= c->clock.mono)
			tell_waiting(c, a);
	/* A timeout may answer any of the others, and its own line. */
	while ((a = first_overdue(c)) != NULL) {
		on_timeout = a->on_timeout;
		a->on_timeout = NULL;
		if (on_timeout == NULL)
			answer_finish(c, a, "timeout", missing_words(c, a));
		else
			on_timeout(c, a);
	}
}

int64_t
answer_deadline(const struct client *c)
{
	const struct answer *a;
	int64_t first = -1;

	for (a = c->lines.answers; a != NULL; a = a->next) {
		if (a->deadline != 0)
			first = client_sooner(first, a->deadline);
		if (a->tell_at != 0)
			first = client_sooner(first, a->tell_at);
	}
	return first;
}

void
answer_clear(struct client *c)
{
	struct answer *next;

	for (; c->lines.answers != NULL; c->lines.answers = next) {
		next = c->lines.answers->next;
		request_forget(c, c->lines.answers);
		answer_free(c->lines.answers);
	}
	free(c->lines.label);
	c->lines.label = NULL;
}

void
answer_unasked(struct client *c)
{
	if (c->source->ask != NULL)
		answer_failed(c, c->source->ask, "usage",
		    "the question was not answered");
}

void
answer_no_line(
    struct client *c, const char *peer, const char *cause, const char *why)
{
	event_begins(&c->event, EVENT_ERROR, peer, why);
	event_set(&c->event, "cause", cause);
	event_end(&c->event);
	answer_note_error(c, cause, why);
}

/*
 * Notes WHY as the reason of the exit status. A person who leaves hours later
 * is told that it is old, and not what to do about it.
 */
static void
note_reason(struct client *c, const char *cause, const char *why)
{
	char *out = c->lines.error_why;
	const char *end = strstr(why, "; ");
	size_t room = sizeof c->lines.error_why;

	if (c->options.terminal)
		snprintf(out, room, "something failed in this session: %.*s",
		    end == NULL ? (int)strlen(why) : (int)(end - why), why);
	else if (strncmp(why, "usage: ", 7) == 0) /* has the cause */
		snprintf(out, room, "%s", why);
	else
		snprintf(out, room, "%s: %s", cause, why);
}

void
answer_note_error(struct client *c, const char *cause, const char *why)
{
	if (!c->lines.had_error)
		note_reason(c, cause, why);
	c->lines.had_error = 1;
	if (c->options.stop)
		c->lines.read_ended = 1;
}
