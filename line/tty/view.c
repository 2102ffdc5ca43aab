#include "line/tty/view.h"

#include <stdlib.h>
#include <string.h>

#include "line/command/window.h"
#include "line/room/people.h"
#include "line/talk/chat.h"
#include "line/text/address.h"
#include "line/text/escape.h"

/* Events of a replay that may come again after a crash; of a longer one some
 * are not shown then. */
#define HELD_MAX 1000

/* A contact or a room, by its bare JID. */
struct view_contact {
	char *jid;
	struct scrollback lines;
	int is_recalled; /* its stored lines are among them */
	char *draft;	 /* the half-typed line, or NULL */
	/*
	 * A row told of the subscriptions between us: the answer to a command,
	 * or theirs. What the roster says then is the same once more.
	 */
	int is_settled;
	/*
	 * In a room: the lines of its history, and those that mention us; 1 if
	 * the history came before in this run, and the sessions lost by then.
	 */
	size_t past, named;
	int was_replayed;
	unsigned losses;
};

struct view {
	struct client *client;
	int ascii;
	struct map contacts;	     /* struct view_contact by bare JID */
	struct view_contact *active; /* of active_jid */
	struct view_contact nobody;  /* if that is NULL */
	char *active_jid, *last_jid; /* bare or full, or NULL */
	enum view_show show;
	struct map words; /* the last status text of each session, as told */
	/* Lines of the active contact that are shown with it. */
	const struct scrollback_line *lines[SCROLLBACK_LINES];
	size_t line_count;
	int is_new;	     /* the last event is one of them */
	int is_repeated;     /* it says a presence again that was told */
	const char *marked;  /* the line that it is about, as a `mark` */
	const char *receipt; /* the `sent` that it is the receipt for */
	/* When we were online last, why no longer, and whether a session has
	 * begun since: a replay follows. */
	int64_t left;
	enum replayed_why left_why;
	int is_online, is_fresh;
	unsigned losses; /* how many sessions were lost */
	struct replayed replayed;
	unsigned replay; /* the number of replays */
	int is_replayed; /* the last event ended one, of our account or of: */
	struct view_contact *replayed_room;
};

struct view *
view_new(int ascii)
{
	struct view *v = buf_alloc(sizeof *v);

	v->ascii = ascii ? ESCAPE_ASCII : 0;
	v->active = &v->nobody;
	return v;
}

static void
contact_clear(struct view_contact *o)
{
	scrollback_clear(&o->lines);
	buf_free_secret(o->draft);
	free(o->jid);
}

/* Frees all contacts but KEPT (NULL: none). */
static void
contacts_free(struct view *v, struct view_contact *kept)
{
	struct view_contact **all =
	    (struct view_contact **)map_values(&v->contacts);
	size_t i;

	map_clear(&v->contacts);
	for (i = 0; all[i] != NULL; i++) {
		if (all[i] == kept) {
			map_add(&v->contacts, all[i]->jid, all[i]);
			continue;
		}
		contact_clear(all[i]);
		free(all[i]);
	}
	free(all);
}

static void
words_clear(struct view *v)
{
	void **all = map_values(&v->words);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		free(all[i]);
	free(all);
	map_clear(&v->words);
}

void
view_free(struct view *v)
{
	if (v == NULL)
		return;
	contacts_free(v, NULL);
	contact_clear(&v->nobody);
	replayed_clear(&v->replayed);
	words_clear(v);
	free(v->active_jid);
	free(v->last_jid);
	free(v);
}

char *
view_spell(const struct view *v, const char *text, int flags)
{
	struct buf b;
	char *copy;

	buf_init(&b, 12 * strlen(text) + 8);
	escape_write(&b, text, strlen(text), v->ascii | flags);
	copy = buf_strdup(buf_str(&b));
	buf_clear(&b);
	return copy;
}

/* Returns the contact of PEER, or NULL if there is none yet. */
static struct view_contact *
find_contact(const struct view *v, struct field peer)
{
	struct view_contact *o;
	char *jid;

	if (peer.p == NULL)
		return NULL;
	peer = field_bare(peer);
	jid = buf_memdup(peer.p, peer.n);
	o = map_find(&v->contacts, jid);
	free(jid);
	return o;
}

/* Returns the contact of PEER, which is made if there is none. */
static struct view_contact *
need_contact(struct view *v, struct field peer)
{
	struct view_contact *o = find_contact(v, peer);

	if (peer.p == NULL)
		return &v->nobody;
	if (o != NULL)
		return o;
	if (v->contacts.count >= VIEW_CONTACTS)
		contacts_free(v, v->active);
	o = buf_alloc(sizeof *o);
	o->losses = v->losses;
	peer = field_bare(peer);
	o->jid = buf_memdup(peer.p, peer.n);
	map_add(&v->contacts, o->jid, o);
	return o;
}

void
view_left(struct view *v, int64_t left)
{
	v->left = left;
}

void
view_begin(struct view *v, struct client *c)
{
	v->client = c;
	view_turn(v);
}

int
view_turn(struct view *v)
{
	const char *active = people_active(v->client);
	char *jid = active == NULL ? NULL : view_spell(v, active, ESCAPE_VALUE);
	struct scrollback_line *line;
	size_t i;

	if (jid == NULL ? v->active_jid == NULL
			: field_is(field_of(v->active_jid), jid)) {
		free(jid);
		return 0;
	}
	if (v->active_jid != NULL) {
		free(v->last_jid);
		v->last_jid = v->active_jid;
	}
	v->active_jid = jid;
	v->active = need_contact(v, field_of(v->active_jid));
	/* Its lines are shown now, and not at the end of a replay again. */
	for (i = 0; (line = scrollback_line(&v->active->lines, i)) != NULL; i++)
		line->replay = 0;
	replayed_shown(&v->replayed, field_of(v->active_jid));
	window_turn(v->client);
	return 1;
}

/* Returns whether the bare part of PEER is a room. */
static int
is_room(const struct view *v, struct field peer)
{
	char jid[JID_SIZE];
	const char *why;

	peer = field_bare(peer);
	return peer.p != NULL && address_read(peer.p, peer.n, jid, &why) == 0 &&
	       people_is_room(v->client, jid);
}

/* Returns whether PEER is the active contact; a full JID means one session. */
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

/* Returns whether TEXT holds the words of /filter. */
static int
passes_filter(const struct view *v, struct field text)
{
	const char *filter = window_wishes(v->client)->filter;
	size_t n = filter == NULL ? 0 : strlen(filter), i;

	if (n == 0)
		return 1;
	for (i = 0; i + n <= text.n; i++)
		if (memcmp(text.p + i, filter, n) == 0)
			return 1;
	return 0;
}

/* Returns whether the receipt that came last is for a message that is shown. */
static int
passes_receipt(const struct view *v)
{
	struct fields sent;

	return v->receipt == NULL ||
	       fields_read(&sent, v->receipt, strlen(v->receipt)) == -1 ||
	       passes_filter(v, sent.text);
}

static int
is_talk(enum event_tag tag)
{
	return tag == EVENT_MESSAGE || tag == EVENT_OWN || tag == EVENT_SENT ||
	       tag == EVENT_ROOM;
}

/* Returns whether F came in another session than the one that is active. */
static int
is_beside(const struct view *v, const struct fields *f)
{
	return field_same(
		   field_bare(f->peer), field_bare(field_of(v->active_jid))) &&
	       !is_active(v, f->peer);
}

/*
 * Returns whether the `roster` F says more than the rows before it. The server
 * tells each step of what a person asked for once: the first one of /add, in
 * which nobody is asked for anything yet, says nothing.
 */
static int
is_roster_news(const struct view *v, const struct fields *f)
{
	const struct view_contact *o = find_contact(v, f->peer);
	struct field sub = fields_get(f, "sub");

	if (field_is(sub, "remove"))
		return 1;
	return (o == NULL || !o->is_settled) &&
	       !(field_is(sub, "none") && fields_get(f, "pending").p == NULL &&
		   f->text.p == NULL && fields_get(f, "group").p == NULL);
}

static int
is_shown(const struct view *v, const struct fields *f)
{
	if (v->show == VIEW_RAW)
		return 1;
	if (is_talk(f->tag) && !passes_filter(v, f->text))
		return 0;
	switch (f->tag) {
	case EVENT_PRESENCE:
		if (v->is_repeated)
			return 0;
		/* FALLTHROUGH */
	case EVENT_MEMBER:
		if (field_is(fields_get(f, "entering"), "yes") ||
		    field_is(fields_get(f, "told"), "yes"))
			return 0;
		if (window_wishes(v->client)->hides_presence)
			return 0;
		break;
	case EVENT_MESSAGE:
	case EVENT_OWN:
		if (is_beside(v, f))
			return 0;
		break;
	case EVENT_DELIVERED:
		if (!passes_receipt(v))
			return 0;
		break;
	case EVENT_MARK:
		/* Shown only where our last message was not displayed before.
		 */
		if (field_is(fields_get(f, "type"), "displayed") &&
		    (v->marked == NULL || *v->marked != 's'))
			return 0;
		break;
	case EVENT_ROOM:
		/* A line of the history is news only if it mentions us. */
		if (field_is(fields_get(f, "src"), "history") &&
		    !field_is(fields_get(f, "mention"), "yes") &&
		    !is_active(v, f->peer))
			return 0;
		break;
	case EVENT_TOPIC:
		if (field_is(fields_get(f, "told"), "yes"))
			return 0;
		break;
	case EVENT_ROSTER:
		return is_roster_news(v, f);
	case EVENT_ASK:
		return 0; /* The prompt for the answer shows the question. */
	case EVENT_REPLAY:
		return !field_is(fields_get(f, "state"), "started") &&
		       !field_is(fields_get(f, "state"), "done");
	default:
		return 1;
	}
	return v->show == VIEW_ALL || is_active(v, f->peer);
}

/*
 * Notes the words of the `presence` F. Returns whether they, and what it shows,
 * were told before: a server, or a client, may say again what we know.
 */
static int
is_repeated(struct view *v, const struct fields *f)
{
	char *jid = buf_memdup(f->peer.p, f->peer.n);
	char *words = map_remove(&v->words, jid);
	int same = field_same(f->text, field_of(words)) ||
		   (f->text.p == NULL && words == NULL);

	free(words);
	if (f->text.p != NULL && !field_is(fields_get(f, "show"), "offline"))
		map_add(&v->words, jid, buf_memdup(f->text.p, f->text.n));
	free(jid);
	return same && field_same(fields_get(f, "show"), fields_get(f, "was"));
}

/*
 * Marks the message with the id of F, which is about its fate, as LOOK. Returns
 * the `sent` line, or NULL if it is not remembered or looks so already.
 */
static const char *
mark_sent(struct view *v, const struct fields *f, enum render_as look)
{
	struct view_contact *o = find_contact(v, f->peer);
	struct scrollback_line *line =
	    o == NULL ? NULL : scrollback_sent(&o->lines, f);

	if (line == NULL || line->look == look)
		return NULL;
	line->look = look;
	return line->text;
}

/*
 * Returns the line of the message that the `mark` F is about, or NULL. One of
 * another client of ours is in the chat with whom it went to.
 */
static const char *
find_marked(const struct view *v, const struct fields *f)
{
	struct field to = fields_get(f, "to");
	struct scrollback_line *line = NULL;
	struct view_contact *o;

	o = find_contact(v, f->peer);
	if (o != NULL)
		line = scrollback_find(&o->lines, fields_get(f, "of"));
	o = find_contact(v, to);
	if (line == NULL && o != NULL)
		line = scrollback_find(&o->lines, fields_get(f, "of"));
	return line == NULL ? NULL : line->text;
}

int
view_corrects(
    const struct view *v, const struct fields *f, const struct fields *line)
{
	struct field of = fields_get(f, "replaces");

	if (f->tag != line->tag || of.p == NULL ||
	    (!field_same(fields_get(line, "id"), of) &&
		!field_same(fields_get(line, "replaces"), of)))
		return 0;
	/* In a room only the nick says who somebody is. */
	return field_same(f->peer, line->peer) ||
	       (field_same(field_bare(f->peer), field_bare(line->peer)) &&
		   !view_occupant((void *)v, f->peer));
}

/* Returns the line that F corrects, or NULL; BEFORE is filled with it. */
static struct scrollback_line *
find_corrected(struct view *v, const struct fields *f, struct fields *before)
{
	struct view_contact *o = need_contact(v, f->peer);
	struct scrollback_line *line;
	size_t i;

	if (fields_get(f, "replaces").p == NULL)
		return NULL;
	for (i = o->lines.count; i-- > 0;) {
		line = scrollback_line(&o->lines, i);
		if (fields_read(before, line->text, strlen(line->text)) == 0 &&
		    view_corrects(v, f, before))
			return line;
	}
	return NULL;
}

/* Puts F in the place of LINE. */
static void
replace_line(struct scrollback_line *line, const struct fields *f)
{
	char *text = buf_memdup(f->line.p, f->line.n);

	free(line->text);
	line->text = text;
	line->look = f->tag == EVENT_SENT ? RENDER_OPEN : RENDER_PLAIN;
}

/* Puts F in the place of the line that it corrects; returns 0 if it is not
 * remembered. */
static int
correct_line(struct view *v, const struct fields *f)
{
	struct fields before;
	struct scrollback_line *line = find_corrected(v, f, &before);

	if (line != NULL)
		replace_line(line, f);
	return line != NULL;
}

/*
 * Remembers the line F of a replay, at the time when it was said. Returns what
 * it is to be counted as: one that corrects a line of the same replay is part
 * of that, and REPLAYED_NOT.
 */
static enum replayed_kind
add_replayed(struct view *v, const struct fields *f, enum replayed_kind kind)
{
	struct fields before, line;
	struct scrollback_line *old = find_corrected(v, f, &before);
	int is_folded = old != NULL && old->replay == v->replay;
	struct buf b;

	buf_init(&b, f->line.n + 64);
	replayed_line(f, is_folded ? before.time : 0, &b);
	if (fields_read(&line, buf_str(&b), buf_len(&b)) == -1)
		line = *f;
	if (old == NULL) {
		old = scrollback_add(&need_contact(v, f->peer)->lines, &line);
	} else {
		replace_line(old, &line);
		kind = is_folded ? REPLAYED_NOT : REPLAYED_CORRECTION;
	}
	old->replay = v->replay;
	buf_clear(&b);
	return kind;
}

/* Takes F if it is part of a replay, and returns 1; else 0. */
static int
take_replayed(struct view *v, const struct fields *f)
{
	enum replayed_kind kind = replayed_sort(&v->replayed, f);
	int64_t t = field_time(fields_get(f, "stamp"));

	if (kind == REPLAYED_NOT)
		return 0;
	if (kind == REPLAYED_MESSAGE || kind == REPLAYED_NOTE)
		kind = add_replayed(v, f, kind);
	if (kind != REPLAYED_NOT)
		replayed_count(&v->replayed, f->peer, t, kind);
	if (v->replayed.count == HELD_MAX)
		client_hold_positions(v->client, 0);
	return 1;
}

/* Takes the `replay` F of our account. */
static void
note_replay(struct view *v, const struct fields *f)
{
	struct field state = fields_get(f, "state");

	if (field_is(state, "started")) {
		v->replay += !v->replayed.is_open;
		replayed_begin(&v->replayed,
		    v->is_fresh ? v->left_why : REPLAYED_ASKED, v->left);
		v->is_fresh = 0;
		client_hold_positions(v->client, 1);
	} else if (!field_is(state, "lost")) {
		v->is_replayed = v->replayed.is_open;
		v->replayed.is_open = 0;
	}
}

/* Takes the `replay` F of the room O. */
static void
note_room_replay(struct view *v, const struct fields *f, struct view_contact *o)
{
	if (field_is(fields_get(f, "state"), "started")) {
		o->past = o->named = 0;
	} else if (field_is(fields_get(f, "state"), "done")) {
		v->is_replayed = 1;
		v->replayed_room = o;
	}
}

/* Takes the `state` F. */
static void
note_state(struct view *v, const struct fields *f)
{
	int resumed = field_is(fields_get(f, "resumed"), "yes");

	if (field_is(f->text, "online")) {
		v->is_online = 1;
		v->is_fresh |= !resumed;
		v->losses -= (unsigned)(resumed != 0);
		return;
	}
	if (field_is(f->text, "offline"))
		words_clear(v);
	if (!v->is_online)
		return;
	v->is_online = 0;
	v->left = f->time;
	v->left_why =
	    field_is(f->text, "offline") ? REPLAYED_LEFT : REPLAYED_LOST;
	v->losses += v->left_why == REPLAYED_LOST;
}

/* Takes the `room` F. */
static void
note_room(struct view *v, const struct fields *f)
{
	struct view_contact *o = need_contact(v, f->peer);

	/* A message of ours that the room shows has arrived. */
	if (field_is(fields_get(f, "mine"), "yes")) {
		v->receipt = mark_sent(v, f, RENDER_DELIVERED);
		return;
	}
	if (field_is(fields_get(f, "src"), "history")) {
		o->past++;
		o->named += (size_t)field_is(fields_get(f, "mention"), "yes");
	}
}

static void
note_event(struct view *v, const struct fields *f)
{
	switch (f->tag) {
	case EVENT_STATE:
		note_state(v, f);
		break;
	case EVENT_REPLAY:
		if (is_room(v, f->peer))
			note_room_replay(v, f, need_contact(v, f->peer));
		else
			note_replay(v, f);
		break;
	case EVENT_PRESENCE:
		v->is_repeated = is_repeated(v, f);
		break;
	case EVENT_DELIVERED:
		v->receipt = mark_sent(v, f, RENDER_DELIVERED);
		break;
	case EVENT_FAILED:
	case EVENT_UNKNOWN:
		mark_sent(v, f, RENDER_FAILED);
		break;
	case EVENT_OK:
	case EVENT_SUBSCRIPTION:
		if (f->peer.p != NULL &&
		    (f->tag == EVENT_SUBSCRIPTION || f->text.p != NULL))
			need_contact(v, f->peer)->is_settled = 1;
		break;
	case EVENT_MARK:
		v->marked = find_marked(v, f);
		break;
	case EVENT_ROOM:
		note_room(v, f);
		break;
	default:
		break;
	}
}

int
view_event(struct view *v, const struct fields *f)
{
	v->receipt = v->marked = NULL;
	v->is_replayed = v->is_new = 0;
	v->replayed_room = NULL;
	if (take_replayed(v, f))
		return v->show == VIEW_RAW;
	note_event(v, f);
	v->is_new = is_talk(f->tag) && v->receipt == NULL;
	if (v->is_new && correct_line(v, f))
		v->is_new = is_active(v, f->peer);
	else if (v->is_new) {
		scrollback_add(&need_contact(v, f->peer)->lines, f);
		v->is_new = is_active(v, f->peer);
	}
	return is_shown(v, f);
}

int
view_is_replayed(const struct view *v)
{
	return v->is_replayed;
}

int
view_line_is_replayed(const struct view *v, const struct scrollback_line *line)
{
	return v->replayed_room == NULL && line->replay == v->replay;
}

/* Appends the row about what was said in the room O to OUT. */
static void
add_room_row(
    const struct view *v, const struct view_contact *o, struct buf *out)
{
	enum replayed_why why = o->losses != v->losses ? REPLAYED_LOST
				: o->was_replayed      ? REPLAYED_ASKED
						       : REPLAYED_LEFT;

	if (o->past == 0)
		return;
	buf_addf(out, "%s, %s: %zu line%s", o->jid, replayed_why(why), o->past,
	    o->past == 1 ? "" : "s");
	if (o->named > 0)
		buf_addf(out, ", %zu of them name%s you", o->named,
		    o->named == 1 ? "s" : "");
}

/* Notes what is unread of the contact of O. */
static void
ask_unread(const struct view *v, struct replayed_contact *o)
{
	char jid[JID_SIZE];
	const char *why;

	if (address_read(o->jid, strlen(o->jid), jid, &why) == 0)
		o->unread = chat_unread(v->client, jid);
}

void
view_replay_rows(struct view *v, size_t lines, int64_t now, struct buf *above,
    struct buf *below)
{
	struct replayed_contact **all;
	size_t i;

	if (v->replayed_room != NULL) {
		add_room_row(v, v->replayed_room, below);
		return;
	}
	all = (struct replayed_contact **)map_values(&v->replayed.by_jid);
	for (i = 0; all[i] != NULL; i++)
		ask_unread(v, all[i]);
	free(all);
	replayed_words(&v->replayed, view_active(v), lines, now, above);
	replayed_others(&v->replayed, view_active(v), now, below);
}

void
view_replay_end(struct view *v)
{
	struct view_contact *o = v->replayed_room;

	if (o != NULL) {
		o->past = o->named = 0;
		o->was_replayed = 1;
		o->losses = v->losses;
		return;
	}
	replayed_clear(&v->replayed);
	client_hold_positions(v->client, 0);
}

struct field
view_active(const struct view *v)
{
	return field_of(v->active_jid);
}

const char *
view_last(const struct view *v)
{
	return v->last_jid;
}

int
view_is_new(const struct view *v)
{
	return v->is_new;
}

const char *
view_marked(const struct view *v)
{
	return v->marked;
}

const char *
view_receipt(const struct view *v)
{
	return v->receipt;
}

enum render_as
view_look(const struct view *v, const struct fields *f)
{
	const struct scrollback_line *line = NULL;

	if (f->tag == EVENT_HISTORY && field_is(fields_get(f, "dir"), "out"))
		line = scrollback_sent(&v->active->lines, f);
	return line == NULL ? RENDER_PLAIN : line->look;
}

int
view_forgot(const struct view *v)
{
	return v->active_jid != NULL && !v->active->is_recalled &&
	       !is_room(v, field_of(v->active_jid));
}

void
view_recall(struct view *v, const char *text)
{
	v->active->is_recalled = 1;
	scrollback_recall(&v->active->lines, text);
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

size_t
view_lines(struct view *v)
{
	const struct scrollback_line *line;
	struct fields f;
	size_t i;

	v->line_count = 0;
	for (i = 0; (line = scrollback_line(&v->active->lines, i)) != NULL; i++)
		if (fields_read(&f, line->text, strlen(line->text)) == 0 &&
		    (is_active(v, f.peer) ||
			field_is(fields_get(&f, "dir"), "out")) &&
		    passes_filter(v, f.text))
			v->lines[v->line_count++] = line;
	return v->line_count;
}

const struct scrollback_line *
view_line(const struct view *v, size_t i)
{
	return i < v->line_count ? v->lines[i] : NULL;
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

int
view_occupant(void *view, struct field peer)
{
	return field_bare(peer).n < peer.n && is_room(view, peer);
}
