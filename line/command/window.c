/*
 * The commands about what a terminal shows: /filter, /ignore_presence, /clear,
 * and what was for the windows of the original.
 */
#include "line/command/window.h"

#include <stdlib.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/core/answer.h"
#include "line/core/notice.h"
#include "line/talk/chat.h"
#include "line/text/escape.h"

static struct window *
window_need(struct client *c)
{
	if (c->window == NULL)
		c->window = buf_alloc(sizeof *c->window);
	return c->window;
}

const struct window *
window_wishes(struct client *c)
{
	return window_need(c);
}

void
window_helps(struct client *c)
{
	window_need(c)->helps++;
}

void
window_turn(struct client *c)
{
	struct window *w = window_need(c);

	free(w->filter);
	w->filter = NULL;
	w->hides_presence = 0;
}

void
window_free(struct client *c)
{
	if (c->window != NULL)
		free(c->window->filter);
	free(c->window);
}

void
command_filter(struct client *c, const char *args)
{
	struct window *w = window_need(c);
	char *text = args_text(c, args);
	struct buf b;

	if (text == NULL)
		return;
	free(w->filter);
	w->filter = NULL;
	if (*text != '\0') {
		buf_init(&b, 12 * strlen(text) + 8);
		escape_write(&b, text, strlen(text), c->event.ascii);
		w->filter = buf_strdup(buf_str(&b));
		buf_clear(&b);
	}
	free(text);
	answer_ok(c, NULL,
	    !c->options.terminal ? "only a terminal hides anything"
	    : w->filter == NULL	 ? "all messages are shown"
				 : "only messages with that text are shown");
}

void
command_ignore_presence(struct client *c, const char *args)
{
	struct window *w = window_need(c);

	(void)args;
	w->hides_presence = !w->hides_presence;
	answer_ok(c, NULL,
	    !c->options.terminal ? "only a terminal hides anything"
	    : w->hides_presence	 ? "presence is not shown"
				 : "presence is shown");
}

void
command_clear(struct client *c, const char *args)
{
	const char *jid = client_active(c);

	(void)args;
	if (jid != NULL)
		chat_read(c, jid);
	notice_seen(c, jid);
	window_need(c)->clears++;
	answer_ok(c, jid, "what is stored stays");
}

/* `/COMMAND N`, which does nothing with N. */
static void
no_window(struct client *c, const char *n)
{
	if (*n == '\0' || n[strspn(n, "0123456789")] != '\0')
		args_usage(c);
	else
		answer_ok(c, NULL, "there are no windows");
}

void
command_logheight(struct client *c, const char *args)
{
	no_window(c, args);
}

void
command_buddywidth(struct client *c, const char *args)
{
	no_window(c, args);
}
