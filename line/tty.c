#include "line/tty.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/escape.h"
#include "line/tty_intern.h"
#include "sexp/utf8.h"

/* The N bytes of TEXT as events spell them, which is how the view has them. */
static char *
spelt(const char *text, size_t n, int flags, int ascii)
{
	struct buf b;
	char *copy;

	buf_init(&b, 12 * n + 8);
	escape_write(&b, text, n, flags | (ascii ? ESCAPE_ASCII : 0));
	copy = buf_strdup(buf_str(&b));
	buf_clear(&b);
	return copy;
}

/*
 * Characters are never moved to make room for one: libedit counts wide ones as
 * one column then.
 */
static void
redraw_all(EditLine *el)
{
	static const char *const names[] = {
	    "ic", "im", "ei", "IC", "dc", "DC", "dm"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		el_set(el, EL_SETTC, names[i], "", NULL);
}

/*
 * The terminal stays as it is between two lines: libedit's other mode is made
 * the same as that of its editing.
 */
static void
set_up(struct tty *t)
{
	el_set(t->el, EL_CLIENTDATA, t);
	el_set(t->el, EL_SIGNAL, 0);
	el_set(t->el, EL_EDITOR, "emacs");
	/* No bell but one that a person set in their own .editrc. */
	el_set(t->el, EL_SETTC, "bl", "\033[m", NULL);
	redraw_all(t->el);
	el_set(t->el, EL_SETTY, "-d", "-isig", "-ixon", NULL);
	el_set(
	    t->el, EL_SETTY, "-x", "-isig", "-ixon", "-icanon", "-echo", NULL);
	el_wset(t->el, EL_PROMPT_ESC, tty_prompt, PROMPT_ESCAPE);
	el_wset(t->el, EL_GETCFN, tty_get);
	tty_bind(t);
	if (el_source(t->el, NULL) == 0 && !tty_is_bound(t))
		tty_bind(t);
	el_set(t->el, EL_EDITMODE, 1);
}

/*
 * A line editor. Where nothing is known of the terminal, over ssh mostly, it
 * is taken for one of ANSI, as all are whose names are too new. NULL: its
 * cursor does not move.
 */
static EditLine *
editor(void)
{
	static const char *const names[] = {NULL, "xterm", "vt100", "ansi"};
	FILE *quiet = fopen("/dev/null", "we");
	EditLine *el = NULL;
	char *up = NULL;
	size_t i = 0;

	if (quiet != NULL)
		el = el_init("jackline", stdin, stdout, quiet);
	while (el != NULL && el_set(el, EL_TERMINAL, names[i]) == -1)
		if (++i == sizeof names / sizeof *names)
			break;
	if (el != NULL && (el_get(el, EL_GETTC, "up", &up) == -1 ||
			      up == NULL || *up == '\0')) {
		el_end(el);
		el = NULL;
	}
	if (el != NULL)
		el_set(el, EL_SETFP, 2, stderr);
	if (quiet != NULL)
		fclose(quiet);
	return el;
}

struct tty *
tty_open(
    const char *active, int text_only, int ascii, const struct colours *colours)
{
	const char *term = getenv("TERM");
	struct tty *t;
	char *jid;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || term == NULL ||
	    *term == '\0' || strcmp(term, "dumb") == 0 ||
	    strcmp(term, "unknown") == 0 || tty_mode_keep(1) == -1)
		return NULL;
	setlocale(LC_CTYPE, "");
	t = buf_alloc(sizeof *t);
	t->ascii = ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	t->colours = *colours;
	t->text_only = text_only;
	buf_init(&t->line, TTY_LINE);
	buf_init(&t->out, (size_t)1024 * 1024 * 1024);
	buf_init(&t->tail, 64 * TTY_LINE);
	buf_init(&t->question, 4096);
	jid = active == NULL
		  ? NULL
		  : spelt(active, strlen(active), ESCAPE_VALUE, t->ascii);
	t->view = view_new(jid);
	free(jid);
	t->style.active = view_active(t->view);
	t->style.occupant = view_occupant;
	t->style.data = t->view;
	tty_style(t);
	t->el = editor();
	if (t->el == NULL) {
		tty_close(t);
		return NULL;
	}
	set_up(t);
	return t;
}

int
tty_is_ascii(const struct tty *t)
{
	return t->ascii;
}

/* One history for each contact, whatever its resource. */
HistoryW *
tty_history(struct tty *t)
{
	struct field active = field_bare(view_active(t->view));
	char *jid = buf_memdup(active.p == NULL ? "" : active.p, active.n);
	HistoryW *h = map_find(&t->histories, jid);
	HistEventW ev;

	if (h == NULL) {
		h = history_winit();
		history_w(h, &ev, H_SETSIZE, 500);
		history_w(h, &ev, H_SETUNIQUE, 1);
		if (t->histories.count == 0)
			history_w(h, &ev, H_ENTER, L"/connect");
		map_add(&t->histories, jid, h);
	}
	free(jid);
	return h;
}

void
tty_bring_back(struct tty *t)
{
	const char *draft = view_draft(t->view);
	size_t n = strlen(draft);
	wchar_t *wide = buf_alloc((n + 1) * sizeof *wide);

	t->turned = 0;
	tty_widen(draft, n, wide, n + 1);
	el_winsertstr(t->el, wide);
	buf_wipe(wide, (n + 1) * sizeof *wide);
	free(wide);
	view_draft_set(t->view, "", 0);
}

/* Gives the machine TEXT as one line. */
static void
put_line(struct tty *t, const char *text, size_t n)
{
	int is_spelt = client_escaped(t->client, 1);
	struct buf b;
	char *copy;

	client_escaped(t->client, is_spelt);
	copy = is_spelt ? buf_memdup(text, n) : spelt(text, n, 0, t->ascii);
	buf_reset(&t->question);
	t->secret = 0;
	view_typed(t->view, ++t->lines, copy);
	buf_free_secret(copy);
	buf_init(&b, n + 1);
	buf_add(&b, text, n);
	buf_addc(&b, '\n');
	client_input(t->client, buf_data(&b), buf_len(&b));
	buf_clear(&b);
}

/* Several lines are one message, which the machine takes escaped. */
static void
put_lines(struct tty *t, const char *text, size_t n)
{
	int before_it;
	struct buf b;
	size_t i;

	buf_init(&b, 2 * n + 8);
	before_it = client_escaped(t->client, 1);
	for (i = 0; i < n; i++) {
		if (text[i] == '\n')
			buf_adds(&b, "\\n");
		else if (text[i] == '\\' && !before_it)
			buf_adds(&b, "\\\\");
		else
			buf_addc(&b, text[i]);
	}
	put_line(t, buf_str(&b), buf_len(&b));
	client_escaped(t->client, before_it);
	buf_clear(&b);
}

void
tty_feed(struct tty *t, const char *text, size_t n)
{
	t->page = 0;
	t->at_top = 0;
	if (memchr(text, '\n', n) != NULL)
		put_lines(t, text, n);
	else
		put_line(t, text, n);
	t->due = 1;
}

int
tty_hurries(const struct tty *t)
{
	return t->hurries || t->recall == RECALL_ASKED;
}

void
tty_run(struct tty *t, struct client *c, int (*turn)(void *), void *data)
{
	struct buf line;
	int n;

	t->client = c;
	t->turn = turn;
	t->data = data;
	if (view_forgot(t->view))
		t->recall = RECALL_DUE;
	el_wset(t->el, EL_HIST, history_w, tty_history(t));
	t->over = tty_mode_again() == -1;
	while (!t->over) {
		t->why = TTY_END;
		el_wgets(t->el, &n);
		if (t->why == TTY_END || t->why == TTY_QUIT)
			break;
		if (t->why == TTY_CLEARED)
			continue;
		buf_init(&line, TTY_LINE + 8);
		if (t->why == TTY_GO)
			buf_adds(&line, "/go ");
		buf_add(&line, buf_data(&t->line), buf_len(&t->line));
		buf_clear(&t->line);
		buf_init(&t->line, TTY_LINE);
		if (t->why == TTY_GO)
			t->go = t->lines + 1;
		tty_feed(t, (const char *)buf_data(&line), buf_len(&line));
		buf_clear(&line);
	}
	t->over = 1;
	/* From here on Ctrl-C is the signal again. */
	tty_mode_leave();
	/* Who leaves does not wait for a lost connection, as the end would. */
	if (t->why == TTY_QUIT && !t->text_only)
		put_line(t, "/quit", 5);
	client_input_end(c);
	while (turn(data))
		;
}

void
tty_suspend(struct tty *t, int group)
{
	tty_erase(t);
	buf_reset(&t->tail);
	tty_mode_stop(group);
	if (tty_mode_again() == 0)
		tty_draw(t);
}

int
tty_signal(struct tty *t, int number)
{
	switch (number) {
	case SIGWINCH:
		tty_erase(t);
		break;
	case SIGTSTP:
		tty_suspend(t, 0);
		return 1;
	case SIGHUP:
		/* A shell passes on what its terminal has done. */
		if (t->lost && t->hung_up)
			return 1;
		t->hung_up = 1;
		return 0;
	case SIGCONT:
		/* Who knows what is on the screen, and where. */
		if (t->drawn && write(STDOUT_FILENO, "\r\033[J", 4) == -1)
			return 1;
		t->drawn = 0;
		buf_reset(&t->tail);
		if (t->over)
			return 1;
		if (tty_mode_again() == -1) {
			tty_suspend(t, 0);
			return 1;
		}
		break;
	default:
		return 0;
	}
	tty_draw(t);
	return 1;
}

int
tty_lose(struct tty *t)
{
	int is_news = !t->hung_up;

	t->lost = t->hung_up = t->over = 1;
	return is_news;
}

int
tty_is_lost(const struct tty *t)
{
	return t != NULL && t->lost;
}

void
tty_close(struct tty *t)
{
	void **all;
	size_t i;

	if (t == NULL)
		return;
	tty_mode_leave();
	if (t->el != NULL)
		el_end(t->el);
	all = map_values(&t->histories);
	for (i = 0; all[i] != NULL; i++)
		history_wend(all[i]);
	free(all);
	map_clear(&t->histories);
	view_free(t->view);
	tty_paste_free(t);
	free(t->self);
	buf_clear(&t->line);
	buf_clear(&t->out);
	buf_clear(&t->tail);
	buf_clear(&t->question);
	free(t);
}
