#include "line/core/notice.h"

#include <stdlib.h>
#include <string.h>

#define HELD	   64	 /* notices in the queue; then the oldest go */
#define UNSEEN_MAX 10000 /* contacts that are noted as unseen */

struct notice {
	struct notice *next;
	struct client_notice told;
	char *contact;
	int announced; /* client_announce has returned it. */
};

struct notices {
	struct notice *first;
	size_t count;
	int online;	   /* as it was told last */
	int unfocused;	   /* Nobody looks at the active contact either. */
	struct map unseen; /* bare JIDs that wrote since */
};

/* The first word of each notice, which the original calls the state. */
static const char *
state_word(const struct client *c)
{
	int some = c->notices->unseen.count > 0;

	if (c->notices->online)
		return some ? "connected_notifications" : "connected";
	return some ? "disconnected_notifications" : "disconnected";
}

static void
drop_first(struct client *c)
{
	struct notice *n = c->notices->first;

	c->notices->first = n->next;
	c->notices->count--;
	free(n->contact);
	free(n);
}

static void
add_notice(struct client *c, const char *word, const char *event,
    const char *contact, const char *kind)
{
	struct notice *n = buf_alloc(sizeof *n), **at;

	if (c->notices->count == HELD)
		drop_first(c);
	n->contact = buf_strdup(contact);
	n->told.state = word;
	n->told.event = event;
	/* A fourth word of the original: nothing unseen is left. */
	if (strcmp(event, "notify_contact") == 0 &&
	    c->notices->unseen.count == 0)
		n->told.more = "clear_all_notifications";
	n->told.contact = n->contact;
	n->told.kind = kind;
	for (at = &c->notices->first; *at != NULL; at = &(*at)->next)
		;
	*at = n;
	c->notices->count++;
}

void
notice_init(struct client *c)
{
	c->notices = buf_alloc(sizeof *c->notices);
}

void
notice_start(struct client *c)
{
	add_notice(c, state_word(c), "disconnect", NULL, NULL);
}

void
notice_connected(struct client *c)
{
	if (c->notices->online)
		return;
	c->notices->online = 1;
	add_notice(c, state_word(c), "connect", NULL, NULL);
}

void
notice_disconnected(struct client *c)
{
	/* At the end notice_quit says more. */
	if (!c->notices->online || c->ending_step != ENDING_NO)
		return;
	c->notices->online = 0;
	add_notice(c, state_word(c), "disconnect", NULL, NULL);
}

void
notice_quit(struct client *c)
{
	add_notice(c, "quit", "quit", NULL, NULL);
}

void
notice_message(struct client *c, const char *jid, const char *kind)
{
	char bare[JID_SIZE];
	int seen = client_is_active(c, jid) && !c->notices->unfocused;

	jid_bare(jid, bare);
	if (!seen && c->notices->unseen.count < UNSEEN_MAX &&
	    map_find(&c->notices->unseen, bare) == NULL)
		map_add(&c->notices->unseen, bare, c);
	add_notice(c, state_word(c), "notify_contact", bare, kind);
}

void
notice_seen(struct client *c, const char *jid)
{
	char bare[JID_SIZE];

	if (jid == NULL)
		return;
	jid_bare(jid, bare);
	if (map_remove(&c->notices->unseen, bare) != NULL &&
	    c->notices->unseen.count == 0)
		add_notice(
		    c, state_word(c), "clear_all_notifications", NULL, NULL);
}

void
client_focus(struct client *c, int focus)
{
	c->notices->unfocused = !focus;
	if (focus)
		notice_seen(c, c->active);
}

const struct client_notice *
client_announce(struct client *c)
{
	struct notice *n = c->notices->first;

	while (n != NULL && n->announced)
		n = n->next;
	if (n == NULL)
		return NULL;
	n->announced = 1;
	return &n->told;
}

const struct client_notice *
client_notice(struct client *c)
{
	return c->notices->first == NULL ? NULL : &c->notices->first->told;
}

void
client_noticed(struct client *c)
{
	drop_first(c);
}

void
notice_clear(struct client *c)
{
	while (c->notices->first != NULL)
		drop_first(c);
	map_clear(&c->notices->unseen);
	free(c->notices);
}
