#include "otr/otr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libotr/b64.h>

#include "otr/html.h"
#include "otr/intern.h"
#include "sexp/memory.h"
#include "sexp/utf8.h"

#define MARK	    "?OTR"
#define MARK_ERROR  "?OTR Error:"
#define MARK_DATA   "?OTR:"
#define MAX_ESCAPED (2 * OTR_MAX_TEXT) /* in base64 it fits a stanza */

struct otr *
otr_new(const struct privkey *key)
{
	struct otr *o = buf_alloc(sizeof *o);

	(void)lib_ready(); /* succeeds, or there would be no KEY */
	o->us = memory_check(otrl_userstate_create());
	o->deadline = -1;
	privkey_give(key, o->us, OTR_ACCOUNT, OTR_PROTOCOL);
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

/* Calls EACH for all conversations; it must not free them. */
static void
for_each_talk(struct otr *o, void (*each)(struct otr *, struct talk *))
{
	struct talk *t;
	size_t i;

	for (i = 0; i < o->contacts; i++)
		for (t = o->contact[i]->talk; t != NULL; t = t->next)
			each(o, t);
}

/* Forgets the session of T, whose peer no longer knows us by our name. */
static void
lose_talk(struct otr *o, struct talk *t)
{
	if (t->state == OTR_ENCRYPTED)
		talk_over(o, t, OTR_FINISHED);
	else
		lib_forget(o, t, NULL);
}

/* Ends the session of T and tells the peer. */
static void
end_talk(struct otr *o, struct talk *t)
{
	talk_disconnect(o, t);
	if (t->state != OTR_PLAINTEXT)
		talk_over(o, t, OTR_PLAINTEXT);
}

void
otr_account(struct otr *o, const char *name)
{
	if (o->account != NULL && strcmp(o->account, name) != 0)
		for_each_talk(o, lose_talk);
	free(o->account);
	o->account = buf_strdup(name);
}

static void
close_talk(struct otr *o, struct talk *t)
{
	talk_close(o, t, 1);
}

void
otr_unresumed(struct otr *o)
{
	for_each_talk(o, close_talk);
}

void
otr_gone(struct otr *o, const char *name)
{
	const struct contact *c = contact_find(o, name);
	int all = strchr(name, '/') == NULL;
	struct talk *t = c == NULL ? NULL : c->talk;

	for (; t != NULL; t = t->next) {
		if (!all && strcmp(t->name, name) != 0)
			continue;
		t->offline = 1;
		contact_not_early(o, t->contact);
		talk_close(o, t, 1);
	}
}

void
otr_here(struct otr *o, const char *name)
{
	struct talk *t = talk_find(contact_find(o, name), name);

	if (t != NULL)
		t->offline = 0;
}

void
otr_give_up(struct otr *o, const struct otr_peer *p)
{
	struct talk *t = talk_find(contact_find(o, p->name), p->name);

	if (t != NULL && t->closed)
		talk_close(o, t, 1);
}

void
otr_end(struct otr *o)
{
	for_each_talk(o, end_talk);
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

/* Sets the cause of a refusal. Returns -1. */
static int
refuse_with(struct otr *o, enum otr_cause cause)
{
	o->cause = cause;
	return -1;
}

/* Queues an OTR query to P; returns -1 if P allows no version. */
static int
queue_query(struct otr *o, const struct otr_peer *p, struct contact *c)
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
	c->asked = OTR_MAX_PLACES; /* each may answer it */
	c->asked_at = p->now;
	return 0;
}

/* Returns 1 if OTR_AUTOMATIC allows to start a handshake for C. */
static int
may_start_handshake(const struct contact *c, const struct otr_peer *p)
{
	return c == NULL || !c->started || p->now - c->at >= OTR_AUTOMATIC;
}

int
otr_start(struct otr *o, const struct otr_peer *p)
{
	struct contact *c = contact_make(o, p->name);
	struct talk *t = talk_find(c, p->name);

	o->cause = OTR_OK;
	o->now = p->now;
	c->wish = c->open = 1;
	if (p->offline)
		return refuse_with(o, OTR_REFUSED_OFFLINE);
	if (t != NULL && lib_policy(p->versions) != 0)
		talk_close(o, t, 0);
	return queue_query(o, p, c) == 0 ? 0
					 : refuse_with(o, OTR_REFUSED_VERSIONS);
}

/* The verdict on a text to be sent. */
struct sending {
	struct contact *contact;
	struct talk *talk; /* or NULL */
	enum otr_state state;
	int closed;    /* the session is closed, see otr_gone */
	int elsewhere; /* another place has or had a session */
	enum otr_gate gate;
};

/*
 * Encrypts PLAIN in the session of T and queues it as TAG; -1 with the cause.
 * Does not use otrl_message_sending, which sends a query instead of a text with
 * `?OTRv` in it, keeps texts that it refuses, and may return success although
 * nothing was encrypted.
 */
static int
send_data(struct otr *o, struct talk *t, unsigned long tag, const char *plain)
{
	struct otr_item *i;
	char *message = NULL;
	int r = -1;

	o->current = t;
	if (otrl_proto_create_data(&message, t->ctx, plain, NULL, 0, NULL) !=
		0 ||
	    message == NULL ||
	    strncmp(message, MARK_DATA, sizeof MARK_DATA - 1) != 0) {
		refuse_with(o, OTR_REFUSED_FAILED);
		goto out;
	}
	lib_scrub(t->ctx);
	talk_used(t);
	i = queue_push(o, OTR_WIRE, t->name, message);
	i->encrypted = 1;
	i->tag = tag;
	r = 0;
out:
	otrl_message_free(message);
	return r;
}

/*
 * Fills S with all that decides whether a text of LEN bytes may be sent to P.
 * Returns -1 with the cause if it is too long or the queue is full.
 */
static int
judge_text(
    struct otr *o, const struct otr_peer *p, size_t len, struct sending *s)
{
	const struct talk *elsewhere;

	s->contact = contact_make(o, p->name);
	s->talk = talk_find(s->contact, p->name);
	s->state = s->talk == NULL ? OTR_PLAINTEXT : s->talk->state;
	s->closed = s->state == OTR_ENCRYPTED && s->talk->closed;
	if (s->closed)
		s->state = OTR_FINISHED;
	elsewhere = talk_elsewhere(s->contact, p->name);
	s->elsewhere = elsewhere != NULL;
	s->closed |=
	    s->state == OTR_PLAINTEXT && s->elsewhere && elsewhere->closed;
	o->cause = OTR_OK;
	o->now = p->now;
	s->contact->open = 1;
	if (len > OTR_MAX_TEXT)
		return refuse_with(o, OTR_REFUSED_LONG);
	if (o->queued >= MAX_QUEUED)
		return refuse_with(o, OTR_REFUSED_FULL);
	s->gate = otr_gate(
	    s->state, s->elsewhere, s->contact->wish, p->policies, p->versions);
	return 0;
}

/* Queues TEXT in the clear as TAG, with a whitespace tag if TAGGED is 1. */
static int
send_clear(struct otr *o, const struct otr_peer *p, unsigned long tag,
    const char *text, int tagged)
{
	struct otr_item *i;
	struct buf b;

	/* Some clients look for the mark anywhere in a text. */
	if (strstr(text, MARK) != NULL)
		return refuse_with(o, OTR_REFUSED_MARK);
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
		r = refuse_with(o, OTR_REFUSED_LONG);
	else
		r = send_data(o, t, tag, buf_str(&html));
	buf_clear(&html);
	return r;
}

int
otr_send(struct otr *o, const struct otr_peer *p, unsigned long tag,
    const char *text)
{
	struct sending s;

	if (judge_text(o, p, strlen(text), &s) == -1)
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
	if (s.closed)
		return refuse_with(o, OTR_REFUSED_CLOSED);
	if (s.state == OTR_FINISHED)
		return refuse_with(o, OTR_REFUSED_FINISHED);
	if (s.elsewhere)
		return refuse_with(o, OTR_REFUSED_PLACE);
	if (lib_policy(p->versions) == 0)
		return refuse_with(o, OTR_REFUSED_VERSIONS);
	if (p->offline)
		return refuse_with(o, OTR_REFUSED_AWAY);
	if (!may_start_handshake(s.contact, p))
		return refuse_with(o, OTR_REFUSED_ASKED);
	queue_query(o, p, s.contact);
	return refuse_with(o, OTR_REFUSED_POLICY);
}

/* Returns 1 if the N bytes of TEXT hold MARK. */
static int
has_mark(const char *text, size_t n)
{
	const size_t len = sizeof MARK - 1;
	const char *end = text + n;

	while ((size_t)(end - text) >= len &&
	       (text = memchr(text, *MARK, (size_t)(end - text) - len + 1)) !=
		   NULL) {
		if (memcmp(text, MARK, len) == 0)
			return 1;
		text++;
	}
	return 0;
}

int
otr_sends_clear(
    struct otr *o, const struct otr_peer *p, const char *text, size_t n)
{
	struct sending s;

	return judge_text(o, p, n, &s) == 0 && s.gate == OTR_GATE_CLEAR &&
	       !has_mark(text, n);
}

int
otr_send_raw(struct otr *o, const struct otr_peer *p, unsigned long tag,
    const char *bytes, int encrypted)
{
	struct sending s;

	if (judge_text(o, p, strlen(bytes), &s) == -1)
		return -1;
	switch (s.gate) {
	case OTR_GATE_ENCRYPT:
		return encrypted ? send_data(o, s.talk, tag, bytes)
				 : refuse_with(o, OTR_REFUSED_RAW);
	case OTR_GATE_TAG:
	case OTR_GATE_CLEAR:
		if (encrypted)
			return refuse_with(o, OTR_REFUSED_SESSION);
		queue_push(o, OTR_WIRE, p->name, bytes)->tag = tag;
		return 0;
	case OTR_GATE_REFUSE:
		break;
	}
	return refuse_with(
	    o, encrypted ? OTR_REFUSED_SESSION : OTR_REFUSED_RAW);
}

/* Queues HTML received in the session of T as text. */
static void
queue_html(struct otr *o, struct talk *t, const char *html)
{
	struct otr_item *i;
	struct buf b;

	/* At most a U+FFFD for each byte. */
	buf_init(&b, 3 * OTR_MAX_BODY);
	html_decode(html, &b);
	i = queue_push(o, OTR_TEXT, t->name, buf_str(&b));
	i->encrypted = 1;
	memcpy(i->fingerprint, t->fingerprint, sizeof i->fingerprint);
	buf_clear(&b);
	t->doubted = 0;
	talk_used(t);
}

/* Cleans up after libotr has read a message in T with the context USED. */
static void
clean_up_after_libotr(struct otr *o, struct talk *t, const ConnContext *used)
{
	/*
	 * Our D-H commit, kept in the master, was answered. Forget it: a second
	 * answer would leak the keys of the first.
	 */
	if (used != NULL && used != used->m_context &&
	    used->auth.authstate == OTRL_AUTHSTATE_AWAITING_SIG)
		otrl_auth_clear(&used->m_context->auth);
	lib_bound(o, t, used);
	/*
	 * A handshake within a session makes libotr go back to plaintext, while
	 * it keeps the keys: restore the state.
	 */
	if (t->state == OTR_ENCRYPTED &&
	    t->ctx->msgstate == OTRL_MSGSTATE_PLAINTEXT)
		t->ctx->msgstate = OTRL_MSGSTATE_ENCRYPTED;
	if (t->state == OTR_ENCRYPTED && !lib_alive(t->ctx))
		talk_over(o, t, OTR_FINISHED);
	if (t->state == OTR_ENCRYPTED) {
		if (t->abort)
			otrl_message_abort_smp(o->us, &otr_ops, o, t->ctx);
		if (t->fresh) {
			lib_forget(o, t, t->ctx);
			/* The next handshake would leak it. */
			otrl_auth_clear(&t->ctx->auth);
		}
		lib_scrub(t->ctx);
	}
	t->abort = t->fresh = 0;
}

/* Gives BODY to libotr. */
static void
feed_libotr(struct otr *o, struct talk *t, const char *body)
{
	ConnContext *ctx = NULL;
	char *text = NULL;
	int internal, ours;

	o->current = t;
	o->body = body;
	internal = otrl_message_receiving(o->us, &otr_ops, o, OTR_ACCOUNT,
	    OTR_PROTOCOL, t->name, body, &text, NULL, &ctx, NULL, NULL);
	ours = t->state == OTR_ENCRYPTED && ctx == t->ctx;
	if (!internal && text != NULL && ours)
		queue_html(o, t, text);
	else if (!internal)
		queue_note(o, t->name, OTR_NOTE_MALFORMED);
	if (text != NULL)
		buf_wipe(text, strlen(text));
	otrl_message_free(text);
	clean_up_after_libotr(o, t, ctx);
	o->body = NULL;
}

/*
 * Decides if both sides have sent a D-H commit: the higher hash wins. libotr
 * 4.1 does not, so that neither handshake would end. Returns 1 if BODY loses
 * and has been answered.
 */
static int
resolve_collision(struct otr *o, const struct talk *t, const char *body)
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
	/* The hash is the last field in each version. */
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

/*
 * Returns 1 if BODY is a data message from an instance tag that we do not know,
 * as those in a session from before a restart are. libotr drops them in
 * silence.
 */
static int
is_in_lost_session(struct otr *o, const struct talk *t, const char *body)
{
	unsigned from = 0, to = 0;

	return otrl_proto_message_type(body) == OTRL_MSGTYPE_DATA &&
	       otrl_proto_instance(body, &from, &to) == 0 &&
	       from >= OTRL_MIN_VALID_INSTAG && lib_context(o, t, from) == NULL;
}

/* Returns 1 if BODY has a new instance tag, after too many within a minute. */
static int
has_excess_tag(struct otr *o, struct talk *t, const char *body)
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

/* Checks BODY before libotr sees it; returns the reason to refuse it, or
 * OTR_OK. */
static enum otr_cause
check_body(struct otr *o, struct talk *t, const char *body)
{
	int version = otrl_proto_message_version(body);
	OtrlMessageType type = otrl_proto_message_type(body);

	/* A session goes on in its version, even if that is no longer allowed.
	 */
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
	return has_excess_tag(o, t, body) ? OTR_NOTE_IGNORED : OTR_OK;
}

/* Returns 1 if BODY is text, perhaps about OTR, and not a message of OTR. */
static int
is_prose(const char *body)
{
	return strncmp(body, MARK, sizeof MARK - 1) != 0 ||
	       (strchr(":,|?v", body[4]) == NULL &&
		   strncmp(body, MARK_ERROR, sizeof MARK_ERROR - 1) != 0) ||
	       body[4] == '\0';
}

enum otr_kind
otr_kind(const char *body)
{
	if (is_prose(body))
		return OTR_KIND_TEXT;
	if (strncmp(body, MARK_ERROR, sizeof MARK_ERROR - 1) == 0)
		return OTR_KIND_ERROR;
	return body[4] == '?' || body[4] == 'v' ? OTR_KIND_QUERY
						: OTR_KIND_DATA;
}

int
otr_is_handshake(const char *body)
{
	/* Base64 of the version, 2 or 3, and of 03, the type of data. */
	return strncmp(body, MARK ":", sizeof MARK) == 0 &&
	       strncmp(body + sizeof MARK, "AAMD", 4) != 0 &&
	       strncmp(body + sizeof MARK, "AAID", 4) != 0;
}

/*
 * Returns 1 if the error WORDS say that one message could not be read, as this
 * program and other users of libotr put it. The session may still be good;
 * after other words the peer may have none.
 */
static int
is_about_one_message(const char *words)
{
	static const char *const said[] = {
	    "could not be read", "unreadable", "malformed", "no known form"};
	size_t i;

	for (i = 0; i < sizeof said / sizeof *said; i++)
		if (strstr(words, said[i]) != NULL)
			return 1;
	return 0;
}

/*
 * Closes the session of T if the error WORDS of its peer mean that the peer has
 * lost it. Errors are not authenticated; at worst they make us ask for a new
 * session. One message may have been damaged on the way, but not two in a row.
 */
static void
doubt_session(struct otr *o, struct talk *t, const char *words)
{
	if (t == NULL)
		return;
	if (t->doubted || !is_about_one_message(words))
		talk_close(o, t, 1);
	t->doubted = 1;
}

/* Reports the error WORDS of P. The policy may answer them by a query. */
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
	doubt_session(o, talk_find(c, p->name), buf_str(&b));
	buf_clear(&b);
	if ((p->policies & OTR_ERROR_START_AKE) != 0 &&
	    may_start_handshake(c, p) && contact_may_begin(c, p->now))
		queue_query(o, p, c);
}

/* Returns the content of BODY if it is a first fragment, else NULL. */
static const char *
first_piece(const char *body)
{
	unsigned k = 0, n = 0;
	int at = 0;

	if (body[4] == '|')
		sscanf(body, "?OTR|%*x|%*x,%u,%u,%n", &k, &n, &at);
	else if (body[4] == ',')
		sscanf(body, "?OTR,%u,%u,%n", &k, &n, &at);
	return at > 0 && k == 1 ? body + at : NULL;
}

/*
 * Returns 1 if BODY may begin a handshake, which costs some exponentiations. A
 * fragment that is too short to tell counts as one.
 */
static int
begins_handshake(const char *body)
{
	const char *piece = first_piece(body);

	if (piece == NULL && (body[4] == '|' || body[4] == ','))
		return 0;
	if (piece == NULL)
		piece = body;
	/* D-H Key, Reveal Signature, Signature and Data of versions 2 and 3. */
	return strncmp(piece, "?OTR:AA", 7) != 0 || piece[7] == '\0' ||
	       strchr("KRSD", piece[8]) == NULL || piece[8] == '\0';
}

/* Returns 1 if BODY begins a handshake after C has begun too many. */
static int
begins_too_often(struct otr *o, const struct otr_peer *p, struct contact *c,
    const struct talk *t, const char *body)
{
	ConnContext *m = lib_context(o, t, OTRL_INSTAG_MASTER);

	if (!begins_handshake(body))
		return 0;
	/* Both sides have begun: one handshake, see resolve_collision. */
	if (m != NULL && m->auth.authstate == OTRL_AUTHSTATE_AWAITING_DHKEY &&
	    otrl_proto_message_type(body) == OTRL_MSGTYPE_DH_COMMIT)
		return 0;
	/* An answer to our query is not counted. */
	if (otrl_proto_message_type(body) != OTRL_MSGTYPE_QUERY &&
	    c->asked > 0 && p->now - c->asked_at < OTR_AUTOMATIC) {
		c->asked--;
		return 0;
	}
	return !contact_may_begin(c, p->now);
}

/* Refuses BODY; a query will be answered at the end of the minute. */
static void
delay_handshake(
    struct otr *o, struct contact *c, const struct talk *t, const char *body)
{
	int first = c->early == NULL;

	if (otr_kind(body) != OTR_KIND_QUERY) {
		queue_note(o, t->name, OTR_NOTE_IGNORED);
		return;
	}
	contact_not_early(o, c);
	c->early = buf_strdup(t->name);
	c->early_allowed = o->allowed;
	o->early++;
	if (first)
		queue_note(o, t->name, OTR_NOTE_OFTEN);
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
	if ((cause = check_body(o, t, body)) != OTR_OK) {
		queue_note(o, p->name, cause);
		return;
	}
	if (begins_too_often(o, p, c, t, body)) {
		delay_handshake(o, c, t, body);
		return;
	}
	if (is_in_lost_session(o, t, body)) {
		o->current = t;
		if (ops_is_for_reading(body))
			ops_no_session(o, OTR_NOTE_INSTANCE);
		return;
	}
	lib_fragments(o, t, strlen(body));
	if (!resolve_collision(o, t, body))
		feed_libotr(o, t, body);
}

/* Receives clear text; if ANSWER is 1 a whitespace tag may be answered. */
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
	if (best == 0 || !answer || (state == OTR_ENCRYPTED && !t->closed) ||
	    (p->policies & OTR_WHITESPACE_START_AKE) == 0 ||
	    !may_start_handshake(c, p))
		return;
	c = contact_make(o, p->name);
	if ((t = talk_get(o, c, p->name)) == NULL ||
	    !contact_may_begin(c, p->now))
		return;
	c->started = 1;
	c->at = p->now;
	/* The tag means the same as a query. */
	feed_libotr(o, t, best == 3 ? "?OTRv3?" : "?OTRv2?");
}

void
otr_receive(struct otr *o, const struct otr_peer *p, const char *body)
{
	struct contact *c = contact_find(o, p->name);
	const struct talk *t = talk_find(c, p->name);
	int answer;

	o->cause = OTR_OK;
	o->now = p->now;
	o->ours = p->ours;
	o->allowed = lib_policy(p->versions);
	answer = p->answer || (c != NULL && (c->wish || c->open)) ||
		 (t != NULL && t->state != OTR_PLAINTEXT);
	if (o->queued >= MAX_QUEUED)
		return; /* the caller does not pull items */
	if (strlen(body) > OTR_MAX_BODY)
		queue_note(o, p->name, OTR_NOTE_MALFORMED);
	else if (is_prose(body))
		receive_plain(o, p, body, answer);
	else if (!answer)
		queue_note(o, p->name,
		    otr_kind(body) == OTR_KIND_DATA ? OTR_NOTE_NO_SESSION
						    : OTR_NOTE_STRANGER);
	else
		receive_otr(o, p, contact_make(o, p->name), body);
	o->current = NULL;
}

int
otr_is_plain(const struct otr *o, const struct otr_peer *p, const char *body)
{
	const struct contact *c = contact_find(o, p->name);
	const struct talk *t = talk_find(c, p->name);

	return o->first == NULL && (c == NULL || !c->wish) &&
	       (t == NULL || t->state == OTR_PLAINTEXT) && is_prose(body) &&
	       strstr(body, OTRL_MESSAGE_TAG_BASE) == NULL &&
	       strlen(body) <= OTR_MAX_BODY;
}

void
otr_stop(struct otr *o, const struct otr_peer *p)
{
	struct contact *c = contact_find(o, p->name);

	o->cause = OTR_OK;
	if (c == NULL)
		return;
	c->wish = c->open = c->theirs = 0;
	contact_not_early(o, c);
	while (c->talk != NULL) {
		end_talk(o, c->talk);
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
	info->elsewhere = talk_elsewhere(c, name) != NULL;
	if (t == NULL)
		return;
	info->smp = t->smp;
	info->closed = t->closed;
	info->state = t->closed ? OTR_FINISHED : t->state;
	if (info->state != OTR_ENCRYPTED)
		return;
	info->version = t->version;
	memcpy(info->fingerprint, t->fingerprint, sizeof info->fingerprint);
	memcpy(info->ssid, t->ssid, sizeof info->ssid);
}

const char *
otr_encrypted(const struct otr *o, const char *name)
{
	const struct contact *c = contact_find(o, name);
	const struct talk *t = c == NULL ? NULL : c->talk;

	while (t != NULL && (t->state != OTR_ENCRYPTED || t->closed))
		t = t->next;
	return t == NULL ? NULL : t->name;
}

long long
otr_deadline(const struct otr *o)
{
	long long first = o->deadline, at;
	size_t i;

	for (i = 0; o->early > 0 && i < o->contacts; i++) {
		at = o->contact[i]->theirs_at + OTR_AUTOMATIC;
		if (o->contact[i]->early != NULL && (first < 0 || at < first))
			first = at;
	}
	return first;
}

/* Answers the queries that were delayed by a minute. */
static void
answer_delayed_queries(struct otr *o, long long now)
{
	struct contact *c;
	struct talk *t;
	size_t i;

	for (i = 0; o->early > 0 && i < o->contacts; i++) {
		c = o->contact[i];
		if (c->early == NULL || now - c->theirs_at < OTR_AUTOMATIC)
			continue;
		t = talk_find(c, c->early);
		o->allowed = c->early_allowed;
		contact_not_early(o, c);
		if (t != NULL && contact_may_begin(c, now))
			feed_libotr(o, t, "?OTRv23?");
		o->current = NULL;
	}
}

void
otr_tick(struct otr *o, long long now)
{
	o->now = now;
	answer_delayed_queries(o, now);
	if (o->deadline == -1 || now < o->deadline)
		return;
	o->deadline =
	    now + otrl_message_poll_get_default_interval(o->us) * 1000LL;
	otrl_message_poll(o->us, &otr_ops, o);
}
