/*
 * Changes to a real bundle, pairs of a place and bits: only one that is still
 * signed builds a session. The first bytes are the lengths of its parts.
 */
#include "t/fuzz/fuzz-omemo.h"

#ifndef NO_OMEMO

#define PARTS 6 /* identity, signed prekey, signature, three prekeys */
#define PART  64

static struct host *a, *b;

static struct omemo_bytes
part_of(const struct omemo_bundle *x, size_t i)
{
	if (i > 2)
		return x->prekey[i - 3].key;
	return i == 0 ? x->identity : i == 1 ? x->signed_key : x->signature;
}

/* Returns 1 if X, of which PART are copies, built a session. */
static int
builds(const struct omemo_bundle *x)
{
	const char *name = BOB;
	struct omemo_item i;
	int built = 0;

	omemo_load(a->o, BOB, NULL, 0, NULL);
	omemo_list(a->o, BOB, &b->id, 1, a->now);
	omemo_prepare(a->o, &name, 1, a->now);
	while (omemo_next(a->o, &i))
		;
	omemo_bundle(a->o, BOB, b->id, x, a->now);
	while (omemo_next(a->o, &i))
		built |= i.type == OMEMO_DEVICE;
	return built;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char part[PARTS][PART];
	struct omemo_prekey pre[3];
	struct omemo_bytes real, bytes[PARTS];
	struct omemo_bundle x;
	size_t i;
	int same = 1;

	if (a == NULL) {
		a = pair_new(ALICE);
		b = pair_new(BOB);
	}
	if (size < PARTS)
		return 0;
	for (i = 0; i < PARTS; i++) {
		real = part_of(&b->b, i);
		memset(part[i], 0, PART);
		memcpy(part[i], real.data, real.len);
		bytes[i].data = data[i] == 255 ? NULL : part[i];
		bytes[i].len = data[i] == 0 ? real.len : data[i] % PART;
		same &= i > 2 ||
			(bytes[i].data != NULL && bytes[i].len == real.len);
	}
	for (i = PARTS; i + 1 < size; i += 2)
		part[data[i] % PARTS][data[i] / PARTS] ^= data[i + 1];
	for (i = 0; i < 2; i++)
		same &= memcmp(part[i], part_of(&b->b, i).data, 33) == 0;
	x = b->b;
	x.identity = bytes[0];
	x.signed_key = bytes[1];
	x.signature = bytes[2];
	for (i = 0; i < 3; i++) {
		pre[i].id = (uint32_t)i + 1;
		pre[i].key = bytes[i + 3];
	}
	x.prekey = pre;
	x.prekeys = 3;
	if (builds(&x) && !same)
		abort();
	return 0;
}
#endif
