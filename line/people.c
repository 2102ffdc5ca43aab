#include "line/people.h"

#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "xmpp/jid.h"

static struct people_one *
one_new(struct field jid)
{
	struct people_one *o = buf_alloc(sizeof *o);

	o->jid = buf_memdup(jid.p, jid.n);
	return o;
}

static void
session_free(struct people_session *s)
{
	free(s->words);
	free(s->jid);
	free(s);
}

static void
sessions_free(struct people_one *o)
{
	struct people_session *s;

	while ((s = o->sessions) != NULL) {
		o->sessions = s->next;
		session_free(s);
	}
}

static void
one_free(struct people_one *o)
{
	size_t i;

	sessions_free(o);
	for (i = 0; i < o->count; i++)
		free(o->lines[i].text);
	free(o->lines);
	buf_free_secret(o->draft);
	free(o->nick);
	free(o->place);
	free(o->jid);
	free(o);
}

void
people_init(struct people *p)
{
	memset(p, 0, sizeof *p);
	p->nobody = one_new(field_of(""));
}

void
people_clear(struct people *p)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		one_free(p->all[i]);
	one_free(p->nobody);
	map_clear(&p->by_jid);
	free(p->all);
}

size_t
people_place(const struct people *p, const char *jid)
{
	size_t low = 0, high = p->count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (jid_order(p->all[middle]->jid, jid) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct people_one *
people_of(struct people *p, struct field peer)
{
	struct people_one *o;
	char *jid;
	size_t at;

	if (peer.p == NULL)
		return p->nobody;
	peer = field_bare(peer);
	jid = buf_memdup(peer.p, peer.n);
	o = map_find(&p->by_jid, jid);
	if (o == NULL) {
		o = one_new(peer);
		map_add(&p->by_jid, jid, o);
		if (p->count == p->size) {
			p->size = p->size * 2 + 16;
			p->all = buf_realloc(p->all, p->size, sizeof *p->all);
		}
		at = people_place(p, jid);
		memmove(p->all + at + 1, p->all + at,
		    (p->count - at) * sizeof *p->all);
		p->all[at] = o;
		p->count++;
	}
	free(jid);
	return o;
}

/* Copies F to OUT, cut where it has no room. */
static void
copy(char out[16], struct field f)
{
	size_t n = f.n < 15 ? f.n : 15;

	memcpy(out, f.p == NULL ? "" : f.p, n);
	out[n] = '\0';
}

/* Whether F, a `member`, has the status CODE. */
static int
has_code(const struct fields *f, const char *code)
{
	struct field rest = f->rest, a;

	while ((a = fields_next(&rest)).p != NULL)
		if (a.n == 8 && memcmp(a.p, "code=", 5) == 0 &&
		    memcmp(a.p + 5, code, 3) == 0)
			return 1;
	return 0;
}

/* As strcmp. */
static int
order(struct field a, const char *b)
{
	size_t n = strlen(b);
	int d = memcmp(a.p, b, a.n < n ? a.n : n);

	return d != 0 ? d : a.n < n ? -1 : a.n > n;
}

int
people_presence(struct people_one *o, const struct fields *f)
{
	struct field show = fields_get(f, "show");
	int offline = field_is(show, "offline");
	struct people_session **at, *s;
	int other = 0;

	for (at = &o->sessions; (s = *at) != NULL; at = &s->next)
		if (order(f->peer, s->jid) <= 0)
			break;
	if (s == NULL || !field_is(f->peer, s->jid)) {
		if (offline)
			return 0;
		s = buf_alloc(sizeof *s);
		s->jid = buf_memdup(f->peer.p, f->peer.n);
		s->next = *at;
		*at = s;
	} else if (offline) {
		*at = s->next;
		session_free(s);
		/* Who leaves a room is told nothing of it any more. */
		if (f->tag == EVENT_MEMBER && has_code(f, "110") &&
		    fields_get(f, "nick").p == NULL)
			sessions_free(o);
		return 0;
	} else {
		other = (f->text.p != NULL || s->words != NULL) &&
			!field_same(f->text, field_of(s->words));
	}
	free(s->words);
	s->words = f->text.p == NULL ? NULL : buf_memdup(f->text.p, f->text.n);
	copy(s->show, show);
	/* XEP-0045 7.2.2: 110 says that this is us. */
	if (f->tag == EVENT_MEMBER && has_code(f, "110") &&
	    f->peer.n > strlen(o->jid)) {
		free(o->nick);
		o->nick = buf_strdup(s->jid + strlen(o->jid) + 1);
	}
	return other;
}

void
people_security(struct people_one *o, const struct fields *f)
{
	struct field enc = fields_get(f, "enc");

	if (enc.p == NULL)
		return;
	o->encrypted = field_is(enc, "otr");
	copy(o->trust, fields_get(f, "trust"));
	if (o->encrypted && f->peer.n > strlen(o->jid)) {
		free(o->place);
		o->place = buf_memdup(f->peer.p, f->peer.n);
	}
}

void
people_otr(struct people_one *o, const struct fields *f)
{
	if (f->tag == EVENT_SMP) {
		if (field_is(fields_get(f, "state"), "succeeded"))
			copy(o->trust, field_of("verified"));
		return;
	}
	if (o->encrypted && !field_is(f->text, "encrypted") &&
	    o->place != NULL && !field_is(f->peer, o->place))
		return; /* an older session with another of theirs */
	o->encrypted = field_is(f->text, "encrypted");
	o->finished = field_is(f->text, "finished");
	copy(o->trust, fields_get(f, "trust"));
	free(o->place);
	o->place = buf_memdup(f->peer.p, f->peer.n);
}

void
people_leave(struct people *p)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		sessions_free(p->all[i]);
}

/* Makes room for one more line, as far as there is to be any. */
static void
grow(struct people_one *o)
{
	if (o->count < o->size || o->size == PEOPLE_LINES)
		return;
	o->size = o->size * 2 + 8;
	if (o->size > PEOPLE_LINES)
		o->size = PEOPLE_LINES;
	o->lines = buf_realloc(o->lines, o->size, sizeof *o->lines);
}

/* F becomes the oldest line. */
static void
put_first(struct people_one *o, const struct fields *f)
{
	grow(o);
	if (o->count == PEOPLE_LINES)
		return;
	memmove(o->lines + 1, o->lines, o->count++ * sizeof *o->lines);
	o->lines[0].text = buf_memdup(f->line.p, f->line.n);
	o->lines[0].delivered = 0;
}

void
people_recall(struct people_one *o, const char *text)
{
	const struct people_line *line = people_line(o, 0);
	const char *lf = text + strlen(text), *p;
	int64_t since = INT64_MAX;
	struct fields f;

	o->recalled = 1;
	if (line != NULL &&
	    fields_read(&f, line->text, strlen(line->text)) == 0)
		since = f.time;
	/* The newest first. A stored time may have lost a millisecond. */
	for (; lf > text; lf = p) {
		for (p = lf - 1; p > text && p[-1] != '\n'; p--)
			;
		if (fields_read(&f, p, (size_t)(lf - p) - 1) == 0 &&
		    f.tag == EVENT_HISTORY &&
		    field_time(fields_get(&f, "stamp")) < since - 1)
			put_first(o, &f);
	}
}

void
people_remember(struct people_one *o, const struct fields *f)
{
	struct people_line *line;

	grow(o);
	if (o->count < PEOPLE_LINES) {
		line = &o->lines[o->count++];
	} else {
		line = &o->lines[o->first];
		o->first = (o->first + 1) % PEOPLE_LINES;
		free(line->text);
	}
	line->text = buf_memdup(f->line.p, f->line.n);
	line->delivered = 0;
}

struct people_line *
people_line(const struct people_one *o, size_t i)
{
	return i < o->count ? &o->lines[(o->first + i) % PEOPLE_LINES] : NULL;
}

const char *
people_delivered(struct people_one *o, const struct fields *f)
{
	struct field id = fields_get(f, "id");
	struct people_line *line;
	struct fields sent;
	size_t i;

	/* It is mostly the last. */
	for (i = o->count; i-- > 0;) {
		line = people_line(o, i);
		if (*line->text != 's' || line->delivered ||
		    fields_read(&sent, line->text, strlen(line->text)) == -1 ||
		    !field_same(fields_get(&sent, "id"), id))
			continue;
		line->delivered = 1;
		return line->text;
	}
	return NULL;
}

const char *
people_show(const struct people_one *o, struct field jid)
{
	static const char *const shows[] = {
	    "free", "online", "dnd", "away", "xa"};
	int full = field_bare(jid).n < jid.n;
	const struct people_session *s;
	size_t i;

	for (i = 0; i < sizeof shows / sizeof *shows; i++)
		for (s = o->sessions; s != NULL; s = s->next)
			if (strcmp(s->show, shows[i]) == 0 &&
			    (!full || field_is(jid, s->jid)))
				return shows[i];
	return "offline";
}
