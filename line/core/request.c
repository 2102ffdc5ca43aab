#include "line/core/request.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/link.h"

struct request {
	struct request *next;
	char id[NONCE_ID + 1];
	char *to; /* NULL: our account */
	request_done *done;
	struct answer *answer;
	int large;
};

void
request_begin(struct client *c, struct writer *w, const char *type,
    const char *to, request_done *done, struct answer *answer)
{
	struct request *r = buf_alloc(sizeof *r);

	nonce_id(c->nonce, r->id);
	r->to = buf_strdup(to);
	r->done = done;
	r->answer = answer;
	r->next = c->requests;
	c->requests = r;
	writer_init(w, link_out(c));
	writer_open(w, "iq", NULL);
	writer_attr(w, "type", type);
	writer_attr(w, "id", r->id);
	writer_attr(w, "to", to);
}

const char *
request_id(const struct client *c)
{
	return c->requests->id;
}

void
request_large(struct client *c)
{
	c->requests->large = 1;
	link_expect(c, c->requests->id, 1);
}

void
request_resumed(struct client *c)
{
	const struct request *r;

	for (r = c->requests; r != NULL; r = r->next)
		if (r->large)
			link_expect(c, r->id, 1);
}

/* RFC 6120 8.1.2.1: no `from`, or our bare JID, is our account's answer. */
static int
is_answer_to(const struct client *c, const struct request *r, const char *from)
{
	char jid[JID_SIZE];

	if (from == NULL)
		return r->to == NULL;
	if (jid_parse(from, strlen(from), jid, NULL) == -1)
		return 0;
	if (r->to != NULL)
		return strcmp(jid, r->to) == 0;
	return client_is_self(c, jid) &&
	       (jid_resource(jid) == NULL || strcmp(jid, c->self.jid) == 0);
}

static void
finish_request(struct client *c, struct request **at, const struct stanza *x)
{
	struct request *r = *at;

	*at = r->next;
	if (r->large)
		link_expect(c, r->id, 0);
	r->done(c, r->answer, x);
	free(r->to);
	free(r);
}

int
request_answer(struct client *c, const struct stanza *x)
{
	const char *id = stanza_get(x, "id"), *from = stanza_get(x, "from");
	struct request **at;

	for (at = &c->requests; id != NULL && *at != NULL; at = &(*at)->next) {
		if (strcmp((*at)->id, id) == 0 && is_answer_to(c, *at, from)) {
			finish_request(c, at, x);
			return 1;
		}
	}
	return 0;
}

void
request_past(struct client *c, const struct stanza *x)
{
	static const char why[] = "the answer is larger than jackline takes";
	const char *id = stanza_get(x, "id"), *from = stanza_get(x, "from");
	struct arena a = {NULL};
	struct stanza *s = stanza_add(&a, NULL, "iq", NS_CLIENT), *error;

	stanza_add_attr(&a, s, "type", NULL, "error");
	if (id != NULL)
		stanza_add_attr(&a, s, "id", NULL, id);
	if (from != NULL)
		stanza_add_attr(&a, s, "from", NULL, from);
	error = stanza_add(&a, s, "error", NS_CLIENT);
	stanza_add(&a, error, "resource-constraint", NS_STANZAS);
	s = stanza_add(&a, error, "text", NS_STANZAS);
	stanza_add_text(&a, s, why, sizeof why - 1);
	while (s->parent != NULL)
		s = s->parent;
	request_answer(c, s);
	arena_clear(&a);
}

void
request_forget(struct client *c, const struct answer *j)
{
	struct request *r;

	for (r = c->requests; r != NULL; r = r->next)
		if (r->answer == j)
			r->answer = NULL;
}

void
request_lost(struct client *c)
{
	while (c->requests != NULL)
		finish_request(c, &c->requests, NULL);
}
