/*
 * The machine: input lines, received bytes, outcomes of actions and time go
 * in; event lines, bytes for the socket and actions come out, pulled by the
 * loop. Does no I/O and reads no clock. Owns everything below it.
 */
#ifndef LINE_CORE_DOOR_H
#define LINE_CORE_DOOR_H

#include <stddef.h>
#include <stdint.h>

#include "xmpp/dial.h"
#include "xmpp/tls.h"

#define CLIENT_VERSION "jackline " VERSION

struct privkey;

/* All pointers are borrowed for the life of the client. */
struct client_options {
	const char *jid;      /* ours, prepared, with a resource */
	const char *password; /* UTF-8 */
	const char *hostname; /* configured, or NULL; empty: the domain */
	int port;	      /* configured, or 0 */
	int priority;	      /* -128..127 */
	const char *name;     /* certificate_hostname, or NULL: the domain */
	/* The command that mends the configuration, for people; or NULL. */
	const char *configure;
	const struct tls_anchors *anchors; /* or NULL, then pin is set */
	const unsigned char *pin;	   /* TLS_PIN bytes */
	/* The key of otr_dsa.sexp, read by client_new alone, or NULL: no OTR;
	 * and the policies of config.sexp. */
	const struct privkey *otr_key;
	unsigned otr_policies, otr_versions;
	const char *omemo_key; /* omemo.sexp, or NULL: no OMEMO */
	size_t omemo_key_len;
	const char *go;	     /* first active contact, or NULL */
	const char *text_to; /* -t, prepared, or NULL */
	int muc_max_stanzas; /* history of a room; -1: as it likes */
	int ascii, connect, escaped, stay, no_wait,
	    stop;			   /* -a -c -e -k -n -x */
	int delivered, sanitize, no_rooms; /* the options of these names */
	int log;			   /* -d: client_log_buf is asked for */
	int terminal;	    /* both ends are one: nothing ever waits */
	int list_offline;   /* /contacts lists all, see client_offline */
	int bookmarks;	    /* those of rooms are asked for at each login */
	int bookmarks_kept; /* /join and /leave change them */
	int carbons; /* copies of our other clients are wanted by themselves */
	int tree;    /* --tree */
	int read_only;	   /* -r: nothing is stored */
	int torn;	   /* the last run left a CLIENT_MARK */
	int archive;	   /* A replay runs by itself. */
	const char *queue; /* --queue, or NULL */
	const char *after; /* --after, an id of the archive, or NULL */
	int wait;	   /* -w, seconds */
	/* The features of the server, noted after each login for the next;
	 * NULL: nothing is sent before the server has announced them. */
	struct stream_offer *offer;
	const unsigned char *seed; /* 32 bytes of randomness */
};

enum client_action {
	CLIENT_NOTHING,
	CLIENT_DIAL,	  /* client_dial says where; answer: client_dialled */
	CLIENT_DIAL_NEXT, /* dial_next, client_dial_why says why; as before */
	CLIENT_HANGUP	  /* close the socket, or stop dialling; no answer */
};

/* An operation on a file of the directory. */
enum client_store_what {
	CLIENT_REPLACE,	  /* dir_replace */
	CLIENT_APPEND,	  /* log_repair once, dir_append, client_appended */
	CLIENT_OVERWRITE, /* dir_overwrite at AT, half of the bytes by half */
	CLIENT_REMOVE,	  /* dir_remove */
	CLIENT_SET_ASIDE, /* dir_set_aside, the whole file */
	CLIENT_HISTORY,	  /* log_last, then client_history */
	CLIENT_ENTER,	  /* dir_append */
	CLIENT_CREATE,	  /* dir_create */
	CLIENT_KEEP,	  /* dir_read of users/NAME, then client_keep */
	CLIENT_LOCK,	  /* dir_lock of `omemo`, waiting for it */
	CLIENT_READ,	  /* dir_read, then client_file */
	CLIENT_UNLOCK,	  /* dir_unlock */
	/* Writes the enum omemo_wish COUNT, for verified keys only if AT is 1,
	 * into the record NAME, of omemo/, under its lock. */
	CLIENT_WISH,
	CLIENT_MARK /* dir_mark, by count; a failure does no harm */
};

struct client_store {
	enum client_store_what what;
	const char *name; /* as store/dir.h takes it */
	const unsigned char *bytes;
	size_t len;
	int sync;     /* of CLIENT_APPEND */
	size_t count; /* of CLIENT_HISTORY, CLIENT_MARK and CLIENT_WISH */
	int64_t at;   /* of CLIENT_OVERWRITE and CLIENT_WISH */
};

struct buf;
struct client;
struct history;
struct source;

/*
 * The caller frees. First call client_now, then client_listed and the like for
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
 * Notes that there is a file users/NAME. Returns 1 if it is to be read at once,
 * for client_keep; 0: C asks for it by CLIENT_KEEP when it is needed.
 */
int client_listed(struct client *c, const char *name);
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
/*
 * Takes the N bytes at P of the file positions/NAME; those of another --queue
 * than that of C's options, or of none, are not looked at.
 */
void client_position(
    struct client *c, const char *name, const void *p, size_t n);
/*
 * Takes the N bytes at P of the file omemo/NAME. Where they are no record a
 * `warning` says so, and the contact gets no text in the clear unless the user
 * says /encryption none.
 */
void client_keep_wish(
    struct client *c, const char *name, const void *p, size_t n);
/*
 * With ON the positions in archives stay where they are, though events are
 * written: a terminal that has not shown them yet wants them again after a
 * crash. Without, those of the events written so far are stored.
 */
void client_hold_positions(struct client *c, int on);
/* Says hello, and connects if so told. */
void client_start(struct client *c);

/*
 * Has the last N stored messages with the active contact be read, as /history
 * does; no line is answered, and nothing of it is in the text.
 */
void client_recall(struct client *c, size_t n);
/*
 * Has the last N messages with the active contact be read from the server's
 * archive in the same way. Returns 1; 0 where the archive is not used by
 * itself or cannot be asked now: nothing comes then.
 */
int client_recall_archive(struct client *c, size_t n);
/*
 * Appends the messages that client_recall asked for to OUT, as `history` lines.
 * Returns 1 once when they were read, else 0.
 */
int client_recalled(struct client *c, struct buf *out);

/*
 * Returns how many bytes of input are welcome now; more where events stand
 * unread.
 */
size_t client_input_room(const struct client *c);
/* Takes N bytes of input, at most client_input_room. */
void client_input(struct client *c, const void *p, size_t n);
/*
 * Adds an input of lines beside the first, for good, whose events carry
 * `in=NAME`. Its lines are for JID, bare; NULL: as those of the first. Both are
 * copied. Borrowed from C.
 */
struct source *client_open(struct client *c, const char *name, const char *jid);
/* Returns 1 if bytes for S are welcome, 0 while enough of them wait. */
int client_source_wants(const struct client *c, const struct source *s);
/* Takes N bytes of input for S; more than are welcome are taken as well. */
void client_source_input(
    struct client *c, struct source *s, const void *p, size_t n);
/* Our relation to a JID. */
enum client_known {
	CLIENT_STRANGER,
	CLIENT_CONTACT, /* in our roster */
	CLIENT_ROOM,	/* a room that we are or were in */
	CLIENT_SELF	/* our own account */
};

/* Returns our relation to the bare JID. */
enum client_known client_knows(const struct client *c, const char *jid);
/*
 * Tells that the N bytes at P were the line of number LINE that S gave in an
 * earlier run, which has not answered it.
 */
void client_unanswered(struct client *c, struct source *s, unsigned long line,
    const char *p, size_t n);
/* Writes a `warning` about JID (NULL: nobody), WHY in words. */
void client_warn(struct client *c, const char *jid, const char *why);
/*
 * Makes the lines to come ESCAPED (-e) or not. Returns 1 if they were before,
 * else 0. For a terminal, where one line may hold several.
 */
int client_escaped(struct client *c, int escaped);
/*
 * Toggles whether /contacts lists contacts that are offline even without
 * `all`, for the key F5 of a terminal. Returns whether it does so now.
 */
int client_offline(struct client *c);
/* Notes the end of input. */
void client_input_end(struct client *c);
/* Takes the RESULT of CLIENT_DIAL; the socket stays the caller's. */
void client_dialled(struct client *c, const struct dial_result *result);
/* Returns 1 if bytes of the socket are welcome, 0 while too much is unread. */
int client_wants_bytes(const struct client *c);
/* Takes N bytes of the socket. */
void client_received(struct client *c, const void *p, size_t n);
/* Notes that the socket is at its end or broken. */
void client_lost(struct client *c);
/* Takes a SIGINT, SIGTERM or SIGHUP. */
void client_signal(struct client *c);
/* Does what is due, at client_deadline or any other time. */
void client_tick(struct client *c);

/*
 * The next file operation, to be done before actions, wire and text and
 * answered by client_stored; borrowed until then. NULL: none.
 */
const struct client_store *client_store(struct client *c);
/*
 * The operation that client_store gave was done, or failed by the reason WHY:
 * the line that it was for is answered by that, else an `error` event says so,
 * and the program goes on. But where a message could not be kept it ends: what
 * was received with it or behind it stays unacknowledged (XEP-0198), so that
 * the server still has it.
 */
void client_stored(struct client *c, const char *why);
/*
 * Notes that the record of the CLIENT_APPEND that client_store gave begins at
 * AT; before client_stored.
 */
void client_appended(struct client *c, int64_t at);
/*
 * Takes the N bytes at P of the file that the CLIENT_READ that client_store
 * gave asked for; P is NULL if there is no such file. Before client_stored.
 */
void client_file(struct client *c, const void *p, size_t n);
/* Takes H, which the CLIENT_HISTORY that client_store gave asked for. */
void client_history(struct client *c, const struct history *h);
/*
 * Something to notify of, in the words of the original; all static but the
 * contact.
 */
struct client_notice {
	const char *state, *event;
	const char *more;    /* a fourth word, or NULL */
	const char *contact; /* bare JID, or NULL */
	const char *kind;    /* `chat room mention invite`, or NULL */
};

/*
 * Returns the next notification that it has not returned before, or NULL.
 * Borrowed until client_noticed.
 */
const struct client_notice *client_announce(struct client *c);
/*
 * Returns the oldest notification, or NULL. It stays until client_noticed; of
 * more than 64 the oldest are dropped. Borrowed until the next call on C.
 */
const struct client_notice *client_notice(struct client *c);
/* Drops the notification that client_notice returned. */
void client_noticed(struct client *c);
/* Notes if the user looks at the active contact, as is taken for granted. */
void client_focus(struct client *c, int focus);
/* Returns the next action, to be done before wire and text. */
enum client_action client_action(struct client *c);
/* Returns the server to dial; borrowed until the next call on C. */
const struct dial_options *client_dial(struct client *c);
/* Returns why the last connection was of no use; borrowed likewise. */
const char *client_dial_why(const struct client *c);
/* Returns *LEN bytes for the socket; borrowed until client_wire_done. */
const unsigned char *client_wire_buf(struct client *c, size_t *len);
/* Drops the first N of them, which were written. */
void client_wire_done(struct client *c, size_t n);
/* Returns *LEN bytes of event lines; borrowed until client_text_done. */
const unsigned char *client_text_buf(struct client *c, size_t *len);
/* Drops the first N of them, which were written. */
void client_text_done(struct client *c, size_t n);
/*
 * Returns *LEN bytes of lines for the debug log, without secrets; borrowed
 * until client_log_done.
 */
const unsigned char *client_log_buf(struct client *c, size_t *len);
/* Drops the first N of them, which were written. */
void client_log_done(struct client *c, size_t n);
/* Returns when client_tick is wanted, monotonic milliseconds; -1: never. */
int64_t client_deadline(const struct client *c);
/* Returns 1 if the program may end once the text is written, else 0. */
int client_done(const struct client *c);
/*
 * Returns 1 after a second signal: the program ends then even with text that
 * cannot be written at once. Else 0.
 */
int client_hurries(const struct client *c);
/*
 * Returns the exit status, see jackline(1), EXIT STATUS. Where it is not 0,
 * *WHY is one reason in words, borrowed.
 */
int client_status(const struct client *c, const char **why);

#endif
