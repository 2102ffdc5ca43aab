/*
 * Finds where the tags of an XML stream begin and end (XML 1.0 2.4, 3.1), in
 * constant memory and ahead of the parser, so that a stanza that is too large
 * for the parser can be skipped to its exact end. A byte that is not allowed at
 * its place breaks the stream, so that scanner and parser always agree on the
 * ends of stanzas. Knows nothing of names and of what elements mean.
 */
#ifndef XMPP_SCAN_H
#define XMPP_SCAN_H

#include <stddef.h>

enum scan_state {
	SCAN_TEXT,
	SCAN_CDATA,
	SCAN_LT,	/* after `<` */
	SCAN_NAME,	/* in the name of a start tag */
	SCAN_NAMED,	/* just after that name */
	SCAN_GAP,	/* after a blank between attributes */
	SCAN_ATTR,	/* in the name of an attribute */
	SCAN_EQUALS,	/* before the `=` of an attribute */
	SCAN_QUOTE,	/* before the quote that begins its value */
	SCAN_IN_VALUE,	/* between the quotes of its value */
	SCAN_VALUED,	/* after the closing quote */
	SCAN_SLASH,	/* after the `/` of an empty element */
	SCAN_END,	/* after `</` */
	SCAN_END_NAME,	/* in the name of an end tag */
	SCAN_END_GAP,	/* in the blanks after that name */
	SCAN_REFERENCE, /* after `&` */
	SCAN_BANG,	/* after `<!` */
	SCAN_BRACKET,	/* in `[CDATA[` */
	SCAN_DECLARE,	/* in `<?xml ` */
	SCAN_DECLARED	/* in the rest of the XML declaration */
};

enum scan_item {
	SCAN_MORE,     /* all input was read */
	SCAN_OPENED,   /* end of the start tag of the stream */
	SCAN_STANZA,   /* end of a stanza */
	SCAN_CLOSED,   /* end of the stream */
	SCAN_PIECE,    /* skipping: end of the name, or of an attribute */
	SCAN_STARTED,  /* skipping: end of the start tag of the stanza */
	SCAN_LARGE,    /* over `limit`: raise it, or call scan_past */
	SCAN_EXCEEDED, /* over another bound, see `why`: call scan_past */
	SCAN_BROKEN    /* not well-formed, or not allowed: see `why` */
};

/* At the beginning of a stream all is zero except `limit`. */
struct scan {
	enum scan_state state;
	size_t depth; /* open elements */
	size_t tag;   /* bytes of the unfinished tag or reference */
	size_t size;  /* bytes of the stanza so far */
	size_t limit; /* bound of `size` */
	size_t attrs; /* attributes of this tag, namespaces included */
	size_t match; /* bytes read of `[CDATA[`, `?xml `, `]]` or `?>` */
	char quote;   /* the quote that ends the value */
	int begun;    /* a byte was read */
	int past;     /* skipping: no bounds until the end of the stanza */
	/* The reason of the last SCAN_LARGE, SCAN_EXCEEDED or SCAN_BROKEN. */
	const char *why;
};

/* The other bounds. */
#define SCAN_DEPTH 64		       /* open elements */
#define SCAN_ATTRS 128		       /* attributes of an element */
#define SCAN_TOKEN ((size_t)64 * 1024) /* bytes of a tag */

/*
 * Reads up to the next item in the N bytes at P, and sets *USED to the number
 * of bytes read. After SCAN_BROKEN it must not be called again.
 */
enum scan_item scan_next(struct scan *s, const void *p, size_t n, size_t *used);
/*
 * Starts skipping the stanza, after SCAN_LARGE or SCAN_EXCEEDED. The caller
 * clears `past` at the end of the stanza. Returns 1 if the bound was exceeded
 * within the start tag of the stanza, which must then be scanned again from its
 * `<`; else 0. Returns -1 and does nothing if no stanza is open.
 */
int scan_past(struct scan *s);

#endif
