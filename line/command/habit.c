#include "line/command/habit.h"

#include <string.h>

#include "line/core/answer.h"
#include "line/text/address.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
	const char *word, *ours, *hint;
} habits[] = {
#define HABIT(word, ours, hint) {word, ours, hint},
#include "line/command/habit.def"
#undef HABIT
};

/* The line that one of ii's means, with or without an argument. */
static const struct {
	char letter;
	int keeps; /* The argument goes on behind it. */
	const char *with, *without;
} letters[] = {{'j', 1, "/join ", "/join"}, {'l', 1, "/leave ", "/leave"},
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
habit_ii(struct client *c, const char *line, struct buf *out)
{
	const char *args = line[1] == '\0' ? "" : line + 2 + (line[2] == ' ');
	char jid[JID_SIZE];
	size_t i;

	if (line[1] == '\0' || (line[2] != '\0' && line[2] != ' '))
		return 0;
	for (i = 0; i < COUNT(letters); i++)
		if (letters[i].letter == line[1])
			break;
	if (i == COUNT(letters))
		return 0;
	if (line[1] == 'j' && is_contact(c, args, jid)) {
		answer_ok(c, jid, "a contact, and no room");
		return 1;
	}
	buf_adds(out, *args == '\0' ? letters[i].without : letters[i].with);
	if (*args != '\0' && letters[i].keeps)
		buf_adds(out, args);
	return 1;
}

/* Returns the index in the table of habits of WORD, COUNT(habits): none. */
static size_t
find_habit(const char *word, size_t n)
{
	size_t i;

	for (i = 0; i < COUNT(habits); i++)
		if (strlen(habits[i].word) == n &&
		    memcmp(habits[i].word, word, n) == 0)
			break;
	return i;
}

int
habit_line(const char *word, size_t n, const char *args, struct buf *out)
{
	size_t i = find_habit(word, n);
	const char *ours = i < COUNT(habits) ? habits[i].ours : NULL;
	const char *at = ours == NULL ? NULL : strstr(ours, "%s");

	if (ours == NULL)
		return 0;
	/* `/whois` of nobody means the active contact. */
	if (at != NULL && *args == '\0' && at[2] == ' ') {
		buf_adds(out, at + 3);
	} else if (at == NULL) {
		buf_adds(out, ours);
	} else {
		buf_add(out, ours, (size_t)(at - ours));
		buf_adds(out, args);
		buf_adds(out, at + 2);
	}
	while (buf_len(out) > 0 && buf_str(out)[buf_len(out) - 1] == ' ')
		buf_cut(out, buf_len(out) - 1);
	return 1;
}

const char *
habit_hint(const char *word, size_t n)
{
	size_t i = find_habit(word, n);

	return i < COUNT(habits) ? habits[i].hint : NULL;
}
