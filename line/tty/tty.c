#include "line/tty/tty.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/tty/tty_editor.h"
#include "line/tty/tty_event.h"
#include "line/tty/tty_input.h"
#include "line/tty/tty_key.h"
#include "line/tty/tty_line.h"
#include "line/tty/tty_mode.h"
#include "line/tty/tty_page.h"
#include "line/tty/tty_screen.h"

/*
 * Sets libedit up. Its two modes of the terminal, for editing and for what is
 * between two lines, are made the same, so that nothing is echoed meanwhile.
 */
static void
set_up_editor(struct tty *t)
{
	el_set(t->el, EL_CLIENTDATA, t);
	el_set(t->el, EL_SIGNAL, 0);
	el_set(t->el, EL_EDITOR, "emacs");
	el_set(t->el, EL_SETTY, "-d", "-isig", "-ixon", NULL);
	el_set(
	    t->el, EL_SETTY, "-x", "-isig", "-ixon", "-icanon", "-echo", NULL);
	el_wset(t->el, EL_GETCFN, tty_input_get);
	tty_key_bind(t);
	if (el_source(t->el, NULL) == 0 && !tty_key_is_bound(t))
		tty_key_bind(t);
	el_set(t->el, EL_EDITMODE, 1);
}

struct tty *
tty_open(int text_only, int ascii, int64_t left, const struct colours *colours)
{
	struct tty *t;

	if (!tty_editor_is_possible() || tty_mode_keep(1) == -1)
		return NULL;
	setlocale(LC_CTYPE, "");
	t = buf_alloc(sizeof *t);
	t->is_ascii = ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	t->text_only = text_only;
	t->view = view_new(t->is_ascii);
	view_left(t->view, left);
	tty_screen_new(t, colours);
	tty_page_new(t);
	tty_line_new(t);
	tty_input_new(t);
	tty_event_new(t);
	t->nowhere = fopen("/dev/null", "we");
	t->el = tty_editor_new(t->nowhere);
	if (t->el == NULL) {
		tty_close(t);
		return NULL;
	}
	el_set(t->el, EL_SETFP, 1, t->nowhere);
	set_up_editor(t);
	return t;
}

int
tty_is_ascii(const struct tty *t)
{
	return t->is_ascii;
}

int64_t
tty_deadline(const struct tty *t, int64_t at)
{
	int64_t input;

	if (t == NULL)
		return at;
	if (tty_input_hurries(t) || tty_event_is_waiting(t))
		return 0;
	input = tty_input_deadline(t);
	return input >= 0 && (at < 0 || input < at) ? input : at;
}

void
tty_run(struct tty *t, struct client *c, int (*turn)(void *), void *data)
{
	int n;

	t->client = c;
	t->turn = turn;
	t->data = data;
	view_begin(t->view, c);
	tty_event_begin(t);
	if (tty_mode_again() == -1)
		tty_input_end(t);
	while (!t->is_over) {
		el_wgets(t->el, &n);
		if (!tty_key_left(t))
			tty_input_end(t);
	}
	/* From here on Ctrl-C is the signal again. */
	tty_mode_leave();
	client_input_end(c);
	while (turn(data))
		;
}

int
tty_signal(struct tty *t, int number)
{
	switch (number) {
	case SIGWINCH:
		tty_screen_erase(t);
		break;
	case SIGTSTP:
		tty_screen_suspend(t, 0);
		return 1;
	case SIGHUP:
		/* A shell passes on the one that its terminal has sent, which
		 * is no second signal of somebody who is impatient. */
		if (t->is_hung_up)
			return 1;
		t->is_hung_up = 1;
		return 0;
	case SIGCONT:
		tty_screen_doubt(t);
		if (t->is_over)
			return 1;
		if (tty_mode_again() == -1) {
			tty_screen_suspend(t, 0);
			return 1;
		}
		break;
	default:
		return 0;
	}
	tty_screen_draw(t);
	return 1;
}

int
tty_lose(struct tty *t)
{
	int is_news = !t->is_hung_up;

	t->is_lost = t->is_hung_up = 1;
	tty_input_end(t);
	return is_news;
}

int
tty_is_lost(const struct tty *t)
{
	return t != NULL && t->is_lost;
}

void
tty_close(struct tty *t)
{
	if (t == NULL)
		return;
	tty_mode_leave();
	tty_editor_free(t->el, t->nowhere);
	if (t->nowhere != NULL)
		fclose(t->nowhere);
	tty_event_free(t);
	tty_input_free(t);
	tty_line_free(t);
	tty_page_free(t);
	tty_screen_free(t);
	view_free(t->view);
	free(t);
}
