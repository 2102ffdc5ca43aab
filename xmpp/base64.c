#include "xmpp/base64.h"

#include <stdint.h>
#include <string.h>

#define NONE   64  /* no six bits */
#define GROUPS 256 /* decoded at once: a file of anchors has 50,000 */

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

/*
 * Decodes one group by SIX, the six bits of each character or NONE; its first
 * USED characters are not padding. Returns the number of BYTES, or -1 if it is
 * not base64.
 */
static int
decode_group(
    const unsigned char *six, const char *p, int used, unsigned char *bytes)
{
	const unsigned char *in = (const unsigned char *)p;
	unsigned a = six[in[0]], b = six[in[1]];
	unsigned c = used > 2 ? six[in[2]] : 0, d = used > 3 ? six[in[3]] : 0;
	uint32_t bits = a << 18 | b << 12 | c << 6 | d;

	if (((a | b | c | d) & NONE) != 0)
		return -1;
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
	size_t held = buf_len(out), i, len = 0;
	unsigned char six[256], bytes[3 * GROUPS];
	int used, length;

	if (n % 4 != 0)
		return -1;
	memset(six, NONE, sizeof six);
	for (i = 0; i < sizeof alphabet - 1; i++)
		six[(unsigned char)alphabet[i]] = (unsigned char)i;
	for (; n > 0; p += 4, n -= 4) {
		used = 4;
		if (n == 4 && p[3] == '=')
			used = p[2] == '=' ? 2 : 3;
		length = decode_group(six, p, used, bytes + len);
		len += length == -1 ? 0 : (size_t)length;
		if (length == -1 || ((n == 4 || len == sizeof bytes) &&
					buf_add(out, bytes, len) == -1)) {
			buf_cut(out, held);
			return -1;
		}
		len = len == sizeof bytes ? 0 : len;
	}
	return 0;
}
