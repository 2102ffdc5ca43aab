/*
 * Finds a line editor that fits the terminal, for the session and for the
 * questions of --configure. Owns nothing. Knows nothing of what is typed.
 */
#ifndef LINE_TTY_TTY_EDITOR_H
#define LINE_TTY_TTY_EDITOR_H

#include <histedit.h>
#include <stdio.h>

/*
 * Returns whether standard input and output are a terminal, and TERM names one
 * that can do more than write line after line.
 */
int tty_editor_is_possible(void);
/*
 * Makes a line editor, which draws on standard output and complains to NOWHERE,
 * borrowed until tty_editor_free. A terminal whose name is not known here, as
 * happens over ssh, is taken for one of ANSI. Returns NULL if its cursor cannot
 * move, or if NOWHERE is NULL.
 */
EditLine *tty_editor_new(FILE *nowhere);
/*
 * Frees EL, which may be NULL. The terminal keeps its present settings: the
 * caller restores them (tty_mode.h).
 */
void tty_editor_free(EditLine *el, FILE *nowhere);

#endif
