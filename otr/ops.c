/* The functions that libotr calls. They queue items and update conversations.
 */
#include <stdint.h>
#include <string.h>

#include "otr/intern.h"

static const char no_session[] = "There is no encrypted session here.";

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
	static const char error[] = "?OTR Error: ";
	struct otr *o = data;

	(void)account;
	(void)protocol;
	(void)name;
	if (strncmp(message, error, sizeof error - 1) == 0)
		talk_report(o, o->current, message + sizeof error - 1);
	else
		queue_push(o, OTR_WIRE, o->current->name, message)->encrypted =
		    1;
}

int
ops_is_for_reading(const char *body)
{
	unsigned char flags = 0;

	return otrl_proto_message_type(body) == OTRL_MSGTYPE_DATA &&
	       otrl_proto_data_read_flags(body, &flags) == 0 &&
	       (flags & OTRL_MSGFLAGS_IGNORE_UNREADABLE) == 0;
}

void
ops_no_session(struct otr *o, enum otr_cause cause)
{
	queue_note(o, o->current->name, cause);
	if (o->ours)
		talk_report(o, o->current, no_session);
}

/*
 * Handles a message for another instance tag than ours: that of another client
 * of the account, or of this one with another resource.
 */
static void
report_instance(struct otr *o)
{
	if (ops_is_for_reading(o->body))
		ops_no_session(o, OTR_NOTE_INSTANCE);
}

/*
 * Returns the instance tag of this client: the same one after each restart, so
 * that its new session replaces the lost one at the peer. With a new tag the
 * peer would hold two sessions, and might go on with the lost one. Two clients
 * of one account differ in their full JID.
 */
static otrl_instag_t
own_instance_tag(const struct otr *o, const char *account, const char *protocol)
{
	const char *jid = o->account != NULL ? o->account : "";
	unsigned char key[20] = {0}, hash[32];
	gcry_buffer_t parts[2] = {
	    {.size = sizeof key, .data = key, .len = sizeof key},
	    {.size = strlen(jid),
		.data = (void *)(uintptr_t)jid,
		.len = strlen(jid)}};
	otrl_instag_t tag;

	(void)otrl_privkey_fingerprint_raw(o->us, key, account, protocol);
	(void)gcry_md_hash_buffers(GCRY_MD_SHA256, 0, hash, parts, 2);
	tag = (otrl_instag_t)hash[0] << 24 | (otrl_instag_t)hash[1] << 16 |
	      (otrl_instag_t)hash[2] << 8 | hash[3];
	return tag < OTRL_MIN_VALID_INSTAG ? tag + OTRL_MIN_VALID_INSTAG : tag;
}

/* Makes our instance tag; otrl_instag_generate would write a file. */
static void
on_instag(void *data, const char *account, const char *protocol)
{
	const struct otr *o = data;
	OtrlInsTag *tag = buf_alloc(sizeof *tag);

	tag->accountname = buf_strdup(account);
	tag->protocol = buf_strdup(protocol);
	tag->instag = own_instance_tag(o, account, protocol);
	tag->next = o->us->instag_root;
	if (tag->next != NULL)
		tag->next->tous = &tag->next;
	tag->tous = &o->us->instag_root;
	o->us->instag_root = tag;
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
		return no_session;
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
	(void)words; /* they are static */
}

static void
on_smp(void *data, OtrlSMPEvent event, ConnContext *c, unsigned short percent,
    char *question)
{
	struct otr *o = data;
	struct talk *t = o->current;
	int good = event == OTRL_SMPEVENT_SUCCESS;

	(void)percent;
	/* A message that ends the session may also have an SMP in it. */
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
		ops_no_session(o, OTR_NOTE_NO_SESSION);
		break;
	case OTRL_MSGEVENT_RCVDMSG_UNREADABLE:
		cause = OTR_NOTE_UNREADABLE;
		break;
	case OTRL_MSGEVENT_RCVDMSG_MALFORMED:
	case OTRL_MSGEVENT_RCVDMSG_UNRECOGNIZED:
		cause = OTR_NOTE_MALFORMED;
		break;
	case OTRL_MSGEVENT_RCVDMSG_FOR_OTHER_INSTANCE:
		report_instance(o);
		break;
	case OTRL_MSGEVENT_LOG_HEARTBEAT_SENT:
		/* Heartbeats are not sent. */
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

const OtrlMessageAppOps otr_ops = {
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
