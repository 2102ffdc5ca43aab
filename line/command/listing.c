/*
 * The commands that say who there is: /contacts, /expand, /info.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/disk/histories.h"
#include "line/disk/users.h"
#include "line/room/people.h"
#include "line/room/room.h"
#include "line/talk/chat.h"
#include "line/talk/encrypt.h"

static int
is_expanded(const struct client *c, const char *bare)
{
	const struct chat *chat = chat_find(c, bare);

	return chat != NULL && chat->expanded;
}

static void
session_event(
    struct client *c, const struct contact *contact, const struct resource *s)
{
	const char *active = client_active(c);
	char jid[JID_SIZE];

	snprintf(jid, sizeof jid, "%s%s%s", contact->jid,
	    *s->name == '\0' ? "" : "/", s->name);
	event_begins(&c->event, EVENT_SESSION, jid, s->status);
	event_set(&c->event, "show", roster_show_name(s->show));
	event_set_number(&c->event, "prio", s->priority);
	encrypt_set(c, jid);
	event_set(&c->event, "best", s == roster_best(contact) ? "yes" : NULL);
	event_set(&c->event, "receipts", s->receipts ? "seen" : "unknown");
	if (active != NULL && *s->name != '\0' && strcmp(active, jid) == 0)
		event_set(&c->event, "active", "yes");
	event_end(&c->event);
}

static size_t
count_sessions(const struct contact *contact)
{
	const struct resource *s;
	size_t n = 0;

	for (s = contact == NULL ? NULL : contact->resources; s != NULL;
	     s = s->next)
		n++;
	return n;
}

/* The best first, which is the first of those that are equal. */
static void
list_sessions(struct client *c, const char *jid)
{
	const struct contact *contact = roster_find(&c->roster, jid);
	size_t count = count_sessions(contact), i, n;
	const struct resource **all, *s;

	if (room_sessions(c, jid) || count == 0)
		return;
	all = buf_alloc(count * sizeof *all);
	for (n = 0, s = contact->resources; s != NULL; s = s->next, n++) {
		for (i = n; i > 0 && roster_compare(s, all[i - 1]) > 0; i--)
			all[i] = all[i - 1];
		all[i] = s;
	}
	for (i = 0; i < count; i++)
		session_event(c, contact, all[i]);
	free(all);
}

/*
 * Notes what the roster says of CONTACT, or else what our own record says:
 * its name, and before there is a roster the subscription as it was.
 */
static const char *
subscription_of(const struct client *c, const struct contact *contact,
    const struct user *u, const char **name)
{
	static const char *const subs[] = {[USER_NONE] = "none",
	    [USER_FROM] = "from",
	    [USER_TO] = "to",
	    [USER_BOTH] = "both",
	    [USER_REMOVE] = "remove"};
	int kept = u != NULL && u->kind == USER_CONTACT;

	if (contact != NULL && contact->in_roster) {
		*name = contact->name;
		return roster_sub_name(contact->sub);
	}
	*name = kept ? u->name : NULL;
	return subs[kept && !c->link.has_roster ? u->subscription : USER_NONE];
}

/* One line about the contact or account BARE. */
static void
contact_event(struct client *c, const char *bare)
{
	const struct contact *contact = roster_find(&c->roster, bare);
	const char *name, *sub;
	char to[JID_SIZE];

	if (room_contact(c, bare))
		return;
	sub = subscription_of(c, contact, users_find(c, bare), &name);
	event_begins(&c->event, EVENT_CONTACT, bare, name);
	event_set(&c->event, "show", people_show(c, bare));
	event_set(&c->event, "sub", sub);
	event_set_number(&c->event, "unread", chat_unread(c, bare));
	encrypt_address(c, bare, to);
	encrypt_set(c, to);
	event_set(&c->event, "kind", client_is_self(c, bare) ? "self" : "user");
	if (client_is_active(c, bare))
		event_set(&c->event, "active", "yes");
	event_set_number(
	    &c->event, "sessions", (long long)count_sessions(contact));
	event_set(
	    &c->event, "logging", histories_is_on(c, bare) ? "yes" : NULL);
	event_set(&c->event, "expanded", is_expanded(c, bare) ? "yes" : NULL);
	event_end(&c->event);
}

void
command_expand(struct client *c, const char *args)
{
	const char *jid = args_active(c);
	struct chat *chat;

	(void)args;
	if (jid == NULL)
		return;
	chat = chat_need(c, jid);
	chat->expanded = !chat->expanded;
	if (chat->expanded)
		list_sessions(c, chat->jid);
	answer_ok(c, chat->jid,
	    people_is_room(c, jid) ? NULL
	    : chat->expanded	   ? "messages go to the bare JID"
				   : "messages go to the best resource");
}

void
command_contacts(struct client *c, const char *args)
{
	int all = strcmp(args, "all") == 0;
	struct people p;
	size_t i;

	if (!all && *args != '\0') {
		args_usage(c);
		return;
	}
	all |= c->options.list_offline;
	people_gather(c, &p);
	for (i = 0; i < p.count; i++) {
		if (!all && !people_matters(c, p.jids[i]))
			continue;
		contact_event(c, p.jids[i]);
		if (is_expanded(c, p.jids[i]))
			list_sessions(c, p.jids[i]);
	}
	people_clear(&p);
	answer_ok(c, NULL, NULL);
}

static void
list_groups(struct client *c, const char *bare, char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		event_begin(&c->event, EVENT_INFO, bare, "in a group", 10);
		event_set_number(&c->event, "line", (long long)c->lines.line);
		event_set(&c->event, "group", names[i]);
		event_end(&c->event);
	}
}

/* Adds, in words, the facts about the person BARE that have no column. */
static void
describe_person(struct client *c, const char *bare)
{
	const struct contact *contact = roster_find(&c->roster, bare);
	const struct user *u = users_find(c, bare);

	if (contact != NULL && contact->pending)
		client_info(c, bare, "your request for their presence waits");
	if (contact != NULL && contact->approved)
		client_info(c, bare, "their request is approved already");
	if (contact != NULL && contact->in_roster)
		list_groups(c, bare, contact->groups, contact->group_count);
	else if (u != NULL && u->kind == USER_CONTACT)
		list_groups(c, bare, u->groups, u->group_count);
	if (contact == NULL || !contact->in_roster)
		client_info(c, bare, "not in the roster");
}

static void
describe_self(struct client *c, const char *bare)
{
	char text[64];

	snprintf(text, sizeof text, "your priority is %d", c->self.priority);
	client_info(c, bare, text);
	encrypt_own_key(c);
}

void
command_info(struct client *c, const char *args)
{
	const char *jid = client_active(c);
	char bare[JID_SIZE], text[USERS_NAME + 32], name[USERS_NAME];

	(void)args;
	if (jid == NULL)
		jid = c->self.jid;
	jid_bare(jid, bare);
	contact_event(c, bare);
	if (client_is_room(c, bare))
		room_sessions(c, jid);
	else
		list_sessions(c, bare);
	if (client_is_self(c, bare))
		describe_self(c, bare);
	else if (!room_describe(c, bare))
		describe_person(c, bare);
	if (histories_is_on(c, bare)) {
		users_name(c, "histories", bare, name);
		snprintf(text, sizeof text, "what is said is kept in %s", name);
		client_info(c, bare, text);
	}
	answer_ok(c, bare, NULL);
}
