/*
 * The terminal's settings (termios, marked pastes), which are put back on every
 * way out: at exit, on a crash, when the program is stopped. Owns the settings
 * of before and those to return to after a stop. Knows nothing of lines, keys
 * and events.
 */
#ifndef LINE_TTY_TTY_MODE_H
#define LINE_TTY_TTY_MODE_H

/*
 * Saves the terminal's settings; from now on exits and crashes restore them,
 * and signals.h takes the signals of job control. With EDITOR the terminal is
 * to mark what is pasted. Returns -1 if standard input is no terminal.
 */
int tty_mode_keep(int editor);
/* Takes the present settings for those that tty_mode_again sets. Does so once
 * after each tty_mode_keep; later calls change nothing. */
void tty_mode_mark(void);
/*
 * Sets the marked settings again, after a stop. Returns -1 if that failed or
 * must not be, because another process group has the terminal.
 */
int tty_mode_again(void);
/* Turns the echo off, until the saved settings return. Returns 0 or -1. */
int tty_mode_silence(void);
/*
 * Lets standard output, and standard error if it is a terminal, lead nowhere:
 * for a terminal that takes no more bytes.
 */
void tty_mode_mute(void);
/* Restores the saved settings and gives job control back to the system. */
void tty_mode_leave(void);
/*
 * Restores the saved settings and stops this process, or with GROUP its whole
 * process group. Returns when the terminal is ours again, or when a signal
 * waits that ends the program.
 */
void tty_mode_stop(int group);

#endif
