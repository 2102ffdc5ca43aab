#include <stdlib.h>
#include <string.h>

#include "otr/intern.h"

int
lib_ready(void)
{
	static int state; /* the one of the library, not of ours */

	if (state == 0) {
		state = -1;
		if (otrl_init(OTRL_VERSION_MAJOR, OTRL_VERSION_MINOR,
			OTRL_VERSION_SUB) == 0) {
			gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
			state = 1;
		}
	}
	return state == 1 ? 0 : -1;
}

OtrlPolicy
lib_policy(unsigned versions)
{
	/*
	 * Nothing but the versions: whether to encrypt, tag or start is
	 * decided on our side, and libotr must not decide it again.
	 */
	return ((versions & OTR_V2) != 0 ? OTRL_POLICY_ALLOW_V2 : 0u) |
	       ((versions & OTR_V3) != 0 ? OTRL_POLICY_ALLOW_V3 : 0u);
}

ConnContext *
lib_context(struct otr *o, const struct talk *t, unsigned tag)
{
	return otrl_context_find(o->us, t->name, OTR_ACCOUNT, OTR_PROTOCOL, tag,
	    0, NULL, NULL, NULL);
}

static int
is_of(const ConnContext *c, const struct talk *t)
{
	return strcmp(c->username, t->name) == 0;
}

/*
 * The children of a master are forgotten before it. libotr leaves two traps:
 * the master keeps pointing at a child that is gone, and (in 4.1.1) the
 * private part is never freed.
 */
static void
forget(ConnContext *c)
{
	ConnContextPriv *priv = c->context_priv;
	ConnContext *m = c->m_context;

	otrl_context_force_plaintext(c);
	if (m != c) {
		if (m->recent_child == c)
			m->recent_child = m;
		if (m->recent_rcvd_child == c)
			m->recent_rcvd_child = m;
		if (m->recent_sent_child == c)
			m->recent_sent_child = m;
	}
	if (otrl_context_forget(c) == 0 && strcmp(otrl_version(), "4.1.1") == 0)
		free(priv);
}

/* Each handshake may leave a fingerprint: only that of KEEP is of use. */
static void
forget_prints(const ConnContext *keep)
{
	Fingerprint *f, *next;

	for (f = keep->m_context->fingerprint_root.next; f != NULL; f = next) {
		next = f->next;
		if (f != keep->active_fingerprint)
			otrl_context_forget_fingerprint(f, 0);
	}
}

void
lib_forget(struct otr *o, const struct talk *t, const ConnContext *keep)
{
	ConnContext *c, *next, *m = NULL;

	for (c = o->us->context_root; c != NULL; c = next) {
		next = c->next;
		if (!is_of(c, t) || c == keep)
			continue;
		if (c->m_context == c)
			m = c;
		else
			forget(c);
	}
	if (keep != NULL)
		forget_prints(keep);
	if (m != NULL && keep == NULL)
		forget(m);
	else if (m != NULL)
		otrl_auth_clear(&m->auth);
}

void
lib_bound(struct otr *o, const struct talk *t, const ConnContext *keep)
{
	ConnContext *c, *oldest;
	int n;

	do {
		n = 0;
		oldest = NULL;
		for (c = o->us->context_root; c != NULL; c = c->next) {
			if (!is_of(c, t) || c->m_context == c)
				continue;
			n++;
			if (c != keep && c != t->ctx &&
			    (oldest == NULL ||
				c->context_priv->lastrecv <
				    oldest->context_priv->lastrecv))
				oldest = c;
		}
		if (n > OTR_MAX_INSTANCES && oldest != NULL)
			forget(oldest);
	} while (n > OTR_MAX_INSTANCES + 1 && oldest != NULL);
}

void
lib_fragments(struct otr *o, const struct talk *t, size_t n)
{
	ConnContext *c;
	ConnContextPriv *p;

	for (c = o->us->context_root; c != NULL; c = c->next) {
		p = c->context_priv;
		if (!is_of(c, t) || p->fragment_len + n <= OTR_MAX_BODY)
			continue;
		free(p->fragment);
		p->fragment = NULL;
		p->fragment_len = 0;
		p->fragment_n = p->fragment_k = 0;
	}
}

/* A handshake that breaks off late has taken the keys, and left the state. */
int
lib_alive(const ConnContext *c)
{
	return c->msgstate == OTRL_MSGSTATE_ENCRYPTED &&
	       c->context_priv->their_keyid > 0 &&
	       c->context_priv->sesskeys[0][0].sendenc != NULL &&
	       c->context_priv->sesskeys[1][0].sendenc != NULL;
}

void
lib_scrub(ConnContext *c)
{
	gcry_free(c->context_priv->lastmessage);
	c->context_priv->lastmessage = NULL;
	c->context_priv->may_retransmit = 0;
}

/* From here on: what libotr calls. All that these do is to queue. */

static OtrlPolicy
on_policy(void *data, ConnContext *c)
{
	const struct otr *o = data;

	(void)c;
	return o->allowed;
}

static void
on_inject(void *data, const char *account, const char *protocol,
    const char *name, const char *message)
{
	struct otr *o = data;

	(void)account;
	(void)protocol;
	(void)name;
	queue_push(o, OTR_WIRE, o->current->name, message)->encrypted = 1;
}

/*
 * Without an instance tag no handshake is ever completed. It is made when
 * libotr wants it: the first random bytes of libgcrypt cost a login more than
 * its own lines. As otrl_instag_generate does it, which wants a file to write.
 */
static void
on_instag(void *data, const char *account, const char *protocol)
{
	OtrlUserState us = ((struct otr *)data)->us;
	OtrlInsTag *tag = buf_alloc(sizeof *tag);

	tag->accountname = buf_strdup(account);
	tag->protocol = buf_strdup(protocol);
	tag->instag = otrl_instag_get_new();
	tag->next = us->instag_root;
	if (tag->next != NULL)
		tag->next->tous = &tag->next;
	tag->tous = &us->instag_root;
	us->instag_root = tag;
}

static void
on_secure(void *data, ConnContext *c)
{
	struct otr *o = data;

	talk_encrypted(o, o->current, c);
}

static void
on_still_secure(void *data, ConnContext *c, int is_reply)
{
	(void)is_reply;
	on_secure(data, c);
}

static const char *
on_error(void *data, ConnContext *c, OtrlErrorCode code)
{
	(void)data;
	(void)c;
	switch (code) {
	case OTRL_ERRCODE_ENCRYPTION_ERROR:
		return "A message could not be encrypted.";
	case OTRL_ERRCODE_MSG_NOT_IN_PRIVATE:
		return "There is no encrypted session here.";
	case OTRL_ERRCODE_MSG_UNREADABLE:
		return "An encrypted message could not be read.";
	case OTRL_ERRCODE_NONE:
	case OTRL_ERRCODE_MSG_MALFORMED:
		break;
	}
	return "A message of no known form was received.";
}

static void
on_error_free(void *data, const char *words)
{
	(void)data;
	(void)words; /* static */
}

static void
on_smp(void *data, OtrlSMPEvent event, ConnContext *c, unsigned short percent,
    char *question)
{
	struct otr *o = data;
	struct talk *t = o->current;
	int good = event == OTRL_SMPEVENT_SUCCESS;

	(void)percent;
	/* A message that ends the session may carry an SMP as well. */
	if (c != t->ctx || c->msgstate != OTRL_MSGSTATE_ENCRYPTED)
		return;
	switch (event) {
	case OTRL_SMPEVENT_ASK_FOR_ANSWER:
	case OTRL_SMPEVENT_ASK_FOR_SECRET:
		t->smp = OTR_SMP_ASKED;
		t->theirs = event == OTRL_SMPEVENT_ASK_FOR_ANSWER;
		queue_smp(o, t, OTR_SMP_ASKED, t->theirs ? question : NULL);
		return;
	case OTRL_SMPEVENT_SUCCESS:
	case OTRL_SMPEVENT_FAILURE:
		queue_smp(o, t, good ? OTR_SMP_SUCCEEDED : OTR_SMP_FAILED, NULL)
		    ->proves = good && !t->theirs;
		break;
	case OTRL_SMPEVENT_ERROR:
	case OTRL_SMPEVENT_CHEATED:
		t->abort = 1;
		/* FALLTHROUGH */
	case OTRL_SMPEVENT_ABORT:
		if (t->smp != OTR_SMP_NONE)
			queue_smp(o, t, OTR_SMP_ABORTED, NULL);
		break;
	case OTRL_SMPEVENT_NONE:
	case OTRL_SMPEVENT_IN_PROGRESS:
		return;
	}
	t->smp = OTR_SMP_NONE;
}

static void
on_message(void *data, OtrlMessageEvent event, ConnContext *c,
    const char *message, gcry_error_t err)
{
	struct otr *o = data;
	enum otr_cause cause = OTR_OK;

	(void)c;
	(void)message;
	(void)err;
	switch (event) {
	case OTRL_MSGEVENT_SETUP_ERROR:
		cause = OTR_NOTE_SETUP;
		break;
	case OTRL_MSGEVENT_MSG_REFLECTED:
		cause = OTR_NOTE_REFLECTED;
		break;
	case OTRL_MSGEVENT_RCVDMSG_NOT_IN_PRIVATE:
		cause = OTR_NOTE_NO_SESSION;
		break;
	case OTRL_MSGEVENT_RCVDMSG_UNREADABLE:
		cause = OTR_NOTE_UNREADABLE;
		break;
	case OTRL_MSGEVENT_RCVDMSG_MALFORMED:
	case OTRL_MSGEVENT_RCVDMSG_UNRECOGNIZED:
		cause = OTR_NOTE_MALFORMED;
		break;
	case OTRL_MSGEVENT_RCVDMSG_FOR_OTHER_INSTANCE:
		cause = OTR_NOTE_INSTANCE;
		break;
	case OTRL_MSGEVENT_LOG_HEARTBEAT_SENT:
		/* Nothing is sent unasked: take it back. */
		queue_drop(o);
		break;
	default:
		break;
	}
	if (cause != OTR_OK)
		queue_note(o, o->current->name, cause);
}

static void
on_timer(void *data, unsigned int interval)
{
	struct otr *o = data;

	o->deadline = interval == 0 ? -1 : o->now + interval * 1000LL;
}

const OtrlMessageAppOps lib_ops = {
    .policy = on_policy,
    .create_instag = on_instag,
    .inject_message = on_inject,
    .gone_secure = on_secure,
    .still_secure = on_still_secure,
    .otr_error_message = on_error,
    .otr_error_message_free = on_error_free,
    .handle_smp_event = on_smp,
    .handle_msg_event = on_message,
    .timer_control = on_timer,
};
