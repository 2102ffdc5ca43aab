/*
 * The commands about people: whom we talk to, who they are, who may see whom.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/archive.h"
#include "line/command.h"
#include "line/encrypt.h"
#include "line/job.h"
#include "line/message.h"
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

static int
is_expanded(const struct client *c, const char *bare)
{
	const struct chat *chat = map_find(&c->chats, bare);

	return chat != NULL && chat->expanded;
}

static void
session_event(
    struct client *c, const struct contact *contact, const struct resource *s)
{
	char jid[JID_SIZE];

	snprintf(jid, sizeof jid, "%s%s%s", contact->jid,
	    *s->name == '\0' ? "" : "/", s->name);
	event_begin(&c->event, EVENT_SESSION, jid, s->status,
	    s->status == NULL ? 0 : strlen(s->status));
	event_set(&c->event, "show", roster_show_name(s->show));
	event_set_number(&c->event, "prio", s->priority);
	encrypt_set(c, jid);
	event_set(&c->event, "best", s == roster_best(contact) ? "yes" : NULL);
	event_set(&c->event, "receipts", s->receipts ? "seen" : "unknown");
	event_end(&c->event);
}

static void
sessions(struct client *c, const char *bare)
{
	const struct contact *contact = roster_find(&c->roster, bare);
	const struct resource *s;

	if (muc_sessions(c, bare))
		return;
	for (s = contact == NULL ? NULL : contact->resources; s != NULL;
	     s = s->next)
		session_event(c, contact, s);
}

/* One line about the contact or account BARE. */
static void
contact_event(struct client *c, const char *bare)
{
	const struct contact *contact = roster_find(&c->roster, bare);
	const struct chat *chat = map_find(&c->chats, bare);
	const char *name = contact == NULL ? NULL : contact->name;
	const struct resource *s;
	char to[JID_SIZE];
	int count = 0;

	if (muc_contact(c, bare))
		return;
	for (s = contact == NULL ? NULL : contact->resources; s != NULL;
	     s = s->next)
		count++;
	event_begin(&c->event, EVENT_CONTACT, bare, name,
	    name == NULL ? 0 : strlen(name));
	event_set(&c->event, "show", roster_show_name(roster_shows(contact)));
	event_set(&c->event, "sub",
	    roster_sub_name(contact == NULL ? SUB_NONE : contact->sub));
	event_set_number(&c->event, "unread", chat == NULL ? 0 : chat->unread);
	message_address(c, bare, to);
	encrypt_set(c, to);
	event_set(&c->event, "kind", client_is_self(c, bare) ? "self" : "user");
	if (c->active != NULL && jid_same_bare(c->active, bare))
		event_set(&c->event, "active", "yes");
	event_set_number(&c->event, "sessions", count);
	event_set(&c->event, "logging", archive_is_on(c, bare) ? "yes" : NULL);
	event_end(&c->event);
}

void
command_expand(struct client *c, const char *args)
{
	const char *jid = command_active(c);
	struct chat *chat;

	(void)args;
	if (jid == NULL)
		return;
	chat = client_chat(c, jid);
	chat->expanded = !chat->expanded;
	if (chat->expanded)
		sessions(c, chat->jid);
	job_ok(c, chat->jid,
	    chat->expanded ? "messages go to the bare JID"
			   : "messages go to the best resource");
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every bare JID that we know of, sorted; the caller frees the array. */
static const char **
everybody(const struct client *c, size_t *count)
{
	void **contacts = map_values(&c->roster.contacts);
	void **chats = map_values(&c->chats);
	void **rooms = map_values(&c->rooms);
	const char **all, *jid;
	size_t i, n = 0;

	all = buf_alloc(
	    (c->roster.contacts.count + c->chats.count + c->rooms.count) *
	    sizeof *all);
	for (i = 0; contacts[i] != NULL; i++)
		all[n++] = ((struct contact *)contacts[i])->jid;
	for (i = 0; chats[i] != NULL; i++) {
		jid = ((struct chat *)chats[i])->jid;
		if (roster_find(&c->roster, jid) == NULL &&
		    muc_find(c, jid) == NULL)
			all[n++] = jid;
	}
	for (i = 0; rooms[i] != NULL; i++)
		all[n++] = ((struct muc *)rooms[i])->room.jid;
	qsort(all, n, sizeof *all, compare);
	free(contacts);
	free(chats);
	free(rooms);
	*count = n;
	return all;
}

/* Online, unread or active. */
static int
matters(const struct client *c, const char *bare)
{
	const struct contact *contact = roster_find(&c->roster, bare);
	const struct chat *chat = map_find(&c->chats, bare);

	return (contact != NULL && contact->resources != NULL) ||
	       (chat != NULL && chat->unread > 0) ||
	       muc_inside(c, bare) != NULL ||
	       (c->active != NULL && jid_same_bare(c->active, bare));
}

void
command_contacts(struct client *c, const char *args)
{
	int all = strcmp(args, "all") == 0;
	const char **jids;
	size_t i, n;

	if (!all && *args != '\0') {
		command_usage(c, "contacts");
		return;
	}
	muc_load(c);
	jids = everybody(c, &n);
	for (i = 0; i < n; i++) {
		if (!all && !matters(c, jids[i]))
			continue;
		contact_event(c, jids[i]);
		if (is_expanded(c, jids[i]))
			sessions(c, jids[i]);
	}
	free(jids);
	job_ok(c, NULL, NULL);
}

/* What the contact line has no column for, in words. */
static void
describe(struct client *c, const char *bare)
{
	const struct contact *contact = roster_find(&c->roster, bare);
	char text[64];
	size_t i;

	if (muc_describe(c, bare) || contact == NULL)
		return;
	if (contact->pending)
		client_info(c, bare, "our request for their presence waits");
	if (contact->approved)
		client_info(c, bare, "their request is approved already");
	for (i = 0; i < contact->group_count; i++) {
		event_begin(&c->event, EVENT_INFO, bare, "in a group", 10);
		event_set_number(&c->event, "line", (long long)c->line);
		event_set(&c->event, "group", contact->groups[i]);
		event_end(&c->event);
	}
	if (client_is_self(c, bare)) {
		snprintf(text, sizeof text, "our priority is %d", c->priority);
		client_info(c, bare, text);
	}
}

void
command_info(struct client *c, const char *args)
{
	const char *jid = client_active(c);
	char bare[JID_SIZE];

	if (*args != '\0') {
		command_usage(c, "info");
		return;
	}
	jid_bare(jid == NULL ? c->jid : jid, bare);
	contact_event(c, bare);
	/* Of those in a room only the one that is meant. */
	sessions(c, jid == NULL || muc_find(c, jid) == NULL ? bare : jid);
	describe(c, bare);
	job_ok(c, bare, NULL);
}

/* Sends presence of TYPE to the bare JID. */
static void
subscription(struct client *c, const char *bare, const char *type)
{
	struct writer w;

	writer_init(&w, stream_out(c->stream));
	writer_open(&w, "presence", NULL);
	writer_attr(&w, "to", bare);
	writer_attr(&w, "type", type);
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
