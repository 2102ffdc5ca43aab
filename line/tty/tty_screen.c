#define _XOPEN_SOURCE 700 /* wcwidth */
#include "line/tty/tty_screen.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "line/text/escape.h"
#include "line/tty/layout.h"
#include "line/tty/prompt.h"
#include "line/tty/tty_mode.h"
#include "line/world/signals.h"
#include "sexp/utf8.h"

#define PATIENCE 1000 /* milliseconds that the end waits for a terminal */

/*
 * The messages whose rows are the last on the screen, so that their look can
 * still change: each `sent` line behind a `-`, or a `+` once its receipt came,
 * with its LF; before them at most one line that came, which can be corrected.
 */
struct tail {
	struct buf lines;
	int rows; /* that they take on the screen */
};

struct tty_screen {
	struct render_style style;
	struct colours colours;
	int height;	/* rows of the terminal */
	struct buf out; /* rows that wait to be written */
	struct tail tail;
	struct layout layout; /* of the prompt and the line */
	int is_drawn;	      /* The layout is on the screen. */
	int row;	      /* of the layout, that the cursor is in */
	size_t at;	      /* bytes of its text before the cursor */
	struct buf question;  /* the text of an `ask`; empty if none is open */
	int is_secret;	      /* its answer is not shown */
	char *self;	      /* our own JID; NULL before `hello` has told it */
};

/* Writes N bytes of P, however long the terminal takes them. */
static void
write_all(const unsigned char *p, size_t n)
{
	struct pollfd wait = {STDOUT_FILENO, POLLOUT, 0};
	ssize_t done;
	int vain = 0; /* writes in which the terminal took nothing */

	for (; n > 0; p += done, n -= (size_t)done) {
		/* A terminal that hangs, as behind a dead ssh, must not hold up
		 * the end. One that takes a byte polls writable, and holds a
		 * longer write until a signal interrupts it. */
		if (signals_ending() &&
		    (vain > 1 || poll(&wait, 1, PATIENCE) == 0))
			tty_mode_mute();
		done = write(STDOUT_FILENO, p, n);
		vain = done == -1 ? vain + 1 : 0;
		if (done == -1 && (errno == EINTR || errno == EAGAIN))
			done = 0;
		else if (done == -1)
			return; /* the terminal is gone; SIGHUP follows */
		if (done == 0 && !signals_ending())
			poll(&wait, 1, -1);
	}
}

/* Forgets which messages are the last: their rows do not change any more. */
static void
clear_tail(struct tty *t)
{
	buf_reset(&t->screen->tail.lines);
}

/* Appends to OUT what erases the prompt and the line. */
static void
add_erase(struct tty *t, struct buf *out)
{
	int row;

	if (!t->screen->is_drawn)
		return;
	t->screen->is_drawn = 0;
	tty_screen_measure(t);
	row = layout_refolded(&t->screen->layout, t->screen->style.columns);
	/* The rows above those of the terminal are out of reach. */
	if (row >= t->screen->height)
		row = t->screen->height - 1;
	if (row > 0)
		buf_addf(out, "\033[%dA", row);
	buf_adds(out, "\r\033[J");
}

void
tty_screen_erase(struct tty *t)
{
	struct buf b;

	buf_init(&b, 64);
	add_erase(t, &b);
	write_all(buf_data(&b), buf_len(&b));
	buf_clear(&b);
}

void
tty_screen_flush(struct tty *t)
{
	struct buf *out = &t->screen->out, b;

	if (buf_len(out) == 0)
		return;
	/* All at once, since a terminal that is drawn half flickers. */
	buf_init(&b, buf_len(out) + 64);
	add_erase(t, &b);
	buf_add(&b, buf_data(out), buf_len(out));
	write_all(buf_data(&b), buf_len(&b));
	buf_clear(&b);
	buf_reset(out);
}

static int
columns_of(uint32_t cp)
{
	return wcwidth((wchar_t)cp);
}

/* Appends the question, or the prompt for how things stand now, to OUT. */
static void
add_prompt(struct tty *t, struct buf *out)
{
	struct tty_screen *s = t->screen;
	struct people_state state;
	char *name = NULL;

	if (buf_len(&s->question) > 0) {
		buf_add(out, buf_data(&s->question), buf_len(&s->question));
		return;
	}
	people_state(t->client, &state);
	if (state.jid != NULL)
		name = view_spell(t->view, state.jid, ESCAPE_VALUE);
	prompt_write(&state, name, &s->style, out);
	free(name);
}

/* Appends to OUT what moves the cursor to where L has it. */
static void
add_cursor(struct tty_screen *s, struct buf *out)
{
	const struct layout *l = &s->layout;

	if (s->at == l->cursor_at)
		return;
	if (s->row > l->cursor_row)
		buf_addf(out, "\033[%dA", s->row - l->cursor_row);
	if (s->row < l->cursor_row)
		buf_addf(out, "\033[%dB", l->cursor_row - s->row);
	/* Terminals disagree about widths: what stands before it is written
	 * once more. */
	buf_addc(out, '\r');
	buf_add(out, buf_data(&l->text) + l->cursor_row_at,
	    l->cursor_at - l->cursor_row_at);
	s->row = l->cursor_row;
	s->at = l->cursor_at;
}

/* Appends to OUT what replaces the rows of BEFORE by those of the layout. */
static void
add_rows(struct tty_screen *s, const struct buf *before, struct buf *out)
{
	const struct layout *l = &s->layout;
	const unsigned char *text = buf_data(&l->text);
	size_t n = buf_len(&l->text), had = buf_len(before);

	if (s->is_drawn && had <= n &&
	    memcmp(buf_data(before), text, had) == 0 &&
	    (had == n || s->at == had)) {
		if (had == n)
			return;
		buf_add(out, text + had, n - had);
	} else {
		if (s->is_drawn && s->row > 0)
			buf_addf(out, "\033[%dA", s->row);
		if (s->is_drawn)
			buf_addc(out, '\r');
		buf_add(out, text, n);
		buf_adds(out, "\033[J");
	}
	s->row = l->rows - 1;
	s->at = n;
}

void
tty_screen_draw(struct tty *t)
{
	struct tty_screen *s = t->screen;
	const LineInfoW *info = el_wline(t->el);
	struct layout_input in = {.line = info->buffer,
	    .length = (size_t)(info->lastchar - info->buffer),
	    .cursor = (size_t)(info->cursor - info->buffer),
	    .columns = s->style.columns,
	    .rows = s->height > 3 ? s->height / 2 : 1,
	    .is_ascii = t->is_ascii,
	    .width = columns_of};
	struct buf prompt, before, out;

	if (t->is_over)
		return;
	buf_init(&prompt, 4096);
	buf_init(&before, buf_len(&s->layout.text) + 1);
	buf_init(&out, (size_t)1 << 24);
	buf_add(&before, buf_data(&s->layout.text), buf_len(&s->layout.text));
	add_prompt(t, &prompt);
	in.prompt = buf_str(&prompt);
	layout_make(&s->layout, &in);
	add_rows(s, &before, &out);
	add_cursor(s, &out);
	s->is_drawn = 1;
	write_all(buf_data(&out), buf_len(&out));
	buf_clear(&prompt);
	buf_clear(&before);
	buf_clear(&out);
}

void
tty_screen_doubt(struct tty *t)
{
	if (t->screen->is_drawn)
		write_all((const unsigned char *)"\r\033[J", 4);
	t->screen->is_drawn = 0;
	clear_tail(t);
}

void
tty_screen_suspend(struct tty *t, int group)
{
	tty_screen_erase(t);
	clear_tail(t);
	tty_mode_stop(group);
	if (tty_mode_again() == 0)
		tty_screen_draw(t);
}

struct buf *
tty_screen_rows(struct tty *t)
{
	clear_tail(t);
	return &t->screen->out;
}

void
tty_screen_wipe(struct tty *t)
{
	buf_adds(tty_screen_rows(t), "\033[H\033[2J");
}

int64_t
tty_screen_now(void)
{
	return (int64_t)time(NULL) * 1000;
}

/* Returns the seconds that local time was or is ahead of UTC at MS. */
static int
zone_offset(int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm local;
	char text[8];
	int n;

	if (localtime_r(&t, &local) == NULL ||
	    strftime(text, sizeof text, "%z", &local) != 5)
		return 0;
	n = atoi(text + 1);
	n = (n / 100 * 60 + n % 100) * 60;
	return *text == '-' ? -n : n;
}

void
tty_screen_words(struct tty *t, enum history_kind kind, const char *text)
{
	render_words(&t->screen->style, tty_screen_now(), kind, text,
	    tty_screen_rows(t));
}

void
tty_screen_measure(struct tty *t)
{
	struct tty_screen *s = t->screen;
	int height = s->height, columns = s->style.columns;
	struct winsize size;

	s->style.columns = 80;
	s->height = 24;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1)
		return;
	if (size.ws_col > 0)
		s->style.columns = size.ws_col;
	if (size.ws_row > 0)
		s->height = size.ws_row;
	if (s->height == height && s->style.columns == columns)
		return;
	clear_tail(t); /* in how many rows it stands is not known */
}

int
tty_screen_height(const struct tty *t)
{
	return t->screen->height;
}

struct render_style *
tty_screen_style(struct tty *t)
{
	return &t->screen->style;
}

void
tty_screen_self(struct tty *t, struct field jid)
{
	free(t->screen->self);
	t->screen->self = buf_memdup(jid.p, jid.n);
	t->screen->style.self = field_of(t->screen->self);
}

void
tty_screen_turn(struct tty *t)
{
	t->screen->style.active = view_active(t->view);
}

/* Returns how many colours the terminal has, as far as its name tells. */
static int
colour_depth(void)
{
	const char *term = getenv("TERM"), *none = getenv("NO_COLOR");
	const char *many = getenv("COLORTERM");

	/* Digital's have none; those of GNOME, vte, do. */
	if ((none != NULL && *none != '\0') ||
	    (strncmp(term, "vt", 2) == 0 && term[2] != 'e'))
		return 0;
	if (strstr(term, "256col") != NULL || strstr(term, "direct") != NULL ||
	    (many != NULL && *many != '\0'))
		return 256;
	return strstr(term, "mono") != NULL ? 0 : 16;
}

void
tty_screen_new(struct tty *t, const struct colours *colours)
{
	struct tty_screen *s = buf_alloc(sizeof *s);

	t->screen = s;
	s->colours = *colours;
	buf_init(&s->out, (size_t)1024 * 1024 * 1024);
	buf_init(&s->tail.lines, 64 * TTY_LINE);
	buf_init(&s->question, 4096);
	s->style.depth = colour_depth();
	s->style.dates = 1;
	s->style.day = -1;
	s->style.colours = &s->colours;
	s->style.width = columns_of;
	s->style.zone = zone_offset;
	s->style.occupant = view_occupant;
	s->style.data = t->view;
	tty_screen_turn(t);
	tty_screen_measure(t);
}

void
tty_screen_free(struct tty *t)
{
	struct tty_screen *s = t->screen;

	if (s == NULL)
		return;
	buf_clear(&s->out);
	buf_clear(&s->tail.lines);
	buf_clear(&s->question);
	layout_clear(&s->layout);
	free(s->self);
	free(s);
}

struct tty *
tty_screen_of(EditLine *el)
{
	void *t = NULL;

	el_get(el, EL_CLIENTDATA, &t);
	return t;
}

void
tty_widen(const char *p, size_t n, wchar_t *out, size_t room)
{
	uint32_t cp;
	size_t len;

	for (; n > 0 && room > 1; p += len, n -= len, room--) {
		len = utf8_decode(p, n, &cp);
		if (len == 0)
			cp = TTY_RAW | (unsigned char)*p, len = 1;
		*out++ = (wchar_t)cp;
	}
	*out = L'\0';
}

void
tty_narrow(const wchar_t *p, size_t n, struct buf *out)
{
	unsigned char bytes[4];

	for (; n > 0; p++, n--)
		if ((*p & ~0x7f) == (TTY_RAW | 0x80))
			buf_addc(out, (char)(*p & 0xff));
		else
			buf_add(out, bytes, utf8_encode((uint32_t)*p, bytes));
}

/* Puts the tail, as it looks now, in the place of its rows, and counts those.
 */
static void
rewrite_tail(struct tty *t)
{
	struct tty_screen *s = t->screen;
	const char *p = buf_str(&s->tail.lines), *lf;
	struct render_style style = s->style;
	struct fields f;

	tty_screen_flush(t);
	buf_addf(&s->out, "\033[%dA\r\033[J", s->tail.rows);
	style.dates = 0;
	s->tail.rows = 0;
	for (; (lf = strchr(p, '\n')) != NULL; p = lf + 1)
		if (fields_read(&f, p + 1, (size_t)(lf - p) - 1) == 0)
			s->tail.rows += render_event(&style, &f,
			    *p == '+' ? RENDER_DELIVERED : RENDER_PLAIN,
			    &s->out);
	if (s->tail.rows >= s->height - 1)
		clear_tail(t);
}

/*
 * Puts F, a correction, in the place of the line that it corrects, if that is
 * in the tail; else returns 0.
 */
static int
show_correction(struct tty *t, const struct fields *f)
{
	struct buf *lines = &t->screen->tail.lines, after;
	const char *p = buf_str(lines), *lf;
	struct fields line;
	int found = 0;

	if (fields_get(f, "replaces").p == NULL)
		return 0;
	buf_init(&after, 64 * TTY_LINE);
	for (; (lf = strchr(p, '\n')) != NULL; p = lf + 1) {
		if (fields_read(&line, p + 1, (size_t)(lf - p) - 1) == 0 &&
		    view_corrects(t->view, f, &line)) {
			found = 1;
			buf_addc(&after, '-');
			buf_add(&after, f->line.p, f->line.n);
			buf_addc(&after, '\n');
		} else {
			buf_add(&after, p, (size_t)(lf + 1 - p));
		}
	}
	if (found) {
		buf_reset(lines);
		buf_add(lines, buf_data(&after), buf_len(&after));
		rewrite_tail(t);
	}
	buf_clear(&after);
	return found;
}

/*
 * Shows the receipt F: in the rows of its message if that is in the tail, else
 * in a row of its own.
 */
static void
show_receipt(struct tty *t, const struct fields *f)
{
	struct tty_screen *s = t->screen;
	struct field text = {NULL, 0};
	char *p = buf_str(&s->tail.lines), *lf;
	size_t left = buf_len(&s->tail.lines);
	struct fields sent;
	const char *line;

	for (; left > 0; left -= (size_t)(lf + 1 - p), p = lf + 1) {
		lf = memchr(p, '\n', left);
		if (fields_read(&sent, p + 1, (size_t)(lf - p) - 1) == 0 &&
		    sent.tag == EVENT_SENT &&
		    field_same(fields_get(&sent, "id"), fields_get(f, "id"))) {
			*p = '+';
			rewrite_tail(t);
			return;
		}
	}
	line = view_receipt(t->view);
	if (line != NULL && fields_read(&sent, line, strlen(line)) == 0)
		text = sent.text;
	render_receipt(&s->style, f, text, tty_screen_rows(t));
}

/* Shows the `mark` F in one dim row. */
static void
show_mark(struct tty *t, const struct fields *f)
{
	const char *line = view_marked(t->view);
	struct fields marked;
	int known =
	    line != NULL && fields_read(&marked, line, strlen(line)) == 0;

	render_mark(
	    &t->screen->style, f, known ? &marked : NULL, tty_screen_rows(t));
}

/* Returns whether TAG is of a line that can be corrected. */
static int
is_correctable(enum event_tag tag)
{
	return tag == EVENT_MESSAGE || tag == EVENT_OWN || tag == EVENT_ROOM ||
	       tag == EVENT_SENT;
}

/* Adds the line F, which has ROWS, to the tail. */
static void
add_tail(struct tty *t, const struct fields *f, int rows)
{
	struct tail *tail = &t->screen->tail;

	if (buf_len(&tail->lines) == 0)
		tail->rows = 0;
	tail->rows += rows;
	buf_addc(&tail->lines, '-');
	buf_add(&tail->lines, f->line.p, f->line.n);
	buf_addc(&tail->lines, '\n');
}

void
tty_screen_show(struct tty *t, const struct fields *f)
{
	struct tty_screen *s = t->screen;
	int64_t day = s->style.day;
	int rows, is_new_day;

	if (view_show(t->view) == VIEW_RAW) {
		render_event(&s->style, f, RENDER_RAW, tty_screen_rows(t));
		return;
	}
	if (f->tag == EVENT_DELIVERED || view_receipt(t->view) != NULL) {
		show_receipt(t, f);
		return;
	}
	if (f->tag == EVENT_MARK) {
		show_mark(t, f);
		return;
	}
	if (show_correction(t, f))
		return;
	rows = render_event(&s->style, f, view_look(t->view, f), &s->out);
	if (rows == 0)
		return;
	is_new_day = s->style.day != day;
	rows -= is_new_day; /* the row with the date stays where it is */
	if (f->tag != EVENT_SENT || is_new_day ||
	    s->tail.rows + rows >= s->height - 1)
		clear_tail(t);
	if (is_correctable(f->tag) && rows < s->height - 1)
		add_tail(t, f, rows);
}

void
tty_screen_ask(struct tty *t, const struct fields *f)
{
	struct tty_screen *s = t->screen;

	buf_reset(&s->question);
	buf_add(&s->question, f->text.p, f->text.n);
	buf_adds(&s->question, ": ");
	s->is_secret = field_is(fields_get(f, "secret"), "yes");
}

void
tty_screen_answered(struct tty *t)
{
	buf_reset(&t->screen->question);
	t->screen->is_secret = 0;
}

enum tty_question
tty_screen_asks(const struct tty *t)
{
	if (t->screen->is_secret)
		return TTY_ASKS_SECRET;
	return buf_len(&t->screen->question) > 0 ? TTY_ASKS : TTY_ASKS_NOTHING;
}
