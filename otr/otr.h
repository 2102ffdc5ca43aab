/*
 * Off-the-Record messaging, versions 2 and 3, by libotr behind a queue. A pure
 * machine: it owns a conversation for each full name of a peer, whether the
 * user wants encryption with a contact, and all memory of libotr. Trust, files
 * and XMPP belong to the caller. Names are opaque, except that the part before
 * the first `/` is the contact.
 *
 * Each call may queue items; the caller pulls them with otr_next before the
 * next call. Text inside OTR is HTML by custom: it is escaped before encryption
 * and decoded after decryption here (otr/html.h), so the caller sees plain
 * text. Messages in the clear are not changed.
 *
 * Text is sent only as otr_gate decides. It fails closed: text that libotr does
 * not encrypt is refused, never sent in the clear, and never kept for later.
 */
#ifndef OTR_OTR_H
#define OTR_OTR_H

#include <stddef.h>

#include "otr/privkey.h"

/* Bits of policies and versions, with the same values as in store/config.h. */
#define OTR_REQUIRE_ENCRYPTION	 0x01u
#define OTR_SEND_WHITESPACE_TAG	 0x02u
#define OTR_WHITESPACE_START_AKE 0x04u
#define OTR_ERROR_START_AKE	 0x08u
#define OTR_REVEAL_MACS		 0x10u /* always done; no effect */
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

/* The verdict on a text; see otr_gate. */
enum otr_gate {
	OTR_GATE_REFUSE,  /* must not be sent */
	OTR_GATE_ENCRYPT, /* must be encrypted */
	OTR_GATE_CLEAR,	  /* may be sent in the clear */
	OTR_GATE_TAG	  /* the same, followed by a whitespace tag */
};

enum otr_smp {
	OTR_SMP_NONE,
	OTR_SMP_STARTED,   /* by us */
	OTR_SMP_ASKED,	   /* by the peer; otr_smp_answer answers it */
	OTR_SMP_ANSWERED,  /* the same, after our answer */
	OTR_SMP_SUCCEEDED, /* this and the following only in items */
	OTR_SMP_FAILED,
	OTR_SMP_ABORTED
};

/* Reasons of refusals and notes. */
enum otr_cause {
	OTR_OK,
	/* A call returned -1. */
	/* No session, but the policy or the user wants one: */
	OTR_REFUSED_POLICY,   /* it was asked for now */
	OTR_REFUSED_ASKED,    /* it was asked for less than a minute ago */
	OTR_REFUSED_AWAY,     /* the peer is known to be offline */
	OTR_REFUSED_FINISHED, /* the peer has ended the session */
	OTR_REFUSED_CLOSED,   /* the peer may have lost the session */
	OTR_REFUSED_OFFLINE,  /* the peer is known to be offline */
	OTR_REFUSED_PLACE,    /* the session is with another place */
	OTR_REFUSED_FAILED,   /* libotr could not encrypt */
	OTR_REFUSED_MARK,     /* clear text that contains "?OTR" */
	OTR_REFUSED_LONG,     /* more than OTR_MAX_TEXT or OTR_MAX_SMP */
	OTR_REFUSED_VERSIONS, /* no version is allowed */
	OTR_REFUSED_SESSION,  /* SMP without an encrypted session */
	OTR_REFUSED_BUSY,     /* an SMP is under way already */
	OTR_REFUSED_EMPTY,    /* an SMP with an empty secret proves nothing */
	OTR_REFUSED_UNASKED,  /* no SMP to answer or to abort */
	OTR_REFUSED_FULL,     /* too many conversations */
	OTR_REFUSED_RAW,      /* raw bytes, but clear text is not allowed */
	/* An OTR_NOTE item. */
	OTR_NOTE_CLEAR,	     /* the next OTR_TEXT should have been encrypted */
	OTR_NOTE_UNREADABLE, /* wrong keys, wrong MAC or replayed */
	OTR_NOTE_NO_SESSION, /* encrypted, but there is no session */
	OTR_NOTE_MALFORMED,  /* begins like OTR but is not; or too large */
	OTR_NOTE_SETUP,	     /* a handshake failed */
	OTR_NOTE_REFLECTED,  /* our own handshake came back to us */
	OTR_NOTE_INSTANCE,   /* meant for another client of ours */
	OTR_NOTE_ERROR,	     /* the peer reports an error, in text */
	OTR_NOTE_VERSION,    /* a version that is not allowed */
	OTR_NOTE_IGNORED,    /* not answered: of no handshake, or too often */
	OTR_NOTE_STRANGER,   /* not answered: they may not see our presence */
	OTR_NOTE_OFTEN	     /* a second handshake within a minute */
};

enum otr_type {
	OTR_WIRE, /* send text to peer, byte for byte */
	OTR_TEXT, /* text came from peer */
	OTR_STATE,
	OTR_SMP,
	OTR_NOTE
};

/* One item. Members not named for its type are zero. */
struct otr_item {
	enum otr_type type;
	const char *peer; /* full name, as in struct otr_peer */
	/*
	 * WIRE: the body to send. TEXT: if it was encrypted, decoded and
	 * well-formed UTF-8, else as received. SMP: the question of
	 * OTR_SMP_ASKED, or NULL. NOTE: an explanation; that of the peer for
	 * OTR_NOTE_ERROR. Never NULL for WIRE and TEXT.
	 */
	const char *text;
	unsigned long tag; /* WIRE: that of otr_send; 0: a protocol message */
	/* TEXT: was encrypted. WIRE: is OTR, for hints (XEP-0380). */
	int encrypted;
	/*
	 * STATE: the new state. A new session that replaces another is a second
	 * OTR_ENCRYPTED; fingerprint and ssid may differ.
	 */
	enum otr_state state;
	char fingerprint[OTR_FINGERPRINT_SIZE]; /* of the peer; TEXT, STATE, SMP
						 */
	char ssid[17];				/* STATE: 16 hex digits */
	int version;				/* STATE: 2 or 3 */
	enum otr_smp smp;			/* SMP */
	/*
	 * SMP_SUCCEEDED: 1 if it verifies the key of the peer; 0 if we answered
	 * a question of the peer, which may be one that anybody can answer.
	 */
	int proves;
	enum otr_cause cause; /* NOTE */
};

/* The peer, and what is allowed; borrowed during the call only. */
struct otr_peer {
	const char
	    *name; /* CONTACT/PLACE, or CONTACT if the place is unknown */
	unsigned policies; /* OTR_REQUIRE_ENCRYPTION ... */
	unsigned versions; /* OTR_V2 | OTR_V3; 0: OTR is off */
	/*
	 * Handshakes that the peer begins may be answered, because the peer may
	 * see our presence. After otr_start or otr_send they are answered in
	 * any case.
	 */
	int answer;
	/* The peer is offline, so that a query would be stored: send none. */
	int offline;
	/*
	 * The message received was addressed to our full JID. If it was sent to
	 * the bare JID, another client of ours may be able to read it.
	 */
	int ours;
	long long now; /* ms, monotonic */
};

/* The state of a conversation; see otr_info. */
struct otr_info {
	enum otr_state state; /* OTR_FINISHED also if the session is closed */
	int closed;	      /* it is closed for sending, see otr_gone */
	int wish;	      /* the user wants encryption, see otr_start */
	int elsewhere;	  /* another place has or had a session, see otr_gate */
	enum otr_smp smp; /* OTR_SMP_NONE to OTR_SMP_ANSWERED */
	char fingerprint[OTR_FINGERPRINT_SIZE]; /* "" unless ENCRYPTED */
	char ssid[17];				/* "" unless ENCRYPTED */
	int version;				/* 0 unless ENCRYPTED */
};

struct otr;

/* Makes a machine with our KEY (copied). Never NULL. Freed with otr_free. */
struct otr *otr_new(const struct privkey *key);
/* Wipes and frees; sends nothing, see otr_end. NULL is accepted. */
void otr_free(struct otr *o);
/*
 * Sets the NAME (our full JID) by which peers know us from now on. If it has
 * changed, peers cannot use their sessions any more: all become OTR_FINISHED,
 * and nothing is sent. Wishes stay.
 */
void otr_account(struct otr *o, const char *name);

/*
 * Decides whether and how a text may be sent; nothing else decides it. STATE is
 * that of the conversation. ELSEWHERE is 1 if another place of the contact has
 * or had a session that the user has not ended. WISH is 1 if the user asked for
 * encryption and has not taken it back. POLICIES and VERSIONS are those of
 * struct otr_peer. Unknown values are refused. Nothing turns encryption off
 * within a session.
 */
enum otr_gate otr_gate(enum otr_state state, int elsewhere, int wish,
    unsigned policies, unsigned versions);

/*
 * Notes that the user wants encryption with the contact of P, until otr_stop,
 * and queues a query. An existing session is closed for sending until the
 * handshake has made a new one. Returns -1 if no version is allowed or P is
 * offline; the wish is kept nevertheless.
 */
int otr_start(struct otr *o, const struct otr_peer *p);
/* Reports the session with P as closed, as P did not answer otr_start. */
void otr_give_up(struct otr *o, const struct otr_peer *p);
/*
 * Notes that the place NAME went offline, or all places of the contact if NAME
 * is a bare JID (RFC 6121 4.3.2), and closes the session, if any: the peer may
 * lose its keys. Messages in it are still decrypted, but nothing is sent until
 * a handshake has made a new one. The state is reported as OTR_FINISHED.
 */
void otr_gone(struct otr *o, const char *name);
/* Notes that the place NAME is online again; its session stays closed. */
void otr_here(struct otr *o, const char *name);
/* Closes all sessions like otr_gone, since our own stream was lost for good. */
void otr_unresumed(struct otr *o);
/*
 * Sends TEXT (well-formed UTF-8) to P: queues one OTR_WIRE item that has TAG,
 * which is not 0. Returns -1 with the cause if it is refused; then nothing of
 * it is kept. If a session is wanted and there is none, a handshake is started,
 * at most one per OTR_AUTOMATIC.
 */
int otr_send(struct otr *o, const struct otr_peer *p, unsigned long tag,
    const char *text);
/*
 * Returns 1 if otr_send would send the N bytes of TEXT to P in the clear and
 * unchanged: then the caller may do so, and otr_send need not be called.
 */
int otr_sends_clear(
    struct otr *o, const struct otr_peer *p, const char *text, size_t n);
/*
 * The same for debugging OTR: sends the string BYTES unchanged, without HTML
 * escapes and even if it begins with "?OTR". If ENCRYPTED is 1 it needs a
 * session, else clear text must be allowed. Never begins a handshake.
 */
int otr_send_raw(struct otr *o, const struct otr_peer *p, unsigned long tag,
    const char *bytes, int encrypted);
/* Kinds of message bodies. */
enum otr_kind { OTR_KIND_TEXT, OTR_KIND_QUERY, OTR_KIND_ERROR, OTR_KIND_DATA };
/* Returns the kind of BODY; OTR_KIND_DATA is unreadable for people. */
enum otr_kind otr_kind(const char *body);
/*
 * Returns 1 if BODY, which is of OTR_KIND_DATA, is of a handshake and holds no
 * text, as far as that can be seen: a fragment may be of anything.
 */
int otr_is_handshake(const char *body);
/*
 * Handles BODY of a chat message received live from P; not for bounces and
 * archived messages. Bodies are dropped while too many items are queued.
 */
void otr_receive(struct otr *o, const struct otr_peer *p, const char *body);
/*
 * Returns 1 if otr_receive would queue BODY unchanged as an OTR_TEXT that is
 * not encrypted, and do nothing else: then it need not be called.
 */
int otr_is_plain(
    const struct otr *o, const struct otr_peer *p, const char *body);
/*
 * Takes back the wish for encryption with the contact of P and ends all its
 * sessions, with any place: the peers are told, the states are OTR_PLAINTEXT.
 */
void otr_stop(struct otr *o, const struct otr_peer *p);
/* Ends all sessions and tells the peers, before the program exits. */
void otr_end(struct otr *o);

/* Starts an SMP with SECRET and QUESTION (or NULL). -1 with a cause. */
int otr_smp_start(struct otr *o, const struct otr_peer *p, const char *question,
    const char *secret);
/* Answers the SMP that P has started. -1 with a cause. */
int otr_smp_answer(struct otr *o, const struct otr_peer *p, const char *secret);
/* Aborts an SMP under way. -1 with a cause. */
int otr_smp_abort(struct otr *o, const struct otr_peer *p);

/*
 * Takes the next item and returns 1; 0 if there is none. ITEM borrows its
 * strings until the next call on O.
 */
int otr_next(struct otr *o, struct otr_item *item);
/* Returns the reason why the last call returned -1. */
enum otr_cause otr_cause(const struct otr *o);
/* Returns the token of CAUSE, one of xmpp/cause.def; static. */
const char *otr_cause_token(enum otr_cause cause);
/* Explains CAUSE in one line for people; static. */
const char *otr_cause_words(enum otr_cause cause);

/* Fills INFO about the conversation with the full name NAME. */
void otr_info(const struct otr *o, const char *name, struct otr_info *info);
/*
 * Returns the full name of the contact of NAME with an open session, the most
 * recently used one; NULL if there is none. Borrowed until the next call.
 */
const char *otr_encrypted(const struct otr *o, const char *name);

/* Returns the time at which otr_tick is due, on the clock of `now`; or -1. */
long long otr_deadline(const struct otr *o);
/* Answers delayed queries and forgets the keys of unanswered handshakes. */
void otr_tick(struct otr *o, long long now);

#endif
