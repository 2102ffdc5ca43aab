#include "line/disk/want.h"

#include <stdlib.h>
#include <string.h>

#include "line/disk/unread.h"
#include "line/disk/users.h"
#include "line/text/address.h"

/* Words behind the name of a command among which a JID may stand. */
#define WORDS 3

/* Asks the loop to read the files of the bare JID that were not asked for. */
static void
ask_for(struct client *c, const char *jid)
{
	const char *name;

	while ((name = unread_ask(c, jid)) != NULL)
		users_keep(c, name);
}

int
want_jid(struct client *c, const char *jid)
{
	char bare[JID_SIZE];

	if (unread_count(c) == 0 || jid == NULL)
		return 0;
	jid_bare(jid, bare);
	ask_for(c, bare);
	return unread_name(c, bare) != NULL;
}

int
want_all(struct client *c)
{
	const char **names = unread_names(c);
	char jid[JID_SIZE];
	size_t i;

	for (i = 0; names != NULL && names[i] != NULL; i++)
		if (jid_parse(names[i], strlen(names[i]), jid, NULL) == 0)
			ask_for(c, jid);
	free(names);
	return unread_count(c) > 0;
}

/* Returns the length of the word that the N bytes at P begin with. */
static size_t
word_len(const char *p, size_t n)
{
	const char *blank = memchr(p, ' ', n);

	return blank == NULL ? n : (size_t)(blank - p);
}

/* Calls want_jid for the first WORDS of the N bytes at P that are JIDs. */
static int
want_words(struct client *c, const char *p, size_t n)
{
	char jid[JID_SIZE];
	const char *why;
	int i, wanted = 0;
	size_t len;

	for (i = 0; i < WORDS && n > 0; i++) {
		len = word_len(p, n);
		if (address_read(p, len, jid, &why) == 0)
			wanted |= want_jid(c, jid);
		len += len < n;
		p += len;
		n -= len;
	}
	return wanted;
}

int
want_line(struct client *c, const char *line, size_t n)
{
	static const char everybody[] = "/contacts";
	int wanted;
	size_t len;

	if (unread_count(c) == 0)
		return 0;
	wanted = want_jid(c, c->options.text_to);
	wanted |= want_jid(c, client_active(c));
	if (n == 0 || line[0] != '/')
		return wanted;
	for (; (len = address_prefix(line, n)) > 0; n -= len) {
		wanted |= want_words(c, line, len);
		line += len;
	}
	len = word_len(line, n);
	if (len == sizeof everybody - 1 && memcmp(line, everybody, len) == 0)
		return want_all(c);
	return want_words(c, line, n) | wanted;
}

/* Calls want_jid for the JIDs in the attributes of X. */
static int
want_attributes(struct client *c, const struct stanza *x)
{
	static const char *const names[] = {"from", "to", "jid"};
	char jid[JID_SIZE];
	const char *text;
	int wanted = 0;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		text = stanza_get(x, names[i]);
		if (text != NULL &&
		    jid_parse(text, strlen(text), jid, NULL) == 0)
			wanted |= want_jid(c, jid);
	}
	return wanted;
}

int
want_stanza(struct client *c, const struct stanza *x)
{
	const struct stanza *at = x;
	int wanted = 0;

	if (unread_count(c) == 0 || strcmp(x->name, "message") != 0)
		return 0;
	/* Copies, results of an archive and invitations name more. */
	while (at != NULL) {
		wanted |= want_attributes(c, at);
		if (at->child != NULL) {
			at = at->child;
			continue;
		}
		while (at != x && at->next == NULL)
			at = at->parent;
		at = at == x ? NULL : at->next;
	}
	return wanted;
}
