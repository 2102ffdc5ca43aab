/* An XML element as text, read and written, for the tests of OMEMO. */
#ifndef T_OMEMO_ELEMENT_H
#define T_OMEMO_ELEMENT_H

#include <stdlib.h>
#include <string.h>

#include "line/talk/omemo_xml.h"
#include "xmpp/xml.h"

/* Reads TEXT with X, made by xml_new; NULL if it is not one element. */
__attribute__((unused)) static const struct stanza *
element_read(struct xml *x, const char *text)
{
	static const char head[] = "<stream:stream xmlns='jabber:client' "
				   "xmlns:stream='" NS_STREAM "'>";

	xml_restart(x);
	xml_feed(x, head, sizeof head - 1);
	if (xml_next(x) != XML_OPEN || xml_next(x) != XML_MORE)
		return NULL;
	xml_feed(x, text, strlen(text));
	return xml_next(x) == XML_STANZA ? xml_stanza(x) : NULL;
}

/* Writes M, or else B, or else COUNT numbers of ID, to OUT. */
static int
element_write(struct buf *out, const struct omemo_message *m,
    const struct omemo_bundle *b, const uint32_t *id, size_t count)
{
	struct writer w;
	int status = 0;

	buf_reset(out);
	writer_init(&w, out);
	if (m != NULL)
		status = omemo_xml_write_message(&w, m);
	else if (b != NULL)
		status = omemo_xml_write_bundle(&w, b);
	else
		omemo_xml_write_list(&w, id, count);
	return writer_end(&w) == -1 ? -1 : status;
}

#endif
