#include "xmpp/base64.h"

#include <stdint.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int
base64_encode(struct buf *out, const void *p, size_t n)
{
	const unsigned char *in = p;
	size_t held = buf_len(out);
	char group[4];

	while (n > 0) {
		size_t taken = n < 3 ? n : 3;
		uint32_t bits = (uint32_t)in[0] << 16;

		if (taken > 1)
			bits |= (uint32_t)in[1] << 8;
		if (taken > 2)
			bits |= in[2];
		group[0] = alphabet[bits >> 18];
		group[1] = alphabet[bits >> 12 & 63];
		group[2] = taken > 1 ? alphabet[bits >> 6 & 63] : '=';
		group[3] = taken > 2 ? alphabet[bits & 63] : '=';
		if (buf_add(out, group, sizeof group) == -1) {
			buf_cut(out, held);
			return -1;
		}
		in += taken;
		n -= taken;
	}
	return 0;
}

/* Returns the six bits for C, or -1. */
static int
six_bits(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/*
 * Decodes one group, whose first USED characters are not padding, into BYTES.
 * Returns the number of bytes, or -1 if it is not base64.
 */
static int
decode_group(const char *p, int used, unsigned char bytes[3])
{
	uint32_t bits = 0;
	int i;

	for (i = 0; i < 4; i++) {
		int six = i < used ? six_bits(p[i]) : 0;

		if (six == -1)
			return -1;
		bits = bits << 6 | (uint32_t)six;
	}
	/* The unused bits of the last character must be zero. */
	if ((used == 2 && (bits & 0xffff) != 0) ||
	    (used == 3 && (bits & 0xff) != 0))
		return -1;
	bytes[0] = (unsigned char)(bits >> 16);
	bytes[1] = (unsigned char)(bits >> 8 & 0xff);
	bytes[2] = (unsigned char)(bits & 0xff);
	return used - 1;
}

int
base64_decode(struct buf *out, const char *p, size_t n)
{
	size_t held = buf_len(out);
	unsigned char bytes[3];

	if (n % 4 != 0)
		return -1;
	for (; n > 0; p += 4, n -= 4) {
		int used = 4, length;

		if (n == 4 && p[3] == '=')
			used = p[2] == '=' ? 2 : 3;
		length = decode_group(p, used, bytes);
		if (length == -1 || buf_add(out, bytes, (size_t)length) == -1) {
			buf_cut(out, held);
			return -1;
		}
	}
	return 0;
}
