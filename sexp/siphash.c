#include "sexp/siphash.h"

/* The two halves of the key. */
static uint64_t half[2];

/* Reads the first 8 bytes of P; compilers make one load of it. */
static uint64_t
read_word(const unsigned char *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

/* Reads the N bytes of P that are left at the end, fewer than 8. */
static uint64_t
read_rest(const unsigned char *p, size_t n)
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
	half[0] = read_word(key);
	half[1] = read_word(key + 8);
}

static void
begin_state(uint64_t v[4])
{
	v[0] = half[0] ^ UINT64_C(0x736f6d6570736575);
	v[1] = half[1] ^ UINT64_C(0x646f72616e646f6d);
	v[2] = half[0] ^ UINT64_C(0x6c7967656e657261);
	v[3] = half[1] ^ UINT64_C(0x7465646279746573);
}

/* Absorbs the N bytes of P, and N as the last byte. */
static void
absorb_bytes(uint64_t v[4], const void *p, size_t n)
{
	const unsigned char *at = p;
	uint64_t last = (uint64_t)n << 56;

	for (; n >= 8; n -= 8, at += 8)
		absorb_word(v, read_word(at));
	absorb_word(v, last | read_rest(at, n));
}

/* Returns the word of output that follows from V. */
static uint64_t
finish_word(uint64_t v[4])
{
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t
siphash(const void *p, size_t n)
{
	uint64_t v[4];

	begin_state(v);
	absorb_bytes(v, p, n);
	v[2] ^= 0xff;
	return finish_word(v);
}

void
siphash_128(const void *p, size_t n, uint64_t out[2])
{
	uint64_t v[4];

	begin_state(v);
	v[1] ^= 0xee;
	absorb_bytes(v, p, n);
	v[2] ^= 0xee;
	out[0] = finish_word(v);
	v[1] ^= 0xdd;
	out[1] = finish_word(v);
}
