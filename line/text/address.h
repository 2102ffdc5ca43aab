/*
 * JIDs as people and scripts write them: escaped as in PEER, behind `xmpp:`,
 * with the escapes of XEP-0106. Pure; knows no command.
 */
#ifndef LINE_TEXT_ADDRESS_H
#define LINE_TEXT_ADDRESS_H

#include <stddef.h>

#include "xmpp/jid.h"

/*
 * Reads the N bytes at WORD as a JID into JID, prepared. `xmpp:` before it and
 * the query or fragment of such a URI are taken off, and its %HH are decoded
 * (RFC 5122); of a `\HH` of XEP-0106 the backslash stands for itself. -1 with
 * *WHY, a static text, where that is no JID.
 */
int address_read(
    const char *word, size_t n, char jid[JID_SIZE], const char **why);
/*
 * Returns 1 if the N bytes at WORD, a JID, are no URI and have neither an @ nor
 * a dot: a whole server, where a person forgot the @. Else 0.
 */
int address_is_bare_word(const char *word, size_t n);

/* Returns 1 if the N bytes at WORD are a label, [A-Za-z0-9._-]+, else 0. */
int address_is_token(const char *word, size_t n);
/*
 * Takes each `/label TOKEN ` and `/with JID ` off the front of the N bytes at
 * *LINE, which may hold any bytes behind them. Returns the last token, for the
 * caller to free, or NULL.
 */
char *address_label(const char **line, size_t *n);

/*
 * Returns the length of the `/label WORD ` or `/with WORD ` that the N bytes at
 * LINE begin with, its command perhaps cut short as a terminal allows; 0 if
 * they begin with neither.
 */
size_t address_prefix(const char *line, size_t n);
/*
 * Returns 1 if the N bytes of LINE are a /go, behind all /label and /with, even
 * one that is refused, as `/Go`: it was to replace the active contact.
 */
int address_is_go(const char *line, size_t n);

#endif
