/*
 * Any bytes as a key of a message, or changes to a real message: what is read
 * is what was sent. The first byte chooses: 1 a prekey message, 2 changes (each
 * a place and bits), 4 changes to the payload too.
 */
#include "t/fuzz/fuzz-omemo.h"

#ifndef NO_OMEMO

static struct host *a, *b;
static struct wire sent[2]; /* the second has a prekey */

static void
prepare(void)
{
	a = pair_new(ALICE);
	b = pair_new(BOB);
	pair_meet();
	pair_say(a, BOB, "hello");
	sent[1] = pair_wire[--pair_wires];
	pair_receive(b, &sent[1]);
	pair_deliver();
	pair_say(a, BOB, "hello");
	sent[0] = pair_wire[--pair_wires];
}

/* Changes N bytes of P as the pairs of DATA say. */
static void
change(unsigned char *p, size_t n, const uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size && n > 0; i += 2)
		p[data[i] % n] ^= data[i + 1];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct omemo_key k = {0};
	struct omemo_message m;
	struct omemo_item i;
	unsigned char copy[512];
	int kind = size == 0 ? 0 : data[0], r;

	if (a == NULL)
		prepare();
	m = sent[kind & 1].m;
	k.rid = b->id;
	k.prekey = kind & 1;
	k.data.data = size == 0 ? data : data + 1;
	k.data.len = size == 0 ? 0 : size - 1;
	if ((kind & 2) != 0) {
		k.data = m.key[0].data;
		memcpy(copy, k.data.data, k.data.len);
		change(copy, k.data.len, data + 1, size - 1);
		k.data.data = copy;
	}
	if ((kind & 4) != 0)
		m.payload.len = size % 6;
	m.key = &k;
	pair_ready(b, ALICE);
	r = omemo_receive(b->o, ALICE, &m, 1, b->now);
	while (omemo_next(b->o, &i))
		if (i.type == OMEMO_TEXT &&
		    (r != 0 || i.len != 5 || memcmp(i.text, "hello", 5) != 0))
			abort();
	return 0;
}
#endif
