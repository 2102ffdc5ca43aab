#include "line/room/bookmark.h"
#include "line/room/room.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/request.h"
#include "line/disk/users.h"
#include "line/room/people.h"
#include "line/room/told.h"
#include "line/talk/fate.h"

/* A room that says no more than that we are out of it. */
static const struct occupants_change no_reason;

void
room_lost(struct client *c, const char *cause)
{
	struct room **all = room_all(c);
	int returns;
	size_t i;

	for (i = 0; all[i] != NULL; i++) {
		returns =
		    c->link.state != LINK_OFFLINE && room_returns(c, all[i]);
		fate_room_lost(c, all[i]->room.jid, cause, returns);
		all[i]->settle_at = 0;
		all[i]->archive = ROOM_ARCHIVE_UNKNOWN;
		if (!returns)
			room_answer_all(c, ANSWER_ENTRY, all[i], cause, NULL);
		occupants_leave(&all[i]->room);
		all[i]->state = ROOM_OUT;
		all[i]->parting = all[i]->renaming = 0;
	}
	free(all);
	answer_settle(c, ANSWER_JOIN, cause, NULL);
	answer_settle(c, ANSWER_LEAVE, NULL, NULL);
	answer_settle(c, ANSWER_NICK, cause, NULL);
	answer_settle(c, ANSWER_TOPIC, cause, NULL);
}

/* Executes the lines that wait until we are in M, if we are. */
static void
execute_waiting(struct client *c, struct room *m)
{
	struct answer *job;

	while (room_is_in(m) &&
	       (job = room_answer_find(c, ANSWER_ENTRY, m)) != NULL)
		answer_redo(c, job);
}

/*
 * Writes an event of TAG about PEER: WORDS, then who did it and why, as CHANGE
 * (NULL: unknown) has it.
 */
static void
tell_change(struct client *c, enum event_tag tag, const char *peer,
    const char *words, const struct occupants_change *change)
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

/*
 * Returns whether CHANGE says nothing that a person does not know: what was
 * told before, or our own presence, of which /status tells.
 */
static int
is_told(const struct occupants_change *change)
{
	return change->show != SHOW_OFFLINE && !change->new_rank &&
	       (change->self || !change->new_presence);
}

/*
 * Writes the event of CHANGE. With ENTERING it is one of those by which the
 * room tells who is there; a terminal has one row for all of them.
 */
static void
member_event(struct client *c, const char *from,
    const struct occupants_change *change, int entering)
{
	size_t i;

	event_begins(&c->event, EVENT_MEMBER, from, change->status);
	event_set(&c->event, "show", roster_show_name(change->show));
	event_set(&c->event, "role", occupant_role_name(change->role));
	event_set(&c->event, "affiliation",
	    occupant_affiliation_name(change->affiliation));
	event_set(&c->event, "jid", *change->jid == '\0' ? NULL : change->jid);
	for (i = 0; i < change->code_count; i++)
		event_set_number(&c->event, "code", change->codes[i]);
	event_set(&c->event, "nick", change->new_nick);
	event_set(&c->event, "entering",
	    entering && c->options.terminal ? "yes" : NULL);
	event_set(&c->event, "told",
	    c->options.terminal && is_told(change) ? "yes" : NULL);
	event_end(&c->event);
}

#define NICKS_TOLD 50 /* of those who are there, in one row */

static int
compare_nicks(const void *a, const void *b)
{
	return strcmp((*(const struct occupant *const *)a)->nick,
	    (*(const struct occupant *const *)b)->nick);
}

/* Returns 1 if a line of text goes to everybody in M. */
static int
is_active(const struct client *c, const struct room *m)
{
	const char *active = people_active(c);

	return active != NULL && strcmp(active, m->room.jid) == 0;
}

/*
 * Tells a person that we are in M, which IS_NEW, and who else is. To enter a
 * room does not make it active, as the person may have been about to say
 * something elsewhere.
 */
static void
tell_entered(struct client *c, const struct room *m, int is_new)
{
	void **all = map_values(&m->room.occupants);
	size_t i, n = m->room.occupants.count, others = 0;
	const struct occupant *o;
	struct buf text;

	qsort(all, n, sizeof *all, compare_nicks);
	buf_init(&text, STANZA_MAX);
	buf_addf(&text, "you are in this room%s as %s; ",
	    is_new ? ", which is new," : "", m->room.nick);
	for (i = 0; i < n; i++) {
		o = all[i];
		if (strcmp(o->nick, m->room.nick) == 0)
			continue;
		if (others < NICKS_TOLD)
			buf_addf(&text, "%s%s",
			    others == 0 ? "with you: " : ", ", o->nick);
		others++;
	}
	if (others == 0)
		buf_adds(&text, "nobody else is here");
	if (others > NICKS_TOLD)
		buf_addf(&text, " and %zu others", others - NICKS_TOLD);
	if (m->by_command && !is_active(c, m))
		buf_addf(&text, "; /go %s lets you talk here", m->room.jid);
	client_info(c, m->room.jid, buf_str(&text));
	buf_clear(&text);
	free(all);
}

/* Writes the status codes of CHANGE in words, unless its event says it all. */
static void
tell_change_codes(
    struct client *c, const char *from, const struct occupants_change *change)
{
	const char *words;
	int left = change->show == SHOW_OFFLINE;
	size_t i;

	for (i = 0; i < change->code_count; i++) {
		words = occupants_code_words(change->codes[i]);
		/* A code that says how things are is news only as we enter. */
		if (words == NULL || (change->codes[i] >= 300) != left ||
		    (change->codes[i] == 201 && c->options.terminal) ||
		    (!left && !change->joined))
			continue;
		/* Services add 307 to 333 for clients that know only that. */
		if (change->codes[i] == 307 && occupants_has_code(change, 333))
			continue;
		tell_change(c,
		    left && change->self ? EVENT_WARNING : EVENT_INFO, from,
		    words, left ? change : NULL);
	}
}

/* Answers JOB by ok, once U is stored; NULL: nothing was changed. */
static void
answer_stored(struct client *c, const struct user *u, struct answer *job)
{
	if (u != NULL)
		users_answer(c, u, job, NULL);
	else
		answer_done(c, job, NULL);
}

/*
 * Answers the lines that wait until we are in M, once U is stored (NULL:
 * nothing was changed). For those that want another nick M is asked.
 */
static void
answer_joins(struct client *c, struct room *m, const struct user *u)
{
	struct answer *job;

	if (u != NULL && room_answer_find(c, ANSWER_JOIN, m) == NULL)
		users_noted(c, u);
	/* Each is answered or, for now, waits for something else. */
	while ((job = room_answer_find(c, ANSWER_JOIN, m)) != NULL) {
		if (job->wait == NULL || strcmp(job->wait, m->room.nick) == 0) {
			answer_stored(c, u, job);
			continue;
		}
		if (u != NULL)
			users_noted(c, u);
		job->kind = ANSWER_NICK;
		m->renaming = 1;
		room_request_nick(c, m, job->wait);
	}
}

static void
set_kept_nick(struct user *u, const struct room *m)
{
	free(u->nick);
	u->nick = buf_strdup(m->room.nick);
}

/* M let us in. If /join asked for it, keeps the nick and the password. */
static void
handle_joined(struct client *c, struct room *m)
{
	struct user *u = m->by_command && !c->options.no_rooms
			     ? users_room(c, m->room.jid)
			     : NULL;

	if (m->by_command)
		bookmark_note(c, m, 1);
	m->state = ROOM_IN;
	m->wanted = 1;
	m->by_command = 0;
	m->entered_at = c->clock.mono;
	room_told_in(c, m);
	room_listen(c, m);
	if (u != NULL) {
		set_kept_nick(u, m);
		buf_free_secret(u->password);
		u->password = buf_strdup(m->password);
		u->autojoin = 1;
	}
	answer_joins(c, m, u);
	room_tell_entered(c, m);
	execute_waiting(c, m);
}

static void
on_unlocked(struct client *c, struct answer *job, const struct stanza *x)
{
	struct room *m = x == NULL ? NULL : room_sender(c, x);

	(void)job;
	if (m == NULL)
		return;
	if (strcmp(stanza_get(x, "type"), "error") == 0)
		room_warn(c, m, "others may not enter the room yet", NULL);
	/* There was no room when we asked for its archive. */
	if (m->state == ROOM_IN && m->archive == ROOM_ARCHIVE_NONE)
		room_ask_archive(c, m);
}

/* Entering made M: accepts its default settings, which lets others in
 * (XEP-0045 10.1.2). */
static void
unlock_room(struct client *c, const struct room *m)
{
	struct writer w;

	request_begin(c, &w, "set", m->room.jid, on_unlocked, NULL);
	writer_open(&w, "query", NS_MUC_OWNER);
	writer_open(&w, "x", NS_DATA);
	writer_attr(&w, "type", "submit");
	writer_end(&w);
}

/*
 * Returns 1 where JOB waits for the nick that we have in M since CHANGE, or the
 * room has chosen one itself (code 210).
 */
static int
is_renamed(const struct room *m, const struct answer *job,
    const struct occupants_change *change)
{
	return job->kind == ANSWER_NICK &&
	       strcmp(job->subject, m->room.jid) == 0 &&
	       (strcmp(job->wait, m->room.nick) == 0 ||
		   occupants_has_code(change, 210));
}

/* Our presence in M came again, which answers the lines that want our nick. */
static void
handle_renamed(
    struct client *c, struct room *m, const struct occupants_change *change)
{
	struct user *u = users_find_room(c, m->room.jid);
	struct answer *job, *next;
	int count = 0;

	for (job = c->lines.answers; job != NULL; job = next) {
		next = job->next;
		if (!is_renamed(m, job, change))
			continue;
		if (u != NULL && count == 0)
			set_kept_nick(u, m);
		count++;
		answer_stored(c, u, job);
	}
	if (count == 0)
		return;
	m->renaming = 0;
	execute_waiting(c, m);
}

/* Returns 1 where CHANGE says why we are out of the room. */
static int
has_reason(const struct occupants_change *change)
{
	size_t i;

	for (i = 0; i < change->code_count; i++)
		if (change->codes[i] >= 300)
			return 1;
	return change->destroyed;
}

/* Returns 1 where we are out as something broke down, or for no known reason.
 */
static int
is_failure(const struct occupants_change *change)
{
	return occupants_has_code(change, 332) ||
	       occupants_has_code(change, 333) || !has_reason(change);
}

/* We are out of M, as CHANGE says. */
static void
handle_left(
    struct client *c, struct room *m, const struct occupants_change *change)
{
	static const char why[] = "the room sent you out";
	int parting = has_reason(change) ? 0 : m->parting;

	m->parting = m->renaming = 0;
	m->state = parting == 2 ? ROOM_JOINING : ROOM_OUT;
	if (parting == 1 && m->wanted)
		m->state = ROOM_HIDDEN;
	/* If we were thrown out we stay out; after a failure we return. */
	else if (parting == 0 && !is_failure(change))
		m->wanted = 0;
	if (change->destroyed) /* Entering it would make it anew. */
		room_keep_out(c, m);
	room_answer_all(c, ANSWER_LEAVE, m, NULL, NULL);
	room_answer_all(c, ANSWER_NICK, m, "not-acceptable", why);
	room_answer_all(c, ANSWER_TOPIC, m, "not-acceptable", why);
	if (m->state == ROOM_JOINING)
		return;
	room_answer_all(c, ANSWER_JOIN, m, "not-acceptable", why);
	if (parting == 0 && room_returns(c, m)) {
		room_again(c, m);
		return;
	}
	room_answer_all(c, ANSWER_ENTRY, m, "not-acceptable", why);
	if (!m->wanted)
		room_told_end(m);
	room_settle(c, m);
}

/* Returns 1 where X answers the presence that entered M, or left it again. */
static int
is_entry(const struct room *m, const struct stanza *x)
{
	const char *id = stanza_get(x, "id");

	return id != NULL && *m->entry != '\0' && strcmp(id, m->entry) == 0;
}

/*
 * Returns 1 where the error X from FROM is about our presence in M. Not every
 * service puts the nick or the id into it; but an error to our bare JID, or
 * with another id, is about something else, such as a subscription.
 */
static int
is_refusal(const struct room *m, const char *from, const struct stanza *x)
{
	const char *nick = jid_resource(from), *to = stanza_get(x, "to");

	if (is_entry(m, x))
		return 1;
	if (nick != NULL)
		return m->state != ROOM_JOINING ||
		       strcmp(nick, m->room.nick) == 0;
	return stanza_get(x, "id") == NULL &&
	       (to == NULL || jid_resource(to) != NULL);
}

/* Returns 1 where the error X may be over if we try again later. */
static int
is_temporary(const struct stanza *x)
{
	static const char all[] = " internal-server-error "
				  "remote-server-not-found "
				  "remote-server-timeout resource-constraint "
				  "service-unavailable ";
	const char *type = stanza_get(stanza_child(x, "error", x->ns), "type");

	return strstr(all, stanza_condition(x)) != NULL ||
	       (type != NULL && strcmp(type, "wait") == 0);
}

/*
 * M does not let us in under our nick. Tries the nick that a line behind wants;
 * returns 0 where there is none such.
 */
static int
enter_with_other_nick(struct client *c, struct room *m)
{
	struct answer *job = room_answer_find(c, ANSWER_JOIN, m);

	if (job == NULL || job->wait == NULL)
		return 0;
	free(m->room.nick);
	m->room.nick = job->wait;
	job->wait = NULL;
	room_enter(c, m);
	return 1;
}

/* Answers the lines of KIND that M has refused by X, or else warns. */
static void
tell_refusal(struct client *c, struct room *m, enum answer_kind kind,
    const struct stanza *x, const char *why)
{
	if (room_answer_find(c, kind, m) != NULL)
		room_answer_all(c, kind, m, stanza_condition(x), why);
	else
		room_warn(c, m, why, stanza_condition(x));
}

/* M does not let us in, by the error X, for WHY. */
static void
handle_refused_entry(
    struct client *c, struct room *m, const struct stanza *x, const char *why)
{
	int by_command = m->by_command;

	room_restore_password(c, m);
	m->state = ROOM_OUT;
	m->wanted = m->wanted && !by_command;
	m->by_command = m->parting = 0;
	room_answer_all(c, ANSWER_LEAVE, m, NULL, NULL);
	if (!is_entry(m, x)) /* M may have let us in nevertheless. */
		room_part(c, m);
	tell_refusal(c, m, ANSWER_JOIN, x, why);
	room_answer_all(c, ANSWER_ENTRY, m, stanza_condition(x), why);
	if (room_returns(c, m) && is_temporary(x))
		room_again(c, m);
	else
		room_settle(c, m);
}

/* M refuses a presence of ours by X, for WHY, although we are in it. */
static void
handle_refused_inside(
    struct client *c, struct room *m, const struct stanza *x, const char *why)
{
	int renames = room_answer_find(c, ANSWER_NICK, m) != NULL;

	tell_refusal(c, m, ANSWER_NICK, x, why);
	m->renaming = 0;
	if (!renames && is_temporary(x))
		handle_left(c, m, &no_reason);
	else if (strcmp(stanza_condition(x), "item-not-found") == 0)
		room_enter(c, m);
	execute_waiting(c, m);
}

/* M refuses our presence by X from FROM: entering, a nick, or leaving. */
static void
handle_refusal(
    struct client *c, struct room *m, const char *from, const struct stanza *x)
{
	const char *condition = stanza_condition(x), *nick;
	const char *text = stanza_error_text(x);
	int joining = m->state == ROOM_JOINING;
	struct buf why;

	if (!joining && m->parting &&
	    room_answer_find(c, ANSWER_NICK, m) == NULL) {
		occupants_leave(&m->room);
		handle_left(c, m, &no_reason);
		return;
	}
	if (strcmp(condition, "conflict") == 0) {
		nick = jid_resource(from);
		free(m->taken);
		m->taken = buf_strdup(nick == NULL ? m->room.nick : nick);
	}
	if (joining && enter_with_other_nick(c, m))
		return;
	buf_init(&why, STANZA_MAX);
	buf_adds(&why, occupants_refusal(condition, !joining));
	if (text != NULL)
		buf_addf(&why, ": %s", text);
	if (joining)
		handle_refused_entry(c, m, x, buf_str(&why));
	else
		handle_refused_inside(c, m, x, buf_str(&why));
	buf_clear(&why);
}

int
room_presence(struct client *c, const char *from, const struct stanza *x)
{
	const char *type = stanza_get(x, "type"), *nick = jid_resource(from);
	struct room *m = room_find(c, from);
	struct occupants_change change;
	int entering;

	if (m == NULL) /* A dropped room may answer late. */
		return stanza_child(x, "x", NS_MUC_USER) != NULL;
	if (type != NULL && strcmp(type, "error") == 0) {
		if (room_inside(c, from) == NULL)
			return is_entry(m, x); /* We gave up entering. */
		if (!is_refusal(m, from, x))
			return 0;
		handle_refusal(c, m, from, x);
		return 1;
	}
	if (type != NULL && strcmp(type, "unavailable") != 0)
		return 0;
	/* The room's own presence, such as a picture, or one that is late. */
	if (nick == NULL || room_inside(c, from) == NULL)
		return 1;
	m->heard = c->clock.mono;
	occupants_presence(&m->room, nick, x, &change);
	entering = m->state == ROOM_JOINING && change.show != SHOW_OFFLINE;
	member_event(c, from, &change, entering);
	tell_change_codes(c, from, &change);
	if (change.destroyed)
		tell_change(c, EVENT_WARNING, m->room.jid,
		    "the room was destroyed", &change);
	if (change.self && occupants_has_code(&change, 201))
		unlock_room(c, m);
	if (change.joined && c->options.terminal)
		tell_entered(c, m, occupants_has_code(&change, 201));
	if (change.joined)
		handle_joined(c, m);
	else if (change.self && change.show != SHOW_OFFLINE)
		handle_renamed(c, m, &change);
	if (change.self && change.show == SHOW_OFFLINE &&
	    change.new_nick == NULL)
		handle_left(c, m, &change);
	return 1;
}
