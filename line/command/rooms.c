/*
 * The commands about rooms. Each reads its arguments; room/ does the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/command/table.h"
#include "line/core/request.h"
#include "line/disk/users.h"
#include "line/room/room.h"

#define NS_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_RSM	 "http://jabber.org/protocol/rsm"

/*
 * Returns 1 where BARE is a person and no room. Other clients put rooms into
 * the roster too, and there only presence or a subscription tells them apart.
 */
static int
is_person(const struct client *c, const char *bare)
{
	const struct contact *contact = roster_find(&c->roster, bare);

	if (client_is_self(c, bare))
		return 1;
	if (contact == NULL || users_find_room(c, bare) != NULL ||
	    client_is_room(c, bare))
		return 0;
	return contact->resources != NULL || contact->sub == SUB_TO ||
	       contact->sub == SUB_BOTH;
}

/* Answers the line, which is for a room, where JID is a person. */
static void
refuse_person(struct client *c, const char *jid)
{
	struct room **all = room_all(c), **m = all;
	struct buf why;

	while (*m != NULL && !room_is_in(*m))
		m++;
	buf_init(&why, 2 * JID_SIZE);
	buf_adds(&why, "that is a person, not a room; ");
	if (*m == NULL)
		buf_adds(&why, "/join ROOM enters one");
	else
		buf_addf(&why, "name one: /with %s /%s", (*m)->room.jid,
		    c->command.row->name);
	answer_error(c, jid, "not-acceptable", buf_str(&why));
	buf_clear(&why);
	free(all);
}

/*
 * Returns the active contact, which is no person, if we are online; NULL after
 * the line was answered.
 */
static const char *
active_room(struct client *c)
{
	const char *jid = args_active(c);
	char bare[JID_SIZE];

	if (jid == NULL || !args_online(c))
		return NULL;
	jid_bare(jid, bare);
	if (!is_person(c, bare))
		return jid;
	refuse_person(c, jid);
	return NULL;
}

/*
 * Reads the first word of /join, N bytes of ARGS, into JID: a room, `/NICK` in
 * the active room, or nothing. Returns -1 after the line was answered.
 */
static int
read_room(struct client *c, const char *args, size_t n, char jid[JID_SIZE])
{
	const char *active;
	struct buf word;
	int result;

	if (n > 0 && *args != '/')
		return args_jid(c, args, jid) == NULL ? -1 : 0;
	active = args_active(c);
	if (active == NULL)
		return -1;
	jid_bare(active, jid);
	if (n == 0)
		return 0;
	buf_init(&word, 2 * JID_SIZE + n);
	buf_adds(&word, jid);
	buf_add(&word, args, n);
	result = args_jid(c, buf_str(&word), jid) == NULL ? -1 : 0;
	buf_clear(&word);
	return result;
}

void
command_join(struct client *c, const char *args)
{
	char jid[JID_SIZE], bare[JID_SIZE];
	char *password = NULL;
	size_t n;

	/* With blanks before it the room would be taken for a password. */
	args += strspn(args, " ");
	n = strcspn(args, " ");
	if (read_room(c, args, n, jid) == -1 || !args_online(c))
		return;
	jid_bare(jid, bare);
	if (!jid_has_local(bare)) {
		answer_error(c, bare, "bad-jid", "a room is NAME@SERVICE");
		return;
	}
	if (is_person(c, bare)) {
		answer_error(c, bare, "policy", "that is a person, not a room");
		return;
	}
	if (args[n + strspn(args + n, " ")] != '\0') {
		password = args_text(c, args + n + 1);
		if (password == NULL)
			return;
	}
	room_join(c, bare, jid_resource(jid), password);
	buf_free_secret(password);
}

void
command_leave(struct client *c, const char *args)
{
	const char *jid = active_room(c);
	char *reason;

	if (jid == NULL)
		return;
	if (!client_is_room(c, jid)) {
		answer_error(c, jid, "not-acceptable", room_not_inside);
		return;
	}
	reason = args_text(c, args);
	if (reason != NULL)
		room_leave(c, jid, reason);
	free(reason);
}

void
command_nick(struct client *c, const char *args)
{
	const char *active = active_room(c);
	char jid[JID_SIZE], *nick;
	struct buf full;

	if (active == NULL || (nick = args_text(c, args)) == NULL)
		return;
	jid_bare(active, jid);
	buf_init(&full, 2 * JID_SIZE + strlen(nick));
	buf_addf(&full, "%s/%s", jid, nick);
	if (client_is_room(c, jid) &&
	    jid_parse(buf_str(&full), buf_len(&full), jid, NULL) == -1)
		answer_error(c, active, "bad-jid", "that can be no nick");
	else
		room_when_in(c, active, jid_resource(jid), room_rename);
	buf_clear(&full);
	free(nick);
}

void
command_topic(struct client *c, const char *args)
{
	const char *jid = active_room(c);
	char *text;

	if (jid == NULL || (text = args_text(c, args)) == NULL)
		return;
	room_when_in(c, jid, text, room_set_topic);
	free(text);
}

void
command_invite(struct client *c, const char *args)
{
	char jid[JID_SIZE], *reason;
	const char *room;
	struct buf invitee;

	args = args_person(c, args, jid);
	if (args == NULL || (room = active_room(c)) == NULL ||
	    (reason = args_text(c, args)) == NULL)
		return;
	buf_init(&invitee, JID_SIZE + 1 + strlen(reason));
	buf_addf(&invitee, "%s\n%s", jid, reason);
	room_when_in(c, room, buf_str(&invitee), room_invite);
	buf_clear(&invitee);
	free(reason);
}

static int
item_event(
    struct client *c, const struct answer *job, const struct stanza *item)
{
	const char *text = stanza_get(item, "jid");
	const char *name = stanza_get(item, "name");
	char jid[JID_SIZE];

	if (!stanza_is(item, "item", NS_ITEMS) || text == NULL ||
	    jid_parse(text, strlen(text), jid, NULL) == -1)
		return 0;
	event_begins(&c->event, EVENT_INFO, jid, name);
	event_set_number(&c->event, "line", (long long)job->line);
	event_end(&c->event);
	return 1;
}

/*
 * Returns the id of the last item on the page QUERY, of N items, where another
 * page follows; else NULL.
 */
static const char *
next_page(const struct answer *job, const struct stanza *query, long n)
{
	const struct stanza *set = stanza_child(query, "set", NS_RSM);
	const char *last = stanza_child_text(set, "last");
	const char *count = stanza_child_text(set, "count");

	if (n == 0 || last == NULL || *last == '\0')
		return NULL;
	if (job->wait != NULL)
		return strcmp(last, job->wait) == 0 ? NULL : last;
	return count != NULL && strtol(count, NULL, 10) <= n ? NULL : last;
}

static void on_items(
    struct client *c, struct answer *job, const struct stanza *x);

/*
 * Asks for the page of JOB's list behind the item job->wait (XEP-0059), or for
 * the first. A page is larger than most lists are: some services leave out of
 * it what is not public, and an empty page has to mean the end.
 */
static void
ask_items(struct client *c, struct answer *job)
{
	struct writer w;

	request_begin(c, &w, "get", job->subject, on_items, job);
	request_large(c);
	writer_open(&w, "query", NS_ITEMS);
	writer_open(&w, "set", NS_RSM);
	writer_leaf(&w, "max", NULL, "10000");
	if (job->wait != NULL)
		writer_leaf(&w, "after", NULL, job->wait);
	writer_end(&w);
}

/* Tells of the items on the page QUERY, and asks for the next page. */
static void
take_items(struct client *c, struct answer *job, const struct stanza *query)
{
	const char *label = event_relabel(&c->event, job->label), *next;
	const struct stanza *item;
	char *last;
	long n = 0;

	for (item = query == NULL ? NULL : query->child; item != NULL;
	     item = item->next)
		n += item_event(c, job, item);
	event_relabel(&c->event, label);
	next = next_page(job, query, n);
	if (next == NULL) {
		answer_done(c, job,
		    n == 0 && job->wait == NULL ? "nothing is listed" : NULL);
		return;
	}
	last = buf_strdup(next);
	free(job->wait);
	job->wait = last;
	ask_items(c, job);
}

static void
on_items(struct client *c, struct answer *job, const struct stanza *x)
{
	if (answer_result(c, job, x, NULL))
		take_items(c, job, stanza_child(x, "query", NS_ITEMS));
}

void
command_rooms(struct client *c, const char *args)
{
	char jid[JID_SIZE];
	const char *rest;
	struct answer *job;

	rest = args_jid(c, args, jid);
	if (rest == NULL || !args_no_more(c, rest) || !args_online(c))
		return;
	job = answer_wait(c, ANSWER_REQUEST, !c->options.no_wait, ROOM_SECONDS);
	job->subject = buf_strdup(jid);
	ask_items(c, job);
}
