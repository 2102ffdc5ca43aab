/*
 * What the parts of the machine share: the state itself. Included by the
 * files of line/ that implement commands and events, by nobody else.
 */
#ifndef LINE_STATE_H
#define LINE_STATE_H

#include "line/client.h"
#include "line/event.h"
#include "line/input.h"
#include "sexp/map.h"
#include "xmpp/jid.h"
#include "xmpp/nonce.h"
#include "xmpp/roster.h"
#include "xmpp/stream.h"

#define TEXT_MAX  ((size_t)1024 * 1024 * 1024)
#define TEXT_HELD ((size_t)1024 * 1024)	    /* unread events: no more lines */
#define KEPT_HELD ((size_t)4 * 1024 * 1024) /* unacknowledged: as above */
#define WIRE_HELD ((size_t)1024 * 1024)	    /* unsent bytes: no more lines */
/* Milliseconds after going online by which presence has come. */
#define PRESENCE_DUE 3000
#define SOCKET_HELD  (2 * TEXT_HELD) /* unread, or unsent: no more bytes */

enum link {
	LINK_OFFLINE,
	LINK_WAITING, /* lost, to be regained, see regain.c */
	LINK_DIALLING,
	LINK_OPENING, /* connected, not yet bound */
	LINK_ONLINE,
	LINK_CLOSING /* we ended the stream, the server has not */
};

/* How far the end has come (LINES.md 2.2). */
enum ending {
	ENDING_NO,
	ENDING_FATES,	/* waiting until every message has its fate */
	ENDING_BOUNCES, /* one more ping, so that a bounce is seen */
	ENDING_STREAM,	/* the stream is being ended */
	ENDING_DONE
};

/* A contact as far as we talked to it, by its bare JID. */
struct chat {
	char *jid;
	char *wrote;	   /* full JID that wrote last, or NULL */
	int warned;	   /* that our words go elsewhere */
	int encrypt_only;  /* since /otr start, until /otr stop */
	int verified_only; /* since /otr start verified, until /otr stop */
	int spoken;	   /* we wrote to it: it may know that we are here */
	int expanded;	   /* messages go to the bare JID */
	int fresh;	   /* it was used since those of strangers went */
	unsigned unread;
};

/* How the old users.sexp goes once its records are stored. */
enum moving { MOVING_NO, MOVING_ALL, MOVING_SOME };

struct job;
struct notice;
struct otr;
struct request;
struct fate;
struct keep_store;

struct client {
	struct client_options options;
	int64_t mono, wall;
	struct nonce *nonce;

	/* The link and what is known through it. */
	enum link link;
	enum client_action action;
	struct dial_options dial;
	char domain[256]; /* of our JID, A-labels */
	struct stream *stream;
	char *host, *address; /* where we are connected to */
	int port;
	unsigned seen;	       /* SASL mechanisms offered so far */
	int64_t heard;	       /* when bytes came last */
	int64_t pinged;	       /* when a liveness ping went out; 0: none is */
	int64_t link_deadline; /* connecting or closing must end; 0: none */
	size_t again; /* bytes sent again, beside which replies are counted */
	const char *lost; /* cause of the last failure, or NULL */
	int was_online;	  /* ever */
	int gone;	  /* the last session, not ended by the user */
	char lost_why[400];
	struct roster roster;
	int has_roster;
	char jid[JID_SIZE]; /* ours, full */

	/* Our presence as last set by the user. */
	enum roster_show show;
	int priority;
	char *status;
	int untold; /* it was set while there was no connection */
	char caps[32];

	/* Lines, their answers and what they wait for. */
	struct input input;
	unsigned long line; /* being executed or answered; 0: -c, none */
	char *label;	    /* of it, or NULL */
	int answered;	    /* the line being executed */
	int lists_offline;  /* /contacts does, without `all` */
	struct job *jobs;
	struct request *requests;
	int read_ended; /* -x, /quit, signal: no further line is executed */
	struct map chats;
	size_t chats_sweep; /* so many, and those of strangers go */
	char *active;	    /* active contact, bare or full, or NULL */
	const char *with;   /* stands for it while /with is done, or NULL */
	int prefixes;	    /* /with and /label before the line that is done */
	int closing;	    /* /disconnect waits for the fates */

	/* Encryption, see encrypt.c. */
	struct otr *otr;      /* NULL: there is no key */
	char fingerprint[41]; /* of our key, 40 digits */
	struct buf otr_body;  /* the text under way */
	int64_t online_since; /* monotonic */
	struct job *ask;      /* the next line answers its question */

	/* Messages and their fates. */
	struct map fates; /* of struct fate by id */
	struct fate *fate_first, *fate_last;
	size_t fates_open, fates_acked;
	struct fate_past *past; /* of fates that are gone, NULL: none is */
	size_t past_at;
	uint64_t sent;	      /* messages on this stream, or that may bounce */
	uint64_t ping_covers; /* messages before the ack ping under way */
	int ack_ping;	      /* how many are: one, or so many <r/> */
	int64_t ack_pinged;   /* since when, for the first of them */
	int64_t ack_slow;     /* milliseconds that it may take on a slow line */
	uint64_t ack_asked;   /* resume.bytes at the last <r/> */
	uint64_t ack_last;    /* resume.acked at the last answer */
	int64_t ack_rests;    /* until then none is asked for */

	/* A session that was up, see regain.c. */
	struct resume resume;
	int regaining; /* until lines may go on */
	int retries;   /* since the last stable minute */
	int64_t retry_at;
	int64_t regain_until; /* -w, at the end of input; 0: for ever */
	unsigned long doomed; /* waiting lines before it get an error */
	int64_t skew;	      /* of wall to mono */
	int jumped;	      /* the clock did, or we slept or were stopped */

	int all_acked; /* what we had written, as we ended the stream */
	int replaying; /* what comes was sent to us before, on this session */

	/* Messages that came before, see seen.c. */
	struct map seen_keys;
	struct seen_entry *seen_ring;
	size_t seen_next;
	unsigned long sessions; /* that were begun */
	int torn;	/* what was kept may have come to the last run */
	int maybe_seen; /* the message being taken may be one */

	struct buf receipts; /* owed, see receive.c */

	/* What is to be told by the callback, see notice.c. */
	struct notice *notices;
	size_t notice_count;
	int notice_online; /* as it was told last */
	int unfocused;	   /* nobody looks at the active contact either */
	struct map unseen; /* bare JIDs that wrote since */

	/* Rooms, see muc.c. */
	struct map rooms;    /* of struct muc by bare JID */
	size_t rooms_open;   /* messages to them without a fate */
	int64_t rooms_until; /* for muc_tick; 0: it has nothing to do */

	/* What stays on the disk, see keep.c. */
	struct map kept; /* contacts and rooms by bare JID */
	struct keep_store *store_first, *store_last; /* to be done */
	enum moving moving;
	struct buf recalled; /* see client_recall */
	int has_recalled;
	int store_failed;
	char store_why[400];

	/* Output. */
	int greeted; /* `hello` was written */
	struct event_writer event;
	struct buf text;
	struct buf log;	       /* -d */
	uint64_t text_written; /* bytes that the loop has written */

	/* /wait */
	struct buf seen_events;	    /* lines since the last message's answer */
	uint64_t text_scanned;	    /* of client_text_total */
	char last_id[NONCE_ID + 1]; /* of the last message, or empty */

	/* The end. */
	enum ending ending;
	int64_t ending_deadline;
	int signals;
	int had_error, had_unfinished, had_unread;
	char error_why[400]; /* of the first error or failure */
};

/*
 * The chat with the bare part of JID; made where there was none. What it
 * returned before is no longer valid, unless we wrote there.
 */
struct chat *client_chat(struct client *c, const char *jid);
/* Frees all of them. */
void client_chats_clear(struct client *c);
/* The JID that a line speaks of unless it says another, or NULL. */
const char *client_active(const struct client *c);
/* Whether JID is ours, whatever its resource. */
int client_is_self(const struct client *c, const char *jid);
/* Bytes of events that were ever made. */
uint64_t client_text_total(const struct client *c);
/* Writes the info event TEXT about PEER. */
void client_info(struct client *c, const char *peer, const char *text);
/* Writes `hello`, which is first, once. */
void client_hello(struct client *c);

#endif
