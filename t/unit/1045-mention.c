/* xmpp/mention.c: whether a line holds a nick as a word. */
#include "t/unit/tap.h"
#include "xmpp/mention.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *nick, *text;
	int found;
} lines[] = {
    {"bob", "bob", 1},
    {"bob", "Bob: hello", 1},
    {"BOB", "thanks, bob!", 1},
    {"bob", "@bob", 1},
    {"bob", "(bob)", 1},
    {"bob", "bob's", 1},
    {"bob", "bob\xe2\x80\x99s", 1},
    {"bob", "a\nbob\nb", 1},
    {"bob", "**bob**", 1},
    {"bob", "bobby", 0},
    {"bob", "kebob", 0},
    {"bob", "bobby and bob", 1},
    {"bob", "bob2", 0},
    {"bob", "bob_2", 0},
    {"bob", "bo", 0},
    {"bob", "", 0},
    {"", "anything", 0},
    /* Letters of other scripts, and marks, are letters. */
    {"bob",
	"\xc3\xa9"
	"bob",
	0},
    {"bob", "bob\xc3\xa9", 0},
    {"bob", "bob\xcc\x81", 0},
    {"bob",
	"\xc2\xbb"
	"bob\xc2\xab",
	1},
    {"bob",
	"\xf0\x9f\x98\x80"
	"bob\xf0\x9f\x98\x80",
	1},
    {"\xc3\x84nne", "hi \xc3\xa4NNE", 1},
    {"\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd",
	"\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd, \xd1\x82\xd1\x8b?", 1},
    {"\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd",
	"\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd\xd0\xb0", 0},
    {"\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x82",
	"\xcf\x83\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83", 1},
    {"\xc5\x81ukasz", "\xc5\x82ukasz!", 1},
    /* Nicks with punctuation, and in scripts without blanks. */
    {"[bot]", "[BOT] hello", 1},
    {"[bot]", "x[bot]y", 1},
    {"c++", "c++?", 1},
    {"c++", "abc++", 0},
    {"a b", "hello a b", 1},
    {"a b", "a  b", 0},
    {"\xe5\xa4\xaa\xe9\x83\x8e", "\xe5\xa4\xaa\xe9\x83\x8e\xe3\x81\x95", 1},
    {"bob", "bob\xe3\x81\x95\xe3\x82\x93", 1},
    {"\xe3\x81\x95"
     "a",
	"\xe3\x81\x95"
	"ab",
	0},
};

/* A line of what nearly matches, as long as a stanza, is looked at quickly. */
static void
test_long(void)
{
	size_t n = 256 * 1024, i;
	char *text = malloc(n), nick[MENTION_MAX + 2];

	for (i = 0; i < n; i++)
		text[i] = "a "[i % 2];
	for (i = 0; i < MENTION_MAX; i++)
		nick[i] = "a "[i % 2];
	nick[MENTION_MAX - 1] = 'b';
	nick[MENTION_MAX] = '\0';
	ok(!mention_found(text, n, nick), "not in a long line");
	text[n - 1] = 'b';
	ok(mention_found(text, n, nick), "at its end");
	nick[MENTION_MAX] = 'b';
	nick[MENTION_MAX + 1] = '\0';
	ok(!mention_found(nick, strlen(nick), nick), "a nick that is too long");
	free(text);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof lines / sizeof *lines; i++)
		ok(mention_found(lines[i].text, strlen(lines[i].text),
		       lines[i].nick) == lines[i].found,
		    "`%s` in `%s`: %d", lines[i].nick, lines[i].text,
		    lines[i].found);
	ok(!mention_found("bob\xff", 4, "bob\xff") &&
		mention_found("bob\xff", 4, "bob"),
	    "what is no UTF-8 is no nick");
	test_long();
	return tap_done();
}
