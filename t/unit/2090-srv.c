/*
 * The order of SRV records (RFC 2782): priorities, and weights over many seeds.
 */
#include "xmpp/srv.h"

#include <stdint.h>
#include <string.h>

#include "t/unit/tap.h"

/* How often of 10,000 seeds record WHICH of N comes first. */
static int
first(const struct srv *records, size_t n, const char *which)
{
	struct srv copy[8];
	uint32_t seed;
	int count = 0;

	for (seed = 0; seed < 10000; seed++) {
		memcpy(copy, records, n * sizeof *copy);
		srv_sort(copy, n, seed);
		count += strcmp(copy[0].host, which) == 0;
	}
	return count;
}

static void
test_sort(void)
{
	static const struct srv records[] = {
	    {.host = "late", .priority = 2, .weight = 60000},
	    {.host = "a", .priority = 1, .weight = 60},
	    {.host = "b", .priority = 1, .weight = 30},
	    {.host = "last", .priority = 3, .weight = 0},
	    {.host = "c", .priority = 1, .weight = 10},
	    {.host = "zero", .priority = 1, .weight = 0},
	};
	struct srv copy[6], again[6];
	uint32_t seed;
	int a = first(records, 6, "a"), b = first(records, 6, "b"),
	    c = first(records, 6, "c"), zero = first(records, 6, "zero");
	int good = 0, same = 0;

	printf("# first of 10000: a %d, b %d, c %d, zero %d\n", a, b, c, zero);
	/* Expected 5941, 2970, 990, 99; six standard deviations off. */
	ok(a > 5640 && a < 6240 && b > 2690 && b < 3250 && c > 810 &&
		c < 1170 && zero > 30 && zero < 160 &&
		a + b + c + zero == 10000,
	    "the first is drawn by weight");
	for (seed = 0; seed < 1000; seed++) {
		memcpy(copy, records, sizeof copy);
		memcpy(again, records, sizeof again);
		srv_sort(copy, 6, seed);
		srv_sort(again, 6, seed);
		same += memcmp(copy, again, sizeof copy) == 0;
		good += copy[0].priority == 1 && copy[3].priority == 1 &&
			strcmp(copy[4].host, "late") == 0 &&
			strcmp(copy[5].host, "last") == 0;
	}
	ok(good == 1000, "priorities come in order");
	ok(same == 1000, "a seed decides");
	srv_sort(copy, 0, 1);
}

static void
test_zero_weights(void)
{
	static const struct srv records[] = {
	    {.host = "a", .priority = 0, .weight = 0},
	    {.host = "b", .priority = 0, .weight = 65535},
	    {.host = "c", .priority = 0, .weight = 65535},
	};
	int b = first(records, 3, "b");

	ok(first(records, 1, "a") == 10000, "one record");
	ok(b > 4700 && b < 5300, "the heaviest are drawn alike");
}

int
main(void)
{
	test_sort();
	test_zero_weights();
	return tap_done();
}
