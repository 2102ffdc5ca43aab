#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/complete.h"
#include "line/tty_intern.h"

/* Everything that was typed and not sent. */
static void
typed(const struct tty *t, struct buf *out)
{
	const LineInfoW *info = el_wline(t->el);

	buf_init(out, TTY_LINE);
	tty_narrow(info->buffer, (size_t)(info->lastchar - info->buffer), out);
}

/* Shows words of ours above the line. */
static unsigned char
tell(struct tty *t, const char *text)
{
	tty_words(t, HISTORY_INFO, text);
	tty_flush(t);
	tty_draw(t);
	return CC_NORM;
}

/* Leaves libedit: WHY says what is to be done with LINE. */
static unsigned char
leave(struct tty *t, enum tty_why why)
{
	tty_erase(t);
	t->why = why;
	return CC_NEWLINE;
}

/* The line is to be had again by Up. */
static void
remember(struct tty *t, const LineInfoW *info)
{
	size_t n = (size_t)(info->lastchar - info->buffer);
	wchar_t *copy = buf_alloc((n + 1) * sizeof *copy);
	HistEventW ev;

	wmemcpy(copy, info->buffer, n);
	history_w(tty_history(t), &ev, H_ENTER, copy);
	free(copy);
}

static void
trim(struct buf *line)
{
	size_t n = buf_len(line);

	while (n > 0 && buf_data(line)[n - 1] == ' ')
		n--;
	buf_cut(line, n);
}

static unsigned char
key_return(EditLine *el, int c)
{
	struct tty *t = tty_of(el);
	const LineInfoW *info = el_wline(el);
	int plain = buf_len(&t->question) == 0 && !t->text_only;

	(void)c;
	buf_reset(&t->line);
	tty_narrow(
	    info->buffer, (size_t)(info->lastchar - info->buffer), &t->line);
	if (buf_len(&t->line) == 0 && plain) {
		if (view_active(t->view).p == NULL)
			return CC_NORM;
		buf_adds(&t->line, "/expand");
	} else if (plain && *buf_str(&t->line) == '/') {
		/* Completion leaves a blank where no more may follow. */
		trim(&t->line);
		remember(t, info);
	} else if (plain) {
		remember(t, info);
	}
	return leave(t, TTY_TYPED);
}

/* Ctrl-D: the end on an empty line, else the character under the cursor. */
static unsigned char
key_end(EditLine *el, int c)
{
	const LineInfoW *info = el_wline(el);

	(void)c;
	if (info->buffer == info->lastchar)
		return leave(tty_of(el), TTY_QUIT);
	if (info->cursor == info->lastchar)
		return CC_NORM;
	el_cursor(el, 1);
	el_deletestr(el, 1);
	return CC_REFRESH;
}

/* Ctrl-C: begins anew, with the last line that was typed above. */
static unsigned char
key_clear(EditLine *el, int c)
{
	(void)c;
	return leave(tty_of(el), TTY_CLEARED);
}

/* Ctrl-L: the screen is empty, so nothing on it has been seen. */
static unsigned char
key_wipe(EditLine *el, int c)
{
	struct tty *t = tty_of(el);

	(void)c;
	tty_flush(t);
	tty_wipe(t);
	tty_flush(t);
	tty_draw(t);
	return CC_NORM;
}

static unsigned char
key_suspend(EditLine *el, int c)
{
	(void)c;
	tty_suspend(tty_of(el), 1);
	return CC_NORM;
}

static unsigned char
step(EditLine *el, enum view_step where)
{
	struct tty *t = tty_of(el);
	const char *jid = view_step(t->view, where);
	struct buf b;

	if (jid == NULL || t->text_only)
		return CC_NORM;
	typed(t, &b);
	view_draft_set(t->view, (const char *)buf_data(&b), buf_len(&b));
	buf_clear(&b);
	buf_reset(&t->line);
	buf_adds(&t->line, jid);
	return leave(t, TTY_GO);
}

#define STEP(name, where)                                                      \
	static unsigned char name(EditLine *el, int c)                         \
	{                                                                      \
		(void)c;                                                       \
		return step(el, where);                                        \
	}
STEP(key_next, VIEW_NEXT)
STEP(key_previous, VIEW_PREVIOUS)
STEP(key_unread, VIEW_UNREAD)
STEP(key_last, VIEW_LAST)
STEP(key_encrypted, VIEW_ENCRYPTED)

static unsigned char
key_offline(EditLine *el, int c)
{
	struct tty *t = tty_of(el);
	int offline = view_offline_toggle(t->view);

	(void)c;
	client_offline(t->client, offline);
	return tell(t,
	    offline ? "PgUp and PgDn go to all contacts; /contacts lists them"
		    : "PgUp and PgDn leave out who is offline; so does "
		      "/contacts");
}

static unsigned char
key_show(EditLine *el, int c)
{
	static const char *const what[] = {"shown: everything",
	    "shown: the active contact", "shown: the event lines as they are"};
	struct tty *t = tty_of(el);

	(void)c;
	return tell(t, what[view_show_next(t->view)]);
}

static unsigned char
key_window(EditLine *el, int c)
{
	(void)c;
	return tell(tty_of(el), "there are no windows to be sized");
}

static unsigned char
page(EditLine *el, int back)
{
	struct tty *t = tty_of(el);

	if (tty_page(t, back)) {
		tty_flush(t);
		tty_draw(t);
	}
	return CC_NORM;
}

static unsigned char
key_page_back(EditLine *el, int c)
{
	(void)c;
	return page(el, 1);
}

static unsigned char
key_page_forth(EditLine *el, int c)
{
	(void)c;
	return page(el, 0);
}

static void
insert(EditLine *el, const char *text, size_t n)
{
	wchar_t *wide = buf_alloc((n + 1) * sizeof *wide);

	tty_widen(text, n, wide, n + 1);
	el_winsertstr(el, wide);
	free(wide);
}

static unsigned char
key_complete(EditLine *el, int c)
{
	const LineInfoW *info = el_wline(el);
	struct tty *t = tty_of(el);
	struct buf line, more, list;
	int count;

	(void)c;
	buf_init(&line, TTY_LINE);
	buf_init(&more, TTY_LINE);
	buf_init(&list, TTY_LINE);
	tty_narrow(info->buffer, (size_t)(info->cursor - info->buffer), &line);
	count = complete_line(
	    t->view, buf_str(&line), buf_len(&line), &more, &list);
	if (buf_len(&more) > 0)
		insert(el, buf_str(&more), buf_len(&more));
	else if (count > 1)
		tell(t, buf_str(&list));
	buf_clear(&line);
	c = buf_len(&more) > 0;
	buf_clear(&more);
	buf_clear(&list);
	return c ? CC_REFRESH : count > 1 ? CC_NORM : CC_NORM;
}

static unsigned char
key_paste(EditLine *el, int c)
{
	const LineInfoW *info = el_wline(el);
	struct tty *t = tty_of(el);
	size_t i, lines = 1;
	char words[100];

	(void)c;
	if (t->paste == NULL || t->is_pasting)
		return CC_NORM;
	/* Where the next key was to be taken as it is. */
	if (info->cursor > info->buffer && info->cursor[-1] == TTY_PASTE)
		el_deletestr(el, 1);
	for (i = 0; i < t->paste_len; i++)
		lines += t->paste[i] == L'\n';
	if (lines > 1)
		tty_erase(t); /* in as many rows as it has now */
	/* Whoever pastes several lines means what they say. */
	if (lines > 1 && *t->paste == L'/' && info->buffer == info->lastchar &&
	    !t->text_only)
		el_winsertstr(el, L"/say ");
	el_winsertstr(el, t->paste);
	tty_paste_free(t);
	if (lines == 1)
		return CC_REFRESH;
	snprintf(words, sizeof words,
	    "%zu lines: Return sends them as one message, Ctrl-C drops them",
	    lines);
	return tell(t, words);
}

static const struct {
	const char *keys[4], *name;
	unsigned char (*run)(EditLine *, int);
} bindings[] = {
    {{"^M", "^J"}, "jl-return", key_return},
    {{"^D"}, "jl-end", key_end},
    {{"^C"}, "jl-clear", key_clear},
    {{"^L"}, "jl-wipe", key_wipe},
    {{"^Z"}, "jl-suspend", key_suspend},
    {{"^I"}, "jl-complete", key_complete},
    {{"^]"}, "jl-paste", key_paste},
    {{"\033[6~"}, "jl-next", key_next},
    {{"\033[5~"}, "jl-previous", key_previous},
    {{"^Q"}, "jl-unread", key_unread},
    {{"^X"}, "jl-last", key_last},
    {{"\033c"}, "jl-encrypted", key_encrypted},
    {{"\033[15~", "\033[[E"}, "jl-offline", key_offline},
    {{"\033[24~"}, "jl-show", key_show},
    {{"\033[21~", "\033[23~", "\033[21;2~", "\033[23;2~"}, "jl-window",
	key_window},
    {{"\033[5;5~", "^P"}, "jl-page-back", key_page_back},
    {{"\033[6;5~", "^N"}, "jl-page-forth", key_page_forth},
};

/* What libedit has itself, on the keys that terminals send today. */
static const char *const builtin[][2] = {
    {"^U", "vi-kill-line-prev"},
    {"^W", "ed-delete-prev-word"},
    {"^R", "em-inc-search-prev"},
    {"\033[1;5D", "ed-prev-word"},
    {"\033[5D", "ed-prev-word"},
    {"\033Od", "ed-prev-word"},
    {"\033[1;5C", "em-next-word"},
    {"\033[5C", "em-next-word"},
    {"\033Oc", "em-next-word"},
    {"\033[A", "ed-prev-history"},
    {"\033OA", "ed-prev-history"},
    {"\033[B", "ed-next-history"},
    {"\033OB", "ed-next-history"},
    {"\033[C", "ed-next-char"},
    {"\033OC", "ed-next-char"},
    {"\033[D", "ed-prev-char"},
    {"\033OD", "ed-prev-char"},
    {"\033[H", "ed-move-to-beg"},
    {"\033OH", "ed-move-to-beg"},
    {"\033[1~", "ed-move-to-beg"},
    {"\033[F", "ed-move-to-end"},
    {"\033OF", "ed-move-to-end"},
    {"\033[4~", "ed-move-to-end"},
    {"\033[3~", "ed-delete-next-char"},
    /* Its prompt would be drawn where ours is. */
    {"\033x", "ed-unassigned"},
};

const char tty_keys[] =
    "Return         send; on an empty line: /expand\n"
    "Tab            complete; where that is not unique, again: the list\n"
    "PgUp, PgDn     the contact before, behind\n"
    "F5             offline contacts too, for PgUp, PgDn and /contacts\n"
    "Ctrl-q         the next with something unread\n"
    "Ctrl-x         the contact before this one\n"
    "Alt-c          the next with an encrypted session\n"
    "F12            show everything, the active contact, the event lines\n"
    "F10, F11       nothing: there are no windows\n"
    "Ctrl-p, Ctrl-n page back and forth (also Ctrl-PgUp, Ctrl-PgDn)\n"
    "Up, Down       the lines that were typed to this contact; Ctrl-r: search\n"
    "Ctrl-a, Ctrl-e to the begin and the end (also Home, End)\n"
    "Ctrl-Left, Ctrl-Right  by words\n"
    "Ctrl-u, Ctrl-k kill to the left, to the right; Ctrl-w: a word; Ctrl-y: "
    "yank\n"
    "Ctrl-l         clear the screen\n"
    "Ctrl-c         clear the line; Ctrl-z: stop; Ctrl-d on an empty line: "
    "leave\n"
    "               others as libedit has them, and ~/.editrc\n";

static void
bind_lead(struct tty *t, const char *key, const char *name)
{
	el_set(t->el, EL_BIND, key, name, NULL);
	if (t->vi)
		el_set(t->el, EL_BIND, "-a", key, name, NULL);
}

/*
 * In vi's mode ESC is a key of its own, so that the sequences begin with
 * TTY_LEAD there, among the commands as well. ALWAYS: so is what else KEY is.
 */
static void
bind_key(struct tty *t, const char *key, const char *name, int always)
{
	char copy[16];

	if (!t->vi) {
		el_set(t->el, EL_BIND, key, name, NULL);
		return;
	}
	snprintf(copy, sizeof copy, "%s", key);
	if (*key == '\033' && key[2] == '\0')
		return; /* Alt and a letter: ESC and a command */
	if (*key == '\033')
		*copy = TTY_LEAD;
	if (*copy == TTY_LEAD)
		bind_lead(t, copy, name);
	else
		el_set(t->el, EL_BIND, copy, name, NULL);
	if (always && *copy != TTY_LEAD)
		el_set(t->el, EL_BIND, "-a", copy, name, NULL);
}

/* What libedit says that KEY is bound to; the caller frees. NULL: nothing. */
static char *
said_of(struct tty *t, const char *key)
{
	static const char arrow[] = "->";
	char *text = NULL, *name = NULL, *end;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return NULL;
	el_set(t->el, EL_SETFP, 1, f);
	el_set(t->el, EL_SETFP, 2, f);
	el_set(t->el, EL_BIND, key, NULL);
	el_set(t->el, EL_SETFP, 1, stdout);
	el_set(t->el, EL_SETFP, 2, stderr);
	if (fclose(f) == 0 && text != NULL)
		name = strstr(text, arrow);
	if (name != NULL) {
		name += sizeof arrow - 1;
		name += strspn(name, " \t");
		end = name + strcspn(name, "\n");
		name = buf_memdup(name, (size_t)(end - name));
	}
	free(text);
	return name;
}

int
tty_is_bound(struct tty *t)
{
	char *name = said_of(t, bindings[0].keys[0]);
	int bound = name != NULL && strcmp(name, bindings[0].name) == 0;

	free(name);
	return bound;
}

enum tty_bound
tty_binding(struct tty *t, const char *key)
{
	enum tty_bound bound = TTY_BOUND;
	char copy[80], *to = copy, *name;

	/* As .editrc has to spell it. */
	for (; *key != '\0' && to < copy + sizeof copy - 2; key++) {
		if (*key == '\\' || *key == '^')
			*to++ = '\\';
		*to++ = *key;
	}
	*to = '\0';
	name = said_of(t, copy);
	if (name != NULL && *name == '"')
		bound = TTY_MACRO;
	*copy = TTY_LEAD;
	if (name == NULL)
		name = t->vi ? said_of(t, copy) : NULL;
	else if (bound == TTY_BOUND)
		bind_lead(t, copy, name);
	if (name == NULL || strcmp(name, "ed-unassigned") == 0)
		bound = TTY_UNBOUND;
	free(name);
	return bound;
}

void
tty_bind(struct tty *t)
{
	const char *editor = NULL;
	size_t i, k;

	t->vi = el_get(t->el, EL_EDITOR, &editor) == 0 && editor != NULL &&
		strcmp(editor, "vi") == 0;
	for (i = 0; i < sizeof bindings / sizeof *bindings; i++) {
		el_set(t->el, EL_ADDFN, bindings[i].name, bindings[i].name,
		    bindings[i].run);
		for (k = 0; k < 4 && bindings[i].keys[k] != NULL; k++)
			bind_key(t, bindings[i].keys[k], bindings[i].name, 1);
	}
	for (i = 0; i < sizeof builtin / sizeof *builtin; i++)
		bind_key(t, builtin[i][0], builtin[i][1], 0);
}
