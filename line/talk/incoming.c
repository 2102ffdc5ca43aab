#include "line/talk/incoming.h"

#include <string.h>

/* Reads the attribute KEY of X as a JID, our account where there is none;
 * returns -1 if it is no JID. */
static int
read_jid(const struct client *c, const struct stanza *x, const char *key,
    char jid[JID_SIZE])
{
	const char *value = stanza_get(x, key);

	if (value != NULL)
		return jid_parse(value, strlen(value), jid, NULL);
	jid_bare(c->self.jid, jid);
	return 0;
}

/*
 * Returns the id that the archive of the bare JID BY has for X (XEP-0359), or
 * NULL. It is the last: Prosody leaves one that the sender has made up in front
 * of its own.
 */
static const char *
archive_id(const struct stanza *x, const char *by)
{
	const struct stanza *s;
	const char *value, *id = NULL;
	char jid[JID_SIZE];

	for (s = x->child; s != NULL; s = s->next) {
		value = stanza_get(s, "by");
		if (stanza_is(s, "stanza-id", NS_SID) && value != NULL &&
		    jid_parse(value, strlen(value), jid, NULL) == 0 &&
		    strcmp(jid, by) == 0)
			id = stanza_get(s, "id");
	}
	return id;
}

void
incoming_direct(struct client *c, struct incoming *m, const char *from,
    const struct stanza *x)
{
	const char *type = stanza_get(x, "type");
	char by[JID_SIZE];

	m->x = x;
	m->again = 0;
	m->way = INCOMING_DIRECT;
	memcpy(m->from, from, strlen(from) + 1);
	if (read_jid(c, x, "to", m->to) == -1)
		jid_bare(c->self.jid, m->to);
	m->own = 0;
	m->peer = m->from;
	jid_bare(
	    type != NULL && strcmp(type, "groupchat") == 0 ? from : c->self.jid,
	    by);
	m->archived = archive_id(x, by);
	m->stamp = delay_stamp(c, x, &m->delay);
}

const struct stanza *
incoming_carbon(const struct client *c, const char *from,
    const struct stanza *x, int *forged)
{
	const struct stanza *s = stanza_child(x, "received", NS_CARBONS);
	char bare[JID_SIZE];

	if (s == NULL)
		s = stanza_child(x, "sent", NS_CARBONS);
	s = stanza_child(s, "forwarded", NS_FORWARD);
	jid_bare(c->self.jid, bare);
	*forged = s != NULL && strcmp(from, bare) != 0;
	return *forged ? NULL : s;
}

/* Returns 1 if M may be in the archive of the room ARCHIVE; NULL: if it may
 * have come to our account or be from it. */
static int
is_possible(
    const struct client *c, const struct incoming *m, const char *archive)
{
	const char *type = stanza_get(m->x, "type");
	int in_room = type != NULL && strcmp(type, "groupchat") == 0;

	if (archive != NULL)
		return in_room && jid_same_bare(m->from, archive);
	return !in_room &&
	       (client_is_self(c, m->from) || client_is_self(c, m->to));
}

int
incoming_forwarded(struct client *c, struct incoming *m,
    const struct stanza *forwarded, enum incoming_way way, const char *archive,
    const char *id)
{
	char bare[JID_SIZE];
	struct delay outer;
	const char *stamp;

	m->x = stanza_child(forwarded, "message", NS_CLIENT);
	m->way = way;
	m->again = 0;
	if (m->x == NULL || read_jid(c, m->x, "from", m->from) == -1 ||
	    read_jid(c, m->x, "to", m->to) == -1)
		return -1;
	jid_bare(c->self.jid, bare);
	if (archive != NULL && strcmp(archive, bare) == 0)
		archive = NULL;
	if (!is_possible(c, m, archive))
		return -1;
	m->own = archive == NULL && client_is_self(c, m->from) &&
		 !client_is_self(c, m->to);
	m->peer = m->own ? m->to : m->from;
	m->archived = id != NULL ? id : archive_id(m->x, bare);
	/* The time of a message in an archive stands in the wrapper; that of
	 * a carbon only if the carbon itself has waited. */
	stamp = delay_stamp(c,
	    way == INCOMING_ARCHIVE ? forwarded : forwarded->parent->parent,
	    &outer);
	m->stamp = delay_stamp(c, m->x, &m->delay);
	if (stamp != NULL && (m->stamp == NULL || way == INCOMING_ARCHIVE))
		m->stamp = memcpy(m->delay.text, outer.text, DELAY_STAMP);
	m->delay.offline = way == INCOMING_ARCHIVE || outer.offline;
	return 0;
}

/* Sets to= of the current event, where M went elsewhere than to us. */
static void
set_recipient(struct client *c, const struct incoming *m)
{
	const char *type = stanza_get(m->x, "type");

	if (type != NULL && strcmp(type, "groupchat") == 0)
		return; /* to the room, or to whom the archive has it */
	if (m->way != INCOMING_DIRECT && strcmp(m->to, c->self.jid) != 0 &&
	    (m->way == INCOMING_CARBON || jid_resource(m->to) != NULL))
		event_set(&c->event, "to", m->to);
}

static void
set_way(struct client *c, const struct incoming *m)
{
	static const char *const names[] = {
	    [INCOMING_CARBON] = "carbon", [INCOMING_ARCHIVE] = "archive"};

	event_set(&c->event, "archived", m->archived);
	event_set(&c->event, "via", names[m->way]);
}

void
incoming_set(struct client *c, const struct incoming *m)
{
	set_way(c, m);
	if (m->own)
		event_set(&c->event, "from", m->from);
	else
		set_recipient(c, m);
}

void
incoming_set_sender(struct client *c, const struct incoming *m)
{
	event_set(&c->event, "stamp", m->stamp);
	set_way(c, m);
	if (m->own)
		event_set(&c->event, "to", m->to);
	else
		set_recipient(c, m);
}
