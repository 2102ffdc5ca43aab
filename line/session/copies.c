#include "line/session/copies.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/answer.h"
#include "line/core/request.h"
#include "line/talk/incoming.h"

#define SECONDS 30

struct copies {
	int wanted;
	int on; /* asked for in this session, and not refused */
};

void
copies_init(struct client *c)
{
	c->copies = buf_alloc(sizeof *c->copies);
	c->copies->wanted = c->options.carbons;
}

void
copies_clear(struct client *c)
{
	free(c->copies);
}

int
copies_are_on(const struct client *c)
{
	return c->copies->on;
}

/* Takes the answer to a request that no line waits for. */
static void
on_copies(struct client *c, struct answer *answer, const struct stanza *x)
{
	(void)answer;
	if (x == NULL || strcmp(stanza_get(x, "type"), "result") == 0)
		return;
	c->copies->on = 0;
	client_info(c, NULL,
	    "this server sends no copies of what your other clients say and "
	    "get");
}

void
copies_begin(struct client *c)
{
	struct writer w;

	c->copies->on = c->copies->wanted;
	if (!c->copies->on)
		return;
	request_begin(c, &w, "set", NULL, on_copies, NULL);
	writer_leaf(&w, "enable", NS_CARBONS, NULL);
	writer_end(&w);
}

/* Takes the answer to /carbons; they are on from the request. */
static void
on_want(struct client *c, struct answer *answer, const struct stanza *x)
{
	if (x != NULL && !c->copies->wanted)
		c->copies->on = 0;
	else if (x != NULL && strcmp(stanza_get(x, "type"), "result") != 0)
		c->copies->on = 0;
	if (answer_result(c, answer, x, NULL))
		answer_done(c, answer,
		    c->copies->wanted
			? "what your other clients say and get is shown here"
			: "what your other clients say and get is not shown "
			  "here");
}

void
copies_want(struct client *c, int on)
{
	struct answer *answer;
	struct writer w;

	c->copies->wanted = on;
	if (c->link.state != LINK_ONLINE) {
		answer_ok(c, NULL, "told when connected");
		return;
	}
	c->copies->on |= on;
	answer = answer_wait(c, ANSWER_REQUEST, !c->options.no_wait, SECONDS);
	request_begin(c, &w, "set", NULL, on_want, answer);
	writer_leaf(&w, on ? "enable" : "disable", NS_CARBONS, NULL);
	writer_end(&w);
}
