/* The end of a program that lacks memory, or what a library cannot do without.
 */
#ifndef SEXP_MEMORY_H
#define SEXP_MEMORY_H

/* Writes LINE to standard error and ends the program with status 71. */
_Noreturn void memory_end(const char *line);

/*
 * Returns P, which was just allocated, or if P is NULL says on standard error
 * that there is no memory left and ends the program with status 71.
 */
void *memory_check(void *p);

#endif
