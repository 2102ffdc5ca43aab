#include "line/talk/omemo_talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/answer.h"
#include "line/disk/histories.h"
#include "line/disk/omemo_facts.h"
#include "line/disk/position.h"
#include "line/disk/users.h"
#include "line/disk/wishes.h"
#include "line/talk/chat.h"
#include "line/talk/delay.h"
#include "line/talk/duplicate.h"
#include "line/talk/encrypt.h"
#include "line/talk/fate.h"
#include "line/talk/message.h"
#include "line/talk/omemo_pep.h"
#include "line/talk/omemo_task.h"
#include "line/talk/omemo_xml.h"
#include "line/talk/receipt.h"

#define SECONDS 30 /* for the devices of a contact to be known */
#define DAY	86400
/* Milliseconds after going online by which stored messages have come. */
#define STORED_DUE ((int64_t)60 * 1000)
/* Milliseconds until messages from offline storage are answered. */
#define ANSWER_DUE 3000
/* Strangers who wrote to us, whose records are kept. */
#define STRANGERS 200
/* Keys that one task forgets, and milliseconds after which it begins, unless
 * the record is written for something else before. */
#define TOLD_AT_ONCE 200
#define FORGET_DUE   5000

static const char *const trusts[] = {"unverified", "verified", "revoked"};

/* A message whose event is made and that is not yet dealt with. */
struct told {
	struct told *next;
	uint64_t mark; /* client_text_total after its event */
	char *name;
	unsigned char token[OMEMO_TOKEN];
	char *archived; /* its id in the archive of POSITION, or NULL */
	const struct position *position;
};

struct omemo_talk {
	struct told *first, *last;
	size_t told;
	struct omemo_task *forget; /* not begun: keys of one contact; NULL */
	int64_t forget_at;
	unsigned long serial;		 /* of the last line that waits */
	const struct omemo_message *out; /* being written by send_now */
	enum omemo_trust trust;		 /* of it */
	const char *replaces; /* the message that the line corrects, or NULL */
	enum omemo_cause refused; /* of the line being encrypted */
	int64_t answer_at;   /* when stored messages are answered; 0: none */
	int64_t replayed_at; /* when no stored message comes any more; or 0 */
	int failed;
	int deferred;	 /* The last message is to be read by a task. */
	uint64_t before; /* client_text_total when that began */
	void (*done)(struct client *c, const struct incoming *m, int told);
	/* Tells a message in a room. */
	void (*group)(struct client *c, const struct incoming *m,
	    const struct message_in *text);
	struct map named; /* members of rooms who get nothing; of nothing */
	void (*made)(struct client *c);
	void (*again)(struct client *c, const char *jid, const char *text);
};

static void take_item(struct client *c, const struct omemo_item *item,
    const struct omemo_task *t);

void
omemo_talk_init(struct client *c)
{
	c->omemo = buf_alloc(sizeof *c->omemo);
	omemo_task_init(c);
	omemo_pep_init(c, take_item);
}

static void
told_free(struct told *t)
{
	free(t->archived);
	free(t->name);
	free(t);
}

void
omemo_talk_clear(struct client *c)
{
	struct told *t;

	while ((t = c->omemo->first) != NULL) {
		c->omemo->first = t->next;
		told_free(t);
	}
	if (c->omemo->forget != NULL)
		omemo_task_free(c->omemo->forget);
	map_clear(&c->omemo->named);
	omemo_pep_clear(c);
	omemo_task_clear(c);
	free(c->omemo);
}

int
omemo_talk_is_on(const struct client *c)
{
	return omemo_task_is_on(c);
}

int
omemo_talk_is_busy(const struct client *c)
{
	return omemo_task_is_busy(c);
}

int
omemo_talk_is_full(const struct client *c)
{
	/* As the stream closes, messages are left to the server. */
	return c->link.state == LINK_ONLINE && c->omemo->told >= OMEMO_KEPT;
}

int
omemo_talk_is_tired(const struct client *c)
{
	return omemo_task_is_tired(c);
}

int
omemo_talk_failed(const struct client *c)
{
	return c->omemo->failed;
}

void
omemo_talk_stored(struct client *c, const char *why)
{
	omemo_task_stored(c, why);
}

void
omemo_talk_online(struct client *c)
{
	omemo_pep_online(c);
	if (c->omemo->replayed_at == 0)
		c->omemo->replayed_at = c->clock.mono + STORED_DUE;
}

void
client_file(struct client *c, const void *p, size_t n)
{
	omemo_task_file(c, p, n);
}

/* Returns the line that waits with SERIAL, or NULL if it was answered. */
static struct answer *
find_line(const struct client *c, unsigned long serial)
{
	struct answer *j = NULL;

	while ((j = answer_next(c, j, ANSWER_OMEMO)) != NULL)
		if (j->until == (int64_t)serial)
			return j;
	return NULL;
}

/* Makes the current line wait with a serial number of its own. */
static struct answer *
wait_line(struct client *c, const char *jid, int seconds)
{
	struct answer *j = answer_wait(
	    c, ANSWER_OMEMO, !c->options.no_wait || seconds == 0, seconds);

	j->subject = buf_strdup(jid);
	j->until = (int64_t)++c->omemo->serial;
	return j;
}

/* Writes the event of a device that is new or gone, and what it means. */
static void
tell_device(struct client *c, const struct omemo_item *item)
{
	static const char ours[] =
	    "your account has a new OMEMO device; if it is not yours, somebody "
	    "else has your password";
	char number[16], words[MESSAGE_WORDS];

	snprintf(number, sizeof number, "%lu", (unsigned long)item->device);
	event_begins(&c->event, EVENT_DEVICE, item->name, number);
	event_set(&c->event, "trust",
	    *item->fingerprint == '\0' ? NULL : trusts[item->trust]);
	event_set(&c->event, "fp",
	    *item->fingerprint == '\0' ? NULL : item->fingerprint);
	event_set(&c->event, item->is_new ? "new" : "gone", "yes");
	event_end(&c->event);
	if (!item->is_new || item->trust == OMEMO_VERIFIED)
		return;
	if (!item->beside && !client_is_self(c, item->name))
		return;
	snprintf(words, sizeof words,
	    "POSSIBLE BREAKIN ATTEMPT: a new OMEMO device, whose key is not "
	    "one that you have verified; it gets nothing before /with %s "
	    "/fingerprint %s verifies it",
	    item->name, *item->fingerprint == '\0' ? "FP" : item->fingerprint);
	event_begins(
	    &c->event, EVENT_WARNING, item->name, item->beside ? words : ours);
	event_set(&c->event, "cause", "new-key");
	event_set(&c->event, "fp", item->fingerprint);
	event_end(&c->event);
}

/* Writes a warning about the message of T, or about DEVICE of NAME. */
static void
warn_of(struct client *c, const struct omemo_task *t, const char *name,
    const char *cause, const char *why)
{
	event_begins(
	    &c->event, EVENT_WARNING, t->m != NULL ? t->m->from : name, why);
	event_set(&c->event, "cause", cause);
	event_set(&c->event, "enc", "omemo");
	if (t->m != NULL) {
		event_set(&c->event, "id", stanza_get(t->m->x, "id"));
		incoming_set_sender(c, t->m);
	}
	event_end(&c->event);
}

/* Returns 1 if the <encrypted/> of T carries only a key. */
static int
is_only_key(const struct omemo_task *t)
{
	const struct stanza *s = stanza_child(t->m->x, "encrypted", NS_OMEMO);

	return stanza_child(s, "payload", NS_OMEMO) == NULL;
}

/* Returns 1 if the message of T was said in a room, and not to us alone. */
static int
is_in_room(const struct omemo_task *t)
{
	const char *type = stanza_get(t->m->x, "type");

	return type != NULL && strcmp(type, "groupchat") == 0;
}

/* A message was read before: that is normal if it may have come again. */
static void
tell_repeat(struct client *c, const struct omemo_task *t)
{
	if (c->options.queue != NULL && t->m->way == INCOMING_ARCHIVE &&
	    !is_only_key(t)) {
		warn_of(c, t, NULL, "unreadable",
		    "an encrypted message could not be read again: a run "
		    "without this queue has read it");
		return;
	}
	/* The history of a room comes again with each entry. */
	if (is_only_key(t) || is_in_room(t) || c->link.replaying ||
	    t->m->delay.offline ||
	    duplicate_is_possible(c, t->m->delay.offline))
		return;
	warn_of(c, t, NULL, "unreadable",
	    "an encrypted message could not be read: it uses a key that was "
	    "used before, so they may have restored old data");
}

static void
tell_note(
    struct client *c, const struct omemo_item *item, const struct omemo_task *t)
{
	char why[300];

	switch (item->cause) {
	case OMEMO_NOTE_STORE:
		c->omemo->failed |= t->m != NULL;
		answer_no_line(c, item->name, "store",
		    "an OMEMO record could not be written");
		break;
	case OMEMO_NOTE_UNREADABLE:
		if (!is_only_key(t))
			warn_of(c, t, item->name, "unreadable",
			    "an encrypted message could not be read: it is of "
			    "no session that jackline has, or damaged");
		break;
	case OMEMO_NOTE_DUPLICATE:
		tell_repeat(c, t);
		break;
	case OMEMO_NOTE_NOT_FOR_US:
		if (!is_only_key(t))
			warn_of(c, t, item->name, "unreadable",
			    "an encrypted message could not be read: it was "
			    "not encrypted for this device");
		break;
	case OMEMO_NOTE_KEY:
		snprintf(why, sizeof why,
		    "POSSIBLE BREAKIN ATTEMPT: OMEMO device %lu has another "
		    "key than before; it is refused",
		    (unsigned long)item->device);
		warn_of(c, t, item->name, "new-key", why);
		break;
	case OMEMO_NOTE_SKIPPED:
		snprintf(why, sizeof why,
		    "OMEMO device %lu gets no messages: its keys are missing "
		    "or not valid",
		    (unsigned long)item->device);
		warn_of(c, t, item->name, "no-bundle", why);
		break;
	case OMEMO_NOTE_MANY:
		warn_of(c, t, item->name, "limit",
		    "there are more than 64 OMEMO devices; the others get "
		    "nothing");
		break;
	case OMEMO_NOTE_TAKEN:
		warn_of(c, t, item->name, "conflict",
		    "another client of yours takes this device off your list "
		    "again and again; nobody encrypts for it meanwhile");
		break;
	default:
		break;
	}
}

/* Sends a message with only a key to NAME. */
static void
send_key(
    struct client *c, const char *name, const struct omemo_message *message)
{
	char id[NONCE_ID + 1];
	struct writer w;

	if (c->link.state != LINK_ONLINE)
		return;
	nonce_id(c->nonce, id);
	message_begin(c, &w, name, "chat", id);
	omemo_xml_write_message(&w, message);
	writer_leaf(&w, "store", NS_HINTS, NULL);
	writer_end(&w);
}

/* Writes the message of the line that answer_redo answers. */
static void
send_now(struct client *c, const char *jid, const char *text)
{
	struct message_out out = {.omemo = c->omemo->out,
	    .encrypted = 1,
	    .replaces = c->omemo->replaces};
	char id[NONCE_ID + 1], to[JID_SIZE];

	jid_bare(jid, to);
	nonce_id(c->nonce, id);
	if (message_put(c, to, "chat", id, &out) == -1) {
		answer_error(c, to, "too-long", NULL);
		return;
	}
	chat_need(c, to)->spoken = 1;
	/* After a lost session the same stanza is sent, which moves no ratchet.
	 */
	fate_add(c, to, id, 0);
	chat_sent(c, to, id, out.replaces);
	histories_out(c, to, id, text, strlen(text), "omemo");
	event_begins(&c->event, EVENT_SENT, to, text);
	event_set_number(&c->event, "line", (long long)c->lines.line);
	event_set(&c->event, "id", id);
	event_set(&c->event, "enc", "omemo");
	event_set(&c->event, "trust", trusts[c->omemo->trust]);
	event_set(&c->event, "replaces", out.replaces);
	event_end(&c->event);
	answer_sent(c, id);
}

static void
take_wire(struct client *c, const struct omemo_item *item)
{
	struct answer *j;

	if (item->tag == 0) {
		send_key(c, item->name, item->message);
		return;
	}
	j = find_line(c, item->tag);
	if (j == NULL)
		return;
	/* The server would not read it, and we would take it for acked. */
	if (c->link.state == LINK_CLOSING) {
		answer_failed(c, j, "connection-lost", NULL);
		return;
	}
	c->omemo->out = item->message;
	c->omemo->replaces = j->place;
	c->omemo->trust = item->trust;
	answer_redo(c, j);
	c->omemo->out = NULL;
}

/* Keeps in mind that the text of ITEM, which was in M, is to be told. */
static void
note_told(struct client *c, const struct omemo_item *item,
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
	c->omemo->told++;
	if (c->omemo->first == NULL)
		c->omemo->first = t;
	else
		c->omemo->last->next = t;
	c->omemo->last = t;
}

static void
take_text(
    struct client *c, const struct omemo_item *item, const struct omemo_task *t)
{
	struct message_in in = {.text = item->text,
	    .len = item->len,
	    .enc = "omemo",
	    .fingerprint = item->fingerprint,
	    .trust = trusts[item->trust]};

	if (item->text == NULL)
		return;
	if (is_in_room(t)) {
		c->omemo->group(c, t->m, &in);
		note_told(c, item, t->m, 1);
		return;
	}
	message_tell(c, t->m, &in);
	note_told(c, item, t->m, 0);
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
		take_wire(c, item);
		break;
	case OMEMO_TEXT:
		take_text(c, item, t);
		break;
	case OMEMO_DEVICE:
		tell_device(c, item);
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
		tell_note(c, item, t);
		break;
	}
}

/* Returns a new task about JID whose items are taken here. */
static struct omemo_task *
new_task(const char *jid,
    void (*run)(struct client *, struct omemo *, const struct omemo_task *))
{
	struct omemo_task *t = omemo_task_new(jid);

	t->run = run;
	t->item = take_item;
	return t;
}

static void
run_told(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	omemo_told_all(o, t->name,
	    (const unsigned char(*)[OMEMO_TOKEN])t->tokens, t->count,
	    c->clock.wall / 1000);
}

/* Forgets what is to be forgotten of NAME, whose record T will write. */
static void
forget_with(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	struct omemo_task *forget = c->omemo->forget;

	if (forget == NULL || strcmp(forget->name, t->name) != 0)
		return;
	c->omemo->forget = NULL;
	run_told(c, o, forget);
	omemo_task_free(forget);
}

static void
forget_now(struct client *c)
{
	struct omemo_task *forget = c->omemo->forget;

	c->omemo->forget = NULL;
	if (forget != NULL)
		omemo_task_add(c, forget);
}

static void
run_answer(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	forget_with(c, o, t);
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
		    (x->device[i].heal && !x->device[i].healed &&
			!x->device[i].fetching)) {
			omemo_task_add(c, new_task(name, run_answer));
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
run_receive(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	const struct stanza *s = stanza_child(t->m->x, "encrypted", NS_OMEMO);
	struct arena a = {NULL};
	struct omemo_message m;

	c->omemo->before = client_text_total(c);
	forget_with(c, o, t);
	bound_strangers(c, t->name);
	if (omemo_xml_message(&a, s, &m) == -1)
		warn_of(c, t, NULL, "unreadable",
		    "an encrypted message could not be read: it is damaged");
	else if (omemo_receive(o, t->name, &m, may_answer(c, t),
		     c->clock.wall / 1000) == -1)
		warn_of(c, t, NULL, "unreadable",
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
		warn_of(c, t, NULL, "unreadable", why);
	if (c->omemo->done != NULL)
		c->omemo->done(
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

int
omemo_talk_message(struct client *c, const struct incoming *m)
{
	struct omemo_task *t;

	if (m->way == INCOMING_DIRECT && omemo_pep_event(c, m->from, m->x))
		return 1;
	if (!omemo_task_is_on(c) || c->options.read_only ||
	    stanza_child(m->x, "encrypted", NS_OMEMO) == NULL)
		return 0;
	t = new_task(m->from, run_receive);
	copy_message(t, m);
	t->end = end_receive;
	c->omemo->deferred = 1;
	omemo_task_add(c, t);
	return 1;
}

int
omemo_talk_group_message(
    struct client *c, const struct incoming *m, const char *jid)
{
	struct omemo_task *t;

	if (!omemo_task_is_on(c) || c->options.read_only ||
	    c->omemo->group == NULL)
		return 0;
	t = new_task(jid, run_receive);
	copy_message(t, m);
	t->end = end_receive;
	c->omemo->deferred = 1;
	omemo_task_add(c, t);
	return 1;
}

void
omemo_talk_group(
    struct client *c, void (*tell)(struct client *c, const struct incoming *m,
			  const struct message_in *text))
{
	c->omemo->group = tell;
}

const struct omemo_message *
omemo_talk_out(const struct client *c, const char **trust)
{
	*trust = trusts[c->omemo->trust];
	return c->omemo->out;
}

int
omemo_talk_deferred(struct client *c)
{
	int deferred = c->omemo->deferred;

	c->omemo->deferred = 0;
	return deferred;
}

void
omemo_talk_report(struct client *c,
    void (*done)(struct client *c, const struct incoming *m, int told))
{
	c->omemo->done = done;
}

/* Takes the next of those behind *AT that is dealt with out; or NULL. */
static struct told *
take_told(struct client *c, struct told **at)
{
	struct told *before = *at, *t;

	for (t = before == NULL ? c->omemo->first : before->next;
	     t != NULL && t->mark <= c->out.written; before = t, t = t->next) {
		if (t->archived != NULL &&
		    position_awaits(t->position, t->archived))
			continue;
		*at = before;
		*(before == NULL ? &c->omemo->first : &before->next) = t->next;
		if (c->omemo->last == t)
			c->omemo->last = before;
		c->omemo->told--;
		return t;
	}
	return NULL;
}

void
omemo_talk_written(struct client *c)
{
	struct told *at = NULL, *t;
	struct omemo_task *task;

	while ((t = take_told(c, &at)) != NULL) {
		task = c->omemo->forget;
		if (task != NULL && (task->count == TOLD_AT_ONCE ||
					strcmp(task->name, t->name) != 0)) {
			forget_now(c);
			task = NULL;
		}
		if (task == NULL) {
			task = new_task(t->name, run_told);
			task->tokens =
			    buf_alloc(TOLD_AT_ONCE * sizeof *task->tokens);
			c->omemo->forget = task;
			c->omemo->forget_at = c->clock.mono + FORGET_DUE;
		}
		memcpy(task->tokens[task->count++], t->token, OMEMO_TOKEN);
		told_free(t);
	}
	if (c->ending_step != ENDING_NO)
		forget_now(c);
}

/* Answers the line J by the CAUSE for which omemo/ refuses. */
static void
refuse_line(struct client *c, struct answer *j, enum omemo_cause cause)
{
	const char *token = "policy";
	const char *words = omemo_cause_words(cause);
	char why[MESSAGE_WORDS + 16], named[MESSAGE_WORDS];

	if (cause == OMEMO_REFUSED_LONG)
		token = "too-long";
	else if (cause == OMEMO_REFUSED_OWN)
		token = "config";
	else if (cause == OMEMO_REFUSED_NOT_LOADED ||
		 cause == OMEMO_REFUSED_RECORD || cause == OMEMO_REFUSED_FULL)
		token = "store";
	encrypt_words(j->subject, words, named);
	snprintf(why, sizeof why, "%s%s",
	    strncmp(words, "not sent: ", 10) == 0 ? "" : "not sent: ", named);
	answer_failed(c, j, token, why);
}

static void
run_send(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	const struct answer *j = find_line(c, t->serial);
	const char *name = t->name;
	struct omemo_text text = {.tag = t->serial, .name = &name, .names = 1};
	int awaited;

	c->omemo->refused = OMEMO_OK;
	if (j == NULL)
		return;
	forget_with(c, o, t);
	awaited = omemo_prepare(o, &name, 1, c->clock.wall / 1000);
	if (awaited > 0)
		return;
	text.text = j->wait;
	text.len = strlen(j->wait);
	text.verified_only = wishes_find(c, name)->verified_only;
	if (awaited == -1 || omemo_send(o, &text) == -1)
		c->omemo->refused = omemo_cause(o);
}

static void
end_send(struct client *c, const struct omemo_task *t, const char *why)
{
	struct answer *j = find_line(c, t->serial);

	if (j == NULL)
		return;
	if (why != NULL)
		answer_failed(c, j, "store", why);
	else if (c->omemo->refused != OMEMO_OK)
		refuse_line(c, j, c->omemo->refused);
}

/* Copies the next of the NAMES of J to OUT. Returns what follows, or NULL. */
static const char *
next_name(const char *names, char out[JID_SIZE])
{
	size_t n = strcspn(names, " ");

	if (n == 0 || n >= JID_SIZE)
		return NULL;
	memcpy(out, names, n);
	out[n] = '\0';
	return names + n + (names[n] == ' ');
}

/* No line is to wait once more for what was not answered for that of J. */
static void
give_up(struct client *c, const struct answer *j)
{
	const char *at = j->names == NULL ? "" : j->names;
	char name[JID_SIZE];

	omemo_pep_give_up(c, c->self.jid);
	omemo_pep_give_up(c, j->subject);
	while ((at = next_name(at, name)) != NULL)
		omemo_pep_give_up(c, name);
}

void
omemo_talk_send(struct client *c, const char *jid, const char *text, size_t n,
    const char *replaces,
    void (*again)(struct client *c, const char *jid, const char *text))
{
	struct answer *j = wait_line(c, jid, SECONDS);

	c->omemo->again = again;
	j->on_timeout = give_up;
	j->wait = buf_memdup(text, n);
	j->place = buf_strdup(replaces);
	j->redo = send_now;
	omemo_talk_tick(c);
}

const char *
omemo_talk_replaces(const struct client *c)
{
	return c->omemo->replaces;
}

int
omemo_talk_has_devices(const struct client *c, const char *jid)
{
	switch (omemo_pep_list(c, jid)) {
	case OMEMO_LIST_KNOWN:
		return 1;
	case OMEMO_LIST_NONE:
		return 0;
	case OMEMO_LIST_UNKNOWN:
	case OMEMO_LIST_ASKED:
	case OMEMO_LIST_FAILED:
		break;
	}
	return -1;
}

/* Returns 1 if a line before J waits for the same contact. */
static int
is_behind(const struct client *c, const struct answer *j)
{
	const struct answer *k = NULL;

	while ((k = answer_next(c, k, ANSWER_OMEMO)) != NULL && k != j)
		if (k->redo != NULL && jid_same_bare(k->subject, j->subject))
			return 1;
	return 0;
}

/* Says once that NAME, a member of the room ROOM, gets nothing. */
static void
name_deaf(struct client *c, const char *room, const char *name)
{
	char key[2 * JID_SIZE + 1], why[JID_SIZE + 100];

	snprintf(key, sizeof key, "%s %s", room, name);
	if (map_find(&c->omemo->named, key) != NULL ||
	    c->omemo->named.count > STRANGERS * OMEMO_DEVICES)
		return;
	map_add(&c->omemo->named, key, c);
	snprintf(why, sizeof why,
	    "%s has no OMEMO device that may be used, and cannot read this",
	    name);
	event_begins(&c->event, EVENT_WARNING, room, why);
	event_set(&c->event, "cause", "no-bundle");
	event_set(&c->event, "enc", "omemo");
	event_end(&c->event);
}

static void
run_group(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	const struct answer *j = find_line(c, t->serial);
	const char **names = buf_alloc((t->more_count + 1) * sizeof *names);
	struct omemo_text text = {.tag = t->serial, .name = names};
	int awaited;
	size_t i;

	if (j != NULL)
		text.verified_only = wishes_find(c, j->subject)->verified_only;
	c->omemo->refused = OMEMO_OK;
	awaited = j == NULL ? 1
			    : omemo_prepare(o, (const char *const *)t->more,
				  t->more_count, c->clock.wall / 1000);
	for (i = 0; awaited == 0 && i < t->more_count; i++)
		if (omemo_reach(o, t->more[i], text.verified_only) == OMEMO_OK)
			names[text.names++] = t->more[i];
		else
			name_deaf(c, j->subject, t->more[i]);
	if (awaited == 0) {
		text.text = j->wait;
		text.len = strlen(j->wait);
	}
	if (awaited == -1 || (awaited == 0 && omemo_send(o, &text) == -1))
		c->omemo->refused = omemo_cause(o);
	free(names);
}

/* Takes the line J, a message to a room, one step further. */
static void
advance_group(struct client *c, struct answer *j)
{
	int waits = omemo_pep_list(c, c->self.jid) <= OMEMO_LIST_ASKED ||
		    omemo_pep_bundles(c, c->self.jid) > 0;
	struct omemo_task *t = new_task(NULL, run_group);
	const char *at = j->names, *cause, *why;
	char name[JID_SIZE];

	while ((at = next_name(at, name)) != NULL) {
		switch (omemo_pep_list(c, name)) {
		case OMEMO_LIST_UNKNOWN:
			omemo_pep_ask(c, name);
			waits = 1;
			break;
		case OMEMO_LIST_ASKED:
			waits = 1;
			break;
		case OMEMO_LIST_FAILED:
			cause = omemo_pep_why(c, name, &why);
			omemo_pep_forget(c, name);
			answer_failed(c, j, cause, why);
			omemo_task_free(t);
			return;
		case OMEMO_LIST_NONE:
			name_deaf(c, j->subject, name);
			break;
		case OMEMO_LIST_KNOWN:
			waits |= omemo_pep_bundles(c, name) > 0;
			t->more = buf_realloc(
			    t->more, t->more_count + 1, sizeof *t->more);
			t->more[t->more_count++] = buf_strdup(name);
			break;
		}
	}
	t->serial = (unsigned long)j->until;
	t->end = end_send;
	if (waits)
		omemo_task_free(t);
	else
		omemo_task_add(c, t);
}

void
omemo_talk_send_group(struct client *c, const char *jid, const char *names,
    const char *text, const char *replaces,
    void (*now)(struct client *c, const char *jid, const char *text))
{
	struct answer *j = wait_line(c, jid, SECONDS);

	j->on_timeout = give_up;
	j->wait = buf_strdup(text);
	j->names = buf_strdup(names);
	j->place = buf_strdup(replaces);
	j->redo = now;
	omemo_talk_tick(c);
}

/* Takes the line J, a message, one step further. */
static void
advance_line(struct client *c, struct answer *j)
{
	enum omemo_list list = omemo_pep_list(c, j->subject);
	struct omemo_task *t;
	const char *cause, *why;

	switch (list) {
	case OMEMO_LIST_UNKNOWN:
		omemo_pep_ask(c, j->subject);
		return;
	case OMEMO_LIST_ASKED:
		return;
	case OMEMO_LIST_FAILED:
		cause = omemo_pep_why(c, j->subject, &why);
		omemo_pep_forget(c, j->subject);
		answer_failed(c, j, cause, why);
		return;
	case OMEMO_LIST_NONE:
		j->redo = c->omemo->again;
		c->omemo->replaces = j->place;
		answer_redo(c, j);
		return;
	case OMEMO_LIST_KNOWN:
		break;
	}
	list = omemo_pep_list(c, c->self.jid);
	if (list == OMEMO_LIST_UNKNOWN)
		omemo_pep_ask(c, c->self.jid);
	if (list <= OMEMO_LIST_ASKED || omemo_pep_bundles(c, j->subject) > 0 ||
	    omemo_pep_bundles(c, c->self.jid) > 0)
		return;
	t = new_task(j->subject, run_send);
	t->serial = (unsigned long)j->until;
	t->end = end_send;
	omemo_task_add(c, t);
}

static void
run_tick(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	(void)t;
	omemo_tick(o, c->clock.wall / 1000);
}

static void
run_replayed(struct client *c, struct omemo *o, const struct omemo_task *t)
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
			omemo_task_add(c, new_task(all[i]->jid, run_replayed));
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
	return at < c->clock.mono ? c->clock.mono : at;
}

void
omemo_talk_tick(struct client *c)
{
	struct answer *j, *next;
	int64_t at;

	if (!omemo_task_is_on(c) || omemo_task_is_busy(c))
		return;
	if (c->omemo->forget_at <= c->clock.mono || c->ending_step != ENDING_NO)
		forget_now(c);
	if (c->link.state != LINK_ONLINE)
		return;
	at = machine_deadline(c);
	if (at >= 0 && at <= c->clock.mono)
		omemo_task_add(c, new_task(NULL, run_tick));
	if (c->omemo->answer_at != 0 && c->omemo->answer_at <= c->clock.mono) {
		c->omemo->answer_at = 0;
		answer_stored(c);
	}
	if (c->omemo->replayed_at > 0 &&
	    c->omemo->replayed_at <= c->clock.mono) {
		c->omemo->replayed_at = -1;
		forget_kept(c);
	}
	for (j = answer_next(c, NULL, ANSWER_OMEMO);
	     j != NULL && !omemo_task_is_busy(c); j = next) {
		next = answer_next(c, j, ANSWER_OMEMO);
		if (j->redo == NULL || is_behind(c, j))
			continue;
		/* A line to a contact may have a place, too: a correction. */
		if (j->redo == send_now)
			advance_line(c, j);
		else
			advance_group(c, j);
	}
}

int64_t
omemo_talk_deadline(const struct client *c)
{
	int64_t at = -1;

	/* Work on the disk begins at once. */
	if (omemo_task_is_busy(c))
		return c->clock.mono;
	if (omemo_task_is_tired(c))
		return c->clock.mono + 1;
	if (c->omemo->forget != NULL)
		at = c->omemo->forget_at;
	if (!omemo_task_is_on(c) || c->link.state != LINK_ONLINE)
		return at;
	at = client_sooner(at, machine_deadline(c));
	if (c->omemo->answer_at > 0)
		at = client_sooner(at, c->omemo->answer_at);
	if (c->omemo->replayed_at > 0)
		at = client_sooner(at, c->omemo->replayed_at);
	return at;
}

/* The identity is made, or WHY says why not. */
static void
on_created(struct client *c, const char *why)
{
	struct answer *j, *next;

	if (why == NULL) {
		c->omemo->made(c);
		omemo_talk_online(c);
		return;
	}
	for (j = answer_next(c, NULL, ANSWER_OMEMO); j != NULL; j = next) {
		next = answer_next(c, j, ANSWER_OMEMO);
		if (j->wait == NULL)
			answer_failed(c, j, "store", why);
	}
}

void
omemo_talk_publish(struct client *c, void (*made)(struct client *c))
{
	wait_line(c, c->self.jid, SECONDS);
	c->omemo->made = made;
	if (omemo_task_is_on(c))
		omemo_pep_publish(c);
	else
		omemo_task_create(c, on_created);
}

static void
run_remove(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	c->omemo->refused =
	    omemo_remove(o, t->device) == -1 ? omemo_cause(o) : OMEMO_OK;
}

/* Answers the line of T: by error if WHY or the machine says so, else by ok
 * with REMARK, which may be NULL. */
static void
answer_line(struct client *c, const struct omemo_task *t, const char *why,
    const char *remark)
{
	struct answer *j = find_line(c, t->serial);

	if (j == NULL)
		return;
	if (why != NULL)
		answer_failed(c, j, "store", why);
	else if (c->omemo->refused != OMEMO_OK)
		answer_failed(c, j, "no-fingerprint",
		    omemo_cause_words(c->omemo->refused));
	else
		answer_done(c, j, remark);
}

static void
end_line(struct client *c, const struct omemo_task *t, const char *why)
{
	answer_line(c, t, why, NULL);
}

static void
end_remove(struct client *c, const struct omemo_task *t, const char *why)
{
	struct answer *j = find_line(c, t->serial);

	if (j != NULL && why == NULL && c->omemo->refused != OMEMO_OK)
		answer_failed(c, j, "no-fingerprint",
		    "there is no such device on your list, beside this one");
	else
		answer_line(c, t, why, "the device is off your list");
}

/* Begins a task about JID that answers the current line. */
static struct omemo_task *
line_task(struct client *c, const char *jid,
    void (*run)(struct client *, struct omemo *, const struct omemo_task *))
{
	struct omemo_task *t = new_task(jid, run);
	struct answer *j = wait_line(c, jid, 0);

	j->wait = buf_strdup("");
	t->serial = (unsigned long)j->until;
	t->end = end_line;
	return t;
}

void
omemo_talk_remove(struct client *c, uint32_t device)
{
	struct omemo_task *t = line_task(c, c->self.jid, run_remove);

	t->device = device;
	t->end = end_remove;
	omemo_task_add(c, t);
}

/* Copies the Ith fingerprint of the digits TEXT to OUT; 0: there is none. */
static int
digits_at(const char *text, size_t i, char out[OMEMO_FINGERPRINT])
{
	size_t n = OMEMO_FINGERPRINT - 1;

	if (strlen(text) < (i + 1) * n)
		return 0;
	memcpy(out, text + i * n, n);
	out[n] = '\0';
	return 1;
}

static void
run_decide(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	char fp[OMEMO_FINGERPRINT];
	size_t i;

	c->omemo->refused = OMEMO_OK;
	for (i = 0; digits_at(t->text, i, fp); i++)
		if (omemo_trust(o, t->name, fp, (enum omemo_trust)t->device,
			c->clock.wall / 1000) == -1)
			c->omemo->refused = omemo_cause(o);
}

static void
end_decide(struct client *c, const struct omemo_task *t, const char *why)
{
	struct answer *j = find_line(c, t->serial);
	char fp[OMEMO_FINGERPRINT];
	struct answer_scope before;
	size_t i;

	if (j != NULL && why == NULL && c->omemo->refused == OMEMO_OK) {
		before = answer_enter(c, j);
		for (i = 0; digits_at(t->text, i, fp); i++) {
			event_begins(
			    &c->event, EVENT_SUCCESS, t->name, t->words);
			event_set_number(
			    &c->event, "line", (long long)c->lines.line);
			event_set(&c->event, "fp", fp);
			event_end(&c->event);
		}
		answer_leave(c, before);
	}
	end_line(c, t, why);
}

void
omemo_talk_decide(struct client *c, const char *jid, const char *fingerprint,
    enum omemo_trust trust, const char *words)
{
	struct omemo_task *t = line_task(c, jid, run_decide);

	t->text = buf_strdup(fingerprint);
	t->words = buf_strdup(words);
	t->device = trust;
	t->end = end_decide;
	omemo_task_add(c, t);
}

/* Writes the day of DATE, in seconds since 1970, as the attribute KEY. */
static void
set_date(struct client *c, const char *key, int64_t date)
{
	char text[32];

	if (date == 0)
		return;
	event_time(date / DAY * DAY * 1000, text);
	text[10] = '\0';
	event_set(&c->event, key, text);
}

static void
tell_key(struct client *c, const char *name, const struct omemo_info *info)
{
	event_begins(&c->event, EVENT_FINGERPRINT, name,
	    *info->fingerprint == '\0' ? NULL : info->fingerprint);
	event_set(&c->event, "trust",
	    *info->fingerprint == '\0' ? NULL : trusts[info->trust]);
	if (info->trust == OMEMO_VERIFIED)
		event_set(&c->event, "how", "manual");
	set_date(c, "since", info->date);
	set_date(c, "first", info->first);
	event_set(&c->event, "active", info->active ? "yes" : NULL);
	event_set(&c->event, "enc", "omemo");
	if (info->id != 0)
		event_set_number(&c->event, "device", info->id);
	event_end(&c->event);
}

static void
run_list(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	struct answer *j = find_line(c, t->serial);
	struct answer_scope before;
	struct omemo_info info = {.active = 1};
	size_t i;

	c->omemo->refused = OMEMO_OK;
	if (j == NULL)
		return;
	before = answer_enter(c, j);
	if (client_is_self(c, t->name) && omemo_device_id(o) != 0) {
		info.id = omemo_device_id(o);
		info.trust = OMEMO_VERIFIED;
		omemo_fingerprint(o, info.fingerprint);
		tell_key(c, t->name, &info);
	}
	for (i = 0; omemo_info(o, t->name, i, &info); i++)
		tell_key(c, t->name, &info);
	if (i == 0 && !client_is_self(c, t->name))
		client_info(c, t->name, "no OMEMO device of theirs is known");
	answer_leave(c, before);
}

void
omemo_talk_list(struct client *c, const char *jid)
{
	omemo_task_add(c, line_task(c, jid, run_list));
}
