#include "line/talk/omemo_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/answer.h"
#include "line/disk/histories.h"
#include "line/disk/wishes.h"
#include "line/talk/chat.h"
#include "line/talk/encrypt.h"
#include "line/talk/fate.h"
#include "line/talk/message.h"
#include "line/talk/omemo_event.h"
#include "line/talk/omemo_forget.h"
#include "line/talk/omemo_pep.h"
#include "line/talk/omemo_xml.h"

#define SECONDS 30 /* for the devices of a contact to be known */
/* Members of rooms of whom it is noted that they were warned of, at most. */
#define NAMED_MAX (200 * OMEMO_DEVICES)

struct omemo_lines {
	const struct omemo_message *out; /* being written by send_now */
	enum omemo_trust trust;		 /* of it */
	const char *replaces; /* the message that the line corrects, or NULL */
	struct map named;     /* members of rooms who get nothing; of nothing */
	void (*again)(struct client *c, const char *jid, const char *text);
};

void
omemo_line_init(struct client *c)
{
	c->omemo_lines = buf_alloc(sizeof *c->omemo_lines);
}

void
omemo_line_clear(struct client *c)
{
	map_clear(&c->omemo_lines->named);
	free(c->omemo_lines);
}

/* Sends a message with only a key to NAME. */
static void
send_key(
    struct client *c, const char *name, const struct omemo_message *message)
{
	char id[NONCE_ID + 1];
	struct writer w;

	if (c->link.state != LINK_ONLINE)
		return;
	nonce_id(c->nonce, id);
	message_begin(c, &w, name, "chat", id);
	omemo_xml_write_message(&w, message);
	writer_leaf(&w, "store", NS_HINTS, NULL);
	writer_end(&w);
}

/* Writes the message of the line that answer_redo answers. */
static void
send_now(struct client *c, const char *jid, const char *text)
{
	struct message_out out = {.omemo = c->omemo_lines->out,
	    .encrypted = 1,
	    .replaces = c->omemo_lines->replaces};
	char id[NONCE_ID + 1], to[JID_SIZE];

	jid_bare(jid, to);
	nonce_id(c->nonce, id);
	if (message_put(c, to, "chat", id, &out) == -1) {
		answer_error(c, to, "too-long", NULL);
		return;
	}
	chat_need(c, to)->spoken = 1;
	/* After a lost session the same stanza is sent, which moves no ratchet.
	 */
	fate_add(c, to, id, 0);
	chat_sent(c, to, id, out.replaces);
	histories_out(c, to, id, text, strlen(text), "omemo");
	event_begins(&c->event, EVENT_SENT, to, text);
	event_set_number(&c->event, "line", (long long)c->lines.line);
	event_set(&c->event, "id", id);
	event_set(&c->event, "enc", "omemo");
	event_set(&c->event, "trust", omemo_event_trust(c->omemo_lines->trust));
	event_set(&c->event, "replaces", out.replaces);
	event_end(&c->event);
	answer_sent(c, id);
}

void
omemo_line_take(struct client *c, const struct omemo_item *item)
{
	struct answer *j;

	if (item->tag == 0) {
		send_key(c, item->name, item->message);
		return;
	}
	j = omemo_task_find(c, item->tag);
	if (j == NULL)
		return;
	/* The server would not read it, and we would take it for acked. */
	if (c->link.state == LINK_CLOSING) {
		answer_failed(c, j, "connection-lost", NULL);
		return;
	}
	c->omemo_lines->out = item->message;
	c->omemo_lines->replaces = j->place;
	c->omemo_lines->trust = item->trust;
	answer_redo(c, j);
	c->omemo_lines->out = NULL;
}

const struct omemo_message *
omemo_line_out(const struct client *c, const char **trust)
{
	*trust = omemo_event_trust(c->omemo_lines->trust);
	return c->omemo_lines->out;
}

const char *
omemo_line_replaces(const struct client *c)
{
	return c->omemo_lines->replaces;
}

/* Answers the line J by the CAUSE for which omemo/ refuses. */
static void
refuse_line(struct client *c, struct answer *j, enum omemo_cause cause)
{
	const char *token = "policy";
	const char *words = omemo_cause_words(cause);
	char why[MESSAGE_WORDS + 16], named[MESSAGE_WORDS];

	if (cause == OMEMO_REFUSED_LONG)
		token = "too-long";
	else if (cause == OMEMO_REFUSED_OWN)
		token = "config";
	else if (cause == OMEMO_REFUSED_NOT_LOADED ||
		 cause == OMEMO_REFUSED_RECORD || cause == OMEMO_REFUSED_FULL)
		token = "store";
	encrypt_words(j->subject, words, named);
	snprintf(why, sizeof why, "%s%s",
	    strncmp(words, "not sent: ", 10) == 0 ? "" : "not sent: ", named);
	answer_failed(c, j, token, why);
}

static void
run_send(struct client *c, struct omemo *o, struct omemo_task *t)
{
	const struct answer *j = omemo_task_line(c, t);
	const char *name = t->name;
	struct omemo_text text = {.tag = t->serial, .name = &name, .names = 1};
	int awaited;

	if (j == NULL)
		return;
	omemo_forget_with(c, o, t);
	awaited = omemo_prepare(o, &name, 1, c->clock.wall / 1000);
	if (awaited > 0)
		return;
	text.text = j->wait;
	text.len = strlen(j->wait);
	text.verified_only = wishes_find(c, name)->verified_only;
	if (awaited == -1 || omemo_send(o, &text) == -1)
		t->refused = omemo_cause(o);
}

static void
end_send(struct client *c, const struct omemo_task *t, const char *why)
{
	struct answer *j = omemo_task_line(c, t);

	if (j == NULL)
		return;
	if (why != NULL)
		answer_failed(c, j, "store", why);
	else if (t->refused != OMEMO_OK)
		refuse_line(c, j, t->refused);
}

/* Copies the next of the NAMES of J to OUT. Returns what follows, or NULL. */
static const char *
next_name(const char *names, char out[JID_SIZE])
{
	size_t n = strcspn(names, " ");

	if (n == 0 || n >= JID_SIZE)
		return NULL;
	memcpy(out, names, n);
	out[n] = '\0';
	return names + n + (names[n] == ' ');
}

/* No line is to wait once more for what was not answered for that of J. */
static void
give_up(struct client *c, const struct answer *j)
{
	const char *at = j->names == NULL ? "" : j->names;
	char name[JID_SIZE];

	omemo_pep_give_up(c, c->self.jid);
	omemo_pep_give_up(c, j->subject);
	while ((at = next_name(at, name)) != NULL)
		omemo_pep_give_up(c, name);
}

/* Returns 1 if a line before J waits for the same contact. */
static int
is_behind(const struct client *c, const struct answer *j)
{
	const struct answer *k = NULL;

	while ((k = answer_next(c, k, ANSWER_OMEMO)) != NULL && k != j)
		if (k->redo != NULL && jid_same_bare(k->subject, j->subject))
			return 1;
	return 0;
}

/* Says once that NAME, a member of the room ROOM, gets nothing. */
static void
name_deaf(struct client *c, const char *room, const char *name)
{
	char key[2 * JID_SIZE + 1], why[JID_SIZE + 100];

	snprintf(key, sizeof key, "%s %s", room, name);
	if (map_find(&c->omemo_lines->named, key) != NULL ||
	    c->omemo_lines->named.count > NAMED_MAX)
		return;
	map_add(&c->omemo_lines->named, key, c);
	snprintf(why, sizeof why,
	    "%s has no OMEMO device that may be used, and cannot read this",
	    name);
	event_begins(&c->event, EVENT_WARNING, room, why);
	event_set(&c->event, "cause", "no-bundle");
	event_set(&c->event, "enc", "omemo");
	event_end(&c->event);
}

static void
run_group(struct client *c, struct omemo *o, struct omemo_task *t)
{
	const struct answer *j = omemo_task_line(c, t);
	const char **names = buf_alloc((t->more_count + 1) * sizeof *names);
	struct omemo_text text = {.tag = t->serial, .name = names};
	int awaited;
	size_t i;

	if (j != NULL)
		text.verified_only = wishes_find(c, j->subject)->verified_only;
	awaited = j == NULL ? 1
			    : omemo_prepare(o, (const char *const *)t->more,
				  t->more_count, c->clock.wall / 1000);
	for (i = 0; awaited == 0 && i < t->more_count; i++)
		if (omemo_reach(o, t->more[i], text.verified_only) == OMEMO_OK)
			names[text.names++] = t->more[i];
		else
			name_deaf(c, j->subject, t->more[i]);
	if (awaited == 0) {
		text.text = j->wait;
		text.len = strlen(j->wait);
	}
	if (awaited == -1 || (awaited == 0 && omemo_send(o, &text) == -1))
		t->refused = omemo_cause(o);
	free(names);
}

/* Answers the line J by why what the server says of JID is not known, and has
 * that be asked for anew the next time. */
static void
fail_line(struct client *c, struct answer *j, const char *jid)
{
	const char *why, *cause = omemo_pep_why(c, jid, &why);

	omemo_pep_forget(c, jid);
	answer_failed(c, j, cause, why);
}

/* Answers the line J if the disk failed what the server said of ourselves; that
 * the server does not say it is no obstacle. Returns 1 if J is answered. */
static int
fail_unstored(struct client *c, struct answer *j)
{
	const char *why;

	if (omemo_pep_list(c, c->self.jid) != OMEMO_LIST_FAILED ||
	    strcmp(omemo_pep_why(c, c->self.jid, &why), "store") != 0)
		return 0;
	fail_line(c, j, c->self.jid);
	return 1;
}

/* Takes the line J, a message to a room, one step further. */
static void
advance_group(struct client *c, struct answer *j)
{
	int waits = omemo_pep_list(c, c->self.jid) <= OMEMO_LIST_ASKED ||
		    omemo_pep_bundles(c, c->self.jid) > 0;
	struct omemo_task *t;
	const char *at = j->names;
	char name[JID_SIZE];

	if (fail_unstored(c, j))
		return;
	t = omemo_task_new(NULL, run_group, end_send);
	while ((at = next_name(at, name)) != NULL) {
		switch (omemo_pep_list(c, name)) {
		case OMEMO_LIST_UNKNOWN:
			if (!omemo_pep_awaits_device(c))
				omemo_pep_ask(c, name);
			waits = 1;
			break;
		case OMEMO_LIST_ASKED:
			waits = 1;
			break;
		case OMEMO_LIST_FAILED:
			fail_line(c, j, name);
			omemo_task_free(t);
			return;
		case OMEMO_LIST_NONE:
			name_deaf(c, j->subject, name);
			break;
		case OMEMO_LIST_KNOWN:
			waits |= omemo_pep_bundles(c, name) > 0;
			t->more = buf_realloc(
			    t->more, t->more_count + 1, sizeof *t->more);
			t->more[t->more_count++] = buf_strdup(name);
			break;
		}
	}
	t->serial = (unsigned long)j->until;
	if (waits)
		omemo_task_free(t);
	else
		omemo_task_add(c, t);
}

/* Takes the line J, a message, one step further. */
static void
advance_line(struct client *c, struct answer *j)
{
	enum omemo_list list = omemo_pep_list(c, j->subject);
	struct omemo_task *t;

	if (fail_unstored(c, j))
		return;
	switch (list) {
	case OMEMO_LIST_UNKNOWN:
		if (!omemo_pep_awaits_device(c))
			omemo_pep_ask(c, j->subject);
		return;
	case OMEMO_LIST_ASKED:
		return;
	case OMEMO_LIST_FAILED:
		fail_line(c, j, j->subject);
		return;
	case OMEMO_LIST_NONE:
		j->redo = c->omemo_lines->again;
		c->omemo_lines->replaces = j->place;
		answer_redo(c, j);
		return;
	case OMEMO_LIST_KNOWN:
		break;
	}
	list = omemo_pep_list(c, c->self.jid);
	if (list == OMEMO_LIST_UNKNOWN)
		omemo_pep_ask(c, c->self.jid);
	if (list <= OMEMO_LIST_ASKED || omemo_pep_bundles(c, j->subject) > 0 ||
	    omemo_pep_bundles(c, c->self.jid) > 0)
		return;
	t = omemo_task_new(j->subject, run_send, end_send);
	t->serial = (unsigned long)j->until;
	omemo_task_add(c, t);
}

void
omemo_line_advance(struct client *c)
{
	struct answer *j, *next;

	if (!omemo_task_is_on(c) || c->link.state != LINK_ONLINE)
		return;
	for (j = answer_next(c, NULL, ANSWER_OMEMO);
	     j != NULL && !omemo_task_is_busy(c); j = next) {
		next = answer_next(c, j, ANSWER_OMEMO);
		if (j->redo == NULL || is_behind(c, j))
			continue;
		/* A line to a contact may have a place, too: a correction. */
		if (j->redo == send_now)
			advance_line(c, j);
		else
			advance_group(c, j);
	}
}

void
omemo_line_send(struct client *c, const char *jid, const char *text, size_t n,
    const char *replaces,
    void (*again)(struct client *c, const char *jid, const char *text))
{
	struct answer *j = omemo_task_wait(c, jid, SECONDS);

	c->omemo_lines->again = again;
	j->on_timeout = give_up;
	j->wait = buf_memdup(text, n);
	j->place = buf_strdup(replaces);
	j->redo = send_now;
	omemo_line_advance(c);
}

void
omemo_line_send_group(struct client *c, const char *jid, const char *names,
    const char *text, const char *replaces,
    void (*now)(struct client *c, const char *jid, const char *text))
{
	struct answer *j = omemo_task_wait(c, jid, SECONDS);

	j->on_timeout = give_up;
	j->wait = buf_strdup(text);
	j->names = buf_strdup(names);
	j->place = buf_strdup(replaces);
	j->redo = now;
	omemo_line_advance(c);
}
