/*
 * The events of the machine, as the terminal takes them: the screen shows each
 * that the view lets through, a question opens, another contact is active. Owns
 * how far the stored lines of the active contact have been asked for.
 */
#ifndef LINE_TTY_TTY_EVENT_H
#define LINE_TTY_TTY_EVENT_H

#include "line/tty/tty_state.h"

/* Makes what T remembers of the events. */
void tty_event_new(struct tty *t);
/* Shows what belongs to the contact that is active at first. */
void tty_event_begin(struct tty *t);
/* Frees it; one that was not made is accepted. */
void tty_event_free(struct tty *t);
/* Returns whether stored lines were asked for and not yet shown. */
int tty_event_is_waiting(const struct tty *t);

#endif
