/* Any bytes as a position: each line that is read is written the same. */
#include "store/entry.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *why;
	struct entry_line line, again;
	struct buf out;
	size_t n;

	buf_init(&out, 8 * ENTRY_ID);
	for (; size > 0; p += n, size -= n) {
		n = entry_read(&line, p, size, &why);
		if (n == 0)
			break;
		if (n > size || p[n - 1] != '\n')
			abort();
		if (why != NULL)
			continue;
		buf_reset(&out);
		if (memchr(line.id, '\0', sizeof line.id) == NULL ||
		    entry_print(&out, line.id, line.seconds, line.early) == -1)
			abort();
		if (entry_read(&again, buf_str(&out), buf_len(&out), &why) !=
			buf_len(&out) ||
		    why != NULL || strcmp(again.id, line.id) != 0 ||
		    again.seconds != line.seconds || again.early != line.early)
			abort();
	}
	if (size > 0 && memchr(p, '\n', size) != NULL)
		abort();
	buf_clear(&out);
	return 0;
}
