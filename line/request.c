#include "line/request.h"

#include <stdlib.h>
#include <string.h>

#include "line/job.h"

struct request {
	struct request *next;
	char id[NONCE_ID + 1];
	char *to; /* NULL: our account */
	request_done *done;
	struct job *job;
	int large;
};

void
request_begin(struct client *c, struct writer *w, const char *type,
    const char *to, request_done *done, struct job *job)
{
	struct request *r = buf_alloc(sizeof *r);

	nonce_id(c->nonce, r->id);
	r->to = buf_strdup(to);
	r->done = done;
	r->job = job;
	r->next = c->requests;
	c->requests = r;
	writer_init(w, stream_out(c->stream));
	writer_open(w, "iq", NULL);
	writer_attr(w, "type", type);
	writer_attr(w, "id", r->id);
	writer_attr(w, "to", to);
}

void
request_large(struct client *c)
{
	c->requests->large = 1;
	stream_expect(c->stream, c->requests->id);
}

void
request_resumed(struct client *c)
{
	const struct request *r;

	for (r = c->requests; r != NULL; r = r->next)
		if (r->large)
			stream_expect(c->stream, r->id);
}

/* RFC 6120 8.1.2.1: no `from`, or our bare JID, is our account's answer. */
static int
matches(const struct client *c, const struct request *r, const char *from)
{
	char jid[JID_SIZE];

	if (from == NULL)
		return r->to == NULL;
	if (jid_parse(from, strlen(from), jid, NULL) == -1)
		return 0;
	if (r->to != NULL)
		return strcmp(jid, r->to) == 0;
	return client_is_self(c, jid) &&
	       (jid_resource(jid) == NULL || strcmp(jid, c->jid) == 0);
}

static void
finish(struct client *c, struct request **at, const struct stanza *x)
{
	struct request *r = *at;

	*at = r->next;
	if (r->large && c->stream != NULL)
		stream_expected(c->stream, r->id);
	r->done(c, r->job, x);
	free(r->to);
	free(r);
}

int
request_answer(struct client *c, const struct stanza *x)
{
	const char *id = stanza_get(x, "id"), *from = stanza_get(x, "from");
	struct request **at;

	for (at = &c->requests; id != NULL && *at != NULL; at = &(*at)->next) {
		if (strcmp((*at)->id, id) == 0 && matches(c, *at, from)) {
			finish(c, at, x);
			return 1;
		}
	}
	return 0;
}

void
request_forget(struct client *c, const struct job *j)
{
	struct request *r;

	for (r = c->requests; r != NULL; r = r->next)
		if (r->job == j)
			r->job = NULL;
}

void
request_lost(struct client *c)
{
	while (c->requests != NULL)
		finish(c, &c->requests, NULL);
}
