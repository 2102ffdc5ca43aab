#include "line/tty/tty_line.h"

#include <stdlib.h>
#include <string.h>

#include "line/command/command.h"
#include "line/tty/tty_page.h"
#include "line/tty/tty_screen.h"
#include "sexp/map.h"

#define HISTORY_LINES 500 /* of each contact */

struct tty_line {
	struct map histories; /* HistoryW by bare JID */
	unsigned long count;  /* lines that the machine was given */
	unsigned long go;     /* the line of tty_line_go; 0 once answered */
	int is_due;	      /* a line was given, and no turn has followed */
	int is_refused;	      /* the half-typed line was refused */
	/* The refused text is back on the line, and no key was typed since. */
	int is_untouched;
	/* A refused text that a command was typed in place of, until that is
	 * sent; NULL: none. */
	char *held;
	struct buf last; /* the last line, unless it answered a secret */
};

void
tty_line_new(struct tty *t)
{
	t->line = buf_alloc(sizeof *t->line);
	buf_init(&t->line->last, TTY_LINE + 8);
}

void
tty_line_free(struct tty *t)
{
	void **all;
	size_t i;

	if (t->line == NULL)
		return;
	all = map_values(&t->line->histories);
	for (i = 0; all[i] != NULL; i++)
		history_wend(all[i]);
	free(all);
	map_clear(&t->line->histories);
	buf_clear(&t->line->last);
	buf_free_secret(t->line->held);
	free(t->line);
}

/* Gives the machine TEXT, which has no LF, as one line. */
static void
put_line(struct tty *t, const char *text, size_t n)
{
	struct buf b;

	t->line->count++;
	tty_screen_answered(t);
	buf_init(&b, n + 1);
	buf_add(&b, text, n);
	buf_addc(&b, '\n');
	client_input(t->client, buf_data(&b), buf_len(&b));
	buf_clear(&b);
}

/* Makes the text that a command was typed in place of half-typed again. */
static void
release_held(struct tty *t)
{
	char *held = t->line->held;

	if (held == NULL)
		return;
	t->line->held = NULL;
	view_draft_set(t->view, held, strlen(held));
	t->line->is_refused = 1;
	buf_free_secret(held);
}

/* Several lines are one message, which the machine takes escaped. */
static void
put_lines(struct tty *t, const char *text, size_t n)
{
	int was_escaped;
	struct buf b;
	size_t i;

	buf_init(&b, 2 * n + 8);
	was_escaped = client_escaped(t->client, 1);
	for (i = 0; i < n; i++) {
		if (text[i] == '\n')
			buf_adds(&b, "\\n");
		else if (text[i] == '\\' && !was_escaped)
			buf_adds(&b, "\\\\");
		else
			buf_addc(&b, text[i]);
	}
	put_line(t, buf_str(&b), buf_len(&b));
	client_escaped(t->client, was_escaped);
	buf_clear(&b);
}

void
tty_line_send(struct tty *t, const char *text, size_t n)
{
	tty_page_reset(t);
	/* Without a contact it goes to the one that the line may choose. */
	if (view_active(t->view).p != NULL)
		release_held(t);
	buf_clear(&t->line->last);
	buf_init(&t->line->last, TTY_LINE + 8);
	if (tty_screen_asks(t) != TTY_ASKS_SECRET)
		buf_add(&t->line->last, text, n);
	if (memchr(text, '\n', n) != NULL)
		put_lines(t, text, n);
	else
		put_line(t, text, n);
	t->line->is_due = 1;
}

void
tty_line_go(struct tty *t, const char *jid)
{
	struct buf b;

	buf_init(&b, TTY_LINE);
	buf_addf(&b, "/go %s", jid);
	t->line->go = t->line->count + 1;
	tty_line_send(t, buf_str(&b), buf_len(&b));
	buf_clear(&b);
}

void
tty_line_answered(struct tty *t, const struct fields *f)
{
	const char *text = buf_str(&t->line->last);
	struct field line = fields_get(f, "line");
	unsigned long number = line.p == NULL ? 0 : strtoul(line.p, NULL, 10);

	if (number == t->line->go)
		t->line->go = 0;
	release_held(t);
	if (f->tag == EVENT_ERROR && number == t->line->count &&
	    *text != '\0' && command_is_message(t->client, text)) {
		view_draft_set(t->view, text, buf_len(&t->line->last));
		t->line->is_refused = 1;
	}
}

int
tty_line_is_due(struct tty *t)
{
	int is_due = t->line->is_due;

	t->line->is_due = 0;
	return is_due;
}

/* Returns the history of the active contact, whatever its resource. */
static HistoryW *
find_history(struct tty *t)
{
	struct field active = field_bare(view_active(t->view));
	char *jid = buf_memdup(active.p == NULL ? "" : active.p, active.n);
	HistoryW *h = map_find(&t->line->histories, jid);
	HistEventW ev;

	if (h == NULL) {
		h = history_winit();
		history_w(h, &ev, H_SETSIZE, HISTORY_LINES);
		history_w(h, &ev, H_SETUNIQUE, 1);
		if (t->line->histories.count == 0)
			history_w(h, &ev, H_ENTER, L"/connect");
		map_add(&t->line->histories, jid, h);
	}
	free(jid);
	return h;
}

void
tty_line_turn(struct tty *t)
{
	el_wset(t->el, EL_HIST, history_w, find_history(t));
}

void
tty_line_remember(struct tty *t)
{
	const LineInfoW *info = el_wline(t->el);
	size_t n = (size_t)(info->lastchar - info->buffer);
	wchar_t *copy = buf_alloc((n + 1) * sizeof *copy);
	HistEventW ev;

	wmemcpy(copy, info->buffer, n);
	history_w(find_history(t), &ev, H_ENTER, copy);
	free(copy);
}

void
tty_line_typed(const struct tty *t, int whole, struct buf *out)
{
	const LineInfoW *info = el_wline(t->el);
	const wchar_t *end = whole ? info->lastchar : info->cursor;

	tty_narrow(info->buffer, (size_t)(end - info->buffer), out);
}

void
tty_line_insert(struct tty *t, const char *text, size_t n)
{
	wchar_t *wide = buf_alloc((n + 1) * sizeof *wide);

	tty_widen(text, n, wide, n + 1);
	el_winsertstr(t->el, wide);
	buf_wipe(wide, (n + 1) * sizeof *wide);
	free(wide);
}

void
tty_line_put_aside(struct tty *t)
{
	struct buf b;

	buf_init(&b, TTY_LINE);
	tty_line_typed(t, 1, &b);
	view_draft_set(t->view, (const char *)buf_data(&b), buf_len(&b));
	buf_clear(&b);
}

void
tty_line_bring_back(struct tty *t)
{
	const char *draft = view_draft(t->view);
	const LineInfoW *info = el_wline(t->el);

	/* A line that the user has begun meanwhile is left alone. */
	if (t->line->go != 0 || *draft == '\0' ||
	    info->lastchar != info->buffer)
		return;
	tty_line_insert(t, draft, strlen(draft));
	view_draft_set(t->view, "", 0);
	t->line->is_untouched = t->line->is_refused;
	t->line->is_refused = 0;
}

void
tty_line_key(struct tty *t, wchar_t key)
{
	const LineInfoW *info = el_wline(t->el);
	size_t n = (size_t)(info->lastchar - info->buffer);
	struct buf b;

	if (t->line->is_untouched && key == L'/' && n > 0 && !t->text_only &&
	    info->cursor == info->lastchar &&
	    tty_screen_asks(t) == TTY_ASKS_NOTHING) {
		buf_init(&b, TTY_LINE);
		tty_line_typed(t, 1, &b);
		buf_free_secret(t->line->held);
		t->line->held = buf_memdup(buf_data(&b), buf_len(&b));
		buf_clear(&b);
		el_deletestr(t->el, (int)n);
	}
	t->line->is_untouched = 0;
}

void
tty_line_drop(struct tty *t)
{
	buf_free_secret(t->line->held);
	t->line->held = NULL;
}
