/*
 * Base64 (RFC 4648 section 4) from and to byte buffers. Pure functions; owns
 * nothing and knows nothing of what the bytes mean.
 */
#ifndef XMPP_BASE64_H
#define XMPP_BASE64_H

#include "sexp/buf.h"

/*
 * Appends the N bytes of P in base64, padded, without line breaks. -1, and
 * nothing appended, where the maximum of OUT is exceeded.
 */
int base64_encode(struct buf *out, const void *p, size_t n);
/*
 * Appends the bytes that the N characters at P stand for. Strict: the alphabet
 * of section 4 only, padding complete and at the end only, unused bits zero
 * (RFC 6120 13.9.1); no character at all is no byte. -1, and nothing
 * appended, on anything else or where the maximum of OUT is exceeded.
 */
int base64_decode(struct buf *out, const char *p, size_t n);

#endif
