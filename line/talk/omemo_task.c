#include "line/talk/omemo_task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/answer.h"
#include "line/disk/omemo_facts.h"
#include "line/disk/users.h"
#include "line/talk/omemo_file.h"

#define IDENTITY "omemo.sexp"

/* Tasks of one wake-up, after which the server is listened to first. */
#define AT_ONCE 8

/* The steps of the first task; each waits for one operation on the disk. */
enum step { STEP_NONE, STEP_LOCK, STEP_READ, STEP_STORE, STEP_UNLOCK };

struct omemo_tasks {
	struct omemo *machine; /* NULL: OMEMO is off */
	char *self;	       /* our bare JID */
	struct omemo_task *first, *last;
	omemo_task_item *item; /* takes the items of all tasks */
	unsigned long serial;  /* of the last line that waits */
	enum step step;
	int64_t woken;	 /* when the tasks that are counted began */
	unsigned begun;	 /* tasks since then */
	size_t read;	 /* records that the first task has read */
	char *removed;	 /* a record that it removes at its end, or NULL */
	int failed;	 /* the disk did, as it locked or read */
	const char *why; /* why it does nothing, into the buffer: */
	char reason[400];
	/* The identity that is being created, and who waits for that. */
	struct buf identity;
	void (*created)(struct client *c, const char *why);
};

static void
open_machine(struct client *c, const void *p, size_t n)
{
	unsigned char seed[OMEMO_SEED];
	struct sexp_error e;
	struct omemo *o;

	nonce_bytes(c->nonce, seed, sizeof seed);
	o = omemo_new(seed, c->tasks->self);
	buf_wipe(seed, sizeof seed);
	if (omemo_identity(o, p, n, &e) == -1) {
		omemo_free(o);
		return;
	}
	c->tasks->machine = o;
}

void
omemo_task_init(struct client *c, omemo_task_item *item)
{
	c->tasks = buf_alloc(sizeof *c->tasks);
	c->tasks->item = item;
	buf_init(&c->tasks->identity, FORM_MAX);
	c->tasks->self =
	    buf_memdup(c->options.jid, jid_bare_len(c->options.jid));
	if (c->options.omemo_key != NULL)
		open_machine(c, c->options.omemo_key, c->options.omemo_key_len);
}

void
omemo_task_free(struct omemo_task *t)
{
	size_t i;

	for (i = 0; i < t->more_count; i++)
		free(t->more[i]);
	free(t->more);
	free(t->name);
	free(t->words);
	free(t->tokens);
	if (t->text != NULL)
		buf_free_secret(t->text);
	arena_clear(&t->arena);
	free(t);
}

void
omemo_task_clear(struct client *c)
{
	struct omemo_task *t;

	while ((t = c->tasks->first) != NULL) {
		c->tasks->first = t->next;
		omemo_task_free(t);
	}
	omemo_free(c->tasks->machine);
	buf_clear(&c->tasks->identity);
	free(c->tasks->removed);
	free(c->tasks->self);
	free(c->tasks);
}

int
omemo_task_is_on(const struct client *c)
{
	return c->tasks->machine != NULL;
}

struct omemo *
omemo_task_machine(const struct client *c)
{
	return c->tasks->machine;
}

void
omemo_task_create(
    struct client *c, void (*done)(struct client *c, const char *why))
{
	unsigned char seed[OMEMO_FILE_SEED];
	char fp[OMEMO_FINGERPRINT];
	struct buf copy;

	nonce_bytes(c->nonce, seed, sizeof seed);
	buf_reset(&c->tasks->identity);
	omemo_file_make(seed, &c->tasks->identity, fp);
	buf_wipe(seed, sizeof seed);
	buf_init(&copy, FORM_MAX);
	buf_add(
	    &copy, buf_data(&c->tasks->identity), buf_len(&c->tasks->identity));
	c->tasks->created = done;
	users_omemo(c, CLIENT_CREATE, IDENTITY, &copy);
}

struct omemo_task *
omemo_task_new(const char *jid, omemo_task_run *run, omemo_task_end *end)
{
	struct omemo_task *t = buf_alloc(sizeof *t);

	if (jid != NULL)
		t->name = buf_memdup(jid, jid_bare_len(jid));
	t->run = run;
	t->end = end;
	return t;
}

struct answer *
omemo_task_wait(struct client *c, const char *jid, int seconds)
{
	struct answer *a = answer_wait(
	    c, ANSWER_OMEMO, !c->options.no_wait || seconds == 0, seconds);

	a->subject = buf_strdup(jid);
	a->until = (int64_t)++c->tasks->serial;
	return a;
}

struct answer *
omemo_task_find(const struct client *c, unsigned long serial)
{
	struct answer *a = NULL;

	while ((a = answer_next(c, a, ANSWER_OMEMO)) != NULL)
		if (a->until == (int64_t)serial)
			return a;
	return NULL;
}

struct answer *
omemo_task_line(const struct client *c, const struct omemo_task *t)
{
	return omemo_task_find(c, t->serial);
}

/* Asks for WHAT of the record NAME. */
static void
ask_disk(struct client *c, enum step step, enum client_store_what what,
    const char *name, struct buf *bytes)
{
	char path[USERS_NAME];

	c->tasks->step = step;
	snprintf(path, sizeof path, "omemo/%s", name);
	users_omemo(c, what, path, bytes);
}

static void
begin_task(struct client *c)
{
	if (c->tasks->woken != c->clock.mono)
		c->tasks->begun = 0;
	c->tasks->woken = c->clock.mono;
	c->tasks->begun++;
	c->tasks->read = 0;
	c->tasks->failed = 0;
	c->tasks->why = NULL;
	ask_disk(c, STEP_LOCK, CLIENT_LOCK, "", NULL);
}

void
omemo_task_add(struct client *c, struct omemo_task *t)
{
	struct omemo_tasks *s = c->tasks;

	if (s->machine == NULL) {
		omemo_task_free(t);
		return;
	}
	if (s->first == NULL)
		s->first = t;
	else
		s->last->next = t;
	s->last = t;
	t->next = NULL;
	if (s->step == STEP_NONE)
		begin_task(c);
}

int
omemo_task_is_busy(const struct client *c)
{
	return c->tasks->step != STEP_NONE || c->tasks->created != NULL;
}

int
omemo_task_is_tired(const struct client *c)
{
	return c->tasks->begun >= AT_ONCE && c->tasks->woken == c->clock.mono;
}

/* Returns the record number I that T needs; NULL: there are no more. */
static const char *
needed_record(const struct client *c, const struct omemo_task *t, size_t i)
{
	if (i == 0)
		return c->tasks->self;
	if (i == 1)
		return OMEMO_OWN;
	i -= 2;
	if (t->name != NULL && strcmp(t->name, c->tasks->self) != 0 && i-- == 0)
		return t->name;
	return i < t->more_count ? t->more[i] : NULL;
}

/* Ends the first task with the reason WHY, which is copied. */
static void
fail_task(struct client *c, const char *why)
{
	if (c->tasks->why != NULL)
		return;
	snprintf(c->tasks->reason, sizeof c->tasks->reason, "%s", why);
	c->tasks->why = c->tasks->reason;
}

/* The same, where the disk is the reason. */
static void
fail_disk(struct client *c, const char *why)
{
	c->tasks->failed = 1;
	fail_task(c, why);
}

int
omemo_task_has_failed(const struct client *c)
{
	return c->tasks->failed;
}

void
omemo_task_file(struct client *c, const void *p, size_t n)
{
	struct omemo_tasks *s = c->tasks;
	const char *name = needed_record(c, s->first, s->read);
	struct sexp_error e = {0};
	char why[300];
	int status = 0;

	if (strcmp(name, OMEMO_OWN) != 0)
		status = omemo_load(s->machine, name, p, n, &e);
	else if (p != NULL)
		status =
		    omemo_load_own(s->machine, p, n, c->clock.wall / 1000, &e);
	if (status == 0)
		return;
	snprintf(why, sizeof why, "omemo/%.100s: line %d, column %d: %s", name,
	    e.line, e.column,
	    *e.why != '\0' ? e.why
			   : omemo_cause_words(omemo_cause(s->machine)));
	fail_task(c, why);
}

/* Has the record of ITEM written. */
static void
store_record(struct client *c, const struct omemo_item *item)
{
	struct sexp_error e;
	struct buf bytes;

	if (strcmp(item->name, OMEMO_OWN) != 0)
		omemo_facts_note(c, item->name, item->bytes, item->len, &e);
	buf_init(&bytes, FORM_MAX);
	buf_add(&bytes, item->bytes, item->len);
	ask_disk(c, STEP_STORE, CLIENT_REPLACE, item->name, &bytes);
}

/* Takes the items that the first task has queued, up to a record. */
static void
take_items(struct client *c)
{
	struct omemo_task *t = c->tasks->first;
	struct omemo_item item;

	while (omemo_next(c->tasks->machine, &item)) {
		if (item.type == OMEMO_STORE) {
			store_record(c, &item);
			return;
		}
		/* After a failure nothing that relied on a record is done. */
		if (c->tasks->why == NULL || item.type == OMEMO_NOTE)
			c->tasks->item(c, &item, t);
	}
	if (c->tasks->removed != NULL) {
		ask_disk(c, STEP_STORE, CLIENT_REMOVE, c->tasks->removed, NULL);
		free(c->tasks->removed);
		c->tasks->removed = NULL;
		return;
	}
	ask_disk(c, STEP_UNLOCK, CLIENT_UNLOCK, "", NULL);
}

void
omemo_task_remove(struct client *c, const char *name)
{
	free(c->tasks->removed);
	c->tasks->removed = buf_strdup(name);
	omemo_facts_forget(c, c->tasks->removed);
}

/* Reads the next record, or runs the task when all are there. */
static void
read_next(struct client *c)
{
	struct omemo_task *t = c->tasks->first;
	const char *name = needed_record(c, t, c->tasks->read);

	if (c->tasks->why != NULL) {
		ask_disk(c, STEP_UNLOCK, CLIENT_UNLOCK, "", NULL);
	} else if (name != NULL) {
		ask_disk(c, STEP_READ, CLIENT_READ, name, NULL);
	} else {
		t->run(c, c->tasks->machine, t);
		take_items(c);
	}
}

/* Ends the first task and begins the next. */
static void
end_task(struct client *c)
{
	struct omemo_tasks *s = c->tasks;
	struct omemo_task *t = s->first;

	s->first = t->next;
	if (s->first == NULL)
		s->last = NULL;
	s->step = STEP_NONE;
	/* A line that waits is answered by the task's end instead. */
	if (s->failed && t->serial == 0)
		answer_no_line(c, t->name, "store", s->why);
	if (t->end != NULL)
		t->end(c, t, s->why);
	omemo_task_free(t);
	if (s->first != NULL && s->step == STEP_NONE)
		begin_task(c);
}

/* Takes the outcome of creating our identity. */
static void
identity_created(struct client *c, const char *why)
{
	void (*done)(struct client * c, const char *why) = c->tasks->created;

	c->tasks->created = NULL;
	if (why == NULL)
		open_machine(c, buf_data(&c->tasks->identity),
		    buf_len(&c->tasks->identity));
	buf_clear(&c->tasks->identity);
	done(c, why);
}

void
omemo_task_stored(struct client *c, const char *why)
{
	struct omemo_tasks *s = c->tasks;

	if (s->created != NULL) {
		identity_created(c, why);
		return;
	}
	switch (s->step) {
	case STEP_NONE:
		break;
	case STEP_LOCK:
		if (why != NULL) {
			fail_disk(c, why);
			end_task(c);
		} else
			read_next(c);
		break;
	case STEP_READ:
		if (why != NULL)
			fail_disk(c, why);
		s->read++;
		read_next(c);
		break;
	case STEP_STORE:
		if (why != NULL) {
			fail_task(c, why);
			omemo_store_failed(s->machine);
		}
		take_items(c);
		break;
	case STEP_UNLOCK:
		end_task(c);
		break;
	}
}
