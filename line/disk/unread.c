#include "line/disk/unread.h"

#include <stdlib.h>
#include <string.h>

#include "line/disk/users.h"
#include "line/text/address.h"

/* Words behind the name of a command among which a JID may stand. */
#define WORDS 3

/* A file that was not read. */
struct unread_file {
	struct unread_file *next; /* another file for the same JID */
	int is_asked;		  /* The loop was asked to read it. */
	char name[];		  /* as it is spelled in users/ */
};

struct unread {
	struct map by_jid; /* of struct unread_file, by bare JID */
	int all_are_asked; /* The loop was asked to read all of them. */
};

void
unread_init(struct client *c)
{
	c->unread = buf_alloc(sizeof *c->unread);
}

void
unread_clear(struct client *c)
{
	void **all = map_values(&c->unread->by_jid);
	struct unread_file *f, *next;
	size_t i;

	for (i = 0; all[i] != NULL; i++)
		for (f = all[i]; f != NULL; f = next) {
			next = f->next;
			free(f);
		}
	free(all);
	map_clear(&c->unread->by_jid);
	free(c->unread);
}

int
client_listed(struct client *c, const char *name)
{
	struct unread_file *f, *other;
	char jid[JID_SIZE];

	/* A person at a terminal sees everybody, and so does a tree. */
	if (c->options.terminal || c->options.tree ||
	    jid_parse(name, strlen(name), jid, NULL) == -1 ||
	    jid_resource(jid) != NULL)
		return 1;
	f = buf_alloc(sizeof *f + strlen(name) + 1);
	strcpy(f->name, name);
	other = map_find(&c->unread->by_jid, jid);
	if (other == NULL)
		map_add(&c->unread->by_jid, jid, f);
	while (other != NULL && other->next != NULL)
		other = other->next;
	if (other != NULL)
		other->next = f;
	return 0;
}

const char *
unread_name(const struct client *c, const char *jid)
{
	const struct unread_file *f;

	if (c->unread->by_jid.count == 0)
		return NULL;
	f = map_find(&c->unread->by_jid, jid);
	return f == NULL ? NULL : f->name;
}

/* Asks the loop to read F and the other files for the same JID. */
static void
ask_for(struct client *c, struct unread_file *f)
{
	for (; f != NULL; f = f->next) {
		if (!f->is_asked)
			users_keep(c, f->name);
		f->is_asked = 1;
	}
}

int
unread_want(struct client *c, const char *jid)
{
	struct unread_file *f;
	char bare[JID_SIZE];

	if (c->unread->by_jid.count == 0 || jid == NULL)
		return 0;
	jid_bare(jid, bare);
	f = map_find(&c->unread->by_jid, bare);
	ask_for(c, f);
	return f != NULL;
}

static int
compare_files(const void *a, const void *b)
{
	const struct unread_file *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

int
unread_want_all(struct client *c)
{
	struct unread_file **all;
	size_t i;

	if (c->unread->by_jid.count == 0 || c->unread->all_are_asked)
		return c->unread->by_jid.count > 0;
	c->unread->all_are_asked = 1;
	all = (struct unread_file **)map_values(&c->unread->by_jid);
	/* The order of a map differs from run to run. */
	qsort(all, c->unread->by_jid.count, sizeof *all, compare_files);
	for (i = 0; all[i] != NULL; i++)
		ask_for(c, all[i]);
	free(all);
	return 1;
}

/* Returns the length of the word that the N bytes at P begin with. */
static size_t
word_len(const char *p, size_t n)
{
	const char *blank = memchr(p, ' ', n);

	return blank == NULL ? n : (size_t)(blank - p);
}

/* Calls unread_want for the first WORDS of the N bytes at P that are JIDs. */
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
			wanted |= unread_want(c, jid);
		len += len < n;
		p += len;
		n -= len;
	}
	return wanted;
}

int
unread_want_line(struct client *c, const char *line, size_t n)
{
	static const char everybody[] = "/contacts";
	int wanted;
	size_t len;

	if (c->unread->by_jid.count == 0)
		return 0;
	wanted = unread_want(c, c->options.text_to);
	wanted |= unread_want(c, client_active(c));
	if (n == 0 || line[0] != '/')
		return wanted;
	for (; (len = address_prefix(line, n)) > 0; n -= len) {
		wanted |= want_words(c, line, len);
		line += len;
	}
	len = word_len(line, n);
	if (len == sizeof everybody - 1 && memcmp(line, everybody, len) == 0)
		return unread_want_all(c);
	return want_words(c, line, n) | wanted;
}

/* Calls unread_want for the JIDs in the attributes of X. */
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
			wanted |= unread_want(c, jid);
	}
	return wanted;
}

int
unread_want_stanza(struct client *c, const struct stanza *x)
{
	const struct stanza *at = x;
	int wanted = 0;

	if (c->unread->by_jid.count == 0 || strcmp(x->name, "message") != 0)
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

void
unread_done(struct client *c, const char *name)
{
	struct unread_file *f, *other;
	char jid[JID_SIZE];

	if (jid_parse(name, strlen(name), jid, NULL) == -1)
		return;
	f = map_find(&c->unread->by_jid, jid);
	if (f == NULL || strcmp(f->name, name) != 0)
		return; /* They are read in this order. */
	other = f->next;
	map_remove(&c->unread->by_jid, jid);
	if (other != NULL)
		map_add(&c->unread->by_jid, jid, other);
	free(f);
}
