/*
 * One file of users/: a contact or a room with what we know and trust of it,
 * and the old users.sexp (FILES.md, users/). Bytes to struct and back; no
 * files, no OTR, no XMPP: JIDs and fingerprints are text here.
 */
#ifndef STORE_USER_H
#define STORE_USER_H

#include <stdint.h>

#include "sexp/buf.h"
#include "sexp/sexp.h"

#define USER_PENDING	 0x01u /* properties of the subscription */
#define USER_PREAPPROVED 0x02u

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
	int64_t date; /* all dates: seconds since 1970 at UTC midnight */
};

/* One OTR key of a contact. Strings and arrays are owned. */
struct user_fingerprint {
	char *data; /* 40 hexadecimal digits, ours in lower case */
	enum user_trust trust;
	struct user_verification *verified; /* newest first; may be empty */
	size_t verified_count;
	int64_t revoked;  /* with USER_REVOKED: when; else 0 */
	char **resources; /* that used it, the latest added first */
	size_t resource_count;
	int64_t sessions; /* how many */
	int64_t first, last;
	char *extra; /* private to user.c: fields that we do not know */
};

/*
 * A contact or a room. All strings and arrays are on the heap and owned; NULL
 * where there is none. Who changes the lists by hand keeps the counts right.
 */
struct user {
	enum user_kind kind;
	char *jid;    /* bare, as the file says it; not prepared */
	int preserve; /* logging is on */

	/* of contacts */
	char *name;
	char **groups;
	size_t group_count;
	unsigned properties;
	enum user_subscription subscription;
	struct user_fingerprint *fingerprints;
	size_t fingerprint_count;
	int has_custom;		     /* an OTR policy of its own: */
	unsigned policies, versions; /* CONFIG_* of config.h */

	/* of rooms */
	char *nick;
	int autojoin;
	char *password;

	/* private to user.c: order of the sets above; unknown fields */
	unsigned properties_order, policies_order, versions_order;
	char *extra, *custom_extra;
};

/* Makes U an empty contact, subscription none, or room called JID. */
void user_init(struct user *u, enum user_kind kind, const char *jid);
/* Wipes and frees what U owns; U is zeroed. */
void user_clear(struct user *u);

/*
 * Reads N bytes at P, one file of users/ in any form, into U (whatever U held
 * is not freed). -1 with E filled, U is then zeroed. Whether the JID inside
 * is that of the file name is for the caller to compare.
 */
int user_parse(struct user *u, const void *p, size_t n, struct sexp_error *e);
/*
 * Reads N bytes at P, an old users.sexp, into *LIST, an array of *COUNT on the
 * heap: the caller clears each and frees it. Returns how many records could
 * not be read (E is about the first of them; the others are in the list): the
 * file must then be kept, see dir_set_aside. -1 with E where all of it is
 * unreadable.
 */
int user_parse_list(struct user **list, size_t *count, const void *p, size_t n,
    struct sexp_error *e);
/*
 * Appends U to OUT byte for byte as the original prints it, no newline. What
 * user_parse did not know comes last, unchanged. -1 where OUT's bound is
 * exceeded, OUT is then as before.
 */
int user_print(const struct user *u, struct buf *out);
/*
 * Whether U gets a file: a room always; a contact with logging on, a
 * fingerprint, its own policy, or fields that we do not know.
 */
int user_is_kept(const struct user *u);

/* The fingerprint DATA (hexadecimal, either case), borrowed; NULL: none. */
struct user_fingerprint *user_fingerprint(
    const struct user *u, const char *data);
/*
 * Notes a session that began with key DATA (40 hexadecimal digits) at
 * RESOURCE (may be NULL) at NOW, seconds since 1970: adds the fingerprint
 * where it is new (unverified, in front), counts the session, adds the
 * resource, sets last. Borrowed until the next call on U.
 */
struct user_fingerprint *user_use(
    struct user *u, const char *data, const char *resource, int64_t now);
/*
 * Marks F verified by HOW at NOW, seconds since 1970; newest first, the same
 * way on the same day only once. A revocation is lifted.
 */
void user_verify(struct user_fingerprint *f, enum user_how how, int64_t now);
/* Marks F revoked at NOW, seconds since 1970; verifications are dropped. */
void user_revoke(struct user_fingerprint *f, int64_t now);
/*
 * Whether U has a verified key other than DATA (which may be NULL): a new key
 * is then an error, not a remark (SAFETY.md, OTR).
 */
int user_has_verified(const struct user *u, const char *data);

#endif
