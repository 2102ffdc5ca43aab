#include "line/block.h"

#include <string.h>

#include "line/command.h"
#include "line/job.h"
#include "line/request.h"

#define NS_BLOCK "urn:xmpp:blocking"
#define SECONDS	 30

/* One `info` WORDS about each JID that LIST holds; -1 where it holds none. */
static int
tell(struct client *c, const struct stanza *list, const char *words)
{
	const struct stanza *item;
	char jid[JID_SIZE];
	const char *text;
	int found = -1;

	for (item = list->child; item != NULL; item = item->next) {
		text = stanza_get(item, "jid");
		if (!stanza_is(item, "item", NS_BLOCK) || text == NULL ||
		    jid_parse(text, strlen(text), jid, NULL) == -1)
			continue;
		client_info(c, jid, words);
		found = 0;
	}
	return found;
}

int
block_push(struct client *c, const char *from, const struct stanza *x)
{
	const struct stanza *block = stanza_child(x, "block", NS_BLOCK);
	const struct stanza *unblock = stanza_child(x, "unblock", NS_BLOCK);
	char bare[JID_SIZE];

	jid_bare(c->jid, bare);
	if (strcmp(from, bare) != 0)
		return 0;
	if (block != NULL)
		tell(c, block, "was blocked");
	else if (unblock == NULL)
		return 0;
	else if (tell(c, unblock, "is no longer blocked") == -1)
		client_info(c, NULL, "nobody is blocked any more");
	return 1;
}

/* Why not, in the server's words or ours. */
static const char *
refusal(const struct stanza *x)
{
	const char *text = stanza_error_text(x), *condition;

	if (text != NULL)
		return text;
	condition = stanza_condition(x);
	if (strcmp(condition, "service-unavailable") == 0 ||
	    strcmp(condition, "feature-not-implemented") == 0)
		return "the server knows no blocking";
	return "the server refused it";
}

/* The server's word ends the line; what is in a list is told before. */
static void
on_answer(struct client *c, struct job *job, const struct stanza *x)
{
	const struct stanza *list = stanza_child(x, "blocklist", NS_BLOCK);
	unsigned long line = c->line;
	const char *label = c->event.label, *remark = NULL;

	if (job == NULL)
		return;
	if (x == NULL) {
		job_failed(c, job, "connection-lost", NULL);
	} else if (strcmp(stanza_get(x, "type"), "result") == 0) {
		c->line = job->line;
		c->event.label = job->label;
		if (list != NULL && tell(c, list, "is blocked") == -1)
			remark = "nobody is blocked";
		c->line = line;
		c->event.label = label;
		job_done(c, job, remark);
	} else {
		job_failed(c, job, stanza_condition(x), refusal(x));
	}
}

/* Begins a request for the current line. */
static void
ask(struct client *c, struct writer *w, const char *type, const char *jid)
{
	struct job *job;

	job = job_wait(c, JOB_REQUEST, !c->options.no_wait, SECONDS);
	job->subject = buf_strdup(jid);
	request_begin(c, w, type, NULL, on_answer, job);
}

/* Asks that the JID in ARGS be blocked, or no longer, as ELEMENT says. */
static void
change(struct client *c, const char *args, const char *element)
{
	char jid[JID_SIZE];
	struct writer w;

	if (*args == '\0') {
		command_usage(c, element);
		return;
	}
	if (command_jid(c, args, strlen(args), jid) == -1 || !command_online(c))
		return;
	if (client_is_self(c, jid)) {
		job_error(c, jid, "policy", "that is our own account");
		return;
	}
	ask(c, &w, "set", jid);
	writer_open(&w, element, NS_BLOCK);
	writer_open(&w, "item", NULL);
	writer_attr(&w, "jid", jid);
	writer_end(&w);
}

void
command_block(struct client *c, const char *args)
{
	change(c, args, "block");
}

void
command_unblock(struct client *c, const char *args)
{
	change(c, args, "unblock");
}

void
command_blocked(struct client *c, const char *args)
{
	struct writer w;

	if (*args != '\0') {
		command_usage(c, "blocked");
		return;
	}
	if (!command_online(c))
		return;
	ask(c, &w, "get", NULL);
	writer_leaf(&w, "blocklist", NS_BLOCK, NULL);
	writer_end(&w);
}
