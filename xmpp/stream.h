/*
 * One XMPP stream (RFC 6120): header, STARTTLS or direct TLS, SASL, resource
 * binding, then stanzas. Bytes of the socket go in and out, items are pulled.
 * Owns the XML parser, the TLS machine and the login. Does no I/O; knows no
 * user and no roster.
 */
#ifndef XMPP_STREAM_H
#define XMPP_STREAM_H

#include <stdint.h>

#include "xmpp/nonce.h"
#include "xmpp/resume.h"
#include "xmpp/sasl.h"
#include "xmpp/stanza.h"
#include "xmpp/tls.h"

#define STREAM_OUT_MAX ((size_t)16 * 1024 * 1024)

enum stream_item {
	STREAM_MORE,	/* nothing until more bytes come */
	STREAM_SESSION, /* bind was sent: what may follow it may be sent */
	STREAM_ONLINE,	/* bound: stream_jid is ours */
	STREAM_RESUMED, /* online again: the session of before, and its JID */
	STREAM_ACKED,	/* `acked` of resume may have risen */
	STREAM_ASKED,	/* the server wants to know what we handled */
	STREAM_STANZA,	/* a message, presence or iq: stream_stanza */
	STREAM_END	/* over, sticky; stream_cause is NULL if orderly */
};

/* What the server offered after the login. */
#define STREAM_ROSTER_VERSIONS 0x1u /* RFC 6121 2.6 */
#define STREAM_MANAGEMENT      0x2u /* XEP-0198 */

/* Strings are borrowed during stream_new only; the last five for ever. */
struct stream_options {
	const char *jid;	  /* ours, prepared, with the resource wanted */
	const char *password;	  /* UTF-8 */
	const char *domain;	  /* of the JID, A-labels: SNI */
	const char *name;	  /* to check in the certificate, A-labels */
	const unsigned char *pin; /* TLS_PIN bytes, or NULL: anchors */
	int direct;		  /* TLS from the first byte (XEP-0368) */
	int64_t now;		  /* seconds since 1970 */
	const struct tls_anchors *anchors;
	unsigned *seen; /* SASL mechanisms offered so far, kept by the caller */
	struct nonce *nonce;
	sasl_hi *hi;	       /* faster than ours; NULL: ours */
	struct resume *resume; /* kept by the caller; NULL: no XEP-0198 */
	struct buf *log;       /* what was said, without secrets; or NULL */
};

struct stream;

/* A stream over a connection just made. The caller frees. */
struct stream *stream_new(const struct stream_options *options);
/* Wipes and frees; NULL is accepted. */
void stream_free(struct stream *s);
/* Takes N bytes of the socket (copied). Then pull with stream_next. */
void stream_recv(struct stream *s, const void *p, size_t n);
/* The next item; to be called until it returns STREAM_MORE or STREAM_END. */
enum stream_item stream_next(struct stream *s);
/* The stanza of the last STREAM_STANZA; borrowed until stream_next. */
const struct stanza *stream_stanza(const struct stream *s);
/* Bytes for the socket, *LEN of them; borrowed until stream_wire_done. */
const unsigned char *stream_wire_buf(struct stream *s, size_t *len);
/* N of them were written. */
void stream_wire_done(struct stream *s, size_t n);
/* Where stanzas to be sent are written, from STREAM_SESSION on. */
struct buf *stream_out(struct stream *s);
/* The answer to the IQ of id ID (copied) may be large. */
void stream_expect(struct stream *s, const char *id);
/* No longer: it came. */
void stream_expected(struct stream *s, const char *id);
/* How many stanzas were sent since <enable/> or the binding (XEP-0198). */
uint64_t stream_sent(struct stream *s);
/* Asks what the server has handled; STREAM_ACKED follows. */
void stream_ask(struct stream *s);
/* Says what we have handled. */
void stream_answer(struct stream *s);
/*
 * After STREAM_RESUMED: sends what the server does not have. Returns how often
 * it was asked on the way; -1: the stream ended.
 */
int stream_again(struct stream *s);
/* Ends politely (RFC 6120 4.4); STREAM_END comes when the server has too. */
void stream_close(struct stream *s);
/* The socket is gone: STREAM_END follows what was received before. */
void stream_lost(struct stream *s);

/* Whether the stream is bound and not being closed. */
int stream_is_online(const struct stream *s);
/* STREAM_ROSTER_VERSIONS and so on. */
unsigned stream_features(const struct stream *s);
/* Our full JID as bound; borrowed. */
const char *stream_jid(const struct stream *s);
/* Whether the server ended the stream by policy-violation. */
int stream_poisoned(const struct stream *s);
/* The name of the SASL mechanism in use, or NULL; static. */
const char *stream_mechanism(const struct stream *s);
/* The TLS machine for its facts, or NULL; borrowed. */
const struct tls *stream_tls(const struct stream *s);
/* Why the stream ended: a token of line/error.def, static; NULL: orderly. */
const char *stream_cause(const struct stream *s);
/* The same in words; borrowed. */
const char *stream_why(const struct stream *s);

#endif
