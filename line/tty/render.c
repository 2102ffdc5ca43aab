#include "line/tty/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/answer.h"
#include "line/tty/render_contact.h"

#define DAY INT64_C(86400000)

/* Returns the nearest of the 16 colours. */
static int
nearest_colour(const struct colours_entry *entry)
{
	const int *v = entry->value;
	int top = 0, i, n = 0;

	if (entry->type == COLOURS_NAMED)
		return v[0];
	if (entry->type == COLOURS_GRAY)
		return v[0] < 4 ? 0 : v[0] < 12 ? 8 : v[0] < 21 ? 7 : 15;
	for (i = 0; i < 3; i++)
		top = v[i] > top ? v[i] : top;
	/* A dark colour is nearer to its bright kin than to black. */
	for (i = 0; i < 3; i++)
		n |= (top > 0 && 2 * v[i] > top) << i;
	return n == 7 && top < 3 ? 8 : n + 8 * (top > 4);
}

void
render_colour(struct buf *out, int depth, const struct colours_entry *entry)
{
	const int *v = entry->value;
	int n;

	if (depth == 0 || entry->type == COLOURS_NONE)
		return;
	if (depth < 256 || entry->type == COLOURS_NAMED) {
		n = nearest_colour(entry);
		buf_addf(out, "\033[%dm", n < 8 ? 30 + n : 82 + n);
		return;
	}
	n = entry->type == COLOURS_GRAY ? 232 + v[0]
					: 16 + 36 * v[0] + 6 * v[1] + v[2];
	buf_addf(out, "\033[38;5;%dm", n);
}

static void
paint_entry(struct rows *r, const struct colours_entry *entry)
{
	size_t n = buf_len(r->out);

	render_colour(r->out, r->style->depth, entry);
	r->painted |= buf_len(r->out) > n;
}

static void
paint_state(struct rows *r, enum colours_state state)
{
	paint_entry(r, colours_state(state));
}

#define BOLD_UNDERLINED "1;4"
#define DIM		"2"

static void
set_attribute(struct rows *r, const char *which)
{
	buf_addf(r->out, "\033[%sm", which);
	r->painted = 1;
}

/* Sets the colour: green or red for a state of encryption, else by KIND. */
static void
put_colour(struct rows *r, const struct fields *f, enum history_kind kind)
{
	if (f != NULL && f->tag == EVENT_OTR)
		paint_state(
		    r, field_is(f->text, "encrypted") &&
			       !field_is(fields_get(f, "trust"), "revoked")
			   ? COLOURS_GOOD
			   : COLOURS_BAD);
	else if (f != NULL && f->tag == EVENT_DEVICE)
		paint_state(r, field_is(fields_get(f, "trust"), "verified")
				   ? COLOURS_GOOD
				   : COLOURS_DOUBTFUL);
	else if (f != NULL && f->tag == EVENT_FINGERPRINT)
		paint_state(r, field_is(fields_get(f, "trust"), "verified")
				   ? COLOURS_GOOD
				   : COLOURS_BAD);
	else if (f != NULL &&
		 (f->tag == EVENT_CONTACT || f->tag == EVENT_SESSION) &&
		 render_contact_secret(f) != -1)
		paint_state(
		    r, render_contact_secret(f) ? COLOURS_GOOD : COLOURS_BAD);
	else
		paint_entry(r, &r->style->colours->kind[kind]);
}

/* Returns the kind whose colour F has; -1 if F has no row. */
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
	case EVENT_MARK:
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
	case EVENT_OWN:
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
	case EVENT_DEVICE:
		return HISTORY_INFO;
	case EVENT_SMP:
		/* Answering the peer's question proves nothing of them. */
		if (field_is(state, "succeeded"))
			return field_is(fields_get(f, "trust"), "verified")
				   ? HISTORY_SUCCESS
				   : HISTORY_INFO;
		return field_is(state, "failed") || field_is(state, "aborted")
			   ? HISTORY_ERROR
			   : HISTORY_WARNING;
	case EVENT_REPLAY:
		/* Without an archive nothing is missing that there was. */
		if (field_is(state, "started") || field_is(state, "off") ||
		    (field_is(fields_get(f, "count"), "0") &&
			fields_get(f, "cause").p == NULL))
			return -1;
		return field_is(state, "done") ? HISTORY_INFO : HISTORY_WARNING;
	case EVENT_ACKED:
	case EVENT_TAGS:
		break;
	}
	return -1;
}

/* The encryption of a message, as its arrow shows it. */
enum secret { SECRET_NONE, SECRET_OTR, SECRET_OMEMO };

static enum secret
secret_of(const struct fields *f)
{
	struct field enc = fields_get(f, "enc");

	return field_is(enc, "otr")	? SECRET_OTR
	       : field_is(enc, "omemo") ? SECRET_OMEMO
					: SECRET_NONE;
}

/* Returns the prefix of a message of ours that looks like AS. */
static const char *
arrow_of(enum render_as as, enum secret secret)
{
	static const char *const arrows[][3] = {
	    [RENDER_PLAIN] = {"?-> ", "?O> ", "?M> "},
	    [RENDER_DELIVERED] = {"--> ", "-O> ", "-M> "},
	    [RENDER_FAILED] = {"!-> ", "!O> ", "!M> "}};

	return arrows[as == RENDER_DELIVERED || as == RENDER_FAILED
			  ? as
			  : RENDER_PLAIN][secret];
}

/* Returns the prefix of F, as the original had it. */
static const char *
prefix_of(const struct fields *f, enum render_as as)
{
	static const char *const came[] = {"<-- ", "<O- ", "<M- "};
	static const char *const older[] = {" -> ", " O> ", " M> "};
	enum secret secret = secret_of(f);

	switch (f->tag) {
	case EVENT_MESSAGE:
		return came[secret];
	case EVENT_ROOM:
		return field_is(fields_get(f, "mine"), "yes") ? "--> " : "<-- ";
	case EVENT_OWN:
		/* As of an older one of ours: nothing is claimed of it. */
		return secret ? " O> " : " -> ";
	case EVENT_SENT:
		return arrow_of(as, secret);
	case EVENT_DELIVERED:
		return "--> ";
	case EVENT_HISTORY:
		if (field_is(fields_get(f, "dir"), "in"))
			return came[secret];
		if (as == RENDER_PLAIN &&
		    field_is(fields_get(f, "received"), "yes"))
			as = RENDER_DELIVERED;
		/* An older one, of which nothing is known, claims nothing. */
		if (as == RENDER_PLAIN)
			return older[secret];
		return arrow_of(as, secret);
	case EVENT_CONTACT:
	case EVENT_SESSION:
		return "";
	default:
		return "* ";
	}
}

/* Returns whether A is an attribute that is not shown, or shown otherwise. */
static int
is_quiet(struct field a)
{
	static const char *const keys[] = {"line", "label", "lines", "id",
	    "was", "kind", "cause", "stamp", "ssid", "src", "what", "secret",
	    "addr", "cipher", "sasl"};
	const char *is = memchr(a.p, '=', a.n);
	size_t n = is == NULL ? a.n : (size_t)(is - a.p), i;

	if (is == NULL || (a.n == n + 2 && is[1] == '-') ||
	    (a.n == n + 3 && is[1] == '\\' && is[2] == 'e'))
		return 1;
	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strlen(keys[i]) == n && memcmp(keys[i], a.p, n) == 0)
			return 1;
	return 0;
}

/* Returns whether F has nothing but digits, which can be cut anywhere. */
static int
is_hex(struct field f)
{
	size_t i;

	for (i = 0; f.p != NULL && i < f.n; i++)
		if (memchr("0123456789abcdef", f.p[i], 16) == NULL)
			return 0;
	return 1;
}

/* Adds the fingerprint F in groups of eight digits, as people compare them. */
static void
put_fingerprint(struct rows *r, struct field f)
{
	size_t n, group = is_hex(f) ? 8 : f.n;

	for (; f.p != NULL && f.n > 0; f.p += n, f.n -= n) {
		n = f.n > group ? group : f.n;
		rows_text(r, " ");
		rows_add(r, f.p, n);
	}
}

static void
put_attributes(struct rows *r, const struct fields *f)
{
	int online = f->tag == EVENT_STATE && field_is(f->text, "online");
	struct field rest = f->rest, a;
	size_t n;

	while ((a = fields_next(&rest)).p != NULL) {
		if (is_quiet(a) ||
		    (online && a.n > 5 && memcmp(a.p, "cert=", 5) == 0) ||
		    (a.n == 10 && memcmp(a.p, "resumed=no", 10) == 0))
			continue;
		if (a.n > 5 && memcmp(a.p, "cert=", 5) == 0) {
			rows_text(r, "; the server's is");
			put_fingerprint(r, (struct field){a.p + 5, a.n - 5});
			continue;
		}
		n = (size_t)((const char *)memchr(a.p, '=', a.n) - a.p);
		if (f->tag == EVENT_STATE && n == 2 && a.p[0] == 'i') {
			rows_text(r, "; trying again in ");
			rows_add(r, a.p + 3, a.n - 3);
			rows_text(r, " s");
			continue;
		}
		rows_text(r, "  ");
		rows_add(r, a.p, n);
		rows_text(r, " ");
		rows_add(r, a.p + n + 1, a.n - n - 1);
	}
}

/* Returns the nick of PEER, or PEER if it has none. */
static struct field
nick_of(struct field peer)
{
	size_t n = field_bare(peer).n;

	return n < peer.n ? (struct field){peer.p + n + 1, peer.n - n - 1}
			  : peer;
}

/* Returns the local part of JID, or its bare part if it has none. */
static struct field
local_of(struct field jid)
{
	struct field bare = field_bare(jid);
	const char *at = bare.p == NULL ? NULL : memchr(bare.p, '@', bare.n);

	return at == NULL ? bare
			  : (struct field){bare.p, (size_t)(at - bare.p)};
}

/* Returns whether F is a private message from or to somebody in a room. */
static int
is_private(const struct render_style *s, const struct fields *f)
{
	return (f->tag == EVENT_MESSAGE || f->tag == EVENT_SENT ||
		   f->tag == EVENT_OWN || f->tag == EVENT_DELIVERED ||
		   f->tag == EVENT_HISTORY) &&
	       !field_is(fields_get(f, "kind"), "groupchat") &&
	       s->occupant != NULL && s->occupant(s->data, f->peer);
}

/* Adds the TEXT of a message; `/me ` becomes the name of who said it. */
static void
put_body(struct rows *r, const struct fields *f)
{
	int in_room = f->tag == EVENT_ROOM ||
		      (f->tag == EVENT_HISTORY &&
			  field_is(fields_get(f, "kind"), "groupchat"));
	struct field who, text = f->text, self = r->style->self;

	if (f->tag == EVENT_SENT || f->tag == EVENT_OWN)
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

/* Adds what the `member` F says: somebody came, changed or left. */
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

/*
 * Adds what the cause of F says that its words do not. A cause of ours is told
 * by the words already, save where there are none and with a `state`. The
 * condition of another server (RFC 6120 8.3.3), whose names are words with
 * hyphens, is in brackets where a message failed, and where an error has no
 * words of its own.
 */
static void
put_cause(struct rows *r, const struct fields *f)
{
	struct field cause = fields_get(f, "cause");
	const char *words;
	char *token, *c;
	struct buf b;

	if (cause.p == NULL)
		return;
	token = buf_memdup(cause.p, cause.n);
	words = event_sentence(token);
	if (words != NULL && (f->tag == EVENT_STATE || f->text.p == NULL)) {
		rows_text(r, f->text.p == NULL ? "" : ": ");
		rows_text(r, words);
	} else if (words == NULL && (f->tag != EVENT_ERROR ||
					field_is(f->text, ANSWER_REFUSED))) {
		for (c = token; *c != '\0'; c++)
			if (*c == '-')
				*c = ' ';
		buf_init(&b, cause.n + 4);
		buf_addf(&b, "(%s)", token);
		rows_text(r, " ");
		rows_word(r, buf_str(&b), buf_len(&b));
		buf_clear(&b);
	}
	free(token);
}

/* Adds COMMAND for the contact of PEER, which works whoever is active. */
static void
put_command(struct rows *r, struct field peer, const char *command)
{
	rows_text(r, "/with ");
	rows_field(r, field_bare(peer));
	rows_text(r, " ");
	rows_text(r, command);
}

static void
put_otr(struct rows *r, const struct fields *f)
{
	struct field trust = fields_get(f, "trust");
	int is_new = field_is(fields_get(f, "new"), "yes");

	if (field_is(f->text, "plaintext"))
		rows_text(r, "otr: you have left the encrypted session");
	if (field_is(f->text, "finished")) {
		rows_text(r, "otr: they ended the encrypted session; ");
		put_command(r, f->peer, "/otr start");
		rows_text(r, " begins another, ");
		put_command(r, f->peer, "/otr stop");
		rows_text(r, " allows clear text");
	}
	if (!field_is(f->text, "encrypted"))
		return;
	rows_text(r, "otr: encrypted");
	if (trust.p == NULL)
		return;
	rows_text(r, is_new ? ", the key is new and " : ", the key is ");
	rows_field(r, trust);
	put_fingerprint(r, fields_get(f, "fp"));
	if (field_is(trust, "unverified")) {
		rows_text(r, "; ");
		put_command(r, f->peer, "/smp question QUESTION");
		rows_text(r, " verifies it");
	}
}

static void
put_smp(struct rows *r, const struct fields *f)
{
	struct field state = fields_get(f, "state");
	int verified = field_is(fields_get(f, "trust"), "verified");

	if (field_is(state, "started")) {
		rows_text(r, f->text.p == NULL
				 ? "smp: they are asked for the secret that "
				   "you share"
				 : "smp: they are asked: ");
		rows_field(r, f->text);
		return;
	}
	if (field_is(state, "asked")) {
		rows_text(r, f->text.p == NULL
				 ? "smp: they ask for the secret that you share"
				 : "smp: they ask: ");
		rows_field(r, f->text);
		rows_text(r, "; ");
		put_command(r, f->peer, "/smp answer SECRET");
		rows_text(r, " answers, and no message does");
		return;
	}
	rows_text(r, "smp: ");
	rows_field(r, state);
	if (field_is(state, "succeeded") && verified)
		rows_text(r, ": they know the secret, the key is verified");
	if (field_is(state, "failed"))
		rows_text(r, ": the secrets differ, the key is not verified");
	rows_text(r, f->text.p == NULL ? "" : ": ");
	rows_field(r, f->text);
}

/* `invites you to ROOM: REASON; /join ROOM enters it`. */
static void
put_invite(struct rows *r, const struct fields *f)
{
	struct field room = fields_get(f, "room");
	struct field password = fields_get(f, "password");

	rows_text(r, "invites you to ");
	rows_field(r, room);
	rows_text(r, f->text.p == NULL ? "" : ": ");
	rows_field(r, f->text);
	rows_text(r, "; /join ");
	rows_field(r, room);
	rows_text(r, password.p == NULL ? " enters it"
					: " enters it, with its password");
}

static void
put_key(struct rows *r, const struct fields *f)
{
	static const char *const words[][2] = {{"trust", " "}, {"how", " by "},
	    {"device", ", device "}, {"first", ", first seen "},
	    {"last", ", last seen "}, {"resource", ", with "}};
	struct field rest = f->rest, a;
	size_t i, n;

	rows_text(r, "fingerprint");
	put_fingerprint(r, f->text);
	while ((a = fields_next(&rest)).p != NULL)
		for (i = 0; i < sizeof words / sizeof *words; i++) {
			n = strlen(words[i][0]);
			if (is_quiet(a) || a.n <= n || a.p[n] != '=' ||
			    memcmp(a.p, words[i][0], n) != 0)
				continue;
			rows_text(r, words[i][1]);
			rows_add(r, a.p + n + 1, a.n - n - 1);
		}
	if (field_is(fields_get(f, "active"), "yes"))
		rows_text(r, ", in use now");
}

/* Adds what the event F says, behind its prefix. */
static void
put_words(struct rows *r, const struct fields *f)
{
	switch (f->tag) {
	case EVENT_MESSAGE:
	case EVENT_OWN:
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
		put_otr(r, f);
		break;
	case EVENT_SMP:
		put_smp(r, f);
		break;
	case EVENT_INVITE:
		put_invite(r, f);
		break;
	case EVENT_FINGERPRINT:
		put_key(r, f);
		break;
	case EVENT_DELIVERED:
		rows_text(r, "delivered");
		break;
	case EVENT_MEMBER:
		put_member(r, f);
		break;
	case EVENT_TOPIC:
		rows_text(r, "topic: ");
		rows_field(r, f->text.p == NULL ? field_of("none") : f->text);
		break;
	case EVENT_INFO:
	case EVENT_WARNING:
	case EVENT_SUCCESS:
	case EVENT_OK:
	case EVENT_HELLO:
	case EVENT_HELP:
	case EVENT_REPLAY:
		rows_field(r, f->text);
		break;
	default:
		if (render_contact(r, f))
			break;
		if (f->tag != EVENT_ERROR && f->tag != EVENT_STATE &&
		    f->tag != EVENT_ASK) {
			rows_text(r, event_name(f->tag));
			rows_text(r, f->tag == EVENT_FAILED ? ": " : " ");
		}
		rows_field(r, f->text);
		put_cause(r, f);
		put_attributes(r, f);
	}
}

/* Returns T as local time. */
static int64_t
local_time(const struct render_style *s, int64_t t)
{
	return t + (int64_t)s->zone(t) * 1000;
}

/* Adds the time, and before the first of a day a row with the date. */
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

/* Returns when F happened: a stored message has a time of its own. */
static int64_t
time_of(const struct fields *f)
{
	int64_t t = field_time(fields_get(f, "stamp"));

	return f->tag == EVENT_HISTORY && t > 0 ? t : f->time;
}

/* Adds the time that others claim, with its date if that is another. */
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

/* Adds what others claim about a message: its time, that it is corrected. */
static void
put_claims(struct rows *r, const struct fields *f)
{
	put_stamp(r, f);
	if (f->tag == EVENT_OWN) {
		rows_text(r, " (sent with ");
		rows_field(r, nick_of(fields_get(f, "from")));
		rows_text(r, ")");
	}
	if (fields_get(f, "replaces").p != NULL)
		rows_text(r, " (corrected)");
	if (field_is(fields_get(f, "dup"), "maybe"))
		rows_text(r, " (maybe seen before)");
}

/* Adds the columns of the event line as they came. */
static int
put_raw(struct rows *r, const struct fields *f)
{
	struct field rest = f->line, a;

	while ((a = fields_next(&rest)).p != NULL) {
		rows_add(r, a.p, a.n);
		rows_text(r, rest.p == NULL ? "" : "  ");
	}
	return rows_end(r);
}

/* Adds the PEER of F, unless that is the active contact. */
static void
put_peer(struct rows *r, const struct fields *f)
{
	struct field peer = f->peer, active = r->style->active;
	int talk = f->tag == EVENT_MESSAGE || f->tag == EVENT_SENT ||
		   f->tag == EVENT_OWN || f->tag == EVENT_HISTORY ||
		   f->tag == EVENT_DELIVERED;
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
	struct fields shown = *f;
	struct rows r;

	/* To a person an empty text is none. */
	if (as != RENDER_RAW && field_is(f->text, "\\e"))
		shown.text.p = NULL;
	f = &shown;
	if (kind == -1 && as != RENDER_RAW)
		return 0;
	if (as == RENDER_DELIVERED)
		kind = HISTORY_CHAT;
	if (as == RENDER_FAILED)
		kind = HISTORY_ERROR;
	rows_begin(&r, s, out);
	if (as == RENDER_RAW)
		return put_raw(&r, f);
	put_time(s, &r, time_of(f));
	put_colour(&r, f, (enum history_kind)kind);
	if (field_is(fields_get(f, "mention"), "yes"))
		set_attribute(&r, BOLD_UNDERLINED);
	put_peer(&r, f);
	rows_text(&r, prefix_of(f, as));
	put_words(&r, f);
	put_claims(&r, f);
	return rows_end(&r);
}

/* Adds the front of TEXT, unless it is absent, as far as the row R has room. */
static void
put_front(struct rows *r, struct field text)
{
	int w, left = r->last - r->column - 3;
	uint32_t cp;
	size_t n, len;

	if (text.p == NULL || left <= 0)
		return;
	rows_text(r, ": ");
	for (n = 0; n < text.n && left >= 0; n += len) {
		len = rows_next(r->style, text.p + n, text.n - n, &w, &cp);
		if (w < 0 || w > left)
			break;
		left -= w;
	}
	rows_word(r, text.p, n); /* and nothing in it ends the row */
	rows_text(r, n < text.n ? "~" : "");
}

int
render_receipt(struct render_style *s, const struct fields *f,
    struct field text, struct buf *out)
{
	struct rows r;

	rows_begin(&r, s, out);
	put_time(s, &r, f->time);
	set_attribute(&r, DIM);
	put_peer(&r, f);
	rows_text(&r, "--> delivered");
	put_front(&r, text);
	return rows_end(&r);
}

/*
 * Adds what the retraction F of the message MARKED (NULL: unknown) has done. In
 * a room a moderator may remove what others said, and the room itself may do so
 * in the name of one (XEP-0425).
 */
static void
put_retraction(struct rows *r, const struct fields *f,
    const struct fields *marked, int in_room)
{
	int own = marked != NULL &&
		  (marked->tag == EVENT_SENT || marked->tag == EVENT_OWN ||
		      field_is(fields_get(marked, "mine"), "yes"));

	if (!in_room && field_bare(f->peer).n < f->peer.n) {
		rows_text(r, " took back");
	} else if (marked == NULL) {
		rows_text(r, " removed a message");
	} else if (field_same(marked->peer, f->peer)) {
		rows_text(r, " took back");
	} else {
		rows_text(r, " removed a message of ");
		rows_field(r, own ? field_of("yours") : nick_of(marked->peer));
	}
}

int
render_mark(struct render_style *s, const struct fields *f,
    const struct fields *marked, struct buf *out)
{
	struct field type = fields_get(f, "type");
	int in_room = s->occupant != NULL && s->occupant(s->data, f->peer);
	int own = s->self.p != NULL &&
		  field_same(field_bare(f->peer), field_bare(s->self));
	struct rows r;

	rows_begin(&r, s, out);
	put_time(s, &r, f->time);
	set_attribute(&r, DIM);
	if (in_room && !field_same(field_bare(f->peer), s->active)) {
		rows_field(&r, field_bare(f->peer));
		rows_text(&r, " ");
	}
	rows_text(&r, "* ");
	rows_field(&r, own	 ? field_of("you")
		       : in_room ? nick_of(f->peer)
				 : local_of(f->peer));
	if (field_is(type, "displayed"))
		rows_text(&r, " saw");
	else if (field_is(type, "retraction"))
		put_retraction(&r, f, marked, in_room);
	else if (f->text.p == NULL)
		rows_text(&r, " took the reaction back");
	if (f->text.p != NULL)
		rows_text(&r, " ");
	rows_field(&r, f->text);
	if (marked != NULL)
		put_front(&r, marked->text);
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
