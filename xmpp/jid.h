/*
 * JIDs (RFC 7622's form, prepared by the profiles of RFC 6122 that servers
 * use: nodeprep, nameprep, resourceprep of libidn). A JID is a prepared,
 * valid, NUL-terminated string `local@domain/resource`; two are the same if
 * strcmp says so. Pure functions; owns nothing.
 */
#ifndef XMPP_JID_H
#define XMPP_JID_H

#include <stddef.h>

/* Three parts of at most 1,023 bytes, two separators and a NUL. */
#define JID_SIZE 3072

/*
 * Prepares the N bytes at P as a JID into OUT, which P is no part of. -1, OUT
 * then empty, with *WHY (static, may be passed as NULL) where they are no JID:
 * a part that is empty or over 1,023 bytes, bytes that are not UTF-8, a
 * character that the profile forbids, a domain that is no name or address. A
 * prepared JID comes out as it went in. Characters that Unicode 3.2 did not
 * have pass, as they do where servers route (they may refuse them in names
 * that they give away). A domain is letters of any script, digits, `-`, `_`
 * and dots, in labels of which each fits into DNS, or an IPv6 address in
 * brackets; one dot at its end is left out (RFC 7622 3.2), U-labels and
 * A-labels stay what they are.
 */
int jid_parse(const char *p, size_t n, char out[JID_SIZE], const char **why);
/* The length of the bare part (all before the `/`, or all). */
size_t jid_bare_len(const char *jid);
/* Copies the bare part of JID to OUT. */
void jid_bare(const char *jid, char out[JID_SIZE]);
/* The resource, borrowed from JID; NULL where it has none. */
const char *jid_resource(const char *jid);
/* Copies the domain of JID to OUT. */
void jid_domain(const char *jid, char out[JID_SIZE]);
/* Copies the local part of JID to OUT; empty where it has none. */
void jid_local(const char *jid, char out[JID_SIZE]);
/* Whether A and B have the same bare part. */
int jid_same_bare(const char *a, const char *b);
/*
 * As strcmp, in the order of lists: domains alone first, then by the local
 * parts, then by the domains. For bare JIDs, escaped or not.
 */
int jid_order(const char *a, const char *b);
/*
 * Writes the prepared DOMAIN to OUT as DNS and TLS want it: A-labels (RFC 3490
 * 4.1 ToASCII, unassigned allowed, without UseSTD3ASCIIRules, so that `_`
 * passes); an IPv6 address without its brackets. -1 where that is longer than
 * 255 bytes or DOMAIN is no name.
 */
int jid_ascii_domain(const char *domain, char out[256]);

#endif
