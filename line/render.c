#include "line/render.h"

#include <stdio.h>
#include <string.h>

#include "line/render_contact.h"

#define DAY INT64_C(86400000)

/* A shade of the 16 colours that is near. */
static int
nearest(const struct colours_entry *entry)
{
	const int *v = entry->value;
	int bright;

	if (entry->type == COLOURS_NAMED)
		return v[0];
	if (entry->type == COLOURS_GRAY)
		return v[0] < 4 ? 0 : v[0] < 12 ? 8 : v[0] < 21 ? 7 : 15;
	bright = v[0] > 4 || v[1] > 4 || v[2] > 4;
	return (v[0] > 2) + 2 * (v[1] > 2) + 4 * (v[2] > 2) + 8 * bright;
}

void
render_colour(struct buf *out, int depth, const struct colours_entry *entry)
{
	const int *v = entry->value;
	int n;

	if (depth == 0 || entry->type == COLOURS_NONE)
		return;
	if (depth < 256 || entry->type == COLOURS_NAMED) {
		n = nearest(entry);
		buf_addf(out, "\033[%dm", n < 8 ? 30 + n : 82 + n);
		return;
	}
	n = entry->type == COLOURS_GRAY ? 232 + v[0]
					: 16 + 36 * v[0] + 6 * v[1] + v[2];
	buf_addf(out, "\033[38;5;%dm", n);
}

static void
paint(struct rows *r, const struct colours_entry *entry)
{
	size_t n = buf_len(r->out);

	render_colour(r->out, r->style->depth, entry);
	r->painted |= buf_len(r->out) > n;
}

static void
named(struct rows *r, int colour)
{
	paint(r, &(struct colours_entry){COLOURS_NAMED, {colour, 0, 0}});
}

#define BOLD_UNDERLINED "1;4"
#define DIM		"2"

static void
attribute(struct rows *r, const char *which)
{
	buf_addf(r->out, "\033[%sm", which);
	r->painted = 1;
}

#define RED   1
#define GREEN 2

/* States of encryption are green or red, the rest is by its kind. */
static void
put_colour(struct rows *r, const struct fields *f, enum history_kind kind)
{
	if (f != NULL && f->tag == EVENT_OTR)
		named(r, field_is(f->text, "encrypted") ? GREEN : RED);
	else if (f != NULL && f->tag == EVENT_FINGERPRINT)
		named(r,
		    field_is(fields_get(f, "trust"), "verified") ? GREEN : RED);
	else if (f != NULL &&
		 (f->tag == EVENT_CONTACT || f->tag == EVENT_SESSION) &&
		 render_contact_secret(f) != -1)
		named(r, render_contact_secret(f) ? GREEN : RED);
	else
		paint(r, &r->style->colours->kind[kind]);
}

/* The kind of message that decides the colour; -1: nothing is to be seen. */
static int
kind_of(const struct fields *f)
{
	struct field state = fields_get(f, "state");

	switch (f->tag) {
	case EVENT_HELLO:
	case EVENT_INFO:
	case EVENT_HELP:
	case EVENT_ASK:
	case EVENT_CONTACT:
	case EVENT_SESSION:
	case EVENT_ROSTER:
	case EVENT_FINGERPRINT:
	case EVENT_TOPIC:
	case EVENT_DELIVERED:
		return HISTORY_INFO;
	case EVENT_STATE:
		return field_is(f->text, "online")	  ? HISTORY_SUCCESS
		       : fields_get(f, "cause").p == NULL ? HISTORY_INFO
							  : HISTORY_ERROR;
	case EVENT_OK:
		return f->text.p == NULL ? -1 : HISTORY_INFO;
	case EVENT_ERROR:
	case EVENT_FAILED:
		return HISTORY_ERROR;
	case EVENT_WARNING:
	case EVENT_UNKNOWN:
	case EVENT_INVITE:
	case EVENT_SUBSCRIPTION:
		return HISTORY_WARNING;
	case EVENT_SUCCESS:
		return HISTORY_SUCCESS;
	case EVENT_MESSAGE:
	case EVENT_HISTORY:
		return HISTORY_CHAT;
	case EVENT_SENT:
		return HISTORY_TRANSIT;
	case EVENT_ROOM:
		return HISTORY_GROUPCHAT;
	case EVENT_MEMBER:
	case EVENT_PRESENCE:
		return HISTORY_PRESENCE;
	case EVENT_OTR:
		return HISTORY_INFO;
	case EVENT_SMP:
		return field_is(state, "succeeded") ? HISTORY_SUCCESS
		       : field_is(state, "failed") || field_is(state, "aborted")
			   ? HISTORY_ERROR
			   : HISTORY_WARNING;
	case EVENT_ACKED:
	case EVENT_TAGS:
		break;
	}
	return -1;
}

/* The prefixes of the original. */
static const char *
prefix_of(const struct fields *f, enum render_as as)
{
	int secret = field_is(fields_get(f, "enc"), "otr");

	switch (f->tag) {
	case EVENT_MESSAGE:
		return secret ? "<O- " : "<-- ";
	case EVENT_ROOM:
		return field_is(fields_get(f, "mine"), "yes") ? "--> " : "<-- ";
	case EVENT_SENT:
		if (as == RENDER_DELIVERED)
			return secret ? "-O> " : "--> ";
		return secret ? "?O> " : "?-> ";
	case EVENT_DELIVERED:
		return "--> ";
	case EVENT_HISTORY:
		if (field_is(fields_get(f, "dir"), "in"))
			return field_is(fields_get(f, "enc"), "none") ? "<-- "
								      : "<O- ";
		return secret ? "-O> " : "--> ";
	case EVENT_CONTACT:
	case EVENT_SESSION:
		return "";
	default:
		return "* ";
	}
}

/*
 * Attributes that are not for eyes, or that are said otherwise. How one is
 * connected is a row; all of it is in the event.
 */
static int
is_quiet(struct field a)
{
	static const char *const keys[] = {"line", "label", "lines", "id",
	    "was", "kind", "cause", "stamp", "ssid", "src", "what", "secret",
	    "addr", "cipher", "sasl"};
	const char *is = memchr(a.p, '=', a.n);
	size_t n = is == NULL ? a.n : (size_t)(is - a.p), i;

	if (is == NULL || (a.n == n + 2 && is[1] == '-'))
		return 1;
	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strlen(keys[i]) == n && memcmp(keys[i], a.p, n) == 0)
			return 1;
	return 0;
}

static void
put_attributes(struct rows *r, const struct fields *f)
{
	int online = f->tag == EVENT_STATE && field_is(f->text, "online");
	struct field rest = f->rest, a;
	size_t n;

	while ((a = fields_next(&rest)).p != NULL) {
		if (is_quiet(a) ||
		    (online && a.n > 5 && memcmp(a.p, "cert=", 5) == 0))
			continue;
		n = (size_t)((const char *)memchr(a.p, '=', a.n) - a.p);
		rows_text(r, "  ");
		rows_add(r, a.p, n);
		rows_text(r, " ");
		rows_add(r, a.p + n + 1, a.n - n - 1);
	}
}

/* The nick of PEER, or PEER where it has none. */
static struct field
nick_of(struct field peer)
{
	size_t n = field_bare(peer).n;

	return n < peer.n ? (struct field){peer.p + n + 1, peer.n - n - 1}
			  : peer;
}

/* The local part of JID, or the whole where it has none. */
static struct field
local_of(struct field jid)
{
	struct field bare = field_bare(jid);
	const char *at = bare.p == NULL ? NULL : memchr(bare.p, '@', bare.n);

	return at == NULL ? bare
			  : (struct field){bare.p, (size_t)(at - bare.p)};
}

/* Whether F was said to us alone by somebody in a room, or by us to them. */
static int
is_private(const struct render_style *s, const struct fields *f)
{
	return (f->tag == EVENT_MESSAGE || f->tag == EVENT_SENT ||
		   f->tag == EVENT_DELIVERED || f->tag == EVENT_HISTORY) &&
	       !field_is(fields_get(f, "kind"), "groupchat") &&
	       s->occupant != NULL && s->occupant(s->data, f->peer);
}

/* The TEXT of somebody, where `/me ` stands for a name. */
static void
put_body(struct rows *r, const struct fields *f)
{
	int in_room = f->tag == EVENT_ROOM ||
		      (f->tag == EVENT_HISTORY &&
			  field_is(fields_get(f, "kind"), "groupchat"));
	struct field who, text = f->text, self = r->style->self;

	if (f->tag == EVENT_SENT)
		who = self.p == NULL ? field_of("you") : local_of(self);
	else
		who = in_room || is_private(r->style, f) ? nick_of(f->peer)
							 : local_of(f->peer);
	if (text.n > 4 && memcmp(text.p, "/me ", 4) == 0) {
		rows_text(r, "* ");
		rows_field(r, who);
		text.p += 3;
		text.n -= 3;
	} else if (in_room) {
		rows_field(r, who);
		rows_text(r, ": ");
	}
	rows_field(r, text);
}

/* Who is there, in a room. */
static void
put_member(struct rows *r, const struct fields *f)
{
	struct field show = fields_get(f, "show"), jid = fields_get(f, "jid");
	struct field new = fields_get(f, "nick"), role = fields_get(f, "role");

	rows_field(r, nick_of(f->peer));
	if (new.p != NULL) {
		rows_text(r, " is now ");
		rows_field(r, new);
	} else if (field_is(show, "offline")) {
		rows_text(r, " left");
	} else {
		rows_text(r, " is ");
		rows_field(r, show);
		rows_text(r, role.p == NULL ? "" : ", ");
		rows_field(r, role);
		if (jid.p != NULL) {
			rows_text(r, ", ");
			rows_field(r, jid);
		}
	}
	rows_text(r, f->text.p == NULL ? "" : ": ");
	rows_field(r, f->text);
}

/* The CAUSE, where there is one, in one piece. */
static void
put_cause(struct rows *r, struct field cause)
{
	struct buf b;

	if (cause.p == NULL)
		return;
	buf_init(&b, cause.n + 3);
	buf_addc(&b, '(');
	buf_add(&b, cause.p, cause.n);
	buf_addc(&b, ')');
	rows_text(r, " ");
	rows_word(r, buf_str(&b), buf_len(&b));
	buf_clear(&b);
}

/* What an event says, behind its prefix. */
static void
put_words(struct rows *r, const struct fields *f)
{
	struct field trust = fields_get(f, "trust");

	switch (f->tag) {
	case EVENT_MESSAGE:
	case EVENT_SENT:
	case EVENT_ROOM:
	case EVENT_HISTORY:
		put_body(r, f);
		break;
	case EVENT_PRESENCE:
		rows_text(r, "is ");
		rows_field(r, fields_get(f, "show"));
		if (f->text.p != NULL)
			rows_text(r, ": ");
		rows_field(r, f->text);
		break;
	case EVENT_OTR:
		rows_text(r, "otr: ");
		rows_field(r, f->text);
		if (trust.p != NULL) {
			rows_text(r, ", the key is ");
			rows_field(r, trust);
			rows_text(r, " ");
			rows_field(r, fields_get(f, "fp"));
		}
		break;
	case EVENT_SMP:
		rows_text(r, "smp: ");
		rows_field(r, fields_get(f, "state"));
		rows_text(r, f->text.p == NULL ? "" : ": ");
		rows_field(r, f->text);
		break;
	case EVENT_DELIVERED:
		rows_text(r, "delivered");
		break;
	case EVENT_MEMBER:
		put_member(r, f);
		break;
	case EVENT_TOPIC:
		rows_text(r, "topic: ");
		rows_field(
		    r, field_is(f->text, "\\e") ? field_of("none") : f->text);
		break;
	case EVENT_INFO:
	case EVENT_WARNING:
	case EVENT_SUCCESS:
	case EVENT_OK:
	case EVENT_HELLO:
	case EVENT_HELP:
		rows_field(r, f->text);
		break;
	default:
		if (render_contact(r, f))
			break;
		if (f->tag != EVENT_ERROR && f->tag != EVENT_STATE &&
		    f->tag != EVENT_ASK) {
			rows_text(r, event_name(f->tag));
			rows_text(r, f->tag == EVENT_FAILED && f->text.p != NULL
					 ? ": "
					 : " ");
		}
		rows_field(r, f->text);
		put_cause(r, fields_get(f, "cause"));
		put_attributes(r, f);
	}
}

/* T as local time. */
static int64_t
local_time(const struct render_style *s, int64_t t)
{
	return t + (int64_t)s->zone(t) * 1000;
}

/* The time, and before it the date where it is another day. */
static void
put_time(struct render_style *s, struct rows *r, int64_t t)
{
	int64_t local = local_time(s, t), day = local / DAY;
	char text[32];

	event_time(local, text);
	if (s->dates && day != s->day) {
		buf_addf(r->out, "%.10s\n", text);
		r->count++;
	}
	s->day = day;
	buf_addf(r->out, "%.8s ", text + 11);
	r->column = 9;
}

/* When it happened: what is stored has its own time. */
static int64_t
time_of(const struct fields *f)
{
	int64_t t = field_time(fields_get(f, "stamp"));

	return f->tag == EVENT_HISTORY && t > 0 ? t : f->time;
}

/* The time that others claim, with its date where that is another. */
static void
put_stamp(struct rows *r, const struct fields *f)
{
	int64_t t = field_time(fields_get(f, "stamp"));
	char text[32], now[32];

	if (t <= 0 || f->tag == EVENT_HISTORY)
		return;
	event_time(local_time(r->style, f->time), now);
	event_time(local_time(r->style, t), text);
	text[10] = ' ';
	text[19] = '\0';
	rows_text(r, " (");
	rows_text(r, memcmp(text, now, 10) == 0 ? text + 11 : text);
	rows_text(r, ")");
}

/* What else is known of a message, as others claim it. */
static void
put_claims(struct rows *r, const struct fields *f)
{
	put_stamp(r, f);
	if (f->tag != EVENT_MESSAGE)
		return;
	if (fields_get(f, "replaces").p != NULL)
		rows_text(r, " (corrected)");
	if (field_is(fields_get(f, "dup"), "maybe"))
		rows_text(r, " (maybe seen before)");
}

/* The columns of the line as they came, apart from each other. */
static int
put_raw(struct rows *r, const struct fields *f)
{
	struct field rest = f->line, a;

	while ((a = fields_next(&rest)).p != NULL) {
		rows_field(r, a);
		rows_text(r, rest.p == NULL ? "" : "  ");
	}
	return rows_end(r);
}

/* Whom it is about, unless that is the contact one is writing to. */
static void
put_peer(struct rows *r, const struct fields *f)
{
	struct field peer = f->peer, active = r->style->active;
	int talk = f->tag == EVENT_MESSAGE || f->tag == EVENT_SENT ||
		   f->tag == EVENT_HISTORY || f->tag == EVENT_DELIVERED;
	int in_room = f->tag == EVENT_ROOM || f->tag == EVENT_MEMBER ||
		      f->tag == EVENT_TOPIC;
	/* A room without a name in a list: there is nothing else to show. */
	int alone = f->tag == EVENT_INFO &&
		    (f->text.p == NULL || field_is(f->text, "\\e"));

	if (peer.p == NULL || f->tag == EVENT_HELLO || f->tag == EVENT_STATE ||
	    f->tag == EVENT_CONTACT || f->tag == EVENT_SESSION ||
	    (field_same(peer, active) && !alone) ||
	    ((talk || in_room) && field_same(field_bare(peer), active) &&
		(in_room || !is_private(r->style, f))) ||
	    (f->tag == EVENT_HISTORY && field_is(fields_get(f, "dir"), "out")))
		return;
	rows_field(r, in_room ? field_bare(peer) : peer);
	rows_text(r, " ");
}

int
render_event(struct render_style *s, const struct fields *f, enum render_as as,
    struct buf *out)
{
	int kind = kind_of(f);
	struct rows r;

	if (kind == -1 && as != RENDER_RAW)
		return 0;
	if (as == RENDER_DELIVERED)
		kind = HISTORY_CHAT;
	rows_begin(&r, s, out);
	if (as == RENDER_RAW)
		return put_raw(&r, f);
	put_time(s, &r, time_of(f));
	put_colour(&r, f, (enum history_kind)kind);
	if (as == RENDER_CALLED)
		attribute(&r, BOLD_UNDERLINED);
	put_peer(&r, f);
	rows_text(&r, prefix_of(f, as));
	put_words(&r, f);
	put_claims(&r, f);
	return rows_end(&r);
}

int
render_receipt(struct render_style *s, const struct fields *f,
    struct field text, struct buf *out)
{
	struct rows r;
	uint32_t cp;
	size_t n, len;
	int w, left;

	rows_begin(&r, s, out);
	put_time(s, &r, f->time);
	attribute(&r, DIM);
	put_peer(&r, f);
	rows_text(&r, "--> delivered");
	left = r.last - r.column - 3;
	if (text.p != NULL && left > 0) {
		rows_text(&r, ": ");
		for (n = 0; n < text.n && left >= 0; n += len) {
			len = rows_next(s, text.p + n, text.n - n, &w, &cp);
			if (w < 0 || w > left)
				break;
			left -= w;
		}
		rows_word(&r, text.p, n); /* and nothing in it ends the row */
		rows_text(&r, n < text.n ? "~" : "");
	}
	return rows_end(&r);
}

int
render_words(struct render_style *s, int64_t t, enum history_kind kind,
    const char *text, struct buf *out)
{
	int count = 0;
	struct rows r;
	size_t n;

	for (; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		rows_begin(&r, s, out);
		put_time(s, &r, t);
		put_colour(&r, NULL, kind);
		rows_text(&r, "* ");
		rows_add(&r, text, n);
		count += rows_end(&r);
	}
	return count;
}
