#include "line/wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/escape.h"
#include "line/job.h"

/* Events kept for a /wait yet to come; the oldest go first. */
#define KEPT_MAX ((size_t)1024 * 1024)

/* One column of a line; not NUL-terminated. */
struct column {
	const char *p;
	size_t n;
};

/* The column I (from 0) of the line of N bytes at P; p NULL: it has fewer. */
static struct column
column(const char *p, size_t n, int i)
{
	const char *end = p + n, *tab;

	for (;; p = tab + 1, i--) {
		tab = memchr(p, '\t', (size_t)(end - p));
		if (i == 0)
			return (struct column){
			    p, (size_t)((tab == NULL ? end : tab) - p)};
		if (tab == NULL)
			return (struct column){NULL, 0};
	}
}

static int
is(struct column c, const char *s)
{
	return c.p != NULL && strlen(s) == c.n && memcmp(c.p, s, c.n) == 0;
}

/* Whether the attribute WORD, `key=value`, stands in the line. */
static int
has(const char *p, size_t n, const char *word, size_t len)
{
	struct column c;
	int i;

	for (i = 4; (c = column(p, n, i)).p != NULL; i++)
		if (c.n == len && memcmp(c.p, word, len) == 0)
			return 1;
	return 0;
}

/* Whether PEER is WANTED; a bare JID matches every resource. */
static int
peer_is(struct column peer, const char *wanted, size_t n)
{
	if (n == 0)
		return 1;
	if (peer.n < n || memcmp(peer.p, wanted, n) != 0)
		return 0;
	return peer.n == n ||
	       (peer.p[n] == '/' && memchr(wanted, '/', n) == NULL);
}

/*
 * What the line is to SPEC, which is `tag TAB peer TAB own TAB key=value...`:
 * `own` is `id=...` for the tags that mean the last message.
 */
enum verdict { OTHER, MATCH, OPPOSITE };

static int
rest_matches(const char *p, size_t n, const char *words)
{
	size_t len;

	for (; *words != '\0'; words += len + (words[len] == '\t')) {
		len = strcspn(words, "\t");
		if (len > 0 && !has(p, n, words, len))
			return 0;
	}
	return 1;
}

/* The tags that deny each other; and the words that deny `otr` and `smp`. */
static const struct {
	const char *tag, *against;
} against[] = {
    {"acked", "failed"},
    {"acked", "unknown"},
    {"delivered", "failed"},
    {"delivered", "unknown"},
    {"failed", "delivered"},
    {"failed", "unknown"},
    {"unknown", "acked"},
    {"unknown", "failed"},
};

static enum verdict
judge_otr(const char *p, size_t n, const char *rest)
{
	if (is(column(p, n, 3), "encrypted"))
		return rest_matches(p, n, rest) ? MATCH : OTHER;
	return OPPOSITE;
}

static enum verdict
judge_smp(const char *p, size_t n, const char *rest)
{
	/* Who names a state means that one. */
	if (strstr(rest, "state=") != NULL)
		return rest_matches(p, n, rest) ? MATCH : OTHER;
	if (has(p, n, "state=failed", 12) || has(p, n, "state=aborted", 13))
		return OPPOSITE;
	if (!has(p, n, "state=succeeded", 15))
		return OTHER;
	return rest_matches(p, n, rest) ? MATCH : OTHER;
}

static enum verdict
judge(const char *p, size_t n, const char *spec)
{
	const char *peer = strchr(spec, '\t') + 1;
	const char *own = strchr(peer, '\t') + 1, *rest;
	struct column tag = column(p, n, 0);
	size_t own_len = strcspn(own, "\t"), i;
	char wanted[16];

	memcpy(wanted, spec, (size_t)(peer - spec) - 1);
	wanted[peer - spec - 1] = '\0';
	rest = own + own_len;
	rest += *rest == '\t';
	if (!peer_is(column(p, n, 2), peer, (size_t)(own - peer) - 1) ||
	    (own_len > 0 && !has(p, n, own, own_len)))
		return OTHER;
	for (i = 0; i < sizeof against / sizeof *against; i++)
		if (strcmp(wanted, against[i].tag) == 0 &&
		    is(tag, against[i].against))
			return OPPOSITE;
	if (!is(tag, wanted))
		return OTHER;
	if (strcmp(wanted, "otr") == 0)
		return judge_otr(p, n, rest);
	if (strcmp(wanted, "smp") == 0)
		return judge_smp(p, n, rest);
	return rest_matches(p, n, rest) ? MATCH : OTHER;
}

static const char opposite[] = "the opposite happened";

/* Lets the lines waiting look at one; whether some was satisfied by it. */
static int
offer(struct client *c, const char *p, size_t n)
{
	enum verdict verdict;
	struct job *j, *next;

	for (j = c->jobs; j != NULL; j = next) {
		next = j->next;
		verdict = j->kind == JOB_WAIT ? judge(p, n, j->wait) : OTHER;
		if (verdict == OPPOSITE)
			job_failed(c, j, "opposite", opposite);
		if (verdict != MATCH)
			continue;
		job_done(c, j, NULL);
		return 1;
	}
	return 0;
}

static void
keep(struct client *c, const char *p, size_t n)
{
	const unsigned char *data, *lf;

	while (buf_add(&c->seen_events, p, n) == -1 && n <= KEPT_MAX) {
		data = buf_data(&c->seen_events);
		lf = memchr(data, '\n', buf_len(&c->seen_events));
		buf_drop(&c->seen_events, (size_t)(lf - data) + 1);
	}
}

void
wait_scan(struct client *c)
{
	const char *text, *lf;
	struct buf line;
	size_t at, n;

	buf_init(&line, TEXT_MAX);
	while (c->text_scanned < client_text_total(c)) {
		at = (size_t)(c->text_scanned - c->text_written);
		text = (const char *)buf_data(&c->text) + at;
		lf = memchr(text, '\n', buf_len(&c->text) - at);
		n = (size_t)(lf - text) + 1;
		c->text_scanned += n;
		/* Answering may move the text: only then is a copy needed. */
		if (c->jobs != NULL) {
			buf_reset(&line);
			buf_add(&line, text, n);
			text = (const char *)buf_data(&line);
			if (offer(c, text, n - 1))
				continue;
		}
		keep(c, text, n);
	}
	buf_clear(&line);
}

void
wait_reset(struct client *c, const char *id)
{
	c->seen_events.max = KEPT_MAX;
	buf_reset(&c->seen_events);
	c->text_scanned = client_text_total(c);
	snprintf(c->last_id, sizeof c->last_id, "%s", id == NULL ? "" : id);
}

/* Looks for a kept event; takes it out, unless it is the opposite. */
static enum verdict
look_back(struct client *c, const char *spec)
{
	char *start = (char *)c->seen_events.data + c->seen_events.off;
	char *end = start + buf_len(&c->seen_events), *p, *lf;
	enum verdict verdict;

	for (p = start; p != NULL && p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		verdict = judge(p, (size_t)(lf - p), spec);
		if (verdict == OTHER)
			continue;
		if (verdict == OPPOSITE)
			return verdict;
		memmove(p, lf + 1, (size_t)(end - lf - 1));
		buf_cut(&c->seen_events,
		    buf_len(&c->seen_events) - (size_t)(lf + 1 - p));
		return verdict;
	}
	return OTHER;
}

static int
all_digits(const char *s, size_t n)
{
	return n > 0 && n < 8 && strspn(s, "0123456789") >= n;
}

/* A JID argument, escaped as PEER is written. */
static int
add_peer(struct client *c, struct buf *spec, const char *word, size_t n)
{
	char jid[JID_SIZE];
	struct buf plain;
	int good;

	buf_init(&plain, JID_SIZE);
	good = escape_read(
		   &plain, word, n, &(const char *){NULL}, &(size_t){0}) == 1 &&
	       jid_parse((const char *)buf_data(&plain), buf_len(&plain), jid,
		   NULL) == 0;
	buf_clear(&plain);
	if (good)
		escape_write(
		    spec, jid, strlen(jid), ESCAPE_VALUE | c->event.ascii);
	return good ? 0 : -1;
}

/* A `key=value` argument, the value escaped as it is written. */
static int
add_attr(struct client *c, struct buf *spec, const char *word, size_t n)
{
	size_t key = strcspn(word, "=") + 1, at;
	struct buf plain;
	const char *why;
	int kind;

	if (key > n)
		return -1;
	buf_init(&plain, INPUT_LINE_MAX);
	kind = escape_read(&plain, word + key, n - key, &why, &at);
	buf_addc(spec, '\t');
	buf_add(spec, word, key);
	if (kind >= 0)
		escape_write(spec, kind == 0 ? NULL : buf_data(&plain),
		    buf_len(&plain), ESCAPE_VALUE | c->event.ascii);
	buf_clear(&plain);
	return kind < 0 ? -1 : 0;
}

/*
 * Whether WORD of N bytes is a `key=value`. A JID may look so: where one may
 * stand, what holds an @ is only where TAG has such an attribute.
 */
static int
is_attr(enum event_tag tag, const char *word, size_t n, int first)
{
	size_t key = strspn(word, "abcdefghijklmnopqrstuvwxyz");

	if (key == 0 || key >= n || word[key] != '=')
		return 0;
	return !first || memchr(word, '@', n) == NULL ||
	       event_has(tag, word, key);
}

/*
 * Reads ARGS behind TAG into SPEC and SECONDS; ID is that of the message
 * meant, or empty. -1: usage.
 */
static int
parse(struct client *c, enum event_tag tag, const char *args, const char *id,
    struct buf *spec, int *seconds)
{
	struct buf attrs;
	int first = 1, result = 0;
	size_t n;

	buf_init(&attrs, INPUT_LINE_MAX * 8);
	for (; *args != '\0' && result == 0; args += n) {
		args += strspn(args, " ");
		n = strcspn(args, " ");
		if (n == 0)
			break;
		if (all_digits(args, n))
			*seconds = atoi(args);
		else if (is_attr(tag, args, n, first))
			result = add_attr(c, &attrs, args, n);
		else if (!first)
			result = -1;
		else if (n != 1 || *args != '-')
			result = add_peer(c, spec, args, n);
		first = 0;
	}
	buf_addc(spec, '\t');
	if (*id != '\0')
		buf_addf(spec, "id=%s", id);
	buf_add(spec, buf_data(&attrs), buf_len(&attrs));
	buf_clear(&attrs);
	return result;
}

static void
answer(struct client *c, const char *spec, int seconds)
{
	struct job *j;

	wait_scan(c);
	switch (look_back(c, spec)) {
	case MATCH:
		job_ok(c, NULL, NULL);
		return;
	case OPPOSITE:
		job_error(c, NULL, "opposite", opposite);
		return;
	case OTHER:
		break;
	}
	if (c->link == LINK_OFFLINE) {
		job_error(c, NULL, "not-connected", NULL);
		return;
	}
	j = job_wait(c, JOB_WAIT, 1, seconds > 0 ? seconds : 1);
	j->wait = buf_strdup(spec);
}

void
wait_command(struct client *c, const char *args)
{
	size_t n = strcspn(args, " ");
	enum event_tag tag = event_find(args, n);
	int own = tag == EVENT_ACKED || tag == EVENT_DELIVERED ||
		  tag == EVENT_FAILED || tag == EVENT_UNKNOWN;
	int seconds = WAIT_SECONDS;
	struct buf spec;

	if (tag == EVENT_TAGS) {
		job_error(c, NULL, "usage", "/wait needs the tag of an event");
		return;
	}
	buf_init(&spec, INPUT_LINE_MAX * 16);
	buf_addf(&spec, "%s\t", event_name(tag));
	if (parse(c, tag, args + n, own ? c->last_id : "", &spec, &seconds) ==
	    -1)
		job_error(c, NULL, "usage",
		    "/wait TAG ?JID|- ?KEY=VALUE... ?SECONDS");
	else if (own && *c->last_id == '\0')
		job_error(c, NULL, "opposite", "no message was sent");
	else
		answer(c, buf_str(&spec), seconds);
	buf_clear(&spec);
}
