#include "line/core/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/command/command.h"
#include "line/command/window.h"
#include "line/core/answer.h"
#include "line/core/link.h"
#include "line/core/notice.h"
#include "line/core/request.h"
#include "line/core/source.h"
#include "line/core/wait.h"
#include "line/disk/histories.h"
#include "line/disk/omemo_facts.h"
#include "line/disk/position.h"
#include "line/disk/unread.h"
#include "line/disk/users.h"
#include "line/disk/want.h"
#include "line/disk/wishes.h"
#include "line/room/room.h"
#include "line/session/block.h"
#include "line/session/copies.h"
#include "line/session/dispatch.h"
#include "line/session/held.h"
#include "line/session/reconnect.h"
#include "line/session/replay.h"
#include "line/session/session.h"
#include "line/talk/archive.h"
#include "line/talk/bounce.h"
#include "line/talk/chat.h"
#include "line/talk/duplicate.h"
#include "line/talk/encrypt.h"
#include "line/talk/fate.h"
#include "line/talk/omemo_forget.h"
#include "line/talk/omemo_talk.h"
#include "line/talk/omemo_task.h"
#include "line/talk/receipt.h"

/* Lines of one source that are executed before those of the next. */
#define TURN 16
/* Milliseconds that we may be late, or the wall clock be set by, unnoticed. */
#define JUMP 5000

struct ending {
	int64_t deadline;   /* of its step, monotonic */
	int signals;	    /* that came */
	int had_unfinished; /* A message was left without a fate. */
	int64_t executed;   /* when the last line was; monotonic */
};

/* Says to all who may see us that we take device lists now. */
static void
omemo_made(struct client *c)
{
	session_priority(c, c->self.priority);
}

static const struct omemo_talk_calls omemo_calls = {
    replay_took, room_decrypted, omemo_made};

struct client *
client_new(const struct client_options *options)
{
	struct client *c = buf_alloc(sizeof *c);

	c->options = *options;
	c->nonce = nonce_new(options->seed);
	c->ending = buf_alloc(sizeof *c->ending);
	client_state_init(c);
	event_init(&c->event, &c->out.text, options->ascii);
	source_init(c);
	wait_init(c->source);
	notice_init(c);
	link_init(c);
	reconnect_init(c);
	session_init(c);
	archive_init(c);
	block_init(c);
	bounce_init(c);
	copies_init(c);
	chat_init(c);
	commands_init(c);
	duplicate_init(c);
	encrypt_init(c);
	omemo_facts_init(c);
	omemo_talk_init(c, &omemo_calls);
	fate_init(c);
	histories_init(c);
	position_init(c);
	receipt_init(c);
	replay_init(c);
	room_init(c);
	users_init(c);
	unread_init(c);
	wishes_init(c);
	chat_activate(c, options->go);
	/* The keys were read, and the caller may free them. */
	c->options.otr_key = NULL;
	c->options.omemo_key = NULL;
	return c;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	/* Nobody is left to hear the answers. */
	answer_clear(c);
	client_text_end(c);
	request_lost(c);
	fate_clear(c);
	replay_clear(c);
	archive_clear(c);
	block_clear(c);
	bounce_clear(c);
	resume_clear(&c->resume);
	duplicate_clear(c);
	encrypt_clear(c);
	copies_clear(c);
	omemo_talk_clear(c);
	omemo_facts_clear(c);
	chat_clear(c);
	commands_clear(c);
	window_free(c);
	room_clear(c);
	notice_clear(c);
	users_clear(c);
	unread_clear(c);
	wishes_clear(c);
	histories_clear(c);
	position_clear(c);
	receipt_clear(c);
	roster_clear(&c->roster);
	session_clear(c);
	reconnect_clear(c);
	link_clear(c);
	nonce_free(c->nonce);
	wait_clear(c);
	source_clear(c);
	event_clear(&c->event);
	client_state_clear(c);
	free(c->ending);
	free(c);
}

void
client_now(struct client *c, int64_t mono, int64_t wall)
{
	struct client_clock *clock = &c->clock;
	int64_t by = wall - mono - (clock->wall - clock->mono);
	int64_t due = client_deadline(c);
	int is_first = clock->mono == 0;

	clock->mono = mono;
	clock->wall = wall;
	event_set_time(&c->event, wall);
	/* Only the wall clock shows that we slept; both that we were stopped.
	 */
	if (is_first ||
	    (by >= -JUMP && by <= JUMP && (due < 0 || mono - due <= JUMP)))
		return;
	session_jumped(c);
	/* An answer that came while we slept has yet to be read. */
	bounce_wait_anew(c);
}

/* Returns 1 unless too much is unread, unsent or unacknowledged. */
static int
has_room(const struct client *c)
{
	return buf_len(&c->resume.queue) < KEPT_HELD &&
	       buf_len(&c->out.text) < TEXT_HELD &&
	       fate_open(c) < FATE_OPEN_MAX && link_unsent(c) < WIRE_HELD;
}

/* Returns 1 if lines may be executed that wait for no answer. */
static int
may_go_on(const struct client *c)
{
	return !c->lines.read_ended && !c->link.closing &&
	       !omemo_task_is_busy(c) && !omemo_task_is_tired(c) &&
	       !reconnect_holds(c) && has_room(c);
}

/* Returns 1 while the connection of -c, which is before line 1 of each source,
 * is made for the first time. */
static int
is_first_connecting(const struct client *c)
{
	const struct answer *a = answer_next(c, NULL, ANSWER_CONNECT);

	return a != NULL && a->holds && a->line == 0;
}

/*
 * Returns 1 if the next line of the current source may be executed:
 * jackline-lines(7), INPUT.
 */
static int
may_execute(const struct client *c)
{
	return may_go_on(c) && !answer_holds(c, c->source) &&
	       !is_first_connecting(c);
}

/* Returns 1 if the next line is about somebody whose file is being read. */
static int
waits_for_file(struct client *c)
{
	const char *line;
	size_t n;

	return input_peek(&c->source->input, &line, &n) &&
	       want_line(c, line, n);
}

/*
 * Executes LINES lines of the current source at most, as long as none holds the
 * next. Returns 1 if there may be more.
 */
static int
execute_some(struct client *c, int lines)
{
	enum input_item item;
	const char *line;
	size_t n;

	held_lines(c);
	while (may_execute(c)) {
		if (lines-- == 0 || waits_for_file(c))
			return 1;
		item = input_next(&c->source->input, &line, &n);
		if (item == INPUT_NONE) {
			if (c->source->input.ended)
				answer_unasked(c);
			return 0;
		}
		c->ending->executed = c->clock.mono;
		answer_begin(c, c->source->input.line);
		command_disarm(c, line, n);
		if (item == INPUT_LONG)
			command_too_long(c, line, n);
		else if (!held_dooms(c, line, n))
			command_line(c, line, n);
		answer_begin(c, 0);
		wait_scan(c);
	}
	return 1;
}

/*
 * Lets each source that has lines execute some in turn, until none of them gets
 * on. Standard input is always asked, since its end counts as well.
 */
static void
execute_lines(struct client *c)
{
	struct source *s, *next;
	unsigned long before;
	int goes_on;

	do {
		goes_on = 0;
		for (s = source_take_all(c); s != NULL; s = next) {
			next = s->next_ready;
			source_enter(c, s);
			before = s->input.line;
			if (execute_some(c, TURN) || s == c->sources.main)
				source_ready(c, s);
			else
				input_rest(&s->input);
			goes_on |= s->input.line != before;
			source_enter(c, c->sources.main);
		}
	} while (goes_on);
}

/* Returns 1 if all lines are executed and answered, or no more will be. */
static int
input_is_over(const struct client *c)
{
	if (c->lines.read_ended)
		return 1;
	return c->source->input.ended && !c->options.stay &&
	       c->lines.answers == NULL &&
	       buf_len(&c->source->input.bytes) == c->source->input.taken;
}

/* Goes on to STEP, which may take until DEADLINE. */
static void
end_with(struct client *c, enum ending_step step, int64_t deadline)
{
	c->ending_step = step;
	c->ending->deadline = deadline;
}

/*
 * Ends the stream once the events of all that was received are written, so that
 * the server need not keep it for us.
 */
static void
end_stream(struct client *c)
{
	end_with(
	    c, ENDING_STREAM, c->clock.mono + SESSION_CLOSE_SECONDS * 1000);
}

/* Returns until when receipts are waited for, with --delivered; -1: no more. */
static int64_t
receipts_until(const struct client *c)
{
	int64_t until = c->ending->executed + c->options.wait * 1000;

	return c->options.delivered && fate_undelivered(c) > 0 &&
		       c->link.state == LINK_ONLINE && until > c->clock.mono
		   ? until
		   : -1;
}

/* Tells a person who leaves that messages are still under way. */
static void
tell_ending(struct client *c)
{
	size_t open = fate_open(c);
	char text[120];

	if (!c->options.terminal || open == 0 || c->options.wait == 0)
		return;
	snprintf(text, sizeof text,
	    "waiting for %zu message%s to arrive, for %d s at most; Ctrl-C "
	    "leaves at once",
	    open, open == 1 ? "" : "s", c->options.wait);
	client_info(c, NULL, text);
}

/* Takes the end one step further. Returns 0 if it waits for something. */
static int
end_step(struct client *c)
{
	int64_t until = c->ending->deadline;

	switch (c->ending_step) {
	case ENDING_NO:
		tell_ending(c);
		end_with(
		    c, ENDING_FATES, c->clock.mono + c->options.wait * 1000);
		return 1;
	case ENDING_FATES:
		if ((fate_open(c) > 0 && c->link.state == LINK_ONLINE) ||
		    (link_is_sought(c) &&
			(fate_open(c) > 0 || !c->lines.read_ended)) ||
		    receipts_until(c) >= 0 || omemo_task_is_busy(c))
			return 0;
		replay_stop(c);
		if (replay_is_busy(c) && c->link.state == LINK_ONLINE)
			return 0;
		end_stream(c);
		if (fate_may_bounce(c) && c->link.state == LINK_ONLINE &&
		    until > c->clock.mono) {
			bounce_ask(c);
			end_with(c, ENDING_BOUNCES, until);
		}
		return 1;
	case ENDING_BOUNCES:
		if (!bounce_done(c) &&
		    (c->link.state == LINK_ONLINE || link_is_sought(c)))
			return 0;
		end_stream(c);
		return 1;
	case ENDING_STREAM:
		if (c->link.state == LINK_OFFLINE) {
			c->ending_step = ENDING_DONE;
			notice_quit(c);
			return 1;
		}
		if (c->link.state == LINK_CLOSING ||
		    (session_owes(c) && c->ending->deadline > c->clock.mono))
			return 0;
		session_close(c);
		return 1;
	case ENDING_DONE:
		break;
	}
	return 0;
}

/* Gives up the servers that have not answered the last ping in time. */
static void
end_pings(struct client *c)
{
	int64_t at = bounce_deadline(c);

	if (c->ending_step == ENDING_BOUNCES && at >= 0 &&
	    (at <= c->clock.mono || c->ending->deadline <= c->clock.mono))
		bounce_give_up(c);
}

/* Begins the end when its time has come, and takes it as far as it goes. */
static void
end_when_due(struct client *c)
{
	if (c->ending_step == ENDING_NO && !input_is_over(c) &&
	    !session_is_lost(c))
		return;
	answer_unasked(c);
	/* Answers that were lost with the connection are asked for again. */
	if (c->ending_step == ENDING_BOUNCES && bounce_is_lost(c))
		c->ending_step = ENDING_FATES;
	end_pings(c);
	if (c->ending_step != ENDING_NO && c->ending_step < ENDING_STREAM &&
	    c->ending->deadline <= c->clock.mono) {
		c->ending->had_unfinished |= fate_open(c) > 0;
		end_stream(c);
	}
	/* The last fates came after the stream was closed. */
	if (c->link.state == LINK_CLOSING && fate_open(c) == 0)
		c->ending->had_unfinished = 0;
	while (end_step(c))
		;
}

/* Does all that can be done now; every way in ends here. */
static void
settle(struct client *c)
{
	uint64_t before;

	do {
		before = client_text_total(c);
		session_close_due(c, fate_open(c));
		session_timers(c);
		dispatch_replayed(c);
		replay_tick(c);
		dispatch_replayed(c);
		position_written(c);
		answer_timeouts(c);
		encrypt_tick(c);
		if (replay_is_busy(c) || buf_len(&c->out.text) > 0 ||
		    position_undone(c) > 0)
			omemo_talk_replays(c);
		omemo_talk_tick(c);
		room_tick(c);
		wait_scan(c);
		execute_lines(c);
		room_due(c);
		end_when_due(c);
	} while (client_text_total(c) != before);
}

/*
 * Settles each stanza as if it had come alone, however they are read; but while
 * a line waits for the disk, no further one is taken.
 */
static void
pull_stanzas(struct client *c)
{
	while (!users_is_awaited(c) && !omemo_task_is_busy(c) &&
	       !omemo_talk_is_full(c) && session_pull(c))
		settle(c);
	settle(c);
}

void
client_start(struct client *c)
{
	client_hello(c);
	want_jid(c, c->options.go);
	want_jid(c, c->options.text_to);
	notice_start(c);
	if (c->options.connect)
		session_connect(c);
	settle(c);
}

size_t
client_input_room(const struct client *c)
{
	size_t ahead = buf_len(&c->out.text) > 0 ? INPUT_UNREAD : INPUT_AHEAD;

	return c->lines.read_ended ? 0 : input_room(&c->source->input, ahead);
}

struct source *
client_open(struct client *c, const char *name, const char *jid)
{
	struct source *s = source_add(c, name, jid);

	wait_init(s);
	return s;
}

int
client_source_wants(const struct client *c, const struct source *s)
{
	return !c->lines.read_ended && source_wants(s);
}

void
client_source_input(struct client *c, struct source *s, const void *p, size_t n)
{
	input_add(&s->input, p, n);
	source_ready(c, s);
	settle(c);
}

enum client_known
client_knows(const struct client *c, const char *jid)
{
	const struct contact *contact = roster_find(&c->roster, jid);

	if (client_is_self(c, jid))
		return CLIENT_SELF;
	if (client_is_room(c, jid))
		return CLIENT_ROOM;
	return contact != NULL && contact->in_roster ? CLIENT_CONTACT
						     : CLIENT_STRANGER;
}

void
client_unanswered(struct client *c, struct source *s, unsigned long line,
    const char *p, size_t n)
{
	static const char why[] =
	    "a line was not answered when the last run ended";
	char *copy = buf_memdup(p, n);

	client_hello(c);
	source_enter(c, s);
	event_begins(&c->event, EVENT_WARNING, s->jid, why);
	event_set_number(&c->event, "line", (long long)line);
	event_set(&c->event, "cause", "connection-lost");
	event_set(&c->event, "in", s->name);
	event_set(&c->event, "input", copy);
	event_end(&c->event);
	source_enter(c, c->sources.main);
	buf_free_secret(copy);
}

void
client_warn(struct client *c, const char *jid, const char *why)
{
	client_warning(c, jid, why);
}

void
client_input(struct client *c, const void *p, size_t n)
{
	input_add(&c->source->input, p, n);
	settle(c);
}

int
client_escaped(struct client *c, int escaped)
{
	int before = c->options.escaped;

	c->options.escaped = escaped;
	return before;
}

int
client_offline(struct client *c)
{
	c->options.list_offline = !c->options.list_offline;
	return c->options.list_offline;
}

void
client_input_end(struct client *c)
{
	input_end(&c->source->input);
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
	if (c->link.state < LINK_OPENING)
		return;
	session_received(c, p, n);
	pull_stanzas(c);
}

void
client_lost(struct client *c)
{
	if (c->link.state >= LINK_OPENING)
		stream_lost(c->link.stream);
	pull_stanzas(c);
}

/* Leaves the messages that are open now without a fate. */
static void
lose_fates(struct client *c)
{
	fate_lost(c, "connection-lost");
	fate_room_lost(c, NULL, "connection-lost", 0);
}

void
client_signal(struct client *c)
{
	/* A person who has left already means now. */
	int is_second = c->options.terminal && c->ending_step != ENDING_NO;

	answer_no_more(c);
	is_second |= c->ending->signals++ > 0;
	if (is_second && c->ending_step != ENDING_DONE) {
		c->ending->had_unfinished |= fate_open(c) > 0;
		lose_fates(c);
		session_hang_up(c);
		c->ending_step = ENDING_DONE;
	}
	settle(c);
}

void
client_tick(struct client *c)
{
	settle(c);
}

/*
 * Ends the link and the program, as a message could not be kept or a file not
 * be read: nothing more is acknowledged, and no receipt is sent.
 */
static void
give_up(struct client *c)
{
	answer_no_more(c);
	session_end(c, "store", users_failure(c));
	end_with(c, ENDING_STREAM, c->clock.mono);
}

void
client_stored(struct client *c, const char *why)
{
	enum users_reading reading = users_reading(c);
	char jid[JID_SIZE] = "";

	if (reading == USERS_READING_RECORD)
		users_reading_jid(c, jid);
	users_stored(c, why);
	if (why != NULL)
		position_failed(c);
	if (reading == USERS_READING_OMEMO)
		omemo_task_stored(c, why);
	else if (reading == USERS_READING_RECORD)
		room_kept(c, jid);
	else if (reading != USERS_READING_NOTHING)
		histories_read(c, reading, why);
	if ((users_history_failed(c) || users_reading_failed(c) ||
		omemo_talk_failed(c)) &&
	    c->ending_step != ENDING_DONE)
		give_up(c);
	settle(c);
	pull_stanzas(c);
}

void
client_file(struct client *c, const void *p, size_t n)
{
	omemo_task_file(c, p, n);
}

const unsigned char *
client_wire_buf(struct client *c, size_t *len)
{
	/* Once per wake-up, for all that goes with it. */
	fate_ask_ack(c);
	if (c->link.stream != NULL)
		return stream_wire_buf(c->link.stream, len);
	*len = 0;
	return (const unsigned char *)"";
}

void
client_wire_done(struct client *c, size_t n)
{
	if (c->link.stream != NULL)
		stream_wire_done(c->link.stream, n);
	session_taken(c, n);
	receipt_written(c); /* there is room again */
}

const unsigned char *
client_text_buf(struct client *c, size_t *len)
{
	*len = buf_len(&c->out.text);
	return buf_data(&c->out.text);
}

void
client_text_done(struct client *c, size_t n)
{
	/* Events made outside of settle, as of the callback, count too. */
	wait_scan(c);
	client_text_written(c, n);
	receipt_written(c);
	position_written(c);
	replay_tick(c);
	session_written(c);
	omemo_forget_written(c);
	if (c->link.closing || c->ending_step == ENDING_STREAM)
		settle(c);
}

int64_t
client_deadline(const struct client *c)
{
	const struct source *s;
	int64_t at = client_sooner(answer_deadline(c), session_deadline(c));

	/* Lines that were held up by unwritten events may go on. */
	for (s = c->sources.ready; s != NULL && may_go_on(c); s = s->next_ready)
		if (buf_len(&s->input.bytes) > s->input.taken &&
		    input_waiting(&s->input) && !answer_holds(c, s))
			return c->clock.mono;
	at = client_sooner(at, encrypt_deadline(c));
	at = client_sooner(at, replay_deadline(c));
	at = client_sooner(at, omemo_talk_deadline(c));
	at = client_sooner(at, room_deadline(c));
	if ((c->ending_step != ENDING_NO && c->ending_step < ENDING_STREAM) ||
	    (c->ending_step == ENDING_STREAM && session_owes(c)))
		at = client_sooner(at, c->ending->deadline);
	if (c->ending_step == ENDING_FATES)
		at = client_sooner(at, receipts_until(c));
	if (c->ending_step == ENDING_BOUNCES)
		at = client_sooner(at, bounce_deadline(c));
	return at;
}

int
client_done(const struct client *c)
{
	return c->ending_step == ENDING_DONE;
}

int
client_hurries(const struct client *c)
{
	return c->ending->signals > 1;
}

int
client_status(const struct client *c, const char **why)
{
	if (users_failure(c) != NULL) {
		*why = users_failure(c);
		return users_reading_failed(c) ? 78 : 74;
	}
	if (c->link.cause != NULL) {
		*why = c->link.why;
		return event_status(c->link.cause);
	}
	if (c->ending->had_unfinished ||
	    (c->ending->signals > 1 && buf_len(&c->out.text) > 0)) {
		*why = c->ending->had_unfinished
			   ? "messages are still without a fate"
			   : "events were left unread";
		return 75;
	}
	if (c->options.delivered && fate_undelivered(c) > 0) {
		*why = "messages were not delivered";
		return 75;
	}
	*why = c->lines.error_why;
	return c->lines.had_error ? 1 : 0;
}
