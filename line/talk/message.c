#include "line/talk/message.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/link.h"
#include "line/core/notice.h"
#include "line/disk/histories.h"
#include "line/talk/chat.h"
#include "line/talk/content.h"
#include "line/talk/delay.h"
#include "line/talk/duplicate.h"
#include "line/talk/mark.h"
#include "line/talk/omemo_xml.h"
#include "line/text/fields.h"
#include "xmpp/occupants.h"

#define NS_ENCRYPTION "urn:xmpp:eme:0" /* XEP-0380 */
#define NS_OTR	      "urn:xmpp:otr:0"

/* Notes that FROM wrote, and nobody has read it yet. */
static void
note_chat(struct client *c, const char *from, enum incoming_way way)
{
	struct chat *chat = chat_need(c, from);

	/* An archived message does not tell which client they use now. */
	if (way == INCOMING_ARCHIVE) {
		chat_wrote(c, from);
		if (chat->replayed != c->link.sessions + 1)
			notice_message(c, from, "chat");
		chat->replayed = c->link.sessions + 1;
		return;
	}
	chat->warned = 0;
	if (jid_resource(from) != NULL && !client_is_room(c, from) &&
	    (chat->wrote == NULL || strcmp(chat->wrote, from) != 0)) {
		free(chat->wrote);
		chat->wrote = buf_strdup(from);
	}
	chat_wrote(c, from);
	notice_message(c, from, "chat");
}

/* Keeps TEXT of M where the talk is logged. */
static void
keep_message(
    struct client *c, const struct incoming *m, const struct message_in *text)
{
	const char *id = stanza_get(m->x, "id");
	const char *enc = text->enc;
	int64_t said = field_time(field_of(m->stamp));

	if (enc == NULL && text->fingerprint != NULL)
		enc = "otr";
	/* The archive's own word, which nobody else has written. */
	if (m->way == INCOMING_ARCHIVE && said > 0 && said < c->clock.wall)
		histories_at(c, said);
	if (m->own)
		histories_out(c, m->peer, id == NULL ? "" : id, text->text,
		    text->len, enc);
	else
		histories_in(
		    c, HISTORY_CHAT, m->from, text->text, text->len, enc);
}

/* Notes that another client of ours wrote to PEER, so what it said is read. */
static void
note_own(struct client *c, const char *peer)
{
	chat_read(c, peer);
	notice_seen(c, peer);
}

void
message_tell(
    struct client *c, const struct incoming *m, const struct message_in *text)
{
	const struct stanza *replace =
	    stanza_child(m->x, "replace", NS_CORRECT);
	const char *type = stanza_get(m->x, "type");

	if (type == NULL ||
	    (strcmp(type, "chat") != 0 && strcmp(type, "headline") != 0))
		type = "normal";
	if (!m->again)
		keep_message(c, m, text);
	event_begin(&c->event, m->own ? EVENT_OWN : EVENT_MESSAGE, m->peer,
	    text->text, text->len);
	event_set(&c->event, "enc",
	    text->enc != NULL		? text->enc
	    : text->fingerprint == NULL ? "none"
					: "otr");
	event_set(&c->event, "trust", text->trust);
	event_set(&c->event, "src", m->delay.offline ? "offline" : "live");
	event_set(&c->event, "kind", type);
	event_set(&c->event, "id", stanza_get(m->x, "id"));
	event_set(&c->event, "fp", text->fingerprint);
	event_set(&c->event, "stamp", m->stamp);
	event_set(&c->event, "replaces", stanza_get(replace, "id"));
	event_set(&c->event, "dup",
	    duplicate_is_possible(c, m->delay.offline) ? "maybe" : NULL);
	event_set(&c->event, "subject", content_subject(m->x));
	mark_set_reply(c, m->x, text->text);
	event_set(&c->event, "url", content_url(m->x, text->text));
	incoming_set(c, m);
	event_end(&c->event);
	if (m->again)
		return;
	if (m->own)
		note_own(c, m->peer);
	else
		note_chat(c, m->from, m->way);
}

void
message_begin(struct client *c, struct writer *w, const char *to,
    const char *type, const char *id)
{
	writer_init(w, link_out(c));
	writer_open(w, "message", NULL);
	writer_attr(w, "to", to);
	writer_attr(w, "type", type);
	writer_attr(w, "id", id);
}

/* Writes M, and for clients without OMEMO a fixed sentence (XEP-0384 4.5). */
static void
put_omemo(struct writer *w, const struct omemo_message *m)
{
	omemo_xml_write_message(w, m);
	writer_leaf(w, "body", NULL,
	    "This message is encrypted by OMEMO, which your client does not "
	    "support.");
	writer_open(w, "encryption", NS_ENCRYPTION);
	writer_attr(w, "namespace", NS_OMEMO);
	writer_attr(w, "name", "OMEMO");
	writer_close(w);
	writer_leaf(w, "store", NS_HINTS, NULL);
}

int
message_put(struct client *c, const char *to, const char *type, const char *id,
    const struct message_out *text)
{
	int chat = strcmp(type, "chat") == 0;
	struct buf *out = link_out(c);
	struct writer w;

	message_begin(c, &w, to, type, id);
	if (text->subject != NULL)
		writer_leaf(&w, "subject", NULL, text->subject);
	if (text->omemo != NULL) {
		put_omemo(&w, text->omemo);
	} else {
		writer_open(&w, "body", NULL);
		writer_text(&w, text->body, text->len);
		writer_close(&w);
		if (text->encrypted)
			message_hints(&w);
	}
	if (text->replaces != NULL) {
		writer_open(&w, "replace", NS_CORRECT);
		writer_attr(&w, "id", text->replaces);
		writer_close(&w);
	}
	if (chat)
		writer_leaf(&w, "request", NS_RECEIPTS, NULL);
	if (chat && client_is_room(c, to))
		writer_leaf(&w, "x", NS_MUC_USER, NULL);
	/* Some rooms give it an id of theirs (XEP-0359 3.2). */
	if (!chat) {
		writer_open(&w, "origin-id", NS_SID);
		writer_attr(&w, "id", id);
	}
	if (writer_end(&w) == -1)
		return -1;
	if (buf_len(out) - w.before <= STANZA_MAX)
		return 0;
	buf_cut(out, w.before);
	return -1;
}

void
message_hints(struct writer *w)
{
	writer_open(w, "encryption", NS_ENCRYPTION);
	writer_attr(w, "namespace", NS_OTR);
	writer_close(w);
	writer_leaf(w, "no-store", NS_HINTS, NULL);
	writer_leaf(w, "no-permanent-store", NS_HINTS, NULL);
	writer_leaf(w, "no-copy", NS_HINTS, NULL);
	writer_leaf(w, "private", NS_CARBONS, NULL);
}
