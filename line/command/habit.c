#include "line/command/habit.h"

#include <string.h>

#include "line/command/command.h"
#include "line/core/answer.h"
#include "line/text/address.h"

/* The line that one of ii's means, with or without an argument. */
static const struct {
	char letter;
	int keeps; /* The argument goes on behind it. */
	const char *with, *without;
} habits[] = {{'j', 1, "/join ", "/join"}, {'l', 1, "/leave ", "/leave"},
    {'t', 1, "/topic ", "/topic"}, {'n', 1, "/nick ", "/nick"},
    {'a', 1, "/status away ", "/status online"}, {'q', 0, "/quit", "/quit"}};

/*
 * `/j JID` of a contact only makes its directory, which the answer about it
 * does. Returns 1 if ARGS are one.
 */
static int
is_contact(struct client *c, const char *args, char jid[JID_SIZE])
{
	const struct contact *contact;
	const char *why;

	if (address_read(args, strcspn(args, " "), jid, &why) == -1)
		return 0;
	contact = roster_find(&c->roster, jid);
	return contact != NULL && contact->in_roster && !client_is_room(c, jid);
}

int
habit_run(struct client *c, const char *line)
{
	const char *args = line[1] == '\0' ? "" : line + 2 + (line[2] == ' ');
	char jid[JID_SIZE];
	struct buf text;
	size_t i;

	if (line[1] == '\0' || (line[2] != '\0' && line[2] != ' '))
		return 0;
	for (i = 0; i < sizeof habits / sizeof *habits; i++)
		if (habits[i].letter == line[1])
			break;
	if (i == sizeof habits / sizeof *habits)
		return 0;
	if (line[1] == 'j' && is_contact(c, args, jid)) {
		answer_ok(c, jid, "a contact, and no room");
		return 1;
	}
	buf_init(&text, strlen(line) + 32);
	buf_adds(&text, *args == '\0' ? habits[i].without : habits[i].with);
	if (*args != '\0' && habits[i].keeps)
		buf_adds(&text, args);
	command_run(c, buf_str(&text), buf_len(&text));
	buf_clear(&text);
	return 1;
}
