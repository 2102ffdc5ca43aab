#include "line/disk/position.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/disk/users.h"
#include "sexp/siphash.h"
#include "store/dir.h"
#include "store/entry.h"

#define SEAM 60	  /* seconds: messages closer together may come out of order */
#define KEPT 1000 /* entries of a file that is replaced */
/* Entries that are known, at least; and of those, early ones. */
#define KNOWN 4096
#define EARLY 1024
/* Bytes of entries that are printed at once. */
#define BATCH ((size_t)256 << 20)

/* Something of the archive that was dealt with. */
struct entry {
	struct entry *next, *before;
	struct entry *twin; /* another with the same id */
	char *id;
	uint64_t sender; /* the hash of its JID; 0: whoever */
	int64_t seconds;
	uint64_t mark; /* Dealt with when so much text is written. */
	int early;     /* Earlier entries were not dealt with then. */
	int line;      /* An event is about it, which /done deals with. */
	int done;      /* /done said so. */
	int stored;    /* The file has it, or shall not have it. */
};

struct position {
	struct position *next;
	char *jid;
	char name[USERS_NAME]; /* of its file */
	struct entry *first, *last;
	struct map by_id; /* of the first struct entry of each id but "" */
	size_t count, early;
	size_t pending; /* entries that are not stored, of which this is the
			 * first: */
	struct entry *unstored;
	/* Set aside by /replay: the ids that were known, and the time before
	 * which every other message was dealt with, too; 0: none. */
	struct map aside;
	int64_t aside_until;
	int caught_up;
	int follows;  /* Entries are stored. */
	int torn;     /* The end of the file is no whole line. */
	size_t bytes; /* of the file */
};

struct positions {
	struct position *first;
	int is_held;   /* Nothing is stored: client_hold_positions. */
	size_t undone; /* entries of events that wait for /done */
	size_t pending;
};

void
position_init(struct client *c)
{
	c->positions = buf_alloc(sizeof *c->positions);
}

static void
free_entry(struct entry *e)
{
	free(e->id);
	free(e);
}

static void
forget_entries(struct client *c, struct position *p)
{
	struct entry *e;

	while ((e = p->first) != NULL) {
		p->first = e->next;
		c->positions->undone -= (size_t)(e->line && !e->stored);
		c->positions->pending -= (size_t)!e->stored;
		free_entry(e);
	}
	map_clear(&p->by_id);
	p->last = p->unstored = NULL;
	p->count = p->early = p->pending = 0;
	p->torn = 1;
}

void
position_clear(struct client *c)
{
	struct position *p;

	while ((p = c->positions->first) != NULL) {
		c->positions->first = p->next;
		forget_entries(c, p);
		map_clear(&p->aside);
		free(p->jid);
		free(p);
	}
	free(c->positions);
}

struct position *
position_of(struct client *c, const char *jid)
{
	const char *queue = c->options.queue;
	struct position *p;

	for (p = c->positions->first; p != NULL; p = p->next)
		if (strcmp(p->jid, jid) == 0)
			return p;
	p = buf_alloc(sizeof *p);
	p->jid = buf_strdup(jid);
	snprintf(p->name, sizeof p->name, "positions/%s%s%s",
	    queue == NULL ? "" : queue, queue == NULL ? "" : ":", jid);
	p->next = c->positions->first;
	c->positions->first = p;
	return p;
}

/* Returns 1 if entries of P may be written to a file, else 0. */
static int
has_file(const struct client *c, const struct position *p)
{
	return p->follows &&
	       (!c->options.read_only || c->options.queue != NULL) &&
	       dir_name_why(strchr(p->name, '/') + 1) == NULL;
}

void
position_follow(struct position *p)
{
	p->follows = 1;
}

int
position_unfollow(struct position *p)
{
	int before = p->follows;

	p->follows = 0;
	return before;
}

void
position_caught_up(struct position *p, int on)
{
	p->caught_up = on;
}

/* Returns the hash of the JID FROM, or 0 for NULL. */
static uint64_t
hash_sender(const char *from)
{
	return from == NULL ? 0 : siphash(from, strlen(from)) | 1;
}

/* Returns the entry of ID by the sender of HASH or, if there is none, that
 * whose sender is not known; or NULL. */
static struct entry *
find_entry(const struct position *p, const char *id, uint64_t hash)
{
	struct entry *e = map_find(&p->by_id, id), *any = NULL;

	for (; e != NULL; e = e->twin) {
		if (e->sender == hash || hash == 0)
			return e;
		if (e->sender == 0 && any == NULL)
			any = e;
	}
	return any;
}

int
position_knows(struct position *p, const char *id, const char *from)
{
	uint64_t hash = hash_sender(from);
	struct entry *e = find_entry(p, id, hash);

	if (e == NULL)
		return 0;
	if (e->sender == 0)
		e->sender = hash;
	return 1;
}

/* Removes E, which has an id or was loaded without one, from P's index. */
static void
forget_id(struct position *p, struct entry *e)
{
	struct entry *head = map_find(&p->by_id, e->id);

	if (head == e) {
		map_remove(&p->by_id, e->id);
		if (e->twin != NULL)
			map_add(&p->by_id, e->id, e->twin);
		return;
	}
	while (head != NULL && head->twin != e)
		head = head->twin;
	if (head != NULL)
		head->twin = e->twin;
}

int
position_awaits(const struct position *p, const char *id)
{
	const struct entry *e;

	for (e = map_find(&p->by_id, id); e != NULL; e = e->twin)
		if (!e->stored)
			return 1;
	return 0;
}

/* Removes E from P's list. */
static void
unlink_entry(struct position *p, struct entry *e)
{
	*(e->before == NULL ? &p->first : &e->before->next) = e->next;
	*(e->next == NULL ? &p->last : &e->next->before) = e->before;
	if (p->unstored == e)
		p->unstored = e->next;
	p->count--;
	p->early -= (size_t)(e->early != 0);
}

/* Adds E, of which nothing is in the file, as the last. */
static void
link_entry(struct client *c, struct position *p, struct entry *e)
{
	e->next = NULL;
	e->before = p->last;
	*(p->last == NULL ? &p->first : &p->last->next) = e;
	p->last = e;
	if (p->unstored == NULL)
		p->unstored = e;
	p->count++;
	p->early += (size_t)(e->early != 0);
	p->pending++;
	c->positions->pending++;
}

/* Forgets the oldest entries that are stored; early ones, which a replay has
 * still to pass, last. */
static void
trim_entries(struct position *p)
{
	struct entry *e, *next;

	if (p->count <= 2 * KNOWN)
		return;
	for (e = p->first; e != NULL && e->stored && p->count > KNOWN;
	     e = next) {
		next = e->next;
		if (e->early && !p->caught_up && p->early <= EARLY)
			continue;
		unlink_entry(p, e);
		forget_id(p, e);
		free_entry(e);
	}
}

/* Returns a new entry of P, behind all others of its id. */
static struct entry *
make_entry(struct client *c, struct position *p, const char *id,
    int64_t seconds, int early)
{
	struct entry *e = buf_alloc(sizeof *e);
	struct entry *head = map_find(&p->by_id, id);

	e->id = buf_strdup(id);
	e->seconds = seconds;
	e->early = early;
	e->mark = client_text_total(c);
	while (head != NULL && head->twin != NULL)
		head = head->twin;
	if (head != NULL)
		head->twin = e;
	else if (*id != '\0')
		map_add(&p->by_id, id, e);
	return e;
}

void
position_enter(struct client *c, struct position *p, const char *id,
    const char *from, int64_t seconds, int flags)
{
	struct entry *e;

	if (*id == '\0' || strlen(id) > ENTRY_ID || position_knows(p, id, from))
		return;
	e = make_entry(c, p, id, seconds, (flags & POSITION_EARLY) != 0);
	e->sender = hash_sender(from);
	e->line = (flags & POSITION_LINE) != 0 && c->options.queue != NULL;
	c->positions->undone += (size_t)e->line;
	link_entry(c, p, e);
	trim_entries(p);
}

void
position_pass(
    struct client *c, struct position *p, const char *id, const char *from)
{
	struct entry *e = find_entry(p, id, hash_sender(from));

	if (e == NULL || !e->early)
		return;
	if (!e->stored) {
		p->early--;
		e->early = 0;
		return;
	}
	unlink_entry(p, e);
	e->early = e->stored = e->line = 0;
	e->mark = client_text_total(c);
	link_entry(c, p, e);
}

void
position_empty(struct client *c, struct position *p, int64_t seconds)
{
	link_entry(c, p, make_entry(c, p, "", seconds, 0));
}

/* Returns E or the first behind it that is not early, or NULL. */
static const struct entry *
not_early(const struct entry *e)
{
	while (e != NULL && e->early)
		e = e->next;
	return e;
}

static const struct entry *
last_entry(const struct position *p)
{
	const struct entry *e, *last = NULL;

	for (e = not_early(p->first); e != NULL; e = not_early(e->next))
		last = e;
	return last;
}

/* Returns the youngest entry that is SEAM older than the last, else the first.
 */
static const struct entry *
find_anchor(const struct position *p)
{
	const struct entry *last = last_entry(p), *e, *anchor;

	anchor = not_early(p->first);
	for (e = anchor; e != NULL; e = not_early(e->next))
		if (e->seconds <= last->seconds - SEAM)
			anchor = e;
	return anchor;
}

/* Forgets the ids set aside of P where there are many: the time is left. */
static void
trim_aside(struct position *p)
{
	if (p->aside.count > 4 * KNOWN)
		map_clear(&p->aside);
}

void
position_set_aside(struct client *c, struct position *p)
{
	const struct entry *e = find_anchor(p);

	if (e != NULL && e->seconds > p->aside_until)
		p->aside_until = e->seconds;
	trim_aside(p);
	for (e = p->first; e != NULL; e = e->next)
		if (*e->id != '\0' && map_find(&p->aside, e->id) == NULL)
			map_add(&p->aside, e->id, p);
	forget_entries(c, p);
}

int
position_was_dealt(const struct position *p, const char *id, int64_t seconds)
{
	return seconds < p->aside_until || map_find(&p->aside, id) != NULL;
}

const char *
position_anchor(const struct position *p, const char *old)
{
	const struct entry *e;

	if (old == NULL) {
		e = find_anchor(p);
	} else {
		e = map_find(&p->by_id, old);
		e = e == NULL ? NULL : not_early(e->next);
	}
	return e == NULL ? NULL : e->id;
}

int64_t
position_time(const struct position *p)
{
	const struct entry *e = last_entry(p);

	return e == NULL ? 0 : e->seconds;
}

/* Prints the entries of P that its file is to hold to OUT. */
static void
print_all(const struct position *p, struct buf *out)
{
	const struct entry *e, *anchor = find_anchor(p);
	size_t stored = 0, n = 0;

	for (e = p->first; e != NULL && e->stored; e = e->next)
		stored++;
	for (e = p->first; e != NULL && e->stored; e = e->next, n++)
		if (n + KEPT >= stored || e == anchor ||
		    (e->early && !p->caught_up))
			entry_print(out, e->id, e->seconds, e->early);
}

/* Has the N entries in BATCH, which are stored now, written to P's file. */
static const struct users_store *
write_batch(struct client *c, struct position *p, struct buf *batch)
{
	const struct users_store *s;
	struct buf all;

	if (!p->torn && p->bytes + buf_len(batch) <= ENTRY_FILE) {
		p->bytes += buf_len(batch);
		return users_store(c, CLIENT_ENTER, p->name, batch);
	}
	buf_init(&all, BATCH);
	print_all(p, &all);
	p->bytes = buf_len(&all);
	p->torn = 0;
	s = users_store(c, CLIENT_REPLACE, p->name, &all);
	buf_clear(&all);
	return s;
}

/* Returns 1 if E was dealt with. */
static int
is_dealt_with(const struct client *c, const struct entry *e)
{
	return e->line ? e->done : e->mark <= c->out.written;
}

/* Stores what of P was dealt with. Returns what is queued, or NULL. */
static const struct users_store *
store_entries(struct client *c, struct position *p)
{
	const struct users_store *s = NULL;
	int stores = has_file(c, p);
	struct buf batch;
	struct entry *e;

	buf_init(&batch, BATCH);
	while ((e = p->unstored) != NULL && is_dealt_with(c, e)) {
		if (stores)
			entry_print(&batch, e->id, e->seconds, e->early);
		e->stored = 1;
		c->positions->undone -= (size_t)e->line;
		c->positions->pending--;
		p->pending--;
		p->unstored = e->next;
	}
	if (buf_len(&batch) > 0)
		s = write_batch(c, p, &batch);
	buf_clear(&batch);
	return s;
}

void
position_failed(struct client *c)
{
	struct position *p;

	for (p = c->positions->first; p != NULL; p = p->next)
		p->torn = 1;
}

void
position_written(struct client *c)
{
	struct position *p;

	if (c->positions->pending == 0 || c->positions->is_held)
		return;
	for (p = c->positions->first; p != NULL; p = p->next)
		if (p->pending > 0)
			store_entries(c, p);
}

void
client_hold_positions(struct client *c, int on)
{
	c->positions->is_held = on;
	position_written(c);
}

/*
 * Returns the entry of ID in any archive, which becomes *P: of several the
 * first that was not dealt with, else the last; or NULL.
 */
static struct entry *
find_undone(const struct client *c, const char *id, struct position **p)
{
	struct entry *e = NULL;

	for (*p = c->positions->first; *p != NULL; *p = (*p)->next)
		if ((e = map_find(&(*p)->by_id, id)) != NULL)
			break;
	while (e != NULL && e->stored && e->twin != NULL)
		e = e->twin;
	return e;
}

void
position_done(struct client *c, const char *id)
{
	struct position *p;
	struct entry *e = find_undone(c, id, &p), *at;
	struct answer *job;

	if (e == NULL) {
		answer_error(c, NULL, "item-not-found",
		    "no event of this run has that id in archived=");
		return;
	}
	for (at = e->stored ? NULL : p->unstored; at != NULL; at = at->next) {
		at->done = 1;
		if (at == e)
			break;
	}
	job = answer_wait(c, ANSWER_STORE, 1, 0);
	job->store = store_entries(c, p);
	if (job->store == NULL)
		answer_done(c, job, NULL);
}

size_t
position_undone(const struct client *c)
{
	return c->positions->undone;
}

/* Returns the archive of the file NAME if it is of this run, else NULL. */
static const char *
archive_of(const struct client *c, const char *name)
{
	const char *queue = c->options.queue, *at = strchr(name, '@');
	const char *colon = strchr(name, ':');
	size_t n = queue == NULL ? 0 : strlen(queue);

	if (colon != NULL && *name != '[' && (at == NULL || colon < at))
		return queue != NULL && (size_t)(colon - name) == n &&
			       memcmp(name, queue, n) == 0
			   ? colon + 1
			   : NULL;
	return queue == NULL ? name : NULL;
}

/* Adds the line L of the file of P: a new entry, or one that was early and that
 * a replay has passed since. */
static void
load_line(struct client *c, struct position *p, const struct entry_line *l)
{
	struct entry *e = l->early ? NULL : map_find(&p->by_id, l->id);

	while (e != NULL && !e->early)
		e = e->twin;
	if (e == NULL) {
		e = make_entry(c, p, l->id, l->seconds, l->early);
	} else {
		unlink_entry(p, e);
		e->early = 0;
	}
	link_entry(c, p, e);
	e->stored = 1;
	p->unstored = NULL;
	p->pending--;
	c->positions->pending--;
}

void
client_position(struct client *c, const char *name, const void *bytes, size_t n)
{
	const char *at = bytes, *jid = archive_of(c, name), *why;
	struct entry_line l;
	struct position *p;
	size_t len;

	if (jid == NULL)
		return;
	p = position_of(c, jid);
	p->bytes = n;
	for (; (len = entry_read(&l, at, n, &why)) > 0; at += len, n -= len)
		if (why == NULL)
			load_line(c, p, &l);
		else
			p->torn = 1;
	p->torn |= n > 0;
	trim_entries(p);
}
