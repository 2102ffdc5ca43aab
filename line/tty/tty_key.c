#include "line/tty/tty_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/room/people.h"
#include "line/text/escape.h"
#include "line/tty/complete.h"
#include "line/tty/tty_input.h"
#include "line/tty/tty_line.h"
#include "line/tty/tty_page.h"
#include "line/tty/tty_screen.h"
#include "line/tty/tty_sequence.h"
#include "sexp/utf8.h"

#define HELP_COLUMN 15 /* where the texts of `/help keys` begin */

/* Shows TEXT above the line. */
static unsigned char
show_words(struct tty *t, const char *text)
{
	tty_screen_words(t, HISTORY_INFO, text);
	tty_screen_flush(t);
	tty_screen_draw(t);
	return CC_NORM;
}

/* Ends libedit's reading: what was typed is taken, and a new line begins. */
static unsigned char
leave_line(struct tty *t)
{
	tty_screen_erase(t);
	t->has_left = 1;
	return CC_NEWLINE;
}

/* Cuts off the blank that completion leaves where no more may follow. */
static void
trim_blanks(struct buf *line)
{
	size_t n = buf_len(line);

	while (n > 0 && buf_data(line)[n - 1] == ' ')
		n--;
	buf_cut(line, n);
}

static unsigned char
key_return(EditLine *el, int c)
{
	struct tty *t = tty_screen_of(el);
	int is_plain = tty_screen_asks(t) == TTY_ASKS_NOTHING && !t->text_only;
	unsigned char result = CC_NORM;
	struct buf line;

	(void)c;
	buf_init(&line, TTY_LINE);
	tty_line_typed(t, 1, &line);
	if (is_plain && *buf_str(&line) == '/')
		trim_blanks(&line);
	if (is_plain && buf_len(&line) > 0)
		tty_line_remember(t);
	else if (is_plain && view_active(t->view).p != NULL)
		buf_adds(&line, "/expand");
	if (!is_plain || buf_len(&line) > 0) {
		result = leave_line(t);
		tty_line_send(t, (const char *)buf_data(&line), buf_len(&line));
	}
	buf_clear(&line);
	return result;
}

/* Returns how many characters from the cursor on are drawn as one. */
static int
next_drawn(const LineInfoW *info)
{
	const wchar_t *p = info->cursor;

	if (p < info->lastchar)
		p++;
	while (p < info->lastchar && utf8_is_nonspacing((uint32_t)*p))
		p++;
	return (int)(p - info->cursor);
}

static unsigned char
key_right(EditLine *el, int c)
{
	(void)c;
	el_cursor(el, next_drawn(el_wline(el)));
	return CC_CURSOR;
}

static unsigned char
key_left(EditLine *el, int c)
{
	const LineInfoW *info = el_wline(el);
	const wchar_t *p = info->cursor;

	(void)c;
	if (p > info->buffer)
		p--;
	while (p > info->buffer && utf8_is_nonspacing((uint32_t)*p))
		p--;
	el_cursor(el, (int)(p - info->cursor));
	return CC_CURSOR;
}

/* Deletes the character under the cursor with the marks that it has. */
static unsigned char
key_delete(EditLine *el, int c)
{
	int n = next_drawn(el_wline(el));

	(void)c;
	el_cursor(el, n);
	el_deletestr(el, n);
	return CC_REFRESH;
}

/* Ctrl-D: the end on an empty line, else the character under the cursor. */
static unsigned char
key_end(EditLine *el, int c)
{
	const LineInfoW *info = el_wline(el);
	struct tty *t = tty_screen_of(el);

	if (info->buffer == info->lastchar) {
		/* Unlike the end of input, /quit does not wait for a lost
		 * connection. */
		if (!t->text_only)
			tty_line_send(t, "/quit", 5);
		tty_input_end(t);
		return leave_line(t);
	}
	return key_delete(el, c);
}

static unsigned char
key_clear(EditLine *el, int c)
{
	struct tty *t = tty_screen_of(el);

	(void)c;
	tty_line_drop(t);
	return leave_line(t);
}

static unsigned char
key_wipe(EditLine *el, int c)
{
	struct tty *t = tty_screen_of(el);

	(void)c;
	tty_screen_flush(t);
	tty_page_wipe(t);
	tty_screen_flush(t);
	tty_screen_draw(t);
	return CC_NORM;
}

static unsigned char
key_suspend(EditLine *el, int c)
{
	(void)c;
	tty_screen_suspend(tty_screen_of(el), 1);
	return CC_NORM;
}

/* Turns to the contact JID (escaped; NULL: to none). */
static unsigned char
go_to(struct tty *t, const char *jid)
{
	if (jid == NULL || t->text_only)
		return CC_NORM;
	tty_line_put_aside(t);
	leave_line(t);
	tty_line_go(t, jid);
	return CC_NEWLINE;
}

static unsigned char
step_to(EditLine *el, enum people_step step)
{
	struct tty *t = tty_screen_of(el);
	char jid[JID_SIZE], *spelt = NULL;
	unsigned char result;

	if (people_step(t->client, step, jid))
		spelt = view_spell(t->view, jid, ESCAPE_VALUE);
	result = go_to(t, spelt);
	free(spelt);
	return result;
}

#define STEP(name, step)                                                       \
	static unsigned char name(EditLine *el, int c)                         \
	{                                                                      \
		(void)c;                                                       \
		return step_to(el, step);                                      \
	}
STEP(key_next, PEOPLE_NEXT)
STEP(key_previous, PEOPLE_PREVIOUS)
STEP(key_unread, PEOPLE_UNREAD)
STEP(key_encrypted, PEOPLE_ENCRYPTED)

static unsigned char
key_last(EditLine *el, int c)
{
	struct tty *t = tty_screen_of(el);

	(void)c;
	return go_to(t, view_last(t->view));
}

static unsigned char
key_offline(EditLine *el, int c)
{
	struct tty *t = tty_screen_of(el);

	(void)c;
	return show_words(
	    t, client_offline(t->client)
		   ? "PgUp and PgDn go to all contacts; /contacts lists them"
		   : "PgUp and PgDn leave out who is offline; so does "
		     "/contacts");
}

static unsigned char
key_show(EditLine *el, int c)
{
	static const char *const what[] = {"shown: everything",
	    "shown: the active contact", "shown: the event lines as they are"};
	struct tty *t = tty_screen_of(el);

	(void)c;
	return show_words(t, what[view_show_next(t->view)]);
}

static unsigned char
key_window(EditLine *el, int c)
{
	(void)c;
	return show_words(
	    tty_screen_of(el), "there are no windows to be sized");
}

static unsigned char
turn_page(EditLine *el, int back)
{
	struct tty *t = tty_screen_of(el);

	if (tty_page_move(t, back)) {
		tty_screen_flush(t);
		tty_screen_draw(t);
	}
	return CC_NORM;
}

static unsigned char
key_page_back(EditLine *el, int c)
{
	(void)c;
	return turn_page(el, 1);
}

static unsigned char
key_page_forth(EditLine *el, int c)
{
	(void)c;
	return turn_page(el, 0);
}

/* Returns how many characters TEXT, in UTF-8, has. */
static int
characters_in(const char *text)
{
	int count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static unsigned char
key_complete(EditLine *el, int c)
{
	struct tty *t = tty_screen_of(el);
	unsigned char result = CC_NORM;
	struct completion found;
	struct buf line;

	(void)c;
	if (tty_screen_asks(t) != TTY_ASKS_NOTHING)
		return CC_NORM;
	buf_init(&line, TTY_LINE);
	tty_line_typed(t, 0, &line);
	complete_line(
	    t->view, t->client, buf_str(&line), buf_len(&line), &found);
	if (buf_len(&found.insert) > 0) {
		buf_drop(&line, buf_len(&line) - found.cut);
		el_deletestr(el, characters_in(buf_str(&line)));
		tty_line_insert(
		    t, buf_str(&found.insert), buf_len(&found.insert));
		result = CC_REFRESH;
	} else if (found.count > 1) {
		show_words(t, buf_str(&found.list));
	}
	complete_clear(&found);
	buf_clear(&line);
	return result;
}

static unsigned char
key_paste(EditLine *el, int c)
{
	const LineInfoW *info = el_wline(el);
	struct tty *t = tty_screen_of(el);
	size_t n, i, lines = 1;
	const wchar_t *paste = tty_input_paste(t, &n);
	char words[100];

	(void)c;
	if (paste == NULL)
		return CC_NORM;
	/* A key that inserts the next one as it is has inserted ours. */
	if (info->cursor > info->buffer && info->cursor[-1] == TTY_PASTE)
		el_deletestr(el, 1);
	for (i = 0; i < n; i++)
		lines += paste[i] == L'\n';
	/* Several lines that are pasted are text, whatever they begin with. */
	if (lines > 1 && *paste == L'/' && info->buffer == info->lastchar &&
	    !t->text_only && tty_screen_asks(t) == TTY_ASKS_NOTHING)
		el_winsertstr(el, L"/say ");
	el_winsertstr(el, paste);
	tty_input_paste_free(t);
	if (lines == 1)
		return CC_REFRESH;
	snprintf(words, sizeof words,
	    "%zu lines: Return sends them as one message, Ctrl-C drops them",
	    lines);
	return show_words(t, words);
}

/*
 * All keys, and what `/help keys` says of them: a row without a label belongs
 * to the row above. A row without a function is bound to libedit's own of that
 * name. What libedit
 * binds by itself is told in the text alone.
 */
static const struct {
	const char *keys[4], *name;
	unsigned char (*run)(EditLine *, int);
	const char *label, *help;
} bindings[] = {
    {{"^M", "^J"}, "jl-return", key_return, "Return",
	"send; on an empty line: /expand"},
    {{"^I"}, "jl-complete", key_complete, "Tab",
	"complete; where that is not unique, again: the list"},
    {{"\033[5~"}, "jl-previous", key_previous, "PgUp, PgDn",
	"the contact before, behind"},
    {{"\033[6~"}, "jl-next", key_next, NULL, NULL},
    {{"\033[15~", "\033[[E"}, "jl-offline", key_offline, "F5",
	"offline contacts too, for PgUp, PgDn and /contacts"},
    {{"^Q"}, "jl-unread", key_unread, "Ctrl-q",
	"the next with something unread"},
    {{"^X"}, "jl-last", key_last, "Ctrl-x", "the contact before this one"},
    {{"\033c"}, "jl-encrypted", key_encrypted, "Alt-c",
	"the next with an encrypted session"},
    {{"\033[24~"}, "jl-show", key_show, "F12",
	"show everything, the active contact, the event lines"},
    {{"\033[21~", "\033[23~", "\033[21;2~", "\033[23;2~"}, "jl-window",
	key_window, "F10, F11", "nothing: there are no windows"},
    {{"\033[5;5~", "^P"}, "jl-page-back", key_page_back, "Ctrl-p, Ctrl-n",
	"page back and forth (also Ctrl-PgUp, Ctrl-PgDn)"},
    {{"\033[6;5~", "^N"}, "jl-page-forth", key_page_forth, NULL, NULL},
    {{"\033[A", "\033OA"}, "ed-prev-history", NULL, "Up, Down",
	"the lines that were typed to this contact; Ctrl-r: search"},
    {{"\033[B", "\033OB"}, "ed-next-history", NULL, NULL, NULL},
    {{"^R"}, "em-inc-search-prev", NULL, NULL, NULL},
    {{"\033[C", "\033OC", "^F"}, "jl-right", key_right, NULL, NULL},
    {{"\033[D", "\033OD", "^B"}, "jl-left", key_left, NULL, NULL},
    {{"\033[H", "\033OH", "\033[1~"}, "ed-move-to-beg", NULL, "Ctrl-a, Ctrl-e",
	"to the begin and the end (also Home, End)"},
    {{"\033[F", "\033OF", "\033[4~"}, "ed-move-to-end", NULL, NULL, NULL},
    {{"\033[1;5D", "\033[5D", "\033Od"}, "ed-prev-word", NULL,
	"Ctrl-Left, Ctrl-Right", "by words"},
    {{"\033[1;5C", "\033[5C", "\033Oc"}, "em-next-word", NULL, NULL, NULL},
    {{"^U"}, "vi-kill-line-prev", NULL, "Ctrl-u, Ctrl-k",
	"kill to the left, to the right; Ctrl-w: a word; Ctrl-y: yank"},
    {{"^W"}, "ed-delete-prev-word", NULL, NULL, NULL},
    {{"\033[3~"}, "jl-delete", key_delete, NULL, NULL},
    {{"^L"}, "jl-wipe", key_wipe, "Ctrl-l", "clear the screen"},
    {{"^C"}, "jl-clear", key_clear, "Ctrl-c",
	"clear the line; Ctrl-z: stop; Ctrl-d on an empty line: leave"},
    {{"^Z"}, "jl-suspend", key_suspend, NULL, NULL},
    {{"^D"}, "jl-end", key_end, NULL, NULL},
    {{"^]"}, "jl-paste", key_paste, NULL, NULL},
    /* libedit's own prompt for a command would be drawn where ours is. */
    {{"\033x"}, "ed-unassigned", NULL, "",
	"others as libedit has them, and ~/.editrc"},
};

#define BINDINGS (sizeof bindings / sizeof *bindings)

void
tty_key_bind(struct tty *t)
{
	size_t i, k;

	for (i = 0; i < BINDINGS; i++) {
		if (bindings[i].run != NULL)
			el_set(t->el, EL_ADDFN, bindings[i].name,
			    bindings[i].name, bindings[i].run);
		for (k = 0; k < 4 && bindings[i].keys[k] != NULL; k++)
			tty_sequence_bind(t, bindings[i].keys[k],
			    bindings[i].name, bindings[i].run != NULL);
	}
	/* It would write what was typed to a file for an editor. */
	if (tty_sequence_is_vi(t))
		el_set(t->el, EL_BIND, "-a", "v", "ed-unassigned", NULL);
}

int
tty_key_is_bound(struct tty *t)
{
	return tty_sequence_is_bound(t, bindings[0].keys[0], bindings[0].name);
}

void
tty_key_help(struct tty *t)
{
	struct buf b;
	size_t i;

	buf_init(&b, 8192);
	for (i = 0; i < BINDINGS; i++)
		if (bindings[i].label != NULL)
			buf_addf(&b, "%-*s %s\n", HELP_COLUMN - 1,
			    bindings[i].label, bindings[i].help);
	tty_screen_words(t, HISTORY_INFO, buf_str(&b));
	buf_clear(&b);
}

int
tty_key_left(struct tty *t)
{
	int has_left = t->has_left;

	t->has_left = 0;
	return has_left;
}
