/* xmpp/nonce.c: the same from the same seed, never twice, evenly spread. */
#include "xmpp/nonce.h"
#include "t/unit/tap.h"

#include <string.h>

#include "sexp/map.h"

#define IDS 20000

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789_-";

static void
test_ids(struct nonce *n)
{
	struct map seen = {0};
	size_t counts[256] = {0}, i, j;
	int twice = 0, bad = 0, even = 1;
	char id[NONCE_ID + 1];

	for (i = 0; i < IDS; i++) {
		nonce_id(n, id);
		bad |= strlen(id) != NONCE_ID || strspn(id, digits) != NONCE_ID;
		if (map_find(&seen, id) != NULL)
			twice = 1;
		else
			map_add(&seen, id, id);
		for (j = 0; j < NONCE_ID; j++)
			counts[(unsigned char)id[j]]++;
	}
	ok(!bad, "ids are 24 letters, digits, _ and -");
	ok(!twice, "20,000 of them, and none twice");
	/* 7,500 of each are to be expected; 6 deviations are 520. */
	for (i = 0; i < 64; i++)
		even &= counts[(unsigned char)digits[i]] > 6980 &&
			counts[(unsigned char)digits[i]] < 8020;
	ok(even, "each character as often as another");
	map_clear(&seen);
}

static void
test_bytes(void)
{
	unsigned char seed[NONCE_SEED] = {1}, a[5000], b[5000];
	struct nonce *x = nonce_new(seed), *y = nonce_new(seed), *z;
	size_t at, n;

	nonce_bytes(x, a, sizeof a);
	for (at = 0, n = 1; at < sizeof b; at += n, n = n * 2 + 1) {
		n = n < sizeof b - at ? n : sizeof b - at;
		nonce_bytes(y, b + at, n);
	}
	ok(memcmp(a, b, sizeof a) == 0,
	    "the same seed gives the same bytes, in whatever portions");
	seed[31] = 1;
	z = nonce_new(seed);
	nonce_bytes(z, b, sizeof b);
	ok(memcmp(a, b, 32) != 0, "another seed others");
	nonce_free(x);
	nonce_free(y);
	nonce_free(z);
	nonce_free(NULL);
}

static void
test_below(struct nonce *n)
{
	size_t counts[7] = {0}, i;
	int good = 1;

	for (i = 0; i < 7000; i++)
		counts[nonce_below(n, 7)]++;
	for (i = 0; i < 7; i++)
		good &= counts[i] > 800 && counts[i] < 1200;
	ok(good, "numbers below seven");
	ok(nonce_below(n, 1) == 0, "below one there is 0");
}

int
main(void)
{
	unsigned char seed[NONCE_SEED] = {7};
	struct nonce *n = nonce_new(seed);

	test_ids(n);
	test_bytes();
	test_below(n);
	nonce_free(n);
	return tap_done();
}
