/* Tests fill the stack where a function will have its variables. */
#ifndef T_UNIT_STACK_H
#define T_UNIT_STACK_H

#include <stddef.h>

/* Leaves letters, no zeros, where the next call has its variables. */
static void
stack_fill(void)
{
	volatile char letters[4096];
	size_t i;

	for (i = 0; i < sizeof letters; i++)
		letters[i] = 'a';
}

#endif
