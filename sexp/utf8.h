/*
 * UTF-8, and the classes of characters that jackline distinguishes, from the
 * tables of Unicode 15.0. Pure functions.
 */
#ifndef SEXP_UTF8_H
#define SEXP_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads the first character of the N bytes of P into *CP. Returns its length, 1
 * to 4, or 0 if N is 0 or it is not well-formed (RFC 3629: no overlong forms,
 * no surrogates, nothing above U+10FFFF).
 */
size_t utf8_decode(const void *p, size_t n, uint32_t *cp);
/* Writes CP (at most U+10FFFF) to OUT; returns the length, 1 to 4. */
size_t utf8_encode(uint32_t cp, unsigned char out[4]);
/* Returns how many of the first N bytes of P are well-formed; N if all are. */
size_t utf8_valid(const void *p, size_t n);
/* Returns 1 if XML 1.0 allows the character CP (production 2, "Char"). */
int utf8_is_xml(uint32_t cp);
/* Returns 1 if CP is a mark: general category Mn, Mc or Me. */
int utf8_is_mark(uint32_t cp);
/* Returns 1 if CP is a mark of no width: general category Mn or Me. */
int utf8_is_nonspacing(uint32_t cp);
/*
 * Returns 1 if CP is always written as \u{h} in an event line
 * (jackline-lines(7), Escapes): C1, separators, bidi controls, invisible
 * characters, non-characters, private use. U+200C, U+200D, C0 and DEL have
 * rules of their own.
 */
int utf8_is_hidden(uint32_t cp);

#endif
