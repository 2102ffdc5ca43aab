#include <stdlib.h>
#include <string.h>

#include "otr/intern.h"

/* Compares the contact's name KEY of N bytes with NAME. */
static int
compare(const char *key, size_t n, const char *name)
{
	int r = strncmp(key, name, n);

	return r != 0 ? r : name[n] == '\0' ? 0 : -1;
}

/* Where the contact of NAME stands, or would; FOUND: whether it does. */
static size_t
place(const struct otr *o, const char *name, int *found)
{
	size_t n = strcspn(name, "/"), low = 0, high = o->contacts, mid;
	int r = 1;

	while (low < high && r != 0) {
		mid = low + (high - low) / 2;
		r = compare(name, n, o->contact[mid]->name);
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
	size_t at = place(o, name, &found);

	return found ? o->contact[at] : NULL;
}

struct contact *
contact_make(struct otr *o, const char *name)
{
	int found;
	size_t at = place(o, name, &found), n = o->contacts;
	struct contact *c;

	if (found)
		return o->contact[at];
	/* Full exactly where the count is a power of two: doubled. */
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

/* The longest unused conversation of C in STATE, or NULL. */
static struct talk *
oldest(const struct contact *c, enum otr_state state)
{
	struct talk *t, *found = NULL;

	for (t = c->talk; t != NULL; t = t->next)
		if (t->state == state)
			found = t;
	return found;
}

/*
 * Makes room for one more place of C. A session may go when there are others
 * that keep the gate closed: peers that lose theirs come back with another
 * name each time.
 */
static int
make_room(struct otr *o, struct contact *c)
{
	struct talk *t = NULL;
	size_t i;

	if (c->talks >= OTR_MAX_PLACES) {
		if ((t = oldest(c, OTR_PLAINTEXT)) == NULL &&
		    (t = oldest(c, OTR_FINISHED)) == NULL) {
			t = oldest(c, OTR_ENCRYPTED);
			talk_disconnect(o, t);
			talk_over(o, t, OTR_FINISHED);
		}
	} else if (o->talks >= OTR_MAX_CONVERSATIONS) {
		for (i = 0; i < o->contacts && t == NULL; i++)
			t = oldest(o->contact[i], OTR_PLAINTEXT);
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

	if (t != NULL || make_room(o, c) == -1)
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

int
talk_elsewhere(const struct contact *c, const char *name)
{
	const struct talk *t = c == NULL ? NULL : c->talk;

	for (; t != NULL; t = t->next)
		if (t->state != OTR_PLAINTEXT && strcmp(t->name, name) != 0)
			return 1;
	return 0;
}

static void
smp_over(struct otr *o, struct talk *t)
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
	smp_over(o, t);
	t->ctx = ctx;
	t->state = OTR_ENCRYPTED;
	t->fresh = 1;
	t->version = (int)ctx->protocol_version;
	key_hex(ctx->active_fingerprint->fingerprint, 20, t->fingerprint);
	key_hex(ctx->sessionid, 8, t->ssid);
	queue_state(o, t);
}

void
talk_over(struct otr *o, struct talk *t, enum otr_state state)
{
	smp_over(o, t);
	t->state = state;
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

	if (t->state != OTR_ENCRYPTED)
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
		free(o->contact[i]->name);
		free(o->contact[i]);
	}
	free(o->contact);
	o->contact = NULL;
	o->contacts = 0;
}
