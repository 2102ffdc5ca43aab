#include "line/talk/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "line/core/link.h"
#include "line/talk/chat.h"
#include "line/talk/message.h"

/* Bytes of all receipts that are owed. */
#define RECEIPTS_MAX ((size_t)4 * 1024 * 1024)

#define RECEIPT_ID   4096 /* bytes: no receipt is given for a longer id */

/* Each record is the client_text_total after the event, and the sender and the
 * id as strings. */
struct receipts {
	struct buf owed;
};

void
receipt_init(struct client *c)
{
	c->receipts = buf_alloc(sizeof *c->receipts);
	buf_init(&c->receipts->owed, RECEIPTS_MAX);
}

void
receipt_clear(struct client *c)
{
	buf_clear(&c->receipts->owed);
	free(c->receipts);
}

int
receipt_may_answer(const struct client *c, const char *jid)
{
	const struct chat *chat = chat_find(c, jid);

	return client_is_home(c, jid) || roster_may_see(&c->roster, jid) ||
	       (chat != NULL && chat->spoken);
}

void
receipt_owe(struct client *c, const struct incoming *m)
{
	uint64_t mark = client_text_total(c);
	const char *id = stanza_get(m->x, "id"), *from = m->from;
	size_t to, n;

	/* Only the roster will tell if the sender may be answered. */
	if (id == NULL || m->way != INCOMING_DIRECT ||
	    client_is_room(c, m->from) ||
	    stanza_child(m->x, "request", NS_RECEIPTS) == NULL ||
	    (!c->link.roster_due && !receipt_may_answer(c, from)))
		return;
	to = strlen(from) + 1;
	n = strlen(id) + 1;
	/* Half a record would do harm, a receipt that is not given does not. */
	if (n > RECEIPT_ID ||
	    buf_len(&c->receipts->owed) + sizeof mark + to + n > RECEIPTS_MAX)
		return;
	buf_add(&c->receipts->owed, &mark, sizeof mark);
	buf_add(&c->receipts->owed, from, to);
	buf_add(&c->receipts->owed, id, n);
}

static void
send_receipt(struct client *c, const char *to, const char *id)
{
	char own[NONCE_ID + 1];
	struct writer w;

	nonce_id(c->nonce, own);
	message_begin(c, &w, to, "chat", own);
	writer_open(&w, "received", NS_RECEIPTS);
	writer_attr(&w, "id", id);
	writer_end(&w);
}

void
receipt_written(struct client *c)
{
	const char *to, *id;
	uint64_t mark;

	while (buf_len(&c->receipts->owed) > 0) {
		memcpy(&mark, buf_data(&c->receipts->owed), sizeof mark);
		if (mark > c->out.written || c->link.regaining ||
		    c->link.roster_due || link_unsent(c) >= WIRE_HELD)
			return;
		to = (const char *)buf_data(&c->receipts->owed) + sizeof mark;
		id = to + strlen(to) + 1;
		if (c->link.state == LINK_ONLINE && receipt_may_answer(c, to))
			send_receipt(c, to, id);
		buf_drop(&c->receipts->owed,
		    sizeof mark + strlen(to) + strlen(id) + 2);
	}
}
