#include "line/message.h"

#include <string.h>

#include "line/archive.h"
#include "line/fate.h"
#include "line/job.h"
#include "line/muc.h"
#include "line/wait.h"

void
message_address(const struct client *c, const char *jid, char to[JID_SIZE])
{
	const struct resource *best;
	const struct chat *chat;
	const char *place;
	size_t n = strlen(jid);

	memcpy(to, jid, n + 1);
	if (jid_resource(jid) != NULL)
		return;
	chat = map_find(&c->chats, jid);
	best = roster_best(roster_find(&c->roster, jid));
	if (best != NULL && *best->name == '\0')
		best = NULL;
	place = encrypt_place(c, jid);
	if (place != NULL &&
	    (best == NULL || (chat != NULL && chat->expanded))) {
		memcpy(to, place, strlen(place) + 1);
	} else if (best != NULL && (chat == NULL || !chat->expanded)) {
		to[n] = '/';
		memcpy(to + n + 1, best->name, strlen(best->name) + 1);
	}
}

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
	event_begin(&c->event, EVENT_WARNING, to, why, sizeof why - 1);
	event_set_number(&c->event, "line", (long long)c->line);
	event_end(&c->event);
}

int
message_put(struct client *c, const char *to, const char *type, const char *id,
    const struct encrypt_result *text)
{
	int chat = strcmp(type, "chat") == 0;
	struct buf *out = stream_out(c->stream);
	size_t before = buf_len(out);
	struct writer w;

	writer_init(&w, out);
	writer_open(&w, "message", NULL);
	writer_attr(&w, "to", to);
	writer_attr(&w, "type", type);
	writer_attr(&w, "id", id);
	writer_open(&w, "body", NULL);
	writer_text(&w, text->body, text->len);
	writer_close(&w);
	if (text->encrypted)
		encrypt_hints(&w);
	if (chat)
		writer_leaf(&w, "request", NS_RECEIPTS, NULL);
	if (chat && muc_find(c, to) != NULL)
		writer_leaf(&w, "x", NS_MUC_USER, NULL);
	if (writer_end(&w) == 0 && buf_len(out) - before <= STANZA_MAX)
		return 0;
	buf_cut(out, before);
	return -1;
}

/* Answers the current line by error: nothing was sent. */
static void
refuse(struct client *c, const char *jid, const char *cause, const char *why)
{
	job_error(c, jid, cause, why);
	wait_reset(c, NULL);
}

static void
sent(struct client *c, const char *to, const char *id, const char *text,
    size_t n, const struct encrypt_result *result)
{
	struct chat *chat = client_chat(c, to);

	warn_elsewhere(c, chat, to);
	chat->spoken = 1;
	fate_add(c, to, id, result->encrypted);
	archive_out(c, to, id, text, n, result->encrypted);
	event_begin(&c->event, EVENT_SENT, to, text, n);
	event_set_number(&c->event, "line", (long long)c->line);
	event_set(&c->event, "id", id);
	event_set(&c->event, "enc", result->encrypted ? "otr" : "none");
	event_set(&c->event, "trust", result->trust);
	event_set(
	    &c->event, "fp", result->encrypted ? result->fingerprint : NULL);
	event_end(&c->event);
	c->answered = 1;
	wait_reset(c, id);
}

/* Whether and how N bytes of TEXT may go to TO in FORM; -1 with a cause. */
static int
prepare(struct client *c, const char *to, const char *text, size_t n,
    enum message_form form, struct encrypt_result *result)
{
	if (muc_find(c, to) != NULL)
		return muc_private(c, to, text, n, result);
	if (form == MESSAGE_TEXT)
		return encrypt_text(c, to, text, n, result);
	return encrypt_raw(c, to, text, n, form == MESSAGE_ENCRYPTED, result);
}

void
message_send(struct client *c, const char *jid, const char *text, size_t n,
    enum message_form form)
{
	char to[JID_SIZE], id[NONCE_ID + 1];
	struct encrypt_result result;

	if (client_is_self(c, jid)) {
		refuse(c, jid, "policy", "that is our own account");
		return;
	}
	if (muc_find(c, jid) != NULL && form == MESSAGE_ENCRYPTED) {
		refuse(c, jid, "not-encrypted", "there is no OTR in rooms");
		return;
	}
	if (muc_find(c, jid) != NULL && jid_resource(jid) == NULL) {
		muc_send(c, jid, text, n);
		return;
	}
	if (c->link != LINK_ONLINE) {
		refuse(c, jid, "not-connected", NULL);
		return;
	}
	message_address(c, jid, to);
	nonce_id(c->nonce, id);
	if (prepare(c, to, text, n, form, &result) == -1)
		refuse(c, to, result.cause, result.why);
	else if (message_put(c, to, "chat", id, &result) == -1)
		refuse(c, to, "too-long", NULL);
	else
		sent(c, to, id, text, n, &result);
	encrypt_flush(c);
}
