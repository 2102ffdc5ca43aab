/*
 * The commands about the server's archive: /archive, /archiving, /replay and
 * /done.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/core/answer.h"
#include "line/core/request.h"
#include "line/disk/histories.h"
#include "line/disk/position.h"
#include "line/session/replay.h"
#include "line/talk/archive.h"
#include "line/talk/content.h"
#include "line/talk/incoming.h"
#include "line/talk/mark.h"
#include "line/talk/message.h"
#include "otr/otr.h"

#define COUNT	  20 /* of /archive without N */
#define COUNT_MAX 10000
#define SECONDS	  30
/* Bytes of the events of /archive, which are written when all are there. */
#define SHOWN_MAX ((size_t)64 * 1024 * 1024)
/* Entries of the archive that /archive looks at, and of a later page: many may
 * be no messages. */
#define LOOKED_MAX 20000
#define LATER_PAGE 50

/* The messages that an /archive under way has found. */
struct shown {
	char room[JID_SIZE];  /* whose archive it is, or "": our account's */
	char with[JID_SIZE];  /* the contact, bare; of a room "" */
	long left;	      /* so many are still wanted */
	long count;	      /* events of the page */
	size_t looked;	      /* entries that came */
	int is_recall;	      /* The terminal wants them: no line waits. */
	struct buf page, all; /* events, oldest first */
};

/* Returns the line that waits for S, or NULL. */
static struct answer *
job_of(struct client *c, const struct shown *s)
{
	struct answer *j;

	for (j = answer_next(c, NULL, ANSWER_ARCHIVE); j != NULL;
	     j = answer_next(c, j, ANSWER_ARCHIVE))
		if (j->data == s)
			return j;
	return NULL;
}

static void
free_shown(struct shown *s)
{
	buf_clear(&s->page);
	buf_clear(&s->all);
	free(s);
}

/* Writes the `history` event of M, what can be read of it, to the page of S. */
static void
show_message(struct client *c, struct shown *s, const struct incoming *m)
{
	const struct stanza *body = content_body(m->x);
	const char *label, *enc = content_encryption(m->x);
	int mine = client_is_self(c, m->from);
	struct answer *job;
	struct buf *before;

	if (body == NULL || mark_is_fallback(m->x))
		return;
	s->count++;
	if (*s->room == '\0' && otr_kind(body->text) != OTR_KIND_TEXT)
		enc = "otr";
	before = event_redirect(&c->event, &s->page, &label);
	if ((job = job_of(c, s)) != NULL)
		event_relabel(&c->event, job->label);
	event_begin(&c->event, EVENT_HISTORY, m->from,
	    enc != NULL ? NULL : body->text, body->text_len);
	event_set(&c->event, "dir", mine ? "out" : "in");
	event_set(&c->event, "enc", enc == NULL ? "none" : enc);
	event_set(&c->event, "received", mine ? "no" : "yes");
	event_set(&c->event, "stamp", m->stamp);
	event_set(&c->event, "id", stanza_get(m->x, "id"));
	event_set(&c->event, "kind", *s->room == '\0' ? "chat" : "groupchat");
	event_set(&c->event, "archived", m->archived);
	event_set(&c->event, "replaces",
	    stanza_get(stanza_child(m->x, "replace", NS_CORRECT), "id"));
	if (enc == NULL) {
		event_set(&c->event, "subject", content_subject(m->x));
		mark_set_reply(c, m->x, body->text);
		event_set(&c->event, "url", content_url(m->x, body->text));
	}
	event_end(&c->event);
	event_restore(&c->event, before, label);
}

static void
on_shown(struct client *c, void *data, const struct archive_result *r,
    const struct stanza *x)
{
	struct shown *s = data;
	struct incoming m;

	(void)x;
	if (incoming_forwarded(c, &m, r->forwarded, INCOMING_ARCHIVE,
		*s->room == '\0' ? NULL : s->room, r->id) == 0)
		show_message(c, s, &m);
}

static void ask_shown(struct client *c, struct shown *s, const char *before);

/* Puts the last of the page of S, which is older, in front of all that it has:
 * as many as are wanted. */
static void
join_page(struct shown *s)
{
	const unsigned char *line, *end;

	for (; s->count > s->left; s->count--) {
		line = buf_data(&s->page);
		end = memchr(line, '\n', buf_len(&s->page));
		buf_drop(&s->page,
		    end == NULL ? buf_len(&s->page) : (size_t)(end - line) + 1);
	}
	s->left -= s->count;
	s->count = 0;
	buf_add(&s->page, buf_data(&s->all), buf_len(&s->all));
	buf_reset(&s->all);
	buf_add(&s->all, buf_data(&s->page), buf_len(&s->page));
	buf_reset(&s->page);
}

/* Ends S, which has all that it will have, and JOB, the line that waits for it;
 * NULL: none does. */
static void
end_shown(struct client *c, struct shown *s, struct answer *job)
{
	if (s->is_recall) {
		histories_recalled(c, s->with, &s->all);
	} else if (s->all.refused || s->page.refused) {
		job->data = NULL;
		answer_failed(c, job, "limit",
		    "so many messages are too long to be shown together");
	} else {
		client_text_add(c, &s->all);
		job->data = NULL;
		answer_done(c, job,
		    s->left > 0 && s->looked >= LOOKED_MAX
			? "no more of the archive was looked at"
		    : buf_len(&s->all) > 0
			? NULL
			: "the archive has no such messages");
	}
	free_shown(s);
}

static void
on_shown_page(struct client *c, void *data, const struct archive_page *page)
{
	struct shown *s = data;
	struct answer *job = job_of(c, s);

	if (job == NULL && !s->is_recall) {
		free_shown(s);
		return;
	}
	if (page->cause != NULL && job != NULL) {
		job->data = NULL;
		answer_failed(c, job, page->cause,
		    strcmp(page->cause, "service-unavailable") == 0
			? "the server keeps no archive"
		    : page->why != NULL ? page->why
					: "the archive was not read");
		free_shown(s);
		return;
	}
	s->looked += page->results;
	join_page(s);
	if (s->left > 0 && page->cause == NULL && !page->complete &&
	    page->results > 0 && page->first != NULL && !s->page.refused &&
	    !s->all.refused && s->looked < LOOKED_MAX) {
		if (job != NULL)
			job->deadline = c->clock.mono + SECONDS * 1000;
		ask_shown(c, s, page->first);
		return;
	}
	end_shown(c, s, job);
}

/* Asks for what S still wants before the id BEFORE. */
static void
ask_shown(struct client *c, struct shown *s, const char *before)
{
	static const struct archive_calls calls = {on_shown, on_shown_page};
	struct archive_ask ask = {.jid = *s->room == '\0' ? NULL : s->room,
	    .with = *s->with == '\0' ? NULL : s->with,
	    .before = before};
	long max = s->looked > 0 && s->left < LATER_PAGE ? LATER_PAGE : s->left;

	ask.max = max < ARCHIVE_MAX ? (unsigned)max : ARCHIVE_MAX;
	archive_ask(c, &ask, &calls, s);
}

void
command_archive(struct client *c, const char *args)
{
	long n = args_count(args, COUNT, COUNT_MAX);
	const char *jid;
	struct shown *s;
	struct answer *job;

	if (n == -1) {
		args_usage(c);
		return;
	}
	jid = args_active(c);
	if (jid == NULL || !args_online(c))
		return;
	s = buf_alloc(sizeof *s);
	buf_init(&s->page, SHOWN_MAX);
	buf_init(&s->all, SHOWN_MAX);
	s->left = n;
	jid_bare(jid, client_is_room(c, jid) ? s->room : s->with);
	job = answer_wait(c, ANSWER_ARCHIVE, !c->options.no_wait, SECONDS);
	job->data = s;
	ask_shown(c, s, "");
}

int
client_recall_archive(struct client *c, size_t n)
{
	struct shown *s;

	if (c->active == NULL || client_is_room(c, c->active) ||
	    !c->options.archive || c->link.state != LINK_ONLINE ||
	    n > COUNT_MAX)
		return 0;
	s = buf_alloc(sizeof *s);
	buf_init(&s->page, SHOWN_MAX);
	buf_init(&s->all, SHOWN_MAX);
	s->left = (long)n;
	s->is_recall = 1;
	jid_bare(c->active, s->with);
	ask_shown(c, s, "");
	return 1;
}

/* Takes the answer to /archiving and tells what the server keeps. */
static void
on_archiving(struct client *c, struct answer *job, const struct stanza *x)
{
	const char *kept;
	char text[100];

	if (job == NULL ||
	    !answer_result(c, job, x, "this server keeps no archive"))
		return;
	kept = stanza_get(stanza_child(x, "prefs", NS_MAM), "default");
	if (kept == NULL) {
		answer_done(c, job, NULL);
		return;
	}
	snprintf(text, sizeof text, "the server keeps messages: %.40s", kept);
	answer_done(c, job, text);
}

/* Keeps the lists of exceptions that the server has, with another default. */
static void
on_prefs(struct client *c, struct answer *job, const struct stanza *x)
{
	const struct stanza *prefs, *list, *jid;
	struct writer w;

	if (job == NULL ||
	    !answer_result(c, job, x, "this server keeps no archive"))
		return;
	prefs = stanza_child(x, "prefs", NS_MAM);
	request_begin(c, &w, "set", NULL, on_archiving, job);
	writer_open(&w, "prefs", NS_MAM);
	writer_attr(&w, "default", job->wait);
	for (list = prefs == NULL ? NULL : prefs->child; list != NULL;
	     list = list->next) {
		if (!stanza_is(list, "always", NS_MAM) &&
		    !stanza_is(list, "never", NS_MAM))
			continue;
		writer_open(
		    &w, list->name[0] == 'a' ? "always" : "never", NULL);
		for (jid = list->child; jid != NULL; jid = jid->next)
			if (stanza_is(jid, "jid", NS_MAM))
				writer_leaf(&w, "jid", NULL, jid->text);
		writer_close(&w);
	}
	writer_end(&w);
}

void
command_archiving(struct client *c, const char *args)
{
	static const char *const words[] = {"always", "roster", "never"};
	size_t n = strcspn(args, " "), i = 0;
	struct answer *job;
	struct writer w;

	while (n > 0 && i < 3 && !args_is(args, n, words[i]))
		i++;
	if (i == 3) {
		args_usage(c);
		return;
	}
	if (!args_no_more(c, args + n) || !args_online(c))
		return;
	job = answer_wait(c, ANSWER_REQUEST, !c->options.no_wait, SECONDS);
	job->wait = n == 0 ? NULL : buf_strdup(words[i]);
	request_begin(
	    c, &w, "get", NULL, n == 0 ? on_archiving : on_prefs, job);
	writer_leaf(&w, "prefs", NS_MAM, NULL);
	writer_end(&w);
}

void
command_done(struct client *c, const char *args)
{
	size_t n = strcspn(args, " ");
	char *word;

	if (n == 0 || !args_no_more(c, args + n)) {
		if (n == 0)
			args_usage(c);
		return;
	}
	if (c->options.queue == NULL) {
		answer_error(c, NULL, "usage", "there is no --queue");
		return;
	}
	word = args_id(c, args, n);
	if (word != NULL)
		position_done(c, word);
	free(word);
}

/* Does /replay of ROOM (NULL: of our account) with ARGS, which follow it. */
static void
replay_archive(struct client *c, const char *room, const char *args)
{
	static const char after[] = "after=";
	size_t n = strcspn(args, " ");
	char *id;

	if (!args_no_more(c, args + n))
		return;
	if (n == 0) {
		replay_command(c, room, NULL);
	} else if (args_is(args, n, "all")) {
		replay_command(c, room, "");
	} else if (strncmp(args, after, sizeof after - 1) == 0 &&
		   n > sizeof after - 1) {
		id =
		    args_id(c, args + sizeof after - 1, n - (sizeof after - 1));
		if (id != NULL)
			replay_command(c, room, id);
		free(id);
	} else {
		args_usage(c);
	}
}

void
command_replay(struct client *c, const char *args)
{
	size_t n = strcspn(args, " ");
	char room[JID_SIZE];

	if (memchr(args, '@', n) == NULL || memchr(args, '=', n) != NULL) {
		replay_archive(c, NULL, args);
		return;
	}
	args = args_jid(c, args, room);
	if (args == NULL)
		return;
	if (client_is_room(c, room) && jid_resource(room) == NULL)
		replay_archive(c, room, args);
	else
		answer_error(c, room, "usage",
		    "no such room is known here; /replay alone is of your "
		    "account");
}
