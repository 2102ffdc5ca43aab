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
 * Prepares the N bytes at P as a JID into OUT. -1 with *WHY (static, may be
 * passed as NULL) where they are no JID: an empty or oversized part, bytes
 * that are not UTF-8, a character that the profile forbids, a domain that is
 * no name or address.
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

#endif
