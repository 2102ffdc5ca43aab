/*
 * Between the messages of line/ and otr/: what may leave in which form, what
 * came and by whose key, what is kept of that key. The only caller of otr/.
 */
#ifndef LINE_ENCRYPT_H
#define LINE_ENCRYPT_H

#include "line/job.h"
#include "line/state.h"
#include "otr/otr.h"

/* How a text leaves, after encrypt_text. */
struct encrypt_result {
	const char *body; /* borrowed until the next call here */
	size_t len;
	int encrypted;
	char fingerprint[KEY_FINGERPRINT]; /* of the key; "" in the clear */
	const char *trust;		   /* static; NULL in the clear */
	const char *cause, *why;	   /* where it may not leave; static */
};

/* Makes the machine ready for OTR with the key of the options, if any. */
void encrypt_init(struct client *c);
/* Frees it; nothing is said to anybody. */
void encrypt_clear(struct client *c);
/* We are online as c->jid. */
void encrypt_online(struct client *c);
/*
 * Whether and how N bytes of TEXT may go to the JID TO; -1 with a cause, and
 * nothing of it leaves. encrypt_flush must follow, with the stanza written.
 */
int encrypt_text(struct client *c, const char *to, const char *text, size_t n,
    struct encrypt_result *result);
/*
 * The same for N BYTES as they are (otr_send_raw): ENCRYPTED in the session
 * that there is, or in the clear where clear text may leave, no key or not.
 */
int encrypt_raw(struct client *c, const char *to, const char *bytes, size_t n,
    int encrypted, struct encrypt_result *result);
/* Sends and tells what the last call here left to be sent and told. */
void encrypt_flush(struct client *c);
/*
 * The body of N bytes of TEXT came from FROM in the live chat message X: ends
 * in `message` events, answers, or both. Returns 0 where nothing of it is to
 * be read: then it was not delivered (XEP-0184).
 */
int encrypt_receive(struct client *c, const char *from, const struct stanza *x,
    const char *text);
/* Writes the hints for other software into the open message of W. */
void encrypt_hints(struct writer *w);
/* Where the encrypted session of the contact BARE is, or NULL; borrowed. */
const char *encrypt_place(const struct client *c, const char *bare);
/* Sets enc= and trust= of the event being made to what holds with JID. */
void encrypt_set(struct client *c, const char *jid);
/* The trust in key FINGERPRINT of the contact of JID; static. */
const char *encrypt_trust(
    const struct client *c, const char *jid, const char *fingerprint);
/* What otr/ is to know of the peer JID. */
void encrypt_peer(
    const struct client *c, const char *jid, struct otr_peer *peer);
/* Begins what /otr start asked for, JOB, once presence is known or long due. */
void encrypt_begin(struct client *c, struct job *job);
/*
 * The error stanza X came from the JID FROM: where it is about the query of a
 * /otr start that went there, this is answered by it; 0: it is not.
 */
int encrypt_bounced(struct client *c, const char *from, const struct stanza *x);
/* Presence of JID came: what waited for it begins. */
void encrypt_presence(struct client *c, const char *jid);
/* Ends all sessions and tells the peers. */
void encrypt_end(struct client *c);
/* Time has passed. */
void encrypt_tick(struct client *c);
/* When encrypt_tick is wanted, -1: never. */
int64_t encrypt_deadline(const struct client *c);
/* The policies and versions for the contact of JID. */
void encrypt_policy(const struct client *c, const char *jid, unsigned *policies,
    unsigned *versions);

#endif
