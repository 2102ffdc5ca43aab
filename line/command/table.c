#include "line/command/table.h"

#include <string.h>

#include "line/command/habit.h"
#include "line/core/answer.h"

static const struct command_row commands[] = {
#define COMMAND(name, arguments, help) {#name, arguments, help, 0},
#define MESSAGE(name, arguments, help) {#name, arguments, help, 1},
#define MESSAGE_AS(spelling, name, arguments, help)                            \
	{spelling, arguments, help, 1},
#include "line/command/command.def"
#undef COMMAND
};

#define COMMANDS (sizeof commands / sizeof *commands)

void
command_form(const struct command_row *row, struct buf *out)
{
	const char *p = row->arguments;
	int is_open = 0;

	buf_addf(out, "/%s%s", row->name, *p == '\0' ? "" : " ");
	for (; *p != '\0'; p++) {
		if (is_open && (*p == ' ' || *p == '?')) {
			buf_addc(out, ']');
			is_open = 0;
		}
		if (*p == '?')
			is_open = 1;
		buf_addc(out, *p == '?' ? '[' : *p);
	}
	if (is_open)
		buf_addc(out, ']');
}

void
command_table(struct buf *out)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		buf_addf(out, "command\t/%s\t%s\t%s\n", commands[i].name,
		    *commands[i].arguments == '\0' ? "-"
						   : commands[i].arguments,
		    commands[i].help);
}

const struct command_row *
command_row(size_t i)
{
	return i < COMMANDS ? &commands[i] : NULL;
}

const struct command_row *
command_find(const struct client *c, const char *name, size_t n)
{
	const struct command_row *found = NULL;
	size_t i, matches = 0;

	for (i = 0; i < COMMANDS; i++) {
		if (strncmp(commands[i].name, name, n) != 0)
			continue;
		found = &commands[i];
		if (found->name[n] == '\0')
			return found;
		matches++;
	}
	/* A word that other clients know is no abbreviation of ours. */
	return client_is_typed(c) && n > 0 && matches == 1 &&
		       habit_hint(name, n) == NULL
		   ? found
		   : NULL;
}

void
command_unknown(struct client *c, const char *name, size_t n)
{
	const char *instead = habit_hint(name, n);
	struct buf why, several;
	size_t i, matches = 0;

	buf_init(&why, 1024);
	buf_init(&several, 1024);
	for (i = 0; i < COMMANDS; i++)
		if (strncmp(commands[i].name, name, n) == 0) {
			buf_addf(&several, " /%s", commands[i].name);
			matches++;
		}
	if (c->options.terminal && n > 0 && matches > 1)
		buf_addf(
		    &why, "several commands begin so:%s", buf_str(&several));
	else
		buf_addf(&why, "there is no such command: /%.*s; %s",
		    (int)(n < 64 ? n : 64), name,
		    instead != NULL ? instead : "see /help");
	answer_error(c, NULL, "unknown-command", buf_str(&why));
	buf_clear(&several);
	buf_clear(&why);
}
