#include "line/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/archive.h"
#include "line/job.h"

#define RECORD_MAX (16u << 20) /* bytes of a file, as dir.h reads it */
#define USERS_OLD  "users.sexp"

/* One contact or room, in the map by its prepared bare JID. */
struct kept {
	char *jid;  /* bare, prepared */
	char *name; /* of its file in users/, as it was spelled there */
	/* The file could not be read: never overwritten. USER is made when
	 * there is something to know after all. */
	int unreadable;
	int has_file, has_user;
	struct user user;
};

/* Something to be stored, in the order of asking. */
struct keep_store {
	struct keep_store *next;
	struct client_store store;
	char *name;
	struct buf bytes;
	int recall; /* see keep_read */
};

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
	map_add(&c->kept, jid, k);
	return k;
}

static struct kept *
find(const struct client *c, const char *jid)
{
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	return map_find(&c->kept, bare);
}

struct user *
keep_find(const struct client *c, const char *jid)
{
	struct kept *k = find(c, jid);

	return k != NULL && k->has_user ? &k->user : NULL;
}

struct user *
keep_need(struct client *c, const char *jid)
{
	struct kept *k = find(c, jid);
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	if (k == NULL)
		k = kept_add(c, bare, bare);
	if (!k->has_user)
		user_init(&k->user, USER_CONTACT, bare);
	k->has_user = 1;
	return &k->user;
}

struct user *
keep_room(struct client *c, const char *jid)
{
	struct user *u = keep_need(c, jid);
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

void
keep_rooms(
    struct client *c, void (*each)(struct client *c, const struct user *room))
{
	void **all = map_values(&c->kept);
	struct kept *k;
	size_t i;

	for (i = 0; all[i] != NULL; i++) {
		k = all[i];
		if (k->has_user && k->user.kind == USER_ROOM)
			each(c, &k->user);
	}
	free(all);
}

const char **
keep_contacts(const struct client *c)
{
	void **all = map_values(&c->kept);
	const char **jids;
	struct kept *k;
	size_t i, n = 0;

	jids = buf_alloc((c->kept.count + 1) * sizeof *jids);
	for (i = 0; all[i] != NULL; i++) {
		k = all[i];
		if (k->has_user && k->user.kind == USER_CONTACT)
			jids[n++] = k->jid;
	}
	free(all);
	return jids;
}

static void
store_free(struct keep_store *s)
{
	free(s->name);
	buf_clear(&s->bytes);
	free(s);
}

/* Drops what is still to be done to NAME: it is overtaken. */
static void
forget(struct client *c, const char *name)
{
	struct keep_store **at = &c->store_first, *s;

	c->store_last = NULL;
	while ((s = *at) != NULL) {
		if (strcmp(s->name, name) == 0) {
			*at = s->next;
			store_free(s);
			continue;
		}
		c->store_last = s;
		at = &s->next;
	}
}

static struct keep_store *
queue(struct client *c, enum client_store_what what, const char *name)
{
	struct keep_store *s = buf_alloc(sizeof *s);

	s->name = buf_strdup(name);
	s->store.what = what;
	s->store.name = s->name;
	buf_init(&s->bytes, RECORD_MAX);
	if (c->store_last == NULL)
		c->store_first = s;
	else
		c->store_last->next = s;
	c->store_last = s;
	return s;
}

void
keep_store(struct client *c, enum client_store_what what, const char *name,
    struct buf *bytes)
{
	struct keep_store *s;

	if (c->options.read_only)
		return;
	if (what == CLIENT_REPLACE || what == CLIENT_REMOVE)
		forget(c, name);
	s = queue(c, what, name);
	if (bytes != NULL) {
		s->bytes = *bytes;
		buf_init(bytes, bytes->max);
	}
}

void
keep_read(struct client *c, const char *name, size_t count, int recall)
{
	struct keep_store *s = queue(c, CLIENT_HISTORY, name);

	s->store.count = count;
	s->recall = recall;
}

int
keep_recalls(const struct client *c)
{
	return c->store_first != NULL && c->store_first->recall;
}

void
keep_mark(struct client *c, int on)
{
	if (!c->options.read_only)
		queue(c, CLIENT_MARK, "")->store.count = on != 0;
}

void
keep_name(const struct client *c, const char *sub, const char *jid,
    char name[KEEP_NAME])
{
	const struct kept *k = find(c, jid);
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	snprintf(name, KEEP_NAME, "%s/%s", sub, k == NULL ? bare : k->name);
}

/* An error event that no line caused, and what the program ends with. */
static void
store_error(struct client *c, const char *peer, const char *why)
{
	const char *label = c->event.label;

	if (!c->store_failed)
		snprintf(c->store_why, sizeof c->store_why, "%s", why);
	c->store_failed = 1;
	c->event.label = NULL;
	event_begin(&c->event, EVENT_ERROR, peer, why, strlen(why));
	event_set(&c->event, "cause", "store");
	event_end(&c->event);
	c->event.label = label;
	job_note_error(c, "store", why);
}

/* The roster is the server's; what the file says of it follows. */
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

void
keep_changed(struct client *c, const struct user *u)
{
	char jid[JID_SIZE], name[KEEP_NAME];
	struct kept *k;
	struct buf out;

	if (c->options.read_only ||
	    jid_parse(u->jid, strlen(u->jid), jid, NULL) == -1)
		return;
	k = map_find(&c->kept, jid);
	if (k == NULL)
		return;
	if (k->unreadable) {
		store_error(c, jid,
		    "its file in users/ could not be read at the start and is "
		    "left alone: this change is not stored");
		return;
	}
	keep_name(c, "users", jid, name);
	if (!user_is_kept(&k->user)) {
		if (k->has_file)
			keep_store(c, CLIENT_REMOVE, name, NULL);
		k->has_file = 0;
		return;
	}
	follow_roster(c, &k->user, jid);
	buf_init(&out, RECORD_MAX);
	if (user_print(&k->user, &out) == -1)
		store_error(c, jid, "its file in users/ would be too large");
	else
		keep_store(c, CLIENT_REPLACE, name, &out);
	k->has_file = 1;
	buf_clear(&out);
}

static void
warn(struct client *c, const char *jid, const char *name, const char *why)
{
	char text[640];

	snprintf(
	    text, sizeof text, "users/%.255s is left alone: %s", name, why);
	client_warning(c, jid, text);
}

/* The file NAME, of JID or of nobody (empty), is not to be touched. */
static void
leave_alone(
    struct client *c, const char *jid, const char *name, const char *why)
{
	warn(c, *jid == '\0' ? NULL : jid, name, why);
	if (*jid == '\0' || map_find(&c->kept, jid) != NULL)
		return;
	kept_add(c, jid, name)->unreadable = 1;
}

/* Takes the record U, of JID, from the file NAME. U is then empty. */
static void
take(struct client *c, const char *jid, const char *name, struct user *u)
{
	static const char twice[] = "there is another file for the same JID";
	struct kept *k = map_find(&c->kept, jid);

	if (k != NULL && !k->unreadable && strcmp(name, jid) != 0) {
		warn(c, jid, name, twice);
		user_clear(u);
		return;
	}
	if (k != NULL) {
		if (!k->unreadable)
			warn(c, jid, k->name, twice);
		kept_free(map_remove(&c->kept, jid));
	}
	k = kept_add(c, jid, name);
	k->has_file = k->has_user = 1;
	k->user = *u;
	memset(u, 0, sizeof *u);
}

/* The prepared bare JID that U is about; -1: it is none. */
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
		take(c, jid, name, &u);
	user_clear(&u);
}

/* Takes U of the old file; -1: it may not or cannot be moved to users/. */
static int
take_old(struct client *c, struct user *u)
{
	char jid[JID_SIZE];
	struct kept *k;

	if (user_jid(u, jid) == -1)
		return -1;
	k = map_find(&c->kept, jid);
	if (k != NULL)
		return k->unreadable ? -1 : 0; /* what is in users/ is newer */
	k = kept_add(c, jid, jid);
	k->has_user = 1;
	k->user = *u;
	memset(u, 0, sizeof *u);
	if (user_is_kept(&k->user))
		keep_changed(c, &k->user);
	return 0;
}

/* All that the old file held is on the disk: now the file may go. */
static void
moved(struct client *c)
{
	if (c->moving == MOVING_NO || c->store_first != NULL)
		return;
	keep_store(c,
	    c->moving == MOVING_ALL ? CLIENT_REMOVE : CLIENT_SET_ASIDE,
	    USERS_OLD, NULL);
	c->moving = MOVING_NO;
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
		c->moving = bad == 0 ? MOVING_ALL : MOVING_SOME;
	moved(c);
}

const struct client_store *
client_store(struct client *c)
{
	struct keep_store *s = c->store_first;

	if (s == NULL)
		return NULL;
	s->store.bytes = buf_data(&s->bytes);
	s->store.len = buf_len(&s->bytes);
	/* What is appended to one file in a row goes to the disk at once. */
	s->store.sync = s->next == NULL || strcmp(s->next->name, s->name) != 0;
	return &s->store;
}

void
keep_stored(struct client *c, const char *why)
{
	struct keep_store *s = c->store_first;

	c->store_first = s->next;
	if (s->next == NULL)
		c->store_last = NULL;
	if (s->recall) {
		c->has_recalled = 1;
		if (why != NULL)
			client_warning(c, NULL, why);
	} else if (s->store.what == CLIENT_HISTORY) {
		archive_read(c, why);
	} else if (why != NULL) {
		c->moving = MOVING_NO; /* the old file stays for next time */
		store_error(c, NULL, why);
	}
	store_free(s);
	moved(c);
}

void
keep_clear(struct client *c)
{
	void **all = map_values(&c->kept);
	struct keep_store *s;
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		kept_free(all[i]);
	free(all);
	map_clear(&c->kept);
	while ((s = c->store_first) != NULL) {
		c->store_first = s->next;
		store_free(s);
	}
}
