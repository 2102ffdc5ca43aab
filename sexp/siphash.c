#include "sexp/siphash.h"

/* The two halves of the key. */
static uint64_t half[2];

static uint64_t
read_little_endian(const unsigned char *p, size_t n)
{
	uint64_t x = 0;

	while (n-- > 0)
		x = x << 8 | p[n];
	return x;
}

static uint64_t
rotate_left(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void
sip_rounds(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[1] = rotate_left(v[1], 13) ^ v[0];
		v[0] = rotate_left(v[0], 32);
		v[2] += v[3];
		v[3] = rotate_left(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate_left(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate_left(v[1], 17) ^ v[2];
		v[2] = rotate_left(v[2], 32);
	}
}

static void
absorb_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_rounds(v, 2);
	v[0] ^= word;
}

void
siphash_set_key(const unsigned char key[SIPHASH_KEY])
{
	half[0] = read_little_endian(key, 8);
	half[1] = read_little_endian(key + 8, 8);
}

uint64_t
siphash(const void *p, size_t n)
{
	const unsigned char *at = p;
	uint64_t last = (uint64_t)n << 56;
	uint64_t v[4] = {half[0] ^ UINT64_C(0x736f6d6570736575),
	    half[1] ^ UINT64_C(0x646f72616e646f6d),
	    half[0] ^ UINT64_C(0x6c7967656e657261),
	    half[1] ^ UINT64_C(0x7465646279746573)};

	for (; n >= 8; n -= 8, at += 8)
		absorb_word(v, read_little_endian(at, 8));
	absorb_word(v, last | read_little_endian(at, n));
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
