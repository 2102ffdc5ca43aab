#include "line/receive.h"

#include <stdlib.h>
#include <string.h>

#include "line/archive.h"
#include "line/block.h"
#include "line/encrypt.h"
#include "line/fate.h"
#include "line/muc.h"
#include "line/notice.h"
#include "line/request.h"
#include "line/seen.h"
#include "xmpp/caps.h"

#define NS_CORRECT "urn:xmpp:message-correct:0" /* XEP-0308 */

/* Receipts that wait for their line to be written, all together. */
#define RECEIPTS_MAX ((size_t)16 * 1024 * 1024)

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
		jid_bare(c->jid, jid);
		return 0;
	}
	if (jid_parse(from, strlen(from), jid, NULL) == 0)
		return 0;
	event_begin(&c->event, EVENT_WARNING, NULL, why, sizeof why - 1);
	event_set(&c->event, "from", from);
	event_set(&c->event, "stanza", x->name);
	event_set(&c->event, "body", stanza_child_text(x, "body"));
	event_set(&c->event, "status", stanza_child_text(x, "status"));
	event_end(&c->event);
	return -1;
}

/* Our own account or server, who may always ask. */
static int
is_home(const struct client *c, const char *jid)
{
	char domain[JID_SIZE];

	jid_domain(c->jid, domain);
	return client_is_self(c, jid) || strcmp(jid, domain) == 0;
}

int
receive_may_answer(const struct client *c, const char *jid)
{
	const struct chat *chat;
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	chat = map_find(&c->chats, bare);
	return is_home(c, jid) || roster_may_see(&c->roster, jid) ||
	       (chat != NULL && chat->spoken);
}

static int
two(const char *p)
{
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* Whether TEXT is a time zone of XEP-0082, `+hh:mm` or `-hh:mm`. */
static int
is_offset(const char *text)
{
	static const char digits[] = "0123456789";

	return (*text == '+' || *text == '-') && strlen(text) == 6 &&
	       strspn(text + 1, digits) == 2 && text[3] == ':' &&
	       strspn(text + 4, digits) == 2 && two(text + 1) < 24 &&
	       two(text + 4) < 60;
}

/*
 * Whether TEXT is a date and time of XEP-0082 that is not absurd: between
 * 1998, before which there was no XMPP, and tomorrow.
 */
static int
is_stamp(const struct client *c, const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	char now[32];
	size_t i, fraction;

	for (i = 0; form[i] != '\0'; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9'
				   : text[i] != form[i])
			return 0;
	if (text[i] == '.') {
		fraction = strspn(text + i + 1, "0123456789");
		if (fraction == 0)
			return 0;
		i += 1 + fraction;
	}
	if (strcmp(text + i, "Z") != 0 && !is_offset(text + i))
		return 0;
	if (two(text + 5) < 1 || two(text + 5) > 12 || two(text + 8) < 1 ||
	    two(text + 8) > 31 || two(text + 11) > 23 || two(text + 14) > 59 ||
	    two(text + 17) > 60)
		return 0;
	event_time(c->wall + 86400000, now);
	return strncmp(text, "1998", 4) >= 0 && strncmp(text, now, 19) <= 0;
}

const char *
receive_delay(const struct client *c, const struct stanza *x, int *offline)
{
	const char *from, *stamp, *claim = NULL;
	const struct stanza *d;
	char jid[JID_SIZE];

	*offline = 0;
	for (d = x->child; d != NULL; d = d->next) {
		stamp = stanza_get(d, "stamp");
		if (!stanza_is(d, "delay", NS_DELAY) || stamp == NULL ||
		    !is_stamp(c, stamp))
			continue;
		from = stanza_get(d, "from");
		if (from != NULL &&
		    jid_parse(from, strlen(from), jid, NULL) == 0 &&
		    is_home(c, jid)) {
			*offline = !c->replaying;
			return stamp;
		}
		if (claim == NULL)
			claim = stamp;
	}
	return claim;
}

/* Notes who wrote, and that nobody has looked yet. */
static void
note_chat(struct client *c, const char *from)
{
	struct chat *chat = client_chat(c, from);

	chat->warned = 0;
	if (jid_resource(from) != NULL && muc_find(c, from) == NULL) {
		free(chat->wrote);
		chat->wrote = buf_strdup(from);
	}
	if (c->active == NULL || !jid_same_bare(c->active, from))
		chat->unread++;
	notice_message(c, from);
}

void
receive_text(struct client *c, const char *from, const struct stanza *x,
    const struct receive_text *text)
{
	const struct stanza *replace = stanza_child(x, "replace", NS_CORRECT);
	const char *type = stanza_get(x, "type"), *stamp;
	int offline;

	if (type == NULL ||
	    (strcmp(type, "chat") != 0 && strcmp(type, "headline") != 0))
		type = "normal";
	stamp = receive_delay(c, x, &offline);
	archive_in(c, HISTORY_CHAT, from, text->text, text->len,
	    text->fingerprint != NULL);
	event_begin(&c->event, EVENT_MESSAGE, from, text->text, text->len);
	event_set(&c->event, "enc", text->fingerprint == NULL ? "none" : "otr");
	event_set(&c->event, "trust", text->trust);
	event_set(&c->event, "src", offline ? "offline" : "live");
	event_set(&c->event, "kind", type);
	event_set(&c->event, "id", stanza_get(x, "id"));
	event_set(&c->event, "fp", text->fingerprint);
	event_set(&c->event, "stamp", stamp);
	event_set(&c->event, "replaces", stanza_get(replace, "id"));
	event_set(&c->event, "dup",
	    c->maybe_seen || (offline && c->torn) ? "maybe" : NULL);
	event_end(&c->event);
	note_chat(c, from);
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
		if (!stanza_is(d, "delay", NS_DELAY))
			continue;
		from = stanza_get(d, "from");
		if (!c->replaying || from == NULL ||
		    jid_parse(from, strlen(from), jid, NULL) == -1 ||
		    !is_home(c, jid))
			return 0;
	}
	return type == NULL || strcmp(type, "headline") != 0;
}

/* Notes that FROM is to learn that ID was delivered, once it is. */
static void
owe_receipt(struct client *c, const char *from, const struct stanza *x)
{
	uint64_t mark = client_text_total(c);
	const char *id = stanza_get(x, "id");

	if (id == NULL || stanza_child(x, "request", NS_RECEIPTS) == NULL ||
	    !receive_may_answer(c, from))
		return;
	c->receipts.max = RECEIPTS_MAX;
	buf_add(&c->receipts, &mark, sizeof mark);
	buf_add(&c->receipts, from, strlen(from) + 1);
	buf_add(&c->receipts, id, strlen(id) + 1);
}

static void
send_receipt(struct client *c, const char *to, const char *id)
{
	char own[NONCE_ID + 1];
	struct writer w;

	nonce_id(c->nonce, own);
	writer_init(&w, stream_out(c->stream));
	writer_open(&w, "message", NULL);
	writer_attr(&w, "to", to);
	writer_attr(&w, "type", "chat");
	writer_attr(&w, "id", own);
	writer_open(&w, "received", NS_RECEIPTS);
	writer_attr(&w, "id", id);
	writer_end(&w);
}

void
receive_written(struct client *c)
{
	const char *to, *id;
	uint64_t mark;

	while (buf_len(&c->receipts) > 0) {
		memcpy(&mark, buf_data(&c->receipts), sizeof mark);
		if (mark > c->text_written || c->regaining)
			return;
		to = (const char *)buf_data(&c->receipts) + sizeof mark;
		id = to + strlen(to) + 1;
		if (c->link == LINK_ONLINE)
			send_receipt(c, to, id);
		buf_drop(
		    &c->receipts, sizeof mark + strlen(to) + strlen(id) + 2);
	}
}

/* An error that is about nothing of ours that is known any more. */
static void
stray_error(struct client *c, const char *from, const struct stanza *x)
{
	const char *text = stanza_error_text(x);
	struct buf b;

	buf_init(&b, STANZA_MAX);
	buf_adds(&b, "an error came back");
	/* Their words must not pass for ours. */
	if (text != NULL)
		buf_addf(&b, ": %s", text);
	event_begin(&c->event, EVENT_WARNING, from, buf_data(&b), buf_len(&b));
	event_set(&c->event, "cause", stanza_condition(x));
	event_set(&c->event, "id", stanza_get(x, "id"));
	event_end(&c->event);
	buf_clear(&b);
}

static void
receive_message(struct client *c, const char *from, const struct stanza *x)
{
	const char *type = stanza_get(x, "type"), *id;
	const struct stanza *body = stanza_child(x, "body", NS_CLIENT);
	struct receive_text plain = {0};
	enum seen seen;

	if (muc_message(c, from, x))
		return;
	if (type != NULL && strcmp(type, "error") == 0) {
		if (!fate_bounced(c, is_home(c, from) ? NULL : from, x) &&
		    !encrypt_bounced(c, from, x))
			stray_error(c, from, x);
		return;
	}
	id = stanza_get(stanza_child(x, "received", NS_RECEIPTS), "id");
	if (id != NULL)
		fate_receipt(c, from, id);
	if (body == NULL)
		return;
	seen = seen_note(c, from, x, body);
	c->maybe_seen = seen == SEEN_MAYBE;
	if (seen == SEEN_AGAIN) {
		owe_receipt(c, from, x);
		return;
	}
	plain.text = body->text;
	plain.len = body->text_len;
	if (!is_talk(c, x))
		receive_text(c, from, x, &plain);
	else if (!encrypt_receive(c, from, x, body->text))
		return;
	owe_receipt(c, from, x);
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
	if (strcmp(from, c->jid) == 0)
		return; /* our own, as we have just set it */
	/* Prosody says so of everybody who is not there. */
	if (show == SHOW_OFFLINE && was == SHOW_OFFLINE && status == NULL)
		return;
	event_begin(&c->event, EVENT_PRESENCE, from, status,
	    status == NULL ? 0 : strlen(status));
	event_set(&c->event, "show", roster_show_name(show));
	event_set(&c->event, "was", roster_show_name(was));
	event_set_number(&c->event, "prio", priority);
	event_end(&c->event);
}

static void
receive_presence(struct client *c, const char *from, const struct stanza *x)
{
	static const char types[] =
	    " subscribe subscribed unsubscribe unsubscribed ";
	const char *type = stanza_get(x, "type"), *status, *found;

	if (muc_presence(c, from, x))
		return;
	if (type == NULL) {
		presence_event(c, from, x, roster_show(x));
	} else if (strcmp(type, "unavailable") == 0) {
		presence_event(c, from, x, SHOW_OFFLINE);
	} else if (strcmp(type, "error") == 0) {
		stray_error(c, from, x);
	} else if (*type != '\0' && strchr(type, ' ') == NULL &&
		   (found = strstr(types, type)) != NULL && found[-1] == ' ' &&
		   found[strlen(type)] == ' ') {
		status = stanza_child_text(x, "status");
		event_begin(&c->event, EVENT_SUBSCRIPTION, from, status,
		    status == NULL ? 0 : strlen(status));
		event_set(&c->event, "type", type);
		event_end(&c->event);
		if (roster_find(&c->roster, from) != NULL)
			notice_message(c, from);
	}
}

/* Begins the answer of TYPE to the request X. */
static void
reply(struct client *c, struct writer *w, const struct stanza *x,
    const char *type)
{
	writer_init(w, stream_out(c->stream));
	writer_open(w, "iq", NULL);
	writer_attr(w, "type", type);
	writer_attr(w, "id", stanza_get(x, "id"));
	writer_attr(w, "to", stanza_get(x, "from"));
}

/* What a server says for somebody who is not there, word for word. */
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

	jid_bare(c->jid, bare);
	contact = strcmp(from, bare) == 0 && query->child != NULL
		      ? roster_item(&c->roster, query->child)
		      : NULL;
	if (contact == NULL) {
		refuse(c, x);
		return;
	}
	if (version != NULL) {
		free(c->roster.version);
		c->roster.version = buf_strdup(version);
	}
	event_begin(&c->event, EVENT_ROSTER, contact->jid, contact->name,
	    contact->name == NULL ? 0 : strlen(contact->name));
	event_set(&c->event, "sub", roster_sub_name(contact->sub));
	event_set(&c->event, "pending", contact->pending ? "yes" : NULL);
	event_set(&c->event, "approved", contact->approved ? "yes" : NULL);
	for (i = 0; i < contact->group_count; i++)
		event_set(&c->event, "group", contact->groups[i]);
	event_end(&c->event);
	/* The original's; who is removed could not be looked at again. */
	if (contact->sub != SUB_REMOVE)
		notice_message(c, contact->jid);
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
	caps_write(&w);
	writer_end(&w);
}

static void
receive_request(struct client *c, const char *from, const struct stanza *x)
{
	const char *type = stanza_get(x, "type");
	int get = strcmp(type, "get") == 0;
	struct writer w;

	if (!get && stanza_child(x, "query", NS_ROSTER) != NULL) {
		roster_push(c, from, x);
	} else if (!get && block_push(c, from, x)) {
		reply(c, &w, x, "result");
		writer_end(&w);
	} else if (!receive_may_answer(c, from)) {
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
receive_stanza(struct client *c, const struct stanza *x)
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
		receive_message(c, from, x);
	else if (strcmp(x->name, "presence") == 0)
		receive_presence(c, from, x);
	else if (type != NULL && stanza_get(x, "id") != NULL &&
		 (strcmp(type, "get") == 0 || strcmp(type, "set") == 0))
		receive_request(c, from, x);
}
