/*
 * Converts plain text to and from HTML, which some clients put into OTR
 * messages: Pidgin, bitlbee and the OCaml jackline send and expect it; mcabber
 * expects it and sends plain text; profanity does neither. Pure; owns nothing.
 */
#ifndef OTR_HTML_H
#define OTR_HTML_H

#include "sexp/buf.h"

/*
 * Appends the plain TEXT to OUT so that, where possible, clients that expect
 * HTML and clients that do not show the same: & < > become entities only if
 * something in it could be read as a tag or an entity. Returns -1 if OUT is
 * full.
 */
int html_escape(const char *text, struct buf *out);
/*
 * Appends HTML to OUT as plain text, if all of it looks like HTML: tags are
 * dropped, `<br>` is a newline, links keep their address, entities (amp lt gt
 * quot apos nbsp and numbers) are decoded. Otherwise it is plain text and does
 * not change; so does a text with formatting only, as `<b>x</b>`, which people
 * type. Bytes that are not UTF-8 become U+FFFD. Decoding an escaped text gives
 * the same text. Returns -1 if OUT is full, with the beginning in it.
 */
int html_decode(const char *html, struct buf *out);

#endif
