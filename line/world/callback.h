/*
 * Has the notification callback run by the helper (helper.h), writes --fd-nfy
 * and reads --fd-gui (jackline(1)). The callback is one program at a time,
 * killed after 30 seconds, with a small environment and without our
 * descriptors. No words of a message come here.
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
 * Starts the helper, which inherits all that is in memory now: to be called
 * before a secret is read, and before signals_catch. Returns the callback,
 * which does nothing until callback_set. If there is no helper, the first call
 * fails and the user is told then. The caller frees.
 */
struct callback *callback_new(void);
/*
 * Makes N the callback of the account JID: PROGRAM as configured, or NULL, and
 * then the helper ends; WORDS and FOCUS are the descriptors of --fd-nfy and
 * --fd-gui, or -1. With BELL a BEL in the output of PROGRAM is written to
 * standard output.
 */
void callback_set(struct callback *n, const char *jid, const char *program,
    int words, int focus, int bell);
/*
 * Tells what C wants told: writes all new notices to WORDS, and has PROGRAM
 * started for the oldest one if it does not run. A failure is told to the user,
 * once. To be called when callback_fds are ready.
 */
void callback_work(struct callback *n, struct client *c);
/* Fills the CALLBACK_FDS elements of FDS for poll(2). */
void callback_fds(const struct callback *n, struct pollfd *fds);
/* Returns when the end waits no longer if that is before AT, else AT (-1:
 * never). */
int64_t callback_deadline(const struct callback *n, int64_t at);
/*
 * Returns 1 while the end of the program should wait for the callback: for two
 * seconds after the first call at most.
 */
int callback_lingers(struct callback *n, int64_t now);
/* Has PROGRAM killed, ends the helper and frees. NULL is accepted. */
void callback_free(struct callback *n);
/*
 * Returns 1 if TEXT is the number of a descriptor, which goes to *FD (-1 if it
 * is too large for one), and 0 if it is a path.
 */
int callback_descriptor(const char *text, int *fd);

#endif
