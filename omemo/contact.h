/*
 * The record of a contact, as the file `omemo/BARE-JID`: its devices with their
 * keys and sessions, which keys the user has verified or revoked, how text to
 * it is to be encrypted, and whether OMEMO was used with it. Pure; knows no
 * files, no XMPP, and not libomemo-c, so that a build without that library
 * still refuses clear text to a contact with whom OMEMO was used.
 */
#ifndef OMEMO_CONTACT_H
#define OMEMO_CONTACT_H

#include <stdint.h>

#include "omemo/form.h"

#define OMEMO_KEY	  32 /* bytes of a key, and of a fingerprint */
#define OMEMO_FINGERPRINT (2 * OMEMO_KEY + 1) /* its digits and a NUL */
#define OMEMO_TOKEN	  16 /* bytes that name a message, see omemo_told */

/*
 * Bounds of what a contact can make us keep. Of more devices the inactive ones
 * are forgotten first; what the user decided about a key stays.
 */
#define OMEMO_DEVICES  64
#define OMEMO_DECIDED  256	    /* keys verified or revoked by the user */
#define OMEMO_KEPT     1000	    /* messages read and not yet told */
#define OMEMO_KEPT_MAX 2000	    /* those of an earlier run included */
#define OMEMO_SESSION  (256 * 1024) /* bytes of one session */
#define OMEMO_SESSIONS (2u << 20)   /* bytes of all sessions of a contact */

enum omemo_trust { OMEMO_UNVERIFIED, OMEMO_VERIFIED, OMEMO_REVOKED };

/* The encryption of text to a contact (jackline(1), /encryption). */
enum omemo_wish {
	OMEMO_WISH_AUTO,
	OMEMO_WISH_OTR,
	OMEMO_WISH_OMEMO,
	OMEMO_WISH_NONE
};

/* A device of the contact. */
struct omemo_device {
	uint32_t id;	/* 1 to FORM_ID */
	int active;	/* in the device list, or wrote since it left that */
	int has_key;	/* its key is known, and never changes */
	int64_t first;	/* when that was, in seconds since 1970 */
	int64_t latest; /* when it last wrote; 0: never */
	unsigned char key[OMEMO_KEY];
	unsigned char *session; /* owned, of libomemo-c; NULL: none */
	size_t session_len;
	/* Not in the file: what is left to do, see omemo_answer. */
	int heal;		  /* a message could not be decrypted */
	int healed;		  /* it was, on this connection */
	int answer;		  /* it waits for an empty message */
	int64_t no_bundle;	  /* when it had none that can be used; 0 */
	int skipped;		  /* that was told */
	unsigned char ratchet[8]; /* of the chain that was answered last */
};

/* The decision of the user about a key. */
struct omemo_decision {
	unsigned char key[OMEMO_KEY];
	enum omemo_trust trust; /* never OMEMO_UNVERIFIED */
	int was_verified;	/* before it was revoked */
	int64_t date;		/* seconds since 1970 */
};

/* The key of a message that was decrypted and is not yet told. */
struct omemo_kept {
	unsigned char token[OMEMO_TOKEN]; /* a digest of the ciphertext */
	uint32_t device;
	uint32_t prekey; /* ours, which is used up when it is told; or 0 */
	unsigned char key[32];
	size_t key_len;
	int seen; /* not in the file: it came in this run */
};

struct omemo_contact {
	enum omemo_wish wish;
	int verified_only; /* only to verified keys */
	int used;	   /* OMEMO was sent to it or read from it */
	struct omemo_device device[OMEMO_DEVICES];
	size_t devices;
	struct omemo_decision *decision; /* owned */
	size_t decisions;
	struct omemo_kept *kept; /* owned */
	size_t kepts;
};

/* Makes C the contact of no file: nothing is known or decided. */
void omemo_contact_init(struct omemo_contact *c);
/* Wipes and frees what C owns. */
void omemo_contact_clear(struct omemo_contact *c);
/*
 * Reads N bytes at P, a file, into C, which is not cleared before. -1 with E
 * and an empty C if the file is damaged or exceeds a bound.
 */
int omemo_contact_parse(
    struct omemo_contact *c, const void *p, size_t n, struct sexp_error *e);
/* Appends C as a file to OUT. -1 if OUT has no room. */
int omemo_contact_print(const struct omemo_contact *c, struct buf *out);

/* Returns the device ID of C, or NULL. */
struct omemo_device *omemo_contact_device(struct omemo_contact *c, uint32_t id);
/*
 * The same, but adds it if missing. Of OMEMO_DEVICES the inactive one that did
 * not write for the longest time goes; NULL if all are active.
 */
struct omemo_device *omemo_contact_add(struct omemo_contact *c, uint32_t id);
/* Returns 1 if omemo_contact_add would add another device. */
int omemo_contact_has_room(const struct omemo_contact *c);
/* Drops the session of D, which may have none, and wipes it. */
void omemo_contact_end(struct omemo_device *d);
/* Returns the decision of the user about KEY. */
enum omemo_trust omemo_contact_trust(
    const struct omemo_contact *c, const unsigned char *key);
/* Returns 1 if a key of C is verified. */
int omemo_contact_is_verified(const struct omemo_contact *c);
/*
 * Returns 1 if a key of C is verified, or was before it was revoked: then only
 * verified keys are used.
 */
int omemo_contact_was_verified(const struct omemo_contact *c);
/*
 * Returns 1 if text may be encrypted to D of C: never to a revoked key; to an
 * unverified one only if none was ever verified and VERIFIED_ONLY is 0.
 */
int omemo_contact_may_use(const struct omemo_contact *c,
    const struct omemo_device *d, int verified_only);
/*
 * Records the decision TRUST about KEY, or takes it back if TRUST is
 * OMEMO_UNVERIFIED. -1 if there are too many.
 */
int omemo_contact_decide(struct omemo_contact *c, const unsigned char *key,
    enum omemo_trust trust, int64_t date);
/* Returns the kept key of TOKEN, or NULL. */
struct omemo_kept *omemo_contact_kept(
    struct omemo_contact *c, const unsigned char *token);
/*
 * Adds an empty kept key. Of OMEMO_KEPT_MAX one that did not come in this run
 * goes; NULL if all did.
 */
struct omemo_kept *omemo_contact_keep(struct omemo_contact *c);
/* Wipes and removes the kept key K of C. */
void omemo_contact_drop(struct omemo_contact *c, struct omemo_kept *k);

#endif
