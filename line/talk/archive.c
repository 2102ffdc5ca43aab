#include "line/talk/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/request.h"
#include "line/talk/incoming.h"
#include "store/entry.h"

#define NS_FORM "jabber:x:data"

/* A page that was asked for. */
struct query {
	struct query *next;
	char id[NONCE_ID + 1];	    /* queryid of its results */
	char request[NONCE_ID + 1]; /* id of its IQ */
	char jid[JID_SIZE];	    /* of the archive, bare */
	const struct archive_calls *calls;
	void *data;
	size_t results;
	char *first, *last; /* ids of the results, or NULL */
};

/* The queries under way. */
struct archive_queries {
	struct query *first;
};

void
archive_init(struct client *c)
{
	c->archive = buf_alloc(sizeof *c->archive);
}

static void
query_free(struct query *q)
{
	free(q->first);
	free(q->last);
	free(q);
}

void
archive_clear(struct client *c)
{
	struct query *q;

	while ((q = c->archive->first) != NULL) {
		c->archive->first = q->next;
		query_free(q);
	}
	free(c->archive);
}

void
archive_forget(struct client *c, const void *data)
{
	struct query **at = &c->archive->first, *q;

	while ((q = *at) != NULL)
		if (q->data == data) {
			*at = q->next;
			query_free(q);
		} else {
			at = &q->next;
		}
}

/* Ends the query Q with PAGE. */
static void
end_query(struct client *c, struct query *q, struct archive_page *page)
{
	struct query **at;

	for (at = &c->archive->first; *at != q; at = &(*at)->next)
		;
	*at = q->next;
	page->results = q->results;
	if (page->cause == NULL && page->first == NULL)
		page->first = q->first;
	if (page->cause == NULL && page->last == NULL)
		page->last = q->last;
	q->calls->page(c, q->data, page);
	query_free(q);
}

/* Returns ID unless it is NULL, empty or too long to be kept. */
static const char *
usable_id(const char *id)
{
	return id == NULL || *id == '\0' || strlen(id) > ENTRY_ID ? NULL : id;
}

/* Reads the <fin/> of X into PAGE (XEP-0313 4.4, XEP-0059 2.1). */
static void
read_fin(const struct stanza *x, struct archive_page *page)
{
	const struct stanza *fin = stanza_child(x, "fin", NS_MAM), *set;
	const char *complete = stanza_get(fin, "complete");

	if (fin == NULL) {
		page->cause = "protocol";
		page->why = "the answer has no <fin/>";
		return;
	}
	page->complete = complete != NULL && (strcmp(complete, "true") == 0 ||
						 strcmp(complete, "1") == 0);
	set = stanza_child(fin, "set", NS_RSM);
	if (set == NULL)
		return;
	page->first = usable_id(stanza_child_text(set, "first"));
	page->last = usable_id(stanza_child_text(set, "last"));
}

static void
on_answer(struct client *c, struct answer *job, const struct stanza *x)
{
	struct archive_page page = {.cause = NULL};
	const char *id = x == NULL ? NULL : stanza_get(x, "id");
	struct query *q;

	(void)job;
	if (x == NULL) {
		page.cause = "connection-lost";
		/* Each request is told so: this is the turn of one of them. */
		if ((q = c->archive->first) != NULL)
			end_query(c, q, &page);
		return;
	}
	for (q = c->archive->first; q != NULL; q = q->next)
		if (strcmp(q->request, id) == 0)
			break;
	if (q == NULL)
		return;
	if (strcmp(stanza_get(x, "type"), "result") == 0) {
		read_fin(x, &page);
	} else {
		page.cause = stanza_condition(x);
		page.why = stanza_error_text(x);
	}
	end_query(c, q, &page);
}

/* Writes the field NAME of the form of a query. */
static void
put_field(struct writer *w, const char *name, const char *value)
{
	writer_open(w, "field", NULL);
	writer_attr(w, "var", name);
	writer_leaf(w, "value", NULL, value);
	writer_close(w);
}

/* Writes the form that says which messages ASK means, where not all. */
static void
put_form(struct writer *w, const struct archive_ask *ask)
{
	char start[32];

	if (ask->with == NULL && ask->start == 0)
		return;
	writer_open(w, "x", NS_FORM);
	writer_attr(w, "type", "submit");
	writer_open(w, "field", NULL);
	writer_attr(w, "var", "FORM_TYPE");
	writer_attr(w, "type", "hidden");
	writer_leaf(w, "value", NULL, NS_MAM);
	writer_close(w);
	if (ask->with != NULL)
		put_field(w, "with", ask->with);
	event_time(ask->start * 1000, start);
	if (ask->start != 0)
		put_field(w, "start", start);
	writer_close(w);
}

void
archive_ask(struct client *c, const struct archive_ask *ask,
    const struct archive_calls *calls, void *data)
{
	struct query *q = buf_alloc(sizeof *q);
	char max[16];
	struct writer w;

	nonce_id(c->nonce, q->id);
	if (ask->jid == NULL)
		jid_bare(c->self.jid, q->jid);
	else
		jid_bare(ask->jid, q->jid);
	q->calls = calls;
	q->data = data;
	q->next = c->archive->first;
	c->archive->first = q;
	request_begin(c, &w, "set", ask->jid, on_answer, NULL);
	snprintf(q->request, sizeof q->request, "%s", request_id(c));
	writer_open(&w, "query", NS_MAM);
	writer_attr(&w, "queryid", q->id);
	put_form(&w, ask);
	writer_open(&w, "set", NS_RSM);
	snprintf(max, sizeof max, "%u", ask->max);
	writer_leaf(&w, "max", NULL, max);
	if (ask->before != NULL)
		writer_leaf(&w, "before", NULL,
		    *ask->before == '\0' ? NULL : ask->before);
	if (ask->after != NULL && *ask->after != '\0')
		writer_leaf(&w, "after", NULL, ask->after);
	writer_end(&w);
}

/* Keeps the id of a result of Q. */
static void
note_result(struct query *q, const char *id)
{
	q->results++;
	if (q->first == NULL)
		q->first = buf_strdup(id);
	free(q->last);
	q->last = buf_strdup(id);
}

int
archive_message(struct client *c, const char *from, const struct stanza *x)
{
	const struct stanza *result = stanza_child(x, "result", NS_MAM);
	const char *queryid = stanza_get(result, "queryid");
	struct archive_result r;
	struct query *q;

	if (result == NULL)
		return 0;
	r.id = usable_id(stanza_get(result, "id"));
	r.forwarded = stanza_child(result, "forwarded", NS_FORWARD);
	if (queryid == NULL || r.id == NULL || r.forwarded == NULL)
		return 1;
	for (q = c->archive->first; q != NULL; q = q->next)
		if (strcmp(q->id, queryid) == 0 && strcmp(q->jid, from) == 0)
			break;
	if (q == NULL)
		return 1;
	note_result(q, r.id);
	q->calls->result(c, q->data, &r, x);
	return 1;
}
