/*
 * The fingerprints of OMEMO as the user writes them, for /fingerprint and
 * /revoke. Owns nothing.
 */
#ifndef LINE_COMMAND_DEVICES_H
#define LINE_COMMAND_DEVICES_H

#include "line/core/state.h"
#include "omemo/contact.h"

#define DEVICES_DIGITS (2 * OMEMO_KEY) /* of a fingerprint */

/*
 * Reads WORDS, 64 digits in any case with blanks and colons between them, into
 * OUT in lower case. -1 if they are something else.
 */
int devices_fingerprint(const char *words, char out[DEVICES_DIGITS + 1]);
/* Returns 1 if WORDS are an `xmpp:` URI with the key of a device. */
int devices_is_uri(const char *words);
/* Records TRUST in the key WORDS of JID; the current line is answered. */
void devices_decide(struct client *c, const char *jid, const char *words,
    enum omemo_trust trust);
/* Does the same for the contact and the keys that the URI names. */
void devices_decide_uri(
    struct client *c, const char *uri, enum omemo_trust trust);

#endif
