/*
 * Reads and prints a file of users/, a contact with its OTR keys or a room, and
 * reads the old users.sexp (jackline(1), FILES). Records the use and the trust
 * of keys. Pure; knows no OTR and no XMPP: JIDs and fingerprints are strings
 * here.
 */
#ifndef STORE_USER_H
#define STORE_USER_H

#include <stdint.h>

#include "sexp/buf.h"
#include "sexp/sexp.h"

#define USER_PENDING	 0x01u /* properties of the subscription */
#define USER_PREAPPROVED 0x02u

/*
 * Bounds of data that peers can make us keep: keys of a contact that are
 * neither verified nor revoked, resources of a key, bytes of a resource. A file
 * that has more keeps what it has.
 */
#define USER_FINGERPRINTS 16
#define USER_RESOURCES	  8
#define USER_RESOURCE	  128

enum user_kind { USER_CONTACT, USER_ROOM };

enum user_subscription {
	USER_NONE,
	USER_FROM,
	USER_TO,
	USER_BOTH,
	USER_REMOVE
};

enum user_trust { USER_UNVERIFIED, USER_VERIFIED, USER_REVOKED };

enum user_how { USER_MANUAL, USER_SMP };

/* One verification. */
struct user_verification {
	enum user_how how;
	int64_t date; /* seconds since 1970 of midnight UTC, as all dates */
};

/* An OTR key of a contact. Strings and arrays are owned. */
struct user_fingerprint {
	char *data; /* 40 hexadecimal digits, ours in lower case */
	enum user_trust trust;
	struct user_verification *verified; /* newest first; may be empty */
	size_t verified_count;
	int64_t revoked;  /* the date if it is USER_REVOKED, else 0 */
	char **resources; /* resources that used the key, newest first */
	size_t resource_count;
	int64_t sessions;    /* the number of sessions with the key */
	int64_t first, last; /* the dates of the first and the last */
	char *extra;	     /* private to user.c: fields that we do not know */
};

/*
 * A contact or a room. Strings and arrays are on the heap and owned, or NULL if
 * there are none.
 */
struct user {
	enum user_kind kind;
	char *jid;    /* bare, as written in the file, not prepared */
	int preserve; /* Logging is on. */

	/* of contacts */
	char *name;
	char **groups;
	size_t group_count;
	unsigned properties;
	enum user_subscription subscription;
	struct user_fingerprint *fingerprints;
	size_t fingerprint_count;
	int has_custom;		     /* The contact has its own OTR policy: */
	unsigned policies, versions; /* CONFIG_* of config.h */

	/* of rooms */
	char *nick;
	int autojoin;
	char *password;

	/* private to user.c: order of the sets above; unknown fields */
	unsigned properties_order, policies_order, versions_order;
	char *extra, *custom_extra;
};

/* Makes U an empty contact, without subscription, or a room. Copies JID. */
void user_init(struct user *u, enum user_kind kind, const char *jid);
/* Wipes and frees what U owns, and zeroes U. */
void user_clear(struct user *u);

/*
 * Reads N bytes at P, a file of users/ of any version, into U, whose former
 * contents are not freed. Returns -1 with E filled and U zeroed if they cannot
 * be read. The caller must compare the JID with the name of the file.
 */
int user_parse(struct user *u, const void *p, size_t n, struct sexp_error *e);
/*
 * Reads N bytes at P, an old users.sexp, into a new array *LIST of *COUNT
 * users. The caller clears each and frees the array. Returns the number of
 * records that could not be read and are not in the array, with E about the
 * first of them: the file must then be kept, see dir_set_aside. -1 with E if
 * nothing could be read.
 */
int user_parse_list(struct user **list, size_t *count, const void *p, size_t n,
    struct sexp_error *e);
/*
 * Appends U to OUT byte for byte as the OCaml jackline prints it, without a
 * newline. Fields that user_parse did not know come last, unchanged. Returns -1
 * with OUT as before if the bound of OUT is exceeded.
 */
int user_print(const struct user *u, struct buf *out);
/*
 * Returns 1 if U needs a file: a room always; a contact if logging is on or it
 * has a fingerprint, a policy of its own, or fields that we do not know.
 */
int user_is_kept(const struct user *u);

/* Returns the key with the fingerprint DATA, hexadecimal, borrowed; or NULL. */
struct user_fingerprint *user_fingerprint(
    const struct user *u, const char *data);
/*
 * Records a session that began at NOW, seconds since 1970, with the key DATA
 * (40 hexadecimal digits) and the peer's RESOURCE, which may be NULL: adds the
 * key in front, unverified, if it is new; counts the session; adds the
 * resource; sets the date of last use. If there are too many, the unverified
 * key unused longest is dropped, or the resource that was added first. Returns
 * the key, borrowed until the next call on U.
 */
struct user_fingerprint *user_use(
    struct user *u, const char *data, const char *resource, int64_t now);
/*
 * Marks F verified by HOW at NOW, seconds since 1970. The newest verification
 * comes first; a second one by HOW on the same day is not added. Lifts a
 * revocation.
 */
void user_verify(struct user_fingerprint *f, enum user_how how, int64_t now);
/* Marks F revoked at NOW, seconds since 1970, and drops its verifications. */
void user_revoke(struct user_fingerprint *f, int64_t now);
/*
 * Returns 1 if U has a verified key other than DATA, which may be NULL. A
 * session with a new key is then reported as an error (jackline-lines(7)).
 */
int user_has_verified(const struct user *u, const char *data);

#endif
