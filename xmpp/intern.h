/*
 * What the two halves of a stream share: stream.c (bytes, security, items)
 * and bind.c (what follows the login). For no other file.
 */
#ifndef XMPP_INTERN_H
#define XMPP_INTERN_H

#include "xmpp/jid.h"
#include "xmpp/login.h"
#include "xmpp/stream.h"
#include "xmpp/xml.h"

#define STREAM_WHY 400

/* A header state is followed by the features state behind it. */
enum stream_state {
	CLEAR_HEADER,
	CLEAR_FEATURES,
	PROCEED,
	HANDSHAKE,
	SECURE_HEADER,
	SECURE_FEATURES,
	AUTH,
	USER_HEADER,
	USER_FEATURES,
	RESUME,
	BIND,
	ENABLE,
	ONLINE,
	CLOSING,
	END
};

struct stream {
	enum stream_state state;
	struct xml *xml;
	struct tls *tls;
	struct login *login;
	struct buf in, out;
	size_t feeding; /* bytes of the source that the parser has */
	size_t counted; /* bytes of out that resume has seen */
	int enabling;	/* <enable/> was sent */
	int poisoned;	/* the server ended it by policy-violation */
	int hello_sent; /* some of our handshake was written */
	int end_said;	/* our </stream:stream> was, or waits to be */
	unsigned features;
	struct stream_options options; /* strings are copies */
	int wants_session;	       /* as servers of RFC 3921 do */
	char bind_id[NONCE_ID + 1];
	char jid[JID_SIZE];
	const char *cause;
	char why[STREAM_WHY];
};

/* Ends S, once, for CAUSE (static) and WHY (copied); returns STREAM_END. */
enum stream_item stream_fail(
    struct stream *s, const char *cause, const char *why);

/*
 * The handlers of the table in stream.c for the elements after the login:
 * RFC 6120 7, XEP-0198 3 and 5.
 */
enum stream_item bind_features(struct stream *s, const struct stanza *x);
/* The answer to the binding: our full JID (RFC 6120 7.6). */
enum stream_item bind_bound(struct stream *s, const struct stanza *x);
/* Management is on (XEP-0198 3). */
enum stream_item bind_enabled(struct stream *s, const struct stanza *x);
/* The server does without it: so do we (XEP-0198 3). */
enum stream_item bind_not_enabled(struct stream *s, const struct stanza *x);
/* The former session goes on (XEP-0198 5). */
enum stream_item bind_resumed(struct stream *s, const struct stanza *x);
/* It does not: a new one is bound (XEP-0198 5). */
enum stream_item bind_not_resumed(struct stream *s, const struct stanza *x);
/* <r/>: the server wants to know what we have handled. */
enum stream_item bind_asked(struct stream *s, const struct stanza *x);
/* <a/>: what the server has handled. */
enum stream_item bind_acked(struct stream *s, const struct stanza *x);

/* Takes the stanzas that were written since the last call into account. */
void bind_count(struct stream *s);

#endif
