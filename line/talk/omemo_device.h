/*
 * The user's commands about OMEMO devices and keys: publish ours, remove one
 * from our list, trust or revoke keys, list them. Each answers the current
 * line. Owns nothing.
 */
#ifndef LINE_TALK_OMEMO_DEVICE_H
#define LINE_TALK_OMEMO_DEVICE_H

#include "line/core/state.h"
#include "omemo/contact.h"

/*
 * Makes our device if there is none, and publishes it; the current line waits
 * for that.
 */
void omemo_device_publish(struct client *c);
/* Takes DEVICE off our list; the current line waits for that. */
void omemo_device_remove(struct client *c, uint32_t device);
/*
 * Records TRUST in the keys FINGERPRINT, 64 digits each, of the contact of JID;
 * the current line waits, and is answered after a `success` WORDS for each.
 */
void omemo_device_decide(struct client *c, const char *jid,
    const char *fingerprint, enum omemo_trust trust, const char *words);
/*
 * Writes a `fingerprint` event for each device of the contact of JID; of our
 * own account with this one first. The current line waits for that.
 */
void omemo_device_list(struct client *c, const char *jid);

#endif
