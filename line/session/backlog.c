#include "line/session/backlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of messages that are held; of further ones only the ids, so many at
 * most. */
#define HELD_MAX ((size_t)1024 * 1024)
#define HELD_IDS 65536

struct held {
	struct held *next, *before;
	char *id; /* in the archive */
	struct arena arena;
	char *from;	  /* of X, or NULL */
	struct stanza *x; /* a copy; NULL: there was no room for it */
	size_t bytes;
	int in_order; /* A result released it. */
};

static void
held_free(struct held *h)
{
	if (h == NULL)
		return;
	arena_clear(&h->arena);
	free(h->from);
	free(h->id);
	free(h);
}

/* Takes H out of L, wherever it is: a flood of them may end in any order. */
static void
list_unlink(struct backlog_list *l, struct held *h)
{
	*(h->before == NULL ? &l->first : &h->before->next) = h->next;
	*(h->next == NULL ? &l->last : &h->next->before) = h->before;
}

static struct held *
list_pop(struct backlog_list *l)
{
	struct held *h = l->first;

	if (h != NULL)
		list_unlink(l, h);
	return h;
}

static void
list_push(struct backlog_list *l, struct held *h)
{
	h->next = NULL;
	h->before = l->last;
	*(l->last == NULL ? &l->first : &l->last->next) = h;
	l->last = h;
}

/* Counts H, which was just taken out of B, no longer. */
static void
uncount_held(struct backlog *b, const struct held *h)
{
	b->count--;
	b->all->count--;
	b->all->bytes -= h->bytes;
}

void
backlog_clear(struct backlog *b)
{
	struct held *h;

	while ((h = list_pop(&b->list)) != NULL) {
		uncount_held(b, h);
		held_free(h);
	}
	map_clear(&b->by_key);
}

void
backlogs_clear(struct backlogs *all)
{
	struct held *h;

	while ((h = list_pop(&all->ready)) != NULL)
		held_free(h);
	held_free(all->taken);
}

int
backlog_is_full(const struct backlog *b)
{
	return b->all->count >= HELD_IDS;
}

/* Returns the key of M from SENDER in a backlog, which the caller frees. */
static char *
held_key(const struct incoming *m, const char *sender)
{
	size_t n = strlen(m->archived) + 1;
	char *key = buf_alloc(n + JID_SIZE + 1);

	snprintf(key, n + JID_SIZE + 1, "%s\n%s", m->archived,
	    sender == NULL ? "" : sender);
	return key;
}

void
backlog_hold(struct backlog *b, const struct incoming *m, const char *sender,
    const char *from, const struct stanza *x)
{
	char *key = held_key(m, sender);
	struct held *h;

	if (map_find(&b->by_key, key) == NULL) {
		h = buf_alloc(sizeof *h);
		h->id = buf_strdup(m->archived);
		if (b->all->bytes < HELD_MAX) {
			h->x = stanza_copy(&h->arena, x, &h->bytes);
			h->from = buf_strdup(from);
			h->bytes += strlen(from);
		}
		h->bytes += sizeof *h + strlen(h->id);
		list_push(&b->list, h);
		map_add(&b->by_key, key, h);
		b->count++;
		b->all->count++;
		b->all->bytes += h->bytes;
	}
	free(key);
}

int
backlog_release(struct backlog *b, const struct incoming *m, const char *sender)
{
	char *key = held_key(m, sender);
	struct held *h = map_remove(&b->by_key, key);

	free(key);
	if (h == NULL)
		return 0;
	list_unlink(&b->list, h);
	uncount_held(b, h);
	if (h->x == NULL) {
		held_free(h);
		return 0;
	}
	h->in_order = 1;
	list_push(&b->all->ready, h);
	return 1;
}

void
backlog_release_all(struct backlog *b, int in_order)
{
	struct held *h;

	while ((h = list_pop(&b->list)) != NULL) {
		h->in_order = in_order;
		uncount_held(b, h);
		list_push(&b->all->ready, h);
	}
	map_clear(&b->by_key);
}

/* Fills M with what H brought. Returns 0 if it is nothing. */
static int
read_held(struct client *c, const struct held *h, struct incoming *m)
{
	const struct stanza *forwarded;
	int forged;

	if (h->x == NULL) {
		event_begins(&c->event, EVENT_WARNING, NULL,
		    "a message came that is not told: too many came at once, "
		    "and it is not in the archive yet");
		event_set(&c->event, "cause", "limit");
		event_set(&c->event, "archived", h->id);
		event_end(&c->event);
		return 0;
	}
	forwarded = incoming_carbon(c, h->from, h->x, &forged);
	if (forwarded != NULL)
		return incoming_forwarded(
			   c, m, forwarded, INCOMING_CARBON, NULL, NULL) == 0;
	incoming_direct(c, m, h->from, h->x);
	return 1;
}

int
backlog_next(
    struct client *c, struct backlogs *all, struct incoming *m, int *in_order)
{
	held_free(all->taken);
	while ((all->taken = list_pop(&all->ready)) != NULL) {
		*in_order = all->taken->in_order;
		if (read_held(c, all->taken, m))
			return 1;
		held_free(all->taken);
	}
	return 0;
}
