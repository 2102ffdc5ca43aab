#include "line/disk/histories.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/disk/users.h"

#define RECORD_MAX ((size_t)4 << 20) /* a text of 1 MiB, each byte escaped */
#define RECALL_MAX ((size_t)256 << 20)
#define YEAR_10000 253402300800.0 /* seconds since 1970 */

/* Our messages whose record is found when a receipt comes. */
#define PLACES_KEPT 4096

/* The record of a message of ours begins at byte AT of its history. */
struct place {
	char id[NONCE_ID + 1]; /* of the message, or empty */
	int64_t at;	       /* or -1: it is not written yet */
	int encrypted;
};

struct histories {
	struct buf recalled;  /* events, see client_recall */
	int has_recalled;     /* they are all there */
	int64_t at;	      /* of the next message, ms since 1970; 0: now */
	struct place *places; /* a ring of PLACES_KEPT, or NULL */
	size_t places_next;
	struct map places_by_id;
};

void
histories_init(struct client *c)
{
	c->histories = buf_alloc(sizeof *c->histories);
}

int
histories_is_on(const struct client *c, const char *jid)
{
	const struct user *u = users_find(c, jid);

	return u != NULL && u->preserve;
}

void
histories_received(struct client *c, const char *to, const char *id)
{
	struct place *p = map_remove(&c->histories->places_by_id, id);
	struct history_message m = {
	    .direction = HISTORY_TO, .kind = HISTORY_CHAT};
	char name[USERS_NAME];
	struct buf both;

	if (p == NULL)
		return;
	m.encrypted = p->encrypted;
	m.jid = buf_strdup(to);
	m.id = buf_strdup(id);
	*p->id = '\0';
	users_name(c, "histories", to, name);
	buf_init(&both, RECORD_MAX);
	if (p->at != -1 && history_front(&m, 0, &both) == 0 &&
	    history_front(&m, 1, &both) == 0)
		users_overwrite(c, name, p->at, &both);
	buf_clear(&both);
	free(m.jid);
	free(m.id);
}

void
histories_clear(struct client *c)
{
	free(c->histories->places);
	map_clear(&c->histories->places_by_id);
	buf_clear(&c->histories->recalled);
	free(c->histories);
}

/* Keeps in mind our message ID, M, whose record is being appended. */
static void
note_place(struct client *c, const char *id, const struct history_message *m)
{
	struct histories *h = c->histories;
	struct place *p;

	/* Ids of other clients of ours may be longer, or come again. */
	if (id == NULL || *id == '\0' || strlen(id) > NONCE_ID ||
	    map_find(&h->places_by_id, id) != NULL)
		return;
	if (h->places == NULL)
		h->places = buf_alloc(PLACES_KEPT * sizeof *p);
	p = &h->places[h->places_next++ % PLACES_KEPT];
	if (*p->id != '\0')
		map_remove(&h->places_by_id, p->id);
	snprintf(p->id, sizeof p->id, "%s", id);
	p->at = -1;
	p->encrypted = m->encrypted;
	map_add(&h->places_by_id, p->id, p);
}

/* Notes in M that it was encrypted by ENC, as in events, or NULL. */
static void
set_encryption(struct history_message *m, const char *enc)
{
	m->encrypted = enc != NULL && strcmp(enc, "none") != 0;
	m->omemo = m->encrypted && strcmp(enc, "omemo") == 0;
}

/*
 * Appends M, with N bytes of TEXT, to the history of JID, from or to which it
 * is, if that is on; ID is that of a message of ours, or NULL.
 */
static void
append_message(struct client *c, struct history_message *m, const char *jid,
    const char *id, const char *text, size_t n)
{
	int64_t at = c->histories->at;
	char name[USERS_NAME];
	struct buf out;

	c->histories->at = 0;
	if (c->options.read_only || !histories_is_on(c, jid))
		return;
	m->jid = buf_strdup(jid);
	m->id = buf_strdup(id);
	m->text = buf_memdup(text, n);
	m->text_len = n;
	m->timestamp = (double)(at > 0 ? at : c->clock.wall) / 1000;
	buf_init(&out, RECORD_MAX);
	users_name(c, "histories", jid, name);
	if (history_print(m, &out) == 0) {
		note_place(c, id, m);
		users_append(c, name, id, &out);
	}
	buf_clear(&out);
	free(m->jid);
	free(m->id);
	buf_free_secret(m->text);
}

void
histories_in(struct client *c, enum history_kind kind, const char *from,
    const char *text, size_t n, const char *enc)
{
	struct history_message m = {
	    .direction = HISTORY_FROM, .received = 1, .kind = kind};

	set_encryption(&m, enc);
	append_message(c, &m, from, NULL, text, n);
}

void
histories_out(struct client *c, const char *to, const char *id,
    const char *text, size_t n, const char *enc)
{
	/* The receipt will change it to `received`. */
	struct history_message m = {
	    .direction = HISTORY_TO, .kind = HISTORY_CHAT};

	set_encryption(&m, enc);
	append_message(c, &m, to, id, text, n);
}

void
histories_at(struct client *c, int64_t ms)
{
	c->histories->at = ms;
}

void
histories_recalled(struct client *c, const char *jid, const struct buf *lines)
{
	if (c->active == NULL || !jid_same_bare(c->active, jid))
		return;
	buf_clear(&c->histories->recalled);
	buf_init(&c->histories->recalled, RECALL_MAX);
	buf_add(&c->histories->recalled, buf_data(lines), buf_len(lines));
	c->histories->has_recalled = 1;
}

void
client_recall(struct client *c, size_t n)
{
	char name[USERS_NAME];

	buf_clear(&c->histories->recalled);
	buf_init(&c->histories->recalled, RECALL_MAX);
	c->histories->has_recalled = c->active == NULL;
	if (c->active == NULL)
		return;
	users_name(c, "histories", c->active, name);
	users_read(c, name, n, USERS_READING_RECALL);
}

int
client_recalled(struct client *c, struct buf *out)
{
	int has = c->histories->has_recalled;

	if (has)
		buf_add(out, buf_data(&c->histories->recalled),
		    buf_len(&c->histories->recalled));
	buf_clear(&c->histories->recalled);
	c->histories->has_recalled = 0;
	return has;
}

static void
set_stamp(struct client *c, double seconds)
{
	char text[32];

	if (!(seconds >= 0 && seconds < YEAR_10000))
		return;
	event_time((int64_t)(seconds * 1000), text);
	event_set(&c->event, "stamp", text);
}

static void
history_event(struct client *c, const struct history_message *m)
{
	static const char *const kinds[HISTORY_KINDS] = {"chat", "groupchat",
	    "presence", "info", "warning", "error", "success", "transit"};
	static const char *const ways[] = {"in", "out", NULL};
	char jid[JID_SIZE] = "";

	if (m->direction == HISTORY_TO)
		jid_bare(c->self.jid, jid);
	else if (m->direction == HISTORY_FROM)
		jid_parse(m->jid, strlen(m->jid), jid, NULL);
	event_begin(&c->event, EVENT_HISTORY, *jid == '\0' ? NULL : jid,
	    m->text, m->text_len);
	event_set(&c->event, "dir", ways[m->direction]);
	event_set(&c->event, "enc",
	    !m->encrypted ? "none"
	    : m->omemo	  ? "omemo"
			  : "otr");
	event_set(&c->event, "received", m->received ? "yes" : "no");
	set_stamp(c, m->timestamp);
	event_set(&c->event, "id", m->direction == HISTORY_TO ? m->id : NULL);
	event_set(&c->event, "kind", kinds[m->kind]);
	event_end(&c->event);
}

/* Writes the events of H for client_recalled, not to the output. */
static void
write_recalled(struct client *c, const struct history *h)
{
	const char *label;
	struct buf *text;
	size_t i;

	buf_reset(&c->histories->recalled); /* of the contact asked for last */
	text = event_redirect(&c->event, &c->histories->recalled, &label);
	for (i = 0; i < history_count(h); i++)
		history_event(c, history_message(h, i));
	event_restore(&c->event, text, label);
}

void
client_history(struct client *c, const struct history *h)
{
	struct answer *job = answer_next(c, NULL, ANSWER_HISTORY);
	const char *label;
	char text[200];
	size_t i;

	if (users_reading(c) == USERS_READING_RECALL)
		write_recalled(c, h);
	if (users_reading(c) != USERS_READING_LINE || job == NULL)
		return;
	label = event_relabel(&c->event, job->label);
	if (history_torn(h) > 0) {
		snprintf(text, sizeof text,
		    "%zu places in the history are damaged and left out",
		    history_torn(h));
		client_warning(c, job->subject, text);
	}
	for (i = 0; i < history_count(h); i++)
		history_event(c, history_message(h, i));
	event_relabel(&c->event, label);
}

void
histories_read(struct client *c, enum users_reading reading, const char *why)
{
	struct answer *job = answer_next(c, NULL, ANSWER_HISTORY);

	if (reading == USERS_READING_RECALL) {
		c->histories->has_recalled = 1;
		if (why != NULL)
			client_warning(c, NULL, why);
	} else if (job == NULL) {
		return;
	} else if (why == NULL)
		answer_done(c, job, NULL);
	else
		answer_failed(c, job, "store", why);
}

void
client_appended(struct client *c, int64_t at)
{
	struct place *p;
	const char *id;
	size_t i, offset;

	for (i = 0; (id = users_append_id(c, i, &offset)) != NULL; i++) {
		p = map_find(&c->histories->places_by_id, id);
		if (p != NULL)
			p->at = at + (int64_t)offset;
	}
}
