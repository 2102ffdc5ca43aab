/*
 * libomemo-c wipes keys, but not the records that it serialises: whole sessions
 * would stay in freed memory, to be found in a core or in swap. So free(3) of
 * the whole program wipes first. glibc only; elsewhere, and with sanitizers,
 * which have a free of their own, nothing is wiped.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NO_WIPE
#endif
#endif
#ifndef NO_WIPE

extern void __libc_free(void *p);
void free(void *p);

void
free(void *p)
{
	if (p != NULL)
		memset(p, 0, malloc_usable_size(p));
	/* As in buf_wipe, which is not called because buf.c frees. */
	__asm__ __volatile__("" : : "r"(p) : "memory");
	__libc_free(p);
}

#endif
#endif
