/* line/option.c: every option short and long, and what is none. */
#include "line/start/option.h"
#include "t/unit/tap.h"

#include <string.h>

static struct option_values values;
static char why[200];

/* Reads the words of LINE, split at blanks; the result of option_parse. */
static int
parse(const char *line)
{
	static char copy[500], *argv[20];
	int argc = 0;
	char *word;

	snprintf(copy, sizeof copy, "jackline %s", line);
	for (word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	*why = '\0';
	return option_parse(&values, argc, argv, why);
}

static int
is(enum option_id id, const char *value)
{
	return values.value[id] != NULL && strcmp(values.value[id], value) == 0;
}

static void
test_good(void)
{
	ok(parse("") == 0 && values.value[OPTION_CONNECT] == NULL,
	    "nothing is given");
	ok(parse("-c") == 0 && is(OPTION_CONNECT, "") &&
		values.value[OPTION_STAY] == NULL,
	    "a letter");
	ok(parse("-ckx -e") == 0 && is(OPTION_CONNECT, "") &&
		is(OPTION_STAY, "") && is(OPTION_STOP, "") &&
		is(OPTION_ESCAPED, ""),
	    "letters together");
	ok(parse("-w 5") == 0 && is(OPTION_WAIT, "5"), "a value behind");
	ok(parse("-cw5") == 0 && is(OPTION_WAIT, "5") && is(OPTION_CONNECT, ""),
	    "a value in the word");
	ok(parse("-t -c") == 0 && is(OPTION_TEXT_TO, "-c") &&
		values.value[OPTION_CONNECT] == NULL,
	    "a value that looks like an option");
	ok(parse("--wait=5 --connect --to bob@example.org") == 0 &&
		is(OPTION_WAIT, "5") && is(OPTION_CONNECT, "") &&
		is(OPTION_TEXT_TO, "bob@example.org"),
	    "long forms");
	ok(parse("--to=") == 0 && is(OPTION_TEXT_TO, ""), "an empty value");
	ok(parse("-w 5 -w 6") == 0 && is(OPTION_WAIT, "6"), "the last counts");
	ok(parse("-c --") == 0 && is(OPTION_CONNECT, ""), "-- at the end");
}

static void
test_bad(void)
{
	static const char *const lines[] = {"x", "-", "-c x", "-- x", "-y",
	    "-cy", "--nothing", "--con", "--connectx", "--connect=1", "-w",
	    "-cw", "--wait", "--Wait=5", "-\xff", "---"};
	size_t i;

	for (i = 0; i < sizeof lines / sizeof *lines; i++)
		ok(parse(lines[i]) == -1 && strlen(why) > 8 &&
			strlen(why) < sizeof why,
		    "%s: %s", lines[i], why);
}

/* Whatever the table holds is spelled by --help, and is read by both forms. */
static void
test_table(void)
{
	struct buf help, table;
	char line[200], *row, *end, *name, *letter, *argument;
	int good = 1, rows = 0;

	buf_init(&help, 100000);
	buf_init(&table, 100000);
	option_help(&help);
	option_table(&table);
	for (row = buf_str(&table); *row != '\0'; row = end + 1) {
		end = strchr(row, '\n');
		*end = '\0';
		name = strchr(row, '\t') + 1;
		letter = strchr(name, '\t') + 1;
		argument = strchr(letter, '\t') + 1;
		letter[-1] = argument[-1] = '\0';
		*strchr(argument, '\t') = '\0';
		good &= strstr(buf_str(&help), name) != NULL;
		snprintf(line, sizeof line, "%s%s", name,
		    strcmp(argument, "-") == 0 ? "" : "=1");
		good &= parse(line) == 0;
		snprintf(line, sizeof line, "%s%s", letter,
		    strcmp(argument, "-") == 0 ? "" : "1");
		good &= strcmp(letter, "-") == 0 || parse(line) == 0;
		rows++;
	}
	ok(good && rows == OPTIONS, "%d options, long and short", rows);
	buf_clear(&help);
	buf_clear(&table);
}

int
main(void)
{
	test_good();
	test_bad();
	test_table();
	return tap_done();
}
