/* Any bytes as a history, all at once and in pieces: the same messages. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/history.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char last[] =
	    "(3(((direction(From(Bare(a b))))(encrypted false)(received true)"
	    "(timestamp 1)(message\"the last\")(kind Chat))))";
	struct history *all = history_new("a@b", 9, 0);
	struct history *pieces = history_new("a@b", 9, 0);
	size_t i, n;

	history_feed(all, data, size);
	for (i = 0; i < size; i += n) {
		n = size - i < 7 ? size - i : 7;
		history_feed(pieces, data + i, n);
	}
	history_feed(all, last, strlen(last));
	history_feed(pieces, last, strlen(last));
	history_end(all);
	history_end(pieces);
	if (history_total(all) != history_total(pieces) ||
	    history_torn(all) != history_torn(pieces) ||
	    history_tail(all) != history_tail(pieces))
		abort();
	history_free(all);
	history_free(pieces);
	return 0;
}
