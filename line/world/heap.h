/*
 * Keeps what malloc(3) gives out of the swap space, as the password, keys and
 * decrypted text are there. glibc on Linux only; elsewhere nothing is done.
 */
#ifndef LINE_WORLD_HEAP_H
#define LINE_WORLD_HEAP_H

/*
 * Locks into memory, by mlock2(2), what of the heap is not locked yet, as far
 * as the limit goes; what is never used takes no memory. To be called again
 * where the heap may have grown. Blocks of more than 40 KiB, which are mapped
 * by themselves (memory_init), are not locked.
 */
void heap_lock(void);

#endif
