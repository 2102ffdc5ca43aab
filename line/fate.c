#include "line/fate.h"

#include <stdlib.h>
#include <string.h>

#include "line/request.h"

/* Messages with their fate that a receipt or bounce may still speak of. */
#define ACKED_KEPT 2000

struct fate {
	struct fate *next, *before; /* in the order of sending */
	char id[NONCE_ID + 1];
	char *to;
	unsigned long line;
	char *label;
	uint64_t number; /* as counted by client.sent */
	int acked;
};

static void
fate_free(struct client *c, struct fate *f)
{
	if (f->before == NULL)
		c->fate_first = f->next;
	else
		f->before->next = f->next;
	if (f->next == NULL)
		c->fate_last = f->before;
	else
		f->next->before = f->before;
	if (f->acked)
		c->fates_acked--;
	else
		c->fates_open--;
	map_remove(&c->fates, f->id);
	free(f->to);
	free(f->label);
	free(f);
}

void
fate_add(struct client *c, const char *to, const char *id)
{
	struct fate *f = buf_alloc(sizeof *f);

	memcpy(f->id, id, sizeof f->id);
	f->to = buf_strdup(to);
	f->line = c->line;
	f->label = buf_strdup(c->label);
	f->number = ++c->sent;
	f->before = c->fate_last;
	if (f->before == NULL)
		c->fate_first = f;
	else
		f->before->next = f;
	c->fate_last = f;
	c->fates_open++;
	map_add(&c->fates, f->id, f);
}

/* Writes the event TAG of F; CAUSE NULL for those that have none. */
static void
fate_event(struct client *c, const struct fate *f, enum event_tag tag,
    const char *cause, const char *why)
{
	const char *label = c->event.label;

	c->event.label = f->label;
	event_begin(&c->event, tag, f->to, why, why == NULL ? 0 : strlen(why));
	event_set_number(&c->event, "line", (long long)f->line);
	event_set(&c->event, "id", f->id);
	if (cause != NULL) {
		event_set(&c->event, "cause", cause);
		client_note_error(c, cause, why);
	}
	event_end(&c->event);
	c->event.label = label;
}

/* Forgets the oldest that are acked, past what may be kept. */
static void
trim(struct client *c)
{
	struct fate *f, *next;

	for (f = c->fate_first; f != NULL && c->fates_acked > ACKED_KEPT;
	     f = next) {
		next = f->next;
		if (f->acked)
			fate_free(c, f);
	}
}

void
fate_acked(struct client *c, uint64_t covered)
{
	struct fate *f;

	/* The open ones stand together at the end: go back to the first. */
	for (f = c->fate_last; f != NULL && !f->acked; f = f->before)
		;
	for (f = f == NULL ? c->fate_first : f->next;
	     f != NULL && f->number <= covered; f = f->next) {
		f->acked = 1;
		c->fates_open--;
		c->fates_acked++;
		fate_event(c, f, EVENT_ACKED, NULL, NULL);
	}
	trim(c);
}

void
fate_receipt(struct client *c, const char *jid, const char *id)
{
	struct fate *f = map_find(&c->fates, id);
	struct resource *s;

	if (f == NULL || !jid_same_bare(f->to, jid) ||
	    (jid_resource(f->to) != NULL && strcmp(f->to, jid) != 0))
		return;
	s = roster_resource(&c->roster, jid);
	if (s != NULL)
		s->receipts = 1;
	/* Who received it proves that the server had it. */
	if (!f->acked)
		fate_acked(c, f->number);
	fate_event(c, f, EVENT_DELIVERED, NULL, NULL);
	fate_free(c, f);
}

int
fate_bounced(struct client *c, const char *from, const struct stanza *x)
{
	const char *id = stanza_get(x, "id"), *text = stanza_error_text(x);
	const char *condition = stanza_condition(x);
	struct fate *f = id == NULL ? NULL : map_find(&c->fates, id);

	if (f == NULL || !jid_same_bare(f->to, from))
		return 0;
	fate_event(c, f, EVENT_FAILED, condition,
	    text == NULL ? event_sentence("bounced") : text);
	fate_free(c, f);
	return 1;
}

void
fate_lost(struct client *c, const char *cause)
{
	struct fate *f, *next;

	for (f = c->fate_first; f != NULL; f = next) {
		next = f->next;
		if (!f->acked)
			fate_event(c, f, EVENT_UNKNOWN, cause,
			    "the connection ended before the server "
			    "acknowledged it");
		fate_free(c, f);
	}
	c->sent = 0;
	c->ack_ping = 0;
}

static void
on_ack(struct client *c, struct job *job, const struct stanza *x)
{
	(void)job;
	c->ack_ping = 0;
	if (x != NULL)
		fate_acked(c, c->ping_covers);
}

void
fate_ask_ack(struct client *c)
{
	struct writer w;

	if (c->ack_ping || c->fates_open == 0 || c->link != LINK_ONLINE)
		return;
	request_begin(c, &w, "get", NULL, on_ack, NULL);
	writer_leaf(&w, "ping", NS_PING, NULL);
	writer_end(&w);
	c->ack_ping = 1;
	c->ack_pinged = c->mono;
	c->ping_covers = c->sent;
}

void
fate_clear(struct client *c)
{
	while (c->fate_first != NULL)
		fate_free(c, c->fate_first);
	map_clear(&c->fates);
}
