/*
 * Declarations that the files of otr/ share. No file outside otr/ includes it
 * or sees a type of libotr.
 */
#ifndef OTR_INTERN_H
#define OTR_INTERN_H

#include <libotr/proto.h>
#include <libotr/message.h>
#include <libotr/privkey.h>

#include "otr/otr.h"
#include "sexp/buf.h"

/* A constant account for libotr, as our full JID changes with the stream. */
#define OTR_ACCOUNT  "-"
#define OTR_PROTOCOL "xmpp"

/* Items waiting for otr_next; with so many nothing is sent or read. */
#define MAX_QUEUED (4 * OTR_MAX_CONVERSATIONS)

/* The conversation with one place (resource) of a contact. */
struct talk {
	struct talk *next;
	struct contact *contact;
	char *name;
	enum otr_state state;
	ConnContext *ctx; /* of the session; NULL unless OTR_ENCRYPTED */
	int version;
	char fingerprint[OTR_FINGERPRINT_SIZE], ssid[17];
	enum otr_smp smp;
	int theirs;	 /* the running SMP answers a question of the peer */
	int abort;	 /* the SMP is to be aborted at the end of this call */
	int fresh;	 /* this call has set up a session */
	int closed;	 /* the session is no longer used for sending */
	int closed_told; /* that was reported as OTR_FINISHED */
	int doubted; /* the peer reported an error, and has not written since */
	int offline; /* the place is offline */
	int tags;    /* new instance tags since `tags_at` */
	long long tags_at; /* ms */
};

/* State of a contact, which outlives its conversations. */
struct contact {
	char *name;
	int wish;     /* otr_start was called, and no otr_stop since */
	int open;     /* the user has written, so OTR may be answered */
	int started;  /* we began a handshake... */
	long long at; /* ...at this time, ms */
	/*
	 * Handshakes begun by the contact, minus one for each minute since
	 * theirs_since. One a minute is allowed; the next may come sooner if
	 * the last one has made a session (`made`), as their program may have
	 * been restarted, but only a few of those.
	 */
	int theirs, made;
	long long theirs_since, theirs_at; /* ms; theirs_at: the last one */
	char *early; /* the place whose query waits for the minute to end */
	OtrlPolicy early_allowed;
	int asked;	    /* answers that our last query still allows... */
	long long asked_at; /* ...which was sent at this time, ms */
	int erred;	    /* we reported an unreadable message... */
	long long erred_at; /* ...at this time, ms */
	struct talk *talk;  /* most recently used first */
	int talks;
};

struct item {
	struct item *next;
	struct otr_item pub;
	char *peer, *text;
	int dropped; /* queue_drop took it back */
};

struct otr {
	OtrlUserState us;
	char *account;
	struct contact **contact; /* sorted by name */
	size_t contacts;
	int talks;
	struct item *first, *last; /* the queue */
	struct item *lent;	   /* the item that otr_next returned last */
	size_t queued;
	enum otr_cause cause;
	struct talk *current;	 /* the subject of libotr's callbacks */
	OtrlPolicy allowed;	 /* versions allowed in this call */
	int ours;		 /* `ours` of struct otr_peer in this call */
	const char *body;	 /* the body that libotr is reading */
	long long now, deadline; /* deadline: of libotr's timer, or -1 */
	int early;		 /* contacts with a waiting query */
};

/* ops.c */

/* Returns 1 if BODY is a data message that the sender wants to be read. */
int ops_is_for_reading(const char *body);
/*
 * Notes that the message under way is in no session of ours, for the reason
 * CAUSE. If it was sent to us, and not to all clients of the account, an error
 * tells the peer, who would otherwise go on with the lost session.
 */
void ops_no_session(struct otr *o, enum otr_cause cause);

/* lib.c */

/*
 * Initialises libotr and libgcrypt once per process. Returns -1 if the library
 * is not the version that this was compiled for.
 */
int lib_ready(void);
/* Returns the context of T with the instance tag TAG, or NULL. */
ConnContext *lib_context(struct otr *o, const struct talk *t, unsigned tag);
/* Frees all contexts of T, except KEEP (or NULL) and its master. */
void lib_forget(struct otr *o, const struct talk *t, const ConnContext *keep);
/* Frees the oldest contexts of T beyond OTR_MAX_INSTANCES, except KEEP. */
void lib_bound(struct otr *o, const struct talk *t, const ConnContext *keep);
/* Drops the collected fragments of T if N more bytes exceed OTR_MAX_BODY. */
void lib_fragments(struct otr *o, const struct talk *t, size_t n);
/* Returns 1 if C is in a session and still has the keys for it. */
int lib_alive(const ConnContext *c);
/* Wipes the copy of the last message sent, so that libotr cannot resend it. */
void lib_scrub(ConnContext *c);
/* Converts VERSIONS (OTR_V2 | OTR_V3) to a policy of libotr. */
OtrlPolicy lib_policy(unsigned versions);

/* queue.c */

/* Queues an item about the peer NAME with a copy of TEXT (or NULL); borrowed.
 */
struct otr_item *queue_push(
    struct otr *o, enum otr_type type, const char *name, const char *text);
/* Takes back the last item queued. */
void queue_drop(struct otr *o);
/* Queues an OTR_NOTE with the words of CAUSE. */
void queue_note(struct otr *o, const char *name, enum otr_cause cause);
/* Queues an OTR_STATE with the present state of T. */
void queue_state(struct otr *o, const struct talk *t);
/* Queues an OTR_SMP about T, with QUESTION (or NULL); borrowed. */
struct otr_item *queue_smp(struct otr *o, const struct talk *t,
    enum otr_smp smp, const char *question);
/* Wipes and frees all items. */
void queue_clear(struct otr *o);

/* peers.c */

/* Returns the contact of the peer NAME, or NULL. Borrowed from O. */
struct contact *contact_find(const struct otr *o, const char *name);
/* Returns the contact of the peer NAME, and adds it if there is none. */
struct contact *contact_make(struct otr *o, const char *name);
/* Returns the conversation with the peer NAME, or NULL; C may be NULL. */
struct talk *talk_find(const struct contact *c, const char *name);
/*
 * Returns the conversation of C with the peer NAME, and adds it if there is
 * none; NULL if OTR_MAX_CONVERSATIONS is reached.
 */
struct talk *talk_get(struct otr *o, struct contact *c, const char *name);
/* Moves T to the front of its contact's list, as it was used. */
void talk_used(struct talk *t);
/*
 * Returns a conversation of C with another place than NAME that has or had a
 * session, preferably one that is not closed; or NULL. C may be NULL.
 */
const struct talk *talk_elsewhere(const struct contact *c, const char *name);
/*
 * Returns 1, and counts the handshake, if C may begin one at NOW: one a minute
 * on average, and up to OTR_MAX_PLACES ahead of that.
 */
int contact_may_begin(struct contact *c, long long now);
/* Forgets the waiting query of C, if any. */
void contact_not_early(struct otr *o, struct contact *c);
/* Sends the error WORDS to the peer of T, at most once a minute. */
void talk_report(struct otr *o, const struct talk *t, const char *words);
/* Records the session that CTX has entered and queues the state. */
void talk_encrypted(struct otr *o, struct talk *t, ConnContext *ctx);
/* Ends the session of T: forgets its contexts and queues STATE. */
void talk_over(struct otr *o, struct talk *t, enum otr_state state);
/* Closes the session of T for sending; reports it at once if TELL is 1. */
void talk_close(struct otr *o, struct talk *t, int tell);
/* Tells the peer of T, unless it is offline, that the session ends. */
void talk_disconnect(struct otr *o, struct talk *t);
/* Frees T and sends nothing. */
void talk_free(struct otr *o, struct talk *t);
/* Frees all contacts and conversations. */
void talk_clear(struct otr *o);

/* ops.c */

/* The callbacks of libotr; their opdata is a struct otr. */
extern const OtrlMessageAppOps otr_ops;

#endif
