/*
 * Turns signals into bytes of a pipe, for a poll loop. Touches the world: a
 * program has one set of handlers and one pipe.
 */
#ifndef LINE_WORLD_SIGNALS_H
#define LINE_WORLD_SIGNALS_H

/*
 * Catches SIGINT, SIGTERM and SIGHUP from now on, ignores SIGPIPE and SIGCHLD,
 * so that a child leaves no zombie, and unblocks all signals. -1 with errno.
 */
int signals_catch(void);
/* Catches SIGWINCH as well. */
void signals_catch_resize(void);
/* Catches SIGCHLD instead, so that the end of a child wakes the poll loop. */
void signals_catch_children(void);
/* Catches SIGTSTP and SIGCONT if CAUGHT, else leaves them to the system. */
void signals_stops(int caught);
/* Returns the descriptor that is readable while a signal waits. */
int signals_fd(void);
/*
 * Takes the signal that waits longest and returns its number, 0 if none waits.
 * SIGCHLD is skipped: it has no more to do than to wake the loop.
 */
int signals_take(void);
/*
 * Returns 1 if SIGINT, SIGTERM or SIGHUP ever came, taken or not. From then on
 * a system call that waits fails with EINTR within a second.
 */
int signals_ending(void);

#endif
