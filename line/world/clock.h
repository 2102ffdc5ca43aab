/*
 * The clocks of the system, for the few files that may read one; the machine is
 * told the time. Touches the world.
 */
#ifndef LINE_WORLD_CLOCK_H
#define LINE_WORLD_CLOCK_H

#include <stdint.h>

/* Returns milliseconds since some moment; they never go back. */
int64_t clock_monotonic(void);
/*
 * Returns a descriptor that becomes readable when the real clock is set or the
 * machine wakes from sleep. A timeout of poll(2) does not notice that: it does
 * not count the time asleep. -1 if the system has no such descriptor. Always
 * the same one; never closed.
 */
int clock_fd(void);
/* Makes the descriptor of clock_fd, which was readable, unreadable again. */
void clock_heard(void);
/* Returns milliseconds since 1970, UTC, as the system's clock says. */
int64_t clock_real(void);

#endif
