#include "line/typed.h"

#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"

static const struct {
	const char *name;
	size_t least; /* letters that no other command begins with */
	enum typed_kind kind;
} commands[] = {{"/go", 2, TYPED_GO}, {"/clear", 3, TYPED_CLEAR},
    {"/filter", 4, TYPED_FILTER}, {"/ignore_presence", 3, TYPED_PRESENCE},
    {"/connect", 5, TYPED_LEARN}, {"/log", 3, TYPED_LOG},
    {"/help", 3, TYPED_HELP}, {"/fingerprint", 4, TYPED_LEARN},
    {"/revoke", 4, TYPED_LEARN}};

/*
 * What stands behind COMMAND, called by LEAST of its letters or more, and a
 * word in TEXT; NULL: that is no COMMAND.
 */
static const char *
behind(const char *text, const char *command, size_t least)
{
	size_t n = strcspn(text, " ");

	if (n < least || n > strlen(command) || memcmp(text, command, n) != 0 ||
	    text[n] == '\0')
		return NULL;
	text += n + 1;
	text += strcspn(text, " ");
	return *text == ' ' ? text + 1 : NULL;
}

void
typed_note(struct typed *t, unsigned long number, const char *text)
{
	const char *rest;
	size_t n, i;

	while ((rest = behind(text, "/label", 3)) != NULL ||
	       (rest = behind(text, "/with", 3)) != NULL)
		text = rest;
	n = strcspn(text, " ");
	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		if (n >= commands[i].least && n <= strlen(commands[i].name) &&
		    memcmp(text, commands[i].name, n) == 0)
			break;
	if (i == sizeof commands / sizeof *commands)
		return;
	free(t->lines[t->next].rest);
	t->lines[t->next].line = number;
	t->lines[t->next].kind = commands[i].kind;
	t->lines[t->next].rest = buf_strdup(text[n] == ' ' ? text + n + 1 : "");
	t->next = (t->next + 1) % TYPED_LINES;
}

enum typed_kind
typed_take(struct typed *t, unsigned long number, char **rest)
{
	size_t i;

	*rest = NULL;
	for (i = 0; i < TYPED_LINES; i++)
		if (t->lines[i].rest != NULL && t->lines[i].line == number) {
			*rest = t->lines[i].rest;
			t->lines[i].rest = NULL;
			return t->lines[i].kind;
		}
	return TYPED_OTHER;
}

void
typed_clear(struct typed *t)
{
	size_t i;

	for (i = 0; i < TYPED_LINES; i++)
		free(t->lines[i].rest);
}
