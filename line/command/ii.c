#include "line/command/ii.h"

#include <stdlib.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/command/send.h"
#include "line/core/answer.h"
#include "line/core/request.h"
#include "line/disk/users.h"
#include "line/room/room.h"
#include "line/text/address.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* The line that one of ii's means, with or without an argument. */
static const struct {
	char letter;
	int keeps; /* The argument goes on behind it. */
	const char *with, *without;
} letters[] = {{'l', 1, "/leave ", "/leave"}, {'t', 1, "/topic ", "/topic"},
    {'n', 1, "/nick ", "/nick"}, {'a', 1, "/status away ", "/status online"},
    {'q', 0, "/quit", "/quit"}};

/*
 * Does what ii's `/j JID ?TEXT` means for the person JID: TEXT is sent; the
 * answer alone makes the directory. ARGS are those words.
 */
static void
open_person(struct client *c, const char *jid, const char *args)
{
	size_t n = strcspn(args, " ");
	char *text;

	if (args[n + strspn(args + n, " ")] == '\0') {
		answer_ok(c, jid, "a person, and no room");
		return;
	}
	answer_is_message(c, 1);
	text = args_text(c, args + n + 1);
	if (text != NULL)
		message_send(c, jid, text, strlen(text), MESSAGE_TEXT);
	free(text);
}

static void
open_room(struct client *c, const char *jid, const char *args)
{
	(void)jid;
	command_join(c, args);
}

/* Takes what the domain of the JID that J wants to open says of itself. */
static void
on_domain(struct client *c, struct answer *j, const struct stanza *x)
{
	const struct stanza *i =
	    x == NULL ? NULL : stanza_child(x, "query", NS_INFO);
	const char *category;

	if (j == NULL)
		return;
	j->redo = open_person;
	for (i = i == NULL ? NULL : i->child; i != NULL; i = i->next) {
		category = stanza_get(i, "category");
		if (stanza_is(i, "identity", NS_INFO) && category != NULL &&
		    strcmp(category, "conference") == 0)
			j->redo = open_room;
	}
	if (answer_result(c, j, x,
		"its server does not say if that is a room; use /join for a "
		"room, /msg for a person"))
		answer_redo(c, j);
}

/* Asks the domain of JID if that is a room, to open it then. */
static void
ask_domain(struct client *c, const char *jid, const char *args)
{
	char domain[JID_SIZE];
	struct answer *j;
	struct writer w;

	j = answer_wait(c, ANSWER_REQUEST, !c->options.no_wait, ROOM_SECONDS);
	j->subject = buf_strdup(jid);
	j->wait = buf_strdup(args);
	jid_domain(jid, domain);
	request_begin(c, &w, "get", domain, on_domain, j);
	writer_leaf(&w, "query", NS_INFO, NULL);
	writer_end(&w);
}

/*
 * Returns 1 where JID is a room, 0 where it is a person, -1 where only its
 * domain can tell. No room is at the domain of an account.
 */
static int
is_room(const struct client *c, const char *jid)
{
	const struct contact *contact = roster_find(&c->roster, jid);
	char bare[JID_SIZE], ours[JID_SIZE];

	jid_bare(jid, bare);
	if (client_is_room(c, bare) || users_find_room(c, bare) != NULL)
		return 1;
	if (client_is_self(c, bare) || (contact != NULL && contact->in_roster))
		return 0;
	jid_domain(c->self.jid, ours);
	jid_domain(jid, bare);
	return strcmp(bare, ours) == 0 ? 0 : -1;
}

/* Does `/j ARGS`: enters a room, or begins to talk with a person. */
static void
open_talk(struct client *c, const char *args)
{
	const char *active = client_active(c), *why;
	char jid[JID_SIZE];
	int room;

	args += strspn(args, " ");
	if (*args == '\0' && active != NULL)
		memcpy(jid, active, strlen(active) + 1);
	else if (address_read(args, strcspn(args, " "), jid, &why) == -1)
		*jid = '\0';
	/* open_room answers for words that are no JID, and while offline. */
	room = jid_has_local(jid) ? is_room(c, jid) : 1;
	if (room == 0)
		open_person(c, jid, args);
	else if (room == 1 || c->link.state != LINK_ONLINE)
		open_room(c, jid, args);
	else
		ask_domain(c, jid, args);
}

int
ii_line(struct client *c, const char *line, struct buf *out)
{
	const char *args = line[1] == '\0' ? "" : line + 2 + (line[2] == ' ');
	size_t i;

	if (line[1] == '\0' || (line[2] != '\0' && line[2] != ' '))
		return 0;
	if (line[1] == 'j') {
		open_talk(c, args);
		return 1;
	}
	for (i = 0; i < COUNT(letters); i++)
		if (letters[i].letter == line[1])
			break;
	if (i == COUNT(letters))
		return 0;
	buf_adds(out, *args == '\0' ? letters[i].without : letters[i].with);
	if (*args != '\0' && letters[i].keeps)
		buf_adds(out, args);
	return 1;
}
