/*
 * The HTML that OTR messages are by the custom of pidgin, Adium and the
 * original: plain text to it and back. Pure; owns nothing.
 */
#ifndef OTR_HTML_H
#define OTR_HTML_H

#include "sexp/buf.h"

/*
 * Appends the plain TEXT to OUT with & < > " ' as entities; newlines stay.
 * -1 where OUT is full.
 */
int html_escape(const char *text, struct buf *out);
/*
 * Appends HTML to OUT as plain text: tags are dropped, `<br>` is a newline,
 * entities (amp lt gt quot apos nbsp and numbers) are decoded. A `<` that
 * begins no tag and a `&` that begins no entity stay, as some clients send
 * plain text; bytes that are no UTF-8 become U+FFFD. html_decode after
 * html_escape gives the same text for all well-formed UTF-8. -1 where OUT is
 * full; it then holds the front.
 */
int html_decode(const char *html, struct buf *out);

#endif
