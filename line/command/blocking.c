/*
 * The commands /block, /unblock and /blocked (XEP-0191).
 */
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/core/answer.h"
#include "line/core/request.h"
#include "line/session/block.h"

#define SECONDS 30

/* Explains the condition of a refusal; NULL: no more than that it is one. */
static const char *
explain_refusal(const struct stanza *x)
{
	const char *condition = stanza_condition(x);

	if (strcmp(condition, "service-unavailable") == 0 ||
	    strcmp(condition, "feature-not-implemented") == 0)
		return "the server knows no blocking";
	return NULL;
}

/* Tells of the list that X holds, if any, and answers the line. */
static void
on_block_answer(struct client *c, struct answer *job, const struct stanza *x)
{
	const struct stanza *list = stanza_child(x, "blocklist", NS_BLOCK);
	struct answer_scope before;
	const char *remark = job == NULL ? NULL : job->place;

	/* The answer to a line ends it. */
	if (job != NULL && job->place != NULL &&
	    (x == NULL || strcmp(stanza_get(x, "type"), "result") != 0))
		block_asked(c, job->subject, NULL);
	if (!answer_result(c, job, x, x == NULL ? NULL : explain_refusal(x)))
		return;
	before = answer_enter(c, job);
	if (list != NULL && block_tell(c, list, "is blocked") == -1)
		remark = "nobody is blocked";
	answer_leave(c, before);
	answer_done(c, job, remark);
}

/* Begins a request for the current line; returns its answer, borrowed. */
static struct answer *
begin_request(
    struct client *c, struct writer *w, const char *type, const char *jid)
{
	struct answer *job;

	job = answer_wait(c, ANSWER_REQUEST, !c->options.no_wait, SECONDS);
	job->subject = buf_strdup(jid);
	request_begin(c, w, type, NULL, on_block_answer, job);
	return job;
}

/*
 * Sends ELEMENT, `block` or `unblock`, with the JID in ARGS. REMARK is said
 * when it is done.
 */
static void
change_block(
    struct client *c, const char *args, const char *element, const char *remark)
{
	struct answer *job;
	char jid[JID_SIZE];
	const char *rest;
	struct writer w;

	rest = args_person(c, args, jid);
	if (rest == NULL || !args_no_more(c, rest) || !args_online(c))
		return;
	if (!args_is_other(c, jid))
		return;
	job = begin_request(c, &w, "set", jid);
	job->place = buf_strdup(remark);
	block_asked(c, jid, element);
	writer_open(&w, element, NS_BLOCK);
	writer_open(&w, "item", NULL);
	writer_attr(&w, "jid", jid);
	writer_end(&w);
}

void
command_block(struct client *c, const char *args)
{
	change_block(c, args, "block",
	    "is blocked: nothing goes to them or comes from them");
}

void
command_unblock(struct client *c, const char *args)
{
	change_block(c, args, "unblock", "is no longer blocked");
}

void
command_blocked(struct client *c, const char *args)
{
	struct writer w;

	(void)args;
	if (!args_online(c))
		return;
	begin_request(c, &w, "get", NULL);
	writer_leaf(&w, "blocklist", NS_BLOCK, NULL);
	writer_end(&w);
}
