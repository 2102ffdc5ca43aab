/*
 * Included before everything else where `make coverage` compiles: a process
 * that ends by _exit, as the helper does, says what it has executed, too.
 */
#ifndef T_COVERAGE_H
#define T_COVERAGE_H

/* Adds what this process has executed to the counts on the disk; of gcc. */
void __gcov_dump(void);
/* Ends the process with STATUS; of libc. */
_Noreturn void _Exit(int status);

/* Does what _exit does, after __gcov_dump. */
static inline _Noreturn void
coverage_exit(int status)
{
	__gcov_dump();
	_Exit(status);
}

#define _exit coverage_exit

#endif
