#include "line/tty/replayed.h"

#include <stdlib.h>
#include <string.h>

const char *
replayed_why(enum replayed_why why)
{
	static const char *const words[] = {[REPLAYED_LEFT] = "since you left",
	    [REPLAYED_LOST] = "since the connection was lost",
	    [REPLAYED_ASKED] = "from the archive"};

	return words[why];
}

void
replayed_clear(struct replayed *r)
{
	struct replayed_contact **all =
	    (struct replayed_contact **)map_values(&r->by_jid);
	size_t i;

	for (i = 0; all[i] != NULL; i++) {
		free(all[i]->jid);
		free(all[i]);
	}
	free(all);
	map_clear(&r->by_jid);
	r->count = 0;
	r->is_open = 0;
}

void
replayed_begin(struct replayed *r, enum replayed_why why, int64_t since)
{
	if (r->is_open)
		return;
	replayed_clear(r);
	r->is_open = 1;
	r->why = why;
	r->since = since;
}

enum replayed_kind
replayed_sort(const struct replayed *r, const struct fields *f)
{
	struct field type = fields_get(f, "type");

	if (!r->is_open || fields_get(f, "archived").p == NULL)
		return REPLAYED_NOT;
	switch (f->tag) {
	case EVENT_MESSAGE:
	case EVENT_OWN:
		return REPLAYED_MESSAGE;
	case EVENT_INFO:
		return REPLAYED_NOTE;
	case EVENT_MARK:
		return field_is(type, "reaction")     ? REPLAYED_REACTION
		       : field_is(type, "retraction") ? REPLAYED_RETRACTION
						      : REPLAYED_DISPLAYED;
	case EVENT_WARNING:
		return field_is(fields_get(f, "cause"), "unreadable")
			   ? REPLAYED_UNREADABLE
			   : REPLAYED_NOT;
	default:
		return REPLAYED_NOT;
	}
}

/* Returns the counts of the bare part of PEER, or NULL. */
static struct replayed_contact *
find_counts(const struct replayed *r, struct field peer)
{
	struct field bare = field_bare(peer);
	struct replayed_contact *o;
	char *jid;

	if (bare.p == NULL)
		return NULL;
	jid = buf_memdup(bare.p, bare.n);
	o = map_find(&r->by_jid, jid);
	free(jid);
	return o;
}

void
replayed_count(
    struct replayed *r, struct field peer, int64_t t, enum replayed_kind kind)
{
	struct replayed_contact *o = find_counts(r, peer);
	struct field bare = field_bare(peer);

	if (bare.p == NULL)
		return;
	if (o == NULL) {
		o = buf_alloc(sizeof *o);
		o->jid = buf_memdup(bare.p, bare.n);
		map_add(&r->by_jid, o->jid, o);
	}
	o->of[kind]++;
	r->count++;
	/* Others may have used the directory since: this was not told. */
	if (t > 0 && (r->since == 0 || t < r->since))
		r->since = t;
}

void
replayed_shown(struct replayed *r, struct field peer)
{
	struct replayed_contact *o = find_counts(r, peer);

	if (o != NULL)
		memset(o->of, 0, sizeof o->of);
}

/* Appends N and the unit WORD, in the plural if it is not one. */
static void
add_number(struct buf *out, int64_t n, const char *word)
{
	buf_addf(out, "%lld %s%s", (long long)n, word, n == 1 ? "" : "s");
}

/* Appends how long before NOW R's time is, in the largest unit. */
static void
add_since(const struct replayed *r, int64_t now, struct buf *out)
{
	int64_t seconds = (now - r->since) / 1000;

	buf_adds(out, replayed_why(r->why));
	if (r->why == REPLAYED_ASKED || r->since == 0) {
		buf_adds(out, ": ");
		return;
	}
	buf_adds(out, ", ");
	if (seconds < 60)
		buf_adds(out, "less than a minute");
	else if (seconds < 60 * 60)
		add_number(out, seconds / 60, "minute");
	else if (seconds < 48 * 60 * 60)
		add_number(out, seconds / (60 * 60), "hour");
	else
		add_number(out, seconds / (24 * 60 * 60), "day");
	buf_adds(out, " ago: ");
}

/* Appends N and WORDS behind what *ANY says was there before; 0 adds nothing.
 */
static void
add_count(struct buf *out, size_t n, const char *words, int *any)
{
	if (n == 0)
		return;
	buf_addf(out, "%s%zu %s", *any ? ", " : "", n, words);
	*any = 1;
}

void
replayed_words(const struct replayed *r, struct field active, size_t lines,
    int64_t now, struct buf *out)
{
	static const char *const words[REPLAYED_KINDS][2] = {
	    [REPLAYED_MESSAGE] = {"message", "messages"},
	    [REPLAYED_NOTE] = {"note", "notes"},
	    [REPLAYED_CORRECTION] = {"corrected", "corrected"},
	    [REPLAYED_REACTION] = {"reaction", "reactions"},
	    [REPLAYED_RETRACTION] = {"taken back", "taken back"},
	    [REPLAYED_UNREADABLE] = {
		"that cannot be read here", "that cannot be read here"}};
	const struct replayed_contact *o = find_counts(r, active);
	size_t k, shown;
	int any = 0;
	struct buf list;

	if (o == NULL)
		return;
	buf_init(&list, 1024);
	for (k = 0; k < REPLAYED_KINDS; k++)
		if (words[k][0] != NULL)
			add_count(
			    &list, o->of[k], words[k][o->of[k] != 1], &any);
	shown = o->of[REPLAYED_MESSAGE] + o->of[REPLAYED_NOTE] +
		o->of[REPLAYED_CORRECTION];
	if (any) {
		add_since(r, now, out);
		buf_adds(out, buf_str(&list));
		if (lines < shown)
			buf_addf(
			    out, "; here the last %zu, Ctrl-p: earlier", lines);
	}
	buf_clear(&list);
}

/* Orders contacts: those with most unread first, then by their JIDs. */
static int
compare_unread(const void *a, const void *b)
{
	const struct replayed_contact *x = *(struct replayed_contact *const *)a;
	const struct replayed_contact *y = *(struct replayed_contact *const *)b;

	if (x->unread != y->unread)
		return x->unread < y->unread ? 1 : -1;
	return strcmp(x->jid, y->jid);
}

/* Returns how many lines of O a person has not seen here. */
static size_t
unseen_of(const struct replayed_contact *o)
{
	return o->of[REPLAYED_MESSAGE] + o->of[REPLAYED_NOTE] +
	       o->of[REPLAYED_UNREADABLE];
}

void
replayed_others(
    const struct replayed *r, struct field active, int64_t now, struct buf *out)
{
	struct replayed_contact **all =
	    (struct replayed_contact **)map_values(&r->by_jid);
	const struct replayed_contact *o = find_counts(r, active);
	size_t i, n = 0, count = 0, read = 0, more = 0;
	int any = 0, first = 1;

	for (i = 0; i < REPLAYED_KINDS && o != NULL; i++)
		first &= o->of[i] == 0;
	for (i = 0; all[i] != NULL; i++)
		if (all[i] != o && unseen_of(all[i]) > 0)
			all[n++] = all[i];
	qsort(all, n, sizeof *all, compare_unread);
	if (n > 0 && first)
		add_since(r, now, out);
	for (i = 0; i < n; i++) {
		if (all[i]->unread == 0) {
			read += unseen_of(all[i]);
		} else if (count++ >= REPLAYED_NAMED) {
			more += all[i]->unread;
		} else {
			buf_addf(out, "%s%u unread from %s", any ? ", " : "",
			    all[i]->unread, all[i]->jid);
			any = 1;
		}
	}
	add_count(out, more, "unread from others", &any);
	add_count(
	    out, read, any ? "more read elsewhere" : "read elsewhere", &any);
	free(all);
}

void
replayed_line(const struct fields *f, int64_t t, struct buf *out)
{
	struct field rest = f->line, column;
	char time[32];
	size_t i;

	if (t == 0)
		t = field_time(fields_get(f, "stamp"));
	if (t <= 0 || t > f->time) {
		buf_add(out, f->line.p, f->line.n);
		return;
	}
	event_time(t, time);
	for (i = 0; (column = fields_next(&rest)).p != NULL; i++) {
		if (column.n > 6 && memcmp(column.p, "stamp=", 6) == 0)
			continue;
		buf_adds(out, i == 0 ? "" : "\t");
		if (i == 1)
			buf_adds(out, time);
		else
			buf_add(out, column.p, column.n);
	}
}
