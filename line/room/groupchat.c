#include "line/room/room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/link.h"
#include "line/core/notice.h"
#include "line/core/request.h"
#include "line/disk/histories.h"
#include "line/disk/wishes.h"
#include "line/room/members.h"
#include "line/room/own_texts.h"
#include "line/room/told.h"
#include "line/talk/chat.h"
#include "line/talk/content.h"
#include "line/talk/delay.h"
#include "line/talk/duplicate.h"
#include "line/talk/encrypt.h"
#include "line/talk/fate.h"
#include "line/talk/mark.h"
#include "line/talk/omemo_talk.h"
#include "line/talk/omemo_xml.h"
#include "xmpp/mention.h"

#define NS_CORRECT "urn:xmpp:message-correct:0" /* XEP-0308 */

/* Returns the line that sent M the topic or invitation ID, or NULL. */
static struct answer *
find_sender(const struct client *c, const struct room *m, const char *id)
{
	struct answer *j;

	for (j = c->lines.answers; id != NULL && j != NULL; j = j->next)
		if ((j->kind == ANSWER_TOPIC || j->kind == ANSWER_REQUEST) &&
		    j->wait != NULL && strcmp(j->wait, id) == 0 &&
		    strcmp(j->subject, m->room.jid) == 0)
			return j;
	return NULL;
}

/* Takes the error X about a message of ours to M; returns 0 where it is not. */
static int
take_error(struct client *c, struct room *m, const struct stanza *x)
{
	const char *id = stanza_get(x, "id"), *why = stanza_error_text(x);
	const char *condition = stanza_condition(x);
	struct fate *f = fate_find_id(c, m->room.jid, id);
	struct answer *job = find_sender(c, m, id);

	if (why == NULL)
		why = event_sentence("bounced");
	if (f != NULL)
		fate_failed(c, f, condition, why);
	else if (job != NULL)
		answer_failed(c, job, condition, why);
	if (f == NULL && job == NULL)
		return 0;
	room_doubt(c, m, condition);
	return 1;
}

/* Writes the status codes of the room's own message X in words. */
static void
tell_message_codes(struct client *c, const char *from, const struct stanza *x)
{
	int codes[OCCUPANTS_CODES];
	size_t i, n = occupants_codes(x, codes);
	const char *words;

	for (i = 0; i < n; i++) {
		words = occupants_code_words(codes[i]);
		if (words != NULL && codes[i] < 300)
			client_info(c, from, words);
	}
}

/*
 * Returns the line that set the topic which FROM shows, or NULL. Its id would
 * not tell, since not all services keep ids.
 */
static struct answer *
find_topic_setter(
    const struct client *c, const struct room *m, const char *from)
{
	const char *nick = jid_resource(from);

	if (nick == NULL || strcmp(nick, m->room.nick) != 0)
		return NULL;
	return room_answer_find(c, ANSWER_TOPIC, m);
}

static void
take_topic(
    struct client *c, struct room *m, const char *from, const struct stanza *x)
{
	const char *text = stanza_child_text(x, "subject");
	struct answer *job = find_topic_setter(c, m, from);
	const char *before = m->room.topic == NULL ? "" : m->room.topic;
	int is_told = strcmp(before, text == NULL ? "" : text) == 0;
	struct delay delay;

	free(m->room.topic);
	m->room.topic = buf_strdup(text);
	m->room.settled = 1;
	event_begins(&c->event, EVENT_TOPIC, from, text);
	event_set(&c->event, "stamp", delay_stamp(c, x, &delay));
	event_set(
	    &c->event, "told", c->options.terminal && is_told ? "yes" : NULL);
	event_end(&c->event);
	if (job != NULL)
		answer_done(c, job, NULL);
	/* The topic ends the history, and this had not all that we sent; but
	 * the archive may. */
	if (!m->replaying)
		room_settled(c, m);
}

/*
 * Returns our message that M shows now as L, or NULL. It has the id that we
 * gave it, as id or as origin-id (XEP-0359); in a room that changes both, the
 * same text under our nick, which only another client of ours could have.
 */
static struct fate *
find_reflected(const struct client *c, struct room *m,
    const struct room_line *l, int history)
{
	const char *origin =
	    stanza_get(stanza_child(l->x, "origin-id", NS_SID), "id");
	struct fate *f = fate_find_id(c, m->room.jid, l->id);
	int ours = strcmp(l->nick, m->room.nick) == 0;

	if (f == NULL)
		f = fate_find_id(c, m->room.jid, origin);
	if (f != NULL && !ours && (!history || strcmp(l->nick, f->nick) != 0))
		return NULL;
	if (f != NULL) {
		m->ids = l->id != NULL && strcmp(l->id, f->id) == 0
			     ? ROOM_IDS_KEPT
			     : ROOM_IDS_CHANGED;
		return f;
	}
	if (!ours || origin != NULL ||
	    (m->ids == ROOM_IDS_KEPT && l->id != NULL))
		return NULL;
	f = fate_find_text(c, m->room.jid, l->text, l->len);
	if (f != NULL)
		m->ids = ROOM_IDS_CHANGED;
	return f;
}

/* Ends the event of L, which is IN; MENTIONED: it has our nick in it. */
static void
end_room_event(struct client *c, const struct incoming *in,
    const struct room_line *l, int mine, int history, int mentioned)
{
	const struct stanza *replace =
	    stanza_child(l->x, "replace", NS_CORRECT);

	event_set(&c->event, "mine", mine ? "yes" : "no");
	event_set(&c->event, "src", history ? "history" : "live");
	event_set(&c->event, "id", l->id);
	event_set(&c->event, "stamp", l->stamp);
	event_set(&c->event, "mention", mentioned ? "yes" : NULL);
	event_set(&c->event, "replaces", stanza_get(replace, "id"));
	event_set(&c->event, "subject", content_subject(l->x));
	mark_set_reply(c, l->x, l->text);
	event_set(&c->event, "url", content_url(l->x, l->text));
	incoming_set(c, in);
	event_end(&c->event);
}

/*
 * Counts what others said in M as unread, and notifies; NAMED: of our nick;
 * PAST: it was said while we were out, all of which causes one notification, or
 * one more if some of it names us.
 */
static void
note_news(
    struct client *c, struct room *m, const char *from, int named, int past)
{
	int level = named ? 2 : 1;

	chat_wrote(c, from);
	if (!past || m->noticed < level)
		notice_message(c, from, named ? "mention" : "room");
	if (past && m->noticed < level)
		m->noticed = level;
}

/* Another client of ours said something in the room of FROM since: what was
 * said before it there has been read. */
static void
note_read(struct client *c, const char *from)
{
	chat_read(c, from);
	notice_seen(c, from);
}

static int
has_delay(const struct stanza *x)
{
	const struct stanza *d;

	for (d = x->child; d != NULL; d = d->next)
		if (delay_is(d))
			return 1;
	return 0;
}

int
room_is_history(const struct room *m, const struct stanza *x)
{
	return !m->room.settled && has_delay(x);
}

/* Takes IN, a message with TEXT that an occupant, or M itself, sent to M. */
static void
take_groupchat(struct client *c, struct room *m, const struct incoming *in,
    const struct message_in *text)
{
	const struct stanza *x = in->x;
	const char *from = in->from;
	const struct room_told *told = NULL;
	struct room_line l = {.x = x,
	    .nick = jid_resource(from),
	    .id = stanza_get(x, "id"),
	    .text = text->text,
	    .len = text->len};
	int archived = in->way == INCOMING_ARCHIVE;
	int history, past, mine, news, named, known;
	struct fate *f = NULL;

	l.stamp = in->stamp;
	history = archived || room_is_history(m, x);
	past = archived || (history && m->returning);
	if (l.nick != NULL)
		f = find_reflected(c, m, &l, history);
	if (l.nick != NULL && history && !archived)
		told = room_told_find(m, &l);
	known = !archived && room_told_enter(c, m, &l);
	if (m->returning && history && !archived && f == NULL &&
	    (told != NULL || known || room_told_old(m, &l)))
		return;
	mine = f != NULL || (l.nick != NULL &&
				(history ? room_told_mine(c, m, &l, told)
					 : strcmp(l.nick, m->room.nick) == 0));
	news = !mine && !in->again && (!history || past);
	if (f != NULL)
		fate_shown(c, f);
	else if (!in->again && (!history || past))
		histories_in(
		    c, HISTORY_GROUPCHAT, from, l.text, l.len, text->enc);
	named = !mine && mention_found(l.text, l.len, m->room.nick);
	event_begin(&c->event, EVENT_ROOM, from, l.text, l.len);
	event_set(&c->event, "enc", text->enc);
	event_set(&c->event, "trust", text->trust);
	event_set(&c->event, "fp", text->fingerprint);
	end_room_event(c, in, &l, mine, history, named);
	if (l.nick != NULL && told == NULL)
		room_told_note(m, &l, mine);
	room_told_last(c, m, &l);
	if (news)
		note_news(c, m, from, named, past);
	else if (archived && f == NULL && !in->again)
		note_read(c, from);
}

void
room_decrypted(
    struct client *c, const struct incoming *in, const struct message_in *text)
{
	struct room *m = room_find(c, in->from);

	if (m != NULL && m->state >= ROOM_AGAIN)
		take_groupchat(c, m, in, text);
}

/*
 * Acks F, an encrypted message of ours, though the text of its echo IN is no
 * longer kept.
 */
static void
take_forgotten(struct client *c, const struct incoming *in, struct fate *f)
{
	event_begins(&c->event, EVENT_WARNING, in->from,
	    "the room shows an encrypted message of yours whose text is no "
	    "longer kept here: it was one of many");
	event_set(&c->event, "cause", "limit");
	event_set(&c->event, "enc", "omemo");
	event_set(&c->event, "id", f->id);
	incoming_set_sender(c, in);
	event_end(&c->event);
	fate_shown(c, f);
}

/*
 * Takes the echo IN of a message that we sent encrypted: it has no key for us.
 * Returns 0 if it is another.
 */
static int
take_echo(struct client *c, struct room *m, const struct incoming *in)
{
	const char *id = stanza_get(in->x, "id"),
		   *origin = stanza_get(
		       stanza_child(in->x, "origin-id", NS_SID), "id"),
		   *nick = jid_resource(in->from);
	struct message_in text = {.enc = "omemo"};
	struct own_text *own;
	struct fate *f;

	if (nick == NULL || strcmp(nick, m->room.nick) != 0)
		return 0;
	own = own_texts_take(c->own_texts, m->room.jid, id);
	if (own == NULL)
		own = own_texts_take(c->own_texts, m->room.jid, origin);
	if (own == NULL) {
		f = fate_find_id(c, m->room.jid, id);
		if (f == NULL)
			f = fate_find_id(c, m->room.jid, origin);
		if (f != NULL)
			take_forgotten(c, in, f);
		return f != NULL;
	}
	text.text = own->text;
	text.len = strlen(own->text);
	text.trust = own->trust;
	take_groupchat(c, m, in, &text);
	own_text_free(own);
	return 1;
}

/* Takes IN if it is encrypted by OMEMO, and we know who sent it. */
static int
take_encrypted(struct client *c, struct room *m, const struct incoming *in)
{
	const char *nick = jid_resource(in->from);
	const struct occupant *o;
	char jid[JID_SIZE];

	if (nick == NULL || stanza_child(in->x, "encrypted", NS_OMEMO) == NULL)
		return 0;
	if (take_echo(c, m, in))
		return 1;
	o = map_find(&m->room.occupants, nick);
	/* In the archive another may have had that nick. */
	if (in->way == INCOMING_ARCHIVE && room_told_jid(in->x, jid) == 0)
		return omemo_talk_group_message(c, in, jid);
	return o != NULL && o->jid != NULL &&
	       omemo_talk_group_message(c, in, o->jid);
}

int
room_message(struct client *c, const struct incoming *in)
{
	const struct stanza *x = in->x;
	const char *from = in->from, *type = stanza_get(x, "type");
	const struct stanza *body;
	struct room *m = room_find(c, from);
	struct message_in text = {0};
	int archived = in->way == INCOMING_ARCHIVE;

	if (type != NULL && strcmp(type, "error") == 0)
		return m != NULL && take_error(c, m, x);
	if (type == NULL || strcmp(type, "groupchat") != 0)
		return room_invited(c, from, x);
	/* After a failure the room may still have us in. */
	if (m == NULL || m->state < ROOM_AGAIN)
		return 1; /* We are not in this room. */
	m->heard = c->clock.mono;
	body = mark_is_fallback(x) ? NULL : content_body(x);
	/* Lines of text are known again by told.h, and those of the archive by
	 * the position in it. */
	if (body == NULL && !archived && duplicate_note(c, in, NULL))
		return 1;
	if (take_encrypted(c, m, in))
		return 1;
	if (content_is_unreadable(x) && body != NULL && !archived &&
	    duplicate_note(c, in, body))
		return 1;
	if (content_unreadable(c, in))
		return 1;
	mark_tell(c, in);
	if (body != NULL) {
		text.text = body->text;
		text.len = body->text_len;
		take_groupchat(c, m, in, &text);
	} else if (!archived && stanza_child_text(x, "subject") != NULL &&
		   stanza_child(x, "thread", NS_CLIENT) == NULL) {
		take_topic(c, m, from, x);
	} else { /* The subject of a thread is no topic (XEP-0045 8.1). */
		tell_message_codes(c, from, x);
		content_tell(c, in);
	}
	return 1;
}

/*
 * Sends LINE to the room JID, which we are in: the id of the message that it
 * corrects, or nothing; a newline; the text.
 */
static void
send_text(struct client *c, const char *jid, const char *line)
{
	struct room *m = room_find(c, jid);
	size_t front = strcspn(line, "\n"), n = strlen(line + front + 1);
	char id[NONCE_ID + 1], *original = buf_memdup(line, front);
	const char *text = line + front + 1;
	struct message_out plain = {.body = text, .len = n};

	plain.replaces = front == 0 ? NULL : original;
	nonce_id(c->nonce, id);
	if (message_put(c, m->room.jid, "groupchat", id, &plain) == -1) {
		answer_error(c, jid, "too-long", NULL);
	} else {
		fate_add_room(c, m->room.jid, m->room.nick, id, text, n);
		chat_sent(c, m->room.jid, id, plain.replaces);
		histories_out(c, m->room.jid, id, text, n, NULL);
		event_begin(&c->event, EVENT_SENT, m->room.jid, text, n);
		event_set_number(&c->event, "line", (long long)c->lines.line);
		event_set(&c->event, "id", id);
		event_set(&c->event, "enc", "none");
		event_set(&c->event, "replaces", plain.replaces);
		event_end(&c->event);
		answer_sent(c, id);
	}
	free(original);
}

void
room_send(struct client *c, const char *jid, const char *text, size_t n,
    const char *replaces)
{
	struct buf line;

	if (c->link.state != LINK_ONLINE) {
		answer_error(c, jid, "not-connected", NULL);
		return;
	}
	buf_init(&line, STANZA_MAX + n);
	buf_adds(&line, replaces == NULL ? "" : replaces);
	buf_addc(&line, '\n');
	buf_add(&line, text, n);
	room_when_in(c, jid, buf_str(&line),
	    wishes_find(c, jid)->how == OMEMO_WISH_OMEMO ? members_send
							 : send_text);
	buf_clear(&line);
}

void
room_set_topic(struct client *c, const char *jid, const char *text)
{
	const struct room *m = room_find(c, jid);
	char id[NONCE_ID + 1];
	struct writer w;

	nonce_id(c->nonce, id);
	room_answer_wait(c, ANSWER_TOPIC, m)->wait = buf_strdup(id);
	message_begin(c, &w, m->room.jid, "groupchat", id);
	writer_open(&w, "subject", NULL);
	writer_text(&w, text, strlen(text));
	writer_end(&w);
}

/*
 * Takes the answer to the question that follows an invitation. A refusal of the
 * invitation comes before it; if all is well, this is the only answer.
 */
static void
on_invited(struct client *c, struct answer *job, const struct stanza *x)
{
	if (job == NULL)
		return;
	if (x == NULL)
		answer_failed(c, job, "connection-lost", NULL);
	else
		answer_done(c, job, "the invitation is on its way");
}

void
room_invite(struct client *c, const char *jid, const char *invitee)
{
	const struct room *m = room_find(c, jid);
	struct answer *job = room_answer_wait(c, ANSWER_REQUEST, m);
	size_t n = strcspn(invitee, "\n");
	char *to = buf_memdup(invitee, n), id[NONCE_ID + 1];
	struct writer w;

	nonce_id(c->nonce, id);
	job->wait = buf_strdup(id);
	message_begin(c, &w, m->room.jid, NULL, id);
	writer_open(&w, "x", NS_MUC_USER);
	writer_open(&w, "invite", NULL);
	writer_attr(&w, "to", to);
	if (invitee[n + 1] != '\0')
		writer_leaf(&w, "reason", NULL, invitee + n + 1);
	writer_end(&w);
	free(to);
	request_begin(c, &w, "get", m->room.jid, on_invited, job);
	writer_leaf(&w, "query", NS_INFO, NULL);
	writer_end(&w);
}

int
room_private(const struct client *c, const char *to, const char *text, size_t n,
    struct message_out *result)
{
	const char *why;

	memset(result, 0, sizeof *result);
	if (room_inside(c, to) == NULL) {
		result->cause = "not-acceptable";
		why = room_not_inside;
	} else if (strcmp(jid_resource(to), room_find(c, to)->room.nick) == 0) {
		/* Such a text would come back, and a bot would answer itself.
		 */
		result->cause = "policy";
		why = "that is your own nick";
	} else {
		result->body = text;
		result->len = n;
		return encrypt_in_room(c, to, result);
	}
	snprintf(result->why, sizeof result->why, "%s", why);
	return -1;
}
