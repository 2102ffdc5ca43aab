/*
 * The features of this client, for service discovery (XEP-0030) and entity
 * capabilities (XEP-0115), from one list. Pure functions; owns nothing.
 */
#ifndef XMPP_CAPS_H
#define XMPP_CAPS_H

#include "xmpp/stanza.h"

#define CAPS_NODE "urn:jackline"
#define CAPS_SIZE 32 /* bytes of the verification string and a NUL */

/*
 * Writes the verification string (XEP-0115 5.1) to OUT. MORE is a further
 * feature, which sorts between those of others and ours, or NULL.
 */
void caps_version(const char *more, char out[CAPS_SIZE]);
/*
 * Writes our <identity/> and the <feature/> elements into the <query/> that is
 * open in W (XEP-0030 3.1).
 */
void caps_write(const char *more, struct writer *w);

#endif
