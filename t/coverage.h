/*
 * Included before everything else where `make coverage` compiles: a process
 * that ends by _exit, as the helper does, says what it has executed, too.
 */
#ifndef T_COVERAGE_H
#define T_COVERAGE_H

void __gcov_dump(void);
_Noreturn void _Exit(int status);

static inline _Noreturn void
coverage_exit(int status)
{
	__gcov_dump();
	_Exit(status);
}

#define _exit coverage_exit

#endif
