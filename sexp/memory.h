/* The end of a program that has no memory left. */
#ifndef SEXP_MEMORY_H
#define SEXP_MEMORY_H

/*
 * Returns P, which was just allocated, or if P is NULL says on standard error
 * that there is no memory left and ends the program with status 71.
 */
void *memory_check(void *p);

#endif
