#include "line/fate.h"

#include <stdlib.h>
#include <string.h>

#include "line/job.h"
#include "line/muc_talk.h"
#include "line/request.h"

/* Messages with their fate that a receipt or bounce may still speak of. */
#define ACKED_KEPT 2000
/* Of those before them so much that a bounce has its line. */
#define PAST_KEPT ((size_t)32768)
/* Streams that the server ends for a message before it is given up. */
#define STRIKES 2
/* Milliseconds to the next <r/> where its answer was no news. */
#define ASK_AGAIN 1000
/* Stanzas and bytes unacknowledged, of whatever kind. */
#define KEPT_MANY 100
#define KEPT_MUCH ((size_t)256 * 1024)

struct fate {
	struct fate *next, *before; /* in the order of sending */
	char id[NONCE_ID + 1];
	char *to;
	unsigned long line;
	char *label;
	uint64_t number; /* of its stanza, as stream_sent counts */
	int acked, encrypted;
	int strikes; /* streams that were ended while it was under way */
	char *again; /* its stanza, for the next session, or NULL */
	size_t again_len;
};

/* What is kept of one that is gone. */
struct fate_past {
	uint64_t id, to;    /* hashes, of TO the bare one */
	unsigned long line; /* 0: there is none */
};

static void
fate_free(struct client *c, struct fate *f)
{
	if (f->before == NULL)
		c->fate_first = f->next;
	else
		f->before->next = f->next;
	if (f->next == NULL)
		c->fate_last = f->before;
	else
		f->next->before = f->before;
	if (f->acked)
		c->fates_acked--;
	else
		c->fates_open--;
	map_remove(&c->fates, f->id);
	free(f->to);
	free(f->label);
	free(f->again);
	free(f);
}

/*
 * When the oldest answer is due: it follows what was sent before it, which is
 * RESUME_STRIDE, unless one stanza is longer. That may take a second for each
 * 1,000 bytes.
 */
static void
expect(struct client *c)
{
	size_t at = 0, len = 0, ahead = 0;

	while (
	    ahead < RESUME_STRIDE && resume_walk(&c->resume, &at, &len) != NULL)
		ahead += len;
	c->ack_pinged = c->mono;
	c->ack_slow = ahead < 2 * RESUME_STRIDE ? 0 : (int64_t)ahead;
}

static void
note_asked(struct client *c)
{
	if (c->ack_ping++ == 0)
		expect(c);
	c->ping_covers = stream_sent(c->stream);
	c->ack_asked = c->resume.bytes;
}

void
fate_ask(struct client *c)
{
	note_asked(c);
	stream_ask(c->stream);
}

/* What goes out may take long to be there. */
static void
ask_on_the_way(struct client *c)
{
	if (c->resume.state == RESUME_ON &&
	    c->resume.bytes - c->ack_asked >= RESUME_STRIDE)
		fate_ask(c);
}

void
fate_add(struct client *c, const char *to, const char *id, int encrypted)
{
	struct fate *f = buf_alloc(sizeof *f);

	memcpy(f->id, id, sizeof f->id);
	f->to = buf_strdup(to);
	f->line = c->line;
	f->label = buf_strdup(c->label);
	f->encrypted = encrypted;
	f->number = stream_sent(c->stream);
	c->sent++;
	f->before = c->fate_last;
	if (f->before == NULL)
		c->fate_first = f;
	else
		f->before->next = f;
	c->fate_last = f;
	c->fates_open++;
	map_add(&c->fates, f->id, f);
	ask_on_the_way(c);
}

/* Writes the event TAG of F; CAUSE NULL for those that have none. */
static void
fate_event(struct client *c, const struct fate *f, enum event_tag tag,
    const char *cause, const char *why)
{
	const char *label = c->event.label;

	c->event.label = f->label;
	event_begin(&c->event, tag, f->to, why, why == NULL ? 0 : strlen(why));
	event_set_number(&c->event, "line", (long long)f->line);
	event_set(&c->event, "id", f->id);
	if (cause != NULL) {
		event_set(&c->event, "cause", cause);
		job_note_error(c, cause, why);
	}
	event_end(&c->event);
	c->event.label = label;
}

static uint64_t
hash(const char *text, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; n > 0; n--, text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h;
}

/* Keeps of F what a late bounce needs to have its line. */
static void
note_past(struct client *c, const struct fate *f)
{
	struct fate_past *p;

	if (c->past == NULL)
		c->past = buf_alloc(PAST_KEPT * sizeof *c->past);
	p = &c->past[c->past_at++ % PAST_KEPT];
	p->id = hash(f->id, strlen(f->id));
	p->to = hash(f->to, jid_bare_len(f->to));
	p->line = f->line;
}

/* Whether FROM (NULL: our own server) may say that ID, of long ago, bounced. */
static int
past_bounced(struct client *c, const char *from, const char *id,
    const char *condition, const char *why)
{
	uint64_t key = hash(id, strlen(id));
	struct fate f = {.to = NULL};
	struct fate_past *p;
	size_t i;

	for (i = 0; c->past != NULL && i < PAST_KEPT; i++) {
		p = &c->past[i];
		if (p->id != key || p->line == 0 || strlen(id) > NONCE_ID ||
		    (from != NULL && p->to != hash(from, jid_bare_len(from))))
			continue;
		memcpy(f.id, id, strlen(id) + 1);
		f.to = from == NULL ? NULL : buf_strdup(from);
		f.line = p->line;
		p->line = 0;
		fate_event(c, &f, EVENT_FAILED, condition, why);
		free(f.to);
		return 1;
	}
	return 0;
}

/* Forgets the oldest that are acked, past what may be kept. */
static void
trim(struct client *c)
{
	struct fate *f, *next;

	for (f = c->fate_first; f != NULL && c->fates_acked > ACKED_KEPT;
	     f = next) {
		next = f->next;
		if (f->acked) {
			note_past(c, f);
			fate_free(c, f);
		}
	}
}

/* The open ones stand together at the end; NULL: there are none. */
static struct fate *
first_open(const struct client *c)
{
	struct fate *f;

	for (f = c->fate_last; f != NULL && !f->acked; f = f->before)
		;
	return f == NULL ? c->fate_first : f->next;
}

static void
acked(struct client *c, struct fate *f)
{
	free(f->again);
	f->again = NULL;
	f->acked = 1;
	c->fates_open--;
	c->fates_acked++;
	fate_event(c, f, EVENT_ACKED, NULL, NULL);
}

void
fate_acked(struct client *c, uint64_t covered)
{
	struct fate *f;

	for (f = first_open(c); f != NULL && f->number <= covered; f = f->next)
		acked(c, f);
	trim(c);
}

void
fate_answered(struct client *c)
{
	/* One for each, but a server may say all at once. */
	c->ack_ping -= c->ack_ping > 0;
	if (c->resume.acked >= c->ping_covers)
		c->ack_ping = 0;
	if (c->ack_ping > 0)
		expect(c);
	/* One that does not say what was asked is not asked again at once. */
	c->ack_rests =
	    c->resume.acked == c->ack_last && c->resume.acked < c->ping_covers
		? c->mono + ASK_AGAIN
		: 0;
	c->ack_last = c->resume.acked;
	fate_acked(c, c->resume.acked);
}

void
fate_receipt(struct client *c, const char *jid, const char *id)
{
	struct fate *f = map_find(&c->fates, id);
	struct resource *s;

	if (f == NULL || !jid_same_bare(f->to, jid) ||
	    (jid_resource(f->to) != NULL && strcmp(f->to, jid) != 0))
		return;
	s = roster_resource(&c->roster, jid);
	if (s != NULL)
		s->receipts = 1;
	/* Who received it proves that the server had it, and what was before.
	 */
	while (!f->acked)
		acked(c, first_open(c));
	fate_event(c, f, EVENT_DELIVERED, NULL, NULL);
	fate_free(c, f);
}

int
fate_bounced(struct client *c, const char *from, const struct stanza *x)
{
	const char *id = stanza_get(x, "id"), *text = stanza_error_text(x);
	const char *condition = stanza_condition(x);
	struct fate *f = id == NULL ? NULL : map_find(&c->fates, id);

	if (text == NULL)
		text = event_sentence("bounced");
	if (id != NULL && f == NULL)
		return past_bounced(c, from, id, condition, text);
	if (f == NULL || (from != NULL && !jid_same_bare(f->to, from)))
		return 0;
	fate_event(c, f, EVENT_FAILED, condition, text);
	fate_free(c, f);
	return 1;
}

void
fate_lost(struct client *c, const char *cause)
{
	struct fate *f, *next;

	for (f = c->fate_first; f != NULL; f = next) {
		next = f->next;
		if (f->acked)
			continue; /* it may bounce on the next one */
		fate_event(c, f, EVENT_UNKNOWN, cause,
		    "the connection ended before the server acknowledged it");
		fate_free(c, f);
	}
	c->sent = c->fates_acked; /* which may bounce on the next one */
	c->ack_ping = 0;
}

size_t
fate_strike(struct client *c)
{
	struct fate *f;
	size_t n = 0;

	for (f = first_open(c); f != NULL; f = f->next) {
		if (f->again != NULL)
			continue;
		f->strikes++;
		n++;
	}
	return n;
}

static void
failed(struct client *c, struct fate *f, const char *cause, const char *why)
{
	fate_event(c, f, EVENT_FAILED, cause, why);
	fate_free(c, f);
}

static void
poisoned(struct client *c, struct fate *f)
{
	failed(c, f, "policy-violation",
	    "the server ended the stream twice while it was under way");
}

void
fate_resumed(struct client *c)
{
	struct fate *f, *next, *later;

	fate_acked(c, c->resume.acked);
	for (f = first_open(c); f != NULL; f = next) {
		next = f->next;
		if (f->strikes < STRIKES)
			continue;
		resume_drop(&c->resume, f->number);
		muc_dropped(c, f->number);
		for (later = next; later != NULL; later = later->next)
			later->number--;
		poisoned(c, f);
	}
}

/* Keeps the LEN bytes of P, with the id that XEP-0359 has for this. */
static void
keep(struct fate *f, const char *p, size_t len)
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
fate_unresumed(struct client *c)
{
	const struct resume *r = &c->resume;
	uint64_t number = r->acked;
	const char *p = NULL;
	struct fate *f, *next;
	size_t at = 0, len = 0;

	if (r->known)
		fate_acked(c, r->acked);
	for (f = first_open(c); f != NULL; f = next) {
		next = f->next;
		for (; number < f->number && f->again == NULL; number++)
			if ((p = resume_walk(r, &at, &len)) == NULL)
				break;
		if (f->again != NULL)
			continue;
		if (!r->known || p == NULL) {
			fate_event(c, f, EVENT_UNKNOWN, "connection-lost",
			    "the server no longer knows whether it had it");
			fate_free(c, f);
		} else if (f->strikes >= STRIKES) {
			poisoned(c, f);
		} else if (f->encrypted) {
			failed(c, f, "connection-lost",
			    "the server did not have it, and its encryption "
			    "was for the session that ended");
		} else {
			keep(f, p, len);
		}
	}
	c->sent = c->fates_acked; /* which may bounce on the next one */
}

void
fate_again(struct client *c)
{
	struct fate *f;

	for (f = first_open(c); f != NULL; f = f->next) {
		if (f->again == NULL)
			continue;
		if (buf_add(stream_out(c->stream), f->again, f->again_len) ==
		    -1)
			return; /* the rest on the stream after this one */
		f->number = stream_sent(c->stream);
		free(f->again);
		f->again = NULL;
		c->sent++;
		ask_on_the_way(c);
	}
}

static void
on_ack(struct client *c, struct job *job, const struct stanza *x)
{
	(void)job;
	c->ack_ping = 0;
	if (x != NULL)
		fate_acked(c, c->ping_covers);
}

/* Whether so much else is unacknowledged that it should be asked for. */
static int
much_is_kept(struct client *c)
{
	uint64_t sent = stream_sent(c->stream);

	return sent - c->resume.acked >= KEPT_MANY ||
	       buf_len(&c->resume.queue) >= KEPT_MUCH;
}

void
fate_ask_ack(struct client *c)
{
	int managed = c->resume.state == RESUME_ON;
	struct writer w;

	if (c->ack_ping || c->link != LINK_ONLINE || c->ack_rests > c->mono ||
	    (c->fates_open == 0 && !(managed && much_is_kept(c))))
		return;
	if (managed) {
		fate_ask(c);
		return;
	}
	note_asked(c);
	request_begin(c, &w, "get", NULL, on_ack, NULL);
	writer_leaf(&w, "ping", NS_PING, NULL);
	writer_end(&w);
}

void
fate_clear(struct client *c)
{
	while (c->fate_first != NULL)
		fate_free(c, c->fate_first);
	map_clear(&c->fates);
	free(c->past);
}
