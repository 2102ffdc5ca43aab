#include "line/muc.h"

#include <stdlib.h>
#include <string.h>

#include "line/job.h"
#include "line/keep.h"
#include "line/muc_talk.h"
#include "line/request.h"

struct muc *
muc_find(const struct client *c, const char *jid)
{
	char bare[JID_SIZE];

	if (c->rooms.count == 0)
		return NULL;
	jid_bare(jid, bare);
	return map_find(&c->rooms, bare);
}

struct muc *
muc_inside(const struct client *c, const char *jid)
{
	struct muc *m = muc_find(c, jid);

	return m == NULL || m->state == MUC_OUT || m->state == MUC_HIDDEN ? NULL
									  : m;
}

const char *
muc_nick(const struct client *c, const char *jid, char local[JID_SIZE])
{
	const struct user *u = keep_find(c, jid);

	jid_local(c->jid, local);
	return u != NULL && u->kind == USER_ROOM && u->nick != NULL ? u->nick
								    : local;
}

struct muc *
muc_need(struct client *c, const char *jid)
{
	struct muc *m = muc_find(c, jid);
	char bare[JID_SIZE], nick[JID_SIZE];
	const struct user *u;

	if (m != NULL)
		return m;
	m = buf_alloc(sizeof *m);
	jid_bare(jid, bare);
	u = keep_find(c, bare);
	if (u != NULL && u->kind == USER_ROOM) {
		m->password = buf_strdup(u->password);
		m->wanted = u->autojoin;
	}
	room_init(&m->room, bare, muc_nick(c, bare, nick));
	map_add(&c->rooms, bare, m);
	return m;
}

static void
muc_free(struct muc *m)
{
	muc_said_clear(m);
	room_clear(&m->room);
	buf_free_secret(m->password);
	free(m);
}

struct muc **
muc_all(const struct client *c)
{
	return (struct muc **)map_values(&c->rooms);
}

static void
load(struct client *c, const struct user *u)
{
	char jid[JID_SIZE];

	if (jid_parse(u->jid, strlen(u->jid), jid, NULL) == 0)
		muc_need(c, jid);
}

void
muc_load(struct client *c)
{
	keep_rooms(c, load);
}

void
muc_lost(struct client *c, const char *cause)
{
	struct muc **all = muc_all(c);
	size_t i;

	for (i = 0; all[i] != NULL; i++) {
		muc_forget(c, all[i], cause);
		room_leave(&all[i]->room);
		all[i]->state = MUC_OUT;
		all[i]->parting = 0;
	}
	free(all);
	job_settle(c, JOB_JOIN, cause, NULL);
	job_settle(c, JOB_LEAVE, NULL, NULL);
	job_settle(c, JOB_NICK, cause, NULL);
	job_settle(c, JOB_TOPIC, cause, NULL);
}

/* The line of KIND that waits for M, or NULL. */
static struct job *
waiting(const struct client *c, enum job_kind kind, const struct muc *m)
{
	struct job *j;

	for (j = c->jobs; j != NULL; j = j->next)
		if (j->kind == kind && strcmp(j->subject, m->room.jid) == 0)
			return j;
	return NULL;
}

/* Answers all lines of KIND that wait for M: by ok, where CAUSE is NULL. */
static void
settle(struct client *c, enum job_kind kind, const struct muc *m,
    const char *cause, const char *why)
{
	struct job *job;

	while ((job = waiting(c, kind, m)) != NULL)
		if (cause == NULL)
			job_done(c, job, NULL);
		else
			job_failed(c, job, cause, why);
}

/* Tells WORDS about PEER, with who did it and why. */
static void
tell(struct client *c, enum event_tag tag, const char *peer, const char *words,
    const struct room_change *change)
{
	struct buf text;

	buf_init(&text, STANZA_MAX);
	buf_adds(&text, words);
	if (change != NULL && change->actor != NULL)
		buf_addf(&text, " by %s", change->actor);
	if (change != NULL && change->reason != NULL && *change->reason != '\0')
		buf_addf(&text, ": %s", change->reason);
	if (change != NULL && change->venue != NULL)
		buf_addf(&text, "; see %s", change->venue);
	event_begin(&c->event, tag, peer, buf_data(&text), buf_len(&text));
	event_end(&c->event);
	buf_clear(&text);
}

static void
member_event(
    struct client *c, const char *from, const struct room_change *change)
{
	size_t i;

	event_begin(&c->event, EVENT_MEMBER, from, change->status,
	    change->status == NULL ? 0 : strlen(change->status));
	event_set(&c->event, "show", roster_show_name(change->show));
	event_set(&c->event, "role", room_role_name(change->role));
	event_set(&c->event, "affiliation",
	    room_affiliation_name(change->affiliation));
	event_set(&c->event, "jid", *change->jid == '\0' ? NULL : change->jid);
	for (i = 0; i < change->code_count; i++)
		event_set_number(&c->event, "code", change->codes[i]);
	event_set(&c->event, "nick", change->new_nick);
	event_end(&c->event);
}

/* The codes of CHANGE in words, where they are more than what is seen. */
static void
codes(struct client *c, const char *from, const struct room_change *change)
{
	const char *words;
	int gone = change->show == SHOW_OFFLINE;
	size_t i;

	for (i = 0; i < change->code_count; i++) {
		words = room_code_words(change->codes[i]);
		/* What a code says of others here and there is no news. */
		if (words == NULL || (change->codes[i] >= 300) != gone ||
		    (!gone && !change->joined))
			continue;
		/* That is how services say the other to old clients. */
		if (change->codes[i] == 307 && room_has_code(change, 333))
			continue;
		tell(c, gone && change->self ? EVENT_WARNING : EVENT_INFO, from,
		    words, gone ? change : NULL);
	}
}

/* We are in: what let us in is kept, as the original does. */
static void
joined(struct client *c, struct muc *m)
{
	struct user *u = m->by_command ? keep_room(c, m->room.jid) : NULL;

	m->state = MUC_IN;
	m->wanted = 1;
	m->by_command = 0;
	if (u != NULL) {
		free(u->nick);
		u->nick = buf_strdup(m->room.nick);
		buf_free_secret(u->password);
		u->password = buf_strdup(m->password);
		u->autojoin = 1;
		keep_changed(c, u);
	}
	settle(c, JOB_JOIN, m, NULL, NULL);
}

static void
on_unlocked(struct client *c, struct job *job, const struct stanza *x)
{
	const char *from = stanza_get(x, "from");
	char jid[JID_SIZE];

	(void)job;
	if (from != NULL && strcmp(stanza_get(x, "type"), "error") == 0 &&
	    jid_parse(from, strlen(from), jid, NULL) == 0)
		client_warning(c, jid, "others may not enter the room yet");
}

/* M was made as we entered: let others in, as it is (XEP-0045 10.1.2). */
static void
unlock(struct client *c, const struct muc *m)
{
	struct writer w;

	request_begin(c, &w, "set", m->room.jid, on_unlocked, NULL);
	writer_open(&w, "query", NS_MUC_OWNER);
	writer_open(&w, "x", NS_DATA);
	writer_attr(&w, "type", "submit");
	writer_end(&w);
}

/* We are called as we asked to be. */
static void
renamed(struct client *c, const struct muc *m)
{
	struct user *u = keep_find(c, m->room.jid);

	if (waiting(c, JOB_NICK, m) == NULL)
		return;
	if (u != NULL && u->kind == USER_ROOM) {
		free(u->nick);
		u->nick = buf_strdup(m->room.nick);
		keep_changed(c, u);
	}
	settle(c, JOB_NICK, m, NULL, NULL);
}

int
muc_keep_out(struct client *c, const struct muc *m)
{
	struct user *u = keep_find(c, m->room.jid);

	if (u == NULL || u->kind != USER_ROOM || !u->autojoin)
		return 0;
	u->autojoin = 0;
	keep_changed(c, u);
	return 1;
}

/* Whether a room says that, and not only that we are gone. */
static int
thrown_out(const struct room_change *change)
{
	size_t i;

	for (i = 0; i < change->code_count; i++)
		if (change->codes[i] >= 300)
			return 1;
	return change->destroyed;
}

static void
gone(struct client *c, struct muc *m, const struct room_change *change)
{
	static const char why[] = "the room sent us out";
	int parting = thrown_out(change) ? 0 : m->parting;

	m->parting = 0;
	m->state = parting == 2 ? MUC_JOINING : MUC_OUT;
	if (parting == 1 && m->wanted)
		m->state = MUC_HIDDEN;
	/* Who is thrown out stays out; what breaks down is no such. */
	else if (parting == 0 && !room_has_code(change, 332) &&
		 !room_has_code(change, 333))
		m->wanted = 0;
	if (change->destroyed) /* to enter it again would be to make it again */
		muc_keep_out(c, m);
	settle(c, JOB_LEAVE, m, NULL, NULL);
	settle(c, JOB_NICK, m, "not-acceptable", why);
	settle(c, JOB_TOPIC, m, "not-acceptable", why);
	if (m->state == MUC_JOINING)
		return;
	settle(c, JOB_JOIN, m, "not-acceptable", why);
	muc_settle(c, m);
}

/* Forgets M, which nothing says to be a room. */
static void
drop(struct client *c, struct muc *m)
{
	const struct user *u = keep_find(c, m->room.jid);

	if ((u != NULL && u->kind == USER_ROOM) || m->said != NULL)
		return;
	map_remove(&c->rooms, m->room.jid);
	muc_free(m);
}

/* The password that /join gave was of no use: what is kept may be. */
static void
restore(const struct client *c, struct muc *m)
{
	const struct user *u = keep_find(c, m->room.jid);

	if (!m->by_command || u == NULL || u->kind != USER_ROOM)
		return;
	buf_free_secret(m->password);
	m->password = buf_strdup(u->password);
}

void
muc_give_up(struct client *c, const char *jid, int joining)
{
	struct muc *m = muc_inside(c, jid);

	if (m == NULL || (m->state == MUC_JOINING) != joining)
		return;
	restore(c, m);
	m->state = MUC_OUT;
	m->wanted = m->by_command = m->parting = 0;
	room_leave(&m->room);
	if (joining)
		muc_part(c, m);
	muc_settle(c, m);
	if (!joining)
		return;
	drop(c, m);
}

/* There was nothing to leave. */
static void
was_gone(struct client *c, struct muc *m)
{
	static const struct room_change nothing;

	room_leave(&m->room);
	gone(c, m, &nothing);
}

/* Whether X is about the presence that entered M, or left it again. */
static int
is_entry(const struct muc *m, const struct stanza *x)
{
	const char *id = stanza_get(x, "id");

	return id != NULL && *m->entry != '\0' && strcmp(id, m->entry) == 0;
}

/*
 * Whether the error X from FROM is about our presence in M. Not every service
 * has the nick or the id in it; but what we sent from our bare JID, or with
 * another id, as to subscribe, is something else.
 */
static int
is_refusal(const struct muc *m, const char *from, const struct stanza *x)
{
	const char *nick = jid_resource(from), *to = stanza_get(x, "to");

	if (is_entry(m, x))
		return 1;
	if (nick != NULL)
		return m->state != MUC_JOINING ||
		       strcmp(nick, m->room.nick) == 0;
	return stanza_get(x, "id") == NULL &&
	       (to == NULL || jid_resource(to) != NULL);
}

/* We may not enter, or not be called so, or were not even there. */
static void
refused(struct client *c, struct muc *m, const struct stanza *x)
{
	const char *condition = stanza_condition(x);
	const char *text = stanza_error_text(x);
	int joining = m->state == MUC_JOINING, by_command = m->by_command;
	const char *why = room_refusal(condition, !joining);
	enum job_kind kind = joining ? JOB_JOIN : JOB_NICK;
	struct buf b;

	if (!joining && m->parting && waiting(c, JOB_NICK, m) == NULL) {
		was_gone(c, m);
		return;
	}
	buf_init(&b, STANZA_MAX);
	buf_adds(&b, why);
	if (text != NULL)
		buf_addf(&b, ": %s", text);
	if (joining) {
		restore(c, m);
		m->state = MUC_OUT;
		m->wanted = m->wanted && !by_command;
		m->by_command = m->parting = 0;
		settle(c, JOB_LEAVE, m, NULL, NULL);
		if (!is_entry(m, x)) /* it may have let us in for all that */
			muc_part(c, m);
		muc_settle(c, m);
	}
	if (waiting(c, kind, m) != NULL) {
		settle(c, kind, m, condition, buf_str(&b));
	} else {
		event_begin(&c->event, EVENT_WARNING, m->room.jid, buf_data(&b),
		    buf_len(&b));
		event_set(&c->event, "cause", condition);
		event_end(&c->event);
	}
	buf_clear(&b);
	if (!joining && strcmp(condition, "item-not-found") == 0)
		muc_doubt(c, m, condition);
}

int
muc_presence(struct client *c, const char *from, const struct stanza *x)
{
	const char *type = stanza_get(x, "type"), *nick = jid_resource(from);
	struct muc *m = muc_find(c, from);
	struct room_change change;

	if (m == NULL) /* what a room says that was too slow is nothing */
		return stanza_child(x, "x", NS_MUC_USER) != NULL;
	if (type != NULL && strcmp(type, "error") == 0) {
		if (muc_inside(c, from) == NULL)
			return is_entry(m, x); /* what we gave up */
		if (!is_refusal(m, from, x))
			return 0;
		refused(c, m, x);
		return 1;
	}
	if (type != NULL && strcmp(type, "unavailable") != 0)
		return 0;
	/* Of the room itself: a picture, say. Or too late to be of interest. */
	if (nick == NULL || muc_inside(c, from) == NULL)
		return 1;
	room_presence(&m->room, nick, x, &change);
	member_event(c, from, &change);
	codes(c, from, &change);
	if (change.destroyed)
		tell(c, EVENT_WARNING, m->room.jid, "the room was destroyed",
		    &change);
	if (change.self && room_has_code(&change, 201))
		unlock(c, m);
	if (change.joined)
		joined(c, m);
	else if (change.self && change.show != SHOW_OFFLINE)
		renamed(c, m);
	if (change.self && change.show == SHOW_OFFLINE &&
	    change.new_nick == NULL)
		gone(c, m, &change);
	return 1;
}

void
muc_clear(struct client *c)
{
	struct muc **all = muc_all(c);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		muc_free(all[i]);
	free(all);
	map_clear(&c->rooms);
}
