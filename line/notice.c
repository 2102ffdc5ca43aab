#include "line/notice.h"

#include <stdlib.h>
#include <string.h>

#define HELD 64 /* notices that nobody took: the oldest go */
/* Who wrote and was not looked at; of more it is not known who. */
#define UNSEEN_MAX 10000

struct notice {
	struct notice *next;
	struct client_notice told;
	char *contact;
};

static const char *
state(const struct client *c)
{
	int some = c->unseen.count > 0;

	if (c->notice_online)
		return some ? "connected_notifications" : "connected";
	return some ? "disconnected_notifications" : "disconnected";
}

static void
drop_first(struct client *c)
{
	struct notice *n = c->notices;

	c->notices = n->next;
	c->notice_count--;
	free(n->contact);
	free(n);
}

static void
add(struct client *c, const char *word, const char *event, const char *contact)
{
	struct notice *n = buf_alloc(sizeof *n), **at;

	if (c->notice_count == HELD)
		drop_first(c);
	n->contact = buf_strdup(contact);
	n->told.state = word;
	n->told.event = event;
	/* The original's: it was looked at, and nothing else is left. */
	if (strcmp(event, "notify_contact") == 0 && c->unseen.count == 0)
		n->told.more = "clear_all_notifications";
	n->told.contact = n->contact;
	for (at = &c->notices; *at != NULL; at = &(*at)->next)
		;
	*at = n;
	c->notice_count++;
}

void
notice_start(struct client *c)
{
	add(c, state(c), "disconnect", NULL);
}

void
notice_connected(struct client *c)
{
	if (c->notice_online)
		return;
	c->notice_online = 1;
	add(c, state(c), "connect", NULL);
}

void
notice_disconnected(struct client *c)
{
	/* Not at the end, where `quit` says more. */
	if (!c->notice_online || c->ending != ENDING_NO)
		return;
	c->notice_online = 0;
	add(c, state(c), "disconnect", NULL);
}

void
notice_quit(struct client *c)
{
	add(c, "quit", "quit", NULL);
}

void
notice_message(struct client *c, const char *jid)
{
	char bare[JID_SIZE];

	int seen =
	    c->active != NULL && jid_same_bare(c->active, jid) && !c->unfocused;

	jid_bare(jid, bare);
	if (!seen && c->unseen.count < UNSEEN_MAX &&
	    map_find(&c->unseen, bare) == NULL)
		map_add(&c->unseen, bare, c);
	add(c, state(c), "notify_contact", bare);
}

void
notice_seen(struct client *c, const char *jid)
{
	char bare[JID_SIZE];

	if (jid == NULL)
		return;
	jid_bare(jid, bare);
	if (map_remove(&c->unseen, bare) != NULL && c->unseen.count == 0)
		add(c, state(c), "clear_all_notifications", NULL);
}

void
client_focus(struct client *c, int focus)
{
	c->unfocused = !focus;
	if (focus)
		notice_seen(c, c->active);
}

const struct client_notice *
client_notice(struct client *c)
{
	return c->notices == NULL ? NULL : &c->notices->told;
}

void
client_noticed(struct client *c)
{
	drop_first(c);
}

void
notice_clear(struct client *c)
{
	while (c->notices != NULL)
		drop_first(c);
	map_clear(&c->unseen);
}
