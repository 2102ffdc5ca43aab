#include "store/history.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/sexp.h"
#include "store/group.h"

#define START_LEN 15 /* bytes of the beginning of a group: (3(((direction( */
#define CHAIN	  (256u << 10) /* bytes of the text of a message, at most */
/* Bytes of a group after a torn one, at most, and of what is read at once. */
#define CANDIDATE (1u << 20)

struct history {
	char *owner;
	struct history_message *kept; /* a ring of `keep` messages */
	size_t keep, count, next;     /* `next`: the oldest of a full ring */
	uint64_t total;		      /* messages read */

	struct buf in;
	uint64_t base; /* the offset of the first byte of IN in the file */
	struct sexp_scan scan;
	size_t looked; /* No further group begins before this byte of IN. */
	int lost;      /* IN begins inside a torn place. */
	int skipping;  /* The front of the file, see MIDDLE. */

	size_t torn;	  /* torn places */
	uint64_t torn_at; /* the offset of the first of them */
	uint64_t lost_at; /* the offset of the one that `lost` means */
	uint64_t tail;	  /* torn bytes at the end of the file */
	char why[160];	  /* the reason of the first torn place */
};

int
history_print(const struct history_message *m, struct buf *out)
{
	return group_print(m, out);
}

int
history_front(const struct history_message *m, int received, struct buf *out)
{
	static const char mark[] = "(received false)";
	const size_t n = sizeof mark - 1;
	struct history_message plain = *m;
	char none[1] = "";
	const char *p;
	struct buf b;
	int status;
	size_t at;

	/* The text is left out: it may have the mark in it. */
	plain.text = none;
	plain.text_len = 0;
	buf_init(&b, out->max);
	status = history_print(&plain, &b);
	p = buf_str(&b);
	for (at = buf_len(&b); at > n && memcmp(p + at - n, mark, n) != 0; at--)
		;
	if (status == 0)
		status = buf_add(out, p, at - 6);
	if (status == 0)
		status = buf_adds(out, received ? "true )" : "false)");
	buf_clear(&b);
	return status;
}

static int
is_group_start(const unsigned char *p)
{
	return p[0] == '(' && p[1] >= '0' && p[1] <= '9' &&
	       memcmp(p + 2, "(((direction(", START_LEN - 2) == 0;
}

/* Returns 1 if the N bytes at P begin a group, or could if more came. */
static int
may_be_group_start(const unsigned char *p, size_t n)
{
	unsigned char start[START_LEN] = "(0(((direction(";

	if (n > 1 && p[1] >= '0' && p[1] <= '9')
		start[1] = p[1];
	return memcmp(p, start, n < START_LEN ? n : START_LEN) == 0;
}

/* Returns where the next group may begin, from FROM on, or N. */
static size_t
find_group_start(const unsigned char *p, size_t n, size_t from)
{
	const unsigned char *c = p + (from < n ? from : n);

	while (
	    (size_t)(p + n - c) >= START_LEN &&
	    (c = memchr(c, '(', (size_t)(p + n - c) - START_LEN + 1)) != NULL) {
		if (is_group_start(c))
			return (size_t)(c - p);
		c++;
	}
	return n;
}

/*
 * Decides if a group really begins at C, after bytes that are torn or not
 * complete. C could also be inside the text of a message that somebody made to
 * look like a group; but in a text every quote has a backslash before it. So
 * there must be whole groups from C on until one has a quote, or until they are
 * longer than a text can be, or until the end of the file. Returns 1; 0 with
 * *NEXT, where to look next; -1 if more bytes are needed.
 */
static int
begins_group(const struct history *h, const size_t c, int final, size_t *next)
{
	const unsigned char *p = buf_data(&h->in);
	size_t n = buf_len(&h->in), at = c;
	struct sexp_scan scan;
	size_t len;

	for (;;) {
		*next = at > c ? at : c + 1;
		if (at - c > CHAIN)
			return 1;
		if (!may_be_group_start(p + at, n - at))
			return 0;
		memset(&scan, 0, sizeof scan);
		len = n - at < CANDIDATE ? n - at : CANDIDATE;
		if (len < START_LEN || sexp_scan(&scan, p + at, len) != 1) {
			if (len == CANDIDATE)
				return 0;
			if (!final)
				return -1;
			return at > c && find_group_start(p, n, at + 1) == n;
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

/* Keeps M, and owns its strings from now on, as the newest message. */
static void
keep_message(struct history *h, struct history_message *m)
{
	h->total++;
	if (h->keep == 0) {
		group_clear(m);
		return;
	}
	if (h->count < h->keep) {
		/* The array is doubled when its size is a power of two. */
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

/* Counts a torn place at the offset AT; keeps the first reason. */
static void
count_torn(struct history *h, uint64_t at, const char *why)
{
	if (h->torn++ > 0)
		return;
	h->torn_at = at;
	snprintf(h->why, sizeof h->why, "%s", why);
}

/* Keeps the messages of LIST, which begins with the newest. */
static void
keep_messages(struct history *h, const struct sexp *list, int version)
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
			keep_message(h, &m);
		else
			count_torn(h, h->base, e.why);
	free(item);
}

/* Reads the expressions in the first N bytes of IN, mostly one group. */
static void
parse_groups(struct history *h, size_t n)
{
	const struct sexp *i, *list;
	struct sexp_error e;
	struct sexp_tree *t = sexp_parse_many(buf_data(&h->in), n, &e);
	int version;

	if (t == NULL)
		count_torn(h, h->base, e.why);
	else
		for (i = sexp_root(t)->first; i != NULL; i = i->next) {
			list = group_messages(i, &version, &e);
			if (list != NULL)
				keep_messages(h, list, version);
			else
				count_torn(h, h->base, e.why);
		}
	sexp_free(t);
}

/* Drops the first N bytes of IN. */
static void
drop_bytes(struct history *h, size_t n)
{
	buf_drop(&h->in, n);
	h->base += n;
	memset(&h->scan, 0, sizeof h->scan);
	h->looked = 0;
}

/* Records that a torn place begins at the first byte of IN. */
static void
begin_torn(struct history *h, const char *why)
{
	count_torn(h, h->base, why);
	h->lost = 1;
	h->lost_at = h->base;
	h->looked = 1;
}

/* Looks for the next group after a torn place. Returns 0 if it needs more. */
static int
skip_to_group(struct history *h, int final)
{
	size_t n = buf_len(&h->in), c, next;
	int status;

	c = find_group_start(buf_data(&h->in), n, h->looked);
	if (c == n) {
		/* The first bytes of the next group may have come already. */
		if (!final && n >= START_LEN)
			drop_bytes(h, n - START_LEN + 1);
		if (final && !h->skipping)
			h->tail = h->base + n - h->lost_at;
		return 0;
	}
	status = begins_group(h, c, final, &next);
	if (status == -1) {
		drop_bytes(h, c);
		return 0;
	}
	drop_bytes(h, status == 1 ? c : next);
	if (status == 1)
		h->lost = h->skipping = 0;
	return 1;
}

/* Notes that the file ends inside a group, if it does. */
static void
note_tail(struct history *h)
{
	size_t n = buf_len(&h->in);

	/* Blanks and comments alone are no loss. */
	if (h->scan.depth == 0 && h->scan.comment == 0)
		return;
	count_torn(h, h->base, "expected the rest of a record");
	h->tail = n;
}

/* Returns the offset of the first byte of IN that is not blank. */
static size_t
skip_blanks(const struct history *h)
{
	const unsigned char *p = buf_data(&h->in);
	size_t i, n = buf_len(&h->in);

	for (i = 0; i < n && strchr(" \t\r\n\f", p[i]) != NULL; i++)
		if (p[i] == '\0')
			break;
	return i;
}

/* Reads a group, or skips a torn place. Returns 0 if it needs more bytes. */
static int
read_group(struct history *h, int final)
{
	size_t n = buf_len(&h->in), from = skip_blanks(h) + 1, c, next;
	int status;

	if (h->looked < from)
		h->looked = from;
	c = find_group_start(buf_data(&h->in), n, h->looked);
	status = sexp_scan(&h->scan, buf_data(&h->in), c);
	if (status == 1) {
		parse_groups(h, h->scan.at);
		drop_bytes(h, h->scan.at);
		return 1;
	}
	if (status == -1) {
		begin_torn(h, "expected a group (VERSION (MESSAGE...))");
		return 1;
	}
	if (c < n) {
		status = begins_group(h, c, final, &next);
		if (status == 1) {
			count_torn(h, h->base, "expected the rest of a record");
			drop_bytes(h, c);
		}
		h->looked = status == 0 ? next : h->looked;
		return status != -1;
	}
	if (final)
		note_tail(h);
	else if (n > HISTORY_GROUP) {
		begin_torn(h, "expected the end of a group within 16 MiB");
		return 1;
	} else if (n >= START_LEN && h->looked < n - START_LEN + 1)
		h->looked = n - START_LEN + 1;
	return 0;
}

/* Reads all that IN holds; with FINAL the file ends there. */
static void
read_in(struct history *h, int final)
{
	while (h->lost ? skip_to_group(h, final) : read_group(h, final))
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
		read_in(h, 0);
	}
}

void
history_end(struct history *h)
{
	read_in(h, 1);
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
