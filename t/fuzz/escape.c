/* What is written is read back, in pieces as at once, and anything is read.
 * The first byte holds the options and the length of the first piece. */
#include "line/filter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text, back, line;
	struct filter f;
	const char *why;
	size_t n = size - 1, at, cut;

	if (size == 0)
		return 0;
	buf_init(&text, FILTER_MAX(size));
	buf_init(&back, FILTER_MAX(size));
	buf_init(&line, FILTER_MAX(size));
	escape_write(&text, data + 1, n, data[0] & 3);
	escape_read(&back, buf_data(&text), buf_len(&text), &why, &at);
	if (buf_len(&text) == 0 || buf_len(&back) != n ||
	    memcmp(buf_data(&back), data + 1, n) != 0)
		abort();
	cut = (size_t)data[0] / 4 < n ? (size_t)data[0] / 4 : n;
	filter_init(&f, FILTER_ESCAPE, data[0] & 3);
	filter_add(&f, data + 1, cut, &line);
	filter_add(&f, data + 1 + cut, n - cut, &line);
	if (filter_end(&f, &line) != 0 || buf_addc(&text, '\n') != 0 ||
	    strcmp(buf_str(&line), buf_str(&text)) != 0)
		abort();
	escape_read(&back, data + 1, n, &why, &at);
	buf_clear(&text), buf_clear(&back), buf_clear(&line);
	return 0;
}
