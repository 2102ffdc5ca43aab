#include <string.h>

#include "line/tty_intern.h"

/* Adds line I of the active contact's to OUT; returns in how many rows. */
static int
render(struct tty *t, size_t i, struct buf *out)
{
	enum render_as as;
	const char *line;
	struct fields f;
	int delivered;

	line = view_line(t->view, i, &delivered);
	if (fields_read(&f, line, strlen(line)) == -1)
		return 0;
	as = delivered		       ? RENDER_DELIVERED
	     : view_calls(t->view, &f) ? RENDER_CALLED
				       : RENDER_PLAIN;
	return render_event(&t->style, &f, as, out);
}

void
tty_backlog(struct tty *t, size_t count, size_t skip)
{
	size_t total = view_lines(t->view), i, end;

	end = total > skip ? total - skip : 0;
	for (i = end > count ? end - count : 0; i < end; i++)
		render(t, i, &t->out);
	buf_reset(&t->tail);
}

/*
 * How many lines fit into a page, one at least where there is one: those that
 * end with SKIP behind them, or, FORTH, that begin there.
 */
static size_t
fitting(struct tty *t, size_t skip, int forth)
{
	size_t total = view_lines(t->view), at, count = 0;
	int dates = t->style.dates, room = t->rows > 6 ? t->rows - 4 : 2;
	int64_t day = t->style.day;
	struct buf scratch;

	t->style.dates = 0;
	buf_init(&scratch, (size_t)1 << 20);
	at = total > skip ? total - skip : 0;
	for (; forth ? at < total : at > 0; at = forth ? at + 1 : at - 1) {
		room -= render(t, forth ? at : at - 1, &scratch);
		buf_reset(&scratch);
		if (room < 0 && count > 0)
			break;
		count++;
	}
	buf_clear(&scratch);
	t->style.dates = dates;
	t->style.day = day;
	return count;
}

/* Where a page further back ends: what one has before one's eyes is not shown
 * again. */
static size_t
behind(struct tty *t)
{
	size_t last;

	if (t->page > 0)
		return t->page + t->paged;
	last = fitting(t, 0, 0);
	return t->seen < last ? t->seen : last;
}

int
tty_page(struct tty *t, int back)
{
	size_t total = view_lines(t->view), skip, ahead;

	if (!back && t->page == 0)
		return 0;
	if (back && (skip = behind(t)) >= total) {
		if (t->at_top)
			return 0; /* it was said */
		t->at_top = 1;
		tty_words(t, HISTORY_INFO,
		    "nothing earlier is here; /history N shows what is "
		    "stored");
		return 1;
	}
	if (!back) {
		ahead = fitting(t, t->page, 1);
		skip = t->page > ahead ? t->page - ahead : 0;
	}
	t->at_top = 0;
	t->page = skip;
	t->paged = back || skip == 0 ? fitting(t, skip, 0) : ahead;
	tty_words(t, HISTORY_INFO, skip == 0 ? "the last lines" : "earlier");
	tty_backlog(t, t->paged, skip);
	if (skip == 0)
		t->seen = t->paged;
	return 1;
}
