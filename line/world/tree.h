/*
 * --tree (jackline(1)): a directory as ii(1) keeps it, with a FIFO `in` and a
 * file `out` for each room and contact, a journal of the lines that are not
 * answered yet, and `all`. Carries lines to the machine and files its events.
 * Owns the descriptors; decides nothing about XMPP.
 */
#ifndef LINE_WORLD_TREE_H
#define LINE_WORLD_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "line/core/door.h"

struct buf;
struct tree;

/*
 * Makes the directory PATH, with its parents, or opens it and locks it against
 * a second jackline. Returns NULL with a sentence in WHY if it cannot be used.
 * The caller frees by tree_free.
 */
struct tree *tree_open(const char *path, struct buf *why);
/*
 * Opens the inputs of T for C, for the life of both; before client_start. Tells
 * by C of the lines that an earlier run has not answered.
 */
void tree_start(struct tree *t, struct client *c);
/* Closes all. NULL is accepted. */
void tree_free(struct tree *t);
/*
 * Files the LEN bytes of event lines at P, which are all that C has and begin
 * with what T was given before. Returns how many of them are in their files;
 * fewer while there is no room on the disk.
 */
size_t tree_file(struct tree *t, const void *p, size_t len);
/* Notes that the first N of these bytes are written to the end, and dropped. */
void tree_written(struct tree *t, size_t n);
/*
 * Reads lines, and looks for directories that were made or removed; NOW is
 * monotonic, in milliseconds, and WALL since 1970: both as C knows them, as the
 * journal compares WALL with the time of events.
 */
void tree_work(struct tree *t, int64_t now, int64_t wall);
/* Returns the descriptor of the directory itself, borrowed. */
int tree_top(const struct tree *t);
/* Returns the descriptor that is readable when a FIFO is, or -1. */
int tree_fd(const struct tree *t);
/* Returns when tree_work is due if that is before AT, else AT (-1: never). */
int64_t tree_deadline(const struct tree *t, int64_t at);

#endif
