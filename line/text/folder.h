/*
 * The names of the directories of --tree: a JID as PEER is written, with what
 * could leave the directory, hide in it or be one of its files escaped, too.
 * Pure.
 */
#ifndef LINE_TEXT_FOLDER_H
#define LINE_TEXT_FOLDER_H

#include "xmpp/jid.h"

#define FOLDER_NAME 201 /* bytes of a name and its NUL, at most */

/*
 * Writes the name of the directory of JID, prepared, to NAME. Returns 0; -1 if
 * it would be too long.
 */
int folder_name(const char *jid, char name[FOLDER_NAME]);
/*
 * Reads NAME, of a directory that somebody made, into JID, prepared. Returns 0;
 * -1 if it is no JID, or with neither an @ nor a dot probably none.
 */
int folder_jid(const char *name, char jid[JID_SIZE]);

#endif
