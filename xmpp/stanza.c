#include "xmpp/stanza.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The first block is small and kept; larger ones are freed after the stanza. */
#define BLOCK_FIRST 4096
#define BLOCK_MAX   ((size_t)256 * 1024)
#define ALIGN	    sizeof(void *)

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(void *) char data[];
};

static struct arena_block *
block_new(struct arena *a, size_t n)
{
	size_t size = a->block == NULL ? BLOCK_FIRST : a->block->size * 2;
	struct arena_block *b;

	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	if (size < n)
		size = n;
	b = buf_alloc(sizeof *b + size);
	b->size = size;
	b->next = a->block;
	a->block = b;
	return b;
}

/* Does the work of arena_alloc, but does not zero the bytes. */
static void *
arena_raw(struct arena *a, size_t n)
{
	struct arena_block *b = a->block;
	size_t whole = (n + ALIGN - 1) / ALIGN * ALIGN;
	char *p;

	if (b == NULL || b->size - b->used < whole)
		b = block_new(a, whole);
	p = b->data + b->used;
	b->used += whole;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_raw(a, n), 0, n);
}

void
arena_reset(struct arena *a)
{
	struct arena_block *next;

	while (a->block != NULL && a->block->next != NULL) {
		next = a->block->next;
		free(a->block);
		a->block = next;
	}
	if (a->block != NULL && a->block->size > BLOCK_FIRST)
		arena_clear(a);
	if (a->block != NULL)
		a->block->used = 0;
}

void
arena_clear(struct arena *a)
{
	struct arena_block *next;

	for (; a->block != NULL; a->block = next) {
		next = a->block->next;
		free(a->block);
	}
}

static char *
arena_dup(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_raw(a, n + 1);

	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

struct stanza *
stanza_add(
    struct arena *a, struct stanza *parent, const char *name, const char *ns)
{
	struct stanza *s = arena_alloc(a, sizeof *s);

	s->name = name;
	s->ns = ns;
	s->text = "";
	s->parent = parent;
	if (parent == NULL)
		return s;
	if (parent->last == NULL)
		parent->child = s;
	else
		parent->last->next = s;
	parent->last = s;
	return s;
}

void
stanza_add_attr(struct arena *a, struct stanza *s, const char *name,
    const char *ns, const char *value)
{
	struct stanza_attr *attr = arena_alloc(a, sizeof *attr);

	attr->name = name;
	attr->ns = ns;
	attr->value = arena_dup(a, value, strlen(value));
	attr->next = s->attrs;
	s->attrs = attr;
}

void
stanza_add_text(struct arena *a, struct stanza *s, const char *text, size_t n)
{
	char *grown;
	size_t cap;

	if (s->text_len + n >= s->text_cap) {
		cap = s->text_cap == 0 ? 0 : 64;
		while (s->text_len + n >= cap)
			cap = cap == 0 ? n + 1 : cap * 2;
		grown = arena_raw(a, cap);
		memcpy(grown, s->text, s->text_len);
		s->text = grown;
		s->text_cap = cap;
	}
	memcpy(s->text + s->text_len, text, n);
	s->text_len += n;
	s->text[s->text_len] = '\0';
}

/* Returns a copy of S, which may be NULL, in A. */
static const char *
copy_string(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_dup(a, s, strlen(s));
}

/* Copies S as the last child of PARENT (NULL: none). */
static struct stanza *
copy_below(struct arena *a, struct stanza *parent, const struct stanza *s,
    size_t *bytes)
{
	struct stanza *copy = stanza_add(
	    a, parent, copy_string(a, s->name), copy_string(a, s->ns));
	const struct stanza_attr *attr;
	const struct stanza *child;

	*bytes += sizeof *s + s->text_len;
	for (attr = s->attrs; attr != NULL; attr = attr->next) {
		*bytes += sizeof *attr + strlen(attr->value);
		stanza_add_attr(a, copy, copy_string(a, attr->name),
		    copy_string(a, attr->ns), attr->value);
	}
	stanza_add_text(a, copy, s->text, s->text_len);
	for (child = s->child; child != NULL; child = child->next)
		copy_below(a, copy, child, bytes);
	return copy;
}

struct stanza *
stanza_copy(struct arena *a, const struct stanza *s, size_t *bytes)
{
	return copy_below(a, NULL, s, bytes);
}

/* Returns 1 if A is B. Most names differ in the first byte already. */
static int
same_name(const char *a, const char *b)
{
	return *a == *b && strcmp(a, b) == 0;
}

int
stanza_is(const struct stanza *s, const char *name, const char *ns)
{
	return s != NULL && same_name(s->name, name) && strcmp(s->ns, ns) == 0;
}

const struct stanza *
stanza_child(const struct stanza *s, const char *name, const char *ns)
{
	const struct stanza *child;

	if (s == NULL)
		return NULL;
	for (child = s->child; child != NULL; child = child->next)
		if (stanza_is(child, name, ns))
			return child;
	return NULL;
}

const char *
stanza_get(const struct stanza *s, const char *name)
{
	const struct stanza_attr *attr;

	if (s == NULL)
		return NULL;
	for (attr = s->attrs; attr != NULL; attr = attr->next)
		if (attr->ns == NULL && same_name(attr->name, name))
			return attr->value;
	return NULL;
}

const char *
stanza_child_text(const struct stanza *s, const char *name)
{
	const struct stanza *child;

	child = s == NULL ? NULL : stanza_child(s, name, s->ns);
	return child == NULL ? NULL : child->text;
}

static const char *const conditions[] = {"bad-request", "conflict",
    "feature-not-implemented", "forbidden", "gone", "internal-server-error",
    "item-not-found", "jid-malformed", "not-acceptable", "not-allowed",
    "not-authorized", "payment-required", "policy-violation",
    "recipient-unavailable", "redirect", "registration-required",
    "remote-server-not-found", "remote-server-timeout", "resource-constraint",
    "service-unavailable", "subscription-required", "unexpected-request",
    "undefined-condition"};

#define CONDITIONS (sizeof conditions / sizeof *conditions)

const char *
stanza_condition(const struct stanza *s)
{
	const struct stanza *child;
	size_t i;

	child = s == NULL ? NULL : stanza_child(s, "error", s->ns);
	for (child = child == NULL ? NULL : child->child; child != NULL;
	     child = child->next) {
		if (strcmp(child->ns, NS_STANZAS) != 0)
			continue;
		for (i = 0; i < CONDITIONS; i++)
			if (strcmp(child->name, conditions[i]) == 0)
				return conditions[i];
	}
	return conditions[CONDITIONS - 1];
}

const char *
stanza_error_text(const struct stanza *s)
{
	const struct stanza *error, *text;

	error = s == NULL ? NULL : stanza_child(s, "error", s->ns);
	text = stanza_child(error, "text", NS_STANZAS);
	return text == NULL || text->text_len == 0 ? NULL : text->text;
}

void
writer_init(struct writer *w, struct buf *out)
{
	memset(w, 0, sizeof *w);
	w->out = out;
	w->before = buf_len(out);
}

/* Appends N bytes of S as they are. */
static void
writer_put(struct writer *w, const char *s, size_t n)
{
	if (!w->failed && buf_add(w->out, s, n) == -1)
		w->failed = 1;
}

/* Appends the string S as it is. */
static void
writer_puts(struct writer *w, const char *s)
{
	writer_put(w, s, strlen(s));
}

#define BIT(c) (UINT64_C(1) << (c))

/* Returns 1 if C may have to be written as a reference. */
static int
is_special(unsigned char c)
{
	const uint64_t special = BIT('&') | BIT('<') | BIT('>') | BIT('\'') |
				 BIT('"') | BIT('\r') | BIT('\n') | BIT('\t');

	return c < 64 && (special >> c & 1) != 0;
}

/* Returns the reference that stands for C, a special character. */
static const char *
entity_of(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\'':
		return "&apos;";
	case '"':
		return "&quot;";
	/* Parsers turn these into newlines or spaces (XML 1.0 2.11, 3.3.3). */
	case '\r':
		return "&#13;";
	case '\n':
		return "&#10;";
	default: /* a TAB */
		return "&#9;";
	}
}

/* Appends N bytes of S, escaped. In text, LF, TAB and quotes stay as they are.
 */
static void
writer_put_escaped(struct writer *w, const char *s, size_t n, int is_text)
{
	const char *e;
	size_t from, i;

	for (from = i = 0; i < n; i++) {
		if (!is_special((unsigned char)s[i]) ||
		    (is_text && strchr("\n\t'\"", s[i]) != NULL))
			continue;
		e = entity_of((unsigned char)s[i]);
		writer_put(w, s + from, i - from);
		writer_puts(w, e);
		from = i + 1;
	}
	writer_put(w, s + from, n - from);
}

/* Writes the `>` of a start tag that is open. */
static void
writer_end_tag(struct writer *w)
{
	if (w->in_tag)
		writer_put(w, ">", 1);
	w->in_tag = 0;
}

void
writer_open(struct writer *w, const char *name, const char *ns)
{
	writer_end_tag(w);
	writer_put(w, "<", 1);
	writer_puts(w, name);
	w->in_tag = 1;
	w->open[w->depth++] = name;
	writer_attr(w, "xmlns", ns);
}

void
writer_attr(struct writer *w, const char *name, const char *value)
{
	if (value == NULL)
		return;
	writer_put(w, " ", 1);
	writer_puts(w, name);
	writer_put(w, "='", 2);
	writer_put_escaped(w, value, strlen(value), 0);
	writer_put(w, "'", 1);
}

void
writer_text(struct writer *w, const char *text, size_t n)
{
	writer_end_tag(w);
	writer_put_escaped(w, text, n, 1);
}

void
writer_close(struct writer *w)
{
	const char *name = w->open[--w->depth];

	if (w->in_tag) {
		writer_put(w, "/>", 2);
		w->in_tag = 0;
		return;
	}
	writer_put(w, "</", 2);
	writer_puts(w, name);
	writer_put(w, ">", 1);
}

void
writer_leaf(
    struct writer *w, const char *name, const char *ns, const char *text)
{
	writer_open(w, name, ns);
	if (text != NULL && *text != '\0')
		writer_text(w, text, strlen(text));
	writer_close(w);
}

int
writer_end(struct writer *w)
{
	while (w->depth > 0)
		writer_close(w);
	if (!w->failed)
		return 0;
	/* A part of an element would break the stream. */
	buf_cut(w->out, w->before);
	return -1;
}
