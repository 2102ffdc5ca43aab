/*
 * The commands about rooms.
 */
#include <stdlib.h>
#include <string.h>

#include "line/command.h"
#include "line/job.h"
#include "line/keep.h"
#include "line/muc.h"
#include "line/request.h"

#define NS_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_RSM	 "http://jabber.org/protocol/rsm"

static const char not_inside[] = "we are not in that room";

/*
 * The active contact as a room that we are in, or about to be; NULL after the
 * line was answered.
 */
static struct muc *
active_room(struct client *c)
{
	const char *jid = command_active(c);
	struct muc *m;

	if (jid == NULL || !command_online(c))
		return NULL;
	m = muc_inside(c, jid);
	if (m == NULL)
		job_error(c, jid, "not-acceptable", not_inside);
	return m;
}

/* Makes the line wait for the room M. */
static struct job *
wait_for(struct client *c, enum job_kind kind, const struct muc *m)
{
	struct job *job = job_wait(c, kind, !c->options.no_wait, MUC_SECONDS);

	job->subject = buf_strdup(m->room.jid);
	return job;
}

/* Presence to the occupant NICK of M: of TYPE (NULL: available). */
static void
presence(struct client *c, const struct muc *m, const char *nick,
    const char *type, const char *status)
{
	struct writer w;
	struct buf to;

	buf_init(&to, 2 * JID_SIZE);
	buf_addf(&to, "%s/%s", m->room.jid, nick);
	writer_init(&w, stream_out(c->stream));
	writer_open(&w, "presence", NULL);
	writer_attr(&w, "to", buf_str(&to));
	writer_attr(&w, "type", type);
	if (status != NULL && *status != '\0')
		writer_leaf(&w, "status", NULL, status);
	writer_end(&w);
	buf_clear(&to);
}

/* Sends what changes our nick in M to NICK (7.6). */
static void
change_nick(struct client *c, const struct muc *m, const char *nick)
{
	wait_for(c, JOB_NICK, m);
	presence(c, m, nick, NULL, c->status);
}

/* The JID that the first word of ARGS, N bytes of it, means to /join. */
static int
join_jid(struct client *c, const char *args, size_t n, char jid[JID_SIZE])
{
	const char *active;
	struct buf word;
	int result;

	if (n > 0 && *args != '/')
		return command_jid(c, args, n, jid);
	active = command_active(c);
	if (active == NULL)
		return -1;
	jid_bare(active, jid);
	if (n == 0)
		return 0;
	buf_init(&word, 2 * JID_SIZE + n);
	buf_adds(&word, jid);
	buf_add(&word, args, n);
	result = command_jid(c, buf_str(&word), buf_len(&word), jid);
	buf_clear(&word);
	return result;
}

static void
enter(struct client *c, const char *jid, const char *nick, const char *password)
{
	struct muc *m = muc_need(c, jid);
	char local[JID_SIZE];

	if (m->state == MUC_IN && !m->parting &&
	    (nick == NULL || strcmp(nick, m->room.nick) == 0)) {
		job_ok(c, m->room.jid, "we are in that room");
		return;
	}
	if (m->state == MUC_IN && !m->parting) {
		change_nick(c, m, nick);
		return;
	}
	if (nick == NULL)
		nick = muc_nick(c, jid, local);
	/* To enter twice would bring all that was said twice. */
	if (m->state == MUC_JOINING && m->parting != 1 &&
	    strcmp(nick, m->room.nick) == 0 &&
	    (password == NULL ||
		(m->password != NULL && strcmp(password, m->password) == 0))) {
		m->by_command = 1;
		wait_for(c, JOB_JOIN, m);
		return;
	}
	free(m->room.nick);
	m->room.nick = buf_strdup(nick);
	if (password != NULL) {
		buf_free_secret(m->password);
		m->password = buf_strdup(password);
	}
	m->by_command = 1;
	wait_for(c, JOB_JOIN, m);
	muc_enter(c, m);
}

/*
 * Whether BARE is somebody and no room: other clients put rooms into the
 * roster, and there only what people do tells them apart.
 */
static int
is_person(const struct client *c, const char *bare)
{
	const struct contact *contact = roster_find(&c->roster, bare);
	const struct user *u = keep_find(c, bare);

	if (client_is_self(c, bare))
		return 1;
	if (contact == NULL || (u != NULL && u->kind == USER_ROOM) ||
	    muc_find(c, bare) != NULL)
		return 0;
	return contact->resources != NULL || contact->sub == SUB_TO ||
	       contact->sub == SUB_BOTH;
}

void
command_join(struct client *c, const char *args)
{
	char jid[JID_SIZE], bare[JID_SIZE];
	char *password = NULL;
	size_t n;

	/* With nothing before a blank ROOM would be a password. */
	args += strspn(args, " ");
	n = strcspn(args, " ");
	if (join_jid(c, args, n, jid) == -1 || !command_online(c))
		return;
	jid_bare(jid, bare);
	if (strchr(bare, '@') == NULL) {
		job_error(c, bare, "bad-jid", "a room is NAME@SERVICE");
		return;
	}
	if (is_person(c, bare)) {
		job_error(c, bare, "policy", "that is no room but a person");
		return;
	}
	if (args[n + strspn(args + n, " ")] != '\0') {
		password = command_text(c, args + n + 1);
		if (password == NULL)
			return;
	}
	enter(c, bare, jid_resource(jid), password);
	buf_free_secret(password);
}

/* We will not enter M by ourselves; whether we would have. */
static int
stay_away(struct client *c, struct muc *m)
{
	int wanted = m->wanted;

	m->wanted = 0;
	return muc_keep_out(c, m) || wanted;
}

void
command_leave(struct client *c, const char *args)
{
	const char *jid = command_active(c);
	struct muc *m;
	char *reason;
	int wanted;

	if (jid == NULL || !command_online(c))
		return;
	m = muc_find(c, jid);
	if (m == NULL || (reason = command_text(c, args)) == NULL) {
		if (m == NULL)
			job_error(c, jid, "not-acceptable", not_inside);
		return;
	}
	wanted = stay_away(c, m);
	if (muc_inside(c, jid) != NULL) {
		m->parting = 1;
		wait_for(c, JOB_LEAVE, m);
		presence(c, m, m->room.nick, "unavailable", reason);
	} else if (wanted) {
		m->state = MUC_OUT;
		job_ok(c, m->room.jid, "it will not be entered again");
	} else {
		job_error(c, jid, "not-acceptable", not_inside);
	}
	free(reason);
}

void
command_nick(struct client *c, const char *args)
{
	char jid[JID_SIZE];
	struct muc *m;
	struct buf full;
	char *nick;

	if (*args == '\0') {
		command_usage(c, "nick");
		return;
	}
	m = active_room(c);
	if (m == NULL || (nick = command_text(c, args)) == NULL)
		return;
	buf_init(&full, 2 * JID_SIZE + strlen(nick));
	buf_addf(&full, "%s/%s", m->room.jid, nick);
	if (jid_parse(buf_str(&full), buf_len(&full), jid, NULL) == -1)
		job_error(c, m->room.jid, "bad-jid", "that can be no nick");
	else if (m->state != MUC_IN)
		job_error(
		    c, m->room.jid, "not-acceptable", "we are not in yet");
	else if (strcmp(jid_resource(jid), m->room.nick) == 0)
		job_ok(c, m->room.jid, "that is our nick");
	else
		change_nick(c, m, jid_resource(jid));
	buf_clear(&full);
	free(nick);
}

void
command_topic(struct client *c, const char *args)
{
	char id[NONCE_ID + 1];
	struct writer w;
	struct muc *m;
	char *text;

	if (*args == '\0') {
		command_usage(c, "topic");
		return;
	}
	m = active_room(c);
	if (m == NULL || (text = command_text(c, args)) == NULL)
		return;
	nonce_id(c->nonce, id);
	wait_for(c, JOB_TOPIC, m)->wait = buf_strdup(id);
	writer_init(&w, stream_out(c->stream));
	writer_open(&w, "message", NULL);
	writer_attr(&w, "to", m->room.jid);
	writer_attr(&w, "type", "groupchat");
	writer_attr(&w, "id", id);
	writer_open(&w, "subject", NULL);
	writer_text(&w, text, strlen(text));
	writer_end(&w);
	free(text);
}

/*
 * Behind the invitation goes a question that the room must answer: an error
 * comes before that answer, and nothing else does where all is well.
 */
static void
on_invited(struct client *c, struct job *job, const struct stanza *x)
{
	if (job == NULL)
		return;
	if (x == NULL)
		job_failed(c, job, "connection-lost", NULL);
	else
		job_done(c, job, NULL);
}

static void
invite(
    struct client *c, const struct muc *m, const char *jid, const char *reason)
{
	struct job *job = wait_for(c, JOB_REQUEST, m);
	char id[NONCE_ID + 1];
	struct writer w;

	nonce_id(c->nonce, id);
	job->wait = buf_strdup(id);
	writer_init(&w, stream_out(c->stream));
	writer_open(&w, "message", NULL);
	writer_attr(&w, "to", m->room.jid);
	writer_attr(&w, "id", id);
	writer_open(&w, "x", NS_MUC_USER);
	writer_open(&w, "invite", NULL);
	writer_attr(&w, "to", jid);
	if (*reason != '\0')
		writer_leaf(&w, "reason", NULL, reason);
	writer_end(&w);
	request_begin(c, &w, "get", m->room.jid, on_invited, job);
	writer_leaf(&w, "query", NS_INFO, NULL);
	writer_end(&w);
}

void
command_invite(struct client *c, const char *args)
{
	size_t n = strcspn(args, " ");
	char jid[JID_SIZE], *reason;
	struct muc *m;

	if (n == 0) {
		command_usage(c, "invite");
		return;
	}
	if (command_jid(c, args, n, jid) == -1)
		return;
	m = active_room(c);
	if (m == NULL)
		return;
	reason = command_text(c, args[n] == ' ' ? args + n + 1 : "");
	if (reason == NULL)
		return;
	invite(c, m, jid, reason);
	free(reason);
}

static int
item_event(struct client *c, const struct job *job, const struct stanza *item)
{
	const char *text = stanza_get(item, "jid");
	const char *name = stanza_get(item, "name");
	char jid[JID_SIZE];

	if (!stanza_is(item, "item", NS_ITEMS) || text == NULL ||
	    jid_parse(text, strlen(text), jid, NULL) == -1)
		return 0;
	event_begin(
	    &c->event, EVENT_INFO, jid, name, name == NULL ? 0 : strlen(name));
	event_set_number(&c->event, "line", (long long)job->line);
	event_end(&c->event);
	return 1;
}

/* What stands behind the page QUERY, of N items: its last one, or NULL. */
static const char *
next_page(const struct job *job, const struct stanza *query, long n)
{
	const struct stanza *set = stanza_child(query, "set", NS_RSM);
	const char *last = stanza_child_text(set, "last");
	const char *count = stanza_child_text(set, "count");

	if (n == 0 || last == NULL || *last == '\0')
		return NULL;
	if (job->wait != NULL)
		return strcmp(last, job->wait) == 0 ? NULL : last;
	return count != NULL && strtol(count, NULL, 10) <= n ? NULL : last;
}

static void on_items(struct client *c, struct job *job, const struct stanza *x);

/*
 * Asks for JOB's list, behind the item that job->wait calls: in pages, where
 * the service knows such (XEP-0059). One page for all but the largest: where
 * a service leaves out of a page what is not public, an empty page is the end.
 */
static void
ask_items(struct client *c, struct job *job)
{
	struct writer w;

	request_begin(c, &w, "get", job->subject, on_items, job);
	request_large(c);
	writer_open(&w, "query", NS_ITEMS);
	writer_open(&w, "set", NS_RSM);
	writer_leaf(&w, "max", NULL, "10000");
	if (job->wait != NULL)
		writer_leaf(&w, "after", NULL, job->wait);
	writer_end(&w);
}

/* One page came. */
static void
items(struct client *c, struct job *job, const struct stanza *query)
{
	const char *label = c->event.label, *next;
	const struct stanza *item;
	char *last;
	long n = 0;

	c->event.label = job->label;
	for (item = query == NULL ? NULL : query->child; item != NULL;
	     item = item->next)
		n += item_event(c, job, item);
	c->event.label = label;
	next = next_page(job, query, n);
	if (next == NULL) {
		job_done(c, job,
		    n == 0 && job->wait == NULL ? "nothing is listed" : NULL);
		return;
	}
	last = buf_strdup(next);
	free(job->wait);
	job->wait = last;
	ask_items(c, job);
}

static void
on_items(struct client *c, struct job *job, const struct stanza *x)
{
	const char *why;

	if (job == NULL)
		return;
	if (x == NULL) {
		job_failed(c, job, "connection-lost", NULL);
	} else if (strcmp(stanza_get(x, "type"), "result") == 0) {
		items(c, job, stanza_child(x, "query", NS_ITEMS));
	} else {
		why = stanza_error_text(x);
		job_failed(c, job, stanza_condition(x),
		    why == NULL ? "the server refused it" : why);
	}
}

void
command_rooms(struct client *c, const char *args)
{
	char jid[JID_SIZE];
	struct job *job;

	if (*args == '\0') {
		command_usage(c, "rooms");
		return;
	}
	if (command_jid(c, args, strlen(args), jid) == -1 || !command_online(c))
		return;
	job = job_wait(c, JOB_REQUEST, !c->options.no_wait, MUC_SECONDS);
	job->subject = buf_strdup(jid);
	ask_items(c, job);
}
