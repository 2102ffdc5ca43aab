/*
 * Bookmarks of rooms, which our clients share through the server (XEP-0402).
 * Those that others keep are known here, and never entered unasked.
 */
#ifndef LINE_ROOM_BOOKMARK_H
#define LINE_ROOM_BOOKMARK_H

#include "line/room/room.h"

#define BOOKMARKS_MAX 1000 /* the others are left out, with a warning */

/* Makes C ready: no bookmark is known. */
void bookmark_init(struct client *c);
/* Frees what bookmark_init made. */
void bookmark_end(struct client *c);
/*
 * A new session begins: asks for the bookmarks if C's options say so. The
 * rooms in the answer are known from then on, others that were are not.
 */
void bookmark_ask(struct client *c);
/*
 * We entered M (JOINED), or left it, by a command: changes its bookmark, or
 * makes one, if C's options say so. One that holds what is not known here stays
 * as it is.
 */
void bookmark_note(struct client *c, struct room *m, int joined);

#endif
