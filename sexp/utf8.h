/*
 * UTF-8 and the few classes of characters that jackline asks about, by the
 * tables of Unicode 15.0. Pure functions; owns nothing.
 */
#ifndef SEXP_UTF8_H
#define SEXP_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads the character at the front of N bytes of P into *CP. Returns its
 * length, 1 to 4; 0 where no well-formed character stands there (RFC 3629:
 * no overlong forms, no surrogates, nothing above U+10FFFF) or N is 0.
 */
size_t utf8_decode(const void *p, size_t n, uint32_t *cp);
/* Writes CP (at most U+10FFFF) to OUT; returns the length, 1 to 4. */
size_t utf8_encode(uint32_t cp, unsigned char out[4]);
/* The length of the longest well-formed front of N bytes of P; N: all is. */
size_t utf8_valid(const void *p, size_t n);
/* Whether XML 1.0 can carry CP (production 2 "Char"). */
int utf8_is_xml(uint32_t cp);
/* Whether CP is a mark: general category Mn, Mc or Me. */
int utf8_is_mark(uint32_t cp);
/* Whether CP is a mark that takes no column: category Mn or Me. */
int utf8_is_nonspacing(uint32_t cp);
/*
 * Whether CP never stands for itself in an event line and is written \u{h}
 * (LINES.md 1.1: C1, separators, bidi controls, invisibles, non-characters,
 * private use). U+200C, U+200D, C0 and DEL are not meant here.
 */
int utf8_is_hidden(uint32_t cp);

#endif
