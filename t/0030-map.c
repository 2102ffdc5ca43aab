/* sexp/map.c: against an array, through growth, collisions and removals. */
#include "sexp/map.h"
#include "t/tap.h"

#include <stdlib.h>
#include <string.h>

#define KEYS 5000

static char keys[KEYS][16];
static int there[KEYS];

/* Whether M holds just what the array says. */
static int
agrees(const struct map *m)
{
	size_t i, count = 0;
	void **all = map_values(m);
	int good = 1;

	for (i = 0; i < KEYS; i++) {
		good &= (map_find(m, keys[i]) == (void *)keys[i]) == there[i];
		count += (size_t)there[i];
	}
	for (i = 0; all[i] != NULL; i++)
		good &= map_find(m, all[i]) == all[i];
	free(all);
	return good && i == count && m->count == count;
}

static void
toggle(struct map *m, size_t i)
{
	char copy[16];

	/* The table has a key of its own, whatever becomes of ours. */
	memcpy(copy, keys[i], sizeof copy);
	if (there[i]) {
		if (map_remove(m, copy) != (void *)keys[i])
			abort();
	} else {
		map_add(m, copy, keys[i]);
	}
	there[i] = !there[i];
	memset(copy, 'x', sizeof copy - 1);
}

int
main(void)
{
	struct map m = {NULL, 0, 0};
	size_t i, n = 1;

	for (i = 0; i < KEYS; i++)
		snprintf(keys[i], sizeof keys[i], "key %zu", i);
	ok(map_find(&m, "x") == NULL && map_remove(&m, "x") == NULL,
	    "a zeroed map is empty");
	ok(agrees(&m), "and has no values");
	for (i = 0; i < KEYS; i++)
		toggle(&m, i);
	ok(agrees(&m), "5,000 keys");
	for (i = 0; i < 20000; i++) {
		n = n * 1103515245 + 12345;
		toggle(&m, n / 65536 % KEYS);
	}
	ok(agrees(&m), "20,000 changes");
	ok(map_find(&m, "key 5") != map_find(&m, "key 50") ||
		map_find(&m, "key 5") == NULL,
	    "no key is another's beginning");
	ok(map_find(&m, "") == NULL && map_remove(&m, "key") == NULL,
	    "what was never there");
	map_add(&m, "", keys[0]);
	ok(map_find(&m, "") == keys[0], "the empty key");
	map_clear(&m);
	ok(m.count == 0 && map_find(&m, "key 1") == NULL, "cleared");
	map_add(&m, "a", keys[1]);
	ok(map_find(&m, "a") == keys[1], "and usable again");
	map_clear(&m);
	return tap_done();
}
