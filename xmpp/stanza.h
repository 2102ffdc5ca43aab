/*
 * XML elements: the tree of one that was received, in an arena that is freed
 * whole, and a writer for those to be sent. The only way onto the wire. Knows
 * no meaning of any element.
 */
#ifndef XMPP_STANZA_H
#define XMPP_STANZA_H

#include "sexp/buf.h"

/* Namespaces that more than one file speaks of. */
#define NS_STREAM   "http://etherx.jabber.org/streams"
#define NS_CLIENT   "jabber:client"
#define NS_SASL	    "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_STANZAS  "urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_DELAY    "urn:xmpp:delay"
#define NS_RECEIPTS "urn:xmpp:receipts"
#define NS_PING	    "urn:xmpp:ping"
#define NS_ROSTER   "jabber:iq:roster"
#define NS_CAPS	    "http://jabber.org/protocol/caps"
#define NS_INFO	    "http://jabber.org/protocol/disco#info"

/* What a server need not take more than (RFC 6120 13.12), bytes. */
#define STANZA_MAX ((size_t)256 * 1024)

/* Memory of one tree at a time. Zeroed is empty. */
struct arena {
	struct arena_block *block;
};

struct stanza_attr {
	const char *name;
	const char *ns; /* NULL: none, the usual case */
	const char *value;
	struct stanza_attr *next;
};

/* One element. All strings and members live in the arena. */
struct stanza {
	const char *name, *ns; /* ns is "" where there is none */
	struct stanza_attr *attrs;
	struct stanza *parent, *child, *last, *next;
	char *text; /* the element's own character data, joined; never NULL */
	size_t text_len, text_cap;
};

/* N bytes, zeroed and aligned, that live until arena_reset or arena_clear. */
void *arena_alloc(struct arena *a, size_t n);
/* Gives everything back but one small block. */
void arena_reset(struct arena *a);
/* Gives everything back. */
void arena_clear(struct arena *a);

/* A new element as the last child of PARENT (NULL: a root); copies names. */
struct stanza *stanza_add(
    struct arena *a, struct stanza *parent, const char *name, const char *ns);
/* Adds an attribute to S; copies its strings. NS may be NULL. */
void stanza_add_attr(struct arena *a, struct stanza *s, const char *name,
    const char *ns, const char *value);
/* Appends N bytes of character data to S. */
void stanza_add_text(
    struct arena *a, struct stanza *s, const char *text, size_t n);

/* Whether S (NULL: no) is the element NAME in namespace NS. */
int stanza_is(const struct stanza *s, const char *name, const char *ns);
/* The first child NAME in NS, or NULL; S may be NULL. */
const struct stanza *stanza_child(
    const struct stanza *s, const char *name, const char *ns);
/* The value of the attribute NAME without namespace, or NULL. */
const char *stanza_get(const struct stanza *s, const char *name);
/* The text of the first child NAME in the namespace of S, or NULL. */
const char *stanza_child_text(const struct stanza *s, const char *name);
/*
 * The RFC 6120 8.3.3 condition in the <error/> child of S, as an element name
 * of that table (static); "undefined-condition" where none of it is there.
 */
const char *stanza_condition(const struct stanza *s);
/* The <text/> of the <error/> child of S, or NULL (RFC 6120 8.3.2). */
const char *stanza_error_text(const struct stanza *s);

#define WRITER_DEPTH 8

/* Writes elements to OUT; use writer_init, then the calls below in pairs. */
struct writer {
	struct buf *out;
	const char *open[WRITER_DEPTH];
	int depth, in_tag, failed;
};

/* Begins writing to OUT, which is borrowed. */
void writer_init(struct writer *w, struct buf *out);
/* Opens NAME (static string) with xmlns NS, or in the parent's if NULL. */
void writer_open(struct writer *w, const char *name, const char *ns);
/* Adds an attribute to what was just opened; nothing where VALUE is NULL. */
void writer_attr(struct writer *w, const char *name, const char *value);
/* Adds N bytes of character data, which must be UTF-8 of XML characters. */
void writer_text(struct writer *w, const char *text, size_t n);
/* Closes the innermost open element. */
void writer_close(struct writer *w);
/* Opens NAME, writes TEXT (NULL: none), closes it. */
void writer_leaf(
    struct writer *w, const char *name, const char *ns, const char *text);
/* Closes all that is open; -1 where OUT's bound was exceeded. */
int writer_end(struct writer *w);

#endif
