/*
 * A group of messages, `(3 (MESSAGE...))`, as S-expression: what history.c
 * reads and prints. Private to store/; pure.
 */
#ifndef STORE_GROUP_H
#define STORE_GROUP_H

#include "sexp/sexp.h"
#include "store/history.h"

/* The words of enum history_kind, in its order, and a NULL. */
extern const char *const group_kinds[];

/* M as a group of one, version 3, inside T. */
struct sexp *group_build(struct sexp_tree *t, const struct history_message *m);
/*
 * The list of messages of the group S, the newest first, and its *VERSION.
 * NULL with E where S is no group or of a version that we do not know.
 */
const struct sexp *group_messages(
    const struct sexp *s, int *version, struct sexp_error *e);
/*
 * Reads the message S of a group of VERSION in the history of OWNER into M,
 * whose strings are then owned. -1 with E, M is zeroed.
 */
int group_message(struct history_message *m, const struct sexp *s, int version,
    const char *owner, struct sexp_error *e);
/* Wipes and frees what M owns; M is zeroed. */
void group_clear(struct history_message *m);
/*
 * Whether the N bytes at P are exactly one group, to the byte as we or the
 * original print it, and all messages in it can be read.
 */
int group_is_canonical(const char *owner, const unsigned char *p, size_t n);

#endif
