/*
 * SASL on an XMPP stream (RFC 6120 6): the elements around the mechanisms of
 * sasl.h. Owns the exchange; the stream owns everything else.
 */
#ifndef XMPP_LOGIN_H
#define XMPP_LOGIN_H

#include "xmpp/nonce.h"
#include "xmpp/sasl.h"
#include "xmpp/stanza.h"

struct login;

/* Who logs in, and with what; borrowed during login_new only. */
struct login_options {
	const char *jid, *password;
	const unsigned char *binding; /* tls-unique, SASL_BINDING bytes */
	unsigned *seen; /* mechanisms offered so far; the new ones are added */
	struct nonce *nonce;
	sasl_hi *hi; /* or NULL */
};

/*
 * Chooses from the mechanisms in FEATURES and writes <auth/> to OUT, unless
 * login_cause says why not. The caller frees.
 */
struct login *login_new(const struct login_options *options,
    const struct stanza *features, struct buf *out);
/* Wipes and frees; NULL is accepted. */
void login_free(struct login *l);
/* Answers <challenge/> X on OUT; -1 with a cause. */
int login_challenge(struct login *l, const struct stanza *x, struct buf *out);
/* Checks <success/> X; -1 with a cause. */
int login_success(struct login *l, const struct stanza *x);
/* The name of the mechanism, NULL where none would do; static. */
const char *login_mechanism(const struct login *l);
/* Why the last call failed, a token of line/error.def; static, or NULL. */
const char *login_cause(const struct login *l);
/* The same in words; static. */
const char *login_why(const struct login *l);

#endif
