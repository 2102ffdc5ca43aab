/* Text to the HTML inside OTR and back, and what other clients send. */
#include "otr/html.h"

#include <string.h>

#include "sexp/utf8.h"
#include "t/tap.h"

static struct buf there, back;

/* Whether TEXT comes back from its HTML. */
static int
survives(const char *text)
{
	buf_reset(&there);
	buf_reset(&back);
	return html_escape(text, &there) == 0 &&
	       html_decode(buf_str(&there), &back) == 0 &&
	       strcmp(buf_str(&back), text) == 0;
}

static void
decodes(const char *html, const char *text)
{
	buf_reset(&back);
	ok(html_decode(html, &back) == 0 && strcmp(buf_str(&back), text) == 0,
	    "%s", html);
}

/* All strings of up to LENGTH pieces. */
static unsigned
exhaust(size_t length, unsigned *wrong)
{
	static const char *const piece[] = {"<", ">", "&", ";", "#", "x", "3",
	    "lt", "br", "/", "\"", "'", "\n", " ", "amp", "\xc3\xa9"};
	const size_t n = sizeof piece / sizeof *piece;
	unsigned count = 0, i, code;
	char text[64];
	size_t k;

	for (code = 0;; code++) {
		text[0] = '\0';
		for (k = 0, i = code; k < length; k++, i /= (unsigned)n)
			strcat(text, piece[i % n]);
		if (i > 0)
			return count;
		*wrong += !survives(text);
		count++;
	}
}

static const char *const vectors[][2] = {
    {"plain", "plain"},
    {"", ""},
    {"a < b & c", "a < b & c"},
    {"a<b and c>d", "a<b and c>d"},
    {"a <b> c", "a  c"}, /* a tag to everybody */
    {"<a href=x>1</a ><hr size=3 /><p\nid='1'\tclass=\"2\">", "1"},
    {"<a href=\"x><a =x><a b=\"1\"c=2><br/ ><b//>",
	"<a href=\"x><a =x><a b=\"1\"c=2><br/ ><b//>"},
    {"x<y and y>z", "x<y and y>z"},
    {"1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"},
    {"&quot;&apos;&nbsp;.", "\"' ."},
    {"&#39;&#x27;&#X1f600;&#228;", "''\xf0\x9f\x98\x80\xc3\xa4"},
    {"&amp;lt;", "&lt;"},
    {"&amp;amp;amp;", "&amp;amp;"},
    {"<b>bold</b> <FONT COLOR=\"#ff0000\">red</FONT>", "bold red"},
    {"one<br>two<br/>three<BR />four</br>", "one\ntwo\nthree\nfour\n"},
    {"line\nline", "line\nline"},
    {"<a href=\"http://e.example/?a>b\">link</a>", "link"},
    {"<html><body>hi</body></html>", "hi"},
    {"<div><span style='x'>hi</span></div>", "hi"},
    {"<3", "<3"},
    {"<", "<"},
    {"</", "</"},
    {"<b", "<b"},
    {"<b <i>x</i>", "<b x"},
    {"<b \"open", "<b \"open"},
    {"<unknown>", "<unknown>"},
    {"<bold>", "<bold>"},
    {"<stdio.h> <a.h>", "<stdio.h> <a.h>"},
    {"<blockquotes>", "<blockquotes>"},
    {"< b>", "< b>"},
    {"&", "&"},
    {"&&", "&&"},
    {"&;", "&;"},
    {"&lt", "&lt"},
    {"&LT;", "&LT;"},
    {"&copy;", "&copy;"},
    {"&#;&#x;&#xg;", "&#;&#x;&#xg;"},
    {"&#0;&#1;&#xd800;&#x110000;", "&#0;&#1;&#xd800;&#x110000;"},
    {"&#99999999999;", "&#99999999999;"},
    {"&#000000065;", "&#000000065;"},
    {"&#9;&#10;", "\t\n"},
    {"bad \xff\xc3 bytes \xe2\x82",
	"bad \xef\xbf\xbd\xef\xbf\xbd bytes \xef\xbf\xbd\xef\xbf\xbd"},
};

int
main(void)
{
	unsigned wrong = 0, count = 0;
	unsigned char text[8] = "<";
	uint32_t cp;
	size_t i, n;

	buf_init(&there, 1 << 20);
	buf_init(&back, 1 << 20);
	for (i = 1; i <= 4; i++)
		count += exhaust(i, &wrong);
	ok(wrong == 0, "%u short texts arrive unchanged", count);
	wrong = 0;
	for (cp = 1; cp <= 0x10ffff; cp++) {
		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		n = utf8_encode(cp, text + 1);
		text[n + 1] = ';';
		text[n + 2] = '\0';
		wrong += !survives((char *)text);
	}
	ok(wrong == 0, "all characters arrive unchanged");
	for (i = 0; i < sizeof vectors / sizeof *vectors; i++)
		decodes(vectors[i][0], vectors[i][1]);
	buf_reset(&there);
	html_escape("<&>\"'\n", &there);
	ok(strcmp(buf_str(&there), "&lt;&amp;&gt;&quot;&apos;\n") == 0,
	    "five are escaped, newlines stay");
	buf_clear(&there);
	buf_init(&there, 7);
	ok(html_escape("&&", &there) == -1, "escaping has its bound");
	buf_clear(&there);
	buf_init(&there, 3);
	ok(html_decode("abcd", &there) == -1 &&
		strcmp(buf_str(&there), "abc") == 0,
	    "decoding has its bound, the front is there");
	ok(html_decode("&lt;", &there) == -1 &&
		html_decode("&#65;", &there) == -1 &&
		html_decode("<br>", &there) == -1 &&
		html_decode("\xff", &there) == -1,
	    "whatever is decoded");
	buf_clear(&there);
	buf_clear(&back);
	return tap_done();
}
