#define _XOPEN_SOURCE 700 /* wcwidth */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <wctype.h>

#include "line/signals.h"
#include "line/tty_intern.h"
#include "sexp/utf8.h"

#define PATIENCE 1000 /* milliseconds, with a terminal when we are to end */

static void
write_all(const unsigned char *p, size_t n)
{
	struct pollfd wait = {STDOUT_FILENO, POLLOUT, 0};
	ssize_t done;

	for (; n > 0; p += done, n -= (size_t)done) {
		/* One that hangs, as that of a dead ssh, must not hold us. */
		if (signals_ending() && poll(&wait, 1, PATIENCE) == 0)
			tty_mode_mute();
		done = write(STDOUT_FILENO, p, n);
		if (done == -1 && (errno == EINTR || errno == EAGAIN))
			done = 0;
		else if (done == -1)
			return; /* it is gone, and SIGHUP says so */
		if (done == 0 && !signals_ending())
			poll(&wait, 1, -1);
	}
}

/* What libedit makes of the character C that stands in column COLUMN. */
static int
width_of(wchar_t c, int column)
{
	if (c == L'\t')
		return 8 - column % 8;
	if (iswcntrl((wint_t)c))
		return 2;
	if (wcwidth(c) >= 0)
		return wcwidth(c);
	return c > 0xffff ? 8 : 7; /* \U+12345 */
}

/* Where the next character goes, in rows of so many columns. */
struct fold {
	int columns, row, column;
};

/* Adds COUNT cells of one column. */
static void
fold_narrow(struct fold *f, int count)
{
	f->column += count;
	f->row += f->column / f->columns;
	f->column %= f->columns;
}

/* How many columns a character of two leaves empty before it. */
static int
fold_left(const struct fold *f)
{
	int left = f->columns - f->column;

	return left < 2 ? left : 0;
}

static void
fold_line(struct fold *f)
{
	f->row++;
	f->column = 0;
}

/*
 * In which row of the prompt and the line the cursor stands. Where the size
 * changed, the terminal has folded anew what libedit had folded before: where
 * a wide character had no room it ends the row when it draws all at once, and
 * fills it with blanks when a person types.
 */
static int
cursor_row(const struct tty *t)
{
	struct fold was = {t->drawn_columns, 0, 0};
	struct fold is = {t->style.columns, 0, 0};
	const LineInfoW *info = el_wline(t->el);
	const wchar_t *p;
	int w, left;

	fold_narrow(&was, t->prompt_width);
	fold_narrow(&is, t->prompt_width);
	for (p = info->buffer; p < info->cursor; p++) {
		w = *p == L'\n' ? 0 : width_of(*p, was.column);
		left = w == 2 && wcwidth(*p) == 2 ? fold_left(&was) : 0;
		if (*p == L'\n' ||
		    (left > 0 && p - info->buffer < t->drawn_length)) {
			fold_line(&was);
			fold_line(&is);
		} else if (left > 0) {
			fold_narrow(&was, left);
			fold_narrow(&is, left);
		}
		if (w == 2 && wcwidth(*p) == 2)
			fold_narrow(&is, fold_left(&is));
		fold_narrow(&was, w);
		fold_narrow(&is, w);
	}
	return is.row < t->rows ? is.row : t->rows - 1;
}

/* Adds what takes the prompt and the line away to OUT. */
static void
erase(struct tty *t, struct buf *out)
{
	int row;

	if (!t->drawn)
		return;
	t->drawn = 0;
	tty_measure(t);
	row = cursor_row(t);
	if (row > 0)
		buf_addf(out, "\033[%dA", row);
	buf_adds(out, "\r\033[J");
}

void
tty_erase(struct tty *t)
{
	struct buf b;

	buf_init(&b, 64);
	erase(t, &b);
	write_all(buf_data(&b), buf_len(&b));
	buf_clear(&b);
}

void
tty_flush(struct tty *t)
{
	struct buf b;

	/* At once: a terminal that is drawn half flickers. */
	buf_init(&b, buf_len(&t->out) + 64);
	erase(t, &b);
	buf_add(&b, buf_data(&t->out), buf_len(&t->out));
	write_all(buf_data(&b), buf_len(&b));
	buf_clear(&b);
	buf_reset(&t->out);
}

/* Shows the prompt and the line again, where there is one. */
void
tty_draw(struct tty *t)
{
	if (t->drawn || t->over)
		return;
	el_set(t->el, EL_REFRESH);
	tty_drawn(t);
	t->drawn_length = el_wline(t->el)->lastchar - el_wline(t->el)->buffer;
}

void
tty_drawn(struct tty *t)
{
	if (t->drawn)
		return;
	t->drawn = 1;
	t->drawn_length = 0;
	t->drawn_columns = t->style.columns;
}

void
tty_wipe(struct tty *t)
{
	buf_adds(&t->out, "\033[H\033[2J");
	buf_reset(&t->tail);
	t->seen = 0;
}

static int64_t
now(void)
{
	return (int64_t)time(NULL) * 1000;
}

/* Seconds that local time is ahead of UTC at MS: summer has its own. */
static int
zone(int64_t ms)
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
tty_words(struct tty *t, enum history_kind kind, const char *text)
{
	render_words(&t->style, now(), kind, text, &t->out);
	buf_reset(&t->tail);
}

void
tty_measure(struct tty *t)
{
	int rows = t->rows, columns = t->style.columns;
	struct winsize size;

	t->style.columns = 80;
	t->rows = 24;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1)
		return;
	if (size.ws_col > 0)
		t->style.columns = size.ws_col;
	if (size.ws_row > 0)
		t->rows = size.ws_row;
	if (t->rows == rows && t->style.columns == columns)
		return;
	buf_reset(&t->tail); /* in how many rows it stands is not known */
	if (t->el != NULL)
		el_resize(t->el);
}

static int
columns_of(uint32_t cp)
{
	return wcwidth((wchar_t)cp);
}

/* How many colours the terminal has, as far as its name tells. */
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

struct tty *
tty_of(EditLine *el)
{
	void *t = NULL;

	el_get(el, EL_CLIENTDATA, &t);
	return t;
}

/* UTF-8 to what libedit wants; at most ROOM characters with the NUL. */
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

/* Called by libedit for each refresh. */
wchar_t *
tty_prompt(EditLine *el)
{
	struct tty *t = tty_of(el);
	int hidden = 0;
	struct buf b;
	wchar_t *p;

	buf_init(&b, sizeof t->prompt);
	if (buf_len(&t->question) > 0)
		buf_add(&b, buf_data(&t->question), buf_len(&t->question));
	else
		prompt_write(t->view, &t->style, &b);
	tty_widen((const char *)buf_data(&b), buf_len(&b), t->prompt,
	    sizeof t->prompt / sizeof *t->prompt);
	buf_clear(&b);
	t->prompt_width = 0;
	for (p = t->prompt; *p != L'\0'; p++) {
		if (*p == PROMPT_ESCAPE)
			hidden = !hidden;
		else if (!hidden)
			t->prompt_width += width_of(*p, 0);
	}
	return t->prompt;
}

void
tty_style(struct tty *t)
{
	t->style.depth = colour_depth();
	t->style.dates = 1;
	t->style.day = -1;
	t->style.colours = &t->colours;
	t->style.width = columns_of;
	t->style.zone = zone;
	tty_measure(t);
}

/* Shows the tail anew, from where it begins. */
static void
rewrite(struct tty *t)
{
	const char *p = buf_str(&t->tail), *lf;
	int dates = t->style.dates;
	struct fields f;
	char text[32];

	tty_flush(t);
	snprintf(text, sizeof text, "\033[%dA\r\033[J", t->tail_rows);
	buf_adds(&t->out, text);
	t->style.dates = 0;
	for (; (lf = strchr(p, '\n')) != NULL; p = lf + 1)
		if (fields_read(&f, p + 1, (size_t)(lf - p) - 1) == 0)
			render_event(&t->style, &f,
			    *p == '+' ? RENDER_DELIVERED : RENDER_PLAIN,
			    &t->out);
	t->style.dates = dates;
}

/* The receipt F: the rows of its message change where they are the last. */
static void
deliver(struct tty *t, const struct fields *f)
{
	struct field text = {NULL, 0};
	char *p = buf_str(&t->tail), *lf;
	size_t left = buf_len(&t->tail);
	struct fields sent;
	const char *line;

	for (; left > 0; left -= (size_t)(lf + 1 - p), p = lf + 1) {
		lf = memchr(p, '\n', left);
		if (fields_read(&sent, p + 1, (size_t)(lf - p) - 1) == 0 &&
		    field_same(fields_get(&sent, "id"), fields_get(f, "id"))) {
			*p = '+';
			rewrite(t);
			return;
		}
	}
	line = view_receipt(t->view);
	if (line != NULL && fields_read(&sent, line, strlen(line)) == 0)
		text = sent.text;
	render_receipt(&t->style, f, text, &t->out);
	buf_reset(&t->tail);
}

static void
show(struct tty *t, const struct fields *f)
{
	int64_t day = t->style.day;
	int rows;

	if (view_show(t->view) == VIEW_RAW) {
		render_event(&t->style, f, RENDER_RAW, &t->out);
		buf_reset(&t->tail);
		return;
	}
	if (f->tag == EVENT_DELIVERED || view_receipt(t->view) != NULL) {
		deliver(t, f);
		return;
	}
	rows = render_event(&t->style, f,
	    view_calls(t->view, f) ? RENDER_CALLED : RENDER_PLAIN, &t->out);
	if (rows == 0)
		return;
	/* The date stays where it is. */
	rows -= t->style.day != day;
	if (f->tag != EVENT_SENT || t->style.day != day ||
	    t->tail_rows + rows >= t->rows - 1)
		buf_reset(&t->tail);
	if (f->tag != EVENT_SENT)
		return;
	if (buf_len(&t->tail) == 0)
		t->tail_rows = 0;
	t->tail_rows += rows;
	buf_addc(&t->tail, '-');
	buf_add(&t->tail, f->line.p, f->line.n);
	buf_addc(&t->tail, '\n');
}

/* What a question's event says of the next line. */
static void
ask(struct tty *t, const struct fields *f)
{
	buf_reset(&t->question);
	if (f->text.p != NULL)
		buf_add(&t->question, f->text.p, f->text.n);
	buf_adds(&t->question, ": ");
	t->secret = field_is(fields_get(f, "secret"), "yes");
}

static void
switched(struct tty *t)
{
	struct field active = view_active(t->view);
	struct buf b;

	t->style.active = active;
	buf_init(&b, 8192);
	buf_adds(&b, "with ");
	buf_add(&b, active.p, active.n);
	tty_words(t, HISTORY_INFO, buf_str(&b));
	buf_clear(&b);
	t->recall = view_forgot(t->view) ? RECALL_DUE : RECALL_NOT;
	if (t->recall == RECALL_NOT)
		tty_backlog(t, SHOWN_LAST, 0);
	t->seen = SHOWN_LAST;
	t->page = 0;
	t->go = 0;
	t->turned = 1;
	el_wset(t->el, EL_HIST, history_w, tty_history(t));
}

/* Where F is the answer to a key that turns to another contact: it did. */
static void
turn(struct tty *t, const struct fields *f)
{
	struct field line = fields_get(f, "line");

	if (t->go == 0 || (f->tag != EVENT_OK && f->tag != EVENT_ERROR) ||
	    line.p == NULL || strtoul(line.p, NULL, 10) != t->go)
		return;
	t->go = 0;
	t->turned = 1;
}

static void
event(struct tty *t, const char *line, size_t n)
{
	struct fields f;

	if (fields_read(&f, line, n) == -1)
		return;
	if (f.tag == EVENT_HELLO && f.peer.p != NULL) {
		free(t->self);
		t->self = buf_memdup(f.peer.p, f.peer.n);
		t->style.self = field_of(t->self);
	}
	if (view_event(t->view, &f))
		show(t, &f);
	if (view_is_new(t->view)) {
		t->seen++;
		t->page += t->page > 0;
	}
	if (f.tag == EVENT_ASK)
		ask(t, &f);
	if (view_switched(t->view))
		switched(t);
	else
		turn(t, &f);
	if (view_helps(t->view))
		tty_words(t, HISTORY_INFO, tty_keys);
	if (view_cleared(t->view)) {
		tty_flush(t);
		tty_wipe(t);
	}
}

#define AT_ONCE	  50		     /* lines, before keys are looked at */
#define KNOWN_MAX ((size_t)64 << 20) /* of 100,000 contacts with room */

/* Lets the view know what it wants to know: nothing of it is shown. */
static void
inform(struct tty *t, struct client *c)
{
	enum view_want want = view_wants(t->view);
	struct fields f;
	struct buf known;
	const char *text, *lf;

	if (want == VIEW_NOTHING)
		return;
	buf_init(&known, KNOWN_MAX);
	client_contacts(c, want == VIEW_EVERYBODY, &known);
	for (text = buf_str(&known); (lf = strchr(text, '\n')) != NULL;
	     text = lf + 1)
		if (fields_read(&f, text, (size_t)(lf - text)) == 0)
			view_event(t->view, &f);
	buf_clear(&known);
}

/*
 * The last lines of a contact that one turned to for the first time follow
 * when the disk was asked, in the next turn of the loop.
 */
static void
recall(struct tty *t, struct client *c)
{
	struct buf stored;

	if (t->recall == RECALL_DUE) {
		client_recall(c, RECALLED);
		t->recall = RECALL_ASKED;
		return;
	}
	buf_init(&stored, KNOWN_MAX);
	if (t->recall == RECALL_ASKED && client_recalled(c, &stored)) {
		t->recall = RECALL_NOT;
		view_recall(t->view, buf_str(&stored));
		tty_backlog(t, SHOWN_LAST, 0);
		if (t->seen < SHOWN_LAST)
			t->seen = SHOWN_LAST;
		tty_flush(t);
		tty_draw(t);
	}
	buf_clear(&stored);
}

/* Whether a key waits that what is shown need not come before. */
static int
is_typed(const struct tty *t)
{
	struct pollfd in = {STDIN_FILENO, POLLIN, 0};

	return !t->over && !t->hurries && poll(&in, 1, 0) > 0;
}

void
tty_text(struct tty *t, struct client *c)
{
	const char *text, *lf;
	size_t len, n;
	int lines;

	if (t->lost)
		return;
	tty_measure(t);
	while (text = (const char *)client_text_buf(c, &len), len > 0) {
		lines = 0;
		for (n = len; n > 0 && lines++ < AT_ONCE;
		     n -= (size_t)(lf + 1 - text), text = lf + 1) {
			lf = memchr(text, '\n', n);
			if (lf == NULL)
				lf = text + n - 1;
			event(t, text, (size_t)(lf - text));
		}
		client_text_done(c, len - n);
		inform(t, c);
		/* The prompt may have changed even without a row. */
		tty_flush(t);
		if (t->turned && !t->over)
			tty_bring_back(t);
		tty_draw(t);
		if (is_typed(t))
			break;
	}
	recall(t, c);
}
