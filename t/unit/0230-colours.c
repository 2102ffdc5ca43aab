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
	       is(HISTORY_TRANSIT, COLOURS_GRAY, 11) &&
	       is(HISTORY_INFO, COLOURS_GRAY, 11) &&
	       is(HISTORY_PRESENCE, COLOURS_GRAY, 11) &&
	       is(HISTORY_WARNING, COLOURS_RGB, 2) &&
	       is(HISTORY_ERROR, COLOURS_NAMED, 1) &&
	       is(HISTORY_SUCCESS, COLOURS_RGB, 0);
}

static void
refuse(const char *text, int column, const char *why)
{
	ok(parse(text) == -1 && e.column == column &&
		strstr(e.why, why) != NULL && is_default(),
	    "refused: %s: %s", text, e.why);
}

/* Linear light of LEVEL, 0 to 255 (sRGB). */
static double
light_of(int level)
{
	double x = level / 255.0, y = 1;
	int i;

	if (x <= 0.04045)
		return x / 12.92;
	x = (x + 0.055) / 1.055;
	/* The fifth root of x squared, by Newton's method: x to the 0.4. */
	for (i = 0; i < 50; i++)
		y -= (y - x * x / (y * y * y * y)) / 5;
	return x * x * y;
}

/* Returns the relative luminance of ENTRY in the palette of xterm. */
static double
luminance(const struct colours_entry *entry)
{
	static const int named[8][3] = {{0, 0, 0}, {205, 0, 0}, {0, 205, 0},
	    {205, 205, 0}, {0, 0, 238}, {205, 0, 205}, {0, 205, 205},
	    {229, 229, 229}};
	int rgb[3], i;

	for (i = 0; i < 3; i++)
		rgb[i] =
		    entry->type == COLOURS_NAMED  ? named[entry->value[0]][i]
		    : entry->type == COLOURS_GRAY ? 8 + 10 * entry->value[0]
		    : entry->value[i] > 0	  ? 55 + 40 * entry->value[i]
						  : 0;
	return 0.2126 * light_of(rgb[0]) + 0.7152 * light_of(rgb[1]) +
	       0.0722 * light_of(rgb[2]);
}

/* ENTRY, unless it is the terminal's own, can be read on white and on black,
 * with a contrast of at least LEAST (WCAG 2.1). */
static void
is_readable(const char *name, const struct colours_entry *entry, double least)
{
	double light = luminance(entry) + 0.05;

	if (entry->type != COLOURS_NONE)
		ok(1.05 / light >= least && light / 0.05 >= least,
		    "%s: %.2f on white, %.2f on black", name, 1.05 / light,
		    light / 0.05);
}

/* The defaults can be read on any background. */
static void
test_contrast(void)
{
	struct colours_entry old = {COLOURS_GRAY, {18, 0, 0}};

	is_readable("transit", &c.kind[HISTORY_TRANSIT], 4.5);
	is_readable("info", &c.kind[HISTORY_INFO], 4.5);
	is_readable("presence", &c.kind[HISTORY_PRESENCE], 4.5);
	is_readable("chat", &c.kind[HISTORY_CHAT], 4.5);
	is_readable("group chat", &c.kind[HISTORY_GROUPCHAT], 4.5);
	is_readable("success", &c.kind[HISTORY_SUCCESS], 4.4);
	is_readable("warning", &c.kind[HISTORY_WARNING], 3.5);
	is_readable("error", &c.kind[HISTORY_ERROR], 3.5);
	is_readable("good", colours_state(COLOURS_GOOD), 4.4);
	is_readable("doubtful", colours_state(COLOURS_DOUBTFUL), 3.5);
	is_readable("bad", colours_state(COLOURS_BAD), 3.5);
	ok(1.05 / (luminance(&old) + 0.05) < 2, "the original's gray cannot");
}

int
main(void)
{
	colours_init(&c);
	ok(is_default(), "without a file");
	test_contrast();
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
