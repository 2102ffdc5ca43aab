/*
 * sexp/map.c: against an array, through growth, collisions and removals; and
 * keys that somebody chose to be slow.
 */
#include "sexp/map.h"
#include "t/unit/tap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sexp/siphash.h"

#define KEYS 5000

static char keys[KEYS][16];
static int there[KEYS];

/* Returns 1 if M holds just what the array says. */
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

#define CHOSEN 10000
#define SLOTS  16 /* of 65,536 that they fall into */

static char chosen[CHOSEN][16];

/* The hash that the table had at first, FNV-1a, which has no key. */
static uint64_t
unkeyed(const char *key)
{
	uint64_t h = 14695981039346656037u;

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * 1099511628211u;
	return h ^ h >> 32;
}

/* Makes WORD, of eight letters, the next one. */
static void
next_word(char *word)
{
	size_t i = 0;

	while (word[i] == 'z')
		word[i++] = 'a';
	word[i]++;
}

/* The seconds of processor time to add all that are chosen and find them. */
static double
measure(void)
{
	struct map m = {0};
	clock_t begin = clock();
	size_t i, found = 0;

	for (i = 0; i < CHOSEN; i++)
		map_add(&m, chosen[i], chosen[i]);
	for (i = 0; i < CHOSEN; i++)
		found += map_find(&m, chosen[i]) == chosen[i];
	if (found != CHOSEN)
		abort();
	map_clear(&m);
	return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

/* Entries that were removed serve for keys that fit. */
static void
test_spare(void)
{
	static const char *const words[] = {
	    "a", "a long key", "abc", "a key that is longer still", "b", ""};
	const size_t n = sizeof words / sizeof *words;
	struct map m = {0};
	size_t i, k, turn, good = 0;

	for (turn = 0; turn < 1000; turn++) {
		for (i = 0; i < n; i++)
			map_add(&m, words[(turn + i) % n], (char *)words[i]);
		for (i = 0; i < n; i++)
			good += map_find(&m, words[(turn + i) % n]) == words[i];
		for (k = 0; k < n; k++)
			good +=
			    map_remove(&m, words[(turn * 7 + k) % n]) != NULL;
		good += m.count == 0;
	}
	ok(good == turn * (2 * n + 1), "keys of any length come and go");
	for (i = 0; i < 1000; i++)
		map_add(&m, chosen[i], chosen[i]);
	for (i = 0; i < 1000; i++)
		map_remove(&m, chosen[i]);
	map_clear(&m);
	ok(m.count == 0 && map_find(&m, "a") == NULL, "and all is freed");
}

/* The best of five, so that a busy machine does not matter. */
static double
best_time(void)
{
	double best = measure(), t;
	int i;

	for (i = 0; i < 4; i++) {
		t = measure();
		best = t < best ? t : best;
	}
	return best;
}

static void
test_chosen(void)
{
	double random, collide;
	char word[] = "aaaaaaaa";
	size_t i, n = 0;

	for (i = 0; i < CHOSEN; i++)
		snprintf(chosen[i], sizeof chosen[i], "%zu", i * 7919);
	random = best_time();
	for (; n < CHOSEN; next_word(word))
		if ((unkeyed(word) & 65535) < SLOTS)
			memcpy(chosen[n++], word, sizeof word);
	collide = best_time();
	ok(collide < 5 * random,
	    "10,000 keys that collided without a key: %.3f s, others %.3f s",
	    collide, random);
}

/* Appends to TEXT the order in which a table has ten keys. */
static void
order(const char *with, char text[11])
{
	struct map m = {0};
	unsigned char key[SIPHASH_KEY] = {0};
	void **all;
	size_t i;

	memcpy(key, with, strlen(with));
	siphash_set_key(key);
	for (i = 0; i < 10; i++)
		map_add(&m, keys[i], keys[i]);
	all = map_values(&m);
	for (i = 0; i < 10; i++)
		text[i] = ((char *)all[i])[4];
	text[10] = '\0';
	free(all);
	map_clear(&m);
}

static void
test_key(void)
{
	char one[11], again[11], other[11];

	order("one", one);
	order("other", other);
	order("one", again);
	ok(strcmp(one, again) == 0, "the same order with the same key");
	ok(strcmp(one, other) != 0, "and another with another");
}

int
main(void)
{
	struct map m = {0};
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
	test_chosen();
	test_key();
	test_spare();
	return tap_done();
}
