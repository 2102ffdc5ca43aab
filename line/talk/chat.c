#include "line/talk/chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/core/source.h"

/* Chats to be added before the next sweep. */
#define CHATS_SOME 5000

/* Messages from here that can be corrected by their id. */
#define SENT_KEPT 2048

/* A message that was sent. */
struct sent {
	char id[NONCE_ID + 1];
	char original[NONCE_ID + 1]; /* the id that corrections name */
	char *jid; /* to whom: bare, but that of an occupant of a room */
};

/* Everybody whom we talked to, or who wrote to us. */
struct chats {
	struct map by_jid; /* of struct chat, by bare JID */
	size_t sweep_at;   /* With so many chats, those of strangers go. */
	struct chat *last; /* chat_find found it last, or NULL */
	unsigned unread;   /* messages of all of them */
	struct sent sent[SENT_KEPT]; /* a ring */
	size_t sent_count;	     /* of all that were ever sent */
};

void
chat_init(struct client *c)
{
	c->chats = buf_alloc(sizeof *c->chats);
}

static void
chat_free(struct chat *chat)
{
	free(chat->jid);
	free(chat->wrote);
	free(chat);
}

/* Returns 1 if CHAT is with a stranger whom we did not answer, else 0. */
static int
is_unasked(const struct client *c, const struct chat *chat)
{
	const struct contact *contact = roster_find(&c->roster, chat->jid);

	return !chat->encrypt_only && !chat->verified_only && !chat->spoken &&
	       !chat->expanded && (contact == NULL || !contact->in_roster) &&
	       !client_is_active(c, chat->jid) && !client_is_room(c, chat->jid);
}

/* Frees the chats of strangers in which nothing happened since last time. */
static void
sweep_strangers(struct client *c)
{
	struct chat **all = chat_all(c), *chat;
	size_t i;

	for (i = 0; (chat = all[i]) != NULL; i++) {
		if (!chat->fresh && is_unasked(c, chat)) {
			map_remove(&c->chats->by_jid, chat->jid);
			c->chats->last = NULL;
			c->chats->unread -= chat->unread;
			chat_free(chat);
		} else {
			chat->fresh = 0;
		}
	}
	free(all);
	c->chats->sweep_at = c->chats->by_jid.count + CHATS_SOME;
}

struct chat *
chat_find(const struct client *c, const char *jid)
{
	struct chat *last = c->chats->last;
	char bare[JID_SIZE];

	/* One message asks for the same chat again and again. */
	if (last != NULL && jid_same_bare(last->jid, jid))
		return last;
	jid_bare(jid, bare);
	last = map_find(&c->chats->by_jid, bare);
	if (last != NULL)
		c->chats->last = last;
	return last;
}

struct chat *
chat_need(struct client *c, const char *jid)
{
	struct chat *chat = chat_find(c, jid);

	if (chat == NULL) {
		if (c->chats->by_jid.count >= c->chats->sweep_at)
			sweep_strangers(c);
		chat = buf_alloc(sizeof *chat);
		chat->jid = buf_memdup(jid, jid_bare_len(jid));
		map_add(&c->chats->by_jid, chat->jid, chat);
	}
	chat->fresh = 1;
	return chat;
}

struct chat **
chat_all(const struct client *c)
{
	return (struct chat **)map_values(&c->chats->by_jid);
}

void
chat_wrote(struct client *c, const char *jid)
{
	const char *place = c->options.terminal && c->active != NULL &&
				    jid_resource(jid) != NULL
				? jid_resource(c->active)
				: NULL;

	if (client_is_active(c, jid) &&
	    (place == NULL || strcmp(place, jid_resource(jid)) == 0))
		return;
	chat_need(c, jid)->unread++;
	c->chats->unread++;
}

void
chat_asked(struct client *c, const char *jid, int on)
{
	if (on || chat_find(c, jid) != NULL)
		chat_need(c, jid)->asks = on;
}

void
chat_read(struct client *c, const char *jid)
{
	struct chat *chat = chat_need(c, jid);

	c->chats->unread -= chat->unread;
	chat->unread = 0;
}

unsigned
chat_unread(const struct client *c, const char *jid)
{
	const struct chat *chat = jid == NULL ? NULL : chat_find(c, jid);

	if (jid == NULL)
		return c->chats->unread;
	return chat == NULL ? 0 : chat->unread;
}

/* Returns 1 if JID is an occupant of a room, with whom the talk is private. */
static int
is_occupant(const struct client *c, const char *jid)
{
	return jid_resource(jid) != NULL && client_is_room(c, jid);
}

/* Copies JID to *TO, which is often the same already. */
static void
set_jid(char **to, const char *jid, size_t n)
{
	if (*to != NULL && strncmp(*to, jid, n) == 0 && (*to)[n] == '\0')
		return;
	free(*to);
	*to = buf_memdup(jid, n);
}

void
chat_sent(
    struct client *c, const char *jid, const char *id, const char *replaces)
{
	struct chats *chats = c->chats;
	struct sent *s = &chats->sent[chats->sent_count++ % SENT_KEPT];
	struct chat *chat = chat_need(c, jid);
	int is_private = is_occupant(c, jid);

	buf_copy(
	    s->original, sizeof s->original, replaces == NULL ? id : replaces);
	buf_copy(s->id, sizeof s->id, id);
	set_jid(&s->jid, jid, is_private ? strlen(jid) : jid_bare_len(jid));
	if (!is_private)
		memcpy(chat->last_sent, s->original, sizeof s->original);
}

/* Returns the last message to JID, with ID unless that is NULL, or NULL. */
static const struct sent *
find_sent(const struct chats *chats, const char *jid, const char *id)
{
	const struct sent *s;
	size_t i;

	for (i = 1; i <= SENT_KEPT && i <= chats->sent_count; i++) {
		s = &chats->sent[(chats->sent_count - i) % SENT_KEPT];
		if ((id == NULL || strcmp(s->id, id) == 0) &&
		    strcmp(s->jid, jid) == 0)
			return s;
	}
	return NULL;
}

const char *
chat_original(const struct client *c, const char *jid, const char *id)
{
	const struct chat *chat = chat_find(c, jid);
	const struct sent *s;
	char to[JID_SIZE];

	if (is_occupant(c, jid)) {
		s = find_sent(c->chats, jid, id);
	} else if (id == NULL) {
		return chat == NULL || *chat->last_sent == '\0'
			   ? NULL
			   : chat->last_sent;
	} else {
		jid_bare(jid, to);
		s = find_sent(c->chats, to, id);
	}
	return s == NULL ? NULL : s->original;
}

void
chat_activate(struct client *c, const char *jid)
{
	if (c->source->name != NULL) {
		source_activate(c, jid);
		return;
	}
	free(c->active);
	c->active = buf_strdup(jid);
}

void
chat_clear(struct client *c)
{
	struct chat **all = chat_all(c);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		chat_free(all[i]);
	free(all);
	map_clear(&c->chats->by_jid);
	for (i = 0; i < SENT_KEPT && i < c->chats->sent_count; i++)
		free(c->chats->sent[i].jid);
	free(c->chats);
	free(c->active);
}
