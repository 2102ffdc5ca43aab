#include "line/session/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/answer.h"
#include "line/core/link.h"
#include "line/core/request.h"
#include "line/disk/position.h"
#include "line/room/room.h"
#include "line/session/backlog.h"
#include "line/talk/archive.h"
#include "line/talk/content.h"
#include "line/talk/fate.h"
#include "line/talk/receipt.h"
#include "line/text/fields.h"
#include "otr/otr.h"
#include "store/entry.h"

/* Milliseconds within which the next result has to come. */
#define RESULT_DUE 30000
/* Messages that are held when all was read may still get into the archive: it
 * is asked for them again after so many milliseconds, so often. */
#define SETTLE_DUE   200
#define SETTLE_TRIES 3
/* Milliseconds that open messages are looked for in the archive. */
#define FATES_DUE 30000
/* Messages that we send before the position goes past them, and the results
 * that are read for that. */
#define OWN_MAX	 1000
#define OWN_PAGE 32
#define DAY	 ((int64_t)24 * 60 * 60)
/* Seconds by which our clock may be ahead of a room's. */
#define SKEW ((int64_t)10 * 60)
/*
 * Milliseconds after which the last minute is read again: ejabberd leaves
 * results out of a page while others write to the archive, and loses copies
 * that come while a session is resumed.
 */
#define CHECK_DUE 2000

enum replay_state {
	REPLAY_NONE,   /* Nothing is asked for. */
	REPLAY_FIRST,  /* There was no position: the last id is asked for. */
	REPLAY_PAGE,   /* A page is under way. */
	REPLAY_PAUSE,  /* The next page is asked for when this is written. */
	REPLAY_SETTLE, /* All has come but what is held. */
	REPLAY_CUT,    /* The connection was lost; it begins again. */
	REPLAY_ENDS,   /* The held messages are told, then it is over. */
	REPLAY_LIVE,   /* Messages are told as they come, in order. */
	REPLAY_FAILED  /* Messages are told as they come, behind a hole. */
};

/* The replay of one archive. */
struct replay {
	struct replay *next;
	char jid[JID_SIZE]; /* of the archive, bare */
	int in_room;	    /* The archive is that of a room. */
	int no_archive;	    /* The room says that it has none. */
	struct position *position;
	enum replay_state state;
	int ran;       /* A replay began in this run. */
	int named;     /* The user named the id to begin behind. */
	int restores;  /* Its entries were stored before that, and will be. */
	int detached;  /* Entries are not stored since such a replay. */
	int stops;     /* No further page is asked for. */
	int untold;    /* Its beginning is still to be said. */
	char *cursor;  /* the last result, or where it begins */
	int64_t since; /* Seconds: it begins there, as the position is gone. */
	size_t told;   /* lines */
	int past;      /* Something too large came while its page was read. */
	struct backlog held;
	int is_refreshing; /* Results are asked for once more. */
	int64_t check_at;  /* The last minute is read again; 0: it is not. */
	int tries;
	int64_t at;    /* of the deadline of its state, monotonic */
	uint64_t mark; /* The page is written when so much text is. */
	/* The state=, cause and words of the event that ends it, static. */
	const char *end, *cause, *words;
};

struct replays {
	struct replay account; /* the first of all, then those of rooms */
	struct map by_room;    /* of struct replay, by bare JID */
	struct replay *asked;  /* Its page was asked for last; or NULL. */
	struct backlogs held;
	struct incoming current; /* the result that is being read */
	int has_current;
	int in_order;	     /* The last message handed out was not early. */
	uint64_t own_noted;  /* messages of ours that the position passed */
	int64_t fates_until; /* Open messages are looked for; 0: none are. */
	const char *refusal;
};

static void take_entered(struct client *c, const char *jid, int archive);

void
replay_init(struct client *c)
{
	struct replay *r;

	c->replays = buf_alloc(sizeof *c->replays);
	r = &c->replays->account;
	r->held.all = &c->replays->held;
	jid_bare(c->self.jid, r->jid);
	r->position = position_of(c, r->jid);
	room_on_entered(c, take_entered);
}

/* Returns the replay of the room of JID, which is made if there is none. */
static struct replay *
replay_of_room(struct client *c, const char *jid)
{
	struct replays *s = c->replays;
	struct replay *r;
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	r = map_find(&s->by_room, bare);
	if (r != NULL)
		return r;
	r = buf_alloc(sizeof *r);
	memcpy(r->jid, bare, sizeof bare);
	r->in_room = 1;
	r->held.all = &s->held;
	r->position = position_of(c, bare);
	r->next = s->account.next;
	s->account.next = r;
	map_add(&s->by_room, bare, r);
	return r;
}

void
replay_clear(struct client *c)
{
	struct replay *r = &c->replays->account, *next;

	for (; r != NULL; r = next) {
		next = r->next;
		backlog_clear(&r->held);
		free(r->cursor);
		if (r->in_room)
			free(r);
	}
	map_clear(&c->replays->by_room);
	backlogs_clear(&c->replays->held);
	free(c->replays);
}

int
replay_will_run(const struct client *c)
{
	return c->options.archive || c->options.queue != NULL ||
	       c->options.after != NULL || c->replays->account.ran;
}

static int
is_holding(const struct replay *r)
{
	return r->state >= REPLAY_PAGE && r->state <= REPLAY_ENDS;
}

/* Writes the event that R is in STATE, in the words TEXT. */
static void
replay_event(struct client *c, const struct replay *r, const char *state,
    const char *text, const char *cause)
{
	char since[32];

	event_begins(&c->event, EVENT_REPLAY, r->jid, text);
	event_set(&c->event, "state", state);
	event_set_number(&c->event, "count", (long long)r->told);
	if (strcmp(state, "started") == 0 && r->cursor != NULL &&
	    *r->cursor != '\0')
		event_set(&c->event, "after", r->cursor);
	event_time(r->since * 1000, since);
	if (r->since != 0)
		event_set(&c->event, "since", since);
	event_set(&c->event, "cause", cause);
	event_end(&c->event);
}

/* Ends R by STATE for CAUSE (NULL: none) in WORDS, once all held is told. */
static void
end_replay(struct client *c, struct replay *r, const char *state,
    const char *cause, const char *words)
{
	int done = strcmp(state, "done") == 0;

	archive_forget(c, r);
	r->is_refreshing = 0;
	if (done)
		position_caught_up(r->position, 1);
	r->check_at =
	    done && r->state != REPLAY_FIRST ? c->clock.mono + CHECK_DUE : 0;
	if (done && r->restores)
		position_follow(r->position);
	r->detached |= r->restores && !done;
	r->restores = 0;
	backlog_release_all(&r->held, done);
	r->state = REPLAY_ENDS;
	r->end = state;
	r->cause = cause;
	r->words = words;
}

/* Answers the lines that wait for R: by ok, or by error for CAUSE. */
static void
answer_lines(struct client *c, const struct replay *r, const char *cause,
    const char *words)
{
	struct answer *j, *next;

	for (j = answer_next(c, NULL, ANSWER_REPLAY); j != NULL; j = next) {
		next = answer_next(c, j, ANSWER_REPLAY);
		if (strcmp(j->subject, r->jid) != 0)
			continue;
		if (cause == NULL)
			answer_done(c, j, words);
		else
			answer_failed(c, j, cause, words);
	}
}

/* Says that R is over, and answers the lines that wait for it. */
static void
finish_replay(struct client *c, struct replay *r)
{
	int done = strcmp(r->end, "done") == 0;
	char text[100];

	r->state = done ? REPLAY_LIVE : REPLAY_FAILED;
	snprintf(
	    text, sizeof text, "%s (%zu lines were told)", r->words, r->told);
	replay_event(c, r, r->end, text, r->cause);
	if (r->in_room) {
		room_replayed(c, r->jid);
	} else {
		c->replays->fates_until = 0;
		fate_sought_over(c);
	}
	answer_lines(c, r,
	    done	       ? NULL
	    : r->cause == NULL ? "connection-lost"
			       : r->cause,
	    r->words);
}

/*
 * Ends R, as we are out of its room: what is held will come again from the
 * archive, if we enter it again.
 */
static void
abandon_replay(struct client *c, struct replay *r)
{
	backlog_clear(&r->held);
	end_replay(c, r, "failed", "not-acceptable", room_not_inside);
}

/* Returns 1 if what R brings is told: it is not of a room that we are out of.
 */
static int
is_heard(const struct client *c, const struct replay *r)
{
	const struct room *m = r->in_room ? room_find(c, r->jid) : NULL;

	return !r->in_room || (m != NULL && m->state >= ROOM_AGAIN);
}

/*
 * Returns 1 if R's archive may be asked: not that of a room which we have not
 * entered again since the connection was lost.
 */
static int
may_ask(const struct client *c, const struct replay *r)
{
	const struct room *m = r->in_room ? room_find(c, r->jid) : NULL;

	return c->link.state == LINK_ONLINE &&
	       (!r->in_room || (m != NULL && m->state == ROOM_IN));
}

/* Returns 1 if R is of a room that we are out of for good, else 0. */
static int
is_outside(const struct client *c, const struct replay *r)
{
	return r->in_room && !room_is_coming(c, r->jid);
}

static void ask_page(struct client *c, struct replay *r);

/* The archive of R is no use: it keeps nothing, or there is none. */
static void
switch_off(struct client *c, struct replay *r, const char *words)
{
	end_replay(c, r, "off", "service-unavailable", words);
	if (c->options.queue != NULL && !r->in_room)
		c->replays->refusal = words;
}

/* Begins R's next try, as the archive does not know the cursor any more. */
static void
forget_cursor(struct client *c, struct replay *r)
{
	const char *next =
	    r->named ? NULL : position_anchor(r->position, r->cursor);
	char *copy = next == NULL || *next == '\0' ? NULL : buf_strdup(next);

	free(r->cursor);
	r->cursor = copy;
	if (copy == NULL) {
		r->since = position_time(r->position) - DAY;
		if (r->named || r->since < 0)
			r->since = 0;
		replay_event(c, r, "lost",
		    "the server no longer has what lies between", NULL);
	}
	ask_page(c, r);
}

static void
page_failed(struct client *c, struct replay *r, const struct archive_page *page)
{
	if (strcmp(page->cause, "connection-lost") == 0)
		r->state = REPLAY_CUT;
	else if (strcmp(page->cause, "item-not-found") == 0 &&
		 r->cursor != NULL && *r->cursor != '\0')
		forget_cursor(c, r);
	else if (strcmp(page->cause, "service-unavailable") == 0 ||
		 strcmp(page->cause, "feature-not-implemented") == 0)
		switch_off(c, r, "the server keeps no archive");
	else
		end_replay(c, r, "failed", page->cause,
		    "the archive could not be read");
}

/* Notes the last id of the archive, from which on all is new to us. */
static void
take_first(struct client *c, struct replay *r, const struct archive_page *page)
{
	int64_t now = c->clock.wall / 1000;

	if (page->last == NULL)
		position_empty(c, r->position, now);
	else if (position_knows(r->position, page->last, NULL))
		position_pass(c, r->position, page->last, NULL);
	else
		position_enter(c, r->position, page->last, NULL, now, 0);
	end_replay(c, r, "done", NULL, "the archive is followed from now on");
}

/* All has come; but what is held may yet get into the archive. */
static void
settle_held(struct client *c, struct replay *r)
{
	if (r->held.count > 0 && r->tries++ < SETTLE_TRIES) {
		r->state = REPLAY_SETTLE;
		r->at = c->clock.mono + SETTLE_DUE;
		return;
	}
	end_replay(c, r, "done", NULL, "all that was said is told");
}

/*
 * Enters LAST, the last of a page: it may be what was too large to be read, and
 * the next run would read it, and warn of it, again. Its time was not read: by
 * that of the one before it nothing is lost that follows.
 */
static void
pass_large(struct client *c, struct replay *r, const char *last)
{
	int64_t seconds = position_time(r->position);

	if (seconds == 0)
		seconds = c->clock.wall / 1000;
	if (!position_knows(r->position, last, NULL))
		position_enter(c, r->position, last, NULL, seconds, 0);
}

static void
on_page(struct client *c, void *data, const struct archive_page *page)
{
	static const char stopped[] = "the input has ended: the next run goes "
				      "on from here";
	struct replay *r = data;
	int moved = page->last != NULL &&
		    (r->cursor == NULL || strcmp(r->cursor, page->last) != 0);

	if (page->cause != NULL) {
		page_failed(c, r, page);
		return;
	}
	if (r->state == REPLAY_FIRST) {
		take_first(c, r, page);
		return;
	}
	if (page->last != NULL) {
		free(r->cursor);
		r->cursor = buf_strdup(page->last);
		r->since = 0;
		if (r->past)
			pass_large(c, r, page->last);
	}
	if (page->complete) {
		settle_held(c, r);
	} else if (r->stops) {
		end_replay(c, r, "failed", NULL, stopped);
	} else if (!moved) {
		end_replay(c, r, "failed", "protocol",
		    "a page of the archive has no results and is not the last");
	} else {
		r->state = REPLAY_PAUSE;
		r->mark = client_text_total(c);
	}
}

/*
 * Returns the time when M got into the archive, as seconds since 1970: what its
 * sender says of that counts for nothing.
 */
static int64_t
time_of(const struct client *c, const struct incoming *m)
{
	int64_t now = c->clock.wall / 1000, then = -1;

	if (m->stamp != NULL && m->delay.offline)
		then = field_time(field_of(m->stamp)) / 1000;
	return then <= 0 || then > now ? now : then;
}

/*
 * Returns the sender of M as its position has it. In a room one process names
 * the messages, so that no two of them have one id.
 */
static const char *
sender_of(const struct replay *r, const struct incoming *m)
{
	return r->in_room ? NULL : m->from;
}

/* Makes TO the message M; parts of it may point into itself. */
static void
copy_message(struct incoming *to, const struct incoming *m)
{
	*to = *m;
	to->peer = m->peer == m->to ? to->to : to->from;
	if (m->stamp == m->delay.text)
		to->stamp = to->delay.text;
}

/* Takes M, which is in R's archive and was never told. */
static void
take_result(struct client *c, struct replay *r, const struct incoming *m)
{
	struct replays *s = c->replays;
	const char *id = stanza_get(m->x, "id");

	if (backlog_release(&r->held, m, sender_of(r, m)))
		return;
	if (strcmp(m->from, c->self.jid) == 0) {
		if (id != NULL)
			fate_found(c, id);
		position_enter(c, r->position, m->archived, sender_of(r, m),
		    time_of(c, m), 0);
		return;
	}
	copy_message(&s->current, m);
	s->current.again = r->named && position_was_dealt(r->position,
					   m->archived, time_of(c, m));
	s->has_current = 1;
}

static void
on_result(struct client *c, void *data, const struct archive_result *result,
    const struct stanza *x)
{
	struct replay *r = data;
	struct incoming m;
	const char *from;

	(void)x;
	r->at = c->clock.mono + RESULT_DUE;
	if (r->state == REPLAY_FIRST || !is_heard(c, r))
		return;
	if (incoming_forwarded(c, &m, result->forwarded, INCOMING_ARCHIVE,
		r->jid, result->id) == -1) {
		position_enter(
		    c, r->position, result->id, NULL, c->clock.wall / 1000, 0);
		return;
	}
	from = sender_of(r, &m);
	if (position_knows(r->position, result->id, from))
		position_pass(c, r->position, result->id, from);
	else
		take_result(c, r, &m);
}

static const struct archive_calls page_calls = {on_result, on_page};

/* Returns 1 while results for another than R are under way: a page at a time
 * is all that the server's queue has room for. */
static int
is_asking(const struct client *c, const struct replay *r)
{
	const struct replay *at = &c->replays->account;

	for (; at != NULL; at = at->next)
		if (at != r && (at->state == REPLAY_PAGE || at->is_refreshing))
			return 1;
	return 0;
}

/* Returns the JID of R's archive for archive_ask. */
static const char *
archive_jid(const struct replay *r)
{
	return r->in_room ? r->jid : NULL;
}

/* Asks for R's next page, now or when that of another archive is there. */
static void
ask_page(struct client *c, struct replay *r)
{
	struct archive_ask ask = {.jid = archive_jid(r),
	    .after = r->cursor,
	    .start = r->since,
	    .max = ARCHIVE_MAX};

	if (is_asking(c, r)) {
		r->state = REPLAY_PAUSE;
		r->mark = 0;
		return;
	}
	c->replays->asked = r;
	r->state = REPLAY_PAGE;
	r->past = 0;
	r->at = c->clock.mono + RESULT_DUE;
	archive_ask(c, &ask, &page_calls, r);
}

static void
on_last(struct client *c, void *data, const struct archive_page *page)
{
	struct replay *r = data;

	(void)c;
	(void)page;
	r->is_refreshing = 0;
}

/*
 * Looks at the last results: those of ours that we sent, whose ids nobody tells
 * us, would pile up behind the position.
 */
static void
pass_own(struct client *c)
{
	static const struct archive_calls calls = {on_result, on_last};
	struct archive_ask ask = {.before = "", .max = OWN_PAGE};
	struct replay *r = &c->replays->account;

	c->replays->own_noted = fate_total(c);
	r->is_refreshing = 1;
	r->at = c->clock.mono + RESULT_DUE;
	archive_ask(c, &ask, &calls, r);
}

static void check_again(struct client *c, struct replay *r, const char *after);

static void
on_checked(struct client *c, void *data, const struct archive_page *page)
{
	struct replay *r = data;

	r->is_refreshing = 0;
	if (page->cause == NULL && !page->complete && page->results > 0 &&
	    page->last != NULL && r->state == REPLAY_LIVE && !r->stops)
		check_again(c, r, page->last);
}

/* Reads again what lies behind AFTER: what is known is not told again. */
static void
check_again(struct client *c, struct replay *r, const char *after)
{
	static const struct archive_calls calls = {on_result, on_checked};
	struct archive_ask ask = {
	    .jid = archive_jid(r), .after = after, .max = ARCHIVE_MAX};

	r->is_refreshing = 1;
	r->at = c->clock.mono + RESULT_DUE;
	archive_ask(c, &ask, &calls, r);
}

static void
on_prefs(struct client *c, struct answer *job, const struct stanza *x)
{
	const struct stanza *prefs =
	    x == NULL ? NULL : stanza_child(x, "prefs", NS_MAM);
	const char *kept = stanza_get(prefs, "default");
	struct replay *r = &c->replays->account;

	(void)job;
	if (kept != NULL && strcmp(kept, "never") == 0 &&
	    r->state != REPLAY_NONE && r->state != REPLAY_CUT)
		switch_off(c, r,
		    "the server keeps no messages of yours; /archiving always "
		    "makes it keep them");
}

/* Asks if the server keeps anything at all (XEP-0313 5). */
static void
ask_prefs(struct client *c)
{
	struct writer w;

	request_begin(c, &w, "get", NULL, on_prefs, NULL);
	writer_leaf(&w, "prefs", NS_MAM, NULL);
	writer_end(&w);
}

/* Asks for the last id, as nothing of before is told. */
static void
ask_first(struct client *c, struct replay *r)
{
	struct archive_ask ask = {
	    .jid = archive_jid(r), .before = "", .max = 1};

	r->state = REPLAY_FIRST;
	r->at = c->clock.mono + RESULT_DUE;
	archive_ask(c, &ask, &page_calls, r);
}

/* Makes AFTER all that is known of R; nothing is stored until it is over. */
static void
begin_behind(struct client *c, struct replay *r, const char *after)
{
	int64_t now = c->clock.wall / 1000;

	r->restores |= position_unfollow(r->position);
	r->detached |= !r->restores;
	position_set_aside(c, r->position);
	if (*after == '\0')
		position_empty(c, r->position, now);
	else
		position_enter(c, r->position, after, NULL, now, 0);
}

/*
 * Has R begin at the time of its position where that is not an id of the
 * archive: there was none, and the room's history was told (told.h).
 */
static void
begin_by_time(struct replay *r)
{
	if (r->cursor == NULL || *r->cursor != POSITION_OURS)
		return;
	r->since = position_time(r->position) - SKEW;
	if (r->since < 0)
		r->since = 0;
	free(r->cursor);
	r->cursor = buf_strdup("");
}

/* Begins R: behind its position or, unless it is NULL, behind AFTER. */
static void
begin_replay(struct client *c, struct replay *r, const char *after)
{
	const char *anchor = after;

	archive_forget(c, r);
	r->is_refreshing = 0;
	r->ran = 1;
	r->named = after != NULL;
	r->told = 0;
	r->tries = r->stops = 0;
	r->since = 0;
	position_caught_up(r->position, 0);
	if (after != NULL)
		begin_behind(c, r, after);
	else
		anchor = position_anchor(r->position, NULL);
	if (!r->detached && !r->restores)
		position_follow(r->position);
	free(r->cursor);
	r->cursor = buf_strdup(anchor);
	begin_by_time(r);
	if (r->in_room)
		room_replaying(c, r->jid);
	else
		ask_prefs(c);
	r->untold = 1;
	r->state = REPLAY_CUT; /* The tick must not go on from an old pause. */
	replay_tick(c);
	if (r->cursor == NULL)
		ask_first(c, r);
	else
		ask_page(c, r);
}

void
replay_login(struct client *c)
{
	struct replay *r = &c->replays->account;

	if (!replay_will_run(c))
		return;
	c->replays->fates_until = c->clock.mono + FATES_DUE;
	begin_replay(c, r, r->ran ? NULL : c->options.after);
}

/*
 * We are in the room JID, whose ARCHIVE is 1, or 0 if it has none, or -1 if
 * nobody has asked: tells what was said meanwhile, where that is wanted.
 */
static void
take_entered(struct client *c, const char *jid, int archive)
{
	struct replay *r = replay_of_room(c, jid);

	r->no_archive = archive == 0;
	if (archive == 1) {
		begin_replay(c, r, NULL);
		return;
	}
	if (is_holding(r) && r->state != REPLAY_ENDS)
		end_replay(c, r, "failed", "item-not-found",
		    "the room no longer has an archive");
	else if (r->state != REPLAY_ENDS)
		r->state = REPLAY_NONE;
}

void
replay_resumed(struct client *c)
{
	struct replay *r;

	for (r = &c->replays->account; r != NULL; r = r->next)
		if (r->state == REPLAY_LIVE)
			r->check_at = c->clock.mono + CHECK_DUE;
}

void
replay_lost(struct client *c)
{
	struct replay *r = &c->replays->account;

	c->replays->fates_until = 0;
	for (; r != NULL; r = r->next) {
		r->is_refreshing = 0;
		if (r->state == REPLAY_FIRST ||
		    (is_holding(r) && r->state != REPLAY_ENDS))
			end_replay(c, r, "failed", "connection-lost",
			    "the connection was lost");
	}
}

/*
 * Returns 1 if M, said in a room, has to be in its place among the others. A
 * topic has none, nor has the echo of our own message, whose fate it is; nor
 * the history that a room shows where it is as configured.
 */
static int
has_place_in_room(const struct client *c, const struct incoming *m)
{
	const struct room *in = room_find(c, m->from);
	const char *id = stanza_get(m->x, "id");
	char room[JID_SIZE];

	if (!c->options.archive && c->options.queue == NULL && in != NULL &&
	    !in->returning && room_is_history(in, m->x))
		return 0;
	if (content_body(m->x) == NULL)
		return stanza_child(m->x, "subject", NS_CLIENT) == NULL;
	jid_bare(m->from, room);
	if (fate_find_id(c, room, id) != NULL)
		return 0;
	id = stanza_get(stanza_child(m->x, "origin-id", NS_SID), "id");
	return fate_find_id(c, room, id) == NULL;
}

/*
 * Returns 1 if M has to be in its place among the others. An error or a receipt
 * has none, and OTR is a talk of its own, which does not wait.
 */
static int
has_place(const struct incoming *m)
{
	const char *type = stanza_get(m->x, "type");
	const struct stanza *body = content_body(m->x);

	if (type != NULL && strcmp(type, "error") == 0)
		return 0;
	if (body == NULL)
		return stanza_child(m->x, "received", NS_RECEIPTS) == NULL;
	return m->way != INCOMING_DIRECT ||
	       otr_kind(body->text) == OTR_KIND_TEXT;
}

/* Returns the replay of the archive that M is in, our account's or that of the
 * room that it was said in; NULL if none of that room is known. */
static struct replay *
replay_of(struct client *c, const struct incoming *m)
{
	const char *type = stanza_get(m->x, "type");
	char bare[JID_SIZE];

	if (type == NULL || strcmp(type, "groupchat") != 0)
		return &c->replays->account;
	jid_bare(m->from, bare);
	return map_find(&c->replays->by_room, bare);
}

int
replay_holds(struct client *c, const struct incoming *m, const char *from,
    const struct stanza *x)
{
	struct replay *r = replay_of(c, m);

	if (r == NULL || r->state == REPLAY_NONE || r->no_archive ||
	    m->archived == NULL)
		return 0;
	if (position_knows(r->position, m->archived, sender_of(r, m))) {
		if (!r->in_room)
			receipt_owe(c, m);
		return 1;
	}
	if (!is_holding(r) || backlog_is_full(&r->held) ||
	    strlen(m->archived) > ENTRY_ID ||
	    !(r->in_room ? has_place_in_room(c, m) : has_place(m)))
		return 0;
	backlog_hold(&r->held, m, sender_of(r, m), from, x);
	return 1;
}

void
replay_took(struct client *c, const struct incoming *m, int line)
{
	struct replay *r = replay_of(c, m);
	int flags = line ? POSITION_LINE : 0;

	if (m->archived == NULL || r == NULL || r->no_archive ||
	    !is_heard(c, r))
		return;
	if (!c->replays->in_order && r->state != REPLAY_LIVE)
		flags |= POSITION_EARLY;
	if (c->replays->in_order)
		r->told += (size_t)(line != 0);
	position_enter(
	    c, r->position, m->archived, sender_of(r, m), time_of(c, m), flags);
}

int
replay_next(struct client *c, struct incoming *m)
{
	struct replays *s = c->replays;
	struct replay *r;

	if (s->has_current) {
		s->has_current = 0;
		s->in_order = 1;
		copy_message(m, &s->current);
		return 1;
	}
	if (backlog_next(c, &s->held, m, &s->in_order))
		return 1;
	s->in_order = 0;
	for (r = &s->account; r != NULL; r = r->next)
		if (r->state == REPLAY_ENDS)
			finish_replay(c, r);
	return 0;
}

void
replay_past(struct client *c, const char *from)
{
	struct replay *r = c->replays->asked;

	if (r != NULL && r->state == REPLAY_PAGE &&
	    (from == NULL ? !r->in_room : strcmp(from, r->jid) == 0))
		r->past = 1;
}

void
replay_command(struct client *c, const char *room, const char *after)
{
	struct replay *r = &c->replays->account;
	struct answer *job;

	if (c->link.state != LINK_ONLINE) {
		answer_error(c, room, "not-connected", NULL);
		return;
	}
	if (room != NULL && !room_is_in(room_find(c, room))) {
		answer_error(c, room, "not-acceptable", room_not_inside);
		return;
	}
	if (room != NULL)
		r = replay_of_room(c, room);
	if (after != NULL && c->options.queue != NULL) {
		answer_error(c, NULL, "usage", "a queue is told in order");
		return;
	}
	if (after != NULL && (is_holding(r) || r->state == REPLAY_FIRST)) {
		answer_error(c, NULL, "usage", "a replay is under way");
		return;
	}
	job = answer_wait(c, ANSWER_REPLAY, 1, 0);
	job->subject = buf_strdup(r->jid);
	if (!is_holding(r) && r->state != REPLAY_FIRST)
		begin_replay(c, r, after);
}

void
replay_stop(struct client *c)
{
	struct replay *r;

	for (r = &c->replays->account; r != NULL; r = r->next) {
		r->stops = 1;
		if (r->state == REPLAY_PAUSE || r->state == REPLAY_SETTLE ||
		    r->state == REPLAY_CUT)
			end_replay(c, r, "failed", NULL,
			    "the input has ended: the next run goes on from "
			    "here");
	}
	if (c->replays->account.state == REPLAY_LIVE &&
	    c->link.state == LINK_ONLINE &&
	    c->replays->own_noted < fate_total(c))
		pass_own(c);
}

int
replay_is_busy(const struct client *c)
{
	const struct replay *r;

	for (r = &c->replays->account; r != NULL; r = r->next)
		if (r->state == REPLAY_FIRST || r->state == REPLAY_PAGE ||
		    r->state == REPLAY_ENDS || r->is_refreshing)
			return 1;
	return 0;
}

const char *
replay_refusal(const struct client *c)
{
	return c->replays->account.state == REPLAY_FAILED ? c->replays->refusal
							  : NULL;
}

/* Returns 1 if what was told so far leaves room for another page. */
static int
may_go_on(const struct client *c, const struct replay *r)
{
	return may_ask(c, r) && c->out.written >= r->mark &&
	       position_undone(c) < POSITION_PAUSE;
}

/* Gives up what has not come in time; while nobody reads nothing is late. */
static void
check_late(struct client *c, struct replay *r)
{
	if (r->at > c->clock.mono)
		return;
	r->at = c->clock.mono + RESULT_DUE;
	if (buf_len(&c->out.text) > 0 || c->link.state != LINK_ONLINE)
		return;
	if (r->is_refreshing) {
		r->is_refreshing = 0;
		archive_forget(c, r);
	} else {
		end_replay(c, r, "failed", "timeout",
		    "the archive did not answer in time");
	}
}

/* Does what is due of R: says that it has begun, ends it, or asks again. */
static void
tick_replay(struct client *c, struct replay *r)
{
	int online = c->link.state == LINK_ONLINE;

	if (r->untold && online) {
		r->untold = 0;
		replay_event(
		    c, r, "started", "the archive is being read", NULL);
	}
	if (is_holding(r) && r->state != REPLAY_ENDS && is_outside(c, r))
		abandon_replay(c, r);
	if (r->state == REPLAY_SETTLE && r->at <= c->clock.mono &&
	    may_ask(c, r))
		ask_page(c, r);
	if (r->state == REPLAY_FIRST || r->state == REPLAY_PAGE ||
	    r->is_refreshing)
		check_late(c, r);
	if (r->state == REPLAY_LIVE && online && !r->is_refreshing &&
	    !is_asking(c, r) && r->check_at != 0 &&
	    r->check_at <= c->clock.mono) {
		r->check_at = 0;
		if (may_ask(c, r))
			check_again(c, r, position_anchor(r->position, NULL));
	}
}

/* Returns the replay that asks for its next page now, each in its turn; or
 * NULL. */
static struct replay *
next_turn(const struct client *c)
{
	struct replays *s = c->replays;
	struct replay *r = s->asked == NULL ? NULL : s->asked->next;
	int wrapped = 0;

	for (;; r = r->next) {
		if (r == NULL && wrapped++)
			return NULL;
		if (r == NULL)
			r = &s->account;
		if (r->state == REPLAY_PAUSE && may_go_on(c, r))
			return r;
	}
}

void
replay_tick(struct client *c)
{
	struct replay *r;

	for (r = &c->replays->account; r != NULL; r = r->next)
		tick_replay(c, r);
	if (!is_asking(c, NULL) && (r = next_turn(c)) != NULL)
		ask_page(c, r);
	r = &c->replays->account;
	if (r->state == REPLAY_LIVE && c->link.state == LINK_ONLINE &&
	    !r->is_refreshing && !is_asking(c, r) &&
	    fate_total(c) - c->replays->own_noted >= OWN_MAX)
		pass_own(c);
	if (c->replays->fates_until != 0 &&
	    c->replays->fates_until <= c->clock.mono) {
		c->replays->fates_until = 0;
		fate_sought_over(c);
	}
}

int64_t
replay_deadline(const struct client *c)
{
	const struct replay *r;
	int64_t at = -1;

	if (c->link.state != LINK_ONLINE)
		return -1;
	for (r = &c->replays->account; r != NULL; r = r->next) {
		if (r->state == REPLAY_FIRST || r->state == REPLAY_PAGE ||
		    (r->state == REPLAY_SETTLE && may_ask(c, r)) ||
		    r->is_refreshing)
			at = client_sooner(at, r->at);
		if (r->state == REPLAY_LIVE && r->check_at != 0 &&
		    !r->is_refreshing && !is_asking(c, r))
			at = client_sooner(at, r->check_at);
	}
	if (c->replays->fates_until != 0)
		at = client_sooner(at, c->replays->fates_until);
	return at;
}
