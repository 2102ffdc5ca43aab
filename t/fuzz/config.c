/* Any text as config.sexp: what is read and printed is read back the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config c, d;
	struct buf once, twice;
	char why[160];
	int line = 0, column = 0;

	if (config_parse(&c, data, size, &line, &column, why) == -1) {
		if (line < 1 || column < 1 || strlen(why) < 8)
			abort();
		return 0;
	}
	buf_init(&once, (size_t)1 << 24);
	buf_init(&twice, (size_t)1 << 24);
	config_print(&c, &once);
	if (config_parse(
		&d, buf_data(&once), buf_len(&once), &line, &column, why) == -1)
		abort();
	config_print(&d, &twice);
	if (strcmp(buf_str(&once), buf_str(&twice)) != 0)
		abort();
	config_clear(&c);
	config_clear(&d);
	buf_clear(&once);
	buf_clear(&twice);
	return 0;
}
