#include "line/talk/bounce.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/request.h"

/* Domains that are asked, at most. */
#define BOUNCE_DOMAINS 16

/* Milliseconds that the servers have for their answer. */
#define PATIENCE 5000

/* A domain other than our own that we wrote to. */
struct written_domain {
	char *name;
	char id[NONCE_ID + 1]; /* of the last message to it */
};

struct bounces {
	struct written_domain domains[BOUNCE_DOMAINS];
	size_t count;
	int own_unheard; /* our own server owes the answer to the last ping */
	int lost;	 /* the connection was lost before all answers came */
	/* When they were asked for, or the clock jumped since; monotonic. */
	int64_t asked_at;
};

void
bounce_init(struct client *c)
{
	c->bounces = buf_alloc(sizeof *c->bounces);
}

/* Returns the index of the domain NAME, or their number if it is not there. */
static size_t
find_domain(const struct client *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->bounces->count; i++)
		if (strcmp(c->bounces->domains[i].name, name) == 0)
			break;
	return i;
}

static void
remove_domain(struct client *c, size_t i)
{
	free(c->bounces->domains[i].name);
	c->bounces->count--;
	memmove(c->bounces->domains + i, c->bounces->domains + i + 1,
	    (c->bounces->count - i) * sizeof *c->bounces->domains);
}

static void
remove_domains(struct client *c)
{
	while (c->bounces->count > 0)
		remove_domain(c, c->bounces->count - 1);
}

void
bounce_wrote(struct client *c, const char *to, const char *id)
{
	char name[JID_SIZE], own[JID_SIZE];
	struct written_domain *d;
	size_t i;

	jid_domain(to, name);
	jid_domain(c->self.jid, own);
	if (strcmp(name, own) == 0)
		return;
	i = find_domain(c, name);
	if (i < c->bounces->count)
		remove_domain(c, i);
	else if (c->bounces->count == BOUNCE_DOMAINS)
		remove_domain(c, 0);
	d = &c->bounces->domains[c->bounces->count++];
	d->name = buf_strdup(name);
	memcpy(d->id, id, sizeof d->id);
}

void
bounce_answered(struct client *c, const char *id)
{
	size_t i;

	for (i = 0; i < c->bounces->count; i++) {
		if (strcmp(c->bounces->domains[i].id, id) == 0) {
			remove_domain(c, i);
			return;
		}
	}
}

static void
on_own_answer(struct client *c, struct answer *job, const struct stanza *x)
{
	(void)job;
	if (x == NULL)
		c->bounces->lost = 1;
	else
		c->bounces->own_unheard = 0;
}

static void
on_domain_answer(struct client *c, struct answer *job, const struct stanza *x)
{
	char name[JID_SIZE];
	const char *from;
	size_t i;

	(void)job;
	if (x == NULL) {
		c->bounces->lost = 1;
		return;
	}
	from = stanza_get(x, "from");
	if (from == NULL || jid_parse(from, strlen(from), name, NULL) == -1)
		return;
	i = find_domain(c, name);
	if (i < c->bounces->count)
		remove_domain(c, i);
}

static void
ping_server(struct client *c, const char *to, request_done *done)
{
	struct writer w;

	request_begin(c, &w, "get", to, done, NULL);
	writer_leaf(&w, "ping", NS_PING, NULL);
	writer_end(&w);
}

void
bounce_ask(struct client *c)
{
	size_t i;

	c->bounces->own_unheard = 1;
	c->bounces->lost = 0;
	c->bounces->asked_at = c->clock.mono;
	ping_server(c, NULL, on_own_answer);
	for (i = 0; i < c->bounces->count; i++)
		ping_server(c, c->bounces->domains[i].name, on_domain_answer);
}

int
bounce_is_lost(const struct client *c)
{
	return c->bounces->lost;
}

void
bounce_wait_anew(struct client *c)
{
	c->bounces->asked_at = c->clock.mono;
}

int
bounce_done(const struct client *c)
{
	return !c->bounces->own_unheard && c->bounces->count == 0;
}

int64_t
bounce_deadline(const struct client *c)
{
	int64_t since = c->bounces->asked_at;

	if (c->link.state != LINK_ONLINE)
		return -1;
	return (since > c->link.online_since ? since : c->link.online_since) +
	       PATIENCE;
}

static void
warn_unheard(struct client *c, const char *domain)
{
	static const char why[] =
	    "no answer to the last ping: what was sent there may still come "
	    "back";

	event_begins(&c->event, EVENT_WARNING, domain, why);
	event_set(&c->event, "cause", "timeout");
	event_end(&c->event);
}

void
bounce_give_up(struct client *c)
{
	char own[JID_SIZE];
	size_t i;

	jid_domain(c->self.jid, own);
	if (c->bounces->own_unheard)
		warn_unheard(c, own);
	for (i = 0; i < c->bounces->count; i++)
		warn_unheard(c, c->bounces->domains[i].name);
	c->bounces->own_unheard = 0;
	remove_domains(c);
}

void
bounce_clear(struct client *c)
{
	remove_domains(c);
	free(c->bounces);
}
