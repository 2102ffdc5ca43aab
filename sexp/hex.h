/*
 * Hexadecimal digits, the same in every locale. Pure functions.
 */
#ifndef SEXP_HEX_H
#define SEXP_HEX_H

#include <stddef.h>

/* Returns the value of the digit C, of either case, or -1 if it is none. */
int hex_value(int c);
/*
 * Returns the byte that the two digits at P stand for, or -1. P[1] is not read
 * where P[0] is no digit, so a string may end there.
 */
int hex_byte(const char *p);
/* Writes the N bytes at P to OUT as 2 N digits in lower case and a NUL. */
void hex_write(const void *p, size_t n, char *out);

#endif
