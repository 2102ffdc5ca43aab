/*
 * Base64 (RFC 4648 4) to and from byte buffers. Pure functions; owns nothing.
 */
#ifndef XMPP_BASE64_H
#define XMPP_BASE64_H

#include "sexp/buf.h"

/*
 * Appends the N bytes at P in base64, padded, without line breaks. Returns -1
 * and appends nothing if OUT is full.
 */
int base64_encode(struct buf *out, const void *p, size_t n);
/*
 * Decodes the N characters at P and appends the bytes. Strict: only the
 * alphabet of RFC 4648 4, complete padding at the end only, and unused bits
 * zero (RFC 6120 13.9.1). Returns -1 and appends nothing if that is violated or
 * OUT is full. An empty string is no bytes.
 */
int base64_decode(struct buf *out, const char *p, size_t n);

#endif
