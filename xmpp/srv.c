#include "xmpp/srv.h"

/* Returns the next pseudo-random number of STATE (splitmix32). */
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

/* Returns 1 if A sorts before B, which puts weights of zero first. */
static int
sorts_before(const struct srv *a, const struct srv *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->weight == 0 && b->weight != 0;
}

/* Moves a random one of the records with the first priority to the front. */
static void
choose_record(struct srv *r, size_t n, uint32_t *state)
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
		for (j = i; j > 0 && sorts_before(&records[i], &records[j - 1]);
		     j--)
			;
		to_front(records + j, i - j);
	}
	for (i = 0; i < n; i++)
		choose_record(records + i, n - i, &random);
}
