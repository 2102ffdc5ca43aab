#include "line/core/notice.h"

#include <stdlib.h>
#include <string.h>

#define HELD	   64	 /* notices in the queue; then the oldest go */
#define UNSEEN_MAX 10000 /* contacts that are noted as unseen */

struct notice {
	struct client_notice told;
	struct buf contact;
	int announced; /* client_announce has returned it. */
};

struct notices {
	struct notice ring[HELD];
	size_t first, count; /* the oldest of them, and how many there are */
	int online;	     /* as it was told last */
	int unfocused;	     /* Nobody looks at the active contact either. */
	struct map unseen;   /* bare JIDs that wrote since */
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

/* Returns the notice I, of which 0 is the oldest. */
static struct notice *
notice_at(const struct client *c, size_t i)
{
	return &c->notices->ring[(c->notices->first + i) % HELD];
}

static void
drop_first(struct client *c)
{
	c->notices->first = (c->notices->first + 1) % HELD;
	c->notices->count--;
}

static void
add_notice(struct client *c, const char *word, const char *event,
    const char *contact, const char *kind)
{
	struct notice *n;

	if (c->notices->count == HELD)
		drop_first(c);
	n = notice_at(c, c->notices->count++);
	n->announced = 0;
	buf_reset(&n->contact);
	if (contact != NULL)
		buf_adds(&n->contact, contact);
	n->told = (struct client_notice){.state = word,
	    .event = event,
	    .contact = contact == NULL ? NULL : buf_str(&n->contact),
	    .kind = kind};
	/* A fourth word of the original: nothing unseen is left. */
	if (strcmp(event, "notify_contact") == 0 &&
	    c->notices->unseen.count == 0)
		n->told.more = "clear_all_notifications";
}

void
notice_init(struct client *c)
{
	size_t i;

	c->notices = buf_alloc(sizeof *c->notices);
	for (i = 0; i < HELD; i++)
		buf_init(&c->notices->ring[i].contact, JID_SIZE);
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
	struct notice *n;
	size_t i;

	for (i = 0; i < c->notices->count; i++) {
		n = notice_at(c, i);
		if (n->announced)
			continue;
		n->announced = 1;
		return &n->told;
	}
	return NULL;
}

const struct client_notice *
client_notice(struct client *c)
{
	return c->notices->count == 0 ? NULL : &notice_at(c, 0)->told;
}

void
client_noticed(struct client *c)
{
	drop_first(c);
}

void
notice_clear(struct client *c)
{
	size_t i;

	for (i = 0; i < HELD; i++)
		buf_clear(&c->notices->ring[i].contact);
	map_clear(&c->notices->unseen);
	free(c->notices);
}
