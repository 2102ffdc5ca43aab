/*
 * The terminal's state: the handles that its files share, and a part for each
 * file that remembers something. A part is opaque: only the file that it is
 * named after looks into it. The files call each other downwards only, in the
 * order tty, tty_event, tty_key, tty_input, tty_sequence, tty_line, tty_page,
 * tty_screen, tty_mode.
 */
#ifndef LINE_TTY_TTY_STATE_H
#define LINE_TTY_TTY_STATE_H

#include <histedit.h>
#include <stdio.h>

#include "line/tty/tty.h"
#include "line/tty/view.h"

#define TTY_LINE ((size_t)1024 * 1024) /* bytes typed or pasted, at most */

struct tty {
	/* Set once, by tty.c. */
	EditLine *el; /* its client data is this struct */
	/* libedit draws to /dev/null; tty_screen.c draws the line. */
	FILE *nowhere;
	struct view *view;
	struct client *client;
	int (*turn)(void *); /* one turn of the poll loop; 0 at the end */
	void *data;	     /* its argument */
	int text_only;	     /* no line is a command (-t) */
	int is_ascii;	     /* characters outside ASCII cannot be shown */
	/* Written by tty.c. */
	int is_lost;	/* the terminal takes no more output */
	int is_hung_up; /* its SIGHUP came, or its loss was noticed first */
	/* Written by tty_input.c. */
	int is_over; /* nothing more is typed */
	/* Written by tty_key.c. */
	int has_left; /* a key has ended libedit's reading of this line */
	/* The parts. */
	struct tty_screen *screen;
	struct tty_page *page;
	struct tty_line *line;
	struct tty_input *input;
	struct tty_event *event;
};

#endif
