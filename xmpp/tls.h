/*
 * A TLS 1.2 client by BearSSL, as a machine without I/O: bytes of the socket go
 * in and out on one side, clear bytes on the other. Owns the keys and the
 * certificate checks, none of which can be switched off (jackline(1),
 * SECURITY). Knows no XMPP.
 */
#ifndef XMPP_TLS_H
#define XMPP_TLS_H

#include <stddef.h>
#include <stdint.h>

#define TLS_PIN 32 /* bytes of a SHA-256 */

struct buf;
struct tls;
struct tls_anchors;

/*
 * Reads trust anchors from the N bytes of PEM at P, one or more CERTIFICATE
 * blocks. Returns NULL with the reason in *WHY (static) if none of them can be
 * used. The caller frees with tls_anchors_free; a struct tls borrows them.
 */
struct tls_anchors *tls_anchors_new(const void *p, size_t n, const char **why);
/* Frees; NULL is accepted. */
void tls_anchors_free(struct tls_anchors *a);

/*
 * The options of tls_new. All are borrowed during that call only, except
 * `anchors`, which must outlive the struct tls.
 */
struct tls_options {
	const char *sni;  /* the JID's domain, as an A-label */
	const char *name; /* a DNS name to check, never empty */
	/* Exactly one of these is set: trust anchors to validate a chain with,
	 * or TLS_PIN bytes, the SHA-256 of the leaf. */
	const struct tls_anchors *anchors;
	const unsigned char *pin;
	int alpn;		   /* offer `xmpp-client` (direct TLS) */
	const unsigned char *seed; /* 32 bytes of randomness */
	int64_t now;		   /* seconds since 1970, for the dates */
};

/*
 * Starts a handshake. With anchors, a chain must lead to one of them, all its
 * dates must be good, and the leaf must have the name in its SAN (RFC 6125 6.4;
 * a common name does not count, and a wildcard stands for the whole left-most
 * label). With a pin, the leaf must have that hash, and nothing else is
 * checked. In both cases the key of the leaf must have signed the handshake.
 *
 * Returns NULL if both or neither of anchors and pin are set; if the name is
 * empty, begins with a dot or has a `*` in it; if the SNI is longer than 255
 * bytes; or if there is no seed. The caller frees with tls_free.
 */
struct tls *tls_new(const struct tls_options *options);
/* Wipes and frees; NULL is accepted. */
void tls_free(struct tls *t);

/*
 * Takes N bytes of the socket and returns how many were taken. If fewer than N,
 * clear bytes wait to be read or, rarely, bytes for the socket wait to be
 * written; the caller offers the rest again afterwards. After a failure all N
 * are ignored.
 */
size_t tls_recv(struct tls *t, const void *p, size_t n);
/*
 * Returns *LEN bytes for the socket, at most one record or all that we say in a
 * step of the handshake, borrowed until tls_wire_done; NULL if there are none.
 * Call it again after tls_wire_done.
 */
const unsigned char *tls_wire_buf(struct tls *t, size_t *len);
/* Notes that N of them (at most *LEN) were written. */
void tls_wire_done(struct tls *t, size_t n);
/*
 * Returns *LEN clear bytes received, borrowed until tls_clear_done; NULL if
 * there are none. Bytes received before a failure can still be read after it.
 */
const unsigned char *tls_clear_buf(struct tls *t, size_t *len);
/* Notes that N of them (at most *LEN) were consumed. */
void tls_clear_done(struct tls *t, size_t n);
/*
 * Takes up to N clear bytes for sending and returns how many were taken: 0
 * during the handshake, or until the bytes of tls_wire_buf are written.
 */
size_t tls_send(struct tls *t, const void *p, size_t n);
/* Ends the record begun by tls_send. */
void tls_flush(struct tls *t);
/*
 * Begins an orderly end: flushes what was sent and sends close_notify. Data
 * received later is thrown away (RFC 5246 7.2.1).
 */
void tls_close(struct tls *t);

/* Returns 1 if the handshake is done and nothing has failed since. */
int tls_ready(const struct tls *t);
/*
 * Returns the cause of a failure: `tls-untrusted`, `tls-name`, `tls-expired`,
 * `tls-pin`, `tls-version`, `protocol`, or `connection-lost` for the
 * close_notify of the peer. Sticky, static; NULL if nothing failed.
 */
const char *tls_cause(const struct tls *t);
/* Explains that in one clause; static; NULL if nothing failed. */
const char *tls_why(const struct tls *t);
/*
 * Returns the SHA-256 of the leaf certificate, TLS_PIN bytes, even if it was
 * refused; NULL before it came. Borrowed from T.
 */
const unsigned char *tls_pin(const struct tls *t);
/*
 * Returns the DER of the leaf, *LEN bytes (at most 65,536), even if it was
 * refused; NULL before it came. Borrowed from T.
 */
const unsigned char *tls_leaf(const struct tls *t, size_t *len);
/* Returns `1.2`, or NULL before the handshake; static. */
const char *tls_version(const struct tls *t);
/* Returns the name of the cipher suite (RFC 5289, RFC 7905), or NULL; static.
 */
const char *tls_cipher(const struct tls *t);
/*
 * Returns tls-unique (RFC 5929 3), 12 bytes; NULL before the handshake is done.
 * Sound, as there is neither resumption nor renegotiation. Borrowed from T.
 */
const unsigned char *tls_unique(const struct tls *t);

/*
 * Describes a certificate of N bytes of DER, unchecked: appends its DNS names,
 * or its common name if it has none, to NAMES, separated by spaces and with `?`
 * for characters that are not printable ASCII; sets the dates in seconds since
 * 1970. Returns -1 and sets nothing if it cannot be read or the type of its key
 * is not supported.
 */
int tls_describe(const unsigned char *der, size_t n, struct buf *names,
    int64_t *not_before, int64_t *not_after);

#endif
