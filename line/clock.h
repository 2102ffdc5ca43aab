/*
 * The clocks, for the few files that may read one; everything else is told the
 * time. Touches the world.
 */
#ifndef LINE_CLOCK_H
#define LINE_CLOCK_H

#include <stdint.h>

/* Milliseconds that never go back, since some time. */
int64_t clock_monotonic(void);
/* Milliseconds since 1970, UTC, as the system has it. */
int64_t clock_real(void);

#endif
