/*
 * OMEMO encryption (XEP-0384 0.3.0) by libomemo-c behind a queue. A pure
 * machine: it owns our device, the contacts that were loaded, and all memory of
 * the library. Files, the clock, randomness and XMPP belong to the caller.
 * Names of contacts are opaque; one of them is our own account.
 *
 * Each call may queue items; the caller pulls them with omemo_next before the
 * next call. Records come first: the caller has to bring an OMEMO_STORE to the
 * disk before it acts on the next item, and calls omemo_store_failed if it
 * cannot. Then nothing is sent and nothing is shown that relies on a lost
 * record: keys of a ratchet are never used twice.
 *
 * Files are the truth: a contact is loaded from its file (omemo_load) before a
 * call that names it, and again whenever another process may have changed it.
 * Loading an unchanged file costs only a comparison. Processes that share a
 * directory lock it from reading a record until it is written.
 *
 * Times are seconds since 1970, wall-clock.
 */
#ifndef OMEMO_OMEMO_H
#define OMEMO_OMEMO_H

#include <stddef.h>
#include <stdint.h>

#include "omemo/contact.h"
#include "sexp/buf.h"

#define OMEMO_SEED	   32		/* bytes of randomness for omemo_new */
#define OMEMO_MAX_TEXT	   (128 * 1024) /* bytes of a text to be sent */
#define OMEMO_MAX_PAYLOAD  (256 * 1024) /* bytes of a payload received */
#define OMEMO_MAX_KEYS	   1024		/* keys in one message */
#define OMEMO_MAX_CONTACTS 1024		/* loaded at the same time */
#define OMEMO_PREKEYS	   100		/* of our own device */
#define OMEMO_MAX_PREKEYS  200		/* read from a bundle */
#define OMEMO_SIGNED	   4		/* signed prekeys that are kept */
#define OMEMO_ROTATE	   (7 * 86400)	/* age at which a new one is made */
#define OMEMO_RETRY	   60 /* seconds until a bundle is asked for again */
#define OMEMO_REPAIRS	   3  /* of our device list on one connection */
#define OMEMO_UNANSWERED   53 /* messages in one chain */

/* The name of the record of our own device; no JID is the same. */
#define OMEMO_OWN "@device"

/* Bytes that belong to somebody else. */
struct omemo_bytes {
	const unsigned char *data;
	size_t len;
};

/* A <key/> of a message. */
struct omemo_key {
	uint32_t rid; /* the device that can read it */
	int prekey;
	struct omemo_bytes data;
};

/* An <encrypted/> element. */
struct omemo_message {
	uint32_t sid; /* the device that sent it */
	const struct omemo_key *key;
	size_t keys;
	struct omemo_bytes iv;
	struct omemo_bytes payload; /* data is NULL: only a key was sent */
};

struct omemo_prekey {
	uint32_t id;
	struct omemo_bytes key;
};

/* A <bundle/> element. An element that is missing has no bytes. */
struct omemo_bundle {
	uint32_t signed_id;
	struct omemo_bytes signed_key, signature, identity;
	const struct omemo_prekey *prekey;
	size_t prekeys;
};

/* Reasons of refusals and notes. */
enum omemo_cause {
	OMEMO_OK,
	/* A call returned -1. */
	OMEMO_REFUSED_NOT_LOADED, /* the record was not loaded, or was lost */
	OMEMO_REFUSED_OWN,	  /* our own device was never made */
	OMEMO_REFUSED_RECORD,	  /* the record is damaged */
	OMEMO_REFUSED_LONG,	  /* more than OMEMO_MAX_TEXT */
	OMEMO_REFUSED_NO_DEVICES, /* the recipients have no devices */
	OMEMO_REFUSED_NO_SESSION, /* none of them has a bundle */
	OMEMO_REFUSED_TRUST,	  /* none of them has a key that may be used */
	OMEMO_REFUSED_KEY,	  /* no such key, or too many decisions */
	OMEMO_REFUSED_FAILED,	  /* the library could not encrypt */
	OMEMO_REFUSED_FULL,	  /* too many contacts */
	OMEMO_REFUSED_KEPT,	  /* too many messages that were not told */
	/* An OMEMO_NOTE item. */
	OMEMO_NOTE_STORE,      /* lost: the record could not be written */
	OMEMO_NOTE_UNREADABLE, /* wrong keys, no session, damaged */
	OMEMO_NOTE_DUPLICATE,  /* was read before; says nothing new */
	OMEMO_NOTE_NOT_FOR_US, /* has no key for this device */
	OMEMO_NOTE_KEY,	       /* a device has another key than before */
	OMEMO_NOTE_BUNDLE,     /* a bundle is missing or not valid */
	OMEMO_NOTE_SKIPPED,    /* a device gets no messages: no bundle */
	OMEMO_NOTE_MANY,       /* more than OMEMO_DEVICES devices */
	OMEMO_NOTE_TAKEN       /* another client takes us off our list */
};

enum omemo_type {
	OMEMO_STORE,	  /* write bytes to the file of name, on the disk */
	OMEMO_WIRE,	  /* send message to name, or for tag */
	OMEMO_TEXT,	  /* text came from name */
	OMEMO_DEVICE,	  /* a device of name is new or gone */
	OMEMO_FETCH,	  /* ask for the bundle of device of name */
	OMEMO_PUT_BUNDLE, /* publish bundle as ours, then omemo_published */
	OMEMO_PUT_LIST,	  /* publish ids as our device list */
	OMEMO_NOTE
};

/* One item. Members not named for its type are zero. */
struct omemo_item {
	enum omemo_type type;
	const char *name;  /* the contact; OMEMO_OWN for STORE of our device */
	const void *bytes; /* STORE */
	size_t len;	   /* STORE, TEXT: bytes; PUT_LIST: count */
	const struct omemo_message *message; /* WIRE */
	unsigned long tag; /* WIRE: of omemo_send; 0: only a key */
	/*
	 * TEXT: as it was sent, of any bytes and followed by a NUL, or NULL for
	 * a message with only a key. NOTE: an explanation.
	 */
	const char *text;
	/* TEXT: to be handed to omemo_told when the text is safe. */
	unsigned char token[OMEMO_TOKEN];
	uint32_t device;		     /* TEXT, DEVICE, FETCH, NOTE */
	char fingerprint[OMEMO_FINGERPRINT]; /* TEXT, DEVICE; "": unknown */
	/* TEXT, DEVICE: of that key; WIRE: the least of all keys. */
	enum omemo_trust trust;
	int is_new; /* DEVICE: seen for the first time; else it is gone */
	int beside; /* DEVICE: new, while another key is verified */
	const struct omemo_bundle *bundle; /* PUT_BUNDLE */
	const uint32_t *ids;		   /* PUT_LIST */
	enum omemo_cause cause;		   /* NOTE */
};

/* A text for omemo_send; borrowed during the call. */
struct omemo_text {
	unsigned long tag;	 /* not 0 */
	const char *const *name; /* recipients, all loaded */
	size_t names;
	const void *text;
	size_t len;
	int verified_only; /* to verified keys only, whatever the record says */
};

/* A device for omemo_info. */
struct omemo_info {
	uint32_t id; /* 0: a key that the user decided about, of no device */
	char fingerprint[OMEMO_FINGERPRINT]; /* "": not known yet */
	enum omemo_trust trust;
	int64_t date;  /* of the decision, or 0 */
	int64_t first; /* when the key was first seen */
	int active, has_session, may_use;
};

struct omemo;

/*
 * Makes a machine for our account NAME with OMEMO_SEED random bytes. Never
 * NULL. The caller frees with omemo_free.
 */
struct omemo *omemo_new(const unsigned char *seed, const char *name);
/* Wipes and frees. NULL is accepted. */
void omemo_free(struct omemo *o);

/* Makes a new identity and appends it as a file, omemo.sexp, to OUT. */
void omemo_generate(struct omemo *o, struct buf *out);
/*
 * Reads our identity of N bytes at P, omemo.sexp; once, before all else. -1
 * with E if it is damaged.
 */
int omemo_identity(
    struct omemo *o, const void *p, size_t n, struct sexp_error *e);
/*
 * Loads our device from N bytes at P, the file OMEMO_OWN. With P NULL there is
 * none, and it is made and queued, with an id that our device list does not
 * have, so that list is loaded first; processes that only send never do so. -1
 * with E if it is damaged.
 */
int omemo_load_own(struct omemo *o, const void *p, size_t n, int64_t now,
    struct sexp_error *e);
/*
 * Loads the contact NAME from N bytes at P, its file, unless it is unchanged.
 * With P NULL there is none. -1 with E if it is damaged; the contact is not
 * loaded then, so that nothing can be sent to it.
 */
int omemo_load(struct omemo *o, const char *name, const void *p, size_t n,
    struct sexp_error *e);
/* Returns the contact NAME, borrowed until the next call; NULL: not loaded. */
const struct omemo_contact *omemo_find(const struct omemo *o, const char *name);

/* Returns the id of our device; 0 while it is not loaded. */
uint32_t omemo_device_id(const struct omemo *o);
/* Writes our fingerprint to OUT. */
void omemo_fingerprint(const struct omemo *o, char out[OMEMO_FINGERPRINT]);

/*
 * Notes that a connection begins: bundles that were missing on an earlier one,
 * healing and repairs may be tried again. Queues nothing.
 */
void omemo_connected(struct omemo *o);
/*
 * Notes that our device list is known on this connection. Our bundle is queued
 * if the server does not have the newest one.
 */
void omemo_online(struct omemo *o, int64_t now);
/*
 * Notes the device list of NAME: COUNT numbers at ID; what is not 1 to FORM_ID
 * is left out. On ours, our own device is added again after a random delay, at
 * most OMEMO_REPAIRS times on a connection. -1 with a cause.
 */
int omemo_list(struct omemo *o, const char *name, const uint32_t *id,
    size_t count, int64_t now);
/* Queues our list without DEVICE, one of our own others. -1 with a cause. */
int omemo_remove(struct omemo *o, uint32_t device);
/*
 * Queues OMEMO_FETCH for the devices of the COUNT contacts NAME, and of ours,
 * that have no session but may be used, whether that is under way or not; the
 * caller knows. Returns how many it has queued, or -1 with a cause.
 */
int omemo_prepare(
    struct omemo *o, const char *const *name, size_t count, int64_t now);
/*
 * Checks the bundle B of DEVICE of NAME and builds a session, unless there is
 * one that need not be replaced. B is NULL if there is no bundle. -1 with a
 * cause if nothing was loaded.
 */
int omemo_bundle(struct omemo *o, const char *name, uint32_t device,
    const struct omemo_bundle *b, int64_t now);

/*
 * Encrypts T for all devices of its recipients that may be used and for our own
 * others, which need not be named, and queues one OMEMO_WIRE with its tag.
 * Devices without a session are skipped. -1 with a cause if a recipient is left
 * without a key; nothing is ever sent in the clear.
 */
int omemo_send(struct omemo *o, const struct omemo_text *t);
/*
 * Returns OMEMO_OK if omemo_send can encrypt a text to NAME, or the cause why
 * not.
 */
enum omemo_cause omemo_reach(
    const struct omemo *o, const char *name, int verified_only);
/*
 * Decrypts M from NAME. ANSWER is 1 if NAME may learn that we are online. A
 * message that was read in this run is a duplicate; one of an earlier run that
 * was not told there is read again. -1 with OMEMO_REFUSED_KEPT, and nothing
 * done, if OMEMO_KEPT texts that were read in this run wait to be told and this
 * is another; -1 with another cause if nothing is loaded.
 */
int omemo_receive(struct omemo *o, const char *name,
    const struct omemo_message *m, int answer, int64_t now);
/*
 * Notes that the COUNT texts with the tokens at TOKEN are safe: their keys are
 * forgotten, and the prekeys that they used up are replaced. If the next call
 * changes the record of NAME, too, it is queued once, for both. -1 with a cause
 * if NAME is not loaded.
 */
int omemo_told(struct omemo *o, const char *name,
    const unsigned char (*token)[OMEMO_TOKEN], size_t count, int64_t now);
/*
 * Sends what was left to do for NAME after messages were read: an empty message
 * to who waits for one, and a request for the bundle of a device whose messages
 * cannot be read. Called when nothing more is replayed. -1 with a cause.
 */
int omemo_answer(struct omemo *o, const char *name);
/*
 * Notes that no message of an earlier run will come again from NAME: forgets
 * the keys that were kept for them. -1 with a cause.
 */
int omemo_replayed(struct omemo *o, const char *name, int64_t now);

/*
 * Records that the user trusts the key with FINGERPRINT (64 digits, blanks and
 * colons between them ignored) of NAME, which need not be known yet. -1 with a
 * cause.
 */
int omemo_trust(struct omemo *o, const char *name, const char *fingerprint,
    enum omemo_trust trust, int64_t now);
/* Records how text to NAME is to be encrypted. -1 with a cause. */
int omemo_wish(
    struct omemo *o, const char *name, enum omemo_wish wish, int verified_only);
/* Fills INFO with the Ith device or key of NAME; 0 if there are no more. */
int omemo_info(
    const struct omemo *o, const char *name, size_t i, struct omemo_info *info);

/*
 * Takes the next item and returns 1; 0 if there is none. ITEM borrows what it
 * points to until the next call on O.
 */
int omemo_next(struct omemo *o, struct omemo_item *item);
/*
 * Notes that the OMEMO_STORE that was pulled last could not be done. What
 * relies on it is dropped, and the record has to be loaded again.
 */
void omemo_store_failed(struct omemo *o);
/*
 * Queues our device list, as it should be, and with BUNDLE our bundle even if
 * the server should have it. -1 with a cause if nothing is loaded.
 */
int omemo_publish(struct omemo *o, int bundle);
/*
 * Notes that our bundle, or else our list, could not be published for now: it
 * is again after a random delay of some seconds.
 */
void omemo_publish_later(struct omemo *o, int bundle, int64_t now);
/* Notes that the server has our newest bundle. */
void omemo_published(struct omemo *o);
/* Returns 1 if the server has our newest bundle, as far as we know. */
int omemo_is_published(const struct omemo *o);
/* Returns the reason why the last call returned -1. */
enum omemo_cause omemo_cause(const struct omemo *o);
/* Explains CAUSE in one line for people; static. */
const char *omemo_cause_words(enum omemo_cause cause);

/* Returns the time at which omemo_tick is due, or -1. */
int64_t omemo_deadline(const struct omemo *o);
/* Publishes what is due, and makes a new signed prekey once a week. */
void omemo_tick(struct omemo *o, int64_t now);

#endif
