/* line/room/own_texts.c: texts are found by id, and are never too many. */
#include "line/room/own_texts.h"
#include "t/unit/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct own_texts texts;

static void
keep(size_t n, const char *text)
{
	char id[30];

	snprintf(id, sizeof id, "id%zu", n);
	own_texts_keep(&texts, "den@x", id, text, "verified");
}

/* Returns 1 if the text of the message N is there and is TEXT; takes it. */
static int
takes(size_t n, const char *text)
{
	struct own_text *t;
	char id[30];
	int same;

	snprintf(id, sizeof id, "id%zu", n);
	t = own_texts_take(&texts, "den@x", id);
	same = t != NULL && strcmp(t->id, id) == 0 &&
	       strcmp(t->text, text) == 0 && strcmp(t->trust, "verified") == 0;
	own_text_free(t);
	return same;
}

int
main(void)
{
	static char large[OWN_BYTES / 4 + 1];
	size_t i;

	ok(own_texts_take(&texts, "den@x", NULL) == NULL && !takes(0, "a"),
	    "none at the beginning");
	keep(0, "a");
	keep(1, "b");
	keep(2, "c");
	ok(own_texts_take(&texts, "other@x", "id1") == NULL,
	    "not by another room");
	ok(takes(1, "b") && !takes(1, "b"), "each is taken once, in any order");
	ok(takes(2, "c") && takes(0, "a"), "the last, then the first");
	ok(texts.first == NULL && texts.last == NULL && texts.count == 0 &&
		texts.bytes == 0 && texts.by_id.count == 0,
	    "then there is none");
	for (i = 0; i < 20 * OWN_TEXTS; i++)
		keep(i, "x");
	ok(texts.count == OWN_TEXTS && texts.by_id.count == OWN_TEXTS,
	    "a room that shows nothing: %zu are kept", texts.count);
	ok(!takes(19 * OWN_TEXTS - 1, "x") && takes(19 * OWN_TEXTS, "x") &&
		takes(20 * OWN_TEXTS - 1, "x"),
	    "the newest");
	memset(large, 'y', sizeof large - 1);
	for (i = 0; i < 6; i++)
		keep(i, large);
	ok(texts.bytes <= OWN_BYTES && texts.count == 4,
	    "of large ones %zu, %zu bytes", texts.count, texts.bytes);
	ok(!takes(1, large) && takes(2, large), "the newest, too");
	own_texts_clear(&texts);
	ok(texts.count == 0 && texts.bytes == 0, "cleared");
	return tap_done();
}
