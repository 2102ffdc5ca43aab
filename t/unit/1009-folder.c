/* line/text/folder.c: names of directories for JIDs, and back. */
#include "line/text/folder.h"
#include "t/unit/tap.h"

#include <string.h>

static void
test_names(void)
{
	static const struct {
		const char *jid, *name;
	} cases[] = {
	    {"bob@example.org", "bob@example.org"},
	    {"room@x.org/Big Bob", "room@x.org\\x2fBig\\sBob"},
	    {"room@x.org/../..", "room@x.org\\x2f..\\x2f.."},
	    {"example.org/..", "example.org\\x2f.."},
	    {"in", "\\x69n"},
	    {"out", "\\x6fut"},
	    {"all", "\\x61ll"},
	    {"all@x", "all@x"},
	    {".a@x", "\\x2ea@x"},
	    {"-rf@x", "-rf@x"},
	    {"d\\27artagnan@x.org", "d\\\\27artagnan@x.org"},
	    {"a@x/\n", "a@x\\x2f\\n"},
	    {"a@x/\\x2f", "a@x\\x2f\\\\x2f"},
	};
	char name[FOLDER_NAME], jid[JID_SIZE];
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		ok(folder_name(cases[i].jid, name) == 0 &&
			strcmp(name, cases[i].name) == 0,
		    "the name of %s", cases[i].name);
		if (strchr(cases[i].jid, '\n') == NULL &&
		    strchr(cases[i].jid, '@') != NULL &&
		    strstr(cases[i].jid, "x2f") == NULL)
			ok(folder_jid(name, jid) == 0 &&
				strcmp(jid, cases[i].jid) == 0,
			    "and back");
	}
}

static void
test_others(void)
{
	static const char *const none[] = {".", "..", ".journal", "in", "out",
	    "all", "notes", "", "@", "a@b/c d"};
	char name[FOLDER_NAME], jid[JID_SIZE], longest[300];
	size_t i;

	for (i = 0; i < sizeof none / sizeof *none; i++)
		ok(folder_jid(none[i], jid) == -1 || strchr(jid, '/') != NULL,
		    "'%s' is no directory of a JID", none[i]);
	ok(folder_jid("Bob@Example.ORG", jid) == 0 &&
		strcmp(jid, "bob@example.org") == 0,
	    "made by hand, in any spelling");
	memset(longest, 'a', sizeof longest);
	memcpy(longest + 198, "@x", 3);
	ok(folder_name(longest, name) == 0, "200 bytes");
	memcpy(longest + 199, "@x", 3);
	longest[198] = 'a';
	ok(folder_name(longest, name) == -1, "and no more");
}

int
main(void)
{
	test_names();
	test_others();
	return tap_done();
}
