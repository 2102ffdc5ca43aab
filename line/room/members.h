/*
 * Sending to a room by OMEMO: asks the room who belongs to it, since what is
 * encrypted must be readable by all who may be in it and nobody else (XEP-0384
 * 0.3.0 4.8). Owns nothing.
 */
#ifndef LINE_ROOM_MEMBERS_H
#define LINE_ROOM_MEMBERS_H

#include "line/room/room.h"

/*
 * For room_when_in(): sends LINE to the owners, admins and members of the room
 * JID, which must be members-only and not anonymous: the id of the message that
 * it corrects, or nothing; a newline; the text. The current line waits.
 */
void members_send(struct client *c, const char *jid, const char *line);

#endif
