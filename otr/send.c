#include <stdlib.h>
#include <string.h>

#include "otr/intern.h"

#define DATA "?OTR:"

static int
refuse(struct otr *o, enum otr_cause cause)
{
	o->cause = cause;
	return -1;
}

/*
 * Not by otrl_message_sending: that one sends a query instead of a text that
 * holds `?OTRv`, keeps what it refuses, and says success where nothing was
 * encrypted.
 */
int
send_data(struct otr *o, struct talk *t, unsigned long tag, const char *plain)
{
	struct otr_item *i;
	char *message = NULL;
	int r = -1;

	o->current = t;
	if (otrl_proto_create_data(&message, t->ctx, plain, NULL, 0, NULL) !=
		0 ||
	    message == NULL || strncmp(message, DATA, sizeof DATA - 1) != 0) {
		refuse(o, OTR_REFUSED_FAILED);
		goto out;
	}
	lib_scrub(t->ctx);
	talk_used(t);
	i = queue_push(o, OTR_WIRE, t->name, message);
	i->encrypted = 1;
	i->tag = tag;
	r = 0;
out:
	otrl_message_free(message);
	return r;
}

int
send_judge(struct otr *o, const struct otr_peer *p, size_t len, struct send *s)
{
	s->contact = contact_make(o, p->name);
	s->talk = talk_find(s->contact, p->name);
	s->state = s->talk == NULL ? OTR_PLAINTEXT : s->talk->state;
	s->elsewhere = talk_elsewhere(s->contact, p->name);
	o->cause = OTR_OK;
	o->now = p->now;
	s->contact->open = 1;
	if (len > OTR_MAX_TEXT)
		return refuse(o, OTR_REFUSED_LONG);
	if (o->queued >= MAX_QUEUED)
		return refuse(o, OTR_REFUSED_FULL);
	s->gate = otr_gate(
	    s->state, s->elsewhere, s->contact->wish, p->policies, p->versions);
	return 0;
}

int
otr_send_raw(struct otr *o, const struct otr_peer *p, unsigned long tag,
    const char *bytes, int encrypted)
{
	struct send s;

	if (send_judge(o, p, strlen(bytes), &s) == -1)
		return -1;
	switch (s.gate) {
	case OTR_GATE_ENCRYPT:
		return encrypted ? send_data(o, s.talk, tag, bytes)
				 : refuse(o, OTR_REFUSED_RAW);
	case OTR_GATE_TAG:
	case OTR_GATE_CLEAR:
		if (encrypted)
			return refuse(o, OTR_REFUSED_SESSION);
		queue_push(o, OTR_WIRE, p->name, bytes)->tag = tag;
		return 0;
	case OTR_GATE_REFUSE:
		break;
	}
	return refuse(o, encrypted ? OTR_REFUSED_SESSION : OTR_REFUSED_RAW);
}
