#include "xmpp/roster.h"

#include <stdlib.h>
#include <string.h>

#include "xmpp/jid.h"

/* Bounds of the resources that others can make us keep with presence. */
#define RESOURCES_MAX 256    /* of one contact */
#define ONLINE_MAX    100000 /* resources of all */
#define STRANGERS_MAX 20000  /* of those who are not in the roster */
/* Bytes of a status text, of a stranger's, and of all; longer is dropped. */
#define STATUS_KEPT	8192
#define STATUS_STRANGER 1024
#define STATUS_ALL	((size_t)16 * 1024 * 1024)

static const char *const shows[] = {
    "offline", "dnd", "xa", "away", "online", "free"};
static const char *const subs[] = {"none", "to", "from", "both", "remove"};

/* Replaces the status text of S with STATUS, or with none if it is too long. */
static void
set_status(struct roster *r, struct resource *s, const char *status)
{
	size_t n = status == NULL ? 0 : strlen(status);

	r->words -= s->status == NULL ? 0 : strlen(s->status);
	free(s->status);
	s->status = NULL;
	if (n > (s->stranger ? STATUS_STRANGER : STATUS_KEPT) ||
	    r->words + n > (s->stranger ? STATUS_ALL / 2 : STATUS_ALL))
		return;
	s->status = buf_strdup(status);
	r->words += n;
}

static void
resource_free(struct roster *r, struct resource *s)
{
	r->strangers -= s->stranger != 0;
	r->online--;
	set_status(r, s, NULL);
	free(s->name);
	free(s);
}

static void
resources_free(struct roster *r, struct contact *c)
{
	struct resource *next;

	for (; c->resources != NULL; c->resources = next) {
		next = c->resources->next;
		resource_free(r, c->resources);
	}
}

static void
groups_free(struct contact *c)
{
	free(c->groups);
	c->groups = NULL;
	c->group_count = 0;
}

static void
contact_free(struct roster *r, struct contact *c)
{
	resources_free(r, c);
	groups_free(c);
	free(c->name);
	free(c);
}

void
roster_clear(struct roster *r)
{
	void **all = map_values(&r->contacts);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		contact_free(r, all[i]);
	free(all);
	map_clear(&r->contacts);
	free(r->version);
	r->version = NULL;
}

struct contact *
roster_find(const struct roster *r, const char *jid)
{
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	return map_find(&r->contacts, bare);
}

/* Returns the contact of JID; adds one outside the roster if there is none. */
static struct contact *
find_or_add_contact(struct roster *r, const char *jid)
{
	struct contact *c = roster_find(r, jid);
	char bare[JID_SIZE];

	if (c != NULL)
		return c;
	jid_bare(jid, bare);
	c = buf_alloc(sizeof *c);
	c->jid = map_add(&r->contacts, bare, c);
	return c;
}

static enum roster_sub
parse_sub(const char *text)
{
	enum roster_sub sub;

	for (sub = SUB_NONE; text != NULL && sub <= SUB_REMOVE; sub++)
		if (strcmp(text, subs[sub]) == 0)
			return sub;
	return SUB_NONE;
}

static void
set_groups(struct contact *c, const struct stanza *item)
{
	const struct stanza *x;
	size_t count = 0, bytes = 0;
	char *text;

	groups_free(c);
	for (x = item->child; x != NULL; x = x->next)
		if (stanza_is(x, "group", NS_ROSTER)) {
			count++;
			bytes += strlen(x->text) + 1;
		}
	if (count == 0)
		return;
	c->groups = buf_alloc(count * sizeof *c->groups + bytes);
	text = (char *)(c->groups + count);
	for (x = item->child; x != NULL; x = x->next)
		if (stanza_is(x, "group", NS_ROSTER)) {
			bytes = strlen(x->text) + 1;
			c->groups[c->group_count++] =
			    memcpy(text, x->text, bytes);
			text += bytes;
		}
}

struct contact *
roster_item(struct roster *r, const struct stanza *item)
{
	const char *jid = stanza_get(item, "jid");
	const char *ask = stanza_get(item, "ask");
	const char *approved = stanza_get(item, "approved");
	char prepared[JID_SIZE];
	struct contact *c;

	if (!stanza_is(item, "item", NS_ROSTER) || jid == NULL ||
	    jid_parse(jid, strlen(jid), prepared, NULL) == -1 ||
	    jid_resource(prepared) != NULL)
		return NULL;
	c = find_or_add_contact(r, prepared);
	free(c->name);
	c->name = buf_strdup(stanza_get(item, "name"));
	c->sub = parse_sub(stanza_get(item, "subscription"));
	c->pending = ask != NULL && strcmp(ask, "subscribe") == 0;
	c->approved = approved != NULL && (strcmp(approved, "true") == 0 ||
					      strcmp(approved, "1") == 0);
	c->in_roster = c->sub != SUB_REMOVE;
	set_groups(c, item);
	return c;
}

/* Marks C as outside the roster. */
static void
leave_roster(struct contact *c)
{
	c->in_roster = c->pending = c->approved = 0;
	c->sub = SUB_NONE;
	groups_free(c);
}

/* Frees C if it is neither in the roster nor online. */
static void
forget_stranger(struct roster *r, struct contact *c)
{
	if (c->in_roster || c->resources != NULL)
		return;
	map_remove(&r->contacts, c->jid);
	contact_free(r, c);
}

void
roster_settle(struct roster *r, struct contact *c)
{
	if (c->sub != SUB_REMOVE)
		return;
	leave_roster(c);
	forget_stranger(r, c);
}

void
roster_set_version(struct roster *r, const char *version)
{
	free(r->version);
	r->version = buf_strdup(version);
}

void
roster_replace(struct roster *r, const struct stanza *query)
{
	const struct stanza *x;
	struct contact *c;
	void **all;
	size_t i;

	if (query == NULL)
		return;
	all = map_values(&r->contacts);
	for (i = 0; all[i] != NULL; i++)
		leave_roster(all[i]);
	free(all);
	for (x = query->child; x != NULL; x = x->next) {
		c = roster_item(r, x);
		if (c != NULL)
			roster_settle(r, c);
	}
	roster_set_version(r, stanza_get(query, "ver"));
}

/*
 * Returns the place of the pointer to the resource NAME of C, or of the NULL at
 * the end; *N is the number of resources before it.
 */
static struct resource **
resource_place(struct contact *c, const char *name, size_t *n)
{
	struct resource **at = &c->resources;

	for (*n = 0; *at != NULL && strcmp((*at)->name, name) != 0; (*n)++)
		at = &(*at)->next;
	return at;
}

static const char *
resource_name(const char *jid)
{
	const char *name = jid_resource(jid);

	return name == NULL ? "" : name;
}

struct resource *
roster_presence(struct roster *r, const char *jid, enum roster_show show,
    int priority, const char *status, enum roster_show *was)
{
	struct contact *c = roster_find(r, jid);
	struct resource **at, *s;
	int full = r->strangers >= STRANGERS_MAX;
	int crowded = r->online >= ONLINE_MAX;
	size_t count;

	if (c == NULL && show != SHOW_OFFLINE && !full)
		c = find_or_add_contact(r, jid);
	*was = SHOW_OFFLINE;
	if (c == NULL)
		return NULL;
	at = resource_place(c, resource_name(jid), &count);
	s = *at;
	if (s != NULL)
		*was = s->show;
	if (show == SHOW_OFFLINE) {
		c->seen = 1;
		if (s != NULL) {
			*at = s->next;
			resource_free(r, s);
		}
		forget_stranger(r, c);
		return NULL;
	}
	if (s == NULL &&
	    (crowded || count >= RESOURCES_MAX || (full && !c->in_roster))) {
		forget_stranger(r, c);
		return NULL;
	}
	c->seen = 1;
	if (s == NULL) {
		s = *at = buf_alloc(sizeof *s);
		s->stranger = !c->in_roster;
		r->strangers += !c->in_roster;
		r->online++;
		s->name = buf_strdup(resource_name(jid));
	}
	set_status(r, s, status);
	s->show = show;
	s->priority = priority;
	return s;
}

void
roster_offline(struct roster *r)
{
	void **all = map_values(&r->contacts);
	size_t i;

	for (i = 0; all[i] != NULL; i++) {
		resources_free(r, all[i]);
		((struct contact *)all[i])->seen = 0;
		forget_stranger(r, all[i]);
	}
	free(all);
}

struct resource *
roster_resource(const struct roster *r, const char *jid)
{
	struct contact *c = roster_find(r, jid);
	size_t n;

	return c == NULL ? NULL : *resource_place(c, resource_name(jid), &n);
}

/* Returns the show of S for comparing; "free for chat" is no better than
 * online.
 */
static enum roster_show
availability_of(const struct resource *s)
{
	return s->show == SHOW_FREE ? SHOW_ONLINE : s->show;
}

int
roster_compare(const struct resource *a, const struct resource *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority ? 1 : -1;
	return (availability_of(a) > availability_of(b)) -
	       (availability_of(a) < availability_of(b));
}

struct resource *
roster_best(const struct contact *c)
{
	struct resource *s, *best = NULL;

	for (s = c == NULL ? NULL : c->resources; s != NULL; s = s->next)
		if (best == NULL || roster_compare(s, best) > 0)
			best = s;
	return best;
}

enum roster_show
roster_show(const struct stanza *x)
{
	static const struct {
		const char *text;
		enum roster_show show;
	} words[] = {{"chat", SHOW_FREE}, {"away", SHOW_AWAY}, {"xa", SHOW_XA},
	    {"dnd", SHOW_DND}};
	const char *text = stanza_child_text(x, "show");
	size_t i;

	for (i = 0; text != NULL && i < sizeof words / sizeof *words; i++)
		if (strcmp(text, words[i].text) == 0)
			return words[i].show;
	return SHOW_ONLINE;
}

enum roster_show
roster_shows(const struct contact *c)
{
	const struct resource *best = roster_best(c);

	return best == NULL ? SHOW_OFFLINE : best->show;
}

int
roster_may_see(const struct roster *r, const char *jid)
{
	const struct contact *c = roster_find(r, jid);

	return c != NULL && (c->sub == SUB_FROM || c->sub == SUB_BOTH);
}

const char *
roster_show_name(enum roster_show show)
{
	return shows[show];
}

const char *
roster_sub_name(enum roster_sub sub)
{
	return subs[sub];
}
