#include "line/session/held.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/answer.h"
#include "line/core/link.h"
#include "line/session/reconnect.h"
#include "line/text/address.h"

/* Returns 1 if LINE of N bytes ends the session, behind any prefixes. */
static int
ends_session(const char *line, size_t n)
{
	static const char quit[] = "/quit", disconnect[] = "/disconnect";

	free(address_label(&line, &n));
	return (n == sizeof quit - 1 && memcmp(line, quit, n) == 0) ||
	       (n == sizeof disconnect - 1 && memcmp(line, disconnect, n) == 0);
}

/* Answers the lines under way that hold those behind them by an error. */
static void
fail_holders(struct client *c)
{
	struct answer *a, *next;

	/* The answer to the question is one of the lines that fail. */
	if (c->source->ask != NULL)
		answer_failed(c, c->source->ask, "connection-lost", NULL);
	for (a = c->lines.answers; a != NULL; a = next) {
		next = a->next;
		if (a->holds && a->source == c->source &&
		    a->kind != ANSWER_HISTORY && a->store == NULL)
			answer_failed(c, a, "connection-lost", NULL);
	}
}

/* Returns 1 if lines of the current source are text, whatever they hold (-t).
 */
static int
is_text(const struct client *c)
{
	return c->options.text_to != NULL && c->source->name == NULL;
}

void
held_lines(struct client *c)
{
	const char *line;
	size_t n;

	if (!link_is_sought(c) || client_is_typed(c) || is_text(c) ||
	    reconnect_dooms(c, c->source->input.line))
		return;
	while (input_ahead(&c->source->input, &line, &n)) {
		if (!ends_session(line, n))
			continue;
		reconnect_doom(
		    c, c->source->input.line + c->source->input.ahead_lines);
		fail_holders(c);
		return;
	}
}

int
held_dooms(struct client *c, const char *line, size_t n)
{
	if (!reconnect_dooms(c, c->lines.line))
		return 0;
	if (!is_text(c))
		answer_label(c, address_label(&line, &n));
	answer_error(c, NULL, "connection-lost", NULL);
	answer_label(c, NULL);
	return 1;
}
