#include "line/command/send.h"

#include <stdlib.h>
#include <string.h>

#include "line/command/args.h"
#include "line/command/command.h"
#include "line/core/answer.h"
#include "line/disk/histories.h"
#include "line/room/room.h"
#include "line/talk/chat.h"
#include "line/talk/encrypt.h"
#include "line/talk/fate.h"
#include "line/talk/gate.h"
#include "line/talk/omemo_line.h"

/* Says, once until they write again, that another one wrote last. */
static void
warn_elsewhere(struct client *c, struct chat *chat, const char *to)
{
	static const char why[] =
	    "this goes to another resource than the one that wrote last";

	if (chat->wrote == NULL || chat->warned || jid_resource(to) == NULL ||
	    strcmp(chat->wrote, to) == 0)
		return;
	chat->warned = 1;
	event_begins(&c->event, EVENT_WARNING, to, why);
	event_set_number(&c->event, "line", (long long)c->lines.line);
	event_end(&c->event);
}

static void
sent(struct client *c, const char *to, const char *id, const char *text,
    size_t n, const struct message_out *result)
{
	struct chat *chat = chat_need(c, to);

	warn_elsewhere(c, chat, to);
	chat->spoken = 1;
	fate_add(c, to, id, result->encrypted);
	chat_sent(c, to, id, result->replaces);
	histories_out(c, to, id, text, n, result->encrypted ? "otr" : NULL);
	event_begin(&c->event, EVENT_SENT, to, text, n);
	event_set_number(&c->event, "line", (long long)c->lines.line);
	event_set(&c->event, "id", id);
	event_set(&c->event, "enc", result->encrypted ? "otr" : "none");
	event_set(&c->event, "trust", result->trust);
	event_set(
	    &c->event, "fp", result->encrypted ? result->fingerprint : NULL);
	event_set(&c->event, "replaces", result->replaces);
	event_end(&c->event);
	answer_sent(c, id);
}

/* Decides whether and how N bytes of TEXT may go to TO, in FORM; -1 with a
 * cause. */
static int
prepare(struct client *c, const char *to, const char *text, size_t n,
    enum message_form form, struct message_out *result)
{
	if (client_is_room(c, to))
		return room_private(c, to, text, n, result);
	if (form == MESSAGE_TEXT)
		return encrypt_text(c, to, text, n, result);
	return encrypt_raw(c, to, text, n, form == MESSAGE_ENCRYPTED, result);
}

/* Stands beside a text; each may be NULL. */
struct beside {
	char *subject;
	const char *replaces; /* the id of the message that it corrects */
};

/*
 * Refuses a text to JID, see answer_error. At a terminal it is back on the line
 * then, so the subject BESIDE it stays for the next message.
 */
static void
refuse_text(struct client *c, const char *jid, const char *cause,
    const char *why, struct beside *beside)
{
	answer_error(c, jid, cause, why);
	if (!c->options.terminal)
		return;
	answer_subject(c, beside->subject);
	beside->subject = NULL;
}

static void
refuse_self(
    struct client *c, const char *jid, const char *words, struct beside *beside)
{
	char why[MESSAGE_WORDS];

	encrypt_words(jid,
	    words != NULL ? words
			  : "not sent: that is your own account; /encryption "
			    "none lets text go in the clear to your other "
			    "clients",
	    why);
	refuse_text(c, jid, "policy", why, beside);
}

/*
 * Returns why SUBJECT cannot go with a message to JID, ENCRYPTED or not; NULL
 * if it can. Nothing of an encrypted message may be readable (XEP-0420).
 */
static const char *
refuse_subject(const struct client *c, const char *jid, int encrypted)
{
	if (client_is_room(c, jid) && jid_resource(jid) == NULL)
		return "a room has a /topic and its messages no subject";
	return encrypted ? "a subject would not be encrypted; it is dropped"
			 : NULL;
}

/* Does the line of a text to JID anew, now that its devices are known. */
static void
send_again(struct client *c, const char *jid, const char *text)
{
	const char *replaces = omemo_line_replaces(c);
	char *copy = buf_strdup(replaces);

	if (copy == NULL)
		message_send(c, jid, text, strlen(text), MESSAGE_TEXT);
	else
		message_correct(c, jid, text, strlen(text), copy);
	free(copy);
}

/*
 * Decides how N bytes of TEXT with what is BESIDE go to JID. Returns 0 if that
 * is settled: they are refused, or go by OMEMO.
 */
static int
pass_gate(struct client *c, const char *jid, const char *text, size_t n,
    struct beside *beside)
{
	char words[MESSAGE_WORDS];
	const char *why;

	switch (gate_text(c, jid, &why)) {
	case GATE_REFUSED:
		encrypt_words(jid, why, words);
		refuse_text(c, jid, "policy", words, beside);
		return 0;
	case GATE_OMEMO:
		if (beside->subject != NULL) {
			answer_error(
			    c, jid, "policy", refuse_subject(c, jid, 1));
			return 0;
		}
		omemo_line_send(c, jid, text, n, beside->replaces, send_again);
		return 0;
	case GATE_OTR:
	case GATE_CLEAR:
		break;
	}
	return 1;
}

void
command_subject(struct client *c, const char *args)
{
	char *text = args_text(c, args);

	if (text == NULL)
		return;
	answer_subject(c, text);
	answer_ok(c, NULL, "the next message has this subject");
}

/* Sends N bytes of TEXT to JID in FORM, with what is BESIDE. */
static void
send_with(struct client *c, const char *jid, const char *text, size_t n,
    enum message_form form, struct beside *beside)
{
	char to[JID_SIZE], id[NONCE_ID + 1];
	struct message_out result;

	encrypt_address(c, jid, to);
	nonce_id(c->nonce, id);
	if (prepare(c, to, text, n, form, &result) == -1) {
		refuse_text(c, to, result.cause, result.why, beside);
		return;
	}
	result.subject = beside->subject;
	result.replaces = beside->replaces;
	if (beside->subject != NULL && result.encrypted)
		answer_error(c, to, "policy", refuse_subject(c, to, 1));
	else if (message_put(c, to, "chat", id, &result) == -1)
		answer_error(c, to, "too-long", NULL);
	else
		sent(c, to, id, text, n, &result);
}

static void
send_to_room(struct client *c, const char *jid, const char *text, size_t n,
    const char *replaces)
{
	struct message_out result;
	const char *why;

	if (gate_text(c, jid, &why) == GATE_OMEMO) {
		room_send(c, jid, text, n, replaces);
		return;
	}
	if (why != NULL) {
		encrypt_words(jid, why, result.why);
		answer_error(c, jid, "policy", result.why);
		return;
	}
	if (encrypt_in_room(c, jid, &result) == -1)
		answer_error(c, jid, result.cause, result.why);
	else
		room_send(c, jid, text, n, replaces);
}

/* Does as message_send, for a text that corrects the message REPLACES (or NULL:
 * none). */
static void
send_or_correct(struct client *c, const char *jid, const char *text, size_t n,
    enum message_form form, const char *replaces)
{
	/* A message that is refused has used it up, too; see refuse_text. */
	char *subject = answer_subject(c, NULL);
	const char *refused = NULL, *why = subject == NULL
					       ? NULL
					       : refuse_subject(c, jid,
						     form == MESSAGE_ENCRYPTED);
	struct beside beside = {subject, replaces};

	if (client_is_self(c, jid) &&
	    (form != MESSAGE_TEXT ||
		gate_text(c, jid, &refused) == GATE_REFUSED))
		refuse_self(c, jid, refused, &beside);
	else if (client_is_room(c, jid) && form == MESSAGE_ENCRYPTED)
		answer_error(
		    c, jid, "not-encrypted", "there is no OTR in rooms");
	else if (why != NULL)
		answer_error(c, jid, "policy", why);
	else if (client_is_room(c, jid) && jid_resource(jid) == NULL)
		send_to_room(c, jid, text, n, replaces);
	else if (c->link.state != LINK_ONLINE)
		refuse_text(c, jid, "not-connected", NULL, &beside);
	else if (form != MESSAGE_TEXT || client_is_room(c, jid) ||
		 pass_gate(c, jid, text, n, &beside))
		send_with(c, jid, text, n, form, &beside);
	encrypt_flush(c);
	free(beside.subject);
}

void
message_send(struct client *c, const char *jid, const char *text, size_t n,
    enum message_form form)
{
	send_or_correct(c, jid, text, n, form, NULL);
}

void
message_correct(struct client *c, const char *jid, const char *text, size_t n,
    const char *replaces)
{
	send_or_correct(c, jid, text, n, MESSAGE_TEXT, replaces);
}
