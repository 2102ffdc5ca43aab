#define _XOPEN_SOURCE 700 /* wcwidth */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "line/tty/render.h"
#include "line/tty/tty.h"
#include "line/tty/tty_editor.h"
#include "line/tty/tty_mode.h"
#include "line/tty/tty_screen.h"
#include "line/tty/wrap.h"
#include "line/world/signals.h"

/* ASCII control characters, as keys send them. */
#define CTRL_D	  4
#define BACKSPACE 8
#define CTRL_U	  21
#define DELETE	  127

/* A screen with less has no room for a question and its answer (has_room). */
#define SCREEN_COLUMNS 400

/*
 * The question that is open, at a terminal that can move its cursor. From the
 * first question to tty_question_end the terminal keeps the settings of EL:
 * what is typed ahead is not echoed, and every key of it is still what it was
 * when its question comes.
 */
static struct {
	EditLine *el;  /* NULL: none yet, or the terminal edits the lines. */
	FILE *nowhere; /* for what EL complains of */
	const char *question;
	tty_complete *complete;
	mbstate_t state; /* of the character whose bytes come */
	int is_over;	 /* The input ended, or a signal ended the question. */
	int is_too_long; /* for what libedit can draw */
} asking;

/*
 * Writes TEXT where the person who types sees it: to standard error if standard
 * output is read by a program. Returns 0 or -1.
 */
static int
show_text(const char *text)
{
	int fd = isatty(STDOUT_FILENO) ? STDOUT_FILENO : STDERR_FILENO;

	return write(fd, text, strlen(text)) == -1 ? -1 : 0;
}

/*
 * Does what signal NUMBER demands while a question is open. Returns -1 if that
 * ends the question, 1 if the question has to be shown again, else 0.
 */
static int
heed_signal(int number)
{
	if (number == SIGWINCH)
		return 0;
	if (number != SIGTSTP && number != SIGCONT) {
		raise(number); /* for the caller, who ends the program */
		return -1;
	}
	if (number == SIGTSTP || tty_mode_again() == -1) {
		tty_mode_stop(0);
		if (tty_mode_again() == -1)
			return 0; /* a signal waits, which is next */
	}
	return 1;
}

/*
 * Waits for a byte of standard input. Returns 1 with it in C, 2 if the question
 * has to be shown again, -1 at the end of input and on a signal that ends it.
 */
static int
read_byte(char *c)
{
	struct pollfd fds[] = {
	    {signals_fd(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
	int number, status = 0;

	for (;;) {
		if (poll(fds, 2, -1) == -1) {
			if (errno != EINTR)
				return -1;
			continue;
		}
		while (status != -1 && (number = signals_take()) != 0)
			status |= heed_signal(number);
		if (status != 0)
			return status == -1 ? -1 : 2;
		if (fds[0].revents == 0)
			return read(STDIN_FILENO, c, 1) == 1 ? 1 : -1;
		/* else a stop has dropped what was typed */
	}
}

int
tty_question_signals(void)
{
	int number;

	while ((number = signals_take()) != 0)
		if (heed_signal(number) == -1)
			return -1;
	return 0;
}

/*
 * Adds C to OUT, or does what C stands for where the terminal does not. Returns
 * -1 if the line is too long, or at Ctrl-D.
 */
static int
add_byte(char c, struct buf *out)
{
	size_t n = buf_len(out);

	if (asking.el == NULL)
		return buf_addc(out, c);
	if (c == CTRL_D)
		return -1;
	if (c == CTRL_U)
		buf_reset(out);
	if (c != BACKSPACE && c != DELETE)
		return (unsigned char)c < ' ' ? 0 : buf_addc(out, c);
	while (n > 0 && (buf_data(out)[--n] & 0xc0) == 0x80)
		;
	buf_cut(out, n);
	return 0;
}

/* Appends what comes up to LF to OUT; -1 if none comes, or on a signal. */
static int
read_line(const char *question, struct buf *out)
{
	int status;
	char c;

	while ((status = read_byte(&c)) != -1) {
		if (status == 2 && show_text(question) == -1)
			return -1;
		if (status == 1 && (c == '\n' || c == '\r'))
			return 0;
		if (status == 1 && add_byte(c, out) == -1)
			return -1;
	}
	return -1;
}

/* Gives libedit the question for its prompt. */
static wchar_t *
prompt_of(EditLine *el)
{
	static wchar_t prompt[1024];

	(void)el;
	tty_widen(asking.question, strlen(asking.question), prompt,
	    sizeof prompt / sizeof *prompt);
	return prompt;
}

/* Returns how many columns the N characters at P may take. */
static int
columns_at_most(const wchar_t *p, size_t n)
{
	int columns = 0, width;

	for (; n > 0; p++, n--) {
		width = wcwidth(*p);
		columns += width < 0 ? 8 : width; /* \U+12345 */
	}
	return columns;
}

/* Returns how many columns the rows have that EL can draw, but the last. */
static int
columns_of_screen(EditLine *el)
{
	int rows = 0, columns = 0;

	el_get(el, EL_GETTC, "li", &rows);
	el_get(el, EL_GETTC, "co", &columns);
	/* A wide character may leave the last column of a row empty. */
	return (rows - 1) * (columns - 1);
}

/*
 * Returns whether EL may be given C. The rest of an answer that fills the
 * screen is dropped: libedit 3.1 would write beyond its copy of the screen.
 */
static int
has_room(EditLine *el, wchar_t c)
{
	const LineInfoW *info = el_wline(el);
	const wchar_t *prompt = prompt_of(el);
	int columns = columns_at_most(prompt, wcslen(prompt));

	columns += columns_at_most(
	    info->buffer, (size_t)(info->lastchar - info->buffer));
	if (columns_at_most(&c, 1) >= columns_of_screen(el) - columns)
		asking.is_too_long = 1;
	return !asking.is_too_long || c == L'\r' || c == L'\n';
}

/* Waits for a character for libedit (EL_GETCFN of editline(3)). */
static int
get_character(EditLine *el, wchar_t *wc)
{
	int status;
	size_t n;
	char c;

	while ((status = read_byte(&c)) != -1) {
		if (status == 2) {
			el_set(el, EL_REFRESH);
			continue;
		}
		n = mbrtowc(wc, &c, 1, &asking.state);
		if (n == (size_t)-1)
			memset(&asking.state, 0, sizeof asking.state);
		else if (n != (size_t)-2 && *wc != L'\0' && has_room(el, *wc))
			return 1;
	}
	asking.is_over = 1;
	return 0;
}

static unsigned char
key_complete(EditLine *el, int key)
{
	const LineInfoW *info = el_wline(el);
	size_t n = (size_t)(info->cursor - info->buffer);
	unsigned char result = CC_NORM;
	struct buf text, insert, list;
	wchar_t *wide;

	(void)key;
	if (asking.complete == NULL)
		return CC_ERROR;
	buf_init(&text, TTY_LINE);
	buf_init(&insert, TTY_LINE);
	buf_init(&list, TTY_LINE);
	tty_narrow(info->buffer, n, &text);
	asking.complete(buf_str(&text), &insert, &list);
	if (buf_len(&insert) > 0) {
		n = buf_len(&insert) + 1;
		wide = buf_alloc(n * sizeof *wide);
		tty_widen(buf_str(&insert), n - 1, wide, n);
		el_winsertstr(el, wide);
		free(wide);
		result = CC_REFRESH;
	} else if (buf_len(&list) > 0) {
		buf_reset(&text);
		buf_adds(&text, "\r\n\033[J");
		tty_fold(STDOUT_FILENO, buf_str(&list), &text);
		show_text(buf_str(&text));
		el_set(el, EL_REFRESH);
	}
	buf_clear(&text);
	buf_clear(&insert);
	buf_clear(&list);
	return result;
}

/*
 * Sets the line editor up, if the terminal can move its cursor. Its two modes
 * of the terminal, for editing and for what is between two lines, are made the
 * same.
 */
static void
open_editor(void)
{
	if (asking.el != NULL || !tty_editor_is_possible() ||
	    (asking.nowhere = fopen("/dev/null", "we")) == NULL)
		return;
	setlocale(LC_CTYPE, "");
	asking.el = tty_editor_new(asking.nowhere);
	if (asking.el != NULL &&
	    columns_of_screen(asking.el) < SCREEN_COLUMNS) {
		tty_editor_free(asking.el, asking.nowhere);
		asking.el = NULL;
	}
	if (asking.el == NULL) {
		fclose(asking.nowhere);
		return;
	}
	el_set(asking.el, EL_SIGNAL, 0);
	el_set(asking.el, EL_EDITOR, "emacs");
	el_set(asking.el, EL_SETTY, "-x", "-icanon", "-echo", NULL);
	el_wset(asking.el, EL_GETCFN, get_character);
	el_wset(asking.el, EL_PROMPT, prompt_of);
	el_set(asking.el, EL_ADDFN, "jl-file", "jl-file", key_complete);
	el_set(asking.el, EL_BIND, "^I", "jl-file", NULL);
	/* libedit's own prompt for a command is of no use here. */
	el_set(asking.el, EL_BIND, "\033x", "ed-unassigned", NULL);
	el_set(asking.el, EL_PREP_TERM, 1);
}

void
tty_question_end(void)
{
	if (asking.el == NULL)
		return;
	tty_editor_free(asking.el, asking.nowhere);
	fclose(asking.nowhere);
	asking.el = NULL;
	tty_mode_leave();
}

/*
 * As read_line, with libedit, which edits the line and completes it at Tab; 1
 * if the line is longer than the screen.
 */
static int
edit_line(struct buf *out)
{
	const wchar_t *line;
	int n = 0;

	memset(&asking.state, 0, sizeof asking.state);
	asking.is_over = asking.is_too_long = 0;
	line = el_wgets(asking.el, &n);
	if (line == NULL || n <= 0 || asking.is_over)
		return -1;
	if (asking.is_too_long)
		return 1;
	while (n > 0 && (line[n - 1] == L'\n' || line[n - 1] == L'\r'))
		n--;
	tty_narrow(line, (size_t)n, out);
	return 0;
}

int
tty_question(
    const char *question, int secret, tty_complete *complete, struct buf *out)
{
	int status = 0;

	if (asking.el == NULL && tty_mode_keep(0) == -1)
		return -1;
	open_editor();
	asking.question = question;
	asking.complete = complete;
	if (asking.el == NULL && secret)
		status = tty_mode_silence();
	tty_mode_mark();
	if (status == 0 && asking.el != NULL && !secret)
		status = edit_line(out);
	else if (status == 0 && (status = show_text(question)) == 0)
		status = read_line(question, out);
	if (asking.el == NULL)
		tty_mode_leave();
	/* Without echo, or without LF, the cursor is still in the row. */
	if ((secret || status == -1) && show_text("\n") == -1)
		status = -1;
	return status;
}

static int
columns_of(uint32_t cp)
{
	return wcwidth((wchar_t)cp);
}

void
tty_fold(int fd, const char *text, struct buf *out)
{
	struct render_style style = {.columns = 80, .width = columns_of};
	struct winsize size;
	struct rows r;

	if (!isatty(fd)) {
		buf_addf(out, "%s\n", text);
		return;
	}
	setlocale(LC_CTYPE, "");
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		style.columns = size.ws_col;
	rows_begin(&r, &style, out);
	r.indent = 2;
	rows_text(&r, text);
	rows_end(&r);
}
