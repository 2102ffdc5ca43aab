/*
 * The memory that malloc(3) gives, and the end of a program that lacks memory,
 * or what a library cannot do without.
 */
#ifndef SEXP_MEMORY_H
#define SEXP_MEMORY_H

/* Writes LINE to standard error and ends the program with status 71. */
_Noreturn void memory_end(const char *line);

/*
 * Lets malloc(3) map each large block by itself, to be called at the start:
 * what of it is never used, as most of the buffers of TLS, takes no memory
 * then, and when it is freed all of it goes back to the system. glibc only.
 */
void memory_init(void);

/*
 * Returns P, which was just allocated, or if P is NULL says on standard error
 * that there is no memory left and ends the program with status 71.
 */
void *memory_check(void *p);

#endif
