/* Shared by the files of omemo/ only: none other sees a type of libomemo-c. */
#ifndef OMEMO_INTERN_H
#define OMEMO_INTERN_H

#include <bearssl.h>
#include <signal_protocol.h>

#include "omemo/omemo.h"

#define SERIAL	  33 /* bytes of a public key on the wire: 05 and the key */
#define SIGNATURE 64
#define TAG	  16 /* bytes of a tag of AES-GCM */
#define PAYLOAD	  16 /* bytes of the key of a payload */
#define IV	  12

/* A prekey of ours; with a date and a signature it is a signed one. */
struct prekey {
	uint32_t id;
	int64_t date;
	unsigned char secret[OMEMO_KEY], public[OMEMO_KEY];
	unsigned char signature[SIGNATURE];
};

/* Our own device. */
struct own {
	int loaded;
	uint32_t id;
	uint32_t next; /* the number of the next prekey */
	int published; /* the server has our newest bundle */
	struct prekey prekey[OMEMO_PREKEYS];
	size_t prekeys;
	struct prekey signed_[OMEMO_SIGNED]; /* the newest first */
	size_t signeds;
	uint64_t sum[2]; /* of its file, by siphash_128 */
};

/* A contact that is loaded. */
struct peer {
	struct peer *next;
	char *name;
	int loaded;
	uint64_t sum[2]; /* of its file, by siphash_128; zero: there is none */
	struct omemo_contact contact;
};

/*
 * The session that the library works on. It never sees another one, and what it
 * stores is used only if the whole call succeeds.
 */
struct work {
	const char *name;
	uint32_t device;
	const unsigned char *session; /* or NULL */
	size_t session_len;
	unsigned char *stored; /* owned; what the library stored, or NULL */
	size_t stored_len;
	const unsigned char *pinned; /* the key of the device, or NULL */
	uint32_t prekey; /* of ours, which the library used up; or 0 */
	int other_key;	 /* the key was not the pinned one */
};

struct item {
	struct item *next;
	struct omemo_item pub;
	unsigned long op; /* the call that queued it */
	char *name;
	unsigned char *bytes; /* STORE, TEXT */
	size_t size;	      /* of bytes */
	/* WIRE and the lists; owned with all that they point to. */
	struct omemo_message message;
	struct omemo_key *key;
	struct omemo_bundle bundle;
	struct omemo_prekey *prekey;
	uint32_t *ids;
	unsigned char *data; /* the bytes of keys, payload, bundle */
};

struct omemo {
	char *name; /* of our account */
	br_hmac_drbg_context random;
	int has_identity;
	unsigned char secret[OMEMO_KEY], public[OMEMO_KEY];
	struct own own;
	struct peer *peer; /* the one used last first */
	size_t peers;
	struct work work;
	signal_context *context;
	signal_protocol_store_context *store;
	enum omemo_cause cause;
	struct item *first, *last, *lent;
	unsigned long op;
	/* For the current connection. */
	int knows_list;	   /* our device list has come */
	int repairs;	   /* how often we put ourselves on it again */
	int64_t list_at;   /* when it is to be published; 0: not */
	int list_waits;	   /* for our bundle to be published first */
	int64_t bundle_at; /* the same for our bundle */
	/* How often our prekeys have changed, and as of the last bundle. */
	unsigned long changes, offered;
};

/* crypto.c */

/* The primitives that the library needs; their user data is O. */
void crypto_provider(struct omemo *o, signal_crypto_provider *p);
/* Writes N random bytes to OUT. */
void crypto_random(struct omemo *o, void *out, size_t n);
/* Returns a random number below MAX, which is not 0. */
uint32_t crypto_below(struct omemo *o, uint32_t max);
/*
 * Encrypts N bytes of DATA in place with AES-128-GCM and writes the tag, or
 * decrypts them and then returns 0 if TAG is right, else -1.
 */
int crypto_gcm(int encrypt, const unsigned char *key, struct omemo_bytes iv,
    unsigned char *data, size_t n, unsigned char *tag);
/* Returns 1 if KEY, a Curve25519 point, makes every agreement the same. */
int crypto_is_weak(const unsigned char *key);

/* key.c */

/* Makes a key pair of Curve25519 (RFC 7748 5). */
void key_pair(struct omemo *o, unsigned char *secret, unsigned char *public);
/* Computes the public key of SECRET; -1 if the library refuses it. */
int key_public(const unsigned char *secret, unsigned char *public);
/* Signs the public key of K with our identity. -1 if the library fails. */
int key_sign(struct omemo *o, struct prekey *k);

/* lib.c */

/* Makes the contexts of the library. */
void lib_open(struct omemo *o);
/* Frees them. */
void lib_close(struct omemo *o);
/*
 * Builds a session in o->work with the Ith prekey of the bundle B, whose parts
 * have the right form. Returns 0, or an error of the library, which checks that
 * B is signed by its identity.
 */
int lib_build(struct omemo *o, const struct omemo_bundle *b, size_t i);
/*
 * Encrypts N bytes of P in the session of o->work. *OUT is then a buffer of the
 * library, and *PREKEY 1 if it has a prekey. Returns 0 or an error.
 */
int lib_encrypt(
    struct omemo *o, const void *p, size_t n, signal_buffer **out, int *prekey);

/* The content of a decrypted key element. */
struct lib_plain {
	unsigned char key[PAYLOAD + TAG];
	size_t len;			   /* 32, or 16 in very old messages */
	unsigned char identity[OMEMO_KEY]; /* of the sender; prekey only */
	unsigned char ratchet[8];	   /* begin of their ratchet key */
	uint32_t counter;		   /* in their chain */
};

/* Decrypts K in the session of o->work. Returns 0 or an error. */
int lib_decrypt(
    struct omemo *o, const struct omemo_key *k, struct lib_plain *out);

/* peer.c */

/* Wipes and frees all contacts. */
void peer_free_all(struct omemo *o);
/* Returns the loaded contact NAME; NULL with a cause if it is not. */
struct peer *peer_find(struct omemo *o, const char *name);
/* Points o->work to the session of D of P; D may be NULL for DEVICE. */
void peer_work(struct omemo *o, struct peer *p, const struct omemo_device *d,
    uint32_t device);
/*
 * Ends work on D of P: with DONE, D takes over the session that the library
 * stored, or loses it if that exceeds a bound; else it is dropped.
 */
void peer_work_done(
    struct omemo *o, struct peer *p, struct omemo_device *d, int done);
/* Pins KEY as that of D of P at NOW and queues an OMEMO_DEVICE. */
void peer_pin(struct omemo *o, struct peer *p, struct omemo_device *d,
    const unsigned char *key, int64_t now);
/* Sets the fingerprint and trust of the item I from D of P. */
void peer_name_key(
    struct item *i, const struct peer *p, const struct omemo_device *d);

/* own.c */

/* Makes the prekeys that are missing. Returns 1 if there were any. */
int own_refill(struct omemo *o);
/* Removes the prekey ID, which was used. Returns 1 if it was there. */
int own_use(struct omemo *o, uint32_t id);
/* Makes a signed prekey if the newest is too old. Returns 1 if so. */
int own_rotate(struct omemo *o, int64_t now);
/* Returns our prekey (or with SIGNED our signed prekey) ID, or NULL. */
const struct prekey *own_find(const struct omemo *o, uint32_t id, int signed_);
/* Queues our record, as queue_record does. */
void own_store(struct omemo *o);
/* Queues our bundle for publication, unless it is known to be published. */
void own_publish(struct omemo *o);

/* queue.c */

/* Begins a call: clears the cause. */
void queue_begin(struct omemo *o);
/* Fails a call with CAUSE. Returns -1. */
int queue_refuse(struct omemo *o, enum omemo_cause cause);
/* Queues an item about NAME (or NULL); borrowed. */
struct item *queue_item(
    struct omemo *o, enum omemo_type type, const char *name);
/*
 * Queues the bytes of B as the file of NAME. Of one file, only the newest
 * record of a call stays.
 */
void queue_store(struct omemo *o, const char *name, const struct buf *b);
/* Queues an OMEMO_NOTE about DEVICE of NAME. */
void queue_cause(
    struct omemo *o, const char *name, uint32_t device, enum omemo_cause cause);
/*
 * Queues the record of P before all that the same call queues besides records,
 * which relies on it.
 */
void queue_record(struct omemo *o, struct peer *p);
/* Wipes and frees all items. */
void queue_empty(struct omemo *o);

/* omemo.c */

/* Uses up our prekey ID, or none if it is 0, and replaces it. */
void omemo_use_prekey(struct omemo *o, uint32_t id, int64_t now);

/* send.c */

/* Queues a message with only a key to D of P; stores first. */
void omemo_send_key(struct omemo *o, struct peer *p, struct omemo_device *d);

#endif
