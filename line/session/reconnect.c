#include "line/session/reconnect.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/link.h"
#include "line/core/source.h"
#include "line/talk/duplicate.h"

/* Milliseconds. */
#define STABLE	 ((int64_t)60 * 1000)
#define SHORTEST ((int64_t)1000)
#define LONGEST	 ((int64_t)300 * 1000)

struct reconnect {
	/* Before the last attempt; -1: none since the link was stable. */
	int64_t wait;
	int64_t dialled[2];    /* when: the last attempt and the one before */
	uint64_t acked_before; /* resume.acked when the link was lost last */
	int64_t at;	       /* of the next attempt */
	int64_t until;	       /* -w, at the end of input; 0: for ever */
};

void
reconnect_init(struct client *c)
{
	struct reconnect *r = buf_alloc(sizeof *r);

	r->wait = -1;
	r->dialled[0] = r->dialled[1] = INT64_MIN / 2;
	c->reconnect = r;
}

void
reconnect_clear(struct client *c)
{
	free(c->reconnect);
}

/*
 * Returns 1 if CAUSE may be over in a while, by itself. A server that is just
 * being stopped says so in the clear behind its <proceed/>: that connection is
 * ended as any other with such words, and nothing was sent on it. And what
 * broke a session that was up, whatever it was, may come from somebody else.
 */
static int
is_passing(const char *cause)
{
	static const char *const causes[] = {"connection-lost", "timeout",
	    "dns", "refused", "tls-injected", "protocol", "limit"};
	size_t i;

	for (i = 0; i < sizeof causes / sizeof *causes; i++)
		if (strcmp(cause, causes[i]) == 0)
			return 1;
	return 0;
}

int
reconnect_may(const struct client *c, const char *cause)
{
	return cause != NULL && is_passing(cause) && !c->link.closing &&
	       c->ending_step < ENDING_STREAM &&
	       (c->link.state == LINK_ONLINE || c->link.regaining);
}

/*
 * How long to wait before the next attempt: not at all, then 1 s, doubling, a
 * quarter more or less. A link that fails often and gets on in between must
 * not end at minutes: once the server has acknowledged something on a resumed
 * stream, the last wait is halved.
 */
static int64_t
next_wait(struct client *c)
{
	int64_t ms = 2 * c->reconnect->wait;

	if (c->link.state == LINK_ONLINE &&
	    c->link.online_since + STABLE <= c->clock.mono) {
		c->reconnect->wait = -1;
		duplicate_all_came(c);
	} else if (c->link.state == LINK_ONLINE && c->link.resumed &&
		   c->resume.acked != c->reconnect->acked_before) {
		ms = c->reconnect->wait / 2;
	}
	if (c->reconnect->wait < 0) {
		c->reconnect->wait = 0;
		return 0;
	}
	if (ms < SHORTEST)
		ms = SHORTEST;
	if (ms > LONGEST)
		ms = LONGEST;
	c->reconnect->wait = ms;
	ms += nonce_below(c->nonce, (uint32_t)(ms / 2)) - ms / 4;
	return ms < SHORTEST ? SHORTEST : ms;
}

/* Whatever the reason, two attempts in a row do not come within a second. */
static int64_t
not_before(const struct client *c, int64_t at)
{
	return at < c->reconnect->dialled[1] + SHORTEST
		   ? c->reconnect->dialled[1] + SHORTEST
		   : at;
}

int64_t
reconnect_begin(struct client *c)
{
	c->reconnect->at = not_before(c, c->clock.mono + next_wait(c));
	if (c->link.state == LINK_ONLINE)
		c->reconnect->acked_before = c->resume.acked;
	return c->reconnect->at - c->clock.mono;
}

void
reconnect_dialled(struct client *c)
{
	c->reconnect->dialled[1] = c->reconnect->dialled[0];
	c->reconnect->dialled[0] = c->clock.mono;
}

void
reconnect_done(struct client *c)
{
	c->reconnect->until = 0;
}

void
reconnect_failed(struct client *c)
{
	struct source *s;

	if (!c->link.regaining)
		return;
	for (s = c->sources.all; s != NULL; s = s->next)
		if (!c->options.terminal || s->name != NULL)
			source_doom(
			    s, s->input.line + input_held(&s->input) + 1);
}

void
reconnect_doom(struct client *c, unsigned long line)
{
	source_doom(c->source, line);
}

int
reconnect_dooms(const struct client *c, unsigned long line)
{
	return line < c->source->doomed;
}

int
reconnect_holds(const struct client *c)
{
	return c->link.regaining && !client_is_typed(c) &&
	       !reconnect_dooms(c, c->source->input.line);
}

enum reconnect_due
reconnect_timers(struct client *c, int jumped)
{
	struct reconnect *r = c->reconnect;
	int64_t now = c->clock.mono;

	if (c->sources.main->input.ended && !c->options.stay && r->until == 0)
		r->until = now + c->options.wait * 1000;
	/* This may be another network, so the failures before mean nothing. */
	if (jumped) {
		r->wait = -1;
		if (r->at > now)
			r->at = not_before(c, now);
	}
	if (r->until != 0 && r->until <= now) {
		reconnect_failed(c);
		return RECONNECT_ENDS;
	}
	return c->link.state == LINK_WAITING && r->at <= now ? RECONNECT_DIALS
							     : RECONNECT_WAITS;
}

int64_t
reconnect_deadline(const struct client *c)
{
	const struct reconnect *r = c->reconnect;
	int64_t until = r->until == 0 ? -1 : r->until;

	if (!link_is_sought(c))
		return -1;
	return c->link.state == LINK_WAITING ? client_sooner(until, r->at)
					     : until;
}
