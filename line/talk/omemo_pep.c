#include "line/talk/omemo_pep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/answer.h"
#include "line/core/request.h"
#include "line/disk/omemo_facts.h"
#include "line/talk/chat.h"
#include "line/talk/omemo_xml.h"

#define NS_PUBSUB "http://jabber.org/protocol/pubsub"
#define NS_EVENT  NS_PUBSUB "#event"
#define NS_OWNER  NS_PUBSUB "#owner"
#define NS_FORM	  "jabber:x:data"
#define LIST	  NS_OMEMO ".devicelist"
#define BUNDLES	  NS_OMEMO ".bundles:"

/* Contacts whose list is known, beyond which those of strangers are not noted.
 */
#define PEP_CONTACTS 5000

/* A contact whose device list was asked for on this connection. */
struct pep_contact {
	char *jid;
	enum omemo_list list;
	const char *cause; /* static */
	char why[300];
	unsigned bundles; /* awaited */
};

/* A request under way, whose answer tells nothing but its id. */
struct pep_request {
	struct pep_request *next;
	char id[NONCE_ID + 1];
	char *jid;	 /* NULL: something of ours is published */
	uint32_t device; /* of a bundle; 0: a list */
};

struct omemo_pep {
	struct map by_jid; /* of struct pep_contact */
	struct pep_request *requests;
	int has_list; /* Our list was published on this connection. */
	int wanted;   /* /omemo publish waits for our list to be fetched. */
	int repaired; /* how often what we publish was refused and repaired */
};

void
omemo_pep_init(struct client *c)
{
	c->pep = buf_alloc(sizeof *c->pep);
}

static void
request_free(struct pep_request *r)
{
	free(r->jid);
	free(r);
}

static void
forget_all(struct client *c)
{
	void **all = map_values(&c->pep->by_jid);
	struct pep_contact *p;
	struct pep_request *r;
	size_t i;

	for (i = 0; all[i] != NULL; i++) {
		p = all[i];
		free(p->jid);
		free(p);
	}
	free(all);
	map_clear(&c->pep->by_jid);
	memset(&c->pep->by_jid, 0, sizeof c->pep->by_jid);
	while ((r = c->pep->requests) != NULL) {
		c->pep->requests = r->next;
		request_free(r);
	}
}

void
omemo_pep_clear(struct client *c)
{
	forget_all(c);
	free(c->pep);
}

static struct pep_contact *
find_contact(const struct client *c, const char *jid)
{
	char bare[JID_SIZE];

	jid_bare(jid, bare);
	return map_find(&c->pep->by_jid, bare);
}

static struct pep_contact *
need_contact(struct client *c, const char *jid)
{
	struct pep_contact *p = find_contact(c, jid);

	if (p != NULL)
		return p;
	p = buf_alloc(sizeof *p);
	p->jid = buf_memdup(jid, jid_bare_len(jid));
	map_add(&c->pep->by_jid, p->jid, p);
	return p;
}

enum omemo_list
omemo_pep_list(const struct client *c, const char *jid)
{
	const struct pep_contact *p = find_contact(c, jid);

	return p == NULL ? OMEMO_LIST_UNKNOWN : p->list;
}

int
omemo_pep_has_devices(const struct client *c, const char *jid)
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

const char *
omemo_pep_why(const struct client *c, const char *jid, const char **why)
{
	const struct pep_contact *p = find_contact(c, jid);

	*why = p == NULL ? "" : p->why;
	return p == NULL || p->cause == NULL ? "timeout" : p->cause;
}

void
omemo_pep_forget(struct client *c, const char *jid)
{
	struct pep_contact *p = find_contact(c, jid);

	if (p != NULL)
		p->list = OMEMO_LIST_UNKNOWN;
}

unsigned
omemo_pep_bundles(const struct client *c, const char *jid)
{
	const struct pep_contact *p = find_contact(c, jid);

	return p == NULL ? 0 : p->bundles;
}

/* Takes the request that X answers out of the list; NULL: it is not there. */
static struct pep_request *
take_request(struct client *c, const struct stanza *x)
{
	const char *id = x == NULL ? NULL : stanza_get(x, "id");
	struct pep_request **at, *r;

	for (at = &c->pep->requests; id != NULL && (r = *at) != NULL;
	     at = &r->next)
		if (strcmp(r->id, id) == 0) {
			*at = r->next;
			return r;
		}
	return NULL;
}

/* Notes the request that was just begun. */
static void
note_request(struct client *c, const char *jid, uint32_t device)
{
	struct pep_request *r = buf_alloc(sizeof *r);

	memcpy(r->id, request_id(c), sizeof r->id);
	r->jid = buf_strdup(jid);
	r->device = device;
	r->next = c->pep->requests;
	c->pep->requests = r;
}

/* Begins a task that takes COUNT devices at ID as the list of JID. */
static void
add_list_task(struct client *c, const char *jid, const uint32_t *id,
    size_t count, omemo_task_run *run, omemo_task_end *end)
{
	struct omemo_task *t = omemo_task_new(jid, run, end);

	memcpy(t->ids, id, count * sizeof *id);
	t->count = count;
	omemo_task_add(c, t);
}

/* Returns 1 if the list of T has the number of our device. */
static int
has_our_id(const struct omemo *o, const struct omemo_task *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (t->ids[i] == omemo_device_id(o))
			return 1;
	return 0;
}

/* Makes our device where there is none yet: now the others are known. */
static void
make_device(struct client *c, struct omemo *o, const struct omemo_task *t)
{
	struct sexp_error e;

	do
		omemo_load_own(o, NULL, 0, c->clock.wall / 1000, &e);
	while (has_our_id(o, t));
}

static void
run_list(struct client *c, struct omemo *o, struct omemo_task *t)
{
	int self = client_is_self(c, t->name);

	if (c->options.read_only && self) {
		omemo_list(o, t->name, t->ids, t->count, c->clock.wall / 1000);
		return;
	}
	if (self && omemo_device_id(o) == 0)
		make_device(c, o, t);
	if (self && omemo_pep_list(c, t->name) == OMEMO_LIST_ASKED)
		omemo_online(o, c->clock.wall / 1000);
	if (omemo_list(o, t->name, t->ids, t->count, c->clock.wall / 1000) ==
	    -1)
		t->refused = omemo_cause(o);
}

static void
run_publish(struct client *c, struct omemo *o, struct omemo_task *t)
{
	(void)c;
	omemo_publish(o, t->device != 0);
}

/* Publishes again, our list alone or with the bundle. */
static void
publish_again(struct client *c, int bundle)
{
	struct omemo_task *t = omemo_task_new(NULL, run_publish, NULL);

	t->device = bundle != 0;
	omemo_task_add(c, t);
}

/* Answers the lines that wait until we have published. */
static void
answer_published(struct client *c, const char *cause, const char *why)
{
	struct answer *j, *next;

	for (j = answer_next(c, NULL, ANSWER_OMEMO); j != NULL; j = next) {
		next = answer_next(c, j, ANSWER_OMEMO);
		if (j->wait != NULL)
			continue;
		if (cause == NULL)
			answer_done(c, j, "your OMEMO keys are published");
		else
			answer_failed(c, j, cause, why);
	}
}

int
omemo_pep_awaits_device(const struct client *c)
{
	return !c->options.read_only &&
	       omemo_device_id(omemo_task_machine(c)) == 0 &&
	       omemo_pep_list(c, c->self.jid) <= OMEMO_LIST_ASKED;
}

/* Notes that the disk failed, as WHY says, what the server said about P. */
static void
fail_contact(struct pep_contact *p, const char *why)
{
	p->list = OMEMO_LIST_FAILED;
	p->cause = "store";
	snprintf(p->why, sizeof p->why, "%s", why);
}

static void
end_list(struct client *c, const struct omemo_task *t, const char *why)
{
	struct pep_contact *p = need_contact(c, t->name);

	p->list = t->count == 0 ? OMEMO_LIST_NONE : OMEMO_LIST_KNOWN;
	if (why != NULL)
		fail_contact(p, why);
	if (t->refused != OMEMO_OK && omemo_pep_awaits_device(c))
		p->list = OMEMO_LIST_UNKNOWN;
	if (!client_is_self(c, t->name) || !c->pep->wanted)
		return;
	c->pep->wanted = 0;
	if (why == NULL)
		publish_again(c, 1);
	else
		answer_published(c, "store", why);
}

/* Returns the element NAME in the item of the answer or event ITEMS, or NULL.
 * Of several items the last that was published counts. */
static const struct stanza *
find_payload(const struct stanza *items, const char *name)
{
	const struct stanza *i, *found = NULL;
	const char *id;

	for (i = items == NULL ? NULL : items->child; i != NULL; i = i->next) {
		id = stanza_get(i, "id");
		if (strcmp(i->name, "item") != 0 ||
		    stanza_child(i, name, NS_OMEMO) == NULL)
			continue;
		if (found == NULL || (id != NULL && strcmp(id, "current") == 0))
			found = stanza_child(i, name, NS_OMEMO);
	}
	return found;
}

static const struct stanza *
items_of(const struct stanza *x)
{
	return stanza_child(
	    stanza_child(x, "pubsub", NS_PUBSUB), "items", NS_PUBSUB);
}

/* Returns 1 if the error X says that there is no such node. */
static int
says_none(const struct stanza *x)
{
	static const char *const none[] = {
	    "item-not-found", "forbidden", "service-unavailable"};
	const char *condition = stanza_condition(x);
	size_t i;

	for (i = 0; i < sizeof none / sizeof *none; i++)
		if (strcmp(condition, none[i]) == 0)
			return 1;
	return 0;
}

/* Says that our keys were not published, because of CAUSE, as WHY says. */
static void
fail_publish(struct client *c, const char *cause, const char *why)
{
	char bare[JID_SIZE];

	jid_bare(c->self.jid, bare);
	event_begins(&c->event, EVENT_WARNING, bare, why);
	event_set(&c->event, "cause", cause);
	event_end(&c->event);
	c->pep->wanted = 0;
	answer_published(c, cause, why);
}

static void
fail_list(struct client *c, const char *jid, const struct stanza *x)
{
	struct pep_contact *p = need_contact(c, jid);
	const char *text = stanza_error_text(x);

	int is_ours = client_is_self(c, jid);

	p->list = OMEMO_LIST_FAILED;
	p->cause = stanza_condition(x);
	snprintf(p->why, sizeof p->why,
	    "the list of %s OMEMO devices could not be fetched%s%.200s",
	    is_ours ? "your" : "their", text == NULL ? "" : ": ",
	    text == NULL ? "" : text);
	/* Nothing is published then, and our other devices get nothing. */
	if (is_ours && !c->options.read_only)
		fail_publish(c, p->cause, p->why);
}

static void
on_list(struct client *c, struct answer *answer, const struct stanza *x)
{
	struct pep_request *r = take_request(c, x);
	uint32_t id[OMEMO_XML_DEVICES] = {0};
	const struct stanza *list;
	size_t count = 0;

	(void)answer;
	if (r == NULL)
		return;
	if (strcmp(stanza_get(x, "type"), "result") == 0) {
		list = find_payload(items_of(x), "list");
		if (list != NULL)
			omemo_xml_list(list, id, &count);
		add_list_task(c, r->jid, id, count, run_list, end_list);
	} else if (says_none(x)) {
		add_list_task(c, r->jid, id, 0, run_list, end_list);
	} else
		fail_list(c, r->jid, x);
	request_free(r);
}

/* Begins to ask TO for the item of NODE. */
static void
ask_item(
    struct client *c, const char *jid, const char *node, request_done *done)
{
	char bare[JID_SIZE];
	struct writer w;

	jid_bare(jid, bare);
	request_begin(
	    c, &w, "get", client_is_self(c, jid) ? NULL : bare, done, NULL);
	writer_open(&w, "pubsub", NS_PUBSUB);
	writer_open(&w, "items", NULL);
	writer_attr(&w, "node", node);
	writer_end(&w);
}

void
omemo_pep_ask(struct client *c, const char *jid)
{
	struct pep_contact *p = need_contact(c, jid);

	if (p->list == OMEMO_LIST_ASKED)
		return;
	p->list = OMEMO_LIST_ASKED;
	ask_item(c, jid, LIST, on_list);
	note_request(c, p->jid, 0);
}

static void
run_bundle(struct client *c, struct omemo *o, struct omemo_task *t)
{
	omemo_bundle(o, t->name, t->device, t->has_bundle ? &t->bundle : NULL,
	    c->clock.wall / 1000);
}

static void
end_bundle(struct client *c, const struct omemo_task *t, const char *why)
{
	struct pep_contact *p = need_contact(c, t->name);

	if (p->bundles > 0)
		p->bundles--;
	/* Or a line that waits would ask for the bundle again and again. */
	if (why != NULL)
		fail_contact(p, why);
}

/* Hands BUNDLE (NULL: there is none), which R asked for, to the machine; frees
 * R. */
static void
take_bundle(
    struct client *c, struct pep_request *r, const struct stanza *bundle)
{
	struct omemo_task *t = omemo_task_new(r->jid, run_bundle, end_bundle);

	t->device = r->device;
	t->has_bundle = bundle != NULL &&
			omemo_xml_bundle(&t->arena, bundle, &t->bundle) == 0;
	omemo_task_add(c, t);
	request_free(r);
}

static void
on_bundle(struct client *c, struct answer *answer, const struct stanza *x)
{
	struct pep_request *r = take_request(c, x);

	(void)answer;
	if (r != NULL)
		take_bundle(c, r,
		    strcmp(stanza_get(x, "type"), "result") == 0
			? find_payload(items_of(x), "bundle")
			: NULL);
}

/* Returns 1 if R asks for a bundle of P. */
static int
asks_bundle_of(const struct pep_request *r, const struct pep_contact *p)
{
	return r->device != 0 && r->jid != NULL && strcmp(r->jid, p->jid) == 0;
}

void
omemo_pep_give_up(struct client *c, const char *jid)
{
	struct pep_request **at = &c->pep->requests, *r;
	struct pep_contact *p = find_contact(c, jid);

	if (p == NULL)
		return;
	/* An answer that is only late is taken all the same. */
	if (p->list == OMEMO_LIST_ASKED)
		p->list = OMEMO_LIST_UNKNOWN;
	while ((r = *at) != NULL)
		if (asks_bundle_of(r, p)) {
			*at = r->next;
			take_bundle(c, r, NULL);
		} else {
			at = &r->next;
		}
}

void
omemo_pep_fetch(struct client *c, const char *jid, uint32_t device)
{
	struct pep_contact *p = need_contact(c, jid);
	const struct pep_request *r;
	char node[sizeof BUNDLES + 12];

	for (r = c->pep->requests; r != NULL; r = r->next)
		if (r->device == device && asks_bundle_of(r, p))
			return;
	snprintf(node, sizeof node, BUNDLES "%lu", (unsigned long)device);
	p->bundles++;
	ask_item(c, jid, node, on_bundle);
	note_request(c, p->jid, device);
}

/* Writes the field VAR of a form. */
static void
write_field(
    struct writer *w, const char *var, const char *type, const char *value)
{
	writer_open(w, "field", NULL);
	writer_attr(w, "var", var);
	writer_attr(w, "type", type);
	writer_leaf(w, "value", NULL, value);
	writer_close(w);
}

/* Begins to publish an item of NODE on W; DONE gets the answer. */
static void
begin_publish(
    struct client *c, struct writer *w, const char *node, request_done *done)
{
	request_begin(c, w, "set", NULL, done, NULL);
	writer_open(w, "pubsub", NS_PUBSUB);
	writer_open(w, "publish", NULL);
	writer_attr(w, "node", node);
	writer_open(w, "item", NULL);
	writer_attr(w, "id", "current");
}

/* Ends it: everybody may read the node (XEP-0060 7.1.5). */
static void
end_publish(struct client *c, struct writer *w, uint32_t device)
{
	writer_close(w);
	writer_close(w);
	writer_open(w, "publish-options", NULL);
	writer_open(w, "x", NS_FORM);
	writer_attr(w, "type", "submit");
	write_field(w, "FORM_TYPE", "hidden", NS_PUBSUB "#publish-options");
	write_field(w, "pubsub#persist_items", NULL, "true");
	write_field(w, "pubsub#access_model", NULL, "open");
	writer_end(w);
	note_request(c, NULL, device);
}

static void
on_configured(struct client *c, struct answer *answer, const struct stanza *x)
{
	struct pep_request *r = take_request(c, x);

	(void)answer;
	if (r == NULL)
		return;
	if (strcmp(stanza_get(x, "type"), "result") == 0)
		publish_again(c, 1);
	else
		fail_publish(c, stanza_condition(x),
		    "the server has your OMEMO keys with other settings, and "
		    "refuses to change them, so perhaps nobody can encrypt to "
		    "you");
	request_free(r);
}

/* Opens NODE, which has other settings, to everybody (XEP-0060 8.2). */
static void
configure_node(struct client *c, const char *node)
{
	struct writer w;

	request_begin(c, &w, "set", NULL, on_configured, NULL);
	writer_open(&w, "pubsub", NS_OWNER);
	writer_open(&w, "configure", NULL);
	writer_attr(&w, "node", node);
	writer_open(&w, "x", NS_FORM);
	writer_attr(&w, "type", "submit");
	write_field(&w, "FORM_TYPE", "hidden", NS_PUBSUB "#node_config");
	write_field(&w, "pubsub#access_model", NULL, "open");
	writer_end(&w);
	note_request(c, NULL, 0);
}

/* Says that the server refused X what we published. */
static void
refused_publish(struct client *c, const struct stanza *x)
{
	const char *text = stanza_error_text(x);
	char why[400];

	snprintf(why, sizeof why,
	    "the server did not take your OMEMO keys, so nobody can encrypt to "
	    "you%s%.200s",
	    text == NULL ? "" : ": ", text == NULL ? "" : text);
	fail_publish(c, stanza_condition(x), why);
}

/* Answers those lines once the server has both the list and the bundle. */
static void
answer_if_published(struct client *c)
{
	if (c->pep->has_list && omemo_is_published(omemo_task_machine(c)))
		answer_published(c, NULL, NULL);
}

static void
end_published(struct client *c, const struct omemo_task *t, const char *why)
{
	(void)t;
	if (why != NULL)
		answer_published(c, "store", why);
	else
		answer_if_published(c);
}

static void
run_published(struct client *c, struct omemo *o, struct omemo_task *t)
{
	(void)c;
	(void)t;
	omemo_published(o);
}

/* Returns 1 if the condition is one of those of a node with other settings. */
static int
says_settings(const char *condition)
{
	return strcmp(condition, "conflict") == 0 ||
	       strcmp(condition, "precondition-not-met") == 0 ||
	       strcmp(condition, "not-acceptable") == 0;
}

static void
on_published(struct client *c, struct answer *answer, const struct stanza *x)
{
	struct pep_request *r = take_request(c, x);
	char node[sizeof BUNDLES + 12];
	struct omemo_task *t;
	const char *condition;

	(void)answer;
	if (r == NULL)
		return;
	snprintf(node, sizeof node, r->device == 0 ? LIST : BUNDLES "%lu",
	    (unsigned long)r->device);
	condition = stanza_condition(x);
	if (strcmp(stanza_get(x, "type"), "result") == 0) {
		if (r->device != 0) {
			t = omemo_task_new(NULL, run_published, end_published);
			omemo_task_add(c, t);
		} else {
			c->pep->has_list = 1;
			answer_if_published(c);
		}
	} else if (says_settings(condition) && c->pep->repaired < 4) {
		c->pep->repaired++;
		configure_node(c, node);
	} else if (strcmp(condition, "item-not-found") == 0 &&
		   c->pep->repaired < 4) {
		/* ejabberd says so while another client makes the node. */
		c->pep->repaired++;
		omemo_publish_later(omemo_task_machine(c), r->device != 0,
		    c->clock.wall / 1000);
	} else
		refused_publish(c, x);
	request_free(r);
}

void
omemo_pep_put_bundle(struct client *c, const struct omemo_bundle *b)
{
	uint32_t id = omemo_device_id(omemo_task_machine(c));
	char node[sizeof BUNDLES + 12];
	struct writer w;

	if (c->link.state != LINK_ONLINE || c->options.read_only)
		return;
	snprintf(node, sizeof node, BUNDLES "%lu", (unsigned long)id);
	begin_publish(c, &w, node, on_published);
	omemo_xml_write_bundle(&w, b);
	end_publish(c, &w, id);
}

void
omemo_pep_put_list(struct client *c, const uint32_t *id, size_t count)
{
	struct writer w;

	if (c->link.state != LINK_ONLINE || c->options.read_only)
		return;
	begin_publish(c, &w, LIST, on_published);
	omemo_xml_write_list(&w, id, count);
	end_publish(c, &w, 0);
}

void
omemo_pep_publish(struct client *c)
{
	enum omemo_list list = omemo_pep_list(c, c->self.jid);

	/* Our list must keep our other devices, and our number must differ from
	 * theirs: fetch the list first. */
	c->pep->wanted = list != OMEMO_LIST_KNOWN && list != OMEMO_LIST_NONE;
	if (c->pep->wanted)
		omemo_pep_ask(c, c->self.jid);
	else
		publish_again(c, 1);
}

void
omemo_pep_online(struct client *c)
{
	forget_all(c);
	c->pep->repaired = c->pep->has_list = c->pep->wanted = 0;
	if (!omemo_task_is_on(c))
		return;
	omemo_connected(omemo_task_machine(c));
	omemo_pep_ask(c, c->self.jid);
}

/*
 * Returns 1 if the list that FROM sends unasked is to be taken: only of our own
 * account or of somebody whom we know, so that strangers can make no records.
 */
static int
is_welcome(const struct client *c, const char *from)
{
	const struct contact *contact = roster_find(&c->roster, from);
	const struct chat *chat = chat_find(c, from);

	if (jid_resource(from) != NULL || client_is_room(c, from))
		return 0;
	return client_is_self(c, from) ||
	       (contact != NULL && contact->in_roster) ||
	       (chat != NULL && chat->spoken) ||
	       omemo_facts_find(c, from) != NULL;
}

int
omemo_pep_event(struct client *c, const char *from, const struct stanza *x)
{
	const struct stanza *items =
	    stanza_child(stanza_child(x, "event", NS_EVENT), "items", NS_EVENT);
	const char *node = items == NULL ? NULL : stanza_get(items, "node");
	uint32_t id[OMEMO_XML_DEVICES] = {0};
	const struct stanza *list;
	size_t count;

	if (node == NULL || strcmp(node, LIST) != 0)
		return 0;
	list = find_payload(items, "list");
	/* Our own list is fetched at login, before anything is made of it. */
	if (list == NULL || !omemo_task_is_on(c) || !is_welcome(c, from) ||
	    (client_is_self(c, from) &&
		omemo_pep_list(c, from) != OMEMO_LIST_KNOWN &&
		omemo_pep_list(c, from) != OMEMO_LIST_NONE) ||
	    c->pep->by_jid.count > PEP_CONTACTS)
		return 1;
	omemo_xml_list(list, id, &count);
	add_list_task(c, from, id, count, run_list, end_list);
	return 1;
}
