/*
 * The commands about people: whom we talk to, who may see whom.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/command.h"
#include "line/job.h"
#include "line/muc.h"
#include "line/notice.h"
#include "line/request.h"

void
command_go(struct client *c, const char *args)
{
	char jid[JID_SIZE];

	if (*args == '\0') {
		command_usage(c, "go");
		return;
	}
	if (command_jid(c, args, strlen(args), jid) == -1)
		return;
	free(c->active);
	c->active = buf_strdup(jid);
	client_chat(c, jid)->unread = 0;
	notice_seen(c, jid);
	job_ok(c, jid, NULL);
}

/* Sends presence of TYPE to the bare JID. */
static void
subscription(struct client *c, const char *bare, const char *type)
{
	char id[NONCE_ID + 1];
	struct writer w;

	nonce_id(c->nonce, id);
	writer_init(&w, stream_out(c->stream));
	writer_open(&w, "presence", NULL);
	writer_attr(&w, "to", bare);
	writer_attr(&w, "type", type);
	writer_attr(&w, "id", id);
	writer_end(&w);
}

/* The server's word on a change of the roster is the line's answer. */
static void
on_changed(struct client *c, struct job *job, const struct stanza *x)
{
	const char *text;

	if (job == NULL)
		return;
	if (x == NULL) {
		job_failed(c, job, "connection-lost", NULL);
		return;
	}
	if (strcmp(stanza_get(x, "type"), "result") == 0) {
		job_done(c, job, NULL);
		return;
	}
	text = stanza_error_text(x);
	job_failed(c, job, stanza_condition(x),
	    text == NULL ? "the server refused it" : text);
}

/* Asks for a roster item BARE, or with REMOVE that there be none. */
static void
change_roster(struct client *c, const char *bare, int remove)
{
	struct job *job;
	struct writer w;

	job = job_wait(c, JOB_REQUEST, !c->options.no_wait, 30);
	job->subject = buf_strdup(bare);
	request_begin(c, &w, "set", NULL, on_changed, job);
	writer_open(&w, "query", NS_ROSTER);
	writer_open(&w, "item", NULL);
	writer_attr(&w, "jid", bare);
	writer_attr(&w, "subscription", remove ? "remove" : NULL);
	writer_end(&w);
}

void
command_add(struct client *c, const char *args)
{
	const struct contact *contact;
	char jid[JID_SIZE], bare[JID_SIZE];

	if (*args == '\0') {
		command_usage(c, "add");
		return;
	}
	if (command_jid(c, args, strlen(args), jid) == -1 || !command_online(c))
		return;
	jid_bare(jid, bare);
	if (client_is_self(c, bare)) {
		job_error(c, bare, "policy", "that is our own account");
		return;
	}
	/* Which has no presence of its own to ask for. */
	if (muc_find(c, bare) != NULL) {
		job_error(c, bare, "policy", "that is no person but a room");
		return;
	}
	contact = roster_find(&c->roster, bare);
	/* To set an item that is there would take its name and groups. */
	if (contact == NULL || !contact->in_roster)
		change_roster(c, bare, 0);
	else
		job_ok(c, bare, "is in the roster; asked again");
	subscription(c, bare, "subscribe");
}

void
command_remove(struct client *c, const char *args)
{
	const char *jid = command_active(c);
	char bare[JID_SIZE];

	(void)args;
	if (jid == NULL || !command_online(c))
		return;
	jid_bare(jid, bare);
	if (client_is_self(c, bare))
		job_error(c, bare, "policy", "that is our own account");
	else
		change_roster(c, bare, 1);
}

void
command_authorization(struct client *c, const char *args)
{
	static const struct {
		const char *word, *type;
	} words[] = {{"allow", "subscribed"}, {"cancel", "unsubscribed"},
	    {"request", "subscribe"}, {"request_unsubscribe", "unsubscribe"}};
	size_t n = strcspn(args, " "), i;
	char jid[JID_SIZE], bare[JID_SIZE];
	const char *active;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == n &&
		    memcmp(words[i].word, args, n) == 0)
			break;
	if (i == sizeof words / sizeof *words) {
		command_usage(c, "authorization");
		return;
	}
	if (args[n] == ' ') {
		if (command_jid(c, args + n + 1, strlen(args + n + 1), jid) ==
		    -1)
			return;
	} else {
		active = command_active(c);
		if (active == NULL)
			return;
		snprintf(jid, sizeof jid, "%s", active);
	}
	if (!command_online(c))
		return;
	jid_bare(jid, bare);
	subscription(c, bare, words[i].type);
	job_ok(c, bare, NULL);
}
