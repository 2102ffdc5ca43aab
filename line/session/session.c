#include "line/session/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/link.h"
#include "line/core/notice.h"
#include "line/core/request.h"
#include "line/disk/position.h"
#include "line/disk/users.h"
#include "line/disk/want.h"
#include "line/room/bookmark.h"
#include "line/room/room.h"
#include "line/session/copies.h"
#include "line/session/dispatch.h"
#include "line/session/reconnect.h"
#include "line/session/replay.h"
#include "line/talk/encrypt.h"
#include "line/talk/fate.h"
#include "line/talk/omemo_talk.h"
#include "line/talk/omemo_task.h"
#include "line/talk/receipt.h"
#include "otr/hash.h"
#include "sexp/hex.h"
#include "xmpp/caps.h"

/*
 * A dead link is found after IDLE + ANSWER milliseconds of silence, or ANSWER
 * while messages wait for their fate. While other stanzas keep coming, a server
 * that does not answer us is given up BEHIND later.
 */
#define IDLE   ((int64_t)45 * 1000)
#define GUESS  ((int64_t)10 * 1000) /* for what was sent ahead */
#define ANSWER ((int64_t)15 * 1000)
#define BEHIND ((int64_t)5 * 60 * 1000)
/* The time for one target: at most, and at least where there are many. */
#define TARGET_MOST  ((int64_t)10 * 1000)
#define TARGET_LEAST ((int64_t)2 * 1000)

/* The connection as it is made and watched. Times are monotonic. */
struct session {
	enum client_action action; /* for the caller to do next */
	struct dial_options dial;
	char domain[256];	       /* of our JID, A-labels */
	char hostname[256], name[256]; /* as configured, A-labels */
	char *host, *address;	       /* of the server that was dialled */
	int port;
	unsigned mechanisms; /* of SASL, offered so far */
	struct sasl_salted salted;
	int64_t heard;	      /* when bytes came last */
	int64_t pinged;	      /* when a liveness ping went out; 0: none is */
	int64_t deadline;     /* Connecting or closing must end; 0: none. */
	size_t more;	      /* targets and addresses left to be tried */
	int64_t target_ends;  /* This one must have shown itself by then. */
	const char *next_why; /* the reason of client_dial_why */
	size_t resent;	      /* bytes that were sent again on this stream */
	int was_online;	      /* at least once */
	int lost;	      /* The session ended, and not by the user. */
	int presence_unsent;  /* Set while there was no connection, and not yet
				 sent. */
	int all_acked;	      /* The server had all when we ended the stream. */
	int uncounted;	      /* The last stanza has no event yet. */
	enum stream_item held; /* A stanza that waits for a file, or 0. */
	int jumped;	       /* The clock did, or we slept or were stopped. */
	char caps[32];	       /* our version (XEP-0115) */
	struct debug debug_in, debug_out;
	struct buf log; /* -d */
};

/*
 * Writes the A-labels of NAME into OUT, or NAME if it has none; an empty name
 * means DOMAIN.
 */
static void
host_name(const char *name, const char *domain, char out[256])
{
	if (*name == '\0')
		name = domain;
	if (jid_ascii_domain(name, out) == -1)
		snprintf(out, 256, "%s", name);
}

void
session_init(struct client *c)
{
	struct session *s = buf_alloc(sizeof *s);
	const char *name = c->options.name;
	char domain[JID_SIZE];

	jid_domain(c->self.jid, domain);
	if (jid_ascii_domain(domain, s->domain) == -1)
		*s->domain = '\0'; /* No certificate is for it, so it fails. */
	if (c->options.hostname != NULL) {
		host_name(c->options.hostname, s->domain, s->hostname);
		s->dial.host = s->hostname;
	}
	s->dial.domain = s->domain;
	s->dial.port = c->options.port;
	host_name(name == NULL ? "" : name, s->domain, s->name);
	caps_version(NULL, s->caps);
	buf_init(&s->log, TEXT_HELD);
	c->session = s;
}

void
session_clear(struct client *c)
{
	stream_free(c->link.stream);
	buf_clear(&c->session->log);
	free(c->session->host);
	free(c->session->address);
	buf_wipe(&c->session->salted, sizeof c->session->salted);
	free(c->session);
}

static void
state_begin(struct client *c, const char *text, const char *cause)
{
	event_begins(&c->event, EVENT_STATE, c->self.jid, text);
	event_set(&c->event, "cause", cause);
}

static const char *
hex_pin(const unsigned char *pin, char out[2 * TLS_PIN + 1])
{
	if (pin == NULL)
		return NULL;
	hex_write(pin, TLS_PIN, out);
	return out;
}

/* Forgets which server was dialled. */
static void
forget_server(struct client *c)
{
	free(c->session->host);
	free(c->session->address);
	c->session->host = c->session->address = NULL;
}

/* Dials, for a user or to regain a lost session. */
static void
dial_server(struct client *c)
{
	stream_free(c->link.stream);
	c->link.stream = NULL;
	forget_server(c);
	nonce_bytes(
	    c->nonce, &c->session->dial.random, sizeof c->session->dial.random);
	c->link.state = LINK_DIALLING;
	/* The kept rooms are entered at login. */
	if (!c->options.no_rooms && !c->options.read_only &&
	    c->options.text_to == NULL)
		want_all(c);
	c->session->action = CLIENT_DIAL;
	c->session->jumped = 0; /* this is what follows from it */
	reconnect_dialled(c);
	c->session->deadline = c->clock.mono + SESSION_CONNECT_SECONDS * 1000;
	state_begin(c, "connecting", NULL);
	event_end(&c->event);
}

/* The session is there again, or gone: lines wait no longer. */
static void
end_regaining(struct client *c)
{
	c->link.regaining = 0;
	reconnect_done(c);
}

void
session_connect(struct client *c)
{
	if (c->link.state != LINK_OFFLINE && c->link.state != LINK_WAITING) {
		answer_ok(c, c->self.jid, "already connected or connecting");
		return;
	}
	answer_wait(c, ANSWER_CONNECT, 1, SESSION_CONNECT_SECONDS);
	if (c->link.state == LINK_OFFLINE)
		c->link.cause = NULL;
	dial_server(c);
}

/* Ends all that belongs to the session: answers, fates, presence. */
static void
forget_session(struct client *c, const char *cause, const char *why)
{
	const char *told = cause == NULL ? "connection-lost" : cause;

	link_drop_later(c);
	fate_lost(c, told);
	room_lost(c, told);
	resume_clear(&c->resume);
	request_lost(c);
	replay_lost(c);
	roster_offline(&c->roster);
	if (cause == NULL)
		answer_settle(c, ANSWER_CONNECT, "connection-lost", NULL);
	else
		answer_settle(c, ANSWER_CONNECT, cause, why);
	answer_settle(c, ANSWER_DISCONNECT, NULL, NULL);
	answer_settle(c, ANSWER_OTR, told, why);
	answer_settle(c, ANSWER_WAIT, told, why);
	answer_settle(c, ANSWER_REQUEST, told, why);
	answer_settle(c, ANSWER_OMEMO, told, why);
}

/* Keeps what the session needs to go on on another stream. */
static void
suspend_session(struct client *c)
{
	/* Stanzas that were written and not sent belong to the session. */
	stream_sent(c->link.stream);
	/* The server refuses something and no message is outstanding: the
	 * queue would be refused again, so the session is given up. */
	if (stream_poisoned(c->link.stream) && fate_strike(c) == 0)
		resume_forget(&c->resume);
	if (!resume_can(&c->resume)) {
		if (replay_will_run(c))
			fate_seek(c);
		else
			fate_lost(c, c->link.cause);
		room_lost(c, c->link.cause);
		request_lost(c);
		answer_settle(c, ANSWER_REQUEST, c->link.cause, c->link.why);
		answer_settle(c, ANSWER_OMEMO, c->link.cause, c->link.why);
	}
}

static void
go_offline(struct client *c)
{
	char pin[2 * TLS_PIN + 1];

	c->link.state = LINK_OFFLINE;
	notice_disconnected(c);
	end_regaining(c);
	state_begin(c, "offline", c->link.cause);
	if (c->link.cause != NULL && strncmp(c->link.cause, "tls-", 4) == 0 &&
	    c->link.stream != NULL && stream_tls(c->link.stream) != NULL)
		event_set(&c->event, "cert",
		    hex_pin(tls_pin(stream_tls(c->link.stream)), pin));
	event_end(&c->event);
	/* Without the first connection that -c makes, no line is executed. */
	if (c->options.connect && !c->session->was_online &&
	    c->link.cause != NULL)
		answer_no_more(c);
	forget_session(
	    c, c->link.cause, c->link.cause == NULL ? NULL : c->link.why);
}

/* Returns 1 if the configuration may be the reason for CAUSE. */
static int
is_misconfigured(const char *cause)
{
	static const char *const causes[] = {"auth-refused", "tls-untrusted",
	    "tls-name", "tls-expired", "tls-pin"};
	size_t i;

	for (i = 0; i < sizeof causes / sizeof *causes; i++)
		if (strcmp(causes[i], cause) == 0)
			return 1;
	return 0;
}

/*
 * Writes WHY, the reason for CAUSE, to SAID, and the command that may help, if
 * there is room for all of it.
 */
static void
write_reason(const struct client *c, const char *cause, const char *why,
    char said[sizeof c->link.why])
{
	const char *command = c->options.configure;
	int n;

	if (why == NULL)
		why = "";
	if (cause != NULL && command != NULL && is_misconfigured(cause)) {
		n = snprintf(said, sizeof c->link.why,
		    "%s; %s can change what is stored", why, command);
		if (n < (int)sizeof c->link.why)
			return;
	}
	snprintf(said, sizeof c->link.why, "%s", why);
}

/* The link is down, and another attempt will follow. */
static void
wait_to_dial(struct client *c)
{
	int64_t ms = reconnect_begin(c);

	c->link.regaining = 1;
	c->link.state = LINK_WAITING;
	state_begin(c, "waiting", c->link.cause);
	event_set_number(&c->event, "in", (ms + 999) / 1000);
	event_end(&c->event);
}

void
session_end(struct client *c, const char *cause, const char *why)
{
	char said[sizeof c->link.why];
	int online = c->link.state == LINK_ONLINE;

	if (c->link.state == LINK_OFFLINE)
		return;
	if (cause != NULL || !link_is_sought(c)) {
		/* WHY may point into the stream or into c->link.why. */
		write_reason(c, cause, why, said);
		memcpy(c->link.why, said, sizeof said);
		c->link.cause = cause;
	}
	c->session->action = CLIENT_HANGUP;
	c->session->pinged = 0;
	fate_ask_over(c);
	c->session->deadline = 0;
	c->link.roster_due = 0;
	if (reconnect_may(c, cause)) {
		wait_to_dial(c);
		notice_disconnected(c);
		if (online)
			suspend_session(c);
	} else {
		if (cause != NULL)
			reconnect_failed(c);
		c->session->lost =
		    cause != NULL && (online || c->link.regaining);
		go_offline(c);
	}
	forget_server(c);
}

void
session_close(struct client *c)
{
	int is_online = c->link.state == LINK_ONLINE;

	/* A server that has what follows the binding would keep the session of
	 * a client that goes without a word. */
	if (!is_online && (c->link.state != LINK_OPENING ||
			      stream_out(c->link.stream) == NULL)) {
		session_end(c, NULL, NULL);
		return;
	}
	if (is_online)
		encrypt_end(c);
	c->link.roster_due = 0;
	c->session->all_acked = is_online && !session_owes(c);
	stream_close(c->link.stream);
	c->link.state = LINK_CLOSING;
	c->session->deadline = c->clock.mono + SESSION_CLOSE_SECONDS * 1000;
}

void
session_disconnect(struct client *c)
{
	if (c->link.state == LINK_ONLINE) {
		c->link.closing = 1;
		c->link.roster_due = 0;
		c->session->deadline = c->clock.mono + c->options.wait * 1000;
	} else if (c->link.state != LINK_CLOSING) {
		session_close(c);
	}
}

void
session_close_due(struct client *c, size_t open)
{
	if (!c->link.closing)
		return;
	if (c->link.state != LINK_ONLINE) {
		c->link.closing = 0;
	} else if ((open == 0 && !session_owes(c)) ||
		   c->session->deadline <= c->clock.mono) {
		c->link.closing = 0;
		session_close(c);
	}
}

void
session_hang_up(struct client *c)
{
	c->session->action = CLIENT_HANGUP;
}

void
session_jumped(struct client *c)
{
	c->session->jumped = 1;
}

int
session_is_lost(const struct client *c)
{
	if (c->link.state != LINK_OFFLINE || c->link.cause == NULL)
		return 0;
	return c->session->was_online ? c->session->lost && c->options.stay
				      : c->options.connect;
}

/* Returns how long a server may take for its header and for TLS if there are
 * others. */
static int64_t
target_time(const struct client *c)
{
	int64_t ms = (c->session->deadline - c->clock.mono) /
		     ((int64_t)c->session->more + 1);

	if (ms > TARGET_MOST)
		return TARGET_MOST;
	return ms < TARGET_LEAST ? TARGET_LEAST : ms;
}

/*
 * Returns 1 if the target has yet to show that it is a server, and there are
 * others to try instead.
 */
static int
is_doubtful(const struct client *c)
{
	return c->link.state == LINK_OPENING && c->session->more > 0 &&
	       (stream_tls(c->link.stream) == NULL ||
		   !tls_ready(stream_tls(c->link.stream)));
}

/* Returns 1 if the server has yet to answer what was sent ahead. */
static int
is_guessing(const struct client *c)
{
	return c->link.state == LINK_OPENING && stream_guessed(c->link.stream);
}

/* Tries the next target, as this one is of no use: WHY, static. */
static void
try_next(struct client *c, const char *why)
{
	stream_free(c->link.stream);
	c->link.stream = NULL;
	forget_server(c);
	c->link.state = LINK_DIALLING;
	c->session->action = CLIENT_DIAL_NEXT;
	c->session->next_why = why;
}

static void
log_bytes(void *data, const char *way, int secret, const void *p, size_t n)
{
	struct client *c = data;
	struct debug *d =
	    *way == '<' ? &c->session->debug_in : &c->session->debug_out;

	if (secret)
		debug_skip(d, p, n);
	else
		debug_note(d, &c->session->log, way, p, n);
}

enum client_action
client_action(struct client *c)
{
	enum client_action action = c->session->action;

	c->session->action = CLIENT_NOTHING;
	return action;
}

const struct dial_options *
client_dial(struct client *c)
{
	return &c->session->dial;
}

const char *
client_dial_why(const struct client *c)
{
	return c->session->next_why;
}

const unsigned char *
client_log_buf(struct client *c, size_t *len)
{
	*len = buf_len(&c->session->log);
	return buf_data(&c->session->log);
}

void
client_log_done(struct client *c, size_t n)
{
	buf_drop(&c->session->log, n);
}

void
session_dialled(struct client *c, const struct dial_result *result)
{
	struct stream_options options = {.jid = c->options.jid,
	    .password = c->options.password,
	    .domain = c->session->domain,
	    .name = c->session->name,
	    .pin = c->options.pin,
	    .direct = result->direct,
	    .now = c->clock.wall / 1000,
	    .anchors = c->options.anchors,
	    .seen = &c->session->mechanisms,
	    .nonce = c->nonce,
	    .hi = hash_hi,
	    .salted = &c->session->salted,
	    .offer = c->options.offer,
	    .resume = &c->resume,
	    .log = c->options.log ? log_bytes : NULL,
	    .log_data = c};

	if (c->link.state != LINK_DIALLING)
		return;
	if (result->cause != NULL) {
		session_end(c, result->cause, result->why);
		return;
	}
	c->session->host = buf_strdup(result->host);
	c->session->address = buf_strdup(result->address);
	c->session->port = result->port;
	memset(&c->session->debug_in, 0, sizeof c->session->debug_in);
	memset(&c->session->debug_out, 0, sizeof c->session->debug_out);
	c->link.stream = stream_new(&options);
	c->link.state = LINK_OPENING;
	c->session->more = result->more;
	c->session->target_ends = c->clock.mono + target_time(c);
	c->session->heard = c->clock.mono;
	c->session->resent = 0;
	c->session->held = STREAM_MORE;
}

/* Returns the <show/> of RFC 6121 4.7.2.1 for SHOW; NULL: there is none. */
static const char *
show_element(enum roster_show show)
{
	static const char *const names[] = {
	    NULL, "dnd", "xa", "away", NULL, "chat"};

	return names[show];
}

/* Sends our presence as last set. */
static void
send_presence(struct client *c)
{
	struct writer w;
	char number[16];

	c->session->presence_unsent = 0;
	caps_version(
	    omemo_task_is_on(c) ? OMEMO_FEATURE : NULL, c->session->caps);
	writer_init(&w, link_out(c));
	writer_open(&w, "presence", NULL);
	if (c->self.show == SHOW_OFFLINE)
		writer_attr(&w, "type", "unavailable");
	else if (show_element(c->self.show) != NULL)
		writer_leaf(&w, "show", NULL, show_element(c->self.show));
	if (c->self.status != NULL)
		writer_leaf(&w, "status", NULL, c->self.status);
	if (c->self.show != SHOW_OFFLINE && c->self.priority != 0) {
		snprintf(number, sizeof number, "%d", c->self.priority);
		writer_leaf(&w, "priority", NULL, number);
	}
	if (c->self.show != SHOW_OFFLINE) {
		writer_open(&w, "c", NS_CAPS);
		writer_attr(&w, "hash", "sha-1");
		writer_attr(&w, "node", CAPS_NODE);
		writer_attr(&w, "ver", c->session->caps);
		writer_close(&w);
	}
	writer_end(&w);
	room_status(c);
}

/* Sends our presence now, or when there is a connection. */
static void
publish_presence(struct client *c)
{
	if (c->link.state == LINK_ONLINE)
		send_presence(c);
	else
		c->session->presence_unsent = 1;
}

void
session_show(struct client *c, enum roster_show show, const char *status)
{
	client_set_show(c, show, status);
	publish_presence(c);
}

void
session_priority(struct client *c, int priority)
{
	client_set_priority(c, priority);
	if (c->self.show != SHOW_OFFLINE)
		publish_presence(c);
}

static void
on_roster(struct client *c, struct answer *answer, const struct stanza *x)
{
	(void)answer;
	if (x == NULL)
		return;
	c->link.has_roster = strcmp(stanza_get(x, "type"), "result") == 0;
	if (c->link.has_roster)
		roster_replace(&c->roster, stanza_child(x, "query", NS_ROSTER));
	/* Commands need the roster, so /connect ends only now. */
	if (c->link.state == LINK_ONLINE && !c->link.closing)
		c->session->deadline = c->link.roster_due = 0;
	answer_settle(c, ANSWER_CONNECT, NULL, NULL);
	end_regaining(c);
	receipt_written(c);
}

/* A new session takes the place of the one before, if there was one. */
static void
replace_session(struct client *c)
{
	static const char why[] = "the session ended before the answer came";

	c->link.sessions++;
	c->session->uncounted = 0;
	link_drop_later(c);
	c->link.replaying = 0;
	fate_unresumed(c, replay_will_run(c));
	room_lost(c, "connection-lost");
	request_lost(c);
	answer_settle(c, ANSWER_REQUEST, "connection-lost", why);
	answer_settle(c, ANSWER_OMEMO, "connection-lost", why);
	roster_offline(&c->roster);
	encrypt_unresumed(c);
	resume_begin(&c->resume);
	if ((stream_features(c->link.stream) & STREAM_MANAGEMENT) == 0)
		resume_off(&c->resume);
}

/* Sends what may follow the binding at once: roster, then presence. */
static void
begin_session(struct client *c)
{
	struct writer w;

	replace_session(c);
	request_begin(c, &w, "get", NULL, on_roster, NULL);
	writer_open(&w, "query", NS_ROSTER);
	if (stream_features(c->link.stream) & STREAM_ROSTER_VERSIONS)
		writer_attr(&w, "ver",
		    c->roster.version == NULL ? "" : c->roster.version);
	writer_end(&w);
	request_large(c);
	copies_begin(c);
	c->session->presence_unsent = 0;
	/* Behind the presence: a query before it would leave what is in
	 * offline storage there. */
	if (c->self.show != SHOW_OFFLINE)
		send_presence(c);
	replay_login(c);
}

static void
online_event(struct client *c, const char *resumed)
{
	const struct tls *tls = stream_tls(c->link.stream);
	char pin[2 * TLS_PIN + 1];

	state_begin(c, "online", NULL);
	event_set(&c->event, "host", c->session->host);
	event_set_number(&c->event, "port", c->session->port);
	event_set(&c->event, "addr", c->session->address);
	event_set(&c->event, "tls", tls_version(tls));
	event_set(&c->event, "cipher", tls_cipher(tls));
	event_set(&c->event, "cert", hex_pin(tls_pin(tls), pin));
	event_set(&c->event, "sasl", stream_mechanism(c->link.stream));
	event_set(&c->event, "resumed", resumed);
	event_end(&c->event);
	notice_connected(c);
}

static void
go_online(struct client *c)
{
	c->link.state = LINK_ONLINE;
	c->session->was_online = 1;
	c->link.resumed = 0;
	c->link.cause = NULL;
	c->link.roster_due = c->session->deadline != 0;
	client_set_jid(c, stream_jid(c->link.stream));
	c->link.online_since = c->clock.mono;
	/* If we crash from now on, the server may repeat what we wrote as
	 * events. */
	if (c->resume.state == RESUME_ON)
		users_mark(c, 1);
	encrypt_online(c);
	omemo_talk_online(c);
	online_event(c, "no");
	room_online(c, 0);
	bookmark_ask(c);
	if (c->session->presence_unsent)
		send_presence(c);
	fate_again(c);
	c->session->resent = stream_unsent(c->link.stream);
}

/* Goes on with the same session and JID on another stream. */
static void
resume_session(struct client *c)
{
	int asked;

	c->link.state = LINK_ONLINE;
	c->link.resumed = 1;
	c->link.cause = NULL;
	c->session->deadline = 0;
	c->link.roster_due = 0;
	c->link.online_since = c->clock.mono;
	online_event(c, "yes");
	fate_resumed(c);
	request_resumed(c);
	asked = stream_again(c->link.stream);
	if (asked == -1)
		return;
	c->session->resent = stream_unsent(c->link.stream);
	link_send_later(c);
	if (c->session->presence_unsent)
		send_presence(c);
	/* The answer follows the last stanza that is sent again. */
	c->link.replaying = 1;
	fate_ask_again(c, asked);
	room_online(c, 1);
	replay_resumed(c);
	end_regaining(c);
}

/*
 * The server did not take what was sent ahead of its features, so nothing is
 * sent ahead on the next connection. Returns 0 if that is dialled, within the
 * time of the first; 1 if C is to wait for it, as for each that regains a lost
 * session.
 */
static int
give_up_guess(struct client *c)
{
	int64_t deadline = c->session->deadline;

	stream_forget_offer(c->link.stream);
	if (c->link.regaining)
		return 1;
	dial_server(c);
	c->session->deadline = deadline;
	return 0;
}

static void
stream_ended(struct client *c)
{
	const char *cause = stream_cause(c->link.stream);

	if (stream_guessed(c->link.stream) && !give_up_guess(c))
		return;
	if (is_doubtful(c) && cause != NULL && strcmp(cause, "refused") == 0) {
		try_next(c, "the server ended the connection before TLS");
		return;
	}
	if (c->link.state == LINK_CLOSING) {
		/* The server closed after us, so it has all that we wrote. */
		if (cause == NULL && c->session->all_acked)
			users_mark(c, 0);
		cause = NULL;
	}
	session_end(c, cause, stream_why(c->link.stream));
}

/* Returns 1 if X is left to the server, which keeps it until we come again. */
static int
comes_again(const struct client *c, const struct stanza *x)
{
	const char *type = stanza_get(x, "type");

	return c->link.state == LINK_CLOSING && c->resume.state == RESUME_ON &&
	       strcmp(x->name, "message") == 0 &&
	       (type == NULL || strcmp(type, "error") != 0) &&
	       stanza_child(x, "body", NS_CLIENT) != NULL;
}

/*
 * Counts the last stanza as one whose events are made. Those of an OMEMO
 * message are made when its record is on the disk.
 */
static void
count_stanza(struct client *c)
{
	if (c->session->uncounted)
		resume_received(&c->resume, client_text_total(c));
	c->session->uncounted = 0;
}

/* Takes X, of which only its attributes were kept where PAST says why. */
static void
take_stanza(struct client *c, const struct stanza *x, const char *past)
{
	int managed = c->resume.state == RESUME_ON;

	if (managed && (resume_is_repeat(&c->resume) || comes_again(c, x)))
		return;
	if (past == NULL)
		dispatch_stanza(c, x);
	else
		dispatch_past(c, x, past);
	c->session->uncounted = managed;
	if (!omemo_task_is_busy(c))
		count_stanza(c);
}

void
session_received(struct client *c, const void *p, size_t n)
{
	c->session->heard = c->clock.mono;
	stream_recv(c->link.stream, p, n);
}

/*
 * Returns the next item of the stream; STREAM_MORE, too, while a file of users/
 * is being read that its stanza needs.
 */
static enum stream_item
next_item(struct client *c)
{
	enum stream_item item = c->session->held;

	if (item == STREAM_MORE)
		item = stream_next(c->link.stream);
	c->session->held = STREAM_MORE;
	if ((item == STREAM_STANZA || item == STREAM_PAST) &&
	    want_stanza(c, stream_stanza(c->link.stream))) {
		c->session->held = item;
		return STREAM_MORE;
	}
	return item;
}

int
session_pull(struct client *c)
{
	if (c->link.state < LINK_OPENING)
		return 0;
	count_stanza(c);
	switch (next_item(c)) {
	case STREAM_MORE:
		return 0;
	case STREAM_SESSION:
		begin_session(c);
		break;
	case STREAM_ONLINE:
		go_online(c);
		break;
	case STREAM_RESUMED:
		resume_session(c);
		break;
	case STREAM_ACKED:
		c->link.replaying = 0;
		fate_answered(c);
		break;
	case STREAM_ASKED:
		resume_asked(&c->resume, c->clock.mono);
		break;
	case STREAM_STANZA:
		take_stanza(c, stream_stanza(c->link.stream), NULL);
		break;
	case STREAM_PAST:
		take_stanza(c, stream_stanza(c->link.stream),
		    stream_why(c->link.stream));
		break;
	case STREAM_END:
		stream_ended(c);
		break;
	}
	return 1;
}

void
session_written(struct client *c)
{
	resume_written(&c->resume, c->out.written);
	if (c->link.state == LINK_ONLINE &&
	    resume_answer_due(&c->resume, c->clock.mono))
		stream_answer(c->link.stream);
}

int
session_owes(const struct client *c)
{
	return c->link.state == LINK_ONLINE &&
	       c->resume.handled < c->resume.received;
}

static void
on_pong(struct client *c, struct answer *answer, const struct stanza *x)
{
	(void)answer;
	if (x != NULL)
		c->session->pinged = 0;
}

static void
ping_server(struct client *c)
{
	struct writer w;

	request_begin(c, &w, "get", NULL, on_pong, NULL);
	writer_leaf(&w, "ping", NS_PING, NULL);
	writer_end(&w);
	c->session->pinged = c->clock.mono;
}

/* Returns 1 if so much is unread, or not done, that the socket is not read. */
static int
is_unread(const struct client *c)
{
	return buf_len(&c->out.text) >= SOCKET_HELD ||
	       position_undone(c) >= POSITION_STOP || omemo_talk_is_full(c);
}

int
session_listens(const struct client *c)
{
	return c->link.state >= LINK_OPENING && !is_unread(c) &&
	       stream_unsent(c->link.stream) < c->session->resent + SOCKET_HELD;
}

void
session_taken(struct client *c, size_t n)
{
	/* While we do not read, only this shows that the server is there. */
	if (n > 0 && c->link.state == LINK_ONLINE && !session_listens(c))
		c->session->heard = c->clock.mono;
}

/* Returns when the silence is too long; 0: nothing is expected. */
static int64_t
silence_ends(const struct client *c)
{
	int64_t since = c->session->pinged, heard = c->session->heard;

	if (c->link.state != LINK_ONLINE || is_unread(c))
		return 0;
	if (fate_asked_at(c) != 0 && (since == 0 || fate_asked_at(c) < since))
		since = fate_asked_at(c);
	if (since == 0)
		return 0;
	/* The answer may come behind much else, but not for ever. */
	if (heard > since + BEHIND)
		heard = since + BEHIND;
	return (since > heard ? since : heard) + ANSWER + fate_slow(c);
}

/* Does what is due while a lost session is sought. */
static void
seek_session(struct client *c)
{
	enum reconnect_due due = reconnect_timers(c, c->session->jumped);

	c->session->jumped = 0;
	switch (due) {
	case RECONNECT_WAITS:
		break;
	case RECONNECT_DIALS:
		/* The stream error is still to be sent before the hang-up. */
		if (c->session->action != CLIENT_HANGUP ||
		    c->link.stream == NULL || !stream_said_end(c->link.stream))
			dial_server(c);
		break;
	case RECONNECT_ENDS:
		session_end(c, NULL, NULL);
		break;
	}
}

/* Ends the program, as --queue cannot do without an archive. */
static void
refuse_queue(struct client *c)
{
	answer_no_more(c);
	session_end(c, "config", replay_refusal(c));
}

void
session_timers(struct client *c)
{
	/* The input may have ended meanwhile. */
	if (replay_refusal(c) != NULL &&
	    (c->link.state == LINK_ONLINE || c->link.state == LINK_CLOSING)) {
		refuse_queue(c);
		return;
	}
	if (c->session->deadline != 0 &&
	    c->session->deadline <= c->clock.mono) {
		if (c->link.state == LINK_CLOSING) {
			session_end(c, NULL, NULL);
			return;
		}
		resume_reset_attempts(&c->resume);
		session_end(c, "timeout", event_sentence("timeout"));
		return;
	}
	if (is_guessing(c) && c->session->heard + GUESS <= c->clock.mono) {
		if (give_up_guess(c))
			session_end(c, "timeout", event_sentence("timeout"));
		return;
	}
	if (is_doubtful(c) && c->session->target_ends <= c->clock.mono) {
		try_next(c, "connected, but no answer");
		return;
	}
	if (link_is_sought(c))
		seek_session(c);
	session_written(c);
	if (c->link.state != LINK_ONLINE)
		return;
	if (is_unread(c)) {
		/* As we do not listen, no answer is late. */
		c->session->heard = c->clock.mono;
		fate_wait_anew(c);
		c->session->pinged =
		    c->session->pinged == 0 ? 0 : c->clock.mono;
		return;
	}
	if (c->session->jumped) {
		/* The answers of the meantime have yet to be read. */
		c->session->pinged = 0;
		fate_wait_anew(c);
	}
	if (silence_ends(c) != 0 && silence_ends(c) <= c->clock.mono)
		session_end(
		    c, "connection-lost", "the server was silent for too long");
	else if (c->session->pinged == 0 &&
		 (c->session->jumped ||
		     c->session->heard + IDLE <= c->clock.mono))
		ping_server(c);
	c->session->jumped = 0;
}

int64_t
session_deadline(const struct client *c)
{
	int64_t at = c->session->deadline != 0 ? c->session->deadline : -1;

	if (is_guessing(c))
		at = client_sooner(at, c->session->heard + GUESS);
	if (is_doubtful(c))
		at = client_sooner(at, c->session->target_ends);
	at = client_sooner(at, reconnect_deadline(c));
	if (c->link.state == LINK_ONLINE && c->resume.is_asked)
		at = client_sooner(at, c->resume.answer_by);
	at = client_sooner(at, fate_ask_deadline(c));
	if (c->link.state != LINK_ONLINE || is_unread(c))
		return at;
	if (silence_ends(c) != 0)
		return client_sooner(at, silence_ends(c));
	return client_sooner(at, c->session->heard + IDLE);
}
