#include "line/talk/omemo_forget.h"

#include <stdlib.h>
#include <string.h>

#include "line/disk/position.h"

/* Keys that one task forgets, and milliseconds after which it begins, unless
 * the record is written for something else before. */
#define TOLD_AT_ONCE 200
#define FORGET_DUE   5000

/* A message whose event was made, and whose key is kept in case it is lost. */
struct told {
	struct told *next;
	uint64_t mark; /* client_text_total after its event */
	char *name;
	unsigned char token[OMEMO_TOKEN];
	char *archived; /* its id in the archive of POSITION, or NULL */
	const struct position *position;
};

struct omemo_forget {
	struct told *first, *last;
	size_t told;
	struct omemo_task *task; /* not begun: keys of one contact; or NULL */
	int64_t at;		 /* when it begins, monotonic */
};

void
omemo_forget_init(struct client *c)
{
	c->forget = buf_alloc(sizeof *c->forget);
}

static void
told_free(struct told *t)
{
	free(t->archived);
	free(t->name);
	free(t);
}

void
omemo_forget_clear(struct client *c)
{
	struct told *t;

	while ((t = c->forget->first) != NULL) {
		c->forget->first = t->next;
		told_free(t);
	}
	if (c->forget->task != NULL)
		omemo_task_free(c->forget->task);
	free(c->forget);
}

int
omemo_forget_is_full(const struct client *c)
{
	return c->forget->told >= OMEMO_KEPT;
}

void
omemo_forget_later(struct client *c, const struct omemo_item *item,
    const struct incoming *m, int in_room)
{
	struct told *t = buf_alloc(sizeof *t);
	char archive[JID_SIZE];

	t->mark = client_text_total(c);
	t->name = buf_strdup(item->name);
	memcpy(t->token, item->token, sizeof t->token);
	jid_bare(in_room ? m->from : c->self.jid, archive);
	t->archived = buf_strdup(m->archived);
	t->position = m->archived == NULL ? NULL : position_of(c, archive);
	c->forget->told++;
	if (c->forget->first == NULL)
		c->forget->first = t;
	else
		c->forget->last->next = t;
	c->forget->last = t;
}

static void
run_told(struct client *c, struct omemo *o, struct omemo_task *t)
{
	omemo_told(o, t->name, (const unsigned char(*)[OMEMO_TOKEN])t->tokens,
	    t->count, c->clock.wall / 1000);
}

void
omemo_forget_with(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	struct omemo_task *forget = c->forget->task;

	if (forget == NULL || strcmp(forget->name, t->name) != 0)
		return;
	c->forget->task = NULL;
	run_told(c, o, forget);
	omemo_task_free(forget);
}

/* Begins the task that forgets, if there is one. */
static void
forget_now(struct client *c)
{
	struct omemo_task *forget = c->forget->task;

	c->forget->task = NULL;
	if (forget != NULL)
		omemo_task_add(c, forget);
}

/* Takes the next of those behind *AT that is dealt with out; or NULL. */
static struct told *
take_told(struct client *c, struct told **at)
{
	struct told *before = *at, *t;

	for (t = before == NULL ? c->forget->first : before->next;
	     t != NULL && t->mark <= c->out.written; before = t, t = t->next) {
		if (t->archived != NULL &&
		    position_awaits(t->position, t->archived))
			continue;
		*at = before;
		*(before == NULL ? &c->forget->first : &before->next) = t->next;
		if (c->forget->last == t)
			c->forget->last = before;
		c->forget->told--;
		return t;
	}
	return NULL;
}

void
omemo_forget_written(struct client *c)
{
	struct told *at = NULL, *t;
	struct omemo_task *task;

	while ((t = take_told(c, &at)) != NULL) {
		task = c->forget->task;
		if (task != NULL && (task->count == TOLD_AT_ONCE ||
					strcmp(task->name, t->name) != 0)) {
			forget_now(c);
			task = NULL;
		}
		if (task == NULL) {
			task = omemo_task_new(t->name, run_told, NULL);
			task->tokens =
			    buf_alloc(TOLD_AT_ONCE * sizeof *task->tokens);
			c->forget->task = task;
			c->forget->at = c->clock.mono + FORGET_DUE;
		}
		memcpy(task->tokens[task->count++], t->token, OMEMO_TOKEN);
		told_free(t);
	}
	if (c->ending_step != ENDING_NO)
		forget_now(c);
}

void
omemo_forget_tick(struct client *c)
{
	if (c->forget->at <= c->clock.mono || c->ending_step != ENDING_NO)
		forget_now(c);
}

int64_t
omemo_forget_deadline(const struct client *c)
{
	return c->forget->task == NULL ? -1 : c->forget->at;
}
