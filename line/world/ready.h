/*
 * Many descriptors that are waited for to be readable, as one where the system
 * has epoll(7). Owns the list; not the descriptors.
 */
#ifndef LINE_WORLD_READY_H
#define LINE_WORLD_READY_H

struct ready;

/* Returns an empty list, or NULL with errno. The caller frees. */
struct ready *ready_new(void);
/* Frees R. NULL is accepted. */
void ready_free(struct ready *r);
/* Adds FD, which DATA is for. Returns 0; -1 with errno. */
int ready_add(struct ready *r, int fd, void *data);
/* Takes FD, which was added, out again, before it is closed. */
void ready_remove(struct ready *r, int fd);
/* Returns a descriptor that is readable when one of them is, or -1. */
int ready_fd(const struct ready *r);
/* Writes the data of at most MAX that are readable now to DATA; their number.
 */
int ready_now(struct ready *r, void **data, int max);

#endif
