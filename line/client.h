/*
 * The machine: input lines, received bytes, outcomes of actions and time go
 * in; event lines, bytes for the socket and actions come out, pulled by the
 * loop. Does no I/O and reads no clock. Owns everything below it.
 */
#ifndef LINE_CLIENT_H
#define LINE_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "xmpp/dial.h"
#include "xmpp/tls.h"

#define CLIENT_VERSION "jackline " VERSION

/* All pointers are borrowed for the life of the client. */
struct client_options {
	const char *jid;      /* ours, prepared, with a resource */
	const char *password; /* UTF-8 */
	const char *hostname; /* configured, or NULL */
	int port;	      /* configured, or 0 */
	int priority;	      /* -128..127 */
	const char *name;     /* certificate_hostname, or NULL: the domain */
	const struct tls_anchors *anchors; /* or NULL, then pin is set */
	const unsigned char *pin;	   /* TLS_PIN bytes */
	/* otr_dsa.sexp, or NULL: no OTR; and the policies of config.sexp. */
	const char *otr_key;
	size_t otr_key_len;
	unsigned otr_policies, otr_versions;
	const char *go;	     /* first active contact, or NULL */
	const char *text_to; /* -t, prepared, or NULL */
	int muc_max_stanzas; /* history of a room; -1: as it likes */
	int ascii, connect, escaped, stay, no_wait,
	    stop;		   /* -a -c -e -k -n -x */
	int log;		   /* -d: client_log_buf is asked for */
	int terminal;		   /* both ends are one: nothing ever waits */
	int read_only;		   /* -r: nothing is stored */
	int torn;		   /* the last run left a CLIENT_MARK */
	int wait;		   /* -w, seconds */
	const unsigned char *seed; /* 32 bytes of randomness */
};

enum client_action {
	CLIENT_NOTHING,
	CLIENT_DIAL,  /* client_dial says where; answer: client_dialled */
	CLIENT_HANGUP /* close the socket, or stop dialling; no answer */
};

/* What is to be done with a file of the directory. */
enum client_store_what {
	CLIENT_REPLACE,	  /* dir_replace */
	CLIENT_APPEND,	  /* log_repair once, dir_append */
	CLIENT_REMOVE,	  /* dir_remove */
	CLIENT_SET_ASIDE, /* dir_set_aside, the whole file */
	CLIENT_HISTORY,	  /* log_last, then client_history */
	CLIENT_MARK	  /* dir_mark, by count; a failure does no harm */
};

struct client_store {
	enum client_store_what what;
	const char *name; /* as store/dir.h takes it */
	const unsigned char *bytes;
	size_t len;
	int sync;     /* of CLIENT_APPEND */
	size_t count; /* of CLIENT_HISTORY and CLIENT_MARK */
};

struct buf;
struct client;
struct history;

/*
 * The caller frees. First call client_now, then client_keep and the like for
 * what the directory holds, then client_start.
 */
struct client *client_new(const struct client_options *options);
/* Wipes and frees; NULL is accepted. */
void client_free(struct client *c);
/*
 * The time, to be told before each call below: monotonic milliseconds and
 * milliseconds since 1970.
 */
void client_now(struct client *c, int64_t mono, int64_t wall);
/*
 * Takes the N bytes at P of the file users/NAME. Where they are no record, or
 * one about another JID than NAME, a `warning` says so and the file is left
 * alone as long as C lives.
 */
void client_keep(struct client *c, const char *name, const void *p, size_t n);
/*
 * Takes the N bytes at P of users.sexp, where there is one, after all of
 * users/: its records are stored there, then the file goes.
 */
void client_keep_old(struct client *c, const void *p, size_t n);
/* Writes the `warning` event WHY, in words, about JID (NULL: nobody). */
void client_warning(struct client *c, const char *jid, const char *why);
/* Says hello, and connects if so told. */
void client_start(struct client *c);

/*
 * Appends to OUT a `contact` line about everybody, as /contacts all would
 * write them, or unless ALL about the active contact alone; no line is
 * answered, and nothing of it is in the text.
 */
void client_contacts(struct client *c, int all, struct buf *out);
/*
 * Has the last N stored messages with the active contact be read, as /history
 * does; no line is answered, and nothing of it is in the text.
 */
void client_recall(struct client *c, size_t n);
/*
 * Whether what client_recall asked for was read: appends it to OUT, as
 * `history` lines. Once.
 */
int client_recalled(struct client *c, struct buf *out);

/* How many bytes of input are welcome now. */
size_t client_input_room(const struct client *c);
/* Takes N bytes of input, at most client_input_room. */
void client_input(struct client *c, const void *p, size_t n);
/*
 * Whether the lines to come are escaped (-e) from now on; returns whether they
 * were. For a terminal, where one line may hold several.
 */
int client_escaped(struct client *c, int escaped);
/*
 * Whether /contacts lists those who are offline, too, without `all`. For a
 * terminal (F5).
 */
void client_offline(struct client *c, int offline);
/* No more input. */
void client_input_end(struct client *c);
/* How an action CLIENT_DIAL ended; the socket stays the caller's. */
void client_dialled(struct client *c, const struct dial_result *result);
/* Whether bytes of the socket are welcome (LINES.md 2.1, backpressure). */
int client_wants_bytes(const struct client *c);
/* Takes N bytes of the socket. */
void client_received(struct client *c, const void *p, size_t n);
/* The socket is at its end or broken. */
void client_lost(struct client *c);
/* SIGINT, SIGTERM or SIGHUP. */
void client_signal(struct client *c);
/* Time has passed: client_deadline, or anything. */
void client_tick(struct client *c);

/*
 * The next file operation, to be done before actions, wire and text and
 * answered by client_stored; borrowed until then. NULL: none.
 */
const struct client_store *client_store(struct client *c);
/*
 * The operation that client_store gave was done, or failed by the reason WHY:
 * an `error` event says so, and the program goes on.
 */
void client_stored(struct client *c, const char *why);
/* What the CLIENT_HISTORY that client_store gave asked for. */
void client_history(struct client *c, const struct history *h);
/* Something to notify of, in the words of the original; all static but one. */
struct client_notice {
	const char *state, *event;
	const char *more;    /* a fourth word, or NULL */
	const char *contact; /* bare JID, or NULL */
};

/* The next notification, borrowed until client_noticed; NULL: none. */
const struct client_notice *client_notice(struct client *c);
/* It was taken. */
void client_noticed(struct client *c);
/* Whether the active contact is being looked at; it is unless told. */
void client_focus(struct client *c, int focus);
/* The next action, to be done before wire and text. */
enum client_action client_action(struct client *c);
/* Where to dial; borrowed until the next call on C. */
const struct dial_options *client_dial(struct client *c);
/* Bytes for the socket, *LEN of them; borrowed until client_wire_done. */
const unsigned char *client_wire_buf(struct client *c, size_t *len);
/* N of them were written. */
void client_wire_done(struct client *c, size_t n);
/* Event lines, *LEN bytes; borrowed until client_text_done. */
const unsigned char *client_text_buf(struct client *c, size_t *len);
/* N of them were written. */
void client_text_done(struct client *c, size_t n);
/*
 * Lines for the debug log, *LEN bytes, without secrets; borrowed until
 * client_log_done.
 */
const unsigned char *client_log_buf(struct client *c, size_t *len);
/* N of them were written. */
void client_log_done(struct client *c, size_t n);
/* Monotonic milliseconds at which client_tick is wanted; -1: none. */
int64_t client_deadline(const struct client *c);
/* Whether all is over and the program may end once the text is written. */
int client_done(const struct client *c);
/*
 * The exit status (LINES.md 2.2, from 69 down) and, where it is not 0, *WHY:
 * one reason in words, borrowed.
 */
int client_status(const struct client *c, const char **why);

#endif
