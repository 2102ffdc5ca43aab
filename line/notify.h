/*
 * The notification callback, --fd-nfy and --fd-gui (SAFETY.md, files and
 * processes). May fork. No word of a message ever comes here.
 */
#ifndef LINE_NOTIFY_H
#define LINE_NOTIFY_H

#include <poll.h>
#include <stdint.h>

#include "line/client.h"

#define NOTIFY_FDS 2

struct notify;

/*
 * The argument of --fd-nfy or --fd-gui: the number of a descriptor that is open
 * for FLAGS, those of open(2), or a path, which is opened so. -1 with errno.
 */
int notify_open(const char *name, int flags);
/*
 * For the account JID: CALLBACK as configured, or NULL; WORDS and FOCUS, what
 * notify_open made of --fd-nfy and --fd-gui, or -1, are taken; BELL: a BEL in
 * the callback's output passes. The caller frees.
 */
struct notify *notify_new(
    const char *jid, const char *callback, int words, int focus, int bell);
/* Does what C wants told; NOW is monotonic, in milliseconds. */
void notify_work(struct notify *n, struct client *c, int64_t now);
/* Fills the NOTIFY_FDS of FDS. */
void notify_fds(const struct notify *n, struct pollfd *fds);
/* When notify_work is wanted, if that is before AT (-1: never); else AT. */
int64_t notify_deadline(const struct notify *n, int64_t at, int64_t now);
/*
 * All else is over: whether callbacks still run or wait that the end of the
 * program should wait for, which is not for long.
 */
int notify_lingers(struct notify *n, int64_t now);
/* Kills what runs, closes, frees; NULL is accepted. */
void notify_free(struct notify *n);

#endif
