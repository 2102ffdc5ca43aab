#include <stdlib.h>
#include <string.h>

#include "line/disk/users.h"
#include "line/room/room.h"
#include "line/talk/chat.h"

int
room_contact(struct client *c, const char *jid)
{
	const struct chat *chat = chat_find(c, jid);
	const struct user *u = users_find(c, jid);
	const struct room *m = room_find(c, jid);
	const char *topic;

	if (m == NULL)
		return 0;
	topic = m->room.topic;
	if (topic == NULL || (*topic == '\0' && m->state != ROOM_IN))
		topic = m->bookmark_name;
	event_begins(&c->event, EVENT_CONTACT, m->room.jid, topic);
	event_set(&c->event, "show",
	    m->state == ROOM_IN ? roster_show_name(c->self.show) : "offline");
	event_set(&c->event, "sub", "none");
	event_set_number(&c->event, "unread", chat_unread(c, jid));
	event_set(&c->event, "enc", "none");
	event_set(&c->event, "kind", "room");
	if (client_is_active(c, jid))
		event_set(&c->event, "active", "yes");
	event_set_number(
	    &c->event, "sessions", (long long)m->room.occupants.count);
	event_set(
	    &c->event, "logging", u != NULL && u->preserve ? "yes" : NULL);
	event_set(&c->event, "expanded",
	    chat != NULL && chat->expanded ? "yes" : NULL);
	event_end(&c->event);
	return 1;
}

static int
compare_nicks(const void *a, const void *b)
{
	struct occupant *const *x = a, *const *y = b;

	return strcmp((*x)->nick, (*y)->nick);
}

static void
occupant_event(
    struct client *c, const struct occupants *room, const struct occupant *o)
{
	struct buf peer;

	buf_init(&peer, 2 * JID_SIZE);
	buf_addf(&peer, "%s/%s", room->jid, o->nick);
	event_begins(&c->event, EVENT_SESSION, buf_str(&peer), o->status);
	event_set(&c->event, "show", roster_show_name(o->show));
	event_set(&c->event, "enc", "none");
	event_set(&c->event, "role", occupant_role_name(o->role));
	event_set(&c->event, "affiliation",
	    occupant_affiliation_name(o->affiliation));
	event_set(&c->event, "jid", o->jid);
	event_end(&c->event);
	buf_clear(&peer);
}

int
room_sessions(struct client *c, const char *jid)
{
	const struct room *m = room_find(c, jid);
	const char *nick = jid_resource(jid);
	struct occupant **all;
	size_t i;

	if (m == NULL)
		return 0;
	all = (struct occupant **)map_values(&m->room.occupants);
	qsort(all, m->room.occupants.count, sizeof *all, compare_nicks);
	for (i = 0; all[i] != NULL; i++)
		if (nick == NULL || strcmp(nick, all[i]->nick) == 0)
			occupant_event(c, &m->room, all[i]);
	free(all);
	return 1;
}

int
room_describe(struct client *c, const char *jid)
{
	const struct room *m = room_find(c, jid);
	const char *words, *comma = "";
	struct buf text;
	size_t i;

	if (m == NULL)
		return 0;
	buf_init(&text, 2 * JID_SIZE);
	buf_addf(&text, "your nick is %s", m->room.nick);
	client_info(c, m->room.jid, buf_str(&text));
	buf_clear(&text);
	buf_adds(&text, "features: ");
	for (i = 0; i < OCCUPANTS_FEATURES; i++) {
		words = occupants_feature(&m->room, i);
		if (words == NULL)
			continue;
		buf_addf(&text, "%s%s", comma, words);
		comma = ", ";
	}
	if (*comma != '\0')
		client_info(c, m->room.jid, buf_str(&text));
	buf_clear(&text);
	return 1;
}
