#include "line/view.h"

#include <stdlib.h>
#include <string.h>

#include "line/people.h"
#include "line/typed.h"

struct view {
	struct people people;
	struct people_one *active;
	char *active_jid, *last_jid; /* bare or full, or NULL */
	enum view_show show;
	int wants_all, wants_active; /* to know the roster, that contact */
	int offline, online, switched, cleared, helps, ignore_presence;
	char *filter;
	struct typed typed;
	/* Lines of the active contact that are shown with it. */
	struct people_line *lines[PEOPLE_LINES];
	size_t line_count;
	int is_new;	     /* the last event is one of them */
	int other_words;     /* or changes those of a status */
	const char *receipt; /* the `sent` that it is the receipt for */
};

struct view *
view_new(const char *active)
{
	struct view *v = buf_alloc(sizeof *v);

	people_init(&v->people);
	v->active = people_of(&v->people, field_of(active));
	v->active_jid = buf_strdup(active);
	v->active->listed = 1;
	v->wants_active = active != NULL;
	return v;
}

void
view_free(struct view *v)
{
	if (v == NULL)
		return;
	people_clear(&v->people);
	typed_clear(&v->typed);
	free(v->active_jid);
	free(v->last_jid);
	free(v->filter);
	free(v);
}

void
view_typed(struct view *v, unsigned long number, const char *text)
{
	typed_note(&v->typed, number, text);
}

static void
go(struct view *v, struct field peer)
{
	struct people_one *o = people_of(&v->people, peer);

	o->listed = 1;
	o->unread = 0;
	if (field_same(peer, field_of(v->active_jid)))
		return;
	free(v->last_jid);
	v->last_jid = v->active_jid;
	v->active_jid = buf_memdup(peer.p, peer.n);
	v->active = o;
	v->switched = v->wants_active = 1;
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
	char *rest;

	if (line.p == NULL)
		return;
	number = strtoul(line.p, NULL, 10);
	if (number == 0) /* -c */
		v->wants_all = 1;
	switch (typed_take(&v->typed, number, &rest)) {
	case TYPED_OTHER:
		break;
	case TYPED_LEARN:
		v->wants_all = 1;
		break;
	case TYPED_GO:
		if (f->peer.p != NULL)
			go(v, f->peer);
		break;
	case TYPED_CLEAR:
		v->cleared = 1;
		people_of(&v->people, f->peer)->unread = 0;
		break;
	case TYPED_FILTER:
		free(v->filter);
		v->filter = *rest == '\0' ? NULL : buf_strdup(rest);
		break;
	case TYPED_PRESENCE:
		v->ignore_presence = !v->ignore_presence;
		break;
	case TYPED_LOG:
		people_of(&v->people, f->peer)->logging =
		    strcmp(rest, "on") == 0;
		break;
	case TYPED_HELP:
		v->helps = strcmp(rest, "keys") == 0;
		break;
	}
	free(rest);
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

/* Whether it is shown that what was sent arrived. */
static int
passes_receipt(const struct view *v)
{
	struct fields sent;

	return v->receipt == NULL || v->filter == NULL ||
	       fields_read(&sent, v->receipt, strlen(v->receipt)) == -1 ||
	       passes(v, sent.text);
}

static int
is_talk(enum event_tag tag)
{
	return tag == EVENT_MESSAGE || tag == EVENT_SENT || tag == EVENT_ROOM;
}

/* Whether F came in another session than the one that is active. */
static int
is_beside(const struct view *v, const struct fields *f)
{
	struct field active = field_of(v->active_jid);

	return (f->tag == EVENT_MESSAGE || f->tag == EVENT_SENT) &&
	       field_same(field_bare(f->peer), field_bare(active)) &&
	       !is_active(v, f->peer);
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
		/* A server, or a client, may say again what we know. */
		if (v->ignore_presence ||
		    (field_same(fields_get(f, "show"), fields_get(f, "was")) &&
			!v->other_words))
			return 0;
		break;
	case EVENT_MEMBER:
		if (v->ignore_presence)
			return 0;
		break;
	case EVENT_MESSAGE:
		if (is_beside(v, f))
			return 0;
		break;
	case EVENT_DELIVERED:
		if (!passes_receipt(v))
			return 0;
		break;
	case EVENT_ROOM:
	case EVENT_TOPIC:
		break;
	default:
		return 1;
	}
	return v->show == VIEW_ALL || is_active(v, f->peer);
}

static void
learn(struct view *v, struct people_one *o, const struct fields *f)
{
	switch (f->tag) {
	case EVENT_STATE:
		v->online = field_is(f->text, "online");
		if (field_is(f->text, "offline"))
			people_leave(&v->people);
		break;
	case EVENT_OK:
		answered(v, f);
		break;
	case EVENT_ROSTER:
		o->listed = !field_is(fields_get(f, "sub"), "remove");
		break;
	case EVENT_MEMBER:
		o->room = o->listed = 1;
		people_presence(o, f);
		break;
	case EVENT_PRESENCE:
		v->other_words = people_presence(o, f);
		break;
	case EVENT_OTR:
	case EVENT_SMP:
		people_otr(o, f);
		break;
	case EVENT_CONTACT:
		o->listed |= !field_is(fields_get(f, "kind"), "self");
		o->room |= field_is(fields_get(f, "kind"), "room");
		o->logging = field_is(fields_get(f, "logging"), "yes");
		people_security(o, f);
		break;
	case EVENT_SENT:
		people_security(o, f);
		break;
	case EVENT_DELIVERED:
		v->receipt = people_delivered(o, f);
		break;
	case EVENT_ROOM:
		/* What a room shows us of our own is as good as a receipt. */
		if (field_is(fields_get(f, "mine"), "yes"))
			v->receipt = people_delivered(o, f);
		break;
	default:
		break;
	}
}

int
view_event(struct view *v, const struct fields *f)
{
	struct people_one *o = people_of(&v->people, f->peer);

	v->receipt = NULL;
	learn(v, o, f);
	v->is_new = is_talk(f->tag) && v->receipt == NULL;
	if (v->is_new) {
		o->listed = 1;
		people_remember(o, f);
		if (f->tag != EVENT_SENT && !is_active(v, f->peer) &&
		    !field_is(fields_get(f, "src"), "history") &&
		    !field_is(fields_get(f, "mine"), "yes"))
			o->unread++;
		v->is_new = is_active(v, f->peer);
	}
	return is_shown(v, f);
}

/* A letter or digit of ASCII, or a byte of another character. */
static int
is_wordy(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*
 * The bytes at the front of the N at P that are NICK, whatever their case; 0:
 * it stands not there. A blank of NICK is escaped.
 */
static size_t
starts_with(const char *p, size_t n, const char *nick)
{
	size_t i;

	for (i = 0; *nick != '\0'; nick++, i++) {
		if (nick[0] == '\\' && nick[1] == 's' && i < n && p[i] == ' ')
			nick++;
		else if (i >= n || small(p[i]) != small(*nick))
			return 0;
	}
	return i;
}

int
view_calls(struct view *v, const struct fields *f)
{
	const char *nick = people_of(&v->people, f->peer)->nick;
	struct field text = f->text;
	size_t i, n;

	if (f->tag != EVENT_ROOM || nick == NULL || *nick == '\0' ||
	    field_is(fields_get(f, "mine"), "yes"))
		return 0;
	for (i = 0; i < text.n; i++) {
		n = starts_with(text.p + i, text.n - i, nick);
		if (n > 0 && (i == 0 || !is_wordy(text.p[i - 1])) &&
		    (i + n == text.n || !is_wordy(text.p[i + n])))
			return 1;
	}
	return 0;
}

enum view_want
view_wants(struct view *v)
{
	enum view_want want = v->wants_all	? VIEW_EVERYBODY
			      : v->wants_active ? VIEW_CONTACT
						: VIEW_NOTHING;

	v->wants_all = v->wants_active = 0;
	return want;
}

struct field
view_active(const struct view *v)
{
	return field_of(v->active_jid);
}

void
view_state(const struct view *v, struct view_state *s)
{
	const struct people_one *o = v->active;
	struct field active = field_of(v->active_jid);
	size_t i;
	int other;

	memset(s, 0, sizeof *s);
	/* A session that was chosen is as safe as it is itself. */
	other = field_bare(active).n < active.n && o->place != NULL &&
		!field_is(active, o->place);
	s->online = v->online;
	s->room = o->room;
	s->logging = o->logging;
	s->show = people_show(o, active);
	s->trust = o->encrypted && !other ? o->trust : NULL;
	s->finished = o->finished && !other;
	for (i = 0; i < v->people.count; i++)
		s->unread += v->people.all[i]->unread;
}

/* Whether STEP stops at O. */
static int
stops(const struct view *v, const struct people_one *o, enum view_step step)
{
	if (step == VIEW_UNREAD)
		return o->unread > 0;
	if (o == v->active)
		return 0;
	if (step == VIEW_ENCRYPTED)
		return o->encrypted;
	return o->listed &&
	       (v->offline || o->sessions != NULL || o->unread > 0);
}

/* As /contacts lists them: those who are no rooms, then the rooms. */
const char *
view_step(struct view *v, enum view_step step)
{
	struct people *p = &v->people;
	size_t both = 2 * p->count, at, i;
	const struct people_one *o;

	if (step == VIEW_LAST)
		return v->last_jid;
	/* From nobody the first step leads to the first, or to the last. */
	if (v->active == p->nobody)
		at = step == VIEW_PREVIOUS ? 0 : both - 1;
	else
		at = people_place(p, v->active->jid) +
		     (v->active->room ? p->count : 0);
	for (i = 0; i < both; i++) {
		at += step == VIEW_PREVIOUS ? both - 1 : 1;
		at %= both;
		o = p->all[at % p->count];
		if (!o->room == (at < p->count) && stops(v, o, step))
			return o->jid;
	}
	return NULL;
}

int
view_is_new(const struct view *v)
{
	return v->is_new;
}

const char *
view_receipt(const struct view *v)
{
	return v->receipt;
}

int
view_switched(struct view *v)
{
	int switched = v->switched;

	v->switched = 0;
	return switched;
}

int
view_forgot(const struct view *v)
{
	return v->active_jid != NULL && !v->active->recalled &&
	       !v->active->room;
}

void
view_recall(struct view *v, const char *text)
{
	people_recall(v->active, text);
}

int
view_cleared(struct view *v)
{
	int cleared = v->cleared;

	v->cleared = 0;
	return cleared;
}

int
view_helps(struct view *v)
{
	int helps = v->helps;

	v->helps = 0;
	return helps;
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

size_t
view_lines(struct view *v)
{
	struct people_line *line;
	struct fields f;
	size_t i;

	v->line_count = 0;
	for (i = 0; (line = people_line(v->active, i)) != NULL; i++) {
		if (fields_read(&f, line->text, strlen(line->text)) == 0 &&
		    (is_active(v, f.peer) ||
			field_is(fields_get(&f, "dir"), "out")) &&
		    (v->filter == NULL || passes(v, f.text)))
			v->lines[v->line_count++] = line;
	}
	return v->line_count;
}

const char *
view_line(const struct view *v, size_t i, int *delivered)
{
	if (i >= v->line_count)
		return NULL;
	*delivered = v->lines[i]->delivered;
	return v->lines[i]->text;
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
	return i < v->people.count ? v->people.all[i]->jid : NULL;
}

int
view_room(const struct view *v, size_t i)
{
	return i < v->people.count && v->people.all[i]->room;
}

const char *
view_session(const struct view *v, size_t i, size_t k)
{
	const struct people_session *s =
	    i < v->people.count ? v->people.all[i]->sessions : NULL;

	while (s != NULL && k-- > 0)
		s = s->next;
	return s == NULL ? NULL : s->jid;
}

const char *
view_nick(const struct view *v, size_t i)
{
	const struct people_session *s =
	    v->active->room ? v->active->sessions : NULL;
	size_t n = strlen(v->active->jid);

	/* Nobody speaks to themselves. */
	for (; s != NULL; s = s->next)
		if (strlen(s->jid) > n &&
		    (v->active->nick == NULL ||
			strcmp(s->jid + n + 1, v->active->nick) != 0) &&
		    i-- == 0)
			break;
	return s == NULL || strlen(s->jid) <= n ? NULL : s->jid + n + 1;
}

int
view_occupant(void *view, struct field peer)
{
	struct view *v = view;

	return field_bare(peer).n < peer.n && people_of(&v->people, peer)->room;
}
