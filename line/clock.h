/*
 * The clocks, for the few files that may read one; everything else is told the
 * time. Touches the world.
 */
#ifndef LINE_CLOCK_H
#define LINE_CLOCK_H

#include <stdint.h>

/* Milliseconds that never go back, since some time. */
int64_t clock_monotonic(void);
/*
 * A descriptor that is readable once the real clock was set, or the machine
 * woke up, which no timeout of poll notices: the time it slept does not count.
 * -1 where the system has no such thing. Made once.
 */
int clock_fd(void);
/* It was readable, and is not any more. */
void clock_heard(void);
/* Milliseconds since 1970, UTC, as the system has it. */
int64_t clock_real(void);

#endif
