#include "otr/otr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libotr/b64.h>

#include "otr/html.h"
#include "otr/intern.h"
#include "sexp/utf8.h"

#define MARK	    "?OTR"
#define MARK_ERROR  "?OTR Error:"
#define MAX_ESCAPED (2 * OTR_MAX_TEXT) /* fits a stanza as base64 */

struct otr *
otr_new(const struct key *key)
{
	struct otr *o = buf_alloc(sizeof *o);

	(void)lib_ready(); /* it was, or there were no key */
	o->us = otrl_userstate_create();
	o->deadline = -1;
	key_give(key, o->us, OTR_ACCOUNT, OTR_PROTOCOL);
	return o;
}

void
otr_free(struct otr *o)
{
	if (o == NULL)
		return;
	talk_clear(o);
	queue_clear(o);
	otrl_userstate_free(o->us);
	free(o->account);
	free(o);
}

/* Calls EACH for all conversations; it may not free them. */
static void
for_all(struct otr *o, void (*each)(struct otr *, struct talk *))
{
	struct talk *t;
	size_t i;

	for (i = 0; i < o->contacts; i++)
		for (t = o->contact[i]->talk; t != NULL; t = t->next)
			each(o, t);
}

static void
lose(struct otr *o, struct talk *t)
{
	if (t->state == OTR_ENCRYPTED)
		talk_over(o, t, OTR_FINISHED);
	else
		lib_forget(o, t, NULL);
}

static void
end(struct otr *o, struct talk *t)
{
	talk_disconnect(o, t);
	if (t->state != OTR_PLAINTEXT)
		talk_over(o, t, OTR_PLAINTEXT);
}

void
otr_account(struct otr *o, const char *name)
{
	if (o->account != NULL && strcmp(o->account, name) != 0)
		for_all(o, lose);
	free(o->account);
	o->account = buf_strdup(name);
}

void
otr_end(struct otr *o)
{
	for_all(o, end);
}

enum otr_gate
otr_gate(enum otr_state state, int elsewhere, int wish, unsigned policies,
    unsigned versions)
{
	if (state == OTR_ENCRYPTED)
		return OTR_GATE_ENCRYPT;
	if (state != OTR_PLAINTEXT || elsewhere || wish)
		return OTR_GATE_REFUSE;
	if ((policies & OTR_REQUIRE_ENCRYPTION) != 0)
		return OTR_GATE_REFUSE;
	if ((policies & OTR_SEND_WHITESPACE_TAG) != 0 &&
	    (versions & (OTR_V2 | OTR_V3)) != 0)
		return OTR_GATE_TAG;
	return OTR_GATE_CLEAR;
}

static int
refuse(struct otr *o, enum otr_cause cause)
{
	o->cause = cause;
	return -1;
}

/* Queues the bare query; -1 where P allows no version. */
static int
query(struct otr *o, const struct otr_peer *p, struct contact *c)
{
	char text[16];

	if (lib_policy(p->versions) == 0)
		return -1;
	snprintf(text, sizeof text, "?OTRv%s%s?",
	    (p->versions & OTR_V2) != 0 ? "2" : "",
	    (p->versions & OTR_V3) != 0 ? "3" : "");
	queue_push(o, OTR_WIRE, p->name, text)->encrypted = 1;
	c->started = 1;
	c->at = p->now;
	return 0;
}

/* Whether a handshake may be started without the user's asking for it. */
static int
automatic(const struct contact *c, const struct otr_peer *p)
{
	return c == NULL || !c->started || p->now - c->at >= OTR_AUTOMATIC;
}

int
otr_start(struct otr *o, const struct otr_peer *p)
{
	struct contact *c = contact_make(o, p->name);

	o->cause = OTR_OK;
	c->wish = c->open = 1;
	return query(o, p, c) == 0 ? 0 : refuse(o, OTR_REFUSED_VERSIONS);
}

static int
send_clear(struct otr *o, const struct otr_peer *p, unsigned long tag,
    const char *text, int tagged)
{
	struct otr_item *i;
	struct buf b;

	/* Others look for it anywhere, and would take the text for OTR. */
	if (strstr(text, MARK) != NULL)
		return refuse(o, OTR_REFUSED_MARK);
	buf_init(&b, OTR_MAX_TEXT + 64);
	buf_adds(&b, text);
	if (tagged) {
		buf_adds(&b, OTRL_MESSAGE_TAG_BASE);
		if ((p->versions & OTR_V2) != 0)
			buf_adds(&b, OTRL_MESSAGE_TAG_V2);
		if ((p->versions & OTR_V3) != 0)
			buf_adds(&b, OTRL_MESSAGE_TAG_V3);
	}
	i = queue_push(o, OTR_WIRE, p->name, buf_str(&b));
	i->tag = tag;
	buf_clear(&b);
	return 0;
}

static int
send_encrypted(
    struct otr *o, struct talk *t, unsigned long tag, const char *text)
{
	struct buf html;
	int r;

	buf_init(&html, MAX_ESCAPED);
	if (html_escape(text, &html) == -1)
		r = refuse(o, OTR_REFUSED_LONG);
	else
		r = send_data(o, t, tag, buf_str(&html));
	buf_clear(&html);
	return r;
}

int
otr_send(struct otr *o, const struct otr_peer *p, unsigned long tag,
    const char *text)
{
	struct send s;

	if (send_judge(o, p, strlen(text), &s) == -1)
		return -1;
	switch (s.gate) {
	case OTR_GATE_ENCRYPT:
		return send_encrypted(o, s.talk, tag, text);
	case OTR_GATE_TAG:
		return send_clear(o, p, tag, text, 1);
	case OTR_GATE_CLEAR:
		return send_clear(o, p, tag, text, 0);
	case OTR_GATE_REFUSE:
		break;
	}
	if (s.state == OTR_FINISHED)
		return refuse(o, OTR_REFUSED_FINISHED);
	if (s.elsewhere)
		return refuse(o, OTR_REFUSED_PLACE);
	if (automatic(s.contact, p))
		query(o, p, s.contact);
	return refuse(o, OTR_REFUSED_POLICY);
}

/* Queues what came from T's session as HTML of a peer. */
static void
got_html(struct otr *o, struct talk *t, const char *html)
{
	struct otr_item *i;
	struct buf b;

	/* U+FFFD for each byte at most. */
	buf_init(&b, 3 * OTR_MAX_BODY);
	html_decode(html, &b);
	i = queue_push(o, OTR_TEXT, t->name, buf_str(&b));
	i->encrypted = 1;
	memcpy(i->fingerprint, t->fingerprint, sizeof i->fingerprint);
	buf_clear(&b);
	talk_used(t);
}

/* What is to be done when libotr is through with a message for T. */
static void
settle(struct otr *o, struct talk *t, const ConnContext *used)
{
	/*
	 * The commit, which stands in the master, is answered. It is of no
	 * use any more: a second answer would leak the keys of the first.
	 */
	if (used != NULL && used != used->m_context &&
	    used->auth.authstate == OTRL_AUTHSTATE_AWAITING_SIG)
		otrl_auth_clear(&used->m_context->auth);
	lib_bound(o, t, used);
	/*
	 * A handshake within a session makes libotr forget the state, not the
	 * keys, as if nothing had ever been encrypted: put it back.
	 */
	if (t->state == OTR_ENCRYPTED &&
	    t->ctx->msgstate == OTRL_MSGSTATE_PLAINTEXT)
		t->ctx->msgstate = OTRL_MSGSTATE_ENCRYPTED;
	if (t->state == OTR_ENCRYPTED && !lib_alive(t->ctx))
		talk_over(o, t, OTR_FINISHED);
	if (t->state == OTR_ENCRYPTED) {
		if (t->abort)
			otrl_message_abort_smp(o->us, &lib_ops, o, t->ctx);
		if (t->fresh) {
			lib_forget(o, t, t->ctx);
			/* Done with; the next handshake would leak it. */
			otrl_auth_clear(&t->ctx->auth);
		}
		lib_scrub(t->ctx);
	}
	t->abort = t->fresh = 0;
}

/* Gives BODY to libotr. */
static void
feed(struct otr *o, struct talk *t, const char *body)
{
	ConnContext *ctx = NULL;
	char *text = NULL;
	int internal, ours;

	o->current = t;
	internal = otrl_message_receiving(o->us, &lib_ops, o, OTR_ACCOUNT,
	    OTR_PROTOCOL, t->name, body, &text, NULL, &ctx, NULL, NULL);
	ours = t->state == OTR_ENCRYPTED && ctx == t->ctx;
	if (!internal && text != NULL && ours)
		got_html(o, t, text);
	else if (!internal)
		queue_note(o, t->name, OTR_NOTE_MALFORMED);
	if (text != NULL)
		buf_wipe(text, strlen(text));
	otrl_message_free(text);
	settle(o, t, ctx);
}

/*
 * Both sides have sent a D-H commit. libotr 4.1 does not decide between the
 * two (neither handshake would end): the higher hash wins, as the protocol
 * has it. Returns 1 where BODY, theirs, loses and is dealt with.
 */
static int
collision(struct otr *o, const struct talk *t, const char *body)
{
	ConnContext *m = lib_context(o, t, OTRL_INSTAG_MASTER);
	unsigned char *raw = NULL;
	size_t n = 0;
	int wins;

	if (otrl_proto_message_type(body) != OTRL_MSGTYPE_DH_COMMIT ||
	    m == NULL || m->auth.authstate != OTRL_AUTHSTATE_AWAITING_DHKEY ||
	    m->auth.lastauthmsg == NULL ||
	    otrl_base64_otr_decode(body, &raw, &n) != 0)
		return 0;
	/* The hash stands last, whatever the version. */
	wins = n >= sizeof m->auth.hashgx &&
	       memcmp(m->auth.hashgx, raw + n - sizeof m->auth.hashgx,
		   sizeof m->auth.hashgx) > 0;
	if (wins)
		queue_push(o, OTR_WIRE, t->name, m->auth.lastauthmsg)
		    ->encrypted = 1;
	else
		otrl_auth_clear(&m->auth);
	free(raw);
	return wins;
}

/* Whether BODY is of an instance tag that is one too many. */
static int
strange(struct otr *o, struct talk *t, const char *body)
{
	unsigned from = 0, to = 0;

	if (strncmp(body, "?OTR|", 5) == 0)
		sscanf(body, "?OTR|%x|%x", &from, &to);
	else if (otrl_proto_instance(body, &from, &to) != 0)
		return 0;
	if (from < OTRL_MIN_VALID_INSTAG || lib_context(o, t, from) != NULL)
		return 0;
	if (o->now - t->tags_at >= OTR_AUTOMATIC) {
		t->tags_at = o->now;
		t->tags = 0;
	}
	return ++t->tags > OTR_MAX_INSTANCES;
}

/* What is wrong with BODY before libotr sees it; OTR_OK: nothing. */
static enum otr_cause
judge(struct otr *o, struct talk *t, const char *body)
{
	int version = otrl_proto_message_version(body);
	OtrlMessageType type = otrl_proto_message_type(body);

	/* A session goes on in its version, whatever is allowed by now. */
	if (t->state == OTR_ENCRYPTED &&
	    (type == OTRL_MSGTYPE_DATA || type == OTRL_MSGTYPE_UNKNOWN))
		o->allowed |= lib_policy(t->version == 3 ? OTR_V3 : OTR_V2);
	if (o->allowed == 0 || version == 1 ||
	    (version == 2 && (o->allowed & OTRL_POLICY_ALLOW_V2) == 0) ||
	    (version == 3 && (o->allowed & OTRL_POLICY_ALLOW_V3) == 0))
		return OTR_NOTE_VERSION;
	if (type == OTRL_MSGTYPE_QUERY &&
	    otrl_proto_query_bestversion(body, o->allowed) == 0)
		return OTR_NOTE_VERSION;
	return strange(o, t, body) ? OTR_NOTE_IGNORED : OTR_OK;
}

static void
receive_error(struct otr *o, const struct otr_peer *p, struct contact *c,
    const char *words)
{
	struct buf b;
	uint32_t cp;
	size_t n;

	buf_init(&b, 3 * OTR_MAX_BODY);
	words += strspn(words, " ");
	for (; *words != '\0'; words += n > 0 ? n : 1)
		if ((n = utf8_decode(words, strlen(words), &cp)) > 0)
			buf_add(&b, words, n);
	queue_push(o, OTR_NOTE, p->name, buf_str(&b))->cause = OTR_NOTE_ERROR;
	buf_clear(&b);
	if ((p->policies & OTR_ERROR_START_AKE) != 0 && automatic(c, p))
		query(o, p, c);
}

static void
receive_otr(struct otr *o, const struct otr_peer *p, struct contact *c,
    const char *body)
{
	enum otr_cause cause;
	struct talk *t;

	if (strncmp(body, MARK_ERROR, sizeof MARK_ERROR - 1) == 0) {
		receive_error(o, p, c, body + sizeof MARK_ERROR - 1);
		return;
	}
	if ((t = talk_get(o, c, p->name)) == NULL) {
		queue_note(o, p->name, OTR_REFUSED_FULL);
		return;
	}
	if ((cause = judge(o, t, body)) != OTR_OK) {
		queue_note(o, p->name, cause);
		return;
	}
	lib_fragments(o, t, strlen(body));
	if (!collision(o, t, body))
		feed(o, t, body);
}

/* Text in the clear; ANSWER: a whitespace tag may be answered. */
static void
receive_plain(
    struct otr *o, const struct otr_peer *p, const char *body, int answer)
{
	struct contact *c = contact_find(o, p->name);
	struct talk *t = talk_find(c, p->name);
	enum otr_state state = t == NULL ? OTR_PLAINTEXT : t->state;
	const char *start, *after;
	struct buf b;
	unsigned best;

	best =
	    otrl_proto_whitespace_bestversion(body, &start, &after, o->allowed);
	buf_init(&b, OTR_MAX_BODY);
	if (start == NULL)
		start = after = body + strlen(body);
	buf_add(&b, body, (size_t)(start - body));
	buf_adds(&b, after);
	if (state != OTR_PLAINTEXT || (c != NULL && c->wish))
		queue_note(o, p->name, OTR_NOTE_CLEAR);
	queue_push(o, OTR_TEXT, p->name, buf_str(&b));
	buf_clear(&b);
	if (best == 0 || !answer || state == OTR_ENCRYPTED ||
	    (p->policies & OTR_WHITESPACE_START_AKE) == 0 || !automatic(c, p))
		return;
	c = contact_make(o, p->name);
	if ((t = talk_get(o, c, p->name)) == NULL)
		return;
	c->started = 1;
	c->at = p->now;
	/* The tag says the same as a query. */
	feed(o, t, best == 3 ? "?OTRv3?" : "?OTRv2?");
}

/* Whether BODY is a text about OTR, by people, and no message of OTR. */
static int
is_prose(const char *body)
{
	return strncmp(body, MARK, sizeof MARK - 1) != 0 ||
	       (strchr(":,|?v", body[4]) == NULL &&
		   strncmp(body, MARK_ERROR, sizeof MARK_ERROR - 1) != 0) ||
	       body[4] == '\0';
}

void
otr_receive(struct otr *o, const struct otr_peer *p, const char *body)
{
	struct contact *c = contact_find(o, p->name);
	const struct talk *t = talk_find(c, p->name);
	int answer;

	o->cause = OTR_OK;
	o->now = p->now;
	o->allowed = lib_policy(p->versions);
	answer = p->answer || (c != NULL && (c->wish || c->open)) ||
		 (t != NULL && t->state != OTR_PLAINTEXT);
	if (o->queued >= MAX_QUEUED)
		return; /* the caller has not pulled for long */
	if (strlen(body) > OTR_MAX_BODY)
		queue_note(o, p->name, OTR_NOTE_MALFORMED);
	else if (is_prose(body))
		receive_plain(o, p, body, answer);
	else if (!answer)
		queue_note(o, p->name, OTR_NOTE_IGNORED);
	else
		receive_otr(o, p, contact_make(o, p->name), body);
	o->current = NULL;
}

void
otr_stop(struct otr *o, const struct otr_peer *p)
{
	struct contact *c = contact_find(o, p->name);

	o->cause = OTR_OK;
	if (c == NULL)
		return;
	c->wish = c->open = 0;
	while (c->talk != NULL) {
		end(o, c->talk);
		talk_free(o, c->talk);
	}
}

enum otr_cause
otr_cause(const struct otr *o)
{
	return o->cause;
}

void
otr_info(const struct otr *o, const char *name, struct otr_info *info)
{
	const struct contact *c = contact_find(o, name);
	const struct talk *t = talk_find(c, name);

	memset(info, 0, sizeof *info);
	info->wish = c != NULL && c->wish;
	if (t == NULL)
		return;
	info->state = t->state;
	info->smp = t->smp;
	info->version = t->version;
	memcpy(info->fingerprint, t->fingerprint, sizeof info->fingerprint);
	memcpy(info->ssid, t->ssid, sizeof info->ssid);
}

int
otr_wish(const struct otr *o, const char *name)
{
	const struct contact *c = contact_find(o, name);

	return c != NULL && c->wish;
}

const char *
otr_encrypted(const struct otr *o, const char *name)
{
	const struct contact *c = contact_find(o, name);
	const struct talk *t = c == NULL ? NULL : c->talk;

	while (t != NULL && t->state != OTR_ENCRYPTED)
		t = t->next;
	return t == NULL ? NULL : t->name;
}

long long
otr_deadline(const struct otr *o)
{
	return o->deadline;
}

void
otr_tick(struct otr *o, long long now)
{
	o->now = now;
	if (o->deadline == -1 || now < o->deadline)
		return;
	o->deadline =
	    now + otrl_message_poll_get_default_interval(o->us) * 1000LL;
	otrl_message_poll(o->us, &lib_ops, o);
}
