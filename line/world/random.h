/* Random bytes from the system. Touches the world. */
#ifndef LINE_WORLD_RANDOM_H
#define LINE_WORLD_RANDOM_H

#include <stddef.h>

/*
 * Fills N bytes of P with random bytes. Signals do not end it. Returns 0, or -1
 * with errno if the system has no random bytes to give.
 */
int random_bytes(void *p, size_t n);

#endif
