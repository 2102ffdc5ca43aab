/*
 * Recognises messages of a room that its history repeats, and which of them are
 * our own. Owns the hashes of the last ROOM_TOLD messages that were shown.
 */
#ifndef LINE_ROOM_TOLD_H
#define LINE_ROOM_TOLD_H

#include "line/room/room.h"

/* One message of a room, borrowed from its stanza. */
struct room_line {
	const struct stanza *x;
	const char *nick; /* of the sender; NULL: the room itself */
	const char *id;	  /* of the message, or NULL */
	const char *text;
	size_t len;
	const char *stamp; /* as delay_stamp() returns it, or NULL */
};

/* Notes that L was shown for the first time; MINE: as our own. */
void room_told_note(struct room *m, const struct room_line *l, int mine);
/* Notes that L is the last message that was shown. */
void room_told_last(
    const struct client *c, struct room *m, const struct room_line *l);
/*
 * Returns the message that was shown before which L of M's history repeats, or
 * NULL: the same nick, id and text. Each is found once for each time that we
 * enter, so that a text that was said twice is shown twice.
 */
const struct room_told *room_told_find(
    struct room *m, const struct room_line *l);
/*
 * Returns 1 where L of M's history is our own message; TOLD is the result of
 * room_told_find(). The sender's occupant id decides (XEP-0421), without one
 * the real JID where the room shows it (XEP-0033, XEP-0045 7.2.15), else the
 * nick.
 */
int room_told_mine(const struct client *c, const struct room *m,
    const struct room_line *l, const struct room_told *told);
/*
 * Writes the sender's real JID, as the message X in a room shows it (XEP-0033,
 * XEP-0045 7.2.15), to JID. Returns -1 if it does not.
 */
int room_told_jid(const struct stanza *x, char jid[JID_SIZE]);
/*
 * Returns 1 where L is older than the history that we asked for. Not all
 * services support `since` (XEP-0045 7.2.14).
 */
int room_told_old(const struct room *m, const struct room_line *l);
/*
 * Sets since when M's history is to be asked for, as we enter it: since the
 * last message of this run or, where what was said meanwhile is to be told and
 * M keeps no archive, of the last.
 */
void room_told_begin(struct client *c, struct room *m);
/*
 * Notes L, of a room without an archive, in our position, for the next run; and
 * returns 1 if it was there already, else 0. The id is the nick with the id of
 * the message, or without one with the beginning of the text.
 */
int room_told_enter(
    struct client *c, const struct room *m, const struct room_line *l);
/* Notes that M has let us in: later history is to begin here. */
void room_told_in(struct client *c, struct room *m);
/* Notes that we left M: its whole history is shown next time. */
void room_told_end(struct room *m);

#endif
