/* Any bytes are written and read back the same, and any bytes can be read.
 * The first byte holds the options. */
#include "line/text/escape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text, back;
	const char *why;
	size_t n = size - 1, at;

	if (size == 0)
		return 0;
	buf_init(&text, 4 * (size + 1));
	buf_init(&back, 4 * (size + 1));
	escape_write(&text, data + 1, n, data[0] & 3);
	escape_read(&back, buf_data(&text), buf_len(&text), &why, &at);
	if (buf_len(&text) == 0 || buf_len(&back) != n ||
	    memcmp(buf_data(&back), data + 1, n) != 0)
		abort();
	escape_read(&back, data + 1, n, &why, &at);
	buf_clear(&text);
	buf_clear(&back);
	return 0;
}
