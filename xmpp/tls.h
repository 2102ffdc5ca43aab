/*
 * TLS 1.2 of the client by BearSSL, as a machine without I/O: bytes of the
 * socket in and out on one side, clear bytes on the other. Owns the keys and
 * the certificate checks; knows no XMPP. There is no way to switch a check
 * off. SAFETY.md, Transport.
 */
#ifndef XMPP_TLS_H
#define XMPP_TLS_H

#include <stddef.h>
#include <stdint.h>

#define TLS_PIN 32 /* length of a SHA-256 */

struct buf;
struct tls;
struct tls_anchors;

/*
 * Trust anchors from N bytes of PEM at P (one or more CERTIFICATE blocks).
 * NULL with *WHY (static) where there is no usable certificate among them.
 * The caller frees with tls_anchors_free; a struct tls borrows them.
 */
struct tls_anchors *tls_anchors_new(const void *p, size_t n, const char **why);
/* Frees; NULL is accepted. */
void tls_anchors_free(struct tls_anchors *a);

/* What to check and what to say. All is borrowed during tls_new only, but
 * for anchors, which must outlive the struct tls. */
struct tls_options {
	const char *sni;  /* the JID's domain, as an A-label */
	const char *name; /* a DNS name to check, never empty */
	const struct tls_anchors *anchors; /* or NULL, then pin is set */
	const unsigned char *pin;  /* SHA-256 of the leaf, TLS_PIN bytes */
	int alpn;		   /* offer `xmpp-client` (direct TLS) */
	int fetch;		   /* accept nothing, only look: tls_leaf;
				    * anchors and pin play no part */
	const unsigned char *seed; /* 32 bytes of randomness */
	int64_t now;		   /* seconds since 1970, for the dates */
};

/*
 * Starts a handshake. With anchors: a chain to one of them, the dates, and
 * the name, which a SAN of the leaf must hold (RFC 6125 6.4, no common name;
 * a wildcard stands for the whole left-most label). With a pin: the leaf has
 * that hash and its key signed the handshake, nothing else. NULL where both
 * or neither are set (and not fetch), the name is empty, begins with a dot or
 * holds `*`, the sni is over 255 bytes, or the seed is missing. The caller
 * frees with tls_free.
 */
struct tls *tls_new(const struct tls_options *options);
/* Wipes and frees; NULL is accepted. */
void tls_free(struct tls *t);

/*
 * Takes N bytes of the socket. Returns how many were taken: fewer than N
 * where clear bytes wait to be read or, rarely, bytes for the socket wait to
 * be written; the caller offers the rest again. With a cause: N, ignored.
 */
size_t tls_recv(struct tls *t, const void *p, size_t n);
/*
 * Bytes for the socket, *LEN of them, at most one record; NULL where there are
 * none. Borrowed until tls_wire_done; call again after it.
 */
const unsigned char *tls_wire_buf(struct tls *t, size_t *len);
/* N of them (at most *LEN) were written. */
void tls_wire_done(struct tls *t, size_t n);
/*
 * Clear bytes received, *LEN of them, NULL where there are none; borrowed
 * until tls_clear_done. All that came before a cause can be read before it.
 */
const unsigned char *tls_clear_buf(struct tls *t, size_t *len);
/* N of them (at most *LEN) were consumed. */
void tls_clear_done(struct tls *t, size_t n);
/*
 * Takes up to N clear bytes for sending; returns how many were taken (0 while
 * the handshake runs or the engine is full: drain tls_wire_buf, go on).
 */
size_t tls_send(struct tls *t, const void *p, size_t n);
/* Ends the record begun by tls_send; once per wake-up. */
void tls_flush(struct tls *t);
/*
 * Begins an orderly end: what was sent is flushed and close_notify follows.
 * What is still received is thrown away (RFC 5246 7.2.1).
 */
void tls_close(struct tls *t);

/* Whether the handshake is done, so that clear bytes may flow. */
int tls_ready(const struct tls *t);
/*
 * NULL while all is well; else the sticky cause (`tls-untrusted tls-name
 * tls-expired tls-pin tls-version protocol connection-lost`), static.
 * `connection-lost` is the peer's close_notify.
 */
const char *tls_cause(const struct tls *t);
/* The same in words, one clause, for a person; NULL as above; static. */
const char *tls_why(const struct tls *t);
/*
 * SHA-256 of the leaf certificate, TLS_PIN bytes, also of a refused one; NULL
 * before it came. Borrowed from T.
 */
const unsigned char *tls_pin(const struct tls *t);
/* Its DER, *LEN bytes (at most 65,536); NULL before it came. Borrowed. */
const unsigned char *tls_leaf(const struct tls *t, size_t *len);
/* `1.2`, or NULL before the handshake; static. */
const char *tls_version(const struct tls *t);
/* The name of the cipher suite (RFC 5289, RFC 7905), or NULL; static. */
const char *tls_cipher(const struct tls *t);
/*
 * tls-unique (RFC 5929 3), 12 bytes; NULL before the handshake is done. Sound
 * because there is neither resumption nor renegotiation. Borrowed from T.
 */
const unsigned char *tls_unique(const struct tls *t);

/*
 * What the certificate of N bytes of DER at DER says of itself, unchecked:
 * appends its DNS names (or, where it has none, its common name) to NAMES,
 * with spaces between and `?` for what is not printable ASCII, and sets the
 * dates in seconds since 1970. -1, and nothing set, where it cannot be read or
 * its key is of a type that is not supported.
 */
int tls_describe(const unsigned char *der, size_t n, struct buf *names,
    int64_t *not_before, int64_t *not_after);

#endif
