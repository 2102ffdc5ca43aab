/*
 * Reads and prints config.sexp, the account and its options, in the versions 0
 * to 3 that the OCaml jackline wrote (jackline(1), FILES). Pure; knows no XMPP:
 * a JID is a string here.
 */
#ifndef STORE_CONFIG_H
#define STORE_CONFIG_H

#include "sexp/buf.h"

/* Bits of policies and versions, with the same values as in otr/otr.h. */
#define CONFIG_REQUIRE_ENCRYPTION   0x01u
#define CONFIG_SEND_WHITESPACE_TAG  0x02u
#define CONFIG_WHITESPACE_START_AKE 0x04u
#define CONFIG_ERROR_START_AKE	    0x08u
#define CONFIG_REVEAL_MACS	    0x10u
#define CONFIG_OTR_V2		    0x01u
#define CONFIG_OTR_V3		    0x02u

/* All strings are on the heap and owned, or NULL if the file has none. */
struct config {
	int version; /* 0 to 3, as read */
	char *jid;   /* as written in the file, with resource */
	char *hostname;
	int port;		    /* 0: none */
	int priority, has_priority; /* -128..127 */
	/* The server is known by one of these; the other is NULL. */
	char *fingerprint;  /* SHA-256 of its certificate, as written */
	char *trust_anchor; /* the path of a PEM file of authorities */
	unsigned policies, versions; /* the bits above */
	char *certificate_hostname;
	char *notification_callback;
	int log_top;
	int muc_max_stanzas;		 /* -1: none */
	int carbons, archive, bookmarks; /* ours alone; 0 where missing */
	char *password;			 /* only before version 3 */
	char *dsa; /* only before version 3: the key's text */
	unsigned policies_order, versions_order; /* private to config.c */
};

/*
 * Reads N bytes at P as config.sexp of any version into C. On an error returns
 * -1 with its place in *LINE and *COLUMN, which count from 1, and "expected
 * ..." in WHY; C is then as after config_clear.
 */
int config_parse(struct config *c, const void *p, size_t n, int *line,
    int *column, char why[160]);
/*
 * Appends C as version 3, byte for byte as the OCaml jackline prints it; behind
 * that what only we have, where it is not 0.
 */
void config_print(const struct config *c, struct buf *out);
/* Wipes and frees what C owns, and zeroes C. */
void config_clear(struct config *c);
/*
 * Reads TEXT, a SHA-256 in hexadecimal of either case, with or without colons,
 * into OUT. Returns -1 if it has another form.
 */
int config_fingerprint(const char *text, unsigned char out[32]);

#endif
