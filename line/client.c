#include "line/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/command.h"
#include "line/encrypt.h"
#include "line/fate.h"
#include "line/job.h"
#include "line/keep.h"
#include "line/muc.h"
#include "line/notice.h"
#include "line/receive.h"
#include "line/regain.h"
#include "line/request.h"
#include "line/seen.h"
#include "line/session.h"
#include "line/wait.h"
#include "xmpp/caps.h"

/* Milliseconds that we may be late, or the wall clock be set by, unnoticed. */
#define JUMP 5000

struct client *
client_new(const struct client_options *options)
{
	struct client *c = buf_alloc(sizeof *c);
	char domain[JID_SIZE];

	c->options = *options;
	c->nonce = nonce_new(options->seed);
	snprintf(c->jid, sizeof c->jid, "%s", options->jid);
	jid_domain(c->jid, domain);
	if (jid_ascii_domain(domain, c->domain) == -1)
		*c->domain = '\0'; /* no certificate is for it, so it fails */
	if (c->options.name == NULL)
		c->options.name = c->domain;
	c->show = SHOW_ONLINE;
	c->priority = options->priority;
	c->torn = options->torn;
	caps_version(c->caps);
	input_init(
	    &c->input, options->escaped ? INPUT_RAW_MAX : INPUT_LINE_MAX);
	buf_init(&c->text, TEXT_MAX);
	buf_init(&c->log, TEXT_HELD);
	event_init(&c->event, &c->text, options->ascii);
	encrypt_init(c);
	wait_reset(c, NULL);
	c->active = buf_strdup(options->go);
	return c;
}

static void
requests_clear(struct client *c)
{
	/* Nobody is left to hear the answers. */
	job_clear(c);
	c->text.max = 0;
	request_lost(c);
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	requests_clear(c);
	fate_clear(c);
	resume_clear(&c->resume);
	seen_clear(c);
	encrypt_clear(c);
	client_chats_clear(c);
	muc_clear(c);
	notice_clear(c);
	keep_clear(c);
	roster_clear(&c->roster);
	stream_free(c->stream);
	nonce_free(c->nonce);
	input_clear(&c->input);
	event_clear(&c->event);
	buf_clear(&c->text);
	buf_clear(&c->log);
	buf_clear(&c->receipts);
	buf_clear(&c->recalled);
	buf_clear(&c->seen_events);
	free(c->host);
	free(c->address);
	free(c->status);
	free(c->label);
	free(c->active);
	free(c);
}

void
client_now(struct client *c, int64_t mono, int64_t wall)
{
	int64_t skew = wall - mono, by = skew - c->skew;
	int64_t due = client_deadline(c);

	/* Of a sleep only the wall clock knows; of being stopped, both. */
	c->jumped |= c->mono != 0 && (by > JUMP || by < -JUMP ||
					 (due >= 0 && mono - due > JUMP));
	c->skew = skew;
	c->mono = mono;
	c->wall = wall;
	c->event.now = wall;
}

const char *
client_active(const struct client *c)
{
	return c->with != NULL ? c->with : c->active;
}

int
client_is_self(const struct client *c, const char *jid)
{
	return jid_same_bare(c->jid, jid);
}

uint64_t
client_text_total(const struct client *c)
{
	return c->text_written + buf_len(&c->text);
}

void
client_info(struct client *c, const char *peer, const char *text)
{
	event_begin(&c->event, EVENT_INFO, peer, text, strlen(text));
	if (c->line != 0)
		event_set_number(&c->event, "line", (long long)c->line);
	event_end(&c->event);
}

void
client_warning(struct client *c, const char *jid, const char *why)
{
	client_hello(c);
	event_begin(&c->event, EVENT_WARNING, jid, why, strlen(why));
	event_end(&c->event);
}

/* Messages without a fate, to people and to rooms. */
static size_t
open_fates(const struct client *c)
{
	return c->fates_open + c->rooms_open;
}

/* Whether the next line may be executed (LINES.md 2.1). */
static int
may_execute(const struct client *c)
{
	return !c->read_ended && !job_holds(c) && !c->closing &&
	       !regain_holds(c) && buf_len(&c->resume.queue) < KEPT_HELD &&
	       buf_len(&c->text) < TEXT_HELD && open_fates(c) < FATE_OPEN_MAX &&
	       (c->stream == NULL ||
		   buf_len(stream_out(c->stream)) < WIRE_HELD);
}

static void
execute(struct client *c)
{
	const char *line;
	size_t n;

	regain_lines(c);
	while (may_execute(c)) {
		switch (input_next(&c->input, &line, &n)) {
		case INPUT_NONE:
			if (c->input.ended)
				job_unasked(c);
			return;
		case INPUT_LINE:
			c->line = c->input.line;
			if (regain_dooms(c, line, n))
				wait_reset(c, NULL); /* what was said is lost */
			else
				command_line(c, line, n);
			c->line = 0;
			break;
		case INPUT_LONG:
			c->line = c->input.line;
			wait_reset(c, NULL);
			job_error(c, NULL, "too-long", NULL);
			break;
		}
		wait_scan(c);
	}
}

/* All lines were executed and answered, or no more will be. */
static int
input_is_over(const struct client *c)
{
	if (c->read_ended)
		return 1;
	return c->input.ended && !c->options.stay && c->jobs == NULL &&
	       buf_len(&c->input.bytes) == c->input.taken;
}

/* A session is gone for good, which ends -k; -c ends if none was made. */
static int
is_lost(const struct client *c)
{
	if (c->link != LINK_OFFLINE || c->lost == NULL)
		return 0;
	return c->was_online ? c->gone && c->options.stay : c->options.connect;
}

/* What was received is written first, so that the server need not keep it. */
static void
end_stream(struct client *c)
{
	c->ending = ENDING_STREAM;
	c->ending_deadline = c->mono + SESSION_CLOSE_SECONDS * 1000;
}

static void
on_bounces(struct client *c, struct job *job, const struct stanza *x)
{
	(void)job;
	if (c->ending == ENDING_BOUNCES && x != NULL)
		end_stream(c);
	else if (c->ending == ENDING_BOUNCES)
		c->ending = ENDING_FATES;
}

/* Takes the end one step further; 0: it waits for something. */
static int
end_step(struct client *c)
{
	int64_t until = c->ending_deadline;
	struct writer w;

	switch (c->ending) {
	case ENDING_NO:
		c->ending = ENDING_FATES;
		c->ending_deadline = c->mono + c->options.wait * 1000;
		return 1;
	case ENDING_FATES:
		if ((open_fates(c) > 0 && c->link == LINK_ONLINE) ||
		    (regain_is_on(c) && (open_fates(c) > 0 || !c->read_ended)))
			return 0;
		end_stream(c);
		if (c->sent > 0 && c->link == LINK_ONLINE) {
			request_begin(c, &w, "get", NULL, on_bounces, NULL);
			writer_leaf(&w, "ping", NS_PING, NULL);
			writer_end(&w);
			c->ending = ENDING_BOUNCES;
			c->ending_deadline = until;
		}
		return 1;
	case ENDING_BOUNCES:
		if (c->link == LINK_ONLINE || regain_is_on(c))
			return 0;
		end_stream(c);
		return 1;
	case ENDING_STREAM:
		if (c->link == LINK_OFFLINE) {
			c->ending = ENDING_DONE;
			notice_quit(c);
			return 1;
		}
		if (c->link == LINK_CLOSING ||
		    (session_owes(c) && c->ending_deadline > c->mono))
			return 0;
		session_close(c);
		return 1;
	case ENDING_DONE:
		break;
	}
	return 0;
}

static void
end(struct client *c)
{
	if (c->ending == ENDING_NO && !input_is_over(c) && !is_lost(c))
		return;
	job_unasked(c);
	if (c->ending != ENDING_NO && c->ending < ENDING_STREAM &&
	    c->ending_deadline <= c->mono) {
		c->had_unfinished |= open_fates(c) > 0;
		end_stream(c);
	}
	/* The last answers came behind our last word: that is the truth. */
	if (c->link == LINK_CLOSING && open_fates(c) == 0)
		c->had_unfinished = 0;
	while (end_step(c))
		;
}

/* /disconnect: the stream ends when every message has its fate. */
static void
close_when_due(struct client *c)
{
	if (!c->closing)
		return;
	if (c->link != LINK_ONLINE) {
		c->closing = 0;
	} else if ((open_fates(c) == 0 && !session_owes(c)) ||
		   c->link_deadline <= c->mono) {
		c->closing = 0;
		session_close(c);
	}
}

/* Does all that can be done now; every way in ends here. */
static void
settle(struct client *c)
{
	uint64_t before;

	do {
		before = client_text_total(c);
		close_when_due(c);
		session_timers(c);
		job_timeouts(c);
		encrypt_tick(c);
		muc_tick(c);
		wait_scan(c);
		execute(c);
		end(c);
	} while (client_text_total(c) != before);
}

/* Each stanza is settled as if it had come alone, however they are read. */
static void
pull(struct client *c)
{
	while (session_pull(c))
		settle(c);
	settle(c);
}

void
client_hello(struct client *c)
{
	if (c->greeted)
		return;
	c->greeted = 1;
	event_begin(&c->event, EVENT_HELLO, c->jid, CLIENT_VERSION,
	    sizeof CLIENT_VERSION - 1);
	event_set(&c->event, "lines", "1");
	event_end(&c->event);
}

void
client_start(struct client *c)
{
	client_hello(c);
	notice_start(c);
	if (c->options.connect)
		session_connect(c);
	settle(c);
}

size_t
client_input_room(const struct client *c)
{
	return c->read_ended ? 0 : input_room(&c->input);
}

void
client_input(struct client *c, const void *p, size_t n)
{
	input_add(&c->input, p, n);
	settle(c);
}

int
client_escaped(struct client *c, int escaped)
{
	int before = c->options.escaped;

	c->options.escaped = escaped;
	return before;
}

void
client_input_end(struct client *c)
{
	input_end(&c->input);
	settle(c);
}

void
client_dialled(struct client *c, const struct dial_result *result)
{
	session_dialled(c, result);
	settle(c);
}

int
client_wants_bytes(const struct client *c)
{
	return session_listens(c);
}

void
client_received(struct client *c, const void *p, size_t n)
{
	if (c->link < LINK_OPENING)
		return;
	c->heard = c->mono;
	stream_recv(c->stream, p, n);
	pull(c);
}

void
client_lost(struct client *c)
{
	if (c->link >= LINK_OPENING)
		stream_lost(c->stream);
	pull(c);
}

void
client_signal(struct client *c)
{
	c->read_ended = 1;
	if (c->signals++ > 0) {
		if (c->ending == ENDING_DONE) {
			c->had_unread |= buf_len(&c->text) > 0;
		} else {
			c->had_unfinished |= open_fates(c) > 0;
			c->action = CLIENT_HANGUP;
			c->ending = ENDING_DONE;
		}
		buf_reset(&c->text); /* nobody reads it */
	}
	settle(c);
}

void
client_tick(struct client *c)
{
	settle(c);
}

void
client_stored(struct client *c, const char *why)
{
	keep_stored(c, why);
	settle(c);
}

enum client_action
client_action(struct client *c)
{
	enum client_action action = c->action;

	c->action = CLIENT_NOTHING;
	return action;
}

const struct dial_options *
client_dial(struct client *c)
{
	return &c->dial;
}

const unsigned char *
client_wire_buf(struct client *c, size_t *len)
{
	/* Once per wake-up, for all that goes with it. */
	fate_ask_ack(c);
	if (c->stream != NULL)
		return stream_wire_buf(c->stream, len);
	*len = 0;
	return (const unsigned char *)"";
}

void
client_wire_done(struct client *c, size_t n)
{
	if (c->stream != NULL)
		stream_wire_done(c->stream, n);
	session_taken(c, n);
}

const unsigned char *
client_text_buf(struct client *c, size_t *len)
{
	*len = buf_len(&c->text);
	return buf_data(&c->text);
}

void
client_text_done(struct client *c, size_t n)
{
	buf_drop(&c->text, n);
	c->text_written += n;
	receive_written(c);
	session_written(c);
	if (c->closing || c->ending == ENDING_STREAM)
		settle(c);
}

const unsigned char *
client_log_buf(struct client *c, size_t *len)
{
	*len = buf_len(&c->log);
	return buf_data(&c->log);
}

void
client_log_done(struct client *c, size_t n)
{
	buf_drop(&c->log, n);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

int64_t
client_deadline(const struct client *c)
{
	int64_t at = sooner(job_deadline(c), session_deadline(c));

	/* What held the lines up has been written meanwhile. */
	if (buf_len(&c->input.bytes) > c->input.taken && may_execute(c) &&
	    input_waiting(&c->input))
		return c->mono;
	at = sooner(at, encrypt_deadline(c));
	at = sooner(at, c->rooms_until == 0 ? -1 : c->rooms_until);
	if ((c->ending != ENDING_NO && c->ending < ENDING_STREAM) ||
	    (c->ending == ENDING_STREAM && session_owes(c)))
		at = sooner(at, c->ending_deadline);
	return at;
}

int
client_done(const struct client *c)
{
	return c->ending == ENDING_DONE;
}

int
client_status(const struct client *c, const char **why)
{
	if (c->store_failed) {
		*why = c->store_why;
		return 74;
	}
	if (c->lost != NULL) {
		*why = c->lost_why;
		return event_status(c->lost);
	}
	if (c->had_unfinished || c->had_unread) {
		*why = c->had_unfinished ? "messages are still without a fate"
					 : "events were left unread";
		return 75;
	}
	*why = c->error_why;
	return c->had_error ? 1 : 0;
}
