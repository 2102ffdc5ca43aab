/*
 * Off-the-record messaging, versions 2 and 3, by libotr behind a queue. A
 * pure machine: owns one conversation per full name of a peer, what the user
 * wishes per contact, and all of libotr's memory; trust, files and XMPP are
 * the caller's. Names are opaque but for this: a contact is what stands
 * before the first `/` of a peer.
 *
 * Each call may queue items; the caller pulls them with otr_next before it
 * makes the next call. Inside OTR, text is HTML by custom: it is escaped
 * before encrypting and decoded after decrypting here (otr/html.h), so texts
 * are plain on this side. Messages in the clear are never touched.
 *
 * Text leaves only as what otr_gate says. It fails closed: what libotr does
 * not encrypt is refused, never sent as it is, never kept for later.
 */
#ifndef OTR_OTR_H
#define OTR_OTR_H

#include <stddef.h>

#include "otr/key.h"

/* The bits of policies and versions; the same values as in config.sexp's. */
#define OTR_REQUIRE_ENCRYPTION	 0x01u
#define OTR_SEND_WHITESPACE_TAG	 0x02u
#define OTR_WHITESPACE_START_AKE 0x04u
#define OTR_ERROR_START_AKE	 0x08u
#define OTR_REVEAL_MACS		 0x10u /* always done; accepted, no effect */
#define OTR_V2			 0x01u
#define OTR_V3			 0x02u

#define OTR_MAX_TEXT		 (64 * 1024)  /* bytes of a text to be sent */
#define OTR_MAX_BODY		 (256 * 1024) /* bytes of a body received */
#define OTR_MAX_SMP		 4096  /* bytes of a question or secret */
#define OTR_MAX_CONVERSATIONS	 1024  /* in all */
#define OTR_MAX_PLACES		 8     /* conversations of one contact */
#define OTR_MAX_INSTANCES	 8     /* instance tags of one peer */
#define OTR_AUTOMATIC		 60000 /* ms between automatic starts */

enum otr_state { OTR_PLAINTEXT, OTR_ENCRYPTED, OTR_FINISHED };

/* What may happen to a text; see otr_gate. */
enum otr_gate {
	OTR_GATE_REFUSE,  /* it leaves in no form */
	OTR_GATE_ENCRYPT, /* only as what libotr makes of it */
	OTR_GATE_CLEAR,	  /* as it is */
	OTR_GATE_TAG	  /* as it is, with a whitespace tag behind */
};

enum otr_smp {
	OTR_SMP_NONE,
	OTR_SMP_STARTED,   /* by us; the peer is asked */
	OTR_SMP_ASKED,	   /* by the peer; otr_smp_answer is expected */
	OTR_SMP_ANSWERED,  /* by the peer, and answered by us */
	OTR_SMP_SUCCEEDED, /* only in items, as the two below */
	OTR_SMP_FAILED,
	OTR_SMP_ABORTED
};

/* Why something was refused, or what came that is no text: the causes. */
enum otr_cause {
	OTR_OK,
	/* Of calls that return -1. */
	OTR_REFUSED_POLICY,   /* no session; policy or wish want one */
	OTR_REFUSED_FINISHED, /* the peer has ended the session */
	OTR_REFUSED_PLACE,    /* the session is with another place */
	OTR_REFUSED_FAILED,   /* libotr could not encrypt */
	OTR_REFUSED_MARK,     /* to be sent in the clear, but holds "?OTR" */
	OTR_REFUSED_LONG,     /* more than OTR_MAX_TEXT or OTR_MAX_SMP */
	OTR_REFUSED_VERSIONS, /* no version is allowed */
	OTR_REFUSED_SESSION,  /* SMP without an encrypted session */
	OTR_REFUSED_BUSY,     /* an SMP is under way already */
	OTR_REFUSED_EMPTY,    /* an SMP without a secret: all would share it */
	OTR_REFUSED_UNASKED,  /* nothing to answer, nothing to abort */
	OTR_REFUSED_FULL,     /* too many conversations */
	OTR_REFUSED_RAW,      /* raw bytes where no clear text may leave */
	/* Of OTR_NOTE items. */
	OTR_NOTE_CLEAR,	     /* the next OTR_TEXT should have been encrypted */
	OTR_NOTE_UNREADABLE, /* wrong keys, wrong MAC or replayed */
	OTR_NOTE_NO_SESSION, /* encrypted, but we have no session */
	OTR_NOTE_MALFORMED,  /* not OTR, but beginning so; or too large */
	OTR_NOTE_SETUP,	     /* a handshake went wrong */
	OTR_NOTE_REFLECTED,  /* our own handshake came back to us */
	OTR_NOTE_INSTANCE,   /* meant for another client of ours */
	OTR_NOTE_ERROR,	     /* the peer reports an error, in text */
	OTR_NOTE_VERSION,    /* of a version that is not allowed */
	OTR_NOTE_IGNORED     /* not answered: `answer` is 0, or too many */
};

enum otr_type {
	OTR_WIRE, /* text is to be sent to peer, byte for byte */
	OTR_TEXT, /* text came from peer */
	OTR_STATE,
	OTR_SMP,
	OTR_NOTE
};

/* One thing that happened. Members not named for the type are zero. */
struct otr_item {
	enum otr_type type;
	const char *peer; /* as handed in */
	/*
	 * WIRE: what goes into a body. TEXT: decoded, always well-formed
	 * UTF-8 where it was encrypted, as received where not. SMP: the
	 * question of OTR_SMP_ASKED or NULL. NOTE: words, for ERROR those of
	 * the peer, else ours. WIRE and TEXT: never NULL.
	 */
	const char *text;
	unsigned long tag; /* WIRE: of otr_send; 0: of the protocol itself */
	/* TEXT: it was encrypted. WIRE: it is OTR's own (XEP-0380 hints). */
	int encrypted;
	/*
	 * STATE: now. A session that is made anew while one runs is told by
	 * ENCRYPTED again: compare fingerprint and ssid with before.
	 */
	enum otr_state state;
	char fingerprint[KEY_FINGERPRINT]; /* of the peer; TEXT, STATE, SMP */
	char ssid[17];			   /* STATE: 16 hex digits */
	int version;			   /* STATE: 2 or 3 */
	enum otr_smp smp;		   /* SMP */
	/*
	 * SMP SUCCEEDED: whether it says something of the peer's key: 0 where
	 * we answered a question of the peer's choice (which may be one that
	 * everybody can answer), else 1.
	 */
	int proves;
	enum otr_cause cause; /* NOTE */
};

/* With whom, and what is allowed; read during the call only. */
struct otr_peer {
	const char *name;  /* CONTACT/PLACE; only CONTACT: place unknown */
	unsigned policies; /* OTR_REQUIRE_ENCRYPTION ... */
	unsigned versions; /* OTR_V2 | OTR_V3; 0: OTR is off */
	/*
	 * May OTR be answered without the user's doing: the peer may see our
	 * presence. After otr_start or otr_send to the contact it is.
	 */
	int answer;
	long long now; /* ms, monotonic */
};

/* What is known about a conversation; see otr_info. */
struct otr_info {
	enum otr_state state;
	int wish;
	enum otr_smp smp; /* NONE, STARTED, ASKED or ANSWERED */
	char fingerprint[KEY_FINGERPRINT]; /* "" unless ENCRYPTED */
	char ssid[17];			   /* "" unless ENCRYPTED */
	int version;			   /* 0 unless ENCRYPTED */
};

struct otr;

/* A machine with our KEY (copied). Never NULL. The caller frees. */
struct otr *otr_new(const struct key *key);
/* Frees and wipes; queues nothing (otr_end does). NULL is accepted. */
void otr_free(struct otr *o);
/*
 * Says by which NAME (our full JID) the peers know us from now on. With
 * another name than before all sessions are lost to the peers: they become
 * FINISHED, with nothing sent. Wishes stay.
 */
void otr_account(struct otr *o, const char *name);

/*
 * Whether a text may leave, and how; the one place that decides it. STATE is
 * of the conversation, ELSEWHERE: another place of the contact has or had a
 * session that the user has not ended, WISH: the user asked for encryption and
 * has not taken it back, POLICIES and VERSIONS as in struct otr_peer.
 * Everything unknown is refused. No wish and no policy turns encryption off in
 * a running session.
 */
enum otr_gate otr_gate(enum otr_state state, int elsewhere, int wish,
    unsigned policies, unsigned versions);

/*
 * The user wants encryption with P's contact: the wish is kept until otr_stop
 * and a query is queued. -1: no version is allowed (the wish is kept all the
 * same).
 */
int otr_start(struct otr *o, const struct otr_peer *p);
/*
 * TEXT (well-formed UTF-8) is to be sent to P; TAG (not 0) comes back in the
 * one OTR_WIRE item that carries it. -1: refused, nothing of it is kept, the
 * cause is otr_cause; where no session was there and one is wanted, a
 * handshake is started, at most one each OTR_AUTOMATIC.
 */
int otr_send(struct otr *o, const struct otr_peer *p, unsigned long tag,
    const char *text);
/*
 * The same for BYTES (no NUL in them) as they are, for those who debug OTR:
 * ENCRYPTED: in the session that there is, without HTML made of them; else in
 * the clear, where a text may leave so, and whatever they hold. Never begins a
 * handshake.
 */
int otr_send_raw(struct otr *o, const struct otr_peer *p, unsigned long tag,
    const char *bytes, int encrypted);
/*
 * BODY came live from P, a one-to-one chat message, no error or archive. The
 * items are to be pulled before thousands of bodies are given.
 */
void otr_receive(struct otr *o, const struct otr_peer *p, const char *body);
/*
 * The wish of P's contact is taken back and all its sessions end, whatever
 * place P names: the peers are told, the states are PLAINTEXT.
 */
void otr_stop(struct otr *o, const struct otr_peer *p);
/* Ends all sessions and tells the peers, as before a polite exit. */
void otr_end(struct otr *o);

/* Starts an SMP by SECRET; with QUESTION unless NULL. -1: a cause. */
int otr_smp_start(struct otr *o, const struct otr_peer *p, const char *question,
    const char *secret);
/* Answers the SMP that P has asked for. -1: a cause. */
int otr_smp_answer(struct otr *o, const struct otr_peer *p, const char *secret);
/* Breaks off an SMP that is under way. -1: a cause. */
int otr_smp_abort(struct otr *o, const struct otr_peer *p);

/*
 * Takes the next item; 0 where there is none. What ITEM points to is borrowed
 * until the next call on O.
 */
int otr_next(struct otr *o, struct otr_item *item);
/* Why the last call returned -1. */
enum otr_cause otr_cause(const struct otr *o);
/* The token of CAUSE for `cause=`. Static. */
const char *otr_cause_token(enum otr_cause cause);
/* The words of CAUSE for people; English, one line. Static. */
const char *otr_cause_words(enum otr_cause cause);

/* What is known of the conversation with the peer NAME, place included. */
void otr_info(const struct otr *o, const char *name, struct otr_info *info);
/* Whether encryption is wished for with the contact of the peer NAME. */
int otr_wish(const struct otr *o, const char *name);
/*
 * The place of the contact of NAME with an encrypted session, the most
 * recently used; NULL where there is none. Borrowed until the next call.
 */
const char *otr_encrypted(const struct otr *o, const char *name);

/* When otr_tick is due, on the clock of `now`; -1: never. */
long long otr_deadline(const struct otr *o);
/* Forgets what must not stay in memory: keys of unanswered handshakes. */
void otr_tick(struct otr *o, long long now);

#endif
