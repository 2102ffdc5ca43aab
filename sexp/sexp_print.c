/*
 * Prints S-expressions in machine and in human form. The human form repeats the
 * steps of OCaml's Format with one kind of box, because its line breaks depend
 * on when it decides: not when the width of a whole box is known, but as soon
 * as the pending tokens reach the right margin.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/sexp.h"

#define MARGIN	   78
#define MAX_INDENT 68
#define INFINITE   1000000010L

enum { TEXT, OPEN, CLOSE, BREAK, NEWLINE };

struct token {
	int kind;
	long size;   /* negative while it is not known */
	long length; /* columns, if it is on one line */
	size_t at,
	    len; /* TEXT: place in format.text; OPEN: len is the indent */
};

struct box {
	int fits;
	long width; /* columns from its indentation to the margin */
};

/* A token whose size is not known. */
struct open_size {
	long left;
	size_t token;
};

struct format {
	struct token *token;
	size_t tokens, head, token_cap;
	struct open_size *scan;
	size_t scans, scan_cap;
	struct box *box;
	size_t boxes, box_cap;
	long left, right; /* columns processed, columns entered */
	long space, indent;
	int fresh; /* The line was just broken. */
	struct buf text;
	struct buf *out;
};

/* Returns 1 if C cannot stand in an atom without quotes. */
static int
needs_quotes(unsigned char c)
{
	switch (c) {
	case '(':
	case ')':
	case '"':
	case '\\':
	case ';':
		return 1;
	}
	return c <= ' ' || c >= 0x7f;
}

/* Returns 1 if the atom of N bytes at P needs quotes. */
static int
is_quoted(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (needs_quotes((unsigned char)p[i]))
			return 1;
		if (i > 0 && ((p[i] == '#' && p[i - 1] == '|') ||
				 (p[i] == '|' && p[i - 1] == '#')))
			return 1;
	}
	return n == 0;
}

/* Appends the escape for C, a byte that cannot stand for itself in quotes. */
static int
print_escape(struct buf *out, unsigned char c)
{
	static const char from[] = "\\\"\n\t\r\b", to[] = "\\\"ntrb";
	const char *known = c == '\0' ? NULL : strchr(from, c);
	char text[4] = {'\\', (char)('0' + c / 100), (char)('0' + c / 10 % 10),
	    (char)('0' + c % 10)};

	if (known == NULL)
		return buf_add(out, text, sizeof text);
	text[1] = to[known - from];
	return buf_add(out, text, 2);
}

static int
print_escaped(struct buf *out, const char *p, size_t n)
{
	size_t from, i;
	int status = 0;

	for (from = i = 0; i < n && status == 0; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c >= ' ' && c < 0x7f && c != '"' && c != '\\')
			continue;
		status = buf_add(out, p + from, i - from);
		if (status == 0)
			status = print_escape(out, c);
		from = i + 1;
	}
	return status == 0 ? buf_add(out, p + from, n - from) : -1;
}

static int
print_quoted(struct buf *out, const char *p, size_t n)
{
	if (buf_addc(out, '"') == -1 || print_escaped(out, p, n) == -1)
		return -1;
	return buf_addc(out, '"');
}

static int
print_atom(const struct sexp *s, struct buf *out)
{
	if (is_quoted(s->text, s->len))
		return print_quoted(out, s->text, s->len);
	return buf_add(out, s->text, s->len);
}

void
sexp_put_open(struct sexp_writer *w)
{
	w->bare = 0;
	w->failed |= buf_addc(w->out, '(') == -1;
}

void
sexp_put_close(struct sexp_writer *w)
{
	w->bare = 0;
	w->failed |= buf_addc(w->out, ')') == -1;
}

void
sexp_put_atom(struct sexp_writer *w, const void *p, size_t n)
{
	int quoted = is_quoted(p, n);

	if (w->bare && !quoted)
		w->failed |= buf_addc(w->out, ' ') == -1;
	w->bare = !quoted;
	if (quoted)
		w->failed |= print_quoted(w->out, p, n) == -1;
	else
		w->failed |= buf_add(w->out, p, n) == -1;
}

void
sexp_put_string(struct sexp_writer *w, const char *s)
{
	sexp_put_atom(w, s, strlen(s));
}

static void
put_tree(struct sexp_writer *w, const struct sexp *s)
{
	const struct sexp *i;

	if (s->text != NULL) {
		sexp_put_atom(w, s->text, s->len);
		return;
	}
	sexp_put_open(w);
	for (i = s->first; i != NULL; i = i->next)
		put_tree(w, i);
	sexp_put_close(w);
}

int
sexp_mach(const struct sexp *s, struct buf *out)
{
	struct sexp_writer w = {.out = out};
	size_t before = buf_len(out);

	put_tree(&w, s);
	if (!w.failed)
		return 0;
	buf_cut(out, before);
	return -1;
}

static void
print_spaces(struct format *f, long n)
{
	while (n-- > 0)
		buf_addc(f->out, ' ');
}

static void
break_line(struct format *f, long width)
{
	long indent = MARGIN - width;

	buf_addc(f->out, '\n');
	f->fresh = 1;
	f->indent = indent < MAX_INDENT ? indent : MAX_INDENT;
	f->space = MARGIN - f->indent;
	print_spaces(f, f->indent);
}

static void
open_box(struct format *f, long size, long indent)
{
	struct box *top = f->boxes > 0 ? &f->box[f->boxes - 1] : NULL;

	if (MARGIN - f->space > MAX_INDENT && top != NULL && !top->fits &&
	    top->width > f->space)
		break_line(f, top->width);
	if (f->boxes == f->box_cap) {
		f->box_cap = f->box_cap * 2 + 16;
		f->box = buf_realloc(f->box, f->box_cap, sizeof *f->box);
	}
	f->box[f->boxes].fits = size <= f->space;
	f->box[f->boxes].width = f->space - indent;
	f->boxes++;
}

static void
take_break(struct format *f, long size)
{
	const struct box *top = &f->box[f->boxes - 1];

	if (!top->fits && !f->fresh &&
	    (size > f->space || f->indent > MARGIN - top->width)) {
		break_line(f, top->width);
		return;
	}
	f->space--;
	print_spaces(f, 1);
}

static void
print_token(struct format *f, const struct token *t, long size)
{
	switch (t->kind) {
	case TEXT:
		f->space -= t->length;
		buf_add(f->out, buf_data(&f->text) + t->at, t->len);
		f->fresh = 0;
		break;
	case OPEN:
		open_box(f, size, (long)t->len);
		break;
	case CLOSE:
		f->boxes--;
		break;
	case BREAK:
		take_break(f, size);
		break;
	case NEWLINE:
		break_line(f, f->box[f->boxes - 1].width);
		break;
	}
}

/* Prints the tokens whose size is known, or certainly too large. */
static void
print_known(struct format *f)
{
	while (f->head < f->tokens) {
		const struct token *t = &f->token[f->head];

		if (t->size < 0 && f->right - f->left < f->space)
			return;
		f->head++;
		print_token(f, t, t->size < 0 ? INFINITE : t->size);
		f->left += t->length;
	}
}

static size_t
queue_token(struct format *f, int kind, long size, long length)
{
	struct token *t;

	if (f->tokens == f->token_cap) {
		f->token_cap = f->token_cap * 2 + 64;
		f->token =
		    buf_realloc(f->token, f->token_cap, sizeof *f->token);
	}
	t = &f->token[f->tokens];
	memset(t, 0, sizeof *t);
	t->kind = kind;
	t->size = size;
	t->length = length;
	f->right += length;
	return f->tokens++;
}

/* Sets the innermost unknown size, which is known now, if it is of KIND. */
static void
set_size(struct format *f, int kind)
{
	const struct open_size *top;
	struct token *t;

	if (f->scans == 0)
		return;
	top = &f->scan[f->scans - 1];
	if (top->left < f->left) {
		f->scans = 0;
		return;
	}
	t = &f->token[top->token];
	if (t->kind == kind) {
		t->size += f->right;
		f->scans--;
	}
}

static void
push_size(struct format *f, size_t token)
{
	if (f->scans == f->scan_cap) {
		f->scan_cap = f->scan_cap * 2 + 16;
		f->scan = buf_realloc(f->scan, f->scan_cap, sizeof *f->scan);
	}
	f->scan[f->scans].left = f->right;
	f->scan[f->scans].token = token;
	f->scans++;
}

static void
put_open(struct format *f, size_t indent)
{
	size_t token = queue_token(f, OPEN, -f->right, 0);

	f->token[token].len = indent;
	push_size(f, token);
}

static void
put_close(struct format *f)
{
	queue_token(f, CLOSE, 0, 0);
	set_size(f, BREAK);
	set_size(f, OPEN);
}

static void
put_break(struct format *f)
{
	size_t token = queue_token(f, BREAK, -f->right, 1);

	set_size(f, BREAK);
	push_size(f, token);
}

/* Makes a token of the bytes of f->text from AT on. */
static void
put_text(struct format *f, size_t at)
{
	size_t len = buf_len(&f->text) - at;
	size_t token = queue_token(f, TEXT, (long)len, (long)len);

	f->token[token].at = at;
	f->token[token].len = len;
	print_known(f);
}

static void
put_string(struct format *f, const char *s)
{
	size_t at = buf_len(&f->text);

	buf_adds(&f->text, s);
	put_text(f, at);
}

/* Prints an atom with line feeds; each line but the first begins with \n. */
static void
put_lines(struct format *f, const struct sexp *s)
{
	const char *p = s->text, *end = p + s->len, *feed;
	size_t at;

	put_open(f, 0);
	put_string(f, " \"");
	for (;;) {
		feed = memchr(p, '\n', (size_t)(end - p));
		at = buf_len(&f->text);
		print_escaped(&f->text, p, (size_t)((feed ? feed : end) - p));
		put_text(f, at);
		if (feed == NULL)
			break;
		put_string(f, "\\");
		queue_token(f, NEWLINE, 0, 0);
		print_known(f);
		put_string(f, "\\n");
		p = feed + 1;
	}
	put_string(f, "\"");
	put_close(f);
}

static void
put_sexp(struct format *f, const struct sexp *s)
{
	const struct sexp *i;
	size_t at = buf_len(&f->text);

	/* A line feed at the very end does not count. */
	if (s->text != NULL && s->len > 1 &&
	    memchr(s->text, '\n', s->len - 1) != NULL)
		put_lines(f, s);
	else if (s->text != NULL) {
		print_atom(s, &f->text);
		put_text(f, at);
	} else if (s->first == NULL)
		put_string(f, "()");
	else {
		put_open(f, 1);
		put_string(f, "(");
		for (i = s->first; i != NULL; i = i->next) {
			if (i != s->first)
				put_break(f);
			put_sexp(f, i);
		}
		put_string(f, ")");
		put_close(f);
	}
}

int
sexp_hum(const struct sexp *s, struct buf *out)
{
	struct format f = {0};
	struct buf printed;
	int status;

	buf_init(&printed, (size_t)-1 / 2);
	buf_init(&f.text, (size_t)-1 / 2);
	f.out = &printed;
	f.left = f.right = 1;
	f.space = MARGIN;
	f.fresh = 1;
	/* The size of the outermost box never becomes known. */
	push_size(&f, queue_token(&f, OPEN, -1, 0));
	put_sexp(&f, s);
	f.right = INFINITE;
	print_known(&f);
	status = buf_add(out, buf_data(&printed), buf_len(&printed));
	buf_clear(&printed);
	buf_clear(&f.text);
	free(f.token);
	free(f.scan);
	free(f.box);
	return status;
}
