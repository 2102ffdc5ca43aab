/*
 * Cuts an XML stream (RFC 6120 4, 11) into stanzas: bytes go in, one item at a
 * time is pulled out. A stanza that exceeds a bound is skipped and reported
 * with the attributes `from`, `to`, `id` and `type` of its start tag: expat
 * gets nothing of it beyond the bound, and a new parser reads the next one. The
 * handlers of expat only build the tree. Owns the parser and the tree; knows
 * nothing of what elements mean.
 */
#ifndef XMPP_XML_H
#define XMPP_XML_H

#include "xmpp/scan.h"
#include "xmpp/stanza.h"

#define XML_DEPTH ((size_t)SCAN_DEPTH) /* open elements */
#define XML_ATTRS 64	     /* attributes of an element, without namespaces */
#define XML_TOKEN SCAN_TOKEN /* bytes of a tag */
#define XML_NAME  1024	     /* bytes of a name or namespace */
/* Bytes of a stanza as received, and of an answer that xml_expect allows. */
#define XML_STANZA_MAX STANZA_MAX
#define XML_ANSWER_MAX ((size_t)16 * 1024 * 1024)
/* Bytes of the tree of each in memory: elements, attributes and text. */
#define XML_TREE_MAX	    ((size_t)4 * 1024 * 1024)
#define XML_ANSWER_TREE_MAX ((size_t)48 * 1024 * 1024)

enum xml_item {
	XML_MORE,   /* more input is needed */
	XML_OPEN,   /* the stream header; xml_stanza has its attributes */
	XML_STANZA, /* a stanza, or another child of the stream */
	XML_PAST,   /* one that exceeded a bound, without its content */
	XML_CLOSED, /* the end tag of the stream */
	XML_BROKEN  /* sticky; see xml_cause */
};

struct xml;

/* Returns a parser before the first byte of a stream. The caller frees. */
struct xml *xml_new(void);
/* Frees; NULL is accepted. */
void xml_free(struct xml *x);
/* Begins a new stream and drops all input that was not pulled. */
void xml_restart(struct xml *x);
/* Feeds the N bytes at P (copied); only after xml_next returned XML_MORE. */
void xml_feed(struct xml *x, const void *p, size_t n);
/* Returns the next item; what xml_stanza returned before is invalid then. */
enum xml_item xml_next(struct xml *x);
/*
 * Returns the element of the last XML_OPEN, XML_STANZA or XML_PAST, borrowed
 * until the next call of xml_next. An attribute of an XML_PAST is missing if it
 * is longer than 20 KiB.
 */
const struct stanza *xml_stanza(const struct xml *x);
/* Returns the number of bytes fed that follow the last item. */
size_t xml_left(const struct xml *x);
/*
 * Allows the <iq/> with the id ID (copied), the answer to a request of ours, to
 * have XML_ANSWER_MAX bytes.
 */
void xml_expect(struct xml *x, const char *id);
/* Ends that permission, as the answer came or is no longer awaited. */
void xml_expected(struct xml *x, const char *id);
/* Returns `protocol` or `limit` after XML_BROKEN, static. */
const char *xml_cause(const struct xml *x);
/*
 * Explains XML_BROKEN, or names the bound of the last XML_PAST, in one clause;
 * static.
 */
const char *xml_why(const struct xml *x);

#endif
