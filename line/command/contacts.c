/*
 * The commands about people: the active contact, the roster, and who may see
 * whose presence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/core/answer.h"
#include "line/core/link.h"
#include "line/core/notice.h"
#include "line/core/request.h"
#include "line/talk/chat.h"

void
command_go(struct client *c, const char *args)
{
	char jid[JID_SIZE];
	const char *rest;

	rest = args_person(c, args, jid);
	if (rest == NULL || !args_no_more(c, rest))
		return;
	if (c->source->jid != NULL) {
		answer_error(
		    c, jid, "policy", "lines here are for one contact");
		return;
	}
	chat_activate(c, jid);
	chat_read(c, jid);
	notice_seen(c, jid);
	answer_ok(c, jid, NULL);
}

/* Sends presence of TYPE to the bare JID (RFC 6121 3). */
static void
send_subscription(struct client *c, const char *bare, const char *type)
{
	char id[NONCE_ID + 1];
	struct writer w;

	nonce_id(c->nonce, id);
	writer_init(&w, link_out(c));
	writer_open(&w, "presence", NULL);
	writer_attr(&w, "to", bare);
	writer_attr(&w, "type", type);
	writer_attr(&w, "id", id);
	writer_end(&w);
}

static void
on_roster_changed(struct client *c, struct answer *job, const struct stanza *x)
{
	if (answer_result(c, job, x, NULL))
		answer_done(c, job, job->place);
}

/* Adds BARE to the roster or, with REMOVE, takes it off (RFC 6121 2.3). */
static void
change_roster(struct client *c, const char *bare, int remove)
{
	struct answer *job;
	struct writer w;

	job = answer_wait(c, ANSWER_REQUEST, !c->options.no_wait, 30);
	job->subject = buf_strdup(bare);
	/* At a terminal its row stands for those of the `roster` events. */
	if (c->options.terminal && !remove)
		job->place = buf_strdup("is in the roster, and is asked to "
					"show you their presence");
	request_begin(c, &w, "set", NULL, on_roster_changed, job);
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
	const char *rest;

	rest = args_person(c, args, jid);
	if (rest == NULL || !args_no_more(c, rest) || !args_online(c))
		return;
	jid_bare(jid, bare);
	if (!args_is_other(c, bare))
		return;
	/* A room has no presence to subscribe to. */
	if (client_is_room(c, bare)) {
		answer_error(c, bare, "policy", "that is no person but a room");
		return;
	}
	contact = roster_find(&c->roster, bare);
	/* Setting an item that exists would drop its name and groups. */
	if (contact == NULL || !contact->in_roster)
		change_roster(c, bare, 0);
	else
		answer_ok(c, bare, "is in the roster; asked again");
	send_subscription(c, bare, "subscribe");
}

void
command_remove(struct client *c, const char *args)
{
	const char *jid = args_active(c);
	char bare[JID_SIZE];

	(void)args;
	if (jid == NULL || !args_online(c))
		return;
	jid_bare(jid, bare);
	if (args_is_other(c, bare))
		change_roster(c, bare, 1);
}

/* Returns what it means to let BARE see our presence (RFC 6121 3). */
static const char *
describe_allowance(const struct client *c, const char *bare)
{
	const struct chat *chat = chat_find(c, bare);
	const struct contact *contact = roster_find(&c->roster, bare);

	if (contact != NULL &&
	    (contact->sub == SUB_BOTH || contact->sub == SUB_FROM))
		return "sees your presence already";
	if (chat != NULL && chat->asks)
		return "sees your presence from now on";
	return "has not asked in this run; if they ask they are let without a "
	       "question, where the server can";
}

void
command_authorization(struct client *c, const char *args)
{
	static const struct {
		const char *word, *type, *done;
	} words[] = {{"allow", "subscribed", NULL},
	    {"cancel", "unsubscribed", "does not see your presence any more"},
	    {"request", "subscribe", "is asked to show you their presence"},
	    {"request_unsubscribe", "unsubscribe",
		"need not show you their presence any more"}};
	size_t n = strcspn(args, " "), i;
	char jid[JID_SIZE], bare[JID_SIZE];
	const char *active, *rest;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (args_is(args, n, words[i].word))
			break;
	if (i == sizeof words / sizeof *words) {
		args_usage(c);
		return;
	}
	if (args[n + strspn(args + n, " ")] != '\0') {
		rest = args_person(c, args + n + 1, jid);
		if (rest == NULL || !args_no_more(c, rest))
			return;
	} else {
		active = args_active(c);
		if (active == NULL)
			return;
		snprintf(jid, sizeof jid, "%s", active);
	}
	if (!args_online(c))
		return;
	jid_bare(jid, bare);
	if (!args_is_other(c, bare))
		return;
	send_subscription(c, bare, words[i].type);
	answer_ok(
	    c, bare, i == 0 ? describe_allowance(c, bare) : words[i].done);
	chat_asked(c, bare, 0);
}
