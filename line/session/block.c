#include "line/session/block.h"

#include <string.h>

#include "line/core/answer.h"

/* Returns 1 where a line of a person at the terminal asks for this about JID,
 * whose answer says it. */
static int
is_asked_here(const struct client *c, const char *jid)
{
	const struct answer *j = NULL;

	while (c->options.terminal &&
	       (j = answer_next(c, j, ANSWER_REQUEST)) != NULL)
		if (j->place != NULL && j->subject != NULL &&
		    strcmp(j->subject, jid) == 0)
			return 1;
	return 0;
}

int
block_tell(struct client *c, const struct stanza *list, const char *words)
{
	const struct stanza *item;
	char jid[JID_SIZE];
	const char *text;
	int found = -1;

	for (item = list->child; item != NULL; item = item->next) {
		text = stanza_get(item, "jid");
		if (!stanza_is(item, "item", NS_BLOCK) || text == NULL ||
		    jid_parse(text, strlen(text), jid, NULL) == -1)
			continue;
		if (!is_asked_here(c, jid))
			client_info(c, jid, words);
		found = 0;
	}
	return found;
}

int
block_push(struct client *c, const char *from, const struct stanza *x)
{
	const struct stanza *block = stanza_child(x, "block", NS_BLOCK);
	const struct stanza *unblock = stanza_child(x, "unblock", NS_BLOCK);
	char bare[JID_SIZE];

	jid_bare(c->self.jid, bare);
	if (strcmp(from, bare) != 0)
		return 0;
	if (block != NULL)
		block_tell(c, block, "was blocked");
	else if (unblock == NULL)
		return 0;
	else if (block_tell(c, unblock, "is no longer blocked") == -1)
		client_info(c, NULL, "nobody is blocked any more");
	return 1;
}
