/* Any bytes as colours.sexp: what is read can be shown, else all is as it was
 * before. */
#include "store/colours.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int limits[] = {1, 16, 24, 6};
	struct colours c, usual;
	struct sexp_error e;
	size_t i, k;

	memset(&c, 0, sizeof c);
	memset(&usual, 0, sizeof usual);
	colours_init(&usual);
	if (colours_parse(&c, data, size, &e) == -1) {
		if (memcmp(&c, &usual, sizeof c) != 0 || e.why[0] == '\0')
			abort();
		return 0;
	}
	for (i = 0; i < HISTORY_KINDS; i++)
		for (k = 0; k < 3; k++)
			if (c.kind[i].type > COLOURS_RGB ||
			    c.kind[i].value[k] < 0 ||
			    c.kind[i].value[k] >= limits[c.kind[i].type])
				abort();
	return 0;
}
