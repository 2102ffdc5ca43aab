/*
 * How we enter rooms and stay there, and what our presence is to them: a part
 * of muc.h.
 */
#include <stdlib.h>
#include <string.h>

#include "line/muc.h"
#include "line/request.h"

/* Begins the presence to us in M. */
static void
begin(struct client *c, struct writer *w, const struct muc *m)
{
	char to[2 * JID_SIZE] = "";

	strncat(to, m->room.jid, JID_SIZE);
	strncat(to, "/", 2);
	strncat(to, m->room.nick, JID_SIZE - 2);
	writer_init(w, stream_out(c->stream));
	writer_open(w, "presence", NULL);
	writer_attr(w, "to", to);
}

/* What we show to everybody, for a room. */
static void
put_status(struct client *c, struct writer *w)
{
	const char *show = roster_show_name(c->show);

	if (c->show == SHOW_FREE)
		show = "chat";
	if (c->show != SHOW_ONLINE && c->show != SHOW_OFFLINE)
		writer_leaf(w, "show", NULL, show);
	if (c->status != NULL)
		writer_leaf(w, "status", NULL, c->status);
}

void
muc_enter(struct client *c, struct muc *m)
{
	char number[16];
	struct writer w;
	struct buf text;

	room_leave(&m->room);
	m->state = MUC_JOINING;
	if (m->parting)
		m->parting = 2;
	begin(c, &w, m);
	nonce_id(c->nonce, m->entry);
	writer_attr(&w, "id", m->entry);
	put_status(c, &w);
	writer_open(&w, "x", NS_MUC);
	if (c->options.muc_max_stanzas >= 0) {
		buf_init(&text, sizeof number);
		buf_addf(&text, "%d", c->options.muc_max_stanzas);
		writer_open(&w, "history", NULL);
		writer_attr(&w, "maxstanzas", buf_str(&text));
		writer_close(&w);
		buf_clear(&text);
	}
	if (m->password != NULL)
		writer_leaf(&w, "password", NULL, m->password);
	writer_end(&w);
}

void
muc_part(struct client *c, const struct muc *m)
{
	struct writer w;

	begin(c, &w, m);
	writer_attr(&w, "type", "unavailable");
	writer_attr(&w, "id", m->entry);
	writer_end(&w);
}

/* What became of our ping to ourselves through a room (XEP-0410 3). */
static void
on_self_ping(struct client *c, struct job *job, const struct stanza *x)
{
	const char *from = stanza_get(x, "from"), *type = stanza_get(x, "type");
	static const char still_in[] = " service-unavailable "
				       "feature-not-implemented item-not-found "
				       "remote-server-not-found "
				       "remote-server-timeout ";
	char jid[JID_SIZE];
	struct muc *m;

	(void)job;
	if (x == NULL || from == NULL || type == NULL ||
	    jid_parse(from, strlen(from), jid, NULL) == -1)
		return;
	m = muc_inside(c, jid);
	if (m != NULL && strcmp(type, "error") == 0 &&
	    strstr(still_in, stanza_condition(x)) == NULL)
		muc_enter(c, m);
}

static void
self_ping(struct client *c, const struct muc *m)
{
	char to[2 * JID_SIZE] = "";
	struct writer w;

	strncat(to, m->room.jid, JID_SIZE);
	strncat(to, "/", 2);
	strncat(to, m->room.nick, JID_SIZE - 2);
	request_begin(c, &w, "get", to, on_self_ping, NULL);
	writer_leaf(&w, "ping", NS_PING, NULL);
	writer_end(&w);
}

void
muc_online(struct client *c, int resumed)
{
	const char *to = c->options.text_to;
	/* What only says something, or runs beside another, sits nowhere. */
	int alone = c->options.read_only || to != NULL;
	struct muc **all;
	size_t i;

	if (!resumed)
		muc_load(c);
	all = muc_all(c);
	for (i = 0; all[i] != NULL; i++) {
		if (resumed && all[i]->state == MUC_IN)
			self_ping(c, all[i]);
		if (resumed || !all[i]->wanted ||
		    (alone &&
			(to == NULL || !jid_same_bare(to, all[i]->room.jid))))
			continue;
		/* Nobody is to see us before /status says so. */
		if (c->show == SHOW_OFFLINE && to == NULL)
			all[i]->state = MUC_HIDDEN;
		else
			muc_enter(c, all[i]);
	}
	free(all);
}

static void
tell_status(struct client *c, struct muc *m)
{
	struct writer w;

	if (c->show == SHOW_OFFLINE) {
		/* The server tells the rooms (RFC 6121 4.6.3), and they us. */
		if (m->state == MUC_IN || m->state == MUC_JOINING)
			m->parting = 1;
	} else if ((m->wanted || m->by_command) &&
		   (m->parting || m->state == MUC_HIDDEN)) {
		muc_enter(c, m);
	} else if (m->state == MUC_IN && !m->parting) {
		begin(c, &w, m);
		put_status(c, &w);
		writer_end(&w);
	}
}

void
muc_status(struct client *c)
{
	struct muc **all = muc_all(c);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		tell_status(c, all[i]);
	free(all);
}

void
muc_doubt(struct client *c, struct muc *m, const char *condition)
{
	if (m->state != MUC_IN || m->parting)
		return;
	if (strcmp(condition, "item-not-found") == 0)
		muc_enter(c, m);
	else if (strcmp(condition, "not-acceptable") == 0)
		self_ping(c, m);
}
