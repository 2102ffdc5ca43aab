#include "line/start/dialogue.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "line/core/door.h"
#include "line/text/escape.h"
#include "line/tty/tty.h"
#include "line/world/clock.h"
#include "line/world/signals.h"
#include "sexp/utf8.h"

static void
write_out(struct dialogue *d)
{
	ssize_t n;

	while (buf_len(&d->out) > 0 && !d->is_lost) {
		n = write(STDOUT_FILENO, buf_data(&d->out), buf_len(&d->out));
		if (n >= 0)
			buf_drop(&d->out, (size_t)n);
		else
			d->is_lost = errno != EINTR;
	}
}

static void
begin_event(struct dialogue *d, enum event_tag tag, const char *text)
{
	d->event.now = clock_real();
	event_begins(&d->event, tag, NULL, text);
}

/* Ends the event. At a terminal WORDS, which may be NULL, replace it. */
static void
end_event(struct dialogue *d, const char *words)
{
	struct buf row;

	event_end(&d->event);
	if (d->is_terminal) {
		buf_reset(&d->out);
		buf_init(&row, (size_t)1 << 20);
		buf_adds(&row, "* ");
		if (words != NULL && escape_write(&row, words, strlen(words),
					 d->event.ascii) == 0)
			tty_fold(STDOUT_FILENO, buf_str(&row), &d->out);
		buf_clear(&row);
	}
	write_out(d);
}

void
dialogue_open(struct dialogue *d, int ascii)
{
	memset(d, 0, sizeof *d);
	d->is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	buf_init(&d->out, (size_t)1 << 20);
	event_init(&d->event, &d->out, ascii ? ESCAPE_ASCII : 0);
	begin_event(d, EVENT_HELLO, CLIENT_VERSION);
	event_set(&d->event, "lines", "1");
	end_event(d, NULL);
}

void
dialogue_close(struct dialogue *d)
{
	tty_question_end();
	event_clear(&d->event);
	buf_clear(&d->out);
}

void
dialogue_tell(struct dialogue *d, enum event_tag tag, const char *text,
    const char *key, const char *value)
{
	begin_event(d, tag, text);
	event_set(&d->event, key, value);
	end_event(d, text);
}

void
dialogue_say(struct dialogue *d, const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	dialogue_tell(d, EVENT_INFO, text, NULL, NULL);
}

void
dialogue_command(struct dialogue *d, const char *command)
{
	if (!d->is_terminal) {
		dialogue_tell(d, EVENT_INFO, command, NULL, NULL);
		return;
	}
	buf_adds(&d->out, "  ");
	escape_write(&d->out, command, strlen(command), d->event.ascii);
	buf_addc(&d->out, '\n');
	write_out(d);
}

void
dialogue_newline(struct dialogue *d)
{
	if (d->is_terminal)
		buf_addc(&d->out, '\n');
	write_out(d);
}

void
dialogue_answer(struct dialogue *d, const char *why)
{
	begin_event(d, why == NULL ? EVENT_OK : EVENT_ERROR, why);
	event_set_number(&d->event, "line", (long long)d->line);
	if (why != NULL) {
		d->had_error = 1;
		event_set(&d->event, "cause", "usage");
	}
	end_event(d, why);
}

/* Reads one byte of standard input into *C. Returns 1; 0 at its end or at a
 * signal that ends the program. */
static int
read_byte(char *c)
{
	struct pollfd fds[] = {
	    {signals_fd(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
	ssize_t n = -1;

	while (n == -1) {
		while (poll(fds, 2, -1) == -1)
			if (errno != EINTR)
				return 0;
		if (fds[0].revents != 0)
			return 0;
		n = read(STDIN_FILENO, c, 1);
		if (n == -1 && errno != EINTR && errno != EAGAIN)
			return 0;
	}
	return n == 1;
}

/*
 * Appends the next line to ANSWER, without its LF and a CR before that. Reads
 * byte by byte, so that a script can have the rest read by another program.
 * Returns 1; 0 if the line was longer than ANSWER takes; -1 at the end.
 */
static int
read_line(struct buf *answer)
{
	int is_empty = 1, fits = 1;
	size_t n;
	char c;

	while (read_byte(&c)) {
		is_empty = 0;
		if (c == '\n')
			break;
		if (buf_addc(answer, c) == -1)
			fits = 0;
	}
	if (is_empty || signals_ending())
		return -1;
	n = buf_len(answer);
	if (fits && n > 0 && buf_data(answer)[n - 1] == '\r')
		buf_cut(answer, n - 1);
	return fits;
}

/* Asks Q once. Returns as read_line does. */
static int
ask_once(
    struct dialogue *d, const struct dialogue_question *q, struct buf *answer)
{
	char prompt[1024];
	int status;

	snprintf(prompt, sizeof prompt, "%s: ", q->text);
	if (d->is_terminal) {
		status =
		    tty_question(prompt, q->is_secret, q->complete, answer);
		return status == -1 ? -1 : status == 0;
	}
	begin_event(d, EVENT_ASK, q->text);
	event_set(&d->event, "what", q->what);
	event_set(&d->event, "secret", q->is_secret ? "yes" : "no");
	event_set(&d->event, "cert", q->cert);
	end_event(d, NULL);
	if (d->is_lost)
		return -1;
	/* A program reads our output, but a person types. */
	if (q->is_secret && isatty(STDIN_FILENO))
		return tty_question(prompt, 1, NULL, answer) == 0 ? 1 : -1;
	return read_line(answer);
}

/* Removes the blanks at both ends of ANSWER. */
static void
cut_blanks(struct buf *answer)
{
	const char *p = buf_str(answer);
	size_t n;

	buf_drop(answer, strspn(p, " \t\r"));
	for (n = buf_len(answer), p = buf_str(answer);
	     n > 0 && strchr(" \t\r", p[n - 1]) != NULL; n--)
		;
	buf_cut(answer, n);
}

int
dialogue_ask(
    struct dialogue *d, const struct dialogue_question *q, struct buf *answer)
{
	const char *why, *text;
	int status;

	for (;;) {
		buf_reset(answer);
		status = ask_once(d, q, answer);
		if (status == -1)
			return -1;
		if (d->line++ == 0 && buf_len(answer) >= 3 &&
		    memcmp(buf_data(answer), "\357\273\277", 3) == 0)
			buf_drop(answer, 3); /* a byte order mark */
		if (!q->is_secret)
			cut_blanks(answer);
		text = buf_str(answer);
		why = status == 0 ? "that is too long"
		      : strlen(text) != buf_len(answer) ||
			      utf8_valid(text, strlen(text)) != strlen(text)
			  ? "that is not well-formed UTF-8"
			  : NULL;
		if (why == NULL)
			return 0;
		dialogue_answer(d, why);
	}
}
