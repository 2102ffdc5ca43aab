/*
 * xmpp/xml.c: streams cut into stanzas, the same however the bytes come, and
 * each bound on both of its sides: what passes one is read past, and what is
 * before and behind it arrives.
 */
#include "xmpp/xml.h"
#include "t/unit/tap.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define OPEN                                                                   \
	"<stream:stream xmlns='jabber:client' "                                \
	"xmlns:stream='http://etherx.jabber.org/streams'>"

static struct buf got, in;

static void
show(const struct stanza *s)
{
	const struct stanza_attr *a;
	const struct stanza *child;

	buf_addf(&got, "(%s:%s", s->ns, s->name);
	for (a = s->attrs; a != NULL; a = a->next)
		buf_addf(&got, " %s:%s=%s", a->ns == NULL ? "" : a->ns, a->name,
		    a->value);
	buf_addf(&got, " [%zu %s]", s->text_len, s->text);
	for (child = s->child; child != NULL; child = child->next)
		show(child);
	buf_addc(&got, ')');
}

/* Writes what X has into `got`; 0 when it is over. */
static int
take(struct xml *x)
{
	enum xml_item item;

	while ((item = xml_next(x)) != XML_MORE) {
		if (item == XML_PAST)
			buf_addf(&got, "PAST %s: ", xml_why(x));
		if (item == XML_OPEN || item == XML_STANZA || item == XML_PAST)
			show(xml_stanza(x));
		else if (item == XML_CLOSED)
			buf_adds(&got, "CLOSED");
		else
			buf_addf(
			    &got, "BROKEN %s: %s", xml_cause(x), xml_why(x));
		if (item == XML_CLOSED || item == XML_BROKEN)
			return 0;
	}
	return 1;
}

/* Collects what N bytes of P give in two pieces, or, with AT 0, one by one. */
static const char *
run(const char *p, size_t n, size_t at)
{
	struct xml *x = xml_new();
	size_t i, step;

	buf_reset(&got);
	xml_expect(x, "large");
	for (i = 0; i < n; i += step) {
		step = at == 0 ? 1 : i == 0 ? at : n - i;
		xml_feed(x, p + i, step < n - i ? step : n - i);
		if (!take(x))
			break;
	}
	xml_free(x);
	return buf_str(&got);
}

/* Returns 1 if TEXT behind the header gives WANT, cut at every byte and whole.
 */
static void
check(const char *text, const char *want, const char *what)
{
	static const char header[] = "(http://etherx.jabber.org/streams:"
				     "stream [0 ])";
	size_t at;
	int good = 1;

	buf_reset(&in);
	buf_adds(&in, OPEN);
	buf_adds(&in, text);
	for (at = 0; at <= buf_len(&in) && good; at++) {
		run(buf_str(&in), buf_len(&in), at);
		good = strncmp(buf_str(&got), header, strlen(header)) == 0 &&
		       strcmp(buf_str(&got) + strlen(header), want) == 0;
	}
	if (!good)
		printf("# at %zu: %s\n", at - 1, buf_str(&got));
	ok(good, "%s", what);
}

static void
test_stanzas(void)
{
	check("<message from='a'><body>b</body></message>",
	    "(jabber:client:message :from=a [0 ]"
	    "(jabber:client:body [1 b]))",
	    "a message");
	check("<a/> \n\t<b>x<c/>y</b>",
	    "(jabber:client:a [0 ])"
	    "(jabber:client:b [2 xy](jabber:client:c [0 ]))",
	    "two stanzas, blanks between, mixed content");
	check("<a b='1' xml:lang='de' c='&lt;&#10;&#x20AC;'>&amp;"
	      "<![CDATA[<&>]]></a>",
	    "(jabber:client:a :c=<\n\xe2\x82\xac "
	    "http://www.w3.org/XML/1998/namespace:lang=de :b=1 [4 &<&>])",
	    "attributes, references, CDATA");
	check("<x:a xmlns:x='u' x:b='1'/><a xmlns=''/>",
	    "(u:a u:b=1 [0 ])(:a [0 ])", "namespaces");
	check("<a></a></stream:stream>", "(jabber:client:a [0 ])CLOSED",
	    "the end");
	check("<a xmlns='v\x7fw'/>", "(v\x7fw:a [0 ])", "DEL in a name space");
}

static void
test_broken(void)
{
	check("<!-- x -->", "BROKEN protocol: a comment", "a comment");
	check("<a><?x y?></a>", "BROKEN protocol: a processing instruction",
	    "a processing instruction");
	check("x", "BROKEN protocol: text between stanzas", "text between");
	check("<a><b></a>", "BROKEN protocol: mismatched tag", "a wrong end");
	check("<a>\xff</a>", "BROKEN protocol: not well-formed (invalid token)",
	    "not UTF-8");
	check("<a>&nothing;</a>", "BROKEN protocol: undefined entity",
	    "an entity");
	check("<a b='1' b='2'/>", "BROKEN protocol: duplicate attribute",
	    "an attribute twice");
	ok(strcmp(run("<!DOCTYPE x><x/>", 16, 16),
	       "BROKEN protocol: a document type declaration") == 0,
	    "a document type");
	ok(strcmp(run("<?xml version='1.0' encoding='latin1'?><x/>", 43, 0),
	       "BROKEN protocol: an encoding other than UTF-8") == 0,
	    "an encoding");
	ok(strcmp(run("\xff\xfe<\0", 4, 4),
	       "BROKEN protocol: an encoding other than UTF-8") == 0,
	    "UTF-16");
}

/* BEFORE, then COUNT times PIECE, then AFTER, behind the header. */
static void
make(const char *before, size_t count, const char *piece, const char *after)
{
	buf_reset(&in);
	buf_adds(&in, OPEN);
	buf_adds(&in, before);
	while (count-- > 0)
		buf_adds(&in, piece);
	buf_adds(&in, after);
}

/*
 * Checks that `in`, and a stanza <z/>, give WANT behind the header in pieces of
 * all kinds, and then that stanza.
 */
static int
gives(const char *want)
{
	static const size_t pieces[] = {(size_t)-1, 65536, 1000, 333, 7, 1};
	size_t i, at, n;
	struct xml *x;
	const char *text;
	int good = 1;

	buf_adds(&in, "<z/>");
	for (i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		if (pieces[i] < 1000 && buf_len(&in) > (size_t)1 << 20)
			break; /* too slow */
		x = xml_new();
		buf_reset(&got);
		xml_expect(x, "large");
		for (at = 0; at < buf_len(&in); at += n) {
			n = buf_len(&in) - at;
			n = pieces[i] < n ? pieces[i] : n;
			xml_feed(x, buf_data(&in) + at, n);
			if (!take(x))
				break;
		}
		text = strchr(buf_str(&got), ')') + 1;
		good &= strncmp(text, want, strlen(want)) == 0 &&
			strcmp(buf_str(&got) + buf_len(&got) -
				   strlen("(jabber:client:z [0 ])"),
			    "(jabber:client:z [0 ])") == 0;
		if (!good)
			printf("# %zu: %.200s\n", pieces[i], text);
		xml_free(x);
	}
	return good;
}

static void
test_limits(void)
{
	size_t name = strlen("<a></a>");
	char id[] = "<iq id='large'>";

	make("<a>", XML_STANZA_MAX - name, "x", "</a><b/>");
	ok(gives("(jabber:client:a [262137 x"), "a stanza as large as may be");
	make("<a>", XML_STANZA_MAX - name + 1, "x", "</a><b/>");
	ok(gives("PAST a stanza is too large: (jabber:client:a [0 ])"
		 "(jabber:client:b"),
	    "one byte more");
	make("<a>", XML_STANZA_MAX - 3, "x", "<![CDATA[</a>]>]]]></a>");
	ok(gives("PAST a stanza is too large: (jabber:client:a [0 ])"
		 "(jabber:client:z"),
	    "its end is none in CDATA");
	make(id, XML_STANZA_MAX * 3, "x", "</iq>");
	ok(gives("(jabber:client:iq :id=large [786432 x"),
	    "the answer that is awaited may be larger");
	make("<iq id='larger'>", XML_STANZA_MAX, "x", "</iq>");
	ok(gives("PAST a stanza is too large: (jabber:client:iq :id=larger"),
	    "another may not");
	make("<message id='large'>", XML_STANZA_MAX, "x", "</message>");
	ok(gives("PAST a stanza is too large: (jabber:client:message"),
	    "nor a message of its id");
	make(id, XML_ANSWER_MAX, "x", "</iq>");
	ok(gives("PAST a stanza is too large: (jabber:client:iq :id=large"),
	    "the answer has its bound, too");
	make(id, XML_ANSWER_TREE_MAX / 80, "<a/>", "</iq>");
	ok(gives("PAST a stanza has too much in it: (jabber:client:iq"),
	    "and one for what it takes in memory");
	make("", XML_DEPTH - 1, "<a>", "");
	buf_adds(&in, "x");
	for (name = 1; name < XML_DEPTH; name++)
		buf_adds(&in, "</a>");
	ok(gives("(jabber:client:a [0 ](jabber:client:a"), "64 deep");
	make("", XML_DEPTH, "<a>", "");
	for (name = 0; name < XML_DEPTH; name++)
		buf_adds(&in, "</a>");
	ok(gives("PAST elements are nested too deeply: (jabber:client:a [0 ])"),
	    "65 deep");
	make("<a b='", XML_TOKEN - 10, "x", "'/>");
	ok(gives("(jabber:client:a :b=x"), "a tag of less than 64 KiB");
	make("<a type='u' b='", XML_TOKEN, "<", "");
	ok(strstr(run(buf_str(&in), buf_len(&in), 1), "BROKEN protocol: not"),
	    "a tag within a tag");
	make("<a b='", XML_TOKEN, ">", "' type = \"&lt;\" c=''/>");
	ok(gives("PAST a tag is too long: (jabber:client:a :type=< [0 ])"),
	    "a tag of more");
	make("<a><b c='", XML_TOKEN, ">", "'></b><c>'\"</c></a>");
	ok(gives("PAST a tag is too long: (jabber:client:a [0 ])"),
	    "a tag within a stanza");
	make("<a>&#", XML_TOKEN, "0", "65;</a>");
	ok(gives("PAST a tag is too long: (jabber:client:a [0 ])"),
	    "a reference");
}

/* An element with N attributes, PIECE between its name and them. */
static void
make_attributes(const char *piece, size_t n, const char *after)
{
	char one[40];
	size_t i;

	make("<a", 1, piece, "");
	for (i = 0; i < n; i++) {
		snprintf(one, sizeof one, " a%zu=''", i);
		buf_adds(&in, one);
	}
	buf_adds(&in, after);
}

static void
test_attributes(void)
{
	make_attributes(" xmlns='u'", XML_ATTRS, "/>");
	ok(gives("(u:a :a63= :a62="), "64 attributes");
	make_attributes("", XML_ATTRS, " id='i'/>");
	ok(gives("PAST an element has too many attributes: "
		 "(jabber:client:a :id=i"),
	    "65");
	make_attributes(" from='f'", XML_TOKEN, " to='t' xmlns='u'></a>");
	ok(gives("PAST an element has too many attributes: "
		 "(u:a :to=t :from=f [0 ])"),
	    "65,536");
	make_attributes(" from='", 3000, "' id='i'></a>");
	ok(strstr(run(buf_str(&in), buf_len(&in), 1), "BROKEN protocol"),
	    "a value that was not closed");
}

/* Bytes that the allocator has given out, of a process with nothing else. */
static size_t
held(void)
{
	return mallinfo2().uordblks;
}

/*
 * BEFORE, 4 MiB of PIECE and AFTER, three times: how much more is held at
 * most than before, but for IN.
 */
static size_t
peak(const char *before, const char *piece, const char *after)
{
	struct xml *x = xml_new();
	size_t most = 0, at, n, i, first = 0;

	make(before, ((size_t)4 << 20) / strlen(piece), piece, after);
	for (i = 0; i < 3; i++) {
		for (at = i == 0 ? 0 : strlen(OPEN); at < buf_len(&in);
		     at += n) {
			n = buf_len(&in) - at < 4096 ? buf_len(&in) - at : 4096;
			buf_reset(&got);
			xml_feed(x, buf_data(&in) + at, n);
			if (first == 0)
				first = held();
			if (!take(x))
				printf("# %s\n", buf_str(&got)), abort();
			if (held() > first + most)
				most = held() - first;
		}
	}
	xml_free(x);
	return most;
}

static void
test_memory(void)
{
	static const struct {
		const char *before, *piece, *after;
	} shapes[] = {{"<a>", "<a>", ""}, {"<a>", "x", "</a>"},
	    {"<a>", "<a/>", "</a>"}, {"<a b='", "x", "'/>"},
	    {"<a ", "a", "=''/>"}, {"<a", " b='c'", "/>"}, {"<a", " ", "/>"},
	    {"<a></a", " ", ">"}, {"<a><a", "b", "/></a>"},
	    {"<a><a", " b='c'", "/></a>"}, {"<a>&#", "0", "65;</a>"},
	    {"<a xmlns:u='", "x", "'/>"}, {"<a><![CDATA[", "]", "]></a>"},
	    {"<a>", "&lt;", "</a>"}};
	size_t i, n, most = 0;

	for (i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		n = peak(shapes[i].before, shapes[i].piece, shapes[i].after);
		if (n > ((size_t)6 << 20))
			printf("# %s%s: %zu\n", shapes[i].before,
			    shapes[i].piece, n);
		most = n > most ? n : most;
	}
	printf("# at most %zu\n", most);
	ok(most <= ((size_t)6 << 20), "constant memory");
}

static void
test_restart(void)
{
	static const char text[] = OPEN "<a/>rest";
	struct xml *x = xml_new();

	buf_reset(&got);
	xml_feed(x, text, strlen(text));
	ok(xml_next(x) == XML_OPEN && xml_next(x) == XML_STANZA &&
		xml_left(x) == 4,
	    "what stands behind a stanza is counted");
	xml_restart(x);
	ok(xml_next(x) == XML_MORE && xml_left(x) == 0, "a new stream");
	xml_feed(x, OPEN "<b/>", strlen(OPEN "<b/>"));
	ok(xml_next(x) == XML_OPEN && xml_next(x) == XML_STANZA &&
		strcmp(xml_stanza(x)->name, "b") == 0,
	    "and its stanza");
	xml_free(x);
	xml_free(NULL);
}

int
main(void)
{
	buf_init(&got, (size_t)64 << 20);
	buf_init(&in, (size_t)64 << 20);
	test_stanzas();
	test_broken();
	test_limits();
	test_attributes();
	test_memory();
	test_restart();
	buf_clear(&got);
	buf_clear(&in);
	return tap_done();
}
