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

struct tls;
struct tls_anchors;

/*
 * Trust anchors from N bytes of PEM at P (one or more CERTIFICATE blocks).
 * NULL with *WHY (static) where there is no usable certificate among them.
 * The caller frees with tls_anchors_free; a struct tls borrows them.
 */
struct tls_anchors *tls_anchors_new(
    const void *p, size_t n, const char **why);
/* Frees; NULL is accepted. */
void tls_anchors_free(struct tls_anchors *a);

/* What to check and what to say. All is borrowed during tls_new only, but
 * for anchors, which must outlive the struct tls. */
struct tls_options {
	const char *sni;	   /* the JID's domain, as an A-label */
	const char *name;	   /* the name to check, never empty */
	const struct tls_anchors *anchors; /* or NULL, then pin is set */
	const unsigned char *pin;  /* SHA-256 of the leaf, TLS_PIN bytes */
	int alpn;		   /* offer `xmpp-client` (direct TLS) */
	int fetch;		   /* accept nothing, only look: tls_leaf */
	const unsigned char *seed; /* 32 bytes of randomness */
	int64_t now;		   /* seconds since 1970, for the dates */
};

/*
 * Starts a handshake. NULL where both or neither of anchors and pin are set
 * or the name is empty. The caller frees with tls_free.
 */
struct tls *tls_new(const struct tls_options *options);
/* Wipes and frees; NULL is accepted. */
void tls_free(struct tls *t);

/*
 * Takes N bytes of the socket. Returns how many were taken: fewer than N
 * where clear bytes wait to be read; the caller offers the rest again.
 */
size_t tls_recv(struct tls *t, const void *p, size_t n);
/* Bytes for the socket, *LEN of them; borrowed until tls_wire_done. */
const unsigned char *tls_wire_buf(struct tls *t, size_t *len);
/* N of them were written. */
void tls_wire_done(struct tls *t, size_t n);
/* Clear bytes received, *LEN of them; borrowed until tls_clear_done. */
const unsigned char *tls_clear_buf(struct tls *t, size_t *len);
/* N of them were consumed. */
void tls_clear_done(struct tls *t, size_t n);
/*
 * Takes up to N clear bytes for sending; returns how many were taken (0 while
 * the handshake runs or the engine is full: drain tls_wire_buf, go on).
 */
size_t tls_send(struct tls *t, const void *p, size_t n);
/* Ends the record begun by tls_send; once per wake-up. */
void tls_flush(struct tls *t);
/* Begins an orderly end: close_notify is queued. */
void tls_close(struct tls *t);

/* Whether the handshake is done, so that clear bytes may flow. */
int tls_ready(const struct tls *t);
/*
 * NULL while all is well; else the sticky cause (`tls-untrusted tls-name
 * tls-expired tls-pin tls-version protocol connection-lost`), static.
 * `connection-lost` is the peer's close_notify.
 */
const char *tls_cause(const struct tls *t);
/* The same in words, one clause, for a person; static. */
const char *tls_why(const struct tls *t);
/* SHA-256 of the leaf certificate, TLS_PIN bytes; NULL before it came. */
const unsigned char *tls_pin(const struct tls *t);
/* The DER of the leaf, *LEN bytes; NULL before it came. Borrowed from T. */
const unsigned char *tls_leaf(const struct tls *t, size_t *len);
/* `1.2`, or NULL before the handshake; static. */
const char *tls_version(const struct tls *t);
/* The name of the cipher suite (RFC 5289, RFC 7905), or NULL; static. */
const char *tls_cipher(const struct tls *t);
/* tls-unique (RFC 5929), 12 bytes; NULL before the handshake is done. */
const unsigned char *tls_unique(const struct tls *t);

#endif
