/*
 * The commands that say who there is: /contacts, /expand, /info.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/archive.h"
#include "line/command.h"
#include "line/encrypt.h"
#include "line/job.h"
#include "line/keep.h"
#include "line/message.h"
#include "line/muc.h"

/* Everybody that there is to be listed; the strings are borrowed. */
struct everybody {
	char self[JID_SIZE];
	struct map seen;
	const char **jids;
	size_t count;
};

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
	const char *active = client_active(c);
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
sessions(struct client *c, const char *jid)
{
	const struct contact *contact = roster_find(&c->roster, jid);
	size_t count = count_sessions(contact), i, n;
	const struct resource **all, *s;

	if (muc_sessions(c, jid) || count == 0)
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
 * What the roster says of CONTACT, or where it says nothing our own record:
 * its name, and before there is a roster the subscription as it was.
 */
static const char *
subscription(const struct client *c, const struct contact *contact,
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
	return subs[kept && !c->has_roster ? u->subscription : USER_NONE];
}

/* Of ourselves we know without being told. */
static const char *
shows(const struct client *c, const struct contact *contact, const char *bare)
{
	enum roster_show show = roster_shows(contact);

	if (show == SHOW_OFFLINE && client_is_self(c, bare) &&
	    c->link == LINK_ONLINE)
		show = c->show;
	return roster_show_name(show);
}

/* One line about the contact or account BARE. */
static void
contact_event(struct client *c, const char *bare)
{
	const struct contact *contact = roster_find(&c->roster, bare);
	const struct chat *chat = map_find(&c->chats, bare);
	const char *name, *sub;
	char to[JID_SIZE];

	if (muc_contact(c, bare))
		return;
	sub = subscription(c, contact, keep_find(c, bare), &name);
	event_begin(&c->event, EVENT_CONTACT, bare, name,
	    name == NULL ? 0 : strlen(name));
	event_set(&c->event, "show", shows(c, contact, bare));
	event_set(&c->event, "sub", sub);
	event_set_number(&c->event, "unread", chat == NULL ? 0 : chat->unread);
	message_address(c, bare, to);
	encrypt_set(c, to);
	event_set(&c->event, "kind", client_is_self(c, bare) ? "self" : "user");
	if (c->active != NULL && jid_same_bare(c->active, bare))
		event_set(&c->event, "active", "yes");
	event_set_number(
	    &c->event, "sessions", (long long)count_sessions(contact));
	event_set(&c->event, "logging", archive_is_on(c, bare) ? "yes" : NULL);
	event_set(&c->event, "expanded", is_expanded(c, bare) ? "yes" : NULL);
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

/* As the original. */
static int
compare(const void *a, const void *b)
{
	return jid_order(*(char *const *)a, *(char *const *)b);
}

static void
add(struct everybody *e, const char *jid)
{
	if (map_find(&e->seen, jid) != NULL)
		return;
	map_add(&e->seen, jid, e);
	e->jids[e->count++] = jid;
}

static void
add_people(struct client *c, struct everybody *e, void **contacts, void **chats,
    const char **kept)
{
	size_t i;

	jid_bare(c->jid, e->self);
	add(e, e->self);
	for (i = 0; contacts[i] != NULL; i++)
		add(e, ((struct contact *)contacts[i])->jid);
	for (i = 0; chats[i] != NULL; i++)
		add(e, ((struct chat *)chats[i])->jid);
	for (i = 0; kept[i] != NULL; i++)
		add(e, kept[i]);
}

/*
 * Fills E, to be cleared, with all bare JIDs that we know of: rooms, then
 * ourselves, the roster, who is here, whom we talked with, and whom we have
 * kept something of.
 */
static void
everybody(struct client *c, struct everybody *e)
{
	void **contacts = map_values(&c->roster.contacts);
	void **chats = map_values(&c->chats), **rooms;
	const char **kept = keep_contacts(c);
	size_t i, people;

	muc_load(c);
	rooms = map_values(&c->rooms);
	memset(e, 0, sizeof *e);
	e->jids = buf_alloc((c->roster.contacts.count + c->chats.count +
				c->rooms.count + c->kept.count + 1) *
			    sizeof *e->jids);
	for (i = 0; rooms[i] != NULL; i++)
		add(e, ((struct muc *)rooms[i])->room.jid);
	people = e->count;
	add_people(c, e, contacts, chats, kept);
	qsort(e->jids, people, sizeof *e->jids, compare);
	qsort(e->jids + people, e->count - people, sizeof *e->jids, compare);
	free(contacts);
	free(chats);
	free(rooms);
	free(kept);
}

static void
everybody_clear(struct everybody *e)
{
	map_clear(&e->seen);
	free(e->jids);
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
	struct everybody e;
	size_t i;

	if (!all && *args != '\0') {
		command_usage(c, "contacts");
		return;
	}
	all |= c->lists_offline;
	everybody(c, &e);
	for (i = 0; i < e.count; i++) {
		if (!all && !matters(c, e.jids[i]))
			continue;
		contact_event(c, e.jids[i]);
		if (is_expanded(c, e.jids[i]))
			sessions(c, e.jids[i]);
	}
	everybody_clear(&e);
	job_ok(c, NULL, NULL);
}

void
client_offline(struct client *c, int offline)
{
	c->lists_offline = offline;
}

void
client_contacts(struct client *c, int all, struct buf *out)
{
	struct buf *text = c->event.out;
	const char *label = c->event.label;
	char bare[JID_SIZE];
	struct everybody e;
	size_t i;

	c->event.out = out;
	c->event.label = NULL;
	if (all) {
		everybody(c, &e);
		for (i = 0; i < e.count; i++)
			contact_event(c, e.jids[i]);
		everybody_clear(&e);
	} else if (c->active != NULL) {
		jid_bare(c->active, bare);
		contact_event(c, bare);
	}
	c->event.out = text;
	c->event.label = label;
}

static void
groups(struct client *c, const char *bare, char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		event_begin(&c->event, EVENT_INFO, bare, "in a group", 10);
		event_set_number(&c->event, "line", (long long)c->line);
		event_set(&c->event, "group", names[i]);
		event_end(&c->event);
	}
}

/* What the line about the person BARE has no column for, in words. */
static void
describe(struct client *c, const char *bare)
{
	const struct contact *contact = roster_find(&c->roster, bare);
	const struct user *u = keep_find(c, bare);

	if (contact != NULL && contact->pending)
		client_info(c, bare, "our request for their presence waits");
	if (contact != NULL && contact->approved)
		client_info(c, bare, "their request is approved already");
	if (contact != NULL && contact->in_roster)
		groups(c, bare, contact->groups, contact->group_count);
	else if (u != NULL && u->kind == USER_CONTACT)
		groups(c, bare, u->groups, u->group_count);
	if (contact == NULL || !contact->in_roster)
		client_info(c, bare, "not in the roster");
}

static void
describe_self(struct client *c, const char *bare)
{
	char text[64];

	snprintf(text, sizeof text, "our priority is %d", c->priority);
	client_info(c, bare, text);
	if (c->otr == NULL)
		return;
	event_begin(&c->event, EVENT_FINGERPRINT, bare, c->fingerprint,
	    strlen(c->fingerprint));
	event_end(&c->event);
}

void
command_info(struct client *c, const char *args)
{
	const char *jid = client_active(c);
	char bare[JID_SIZE], text[KEEP_NAME + 32], name[KEEP_NAME];

	if (*args != '\0') {
		command_usage(c, "info");
		return;
	}
	if (jid == NULL)
		jid = c->jid;
	jid_bare(jid, bare);
	contact_event(c, bare);
	if (muc_find(c, bare) != NULL)
		muc_sessions(c, jid);
	else
		sessions(c, bare);
	if (client_is_self(c, bare))
		describe_self(c, bare);
	else if (!muc_describe(c, bare))
		describe(c, bare);
	if (archive_is_on(c, bare)) {
		keep_name(c, "histories", bare, name);
		snprintf(text, sizeof text, "what is said is kept in %s", name);
		client_info(c, bare, text);
	}
	job_ok(c, bare, NULL);
}
