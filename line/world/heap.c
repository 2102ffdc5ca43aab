#define _GNU_SOURCE /* mlock2, sbrk */
#include "line/world/heap.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__GLIBC__) && defined(MLOCK_ONFAULT)

#define PAGE 4096
#define STEP 65536 /* bytes that are locked at once, or not at all */

void
heap_lock(void)
{
	static uintptr_t end; /* of what is locked */
	static int is_refused;
	uintptr_t top = (uintptr_t)sbrk(0);
	size_t n;
	void *first;

	if (end == 0) {
		first = malloc(1);
		end = (uintptr_t)first & ~(uintptr_t)(PAGE - 1);
		free(first);
	}
	/* A heap that has shrunk is not locked when it grows again. */
	for (end = end < top ? end : top; end < top && !is_refused; end += n) {
		n = top - end < STEP ? top - end : STEP;
		is_refused = mlock2((void *)end, n, MLOCK_ONFAULT) == -1;
	}
}

#else

void
heap_lock(void)
{
}

#endif
