#include "line/view.h"

#include <stdlib.h>
#include <string.h>

#include "sexp/map.h"

#define LABEL ".view" /* of what is asked for unasked */
#define TYPED 16      /* lines of which it is remembered what they were */

/* One session that is online. */
struct resource {
	struct resource *next;
	char *jid;
	char show[16];
};

struct contact {
	char *jid;
	struct resource *resources;
	int listed; /* in the roster, or one talked with them */
	int room;
	int unread, logging, encrypted, finished;
	char trust[16];
	char *draft;
	char **lines; /* a ring of VIEW_LINES, from FIRST on */
	size_t first, count, size;
};

/* What a line was that was typed. */
enum typed_kind {
	TYPED_CONNECT,
	TYPED_GO,
	TYPED_CLEAR,
	TYPED_FILTER,
	TYPED_PRESENCE
};

static const struct {
	const char *name;
	size_t least; /* letters that no other command begins with */
	enum typed_kind kind;
} commands[] = {{"/go", 2, TYPED_GO}, {"/clear", 3, TYPED_CLEAR},
    {"/filter", 4, TYPED_FILTER}, {"/ignore_presence", 3, TYPED_PRESENCE},
    {"/connect", 5, TYPED_CONNECT}};

struct view {
	struct map by_jid;
	struct contact **all; /* by JID */
	size_t count, size;
	struct contact *nobody; /* stands for no contact */
	struct contact *active;
	char *active_jid, *last_jid; /* bare or full, or NULL */
	enum view_show show;
	int wants; /* to know the roster */
	int offline, online, switched, cleared, ignore_presence;
	char *filter;
	struct {
		unsigned long line;
		enum typed_kind kind;
		char *rest;
	} typed[TYPED];
	size_t typed_next;
};

static struct contact *
contact_new(const char *jid, size_t n)
{
	struct contact *c = buf_alloc(sizeof *c);

	c->jid = buf_memdup(jid, n);
	return c;
}

static void
resource_free(struct resource *r)
{
	free(r->jid);
	free(r);
}

static void
contact_free(struct contact *c)
{
	struct resource *r, *next;
	size_t i;

	for (r = c->resources; r != NULL; r = next) {
		next = r->next;
		resource_free(r);
	}
	for (i = 0; i < c->count; i++)
		free(c->lines[(c->first + i) % VIEW_LINES]);
	free(c->lines);
	buf_free_secret(c->draft);
	free(c->jid);
	free(c);
}

/* Where JID stands, or would stand, among all. */
static size_t
place(const struct view *v, const char *jid)
{
	size_t low = 0, high = v->count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (strcmp(v->all[middle]->jid, jid) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The contact that PEER belongs to; made where there was none. */
static struct contact *
contact_of(struct view *v, struct field peer)
{
	struct contact *c;
	char *jid;
	size_t at;

	if (peer.p == NULL)
		return v->nobody;
	peer = field_bare(peer);
	jid = buf_memdup(peer.p, peer.n);
	c = map_find(&v->by_jid, jid);
	if (c == NULL) {
		c = contact_new(peer.p, peer.n);
		map_add(&v->by_jid, jid, c);
		if (v->count == v->size) {
			v->size = v->size * 2 + 16;
			v->all = buf_realloc(v->all, v->size, sizeof *v->all);
		}
		at = place(v, jid);
		memmove(v->all + at + 1, v->all + at,
		    (v->count - at) * sizeof *v->all);
		v->all[at] = c;
		v->count++;
	}
	free(jid);
	return c;
}

struct view *
view_new(const char *active)
{
	struct view *v = buf_alloc(sizeof *v);

	v->nobody = contact_new("", 0);
	v->active = contact_of(v, field_of(active));
	v->active_jid = buf_strdup(active);
	v->active->listed = 1;
	return v;
}

void
view_free(struct view *v)
{
	size_t i;

	if (v == NULL)
		return;
	for (i = 0; i < v->count; i++)
		contact_free(v->all[i]);
	contact_free(v->nobody);
	for (i = 0; i < TYPED; i++)
		free(v->typed[i].rest);
	map_clear(&v->by_jid);
	free(v->all);
	free(v->active_jid);
	free(v->last_jid);
	free(v->filter);
	free(v);
}

void
view_typed(struct view *v, unsigned long number, const char *text)
{
	size_t n = strcspn(text, " "), i;

	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		if (n >= commands[i].least && n <= strlen(commands[i].name) &&
		    memcmp(text, commands[i].name, n) == 0)
			break;
	if (i == sizeof commands / sizeof *commands)
		return;
	free(v->typed[v->typed_next].rest);
	v->typed[v->typed_next].line = number;
	v->typed[v->typed_next].kind = commands[i].kind;
	v->typed[v->typed_next].rest =
	    buf_strdup(text[n] == ' ' ? text + n + 1 : "");
	v->typed_next = (v->typed_next + 1) % TYPED;
}

static void
go(struct view *v, struct field peer)
{
	struct contact *c = contact_of(v, peer);

	c->listed = 1;
	c->unread = 0;
	if (field_same(peer, field_of(v->active_jid)))
		return;
	free(v->last_jid);
	v->last_jid = v->active_jid;
	v->active_jid = buf_memdup(peer.p, peer.n);
	v->active = c;
	v->switched = 1;
	v->ignore_presence = 0;
	free(v->filter);
	v->filter = NULL;
}

/* A line of ours was answered `ok`: what it meant for us is true now. */
static void
answered(struct view *v, const struct fields *f)
{
	struct field line = fields_get(f, "line");
	unsigned long number;
	size_t i;

	if (line.p == NULL)
		return;
	number = strtoul(line.p, NULL, 10);
	if (number == 0) /* -c */
		v->wants = 1;
	for (i = 0; i < TYPED; i++)
		if (v->typed[i].rest != NULL && v->typed[i].line == number)
			break;
	if (i == TYPED)
		return;
	switch (v->typed[i].kind) {
	case TYPED_CONNECT:
		v->wants = 1;
		break;
	case TYPED_GO:
		if (f->peer.p != NULL)
			go(v, f->peer);
		break;
	case TYPED_CLEAR:
		v->cleared = 1;
		v->active->unread = 0;
		break;
	case TYPED_FILTER:
		free(v->filter);
		v->filter = *v->typed[i].rest == '\0'
				? NULL
				: buf_strdup(v->typed[i].rest);
		break;
	case TYPED_PRESENCE:
		v->ignore_presence = !v->ignore_presence;
		break;
	}
	free(v->typed[i].rest);
	v->typed[i].rest = NULL;
}

/* Copies F to OUT, cut where it has no room. */
static void
copy(char out[16], struct field f)
{
	size_t n = f.n < 15 ? f.n : 15;

	memcpy(out, f.p == NULL ? "" : f.p, n);
	out[n] = '\0';
}

static void
presence(struct contact *c, const struct fields *f)
{
	struct field show = fields_get(f, "show");
	struct resource **at, *r;

	for (at = &c->resources; (r = *at) != NULL; at = &r->next)
		if (field_is(f->peer, r->jid))
			break;
	if (r != NULL && field_is(show, "offline")) {
		*at = r->next;
		resource_free(r);
		return;
	}
	if (field_is(show, "offline"))
		return;
	if (r == NULL) {
		r = buf_alloc(sizeof *r);
		r->jid = buf_memdup(f->peer.p, f->peer.n);
		r->next = c->resources;
		c->resources = r;
	}
	copy(r->show, show);
}

/* What `enc` and `trust` of an event say of the session with C. */
static void
security(struct contact *c, const struct fields *f)
{
	struct field enc = fields_get(f, "enc");

	if (enc.p == NULL)
		return;
	c->encrypted = field_is(enc, "otr");
	copy(c->trust, fields_get(f, "trust"));
}

static void
remember(struct contact *c, const struct fields *f)
{
	char *line = buf_memdup(f->line.p, f->line.n);

	if (c->count == c->size && c->size < VIEW_LINES) {
		c->size = c->size * 2 + 8;
		if (c->size > VIEW_LINES)
			c->size = VIEW_LINES;
		c->lines = buf_realloc(c->lines, c->size, sizeof *c->lines);
	}
	if (c->count < VIEW_LINES) {
		c->lines[c->count++] = line;
		return;
	}
	free(c->lines[c->first]);
	c->lines[c->first] = line;
	c->first = (c->first + 1) % VIEW_LINES;
}

/* Whether F is about the active contact; a full JID means one session. */
static int
is_active(const struct view *v, struct field peer)
{
	struct field active = field_of(v->active_jid);

	return field_same(peer, active) ||
	       field_same(field_bare(peer), active) ||
	       /* `failed` and the like know the bare JID only */
	       (peer.n == field_bare(peer).n &&
		   field_same(peer, field_bare(active)));
}

/* Whether TEXT holds the words of /filter. */
static int
passes(const struct view *v, struct field text)
{
	size_t n = v->filter == NULL ? 0 : strlen(v->filter), i;

	for (i = 0; i + n <= text.n; i++)
		if (memcmp(text.p + i, v->filter, n) == 0)
			return 1;
	return 0;
}

static int
is_talk(enum event_tag tag)
{
	return tag == EVENT_MESSAGE || tag == EVENT_SENT || tag == EVENT_ROOM;
}

static int
is_shown(const struct view *v, const struct fields *f)
{
	if (v->show == VIEW_RAW)
		return 1;
	if (is_talk(f->tag) && v->filter != NULL && !passes(v, f->text))
		return 0;
	switch (f->tag) {
	case EVENT_PRESENCE:
	case EVENT_MEMBER:
		if (v->ignore_presence)
			return 0;
		break;
	case EVENT_MESSAGE:
	case EVENT_ROOM:
	case EVENT_TOPIC:
	case EVENT_DELIVERED:
		break;
	default:
		return 1;
	}
	return v->show == VIEW_ALL || is_active(v, f->peer);
}

static void
learn(struct view *v, struct contact *c, const struct fields *f)
{
	switch (f->tag) {
	case EVENT_STATE:
		v->online = field_is(f->text, "online");
		break;
	case EVENT_OK:
		answered(v, f);
		break;
	case EVENT_ROSTER:
		c->listed = !field_is(fields_get(f, "sub"), "remove");
		break;
	case EVENT_MEMBER:
		c->room = c->listed = 1;
		presence(c, f);
		break;
	case EVENT_PRESENCE:
		presence(c, f);
		break;
	case EVENT_OTR:
		c->encrypted = field_is(f->text, "encrypted");
		c->finished = field_is(f->text, "finished");
		copy(c->trust, fields_get(f, "trust"));
		break;
	case EVENT_SMP:
		if (field_is(fields_get(f, "state"), "succeeded"))
			copy(c->trust, field_of("verified"));
		break;
	case EVENT_CONTACT:
		c->listed |= !field_is(fields_get(f, "kind"), "self");
		c->logging = field_is(fields_get(f, "logging"), "yes");
		security(c, f);
		break;
	case EVENT_SENT:
		security(c, f);
		break;
	default:
		break;
	}
}

int
view_event(struct view *v, const struct fields *f)
{
	struct contact *c = contact_of(v, f->peer);

	learn(v, c, f);
	if (is_talk(f->tag)) {
		c->listed = 1;
		remember(c, f);
		if (f->tag != EVENT_SENT && !is_active(v, f->peer) &&
		    !field_is(fields_get(f, "src"), "history") &&
		    !field_is(fields_get(f, "mine"), "yes"))
			c->unread++;
	}
	return !field_is(fields_get(f, "label"), LABEL) && is_shown(v, f);
}

const char *
view_wants(struct view *v)
{
	int wants = v->wants;

	v->wants = 0;
	return wants ? "/label " LABEL " /contacts all" : NULL;
}

struct field
view_active(const struct view *v)
{
	return field_of(v->active_jid);
}

/* The best of what the sessions of C show, or of its session JID alone. */
static const char *
shows(const struct contact *c, const char *jid)
{
	static const char *const order[] = {
	    "free", "online", "dnd", "away", "xa"};
	const struct resource *r;
	size_t i;

	for (i = 0; i < sizeof order / sizeof *order; i++)
		for (r = c->resources; r != NULL; r = r->next)
			if (strcmp(r->show, order[i]) == 0 &&
			    (jid == NULL || strchr(jid, '/') == NULL ||
				strcmp(r->jid, jid) == 0))
				return order[i];
	return "offline";
}

void
view_state(const struct view *v, struct view_state *s)
{
	size_t i;

	memset(s, 0, sizeof *s);
	s->online = v->online;
	s->logging = v->active->logging;
	s->show = shows(v->active, v->active_jid);
	s->trust = v->active->encrypted ? v->active->trust : NULL;
	s->finished = v->active->finished;
	for (i = 0; i < v->count; i++)
		s->unread += v->all[i]->unread;
}

/* Whether STEP stops at C. */
static int
stops(const struct view *v, const struct contact *c, enum view_step step)
{
	if (step == VIEW_UNREAD)
		return c->unread > 0;
	if (step == VIEW_ENCRYPTED)
		return c->encrypted;
	return c->listed && (v->offline || c->resources != NULL ||
				c->unread > 0 || c == v->active);
}

const char *
view_step(struct view *v, enum view_step step)
{
	size_t at, i;

	if (step == VIEW_LAST)
		return v->last_jid;
	/* From nobody the first step leads to the first, or to the last. */
	at = v->active == v->nobody ? (step == VIEW_PREVIOUS ? 0 : v->count - 1)
				    : place(v, v->active->jid);
	for (i = 0; i < v->count; i++) {
		at += step == VIEW_PREVIOUS ? v->count - 1 : 1;
		at %= v->count;
		if (v->all[at] != v->active && stops(v, v->all[at], step))
			return v->all[at]->jid;
	}
	return NULL;
}

int
view_switched(struct view *v)
{
	int switched = v->switched;

	v->switched = 0;
	return switched;
}

int
view_cleared(struct view *v)
{
	int cleared = v->cleared;

	v->cleared = 0;
	return cleared;
}

enum view_show
view_show(const struct view *v)
{
	return v->show;
}

enum view_show
view_show_next(struct view *v)
{
	v->show = v->show == VIEW_RAW ? VIEW_ALL : v->show + 1;
	return v->show;
}

int
view_offline_toggle(struct view *v)
{
	v->offline = !v->offline;
	return v->offline;
}

const char *
view_line(const struct view *v, size_t i)
{
	const struct contact *c = v->active;

	return i < c->count ? c->lines[(c->first + i) % VIEW_LINES] : NULL;
}

size_t
view_lines(const struct view *v)
{
	return v->active->count;
}

void
view_draft_set(struct view *v, const char *text, size_t n)
{
	buf_free_secret(v->active->draft);
	v->active->draft = buf_memdup(text, n);
}

const char *
view_draft(const struct view *v)
{
	return v->active->draft == NULL ? "" : v->active->draft;
}

const char *
view_contact(const struct view *v, size_t i)
{
	return i < v->count ? v->all[i]->jid : NULL;
}

const char *
view_nick(const struct view *v, size_t i)
{
	const struct resource *r =
	    v->active->room ? v->active->resources : NULL;
	const char *slash;

	for (; r != NULL; r = r->next)
		if (i-- == 0) {
			slash = strchr(r->jid, '/');
			return slash == NULL ? r->jid : slash + 1;
		}
	return NULL;
}
