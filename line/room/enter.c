#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/link.h"
#include "line/core/request.h"
#include "line/disk/position.h"
#include "line/disk/users.h"
#include "line/room/bookmark.h"
#include "line/room/own_texts.h"
#include "line/room/told.h"
#include "line/talk/archive.h"
#include "line/talk/fate.h"

#define RETRY_MAX ((int64_t)5 * 60 * 1000)  /* between two attempts to enter */
#define STABLE	  ((int64_t)60 * 1000)	    /* in for so long: all is well */
#define SILENT	  ((int64_t)15 * 60 * 1000) /* then we ask if we are in */

/* The times at which something is due in some room. */
struct room_timers {
	int64_t next; /* monotonic; 0: nothing is due */
	int login;    /* The rooms that are kept are to be entered. */
};

void
room_init(struct client *c)
{
	c->room_timers = buf_alloc(sizeof *c->room_timers);
	c->own_texts = buf_alloc(sizeof *c->own_texts);
	bookmark_init(c);
}

void
room_clear(struct client *c)
{
	room_table_clear(c);
	own_texts_clear(c->own_texts);
	free(c->own_texts);
	room_invite_clear(c);
	bookmark_end(c);
	free(c->room_timers);
}

int64_t
room_deadline(const struct client *c)
{
	return c->room_timers->next == 0 ? -1 : c->room_timers->next;
}

/* Asks for room_tick() at AT, monotonic. */
static void
tick_at(struct client *c, int64_t at)
{
	if (c->room_timers->next == 0 || at < c->room_timers->next)
		c->room_timers->next = at;
}

/* Calls room_settled in ROOM_SECONDS, unless M has shown all. */
static void
settle_later(struct client *c, struct room *m)
{
	if (fate_first_in(c, m->room.jid) == NULL)
		return;
	m->settle_at = c->clock.mono + ROOM_SECONDS * 1000;
	tick_at(c, m->settle_at);
}

/* Begins the presence to NICK in M; the caller ends it. */
static void
open_presence(
    struct client *c, struct writer *w, const struct room *m, const char *nick)
{
	struct buf to;

	buf_init(&to, 2 * JID_SIZE);
	buf_addf(&to, "%s/%s", m->room.jid, nick);
	writer_init(w, link_out(c));
	writer_open(w, "presence", NULL);
	writer_attr(w, "to", buf_str(&to));
	buf_clear(&to);
}

/* Writes the presence that we show to everybody. */
static void
put_status(struct client *c, struct writer *w)
{
	const char *show = roster_show_name(c->self.show);

	if (c->self.show == SHOW_FREE)
		show = "chat";
	if (c->self.show != SHOW_ONLINE && c->self.show != SHOW_OFFLINE)
		writer_leaf(w, "show", NULL, show);
	if (c->self.status != NULL)
		writer_leaf(w, "status", NULL, c->self.status);
}

/* Returns 1 if M's archive will tell all that its history could, else 0. */
static int
has_position(struct client *c, const struct room *m)
{
	return m->archive == ROOM_ARCHIVE_KEPT && room_replays(c, m) &&
	       (c->options.queue != NULL ||
		   position_anchor(position_of(c, m->room.jid), NULL) != NULL);
}

/* Asks for as much of M's history as is wanted (XEP-0045 7.2.14). */
static void
put_history(struct client *c, struct writer *w, const struct room *m)
{
	int none = has_position(c, m);
	char number[16];

	if (!none && !m->returning && c->options.muc_max_stanzas < 0)
		return;
	writer_open(w, "history", NULL);
	/* On returning we want all that we missed, unless the user wants no
	 * history at all. */
	if (none) {
		writer_attr(w, "maxstanzas", "0");
	} else if (m->returning &&
		   (c->options.muc_max_stanzas != 0 || room_replays(c, m))) {
		writer_attr(w, "since", m->since);
	} else {
		snprintf(
		    number, sizeof number, "%d", c->options.muc_max_stanzas);
		writer_attr(w, "maxstanzas", number);
	}
	writer_close(w);
}

/* Sends the presence that enters M. */
static void
send_entry(struct client *c, struct room *m)
{
	struct writer w;

	room_told_begin(c, m);
	open_presence(c, &w, m, m->room.nick);
	nonce_id(c->nonce, m->entry);
	writer_attr(&w, "id", m->entry);
	put_status(c, &w);
	writer_open(&w, "x", NS_MUC);
	put_history(c, &w, m);
	if (m->password != NULL)
		writer_leaf(&w, "password", NULL, m->password);
	writer_end(&w);
}

/* Takes the answer of a room to the question for its features (XEP-0030). */
static void
on_features(struct client *c, struct answer *job, const struct stanza *x)
{
	struct room *m = x == NULL ? NULL : room_sender(c, x);
	const struct stanza *f =
	    x == NULL ? NULL : stanza_child(x, "query", NS_INFO);
	const char *var;

	(void)job;
	if (m == NULL || m->archive != ROOM_ARCHIVE_ASKED)
		return;
	m->archive = ROOM_ARCHIVE_NONE;
	for (f = f == NULL ? NULL : f->child; f != NULL; f = f->next) {
		var = stanza_get(f, "var");
		if (stanza_is(f, "feature", NS_INFO) && var != NULL &&
		    strcmp(var, NS_MAM) == 0)
			m->archive = ROOM_ARCHIVE_KEPT;
	}
	if (m->state == ROOM_JOINING)
		send_entry(c, m);
	else if (m->state == ROOM_IN)
		room_tell_entered(c, m);
}

void
room_ask_archive(struct client *c, struct room *m)
{
	struct writer w;

	m->archive = ROOM_ARCHIVE_ASKED;
	request_begin(c, &w, "get", m->room.jid, on_features, NULL);
	writer_leaf(&w, "query", NS_INFO, NULL);
	writer_end(&w);
}

void
room_tell_entered(struct client *c, const struct room *m)
{
	if (c->rooms.entered != NULL)
		c->rooms.entered(c, m->room.jid,
		    !room_replays(c, m)		      ? -1
		    : m->archive == ROOM_ARCHIVE_KEPT ? 1
						      : 0);
}

void
room_enter(struct client *c, struct room *m)
{
	int asked =
	    m->state == ROOM_JOINING && m->archive == ROOM_ARCHIVE_ASKED;

	occupants_leave(&m->room);
	m->state = ROOM_JOINING;
	if (m->parting)
		m->parting = 2;
	m->entry_until = c->clock.mono + ROOM_SECONDS * 1000;
	tick_at(c, m->entry_until);
	fate_outside(c, m->room.jid);
	settle_later(c, m);
	*m->entry = '\0';
	if (asked)
		return; /* The answer is on its way. */
	if (room_replays(c, m))
		room_ask_archive(c, m);
	else
		send_entry(c, m);
}

void
room_part(struct client *c, const struct room *m)
{
	struct writer w;

	open_presence(c, &w, m, m->room.nick);
	writer_attr(&w, "type", "unavailable");
	writer_attr(&w, "id", m->entry);
	writer_end(&w);
}

void
room_request_nick(struct client *c, const struct room *m, const char *nick)
{
	struct writer w;

	open_presence(c, &w, m, nick);
	put_status(c, &w);
	writer_end(&w);
}

void
room_restore_password(const struct client *c, struct room *m)
{
	const struct user *u = users_find_room(c, m->room.jid);

	if (!m->by_command || u == NULL)
		return;
	buf_free_secret(m->password);
	m->password = buf_strdup(u->password);
}

/*
 * Gives up entering or leaving a room, which did not answer the line of JOB in
 * time: its on_timeout.
 */
static void
give_up(struct client *c, const struct answer *job)
{
	struct room *m = room_inside(c, job->subject);
	int joining = job->kind == ANSWER_JOIN;

	if (m == NULL || (m->state == ROOM_JOINING) != joining)
		return;
	room_restore_password(c, m);
	m->state = ROOM_OUT;
	m->wanted = m->by_command = m->parting = 0;
	occupants_leave(&m->room);
	room_told_end(m);
	room_answer_all(c, ANSWER_ENTRY, m, "timeout", NULL);
	if (joining)
		room_part(c, m);
	room_settle(c, m);
	if (!joining)
		return;
	room_drop(c, m);
}

struct answer *
room_answer_wait(struct client *c, enum answer_kind kind, const struct room *m)
{
	struct answer *job =
	    answer_wait(c, kind, !c->options.no_wait, ROOM_SECONDS);

	job->subject = buf_strdup(m->room.jid);
	if (kind == ANSWER_JOIN || kind == ANSWER_LEAVE)
		job->on_timeout = give_up;
	return job;
}

/* Uses PASSWORD for M, or where it is NULL the one of an invitation. */
static void
set_password(struct client *c, struct room *m, const char *password)
{
	char *invited =
	    room_invite_password(c, m->room.jid, m->password != NULL);

	if (password != NULL || invited != NULL) {
		buf_free_secret(m->password);
		m->password = buf_strdup(password != NULL ? password : invited);
	}
	buf_free_secret(invited);
}

/* Answers a line that wants to enter M, where we are already. */
static void
answer_inside(struct client *c, const struct room *m)
{
	char text[2 * JID_SIZE];

	snprintf(text, sizeof text,
	    "you are in this room already; /go %s lets you talk here",
	    m->room.jid);
	answer_ok(c, m->room.jid,
	    c->options.terminal && !client_is_active(c, m->room.jid)
		? text
		: "you are in that room");
}

void
room_join(
    struct client *c, const char *jid, const char *nick, const char *password)
{
	struct room *m = room_need(c, jid);
	char local[JID_SIZE];
	struct answer *job;
	int is_ours;

	if (m->state == ROOM_IN && !m->parting) {
		if (nick == NULL || strcmp(nick, m->room.nick) == 0)
			answer_inside(c, m);
		else
			room_rename(c, jid, nick);
		return;
	}
	if (nick == NULL)
		nick = room_nick(c, jid, local);
	is_ours = strcmp(nick, m->room.nick) == 0;
	m->by_command = 1;
	/*
	 * Entering twice would show the history twice, so this line waits for
	 * the attempt under way. If it wants another nick, that is changed once
	 * we are in.
	 */
	if (m->state == ROOM_JOINING && m->parting != 1 &&
	    (password == NULL || (is_ours && m->password != NULL &&
				     strcmp(password, m->password) == 0))) {
		job = room_answer_wait(c, ANSWER_JOIN, m);
		if (!is_ours)
			job->wait = buf_strdup(nick);
		return;
	}
	if (!is_ours) {
		free(m->room.nick);
		m->room.nick = buf_strdup(nick);
	}
	set_password(c, m, password);
	room_answer_wait(c, ANSWER_JOIN, m);
	room_enter(c, m);
}

void
room_leave(struct client *c, const char *jid, const char *reason)
{
	struct room *m = room_find(c, jid);
	const struct user *u = users_find(c, jid);
	int wanted = m->wanted;
	struct answer *job;
	struct writer w;

	m->wanted = 0;
	bookmark_note(c, m, 0);
	wanted |= room_keep_out(c, m);
	room_told_end(m);
	if (m->state == ROOM_JOINING && m->archive == ROOM_ARCHIVE_ASKED) {
		/* There must be something to leave, which the room answers. */
		m->archive = ROOM_ARCHIVE_NONE;
		send_entry(c, m);
	}
	if (m->state >= ROOM_JOINING) {
		m->parting = 1;
		job = room_answer_wait(c, ANSWER_LEAVE, m);
		if (u != NULL)
			users_watch(c, u, job);
		open_presence(c, &w, m, m->room.nick);
		writer_attr(&w, "type", "unavailable");
		if (*reason != '\0')
			writer_leaf(&w, "status", NULL, reason);
		writer_end(&w);
	} else if (wanted) {
		m->state = ROOM_OUT;
		users_line(c, m->room.jid, ANSWER_STORE, NULL,
		    "it will not be entered again");
	} else {
		answer_error(c, jid, "not-acceptable", room_not_inside);
	}
}

void
room_rename(struct client *c, const char *jid, const char *nick)
{
	const struct room *m = room_find(c, jid);

	if (strcmp(nick, m->room.nick) == 0) {
		answer_ok(c, m->room.jid, "that is your nick");
		return;
	}
	room_answer_wait(c, ANSWER_NICK, m)->wait = buf_strdup(nick);
	room_request_nick(c, m, nick);
}

/* Takes the answer to a ping to ourselves through a room (XEP-0410 3.2). */
static void
on_self_ping(struct client *c, struct answer *job, const struct stanza *x)
{
	static const char still_in[] = " service-unavailable "
				       "feature-not-implemented item-not-found "
				       "remote-server-not-found "
				       "remote-server-timeout ";
	struct room *m = room_sender(c, x);

	(void)job;
	if (m != NULL && m->state >= ROOM_JOINING &&
	    strcmp(stanza_get(x, "type"), "error") == 0 &&
	    strstr(still_in, stanza_condition(x)) == NULL)
		room_enter(c, m);
}

static void
self_ping(struct client *c, const struct room *m)
{
	struct writer w;
	struct buf to;

	buf_init(&to, 2 * JID_SIZE);
	buf_addf(&to, "%s/%s", m->room.jid, m->room.nick);
	request_begin(c, &w, "get", buf_str(&to), on_self_ping, NULL);
	writer_leaf(&w, "ping", NS_PING, NULL);
	writer_end(&w);
	buf_clear(&to);
}

int
room_returns(const struct client *c, const struct room *m)
{
	const char *to = c->options.text_to;

	/* With -t only the room that is written to is entered; with -r none,
	 * since another jackline may be in the rooms. */
	if (to != NULL ? !jid_same_bare(to, m->room.jid) : c->options.read_only)
		return 0;
	/* A user who is offline does not want to be seen in rooms. */
	return m->wanted && (c->self.show != SHOW_OFFLINE || to != NULL);
}

int
room_is_coming(const struct client *c, const char *jid)
{
	const struct room *m = room_find(c, jid);

	if (m == NULL || m->parting == 1)
		return 0;
	if (m->state == ROOM_OUT)
		return room_returns(c, m) &&
		       (c->link.state != LINK_ONLINE || c->room_timers->login);
	return m->state >= ROOM_AGAIN;
}

void
room_replaying(struct client *c, const char *jid)
{
	struct room *m = room_find(c, jid);

	if (m != NULL)
		m->replaying = m->replayed = 1;
}

void
room_replayed(struct client *c, const char *jid)
{
	struct room *m = room_find(c, jid);

	if (m == NULL || !m->replaying)
		return;
	m->replaying = 0;
	if (m->room.settled)
		room_settled(c, m);
}

void
room_listen(struct client *c, struct room *m)
{
	m->heard = c->clock.mono;
	tick_at(c, m->heard + SILENT);
}

void
room_again(struct client *c, struct room *m)
{
	int64_t in = 2000;
	struct buf text;
	unsigned i;

	if (m->entered_at != 0 && c->clock.mono - m->entered_at >= STABLE)
		m->retries = 0;
	m->entered_at = 0;
	for (i = 0; i < m->retries && in < RETRY_MAX; i++)
		in *= 2;
	if (in > RETRY_MAX)
		in = RETRY_MAX;
	/* Add up to a quarter, or take it off: not all come back at once. */
	in += nonce_below(c->nonce, (uint32_t)(in / 2)) - in / 4;
	m->retries++;
	m->state = ROOM_AGAIN;
	m->retry_at = c->clock.mono + in;
	tick_at(c, m->retry_at);
	settle_later(c, m);
	buf_init(&text, 100);
	buf_addf(&text, "it is entered again in %d s", (int)(in + 999) / 1000);
	client_info(c, m->room.jid, buf_str(&text));
	buf_clear(&text);
}

/* Gives up entering M, which did not answer; no line waits for it. */
static void
give_up_entry(struct client *c, struct room *m)
{
	room_part(c, m);
	occupants_leave(&m->room);
	m->state = ROOM_OUT;
	m->parting = 0;
	room_warn(c, m, "the room does not answer", "timeout");
	if (room_returns(c, m))
		room_again(c, m);
	else
		room_settle(c, m);
}

/* Does what is due in M, and asks for the next time that something is. */
static void
room_timers_run(struct client *c, struct room *m)
{
	int64_t at = m->heard + SILENT;

	if (m->settle_at != 0 && m->settle_at <= c->clock.mono)
		room_settled(c, m);
	if (m->settle_at != 0)
		tick_at(c, m->settle_at);
	/* Nothing can be sent; room_online() asks for this again. */
	if (c->link.state != LINK_ONLINE)
		return;
	if (m->state == ROOM_AGAIN)
		at = m->retry_at;
	else if (m->state == ROOM_JOINING)
		at = m->entry_until;
	else if (m->state != ROOM_IN)
		return;
	if (at > c->clock.mono) {
		tick_at(c, at);
	} else if (m->state == ROOM_AGAIN) {
		room_enter(c, m);
	} else if (m->state == ROOM_IN) {
		self_ping(c, m);
		room_listen(c, m);
	} else if (room_answer_find(c, ANSWER_JOIN, m) != NULL) {
		/* The line that waits has a deadline of its own. */
		tick_at(c, c->clock.mono + ROOM_SECONDS * 1000);
	} else {
		give_up_entry(c, m);
	}
}

void
room_tick(struct client *c)
{
	if (c->room_timers->next == 0 || c->room_timers->next > c->clock.mono)
		return;
	c->room_timers->next = 0;
	room_each(c, room_timers_run);
}

static void
ping_inside(struct client *c, struct room *m)
{
	if (m->state == ROOM_IN)
		self_ping(c, m);
}

void
room_online(struct client *c, int resumed)
{
	if (!resumed) {
		room_load(c);
		c->room_timers->login = 1;
		return;
	}
	room_each(c, ping_inside);
	if (c->rooms.by_jid.count > 0)
		tick_at(c, c->clock.mono);
}

static void
enter_kept(struct client *c, struct room *m)
{
	if (m->state != ROOM_OUT || !m->wanted)
		return;
	if (room_returns(c, m))
		room_enter(c, m);
	else if (c->self.show == SHOW_OFFLINE)
		m->state = ROOM_HIDDEN;
}

void
room_due(struct client *c)
{
	if (!c->room_timers->login || c->link.state != LINK_ONLINE ||
	    c->link.regaining || answer_next(c, NULL, ANSWER_CONNECT) != NULL)
		return;
	c->room_timers->login = 0;
	room_each(c, enter_kept);
}

void
room_when_in(struct client *c, const char *jid, const char *text,
    void (*act)(struct client *c, const char *jid, const char *text))
{
	struct room *m = room_find(c, jid);
	struct answer *job;

	if (room_is_in(m)) {
		act(c, m->room.jid, text);
		return;
	}
	/* The rooms that are kept have not been entered yet: begin with it. */
	if (m != NULL && c->room_timers->login && m->state == ROOM_OUT &&
	    room_returns(c, m))
		room_enter(c, m);
	if (m == NULL || m->state < ROOM_AGAIN) {
		answer_error(c, jid, "not-acceptable", room_not_inside);
		return;
	}
	if (m->state == ROOM_AGAIN &&
	    m->retry_at > c->clock.mono + ROOM_SECONDS * 1000) {
		answer_error(c, jid, "not-acceptable",
		    "you are out of that room until it works again");
		return;
	}
	job = room_answer_wait(c, ANSWER_ENTRY, m);
	job->wait = buf_strdup(text);
	job->redo = act;
}

/* Shows M our presence as it is now, or enters or leaves M because of it. */
static void
show_presence(struct client *c, struct room *m)
{
	struct writer w;

	if (c->self.show == SHOW_OFFLINE && m->state == ROOM_JOINING &&
	    m->archive == ROOM_ARCHIVE_ASKED) {
		m->archive = ROOM_ARCHIVE_UNKNOWN;
		m->state = ROOM_HIDDEN; /* Nothing was sent yet. */
	} else if (c->self.show == SHOW_OFFLINE) {
		/* The server tells the room (RFC 6121 4.6.3); its answer
		 * takes us out. */
		if (m->state == ROOM_IN || m->state == ROOM_JOINING)
			m->parting = 1;
		if (m->state == ROOM_AGAIN)
			m->state = ROOM_HIDDEN;
	} else if ((m->wanted || m->by_command) &&
		   (m->parting || m->state == ROOM_HIDDEN)) {
		room_enter(c, m);
	} else if (m->state == ROOM_IN && !m->parting) {
		open_presence(c, &w, m, m->room.nick);
		put_status(c, &w);
		writer_end(&w);
	}
}

void
room_status(struct client *c)
{
	room_each(c, show_presence);
}

void
room_doubt(struct client *c, struct room *m, const char *condition)
{
	if (m->state != ROOM_IN || m->parting)
		return;
	if (strcmp(condition, "item-not-found") == 0)
		room_enter(c, m);
	else if (strcmp(condition, "not-acceptable") == 0)
		self_ping(c, m);
}

void
room_settled(struct client *c, struct room *m)
{
	m->settle_at = 0;
	fate_not_shown(c, m->room.jid);
}

static void
on_settled(struct client *c, struct answer *job, const struct stanza *x)
{
	struct room *m = x == NULL ? NULL : room_sender(c, x);

	(void)job;
	if (m != NULL)
		room_settled(c, m);
}

void
room_settle(struct client *c, struct room *m)
{
	struct writer w;

	if (fate_first_in(c, m->room.jid) == NULL ||
	    c->link.state != LINK_ONLINE)
		return;
	fate_outside(c, m->room.jid);
	settle_later(c, m);
	request_begin(c, &w, "get", m->room.jid, on_settled, NULL);
	writer_leaf(&w, "query", NS_INFO, NULL);
	writer_end(&w);
}
