#include "line/room/bookmark.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/request.h"

#define NS_PUBSUB    "http://jabber.org/protocol/pubsub"
#define NS_BOOKMARKS "urn:xmpp:bookmarks:1" /* XEP-0402, also the node */

struct bookmarks {
	int known; /* The server has told them in this session. */
};

void
bookmark_init(struct client *c)
{
	c->bookmarks = buf_alloc(sizeof *c->bookmarks);
}

void
bookmark_end(struct client *c)
{
	free(c->bookmarks);
}

/* Returns a copy of TEXT, or NULL if there is none. */
static char *
copy_text(const char *text)
{
	return text == NULL || *text == '\0' ? NULL : buf_strdup(text);
}

/* Returns 1 if the <conference/> X holds more than we would write. */
static int
holds_more(const struct stanza *x)
{
	const struct stanza *s;

	for (s = x->child; s != NULL; s = s->next)
		if (!stanza_is(s, "nick", NS_BOOKMARKS) &&
		    !stanza_is(s, "password", NS_BOOKMARKS))
			return 1;
	return 0;
}

/* Notes the bookmark ITEM. Returns -1 if it is of nothing that can be a room.
 */
static int
read_item(struct client *c, const struct stanza *item)
{
	const struct stanza *x = stanza_child(item, "conference", NS_BOOKMARKS);
	const char *id = stanza_get(item, "id"), *nick, *password, *autojoin;
	const struct contact *contact;
	char jid[JID_SIZE];
	struct room *m;

	if (x == NULL || id == NULL ||
	    jid_parse(id, strlen(id), jid, NULL) == -1 ||
	    jid_resource(jid) != NULL || !jid_has_local(jid) ||
	    client_is_self(c, jid))
		return -1;
	/* A room passes for nobody whose presence we see. */
	contact = roster_find(&c->roster, jid);
	if (contact != NULL &&
	    (contact->sub == SUB_TO || contact->sub == SUB_BOTH))
		return -1;
	m = room_need(c, jid);
	room_unmark(m);
	m->bookmarked = 1;
	m->bookmark_more = holds_more(x);
	autojoin = stanza_get(x, "autojoin");
	m->bookmark_autojoin =
	    autojoin != NULL &&
	    (strcmp(autojoin, "true") == 0 || strcmp(autojoin, "1") == 0);
	nick = stanza_child_text(x, "nick");
	password = stanza_child_text(x, "password");
	m->bookmark_name = copy_text(stanza_get(x, "name"));
	m->bookmark_nick = copy_text(nick);
	if (m->password == NULL)
		m->password = copy_text(password);
	return 0;
}

static void
forget_bookmark(struct client *c, struct room *m)
{
	(void)c;
	room_unmark(m);
}

/* Forgets the rooms that only a bookmark made known, and which has gone. */
static void
drop_rooms(struct client *c)
{
	struct room **all = room_all(c);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		if (all[i]->state == ROOM_OUT)
			room_drop(c, all[i]);
	free(all);
}

static void
on_published(struct client *c, struct answer *answer, const struct stanza *x)
{
	(void)answer;
	if (x != NULL && strcmp(stanza_get(x, "type"), "result") != 0)
		client_warning(
		    c, NULL, "the server did not take the bookmark of a room");
}

/* Writes an option of the node, of TYPE or NULL (XEP-0060 7.1.5), to W. */
static void
write_option(
    struct writer *w, const char *name, const char *type, const char *value)
{
	writer_open(w, "field", NULL);
	writer_attr(w, "var", name);
	writer_attr(w, "type", type);
	writer_leaf(w, "value", NULL, value);
	writer_close(w);
}

/* Publishes the bookmark of M as we know it (XEP-0402 4.2). */
static void
publish_bookmark(struct client *c, const struct room *m)
{
	struct writer w;

	request_begin(c, &w, "set", NULL, on_published, NULL);
	writer_open(&w, "pubsub", NS_PUBSUB);
	writer_open(&w, "publish", NULL);
	writer_attr(&w, "node", NS_BOOKMARKS);
	writer_open(&w, "item", NULL);
	writer_attr(&w, "id", m->room.jid);
	writer_open(&w, "conference", NS_BOOKMARKS);
	writer_attr(&w, "name", m->bookmark_name);
	writer_attr(&w, "autojoin", m->bookmark_autojoin ? "true" : "false");
	writer_leaf(&w, "nick", NULL, m->room.nick);
	if (m->password != NULL)
		writer_leaf(&w, "password", NULL, m->password);
	writer_close(&w);
	writer_close(&w);
	writer_close(&w);
	writer_open(&w, "publish-options", NULL);
	writer_open(&w, "x", "jabber:x:data");
	writer_attr(&w, "type", "submit");
	write_option(&w, "FORM_TYPE", "hidden", NS_PUBSUB "#publish-options");
	write_option(&w, "pubsub#persist_items", NULL, "true");
	/* Without it the node would keep the last one only. */
	write_option(&w, "pubsub#max_items", NULL, "max");
	write_option(&w, "pubsub#access_model", NULL, "whitelist");
	writer_end(&w);
}

void
bookmark_note(struct client *c, struct room *m, int joined)
{
	if (!c->options.bookmarks_kept || c->link.state != LINK_ONLINE)
		return;
	/* The bookmark on the server could hold more than we know. */
	m->bookmark_due = c->bookmarks->known ? 0 : 1 + joined;
	if (m->bookmark_due != 0 || m->bookmark_more ||
	    m->bookmark_autojoin == joined || (!joined && !m->bookmarked))
		return;
	m->bookmarked = 1;
	m->bookmark_autojoin = joined;
	publish_bookmark(c, m);
}

static void
note_due(struct client *c, struct room *m)
{
	if (m->bookmark_due != 0)
		bookmark_note(c, m, m->bookmark_due - 1);
}

static void
on_bookmarks(struct client *c, struct answer *answer, const struct stanza *x)
{
	const struct stanza *items, *item;
	size_t n = 0, bad = 0;

	(void)answer;
	/* A server without them, or an account without any, is nothing new. */
	if (x == NULL ||
	    (strcmp(stanza_get(x, "type"), "result") != 0 &&
		strcmp(stanza_condition(x), "item-not-found") != 0))
		return;
	c->bookmarks->known = 1;
	items = stanza_child(
	    stanza_child(x, "pubsub", NS_PUBSUB), "items", NS_PUBSUB);
	room_each(c, forget_bookmark);
	for (item = items == NULL ? NULL : items->child; item != NULL;
	     item = item->next, n++)
		if (n >= BOOKMARKS_MAX || read_item(c, item) == -1)
			bad++;
	room_each(c, note_due);
	drop_rooms(c);
	if (bad > 0)
		client_warning(c, NULL,
		    "not all bookmarks of rooms that the server keeps can be "
		    "used here");
}

void
bookmark_ask(struct client *c)
{
	struct writer w;

	c->bookmarks->known = 0;
	if (!c->options.bookmarks)
		return;
	request_begin(c, &w, "get", NULL, on_bookmarks, NULL);
	writer_open(&w, "pubsub", NS_PUBSUB);
	writer_open(&w, "items", NULL);
	writer_attr(&w, "node", NS_BOOKMARKS);
	writer_end(&w);
	request_large(c);
}
