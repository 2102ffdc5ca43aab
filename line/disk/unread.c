#include "line/disk/unread.h"

#include <stdlib.h>
#include <string.h>

/* A file that was not read. */
struct unread_file {
	struct unread_file *next; /* another file for the same JID */
	int is_asked;		  /* The loop was asked to read it. */
	char name[];		  /* as it is spelled in users/ */
};

struct unread {
	struct map by_jid;   /* of struct unread_file, by bare JID */
	int names_are_taken; /* unread_names() has returned them. */
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

const char *
unread_ask(struct client *c, const char *jid)
{
	struct unread_file *f = map_find(&c->unread->by_jid, jid);

	while (f != NULL && f->is_asked)
		f = f->next;
	if (f == NULL)
		return NULL;
	f->is_asked = 1;
	return f->name;
}

size_t
unread_count(const struct client *c)
{
	return c->unread->by_jid.count;
}

static int
compare_files(const void *a, const void *b)
{
	const struct unread_file *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

const char **
unread_names(struct client *c)
{
	struct unread_file **all;
	const char **names;
	size_t i, n = c->unread->by_jid.count;

	if (n == 0 || c->unread->names_are_taken)
		return NULL;
	c->unread->names_are_taken = 1;
	all = (struct unread_file **)map_values(&c->unread->by_jid);
	/* The order of a map differs from run to run. */
	qsort(all, n, sizeof *all, compare_files);
	names = buf_alloc((n + 1) * sizeof *names);
	for (i = 0; i < n; i++)
		names[i] = all[i]->name;
	free(all);
	return names;
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
		return; /* Files are read in the order of the list. */
	other = f->next;
	map_remove(&c->unread->by_jid, jid);
	if (other != NULL)
		map_add(&c->unread->by_jid, jid, other);
	free(f);
}
