/*
 * xmpp/caps.c: the verification string, computed from what is sent by another
 * hand (XEP-0115 5.1), which is tried on the example of XEP-0115 5.2 first.
 */
#include "xmpp/caps.h"
#include "t/unit/tap.h"

#include <gcrypt.h>
#include <stdlib.h>
#include <string.h>

#include "xmpp/base64.h"
#include "xmpp/xml.h"

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The string of the disco#info QUERY into OUT. */
static void
verify(const struct stanza *query, char out[CAPS_SIZE])
{
	const char *lines[64] = {NULL}, *name;
	unsigned char hash[20];
	const struct stanza *x;
	struct buf text, b;
	size_t n = 0, i;

	buf_init(&text, 10000);
	for (x = query->child; x != NULL; x = x->next) {
		name = stanza_get(x, "name");
		if (strcmp(x->name, "identity") == 0)
			buf_addf(&text, "%s/%s//%s<", stanza_get(x, "category"),
			    stanza_get(x, "type"), name == NULL ? "" : name);
		else
			lines[n++] = stanza_get(x, "var");
	}
	qsort(lines, n, sizeof *lines, compare);
	for (i = 0; i < n; i++)
		buf_addf(&text, "%s<", lines[i]);
	gcry_md_hash_buffer(
	    GCRY_MD_SHA1, hash, buf_data(&text), buf_len(&text));
	buf_init(&b, CAPS_SIZE);
	base64_encode(&b, hash, sizeof hash);
	memcpy(out, buf_str(&b), buf_len(&b) + 1);
	buf_clear(&b);
	buf_clear(&text);
}

/* The string of the query XML. */
static void
verify_xml(const char *xml, char out[CAPS_SIZE])
{
	static const char open[] = "<s xmlns='jabber:client'>";
	struct xml *x = xml_new();

	*out = '\0';
	xml_feed(x, open, strlen(open));
	if (xml_next(x) == XML_OPEN && xml_next(x) == XML_MORE) {
		xml_feed(x, xml, strlen(xml));
		if (xml_next(x) == XML_STANZA)
			verify(xml_stanza(x), out);
	}
	xml_free(x);
}

int
main(void)
{
	char ours[CAPS_SIZE], other[CAPS_SIZE];
	struct writer w;
	struct buf b;

	gcry_check_version(NULL);
	verify_xml("<query xmlns='" NS_INFO "'>"
		   "<identity category='client' type='pc' name='Exodus 0.9.1'/>"
		   "<feature var='http://jabber.org/protocol/muc'/>"
		   "<feature var='http://jabber.org/protocol/disco#items'/>"
		   "<feature var='http://jabber.org/protocol/disco#info'/>"
		   "<feature var='http://jabber.org/protocol/caps'/></query>",
	    other);
	ok(strcmp(other, "QgayPKawpkPSDYmwT/WM94uAlu0=") == 0,
	    "the example of XEP-0115 5.2");
	buf_init(&b, 10000);
	writer_init(&w, &b);
	writer_open(&w, "query", NS_INFO);
	caps_write(NULL, &w);
	ok(writer_end(&w) == 0, "what we can is written");
	ok(strstr(buf_str(&b), "<identity category='client'") != NULL &&
		strstr(buf_str(&b), "'" NS_INFO "'") != NULL &&
		strstr(buf_str(&b), "'" NS_CAPS "'") != NULL,
	    "an identity, disco#info and caps are part of it");
	verify_xml(buf_str(&b), other);
	caps_version(NULL, ours);
	ok(*ours != '\0' && strcmp(ours, other) == 0,
	    "our string is that of what we write");
	buf_clear(&b);
	return tap_done();
}
