/*
 * A group of messages, `(3 (MESSAGE...))`, as an S-expression. history.c reads
 * and prints histories with it. Private to store/. Pure.
 */
#ifndef STORE_GROUP_H
#define STORE_GROUP_H

#include "sexp/sexp.h"
#include "store/history.h"

/* Returns the enum history_kind that the atom S names; -1 with E filled. */
int group_kind(const struct sexp *s, struct sexp_error *e);

/*
 * Appends a group of one message M, version 3, in machine form to OUT. -1 with
 * OUT as before if its bound is exceeded.
 */
int group_print(const struct history_message *m, struct buf *out);
/*
 * Returns the list of messages of the group S, the newest first, and sets
 * *VERSION. Returns NULL with E filled if S is not a group of version 0 to 3.
 */
const struct sexp *group_messages(
    const struct sexp *s, int *version, struct sexp_error *e);
/*
 * Reads the message S, of a group of VERSION in the history of OWNER, into M.
 * The caller frees M with group_clear. Returns -1 with E filled and M zeroed if
 * it cannot be read.
 */
int group_message(struct history_message *m, const struct sexp *s, int version,
    const char *owner, struct sexp_error *e);
/* Wipes and frees what M owns, and zeroes M. */
void group_clear(struct history_message *m);
/*
 * Returns 1 if the N bytes at P are exactly one group, byte for byte as we or
 * the OCaml jackline print it, and all its messages can be read.
 */
int group_is_canonical(const char *owner, const unsigned char *p, size_t n);

#endif
