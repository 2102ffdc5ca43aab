/*
 * /help. Owns nothing.
 */
#include <stdio.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/command/table.h"
#include "line/command/window.h"
#include "line/core/answer.h"

static const struct {
	const char *group, *command, *example; /* or NULL */
} topics[] = {
#define HELP(group, command, example)	  {#group, #command, example},
#define HELP_AS(group, spelling, example) {#group, spelling, example},
#include "line/command/help.def"
#undef HELP
#undef HELP_AS
};

static const char *const groups[] = {
    "start", "people", "encryption", "rooms", "files", "screen", "scripts"};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void
tell_help(struct client *c, const char *text)
{
	event_begins(&c->event, EVENT_HELP, NULL, text);
	event_end(&c->event);
}

/* Tells what the command ROW does. */
static void
tell_command(struct client *c, const struct command_row *row)
{
	struct buf text;

	buf_init(&text, 1024);
	command_form(row, &text);
	buf_addf(&text, " - %s", row->help);
	tell_help(c, buf_str(&text));
	buf_clear(&text);
}

static void
tell_example(struct client *c, const struct command_row *row)
{
	char text[200];
	size_t i;

	for (i = 0; i < COUNT(topics); i++) {
		if (strcmp(topics[i].command, row->name) != 0 ||
		    topics[i].example == NULL)
			continue;
		snprintf(
		    text, sizeof text, "for example: %s", topics[i].example);
		tell_help(c, text);
	}
}

/* Tells the names of all commands, by groups: few rows, for a screen. */
static void
tell_groups(struct client *c)
{
	struct buf text;
	size_t i, k;

	for (i = 0; i < COUNT(groups); i++) {
		buf_init(&text, 1024);
		buf_addf(&text, "%s:", groups[i]);
		for (k = 0; k < COUNT(topics); k++)
			if (strcmp(topics[k].group, groups[i]) == 0)
				buf_addf(&text, " /%s", topics[k].command);
		tell_help(c, buf_str(&text));
		buf_clear(&text);
	}
	tell_help(
	    c, "keys: Tab completes, Return sends, PgUp and PgDn go to others");
	tell_help(c,
	    "/help people explains that group, /help /add one command with "
	    "an example, /help keys the keys");
}

/* Tells of the commands of the group NAME; returns 0 if there is none. */
static int
tell_group(struct client *c, const char *name)
{
	const struct command_row *row;
	int found = 0;
	size_t i;

	for (i = 0; i < COUNT(topics); i++) {
		if (strcmp(topics[i].group, name) != 0)
			continue;
		row = command_find(
		    c, topics[i].command, strlen(topics[i].command));
		if (row != NULL)
			tell_command(c, row);
		found = 1;
	}
	return found;
}

static void
tell_all(struct client *c)
{
	const struct command_row *row;
	size_t i;

	if (c->options.terminal) {
		tell_groups(c);
		return;
	}
	for (i = 0; (row = command_row(i)) != NULL; i++)
		tell_command(c, row);
}

void
command_help(struct client *c, const char *args)
{
	const struct command_row *row;
	int is_command = *args == '/';

	if (strcmp(args, "keys") == 0) {
		window_helps(c);
		answer_ok(c, NULL,
		    c->options.terminal ? NULL
					: "there are keys only at a terminal");
		return;
	}
	args += is_command;
	if (*args == '\0') {
		tell_all(c);
	} else if (is_command || !tell_group(c, args)) {
		row = command_find(c, args, strcspn(args, " "));
		if (row == NULL) {
			command_unknown(c, args, strcspn(args, " "));
			return;
		}
		tell_command(c, row);
		tell_example(c, row);
	} else {
		row = command_find(c, args, strlen(args));
		if (row != NULL && strcmp(row->name, args) == 0)
			tell_example(c, row);
	}
	answer_ok(c, NULL, NULL);
}
