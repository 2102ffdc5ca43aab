/*
 * Machines of omemo/ joined by memory: each has its files, a server keeps the
 * lists and bundles, and what is sent waits until the test delivers it. A
 * write of a file can be made to fail.
 */
#ifndef T_OMEMO_PAIR_H
#define T_OMEMO_PAIR_H

#include <stdlib.h>
#include <string.h>

#include "omemo/omemo.h"
#include "t/unit/tap.h"

#define PAIR_FILES 8
#define PAIR_WIRES 4096
#define PAIR_TEXTS 64

/* A message on its way: a deep copy. */
struct wire {
	char from[64], to[64]; /* to: "" where it is that of a tag */
	struct omemo_message m;
	struct omemo_key *key;
	unsigned char *data;
	unsigned long tag;
	enum omemo_trust trust;
};

struct file {
	char name[64];
	struct buf bytes;
	int there;
};

struct got {
	char from[64];
	char text[64]; /* "(key)": only a key */
	unsigned char token[OMEMO_TOKEN];
	uint32_t device;
	enum omemo_trust trust;
};

/* A device. */
struct host {
	struct omemo *o;
	char account[64];
	struct buf identity;
	struct file file[PAIR_FILES];
	struct buf bundle[1];  /* bytes of the one published... */
	struct omemo_bundle b; /* ...and it */
	struct omemo_prekey *pre;
	uint32_t id;
	uint32_t list[80]; /* as last published */
	size_t listed;
	struct got got[PAIR_TEXTS];
	size_t gots;
	enum omemo_cause note[256];
	size_t notes;
	struct omemo_item device; /* the last OMEMO_DEVICE */
	int devices;		  /* how many there were */
	int fetches;
	int64_t now;
};

static struct wire pair_wire[PAIR_WIRES];
static size_t pair_wires;
static int pair_stores, pair_fail_at; /* 0: never */
static int pair_late;		      /* records behind what relies on them */
static struct host *pair_host[8];
static size_t pair_hosts;

static struct file *
pair_file(struct host *h, const char *name)
{
	struct file *f;

	for (f = h->file; f < h->file + PAIR_FILES; f++)
		if (f->name[0] == '\0' || strcmp(f->name, name) == 0)
			break;
	if (f->name[0] == '\0') {
		snprintf(f->name, sizeof f->name, "%s", name);
		buf_init(&f->bytes, FORM_MAX);
	}
	return f;
}

/* As the caller of omemo/ does: reads the file of NAME before each call. */
static int
pair_load(struct host *h, const char *name)
{
	struct file *f = pair_file(h, name);
	struct sexp_error e;

	return omemo_load(h->o, name, f->there ? buf_data(&f->bytes) : NULL,
	    f->there ? buf_len(&f->bytes) : 0, &e);
}

static int
pair_load_own(struct host *h)
{
	struct file *f = pair_file(h, OMEMO_OWN);
	struct sexp_error e;

	return omemo_load_own(h->o, f->there ? buf_data(&f->bytes) : NULL,
	    f->there ? buf_len(&f->bytes) : 0, h->now, &e);
}

static int
pair_store(struct host *h, const struct omemo_item *i)
{
	struct file *f = pair_file(h, i->name);

	pair_stores++;
	if (pair_stores == pair_fail_at)
		return -1;
	buf_reset(&f->bytes);
	buf_add(&f->bytes, i->bytes, i->len);
	f->there = 1;
	return 0;
}

static struct omemo_bytes
pair_copy(unsigned char **at, struct omemo_bytes from)
{
	struct omemo_bytes b = {NULL, from.len};

	if (from.data == NULL)
		return b;
	b.data = memcpy(*at, from.data, from.len);
	*at += from.len;
	return b;
}

static void
pair_free_wire(struct wire *w)
{
	free(w->key);
	free(w->data);
	memset(w, 0, sizeof *w);
}

static void
pair_copy_message(struct wire *w, const struct omemo_message *m)
{
	size_t n = m->iv.len + m->payload.len + 1, i;
	unsigned char *at;

	for (i = 0; i < m->keys; i++)
		n += m->key[i].data.len;
	at = w->data = buf_alloc(n);
	w->key = buf_alloc((m->keys + 1) * sizeof *w->key);
	w->m = *m;
	w->m.key = w->key;
	for (i = 0; i < m->keys; i++) {
		w->key[i] = m->key[i];
		w->key[i].data = pair_copy(&at, m->key[i].data);
	}
	w->m.iv = pair_copy(&at, m->iv);
	w->m.payload = pair_copy(&at, m->payload);
}

static void
pair_send(struct host *h, const struct omemo_item *i)
{
	struct wire *w = &pair_wire[pair_wires++];

	if (pair_wires == PAIR_WIRES)
		abort();
	snprintf(w->from, sizeof w->from, "%s", h->account);
	snprintf(w->to, sizeof w->to, "%s", i->name == NULL ? "" : i->name);
	w->tag = i->tag;
	w->trust = i->trust;
	pair_copy_message(w, i->message);
}

static void
pair_publish(struct host *h, const struct omemo_bundle *b)
{
	size_t n = 512 + b->prekeys * 40, i;
	unsigned char *at = buf_alloc(n);

	buf_reset(h->bundle);
	buf_add(h->bundle, at, n); /* as memory that stays */
	free(at);
	at = (unsigned char *)(uintptr_t)buf_data(h->bundle);
	free(h->pre);
	h->pre = buf_alloc((b->prekeys + 1) * sizeof *h->pre);
	h->b = *b;
	h->b.prekey = h->pre;
	h->b.identity = pair_copy(&at, b->identity);
	h->b.signed_key = pair_copy(&at, b->signed_key);
	h->b.signature = pair_copy(&at, b->signature);
	for (i = 0; i < b->prekeys; i++) {
		h->pre[i].id = b->prekey[i].id;
		h->pre[i].key = pair_copy(&at, b->prekey[i].key);
	}
}

static void
pair_text(struct host *h, const struct omemo_item *i)
{
	struct got *g = &h->got[h->gots++ % PAIR_TEXTS];

	snprintf(g->from, sizeof g->from, "%s", i->name);
	snprintf(
	    g->text, sizeof g->text, "%s", i->text == NULL ? "(key)" : i->text);
	memcpy(g->token, i->token, sizeof g->token);
	g->device = i->device;
	g->trust = i->trust;
}

static void pair_pull(struct host *h);

/* Answers the fetch I of H. */
static void
pair_fetch(struct host *h, const char *account, uint32_t id)
{
	size_t i;

	h->fetches++;
	for (i = 0; i < pair_hosts; i++)
		if (strcmp(pair_host[i]->account, account) == 0 &&
		    pair_host[i]->id == id)
			break;
	pair_load(h, account);
	omemo_bundle(h->o, account, id,
	    i == pair_hosts || pair_host[i]->b.identity.data == NULL
		? NULL
		: &pair_host[i]->b,
	    h->now);
	pair_pull(h);
}

/* Does what the machine of H asks for. */
static void
pair_pull(struct host *h)
{
	struct {
		char account[64];
		uint32_t id;
	} fetch[256];
	struct omemo_item i;
	size_t fetches = 0, k;
	int published = 0, relied = 0;

	while (omemo_next(h->o, &i)) {
		pair_late += relied && i.type == OMEMO_STORE;
		relied |= i.type == OMEMO_WIRE || i.type == OMEMO_TEXT;
		switch (i.type) {
		case OMEMO_STORE:
			if (pair_store(h, &i) == -1)
				omemo_store_failed(h->o);
			break;
		case OMEMO_WIRE:
			pair_send(h, &i);
			break;
		case OMEMO_TEXT:
			pair_text(h, &i);
			break;
		case OMEMO_DEVICE:
			h->device = i;
			h->device.name = NULL;
			h->devices++;
			break;
		case OMEMO_FETCH:
			snprintf(fetch[fetches].account, 64, "%s", i.name);
			fetch[fetches++].id = i.device;
			break;
		case OMEMO_PUT_BUNDLE:
			pair_publish(h, i.bundle);
			published = 1;
			break;
		case OMEMO_PUT_LIST:
			memcpy(h->list, i.ids, i.len * sizeof *i.ids);
			h->listed = i.len;
			break;
		case OMEMO_NOTE:
			h->note[h->notes++ % 256] = i.cause;
			break;
		}
	}
	if (published) {
		omemo_published(h->o);
		pair_pull(h);
	}
	for (k = 0; k < fetches; k++)
		pair_fetch(h, fetch[k].account, fetch[k].id);
}

__attribute__((unused)) static int
pair_noted(const struct host *h, enum omemo_cause cause)
{
	size_t i;
	int n = 0;

	for (i = 0; i < h->notes && i < 256; i++)
		n += h->note[i] == cause;
	return n;
}

/* Starts the machine of H on its files, as after a crash. */
static void
pair_start(struct host *h)
{
	static unsigned char seed[OMEMO_SEED];
	struct sexp_error e;

	if (h->o != NULL)
		omemo_free(h->o);
	seed[0]++;
	seed[1] = (unsigned char)(seed[1] + (seed[0] == 0));
	h->o = omemo_new(seed, h->account);
	if (buf_len(&h->identity) == 0)
		omemo_generate(h->o, &h->identity);
	omemo_identity(h->o, buf_data(&h->identity), buf_len(&h->identity), &e);
	pair_load(h, h->account);
	pair_load_own(h);
	pair_pull(h);
	h->id = omemo_device_id(h->o);
	omemo_connected(h->o);
	omemo_online(h->o, h->now);
	pair_pull(h);
}

__attribute__((unused)) static struct host *
pair_new(const char *account)
{
	struct host *h = buf_alloc(sizeof *h);

	snprintf(h->account, sizeof h->account, "%s", account);
	buf_init(&h->identity, 4096);
	buf_init(h->bundle, 65536);
	h->now = 1700000000;
	pair_host[pair_hosts++] = h;
	pair_start(h);
	return h;
}

/* Tells H the list of ACCOUNT, of all devices there are. */
static void
pair_list(struct host *h, const char *account)
{
	uint32_t id[8];
	size_t n = 0, i;

	for (i = 0; i < pair_hosts; i++)
		if (strcmp(pair_host[i]->account, account) == 0)
			id[n++] = pair_host[i]->id;
	pair_load(h, account);
	pair_load_own(h);
	omemo_list(h->o, account, id, n, h->now);
	pair_pull(h);
}

/* Tells everybody everything. */
__attribute__((unused)) static void
pair_meet(void)
{
	size_t i, k;

	for (i = 0; i < pair_hosts; i++)
		for (k = 0; k < pair_hosts; k++)
			pair_list(pair_host[i], pair_host[k]->account);
}

/* Loads what H needs for a call about ACCOUNT. */
static void
pair_ready(struct host *h, const char *account)
{
	pair_load(h, h->account);
	pair_load_own(h);
	pair_pull(h);
	pair_load(h, account);
}

/* Sends TEXT; returns what omemo_send does. */
__attribute__((unused)) static int
pair_say(struct host *h, const char *account, const char *text)
{
	struct omemo_text t = {0};
	int r;

	pair_ready(h, account);
	omemo_prepare(h->o, &account, 1, h->now);
	pair_pull(h);
	pair_ready(h, account);
	t.tag = 1;
	t.name = &account;
	t.names = 1;
	t.text = text;
	t.len = strlen(text);
	r = omemo_send(h->o, &t);
	pair_pull(h);
	return r;
}

/* Gives H the message W, and does what is left to do after it. */
__attribute__((unused)) static int
pair_receive(struct host *h, const struct wire *w)
{
	int r;

	pair_ready(h, w->from);
	r = omemo_receive(h->o, w->from, &w->m, 1, h->now);
	pair_pull(h);
	pair_ready(h, w->from);
	omemo_answer(h->o, w->from);
	pair_pull(h);
	return r;
}

/* Tells H's machine that the last N texts are safe. */
__attribute__((unused)) static void
pair_told(struct host *h, size_t n)
{
	struct got *g;

	for (; n > 0; n--) {
		g = &h->got[(h->gots - n) % PAIR_TEXTS];
		pair_ready(h, g->from);
		omemo_told(h->o, g->from,
		    (const unsigned char(*)[OMEMO_TOKEN])g->token, 1, h->now);
		pair_pull(h);
	}
}

__attribute__((unused)) static void
pair_drop(void)
{
	while (pair_wires > 0)
		pair_free_wire(&pair_wire[--pair_wires]);
}

/* Delivers all that waits, to all devices but the sender's, in order. */
__attribute__((unused)) static void
pair_deliver(void)
{
	struct host *h;
	size_t i, k, before;

	for (i = 0; i < pair_wires; i++)
		for (k = 0; k < pair_hosts; k++) {
			h = pair_host[k];
			if (h->id == pair_wire[i].m.sid)
				continue;
			before = h->gots;
			pair_receive(h, &pair_wire[i]);
			pair_told(h, h->gots - before);
		}
	pair_drop();
}

/* The last text of H. */
__attribute__((unused)) static const struct got *
pair_last(const struct host *h)
{
	static const struct got none = {.text = "(none)"};

	return h->gots == 0 ? &none : &h->got[(h->gots - 1) % PAIR_TEXTS];
}

/* The last text of H that is not only a key. */
__attribute__((unused)) static const char *
pair_said(const struct host *h)
{
	size_t n = h->gots, i;

	for (i = 1; i <= n && i <= PAIR_TEXTS; i++)
		if (strcmp(h->got[(n - i) % PAIR_TEXTS].text, "(key)") != 0)
			return h->got[(n - i) % PAIR_TEXTS].text;
	return "(none)";
}

__attribute__((unused)) static void
pair_end(void)
{
	struct file *f;
	struct host *h;

	pair_drop();
	while (pair_hosts > 0) {
		h = pair_host[--pair_hosts];
		omemo_free(h->o);
		buf_clear(&h->identity);
		buf_clear(h->bundle);
		free(h->pre);
		for (f = h->file; f < h->file + PAIR_FILES; f++)
			buf_clear(&f->bytes);
		free(h);
	}
	pair_stores = pair_fail_at = 0;
}

#endif
