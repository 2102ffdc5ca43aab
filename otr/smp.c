#include <string.h>

#include "otr/intern.h"

/*
 * Returns the conversation with P, prepared for libotr's callbacks; NULL with
 * the cause if it has no session, or if SECRET (NULL if not needed) or QUESTION
 * are too long or empty.
 */
static struct talk *
smp_talk(struct otr *o, const struct otr_peer *p, const char *question,
    const char *secret)
{
	struct talk *t;

	t = talk_find(contact_find(o, p->name), p->name);
	o->now = p->now;
	o->cause = OTR_OK;
	if (t == NULL || t->state != OTR_ENCRYPTED || t->closed)
		o->cause = OTR_REFUSED_SESSION;
	else if (secret != NULL && *secret == '\0')
		o->cause = OTR_REFUSED_EMPTY;
	else if ((secret != NULL && strlen(secret) > OTR_MAX_SMP) ||
		 strlen(question) > OTR_MAX_SMP)
		o->cause = OTR_REFUSED_LONG;
	o->current = o->cause == OTR_OK ? t : NULL;
	return o->current;
}

/* Returns -1 if libotr, which reports no error here, has sent nothing. */
static int
check_sent(struct otr *o, size_t queued)
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

	t = smp_talk(o, p, question == NULL ? "" : question, secret);
	if (t != NULL && t->smp != OTR_SMP_NONE)
		o->cause = OTR_REFUSED_BUSY;
	if (o->cause != OTR_OK)
		return -1;
	if (question != NULL)
		otrl_message_initiate_smp_q(o->us, &otr_ops, o, t->ctx,
		    question, (const unsigned char *)secret, strlen(secret));
	else
		otrl_message_initiate_smp(o->us, &otr_ops, o, t->ctx,
		    (const unsigned char *)secret, strlen(secret));
	if (check_sent(o, queued) == -1)
		return -1;
	t->smp = OTR_SMP_STARTED;
	t->theirs = 0;
	queue_smp(o, t, OTR_SMP_STARTED, question);
	return 0;
}

int
otr_smp_answer(struct otr *o, const struct otr_peer *p, const char *secret)
{
	struct talk *t = smp_talk(o, p, "", secret);
	size_t queued = o->queued;

	/* libotr would crash if there were nothing to answer. */
	if (t != NULL && t->smp != OTR_SMP_ASKED)
		o->cause = OTR_REFUSED_UNASKED;
	if (o->cause != OTR_OK)
		return -1;
	otrl_message_respond_smp(o->us, &otr_ops, o, t->ctx,
	    (const unsigned char *)secret, strlen(secret));
	if (check_sent(o, queued) == -1)
		return -1;
	t->smp = OTR_SMP_ANSWERED;
	return 0;
}

int
otr_smp_abort(struct otr *o, const struct otr_peer *p)
{
	struct talk *t = smp_talk(o, p, "", NULL);
	size_t queued = o->queued;

	if (t != NULL && t->smp == OTR_SMP_NONE)
		o->cause = OTR_REFUSED_UNASKED;
	if (o->cause != OTR_OK)
		return -1;
	t->smp = OTR_SMP_NONE;
	otrl_message_abort_smp(o->us, &otr_ops, o, t->ctx);
	queue_smp(o, t, OTR_SMP_ABORTED, NULL);
	return check_sent(o, queued + 1); /* not counting the item above */
}
