#include "line/core/source.h"

#include <stdlib.h>

struct source *
source_add(struct client *c, const char *name, const char *jid)
{
	struct source *s = buf_alloc(sizeof *s);

	s->name = buf_strdup(name);
	s->jid = buf_strdup(jid);
	s->active = buf_strdup(jid);
	s->message_at = client_text_total(c);
	input_init(
	    &s->input, c->options.escaped ? INPUT_RAW_MAX : INPUT_LINE_MAX);
	s->next = c->sources.all;
	c->sources.all = s;
	if (jid != NULL)
		map_add(&c->sources.by_jid, s->jid, s);
	else if (name != NULL)
		c->sources.top = s;
	return s;
}

void
source_init(struct client *c)
{
	c->source = c->sources.main = source_add(c, NULL, NULL);
	source_ready(c, c->source);
}

void
source_clear(struct client *c)
{
	struct source *s, *next;

	map_clear(&c->sources.by_jid);
	for (s = c->sources.all; s != NULL; s = next) {
		next = s->next;
		input_clear(&s->input);
		free(s->name);
		free(s->jid);
		free(s->active);
		free(s->subject);
		free(s);
	}
}

struct source *
source_of(const struct client *c, const char *jid)
{
	char bare[JID_SIZE];
	struct source *s;

	if (c->sources.by_jid.count == 0 || jid == NULL)
		return NULL;
	s = map_find(&c->sources.by_jid, jid);
	if (s != NULL)
		return s;
	jid_bare(jid, bare);
	return map_find(&c->sources.by_jid, bare);
}

struct source *
source_enter(struct client *c, struct source *s)
{
	struct source *before = c->source;

	c->source = s;
	return before;
}

void
source_ready(struct client *c, struct source *s)
{
	struct source **at = &c->sources.ready;

	if (s->is_ready)
		return;
	while (*at != NULL)
		at = &(*at)->next_ready;
	*at = s;
	s->next_ready = NULL;
	s->is_ready = 1;
}

struct source *
source_take_all(struct client *c)
{
	struct source *all = c->sources.ready, *s;

	for (s = all; s != NULL; s = s->next_ready)
		s->is_ready = 0;
	c->sources.ready = NULL;
	return all;
}

int
source_wants(const struct source *s)
{
	return buf_len(&s->input.bytes) - s->input.taken <= s->input.max;
}

void
source_activate(struct client *c, const char *jid)
{
	free(c->source->active);
	c->source->active = buf_strdup(jid);
}

void
source_doom(struct source *s, unsigned long line)
{
	s->doomed = line;
}
