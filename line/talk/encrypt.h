/*
 * Encryption of messages by OTR. Decides if and how a text may leave, takes
 * what came, and keeps the keys of contacts in their records. Owns the machine
 * of otr/.
 */
#ifndef LINE_TALK_ENCRYPT_H
#define LINE_TALK_ENCRYPT_H

#include "line/core/answer.h"
#include "line/core/state.h"
#include "line/talk/message.h"
#include "otr/otr.h"

/* Makes the machine ready for OTR with the key of the options, if any. */
void encrypt_init(struct client *c);
/* Frees it; sends nothing. */
void encrypt_clear(struct client *c);
/* Returns the machine of otr/, borrowed; NULL if there is no key. */
struct otr *encrypt_otr(const struct client *c);
/* Writes the `fingerprint` event of our own key; -1 if there is none. */
int encrypt_own_key(struct client *c);
/*
 * Writes to TO where a text to JID goes. A full JID stands as it is. A bare one
 * gets its best resource; if no resource is known or JID is expanded it goes to
 * the encrypted session there is, else to the bare JID.
 */
void encrypt_address(
    const struct client *c, const char *jid, char to[JID_SIZE]);
/* Tells otr/ our JID, as we are online. */
void encrypt_online(struct client *c);
/*
 * Makes RESULT the form in which N bytes of TEXT may go to the JID TO; or
 * returns -1 with a cause in it if they may not. encrypt_flush must follow,
 * after the stanza was written.
 */
int encrypt_text(struct client *c, const char *to, const char *text, size_t n,
    struct message_out *result);
/*
 * Does the same for N BYTES as they are (otr_send_raw): ENCRYPTED in the
 * session that there is, or in the clear if clear text may leave.
 */
int encrypt_raw(struct client *c, const char *to, const char *bytes, size_t n,
    int encrypted, struct message_out *result);
/*
 * Gives LABEL (NULL: none) of the line that began an SMP with the full JID to
 * its events until it ends.
 */
void encrypt_verifies(struct client *c, const char *jid, const char *label);
/* Sends the messages and writes the events that the last call here caused. */
void encrypt_flush(struct client *c);
/*
 * Writes WORDS, a sentence about the contact of JID, to OUT. Each command of
 * encryption in it, as `/otr start`, gets a /with before it, so that it does
 * what it says whoever is active when it is given.
 */
void encrypt_words(const char *jid, const char *words, char out[MESSAGE_WORDS]);
/*
 * Returns 1 if TEXT, the body of the message M that is not live (from offline
 * storage, delayed, a copy, from an archive, or a headline), is to be shown. If
 * it is of the OTR protocol, writes a warning and returns 0; no warning of
 * queries and handshakes of others (copies and archives).
 */
int encrypt_is_text(
    struct client *c, const struct incoming *m, const char *text);
/*
 * Takes TEXT, the body of the live chat message M: writes `message`
 * events, sends answers of OTR, or both. Returns 0 if nothing of it could be
 * read: then no receipt is due (XEP-0184).
 */
int encrypt_receive(
    struct client *c, const struct incoming *m, const char *text);
/*
 * Returns the trust in the key of the OTR session that a text to JID would be
 * encrypted in (`verified`, `unverified`, `revoked`; static), or NULL if there
 * is none. Then *REFUSED is 1 if a session has ended or is with another
 * resource, so that the text would be refused, else 0.
 */
const char *encrypt_session(
    const struct client *c, const char *jid, int *refused);
/* Returns 1 if the contact of JID has an open session, with any resource. */
int encrypt_is_on(const struct client *c, const char *jid);
/*
 * Returns 1 if the contact of JID, with any resource, has a session or had one
 * that ended without /otr stop.
 */
int encrypt_has_session(const struct client *c, const char *jid);
/* Sets enc= and trust= of the current event to those of JID's session. */
void encrypt_set(struct client *c, const char *jid);
/* Returns the trust in the key FINGERPRINT of the contact of JID; static. */
const char *encrypt_trust(
    const struct client *c, const char *jid, const char *fingerprint);
/* Fills PEER with what otr/ is to know of JID, borrowed. */
void encrypt_peer(
    const struct client *c, const char *jid, struct otr_peer *peer);
/*
 * Returns 0 if text to the room TO, or to the occupant TO, may go in the clear,
 * as all text in rooms does; or -1 with a cause in RESULT.
 */
int encrypt_in_room(
    const struct client *c, const char *to, struct message_out *result);
/* Begins the session of JOB, an /otr start, once presence is known or late. */
void encrypt_begin(struct client *c, struct answer *job);
/*
 * Takes the error stanza X from the JID FROM. If it is about the query of an
 * /otr start, answers that line and returns 1, else returns 0.
 */
int encrypt_bounced(struct client *c, const char *from, const struct stanza *x);
/* Begins the sessions that waited for JID, which is online. */
void encrypt_presence(struct client *c, const char *jid);
/* Closes the session with JID, which went offline, for sending. */
void encrypt_gone(struct client *c, const char *jid);
/* Closes all sessions for sending, as the stream was not resumed. */
void encrypt_unresumed(struct client *c);
/* Ends JOB, an /otr start without a session (on_timeout). */
void encrypt_give_up(struct client *c, const struct answer *job);
/* Ends all sessions and tells the peers. */
void encrypt_end(struct client *c);
/* Does what is due by now. */
void encrypt_tick(struct client *c);
/* Returns when encrypt_tick is wanted, monotonic; -1: never. */
int64_t encrypt_deadline(const struct client *c);
/* Sets *POLICIES and *VERSIONS to those that hold for the contact of JID. */
void encrypt_policy(const struct client *c, const char *jid, unsigned *policies,
    unsigned *versions);

#endif
