/*
 * What we can, for service discovery (XEP-0030) and entity capabilities
 * (XEP-0115). One list; pure functions.
 */
#ifndef XMPP_CAPS_H
#define XMPP_CAPS_H

#include "xmpp/stanza.h"

#define CAPS_NODE "urn:jackline"
#define CAPS_SIZE 32 /* bytes for the verification string and a NUL */

/* The verification string (XEP-0115 5.1). */
void caps_version(char out[CAPS_SIZE]);
/* Writes our identity and features into the open <query/> of W. */
void caps_write(struct writer *w);

#endif
