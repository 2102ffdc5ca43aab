#include "line/tty/tty_input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/tty/tty_line.h"
#include "line/tty/tty_mode.h"
#include "line/tty/tty_screen.h"
#include "line/tty/tty_sequence.h"
#include "line/world/clock.h"

/* Milliseconds. */
#define AT_ONCE	   50	/* within which a sequence comes */
#define DOUBTFUL   100	/* for which nothing follows the end of a paste */
#define PASTE_WAIT 2000 /* for which nothing comes of a paste that goes on */

/* ASCII control characters, as keys send them. */
#define CTRL_C	  3
#define BACKSPACE 8
#define CTRL_U	  21
#define CTRL_Z	  26
#define DELETE	  127

static const char begin_mark[] = "\033[200~", end_mark[] = "\033[201~";

struct tty_input {
	unsigned char bytes[4096]; /* typed, not yet taken */
	size_t at, end;		   /* the first of them, behind the last */
	size_t sequence;	   /* bytes that are left of a key's sequence */
	wchar_t *paste;		   /* TTY_LINE characters; NULL: no paste */
	size_t paste_length;
	int is_pasting;	     /* A paste began and has not ended. */
	size_t mark_matched; /* characters of the mark of its end that came */
	/*
	 * An end mark came. Copied text may contain one, so that the rest of it
	 * would be run: the paste ends only if no other follows at once.
	 */
	int is_doubtful;
	int is_unended; /* The last paste ended without a mark. */
	size_t cleared; /* Bytes before this one are known to be typed then. */
	enum tty_question asked; /* when it began */
	int64_t heard;		 /* when bytes came last, monotonic */
	size_t burst;		 /* bytes that came at once then */
	int paste_keys;		 /* how often libedit may be given TTY_PASTE */
	struct buf secret;	 /* the answer to a secret question */
	int hurries; /* a turn of the loop is under way, without wait */
};

void
tty_input_new(struct tty *t)
{
	t->input = buf_alloc(sizeof *t->input);
	buf_init(&t->input->secret, TTY_LINE);
}

void
tty_input_free(struct tty *t)
{
	if (t->input == NULL)
		return;
	tty_input_paste_free(t);
	buf_clear(&t->input->secret);
	free(t->input);
}

/* Returns whether nothing was typed for MS milliseconds. */
static int
is_quiet(const struct tty_input *in, int64_t ms)
{
	return clock_monotonic() - in->heard >= ms;
}

int
tty_read(struct tty *t)
{
	struct tty_input *in = t->input;
	ssize_t n;

	memmove(in->bytes, in->bytes + in->at, in->end - in->at);
	in->end -= in->at;
	in->cleared = in->cleared > in->at ? in->cleared - in->at : 0;
	in->at = 0;
	if (in->end == sizeof in->bytes)
		return 1; /* the terminal keeps the rest */
	n = read(STDIN_FILENO, in->bytes + in->end, sizeof in->bytes - in->end);
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n <= 0)
		return 0;
	if (!is_quiet(in, AT_ONCE))
		in->burst += (size_t)n;
	else
		in->burst = (size_t)n;
	in->heard = clock_monotonic();
	in->end += (size_t)n;
	return 1;
}

void
tty_input_end(struct tty *t)
{
	t->is_over = 1;
}

int64_t
tty_input_deadline(const struct tty *t)
{
	const struct tty_input *in = t->input;

	if (in->is_doubtful || (in->is_unended && in->at < in->end))
		return in->heard + DOUBTFUL;
	return in->is_pasting ? in->heard + PASTE_WAIT : -1;
}

int
tty_input_hurries(const struct tty *t)
{
	return t->input->hurries;
}

/*
 * Takes a character of the locale, or a byte that is of none, as TTY_RAW.
 * Returns 0 if it is not whole yet, -1 if it was a NUL.
 */
static int
decode_character(struct tty_input *in, wchar_t *wc)
{
	const unsigned char *p = in->bytes + in->at;
	size_t left = in->end - in->at, n;
	mbstate_t state;

	memset(&state, 0, sizeof state);
	n = left == 0 ? (size_t)-2 : mbrtowc(wc, (const char *)p, left, &state);
	if (n == (size_t)-2)
		return 0;
	if (n == (size_t)-1)
		*wc = TTY_RAW | *p;
	in->at += n == (size_t)-1 || n == 0 ? 1 : n;
	return n == 0 ? -1 : 1;
}

/* Reads on, and returns whether more came sooner than a person types. */
static int
is_followed(struct tty *t)
{
	struct pollfd in = {STDIN_FILENO, POLLIN, 0};
	size_t had = t->input->end - t->input->at;

	return poll(&in, 1, AT_ONCE) > 0 && tty_read(t) &&
	       t->input->end - t->input->at > had;
}

static int
is_begin_mark(const unsigned char *p, size_t n)
{
	return n == sizeof begin_mark - 1 && memcmp(p, begin_mark, n) == 0;
}

static void
begin_paste(struct tty *t)
{
	struct tty_input *in = t->input;

	in->is_pasting = 1;
	in->is_doubtful = in->is_unended = 0;
	in->asked = tty_screen_asks(t);
	in->paste = buf_alloc(TTY_LINE * sizeof *in->paste);
	in->paste_length = in->mark_matched = 0;
}

/*
 * Called at ESC. Returns 1 if the sequence of a key began there that nothing is
 * bound to, or that marks a paste: it was taken away. Otherwise the bytes are
 * for libedit, with TTY_LEAD for ESC if a function is bound to them: at ESC
 * libedit ends a search, or the typing in vi's mode, and the rest would be
 * text.
 */
static int
take_sequence(struct tty *t)
{
	struct tty_input *in = t->input;
	int is_secret = tty_screen_asks(t) == TTY_ASKS_SECRET, got;
	enum tty_bound bound = TTY_UNBOUND;
	char key[TTY_SEQUENCE + 2];
	const unsigned char *p;
	size_t n, more = 0;

	do
		got = tty_sequence_length(in->bytes + in->at, in->end - in->at);
	while (got == -1 && is_followed(t));
	p = in->bytes + in->at;
	n = got > 0 ? (size_t)got : 0;
	while (more < n && p[more + 1] == TTY_ESC)
		more++; /* which was typed before something was pasted */
	if (n == 0 || (more > 0 && is_begin_mark(p + more, n - more)) ||
	    (n == 2 && !is_secret && tty_sequence_is_vi(t)))
		return 0;
	if (is_begin_mark(p, n)) {
		begin_paste(t);
	} else if (!is_secret) {
		memcpy(key, p, n);
		key[n] = '\0';
		bound = tty_sequence_bound(t, key);
		if (bound == TTY_UNBOUND && n == 2)
			return 0;
	}
	if (bound == TTY_UNBOUND)
		in->at += n;
	else
		in->sequence = n;
	if (bound == TTY_BOUND)
		in->bytes[in->at] = TTY_LEAD;
	return bound == TTY_UNBOUND;
}

/* Adds C to what is pasted, unless it is a control character. */
static void
add_pasted(struct tty_input *in, wchar_t c)
{
	if (c == L'\r')
		c = L'\n';
	if (in->paste_length < TTY_LINE - 1 &&
	    ((c >= L' ' && c != DELETE) || c == L'\n' || c == L'\t'))
		in->paste[in->paste_length++] = c;
}

const wchar_t *
tty_input_paste(const struct tty *t, size_t *length)
{
	*length = t->input->paste_length;
	return t->input->is_pasting ? NULL : t->input->paste;
}

void
tty_input_paste_free(struct tty *t)
{
	struct tty_input *in = t->input;

	if (in->paste != NULL)
		buf_wipe(in->paste, in->paste_length * sizeof *in->paste);
	free(in->paste);
	in->paste = NULL;
	in->is_pasting = in->is_doubtful = 0;
}

/* Shows WORDS about a paste above the line. */
static void
say_of_paste(struct tty *t, const char *words)
{
	tty_screen_words(t, HISTORY_INFO, words);
	tty_screen_flush(t);
}

/*
 * Returns whether the bytes that wait hold the mark of the end of a paste, or
 * end within one: all before it was pasted.
 */
static int
holds_end_mark(const struct tty_input *in)
{
	const unsigned char *p = in->bytes + in->at;
	size_t left = in->end - in->at, n;

	for (; left > 0; p++, left--) {
		n = left < sizeof end_mark - 1 ? left : sizeof end_mark - 1;
		if (n > 1 && memcmp(p, end_mark, n) == 0)
			return 1;
	}
	return 0;
}

/*
 * Waits until nothing follows for a moment, or as much as no person types.
 * Returns 0 as long as it waits; 1 if what came is pasted, -1 if it is typed.
 */
static int
decide_doubt(const struct tty_input *in)
{
	if (in->end - in->at == sizeof in->bytes)
		return 1;
	if (!is_quiet(in, DOUBTFUL))
		return 0;
	return holds_end_mark(in) ? 1 : -1;
}

/*
 * Ends the paste. Returns 1 with the key for that in *C; -1 if nothing of it is
 * for libedit.
 */
static int
end_paste(struct tty *t, wchar_t *c)
{
	struct tty_input *in = t->input;

	in->is_doubtful = 0;
	if (tty_screen_asks(t) != in->asked) {
		say_of_paste(t,
		    "a question came or went meanwhile: the paste is "
		    "dropped");
		tty_input_paste_free(t);
		return -1;
	}
	while (in->paste_length > 0 && in->paste[in->paste_length - 1] == L'\n')
		in->paste_length--;
	in->paste[in->paste_length] = L'\0';
	in->is_pasting = 0;
	if (tty_screen_asks(t) == TTY_ASKS_SECRET) {
		tty_narrow(in->paste, in->paste_length, &in->secret);
		tty_input_paste_free(t);
		return -1;
	}
	in->paste_keys = 2;
	*c = TTY_PASTE;
	return 1;
}

/* Takes C of a paste. */
static void
take_pasted(struct tty_input *in, wchar_t c)
{
	size_t i;

	if (c == (wchar_t)end_mark[in->mark_matched]) {
		if (end_mark[++in->mark_matched] != '\0')
			return;
		in->is_doubtful = 1;
		in->mark_matched = 0;
		return;
	}
	for (i = 0; i < in->mark_matched; i++)
		add_pasted(in, end_mark[i]);
	in->mark_matched = c == TTY_ESC;
	if (c != TTY_ESC)
		add_pasted(in, c);
}

/*
 * Does what a paste needs before the next byte is looked at. Returns 1 with a
 * key for libedit in *C, 0 if more has to come or time to pass, -1 if the bytes
 * may have another meaning now, 2 if they are to be taken.
 */
static int
mind_paste(struct tty *t, wchar_t *c)
{
	struct tty_input *in = t->input;
	int decision;

	if (in->is_doubtful) {
		decision = decide_doubt(in);
		if (decision == 1)
			in->is_doubtful = 0;
		return decision == -1 ? end_paste(t, c) : -decision;
	}
	if (in->is_pasting && in->at == in->end && is_quiet(in, PASTE_WAIT)) {
		say_of_paste(t,
		    "the end of what is pasted has not come: it is taken "
		    "for complete");
		in->is_unended = 1;
		return end_paste(t, c);
	}
	if (in->is_pasting || !in->is_unended || in->at == in->end ||
	    in->at < in->cleared)
		return 2;
	/* These characters may still belong to the paste that did not end. */
	decision = decide_doubt(in);
	if (decision == 1)
		begin_paste(t);
	else if (decision == -1)
		in->cleared = in->end;
	return decision == 0 ? 0 : -1;
}

/* Returns whether C, the last byte, is a Ctrl-C that somebody typed. */
static int
is_given_up(struct tty *t, wchar_t c)
{
	return c == CTRL_C && t->input->burst == 1 && !is_followed(t);
}

/*
 * Takes the next character for libedit. Returns 0 if more has to be typed for
 * one, -1 if what was taken is not for libedit.
 */
static int
take_character(struct tty *t, wchar_t *wc)
{
	struct tty_input *in = t->input;
	int got;

	got = mind_paste(t, wc);
	if (got != 2)
		return got;
	if (!in->is_pasting && in->sequence == 0 && in->at < in->end &&
	    in->bytes[in->at] == TTY_ESC && take_sequence(t))
		return -1;
	got = decode_character(in, wc);
	if (got == 1 && in->is_pasting) {
		if (is_given_up(t, *wc)) {
			say_of_paste(t, "what was pasted is dropped");
			tty_input_paste_free(t);
			in->is_unended = 1;
		} else {
			take_pasted(in, *wc);
		}
		return -1;
	}
	if (got == 1 && (*wc == L'\r' || *wc == L'\n'))
		in->is_unended = 0;
	if (got == 1 && in->sequence > 0)
		in->sequence--;
	else if (got == 1 && (*wc == TTY_LEAD || *wc == TTY_PASTE))
		return -1; /* typed as such, which must not look like ours */
	return got;
}

/* Takes C for the answer to a secret question. */
static void
take_secret(struct tty *t, wchar_t c)
{
	struct buf *answer = &t->input->secret;
	size_t n = buf_len(answer);

	if (c == L'\r' || c == L'\n' || c == CTRL_C) {
		if (c == CTRL_C)
			buf_reset(answer);
		tty_screen_erase(t);
		tty_line_send(
		    t, (const char *)buf_data(answer), buf_len(answer));
		buf_clear(answer);
		buf_init(answer, TTY_LINE);
		tty_screen_draw(t);
	} else if (c == CTRL_U) {
		buf_reset(answer);
	} else if (c == CTRL_Z) {
		tty_screen_suspend(t, 1);
	} else if (c == BACKSPACE || c == DELETE) {
		while (n > 0 && (buf_data(answer)[--n] & 0xc0) == 0x80)
			;
		buf_cut(answer, n);
	} else if (c >= L' ') {
		tty_narrow(&c, 1, answer);
	}
}

/*
 * Returns whether libedit is to be given TTY_PASTE. If it took the key for
 * something else, as in a search, it gets the key once more, and then the
 * paste is dropped.
 */
static int
is_paste_due(struct tty *t)
{
	if (t->input->paste == NULL || t->input->is_pasting)
		return 0;
	if (t->input->paste_keys-- > 0)
		return 1;
	tty_screen_words(
	    t, HISTORY_INFO, "here is no place to paste: it is dropped");
	tty_input_paste_free(t);
	return 0;
}

/*
 * Gives libedit a screen of one row, as what it draws leads nowhere: 3.1 writes
 * beyond its copy of the screen if that has several, and a long line is gone
 * through by keys or the size changes. Each el_wgets measures the terminal.
 */
static void
take_one_row(EditLine *el)
{
	int rows = 0;

	el_get(el, EL_GETTC, "li", &rows);
	if (rows != 1)
		el_set(el, EL_SETTC, "li", "1", NULL);
}

int
tty_input_get(EditLine *el, wchar_t *wc)
{
	struct tty *t = tty_screen_of(el);
	struct tty_input *in = t->input;
	int got;

	tty_mode_mark();
	take_one_row(el);
	/* The effect of a line is shown before the next key is looked at. */
	in->hurries = tty_line_is_due(t);
	if (in->hurries && !t->is_over && !t->turn(t->data))
		t->is_over = 1;
	in->hurries = 0;
	if (!t->is_over && is_paste_due(t)) {
		*wc = TTY_PASTE;
		tty_line_key(t, *wc);
		return 1;
	}
	while (!t->is_over) {
		got = take_character(t, wc);
		if (got == 1 && *wc == TTY_PASTE)
			in->paste_keys--;
		if (got == 1 && tty_screen_asks(t) != TTY_ASKS_SECRET) {
			tty_line_key(t, *wc);
			return 1;
		}
		if (got == 1)
			take_secret(t, *wc);
		if (got != 0)
			continue;
		tty_screen_draw(t);
		if (client_input_room(t->client) == 0 || !t->turn(t->data))
			break;
	}
	tty_screen_erase(t);
	t->is_over = 1;
	return 0;
}
