#include "line/core/link.h"

#include <stdlib.h>

/* Stanzas for when the session is resumed, STREAM_OUT_MAX bytes at most. */
struct link_later {
	struct buf stanzas;
};

void
link_init(struct client *c)
{
	c->later = buf_alloc(sizeof *c->later);
	buf_init(&c->later->stanzas, STREAM_OUT_MAX);
}

void
link_clear(struct client *c)
{
	buf_clear(&c->later->stanzas);
	free(c->later);
}

struct buf *
link_out(struct client *c)
{
	struct buf *out =
	    c->link.stream == NULL ? NULL : stream_out(c->link.stream);

	if (out != NULL)
		return out;
	if (!link_is_sought(c) || !resume_can(&c->resume))
		link_drop_later(c);
	return &c->later->stanzas;
}

void
link_drop_later(struct client *c)
{
	buf_reset(&c->later->stanzas);
}

void
link_send_later(struct client *c)
{
	struct buf *later = &c->later->stanzas;

	buf_add(stream_out(c->link.stream), buf_data(later), buf_len(later));
	buf_reset(later);
}

uint64_t
link_sent(const struct client *c)
{
	return c->link.stream == NULL ? c->resume.sent
				      : stream_sent(c->link.stream);
}

void
link_ask(struct client *c)
{
	if (c->link.stream != NULL)
		stream_ask(c->link.stream);
}

void
link_expect(struct client *c, const char *id, int large)
{
	if (c->link.stream != NULL && large)
		stream_expect(c->link.stream, id);
	else if (c->link.stream != NULL)
		stream_expected(c->link.stream, id);
}

size_t
link_unsent(const struct client *c)
{
	return c->link.stream == NULL ? 0 : stream_unsent(c->link.stream);
}

int
link_is_sought(const struct client *c)
{
	return c->link.regaining && c->link.state != LINK_ONLINE;
}
