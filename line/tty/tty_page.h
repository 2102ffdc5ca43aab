/*
 * The remembered lines of the active contact, shown again by pages. Owns the
 * place to which somebody has paged, and how many of the lines the screen
 * shows already. Does not know where the lines come from: the view has them.
 */
#ifndef LINE_TTY_TTY_PAGE_H
#define LINE_TTY_TTY_PAGE_H

#include "line/tty/tty_state.h"

/* Lines that are shown of a contact that one turns to, and of one whose lines
 * come from the server's archive. */
#define PAGE_LAST     10
#define PAGE_ARCHIVED 20

/* Makes T's place among the lines of the active contact. */
void tty_page_new(struct tty *t);
/* Frees it; one that was not made is accepted. */
void tty_page_free(struct tty *t);
/* Another contact is active, whose last lines count as seen. */
void tty_page_turn(struct tty *t);
/* Appends the last COUNT lines of the active contact to the rows. */
void tty_page_last(struct tty *t, size_t count);
/*
 * Appends what a replay has brought to the rows: one that says so, the lines of
 * the active contact, as many as fit, and one about the others.
 */
void tty_page_replayed(struct tty *t);
/*
 * Appends a page that is further BACK than the one before, or further forth;
 * returns 0 if there is none and nothing was appended.
 */
int tty_page_move(struct tty *t, int back);
/* Ends the paging: the next page back begins at the last line again. */
void tty_page_reset(struct tty *t);
/* A line of the active contact was added, and is on the screen. */
void tty_page_added(struct tty *t);
/* Clears the screen: none of the lines is seen. */
void tty_page_wipe(struct tty *t);

#endif
