/*
 * Logs in to the server once, for --configure, to learn whether the server's
 * certificate is trusted and the password is right. Sends nothing after the
 * login, so no resource is bound and no other session is disturbed. Touches the
 * world: the network, the clock, random bytes.
 */
#ifndef LINE_START_PROBE_H
#define LINE_START_PROBE_H

#include "line/start/setup.h"

#define PROBE_SECONDS 30 /* A login takes no longer, name lookups included. */

/* The outcome of a login. */
struct probe {
	const char *cause; /* of xmpp/cause.def, or NULL if nothing failed */
	char why[400];	   /* the reason of the failure, not escaped */
	struct buf der;	   /* the certificate, empty if none was seen */
	unsigned char pin[TLS_PIN]; /* its SHA-256 */
};

/*
 * Connects as S->config says, whose JID must be valid, trusts what S->anchors
 * or, if it is NULL, S->pin says, and logs in with S->password; if that is
 * empty, stops once the server is trusted. Ends early at a signal, with the
 * cause `timeout`. The caller frees P with probe_clear.
 */
void probe_login(struct setup *s, struct probe *p);
/* Frees what P owns. */
void probe_clear(struct probe *p);

#endif
