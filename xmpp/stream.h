/*
 * One XMPP stream (RFC 6120): header, STARTTLS or direct TLS, SASL, resource
 * binding, stream management (XEP-0198), then stanzas. Bytes of the socket go
 * in and out; items are pulled. Owns the XML parser, the TLS machine and the
 * login. Does no I/O; knows no user and no roster.
 */
#ifndef XMPP_STREAM_H
#define XMPP_STREAM_H

#include <stdint.h>

#include "xmpp/nonce.h"
#include "xmpp/resume.h"
#include "xmpp/sasl.h"
#include "xmpp/stanza.h"
#include "xmpp/tls.h"

#define STREAM_OUT_MAX ((size_t)16 * 1024 * 1024) /* bytes not sent yet */

enum stream_item {
	STREAM_MORE,	/* nothing until more bytes are received */
	STREAM_SESSION, /* stanzas may be sent, before the server has bound */
	STREAM_ONLINE,	/* the server bound stream_jid to us */
	STREAM_RESUMED, /* online again, in the former session */
	STREAM_ACKED,	/* `acked` of struct resume may have risen */
	STREAM_ASKED,	/* <r/>: the server asks what we have handled */
	STREAM_STANZA,	/* a message, presence or iq; see stream_stanza */
	STREAM_PAST,	/* a stanza over a bound; see stream_why, xml.h */
	STREAM_END /* sticky; stream_cause is NULL if the end was orderly */
};

/* Features that the server offers after the login. */
#define STREAM_ROSTER_VERSIONS 0x1u /* RFC 6121 2.6 */
#define STREAM_MANAGEMENT      0x2u /* XEP-0198 */
#define STREAM_NEEDS_SESSION   0x4u /* RFC 3921 3 */

/*
 * The offer of a server in the last login, all 0 if it is not known. With it a
 * stream is begun with fewer round trips: <starttls/>, <auth/> of SCRAM and the
 * binding or resumption are sent behind the stream header, before the features
 * that allow them. Their offer is compared when it comes; another one ends the
 * stream, see stream_guessed.
 */
struct stream_offer {
	unsigned mechanisms; /* as login_offered has them */
	int types;	     /* as login_offered has it */
	unsigned features;   /* after the login; has STREAM_MANAGEMENT */
};

/*
 * Called with N bytes at P as they are outside TLS: received if WAY is "<", to
 * be sent if it is ">". SECRET is 1 if they may have credentials in them.
 */
typedef void stream_log(
    void *data, const char *way, int secret, const void *p, size_t n);

/* Strings are copied; the members from `anchors` on must outlive the stream. */
struct stream_options {
	const char *jid;	  /* ours, prepared, with the wanted resource */
	const char *password;	  /* UTF-8 */
	const char *domain;	  /* of the JID, A-labels: SNI */
	const char *name;	  /* expected in the certificate, A-labels */
	const unsigned char *pin; /* TLS_PIN bytes, or NULL to use anchors */
	int direct;		  /* TLS from the first byte (XEP-0368) */
	int64_t now;		  /* seconds since 1970 */
	const struct tls_anchors *anchors;
	unsigned *seen; /* features the servers of this process offered; 0 at
			 * first; the stream adds to it */
	struct stream_offer *offer; /* what the server offers is kept here when
				     * we are online, if it has XEP-0198 */
	struct nonce *nonce;
	sasl_hi *hi;		    /* NULL: use our own, slower one */
	struct sasl_salted *salted; /* kept for later logins; or NULL */
	struct resume *resume;	    /* NULL: do without XEP-0198 */
	stream_log *log;	    /* NULL: none */
	void *log_data;
};

struct stream;

/* Makes a stream for a new connection. The caller frees with stream_free. */
struct stream *stream_new(const struct stream_options *options);
/* Wipes and frees; NULL is accepted. */
void stream_free(struct stream *s);
/* Takes N bytes of the socket (copied); pull with stream_next afterwards. */
void stream_recv(struct stream *s, const void *p, size_t n);
/* Returns the next item; call it until STREAM_MORE or STREAM_END. */
enum stream_item stream_next(struct stream *s);
/* Returns the last STREAM_STANZA or STREAM_PAST; borrowed until stream_next. */
const struct stanza *stream_stanza(const struct stream *s);
/* Returns *LEN bytes for the socket, borrowed until stream_wire_done. */
const unsigned char *stream_wire_buf(struct stream *s, size_t *len);
/* Drops N of these bytes, which were written. */
void stream_wire_done(struct stream *s, size_t n);
/*
 * Returns the buffer for stanzas to be sent, borrowed; NULL before
 * STREAM_SESSION or STREAM_RESUMED and after the end.
 */
struct buf *stream_out(struct stream *s);
/* Returns the number of bytes in that buffer. */
size_t stream_unsent(const struct stream *s);
/* Allows the answer to the IQ with the id ID (copied) to be large; see
 * xml_expect. */
void stream_expect(struct stream *s, const char *id);
/* Ends that permission. */
void stream_expected(struct stream *s, const char *id);
/* Returns the number of stanzas sent behind <enable/>; 0 without XEP-0198. */
uint64_t stream_sent(struct stream *s);
/* Sends <r/>; STREAM_ACKED follows when the server answers. */
void stream_ask(struct stream *s);
/* Sends <a/> with the number of stanzas that we have handled. */
void stream_answer(struct stream *s);
/*
 * After STREAM_RESUMED, sends the unacknowledged stanzas again. Returns the
 * number of <r/> among them, or -1 if the stream ended.
 */
int stream_again(struct stream *s);
/*
 * Closes the stream (RFC 6120 4.4); STREAM_END follows when the server did, or
 * at once where no stanza could be sent yet.
 */
void stream_close(struct stream *s);
/* Returns 1 if our </stream:stream> was sent or is queued (RFC 6120 4.4). */
int stream_said_end(const struct stream *s);
/* To be called when the socket is closed; STREAM_END follows. */
void stream_lost(struct stream *s);

/* Returns which of STREAM_ROSTER_VERSIONS and STREAM_MANAGEMENT are offered. */
unsigned stream_features(const struct stream *s);
/* Returns our full JID as bound; borrowed. */
const char *stream_jid(const struct stream *s);
/*
 * Returns 1 if something was sent ahead of the features that allow it and the
 * server has not answered it: if it does not, or ends the stream, that may be
 * the reason, and another connection without an offer may do.
 */
int stream_guessed(const struct stream *s);
/* Forgets the offer, so that nothing is sent ahead on the next stream. */
void stream_forget_offer(struct stream *s);
/* Returns 1 if the server ended the stream with policy-violation. */
int stream_poisoned(const struct stream *s);
/* Returns the name of the SASL mechanism in use, or NULL; static. */
const char *stream_mechanism(const struct stream *s);
/* Returns the TLS machine, to be read only, or NULL; borrowed. */
const struct tls *stream_tls(const struct stream *s);
/* Returns the token of xmpp/cause.def for the end, static; NULL if orderly. */
const char *stream_cause(const struct stream *s);
/* Explains the end, or names the bound of the last STREAM_PAST; borrowed. */
const char *stream_why(const struct stream *s);

#endif
