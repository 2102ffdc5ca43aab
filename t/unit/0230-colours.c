/* colours.sexp: defaults, every kind of value, and what is refused. */
#include <string.h>

#include "store/colours.h"
#include "t/unit/tap.h"

static struct colours c;
static struct sexp_error e;

static int
parse(const char *text)
{
	return colours_parse(&c, text, strlen(text), &e);
}

static int
is(enum history_kind kind, enum colours_type type, int value)
{
	return c.kind[kind].type == type && c.kind[kind].value[0] == value;
}

static int
is_default(void)
{
	return is(HISTORY_CHAT, COLOURS_NONE, 0) &&
	       is(HISTORY_GROUPCHAT, COLOURS_NONE, 0) &&
	       is(HISTORY_TRANSIT, COLOURS_GRAY, 18) &&
	       is(HISTORY_INFO, COLOURS_GRAY, 18) &&
	       is(HISTORY_PRESENCE, COLOURS_GRAY, 12) &&
	       is(HISTORY_WARNING, COLOURS_NAMED, 3) &&
	       is(HISTORY_ERROR, COLOURS_NAMED, 1) &&
	       is(HISTORY_SUCCESS, COLOURS_NAMED, 2);
}

static void
refuse(const char *text, int column, const char *why)
{
	ok(parse(text) == -1 && e.column == column &&
		strstr(e.why, why) != NULL && is_default(),
	    "refused: %s: %s", text, e.why);
}

int
main(void)
{
	colours_init(&c);
	ok(is_default(), "without a file");
	ok(parse("()") == 0 && is_default(), "with an empty one");
	ok(parse("((Presence cyan) (Info \"gray 23\"))") == 0 &&
		is(HISTORY_PRESENCE, COLOURS_NAMED, 6) &&
		is(HISTORY_INFO, COLOURS_GRAY, 23) &&
		is(HISTORY_ERROR, COLOURS_NAMED, 1),
	    "two named, the others stay");
	ok(parse("((Chat lightwhite)(Error empty)(GroupChat\"rgb 1 0 5\"))") ==
		    0 &&
		is(HISTORY_CHAT, COLOURS_NAMED, 15) &&
		is(HISTORY_ERROR, COLOURS_NONE, 0) &&
		is(HISTORY_GROUPCHAT, COLOURS_RGB, 1) &&
		c.kind[HISTORY_GROUPCHAT].value[2] == 5,
	    "the last name, none at all, and a mixture");
	refuse("((Chat \"gray 24\"))", 8, "a colour");
	refuse("((Chat \"gray\"))", 8, "a colour");
	refuse("((Chat \"rgb 1 2\"))", 8, "a colour");
	refuse("((Chat \"rgb 1 2 6\"))", 8, "a colour");
	refuse("((Chat \"gray -1\"))", 8, "a colour");
	refuse("((Chat pink))", 8, "a colour");
	refuse("((Chat (red)))", 8, "a colour");
	refuse("((Chat red) (chat red))", 14, "one of Chat");
	refuse("((Chat))", 2, "(KIND COLOUR)");
	refuse("Chat", 1, "a list");
	refuse("((Chat red)", 12, "a closing bracket");
	return tap_done();
}
