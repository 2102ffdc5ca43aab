#include "line/start/option.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/text/address.h"

#define QUEUE_MAX 64 /* bytes of the name of a queue */

static const struct {
	char letter;
	const char *name, *argument, *help;
} options[] = {
#define OPTION(id, letter, name, argument, help) {letter, name, argument, help},
#include "line/start/option.def"
#undef OPTION
};

/* Returns the option --NAME, N bytes of it, or OPTIONS if there is none. */
static enum option_id
find_long(const char *name, size_t n)
{
	enum option_id i;

	for (i = 0; i < OPTIONS; i++)
		if (strlen(options[i].name) == n &&
		    memcmp(options[i].name, name, n) == 0)
			break;
	return i;
}

static enum option_id
find_letter(char letter)
{
	enum option_id i;

	for (i = 0; i < OPTIONS && options[i].letter != letter; i++)
		;
	return i;
}

/*
 * Takes --name, --name=value or --name value. Returns how many elements of ARGV
 * it used, or -1 with WHY.
 */
static int
parse_long(struct option_values *v, int argc, char **argv, char why[200])
{
	const char *name = argv[0] + 2;
	size_t n = strcspn(name, "=");
	enum option_id i = find_long(name, n);

	if (i == OPTIONS) {
		snprintf(why, 200, "unknown option --%.60s", name);
	} else if (options[i].argument == NULL) {
		v->value[i] = "";
		if (name[n] == '\0')
			return 1;
		snprintf(why, 200, "--%s takes no argument", options[i].name);
	} else if (name[n] == '=') {
		v->value[i] = name + n + 1;
		return 1;
	} else if (argc > 1) {
		v->value[i] = argv[1];
		return 2;
	} else {
		snprintf(why, 200, "--%s needs %s", options[i].name,
		    options[i].argument);
	}
	return -1;
}

/*
 * Takes a word of one-letter options, of which the last may have an argument.
 * Returns as parse_long does.
 */
static int
parse_letters(struct option_values *v, int argc, char **argv, char why[200])
{
	const char *at;
	enum option_id i;

	for (at = argv[0] + 1; *at != '\0'; at++) {
		i = find_letter(*at);
		if (i == OPTIONS) {
			snprintf(why, 200, "unknown option -%c", *at);
			return -1;
		}
		v->value[i] = "";
		if (options[i].argument == NULL)
			continue;
		v->value[i] = at[1] != '\0' ? at + 1 : argv[1];
		if (at[1] != '\0')
			return 1;
		if (argc > 1)
			return 2;
		snprintf(why, 200, "-%c needs %s", *at, options[i].argument);
		return -1;
	}
	return 1;
}

int
option_parse(struct option_values *v, int argc, char **argv, char why[200])
{
	int i, n;

	memset(v, 0, sizeof *v);
	for (i = 1; i < argc; i += n) {
		if (strcmp(argv[i], "--") == 0 && i + 1 == argc)
			return 0;
		if (argv[i][0] != '-' || argv[i][1] == '\0' ||
		    strcmp(argv[i], "--") == 0) {
			snprintf(why, 200, "unexpected argument %.60s",
			    argv[i][1] == '-' && i + 1 < argc ? argv[i + 1]
							      : argv[i]);
			return -1;
		}
		n = argv[i][1] == '-'
			? parse_long(v, argc - i, argv + i, why)
			: parse_letters(v, argc - i, argv + i, why);
		if (n == -1)
			return -1;
	}
	return 0;
}

/* Writes `-f, --directory=DIR`, or the long form alone, to TEXT. */
static void
print_option(char text[80], enum option_id i)
{
	char letter[8] = "    ";

	if (options[i].letter != 0)
		snprintf(letter, sizeof letter, "-%c, ", options[i].letter);
	snprintf(text, 80, "%s--%s%s%s", letter, options[i].name,
	    options[i].argument == NULL ? "" : "=",
	    options[i].argument == NULL ? "" : options[i].argument);
}

int
option_is_queue(const char *name)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t n = strspn(name, letters);

	return n > 0 && n <= QUEUE_MAX && name[n] == '\0';
}

void
option_help(struct buf *out)
{
	enum option_id i;
	char text[80];

	buf_adds(out, "usage: jackline [option]...\n");
	for (i = 0; i < OPTIONS; i++) {
		print_option(text, i);
		buf_addf(out, "  %-26s %s\n", text, options[i].help);
	}
}

void
option_table(struct buf *out)
{
	enum option_id i;
	char letter[8];

	for (i = 0; i < OPTIONS; i++) {
		snprintf(letter, sizeof letter, "-%c", options[i].letter);
		buf_addf(out, "option\t--%s\t%s\t%s\t%s\n", options[i].name,
		    options[i].letter == 0 ? "-" : letter,
		    options[i].argument == NULL ? "-" : options[i].argument,
		    options[i].help);
	}
}

int
option_jid(const char *text, char jid[JID_SIZE], const char **why)
{
	return address_read(text, strlen(text), jid, why);
}

int
option_seconds(const char *text, int otherwise)
{
	char *end;
	long n;

	if (text == NULL)
		return otherwise;
	n = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || n > 1000000)
		return -1;
	return (int)n;
}
