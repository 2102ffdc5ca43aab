/*
 * sexp/siphash.c: the values of the paper and of its authors' reference
 * (SipHash-2-4 with the key 00 01 .. 0f, of 00 01 .. up to N bytes).
 */
#include "sexp/siphash.h"
#include "t/unit/tap.h"

int
main(void)
{
	static const struct {
		size_t n;
		uint64_t hash;
	} table[] = {{0, 0x726fdb47dd0e0e31}, {1, 0x74f839c593dc67fd},
	    {2, 0x0d6c8009d9a94f5a}, {3, 0x85676696d7fb7e2d},
	    {7, 0xab0200f58b01d137}, {8, 0x93f5f5799a932462},
	    {15, 0xa129ca6149be45e5}};
	unsigned char bytes[SIPHASH_KEY];
	uint64_t before = siphash("x", 1);
	unsigned char i;
	size_t j;

	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = i;
	siphash_set_key(bytes);
	for (j = 0; j < sizeof table / sizeof *table; j++)
		ok(siphash(bytes, table[j].n) == table[j].hash, "%zu bytes",
		    table[j].n);
	ok(siphash("x", 1) != before, "another key, another hash");
	return tap_done();
}
