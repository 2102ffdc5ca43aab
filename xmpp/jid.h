/*
 * JIDs: the syntax of RFC 7622, prepared by the profiles of RFC 6122 that
 * servers use (nodeprep, nameprep and resourceprep of libidn). In this program
 * a JID is a prepared, valid string `local@domain/resource`, so that strcmp
 * compares two. Pure functions; owns nothing.
 */
#ifndef XMPP_JID_H
#define XMPP_JID_H

#include <stddef.h>

/* Bytes of three parts of at most 1,023, two separators and a NUL. */
#define JID_SIZE 3072

/*
 * Prepares the N bytes at P as a JID in OUT, which must not overlap. Returns -1
 * with OUT empty and the reason in *WHY (static; WHY may be NULL) if they are
 * not a JID: a part is empty or over 1,023 bytes, not UTF-8, or has a forbidden
 * character, or the domain is neither a name nor an address. A prepared JID
 * does not change. Characters newer than Unicode 3.2 are allowed, as servers
 * route them. A domain consists of letters of any script, digits, `-`, `_` and
 * dots, in labels that fit into DNS, or is an IPv6 address in brackets. A dot
 * at its end is removed and A-labels become U-labels (RFC 7622 3.2).
 */
int jid_parse(const char *p, size_t n, char out[JID_SIZE], const char **why);
/* Returns the length of the bare part: up to the `/`, or all. */
size_t jid_bare_len(const char *jid);
/* Copies the bare part of JID to OUT. */
void jid_bare(const char *jid, char out[JID_SIZE]);
/* Returns the resource, borrowed from JID; NULL if it has none. */
const char *jid_resource(const char *jid);
/* Copies the domain of JID to OUT. */
void jid_domain(const char *jid, char out[JID_SIZE]);
/* Copies the local part of JID to OUT; empty if it has none. */
void jid_local(const char *jid, char out[JID_SIZE]);
/* Returns 1 if JID has a local part; an `@` in a resource is none. */
int jid_has_local(const char *jid);
/* Returns 1 if A and B have the same bare part. */
int jid_same_bare(const char *a, const char *b);
/*
 * Compares bare JIDs like strcmp, in the order of lists: first those without a
 * local part, then by local part, then by domain. Both may be escaped
 * as in event lines.
 */
int jid_order(const char *a, const char *b);
/*
 * Writes the prepared DOMAIN to OUT in the form for DNS and TLS: A-labels (RFC
 * 3490 4.1 ToASCII with AllowUnassigned and without UseSTD3ASCIIRules, so that
 * `_` is allowed), or an IPv6 address without brackets. Returns -1 if that is
 * longer than 255 bytes or DOMAIN is not a name.
 */
int jid_ascii_domain(const char *domain, char out[256]);

#endif
