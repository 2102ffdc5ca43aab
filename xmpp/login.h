/*
 * SASL on an XMPP stream (RFC 6120 6): the XML elements around the mechanisms
 * of sasl.h. Owns the exchange; knows nothing else of the stream.
 */
#ifndef XMPP_LOGIN_H
#define XMPP_LOGIN_H

#include "xmpp/nonce.h"
#include "xmpp/sasl.h"
#include "xmpp/stanza.h"

struct login;

/* The options of login_new, borrowed during that call only. */
struct login_options {
	const char *jid, *password;
	unsigned offered;	      /* mechanisms, as login_offered has it */
	int types;		      /* as for sasl_start */
	const unsigned char *binding; /* tls-unique, SASL_BINDING bytes */
	unsigned *seen;		      /* as for sasl_start */
	struct nonce *nonce;	      /* makes the nonce of SCRAM */
	sasl_hi *hi;		      /* as for sasl_hash_by; or NULL */
	struct sasl_salted *salted;   /* as for sasl_hash_by; or NULL */
};

/*
 * Returns the bits of the mechanisms in FEATURES that sasl.h knows (RFC 6120
 * 6.4.1). *TYPES is 0 if they list the types of channel binding without
 * tls-unique (XEP-0440), else 1.
 */
unsigned login_offered(const struct stanza *features, int *types);
/*
 * Chooses one of the mechanisms that OPTIONS names and writes <auth/> to OUT.
 * Never returns NULL; login_cause is set if no mechanism can be used.
 * The caller frees.
 */
struct login *login_new(const struct login_options *options, struct buf *out);
/* Wipes and frees; NULL is accepted. */
void login_free(struct login *l);
/* Writes the <response/> to the <challenge/> X to OUT; -1 with a cause. */
int login_challenge(struct login *l, const struct stanza *x, struct buf *out);
/* Checks the server's proof in the <success/> X; -1 with a cause. */
int login_success(struct login *l, const struct stanza *x);
/*
 * Returns -1 with the cause `downgrade` if the <failure/> X says that channel
 * binding was removed from the offer, see sasl_not_offered; else 0.
 */
int login_failure(struct login *l, const struct stanza *x);
/* Returns the name of the mechanism, NULL if none can be used; static. */
const char *login_mechanism(const struct login *l);
/* Returns the token of xmpp/cause.def for a failure, static; else NULL. */
const char *login_cause(const struct login *l);
/* Explains the failure in one clause; static. */
const char *login_why(const struct login *l);

#endif
