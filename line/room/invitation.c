#include <stdlib.h>
#include <string.h>

#include "line/core/notice.h"
#include "line/room/room.h"

#define INVITATIONS 64	 /* that are kept; the oldest are dropped */
#define PASSWORD    1024 /* bytes of one that is kept */

/* Invitations that were not followed yet. */
struct room_invitations {
	struct invitation {
		char *room;	/* bare JID; NULL: free */
		char *password; /* or NULL */
		int by_room;	/* The room itself sent it, not just anybody. */
		uint64_t order; /* The lowest is the oldest; 0: free. */
	} last[INVITATIONS];
	uint64_t count; /* of invitations so far */
};

static void
invitation_clear(struct invitation *i)
{
	free(i->room);
	buf_free_secret(i->password);
	memset(i, 0, sizeof *i);
}

/* Returns the invitation to the bare JID ROOM, or NULL. */
static struct invitation *
invitation_find(const struct client *c, const char *room)
{
	struct room_invitations *all = c->invitations;
	size_t i;

	for (i = 0; all != NULL && i < INVITATIONS; i++)
		if (all->last[i].room != NULL &&
		    strcmp(all->last[i].room, room) == 0)
			return &all->last[i];
	return NULL;
}

/*
 * Keeps an invitation to ROOM, which the room itself sent if BY_ROOM, with its
 * PASSWORD or NULL.
 */
static void
note_invitation(
    struct client *c, const char *room, const char *password, int by_room)
{
	struct invitation *i = invitation_find(c, room);
	struct room_invitations *all;
	size_t n;

	/* Anybody may claim to invite us: the room's own password stays. */
	if (i != NULL && ((i->by_room && !by_room) || password == NULL))
		return;
	if (i != NULL)
		invitation_clear(i);
	if (password != NULL && strlen(password) > PASSWORD)
		password = NULL;
	if (c->invitations == NULL)
		c->invitations = buf_alloc(sizeof *c->invitations);
	all = c->invitations;
	for (i = all->last, n = 1; n < INVITATIONS; n++)
		if (all->last[n].order < i->order)
			i = &all->last[n];
	invitation_clear(i);
	i->order = ++all->count;
	i->room = buf_strdup(room);
	i->password = password == NULL ? NULL : buf_strdup(password);
	i->by_room = by_room;
}

void
room_invitations(const struct client *c, struct buf *out)
{
	const struct room_invitations *all = c->invitations;
	const char *room;
	size_t i;

	for (i = 0; all != NULL && i < INVITATIONS; i++) {
		room = all->last[i].room;
		if (room != NULL)
			buf_add(out, room, strlen(room) + 1);
	}
}

char *
room_invite_password(struct client *c, const char *room, int has_other)
{
	struct invitation *i = invitation_find(c, room);
	char *password = NULL;

	if (i == NULL)
		return NULL;
	if (i->by_room || !has_other) {
		password = i->password;
		i->password = NULL;
	}
	invitation_clear(i);
	return password;
}

void
room_invite_clear(struct client *c)
{
	size_t i;

	for (i = 0; c->invitations != NULL && i < INVITATIONS; i++)
		invitation_clear(&c->invitations->last[i]);
	free(c->invitations);
}

/*
 * Tells that FROM invites us to ROOM, in a stanza of the room itself if
 * BY_ROOM. Returns 0, having told nothing, if ROOM is no bare JID.
 */
static int
invite_event(struct client *c, const char *from, const char *room,
    const char *reason, const char *password, int by_room)
{
	char jid[JID_SIZE];

	if (room == NULL || jid_parse(room, strlen(room), jid, NULL) == -1 ||
	    jid_resource(jid) != NULL)
		return 0;
	event_begins(&c->event, EVENT_INVITE, from, reason);
	event_set(&c->event, "room", jid);
	event_set(&c->event, "password", password);
	event_end(&c->event);
	note_invitation(c, jid, password, by_room);
	notice_message(c, from, "invite");
	return 1;
}

/* Tells that an invitation of ours was declined (XEP-0045 7.8.2). */
static void
tell_declined(struct client *c, const char *room, const struct stanza *decline)
{
	const char *by = stanza_get(decline, "from");
	const char *reason = stanza_child_text(decline, "reason");
	char jid[JID_SIZE];
	struct buf text;

	if (by == NULL || jid_parse(by, strlen(by), jid, NULL) == -1)
		return;
	buf_init(&text, STANZA_MAX + 2 * JID_SIZE);
	buf_addf(&text, "will not come to %s", room);
	if (reason != NULL && *reason != '\0')
		buf_addf(&text, ": %s", reason);
	client_info(c, jid, buf_str(&text));
	buf_clear(&text);
}

int
room_invited(struct client *c, const char *from, const struct stanza *x)
{
	const struct stanza *user = stanza_child(x, "x", NS_MUC_USER);
	const struct stanza *invite = stanza_child(user, "invite", NS_MUC_USER);
	const struct stanza *decline =
	    stanza_child(user, "decline", NS_MUC_USER);
	const struct stanza *direct = stanza_child(x, "x", NS_CONFERENCE);
	const char *by = stanza_get(invite, "from");
	int room = jid_resource(from) == NULL;
	char jid[JID_SIZE];

	if (decline != NULL && room && room_inside(c, from) != NULL) {
		tell_declined(c, from, decline);
		return 1;
	}
	if (invite != NULL && room) {
		/* If the room does not say who invites us, it does itself. */
		if (by == NULL || jid_parse(by, strlen(by), jid, NULL) == -1)
			memcpy(jid, from, strlen(from) + 1);
		invite_event(c, jid, from, stanza_child_text(invite, "reason"),
		    stanza_child_text(user, "password"), 1);
		return 1;
	}
	if (direct == NULL || !invite_event(c, from, stanza_get(direct, "jid"),
				  stanza_get(direct, "reason"),
				  stanza_get(direct, "password"), 0))
		return 0;
	/* With a body it is a message, too. */
	return stanza_child(x, "body", NS_CLIENT) == NULL;
}
