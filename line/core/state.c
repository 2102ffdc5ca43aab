#include "line/core/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
client_state_init(struct client *c)
{
	buf_init(&c->out.text, TEXT_MAX);
	client_set_jid(c, c->options.jid);
	c->self.show = SHOW_ONLINE;
	c->self.priority = c->options.priority;
}

void
client_state_clear(struct client *c)
{
	buf_clear(&c->out.text);
	free(c->self.status);
}

void
client_set_jid(struct client *c, const char *jid)
{
	snprintf(c->self.jid, sizeof c->self.jid, "%s", jid);
}

void
client_set_show(struct client *c, enum roster_show show, const char *status)
{
	c->self.show = show;
	free(c->self.status);
	c->self.status = *status == '\0' ? NULL : buf_strdup(status);
}

void
client_set_priority(struct client *c, int priority)
{
	c->self.priority = priority;
}

const char *
client_active(const struct client *c)
{
	if (c->command.with != NULL)
		return c->command.with;
	return c->source->name == NULL ? c->active : c->source->active;
}

int
client_is_typed(const struct client *c)
{
	return c->options.terminal && c->source->name == NULL;
}

int
client_is_active(const struct client *c, const char *jid)
{
	return c->active != NULL && jid_same_bare(c->active, jid);
}

int
client_is_self(const struct client *c, const char *jid)
{
	return jid_same_bare(c->self.jid, jid);
}

uint64_t
client_text_total(const struct client *c)
{
	return c->out.written + buf_len(&c->out.text);
}

void
client_text_add(struct client *c, const struct buf *lines)
{
	buf_add(&c->out.text, buf_data(lines), buf_len(lines));
}

void
client_text_written(struct client *c, size_t n)
{
	buf_drop(&c->out.text, n);
	c->out.written += n;
}

void
client_text_end(struct client *c)
{
	c->out.text.max = 0;
}

int64_t
client_sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

void
client_info(struct client *c, const char *peer, const char *text)
{
	event_begins(&c->event, EVENT_INFO, peer, text);
	if (c->lines.line != 0)
		event_set_number(&c->event, "line", (long long)c->lines.line);
	event_end(&c->event);
}

void
client_warning(struct client *c, const char *jid, const char *why)
{
	client_hello(c);
	event_begins(&c->event, EVENT_WARNING, jid, why);
	event_end(&c->event);
}

void
client_hello(struct client *c)
{
	if (client_text_total(c) > 0)
		return;
	event_begins(&c->event, EVENT_HELLO, c->self.jid, CLIENT_VERSION);
	event_set(&c->event, "lines", "1");
	event_end(&c->event);
}

int
client_is_room(const struct client *c, const char *jid)
{
	char bare[JID_SIZE];

	if (c->rooms.by_jid.count == 0)
		return 0;
	jid_bare(jid, bare);
	return map_find(&c->rooms.by_jid, bare) != NULL;
}

int
client_is_home(const struct client *c, const char *jid)
{
	char domain[JID_SIZE];

	jid_domain(c->self.jid, domain);
	return client_is_self(c, jid) || strcmp(jid, domain) == 0;
}
