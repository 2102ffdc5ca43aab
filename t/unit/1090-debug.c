/* line/debug.c: what is secret stays out of the log, wherever it is cut. */
#include "line/core/debug.h"
#include "t/unit/tap.h"

#include <string.h>

/* Everything that is not to be seen is `hush`; what is to be seen is `seen`. */
static const char *const secrets[] = {
    "<presence to='r@x/n'><x xmlns='muc'><password>hush</password></x>",
    "<x><password>hush<b a='hush'>hush</b>hush</password>seen</x>",
    "<password><![CDATA[hush</password>hush]]>hush</password>seen",
    "<password x='/'>hush</password>seen", "<p:password >hush</p:password >",
    "<PassWord>hush</PassWord>seen", "<password a=\">'\">hush</password>",
    "<x xmlns='jabber:x:conference' jid='seen' password='hush' b='seen'/>",
    "<x password = \"hush>'hush\" jid=\"seen\">seen</x>",
    "<field var='muc#roomconfig_roomsecret'><value>hush</value></field>seen",
    "<field type='text-private' var='x'><value>hush</value></field>seen",
    "<field var='x' type='text-private'><value>hush</value></field>seen",
    ("<query xmlns='jabber:iq:register'><username>seen</username>"
     "<password>hush</password></query>"),
    "<digest>hush</digest>seen", "<password/>seen", "<a password=''/>seen",
    "<a><!-- seen --><password>hush</password></a>",
    "<?xml version='1.0'?><password>hush</password>seen"};

static const char *const plain[] = {
    "<message to='seen'><body>seen &lt;password&gt;seen</body></message>",
    "<a b='<password>seen'>seen</a>", "<a b=\"password='seen\">seen</a>",
    "<![CDATA[<password>seen]]>seen", "<password></password>seen"};

/* How often WHAT stands in TEXT. */
static int
count(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

/* The log of TEXT in pieces of N bytes, their marks taken off. */
static void
log_pieces(const char *text, size_t n, struct buf *out)
{
	struct debug d = {0};
	struct buf line;
	size_t at, len;

	for (at = 0; text[at] != '\0'; at += len) {
		len = strlen(text + at) < n ? strlen(text + at) : n;
		buf_init(&line, 1 << 20);
		debug_note(&d, &line, "<", text + at, len);
		if (strncmp(buf_str(&line), "< ", 2) == 0 &&
		    strcmp(buf_str(&line), "< \\e\n") != 0)
			buf_add(out, buf_data(&line) + 2, buf_len(&line) - 3);
		buf_clear(&line);
	}
}

static void
test_texts(const char *const *texts, size_t n)
{
	struct buf out;
	size_t i, cut;
	int good;

	for (i = 0; i < n; i++) {
		good = 1;
		for (cut = 1; cut <= strlen(texts[i]); cut++) {
			buf_init(&out, 1 << 20);
			log_pieces(texts[i], cut, &out);
			good &= count(buf_str(&out), "hu") == 0 &&
				count(buf_str(&out), "sh") == 0 &&
				count(buf_str(&out), "seen") ==
				    count(texts[i], "seen");
			buf_clear(&out);
		}
		ok(good, "%s", texts[i]);
	}
}

static void
test_lines(void)
{
	static const char words[] = "a\n> b\033[31m\xff\xc2\x9b\r\xe2\x80\xae";
	struct debug d = {0};
	struct buf out;

	buf_init(&out, 1 << 20);
	debug_note(&d, &out, ">", words, sizeof words - 1);
	ok(strcmp(buf_str(&out),
	       "> a\\n> b\\x1b[31m\\xff\\u{9b}\\r\\u{202e}\n") == 0,
	    "one line, escaped: %s", buf_str(&out));
	buf_reset(&out);
	out.max = 8;
	debug_note(&d, &out, ">", words, sizeof words - 1);
	ok(buf_len(&out) == 0, "whole or not at all");
	buf_clear(&out);
}

static void
test_skipped(void)
{
	static const char begin[] = "<a b='", end[] = "'/><password>hush";
	struct debug d = {0};
	struct buf out;

	buf_init(&out, 1 << 20);
	debug_skip(&d, begin, sizeof begin - 1);
	debug_note(&d, &out, "<", end, sizeof end - 1);
	ok(strstr(buf_str(&out), "hush") == NULL,
	    "what is skipped is read all the same");
	buf_clear(&out);
}

int
main(void)
{
	test_texts(secrets, sizeof secrets / sizeof *secrets);
	test_texts(plain, sizeof plain / sizeof *plain);
	test_lines();
	test_skipped();
	return tap_done();
}
