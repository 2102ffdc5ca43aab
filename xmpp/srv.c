#include "xmpp/srv.h"

/* The next number of the sequence STATE, well mixed (the splitmix32 step). */
static uint32_t
next_random(uint32_t *state)
{
	uint32_t x = *state += UINT32_C(0x9e3779b9);

	x = (x ^ x >> 16) * UINT32_C(0x85ebca6b);
	x = (x ^ x >> 13) * UINT32_C(0xc2b2ae35);
	return x ^ x >> 16;
}

/* Moves record I of R to the front; the others keep their order. */
static void
to_front(struct srv *r, size_t i)
{
	struct srv chosen = r[i];

	for (; i > 0; i--)
		r[i] = r[i - 1];
	r[0] = chosen;
}

/* Whether A stands before B, weights of zero first, before the choice. */
static int
before(const struct srv *a, const struct srv *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->weight == 0 && b->weight != 0;
}

/* Brings one of the N records of the first one's priority to the front. */
static void
choose(struct srv *r, size_t n, uint32_t *state)
{
	uint64_t sum = 0, drawn;
	size_t i, same;

	for (same = 0; same < n && r[same].priority == r[0].priority; same++)
		sum += r[same].weight;
	drawn = (uint64_t)next_random(state) * (sum + 1) >> 32;
	for (i = 0, sum = 0; i + 1 < same; i++) {
		sum += r[i].weight;
		if (sum >= drawn)
			break;
	}
	to_front(r, i);
}

void
srv_sort(struct srv *records, size_t n, uint32_t random)
{
	size_t i, j;

	for (i = 1; i < n; i++) {
		for (j = i; j > 0 && before(&records[i], &records[j - 1]); j--)
			;
		to_front(records + j, i - j);
	}
	for (i = 0; i < n; i++)
		choose(records + i, n - i, &random);
}
