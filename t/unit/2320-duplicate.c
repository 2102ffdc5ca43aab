/*
 * line/talk/duplicate.c: how long a message that came is known again, and that
 * what is forgotten and noted anew does not disturb the others.
 */
#include <string.h>

#include "line/core/state.h"
#include "line/talk/duplicate.h"
#include "t/unit/tap.h"

#define KEPT 8192 /* as duplicate.c has it */

static struct client *c;

/* Notes the message with the archive's id NUMBER and BODY; 1 if it came. */
static int
note(unsigned number, const char *text)
{
	char id[32], copy[64];
	struct incoming m = {.way = INCOMING_DIRECT, .archived = id};
	struct stanza x = {.name = "message", .ns = NS_CLIENT, .text = copy};
	struct stanza body = x;

	snprintf(id, sizeof id, "%u", number);
	snprintf(copy, sizeof copy, "%s", text);
	snprintf(m.from, sizeof m.from, "bob@example.org/pad");
	snprintf(m.to, sizeof m.to, "alice@example.org/x");
	body.text_len = strlen(copy);
	m.x = &x;
	return duplicate_note(c, &m, &body);
}

int
main(void)
{
	static const unsigned char seed[32];
	struct client_options options = {
	    .jid = "alice@example.org/x", .password = "p", .seed = seed};
	unsigned i, again = 0, missed = 0, turn;

	c = client_new(&options);
	ok(!note(0, "text"), "a message is new");
	ok(note(0, "text"), "it comes again");
	ok(!note(0, "other text"), "another text with the same id is new");
	for (i = 1; i < KEPT - 1; i++)
		again += (unsigned)note(i, "text");
	ok(again == 0, "%u others are new", i - 1);
	ok(note(0, "text"), "the first of %d is still known", KEPT);
	ok(!note(i, "text"), "one more is new");
	ok(!note(0, "text"), "now the first is forgotten");
	for (turn = 0; turn < 3; turn++) {
		again = 0;
		for (i = 0; i < 3 * KEPT; i++) {
			again += (unsigned)note(i + 1000000, "text");
			missed += !note(i + 1000000 - i % 1000, "text");
		}
	}
	ok(missed == 0, "those of late are known, as often as the table wraps");
	ok(again == 0, "and those of long ago are not");
	client_free(c);
	return tap_done();
}
