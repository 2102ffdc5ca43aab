#include "line/tty/tty_event.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/command/window.h"
#include "line/tty/tty_input.h"
#include "line/tty/tty_key.h"
#include "line/tty/tty_line.h"
#include "line/tty/tty_page.h"
#include "line/tty/tty_screen.h"

#define STORED_LINES  100 /* asked for, of a contact, for paging */
#define LINES_AT_ONCE 50  /* before keys are looked at */
#define STORED_MAX    ((size_t)64 << 20)

/* The state of reading the active contact's stored lines. */
enum recall { RECALL_NOT, RECALL_DUE, RECALL_ASKED, RECALL_ARCHIVE };

struct tty_event {
	enum recall recall;
	unsigned long clears, helps; /* wishes (window.h) that were met */
};

void
tty_event_new(struct tty *t)
{
	t->event = buf_alloc(sizeof *t->event);
}

/* Shows what belongs to the contact that is active now. */
static void
turn_parts(struct tty *t)
{
	tty_screen_turn(t);
	tty_line_turn(t);
	t->event->recall = view_forgot(t->view) ? RECALL_DUE : RECALL_NOT;
}

void
tty_event_begin(struct tty *t)
{
	turn_parts(t);
}

void
tty_event_free(struct tty *t)
{
	free(t->event);
}

int
tty_event_is_waiting(const struct tty *t)
{
	return t->event->recall == RECALL_ASKED ||
	       t->event->recall == RECALL_ARCHIVE;
}

/* Another contact is active: shows its last lines. */
static void
turn_to_contact(struct tty *t)
{
	struct field active = view_active(t->view);
	struct buf b;

	turn_parts(t);
	buf_init(&b, 8192);
	buf_adds(&b, active.p == NULL ? "with nobody: /go JID chooses somebody"
				      : "with ");
	buf_add(&b, active.p, active.n);
	tty_screen_words(t, HISTORY_INFO, buf_str(&b));
	buf_clear(&b);
	tty_page_turn(t);
	if (t->event->recall == RECALL_NOT)
		tty_page_last(t, PAGE_LAST);
}

/* A line was answered by F: does what it has changed for the terminal. */
static void
take_answer(struct tty *t, const struct fields *f)
{
	const struct window *w = window_wishes(t->client);

	if (view_turn(t->view))
		turn_to_contact(t);
	tty_line_answered(t, f);
	if (w->helps != t->event->helps)
		tty_key_help(t);
	if (w->clears != t->event->clears) {
		tty_screen_flush(t);
		tty_page_wipe(t);
	}
	t->event->helps = w->helps;
	t->event->clears = w->clears;
}

/* Takes the event LINE of N bytes. */
static void
take_event(struct tty *t, const char *line, size_t n)
{
	struct fields f;

	if (fields_read(&f, line, n) == -1)
		return;
	if (f.tag == EVENT_HELLO && f.peer.p != NULL)
		tty_screen_self(t, f.peer);
	if (view_event(t->view, &f))
		tty_screen_show(t, &f);
	if (view_is_replayed(t->view))
		tty_page_replayed(t);
	if (view_is_new(t->view))
		tty_page_added(t);
	if (f.tag == EVENT_ASK)
		tty_screen_ask(t, &f);
	if (f.tag == EVENT_OK || f.tag == EVENT_ERROR)
		take_answer(t, &f);
}

/* Shows TEXT, the stored lines of the active contact or those of its archive.
 */
static void
show_recalled(struct tty *t, const char *text)
{
	int archived = t->event->recall == RECALL_ARCHIVE;

	t->event->recall = RECALL_NOT;
	view_recall(t->view, text);
	if (archived && *text != '\0')
		tty_screen_words(t, HISTORY_INFO,
		    "nothing is stored here; the last messages in the "
		    "server's archive:");
	tty_page_last(t, archived ? PAGE_ARCHIVED : PAGE_LAST);
	tty_screen_flush(t);
	tty_screen_draw(t);
}

/*
 * Asks for the stored lines of a contact that is active for the first time, or
 * shows the last of them if they are here: reading the disk takes a turn of the
 * loop. Where there are none the server's archive is asked.
 */
static void
recall_stored(struct tty *t, struct client *c)
{
	struct buf stored;

	if (t->event->recall == RECALL_DUE) {
		client_recall(c, STORED_LINES);
		t->event->recall = RECALL_ASKED;
		return;
	}
	if (t->event->recall == RECALL_NOT)
		return;
	buf_init(&stored, STORED_MAX);
	if (client_recalled(c, &stored)) {
		if (t->event->recall == RECALL_ASKED && buf_len(&stored) == 0 &&
		    client_recall_archive(c, PAGE_ARCHIVED))
			t->event->recall = RECALL_ARCHIVE;
		else
			show_recalled(t, buf_str(&stored));
	}
	buf_clear(&stored);
}

/* Returns whether a key waits, which comes before further events. */
static int
is_key_waiting(const struct tty *t)
{
	struct pollfd in = {STDIN_FILENO, POLLIN, 0};

	return !t->is_over && !tty_input_hurries(t) && poll(&in, 1, 0) > 0;
}

void
tty_text(struct tty *t, struct client *c)
{
	const char *text, *lf;
	size_t len, n;
	int lines;

	if (t->is_lost)
		return;
	tty_screen_measure(t);
	while (text = (const char *)client_text_buf(c, &len), len > 0) {
		lines = 0;
		for (n = len; n > 0 && lines++ < LINES_AT_ONCE;
		     n -= (size_t)(lf + 1 - text), text = lf + 1) {
			lf = memchr(text, '\n', n);
			if (lf == NULL)
				lf = text + n - 1;
			take_event(t, text, (size_t)(lf - text));
		}
		client_text_done(c, len - n);
		/* The prompt may have changed even without a row. */
		tty_screen_flush(t);
		if (!t->is_over)
			tty_line_bring_back(t);
		tty_screen_draw(t);
		if (is_key_waiting(t))
			break;
	}
	recall_stored(t, c);
}
