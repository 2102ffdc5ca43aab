/*
 * The commands about what is shown. What they do is done where it is shown,
 * when they are answered `ok` (view.h); in a pipe there is nothing to hide.
 */
#include <string.h>

#include "line/command.h"
#include "line/job.h"

static void
answer(struct client *c, const char *at_terminal, const char *elsewhere)
{
	job_ok(c, NULL, c->options.terminal ? at_terminal : elsewhere);
}

void
command_filter(struct client *c, const char *args)
{
	answer(c,
	    *args == '\0' ? "all messages are shown"
			  : "only messages with that text are shown",
	    "only a terminal hides anything");
}

void
command_ignore_presence(struct client *c, const char *args)
{
	(void)args;
	answer(c, NULL, "only a terminal hides anything");
}

/* `/COMMAND N`, which does nothing with N. */
static void
no_window(struct client *c, const char *command, const char *n)
{
	if (*n == '\0' || n[strspn(n, "0123456789")] != '\0')
		command_usage(c, command);
	else
		job_ok(c, NULL, "there are no windows");
}

void
command_logheight(struct client *c, const char *args)
{
	no_window(c, "logheight", args);
}

void
command_buddywidth(struct client *c, const char *args)
{
	no_window(c, "buddywidth", args);
}
