/*
 * XML elements: the tree of a received one, in an arena that is freed as a
 * whole, and a writer. All XML that is sent goes through the writer, which
 * escapes it. Knows nothing of what elements mean.
 */
#ifndef XMPP_STANZA_H
#define XMPP_STANZA_H

#include "sexp/buf.h"

/* Namespaces that more than one file uses. */
#define NS_STREAM   "http://etherx.jabber.org/streams"
#define NS_CLIENT   "jabber:client"
#define NS_SASL	    "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_STANZAS  "urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_DELAY    "urn:xmpp:delay"
#define NS_RECEIPTS "urn:xmpp:receipts"
#define NS_PING	    "urn:xmpp:ping"
#define NS_SID	    "urn:xmpp:sid:0" /* XEP-0359 */
#define NS_ROSTER   "jabber:iq:roster"
#define NS_CAPS	    "http://jabber.org/protocol/caps"
#define NS_INFO	    "http://jabber.org/protocol/disco#info"

/* Servers may refuse a stanza of more bytes (RFC 6120 13.12). */
#define STANZA_MAX ((size_t)256 * 1024)

/* The memory of one tree. A zeroed struct is empty. */
struct arena {
	struct arena_block *block;
};

struct stanza_attr {
	const char *name;
	const char *ns; /* NULL, as usual, if the name has no prefix */
	const char *value;
	struct stanza_attr *next;
};

/* One element; everything in it lives in the arena. */
struct stanza {
	const char *name, *ns; /* ns is "" if there is none */
	struct stanza_attr *attrs;
	struct stanza *parent, *child, *last, *next;
	char *text; /* its own character data, joined; never NULL */
	size_t text_len, text_cap;
};

/* Returns N zeroed, aligned bytes, valid until arena_reset or arena_clear. */
void *arena_alloc(struct arena *a, size_t n);
/* Frees everything but one small block. */
void arena_reset(struct arena *a);
/* Frees everything. */
void arena_clear(struct arena *a);

/*
 * Adds an element as last child of PARENT; NULL makes a root. Borrows NAME and
 * NS, which must live as long as the arena.
 */
struct stanza *stanza_add(
    struct arena *a, struct stanza *parent, const char *name, const char *ns);
/* Adds an attribute to S; borrows NAME and NS (or NULL), copies VALUE. */
void stanza_add_attr(struct arena *a, struct stanza *s, const char *name,
    const char *ns, const char *value);
/* Appends N bytes of character data to S. */
void stanza_add_text(
    struct arena *a, struct stanza *s, const char *text, size_t n);

/*
 * Returns a copy of S and all in it, of which nothing is borrowed, and adds to
 * *BYTES about how much memory it takes.
 */
struct stanza *stanza_copy(
    struct arena *a, const struct stanza *s, size_t *bytes);

/* Returns 1 if S is the element NAME in the namespace NS; 0 if S is NULL. */
int stanza_is(const struct stanza *s, const char *name, const char *ns);
/* Returns the first child NAME in NS, or NULL; S may be NULL. */
const struct stanza *stanza_child(
    const struct stanza *s, const char *name, const char *ns);
/* Returns the value of the attribute NAME (no prefix), or NULL. */
const char *stanza_get(const struct stanza *s, const char *name);
/* Returns the text of the first child NAME in the namespace of S, or NULL. */
const char *stanza_child_text(const struct stanza *s, const char *name);
/*
 * Returns the condition in the <error/> child of S, one of those of RFC 6120
 * 8.3.3 and static; "undefined-condition" if there is none of them.
 */
const char *stanza_condition(const struct stanza *s);
/* Returns the <text/> in the <error/> of S, or NULL (RFC 6120 8.3.2). */
const char *stanza_error_text(const struct stanza *s);

#define WRITER_DEPTH 8 /* open elements */

/*
 * Writes elements to a buffer: all those between writer_init and writer_end, or
 * none if the buffer becomes full.
 */
struct writer {
	struct buf *out;
	size_t before; /* length of OUT at writer_init */
	const char *open[WRITER_DEPTH];
	int depth, in_tag, failed;
};

/* Begins to write to OUT, which is borrowed until writer_end. */
void writer_init(struct writer *w, struct buf *out);
/*
 * Opens the element NAME (static). NS is its namespace, or NULL for that of its
 * parent. At most WRITER_DEPTH elements may be open.
 */
void writer_open(struct writer *w, const char *name, const char *ns);
/* Adds an attribute to the element just opened, unless VALUE is NULL. */
void writer_attr(struct writer *w, const char *name, const char *value);
/* Adds N bytes of character data, which must be UTF-8 and allowed in XML. */
void writer_text(struct writer *w, const char *text, size_t n);
/* Closes the innermost open element. */
void writer_close(struct writer *w);
/* Writes the element NAME, as writer_open, with TEXT, which may be NULL. */
void writer_leaf(
    struct writer *w, const char *name, const char *ns, const char *text);
/* Closes all open elements. Returns -1, with OUT as it was, if OUT is full. */
int writer_end(struct writer *w);

#endif
