/*
 * Libraries do not look whether there was memory: libotr would write to address
 * 0. So malloc(3) and its like of the whole program end it, with status 71,
 * where the system has none left. glibc only; elsewhere, and with sanitizers,
 * which have an allocator of their own, that is done where buf.c allocates.
 */
#include "sexp/memory.h"

#include <stdio.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define EXIT_SYSTEM 71

/* Blocks of so many bytes are mapped by themselves. */
#define LARGE (40 * 1024)

void
memory_init(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, LARGE);
#endif
}

/* No other library code exits. */
void
memory_end(const char *line)
{
	fputs(line, stderr);
	exit(EXIT_SYSTEM); /* atexit(3) restores a terminal */
}

void *
memory_check(void *p)
{
	if (p == NULL)
		memory_end("jackline: out of memory\n");
	return p;
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NO_CHECK
#endif
#endif
#ifndef NO_CHECK

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t n);

void *
malloc(size_t n)
{
	return memory_check(__libc_malloc(n));
}

void *
calloc(size_t count, size_t size)
{
	return memory_check(__libc_calloc(count, size));
}

/* With N 0 it frees P, and NULL says so. */
void *
realloc(void *p, size_t n)
{
	p = __libc_realloc(p, n);
	return n == 0 ? p : memory_check(p);
}

#endif
#endif
