#include <stdlib.h>
#include <string.h>

#include "otr/intern.h"

struct otr_item *
queue_push(
    struct otr *o, enum otr_type type, const char *name, const char *text)
{
	struct item *i = buf_alloc(sizeof *i);

	i->pub.type = type;
	i->pub.peer = i->peer = buf_strdup(name);
	i->pub.text = i->text = buf_strdup(text);
	if (o->first == NULL)
		o->first = i;
	else
		o->last->next = i;
	o->last = i;
	o->queued++;
	return &i->pub;
}

void
queue_drop(struct otr *o)
{
	if (o->first != NULL)
		o->last->dropped = 1;
}

void
queue_note(struct otr *o, const char *name, enum otr_cause cause)
{
	queue_push(o, OTR_NOTE, name, otr_cause_words(cause))->cause = cause;
}

void
queue_state(struct otr *o, const struct talk *t)
{
	struct otr_item *i = queue_push(o, OTR_STATE, t->name, NULL);

	i->state = t->state;
	i->version = t->version;
	memcpy(i->fingerprint, t->fingerprint, sizeof i->fingerprint);
	memcpy(i->ssid, t->ssid, sizeof i->ssid);
}

struct otr_item *
queue_smp(
    struct otr *o, const struct talk *t, enum otr_smp smp, const char *question)
{
	struct otr_item *i = queue_push(o, OTR_SMP, t->name, question);

	i->smp = smp;
	memcpy(i->fingerprint, t->fingerprint, sizeof i->fingerprint);
	return i;
}

static void
item_free(struct item *i)
{
	if (i == NULL)
		return;
	free(i->peer);
	buf_free_secret(i->text);
	free(i);
}

int
otr_next(struct otr *o, struct otr_item *item)
{
	int dropped;

	do {
		item_free(o->lent);
		if ((o->lent = o->first) == NULL)
			return 0;
		o->first = o->lent->next;
		o->queued--;
		dropped = o->lent->dropped;
	} while (dropped);
	*item = o->lent->pub;
	return 1;
}

void
queue_clear(struct otr *o)
{
	struct otr_item item;

	while (otr_next(o, &item))
		;
}
