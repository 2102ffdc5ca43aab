/*
 * Reads the configuration directory at start (the account, the trust anchor,
 * the key, the contacts) and performs the store actions of the machine while it
 * runs. Touches the world through store/dir.h and store/log.h only. It prints
 * nothing: a function that fails returns -1 and leaves an exit status and a
 * sentence in struct setup.
 */
#ifndef LINE_START_SETUP_H
#define LINE_START_SETUP_H

#include "line/core/door.h"
#include "sexp/map.h"
#include "store/colours.h"
#include "store/config.h"
#include "store/dir.h"
#include "xmpp/jid.h"
#include "xmpp/stream.h"

#define SETUP_PASSWORD 4096 /* bytes of a password, at most */

/* To be zeroed before the first use. Owns all that it points to. */
struct setup {
	struct dir *dir;
	struct config config;
	char jid[JID_SIZE];	     /* our full JID, prepared */
	struct tls_anchors *anchors; /* NULL if PIN is used instead */
	unsigned char pin[TLS_PIN];
	struct privkey *key; /* of otr_dsa.sexp, or NULL before setup_key */
	struct buf omemo;    /* the text of omemo.sexp, or empty */
	struct buf password; /* empty until it is known */
	struct map repaired; /* the histories whose end was checked */
	/* The offer of the server, and as it is in the file features. */
	struct stream_offer offer, offer_stored;
	/* The files of users/ are looked at before they are read. */
	int checks_users;
	/* The command that mends a configuration, borrowed; or NULL. */
	const char *command;
	int status;	/* the exit status after a failure */
	struct buf why; /* the reason, one sentence, not escaped */
};

/* Opens the directory PATH with OPTIONS of dir_open. */
int setup_directory(struct setup *s, const char *path, int options);
/*
 * Reads the file NAME of the directory into TEXT, DIR_FILE bytes at most.
 * Returns 1; 0 if it is absent; -1. The caller clears TEXT in each case.
 */
int setup_read(struct setup *s, const char *name, struct buf *text);
/*
 * Reads config.sexp into S->config and the JID in it into S->jid. RESOURCE, if
 * it is not NULL, replaces the configured one.
 */
int setup_account(struct setup *s, const char *resource);
/*
 * Reads the trust anchor or the fingerprint that S->config names into
 * S->anchors or S->pin, in place of what was there. After -1 they are as
 * before.
 */
int setup_trust(struct setup *s);
/* Calls setup_account and setup_trust. */
int setup_config(struct setup *s, const char *resource);
/* Reads our OMEMO identity, unchecked. Returns 1; 0 if there is none; -1. */
int setup_omemo(struct setup *s);
/* Reads and checks the OTR key into S->key. To be called after setup_config. */
int setup_key(struct setup *s);
/*
 * Reads colours.sexp into C. Returns 1; 0 with the defaults in C if there is no
 * such file; -1.
 */
int setup_colours(struct setup *s, struct colours *c);
/*
 * Reads the file features into S->offer, where there is one: what the server
 * offered last. Returns 1; 0 with none in S->offer if there is no such file;
 * -1, likewise, if it cannot be read.
 */
int setup_features(struct setup *s);
/* Calls setup_directory, setup_config and setup_key. */
int setup_open(
    struct setup *s, const char *path, int options, const char *resource);
/*
 * Reads the file password, or for config.sexp before version 3 the password in
 * it. Returns 1; 0 if there is none; -1.
 */
int setup_password(struct setup *s);
/*
 * Returns NULL if the string PASSWORD, which is not empty, can be a password,
 * else a static clause that says why not: it is not UTF-8, or SASLprep
 * prohibits it (RFC 4013).
 */
const char *setup_password_why(const char *password);
/* Returns 0 if s->password can be a password, else -1. */
int setup_password_check(struct setup *s);
/* Fills OPTIONS with what was read. The pointers are borrowed from S. */
void setup_options(struct setup *s, struct client_options *options);
/*
 * Gives C the names of the files of users/, for it to ask for what it needs,
 * the old users.sexp and the files of omemo/. -1 if one of them cannot be read
 * or, but with -r and -t, one of users/ is seen to be no file that can be.
 */
int setup_users(struct setup *s, struct client *c);
/*
 * Returns when the last process that used the directory of S ended, as far as
 * its files tell, in milliseconds since 1970; 0 if that is not known. To be
 * called before anything is written.
 */
int64_t setup_left(struct setup *s);
/*
 * Gives C the files of positions/; those of QUEUE, unless it is NULL, are
 * locked before. -1 if one of them exists and cannot be read, or another
 * process has the queue.
 */
int setup_positions(struct setup *s, struct client *c, const char *queue);
/*
 * Performs all store actions that C has waiting, and answers them. Stores a new
 * S->offer, unless -r was given; a failure of that does no harm.
 */
void setup_store(struct setup *s, struct client *c);
/*
 * Wipes the texts of the keys, and the password and key of an old config.sexp,
 * which the client of setup_options has read by now.
 */
void setup_forget(struct setup *s);
/* Wipes and frees what S owns, and releases the lock. */
void setup_clear(struct setup *s);

#endif
