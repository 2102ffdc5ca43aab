#include "line/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/command.h"
#include "line/job.h"
#include "line/keep.h"
#include "line/notice.h"

#define RECORD_MAX ((size_t)4 << 20) /* a text of 1 MiB, each byte escaped */
#define COUNT	   20		     /* of /history without N */
#define COUNT_MAX  100000
#define RECALL_MAX ((size_t)256 << 20)
#define YEAR_10000 253402300800.0 /* seconds since 1970 */

int
archive_is_on(const struct client *c, const char *jid)
{
	const struct user *u = keep_find(c, jid);

	return u != NULL && u->preserve;
}

/* Appends M, whose contact is that of JID. */
static void
append(struct client *c, const char *jid, struct history_message *m)
{
	char name[KEEP_NAME];
	struct buf out;

	if (c->options.read_only || !archive_is_on(c, jid))
		return;
	m->timestamp = (double)c->wall / 1000;
	buf_init(&out, RECORD_MAX);
	keep_name(c, "histories", jid, name);
	if (history_print(m, &out) == 0)
		keep_store(c, CLIENT_APPEND, name, &out);
	buf_clear(&out);
}

void
archive_in(struct client *c, enum history_kind kind, const char *from,
    const char *text, size_t n, int encrypted)
{
	char *jid = buf_strdup(from), *copy = buf_memdup(text, n);
	struct history_message m = {.direction = HISTORY_FROM,
	    .jid = jid,
	    .encrypted = encrypted,
	    .received = 1,
	    .text = copy,
	    .text_len = n,
	    .kind = kind};

	append(c, from, &m);
	free(jid);
	buf_free_secret(copy);
}

void
archive_out(struct client *c, const char *to, const char *id, const char *text,
    size_t n, int encrypted)
{
	char *jid = buf_strdup(to), *copy = buf_memdup(text, n);
	char *own = buf_strdup(id);
	/* Whether it arrives is not known yet, and no record is rewritten. */
	struct history_message m = {.direction = HISTORY_TO,
	    .jid = jid,
	    .id = own,
	    .encrypted = encrypted,
	    .text = copy,
	    .text_len = n,
	    .kind = HISTORY_CHAT};

	append(c, to, &m);
	free(jid);
	free(own);
	buf_free_secret(copy);
}

void
command_log(struct client *c, const char *args)
{
	const char *jid;
	struct user *u;
	char bare[JID_SIZE];
	int on = strcmp(args, "on") == 0;

	if (!on && strcmp(args, "off") != 0) {
		command_usage(c, "log");
		return;
	}
	jid = command_active(c);
	if (jid == NULL)
		return;
	jid_bare(jid, bare);
	if (client_is_self(c, bare)) {
		job_error(c, bare, "policy", "that is our own account");
		return;
	}
	u = keep_need(c, bare);
	if (u->preserve != on) {
		u->preserve = on;
		keep_changed(c, u);
	}
	job_ok(
	    c, bare, c->options.read_only ? "nothing is stored with -r" : NULL);
}

void
command_clear(struct client *c, const char *args)
{
	const char *jid = client_active(c);

	if (*args != '\0') {
		command_usage(c, "clear");
		return;
	}
	if (jid != NULL)
		client_chat(c, jid)->unread = 0;
	notice_seen(c, jid);
	job_ok(c, jid, "what is stored stays");
}

/* The number TEXT, 1 to COUNT_MAX; -1: it is none. */
static long
parse_count(const char *text)
{
	char *end;
	long n;

	if (*text == '\0')
		return COUNT;
	n = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || n < 1 ||
	    n > COUNT_MAX)
		return -1;
	return n;
}

void
command_history(struct client *c, const char *args)
{
	long n = parse_count(args);
	char name[KEEP_NAME];
	struct job *job;
	const char *jid;

	if (n == -1) {
		command_usage(c, "history");
		return;
	}
	jid = command_active(c);
	if (jid == NULL)
		return;
	job = job_wait(c, JOB_HISTORY, 1, 0);
	job->subject = buf_alloc(JID_SIZE);
	jid_bare(jid, job->subject);
	keep_name(c, "histories", jid, name);
	keep_read(c, name, (size_t)n, 0);
}

void
client_recall(struct client *c, size_t n)
{
	char name[KEEP_NAME];

	buf_clear(&c->recalled);
	buf_init(&c->recalled, RECALL_MAX);
	c->has_recalled = c->active == NULL;
	if (c->active == NULL)
		return;
	keep_name(c, "histories", c->active, name);
	keep_read(c, name, n, 1);
}

int
client_recalled(struct client *c, struct buf *out)
{
	int has = c->has_recalled;

	if (has)
		buf_add(out, buf_data(&c->recalled), buf_len(&c->recalled));
	buf_clear(&c->recalled);
	c->has_recalled = 0;
	return has;
}

static void
set_stamp(struct client *c, double seconds)
{
	char text[32];

	if (!(seconds >= 0 && seconds < YEAR_10000))
		return;
	event_time((int64_t)(seconds * 1000), text);
	event_set(&c->event, "stamp", text);
}

static void
history_event(struct client *c, const struct history_message *m)
{
	static const char *const kinds[HISTORY_KINDS] = {"chat", "groupchat",
	    "presence", "info", "warning", "error", "success", "transit"};
	static const char *const ways[] = {"in", "out", NULL};
	char jid[JID_SIZE] = "";

	if (m->direction == HISTORY_TO)
		jid_bare(c->jid, jid);
	else if (m->direction == HISTORY_FROM)
		jid_parse(m->jid, strlen(m->jid), jid, NULL);
	event_begin(&c->event, EVENT_HISTORY, *jid == '\0' ? NULL : jid,
	    m->text, m->text_len);
	event_set(&c->event, "dir", ways[m->direction]);
	event_set(&c->event, "enc", m->encrypted ? "otr" : "none");
	event_set(&c->event, "received", m->received ? "yes" : "no");
	set_stamp(c, m->timestamp);
	event_set(&c->event, "id", m->direction == HISTORY_TO ? m->id : NULL);
	event_set(&c->event, "kind", kinds[m->kind]);
	event_end(&c->event);
}

/* The /history that is next to be answered. */
static struct job *
next_job(const struct client *c)
{
	struct job *j;

	for (j = c->jobs; j != NULL && j->kind != JOB_HISTORY; j = j->next)
		;
	return j;
}

/* What nobody asked for by a line: beside the text. */
static void
recall(struct client *c, const struct history *h)
{
	struct buf *text = c->event.out;
	const char *label = c->event.label;
	size_t i;

	buf_reset(&c->recalled); /* of the contact asked for last */
	c->event.out = &c->recalled;
	c->event.label = NULL;
	for (i = 0; i < history_count(h); i++)
		history_event(c, history_message(h, i));
	c->event.out = text;
	c->event.label = label;
}

void
client_history(struct client *c, const struct history *h)
{
	struct job *job = next_job(c);
	const char *label = c->event.label;
	char text[200];
	size_t i;

	if (keep_recalls(c))
		recall(c, h);
	if (keep_recalls(c) || job == NULL)
		return;
	c->event.label = job->label;
	if (history_torn(h) > 0) {
		snprintf(text, sizeof text,
		    "%zu places in the history are damaged and left out",
		    history_torn(h));
		client_warning(c, job->subject, text);
	}
	for (i = 0; i < history_count(h); i++)
		history_event(c, history_message(h, i));
	c->event.label = label;
}

void
archive_read(struct client *c, const char *why)
{
	struct job *job = next_job(c);

	if (job == NULL)
		return;
	if (why == NULL)
		job_done(c, job, NULL);
	else
		job_failed(c, job, "store", why);
}
