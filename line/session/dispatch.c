#include "line/session/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/link.h"
#include "line/core/notice.h"
#include "line/core/request.h"
#include "line/room/room.h"
#include "line/session/block.h"
#include "line/session/copies.h"
#include "line/session/replay.h"
#include "line/talk/archive.h"
#include "line/talk/chat.h"
#include "line/talk/content.h"
#include "line/talk/duplicate.h"
#include "line/talk/encrypt.h"
#include "line/talk/fate.h"
#include "line/talk/mark.h"
#include "line/talk/omemo_talk.h"
#include "line/talk/omemo_task.h"
#include "line/talk/receipt.h"
#include "xmpp/caps.h"

/*
 * The sender of X into JID, our own account where none is named (RFC 6120
 * 8.1.2.1). What is no JID cannot be a PEER: it is told, with what it brought.
 */
static int
sender(struct client *c, const struct stanza *x, char jid[JID_SIZE])
{
	static const char why[] = "a stanza came from an invalid JID";
	const char *from = stanza_get(x, "from");

	if (from == NULL) {
		jid_bare(c->self.jid, jid);
		return 0;
	}
	if (jid_parse(from, strlen(from), jid, NULL) == 0)
		return 0;
	event_begins(&c->event, EVENT_WARNING, NULL, why);
	event_set(&c->event, "from", from);
	event_set(&c->event, "stanza", x->name);
	event_set(&c->event, "body", stanza_child_text(x, "body"));
	event_set(&c->event, "status", stanza_child_text(x, "status"));
	event_end(&c->event);
	return -1;
}

/*
 * OTR is for live talk between two: not for what was stored on the way, for
 * headlines, or for what is delayed by whomever; but what our server says again
 * on a session that goes on is as live as it was.
 */
static int
is_talk(const struct client *c, const struct stanza *x)
{
	const char *type = stanza_get(x, "type"), *from;
	const struct stanza *d;
	char jid[JID_SIZE];

	for (d = x->child; d != NULL; d = d->next) {
		if (!delay_is(d))
			continue;
		from = stanza_get(d, "from");
		if (!c->link.replaying || from == NULL ||
		    jid_parse(from, strlen(from), jid, NULL) == -1 ||
		    !client_is_home(c, jid))
			return 0;
	}
	return type == NULL || strcmp(type, "headline") != 0;
}

/* An error that is about nothing of ours that is known any more. */
static void
stray_error(struct client *c, const struct incoming *m)
{
	const char *text = stanza_error_text(m->x);
	struct buf b;

	buf_init(&b, STANZA_MAX);
	buf_adds(&b, "an error came back");
	/* Their words must not pass for ours. */
	if (text != NULL)
		buf_addf(&b, ": %s", text);
	event_begin(
	    &c->event, EVENT_WARNING, m->from, buf_data(&b), buf_len(&b));
	event_set(&c->event, "cause", stanza_condition(m->x));
	event_set(&c->event, "id", stanza_get(m->x, "id"));
	incoming_set_sender(c, m);
	event_end(&c->event);
	buf_clear(&b);
}

/* Takes M, an error: a message of ours, or of another client, came back. */
static void
take_error(struct client *c, const struct incoming *m)
{
	const char *from = m->from;

	/* The id of an error to another client is not one of ours. */
	if (m->way == INCOMING_DIRECT &&
	    (fate_bounced(c, client_is_home(c, from) ? NULL : from, m->x) ||
		encrypt_bounced(c, from, m->x)))
		return;
	stray_error(c, m);
}

/* Returns 1 if nothing is to be said of M, which came before, else 0. */
static int
is_repeat(struct client *c, const struct incoming *m, const struct stanza *body)
{
	/* A message that was told already is left out of the replay; one to
	 * ourselves is there twice. */
	if (m->way == INCOMING_ARCHIVE &&
	    (m->own || !client_is_self(c, m->from)))
		return 0;
	if (!duplicate_note(c, m, body))
		return 0;
	if (body != NULL)
		receipt_owe(c, m);
	return 1;
}

/*
 * Takes the message M: writes its events and does all that follows from them.
 * A copy of another client's message and an archived one are never answered and
 * never given to OTR.
 */
static void
tell_message(struct client *c, const struct incoming *m)
{
	const char *type = stanza_get(m->x, "type"), *id;
	const struct stanza *body = content_body(m->x);
	struct message_in plain = {0};

	duplicate_begin(c);
	if (!m->own && room_message(c, m))
		return;
	if (type != NULL && strcmp(type, "error") == 0) {
		take_error(c, m);
		return;
	}
	id = stanza_get(stanza_child(m->x, "received", NS_RECEIPTS), "id");
	if (id != NULL && !m->own)
		fate_receipt(c, m->from, id);
	if (is_repeat(c, m, body) || omemo_talk_message(c, m) ||
	    content_unreadable(c, m))
		return;
	mark_tell(c, m);
	if (body == NULL || mark_is_fallback(m->x)) {
		content_tell(c, m);
		return;
	}
	plain.text = body->text;
	plain.len = body->text_len;
	if (m->way != INCOMING_DIRECT || client_is_room(c, m->from) ||
	    !is_talk(c, m->x)) {
		if (!encrypt_is_text(c, m, body->text))
			return;
		message_tell(c, m, &plain);
	} else if (!encrypt_receive(c, m, body->text)) {
		return;
	}
	receipt_owe(c, m);
}

/* Dispatches M, and tells the replay, unless OMEMO does so later. */
static void
dispatch_counted(struct client *c, const struct incoming *m)
{
	uint64_t before = client_text_total(c);

	tell_message(c, m);
	if (!omemo_talk_deferred(c))
		replay_took(c, m, client_text_total(c) != before);
}

void
dispatch_replayed(struct client *c)
{
	struct incoming m;

	while (!omemo_task_is_busy(c) && !omemo_talk_is_full(c) &&
	       replay_next(c, &m))
		dispatch_counted(c, &m);
}

/* Takes M, which X from FROM brought: now, or when a replay has come to it. */
static void
take_in_order(struct client *c, const struct incoming *m, const char *from,
    const struct stanza *x)
{
	if (!replay_holds(c, m, from, x))
		dispatch_counted(c, m);
}

/* Warns that FROM has sent what only our own account may send. */
static void
warn_of_forgery(struct client *c, const char *from, const struct stanza *x)
{
	static const char why[] = "this was to pass for a copy of a message of "
				  "yours, and is forged: it was not read";

	if (!copies_are_on(c))
		return; /* Nobody has asked for copies. */
	event_begins(&c->event, EVENT_WARNING, from, why);
	event_set(&c->event, "cause", "policy");
	event_set(&c->event, "id", stanza_get(x, "id"));
	event_end(&c->event);
}

/* Returns 1 if X (or NULL) is from or to a room that we have entered. */
static int
is_of_room(const struct client *c, const struct stanza *x)
{
	static const char *const keys[] = {"from", "to"};
	const char *value;
	char jid[JID_SIZE];
	size_t i;

	for (i = 0; i < 2; i++) {
		value = stanza_get(x, keys[i]);
		if (value != NULL &&
		    jid_parse(value, strlen(value), jid, NULL) == 0 &&
		    room_find(c, jid) != NULL)
			return 1;
	}
	return 0;
}

/*
 * Takes the <forwarded/> of a carbon from our account. We did not ask for it
 * while copies are off, our own messages from this client say nothing new, and
 * what is said in a room comes from the room: Prosody copies some of it.
 */
static void
take_carbon(struct client *c, const char *from, const struct stanza *x,
    const struct stanza *forwarded)
{
	struct incoming m;

	if (!copies_are_on(c))
		return;
	if (incoming_forwarded(c, &m, forwarded, INCOMING_CARBON, NULL, NULL) ==
	    -1) {
		if (!is_of_room(
			c, stanza_child(forwarded, "message", NS_CLIENT)))
			client_warning(
			    c, NULL, "a copy came that holds no message");
	} else if (strcmp(m.from, c->self.jid) != 0)
		take_in_order(c, &m, from, x);
}

static void
take_message(struct client *c, const char *from, const struct stanza *x)
{
	const struct stanza *carbon;
	struct incoming m;
	int forged;

	if (archive_message(c, from, x)) {
		dispatch_replayed(c);
		return;
	}
	carbon = incoming_carbon(c, from, x, &forged);
	if (carbon != NULL) {
		take_carbon(c, from, x, carbon);
		return;
	}
	if (forged)
		warn_of_forgery(c, from, x);
	incoming_direct(c, &m, from, x);
	take_in_order(c, &m, from, x);
}

static void
presence_event(struct client *c, const char *from, const struct stanza *x,
    enum roster_show show)
{
	const char *status = stanza_child_text(x, "status");
	const char *number = stanza_child_text(x, "priority");
	long priority = number == NULL ? 0 : strtol(number, NULL, 10);
	enum roster_show was;

	if (priority < -128 || priority > 127)
		priority = 0;
	roster_presence(&c->roster, from, show, (int)priority, status, &was);
	if (show != SHOW_OFFLINE)
		encrypt_presence(c, from);
	if (strcmp(from, c->self.jid) == 0)
		return; /* our own, as we have just set it */
	/* Prosody says so of everybody who is not there. */
	if (show == SHOW_OFFLINE && was == SHOW_OFFLINE && status == NULL)
		return;
	event_begins(&c->event, EVENT_PRESENCE, from, status);
	event_set(&c->event, "show", roster_show_name(show));
	event_set(&c->event, "was", roster_show_name(was));
	event_set_number(&c->event, "prio", priority);
	event_end(&c->event);
}

static void
dispatch_presence(struct client *c, const char *from, const struct stanza *x)
{
	static const char types[] =
	    " subscribe subscribed unsubscribe unsubscribed ";
	const char *type = stanza_get(x, "type"), *status, *found;
	struct incoming m;

	if (room_presence(c, from, x))
		return;
	if (type == NULL) {
		presence_event(c, from, x, roster_show(x));
	} else if (strcmp(type, "unavailable") == 0) {
		presence_event(c, from, x, SHOW_OFFLINE);
		encrypt_gone(c, from);
	} else if (strcmp(type, "error") == 0) {
		incoming_direct(c, &m, from, x);
		stray_error(c, &m);
	} else if (*type != '\0' && strchr(type, ' ') == NULL &&
		   (found = strstr(types, type)) != NULL && found[-1] == ' ' &&
		   found[strlen(type)] == ' ') {
		status = stanza_child_text(x, "status");
		if (strcmp(type, "subscribe") == 0)
			chat_asked(c, from, 1);
		event_begins(&c->event, EVENT_SUBSCRIPTION, from, status);
		event_set(&c->event, "type", type);
		event_end(&c->event);
		if (roster_find(&c->roster, from) != NULL)
			notice_message(c, from, NULL);
	}
}

/* Begins the answer of TYPE to the request X. */
static void
reply(struct client *c, struct writer *w, const struct stanza *x,
    const char *type)
{
	writer_init(w, link_out(c));
	writer_open(w, "iq", NULL);
	writer_attr(w, "type", type);
	writer_attr(w, "id", stanza_get(x, "id"));
	writer_attr(w, "to", stanza_get(x, "from"));
}

/* Answers as a server does for somebody who is not there, word for word. */
static void
refuse(struct client *c, const struct stanza *x)
{
	struct writer w;

	reply(c, &w, x, "error");
	writer_open(&w, "error", NULL);
	writer_attr(&w, "type", "cancel");
	writer_leaf(&w, "service-unavailable", NS_STANZAS, NULL);
	writer_end(&w);
}

/* RFC 6121 2.1.6: from our account itself and nobody else (CVE-2015-8688). */
static void
roster_push(struct client *c, const char *from, const struct stanza *x)
{
	const struct stanza *query = stanza_child(x, "query", NS_ROSTER);
	const char *version = stanza_get(query, "ver");
	struct contact *contact;
	struct writer w;
	char bare[JID_SIZE];
	size_t i;

	jid_bare(c->self.jid, bare);
	contact = strcmp(from, bare) == 0 && query->child != NULL
		      ? roster_item(&c->roster, query->child)
		      : NULL;
	if (contact == NULL) {
		refuse(c, x);
		return;
	}
	if (version != NULL)
		roster_set_version(&c->roster, version);
	event_begins(&c->event, EVENT_ROSTER, contact->jid, contact->name);
	event_set(&c->event, "sub", roster_sub_name(contact->sub));
	event_set(&c->event, "pending", contact->pending ? "yes" : NULL);
	event_set(&c->event, "approved", contact->approved ? "yes" : NULL);
	for (i = 0; i < contact->group_count; i++)
		event_set(&c->event, "group", contact->groups[i]);
	event_end(&c->event);
	/* The original's; who is removed could not be looked at again. */
	if (contact->sub != SUB_REMOVE)
		notice_message(c, contact->jid, NULL);
	roster_settle(&c->roster, contact);
	reply(c, &w, x, "result");
	writer_end(&w);
}

static void
disco_info(struct client *c, const struct stanza *x)
{
	const struct stanza *query = stanza_child(x, "query", NS_INFO);
	struct writer w;

	reply(c, &w, x, "result");
	writer_open(&w, "query", NS_INFO);
	writer_attr(&w, "node", stanza_get(query, "node"));
	caps_write(omemo_task_is_on(c) ? OMEMO_FEATURE : NULL, &w);
	writer_end(&w);
}

static void
dispatch_request(struct client *c, const char *from, const struct stanza *x)
{
	const char *type = stanza_get(x, "type");
	int get = strcmp(type, "get") == 0;
	struct writer w;

	if (!get && stanza_child(x, "query", NS_ROSTER) != NULL) {
		roster_push(c, from, x);
	} else if (!get && block_push(c, from, x)) {
		reply(c, &w, x, "result");
		writer_end(&w);
	} else if (!receipt_may_answer(c, from)) {
		refuse(c, x);
	} else if (get && stanza_child(x, "ping", NS_PING) != NULL) {
		reply(c, &w, x, "result");
		writer_end(&w);
	} else if (get && stanza_child(x, "query", NS_INFO) != NULL) {
		disco_info(c, x);
	} else {
		refuse(c, x);
	}
}

void
dispatch_stanza(struct client *c, const struct stanza *x)
{
	const char *type = stanza_get(x, "type");
	char from[JID_SIZE];

	if (strcmp(x->name, "iq") == 0 && type != NULL &&
	    (strcmp(type, "result") == 0 || strcmp(type, "error") == 0)) {
		request_answer(c, x);
		return;
	}
	if (sender(c, x, from) == -1)
		return;
	if (strcmp(x->name, "message") == 0)
		take_message(c, from, x);
	else if (strcmp(x->name, "presence") == 0)
		dispatch_presence(c, from, x);
	else if (type != NULL && stanza_get(x, "id") != NULL &&
		 (strcmp(type, "get") == 0 || strcmp(type, "set") == 0))
		dispatch_request(c, from, x);
}

/* X is the end of something, however it goes on: that is not lost. */
static void
past_end(struct client *c, const char *from, const struct stanza *x)
{
	const char *type = stanza_get(x, "type");
	struct incoming m;

	if (strcmp(x->name, "message") == 0 && strcmp(type, "error") == 0) {
		incoming_direct(c, &m, from, x);
		if (!room_message(c, &m) &&
		    !fate_bounced(c, client_is_home(c, from) ? NULL : from, x))
			encrypt_bounced(c, from, x);
	} else if (strcmp(x->name, "presence") == 0 &&
		   strcmp(type, "error") == 0) {
		room_presence(c, from, x);
	} else if (strcmp(x->name, "presence") == 0 &&
		   strcmp(type, "unavailable") == 0) {
		if (!room_presence(c, from, x))
			presence_event(c, from, x, SHOW_OFFLINE);
	}
}

void
dispatch_past(struct client *c, const struct stanza *x, const char *why)
{
	const char *from = stanza_get(x, "from"), *type = stanza_get(x, "type");
	const char *id = stanza_get(x, "id");
	char jid[JID_SIZE], text[200];
	int known =
	    from != NULL && jid_parse(from, strlen(from), jid, NULL) == 0;

	snprintf(text, sizeof text, "this %s was not read: %s", x->name, why);
	event_begins(&c->event, EVENT_WARNING, known ? jid : NULL, text);
	event_set(&c->event, "cause", "limit");
	event_set(&c->event, "stanza", x->name);
	event_set(&c->event, "id", id);
	event_set(&c->event, "from", known ? NULL : from);
	event_end(&c->event);
	if (strcmp(x->name, "message") == 0 && (from == NULL || known))
		replay_past(c, from == NULL ? NULL : jid);
	if (type == NULL)
		return;
	if (strcmp(x->name, "iq") != 0) {
		if (known)
			past_end(c, jid, x);
	} else if (strcmp(type, "result") == 0 || strcmp(type, "error") == 0) {
		request_past(c, x);
	} else if (id != NULL && (from == NULL || known)) {
		refuse(c, x); /* RFC 6120 8.2.3: it has to be answered */
	}
}
