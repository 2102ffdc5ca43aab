#include "line/talk/fate.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/answer.h"
#include "line/core/link.h"
#include "line/core/request.h"
#include "line/disk/histories.h"
#include "line/talk/bounce.h"
#include "sexp/siphash.h"

/* Acked messages that are kept for a receipt or an error that may follow. */
#define ACKED_KEPT 2000
/*
 * Older ones, of which less is kept: an error finds its line. A script may send
 * this many before the error about the first is back.
 */
#define PAST_KEPT ((size_t)32768)
/* --delivered: kept for their receipts. Those of more count as missing. */
#define UNDELIVERED_KEPT ((size_t)65536)
/* A message is given up when the server has ended so many streams for it. */
#define STRIKES 2
/* Milliseconds until the next <r/> if the last answer acked nothing new. */
#define ASK_AGAIN 1000
/* With so many unacked stanzas or bytes of any kind the server is asked. */
#define KEPT_MANY 100
#define KEPT_MUCH ((size_t)256 * 1024)

/* Fates that are over and kept for messages to come. */
#define SPARE_MAX 256

/* In fate.outside. */
enum { OUTSIDE_LEFT = 1, OUTSIDE_LOST };

/* An acked message of long ago. */
struct fate_past {
	uint64_t id, to;    /* hashes; `to` without its resource */
	unsigned long line; /* 0: the entry is empty */
	char *label;
};

/* Messages with their fates, in the order of sending. */
struct fate_list {
	struct map by_id; /* of struct fate */
	struct fate *first, *last;
};

static const char cut_off[] = "the connection ended before the room showed it";

struct fates {
	/* To people the acked ones come first and those without a fate last;
	 * rooms show messages in any order. */
	struct fate_list people, rooms;
	struct fate *first_open; /* the first of people without a fate */
	/* Messages to people that the archive may have (fate_seek). */
	struct fate_list sought;
	struct fate *spare; /* a list by `next` */
	size_t spare_count;
	uint64_t total;		/* messages to people ever */
	size_t open, acked;	/* messages without a fate, and acked ones */
	struct fate_past *past; /* a ring of PAST_KEPT, or NULL */
	size_t past_at;
	size_t missed;	  /* --delivered: past ones, no receipt of which came */
	uint64_t sent;	  /* messages of this stream, and older acked ones */
	uint64_t covers;  /* messages before the last question */
	int asked;	  /* questions open: one ping, or so many <r/> */
	int64_t asked_at; /* since when, for the first of them */
	int64_t slow;	  /* milliseconds more that a slow line may need */
	uint64_t asked_bytes; /* resume.bytes at the last <r/> */
	uint64_t last_acked;  /* resume.acked at the last answer */
	int64_t rests;	      /* nothing is asked before; monotonic */
};

void
fate_init(struct client *c)
{
	c->fates = buf_alloc(sizeof *c->fates);
}

size_t
fate_open(const struct client *c)
{
	return c->fates->open;
}

size_t
fate_undelivered(const struct client *c)
{
	return c->fates->acked + c->fates->missed;
}

int
fate_may_bounce(const struct client *c)
{
	return c->fates->sent > 0;
}

static struct fate_list *
list_of(const struct client *c, const struct fate *f)
{
	if (f->sought)
		return &c->fates->sought;
	return f->nick == NULL ? &c->fates->people : &c->fates->rooms;
}

/* Takes F out of its list. */
static void
unlink_fate(struct client *c, struct fate *f)
{
	struct fate_list *list = list_of(c, f);

	if (c->fates->first_open == f)
		c->fates->first_open = f->next;
	*(f->before == NULL ? &list->first : &f->before->next) = f->next;
	*(f->next == NULL ? &list->last : &f->next->before) = f->before;
	map_remove(&list->by_id, f->id);
}

/* Adds F to its list, as the last. */
static void
link_fate(struct client *c, struct fate *f)
{
	struct fate_list *list = list_of(c, f);

	f->next = NULL;
	f->before = list->last;
	*(f->before == NULL ? &list->first : &f->before->next) = f;
	list->last = f;
	map_add(&list->by_id, f->id, f);
	if (list == &c->fates->people && c->fates->first_open == NULL)
		c->fates->first_open = f;
}

static void
fate_free(struct client *c, struct fate *f)
{
	unlink_fate(c, f);
	*(f->acked ? &c->fates->acked : &c->fates->open) -= 1;
	free(f->label);
	free(f->again);
	free(f->nick);
	if (c->fates->spare_count == SPARE_MAX) {
		free(f);
		return;
	}
	f->next = c->fates->spare;
	c->fates->spare = f;
	c->fates->spare_count++;
}

/* Returns a fate of a message to TO, with nothing else in it. */
static struct fate *
fate_new(struct client *c, const char *to)
{
	struct fate *f = c->fates->spare;
	size_t n = strlen(to) + 1;

	if (f == NULL || strlen(f->to) + 1 < n) {
		f = buf_alloc(sizeof *f + n);
	} else {
		c->fates->spare = f->next;
		c->fates->spare_count--;
		memset(f, 0, sizeof *f);
	}
	f->to = (char *)(f + 1);
	memcpy(f->to, to, n);
	return f;
}

/*
 * Notes when we began to wait for the oldest answer. It follows the stanzas
 * sent before the question, of RESUME_STRIDE bytes or one longer stanza; on a
 * slow line these take a second for each 1,000 bytes.
 */
static void
expect_answer(struct client *c)
{
	size_t at = 0, len = 0, ahead = 0;

	while (
	    ahead < RESUME_STRIDE && resume_walk(&c->resume, &at, &len) != NULL)
		ahead += len;
	c->fates->asked_at = c->clock.mono;
	c->fates->slow = ahead < 2 * RESUME_STRIDE ? 0 : (int64_t)ahead;
}

static void
note_asked(struct client *c)
{
	if (c->fates->asked++ == 0)
		expect_answer(c);
	c->fates->covers = link_sent(c);
	c->fates->asked_bytes = c->resume.bytes;
}

static void
ask_server(struct client *c)
{
	note_asked(c);
	link_ask(c);
}

void
fate_ask_again(struct client *c, int resent)
{
	ask_server(c);
	c->fates->asked += resent;
}

void
fate_ask_over(struct client *c)
{
	c->fates->asked = 0;
}

int64_t
fate_asked_at(const struct client *c)
{
	return c->fates->asked > 0 ? c->fates->asked_at : 0;
}

int64_t
fate_slow(const struct client *c)
{
	return c->fates->asked > 0 ? c->fates->slow : 0;
}

void
fate_wait_anew(struct client *c)
{
	c->fates->asked_at = c->clock.mono;
}

int64_t
fate_ask_deadline(const struct client *c)
{
	return c->link.state == LINK_ONLINE && c->fates->rests > c->clock.mono
		   ? c->fates->rests
		   : -1;
}

/* Asks after each RESUME_STRIDE bytes, since they may be long on the way. */
static void
ask_on_the_way(struct client *c)
{
	if (c->resume.state == RESUME_ON &&
	    c->resume.bytes - c->fates->asked_bytes >= RESUME_STRIDE)
		ask_server(c);
}

/* Adds a message of the current line; NICK is NULL unless TO is a room. */
static struct fate *
add_fate(struct client *c, const char *to, const char *id, const char *nick)
{
	struct fate *f = fate_new(c, to);

	memcpy(f->id, id, sizeof f->id);
	f->nick = buf_strdup(nick);
	f->line = c->lines.line;
	f->label = buf_strdup(c->lines.label);
	f->number = link_sent(c);
	link_fate(c, f);
	c->fates->open++;
	return f;
}

void
fate_add(struct client *c, const char *to, const char *id, int encrypted)
{
	add_fate(c, to, id, NULL)->encrypted = encrypted;
	c->fates->total++;
	c->fates->sent++;
	bounce_wrote(c, to, id);
	ask_on_the_way(c);
}

void
fate_add_room(struct client *c, const char *room, const char *nick,
    const char *id, const char *text, size_t n)
{
	add_fate(c, room, id, nick)->text = siphash(text, n);
}

/* Writes the event TAG of F; CAUSE and WHY are NULL unless it is bad news. */
static void
fate_event(struct client *c, const struct fate *f, enum event_tag tag,
    const char *cause, const char *why)
{
	const char *label = event_relabel(&c->event, f->label);

	event_begins(&c->event, tag, f->to, why);
	event_set_number(&c->event, "line", (long long)f->line);
	event_set(&c->event, "id", f->id);
	if (cause != NULL) {
		event_set(&c->event, "cause", cause);
		answer_note_error(c, cause, why);
	}
	event_end(&c->event);
	event_relabel(&c->event, label);
}

void
fate_failed(
    struct client *c, struct fate *f, const char *cause, const char *why)
{
	fate_event(c, f, EVENT_FAILED, cause, why);
	fate_free(c, f);
}

static void
make_unknown(
    struct client *c, struct fate *f, const char *cause, const char *why)
{
	fate_event(c, f, EVENT_UNKNOWN, cause, why);
	fate_free(c, f);
}

/* Keeps the line and label of F, in case an error about it comes late. */
static void
note_past(struct client *c, struct fate *f)
{
	struct fate_past *p;

	if (c->fates->past == NULL)
		c->fates->past = buf_alloc(PAST_KEPT * sizeof *c->fates->past);
	p = &c->fates->past[c->fates->past_at++ % PAST_KEPT];
	p->id = siphash(f->id, strlen(f->id));
	p->to = siphash(f->to, jid_bare_len(f->to));
	p->line = f->line;
	free(p->label);
	p->label = f->label;
	f->label = NULL;
}

/* Does as fate_bounced for the message ID of long ago. */
static int
past_bounced(struct client *c, const char *from, const char *id,
    const char *condition, const char *why)
{
	uint64_t key = siphash(id, strlen(id));
	struct fate f = {.to = NULL};
	struct fate_past *p;
	size_t i;

	for (i = 0; c->fates->past != NULL && i < PAST_KEPT; i++) {
		p = &c->fates->past[i];
		if (p->id != key || p->line == 0 || strlen(id) > NONCE_ID ||
		    (from != NULL &&
			p->to != siphash(from, jid_bare_len(from))))
			continue;
		memcpy(f.id, id, strlen(id) + 1);
		f.to = from == NULL ? NULL : buf_strdup(from);
		f.line = p->line;
		f.label = p->label;
		p->line = 0;
		bounce_answered(c, id);
		c->fates->missed--;
		fate_event(c, &f, EVENT_FAILED, condition, why);
		free(f.to);
		return 1;
	}
	return 0;
}

/* Frees the oldest acked messages beyond ACKED_KEPT. */
static void
trim_acked(struct client *c)
{
	size_t most = c->options.delivered ? UNDELIVERED_KEPT : ACKED_KEPT;

	while (c->fates->acked > most) {
		c->fates->missed++;
		note_past(c, c->fates->people.first);
		fate_free(c, c->fates->people.first);
	}
}

/* Makes F, the first without a fate, acked. */
static void
make_acked(struct client *c, struct fate *f)
{
	c->fates->first_open = f->next;
	free(f->again);
	f->again = NULL;
	f->acked = 1;
	c->fates->open--;
	c->fates->acked++;
	fate_event(c, f, EVENT_ACKED, NULL, NULL);
}

/* Acks the messages among the first COVERED stanzas of this session. */
static void
ack_first(struct client *c, uint64_t covered)
{
	struct fate *f;

	for (f = c->fates->first_open; f != NULL && f->number <= covered;
	     f = f->next)
		make_acked(c, f);
	trim_acked(c);
}

void
fate_answered(struct client *c)
{
	/* There is an answer to each <r/>, but one may cover all. */
	c->fates->asked -= c->fates->asked > 0;
	if (c->resume.acked >= c->fates->covers)
		c->fates->asked = 0;
	if (c->fates->asked > 0)
		expect_answer(c);
	/* If it acked nothing, the server is not asked again at once. */
	c->fates->rests = c->resume.acked == c->fates->last_acked &&
				  c->resume.acked < c->fates->covers
			      ? c->clock.mono + ASK_AGAIN
			      : 0;
	c->fates->last_acked = c->resume.acked;
	ack_first(c, c->resume.acked);
}

/* Makes F, which was sought, acked: it is the oldest of these then. */
static void
make_found(struct client *c, struct fate *f)
{
	struct fate_list *list = &c->fates->people;

	unlink_fate(c, f);
	f->sought = 0;
	f->acked = 1;
	f->before = NULL;
	f->next = list->first;
	*(f->next == NULL ? &list->last : &f->next->before) = f;
	list->first = f;
	map_add(&list->by_id, f->id, f);
	c->fates->open--;
	c->fates->acked++;
	fate_event(c, f, EVENT_ACKED, NULL, NULL);
}

/* Returns the message ID to a person, or NULL. */
static struct fate *
find_person(const struct client *c, const char *id)
{
	struct fate *f = map_find(&c->fates->people.by_id, id);

	return f != NULL ? f : map_find(&c->fates->sought.by_id, id);
}

void
fate_receipt(struct client *c, const char *jid, const char *id)
{
	struct fate *f = find_person(c, id);
	struct resource *s;

	if (f == NULL || !jid_same_bare(f->to, jid) ||
	    (jid_resource(f->to) != NULL && strcmp(f->to, jid) != 0))
		return;
	s = roster_resource(&c->roster, jid);
	if (s != NULL)
		s->receipts = 1;
	/* The receipt proves that the server had it, and all before it. */
	if (f->sought)
		make_found(c, f);
	while (!f->acked)
		make_acked(c, c->fates->first_open);
	bounce_answered(c, id);
	histories_received(c, f->to, f->id);
	fate_event(c, f, EVENT_DELIVERED, NULL, NULL);
	fate_free(c, f);
}

int
fate_bounced(struct client *c, const char *from, const struct stanza *x)
{
	const char *id = stanza_get(x, "id"), *text = stanza_error_text(x);
	const char *condition = stanza_condition(x);
	struct fate *f = id == NULL ? NULL : find_person(c, id);

	if (text == NULL)
		text = event_sentence("bounced");
	if (id != NULL && f == NULL)
		return past_bounced(c, from, id, condition, text);
	if (f == NULL || (from != NULL && !jid_same_bare(f->to, from)))
		return 0;
	bounce_answered(c, id);
	fate_failed(c, f, condition, text);
	return 1;
}

uint64_t
fate_total(const struct client *c)
{
	return c->fates->total;
}

/* Leaves F open until the archive was asked for it. */
static void
seek_fate(struct client *c, struct fate *f)
{
	unlink_fate(c, f);
	f->sought = 1;
	link_fate(c, f);
}

void
fate_seek(struct client *c)
{
	struct fate *f, *next;

	for (f = c->fates->first_open; f != NULL; f = next) {
		next = f->next;
		if (f->again == NULL)
			seek_fate(c, f);
	}
	c->fates->sent = c->fates->acked;
	c->fates->asked = 0;
}

void
fate_found(struct client *c, const char *id)
{
	struct fate *f = map_find(&c->fates->sought.by_id, id);

	if (f != NULL)
		make_found(c, f);
}

void
fate_sought_over(struct client *c)
{
	while (c->fates->sought.first != NULL)
		make_unknown(c, c->fates->sought.first, "connection-lost",
		    "the connection ended before the server acknowledged it, "
		    "and it is not in the archive");
}

void
fate_lost(struct client *c, const char *cause)
{
	struct fate *f, *next;

	fate_sought_over(c);
	for (f = c->fates->people.first; f != NULL; f = next) {
		next = f->next;
		if (f->acked)
			continue; /* An error may come on the next session. */
		make_unknown(c, f, cause,
		    "the connection ended before the server acknowledged it");
	}
	c->fates->sent = c->fates->acked;
	c->fates->asked = 0;
}

size_t
fate_strike(struct client *c)
{
	struct fate *f;
	size_t n = 0;

	for (f = c->fates->first_open; f != NULL; f = f->next) {
		if (f->again != NULL)
			continue;
		f->strikes++;
		n++;
	}
	return n;
}

static void
fail_poison(struct client *c, struct fate *f)
{
	fate_failed(c, f, "policy-violation",
	    "the server ended the stream twice while it was under way");
}

/* Takes the stanza NUMBER out of what is sent again, and renumbers the rest. */
static void
drop_number(struct client *c, uint64_t number)
{
	struct fate *f;

	resume_drop(&c->resume, number);
	for (f = c->fates->first_open; f != NULL; f = f->next)
		f->number -= f->number > number;
	for (f = c->fates->rooms.first; f != NULL; f = f->next)
		f->number -= f->number > number;
}

void
fate_resumed(struct client *c)
{
	struct fate *f, *next;

	ack_first(c, c->resume.acked);
	for (f = c->fates->first_open; f != NULL; f = next) {
		next = f->next;
		if (f->strikes < STRIKES)
			continue;
		drop_number(c, f->number);
		fail_poison(c, f);
	}
}

/* Keeps the stanza P of LEN bytes in F, with an <origin-id/> (XEP-0359). */
static void
keep_stanza(struct fate *f, const char *p, size_t len)
{
	static const char end[] = "</message>";
	struct buf b;

	buf_init(&b, 2 * STANZA_MAX);
	if (len < sizeof end + 100 || len > STANZA_MAX - 100) {
		buf_add(&b, p, len);
	} else {
		buf_add(&b, p, len - (sizeof end - 1));
		buf_addf(
		    &b, "<origin-id xmlns='urn:xmpp:sid:0' id='%s'/>", f->id);
		buf_adds(&b, end);
	}
	f->again_len = buf_len(&b);
	f->again = buf_memdup(buf_data(&b), f->again_len);
	f->number = UINT64_MAX;
	buf_clear(&b);
}

void
fate_unresumed(struct client *c, int seeks)
{
	const struct resume *r = &c->resume;
	uint64_t number = r->acked;
	const char *p = NULL;
	struct fate *f, *next;
	size_t at = 0, len = 0;

	c->fates->asked_bytes = 0;
	if (r->known)
		ack_first(c, r->acked);
	for (f = c->fates->first_open; f != NULL; f = next) {
		next = f->next;
		for (; number < f->number && f->again == NULL; number++)
			if ((p = resume_walk(r, &at, &len)) == NULL)
				break;
		if (f->again != NULL)
			continue;
		if ((!r->known || p == NULL) && seeks) {
			seek_fate(c, f);
		} else if (!r->known || p == NULL) {
			make_unknown(c, f, "connection-lost",
			    "the server no longer knows whether it had it");
		} else if (f->strikes >= STRIKES) {
			fail_poison(c, f);
		} else if (f->encrypted) {
			fate_failed(c, f, "connection-lost",
			    "the server did not have it, and its encryption "
			    "was for the session that ended");
		} else {
			keep_stanza(f, p, len);
		}
	}
	c->fates->sent = c->fates->acked;
}

void
fate_again(struct client *c)
{
	struct fate *f;

	for (f = c->fates->first_open; f != NULL; f = f->next) {
		if (f->again == NULL)
			continue;
		if (buf_add(link_out(c), f->again, f->again_len) == -1)
			return; /* The rest goes to the next stream. */
		f->number = link_sent(c);
		free(f->again);
		f->again = NULL;
		c->fates->sent++;
		ask_on_the_way(c);
	}
}

static void
on_ping_answer(struct client *c, struct answer *job, const struct stanza *x)
{
	(void)job;
	c->fates->asked = 0;
	if (x != NULL)
		ack_first(c, c->fates->covers);
}

/* Returns 1 if many stanzas of any kind are unacked, else 0. */
static int
much_is_kept(struct client *c)
{
	uint64_t sent = link_sent(c);

	return sent - c->resume.acked >= KEPT_MANY ||
	       buf_len(&c->resume.queue) >= KEPT_MUCH;
}

void
fate_ask_ack(struct client *c)
{
	int managed = c->resume.state == RESUME_ON;
	struct writer w;

	if (c->fates->asked || c->link.state != LINK_ONLINE ||
	    c->fates->rests > c->clock.mono ||
	    (c->fates->first_open == NULL && !(managed && much_is_kept(c))))
		return;
	if (managed) {
		ask_server(c);
		return;
	}
	note_asked(c);
	request_begin(c, &w, "get", NULL, on_ping_answer, NULL);
	writer_leaf(&w, "ping", NS_PING, NULL);
	writer_end(&w);
}

/* Returns F or the first behind it that went to ROOM (NULL: any), or NULL. */
static struct fate *
in_room(struct fate *f, const char *room)
{
	while (f != NULL && room != NULL && strcmp(f->to, room) != 0)
		f = f->next;
	return f;
}

struct fate *
fate_first_in(const struct client *c, const char *room)
{
	return in_room(c->fates->rooms.first, room);
}

struct fate *
fate_find_id(const struct client *c, const char *room, const char *id)
{
	struct fate *f =
	    id == NULL ? NULL : map_find(&c->fates->rooms.by_id, id);

	return f == NULL || strcmp(f->to, room) != 0 ? NULL : f;
}

struct fate *
fate_find_text(
    const struct client *c, const char *room, const char *text, size_t n)
{
	uint64_t hash = siphash(text, n);
	struct fate *f = fate_first_in(c, room);

	while (f != NULL && f->text != hash)
		f = in_room(f->next, room);
	return f;
}

void
fate_shown(struct client *c, struct fate *f)
{
	histories_received(c, f->to, f->id);
	fate_event(c, f, EVENT_ACKED, NULL, NULL);
	fate_free(c, f);
}

void
fate_outside(struct client *c, const char *room)
{
	struct fate *f = fate_first_in(c, room);

	for (; f != NULL; f = in_room(f->next, room))
		if (f->outside == 0)
			f->outside = OUTSIDE_LEFT;
}

void
fate_not_shown(struct client *c, const char *room)
{
	struct fate *f, *next;

	for (f = fate_first_in(c, room); f != NULL; f = next) {
		next = in_room(f->next, room);
		if (f->outside == OUTSIDE_LOST)
			make_unknown(c, f, "connection-lost", cut_off);
		else if (f->outside == OUTSIDE_LEFT)
			make_unknown(c, f, "not-acceptable",
			    "you were out of the room before it showed it");
	}
}

void
fate_room_lost(
    struct client *c, const char *room, const char *cause, int returns)
{
	struct fate *f, *next;

	for (f = fate_first_in(c, room); f != NULL; f = next) {
		next = in_room(f->next, room);
		if (c->resume.known && f->number > c->resume.acked) {
			fate_failed(c, f, cause, "the server did not have it");
		} else if (!returns) {
			make_unknown(c, f, cause, cut_off);
		} else {
			f->outside = OUTSIDE_LOST;
			f->number = 0;
		}
	}
}

void
fate_clear(struct client *c)
{
	struct fate *f;
	size_t i;

	while (c->fates->people.first != NULL)
		fate_free(c, c->fates->people.first);
	while (c->fates->sought.first != NULL)
		fate_free(c, c->fates->sought.first);
	while (c->fates->rooms.first != NULL)
		fate_free(c, c->fates->rooms.first);
	map_clear(&c->fates->sought.by_id);
	map_clear(&c->fates->people.by_id);
	map_clear(&c->fates->rooms.by_id);
	while ((f = c->fates->spare) != NULL) {
		c->fates->spare = f->next;
		free(f);
	}
	for (i = 0; c->fates->past != NULL && i < PAST_KEPT; i++)
		free(c->fates->past[i].label);
	free(c->fates->past);
	free(c->fates);
}
