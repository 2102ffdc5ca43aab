/*
 * With whom we talk. Everybody can make us note that he wrote.
 */
#include <stdlib.h>

#include "line/muc.h"

/* So often those are looked for who need not be kept. */
#define CHATS_SOME 5000

static void
chat_free(struct chat *chat)
{
	free(chat->jid);
	free(chat->wrote);
	free(chat);
}

/* Nobody chose to have to do with it: a stranger's, unanswered. */
static int
is_unasked(const struct client *c, const struct chat *chat)
{
	const struct contact *contact = roster_find(&c->roster, chat->jid);

	return !chat->encrypt_only && !chat->verified_only && !chat->spoken &&
	       !chat->expanded && (contact == NULL || !contact->in_roster) &&
	       (c->active == NULL || !jid_same_bare(c->active, chat->jid)) &&
	       muc_find(c, chat->jid) == NULL;
}

/* Forgets the unasked in which nothing happened since the last time. */
static void
sweep(struct client *c)
{
	void **all = map_values(&c->chats);
	struct chat *chat;
	size_t i;

	for (i = 0; (chat = all[i]) != NULL; i++) {
		if (!chat->fresh && is_unasked(c, chat)) {
			map_remove(&c->chats, chat->jid);
			chat_free(chat);
		} else {
			chat->fresh = 0;
		}
	}
	free(all);
	c->chats_sweep = c->chats.count + CHATS_SOME;
}

struct chat *
client_chat(struct client *c, const char *jid)
{
	char bare[JID_SIZE];
	struct chat *chat;

	jid_bare(jid, bare);
	chat = map_find(&c->chats, bare);
	if (chat == NULL) {
		if (c->chats.count >= c->chats_sweep)
			sweep(c);
		chat = buf_alloc(sizeof *chat);
		chat->jid = buf_strdup(bare);
		map_add(&c->chats, bare, chat);
	}
	chat->fresh = 1;
	return chat;
}

void
client_chats_clear(struct client *c)
{
	void **all = map_values(&c->chats);
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		chat_free(all[i]);
	free(all);
	map_clear(&c->chats);
}
