#include "line/render.h"

#include <stdio.h>
#include <string.h>

#include "sexp/utf8.h"

#define DAY    INT64_C(86400000)
#define NARROW 40 /* columns below which little is indented */

/* Rows in the making. */
struct rows {
	const struct render_style *style;
	struct buf *out;
	int column, indent, count;
	int last; /* the first column that is not written to */
};

/*
 * The columns of CP at least: fonts and tables disagree about signs, and a row
 * that is cut too early is better than one that the terminal cuts. -1: it is
 * not to be shown.
 */
static int
width_of(const struct render_style *s, uint32_t cp)
{
	int w;

	if (cp >= ' ' && cp < 0x7f)
		return 1;
	if (cp == 0xfe0f) /* makes a sign of the letter before */
		return 1;
	w = s->width(cp);
	if (w == 1 && ((cp >= 0x1100 && cp < 0x1e00) || cp >= 0x2190))
		return 2;
	return w;
}

/* Reads the character at P; its bytes, its columns, -1 where it is not shown.
 */
static size_t
next(
    const struct render_style *s, const char *p, size_t n, int *w, uint32_t *cp)
{
	size_t len = utf8_decode(p, n, cp);

	if (len == 0)
		*cp = (unsigned char)*p;
	*w = len == 0 ? -1 : width_of(s, *cp);
	return len == 0 ? 1 : len;
}

int
render_width(const struct render_style *s, const char *p, size_t n)
{
	char escape[16];
	int w, total = 0;
	uint32_t cp;
	size_t len;

	for (; n > 0; p += len, n -= len) {
		len = next(s, p, n, &w, &cp);
		if (w < 0)
			w = snprintf(
			    escape, sizeof escape, "\\u{%x}", (unsigned)cp);
		total += w;
	}
	return total;
}

static void
break_row(struct rows *r)
{
	buf_addc(r->out, '\n');
	buf_addf(r->out, "%*s", r->indent, "");
	r->column = r->indent;
	r->count++;
}

/* Adds N bytes of P, W columns wide, as one. */
static void
put_cell(struct rows *r, const char *p, size_t n, int w)
{
	if (r->column + w > r->last && r->column > r->indent)
		break_row(r);
	buf_add(r->out, p, n);
	r->column += w;
}

/* Adds a word, of which any may be longer than a row. */
static void
put_word(struct rows *r, const char *p, size_t n)
{
	int w = render_width(r->style, p, n), one;
	char escape[16];
	uint32_t cp;
	size_t len;

	if (r->column + w > r->last && r->indent + w <= r->last &&
	    r->column > r->indent)
		break_row(r);
	for (; n > 0; p += len, n -= len) {
		len = next(r->style, p, n, &one, &cp);
		if (one < 0) {
			one = snprintf(
			    escape, sizeof escape, "\\u{%x}", (unsigned)cp);
			put_cell(r, escape, (size_t)one, one);
			continue;
		}
		/* A backslash stays with what it escapes. */
		if (*p == '\\' && n > 1)
			len = 2, one = 2;
		put_cell(r, p, len, one);
	}
}

/* The length of the word at P, or of the blanks; a `\n` ENDS a word. */
static size_t
word_length(const char *p, size_t n, int *ends)
{
	int blank = *p == ' ';
	size_t i;

	for (i = 0; i < n && (p[i] == ' ') == blank; i++) {
		if (p[i] != '\\' || i + 1 >= n)
			continue;
		i++;
		*ends = p[i] == 'n';
		if (*ends)
			return i + 1;
	}
	*ends = 0;
	return i;
}

static void
put(struct rows *r, const char *p, size_t n)
{
	size_t len;
	int ends;

	for (; n > 0; p += len, n -= len) {
		len = word_length(p, n, &ends);
		if (ends && len < n) {
			put_word(r, p, len);
			break_row(r);
			continue;
		}
		if (*p == ' ' && r->column + (int)len > r->last) {
			/* Blanks at the end of a row are not carried over. */
			if (r->column > r->indent)
				break_row(r);
			continue;
		}
		put_word(r, p, len);
	}
}

static void
puts_field(struct rows *r, struct field f)
{
	if (f.p != NULL)
		put(r, f.p, f.n);
}

static void
puts_text(struct rows *r, const char *s)
{
	put(r, s, strlen(s));
}

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
named(struct buf *out, int depth, int colour)
{
	render_colour(
	    out, depth, &(struct colours_entry){COLOURS_NAMED, {colour, 0, 0}});
}

#define RED   1
#define GREEN 2

/* States of encryption are green or red, the rest is by its kind. */
static void
put_colour(struct rows *r, const struct fields *f, enum history_kind kind)
{
	int depth = r->style->depth;

	if (f != NULL && f->tag == EVENT_OTR)
		named(r->out, depth,
		    field_is(f->text, "encrypted") ? GREEN : RED);
	else if (f != NULL && f->tag == EVENT_FINGERPRINT)
		named(r->out, depth,
		    field_is(fields_get(f, "trust"), "verified") ? GREEN : RED);
	else
		render_colour(r->out, depth, &r->style->colours->kind[kind]);
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
		return HISTORY_PRESENCE;
	case EVENT_PRESENCE:
		return field_same(fields_get(f, "show"), fields_get(f, "was"))
			   ? -1
			   : HISTORY_PRESENCE;
	case EVENT_ROSTER:
		return field_is(fields_get(f, "sub"), "remove") ? HISTORY_INFO
								: -1;
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
	default:
		return "* ";
	}
}

/* Attributes that are not for eyes, or that are said otherwise. */
static int
is_quiet(struct field a)
{
	static const char *const keys[] = {"line", "label", "lines", "id",
	    "was", "kind", "cause", "stamp", "ssid", "src", "what", "secret"};
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
	struct field rest = f->rest, a;
	size_t n;

	while ((a = fields_next(&rest)).p != NULL) {
		if (is_quiet(a))
			continue;
		n = (size_t)((const char *)memchr(a.p, '=', a.n) - a.p);
		puts_text(r, "  ");
		put(r, a.p, n);
		puts_text(r, " ");
		put(r, a.p + n + 1, a.n - n - 1);
	}
}

/* The TEXT of somebody, where `/me ` stands for a name. */
static void
put_body(struct rows *r, const struct fields *f)
{
	struct field who = field_bare(f->peer), text = f->text;
	const char *at;

	if (f->tag == EVENT_ROOM && f->peer.n > who.n) {
		who.p = f->peer.p + who.n + 1;
		who.n = f->peer.n - who.n - 1;
	} else if (who.p != NULL) {
		at = memchr(who.p, '@', who.n);
		who.n = at == NULL ? who.n : (size_t)(at - who.p);
	}
	if (f->tag == EVENT_SENT)
		who = field_of("you");
	if (text.n > 4 && memcmp(text.p, "/me ", 4) == 0) {
		puts_text(r, "* ");
		puts_field(r, who);
		text.p += 3;
		text.n -= 3;
	} else if (f->tag == EVENT_ROOM) {
		puts_field(r, who);
		puts_text(r, ": ");
	}
	puts_field(r, text);
}

/* What an event says, behind its prefix. */
static void
put_words(struct rows *r, const struct fields *f)
{
	struct field trust = fields_get(f, "trust"), a;

	switch (f->tag) {
	case EVENT_MESSAGE:
	case EVENT_SENT:
	case EVENT_ROOM:
	case EVENT_HISTORY:
		put_body(r, f);
		break;
	case EVENT_PRESENCE:
		puts_text(r, "is ");
		puts_field(r, fields_get(f, "show"));
		if (f->text.p != NULL)
			puts_text(r, ": ");
		puts_field(r, f->text);
		break;
	case EVENT_OTR:
		puts_text(r, "otr: ");
		puts_field(r, f->text);
		if (trust.p != NULL) {
			puts_text(r, ", the key is ");
			puts_field(r, trust);
			puts_text(r, " ");
			puts_field(r, fields_get(f, "fp"));
		}
		break;
	case EVENT_SMP:
		puts_text(r, "smp: ");
		puts_field(r, fields_get(f, "state"));
		puts_text(r, f->text.p == NULL ? "" : ": ");
		puts_field(r, f->text);
		break;
	case EVENT_DELIVERED:
		puts_text(r, "delivered");
		break;
	case EVENT_INFO:
	case EVENT_WARNING:
	case EVENT_SUCCESS:
	case EVENT_OK:
	case EVENT_HELLO:
	case EVENT_HELP:
		puts_field(r, f->text);
		break;
	default:
		if (f->tag != EVENT_ERROR && f->tag != EVENT_STATE &&
		    f->tag != EVENT_ASK) {
			puts_text(r, event_name(f->tag));
			puts_text(r, " ");
		}
		puts_field(r, f->text);
		a = fields_get(f, "cause");
		if (a.p != NULL) {
			puts_text(r, " (");
			puts_field(r, a);
			puts_text(r, ")");
		}
		put_attributes(r, f);
	}
}

/* The time, and before it the date where it is another day. */
static void
put_time(struct render_style *s, struct rows *r, int64_t t)
{
	int64_t local = t + (int64_t)s->zone * 1000, day = local / DAY;
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

static void
begin(struct rows *r, struct render_style *s, struct buf *out)
{
	int columns = s->columns < 10 ? 10 : s->columns;

	memset(r, 0, sizeof *r);
	r->style = s;
	r->out = out;
	r->last = columns - 1;
	r->indent = columns < NARROW ? 2 : 13;
}

static int
end(struct rows *r)
{
	if (r->style->depth > 0)
		buf_adds(r->out, "\033[0m");
	buf_addc(r->out, '\n');
	return r->count + 1;
}

/* The columns of the line as they came, apart from each other. */
static int
put_raw(struct rows *r, const struct fields *f)
{
	struct field rest = f->line, a;

	while ((a = fields_next(&rest)).p != NULL) {
		puts_field(r, a);
		puts_text(r, rest.p == NULL ? "" : "  ");
	}
	return end(r);
}

/* Whom it is about, unless that is the contact one is writing to. */
static void
put_peer(struct rows *r, const struct fields *f)
{
	struct field peer = f->peer, active = r->style->active;
	int talk = f->tag == EVENT_MESSAGE || f->tag == EVENT_SENT ||
		   f->tag == EVENT_ROOM || f->tag == EVENT_HISTORY ||
		   f->tag == EVENT_DELIVERED;

	if (peer.p == NULL || f->tag == EVENT_HELLO || f->tag == EVENT_STATE ||
	    field_same(peer, active) ||
	    (talk && field_same(field_bare(peer), active)) ||
	    (f->tag == EVENT_HISTORY && field_is(fields_get(f, "dir"), "out")))
		return;
	puts_field(r, f->tag == EVENT_ROOM ? field_bare(peer) : peer);
	puts_text(r, " ");
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
	begin(&r, s, out);
	if (as == RENDER_RAW)
		return put_raw(&r, f);
	put_time(s, &r, f->time);
	put_colour(&r, f, (enum history_kind)kind);
	put_peer(&r, f);
	puts_text(&r, prefix_of(f, as));
	put_words(&r, f);
	return end(&r);
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
		begin(&r, s, out);
		put_time(s, &r, t);
		put_colour(&r, NULL, kind);
		puts_text(&r, "* ");
		put(&r, text, n);
		count += end(&r);
	}
	return count;
}
