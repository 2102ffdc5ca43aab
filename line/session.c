#include "line/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/encrypt.h"
#include "line/fate.h"
#include "line/job.h"
#include "line/keep.h"
#include "line/muc.h"
#include "line/notice.h"
#include "line/receive.h"
#include "line/regain.h"
#include "line/request.h"
#include "otr/hash.h"
#include "xmpp/caps.h"

/*
 * A dead link is found within IDLE + ANSWER of silence, and within ANSWER
 * while messages wait for their fate; where much else comes, one that does not
 * take what we say within BEHIND more. Milliseconds.
 */
#define IDLE   ((int64_t)45 * 1000)
#define ANSWER ((int64_t)15 * 1000)
#define BEHIND ((int64_t)5 * 60 * 1000)

static void
state_begin(struct client *c, const char *text, const char *cause)
{
	event_begin(&c->event, EVENT_STATE, c->jid, text, strlen(text));
	event_set(&c->event, "cause", cause);
}

static const char *
hex_pin(const unsigned char *pin, char out[2 * TLS_PIN + 1])
{
	size_t i;

	if (pin == NULL)
		return NULL;
	for (i = 0; i < TLS_PIN; i++)
		snprintf(out + 2 * i, 3, "%02x", pin[i]);
	return out;
}

void
session_dial(struct client *c)
{
	stream_free(c->stream);
	c->stream = NULL;
	c->dial.domain = c->domain;
	c->dial.host = c->options.hostname;
	c->dial.port = c->options.port;
	nonce_bytes(c->nonce, &c->dial.random, sizeof c->dial.random);
	c->link = LINK_DIALLING;
	c->action = CLIENT_DIAL;
	c->jumped = 0; /* this is what follows from it */
	c->link_deadline = c->mono + SESSION_CONNECT_SECONDS * 1000;
	state_begin(c, "connecting", NULL);
	event_end(&c->event);
}

void
session_connect(struct client *c)
{
	if (c->link != LINK_OFFLINE && c->link != LINK_WAITING) {
		job_ok(c, c->jid, "already connected or connecting");
		return;
	}
	job_wait(c, JOB_CONNECT, 1, SESSION_CONNECT_SECONDS);
	if (c->link == LINK_OFFLINE)
		c->lost = NULL;
	session_dial(c);
}

/* What dies with the session: answers, fates, everybody's presence. */
static void
forget(struct client *c, const char *cause, const char *why)
{
	const char *told = cause == NULL ? "connection-lost" : cause;

	fate_lost(c, told);
	muc_lost(c, told);
	resume_clear(&c->resume);
	request_lost(c);
	roster_offline(&c->roster);
	if (cause == NULL)
		job_settle(c, JOB_CONNECT, "connection-lost", NULL);
	else
		job_settle(c, JOB_CONNECT, cause, why);
	job_settle(c, JOB_DISCONNECT, NULL, NULL);
	job_settle(c, JOB_OTR, told, why);
	job_settle(c, JOB_WAIT, told, why);
	job_settle(c, JOB_REQUEST, told, why);
}

/* What the session needs to go on on another stream is kept. */
static void
suspend(struct client *c)
{
	/* What was written and not sent belongs to it. */
	stream_sent(c->stream);
	/* With no message to blame, what is sent again would end the next. */
	if (stream_poisoned(c->stream) && fate_strike(c) == 0)
		resume_forget(&c->resume);
	if (!resume_can(&c->resume)) {
		fate_lost(c, c->lost);
		muc_lost(c, c->lost);
		request_lost(c);
		job_settle(c, JOB_REQUEST, c->lost, c->lost_why);
	}
}

static void
offline(struct client *c)
{
	char pin[2 * TLS_PIN + 1];

	c->link = LINK_OFFLINE;
	notice_disconnected(c);
	regain_done(c);
	state_begin(c, "offline", c->lost);
	if (c->lost != NULL && strncmp(c->lost, "tls-", 4) == 0 &&
	    c->stream != NULL && stream_tls(c->stream) != NULL)
		event_set(&c->event, "cert",
		    hex_pin(tls_pin(stream_tls(c->stream)), pin));
	event_end(&c->event);
	forget(c, c->lost, c->lost == NULL ? NULL : c->lost_why);
}

void
session_end(struct client *c, const char *cause, const char *why)
{
	char said[sizeof c->lost_why];
	int online = c->link == LINK_ONLINE;

	if (c->link == LINK_OFFLINE)
		return;
	if (cause != NULL || !regain_is_on(c)) {
		/* The words may belong to the stream, or be our own. */
		snprintf(said, sizeof said, "%s", why == NULL ? "" : why);
		memcpy(c->lost_why, said, sizeof said);
		c->lost = cause;
	}
	c->action = CLIENT_HANGUP;
	c->pinged = 0;
	c->ack_ping = 0;
	c->link_deadline = 0;
	if (regain_may(c, cause)) {
		regain_begin(c);
		notice_disconnected(c);
		if (online)
			suspend(c);
	} else {
		if (cause != NULL)
			regain_failed(c);
		c->gone = cause != NULL && (online || c->regaining);
		offline(c);
	}
	free(c->host);
	free(c->address);
	c->host = c->address = NULL;
}

void
session_close(struct client *c)
{
	if (c->link != LINK_ONLINE) {
		session_end(c, NULL, NULL);
		return;
	}
	encrypt_end(c);
	c->all_acked = !session_owes(c);
	stream_close(c->stream);
	c->link = LINK_CLOSING;
	c->link_deadline = c->mono + SESSION_CLOSE_SECONDS * 1000;
}

void
session_dialled(struct client *c, const struct dial_result *result)
{
	struct stream_options options = {.jid = c->options.jid,
	    .password = c->options.password,
	    .domain = c->domain,
	    .name = c->options.name,
	    .pin = c->options.pin,
	    .direct = result->direct,
	    .now = c->wall / 1000,
	    .anchors = c->options.anchors,
	    .seen = &c->seen,
	    .nonce = c->nonce,
	    .hi = hash_hi,
	    .resume = &c->resume,
	    .log = c->options.log ? &c->log : NULL};

	if (c->link != LINK_DIALLING)
		return;
	if (result->cause != NULL) {
		session_end(c, result->cause, result->why);
		return;
	}
	c->host = buf_strdup(result->host);
	c->address = buf_strdup(result->address);
	c->port = result->port;
	c->stream = stream_new(&options);
	c->link = LINK_OPENING;
	c->heard = c->mono;
	c->again = 0;
}

/* `free away dnd xa` as RFC 6121 4.7.2.1 says it; NULL: nothing to say. */
static const char *
show_element(enum roster_show show)
{
	static const char *const names[] = {
	    NULL, "dnd", "xa", "away", NULL, "chat"};

	return names[show];
}

void
session_presence(struct client *c)
{
	struct writer w;
	char number[16];

	c->untold = 0;
	writer_init(&w, stream_out(c->stream));
	writer_open(&w, "presence", NULL);
	if (c->show == SHOW_OFFLINE)
		writer_attr(&w, "type", "unavailable");
	else if (show_element(c->show) != NULL)
		writer_leaf(&w, "show", NULL, show_element(c->show));
	if (c->status != NULL)
		writer_leaf(&w, "status", NULL, c->status);
	if (c->show != SHOW_OFFLINE && c->priority != 0) {
		snprintf(number, sizeof number, "%d", c->priority);
		writer_leaf(&w, "priority", NULL, number);
	}
	if (c->show != SHOW_OFFLINE) {
		writer_open(&w, "c", NS_CAPS);
		writer_attr(&w, "hash", "sha-1");
		writer_attr(&w, "node", CAPS_NODE);
		writer_attr(&w, "ver", c->caps);
		writer_close(&w);
	}
	writer_end(&w);
	muc_status(c);
}

static void
on_roster(struct client *c, struct job *job, const struct stanza *x)
{
	(void)job;
	if (x == NULL)
		return;
	c->has_roster = strcmp(stanza_get(x, "type"), "result") == 0;
	if (c->has_roster)
		roster_replace(&c->roster, stanza_child(x, "query", NS_ROSTER));
	/* Only now do commands know whom they speak of. */
	if (c->link == LINK_ONLINE && !c->closing)
		c->link_deadline = 0;
	job_settle(c, JOB_CONNECT, NULL, NULL);
	regain_done(c);
	receive_written(c);
}

/* A new session takes the place of the one before, if there was one. */
static void
replace(struct client *c)
{
	static const char why[] = "the session ended before the answer came";

	c->sessions++;
	c->replaying = 0;
	c->ack_asked = 0;
	fate_unresumed(c);
	muc_lost(c, "connection-lost");
	request_lost(c);
	job_settle(c, JOB_REQUEST, "connection-lost", why);
	roster_offline(&c->roster);
	resume_begin(&c->resume);
	if ((stream_features(c->stream) & STREAM_MANAGEMENT) == 0)
		resume_off(&c->resume);
}

/* What may follow the binding at once: roster, then presence. */
static void
begin(struct client *c)
{
	struct writer w;

	replace(c);
	request_begin(c, &w, "get", NULL, on_roster, NULL);
	writer_open(&w, "query", NS_ROSTER);
	if (stream_features(c->stream) & STREAM_ROSTER_VERSIONS)
		writer_attr(&w, "ver",
		    c->roster.version == NULL ? "" : c->roster.version);
	writer_end(&w);
	request_large(c);
	c->untold = 0;
	if (c->show != SHOW_OFFLINE)
		session_presence(c);
}

static void
online_event(struct client *c, const char *resumed)
{
	const struct tls *tls = stream_tls(c->stream);
	char pin[2 * TLS_PIN + 1];

	state_begin(c, "online", NULL);
	event_set(&c->event, "host", c->host);
	event_set_number(&c->event, "port", c->port);
	event_set(&c->event, "addr", c->address);
	event_set(&c->event, "tls", tls_version(tls));
	event_set(&c->event, "cipher", tls_cipher(tls));
	event_set(&c->event, "cert", hex_pin(tls_pin(tls), pin));
	event_set(&c->event, "sasl", stream_mechanism(c->stream));
	event_set(&c->event, "resumed", resumed);
	event_end(&c->event);
	notice_connected(c);
}

static void
online(struct client *c)
{
	c->link = LINK_ONLINE;
	c->was_online = 1;
	c->lost = NULL;
	snprintf(c->jid, sizeof c->jid, "%s", stream_jid(c->stream));
	c->online_since = c->mono;
	/* From now on a crash of ours may leave unacknowledged what we wrote.
	 */
	if (c->resume.state == RESUME_ON)
		keep_mark(c, 1);
	encrypt_online(c);
	online_event(c, "no");
	muc_online(c, 0);
	if (c->untold)
		session_presence(c);
	fate_again(c);
	c->again = buf_len(stream_out(c->stream));
}

/* The same session and JID on another stream. */
static void
resumed(struct client *c)
{
	int asked;

	c->link = LINK_ONLINE;
	c->lost = NULL;
	c->link_deadline = 0;
	c->online_since = c->mono;
	online_event(c, "yes");
	fate_resumed(c);
	request_resumed(c);
	asked = stream_again(c->stream);
	if (asked == -1)
		return;
	c->again = buf_len(stream_out(c->stream));
	if (c->untold)
		session_presence(c);
	/* The answer follows the last stanza that is sent again. */
	c->replaying = 1;
	fate_ask(c);
	c->ack_ping += asked;
	muc_online(c, 1);
	regain_done(c);
}

static void
ended(struct client *c)
{
	const char *cause = stream_cause(c->stream);

	if (c->link == LINK_CLOSING) {
		/* Its last word was behind ours: it knows what we wrote. */
		if (cause == NULL && c->all_acked)
			keep_mark(c, 0);
		cause = NULL;
	}
	session_end(c, cause, stream_why(c->stream));
}

/* What the server keeps for us until we are here again is left to it. */
static int
comes_again(const struct client *c, const struct stanza *x)
{
	const char *type = stanza_get(x, "type");

	return c->link == LINK_CLOSING && c->resume.state == RESUME_ON &&
	       strcmp(x->name, "message") == 0 &&
	       (type == NULL || strcmp(type, "error") != 0) &&
	       stanza_child(x, "body", NS_CLIENT) != NULL;
}

static void
take(struct client *c, const struct stanza *x)
{
	if (c->resume.state != RESUME_ON) {
		receive_stanza(c, x);
	} else if (!resume_known(&c->resume) && !comes_again(c, x)) {
		receive_stanza(c, x);
		resume_received(&c->resume, client_text_total(c));
	}
}

int
session_pull(struct client *c)
{
	if (c->link < LINK_OPENING)
		return 0;
	switch (stream_next(c->stream)) {
	case STREAM_MORE:
		return 0;
	case STREAM_SESSION:
		begin(c);
		break;
	case STREAM_ONLINE:
		online(c);
		break;
	case STREAM_RESUMED:
		resumed(c);
		break;
	case STREAM_ACKED:
		c->replaying = 0;
		fate_answered(c);
		break;
	case STREAM_ASKED:
		resume_owe(&c->resume, c->mono);
		break;
	case STREAM_STANZA:
		take(c, stream_stanza(c->stream));
		break;
	case STREAM_END:
		ended(c);
		break;
	}
	return 1;
}

void
session_written(struct client *c)
{
	resume_written(&c->resume, c->text_written);
	if (c->link == LINK_ONLINE && resume_pay(&c->resume, c->mono))
		stream_answer(c->stream);
}

int
session_owes(const struct client *c)
{
	return c->link == LINK_ONLINE && c->resume.handled < c->resume.received;
}

static void
on_pong(struct client *c, struct job *job, const struct stanza *x)
{
	(void)job;
	if (x != NULL)
		c->pinged = 0;
}

static void
ping(struct client *c)
{
	struct writer w;

	request_begin(c, &w, "get", NULL, on_pong, NULL);
	writer_leaf(&w, "ping", NS_PING, NULL);
	writer_end(&w);
	c->pinged = c->mono;
}

/* Whether so many events are unread that the socket is not read either. */
static int
is_unread(const struct client *c)
{
	return buf_len(&c->text) >= SOCKET_HELD;
}

int
session_listens(const struct client *c)
{
	return c->link >= LINK_OPENING && !is_unread(c) &&
	       buf_len(stream_out(c->stream)) < c->again + SOCKET_HELD;
}

void
session_taken(struct client *c, size_t n)
{
	/* While its words are not read this alone tells that it is there. */
	if (n > 0 && c->link == LINK_ONLINE && !session_listens(c))
		c->heard = c->mono;
}

/* When the silence is too long: 0 where nothing is expected. */
static int64_t
silence_ends(const struct client *c)
{
	int64_t since = c->pinged, heard = c->heard;

	if (c->link != LINK_ONLINE || is_unread(c))
		return 0;
	if (c->ack_ping && (since == 0 || c->ack_pinged < since))
		since = c->ack_pinged;
	if (since == 0)
		return 0;
	/* It may come behind much else; but that is no answer. */
	if (heard > since + BEHIND)
		heard = since + BEHIND;
	return (since > heard ? since : heard) + ANSWER +
	       (c->ack_ping ? c->ack_slow : 0);
}

void
session_timers(struct client *c)
{
	if (c->link_deadline != 0 && c->link_deadline <= c->mono) {
		if (c->link == LINK_CLOSING) {
			session_end(c, NULL, NULL);
			return;
		}
		resume_unanswered(&c->resume);
		session_end(c, "timeout", event_sentence("timeout"));
		return;
	}
	regain_timers(c);
	session_written(c);
	if (c->link != LINK_ONLINE)
		return;
	if (is_unread(c)) {
		/* As we do not listen, no answer is late. */
		c->heard = c->ack_pinged = c->mono;
		c->pinged = c->pinged == 0 ? 0 : c->mono;
		return;
	}
	if (c->jumped)
		c->pinged = 0;
	if (c->jumped)
		c->ack_pinged = c->mono; /* what was said is yet to be heard */
	if (silence_ends(c) != 0 && silence_ends(c) <= c->mono)
		session_end(
		    c, "connection-lost", "the server was silent for too long");
	else if (c->pinged == 0 && (c->jumped || c->heard + IDLE <= c->mono))
		ping(c);
	c->jumped = 0;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

int64_t
session_deadline(const struct client *c)
{
	int64_t at = c->link_deadline != 0 ? c->link_deadline : -1;

	at = sooner(at, regain_deadline(c));
	if (c->link == LINK_ONLINE && c->resume.owes)
		at = sooner(at, c->resume.owed_at);
	if (c->link == LINK_ONLINE && c->ack_rests > c->mono)
		at = sooner(at, c->ack_rests);
	if (c->link != LINK_ONLINE || is_unread(c))
		return at;
	if (silence_ends(c) != 0)
		return sooner(at, silence_ends(c));
	return sooner(at, c->heard + IDLE);
}
