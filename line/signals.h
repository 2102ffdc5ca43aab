/*
 * Signals as bytes of a pipe, for a poll loop. Touches the world: there is one
 * set of handlers, and one pipe, in a program.
 */
#ifndef LINE_SIGNALS_H
#define LINE_SIGNALS_H

/*
 * Catches SIGINT, SIGTERM and SIGHUP from now on, and ignores SIGPIPE. -1 with
 * errno.
 */
int signals_catch(void);
/* Catches SIGWINCH as well. */
void signals_catch_resize(void);
/* Catches SIGTSTP and SIGCONT where CAUGHT, else leaves them to the system. */
void signals_stops(int caught);
/* The descriptor that is readable while signals wait. */
int signals_fd(void);
/* Whether signals wait. */
int signals_wait(void);
/* Takes one: its number, 0 where none waits. */
int signals_take(void);
/* Whether one that is to end us ever came, also while it waits. */
int signals_ending(void);

#endif
