/*
 * Queries to the archive of our account or of a room (XEP-0313), page by page
 * (XEP-0059). A result counts only inside the query that asked for it, from the
 * archive that was asked. Owns the queries under way; what they are for is
 * their caller's.
 */
#ifndef LINE_TALK_ARCHIVE_H
#define LINE_TALK_ARCHIVE_H

#include "line/core/state.h"

#define NS_MAM	    "urn:xmpp:mam:2"
#define NS_RSM	    "http://jabber.org/protocol/rsm"
#define ARCHIVE_MAX 250 /* results of a page; servers make it fewer */

/* One page is asked for: of */
struct archive_ask {
	const char *jid;    /* a room, bare; NULL: our account */
	const char *with;   /* messages with that JID only; or NULL: all */
	const char *after;  /* behind that id; NULL or "": from the beginning */
	const char *before; /* the last before that id, "" of all; or NULL */
	int64_t start;	    /* since then, seconds since 1970; 0: all */
	unsigned max;	    /* so many results at most */
};

/* One result. Borrowed from its stanza. */
struct archive_result {
	const char *id;			/* in the archive */
	const struct stanza *forwarded; /* with the message (XEP-0297) */
};

/* The end of a page. Borrowed. */
struct archive_page {
	const char *cause; /* of a failure, else NULL */
	const char *why;   /* in words, or NULL */
	int complete;	   /* There are no results behind it. */
	/* Ids of its first and last result; NULL where there is none. */
	const char *first, *last;
	size_t results; /* that came */
};

/* Called for each result of a query, and at the end of its page. */
struct archive_calls {
	void (*result)(struct client *c, void *data,
	    const struct archive_result *r, const struct stanza *x);
	void (*page)(
	    struct client *c, void *data, const struct archive_page *page);
};

/* Makes C ready. */
void archive_init(struct client *c);
/* Frees all queries. */
void archive_clear(struct client *c);
/*
 * Asks for the page ASK; CALLS (static) get what comes with DATA, which lives
 * until the page has ended or archive_forget.
 */
void archive_ask(struct client *c, const struct archive_ask *ask,
    const struct archive_calls *calls, void *data);
/* Forgets the query of DATA: what still comes for it is ignored. */
void archive_forget(struct client *c, const void *data);
/*
 * Returns 1 if X from FROM is a result, which went to its query if it was asked
 * for, and is ignored otherwise; else 0.
 */
int archive_message(struct client *c, const char *from, const struct stanza *x);

#endif
