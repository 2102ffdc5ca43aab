#include "sexp/sexp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/hex.h"

#define CHUNK_MIN ((size_t)2048)
#define CHUNK_MAX ((size_t)256 * 1024)

struct chunk {
	struct chunk *next;
	size_t size, used;
	max_align_t data[];
};

struct sexp_tree {
	struct chunk *chunks;
	struct sexp *root;
};

/* An open list, or the top level, while reading. */
struct frame {
	struct sexp *list;
	int skip; /* the number of #; that still await their expression */
};

struct reader {
	const unsigned char *p, *end;
	int line, column;
	struct sexp_tree *tree;
	struct sexp_error *error;
	struct buf text;
	struct frame stack[SEXP_DEPTH + 1];
	int depth;
};

/* Returns N bytes of the arena, aligned for any type. */
static void *
tree_alloc(struct sexp_tree *t, size_t n)
{
	struct chunk *c = t->chunks;
	size_t size = c == NULL ? CHUNK_MIN : c->size * 2;
	void *p;

	n = (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) *
	    sizeof(max_align_t);
	if (c == NULL || c->size - c->used < n) {
		if (size > CHUNK_MAX)
			size = CHUNK_MAX;
		if (size < n)
			size = n;
		c = buf_alloc(sizeof *c + size);
		c->size = size;
		c->next = t->chunks;
		t->chunks = c;
	}
	p = (char *)c->data + c->used;
	c->used += n;
	return p;
}

struct sexp_tree *
sexp_new(void)
{
	return buf_alloc(sizeof(struct sexp_tree));
}

void
sexp_free(struct sexp_tree *t)
{
	struct chunk *c, *next;

	if (t == NULL)
		return;
	for (c = t->chunks; c != NULL; c = next) {
		next = c->next;
		buf_wipe(c->data, c->used);
		free(c);
	}
	free(t);
}

const struct sexp *
sexp_root(const struct sexp_tree *t)
{
	return t->root;
}

struct sexp *
sexp_atom(struct sexp_tree *t, const void *p, size_t n)
{
	struct sexp *s = sexp_list(t);
	char *text = tree_alloc(t, n + 1);

	if (n > 0)
		memcpy(text, p, n);
	text[n] = '\0';
	s->text = text;
	s->len = n;
	return s;
}

struct sexp *
sexp_string(struct sexp_tree *t, const char *s)
{
	return sexp_atom(t, s, strlen(s));
}

struct sexp *
sexp_list(struct sexp_tree *t)
{
	struct sexp *s = tree_alloc(t, sizeof *s);

	memset(s, 0, sizeof *s);
	return s;
}

struct sexp *
sexp_append(struct sexp *list, struct sexp *item)
{
	if (list->last == NULL)
		list->first = item;
	else
		list->last->next = item;
	list->last = item;
	list->len++;
	return list;
}

struct sexp *
sexp_copy(struct sexp_tree *t, const struct sexp *s)
{
	const struct sexp *i;
	struct sexp *copy;

	if (s->text != NULL)
		return sexp_atom(t, s->text, s->len);
	copy = sexp_list(t);
	for (i = s->first; i != NULL; i = i->next)
		sexp_append(copy, sexp_copy(t, i));
	return copy;
}

static int
fail_read(struct reader *r, const char *why)
{
	r->error->line = r->line;
	r->error->column = r->column;
	snprintf(r->error->why, sizeof r->error->why, "%s", why);
	return -1;
}

/* Returns the byte K ahead of the next one, or -1 after the end. */
static int
peek_byte(const struct reader *r, size_t k)
{
	return (size_t)(r->end - r->p) > k ? r->p[k] : -1;
}

/* Goes on by N bytes and counts lines and columns. */
static void
skip_bytes(struct reader *r, size_t n)
{
	for (; n > 0; n--, r->p++) {
		if (*r->p == '\n') {
			r->line++;
			r->column = 1;
		} else
			r->column++;
	}
}

static int
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static int
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* Skips a backslash before the end of a line, and the blanks that follow. */
static void
read_continuation(struct reader *r)
{
	skip_bytes(r, peek_byte(r, 1) == '\r' ? 3 : 2);
	while (peek_byte(r, 0) == ' ' || peek_byte(r, 0) == '\t')
		skip_bytes(r, 1);
}

/* Reads an escape into r->text by all rules of sexplib, even the odd ones. */
static int
read_escape(struct reader *r)
{
	static const char from[] = "\\\"'ntbr ", to[] = "\\\"'\n\t\b\r ";
	int a = peek_byte(r, 1), b = peek_byte(r, 2), c = peek_byte(r, 3);
	const char *known;
	int value;

	if (a == '\n' || (a == '\r' && b == '\n')) {
		read_continuation(r);
		return 0;
	}
	if (a > 0 && (known = strchr(from, a)) != NULL) {
		buf_addc(&r->text, to[known - from]);
		skip_bytes(r, 2);
	} else if (is_digit(a) && is_digit(b) && is_digit(c)) {
		value = (a - '0') * 100 + (b - '0') * 10 + c - '0';
		if (value > 255)
			return fail_read(
			    r, "expected an escape of at most \\255");
		buf_addc(&r->text, value);
		skip_bytes(r, 4);
	} else if (a == 'x' && hex_value(b) >= 0 && hex_value(c) >= 0) {
		buf_addc(&r->text, hex_value(b) * 16 + hex_value(c));
		skip_bytes(r, 4);
	} else {
		buf_addc(&r->text, '\\');
		skip_bytes(r, 1);
		if (a >= 0) {
			buf_addc(&r->text, a);
			skip_bytes(r, 1);
		}
	}
	return 0;
}

/* Reads a quoted atom into r->text. */
static int
read_quoted(struct reader *r)
{
	buf_reset(&r->text);
	skip_bytes(r, 1);
	for (;;) {
		switch (peek_byte(r, 0)) {
		case -1:
			return fail_read(r, "expected a closing quote");
		case '"':
			skip_bytes(r, 1);
			return 0;
		case '\\':
			if (read_escape(r) == -1)
				return -1;
			break;
		default:
			buf_addc(&r->text, peek_byte(r, 0));
			skip_bytes(r, 1);
		}
	}
}

static int
read_bare(struct reader *r)
{
	int c;

	buf_reset(&r->text);
	while ((c = peek_byte(r, 0)) != -1 && !is_blank(c) && c != '(' &&
	       c != ')' && c != '"' && c != ';') {
		if ((c == '#' && peek_byte(r, 1) == '|') ||
		    (c == '|' && peek_byte(r, 1) == '#'))
			return fail_read(
			    r, "expected no comment mark in an atom");
		buf_addc(&r->text, c);
		skip_bytes(r, 1);
	}
	return 0;
}

/* Skips a nested comment. As in sexplib, strings in it are read as strings. */
static int
read_comment(struct reader *r)
{
	int depth = 0;

	do {
		if (peek_byte(r, 0) == -1)
			return fail_read(r, "expected |# to close the comment");
		if (peek_byte(r, 0) == '#' && peek_byte(r, 1) == '|') {
			depth++;
			skip_bytes(r, 2);
		} else if (peek_byte(r, 0) == '|' && peek_byte(r, 1) == '#') {
			depth--;
			skip_bytes(r, 2);
		} else if (peek_byte(r, 0) == '"') {
			if (read_quoted(r) == -1)
				return -1;
		} else
			skip_bytes(r, 1);
	} while (depth > 0);
	return 0;
}

/* Skips everything up to the next bracket or atom. */
static int
read_blanks(struct reader *r)
{
	for (;;) {
		if (is_blank(peek_byte(r, 0)))
			skip_bytes(r, 1);
		else if (peek_byte(r, 0) == ';')
			while (peek_byte(r, 0) != -1 && peek_byte(r, 0) != '\n')
				skip_bytes(r, 1);
		else if (peek_byte(r, 0) == '#' && peek_byte(r, 1) == ';') {
			r->stack[r->depth].skip++;
			skip_bytes(r, 2);
		} else if (peek_byte(r, 0) == '#' && peek_byte(r, 1) == '|') {
			if (read_comment(r) == -1)
				return -1;
		} else
			return 0;
	}
}

/* Appends S to the innermost open list, unless a #; stands before it. */
static void
append_read(struct reader *r, struct sexp *s)
{
	struct frame *f = &r->stack[r->depth];

	if (f->skip > 0)
		f->skip--;
	else
		sexp_append(f->list, s);
}

static int
read_close(struct reader *r)
{
	if (r->depth == 0)
		return fail_read(
		    r, "expected an expression, not a closing bracket");
	if (r->stack[r->depth].skip > 0)
		return fail_read(r, "expected an expression after #;");
	r->depth--;
	append_read(r, r->stack[r->depth + 1].list);
	skip_bytes(r, 1);
	return 0;
}

static int
read_open(struct reader *r)
{
	struct sexp *s = sexp_list(r->tree);

	if (r->depth == SEXP_DEPTH)
		return fail_read(r, "expected fewer nested lists");
	s->line = r->line;
	s->column = r->column;
	r->depth++;
	r->stack[r->depth].list = s;
	r->stack[r->depth].skip = 0;
	skip_bytes(r, 1);
	return 0;
}

static int
read_atom(struct reader *r)
{
	struct sexp *s;
	int line = r->line, column = r->column;

	if ((peek_byte(r, 0) == '"' ? read_quoted(r) : read_bare(r)) == -1)
		return -1;
	s = sexp_atom(r->tree, buf_data(&r->text), buf_len(&r->text));
	s->line = line;
	s->column = column;
	append_read(r, s);
	return 0;
}

/* Reads one expression and nothing after it, or with MANY all to the end. */
static int
read_expressions(struct reader *r, int many)
{
	struct sexp *top = r->stack[0].list;
	int c, status;

	for (;;) {
		if (read_blanks(r) == -1)
			return -1;
		c = peek_byte(r, 0);
		if (c == -1)
			break;
		if (!many && r->depth == 0 && top->len == 1 &&
		    r->stack[0].skip == 0)
			return fail_read(
			    r, "expected nothing after the expression");
		if (c == '(')
			status = read_open(r);
		else if (c == ')')
			status = read_close(r);
		else
			status = read_atom(r);
		if (status == -1)
			return -1;
	}
	if (r->stack[r->depth].skip > 0)
		return fail_read(r, "expected an expression after #;");
	if (r->depth > 0)
		return fail_read(r, "expected a closing bracket");
	if (!many && top->len == 0)
		return fail_read(r, "expected an expression");
	return 0;
}

static struct sexp_tree *
parse_tree(const void *p, size_t n, struct sexp_error *e, int many)
{
	struct reader r = {0};
	int status;

	r.p = p;
	r.end = r.p + n;
	r.line = r.column = 1;
	r.error = e;
	if (n > SEXP_SIZE) {
		fail_read(&r, "expected at most 16 MiB");
		return NULL;
	}
	r.tree = sexp_new();
	buf_init(&r.text, SEXP_SIZE);
	r.stack[0].list = sexp_list(r.tree);
	status = read_expressions(&r, many);
	buf_clear(&r.text);
	if (status == -1) {
		sexp_free(r.tree);
		return NULL;
	}
	r.tree->root = many ? r.stack[0].list : r.stack[0].list->first;
	return r.tree;
}

struct sexp_tree *
sexp_parse(const void *p, size_t n, struct sexp_error *e)
{
	return parse_tree(p, n, e, 0);
}

struct sexp_tree *
sexp_parse_many(const void *p, size_t n, struct sexp_error *e)
{
	return parse_tree(p, n, e, 1);
}

/* The states of sexp_scan: each says where the next byte is. */
enum {
	SCAN_PLAIN,
	SCAN_HASH, /* after # */
	SCAN_LINE, /* after ; */
	SCAN_QUOTED,
	SCAN_ESCAPE,
	SCAN_COMMENT,
	SCAN_COMMENT_HASH,
	SCAN_COMMENT_BAR,
	SCAN_COMMENT_QUOTED,
	SCAN_COMMENT_ESCAPE
};

/* Returns the state after the byte C of a comment #| |#. */
static int
scan_comment(struct sexp_scan *s, int c)
{
	switch (s->state) {
	case SCAN_COMMENT_ESCAPE:
		return SCAN_COMMENT_QUOTED;
	case SCAN_COMMENT_QUOTED:
		return c == '\\'  ? SCAN_COMMENT_ESCAPE
		       : c == '"' ? SCAN_COMMENT
				  : SCAN_COMMENT_QUOTED;
	case SCAN_COMMENT_HASH:
		if (c == '|') {
			s->comment++;
			return SCAN_COMMENT;
		}
		break;
	case SCAN_COMMENT_BAR:
		if (c == '#') {
			s->comment--;
			return s->comment > 0 ? SCAN_COMMENT : SCAN_PLAIN;
		}
		break;
	}
	return c == '#'	  ? SCAN_COMMENT_HASH
	       : c == '|' ? SCAN_COMMENT_BAR
	       : c == '"' ? SCAN_COMMENT_QUOTED
			  : SCAN_COMMENT;
}

/* The same for C outside of quotes and comments; -1 if C cannot stand there. */
static int
scan_plain(struct sexp_scan *s, int c)
{
	if (s->state == SCAN_HASH && c == '|') {
		s->comment = 1;
		return SCAN_COMMENT;
	}
	if (c == '#')
		return SCAN_HASH;
	if (c == '(')
		s->depth++;
	else if (s->depth == 0 && c != ';' && !is_blank(c))
		return -1;
	else if (c == ')')
		s->depth--;
	return c == ';' ? SCAN_LINE : c == '"' ? SCAN_QUOTED : SCAN_PLAIN;
}

int
sexp_scan(struct sexp_scan *s, const void *p, size_t n)
{
	const unsigned char *byte = p;
	int c, next;

	for (; s->at < n; s->at++) {
		c = byte[s->at];
		if (s->state >= SCAN_COMMENT)
			next = scan_comment(s, c);
		else if (s->state == SCAN_QUOTED)
			next = c == '\\'  ? SCAN_ESCAPE
			       : c == '"' ? SCAN_PLAIN
					  : SCAN_QUOTED;
		else if (s->state == SCAN_ESCAPE)
			next = SCAN_QUOTED;
		else if (s->state == SCAN_LINE)
			next = c == '\n' ? SCAN_PLAIN : SCAN_LINE;
		else
			next = scan_plain(s, c);
		if (next == -1)
			return -1;
		s->state = next;
		if (s->depth == 0 && c == ')' && next == SCAN_PLAIN) {
			s->at++;
			return 1;
		}
	}
	return 0;
}
