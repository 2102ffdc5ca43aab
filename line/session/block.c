#include "line/session/block.h"

#include <stdlib.h>
#include <string.h>

#include "sexp/map.h"

struct blocks {
	/*
	 * "block" or "unblock" by JID, as a person's line said it here last. A
	 * server tells every client of a change, this one too, before or after
	 * its answer (XEP-0191 3.3): the row is there already.
	 */
	struct map said;
};

void
block_init(struct client *c)
{
	c->blocks = buf_alloc(sizeof *c->blocks);
}

void
block_clear(struct client *c)
{
	map_clear(&c->blocks->said);
	free(c->blocks);
}

void
block_asked(struct client *c, const char *jid, const char *element)
{
	if (!c->options.terminal)
		return;
	map_remove(&c->blocks->said, jid);
	if (element != NULL)
		map_add(&c->blocks->said, jid, (void *)element);
}

/* Returns 1 where LIST, of a push, says of JID what the row of a line said. */
static int
is_said(struct client *c, const struct stanza *list, const char *jid)
{
	const char *element = map_remove(&c->blocks->said, jid);

	return element != NULL && stanza_is(list, element, NS_BLOCK);
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
		if (!is_said(c, list, jid))
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
