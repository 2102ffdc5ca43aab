#include "line/talk/omemo_talk.h"

#include <stdlib.h>
#include <string.h>

#include "line/disk/omemo_facts.h"
#include "line/disk/wishes.h"
#include "line/talk/chat.h"
#include "line/talk/omemo_event.h"
#include "line/talk/omemo_forget.h"
#include "line/talk/omemo_line.h"
#include "line/talk/omemo_pep.h"
#include "line/talk/omemo_xml.h"
#include "line/talk/receipt.h"

/* Milliseconds after going online by which stored messages have come. */
#define STORED_DUE ((int64_t)60 * 1000)
/* Milliseconds until messages from offline storage are answered. */
#define ANSWER_DUE 3000
/* Milliseconds until the machine of omemo/ may tick again, and after a failure
 * of the disk: what was due may be due still. */
#define TICK_AGAIN  1000
#define TICK_FAILED ((int64_t)60 * 1000)
/* Strangers who wrote to us, whose records are kept. */
#define STRANGERS 200

struct omemo_talk {
	const struct omemo_talk_calls *calls;
	int64_t answer_at;   /* when stored messages are answered; 0: none */
	int64_t replayed_at; /* when no stored message comes any more; or 0 */
	int64_t tick_at;     /* before which the machine does not tick */
	int failed;
	int deferred;	 /* The last message is to be read by a task. */
	uint64_t before; /* client_text_total when that began */
};

static void
take_text(
    struct client *c, const struct omemo_item *item, const struct omemo_task *t)
{
	struct message_in in = {.text = item->text,
	    .len = item->len,
	    .enc = "omemo",
	    .fingerprint = item->fingerprint,
	    .trust = omemo_event_trust(item->trust)};

	if (item->text == NULL)
		return;
	if (omemo_event_is_in_room(t)) {
		c->omemo->calls->group(c, t->m, &in);
		omemo_forget_later(c, item, t->m, 1);
		return;
	}
	message_tell(c, t->m, &in);
	omemo_forget_later(c, item, t->m, 0);
	receipt_owe(c, t->m);
}

static void
take_item(
    struct client *c, const struct omemo_item *item, const struct omemo_task *t)
{
	switch (item->type) {
	case OMEMO_STORE:
		break;
	case OMEMO_WIRE:
		omemo_line_take(c, item);
		break;
	case OMEMO_TEXT:
		take_text(c, item, t);
		break;
	case OMEMO_DEVICE:
		omemo_event_device(c, item);
		break;
	case OMEMO_FETCH:
		omemo_pep_fetch(c, item->name, item->device);
		break;
	case OMEMO_PUT_BUNDLE:
		omemo_pep_put_bundle(c, item->bundle);
		break;
	case OMEMO_PUT_LIST:
		omemo_pep_put_list(c, item->ids, item->len);
		break;
	case OMEMO_NOTE:
		c->omemo->failed |=
		    item->cause == OMEMO_NOTE_STORE && t->m != NULL;
		omemo_event_note(c, item, t);
		break;
	}
}

void
omemo_talk_init(struct client *c, const struct omemo_talk_calls *calls)
{
	c->omemo = buf_alloc(sizeof *c->omemo);
	c->omemo->calls = calls;
	omemo_task_init(c, take_item);
	omemo_pep_init(c);
	omemo_forget_init(c);
	omemo_line_init(c);
}

void
omemo_talk_clear(struct client *c)
{
	omemo_line_clear(c);
	omemo_forget_clear(c);
	omemo_pep_clear(c);
	omemo_task_clear(c);
	free(c->omemo);
}

int
omemo_talk_is_full(const struct client *c)
{
	/* As the stream closes, messages are left to the server. */
	return c->link.state == LINK_ONLINE && omemo_forget_is_full(c);
}

int
omemo_talk_failed(const struct client *c)
{
	return c->omemo->failed;
}

void
omemo_talk_online(struct client *c)
{
	omemo_pep_online(c);
	if (c->omemo->replayed_at == 0)
		c->omemo->replayed_at = c->clock.mono + STORED_DUE;
}

void
omemo_talk_made(struct client *c)
{
	c->omemo->calls->made(c);
	omemo_talk_online(c);
}

static void
run_answer(struct client *c, struct omemo *o, struct omemo_task *t)
{
	omemo_forget_with(c, o, t);
	omemo_answer(o, t->name);
}

/* Has NAME answered, if one of its devices waits for that. */
static void
answer_contact(struct client *c, const char *name)
{
	const struct omemo_contact *x = omemo_find(omemo_task_machine(c), name);
	size_t i;

	for (i = 0; x != NULL && i < x->devices; i++)
		if (x->device[i].answer ||
		    (x->device[i].heal && !x->device[i].healed)) {
			omemo_task_add(
			    c, omemo_task_new(name, run_answer, NULL));
			return;
		}
}

/*
 * Returns 1 if the record of JID is there because JID wrote to us, and nothing
 * else.
 */
static int
is_stranger(const struct client *c, const struct omemo_facts *f)
{
	const struct contact *contact = roster_find(&c->roster, f->jid);
	const struct wish *wish = wishes_find(c, f->jid);
	const struct chat *chat = chat_find(c, f->jid);

	return !f->is_decided && wish->how == OMEMO_WISH_AUTO &&
	       !wish->verified_only && !f->unreadable &&
	       !client_is_self(c, f->jid) &&
	       (contact == NULL || !contact->in_roster) &&
	       (chat == NULL || !chat->spoken);
}

/* Makes room for the record of another stranger: that of the one who did not
 * write for the longest time goes. */
static void
bound_strangers(struct client *c, const char *from)
{
	struct omemo_facts **all, *oldest = NULL;
	size_t i, count = 0;

	if (omemo_facts_find(c, from) != NULL || receipt_may_answer(c, from))
		return;
	all = omemo_facts_all(c);
	for (i = 0; all[i] != NULL; i++) {
		if (!is_stranger(c, all[i]))
			continue;
		count++;
		if (all[i]->kept == 0 &&
		    (oldest == NULL || all[i]->latest < oldest->latest))
			oldest = all[i];
	}
	free(all);
	if (count >= STRANGERS && oldest != NULL)
		omemo_task_remove(c, oldest->jid);
}

/* Returns 1 if the sender of T may learn that we are online. */
static int
may_answer(const struct client *c, const struct omemo_task *t)
{
	return t->m->way != INCOMING_ARCHIVE && receipt_may_answer(c, t->name);
}

static void
run_receive(struct client *c, struct omemo *o, struct omemo_task *t)
{
	const struct stanza *s = stanza_child(t->m->x, "encrypted", NS_OMEMO);
	struct arena a = {NULL};
	struct omemo_message m;

	c->omemo->before = client_text_total(c);
	omemo_forget_with(c, o, t);
	bound_strangers(c, t->name);
	if (omemo_xml_message(&a, s, &m) == -1)
		omemo_event_warning(c, t, NULL, "unreadable",
		    "an encrypted message could not be read: it is damaged");
	else if (omemo_receive(o, t->name, &m, may_answer(c, t),
		     c->clock.wall / 1000) == -1)
		omemo_event_warning(c, t, NULL, "unreadable",
		    omemo_cause_words(omemo_cause(o)));
	arena_clear(&a);
}

static void
end_receive(struct client *c, const struct omemo_task *t, const char *why)
{
	c->omemo->failed |= omemo_task_has_failed(c);
	/* The server has it still, and the next run reads it. */
	if (c->omemo->failed)
		return;
	if (why != NULL)
		omemo_event_warning(c, t, NULL, "unreadable", why);
	c->omemo->calls->took(
	    c, t->m, client_text_total(c) != c->omemo->before);
	if (!t->m->delay.offline)
		answer_contact(c, t->name);
	else if (c->omemo->answer_at == 0)
		c->omemo->answer_at = c->clock.mono + ANSWER_DUE;
}

/* Copies M with all that it borrows into the arena of T. */
static void
copy_message(struct omemo_task *t, const struct incoming *m)
{
	struct incoming *copy = arena_alloc(&t->arena, sizeof *copy);
	size_t n = 0;

	*copy = *m;
	copy->x = stanza_copy(&t->arena, m->x, &n);
	copy->peer = m->own ? copy->to : copy->from;
	if (m->stamp != NULL)
		copy->stamp = copy->delay.text;
	if (m->archived != NULL) {
		n = strlen(m->archived) + 1;
		copy->archived =
		    memcpy(arena_alloc(&t->arena, n), m->archived, n);
	}
	t->m = copy;
}

/* Begins the task that reads M, which a device of JID encrypted. */
static void
read_message(struct client *c, const struct incoming *m, const char *jid)
{
	struct omemo_task *t = omemo_task_new(jid, run_receive, end_receive);

	copy_message(t, m);
	c->omemo->deferred = 1;
	omemo_task_add(c, t);
}

int
omemo_talk_message(struct client *c, const struct incoming *m)
{
	if (m->way == INCOMING_DIRECT && omemo_pep_event(c, m->from, m->x))
		return 1;
	if (!omemo_task_is_on(c) || c->options.read_only ||
	    stanza_child(m->x, "encrypted", NS_OMEMO) == NULL)
		return 0;
	read_message(c, m, m->from);
	return 1;
}

int
omemo_talk_group_message(
    struct client *c, const struct incoming *m, const char *jid)
{
	if (!omemo_task_is_on(c) || c->options.read_only)
		return 0;
	read_message(c, m, jid);
	return 1;
}

int
omemo_talk_deferred(struct client *c)
{
	int deferred = c->omemo->deferred;

	c->omemo->deferred = 0;
	return deferred;
}

static void
run_tick(struct client *c, struct omemo *o, struct omemo_task *t)
{
	(void)t;
	omemo_tick(o, c->clock.wall / 1000);
}

static void
end_tick(struct client *c, const struct omemo_task *t, const char *why)
{
	(void)t;
	c->omemo->tick_at =
	    c->clock.mono + (why == NULL ? TICK_AGAIN : TICK_FAILED);
}

static void
run_replayed(struct client *c, struct omemo *o, struct omemo_task *t)
{
	omemo_replayed(o, t->name, c->clock.wall / 1000);
}

void
omemo_talk_replays(struct client *c)
{
	if (c->omemo->replayed_at > 0)
		c->omemo->replayed_at = c->clock.mono + STORED_DUE;
}

/* Forgets the keys of an earlier run, whose messages will not come again. */
static void
forget_kept(struct client *c)
{
	struct omemo_facts **all = omemo_facts_all(c);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		if (all[i]->kept > 0 && !c->options.read_only)
			omemo_task_add(
			    c, omemo_task_new(all[i]->jid, run_replayed, NULL));
	free(all);
}

/* Answers what came from offline storage. */
static void
answer_stored(struct client *c)
{
	struct omemo_facts **all = omemo_facts_all(c);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		answer_contact(c, all[i]->jid);
	free(all);
}

/* Returns when the machine of omemo/ is to tick, monotonic; or -1. */
static int64_t
machine_deadline(const struct client *c)
{
	int64_t at = omemo_deadline(omemo_task_machine(c));

	if (at < 0 || c->options.read_only || c->link.state != LINK_ONLINE)
		return -1;
	at = at * 1000 - c->clock.wall + c->clock.mono;
	if (at < c->omemo->tick_at)
		at = c->omemo->tick_at;
	return at < c->clock.mono ? c->clock.mono : at;
}

void
omemo_talk_tick(struct client *c)
{
	int64_t at;

	if (!omemo_task_is_on(c) || omemo_task_is_busy(c))
		return;
	omemo_forget_tick(c);
	if (c->link.state != LINK_ONLINE)
		return;
	at = machine_deadline(c);
	if (at >= 0 && at <= c->clock.mono)
		omemo_task_add(c, omemo_task_new(NULL, run_tick, end_tick));
	if (c->omemo->answer_at != 0 && c->omemo->answer_at <= c->clock.mono) {
		c->omemo->answer_at = 0;
		answer_stored(c);
	}
	if (c->omemo->replayed_at > 0 &&
	    c->omemo->replayed_at <= c->clock.mono) {
		c->omemo->replayed_at = -1;
		forget_kept(c);
	}
	omemo_line_advance(c);
}

int64_t
omemo_talk_deadline(const struct client *c)
{
	int64_t at;

	/* Work on the disk begins at once. */
	if (omemo_task_is_busy(c))
		return c->clock.mono;
	if (omemo_task_is_tired(c))
		return c->clock.mono + 1;
	at = omemo_forget_deadline(c);
	if (!omemo_task_is_on(c) || c->link.state != LINK_ONLINE)
		return at;
	at = client_sooner(at, machine_deadline(c));
	if (c->omemo->answer_at > 0)
		at = client_sooner(at, c->omemo->answer_at);
	if (c->omemo->replayed_at > 0)
		at = client_sooner(at, c->omemo->replayed_at);
	return at;
}
