#include "line/room/told.h"

#include <stdlib.h>
#include <string.h>

#include "line/disk/position.h"
#include "sexp/siphash.h"

#define NS_ADDRESS "http://jabber.org/protocol/address" /* XEP-0033 */
/* Milliseconds by which our clock may be ahead of the room's. */
#define SKEW ((int64_t)10 * 60 * 1000)

static uint64_t
hash_string(const char *text)
{
	return text == NULL ? 0 : siphash(text, strlen(text));
}

/* Returns the stanza-id of L by M (XEP-0359), else the sender's id, or NULL. */
static const char *
line_id(const struct room *m, const struct room_line *l)
{
	const struct stanza *s;
	const char *by;

	for (s = l->x->child; s != NULL; s = s->next) {
		by = stanza_get(s, "by");
		if (stanza_is(s, "stanza-id", NS_SID) && by != NULL &&
		    strcmp(by, m->room.jid) == 0)
			return stanza_get(s, "id");
	}
	return l->id;
}

void
room_told_note(struct room *m, const struct room_line *l, int mine)
{
	struct room_told *t;

	if (m->told == NULL)
		m->told = buf_alloc(ROOM_TOLD * sizeof *m->told);
	t = &m->told[m->told_next++ % ROOM_TOLD];
	t->nick = hash_string(l->nick);
	t->id = hash_string(line_id(m, l));
	t->text = siphash(l->text, l->len);
	t->mine = mine;
	t->entry = m->room.settled ? 0 : m->entries;
}

void
room_told_last(
    const struct client *c, struct room *m, const struct room_line *l)
{
	m->last_wall = c->clock.wall;
	*m->last = '\0';
	/* The room's clock is better than ours, if its stamp is in UTC. */
	if (!m->room.settled && l->stamp != NULL &&
	    strlen(l->stamp) < sizeof m->last &&
	    l->stamp[strlen(l->stamp) - 1] == 'Z')
		memcpy(m->last, l->stamp, strlen(l->stamp) + 1);
}

const struct room_told *
room_told_find(struct room *m, const struct room_line *l)
{
	uint64_t nick = hash_string(l->nick);
	uint64_t id = hash_string(line_id(m, l));
	uint64_t text = siphash(l->text, l->len);
	struct room_told *t;
	size_t i, n = m->told_next < ROOM_TOLD ? m->told_next : ROOM_TOLD;

	for (i = 0; i < n; i++) {
		/* History comes with the oldest first. */
		t = &m->told[(m->told_next - n + i) % ROOM_TOLD];
		if (t->nick != nick || t->text != text ||
		    t->entry == m->entries ||
		    (t->id != id && m->ids != ROOM_IDS_CHANGED))
			continue;
		t->entry = m->entries;
		return t;
	}
	return NULL;
}

int
room_told_jid(const struct stanza *x, char jid[JID_SIZE])
{
	const struct stanza *a, *item;
	const char *text, *type;

	item = stanza_child(
	    stanza_child(x, "x", NS_MUC_USER), "item", NS_MUC_USER);
	text = stanza_get(item, "jid");
	a = stanza_child(x, "addresses", NS_ADDRESS);
	for (a = a == NULL ? NULL : a->child; a != NULL; a = a->next) {
		type = stanza_get(a, "type");
		if (stanza_is(a, "address", NS_ADDRESS) && type != NULL &&
		    strcmp(type, "ofrom") == 0 && text == NULL)
			text = stanza_get(a, "jid");
	}
	return text == NULL ? -1 : jid_parse(text, strlen(text), jid, NULL);
}

int
room_told_mine(const struct client *c, const struct room *m,
    const struct room_line *l, const struct room_told *told)
{
	const char *id =
	    stanza_get(stanza_child(l->x, "occupant-id", NS_OCCUPANT_ID), "id");
	int same = strcmp(l->nick, m->room.nick) == 0;
	char jid[JID_SIZE];

	if (told != NULL)
		return told->mine;
	/* A room that gives us an id lets nobody else make one up. */
	if (m->room.occupant_id != NULL && id != NULL)
		return strcmp(id, m->room.occupant_id) == 0;
	if (room_told_jid(l->x, jid) == 0)
		return same && client_is_self(c, jid);
	return same && (m->taken == NULL || strcmp(m->taken, l->nick) != 0);
}

/* Bytes of a stamp up to its seconds. */
#define STAMP_SECONDS 19

int
room_told_old(const struct room *m, const struct room_line *l)
{
	return *m->since != '\0' && l->stamp != NULL && *l->stamp != '\0' &&
	       l->stamp[strlen(l->stamp) - 1] == 'Z' &&
	       strncmp(l->stamp, m->since, STAMP_SECONDS) < 0;
}

/* Bytes of a text that stand for a message without an id. */
#define FRONT 200

/*
 * Returns our position in M, to be stored from now on; NULL where the archive
 * of M has one, or none is wanted.
 */
static struct position *
own_position(struct client *c, const struct room *m)
{
	struct position *p;

	if (m->archive != ROOM_ARCHIVE_NONE || !room_replays(c, m))
		return NULL;
	p = position_of(c, m->room.jid);
	position_follow(p);
	return p;
}

int
room_told_enter(
    struct client *c, const struct room *m, const struct room_line *l)
{
	struct position *p = l->nick == NULL ? NULL : own_position(c, m);
	struct buf id;
	int known;

	if (p == NULL)
		return 0;
	buf_init(&id, 2 * STANZA_MAX);
	buf_addc(&id, POSITION_OURS);
	buf_addf(&id, "%s/", l->nick);
	if (l->id != NULL)
		buf_adds(&id, l->id);
	else
		buf_addf(&id, "/%.*s", FRONT, l->text);
	known = position_knows(p, buf_str(&id), NULL);
	position_enter(c, p, buf_str(&id), NULL, c->clock.wall / 1000, 0);
	buf_clear(&id);
	return known;
}

/* Returns when the last message of M was told, by an earlier run; 0: none. */
static int64_t
last_run(struct client *c, const struct room *m)
{
	const struct position *p = own_position(c, m);

	return p == NULL ? 0 : position_time(p) * 1000;
}

void
room_told_begin(struct client *c, struct room *m)
{
	if (m->last_wall == 0)
		m->last_wall = last_run(c, m);
	m->entries++;
	m->noticed = 0;
	*m->since = '\0';
	m->returning = m->last_wall != 0;
	if (!m->returning)
		return;
	if (*m->last != '\0')
		memcpy(m->since, m->last, sizeof m->since);
	else
		event_time(m->last_wall - SKEW, m->since);
	memcpy(m->since + STAMP_SECONDS, "Z", 2);
}

void
room_told_in(struct client *c, struct room *m)
{
	static const char entered[] = {POSITION_OURS, '\0'};
	struct position *p = own_position(c, m);

	/* The next run asks for the history since now, though nothing was
	 * said. */
	if (p != NULL && position_time(p) == 0)
		position_enter(c, p, entered, NULL, c->clock.wall / 1000, 0);
	if (m->last_wall == 0)
		m->last_wall = c->clock.wall;
}

void
room_told_end(struct room *m)
{
	m->last_wall = 0;
	*m->last = '\0';
}
