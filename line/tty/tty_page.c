#include "line/tty/tty_page.h"

#include <stdlib.h>
#include <string.h>

#include "line/tty/tty_screen.h"

struct tty_page {
	size_t seen;  /* lines on the screen since one turned to the contact */
	size_t below; /* lines below the page that is shown; 0: none is */
	size_t count; /* lines of that page */
	int at_top;   /* it was said that nothing is above */
};

void
tty_page_new(struct tty *t)
{
	t->page = buf_alloc(sizeof *t->page);
}

void
tty_page_free(struct tty *t)
{
	free(t->page);
}

/*
 * Appends line I of the active contact to OUT, in STYLE; returns how many rows
 * it has.
 */
static int
add_line(struct tty *t, size_t i, struct render_style *style, struct buf *out)
{
	const struct scrollback_line *line = view_line(t->view, i);
	struct fields f;

	if (fields_read(&f, line->text, strlen(line->text)) == -1)
		return 0;
	return render_event(style, &f, line->look, out);
}

/* Appends COUNT lines to the rows, with BELOW more behind them. */
static void
add_lines(struct tty *t, size_t count, size_t below)
{
	size_t total = view_lines(t->view), i, end;
	struct buf *rows = tty_screen_rows(t);

	end = total > below ? total - below : 0;
	for (i = end > count ? end - count : 0; i < end; i++)
		add_line(t, i, tty_screen_style(t), rows);
}

/*
 * Returns how many lines fit into a page, at least one if there is one: those
 * above the last BELOW lines, or with FORTH the first of these.
 */
static size_t
count_fitting(struct tty *t, size_t below, int forth)
{
	size_t total = view_lines(t->view), at, count = 0;
	struct render_style style = *tty_screen_style(t);
	int height = tty_screen_height(t), room = height > 6 ? height - 4 : 2;
	struct buf scratch;

	style.dates = 0;
	buf_init(&scratch, (size_t)1 << 20);
	at = total > below ? total - below : 0;
	for (; forth ? at < total : at > 0; at = forth ? at + 1 : at - 1) {
		room -= add_line(t, forth ? at : at - 1, &style, &scratch);
		buf_reset(&scratch);
		if (room < 0 && count > 0)
			break;
		count++;
	}
	buf_clear(&scratch);
	return count;
}

/*
 * Returns how many lines are below a page further back. The lines that are on
 * the screen are not shown again.
 */
static size_t
count_seen(struct tty *t)
{
	size_t last;

	if (t->page->below > 0)
		return t->page->below + t->page->count;
	last = count_fitting(t, 0, 0);
	return t->page->seen < last ? t->page->seen : last;
}

void
tty_page_turn(struct tty *t)
{
	t->page->seen = PAGE_LAST;
	t->page->below = 0;
}

void
tty_page_last(struct tty *t, size_t count)
{
	add_lines(t, count, 0);
	if (t->page->seen < count)
		t->page->seen = count;
}

/*
 * Returns how many lines of the replay fit into a page, those said last; *ALL
 * is 1 if these are all of them.
 */
static size_t
count_replayed(struct tty *t, int *all)
{
	struct render_style style = *tty_screen_style(t);
	int height = tty_screen_height(t), room = height > 8 ? height - 6 : 2;
	size_t i = view_lines(t->view), count = 0;
	struct buf scratch;

	style.dates = 0;
	buf_init(&scratch, (size_t)1 << 20);
	for (; i > 0; i--) {
		if (!view_line_is_replayed(t->view, view_line(t->view, i - 1)))
			continue;
		room -= add_line(t, i - 1, &style, &scratch);
		buf_reset(&scratch);
		if (room < 0 && count > 0)
			break;
		count++;
	}
	*all = i == 0;
	buf_clear(&scratch);
	return count;
}

/* Appends the last COUNT lines of the replay to the rows. */
static void
add_replayed(struct tty *t, size_t count)
{
	size_t total = view_lines(t->view), i = total, n = 0;
	struct buf *rows = tty_screen_rows(t);

	while (n < count)
		n += (size_t)view_line_is_replayed(
		    t->view, view_line(t->view, --i));
	for (; i < total; i++)
		if (view_line_is_replayed(t->view, view_line(t->view, i)))
			add_line(t, i, tty_screen_style(t), rows);
}

void
tty_page_replayed(struct tty *t)
{
	int all = 1;
	size_t count =
	    view_show(t->view) == VIEW_RAW ? 0 : count_replayed(t, &all);
	struct buf above, below;

	buf_init(&above, (size_t)1 << 16);
	buf_init(&below, (size_t)1 << 16);
	view_replay_rows(t->view, count, tty_screen_now(), &above, &below);
	if (buf_len(&above) > 0)
		tty_screen_words(t, HISTORY_INFO, buf_str(&above));
	add_replayed(t, count);
	if (buf_len(&below) > 0)
		tty_screen_words(t, HISTORY_INFO, buf_str(&below));
	t->page->seen = all ? t->page->seen + count : count;
	t->page->below = 0;
	buf_clear(&above);
	buf_clear(&below);
	view_replay_end(t->view);
}

int
tty_page_move(struct tty *t, int back)
{
	struct tty_page *page = t->page;
	size_t below, ahead;

	if (!back && page->below == 0)
		return 0;
	if (back) {
		below = count_seen(t);
		if (below >= view_lines(t->view)) {
			if (page->at_top)
				return 0;
			page->at_top = 1;
			tty_screen_words(t, HISTORY_INFO,
			    "nothing earlier is here; /history N shows what "
			    "is stored, /archive N what the server has");
			return 1;
		}
		page->count = count_fitting(t, below, 0);
	} else {
		ahead = count_fitting(t, page->below, 1);
		below = page->below > ahead ? page->below - ahead : 0;
		page->count = below == 0 ? count_fitting(t, 0, 0) : ahead;
	}
	page->at_top = 0;
	page->below = below;
	tty_screen_words(
	    t, HISTORY_INFO, below == 0 ? "the last lines" : "earlier");
	add_lines(t, page->count, below);
	if (below == 0)
		page->seen = page->count;
	return 1;
}

void
tty_page_reset(struct tty *t)
{
	t->page->below = 0;
	t->page->at_top = 0;
}

void
tty_page_added(struct tty *t)
{
	t->page->seen++;
	t->page->below += t->page->below > 0;
}

void
tty_page_wipe(struct tty *t)
{
	tty_screen_wipe(t);
	t->page->seen = 0;
}
