/*
 * The one decision how a text leaves: by OTR or as its policies say, by OMEMO,
 * in the clear because the user said so, or not at all. It fails closed: what
 * is not known lets nothing out.
 */
#ifndef LINE_TALK_GATE_H
#define LINE_TALK_GATE_H

#include "line/core/state.h"
#include "omemo/contact.h"

enum gate {
	GATE_REFUSED,
	GATE_OTR,   /* in a session of OTR, or as the policies of OTR say */
	GATE_OMEMO, /* the device list is known, or is to be asked for */
	GATE_CLEAR  /* in the clear, whatever the policies of OTR say */
};

/* The device list of a contact: not known yet, empty, or with devices. */
enum gate_list { GATE_LIST_UNKNOWN, GATE_LIST_NONE, GATE_LIST_SOME };

/* All that counts. */
struct gate_facts {
	enum omemo_wish wish; /* /encryption */
	int is_self;	      /* to our own account */
	int is_room;
	/*
	 * /otr start was the last wish, or there is or was a session, and the
	 * last wish was not OMEMO.
	 */
	int wants_otr;
	int has_omemo;	/* OMEMO is on here */
	int used;	/* OMEMO was used with the contact */
	int unreadable; /* its record is damaged */
	int verified;	/* /encryption: to verified keys only */
	enum gate_list list;
};

/*
 * Decides by F. If it is refused, *WHY becomes the reason, static; some of its
 * words are commands, see encrypt_words.
 */
enum gate gate_choose(const struct gate_facts *f, const char **why);
/* Decides for a text to JID in the same way. */
enum gate gate_text(const struct client *c, const char *jid, const char **why);

/*
 * Returns the trust of the keys that a text to JID would be encrypted for by
 * OMEMO (`verified`, `unverified`; static); NULL if no device is known.
 */
const char *gate_trust(const struct client *c, const char *jid);

#endif
