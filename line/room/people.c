#include "line/room/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/disk/histories.h"
#include "line/disk/users.h"
#include "line/room/room.h"
#include "line/talk/chat.h"
#include "line/talk/encrypt.h"
#include "line/talk/gate.h"

static int
compare_jids(const void *a, const void *b)
{
	return jid_order(*(char *const *)a, *(char *const *)b);
}

static void
add_person(struct people *p, const char *jid)
{
	if (map_find(&p->seen, jid) != NULL)
		return;
	map_add(&p->seen, jid, p);
	p->jids = buf_realloc(p->jids, p->count + 1, sizeof *p->jids);
	p->jids[p->count++] = jid;
}

void
people_gather(struct client *c, struct people *p)
{
	void **contacts = map_values(&c->roster.contacts);
	struct chat **chats = chat_all(c);
	void **rooms;
	const char **kept = users_jids(c, USER_CONTACT);
	size_t i;

	room_load(c);
	rooms = map_values(&c->rooms.by_jid);
	memset(p, 0, sizeof *p);
	for (i = 0; rooms[i] != NULL; i++)
		add_person(p, ((struct room *)rooms[i])->room.jid);
	p->rooms = p->count;
	jid_bare(c->self.jid, p->self);
	add_person(p, p->self);
	for (i = 0; contacts[i] != NULL; i++)
		add_person(p, ((struct contact *)contacts[i])->jid);
	for (i = 0; chats[i] != NULL; i++)
		add_person(p, chats[i]->jid);
	for (i = 0; kept[i] != NULL; i++)
		add_person(p, kept[i]);
	qsort(p->jids, p->rooms, sizeof *p->jids, compare_jids);
	qsort(p->jids + p->rooms, p->count - p->rooms, sizeof *p->jids,
	    compare_jids);
	free(contacts);
	free(chats);
	free(rooms);
	free(kept);
}

void
people_clear(struct people *p)
{
	map_clear(&p->seen);
	free(p->jids);
}

int
people_matters(const struct client *c, const char *jid)
{
	const struct contact *contact = roster_find(&c->roster, jid);

	return (contact != NULL && contact->resources != NULL) ||
	       chat_unread(c, jid) > 0 || room_inside(c, jid) != NULL ||
	       client_is_active(c, jid);
}

int
people_is_room(const struct client *c, const char *jid)
{
	return client_is_room(c, jid);
}

static enum roster_show
occupant_show(const struct client *c, const struct room *m, const char *nick)
{
	const struct occupant *o;

	if (m->state != ROOM_IN)
		return SHOW_OFFLINE;
	if (nick == NULL)
		return c->self.show;
	o = map_find(&m->room.occupants, nick);
	return o == NULL ? SHOW_OFFLINE : o->show;
}

const char *
people_show(const struct client *c, const char *jid)
{
	enum roster_show show = SHOW_OFFLINE;
	const char *resource = jid_resource(jid);
	const struct room *m = room_find(c, jid);
	const struct resource *r;

	if (m != NULL) {
		show = occupant_show(c, m, resource);
	} else if (resource != NULL) {
		r = roster_resource(&c->roster, jid);
		show = r == NULL ? SHOW_OFFLINE : r->show;
	} else {
		show = roster_shows(roster_find(&c->roster, jid));
		/* Nobody has to tell us how we are. */
		if (show == SHOW_OFFLINE && client_is_self(c, jid) &&
		    c->link.state == LINK_ONLINE)
			show = c->self.show;
	}
	return roster_show_name(show);
}

static int
is_step(const struct client *c, enum people_step step, const char *jid)
{
	if (step == PEOPLE_UNREAD)
		return chat_unread(c, jid) > 0;
	if (client_is_active(c, jid))
		return 0;
	if (step == PEOPLE_ENCRYPTED)
		return encrypt_is_on(c, jid);
	/* Few write to themselves. */
	if (client_is_self(c, jid) && chat_find(c, jid) == NULL)
		return 0;
	return c->options.list_offline || people_matters(c, jid);
}

int
people_step(struct client *c, enum people_step step, char jid[JID_SIZE])
{
	int back = step == PEOPLE_PREVIOUS, found = 0;
	struct people p;
	size_t at, i;

	people_gather(c, &p);
	for (at = 0; at < p.count && !client_is_active(c, p.jids[at]); at++)
		;
	/* From nobody: to the first who is no room, or back to the last room.
	 */
	if (at == p.count)
		at = back ? p.rooms : p.rooms + p.count - 1;
	for (i = 0; i < p.count && !found; i++) {
		at = (at + (back ? p.count - 1 : 1)) % p.count;
		found = is_step(c, step, p.jids[at]);
	}
	if (found)
		snprintf(jid, JID_SIZE, "%s", p.jids[at]);
	people_clear(&p);
	return found;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
people_resources(const struct client *c, const char *jid, struct buf *out)
{
	const struct contact *contact = roster_find(&c->roster, jid);
	const struct room *m = room_find(c, jid);
	const struct resource *r;
	const char **names;
	void **occupants;
	size_t n = 0, i;

	if (m != NULL) {
		occupants = map_values(&m->room.occupants);
		names =
		    buf_alloc((m->room.occupants.count + 1) * sizeof *names);
		for (; occupants[n] != NULL; n++)
			names[n] = ((struct occupant *)occupants[n])->nick;
		free(occupants);
	} else {
		r = contact == NULL ? NULL : contact->resources;
		for (i = 1; r != NULL; r = r->next)
			i++;
		names = buf_alloc(i * sizeof *names);
		r = contact == NULL ? NULL : contact->resources;
		for (; r != NULL; r = r->next)
			if (*r->name != '\0')
				names[n++] = r->name;
	}
	qsort(names, n, sizeof *names, compare_names);
	for (i = 0; i < n; i++)
		buf_add(out, names[i], strlen(names[i]) + 1);
	free(names);
}

void
people_rooms(struct client *c, struct buf *out)
{
	size_t at, i, n = 0, known;
	const char **names, *name;
	struct room **rooms;
	struct buf invited;

	room_load(c);
	rooms = room_all(c);
	buf_init(&invited, (size_t)1 << 20);
	room_invitations(c, &invited);
	for (known = 0; rooms[known] != NULL; known++)
		;
	names = buf_alloc((known + buf_len(&invited) + 1) * sizeof *names);
	for (; n < known; n++)
		names[n] = rooms[n]->room.jid;
	for (at = 0; at < buf_len(&invited); at += strlen(name) + 1) {
		name = buf_str(&invited) + at;
		if (room_find(c, name) == NULL)
			names[n++] = name;
	}
	qsort(names, n, sizeof *names, compare_jids);
	for (i = 0; i < n; i++)
		buf_add(out, names[i], strlen(names[i]) + 1);
	free(names);
	free(rooms);
	buf_clear(&invited);
}

void
people_fingerprints(const struct client *c, const char *jid, struct buf *out)
{
	const struct user *u = users_find(c, jid);
	const char *digits;
	size_t i;

	for (i = 0; u != NULL && i < u->fingerprint_count; i++) {
		digits = u->fingerprints[i].data;
		buf_add(out, digits, strlen(digits) + 1);
	}
}

const char *
people_own_nick(const struct client *c, const char *jid)
{
	const struct room *m = room_find(c, jid);

	return m == NULL ? NULL : m->room.nick;
}

const char *
people_active(const struct client *c)
{
	return c->options.text_to != NULL ? c->options.text_to : c->active;
}

void
people_state(const struct client *c, struct people_state *s)
{
	char to[JID_SIZE];
	const char *why;
	int refused;

	memset(s, 0, sizeof *s);
	s->is_online = c->link.state == LINK_ONLINE;
	s->unread = chat_unread(c, NULL);
	s->jid = people_active(c);
	if (s->jid == NULL)
		return;
	s->is_room = client_is_room(c, s->jid);
	s->is_logged = histories_is_on(c, s->jid);
	s->show = people_show(c, s->jid);
	if (s->is_room)
		return;
	if (gate_text(c, s->jid, &why) == GATE_OMEMO &&
	    gate_trust(c, s->jid) != NULL) {
		s->safety = PEOPLE_OMEMO;
		s->trust = gate_trust(c, s->jid);
		return;
	}
	encrypt_address(c, s->jid, to);
	s->trust = encrypt_session(c, to, &refused);
	s->safety = s->trust != NULL	       ? PEOPLE_OTR
		    : !refused		       ? PEOPLE_CLEAR
		    : encrypt_is_on(c, s->jid) ? PEOPLE_ELSEWHERE
					       : PEOPLE_FINISHED;
}
