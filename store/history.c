#include "store/history.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/sexp.h"
#include "store/group.h"

#define START_LEN 15 /* bytes of how a group begins: (3(((direction( */
#define CHAIN	  (256u << 10) /* no text of a message is longer */
#define CANDIDATE (1u << 20)   /* bytes of a group behind a torn one, at most */

struct history {
	char *owner;
	struct history_message *kept; /* a ring of keep */
	size_t keep, count, next;
	uint64_t total;

	struct buf in;
	uint64_t base; /* how many bytes were fed before those in IN */
	struct sexp_scan scan;
	size_t looked; /* no group begins behind the first before here */
	int lost;      /* IN begins inside of something torn */
	int skipping;  /* and that is only where we came in */

	size_t torn;
	uint64_t torn_at, lost_at, tail;
	char why[160];
};

const char *
history_kind_name(enum history_kind kind)
{
	return group_kinds[kind];
}

int
history_kind(const char *name)
{
	int i;

	for (i = 0; group_kinds[i] != NULL; i++)
		if (strcmp(group_kinds[i], name) == 0)
			return i;
	return -1;
}

int
history_print(const struct history_message *m, struct buf *out)
{
	struct sexp_tree *t = sexp_new();
	int status = sexp_mach(group_build(t, m), out);

	sexp_free(t);
	return status;
}

static int
is_start(const unsigned char *p)
{
	return p[0] == '(' && p[1] >= '0' && p[1] <= '9' &&
	       memcmp(p + 2, "(((direction(", START_LEN - 2) == 0;
}

/* Whether N bytes at P begin a group, or are the beginning of that. */
static int
may_start(const unsigned char *p, size_t n)
{
	unsigned char start[START_LEN] = "(0(((direction(";

	if (n > 1 && p[1] >= '0' && p[1] <= '9')
		start[1] = p[1];
	return memcmp(p, start, n < START_LEN ? n : START_LEN) == 0;
}

/* The next place from FROM on where a group may begin; N: none. */
static size_t
find_start(const unsigned char *p, size_t n, size_t from)
{
	const unsigned char *c = p + (from < n ? from : n);

	while (
	    (size_t)(p + n - c) >= START_LEN &&
	    (c = memchr(c, '(', (size_t)(p + n - c) - START_LEN + 1)) != NULL) {
		if (is_start(c))
			return (size_t)(c - p);
		c++;
	}
	return n;
}

/*
 * Whether a group begins at C for sure, although what stands before it is
 * torn or unfinished. It could also be the text of a message, made by somebody
 * to look like a group; but there every quote has a backslash before it. So
 * the whole groups from C on must reach one that has a quote, or be more than
 * one text can hold, or reach the end of the file. Returns 1; 0 with *NEXT
 * where to look on; -1: more is needed.
 */
static int
is_group(const struct history *h, const size_t c, int final, size_t *next)
{
	const unsigned char *p = buf_data(&h->in);
	size_t n = buf_len(&h->in), at = c;
	struct sexp_scan scan;
	size_t len;

	for (;;) {
		*next = at > c ? at : c + 1;
		if (at - c > CHAIN)
			return 1;
		if (!may_start(p + at, n - at))
			return 0;
		memset(&scan, 0, sizeof scan);
		len = n - at < CANDIDATE ? n - at : CANDIDATE;
		if (len < START_LEN || sexp_scan(&scan, p + at, len) != 1) {
			if (len == CANDIDATE)
				return 0;
			if (!final)
				return -1;
			return at > c && find_start(p, n, at + 1) == n;
		}
		if (!group_is_canonical(h->owner, p + at, scan.at))
			return 0;
		if (memchr(p + at, '"', scan.at) != NULL)
			return 1;
		at += scan.at;
	}
}

struct history *
history_new(const char *jid, size_t keep, int middle)
{
	struct history *h = buf_alloc(sizeof *h);

	h->owner = buf_strdup(jid);
	h->keep = keep;
	h->lost = h->skipping = middle;
	buf_init(&h->in, 2 * HISTORY_GROUP);
	return h;
}

void
history_free(struct history *h)
{
	size_t i;

	if (h == NULL)
		return;
	for (i = 0; i < h->count; i++)
		group_clear(&h->kept[i]);
	free(h->kept);
	free(h->owner);
	buf_clear(&h->in);
	free(h);
}

/* Takes over M as the newest message. */
static void
keep(struct history *h, struct history_message *m)
{
	h->total++;
	if (h->keep == 0) {
		group_clear(m);
		return;
	}
	if (h->count < h->keep) {
		/* doubled at powers of two */
		if ((h->count & (h->count - 1)) == 0)
			h->kept = buf_realloc(h->kept,
			    h->count == 0 ? 1 : h->count * 2, sizeof *h->kept);
		h->kept[h->count++] = *m;
		return;
	}
	group_clear(&h->kept[h->next]);
	h->kept[h->next] = *m;
	h->next = (h->next + 1) % h->keep;
}

static void
note_torn(struct history *h, uint64_t at, const char *why)
{
	if (h->torn++ > 0)
		return;
	h->torn_at = at;
	snprintf(h->why, sizeof h->why, "%s", why);
}

/* Keeps the messages of LIST; in it the newest stands first. */
static void
take_messages(struct history *h, const struct sexp *list, int version)
{
	const struct sexp **item, *i;
	struct history_message m;
	struct sexp_error e;
	size_t n = 0;

	item = buf_realloc(NULL, list->len, sizeof *item);
	for (i = list->first; i != NULL; i = i->next)
		item[n++] = i;
	while (n > 0)
		if (group_message(&m, item[--n], version, h->owner, &e) == 0)
			keep(h, &m);
		else
			note_torn(h, h->base, e.why);
	free(item);
}

/* Takes the expressions in the first N bytes held, mostly one group. */
static void
take(struct history *h, size_t n)
{
	const struct sexp *i, *list;
	struct sexp_error e;
	struct sexp_tree *t = sexp_parse_many(buf_data(&h->in), n, &e);
	int version;

	if (t == NULL)
		note_torn(h, h->base, e.why);
	else
		for (i = sexp_root(t)->first; i != NULL; i = i->next) {
			list = group_messages(i, &version, &e);
			if (list != NULL)
				take_messages(h, list, version);
			else
				note_torn(h, h->base, e.why);
		}
	sexp_free(t);
}

/* Goes on behind the first N bytes held. */
static void
drop(struct history *h, size_t n)
{
	buf_drop(&h->in, n);
	h->base += n;
	memset(&h->scan, 0, sizeof h->scan);
	h->looked = 0;
}

static void
lose(struct history *h, const char *why)
{
	note_torn(h, h->base, why);
	h->lost = 1;
	h->lost_at = h->base;
	h->looked = 1;
}

/* Looks for the next group behind something torn; 0: more is needed. */
static int
find(struct history *h, int final)
{
	size_t n = buf_len(&h->in), c, next;
	int status;

	c = find_start(buf_data(&h->in), n, h->looked);
	if (c == n) {
		/* its beginning may be there already */
		if (!final && n >= START_LEN)
			drop(h, n - START_LEN + 1);
		if (final && !h->skipping)
			h->tail = h->base + n - h->lost_at;
		return 0;
	}
	status = is_group(h, c, final, &next);
	if (status == -1) {
		drop(h, c);
		return 0;
	}
	drop(h, status == 1 ? c : next);
	if (status == 1)
		h->lost = h->skipping = 0;
	return 1;
}

/* What is held ends without a whole group. */
static void
end(struct history *h)
{
	size_t n = buf_len(&h->in);

	/* blanks and comments alone are no loss */
	if (h->scan.depth == 0 && h->scan.comment == 0)
		return;
	note_torn(h, h->base, "expected the rest of a record");
	h->tail = n;
}

/* The offset of the first byte that is not blank. */
static size_t
begin(const struct history *h)
{
	const unsigned char *p = buf_data(&h->in);
	size_t i, n = buf_len(&h->in);

	for (i = 0; i < n && strchr(" \t\r\n\f", p[i]) != NULL; i++)
		if (p[i] == '\0')
			break;
	return i;
}

/* Takes one group, or what is torn before the next; 0: more is needed. */
static int
advance(struct history *h, int final)
{
	size_t n = buf_len(&h->in), from = begin(h) + 1, c, next;
	int status;

	if (h->looked < from)
		h->looked = from;
	c = find_start(buf_data(&h->in), n, h->looked);
	status = sexp_scan(&h->scan, buf_data(&h->in), c);
	if (status == 1) {
		take(h, h->scan.at);
		drop(h, h->scan.at);
		return 1;
	}
	if (status == -1) {
		lose(h, "expected a group (VERSION (MESSAGE...))");
		return 1;
	}
	if (c < n) {
		status = is_group(h, c, final, &next);
		if (status == 1) {
			note_torn(h, h->base, "expected the rest of a record");
			drop(h, c);
		}
		h->looked = status == 0 ? next : h->looked;
		return status != -1;
	}
	if (final)
		end(h);
	else if (n > HISTORY_GROUP) {
		lose(h, "expected the end of a group within 16 MiB");
		return 1;
	} else if (n >= START_LEN && h->looked < n - START_LEN + 1)
		h->looked = n - START_LEN + 1;
	return 0;
}

static void
work(struct history *h, int final)
{
	while (h->lost ? find(h, final) : advance(h, final))
		;
}

void
history_feed(struct history *h, const void *p, size_t n)
{
	const unsigned char *byte = p;
	size_t piece;

	for (; n > 0; n -= piece, byte += piece) {
		piece = n < CANDIDATE ? n : CANDIDATE;
		buf_add(&h->in, byte, piece);
		work(h, 0);
	}
}

void
history_end(struct history *h)
{
	work(h, 1);
}

size_t
history_count(const struct history *h)
{
	return h->count;
}

const struct history_message *
history_message(const struct history *h, size_t i)
{
	return &h->kept[(h->next + i) % h->count];
}

uint64_t
history_total(const struct history *h)
{
	return h->total;
}

size_t
history_torn(const struct history *h)
{
	return h->torn;
}

uint64_t
history_tail(const struct history *h)
{
	return h->tail;
}

const char *
history_why(const struct history *h, uint64_t *offset)
{
	*offset = h->torn_at;
	return h->torn > 0 ? h->why : NULL;
}
