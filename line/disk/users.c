#include "line/disk/users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/disk/unread.h"
#include "store/dir.h"

#define RECORD_MAX (16u << 20)	     /* bytes of a file, as dir.h reads it */
#define APPEND_MAX ((size_t)1 << 20) /* of records that are joined */
#define USERS_OLD  "users.sexp"

/* A contact or room. */
struct kept {
	char *jid;	/* bare, prepared */
	char *name;	/* of its file in users/, as it was spelled there */
	int unreadable; /* Its file could not be read, so it is left alone. */
	int has_file, has_user; /* `user` is filled in */
	int no_name; /* We said that its JID cannot be the name of a file. */
	struct user user;
};

/* Something that the loop is to store or to read. */
struct users_store {
	struct users_store *next;
	struct client_store store;
	char *name;
	struct buf bytes;
	enum users_reading reading;
	struct buf ids; /* struct append_id of the messages that have one */
};

/* A message that is appended: the record in `bytes` from AT on is its. */
struct append_id {
	size_t at;
	char id[NONCE_ID + 1];
};

/* How the old users.sexp goes once its records are stored: all or some of them.
 */
enum moving { MOVING_NO, MOVING_ALL, MOVING_SOME };

struct users {
	struct map by_jid;		  /* of struct kept */
	struct users_store *first, *last; /* what the loop is to do, in order */
	/* The first of the CLIENT_APPEND at the end of the queue, NULL if there
	 * are none: further records for the same files join them. */
	struct users_store *appends;
	enum moving moving;
	int history_failed; /* a message could not be appended */
	int reading_failed; /* a file of users/ could not be read */
	int failed;	    /* something could not be stored, for the reason */
	char why[400];
};

void
users_init(struct client *c)
{
	c->users = buf_alloc(sizeof *c->users);
}

const char *
users_failure(const struct client *c)
{
	return c->users->failed ? c->users->why : NULL;
}

int
users_history_failed(const struct client *c)
{
	return c->users->history_failed;
}

int
users_reading_failed(const struct client *c)
{
	return c->users->reading_failed;
}

static void
kept_free(struct kept *k)
{
	if (k == NULL)
		return;
	user_clear(&k->user);
	free(k->jid);
	free(k->name);
	free(k);
}

static struct kept *
kept_add(struct client *c, const char *jid, const char *name)
{
	struct kept *k = buf_alloc(sizeof *k);

	k->jid = buf_strdup(jid);
	k->name = buf_strdup(name);
	map_add(&c->users->by_jid, jid, k);
	return k;
}

/* Makes the entry of JID, bare, of which nothing is known. */
static struct kept *
add_entry(struct client *c, const char *jid)
{
	const char *name = unread_name(c, jid);
	struct kept *k;

	if (name == NULL)
		return kept_add(c, jid, jid);
	/* Everybody waits for it to be read; if not, it must not be lost. */
	k = kept_add(c, jid, name);
	k->unreadable = 1;
	return k;
}

static struct kept *
find_kept(const struct client *c, const char *jid)
{
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	return map_find(&c->users->by_jid, bare);
}

struct user *
users_find(const struct client *c, const char *jid)
{
	struct kept *k = find_kept(c, jid);

	return k != NULL && k->has_user ? &k->user : NULL;
}

struct user *
users_need(struct client *c, const char *jid)
{
	struct kept *k = find_kept(c, jid);
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	if (k == NULL)
		k = add_entry(c, bare);
	if (!k->has_user)
		user_init(&k->user, USER_CONTACT, bare);
	k->has_user = 1;
	return &k->user;
}

struct user *
users_room(struct client *c, const char *jid)
{
	struct user *u = users_need(c, jid);
	char bare[JID_SIZE];

	if (u->kind == USER_ROOM)
		return u;
	if (user_is_kept(u))
		return NULL;
	jid_bare(jid, bare);
	user_clear(u);
	user_init(u, USER_ROOM, bare);
	return u;
}

struct user *
users_find_room(const struct client *c, const char *jid)
{
	struct user *u = users_find(c, jid);

	return u != NULL && u->kind == USER_ROOM ? u : NULL;
}

const char **
users_jids(const struct client *c, enum user_kind kind)
{
	void **all = map_values(&c->users->by_jid);
	const char **jids;
	struct kept *k;
	size_t i, n = 0;

	jids = buf_alloc((c->users->by_jid.count + 1) * sizeof *jids);
	for (i = 0; all[i] != NULL; i++) {
		k = all[i];
		if (k->has_user && k->user.kind == kind)
			jids[n++] = k->jid;
	}
	free(all);
	return jids;
}

static void
store_free(struct users_store *s)
{
	free(s->name);
	buf_clear(&s->bytes);
	buf_clear(&s->ids);
	free(s);
}

static struct users_store *
add_store(struct client *c, enum client_store_what what, const char *name)
{
	struct users_store *s = buf_alloc(sizeof *s);

	s->name = buf_strdup(name);
	s->store.what = what;
	s->store.name = s->name;
	buf_init(&s->bytes, RECORD_MAX);
	buf_init(&s->ids, RECORD_MAX);
	if (what != CLIENT_APPEND)
		c->users->appends = NULL;
	else if (c->users->appends == NULL)
		c->users->appends = s;
	if (c->users->last == NULL)
		c->users->first = s;
	else
		c->users->last->next = s;
	c->users->last = s;
	return s;
}

/*
 * Returns 1 if NAME cannot be that of a file, like that of `..@example.org`:
 * nothing is stored then, which is said once for each contact or room.
 */
static int
warn_no_name(struct client *c, const char *name)
{
	const char *jid = strchr(name, '/');
	const char *why = jid == NULL ? NULL : dir_name_why(++jid);
	struct kept *k;
	char text[160];

	if (why == NULL)
		return 0;
	k = map_find(&c->users->by_jid, jid);
	if (k == NULL || k->no_name)
		return 1;
	k->no_name = 1;
	snprintf(text, sizeof text,
	    "nothing is stored: this is not the name of a file, as %s", why);
	client_warning(c, jid, text);
	return 1;
}

/*
 * Drops what is queued for the file of OF: all that OF, which is queued,
 * overtakes or, where OF is a message that could not be appended, the messages
 * behind it.
 */
static void
drop_queued(struct client *c, const struct users_store *of)
{
	int appends = of->store.what == CLIENT_APPEND;
	struct users_store **at = &c->users->first, *s;
	struct answer *j;

	c->users->last = NULL;
	c->users->appends = NULL;
	while ((s = *at) != NULL) {
		if (s == of || strcmp(s->name, of->name) != 0 ||
		    (appends && s->store.what != CLIENT_APPEND)) {
			c->users->last = s;
			at = &s->next;
			continue;
		}
		for (j = c->lines.answers; j != NULL; j = j->next)
			if (j->store == s)
				j->store = of;
		*at = s->next;
		store_free(s);
	}
}

/* Does as users_store. */
static struct users_store *
add_bytes(struct client *c, enum client_store_what what, const char *name,
    struct buf *bytes)
{
	struct users_store *s;

	/* -r stores the position of its own queue. */
	if (c->options.read_only && strncmp(name, "positions/", 10) != 0)
		return NULL;
	if (what == CLIENT_APPEND && warn_no_name(c, name))
		return NULL;
	s = add_store(c, what, name);
	if (bytes != NULL) {
		s->bytes = *bytes;
		buf_init(bytes, bytes->max);
	}
	if (what == CLIENT_REPLACE || what == CLIENT_REMOVE)
		drop_queued(c, s);
	return s;
}

const struct users_store *
users_store(struct client *c, enum client_store_what what, const char *name,
    struct buf *bytes)
{
	return add_bytes(c, what, name, bytes);
}

/* Returns the queued append to NAME that RECORD can join, or NULL. */
static struct users_store *
find_append(const struct client *c, const char *name, const struct buf *record)
{
	struct users_store *s, *last = NULL;

	for (s = c->users->appends; s != NULL; s = s->next)
		if (strcmp(s->name, name) == 0)
			last = s;
	return last != NULL &&
		       buf_len(&last->bytes) + buf_len(record) <= APPEND_MAX
		   ? last
		   : NULL;
}

void
users_append(
    struct client *c, const char *name, const char *id, struct buf *bytes)
{
	struct users_store *s = find_append(c, name, bytes);
	struct append_id mark = {0};

	if (s == NULL) {
		s = add_bytes(c, CLIENT_APPEND, name, bytes);
	} else {
		mark.at = buf_len(&s->bytes);
		buf_add(&s->bytes, buf_data(bytes), buf_len(bytes));
	}
	if (s == NULL || id == NULL || *id == '\0')
		return;
	snprintf(mark.id, sizeof mark.id, "%s", id);
	buf_add(&s->ids, &mark, sizeof mark);
}

void
users_overwrite(
    struct client *c, const char *name, int64_t at, struct buf *bytes)
{
	struct users_store *s = add_bytes(c, CLIENT_OVERWRITE, name, bytes);

	if (s != NULL)
		s->store.at = at;
}

void
users_read(struct client *c, const char *name, size_t count,
    enum users_reading reading)
{
	struct users_store *s = add_store(c, CLIENT_HISTORY, name);

	s->store.count = count;
	s->reading = reading;
}

void
users_keep(struct client *c, const char *name)
{
	char path[USERS_NAME];

	snprintf(path, sizeof path, "users/%s", name);
	add_store(c, CLIENT_KEEP, path)->reading = USERS_READING_RECORD;
}

void
users_omemo(struct client *c, enum client_store_what what, const char *name,
    struct buf *bytes)
{
	struct users_store *s = add_store(c, what, name);

	s->reading = USERS_READING_OMEMO;
	if (bytes == NULL)
		return;
	s->bytes = *bytes;
	buf_init(bytes, bytes->max);
}

enum users_reading
users_reading(const struct client *c)
{
	return c->users->first == NULL ? USERS_READING_NOTHING
				       : c->users->first->reading;
}

void
users_reading_jid(const struct client *c, char jid[JID_SIZE])
{
	const char *name = strchr(c->users->first->name, '/') + 1;

	if (jid_parse(name, strlen(name), jid, NULL) == -1)
		*jid = '\0';
}

const char *
users_append_id(const struct client *c, size_t i, size_t *at)
{
	const struct buf *ids = &c->users->first->ids;
	const struct append_id *all = (const void *)buf_data(ids);

	if (i >= buf_len(ids) / sizeof *all)
		return NULL;
	*at = all[i].at;
	return all[i].id;
}

void
users_mark(struct client *c, int on)
{
	if (!c->options.read_only)
		add_store(c, CLIENT_MARK, "")->store.count = on != 0;
}

void
users_name(const struct client *c, const char *sub, const char *jid,
    char name[USERS_NAME])
{
	const struct kept *k = find_kept(c, jid);
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	snprintf(name, USERS_NAME, "%s/%s", sub, k == NULL ? bare : k->name);
}

/* Notes WHY the program will end with status 74; the first reason stays. */
static void
note_failure(struct client *c, const char *why)
{
	if (!c->users->failed)
		snprintf(c->users->why, sizeof c->users->why, "%s", why);
	c->users->failed = 1;
}

/* Writes the error WHY about PEER, which no line caused, and notes it. */
static void
store_error(struct client *c, const char *peer, const char *why)
{
	const char *label = event_relabel(&c->event, NULL);

	note_failure(c, why);
	answer_no_line(c, peer, "store", why);
	event_relabel(&c->event, label);
}

/* Copies to U what the roster says of JID, as the roster is the server's. */
static void
follow_roster(const struct client *c, struct user *u, const char *jid)
{
	static const enum user_subscription subs[] = {[SUB_NONE] = USER_NONE,
	    [SUB_TO] = USER_TO,
	    [SUB_FROM] = USER_FROM,
	    [SUB_BOTH] = USER_BOTH,
	    [SUB_REMOVE] = USER_REMOVE};
	const struct contact *contact = roster_find(&c->roster, jid);
	size_t i;

	if (u->kind != USER_CONTACT || contact == NULL || !contact->in_roster)
		return;
	u->subscription = subs[contact->sub];
	u->properties = (contact->pending ? USER_PENDING : 0) |
			(contact->approved ? USER_PREAPPROVED : 0);
	free(u->name);
	u->name = buf_strdup(contact->name);
	for (i = 0; i < u->group_count; i++)
		free(u->groups[i]);
	free(u->groups);
	u->group_count = contact->group_count;
	u->groups = buf_alloc((u->group_count + 1) * sizeof *u->groups);
	for (i = 0; i < u->group_count; i++)
		u->groups[i] = buf_strdup(contact->groups[i]);
}

/* Writes the prepared JID of U to JID; returns its entry, or NULL. */
static struct kept *
entry_of(const struct client *c, const struct user *u, char jid[JID_SIZE])
{
	if (jid_parse(u->jid, strlen(u->jid), jid, NULL) == -1)
		return NULL;
	return map_find(&c->users->by_jid, jid);
}

/*
 * Queues what the change of K needs. Returns it, or NULL if it needs nothing
 * or, with the reason in *WHY, cannot be stored.
 */
static const struct users_store *
store_user(struct client *c, struct kept *k, const char **why)
{
	const struct users_store *s = NULL;
	char name[USERS_NAME];
	struct buf out;

	*why = NULL;
	if (k->unreadable) {
		*why = "its file in users/ could not be read at the start and "
		       "is left alone: this change is not stored";
		return NULL;
	}
	users_name(c, "users", k->jid, name);
	if (!user_is_kept(&k->user)) {
		if (k->has_file)
			s = users_store(c, CLIENT_REMOVE, name, NULL);
		k->has_file = 0;
		return s;
	}
	follow_roster(c, &k->user, k->jid);
	buf_init(&out, RECORD_MAX);
	if (user_print(&k->user, &out) == -1)
		*why = "its file in users/ would be too large";
	else
		s = users_store(c, CLIENT_REPLACE, name, &out);
	k->has_file = 1;
	buf_clear(&out);
	return s;
}

/*
 * Has the file of U, which was changed, replaced, or removed if nothing in it
 * needs a file (user_is_kept). Does nothing with -r.
 */
static void
note_changed(struct client *c, const struct user *u)
{
	char jid[JID_SIZE];
	struct kept *k = entry_of(c, u, jid);
	const char *why;

	if (c->options.read_only || k == NULL)
		return;
	store_user(c, k, &why);
	if (why != NULL)
		store_error(c, jid, why);
}

/* Answers J by an error: its change was not stored, for the reason WHY. */
static void
answer_failure(struct client *c, struct answer *j, const char *why)
{
	struct buf text;
	struct user *u =
	    j->kind == ANSWER_LOG ? users_find(c, j->subject) : NULL;

	note_failure(c, why);
	if (u != NULL)
		u->preserve = 0;
	buf_init(&text, 4096);
	buf_addf(&text, "%.2000s; %s", why,
	    j->kind == ANSWER_LOG ? "nothing is kept"
				  : "it holds for this run only");
	answer_failed(c, j, "store", buf_str(&text));
	buf_clear(&text);
}

/* Answers J: its change is on the disk, or needs not be. */
static void
answer_stored(struct client *c, struct answer *j)
{
	const char *label;

	if (j->place != NULL) {
		label = event_relabel(&c->event, j->label);
		event_begins(&c->event, EVENT_SUCCESS, j->subject, j->place);
		event_set_number(&c->event, "line", (long long)j->line);
		event_end(&c->event);
		event_relabel(&c->event, label);
	}
	answer_done(c, j, j->wait);
}

void
users_answer(struct client *c, const struct user *u, struct answer *j,
    const char *remark)
{
	char jid[JID_SIZE], name[USERS_NAME];
	struct kept *k = entry_of(c, u, jid);
	/* /join and /otr start did not ask for a file. */
	int asked = j->kind == ANSWER_STORE || j->kind == ANSWER_LOG;
	const char *why = NULL;

	if (!asked) {
		/* Their `place` is not the words of a `success`. */
		free(j->place);
		j->place = NULL;
	}
	users_name(c, "users", u->jid, name);
	if (!c->options.read_only && k != NULL &&
	    (asked || !warn_no_name(c, name)))
		j->store = store_user(c, k, &why);
	free(j->wait);
	j->wait = buf_strdup(remark);
	j->deadline = 0;
	j->holds = 1; /* Even at a terminal, since the disk answers at once. */
	if (j->kind != ANSWER_LOG)
		j->kind = ANSWER_STORE;
	if (why != NULL)
		answer_failure(c, j, why);
	else if (j->store == NULL)
		answer_stored(c, j);
}

void
users_line(struct client *c, const char *jid, enum answer_kind kind,
    const char *success, const char *remark)
{
	struct answer *j = answer_wait(c, kind, 1, 0);

	if (c->options.read_only && remark == NULL)
		remark = "nothing is stored with -r";
	j->subject = buf_strdup(jid);
	j->place = buf_strdup(success);
	users_answer(c, users_need(c, jid), j, remark);
}

void
users_wish(struct client *c, const char *jid, const char *name,
    enum omemo_wish how, int verified_only, const char *remark)
{
	struct answer *j = answer_wait(c, ANSWER_STORE, 1, 0);
	struct users_store *s = add_store(c, CLIENT_WISH, name);

	s->store.count = how;
	s->store.at = verified_only;
	j->holds = 1; /* as in users_answer */
	j->store = s;
	j->subject = buf_strdup(jid);
	j->wait = buf_strdup(remark);
}

void
users_watch(struct client *c, const struct user *u, struct answer *j)
{
	char jid[JID_SIZE], name[USERS_NAME];
	struct kept *k = entry_of(c, u, jid);
	struct users_store *s;

	if (k == NULL)
		return;
	users_name(c, "users", k->jid, name);
	for (s = c->users->first; s != NULL; s = s->next)
		if (strcmp(s->name, name) == 0)
			j->store = s;
}

void
users_noted(struct client *c, const struct user *u)
{
	char jid[JID_SIZE], name[USERS_NAME];

	if (c->options.read_only ||
	    jid_parse(u->jid, strlen(u->jid), jid, NULL) == -1)
		return;
	users_name(c, "users", jid, name);
	if (!warn_no_name(c, name))
		note_changed(c, u);
}

static void
warn_left_alone(
    struct client *c, const char *jid, const char *name, const char *why)
{
	char text[640];

	snprintf(
	    text, sizeof text, "users/%.255s is left alone: %s", name, why);
	client_warning(c, jid, text);
}

/* Leaves the file NAME alone, which is of JID (empty: nobody). */
static void
leave_alone(
    struct client *c, const char *jid, const char *name, const char *why)
{
	warn_left_alone(c, *jid == '\0' ? NULL : jid, name, why);
	if (*jid == '\0' || map_find(&c->users->by_jid, jid) != NULL)
		return;
	kept_add(c, jid, name)->unreadable = 1;
}

/* Moves the record U of JID, from the file NAME, to its entry. */
static void
take_record(struct client *c, const char *jid, const char *name, struct user *u)
{
	static const char twice[] = "there is another file for the same JID";
	struct kept *k = map_find(&c->users->by_jid, jid);

	if (k != NULL && !k->unreadable && strcmp(name, jid) != 0) {
		warn_left_alone(c, jid, name, twice);
		user_clear(u);
		return;
	}
	if (k != NULL) {
		if (!k->unreadable)
			warn_left_alone(c, jid, k->name, twice);
		kept_free(map_remove(&c->users->by_jid, jid));
	}
	k = kept_add(c, jid, name);
	k->has_file = k->has_user = 1;
	k->user = *u;
	memset(u, 0, sizeof *u);
}

/* Writes the prepared bare JID of U to JID; -1 if it has none. */
static int
user_jid(const struct user *u, char jid[JID_SIZE])
{
	if (jid_parse(u->jid, strlen(u->jid), jid, NULL) == 0 &&
	    jid_resource(jid) == NULL)
		return 0;
	*jid = '\0';
	return -1;
}

void
client_keep(struct client *c, const char *name, const void *p, size_t n)
{
	char jid[JID_SIZE], inside[JID_SIZE], why[240];
	struct sexp_error e;
	struct user u;

	client_hello(c);
	unread_done(c, name);
	if (jid_parse(name, strlen(name), jid, NULL) == -1 ||
	    jid_resource(jid) != NULL)
		*jid = '\0';
	if (user_parse(&u, p, n, &e) == -1) {
		snprintf(why, sizeof why, "line %d, column %d: %s", e.line,
		    e.column, e.why);
		leave_alone(c, jid, name, why);
		return;
	}
	if (*jid == '\0' || user_jid(&u, inside) == -1 ||
	    strcmp(jid, inside) != 0)
		leave_alone(
		    c, jid, name, "what is inside is about another JID");
	else
		take_record(c, jid, name, &u);
	user_clear(&u);
}

/* Moves the record U of the old file to users/; -1 if it cannot be. */
static int
take_old(struct client *c, struct user *u)
{
	char jid[JID_SIZE];
	struct kept *k;

	if (user_jid(u, jid) == -1)
		return -1;
	k = map_find(&c->users->by_jid, jid);
	if (k != NULL)
		return k->unreadable ? -1 : 0; /* users/ is newer */
	k = kept_add(c, jid, jid);
	k->has_user = 1;
	k->user = *u;
	memset(u, 0, sizeof *u);
	if (user_is_kept(&k->user))
		note_changed(c, &k->user);
	return 0;
}

/* Removes the old file once all its records are on the disk. */
static void
finish_move(struct client *c)
{
	if (c->users->moving == MOVING_NO || c->users->first != NULL)
		return;
	users_store(c,
	    c->users->moving == MOVING_ALL ? CLIENT_REMOVE : CLIENT_SET_ASIDE,
	    USERS_OLD, NULL);
	c->users->moving = MOVING_NO;
}

void
client_keep_old(struct client *c, const void *p, size_t n)
{
	struct user *list = NULL;
	struct sexp_error e;
	char why[240];
	size_t i, count = 0;
	int bad;

	client_hello(c);
	bad = user_parse_list(&list, &count, p, n, &e);
	if (bad != 0) {
		snprintf(why, sizeof why,
		    USERS_OLD ": line %d, column %d: %s; %s", e.line, e.column,
		    e.why,
		    bad == -1 ? "it is left alone"
			      : "the rest is moved to users/");
		client_warning(c, NULL, why);
	}
	for (i = 0; i < count; i++) {
		if (take_old(c, &list[i]) == -1)
			bad = 1;
		user_clear(&list[i]);
	}
	free(list);
	if (bad != -1 && !c->options.read_only)
		c->users->moving = bad == 0 ? MOVING_ALL : MOVING_SOME;
	finish_move(c);
}

const struct client_store *
client_store(struct client *c)
{
	struct users_store *s = c->users->first;

	if (s == NULL)
		return NULL;
	s->store.bytes = buf_data(&s->bytes);
	s->store.len = buf_len(&s->bytes);
	/* The caller borrows S from now on: no other append may join it. */
	if (c->users->appends == s)
		c->users->appends = s->next;
	/* Several records for one file are synced with the last. */
	s->store.sync = s->next == NULL ||
			s->next->store.what != s->store.what ||
			strcmp(s->next->name, s->name) != 0;
	return &s->store;
}

int
users_is_awaited(const struct client *c)
{
	const struct answer *j;

	for (j = c->lines.answers; j != NULL; j = j->next)
		if (j->store != NULL)
			return 1;
	return 0;
}

/*
 * Answers the lines that S was for, which is done or, if WHY is not NULL, has
 * failed. Returns 1 if there were any, else 0.
 */
static int
answer_lines(struct client *c, const struct users_store *s, const char *why)
{
	struct answer *j, *next;
	int found = 0;

	for (j = c->lines.answers; j != NULL; j = next) {
		next = j->next;
		if (j->store != s)
			continue;
		found = 1;
		j->store = NULL;
		if (why != NULL)
			answer_failure(c, j, why);
		else if (j->kind == ANSWER_STORE || j->kind == ANSWER_LOG)
			answer_stored(c, j);
	}
	return found;
}

/* Notes that the file of S is still there, to be removed another time. */
static void
note_remains(struct client *c, const struct users_store *s)
{
	void **all = map_values(&c->users->by_jid);
	char name[USERS_NAME];
	struct kept *k;
	size_t i;

	for (i = 0; all[i] != NULL; i++) {
		k = all[i];
		users_name(c, "users", k->jid, name);
		k->has_file |= strcmp(name, s->name) == 0;
	}
	free(all);
}

void
users_stored(struct client *c, const char *why)
{
	struct users_store *s = c->users->first;

	c->users->first = s->next;
	if (s->next == NULL)
		c->users->last = NULL;
	if (s->reading == USERS_READING_NOTHING) {
		if (why != NULL) {
			/* The old file is tried again in the next run. */
			c->users->moving = MOVING_NO;
			if (s->store.what == CLIENT_REMOVE)
				note_remains(c, s);
			if (s->store.what == CLIENT_APPEND) {
				/* The machine ends (client_stored). */
				drop_queued(c, s);
				c->users->history_failed = 1;
			}
		}
		if (!answer_lines(c, s, why) && why != NULL)
			store_error(c, NULL, why);
	}
	if (s->reading == USERS_READING_RECORD && why == NULL)
		unread_done(c, strchr(s->name, '/') + 1);
	if (s->reading == USERS_READING_RECORD && why != NULL) {
		c->users->reading_failed = 1;
		note_failure(c, why);
	}
	if (s->reading == USERS_READING_OMEMO && why != NULL)
		note_failure(c, why);
	store_free(s);
	finish_move(c);
}

void
users_clear(struct client *c)
{
	void **all = map_values(&c->users->by_jid);
	struct users_store *s;
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		kept_free(all[i]);
	free(all);
	map_clear(&c->users->by_jid);
	while ((s = c->users->first) != NULL) {
		c->users->first = s->next;
		store_free(s);
	}
	free(c->users);
}
