/*
 * A table from strings to pointers. Owns its copies of the keys, never the
 * values. Grows with its content.
 */
#ifndef SEXP_MAP_H
#define SEXP_MAP_H

#include <stddef.h>

struct map_entry;

/* Zeroed is empty. */
struct map {
	struct map_entry **slots;
	size_t size, count;
};

/* The value of KEY, or NULL. */
void *map_find(const struct map *m, const char *key);
/* Sets the value of KEY (copied), which must not be there, to VALUE. */
void map_add(struct map *m, const char *key, void *value);
/* Takes KEY out and returns its value, NULL where it was not there. */
void *map_remove(struct map *m, const char *key);
/*
 * All values, in no order, in an array of m->count and a NULL behind them;
 * the caller frees the array.
 */
void **map_values(const struct map *m);
/* Frees the table, not the values. */
void map_clear(struct map *m);

#endif
