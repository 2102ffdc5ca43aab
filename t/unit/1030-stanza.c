/* xmpp/stanza.c: what is written is read back the same; looking into trees. */
#include "xmpp/stanza.h"
#include "t/unit/tap.h"

#include <string.h>

#include "xmpp/xml.h"

static struct buf out;

/* Reads `out` behind a header; the stanza, or NULL. */
static const struct stanza *
read_back(struct xml *x)
{
	static const char open[] = "<s xmlns='jabber:client'>";

	xml_feed(x, open, strlen(open));
	if (xml_next(x) != XML_OPEN || xml_next(x) != XML_MORE)
		return NULL;
	xml_feed(x, buf_data(&out), buf_len(&out));
	return xml_next(x) == XML_STANZA ? xml_stanza(x) : NULL;
}

/* With room for any number of bytes less than there are, nothing is written. */
static void
test_whole(void)
{
	const char want[] = "before<a b='c'><d>e&amp;</d></a>";
	struct writer w;
	int good = 1;

	for (out.max = 6; out.max <= strlen(want); out.max++) {
		buf_reset(&out);
		buf_adds(&out, "before");
		writer_init(&w, &out);
		writer_open(&w, "a", NULL);
		writer_attr(&w, "b", "c");
		writer_leaf(&w, "d", NULL, "e&");
		good &= writer_end(&w) == (out.max < strlen(want) ? -1 : 0);
		good &= strcmp(buf_str(&out),
			    out.max < strlen(want) ? "before" : want) == 0;
		good &= (out.max == 6) <= out.refused;
	}
	ok(good, "an element is written whole or not at all");
	out.max = 10000;
}

static void
test_writer(void)
{
	static const char *const texts[] = {"", "x", "<>&'\"", "\n\t\r", "]]>",
	    "  two  ", "\xf0\x9f\x98\x80\xc2\x80\x7f", "&amp;", "a\r\nb"};
	const struct stanza *s;
	struct writer w;
	struct xml *x;
	size_t i;

	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		buf_reset(&out);
		writer_init(&w, &out);
		writer_open(&w, "message", NULL);
		writer_attr(&w, "id", texts[i]);
		writer_attr(&w, "to", NULL);
		writer_leaf(&w, "body", NULL, texts[i]);
		writer_leaf(&w, "x", NS_PING, NULL);
		ok(writer_end(&w) == 0, "written");
		x = xml_new();
		s = read_back(x);
		ok(s != NULL && strcmp(stanza_get(s, "id"), texts[i]) == 0 &&
			stanza_get(s, "to") == NULL &&
			strcmp(stanza_child_text(s, "body"), texts[i]) == 0 &&
			stanza_child(s, "x", NS_PING) != NULL &&
			stanza_child(s, "x", NS_CLIENT) == NULL,
		    "and read back: %zu", i);
		xml_free(x);
	}
	out.max = 20;
	buf_reset(&out);
	writer_init(&w, &out);
	writer_leaf(&w, "message", NULL, "longer than there is room");
	ok(writer_end(&w) == -1, "no room");
	out.max = 10000;
	test_whole();
}

static void
test_tree(void)
{
	struct arena a = {NULL};
	struct stanza *s = stanza_add(&a, NULL, "iq", NS_CLIENT), *e;
	int i;

	ok(strcmp(stanza_condition(s), "undefined-condition") == 0 &&
		strcmp(stanza_condition(NULL), "undefined-condition") == 0 &&
		stanza_error_text(s) == NULL,
	    "no error");
	e = stanza_add(&a, s, "error", NS_CLIENT);
	stanza_add(&a, e, "gone", "urn:other");
	stanza_add(&a, e, "made-up", NS_STANZAS);
	ok(strcmp(stanza_condition(s), "undefined-condition") == 0,
	    "conditions that are none");
	stanza_add(&a, e, "gone", NS_STANZAS);
	ok(strcmp(stanza_condition(s), "gone") == 0, "one that is");
	e = stanza_add(&a, e, "text", NS_STANZAS);
	ok(stanza_error_text(s) == NULL, "an empty text is none");
	for (i = 0; i < 100000; i++)
		stanza_add_text(&a, e, "ab", 2);
	ok(e->text_len == 200000 && strlen(e->text) == 200000 &&
		stanza_error_text(s) == e->text,
	    "text that grows");
	ok(stanza_child(NULL, "a", "b") == NULL &&
		stanza_get(NULL, "a") == NULL,
	    "nothing has nothing");
	stanza_add_attr(&a, s, "id", "urn:other", "x");
	ok(stanza_get(s, "id") == NULL, "an attribute of a namespace");
	arena_reset(&a);
	for (i = 0; i < 1000; i++)
		memset(arena_alloc(&a, (size_t)i), 1, (size_t)i);
	ok(*(char *)arena_alloc(&a, 1) == 0, "memory of an arena is zeroed");
	arena_clear(&a);
}

int
main(void)
{
	buf_init(&out, 10000);
	test_writer();
	test_tree();
	buf_clear(&out);
	return tap_done();
}
