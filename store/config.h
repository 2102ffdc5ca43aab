/*
 * config.sexp: the account and its options, versions 0 to 3 (FILES.md).
 * Bytes to struct and back; no files, no XMPP: the JID is text here.
 */
#ifndef STORE_CONFIG_H
#define STORE_CONFIG_H

#include "sexp/buf.h"

#define CONFIG_REQUIRE_ENCRYPTION   0x01u
#define CONFIG_SEND_WHITESPACE_TAG  0x02u
#define CONFIG_WHITESPACE_START_AKE 0x04u
#define CONFIG_ERROR_START_AKE	    0x08u
#define CONFIG_REVEAL_MACS	    0x10u
#define CONFIG_OTR_V2		    0x01u
#define CONFIG_OTR_V3		    0x02u

/* All strings are on the heap and owned; NULL where the file has none. */
struct config {
	int version; /* 0 to 3, as read */
	char *jid;   /* as written in the file, with resource */
	char *hostname;
	int port;		    /* 0: none */
	int priority, has_priority; /* -128..127 */
	char *fingerprint;	    /* as written; or NULL, then: */
	char *trust_anchor;	    /* path of a PEM file */
	unsigned policies, versions;
	char *certificate_hostname;
	char *notification_callback;
	int log_top;
	int muc_max_stanzas; /* -1: none */
	char *password;	     /* only before version 3 */
	char *dsa;	     /* only before version 3: the key's text */
	unsigned policies_order, versions_order; /* private to config.c */
};

/*
 * Reads N bytes at P as config.sexp into C, any version. -1 with *LINE (from
 * 1), *COLUMN and WHY naming what is expected there; C is then as cleared.
 */
int config_parse(struct config *c, const void *p, size_t n, int *line,
    int *column, char why[160]);
/* Appends C as version 3, byte for byte as the original prints it. */
void config_print(const struct config *c, struct buf *out);
/* Wipes and frees what C owns; C is zeroed. */
void config_clear(struct config *c);
/*
 * Reads the hexadecimal SHA-256 TEXT, either case, with or without colons,
 * into OUT. -1 where it is none.
 */
int config_fingerprint(const char *text, unsigned char out[32]);

#endif
