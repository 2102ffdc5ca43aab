/*
 * A hash table from strings to pointers. Owns its copies of the keys and never
 * the values. Grows with its contents. Peers may choose the keys: the hash has
 * a secret key (siphash.h), on which the order of map_values depends too.
 */
#ifndef SEXP_MAP_H
#define SEXP_MAP_H

#include <stddef.h>

struct map_entry;

/* A zeroed map is empty. */
struct map {
	struct map_entry **slots;
	size_t size, count;
	/* Entries that were removed, for keys to come. */
	struct map_entry *spare;
	size_t spare_count;
};

/* Returns the value of KEY, or NULL. */
void *map_find(const struct map *m, const char *key);
/*
 * Adds KEY, which must not be there yet, with VALUE. Returns the copy of KEY,
 * which is valid until it is removed.
 */
const char *map_add(struct map *m, const char *key, void *value);
/* Removes KEY and returns its value, or NULL if it was not there. */
void *map_remove(struct map *m, const char *key);
/*
 * Returns an array of all m->count values, in no particular order, and a NULL.
 * The caller frees the array.
 */
void **map_values(const struct map *m);
/* Frees the table, not the values. */
void map_clear(struct map *m);

#endif
