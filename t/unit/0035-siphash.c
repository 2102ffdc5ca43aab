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
	/* As the reference prints them, as numbers of little-endian bytes. */
	static const struct {
		size_t n;
		uint64_t hash[2];
	} wide[] = {{0, {0xe6a825ba047f81a3, 0x930255c71472f66d}},
	    {1, {0x44af996bd8c187da, 0x45fc229b11597634}},
	    {7, {0x53c1dbd8beebf1a1, 0x3982f01fa64ab8c0}},
	    {8, {0x61f55862baa9623b, 0xb49714f364e2830f}},
	    {15, {0x11a8b03399e99354, 0xd9c3cf970fec087e}}};
	unsigned char bytes[SIPHASH_KEY];
	uint64_t before = siphash("x", 1);
	unsigned char i;
	uint64_t out[2];
	size_t j;

	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = i;
	siphash_set_key(bytes);
	for (j = 0; j < sizeof table / sizeof *table; j++)
		ok(siphash(bytes, table[j].n) == table[j].hash, "%zu bytes",
		    table[j].n);
	for (j = 0; j < sizeof wide / sizeof *wide; j++) {
		siphash_128(bytes, wide[j].n, out);
		ok(out[0] == wide[j].hash[0] && out[1] == wide[j].hash[1],
		    "%zu bytes, 128 bits", wide[j].n);
	}
	ok(siphash("x", 1) != before, "another key, another hash");
	return tap_done();
}
