#include "line/core/wait.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/answer.h"
#include "line/core/source.h"
#include "line/text/address.h"
#include "line/text/escape.h"
#include "line/text/fields.h"

/* Events kept for a /wait yet to come; the oldest go first. */
#define KEPT_MAX ((size_t)1024 * 1024)

/* The same for an input of a JID, of which there may be thousands. */
#define KEPT_OF_JID ((size_t)16 * 1024)

/* The events that a source looks at. */
struct waiting {
	struct buf past; /* lines since the last message line was answered */
	uint64_t since;	 /* that was here, of client_text_total */
	uint64_t
	    scanned; /* of client_text_total, for all; of the main source */
	size_t max;  /* bytes of `past` */
	struct map replays; /* PEERs whose archives are being read */
};

/*
 * A line that waits holds the event it waits for in the form of an event line:
 * its tag, its PEER or `-`, and the attributes that it must have. For the tags
 * that mean the last message, the id of that comes first.
 */
#define WANTED_TIME "1970-01-01T00:00:00Z"

enum verdict { OTHER, MATCH, OPPOSITE };

/* The KEY of a word that TEXT is compared with, and not an attribute. */
static const char text_key[] = "text=";

/* Returns 1 if E has WORD, `key=value`, else 0. */
static int
has_attribute(const struct fields *e, struct field word)
{
	struct field rest = e->rest, attribute;
	size_t n = sizeof text_key - 1;

	if (word.n >= n && memcmp(word.p, text_key, n) == 0)
		return field_same(
			   e->text, (struct field){word.p + n, word.n - n}) ||
		       (e->text.p == NULL && word.n == n + 1 &&
			   word.p[n] == '-');
	while ((attribute = fields_next(&rest)).p != NULL)
		if (field_same(attribute, word))
			return 1;
	return 0;
}

/* Returns the length of the key of WORD and its `=`. */
static size_t
key_len(struct field word)
{
	const char *sign = memchr(word.p, '=', word.n);

	return sign == NULL ? word.n : (size_t)(sign - word.p) + 1;
}

/* Returns 1 if E has one of the words of WANTED whose key is that of WORD. */
static int
has_one_of(
    const struct fields *e, const struct fields *wanted, struct field word)
{
	struct field rest = wanted->rest, other;
	size_t n = key_len(word);

	while ((other = fields_next(&rest)).p != NULL)
		if (other.n >= n && memcmp(other.p, word.p, n) == 0 &&
		    has_attribute(e, other))
			return 1;
	return 0;
}

/* Returns 1 if E has all attributes of WANTED, else 0. */
static int
has_attributes(const struct fields *e, const struct fields *wanted)
{
	struct field rest = wanted->rest, word;

	while ((word = fields_next(&rest)).p != NULL)
		if (!has_one_of(e, wanted, word))
			return 0;
	return 1;
}

/* Returns 1 if PEER is WANTED; a bare JID matches every resource. */
static int
peer_matches(struct field peer, struct field wanted)
{
	if (wanted.p == NULL || field_same(peer, wanted))
		return 1;
	return memchr(wanted.p, '/', wanted.n) == NULL &&
	       field_same(field_bare(peer), wanted);
}

/* Returns 1 if TAG is about a message that was sent. */
static int
is_fate(enum event_tag tag)
{
	return tag == EVENT_ACKED || tag == EVENT_DELIVERED ||
	       tag == EVENT_FAILED || tag == EVENT_UNKNOWN;
}

/* Returns 1 if an event TAG means that WANTED will not come any more. */
static int
is_against(enum event_tag wanted, enum event_tag tag)
{
	static const struct {
		enum event_tag wanted, against;
	} pairs[] = {
	    {EVENT_ACKED, EVENT_FAILED},
	    {EVENT_ACKED, EVENT_UNKNOWN},
	    {EVENT_DELIVERED, EVENT_FAILED},
	    {EVENT_DELIVERED, EVENT_UNKNOWN},
	    {EVENT_FAILED, EVENT_DELIVERED},
	    {EVENT_FAILED, EVENT_UNKNOWN},
	    {EVENT_UNKNOWN, EVENT_ACKED},
	    {EVENT_UNKNOWN, EVENT_FAILED},
	};
	size_t i;

	for (i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (pairs[i].wanted == wanted && pairs[i].against == tag)
			return 1;
	return 0;
}

/* Returns 1 if E ends an SMP without success. */
static int
is_smp_failure(const struct fields *e)
{
	struct field state = fields_get(e, "state");

	return field_is(state, "failed") || field_is(state, "aborted");
}

/*
 * Returns 1 if E is a copy or from an archive, and WANTED does not ask for one:
 * scripts wait for what was said to them now.
 */
static int
is_copy_unasked(const struct fields *e, const struct fields *wanted)
{
	return e->tag != EVENT_OWN && fields_get(e, "via").p != NULL &&
	       fields_get(wanted, "via").p == NULL;
}

/* Returns 1 if E is about the message that WANTED means by id or label. */
static int
is_of_message(const struct fields *e, const struct fields *wanted)
{
	struct field rest = wanted->rest, word;
	size_t n;

	while ((word = fields_next(&rest)).p != NULL) {
		n = key_len(word);
		if ((n == 3 && memcmp(word.p, "id=", n) == 0) ||
		    (n == 6 && memcmp(word.p, "label=", n) == 0))
			return has_one_of(e, wanted, word);
	}
	return 0;
}

/* Compares E, a `replay`, with WANTED, which means its end. */
static enum verdict
judge_replay(const struct fields *e, const struct fields *wanted)
{
	struct field state = fields_get(e, "state");

	if (fields_get(wanted, "state").p != NULL)
		return has_attributes(e, wanted) ? MATCH : OTHER;
	if (field_is(state, "failed") || field_is(state, "off"))
		return OPPOSITE;
	return field_is(state, "done") && has_attributes(e, wanted) ? MATCH
								    : OTHER;
}

/* Compares the event line of N bytes at P with WANTED. */
static enum verdict
judge_event(const char *p, size_t n, const struct fields *wanted)
{
	struct fields e;

	if (fields_read(&e, p, n) == -1 || !peer_matches(e.peer, wanted->peer))
		return OTHER;
	if (is_fate(wanted->tag) && !is_of_message(&e, wanted))
		return OTHER;
	if (is_against(wanted->tag, e.tag))
		return OPPOSITE;
	if (e.tag != wanted->tag || is_copy_unasked(&e, wanted))
		return OTHER;
	if (e.tag == EVENT_OTR && !field_is(e.text, "encrypted"))
		return OPPOSITE;
	if (e.tag == EVENT_REPLAY)
		return judge_replay(&e, wanted);
	/* A line that names a state of SMP waits for that one. */
	if (e.tag == EVENT_SMP && fields_get(wanted, "state").p == NULL) {
		if (is_smp_failure(&e))
			return OPPOSITE;
		if (!field_is(fields_get(&e, "state"), "succeeded"))
			return OTHER;
	}
	return has_attributes(&e, wanted) ? MATCH : OTHER;
}

static const char opposite[] = "the opposite happened";

/*
 * Compares the event line of N bytes at P with what lines of S wait for, and
 * answers those. Returns 1 if one waited for it, which is then done with it.
 */
static int
offer_event(struct client *c, const struct source *s, const char *p, size_t n)
{
	enum verdict verdict;
	struct answer *a, *next;
	struct fields wanted;

	for (a = answer_next(c, NULL, ANSWER_WAIT); a != NULL; a = next) {
		next = answer_next(c, a, ANSWER_WAIT);
		if (a->source != s)
			continue;
		fields_read(&wanted, a->wait, strlen(a->wait));
		verdict = judge_event(p, n, &wanted);
		if (verdict == OPPOSITE)
			answer_failed(c, a, "opposite", opposite);
		if (verdict != MATCH)
			continue;
		answer_done(c, a, NULL);
		return 1;
	}
	return 0;
}

/* Notes if the event line of N bytes at P is about a replay under way. */
static void
note_replay(struct waiting *w, const char *p, size_t n)
{
	struct field state;
	struct fields e;
	char *peer;

	if (*p != 'r' || fields_read(&e, p, n) == -1 || e.tag != EVENT_REPLAY)
		return;
	state = fields_get(&e, "state");
	if (field_is(state, "lost"))
		return;
	peer = buf_memdup(e.peer.p, e.peer.n);
	if (!field_is(state, "started"))
		map_remove(&w->replays, peer);
	else if (map_find(&w->replays, peer) == NULL)
		map_add(&w->replays, peer, w);
	free(peer);
}

static void
keep_event(struct waiting *w, const char *p, size_t n)
{
	const unsigned char *data, *lf;

	while (n <= w->max && buf_add(&w->past, p, n) == -1) {
		data = buf_data(&w->past);
		lf = memchr(data, '\n', buf_len(&w->past));
		buf_drop(&w->past, (size_t)(lf - data) + 1);
	}
}

void
wait_init(struct source *s)
{
	s->wait = buf_alloc(sizeof *s->wait);
	s->wait->max = s->jid == NULL ? KEPT_MAX : KEPT_OF_JID;
	buf_init(&s->wait->past, s->wait->max);
}

void
wait_clear(struct client *c)
{
	struct source *s;

	for (s = c->sources.all; s != NULL; s = s->next) {
		buf_clear(&s->wait->past);
		map_clear(&s->wait->replays);
		free(s->wait);
		s->wait = NULL;
	}
}

/* Returns 1 unless the event line of N bytes at P can have no label. */
static int
may_have_label(const char *p, size_t n)
{
	static const char key[] = "label=";
	const char *end = p + n;

	while ((p = memchr(p, '\t', (size_t)(end - p))) != NULL)
		if ((size_t)(end - ++p) >= sizeof key - 1 &&
		    memcmp(p, key, sizeof key - 1) == 0)
			return 1;
	return 0;
}

/* Returns 1 if the event line of N bytes at P is the fate of a labelled line.
 */
static int
is_labelled_fate(const char *p, size_t n)
{
	struct fields e;

	return may_have_label(p, n) && fields_read(&e, p, n) == 0 &&
	       is_fate(e.tag) && fields_get(&e, "label").p != NULL;
}

/*
 * Forgets the events that were kept, but for the fates of messages with labels:
 * `label=` names those even when others were sent since.
 */
static void
forget_past(struct waiting *w)
{
	const char *p = (const char *)buf_data(&w->past), *lf;
	const char *end = p + buf_len(&w->past);
	struct buf kept;

	buf_init(&kept, KEPT_MAX);
	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (is_labelled_fate(p, (size_t)(lf - p)))
			buf_add(&kept, p, (size_t)(lf + 1 - p));
	}
	buf_reset(&w->past);
	if (buf_len(&kept) > 0)
		buf_add(&w->past, buf_data(&kept), buf_len(&kept));
	buf_clear(&kept);
}

/* Forgets what was before the last message line of S, if that is new. */
static void
forget_old(struct source *s)
{
	if (s->wait->since == s->message_at)
		return;
	s->wait->since = s->message_at;
	forget_past(s->wait);
}

/*
 * Has S, unless it is NULL, look at the event line of N bytes at P, with an LF,
 * which is at AT of client_text_total.
 */
static void
look_at(
    struct client *c, struct source *s, uint64_t at, const char *p, size_t n)
{
	if (s == NULL)
		return;
	forget_old(s);
	/* A line may wait although others of its input were answered since. */
	if (c->lines.answers != NULL && offer_event(c, s, p, n - 1))
		return;
	if (at >= s->message_at || is_labelled_fate(p, n - 1))
		keep_event(s->wait, p, n);
}

/* Returns the source of the JID that F, escaped, is; NULL: it has none. */
static struct source *
source_of_field(const struct client *c, struct field f)
{
	struct source *s = NULL;
	struct buf jid;
	const char *why;
	size_t at;

	if (f.p == NULL || c->sources.by_jid.count == 0)
		return NULL;
	buf_init(&jid, INPUT_LINE_MAX);
	if (escape_read(&jid, f.p, f.n, &why, &at) == 1)
		s = source_of(c, buf_str(&jid));
	buf_clear(&jid);
	return s;
}

void
wait_scan(struct client *c)
{
	struct waiting *w = c->sources.main->wait;
	struct source *about, *from;
	const char *text, *lf;
	struct fields e;
	struct buf line;
	uint64_t start;
	size_t at, n;

	buf_init(&line, TEXT_MAX);
	while (w->scanned < client_text_total(c)) {
		start = w->scanned;
		at = (size_t)(start - c->out.written);
		text = (const char *)buf_data(&c->out.text) + at;
		lf = memchr(text, '\n', buf_len(&c->out.text) - at);
		n = (size_t)(lf - text) + 1;
		w->scanned += n;
		note_replay(w, text, n - 1);
		/* Answering may move the text: only then is a copy needed. */
		if (c->lines.answers != NULL) {
			buf_reset(&line);
			buf_add(&line, text, n);
			text = (const char *)buf_data(&line);
		}
		look_at(c, c->sources.main, start, text, n);
		look_at(c, c->sources.top, start, text, n);
		if (c->sources.by_jid.count == 0 ||
		    fields_read(&e, text, n - 1) == -1)
			continue;
		about = source_of_field(c, e.peer);
		from = source_of_field(c, fields_get(&e, "in"));
		look_at(c, about, start, text, n);
		if (from != about)
			look_at(c, from, start, text, n);
	}
	buf_clear(&line);
}

/*
 * Looks for an event that SPEC waits for among those that were kept. Takes it
 * out of them, unless it is the opposite.
 */
static enum verdict
look_back(struct waiting *w, const char *spec)
{
	char *start = (char *)w->past.data + w->past.off;
	char *end = start + buf_len(&w->past), *p, *lf;
	enum verdict verdict;
	struct fields wanted;

	fields_read(&wanted, spec, strlen(spec));
	for (p = start; p != NULL && p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		verdict = judge_event(p, (size_t)(lf - p), &wanted);
		if (verdict == OTHER)
			continue;
		if (verdict == OPPOSITE)
			return verdict;
		memmove(p, lf + 1, (size_t)(end - lf - 1));
		buf_cut(&w->past, buf_len(&w->past) - (size_t)(lf + 1 - p));
		return verdict;
	}
	return OTHER;
}

static int
all_digits(const char *s, size_t n)
{
	return n > 0 && n < 8 && strspn(s, "0123456789") >= n;
}

/* Appends the JID WORD of N bytes, escaped as PEER is written; -1: none. */
static int
add_peer(struct client *c, struct buf *spec, const char *word, size_t n)
{
	char jid[JID_SIZE];
	const char *why;

	if (address_read(word, n, jid, &why) == -1)
		return -1;
	escape_write(spec, jid, strlen(jid), ESCAPE_VALUE | c->event.ascii);
	return 0;
}

/* Appends WORD, `key=value`, escaped as the event has it; -1: it is none. */
static int
add_attr(struct client *c, struct buf *spec, const char *word, size_t n)
{
	size_t key = strcspn(word, "=") + 1, at;
	struct buf plain;
	const char *why;
	int kind, options = c->event.ascii;

	if (key > n)
		return -1;
	if (key != sizeof text_key - 1 || memcmp(word, text_key, key) != 0)
		options |= ESCAPE_VALUE;
	buf_init(&plain, INPUT_LINE_MAX);
	kind = escape_read(&plain, word + key, n - key, &why, &at);
	buf_addc(spec, '\t');
	buf_add(spec, word, key);
	if (kind >= 0)
		escape_write(spec, kind == 0 ? NULL : buf_data(&plain),
		    buf_len(&plain), options);
	buf_clear(&plain);
	return kind < 0 ? -1 : 0;
}

/* Returns 1 if WORD of N bytes is a `key=value` with a key of TAG. */
static int
is_attr(enum event_tag tag, const char *word, size_t n)
{
	size_t key = strspn(word, "abcdefghijklmnopqrstuvwxyz");

	if (key == 0 || key >= n || word[key] != '=')
		return 0;
	return event_has(tag, word, key) ||
	       (key + 1 == sizeof text_key - 1 &&
		   memcmp(word, text_key, key) == 0);
}

/* Returns 1 if WORD of N bytes is meant as a JID: no wrong `key=value`. */
static int
is_peer(const char *word, size_t n)
{
	return memchr(word, '=', n) == NULL || memchr(word, '@', n) != NULL;
}

/*
 * Returns 1 if a word of ATTRS, as add_attr writes them, has the key `label` or
 * `id`: that message is meant, and not the last one.
 */
static int
names_message(struct buf *attrs)
{
	return strstr(buf_str(attrs), "\tlabel=") != NULL ||
	       strstr(buf_str(attrs), "\tid=") != NULL;
}

/*
 * Reads ARGS, which follow TAG, into SPEC and *SECONDS; ID is that of the last
 * message, or empty. Returns -1 if they are wrong, NO_MESSAGE where they mean
 * the last message and there is none.
 */
#define NO_MESSAGE 1

static int
parse_args(struct client *c, enum event_tag tag, const char *args,
    const char *id, struct buf *spec, int *seconds)
{
	struct buf peer, attrs;
	int has_peer = 0, any = 0, result = 0;
	char self[JID_SIZE];
	size_t n;

	buf_init(&peer, INPUT_LINE_MAX * 8);
	buf_init(&attrs, INPUT_LINE_MAX * 8);
	for (; *args != '\0' && result == 0; args += n) {
		args += strspn(args, " ");
		n = strcspn(args, " ");
		if (n == 0)
			break;
		if (all_digits(args, n))
			*seconds = atoi(args);
		else if (is_attr(tag, args, n))
			result = add_attr(c, &attrs, args, n);
		else if (n == 1 && *args == '-')
			any = 1;
		else if (has_peer++ || !is_peer(args, n))
			result = -1;
		else
			result = add_peer(c, &peer, args, n);
	}
	/* Unless a room is named, the replay of our account is meant. */
	jid_bare(c->self.jid, self);
	if (tag == EVENT_REPLAY && !has_peer && !any && result == 0)
		result = add_peer(c, &peer, self, strlen(self));
	buf_addf(spec, "%s\t" WANTED_TIME "\t%s\t-", event_name(tag),
	    buf_len(&peer) == 0 ? "-" : buf_str(&peer));
	if (result == 0 && *id == '\0' && is_fate(tag) &&
	    !names_message(&attrs))
		result = NO_MESSAGE;
	if (*id != '\0' && !names_message(&attrs))
		buf_addf(spec, "\tid=%s", id);
	buf_add(spec, buf_data(&attrs), buf_len(&attrs));
	buf_clear(&peer);
	buf_clear(&attrs);
	return result;
}

/* The time of A is over, but a replay has its own end. */
static void
wait_longer(struct client *c, const struct answer *a)
{
	const struct waiting *w = c->sources.main->wait;
	struct fields wanted;
	struct answer *j;
	int under_way;
	char *peer;

	for (j = answer_next(c, NULL, ANSWER_WAIT); j != a;
	     j = answer_next(c, j, ANSWER_WAIT))
		;
	fields_read(&wanted, a->wait, strlen(a->wait));
	peer = buf_memdup(wanted.peer.p, wanted.peer.n);
	under_way = wanted.peer.p == NULL ? w->replays.count > 0
					  : map_find(&w->replays, peer) != NULL;
	free(peer);
	if (!under_way) {
		answer_failed(c, j, "timeout", NULL);
		return;
	}
	j->on_timeout = wait_longer;
	j->deadline = c->clock.mono + WAIT_SECONDS * 1000;
}

static void
wait_for(struct client *c, const char *spec, int seconds, int is_replay)
{
	struct answer *a;

	wait_scan(c);
	forget_old(c->source);
	switch (look_back(c->source->wait, spec)) {
	case MATCH:
		answer_ok(c, NULL, NULL);
		return;
	case OPPOSITE:
		answer_error(c, NULL, "opposite", opposite);
		return;
	case OTHER:
		break;
	}
	if (c->link.state == LINK_OFFLINE) {
		answer_error(c, NULL, "not-connected", NULL);
		return;
	}
	if (seconds == 0) {
		answer_error(c, NULL, "timeout", NULL);
		return;
	}
	a = answer_wait(c, ANSWER_WAIT, 1, seconds);
	a->wait = buf_strdup(spec);
	if (is_replay && seconds == WAIT_SECONDS)
		a->on_timeout = wait_longer;
}

void
wait_command(struct client *c, const char *args)
{
	size_t n = strcspn(args, " ");
	enum event_tag tag = event_find(args, n);
	const char *id = is_fate(tag) ? c->source->sent_id : "";
	int seconds = WAIT_SECONDS;
	struct buf spec;
	int wrong;

	if (tag == EVENT_TAGS) {
		answer_error(
		    c, NULL, "usage", "/wait needs the tag of an event");
		return;
	}
	buf_init(&spec, INPUT_LINE_MAX * 16);
	wrong = parse_args(c, tag, args + n, id, &spec, &seconds);
	if (wrong == -1)
		answer_error(c, NULL, "usage",
		    "/wait TAG ?JID|- ?KEY=VALUE... ?SECONDS");
	else if (wrong == NO_MESSAGE)
		answer_error(c, NULL, "opposite", "no message was sent");
	else
		wait_for(c, buf_str(&spec), seconds, tag == EVENT_REPLAY);
	buf_clear(&spec);
}
