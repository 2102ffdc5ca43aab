/*
 * Finds our nick in the messages of a room, as a reader would. Pure functions;
 * owns nothing.
 */
#ifndef XMPP_MENTION_H
#define XMPP_MENTION_H

#include <stddef.h>

#define MENTION_MAX 128 /* bytes of a nick; longer ones are never found */

/*
 * Returns 1 if NICK is a word in the N bytes of UTF-8 at TEXT: in upper or
 * lower case, and with no letter, digit or `_` next to it. A nick that begins
 * or ends with another character, as `[bot]`, needs no boundary there. In
 * scripts without blanks between words (Han, kana, Thai and others) each
 * character is a word. An empty NICK, and one longer than MENTION_MAX, is never
 * found: a room may choose our nick, and must not keep us busy with it.
 */
int mention_found(const char *text, size_t n, const char *nick);

#endif
