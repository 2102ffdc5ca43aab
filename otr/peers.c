#include <stdlib.h>
#include <string.h>

#include "otr/intern.h"
#include "sexp/hex.h"

/* Compares the first N bytes of KEY, the name of a contact, with NAME. */
static int
compare_name(const char *key, size_t n, const char *name)
{
	int r = strncmp(key, name, n);

	return r != 0 ? r : name[n] == '\0' ? 0 : -1;
}

/* Returns the index of the contact of NAME, or its place if *FOUND is 0. */
static size_t
contact_place(const struct otr *o, const char *name, int *found)
{
	size_t n = strcspn(name, "/"), low = 0, high = o->contacts, mid;
	int r = 1;

	while (low < high && r != 0) {
		mid = low + (high - low) / 2;
		r = compare_name(name, n, o->contact[mid]->name);
		if (r <= 0)
			high = mid;
		else
			low = mid + 1;
	}
	*found = r == 0;
	return r == 0 ? high : low;
}

struct contact *
contact_find(const struct otr *o, const char *name)
{
	int found;
	size_t at = contact_place(o, name, &found);

	return found ? o->contact[at] : NULL;
}

struct contact *
contact_make(struct otr *o, const char *name)
{
	int found;
	size_t at = contact_place(o, name, &found), n = o->contacts;
	struct contact *c;

	if (found)
		return o->contact[at];
	/* The array is full if the count is a power of two; double it. */
	if ((n & (n - 1)) == 0)
		o->contact = buf_realloc(
		    o->contact, n == 0 ? 1 : 2 * n, sizeof *o->contact);
	memmove(o->contact + at + 1, o->contact + at,
	    (n - at) * sizeof *o->contact);
	o->contacts++;
	o->contact[at] = c = buf_alloc(sizeof *c);
	c->name = buf_memdup(name, strcspn(name, "/"));
	return c;
}

struct talk *
talk_find(const struct contact *c, const char *name)
{
	struct talk *t = c == NULL ? NULL : c->talk;

	while (t != NULL && strcmp(t->name, name) != 0)
		t = t->next;
	return t;
}

static void
unlink_talk(struct talk *t)
{
	struct talk **p = &t->contact->talk;

	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
}

void
talk_used(struct talk *t)
{
	unlink_talk(t);
	t->next = t->contact->talk;
	t->contact->talk = t;
}

/* Returns the least recently used conversation of C in STATE, or NULL. */
static struct talk *
oldest_talk(const struct contact *c, enum otr_state state)
{
	struct talk *t, *found = NULL;

	for (t = c->talk; t != NULL; t = t->next)
		if (t->state == state)
			found = t;
	return found;
}

/*
 * Makes room for one more place of C; -1 if there is none. The oldest session
 * may be dropped, as the others still keep the gate closed: a peer that loses
 * its session may come back with a new resource each time.
 */
static int
make_room_for_talk(struct otr *o, struct contact *c)
{
	struct talk *t = NULL;
	size_t i;

	if (c->talks >= OTR_MAX_PLACES) {
		if ((t = oldest_talk(c, OTR_PLAINTEXT)) == NULL &&
		    (t = oldest_talk(c, OTR_FINISHED)) == NULL) {
			t = oldest_talk(c, OTR_ENCRYPTED);
			talk_disconnect(o, t);
			talk_over(o, t, OTR_FINISHED);
		}
	} else if (o->talks >= OTR_MAX_CONVERSATIONS) {
		for (i = 0; i < o->contacts && t == NULL; i++)
			t = oldest_talk(o->contact[i], OTR_PLAINTEXT);
		if (t == NULL)
			return -1;
	}
	if (t != NULL)
		talk_free(o, t);
	return 0;
}

struct talk *
talk_get(struct otr *o, struct contact *c, const char *name)
{
	struct talk *t = talk_find(c, name);

	if (t != NULL || make_room_for_talk(o, c) == -1)
		return t;
	t = buf_alloc(sizeof *t);
	t->contact = c;
	t->name = buf_strdup(name);
	t->next = c->talk;
	c->talk = t;
	c->talks++;
	o->talks++;
	return t;
}

const struct talk *
talk_elsewhere(const struct contact *c, const char *name)
{
	const struct talk *t = c == NULL ? NULL : c->talk, *closed = NULL;

	for (; t != NULL; t = t->next) {
		if (t->state == OTR_PLAINTEXT || strcmp(t->name, name) == 0)
			continue;
		if (!t->closed)
			return t;
		closed = t;
	}
	return closed;
}

int
contact_may_begin(struct contact *c, long long now)
{
	long long minutes = (now - c->theirs_since) / OTR_AUTOMATIC;

	if (minutes >= c->theirs) {
		c->theirs = 0;
		c->theirs_since = now;
	} else {
		c->theirs -= (int)minutes;
		c->theirs_since += minutes * OTR_AUTOMATIC;
	}
	if (c->theirs > OTR_MAX_PLACES ||
	    (c->theirs > 0 && !c->made && now - c->theirs_at < OTR_AUTOMATIC))
		return 0;
	c->theirs++;
	c->made = 0;
	c->theirs_at = now;
	return 1;
}

void
contact_not_early(struct otr *o, struct contact *c)
{
	o->early -= c->early != NULL;
	free(c->early);
	c->early = NULL;
}

void
talk_report(struct otr *o, const struct talk *t, const char *words)
{
	struct contact *c = t->contact;
	struct buf b;

	if (c->erred && o->now - c->erred_at < OTR_AUTOMATIC)
		return;
	c->erred = 1;
	c->erred_at = o->now;
	buf_init(&b, 1024);
	buf_addf(&b, "?OTR Error: %s", words);
	queue_push(o, OTR_WIRE, t->name, buf_str(&b))->encrypted = 1;
	buf_clear(&b);
}

void
talk_close(struct otr *o, struct talk *t, int tell)
{
	if (t->state != OTR_ENCRYPTED)
		return;
	t->closed = 1;
	if (tell && !t->closed_told) {
		queue_push(o, OTR_STATE, t->name, NULL)->state = OTR_FINISHED;
		t->closed_told = 1;
	}
}

static void
end_smp(struct otr *o, struct talk *t)
{
	if (t->smp != OTR_SMP_NONE)
		queue_smp(o, t, OTR_SMP_ABORTED, NULL);
	t->smp = OTR_SMP_NONE;
}

void
talk_encrypted(struct otr *o, struct talk *t, ConnContext *ctx)
{
	if (ctx->active_fingerprint == NULL)
		return;
	t->abort |= t->smp != OTR_SMP_NONE;
	end_smp(o, t);
	t->ctx = ctx;
	t->state = OTR_ENCRYPTED;
	t->closed = t->closed_told = t->doubted = t->offline = 0;
	t->contact->made = 1;
	contact_not_early(o, t->contact);
	t->fresh = 1;
	t->version = (int)ctx->protocol_version;
	hex_write(ctx->active_fingerprint->fingerprint, 20, t->fingerprint);
	hex_write(ctx->sessionid, 8, t->ssid);
	queue_state(o, t);
}

void
talk_over(struct otr *o, struct talk *t, enum otr_state state)
{
	end_smp(o, t);
	t->state = state;
	t->closed = t->closed_told = t->doubted = 0;
	t->ctx = NULL;
	t->version = 0;
	t->ssid[0] = '\0';
	lib_forget(o, t, NULL);
	queue_state(o, t);
	t->fingerprint[0] = '\0';
}

void
talk_disconnect(struct otr *o, struct talk *t)
{
	OtrlTLV *tlv;
	char *message = NULL;

	if (t->state != OTR_ENCRYPTED || t->offline)
		return;
	tlv = otrl_tlv_new(OTRL_TLV_DISCONNECTED, 0, (const unsigned char *)"");
	if (otrl_proto_create_data(&message, t->ctx, "", tlv,
		OTRL_MSGFLAGS_IGNORE_UNREADABLE, NULL) == 0 &&
	    message != NULL)
		queue_push(o, OTR_WIRE, t->name, message)->encrypted = 1;
	otrl_message_free(message);
	otrl_tlv_free(tlv);
}

void
talk_free(struct otr *o, struct talk *t)
{
	lib_forget(o, t, NULL);
	unlink_talk(t);
	t->contact->talks--;
	o->talks--;
	free(t->name);
	free(t);
}

void
talk_clear(struct otr *o)
{
	size_t i;

	for (i = 0; i < o->contacts; i++) {
		while (o->contact[i]->talk != NULL)
			talk_free(o, o->contact[i]->talk);
		contact_not_early(o, o->contact[i]);
		free(o->contact[i]->name);
		free(o->contact[i]);
	}
	free(o->contact);
	o->contact = NULL;
	o->contacts = 0;
}
