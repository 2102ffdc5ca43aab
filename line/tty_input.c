#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/tty_intern.h"

#define ESC	 27
#define AT_ONCE	 50 /* milliseconds within which a sequence comes */
#define SEQUENCE 32 /* bytes of one before its last, at most */

static const char begin_mark[] = "\033[200~", end_mark[] = "\033[201~";

int
tty_read(struct tty *t)
{
	ssize_t n;

	memmove(t->in, t->in + t->in_at, t->in_len - t->in_at);
	t->in_len -= t->in_at;
	t->in_at = 0;
	if (t->in_len == sizeof t->in)
		return 1; /* the terminal keeps the rest */
	n = read(STDIN_FILENO, t->in + t->in_len, sizeof t->in - t->in_len);
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n <= 0)
		return 0;
	t->in_len += (size_t)n;
	return 1;
}

/*
 * A character in the locale, a byte that is of none as TTY_RAW; 0: it is not
 * whole yet, -1: a NUL.
 */
static int
decode(struct tty *t, wchar_t *wc)
{
	const unsigned char *p = t->in + t->in_at;
	size_t left = t->in_len - t->in_at, n;
	mbstate_t state;

	memset(&state, 0, sizeof state);
	n = left == 0 ? (size_t)-2 : mbrtowc(wc, (const char *)p, left, &state);
	if (n == (size_t)-2)
		return 0;
	if (n == (size_t)-1)
		*wc = TTY_RAW | *p;
	t->in_at += n == (size_t)-1 || n == 0 ? 1 : n;
	return n == 0 ? -1 : 1;
}

/*
 * How long the sequence of a key is with which the N bytes of P begin, the
 * first of them ESC; 0: they begin with none, -1: it is not whole yet.
 */
static int
sequence(const unsigned char *p, size_t n)
{
	size_t i = 2;
	int rest;

	if (n < 2)
		return -1;
	if (p[1] == ESC) {
		rest = sequence(p + 1, n - 1);
		return rest <= 0 ? rest : rest < SEQUENCE ? rest + 1 : 0;
	}
	if (p[1] != '[' && p[1] != 'O')
		return p[1] > ' ' && p[1] < 0x7f ? 2 : 0;
	if (n > 2 && p[1] == '[' && p[2] == '[')
		i++; /* F1 to F5 of Linux */
	while (i < n && i < SEQUENCE && p[i] >= ' ' && p[i] <= '?')
		i++;
	if (i == n)
		return i < SEQUENCE ? -1 : 0;
	return p[i] >= '@' && p[i] <= '~' ? (int)i + 1 : 0;
}

/* Whether more of a sequence came, for which a person has not the time. */
static int
is_followed(struct tty *t)
{
	struct pollfd in = {STDIN_FILENO, POLLIN, 0};
	size_t had = t->in_len - t->in_at;

	return poll(&in, 1, AT_ONCE) > 0 && tty_read(t) && t->in_len > had;
}

static int
is_mark(const unsigned char *p, size_t n)
{
	return n == sizeof begin_mark - 1 && memcmp(p, begin_mark, n) == 0;
}

/*
 * At ESC: 1: that was the sequence of a key, and is taken away. Else what comes
 * is for libedit, with TTY_LEAD for ESC where it is bound: ESC alone is the end
 * of a search, or of typing in vi's mode, and what follows it would be text.
 */
static int
take_sequence(struct tty *t)
{
	enum tty_bound bound = TTY_UNBOUND;
	const unsigned char *p;
	char key[SEQUENCE + 2];
	size_t n, more = 0;
	int got;

	do
		got = sequence(t->in + t->in_at, t->in_len - t->in_at);
	while (got == -1 && is_followed(t));
	p = t->in + t->in_at;
	n = got > 0 ? (size_t)got : 0;
	while (more < n && p[more + 1] == ESC)
		more++; /* which was typed before something was pasted */
	if (n == 0 || (more > 0 && is_mark(p + more, n - more)) ||
	    (n == 2 && t->vi && !t->secret))
		return 0;
	if (is_mark(p, n)) {
		t->is_pasting = 1;
		t->paste = buf_alloc(TTY_LINE * sizeof *t->paste);
		t->paste_len = t->paste_matched = 0;
	} else if (!t->secret) {
		memcpy(key, p, n);
		key[n] = '\0';
		bound = tty_binding(t, key);
	}
	if (bound == TTY_UNBOUND && n == 2 && !t->secret)
		return 0;
	if (bound == TTY_UNBOUND)
		t->in_at += n;
	else
		t->in_sequence = n;
	if (bound == TTY_BOUND)
		t->in[t->in_at] = TTY_LEAD;
	return bound == TTY_UNBOUND;
}

/* Adds C to what is pasted, unless it is a control character. */
static void
add_pasted(struct tty *t, wchar_t c)
{
	if (c == L'\r')
		c = L'\n';
	if (t->paste_len < TTY_LINE - 1 &&
	    ((c >= L' ' && c != 0x7f) || c == L'\n' || c == L'\t'))
		t->paste[t->paste_len++] = c;
}

void
tty_paste_free(struct tty *t)
{
	if (t->paste != NULL)
		buf_wipe(t->paste, t->paste_len * sizeof *t->paste);
	free(t->paste);
	t->paste = NULL;
	t->is_pasting = 0;
}

/* Takes C of a paste; 1: it was the last, and libedit gets a key instead. */
static int
take_pasted(struct tty *t, wchar_t *c)
{
	size_t i;

	if (*c == (wchar_t)end_mark[t->paste_matched]) {
		if (end_mark[++t->paste_matched] != '\0')
			return -1;
	} else {
		for (i = 0; i < t->paste_matched; i++)
			add_pasted(t, end_mark[i]);
		t->paste_matched = *c == ESC;
		if (*c != ESC)
			add_pasted(t, *c);
		return -1;
	}
	while (t->paste_len > 0 && t->paste[t->paste_len - 1] == L'\n')
		t->paste_len--;
	t->paste[t->paste_len] = L'\0';
	t->is_pasting = 0;
	if (t->secret) {
		tty_narrow(t->paste, t->paste_len, &t->line);
		tty_paste_free(t);
		return -1;
	}
	t->paste_keys = 2;
	*c = TTY_PASTE;
	return 1;
}

/*
 * The next character for libedit; 0: more has to be typed, -1: there was one
 * that is not for it.
 */
static int
next(struct tty *t, wchar_t *wc)
{
	int got;

	if (!t->is_pasting && t->in_sequence == 0 && t->in_at < t->in_len &&
	    t->in[t->in_at] == ESC && take_sequence(t))
		return -1;
	got = decode(t, wc);
	if (got == 1 && t->is_pasting)
		return take_pasted(t, wc);
	if (got == 1 && t->in_sequence > 0)
		t->in_sequence--;
	else if (got == 1 && (*wc == TTY_LEAD || *wc == TTY_PASTE))
		return -1; /* typed: no key of ours */
	return got;
}

/* A character of an answer that is not shown. */
static void
take_secret(struct tty *t, wchar_t c)
{
	size_t n = buf_len(&t->line);

	if (c == L'\r' || c == L'\n' || c == 3) {
		if (c == 3)
			buf_reset(&t->line);
		tty_erase(t);
		tty_feed(
		    t, (const char *)buf_data(&t->line), buf_len(&t->line));
		buf_clear(&t->line);
		buf_init(&t->line, TTY_LINE);
		tty_draw(t);
	} else if (c == 21) {
		buf_reset(&t->line);
	} else if (c == 26) {
		tty_suspend(t, 1);
	} else if (c == 8 || c == 127) {
		while (n > 0 && (buf_data(&t->line)[--n] & 0xc0) == 0x80)
			;
		buf_cut(&t->line, n);
	} else if (c >= L' ') {
		tty_narrow(&c, 1, &t->line);
	}
}

/* A paste that libedit took for something else is announced once more. */
static int
is_pasted(struct tty *t)
{
	if (t->paste == NULL || t->is_pasting)
		return 0;
	if (t->paste_keys-- > 0)
		return 1;
	tty_words(t, HISTORY_INFO, "here is no place to paste: it is dropped");
	tty_paste_free(t);
	return 0;
}

int
tty_get(EditLine *el, wchar_t *wc)
{
	struct tty *t = tty_of(el);
	int got;

	/* libedit has shown the line before it asks. */
	tty_mode_mark();
	tty_drawn(t);
	/* What a line did is seen before the next key is looked at. */
	t->hurries = t->due;
	t->due = 0;
	if (t->hurries && !t->over && !t->turn(t->data))
		t->over = 1;
	t->hurries = 0;
	if (!t->over && is_pasted(t)) {
		*wc = TTY_PASTE;
		return 1;
	}
	while (!t->over) {
		got = next(t, wc);
		if (got == 1 && *wc == TTY_PASTE)
			t->paste_keys--;
		if (got == 1 && !t->secret)
			return 1;
		if (got == 1)
			take_secret(t, *wc);
		else if (got == 0 && (client_input_room(t->client) == 0 ||
					 !t->turn(t->data)))
			break;
	}
	tty_erase(t);
	t->over = 1;
	return 0;
}
