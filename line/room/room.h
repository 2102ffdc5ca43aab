/*
 * Rooms (XEP-0045): entering and leaving them, who is in them and what is said
 * there. room.c owns the table of rooms, enter.c enters, leaves and keeps us
 * in, presence.c reads what rooms say about that, groupchat.c sends and reads
 * messages, invitation.c invitations; occupancy.c writes what is known. Knows
 * no commands; nothing of a room ever reaches OTR.
 */
#ifndef LINE_ROOM_ROOM_H
#define LINE_ROOM_ROOM_H

#include "line/core/answer.h"
#include "line/core/state.h"
#include "line/talk/message.h"
#include "xmpp/occupants.h"

#define ROOM_SECONDS 30	 /* for a room to answer */
#define ROOM_TOLD    512 /* lines of a room that are recognised */

enum room_state {
	ROOM_OUT,
	ROOM_HIDDEN, /* out while the user is offline (/status offline) */
	ROOM_AGAIN,  /* out after a failure; entered again at retry_at */
	ROOM_JOINING,
	ROOM_IN
};

/* Does a room keep an archive (XEP-0313)? */
enum room_archive {
	ROOM_ARCHIVE_UNKNOWN, /* Nobody has asked. */
	ROOM_ARCHIVE_ASKED,   /* We enter when the room has answered. */
	ROOM_ARCHIVE_NONE,
	ROOM_ARCHIVE_KEPT
};

/* Does a room show our messages with the id that we gave them? */
enum room_ids { ROOM_IDS_UNKNOWN, ROOM_IDS_KEPT, ROOM_IDS_CHANGED };

/* A message of a room that was shown, as hashes; see told.h. */
struct room_told {
	uint64_t nick, id, text;
	int mine;
	/* Number of the entry whose history had it last; 0: it came live. */
	unsigned entry;
};

struct room {
	struct occupants room;
	enum room_state state;
	int wanted;	/* to be entered again when we are online again */
	int by_command; /* /join made us enter, and not the record. */
	/*
	 * 1: we have left, by /leave or by going offline, and the room has not
	 * confirmed it yet; 2: and we have asked to enter again since.
	 */
	int parting;
	char *password;		  /* or NULL */
	char entry[NONCE_ID + 1]; /* id of the presence that entered, or "" */
	int renaming; /* A /join that waited wants another nick now. */
	/* All times are monotonic milliseconds. */
	int64_t retry_at;    /* of ROOM_AGAIN */
	unsigned retries;    /* since we were in for a minute */
	int64_t entered_at;  /* when the room let us in */
	int64_t entry_until; /* of ROOM_JOINING: an answer is due */
	int64_t heard;	     /* when the room sent something last */
	int64_t settle_at;   /* what is outside is given up; 0: nothing is */

	/* The messages that were shown, see told.c. */
	struct room_told *told; /* a ring of ROOM_TOLD, or NULL */
	size_t told_next;
	unsigned entries;  /* number of times that we entered */
	enum room_ids ids; /* as far as our own messages have shown */
	char *taken;	   /* our nick, when another had it; or NULL */
	char last[32];	   /* the room's stamp of the last message, or "" */
	int64_t last_wall; /* our time of it; 0: show the whole history */
	/*
	 * We enter again after a failure: the history since the last message
	 * is asked for, and what is new in it counts as news.
	 */
	int returning;
	char since[32]; /* the stamp that was asked for, or "" */
	/* This history, or archive, has caused a notification: 1; 2: and one
	 * for a line that names us. */
	int noticed;

	enum room_archive archive;
	int replayed;  /* A replay of it was wanted in this run. */
	int replaying; /* One is under way, see room_replaying. */

	/* The bookmark that our clients share, see bookmark.c. */
	int bookmarked;
	int bookmark_autojoin; /* Other clients enter M by themselves. */
	/* Once the bookmarks are known the one of this room is changed, since
	 * we left (1) or entered (2). */
	int bookmark_due;
	int bookmark_more; /* with elements that we do not know */
	char *bookmark_name, *bookmark_nick; /* or NULL */
};

/*
 * For the rest of the program.
 */

/* The reason of an error, in words. */
extern const char room_not_inside[];

/* Makes the state of rooms in C; room_clear() frees it with all rooms. */
void room_init(struct client *c);
/* Frees all that C knows of rooms. */
void room_clear(struct client *c);
/* Adds every room that has a record in users/ to the table. */
void room_load(struct client *c);
/*
 * Does so for JID, bare, whose record was read just now, if the others are
 * there already; else the next login adds it with them.
 */
void room_kept(struct client *c, const char *jid);
/* Returns the room of the bare part of JID, borrowed, or NULL. */
struct room *room_find(const struct client *c, const char *jid);
/* Returns the same where we are in it or entering it, else NULL. */
struct room *room_inside(const struct client *c, const char *jid);
/* Returns 1 where M (NULL: no) takes text under the nick last asked for. */
int room_is_in(const struct room *m);
/*
 * Returns all rooms by JID, NULL behind the last; the caller frees the array.
 */
struct room **room_all(const struct client *c);

/*
 * Enters the room JID (bare) as NICK (NULL: as we were called there before, or
 * by our local part) with PASSWORD (NULL: the one that is known), or changes
 * our nick in it. The current line waits for the room's answer (XEP-0045 7.2).
 */
void room_join(
    struct client *c, const char *jid, const char *nick, const char *password);
/*
 * Leaves the room JID, which must be known, with REASON, and does not enter it
 * by itself any more. Answers the current line (XEP-0045 7.14).
 */
void room_leave(struct client *c, const char *jid, const char *reason);
/*
 * Calls ACT for the current line with TEXT as soon as we are in the room JID:
 * now, or when the room has let us in. Answers the line by `error` if we are
 * not entering it.
 */
void room_when_in(struct client *c, const char *jid, const char *text,
    void (*act)(struct client *c, const char *jid, const char *text));
/*
 * For room_when_in(): asks the room JID to call us NICK (XEP-0045 7.6); the
 * current line waits for it.
 */
void room_rename(struct client *c, const char *jid, const char *nick);
/* The same: sets the topic to TEXT (XEP-0045 8.1). */
void room_set_topic(struct client *c, const char *jid, const char *text);
/*
 * The same: invites somebody through the room (XEP-0045 7.8.2). INVITEE is
 * a JID, a newline and the reason.
 */
void room_invite(struct client *c, const char *jid, const char *invitee);
/*
 * Sends N bytes of TEXT to the room JID, once we are in it, in the place of the
 * message REPLACES (NULL: none), and answers the current line by `sent` or
 * `error`.
 */
void room_send(struct client *c, const char *jid, const char *text, size_t n,
    const char *replaces);
/* Tells TEXT of the encrypted message IN, which was said in a room. */
void room_decrypted(
    struct client *c, const struct incoming *in, const struct message_in *text);
/*
 * Prepares N bytes of TEXT for the occupant TO of a room. They would go out in
 * the clear, so returns -1 with a cause in RESULT where encryption is required
 * or we are not in that room, else 0.
 */
int room_private(const struct client *c, const char *to, const char *text,
    size_t n, struct message_out *result);

/*
 * Takes the presence X from FROM. Returns 0 where it is not about a room that
 * we know, else 1.
 */
int room_presence(struct client *c, const char *from, const struct stanza *x);
/*
 * Takes the message IN. Returns 0 where it is neither of a room nor an
 * invitation, else 1.
 */
int room_message(struct client *c, const struct incoming *in);
/*
 * Has ENTERED be called whenever a room, JID, has let us in: with ARCHIVE 1 its
 * archive is to be told behind our position in it, for which no history was
 * asked; 0: it has none; -1: it was not asked, as no replay is wanted.
 */
void room_on_entered(struct client *c,
    void (*entered)(struct client *c, const char *jid, int archive));
/*
 * Notes that a replay of the archive of the room JID has begun: what we sent
 * may be found in it. So do later ones by themselves, in this run.
 */
void room_replaying(struct client *c, const char *jid);
/* Notes that it is over: what it did not show of ours will not come. */
void room_replayed(struct client *c, const char *jid);
/*
 * Returns 1 if we are in the room JID, are entering it or will by ourselves,
 * else 0.
 */
int room_is_coming(const struct client *c, const char *jid);
/*
 * We are online. If the session was RESUMED we may still be in the rooms, and
 * each is asked; else room_due() enters those that are kept.
 */
void room_online(struct client *c, int resumed);
/* The session ended for CAUSE, so we are in no room. */
void room_lost(struct client *c, const char *cause);
/* Shows the rooms our presence as it is now, or leaves or enters them for it.
 */
void room_status(struct client *c);
/*
 * Enters the rooms that are kept, once after each login, when the lines that
 * came before it have been executed: one of them may want another nick.
 */
void room_due(struct client *c);
/* Does what is due in rooms; to be called at room_deadline(), or any time. */
void room_tick(struct client *c);
/* Returns when room_tick() has something to do, monotonic; -1: never. */
int64_t room_deadline(const struct client *c);

/* Writes the `contact` event of the room JID; returns 0 if it is no room. */
int room_contact(struct client *c, const char *jid);
/*
 * Writes a `session` event for each occupant of the room JID, or only for the
 * one that a full JID names. Returns 0 if it is no room.
 */
int room_sessions(struct client *c, const char *jid);
/*
 * Writes our nick and the features of the room JID as `info`. Returns 0 if it
 * is no room.
 */
int room_describe(struct client *c, const char *jid);

/*
 * For the files in room/.
 */

/* Returns the room of JID, made from its record where there was none. */
struct room *room_need(struct client *c, const char *jid);
/*
 * Forgets M, unless it has a record or a bookmark, or a message to it has no
 * fate yet.
 */
void room_drop(struct client *c, struct room *m);
/* Frees all rooms; a part of room_clear(). */
void room_table_clear(struct client *c);
/* Forgets the bookmark of M. */
void room_unmark(struct room *m);
/* Calls ACT for each room, by JID; ACT must not drop one. */
void room_each(struct client *c, void (*act)(struct client *c, struct room *m));
/* Returns the room that sent X, an IQ result or error (NULL: none), or NULL. */
struct room *room_sender(const struct client *c, const struct stanza *x);
/*
 * Returns the nick to use in the room JID where the user names none: the last
 * one there, that of its bookmark, or our local part, which is written to
 * LOCAL. Borrowed.
 */
const char *room_nick(
    const struct client *c, const char *jid, char local[JID_SIZE]);
/* Writes a `warning` about M for the reason WHY and CAUSE (NULL: none). */
void room_warn(
    struct client *c, const struct room *m, const char *why, const char *cause);
/* Clears autojoin in M's record; returns 1 where it was set, else 0. */
int room_keep_out(struct client *c, const struct room *m);
/* Returns 1 where M is to be entered by itself, as things are, else 0. */
int room_returns(const struct client *c, const struct room *m);

/* Makes the current line wait for M to answer; see struct answer for KIND. */
struct answer *room_answer_wait(
    struct client *c, enum answer_kind kind, const struct room *m);
/* Returns the first line that waits for KIND from M, or NULL. */
struct answer *room_answer_find(
    const struct client *c, enum answer_kind kind, const struct room *m);
/*
 * Answers all lines that wait for KIND from M: by ok where CAUSE is NULL, else
 * by error.
 */
void room_answer_all(struct client *c, enum answer_kind kind,
    const struct room *m, const char *cause, const char *why);
/*
 * M did not accept the password of /join: takes the one in its record again.
 */
void room_restore_password(const struct client *c, struct room *m);

/*
 * Enters M (XEP-0045 7.2). Where what was said meanwhile is to be told, asks
 * first if it keeps an archive.
 */
void room_enter(struct client *c, struct room *m);
/* Asks M, which we are in and which was just made, if it keeps an archive. */
void room_ask_archive(struct client *c, struct room *m);
/* Tells that M, whose archive is known or not wanted, has let us in. */
void room_tell_entered(struct client *c, const struct room *m);
/* Returns 1 if what was said in M while we were away is to be told, as it is at
 * a terminal and with --queue; else 0. */
int room_replays(const struct client *c, const struct room *m);
/* Sends unavailable presence to M after we gave up entering it, in case that
 * it did admit us. */
void room_part(struct client *c, const struct room *m);
/*
 * Enters M again later, as something broke down: after some 2 seconds, then
 * after twice as long each time, up to 5 minutes. Writes an `info` about it.
 */
void room_again(struct client *c, struct room *m);
/* Sends the presence that asks M to call us NICK (XEP-0045 7.6). */
void room_request_nick(
    struct client *c, const struct room *m, const char *nick);
/*
 * M refused something with CONDITION. That may mean that we are not in it,
 * though it never said so: then enters it again, or where that is not sure asks
 * first (XEP-0410 3).
 */
void room_doubt(struct client *c, struct room *m, const char *condition);
/* M said something; asks whether we are still in it if nothing follows. */
void room_listen(struct client *c, struct room *m);

/*
 * Takes the message X from FROM where it is an invitation, from the room
 * (XEP-0045 7.8.2) or direct (XEP-0249), or says that one of ours was
 * declined; else returns 0.
 */
int room_invited(struct client *c, const char *from, const struct stanza *x);
/*
 * Removes the last invitation to the bare JID ROOM and returns its password, or
 * NULL; the caller frees it by buf_free_secret. If HAS_OTHER, there is another
 * password already, and only one that the room itself sent is better.
 */
char *room_invite_password(struct client *c, const char *room, int has_other);
/*
 * Appends the bare JIDs of the rooms that we were invited to and did not enter
 * since to OUT, each with its NUL, in no order; 64 at most.
 */
void room_invitations(const struct client *c, struct buf *out);
/* Frees all invitations. */
void room_invite_clear(struct client *c);

/*
 * We left M, which may still show messages of ours: asks M a question, which it
 * answers after that. What is not shown by then, or in ROOM_SECONDS, is
 * `unknown`.
 */
void room_settle(struct client *c, struct room *m);
/*
 * Returns 1 if the message X is history, which M shows to whoever enters it: it
 * comes before the topic (XEP-0045 7.2.15). One behind that is live, even if
 * somebody wrote a delay into it.
 */
int room_is_history(const struct room *m, const struct stanza *x);
/* M had its chance: what it did not show while we were out is `unknown`. */
void room_settled(struct client *c, struct room *m);

#endif
