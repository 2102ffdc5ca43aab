/*
 * Reads and prints the file features: what the server offered in the last
 * login, so that the next one takes fewer round trips. It may be deleted at any
 * time. Pure; owns nothing.
 */
#ifndef STORE_FEATURES_H
#define STORE_FEATURES_H

#include "sexp/buf.h"
#include "sexp/sexp.h"

struct features {
	unsigned mechanisms; /* of SASL, bits in the order of xmpp/sasl.h */
	int unique; /* 0: the server listed channel bindings, not tls-unique */
	unsigned stream; /* after the login, in the order of xmpp/stream.h */
};

/* Reads N bytes at P into F; -1 with E filled and F zero if they cannot be. */
int features_parse(
    struct features *f, const void *p, size_t n, struct sexp_error *e);
/* Appends the file of F to OUT. Returns -1 if OUT is full. */
int features_print(const struct features *f, struct buf *out);

#endif
