#include "line/room/members.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/request.h"
#include "line/disk/histories.h"
#include "line/room/own_texts.h"
#include "line/talk/chat.h"
#include "line/talk/encrypt.h"
#include "line/talk/fate.h"
#include "line/talk/omemo_line.h"
#include "xmpp/caps.h"

#define NS_ADMIN  "http://jabber.org/protocol/muc#admin"

#define NAMES_MAX ((size_t)256 * 1024) /* bytes of the members of a room */

/* The lists that are asked for, one after another. */
static const char *const lists[] = {"owner", "admin", "member"};

#define LISTS ((int)(sizeof lists / sizeof *lists))

/* Returns 1 if QUERY, of disco#info, has the feature NAME. */
static int
has_feature(const struct stanza *query, const char *name)
{
	const struct stanza *f;
	const char *var;

	for (f = query == NULL ? NULL : query->child; f != NULL; f = f->next) {
		var = stanza_get(f, "var");
		if (stanza_is(f, "feature", NS_INFO) && var != NULL &&
		    strcmp(var, name) == 0)
			return 1;
	}
	return 0;
}

/* Adds the JIDs of QUERY, but ours, to the names of J, each before a blank. */
static void
add_names(struct client *c, struct answer *j, const struct stanza *query)
{
	const struct stanza *i;
	char jid[JID_SIZE];
	const char *value;
	struct buf names;

	buf_init(&names, NAMES_MAX);
	buf_adds(&names, j->names == NULL ? "" : j->names);
	for (i = query == NULL ? NULL : query->child; i != NULL; i = i->next) {
		value = stanza_get(i, "jid");
		if (!stanza_is(i, "item", NS_ADMIN) || value == NULL ||
		    jid_parse(value, strlen(value), jid, NULL) == -1 ||
		    jid_resource(jid) != NULL || client_is_self(c, jid))
			continue;
		buf_addf(&names, "%s ", jid);
	}
	free(j->names);
	j->names = buf_strdup(buf_str(&names));
	buf_clear(&names);
}

/* Sends the message of the line that is answered, which is encrypted now. */
static void
send_encrypted(struct client *c, const char *jid, const char *text)
{
	struct room *m = room_find(c, jid);
	const char *trust;
	struct message_out out = {.omemo = omemo_line_out(c, &trust),
	    .encrypted = 1,
	    .replaces = omemo_line_replaces(c)};
	size_t n = strlen(text);
	char id[NONCE_ID + 1];

	if (m == NULL || m->state != ROOM_IN) {
		answer_error(c, jid, "not-acceptable", NULL);
		return;
	}
	nonce_id(c->nonce, id);
	if (message_put(c, m->room.jid, "groupchat", id, &out) == -1) {
		answer_error(c, jid, "too-long", NULL);
		return;
	}
	fate_add_room(c, m->room.jid, m->room.nick, id, text, n);
	own_texts_keep(c->own_texts, m->room.jid, id, text, trust);
	chat_sent(c, m->room.jid, id, out.replaces);
	histories_out(c, m->room.jid, id, text, n, "omemo");
	event_begin(&c->event, EVENT_SENT, m->room.jid, text, n);
	event_set_number(&c->event, "line", (long long)c->lines.line);
	event_set(&c->event, "id", id);
	event_set(&c->event, "enc", "omemo");
	event_set(&c->event, "trust", trust);
	event_set(&c->event, "replaces", out.replaces);
	event_end(&c->event);
	answer_sent(c, id);
}

/*
 * Does the line of PACKED, once all are known: the id of the message that it
 * corrects, or nothing; the names; the text; a newline between them.
 */
static void
send_packed(struct client *c, const char *jid, const char *packed)
{
	size_t front = strcspn(packed, "\n");
	size_t n = strcspn(packed + front + 1, "\n");
	char *replaces = buf_memdup(packed, front);
	char *names = buf_memdup(packed + front + 1, n);

	omemo_line_send_group(c, jid, names, packed + front + n + 2,
	    front == 0 ? NULL : replaces, send_encrypted);
	free(names);
	free(replaces);
}

/* Hands the line J to OMEMO, with the names that were found. */
static void
hand_over(struct client *c, struct answer *j)
{
	struct buf packed;

	buf_init(&packed, NAMES_MAX + 3 * INPUT_LINE_MAX);
	buf_adds(&packed, j->place == NULL ? "" : j->place);
	buf_addc(&packed, '\n');
	buf_adds(&packed, j->names);
	buf_addc(&packed, '\n');
	buf_adds(&packed, j->wait);
	free(j->wait);
	j->wait = buf_strdup(buf_str(&packed));
	buf_clear(&packed);
	j->redo = send_packed;
	answer_redo(c, j);
}

static void ask_list(struct client *c, struct answer *j);

static void
on_list(struct client *c, struct answer *j, const struct stanza *x)
{
	if (!answer_result(
		c, j, x, "the room does not say who its members are"))
		return;
	add_names(c, j, stanza_child(x, "query", NS_ADMIN));
	if (++j->verified < LISTS)
		ask_list(c, j);
	else
		hand_over(c, j);
}

/* Asks for the list whose number is in j->verified (XEP-0045 9.5). */
static void
ask_list(struct client *c, struct answer *j)
{
	struct writer w;

	request_begin(c, &w, "get", j->subject, on_list, j);
	writer_open(&w, "query", NS_ADMIN);
	writer_open(&w, "item", NULL);
	writer_attr(&w, "affiliation", lists[j->verified]);
	writer_end(&w);
}

static void
on_features(struct client *c, struct answer *j, const struct stanza *x)
{
	const struct stanza *query;
	char words[MESSAGE_WORDS];

	if (!answer_result(c, j, x, NULL))
		return;
	query = stanza_child(x, "query", NS_INFO);
	if (!has_feature(query, "muc_membersonly") ||
	    !has_feature(query, "muc_nonanonymous")) {
		encrypt_words(j->subject,
		    "not sent: OMEMO needs a room that only members enter and "
		    "that shows who they are; /encryption none allows clear "
		    "text",
		    words);
		answer_failed(c, j, "policy", words);
	} else
		ask_list(c, j);
}

void
members_send(struct client *c, const char *jid, const char *line)
{
	size_t front = strcspn(line, "\n");
	struct answer *j =
	    answer_wait(c, ANSWER_REQUEST, !c->options.no_wait, ROOM_SECONDS);
	struct writer w;

	j->subject = buf_strdup(room_find(c, jid)->room.jid);
	j->place = front == 0 ? NULL : buf_memdup(line, front);
	j->wait = buf_strdup(line + front + 1);
	request_begin(c, &w, "get", j->subject, on_features, j);
	writer_leaf(&w, "query", NS_INFO, NULL);
	writer_end(&w);
}
