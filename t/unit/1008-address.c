/* line/address.c: JIDs as people and scripts write them. */
#include "line/text/address.h"
#include "t/unit/tap.h"

#include <stdlib.h>
#include <string.h>

static void
test_read(void)
{
	static const struct {
		const char *word, *jid; /* NULL: it is none */
	} cases[] = {
	    {"bob@example.org", "bob@example.org"},
	    {"Bob@Example.ORG/Pad", "bob@example.org/Pad"},
	    {"room@x.org/Big\\sBob", "room@x.org/Big Bob"},
	    {"a@b/\\\\\\n", NULL},
	    {"xmpp:bob@example.org", "bob@example.org"},
	    {"XMPP:bob@example.org/pad", "bob@example.org/pad"},
	    {"xmpp:bob@example.org?message;body=hi", "bob@example.org"},
	    {"xmpp:bob@example.org/pad?otr", "bob@example.org/pad"},
	    {"xmpp:bob@example.org#top", "bob@example.org"},
	    {"xmpp:b%C3%B6b@example.org", "b\xc3\xb6"
					  "b@example.org"},
	    {"xmpp:nasty!%23$%25@example.org", "nasty!#$%@example.org"},
	    {"xmpp:a%40b@example.org", NULL},
	    {"xmpp:a%00b@example.org", NULL},
	    {"xmpp:d\\27artagnan@x.org", "d\\27artagnan@x.org"},
	    {"xmpp://guest@example.com/bob@example.org", NULL},
	    {"xmpp:", NULL},
	    {"xmpp:?message", NULL},
	    {"bob@example.org?message", NULL},
	    {"bob@example.org/who?", "bob@example.org/who?"},
	    /* XEP-0106: the backslash stands for itself. */
	    {"d\\27artagnan@x.org", "d\\27artagnan@x.org"},
	    {"a\\20b\\40c\\5cd@x.org", "a\\20b\\40c\\5cd@x.org"},
	    {"a\\\\27b@x.org", "a\\27b@x.org"},
	    {"a\\21b@x.org", NULL},
	    {"a\\2", NULL},
	    {"a@x.org/\\\\20", "a@x.org/\\20"},
	    {"a@x.org/\\x41\\u{42}", "a@x.org/AB"},
	    {"bob@example.org\r", NULL},
	    {"bob@example.org\xc2\xa0", NULL},
	    {"bob@example.org\xe2\x80\x8b", "bob@example.org"},
	    {"-", NULL},
	    {"", NULL},
	    {"@@", NULL},
	};
	char jid[JID_SIZE];
	const char *why;
	size_t i;
	int got;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		why = NULL;
		got = address_read(
		    cases[i].word, strlen(cases[i].word), jid, &why);
		ok(cases[i].jid == NULL
			? got == -1 && why != NULL
			: got == 0 && strcmp(jid, cases[i].jid) == 0,
		    "%zu: %.30s", i, i == 26 ? "CR" : cases[i].word);
	}
}

static void
test_long(void)
{
	static char word[200000];
	char jid[JID_SIZE];
	const char *why;

	memset(word, '\\', sizeof word);
	ok(address_read(word, sizeof word, jid, &why) == -1, "too long");
	memset(word, '%', sizeof word);
	memcpy(word, "xmpp:", 5);
	ok(address_read(word, 20000, jid, &why) == -1, "a long URI");
}

static void
test_words(void)
{
	static const struct {
		const char *line;
		int is;
	} lines[] = {{"/go bob@x", 1}, {"/go", 1}, {"/go\tbob@x", 1},
	    {"/go\xc2\xa0"
	     "bob@x",
		1},
	    {"/Go bob@x", 1}, {"/GO", 1}, {"/g bob", 1}, {"/g", 1},
	    {"/gobob@x", 1}, {"/label t /go bob@x", 1},
	    {"/with c@x /label t /go bob@x", 1},
	    {"/label t /with c@x hello", 0}, {"/with c@x", 0}, {"/label", 0},
	    {"/la t /wit c@x /g b", 1}, {"/with /go bob", 0},
	    {"/label  /go bob", 1}, {"go bob@x", 0}, {" /go bob@x", 0},
	    {"/msg bob@x /go x", 0}, {"/say /go x", 0}, {"", 0}, {"/", 0}};
	size_t i;

	for (i = 0; i < sizeof lines / sizeof *lines; i++)
		ok(address_is_go(lines[i].line, strlen(lines[i].line)) ==
			lines[i].is,
		    "is it /go: %zu", i);
	ok(address_is_bare_word("bob", 3) &&
		!address_is_bare_word("bob@x", 5) &&
		!address_is_bare_word("x.org", 5) &&
		!address_is_bare_word("xmpp:x", 6) &&
		!address_is_bare_word("[::1]", 5) &&
		!address_is_bare_word("", 0),
	    "a word without @ and dot");
}

static void
test_label(void)
{
	static const struct {
		const char *line, *label, *rest;
	} cases[] = {{"hello", NULL, "hello"}, {"", NULL, ""},
	    {"/label t hello", "t", "hello"}, {"/label t", "t", ""},
	    {"/label t ", "t", ""}, {"/label  t", NULL, "t"},
	    {"/label a.B_-9 /with b@x \xff", "a.B_-9", "\xff"},
	    {"/with b@x /label t /quit", "t", "/quit"},
	    {"/label a /label b x", "b", "x"}, {"/with", NULL, "/with"},
	    {"/label a /label b:c x", "a", "x"}, {"/label \xff x", NULL, "x"},
	    {"/labels t x", NULL, "/labels t x"},
	    {" /label t x", NULL, " /label t x"}};
	const char *line;
	char *label;
	size_t i, n;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		line = cases[i].line;
		n = strlen(line);
		label = address_label(&line, &n);
		ok(n == strlen(cases[i].rest) &&
			memcmp(line, cases[i].rest, n) == 0 &&
			(label == NULL) == (cases[i].label == NULL) &&
			(label == NULL || strcmp(label, cases[i].label) == 0),
		    "a label: %zu", i);
		free(label);
	}
}

int
main(void)
{
	test_read();
	test_long();
	test_words();
	test_label();
	return tap_done();
}
