#include "line/room/room.h"

#include <stdlib.h>
#include <string.h>

#include "line/disk/users.h"
#include "line/talk/fate.h"

const char room_not_inside[] = "you are not in that room";

struct room *
room_find(const struct client *c, const char *jid)
{
	char bare[JID_SIZE];

	if (c->rooms.by_jid.count == 0)
		return NULL;
	jid_bare(jid, bare);
	return map_find(&c->rooms.by_jid, bare);
}

struct room *
room_sender(const struct client *c, const struct stanza *x)
{
	const char *from = stanza_get(x, "from");
	char jid[JID_SIZE];

	if (from == NULL || jid_parse(from, strlen(from), jid, NULL) == -1)
		return NULL;
	return room_find(c, jid);
}

struct room *
room_inside(const struct client *c, const char *jid)
{
	struct room *m = room_find(c, jid);

	return m == NULL || m->state < ROOM_JOINING ? NULL : m;
}

const char *
room_nick(const struct client *c, const char *jid, char local[JID_SIZE])
{
	const struct user *u = users_find_room(c, jid);
	const struct room *m = room_find(c, jid);

	if (u != NULL && u->nick != NULL)
		return u->nick;
	if (m != NULL && m->bookmark_nick != NULL)
		return m->bookmark_nick;
	jid_local(c->self.jid, local);
	return local;
}

struct room *
room_need(struct client *c, const char *jid)
{
	struct room *m = room_find(c, jid);
	char bare[JID_SIZE], nick[JID_SIZE];
	const struct user *u;

	if (m != NULL)
		return m;
	m = buf_alloc(sizeof *m);
	jid_bare(jid, bare);
	u = users_find_room(c, bare);
	if (u != NULL) {
		m->password = buf_strdup(u->password);
		m->wanted = u->autojoin && !c->options.no_rooms;
	}
	occupants_init(&m->room, bare, room_nick(c, bare, nick));
	map_add(&c->rooms.by_jid, bare, m);
	return m;
}

void
room_unmark(struct room *m)
{
	free(m->bookmark_name);
	free(m->bookmark_nick);
	m->bookmark_name = m->bookmark_nick = NULL;
	m->bookmarked = m->bookmark_autojoin = m->bookmark_more = 0;
}

static void
room_free(struct client *c, struct room *m)
{
	(void)c;
	free(m->told);
	free(m->taken);
	room_unmark(m);
	occupants_clear(&m->room);
	buf_free_secret(m->password);
	free(m);
}

static int
compare_rooms(const void *a, const void *b)
{
	const struct room *const *x = a, *const *y = b;

	return strcmp((*x)->room.jid, (*y)->room.jid);
}

struct room **
room_all(const struct client *c)
{
	struct room **all = (struct room **)map_values(&c->rooms.by_jid);

	/* The order of a map differs from run to run. */
	qsort(all, c->rooms.by_jid.count, sizeof *all, compare_rooms);
	return all;
}

void
room_each(struct client *c, void (*act)(struct client *c, struct room *m))
{
	struct room **all = room_all(c);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		act(c, all[i]);
	free(all);
}

void
room_load(struct client *c)
{
	const char **jids = users_jids(c, USER_ROOM);
	size_t i;

	for (i = 0; jids[i] != NULL; i++)
		room_need(c, jids[i]);
	free(jids);
}

void
room_kept(struct client *c, const char *jid)
{
	if (c->link.sessions > 0 && *jid != '\0' &&
	    users_find_room(c, jid) != NULL)
		room_need(c, jid);
}

int
room_keep_out(struct client *c, const struct room *m)
{
	struct user *u = users_find_room(c, m->room.jid);

	if (u == NULL || !u->autojoin || c->options.no_rooms)
		return 0;
	u->autojoin = 0;
	users_noted(c, u);
	return 1;
}

void
room_drop(struct client *c, struct room *m)
{
	if (users_find_room(c, m->room.jid) != NULL || m->bookmarked ||
	    fate_first_in(c, m->room.jid) != NULL)
		return;
	map_remove(&c->rooms.by_jid, m->room.jid);
	room_free(c, m);
}

void
room_table_clear(struct client *c)
{
	room_each(c, room_free);
	map_clear(&c->rooms.by_jid);
}

void
room_warn(
    struct client *c, const struct room *m, const char *why, const char *cause)
{
	event_begins(&c->event, EVENT_WARNING, m->room.jid, why);
	event_set(&c->event, "cause", cause);
	event_end(&c->event);
}

struct answer *
room_answer_find(
    const struct client *c, enum answer_kind kind, const struct room *m)
{
	struct answer *j = answer_next(c, NULL, kind);

	while (j != NULL && strcmp(j->subject, m->room.jid) != 0)
		j = answer_next(c, j, kind);
	return j;
}

void
room_answer_all(struct client *c, enum answer_kind kind, const struct room *m,
    const char *cause, const char *why)
{
	struct answer *job;

	while ((job = room_answer_find(c, kind, m)) != NULL)
		if (cause == NULL)
			answer_done(c, job, NULL);
		else
			answer_failed(c, job, cause, why);
}

void
room_on_entered(struct client *c,
    void (*entered)(struct client *c, const char *jid, int archive))
{
	c->rooms.entered = entered;
}

int
room_replays(const struct client *c, const struct room *m)
{
	return c->options.archive || c->options.queue != NULL || m->replayed;
}

int
room_is_in(const struct room *m)
{
	return m != NULL && m->state == ROOM_IN && !m->renaming;
}
