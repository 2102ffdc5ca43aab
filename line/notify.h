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
 * For the account JID: CALLBACK as configured; WORDS and FOCUS, the arguments
 * of --fd-nfy and --fd-gui, each a descriptor's number or a path; BELL: a BEL
 * in the callback's output passes. Each name may be NULL. NULL with errno
 * where one cannot be opened; the caller frees.
 */
struct notify *notify_new(const char *jid, const char *callback,
    const char *words, const char *focus, int bell);
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
