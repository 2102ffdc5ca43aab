/*
 * The rows about people, rooms and who is in them, in the notation of the
 * original: `[o] bob@example.org`, `o(2) den@chat.example.org - topic`. Pure.
 */
#ifndef LINE_RENDER_CONTACT_H
#define LINE_RENDER_CONTACT_H

#include "line/rows.h"

/*
 * Adds what F says, a `contact`, `session`, `subscription` or `roster`; 0, and
 * nothing, where it is none of them.
 */
int render_contact(struct rows *r, const struct fields *f);
/*
 * Whether F, a `contact` or `session`, stands for something encrypted: 1 or 0;
 * -1 where that is no question (nobody is there, a room, ourselves).
 */
int render_contact_secret(const struct fields *f);

#endif
