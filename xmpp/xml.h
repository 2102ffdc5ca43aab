/*
 * An XML stream (RFC 6120 4, 11) cut into its stanzas by expat, with the
 * bounds of SAFETY.md: bytes go in, one item at a time is pulled out. Nothing
 * happens inside a handler of expat but the building of the tree. Knows no
 * meaning of any element.
 */
#ifndef XMPP_XML_H
#define XMPP_XML_H

#include "xmpp/stanza.h"

#define XML_DEPTH      64
#define XML_ATTRS      64
#define XML_TOKEN      ((size_t)64 * 1024)
#define XML_STANZA_MAX STANZA_MAX
#define XML_ANSWER_MAX ((size_t)16 * 1024 * 1024)

enum xml_item {
	XML_MORE,   /* feed it */
	XML_OPEN,   /* the stream header: xml_stanza has its attributes */
	XML_STANZA, /* one element below it */
	XML_CLOSED, /* the end tag of the stream */
	XML_BROKEN  /* sticky: see xml_cause */
};

struct xml;

/* A parser before the first byte of a stream. The caller frees. */
struct xml *xml_new(void);
/* Frees; NULL is accepted. */
void xml_free(struct xml *x);
/* Begins a new stream: all that was fed and not pulled is gone. */
void xml_restart(struct xml *x);
/* Takes N bytes of P (copied); only after xml_next returned XML_MORE. */
void xml_feed(struct xml *x, const void *p, size_t n);
/* The next item. What xml_stanza lent before is gone. */
enum xml_item xml_next(struct xml *x);
/* The element of the last XML_OPEN or XML_STANZA. */
const struct stanza *xml_stanza(const struct xml *x);
/* Bytes fed that stand behind the last item. */
size_t xml_left(const struct xml *x);
/*
 * An <iq/> of id ID, an answer that we asked for, may be as large as
 * XML_ANSWER_MAX; ID is copied.
 */
void xml_expect(struct xml *x, const char *id);
/* No longer: it came. */
void xml_expected(struct xml *x, const char *id);
/* `protocol` or `limit` after XML_BROKEN, static. */
const char *xml_cause(const struct xml *x);
/* The same in words, one clause, static. */
const char *xml_why(const struct xml *x);

#endif
