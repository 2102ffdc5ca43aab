/*
 * The one table of what can go wrong in TLS: from BearSSL's codes, alerts of
 * the server among them, to a cause and a clause for a person. Data only.
 */
#ifndef XMPP_FAULT_H
#define XMPP_FAULT_H

struct fault {
	int code;	   /* BR_ERR_*, or BR_ERR_RECV_FATAL_ALERT + alert */
	const char *cause; /* a token of tls_cause */
	const char *why;   /* one clause */
};

/* What CODE (bearssl_ssl.h, bearssl_x509.h) means; never NULL; static. */
const struct fault *fault_find(int code);

#endif
