/*
 * The configuration directory at start and while running: reads who we are,
 * whom we trust, our key and our contacts; does the store actions of the
 * machine. Touches the world through store/dir.h and store/log.h alone; what
 * is wrong is said in words, for the caller to print.
 */
#ifndef LINE_SETUP_H
#define LINE_SETUP_H

#include "line/client.h"
#include "sexp/map.h"
#include "store/colours.h"
#include "store/config.h"
#include "store/dir.h"
#include "xmpp/jid.h"

#define SETUP_PASSWORD 4096 /* bytes of a password, at most */

/* Zeroed before the first use. Owns all. */
struct setup {
	struct dir *dir;
	struct config config;
	char jid[JID_SIZE];	     /* ours, prepared, with the resource */
	struct tls_anchors *anchors; /* or NULL, then: */
	unsigned char pin[TLS_PIN];
	struct buf key;	     /* text of otr_dsa.sexp */
	struct buf password; /* trimmed; empty until it is known */
	struct map repaired; /* histories whose end was looked at */
	int status;	     /* the exit status, where something failed, */
	struct buf why;	     /* and one sentence, raw */
};

/* Opens the directory PATH with OPTIONS of dir_open. -1 with status, why. */
int setup_directory(struct setup *s, const char *path, int options);
/*
 * Reads config.sexp and the trust anchor or fingerprint that it names.
 * RESOURCE, where not NULL, takes the place of the configured one. -1 with
 * status and why.
 */
int setup_config(struct setup *s, const char *resource);
/* Reads the key, and checks it, after setup_config. -1 with status and why. */
int setup_key(struct setup *s);
/*
 * Reads colours.sexp, where there is one, into C. -1 with status and why.
 */
int setup_colours(struct setup *s, struct colours *c);
/* setup_directory, setup_config and setup_key. */
int setup_open(
    struct setup *s, const char *path, int options, const char *resource);
/*
 * Reads the password from the directory (from config.sexp before version 3).
 * 1; 0 where there is none; -1 with status and why.
 */
int setup_password(struct setup *s);
/*
 * Trims the password as the original does. -1 with status and why where
 * nothing is left that can be one.
 */
int setup_password_trim(struct setup *s);
/* Fills what OPTIONS has of all this; borrowed from S. */
void setup_options(struct setup *s, struct client_options *options);
/*
 * Tells C what is in users/, and the old users.sexp. -1 with status and why
 * where a file that is there could not be read.
 */
int setup_users(struct setup *s, struct client *c);
/* Does the store actions of C, all that there are. */
void setup_store(struct setup *s, struct client *c);
/* Wipes and frees what S owns; gives the lock up. */
void setup_clear(struct setup *s);

#endif
