#include "sexp/hex.h"

int
hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
hex_byte(const char *p)
{
	int high = hex_value(p[0]), low = high == -1 ? -1 : hex_value(p[1]);

	return low == -1 ? -1 : high << 4 | low;
}

void
hex_write(const void *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = p;
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digits[byte[i] >> 4];
		out[2 * i + 1] = digits[byte[i] & 15];
	}
	out[2 * n] = '\0';
}
