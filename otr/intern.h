/*
 * What the files of otr/ share; libotr's own types go no further than here.
 */
#ifndef OTR_INTERN_H
#define OTR_INTERN_H

#include <libotr/proto.h>
#include <libotr/message.h>
#include <libotr/privkey.h>

#include "otr/otr.h"
#include "sexp/buf.h"

/* One account is enough: the caller's name for us changes with its stream. */
#define OTR_ACCOUNT  "-"
#define OTR_PROTOCOL "xmpp"

#define MAX_QUEUED   (4 * OTR_MAX_CONVERSATIONS) /* items, or nothing goes on */

/* The conversation with one place of a contact. */
struct talk {
	struct talk *next;
	struct contact *contact;
	char *name;
	enum otr_state state;
	ConnContext *ctx; /* of the session; NULL unless ENCRYPTED */
	int version;
	char fingerprint[KEY_FINGERPRINT], ssid[17];
	enum otr_smp smp;
	int theirs;	   /* the SMP answers a question of the peer */
	int abort;	   /* the SMP is to be broken off after this call */
	int fresh;	   /* a session was made in this call */
	int tags;	   /* instance tags never seen before... */
	long long tags_at; /* ...since then, ms */
};

/* What is kept per contact, longer than any conversation. */
struct contact {
	char *name;
	int wish;	   /* otr_start, and no otr_stop since */
	int open;	   /* the user has written: OTR may be answered */
	int started;	   /* a handshake was, at: */
	long long at;	   /* ms */
	struct talk *talk; /* the most recently used first */
	int talks;
};

struct item {
	struct item *next;
	struct otr_item pub;
	char *peer, *text;
	int dropped;
};

struct otr {
	OtrlUserState us;
	char *account;
	struct contact **contact; /* sorted by name */
	size_t contacts;
	int talks;
	struct item *first, *last, *lent;
	size_t queued;
	enum otr_cause cause;
	struct talk *current; /* whom libotr's callbacks are about */
	OtrlPolicy allowed;   /* the versions, for libotr */
	long long now, deadline;
};

/* lib.c */

/* The callbacks; their opdata is a struct otr. */
extern const OtrlMessageAppOps lib_ops;
/*
 * Makes libotr and libgcrypt ready, once in the life of the process. -1 where
 * the library at hand is not the one that this was compiled for.
 */
int lib_ready(void);
/* The context of T with the instance tag TAG; NULL where there is none. */
ConnContext *lib_context(struct otr *o, const struct talk *t, unsigned tag);
/* Forgets all contexts of T but KEEP and its master. */
void lib_forget(struct otr *o, const struct talk *t, const ConnContext *keep);
/* Forgets contexts of T, the longest unused first, down to the bound. */
void lib_bound(struct otr *o, const struct talk *t, const ConnContext *keep);
/* Drops the fragments of T that N more bytes would make too long. */
void lib_fragments(struct otr *o, const struct talk *t, size_t n);
/* Whether C is in a session, and has its keys. */
int lib_alive(const ConnContext *c);
/* Wipes the copy of what was last sent: libotr would send it again. */
void lib_scrub(ConnContext *c);
/* The versions (OTR_V2 | OTR_V3) as libotr's policy. */
OtrlPolicy lib_policy(unsigned versions);

/* send.c */

/*
 * Encrypts PLAIN in the session of T and queues it as TAG; -1 with the cause
 * where libotr does not.
 */
int send_data(
    struct otr *o, struct talk *t, unsigned long tag, const char *plain);
/* A text that somebody wants to send, and what may happen to it. */
struct send {
	struct contact *contact;
	struct talk *talk; /* or NULL */
	enum otr_state state;
	int elsewhere;
	enum otr_gate gate;
};
/*
 * Asks otr_gate about a text of LEN bytes for P. -1 with the cause where there
 * is no room for it.
 */
int send_judge(
    struct otr *o, const struct otr_peer *p, size_t len, struct send *s);

/* queue.c */

/* Queues an item about the peer NAME with a copy of TEXT (or NULL). */
struct otr_item *queue_push(
    struct otr *o, enum otr_type type, const char *name, const char *text);
/* Takes back the item queued last. */
void queue_drop(struct otr *o);
/* Queues an OTR_NOTE with our own words for CAUSE. */
void queue_note(struct otr *o, const char *name, enum otr_cause cause);
/* Queues an OTR_STATE of T as it is. */
void queue_state(struct otr *o, const struct talk *t);
/* Queues an OTR_SMP of T, with the QUESTION or NULL. */
struct otr_item *queue_smp(struct otr *o, const struct talk *t,
    enum otr_smp smp, const char *question);
/* Wipes and frees all items. */
void queue_clear(struct otr *o);

/* talk.c */

/* The contact of the peer NAME, or NULL. */
struct contact *contact_find(const struct otr *o, const char *name);
/* The same, made where missing. */
struct contact *contact_make(struct otr *o, const char *name);
/* The conversation with the peer NAME of C (or NULL), or NULL. */
struct talk *talk_find(const struct contact *c, const char *name);
/* The same, made where missing; NULL: the bounds are reached. */
struct talk *talk_get(struct otr *o, struct contact *c, const char *name);
/* Puts T first among its contact's. */
void talk_used(struct talk *t);
/* Whether a place of C other than NAME has a session, or had one. */
int talk_elsewhere(const struct contact *c, const char *name);
/* Records the session that CTX has entered, and queues the state. */
void talk_encrypted(struct otr *o, struct talk *t, ConnContext *ctx);
/* The session of T is over: contexts are forgotten, the state is queued. */
void talk_over(struct otr *o, struct talk *t, enum otr_state state);
/* Tells the peer of T that its session ends; T is as before. */
void talk_disconnect(struct otr *o, struct talk *t);
/* Forgets T; nothing is sent. */
void talk_free(struct otr *o, struct talk *t);
/* Forgets all contacts and conversations. */
void talk_clear(struct otr *o);

#endif
