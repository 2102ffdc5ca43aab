/*
 * Renders the events about contacts, rooms and who is in them, in the notation
 * of the original: `[o] bob@example.org`, `o(2) den@chat.example.org - topic`.
 * Pure.
 */
#ifndef LINE_TTY_RENDER_CONTACT_H
#define LINE_TTY_RENDER_CONTACT_H

#include "line/tty/wrap.h"

/*
 * Adds what F says if it is a `contact`, `session`, `subscription` or `roster`
 * and returns 1; else returns 0.
 */
int render_contact(struct rows *r, const struct fields *f);
/*
 * Returns 1 if F, a `contact` or `session`, has an encrypted session, 0 if not,
 * and -1 if it can have none: it is offline, a room or ourselves.
 */
int render_contact_secret(const struct fields *f);

#endif
