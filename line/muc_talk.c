#include "line/muc_talk.h"

#include <stdlib.h>
#include <string.h>

#include "line/archive.h"
#include "line/job.h"
#include "line/message.h"
#include "line/notice.h"
#include "line/receive.h"
#include "line/request.h"
#include "line/wait.h"

static void
said_free(struct muc_said *s)
{
	free(s->label);
	free(s);
}

void
muc_said_clear(struct muc *m)
{
	struct muc_said *next;

	for (; m->said != NULL; m->said = next) {
		next = m->said->next;
		said_free(m->said);
	}
}

/* Takes the message ID out of what M has said; NULL: it is not there. */
static struct muc_said *
take(struct client *c, struct muc *m, const char *id)
{
	struct muc_said **at, *s;

	for (at = &m->said; id != NULL && *at != NULL; at = &(*at)->next) {
		s = *at;
		if (strcmp(s->id, id) != 0)
			continue;
		*at = s->next;
		c->rooms_open--;
		return s;
	}
	return NULL;
}

/* Writes the fate TAG of S; CAUSE and WHY NULL for `acked`. */
static void
fate(struct client *c, const struct muc *m, struct muc_said *s,
    enum event_tag tag, const char *cause, const char *why)
{
	const char *label = c->event.label;

	c->event.label = s->label;
	event_begin(
	    &c->event, tag, m->room.jid, why, why == NULL ? 0 : strlen(why));
	event_set_number(&c->event, "line", (long long)s->line);
	event_set(&c->event, "id", s->id);
	if (cause != NULL) {
		event_set(&c->event, "cause", cause);
		job_note_error(c, cause, why);
	}
	event_end(&c->event);
	c->event.label = label;
	said_free(s);
}

void
muc_forget(struct client *c, struct muc *m, const char *cause)
{
	struct muc_said *s;

	while ((s = m->said) != NULL) {
		m->said = s->next;
		c->rooms_open--;
		if (c->resume.known && s->number > c->resume.acked)
			fate(c, m, s, EVENT_FAILED, cause,
			    "the server did not have it");
		else
			fate(c, m, s, EVENT_UNKNOWN, cause,
			    "the connection ended before the room showed it");
	}
}

void
muc_dropped(struct client *c, uint64_t number)
{
	struct muc **all = muc_all(c);
	struct muc_said *s;
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		for (s = all[i]->said; s != NULL; s = s->next)
			s->number -= s->number > number;
	free(all);
}

/* Of what was under way as we were out of M no fate will come any more. */
static void
give_up(struct client *c, struct muc *m)
{
	struct muc_said **at = &m->said, *s;

	while ((s = *at) != NULL) {
		if (!s->outside) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		c->rooms_open--;
		fate(c, m, s, EVENT_UNKNOWN, "not-acceptable",
		    "we were out of the room before it showed it");
	}
}

static void
on_settled(struct client *c, struct job *job, const struct stanza *x)
{
	const char *from = stanza_get(x, "from");
	struct muc *m = NULL;
	char jid[JID_SIZE];

	(void)job;
	if (from != NULL && jid_parse(from, strlen(from), jid, NULL) == 0)
		m = muc_find(c, jid);
	if (m != NULL)
		give_up(c, m);
}

void
muc_settle(struct client *c, struct muc *m)
{
	struct muc_said *s;
	struct writer w;

	if (m->said == NULL || c->link != LINK_ONLINE)
		return;
	for (s = m->said; s != NULL; s = s->next)
		s->outside = 1;
	c->rooms_until = c->mono + MUC_SECONDS * 1000;
	request_begin(c, &w, "get", m->room.jid, on_settled, NULL);
	writer_leaf(&w, "query", NS_INFO, NULL);
	writer_end(&w);
}

void
muc_tick(struct client *c)
{
	struct muc **all;
	size_t i;

	if (c->rooms_until == 0 || c->rooms_until > c->mono)
		return;
	c->rooms_until = 0;
	all = muc_all(c);
	for (i = 0; all[i] != NULL; i++)
		give_up(c, all[i]);
	free(all);
}

/* The line that sent M the message ID, a topic or an invitation, or NULL. */
static struct job *
sender_job(const struct client *c, const struct muc *m, const char *id)
{
	struct job *j;

	for (j = c->jobs; id != NULL && j != NULL; j = j->next)
		if ((j->kind == JOB_TOPIC || j->kind == JOB_REQUEST) &&
		    j->wait != NULL && strcmp(j->wait, id) == 0 &&
		    strcmp(j->subject, m->room.jid) == 0)
			return j;
	return NULL;
}

/* An error about something of ours; 0: about nothing that is known. */
static int
bounced(struct client *c, struct muc *m, const struct stanza *x)
{
	const char *id = stanza_get(x, "id"), *why = stanza_error_text(x);
	const char *condition = stanza_condition(x);
	struct muc_said *s = take(c, m, id);
	struct job *job = sender_job(c, m, id);

	if (why == NULL)
		why = event_sentence("bounced");
	if (s != NULL)
		fate(c, m, s, EVENT_FAILED, condition, why);
	else if (job != NULL)
		job_failed(c, job, condition, why);
	if (s != NULL || job != NULL)
		muc_doubt(c, m, condition);
	return s != NULL || job != NULL;
}

/* The codes of a message of the room itself, in words. */
static void
tell_codes(struct client *c, const char *from, const struct stanza *x)
{
	int codes[ROOM_CODES];
	size_t i, n = room_codes(x, codes);
	const char *words;

	for (i = 0; i < n; i++) {
		words = room_code_words(codes[i]);
		if (words != NULL && codes[i] < 300)
			client_info(c, from, words);
	}
}

/* The line that set the topic which FROM shows; ids are not always kept. */
static struct job *
topic_job(const struct client *c, const struct muc *m, const char *from)
{
	const char *nick = jid_resource(from);
	struct job *j;

	if (nick == NULL || strcmp(nick, m->room.nick) != 0)
		return NULL;
	for (j = c->jobs; j != NULL; j = j->next)
		if (j->kind == JOB_TOPIC &&
		    strcmp(j->subject, m->room.jid) == 0)
			return j;
	return NULL;
}

static void
topic(struct client *c, struct muc *m, const char *from, const struct stanza *x)
{
	const char *text = stanza_child_text(x, "subject");
	struct job *job = topic_job(c, m, from);
	int offline;

	free(m->room.topic);
	m->room.topic = buf_strdup(text);
	m->room.settled = 1;
	event_begin(&c->event, EVENT_TOPIC, from, text, strlen(text));
	event_set(&c->event, "stamp", receive_delay(c, x, &offline));
	event_end(&c->event);
	if (job != NULL)
		job_done(c, job, NULL);
}

static void
said(struct client *c, struct muc *m, const char *from, const struct stanza *x)
{
	const struct stanza *body = stanza_child(x, "body", NS_CLIENT);
	const char *id = stanza_get(x, "id"), *nick = jid_resource(from);
	int history, mine, offline;
	struct muc_said *s = NULL;

	/* What is old comes before the topic (7.2.15), what comes after it is
	 * new, whatever delay somebody wrote into it. */
	history =
	    !m->room.settled && stanza_child(x, "delay", NS_DELAY) != NULL;
	if (nick != NULL && strcmp(nick, m->room.nick) == 0 && !history)
		s = take(c, m, id);
	mine = s != NULL;
	if (s != NULL)
		fate(c, m, s, EVENT_ACKED, NULL, NULL);
	if (!mine && !history)
		archive_in(
		    c, HISTORY_GROUPCHAT, from, body->text, body->text_len, 0);
	event_begin(&c->event, EVENT_ROOM, from, body->text, body->text_len);
	event_set(&c->event, "mine", mine ? "yes" : "no");
	event_set(&c->event, "src", history ? "history" : "live");
	event_set(&c->event, "id", id);
	event_set(&c->event, "stamp", receive_delay(c, x, &offline));
	event_end(&c->event);
	if (!mine && !history &&
	    (c->active == NULL || !jid_same_bare(c->active, from)))
		client_chat(c, from)->unread++;
	if (!mine && !history)
		notice_message(c, from);
}

/* From a room, or somebody in it to us alone (7.5): never encrypted. */
static int private(struct client *c, const char *from, const struct stanza *x)
{
	const struct stanza *body = stanza_child(x, "body", NS_CLIENT);
	struct receive_text text = {0};

	if (body == NULL)
		return 0;
	text.text = body->text;
	text.len = body->text_len;
	receive_text(c, from, x, &text);
	return 1;
}

static void
invite_event(struct client *c, const char *from, const char *room,
    const char *reason, const char *password)
{
	char jid[JID_SIZE];

	if (room == NULL || jid_parse(room, strlen(room), jid, NULL) == -1 ||
	    jid_resource(jid) != NULL)
		return;
	event_begin(&c->event, EVENT_INVITE, from, reason,
	    reason == NULL ? 0 : strlen(reason));
	event_set(&c->event, "room", jid);
	event_set(&c->event, "password", password);
	event_end(&c->event);
}

/* The answer to an invitation of ours (7.8.2), of which the room tells. */
static void
declined(struct client *c, const char *room, const struct stanza *decline)
{
	const char *by = stanza_get(decline, "from");
	const char *reason = stanza_child_text(decline, "reason");
	char jid[JID_SIZE];
	struct buf text;

	if (by == NULL || jid_parse(by, strlen(by), jid, NULL) == -1)
		return;
	buf_init(&text, STANZA_MAX + 2 * JID_SIZE);
	buf_addf(&text, "will not come to %s", room);
	if (reason != NULL && *reason != '\0')
		buf_addf(&text, ": %s", reason);
	client_info(c, jid, buf_str(&text));
	buf_clear(&text);
}

/* An invitation, by the room (7.8.2) or direct (XEP-0249); 0: it is none. */
static int
invited(struct client *c, const char *from, const struct stanza *x)
{
	const struct stanza *user = stanza_child(x, "x", NS_MUC_USER);
	const struct stanza *invite = stanza_child(user, "invite", NS_MUC_USER);
	const struct stanza *decline =
	    stanza_child(user, "decline", NS_MUC_USER);
	const struct stanza *direct = stanza_child(x, "x", NS_CONFERENCE);
	const char *by = stanza_get(invite, "from");
	int room = jid_resource(from) == NULL;
	char jid[JID_SIZE];

	if (decline != NULL && room && muc_inside(c, from) != NULL) {
		declined(c, from, decline);
		return 1;
	}
	if (invite != NULL && room) {
		/* The room says who; where it does not, it is the inviter. */
		if (by == NULL || jid_parse(by, strlen(by), jid, NULL) == -1)
			memcpy(jid, from, strlen(from) + 1);
		invite_event(c, jid, from, stanza_child_text(invite, "reason"),
		    stanza_child_text(user, "password"));
		return 1;
	}
	if (direct == NULL)
		return 0;
	invite_event(c, from, stanza_get(direct, "jid"),
	    stanza_get(direct, "reason"), stanza_get(direct, "password"));
	/* Words that stand beside it are a message. */
	return stanza_child(x, "body", NS_CLIENT) == NULL;
}

int
muc_message(struct client *c, const char *from, const struct stanza *x)
{
	const char *type = stanza_get(x, "type");
	struct muc *m = muc_find(c, from);

	if (type != NULL && strcmp(type, "error") == 0)
		return m != NULL && bounced(c, m, x);
	if (type == NULL || strcmp(type, "groupchat") != 0) {
		if (invited(c, from, x))
			return 1;
		return m != NULL && private(c, from, x);
	}
	if (muc_inside(c, from) == NULL)
		return 1; /* of a room that we are not in */
	if (stanza_child(x, "body", NS_CLIENT) != NULL)
		said(c, m, from, x);
	else if (stanza_child_text(x, "subject") != NULL)
		topic(c, m, from, x);
	else
		tell_codes(c, from, x);
	return 1;
}

static void
remember(struct client *c, struct muc *m, const char *id)
{
	struct muc_said *s = buf_alloc(sizeof *s), **at;

	memcpy(s->id, id, sizeof s->id);
	s->line = c->line;
	s->label = buf_strdup(c->label);
	s->number = stream_sent(c->stream);
	for (at = &m->said; *at != NULL; at = &(*at)->next)
		;
	*at = s;
	c->rooms_open++;
}

void
muc_send(struct client *c, const char *jid, const char *text, size_t n)
{
	struct muc *m = muc_inside(c, jid);
	struct encrypt_result plain = {.body = text, .len = n};
	char id[NONCE_ID + 1];

	if (c->link != LINK_ONLINE || m == NULL) {
		if (c->link != LINK_ONLINE)
			job_error(c, jid, "not-connected", NULL);
		else
			job_error(c, jid, "not-acceptable",
			    "we are not in that room");
		wait_reset(c, NULL);
		return;
	}
	nonce_id(c->nonce, id);
	if (message_put(c, m->room.jid, "groupchat", id, &plain) == -1) {
		job_error(c, jid, "too-long", NULL);
		wait_reset(c, NULL);
		return;
	}
	remember(c, m, id);
	archive_out(c, m->room.jid, id, text, n, 0);
	event_begin(&c->event, EVENT_SENT, m->room.jid, text, n);
	event_set_number(&c->event, "line", (long long)c->line);
	event_set(&c->event, "id", id);
	event_set(&c->event, "enc", "none");
	event_end(&c->event);
	c->answered = 1;
	wait_reset(c, id);
}

int
muc_private(const struct client *c, const char *to, const char *text, size_t n,
    struct encrypt_result *result)
{
	unsigned policies, versions;

	memset(result, 0, sizeof *result);
	if (muc_inside(c, to) == NULL) {
		result->cause = "not-acceptable";
		result->why = "we are not in that room";
		return -1;
	}
	encrypt_policy(c, to, &policies, &versions);
	if (policies & OTR_REQUIRE_ENCRYPTION) {
		result->cause = "policy";
		result->why = "encryption is required, and there is none for "
			      "the people in a room";
		return -1;
	}
	result->body = text;
	result->len = n;
	return 0;
}
