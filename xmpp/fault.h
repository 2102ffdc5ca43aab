/*
 * Maps the error codes of BearSSL, which include the alerts that a server sends
 * (RFC 5246 7.2.2), to a cause and an explanation for people. Pure; owns only a
 * static table.
 */
#ifndef XMPP_FAULT_H
#define XMPP_FAULT_H

struct fault {
	int code;	   /* BR_ERR_*, or BR_ERR_RECV_FATAL_ALERT + alert */
	const char *cause; /* one of those that tls_cause returns */
	const char *why;   /* a clause for people, static */
};

/*
 * Returns the fault for CODE, an error of bearssl_ssl.h or bearssl_x509.h. A
 * code that is not in the table gets the fault of its kind. Static, never NULL.
 */
const struct fault *fault_find(int code);

#endif
