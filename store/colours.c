#include "store/colours.h"

#include <stdlib.h>
#include <string.h>

#include "store/group.h"
#include "store/record.h"

static const char *const names[] = {"black", "red", "green", "yellow", "blue",
    "magenta", "cyan", "white", "lightblack", "lightred", "lightgreen",
    "lightyellow", "lightblue", "lightmagenta", "lightcyan", "lightwhite"};

/*
 * A gray, a green and a yellow that can be read on white and on black: those of
 * the original ("gray 18", "gray 12", green, yellow) are made for black.
 */
static const struct colours_entry gray = {COLOURS_GRAY, {11, 0, 0}};
static const struct colours_entry green = {COLOURS_RGB, {0, 2, 0}};
static const struct colours_entry yellow = {COLOURS_RGB, {2, 2, 0}};
static const struct colours_entry red = {COLOURS_NAMED, {1, 0, 0}};

void
colours_init(struct colours *c)
{
	memset(c, 0, sizeof *c);
	c->kind[HISTORY_TRANSIT] = gray;
	c->kind[HISTORY_INFO] = gray;
	c->kind[HISTORY_PRESENCE] = gray;
	c->kind[HISTORY_WARNING] = yellow;
	c->kind[HISTORY_ERROR] = red;
	c->kind[HISTORY_SUCCESS] = green;
}

const struct colours_entry *
colours_state(enum colours_state state)
{
	return state == COLOURS_GOOD	   ? &green
	       : state == COLOURS_DOUBTFUL ? &yellow
					   : &red;
}

/* Reads COUNT numbers, 0 to MAX, each after a blank, and nothing else. */
static int
read_numbers(const char *text, int *value, int count, long max)
{
	char *end;
	long n;

	for (; count > 0; count--, value++, text = end) {
		if (text[0] != ' ' || text[1] < '0' || text[1] > '9')
			return -1;
		n = strtol(text + 1, &end, 10);
		if (n > max)
			return -1;
		*value = (int)n;
	}
	return *text == '\0' ? 0 : -1;
}

/* Reads the colour TEXT into ENTRY; returns -1 if it is none. */
static int
read_colour(struct colours_entry *entry, const char *text)
{
	int i;

	memset(entry, 0, sizeof *entry);
	if (strcmp(text, "empty") == 0)
		return 0;
	if (strncmp(text, "gray", 4) == 0) {
		entry->type = COLOURS_GRAY;
		return read_numbers(text + 4, entry->value, 1, 23);
	}
	if (strncmp(text, "rgb", 3) == 0) {
		entry->type = COLOURS_RGB;
		return read_numbers(text + 3, entry->value, 3, 5);
	}
	entry->type = COLOURS_NAMED;
	for (i = 0; i < 16; i++)
		if (strcmp(text, names[i]) == 0) {
			entry->value[0] = i;
			return 0;
		}
	return -1;
}

static int
read_colours(struct colours *c, const struct sexp *s, struct sexp_error *e)
{
	const struct sexp *i;
	int kind;

	if (s->text != NULL)
		return record_fail(s, "a list of (KIND COLOUR)", e);
	for (i = s->first; i != NULL; i = i->next) {
		if (i->text != NULL || i->len != 2 || i->first->text == NULL)
			return record_fail(i, "(KIND COLOUR)", e);
		kind = group_kind(i->first, e);
		if (kind == -1)
			return -1;
		if (i->last->text == NULL ||
		    read_colour(&c->kind[kind], i->last->text) == -1)
			return record_fail(i->last,
			    "a colour: black to white, lightblack to "
			    "lightwhite, \"gray 0..23\", \"rgb 0..5 0..5 "
			    "0..5\" or empty",
			    e);
	}
	return 0;
}

int
colours_parse(struct colours *c, const void *p, size_t n, struct sexp_error *e)
{
	struct sexp_tree *t = sexp_parse(p, n, e);
	int status = -1;

	colours_init(c);
	if (t != NULL)
		status = read_colours(c, sexp_root(t), e);
	if (status == -1)
		colours_init(c);
	sexp_free(t);
	return status;
}
