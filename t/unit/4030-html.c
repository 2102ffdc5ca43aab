/* Text to the HTML inside OTR and back, and what other clients send. */
#include "otr/html.h"

#include <string.h>

#include "sexp/utf8.h"
#include "t/unit/tap.h"

static struct buf there, back;

/* Returns 1 if TEXT comes back from its HTML. */
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

/*
 * The forms in which clients send inside OTR what their users typed. Pidgin and
 * Adium send HTML; bitlbee and the original escape what is typed, the one four
 * characters, the other five; mcabber and profanity send it as it is.
 */
static const char *const clients[][3] = {
    {"pidgin", "a &lt; b &amp; c", "a < b & c"},
    {"pidgin", "don't &quot;quote&quot;", "don't \"quote\""},
    {"pidgin", "one<br>two", "one\ntwo"},
    {"pidgin", "<a href=\"http://x.y/?a=1\">link</a>",
	"link (http://x.y/?a=1)"},
    {"pidgin", "see <a href='http://x.y/?a=1&amp;b=2'>this</a> now",
	"see this (http://x.y/?a=1&b=2) now"},
    {"pidgin", "<a href=\"http://x.y/\">http://x.y/</a>", "http://x.y/"},
    {"pidgin", "<a href=\"http://x.y/\"></a>", "http://x.y/"},
    {"pidgin", "<img src=\"http://x.y/z\">", "http://x.y/z"},
    {"pidgin", "<font color=\"#f00\"><b>red</b> &amp; blue</font>",
	"red & blue"},
    {"pidgin", "<span style='x'>hi</span>", "hi"},
    {"pidgin", "<b>loud</b>", "<b>loud</b>"}, /* or typed into mcabber */
    {"adium", "<FONT FACE=\"Arial\">a<BR>b</FONT>", "a\nb"},
    {"adium", "<HTML><BODY>hi</BODY></HTML>", "hi"},
    {"adium", "<div>a &gt; b</div>", "a > b"},
    {"bitlbee", "&lt;b&gt;&amp;amp;&lt;/b&gt; &quot;q&quot;",
	"<b>&amp;</b> \"q\""},
    {"the original", "don&apos;t &quot;quote&quot; a &amp; b",
	"don't \"quote\" a & b"},
    {"the original", "&lt;code&gt;x&lt;/code&gt;", "<code>x</code>"},
    {"mcabber", "<b>&amp;</b>", "<b>&amp;</b>"},
    {"mcabber", "a < b > c & \"q\"", "a < b > c & \"q\""},
    {"mcabber", "x &lt; y && <br>", "x &lt; y && <br>"},
    {"profanity", "<code>x</code>", "<code>x</code>"},
    {"profanity", "#include <stdio.h>", "#include <stdio.h>"},
    {"profanity", "http://x.y/?a=1&b=2", "http://x.y/?a=1&b=2"},
    {"profanity", "don't \"quote\" a & b", "don't \"quote\" a & b"},
};

/* The form in which we send what was typed: as it is where all read that alike.
 */
static const char *const typed[][2] = {
    {"don't \"quote\" a & b", "don't \"quote\" a & b"},
    {"http://x.y/?a=1&b=2#c", "http://x.y/?a=1&b=2#c"},
    {"a < b, c > d; <3 & R&D", "a < b, c > d; <3 & R&D"},
    {"a < b; b > c", "a < b; b > c"},
    {"I <3 you", "I <3 you"},
    {"a <b", "a <b"},
    {"AT&T", "AT&T"},
    {"<b>&amp;</b> \"'", "&lt;b&gt;&amp;amp;&lt;/b&gt; \"'"},
    {"<>", "&lt;&gt;"}, /* which the original does not survive */
    {"< x/>", "&lt; x/&gt;"},
    {"&#38", "&amp;#38"},
    {"a&lt", "a&amp;lt"},
    {"?x=1&LT=2", "?x=1&amp;LT=2"},
    {"&eacute;", "&amp;eacute;"},
};

static const char *const vectors[][2] = {
    {"plain", "plain"},
    {"", ""},
    {"a<b and c>d", "a<b and c>d"},
    {"a <b> c", "a <b> c"},
    {"<a href=x>1</a ><hr size=3 /><p\nid='1'\tclass=\"2\">", "1 (x)"},
    {"<a href=\"x><a =x><a b=\"1\"c=2><br/ ><b//>",
	"<a href=\"x><a =x><a b=\"1\"c=2><br/ ><b//>"},
    {"x<y and y>z", "x<y and y>z"},
    {"1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"},
    {"&quot;&apos;&nbsp;.", "\"' ."},
    {"&#39;&#x27;&#X1f600;&#228;", "''\xf0\x9f\x98\x80\xc3\xa4"},
    {"&amp;lt;", "&lt;"},
    {"&amp;amp;amp;", "&amp;amp;"},
    {"one<br>two<br/>three<BR />four</br>", "one\ntwo\nthree\nfour\n"},
    {"line\nline", "line\nline"},
    {"<a href=\"http://e.example/?a>b\">link</a>",
	"link (http://e.example/?a>b)"},
    {"<a href=a>1<a href=b>2", "1 (a)2 (b)"},
    {"<3", "<3"},
    {"<", "<"},
    {"</", "</"},
    {"<b", "<b"},
    {"<b \"open", "<b \"open"},
    {"<br><unknown>", "<br><unknown>"},
    {"<bold>", "<bold>"},
    {"<blockquotes>", "<blockquotes>"},
    {"< b>", "< b>"},
    {"&", "&"},
    {"&&", "&&"},
    {"&;", "&;"},
    {"&lt", "&lt"},
    {"&LT;", "&LT;"},
    {"&copy; &amp;", "&copy; &amp;"},
    {"&#;&#x;&#xg;", "&#;&#x;&#xg;"},
    {"&#0;&#1;&#xd800;&#x110000;", "&#0;&#1;&#xd800;&#x110000;"},
    {"&#99999999999;", "&#99999999999;"},
    {"&#9;&#10;", "\t\n"},
    {"bad \xff\xc3 bytes \xe2\x82",
	"bad \xef\xbf\xbd\xef\xbf\xbd bytes \xef\xbf\xbd\xef\xbf\xbd"},
    {"<br>\xff", "\n\xef\xbf\xbd"},
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
	for (i = 0; i < sizeof clients / sizeof *clients; i++) {
		buf_reset(&back);
		ok(html_decode(clients[i][1], &back) == 0 &&
			strcmp(buf_str(&back), clients[i][2]) == 0,
		    "%s: %s", clients[i][0], clients[i][1]);
	}
	for (i = 0; i < sizeof typed / sizeof *typed; i++) {
		buf_reset(&there);
		ok(html_escape(typed[i][0], &there) == 0 &&
			strcmp(buf_str(&there), typed[i][1]) == 0 &&
			survives(typed[i][0]),
		    "typed: %s", typed[i][0]);
	}
	buf_clear(&there);
	buf_init(&there, 7);
	ok(html_escape("&lt;&", &there) == -1 &&
		html_escape("12345678", &there) == -1,
	    "escaping has its bound");
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
