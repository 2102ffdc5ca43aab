#include "sexp/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "sexp/siphash.h"

#define FIRST_SIZE 16
#define SPARE_MAX  256 /* entries that are kept for keys to come */

struct map_entry {
	struct map_entry *next;
	void *value;
	uint64_t hash;
	char key[];
};

static uint64_t
hash_key(const char *key)
{
	return siphash(key, strlen(key));
}

/* Returns the place of the pointer to the entry of KEY, or where to add it. */
static struct map_entry **
entry_place(const struct map *m, const char *key, uint64_t hash)
{
	struct map_entry **at = &m->slots[hash & (m->size - 1)];

	while (*at != NULL &&
	       ((*at)->hash != hash || strcmp((*at)->key, key) != 0))
		at = &(*at)->next;
	return at;
}

void *
map_find(const struct map *m, const char *key)
{
	struct map_entry *e;

	if (m->count == 0)
		return NULL;
	e = *entry_place(m, key, hash_key(key));
	return e == NULL ? NULL : e->value;
}

static void
grow_table(struct map *m)
{
	size_t size = m->size == 0 ? FIRST_SIZE : m->size * 2;
	struct map_entry **slots = buf_alloc(size * sizeof *slots);
	struct map_entry *e, *next;
	size_t i;

	for (i = 0; i < m->size; i++) {
		for (e = m->slots[i]; e != NULL; e = next) {
			next = e->next;
			e->next = slots[e->hash & (size - 1)];
			slots[e->hash & (size - 1)] = e;
		}
	}
	free(m->slots);
	m->slots = slots;
	m->size = size;
}

/* Returns an entry with room for a key of N bytes. */
static struct map_entry *
take_entry(struct map *m, size_t n)
{
	struct map_entry *e = m->spare;

	/* The key that was removed shows how much room there is. */
	if (e == NULL || n > strlen(e->key) + 1)
		return buf_alloc(sizeof *e + n);
	m->spare = e->next;
	m->spare_count--;
	return e;
}

/* Keeps E for another key, or frees it. */
static void
leave_entry(struct map *m, struct map_entry *e)
{
	if (m->spare_count == SPARE_MAX) {
		free(e);
		return;
	}
	e->next = m->spare;
	m->spare = e;
	m->spare_count++;
}

const char *
map_add(struct map *m, const char *key, void *value)
{
	size_t n = strlen(key) + 1;
	struct map_entry *e = take_entry(m, n);

	if (m->count >= m->size)
		grow_table(m);
	memcpy(e->key, key, n);
	e->hash = hash_key(key);
	e->value = value;
	e->next = m->slots[e->hash & (m->size - 1)];
	m->slots[e->hash & (m->size - 1)] = e;
	m->count++;
	return e->key;
}

void *
map_remove(struct map *m, const char *key)
{
	struct map_entry **at, *e;
	void *value;

	if (m->count == 0)
		return NULL;
	at = entry_place(m, key, hash_key(key));
	e = *at;
	if (e == NULL)
		return NULL;
	*at = e->next;
	value = e->value;
	leave_entry(m, e);
	m->count--;
	return value;
}

void **
map_values(const struct map *m)
{
	void **values = buf_alloc((m->count + 1) * sizeof *values);
	struct map_entry *e;
	size_t i, n = 0;

	for (i = 0; i < m->size; i++)
		for (e = m->slots[i]; e != NULL; e = e->next)
			values[n++] = e->value;
	return values;
}

static void
free_entries(struct map_entry *e)
{
	struct map_entry *next;

	for (; e != NULL; e = next) {
		next = e->next;
		free(e);
	}
}

void
map_clear(struct map *m)
{
	size_t i;

	for (i = 0; i < m->size; i++)
		free_entries(m->slots[i]);
	free_entries(m->spare);
	free(m->slots);
	memset(m, 0, sizeof *m);
}
