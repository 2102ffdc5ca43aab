#include <string.h>

#include "otr/intern.h"

/*
 * The conversation with P as libotr's callbacks need it, where it has a
 * session and SECRET (NULL: none is needed) and QUESTION fit; else NULL with
 * the cause.
 */
static struct talk *
begin(struct otr *o, const struct otr_peer *p, const char *question,
    const char *secret)
{
	struct talk *t;

	t = talk_find(contact_find(o, p->name), p->name);
	o->now = p->now;
	o->cause = OTR_OK;
	if (t == NULL || t->state != OTR_ENCRYPTED)
		o->cause = OTR_REFUSED_SESSION;
	else if (secret != NULL && *secret == '\0')
		o->cause = OTR_REFUSED_EMPTY;
	else if ((secret != NULL && strlen(secret) > OTR_MAX_SMP) ||
		 strlen(question) > OTR_MAX_SMP)
		o->cause = OTR_REFUSED_LONG;
	o->current = o->cause == OTR_OK ? t : NULL;
	return o->current;
}

/* -1 where libotr, which reports nothing here, has sent nothing. */
static int
sent(struct otr *o, size_t queued)
{
	lib_scrub(o->current->ctx);
	if (o->queued > queued)
		return 0;
	o->cause = OTR_REFUSED_FAILED;
	return -1;
}

int
otr_smp_start(struct otr *o, const struct otr_peer *p, const char *question,
    const char *secret)
{
	struct talk *t;
	size_t queued = o->queued;

	t = begin(o, p, question == NULL ? "" : question, secret);
	if (t != NULL && t->smp != OTR_SMP_NONE)
		o->cause = OTR_REFUSED_BUSY;
	if (o->cause != OTR_OK)
		return -1;
	if (question != NULL)
		otrl_message_initiate_smp_q(o->us, &lib_ops, o, t->ctx,
		    question, (const unsigned char *)secret, strlen(secret));
	else
		otrl_message_initiate_smp(o->us, &lib_ops, o, t->ctx,
		    (const unsigned char *)secret, strlen(secret));
	if (sent(o, queued) == -1)
		return -1;
	t->smp = OTR_SMP_STARTED;
	t->theirs = 0;
	queue_smp(o, t, OTR_SMP_STARTED, question);
	return 0;
}

int
otr_smp_answer(struct otr *o, const struct otr_peer *p, const char *secret)
{
	struct talk *t = begin(o, p, "", secret);
	size_t queued = o->queued;

	/* Without something to answer libotr would crash. */
	if (t != NULL && t->smp != OTR_SMP_ASKED)
		o->cause = OTR_REFUSED_UNASKED;
	if (o->cause != OTR_OK)
		return -1;
	otrl_message_respond_smp(o->us, &lib_ops, o, t->ctx,
	    (const unsigned char *)secret, strlen(secret));
	if (sent(o, queued) == -1)
		return -1;
	t->smp = OTR_SMP_ANSWERED;
	return 0;
}

int
otr_smp_abort(struct otr *o, const struct otr_peer *p)
{
	struct talk *t = begin(o, p, "", NULL);
	size_t queued = o->queued;

	if (t != NULL && t->smp == OTR_SMP_NONE)
		o->cause = OTR_REFUSED_UNASKED;
	if (o->cause != OTR_OK)
		return -1;
	t->smp = OTR_SMP_NONE;
	otrl_message_abort_smp(o->us, &lib_ops, o, t->ctx);
	queue_smp(o, t, OTR_SMP_ABORTED, NULL);
	return sent(o, queued + 1); /* beside the item above */
}
