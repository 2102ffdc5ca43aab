/*
 * Runs the notification callback, writes --fd-nfy and reads --fd-gui
 * (jackline(1)). The callback is one program at a time, killed after 30
 * seconds, with a small environment and without our descriptors. No words of a
 * message come here. May fork.
 */
#ifndef LINE_WORLD_CALLBACK_H
#define LINE_WORLD_CALLBACK_H

#include <poll.h>
#include <stdint.h>

#include "line/core/door.h"

#define CALLBACK_FDS 2

struct callback;

/*
 * Opens NAME, the argument of --fd-nfy or --fd-gui: the number of a descriptor
 * that is open for FLAGS, or a path that is opened with FLAGS, those of
 * open(2). Returns the descriptor, or -1 with errno.
 */
int callback_open(const char *name, int flags);
/*
 * Returns the callback of the account JID: PROGRAM as configured, or NULL;
 * WORDS and FOCUS are the descriptors of --fd-nfy and --fd-gui, or -1, which
 * callback_free closes. With BELL a BEL in the output of PROGRAM is written to
 * standard output. The caller frees.
 */
struct callback *callback_new(
    const char *jid, const char *program, int words, int focus, int bell);
/*
 * Tells what C wants told: writes all new notices to WORDS, starts PROGRAM for
 * the oldest one if it does not run, and kills it if it takes too long. NOW is
 * monotonic, in milliseconds. To be called after a signal and after
 * callback_deadline.
 */
void callback_work(struct callback *n, struct client *c, int64_t now);
/* Fills the CALLBACK_FDS elements of FDS for poll(2). */
void callback_fds(const struct callback *n, struct pollfd *fds);
/* Returns when callback_work is due if that is before AT, else AT (-1: never).
 */
int64_t callback_deadline(const struct callback *n, int64_t at);
/*
 * Returns 1 while the end of the program should wait for the callback: for two
 * seconds after the first call at most.
 */
int callback_lingers(struct callback *n, int64_t now);
/* Kills PROGRAM, closes the descriptors and frees. NULL is accepted. */
void callback_free(struct callback *n);
/*
 * Returns 1 if TEXT is the number of a descriptor, which goes to *FD (-1 if it
 * is too large for one), and 0 if it is a path.
 */
int callback_descriptor(const char *text, int *fd);

#endif
