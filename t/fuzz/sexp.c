/* Any text as an S-expression: both printed forms are read back the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/sexp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sexp_error e;
	struct sexp_scan scan = {0};
	struct sexp_tree *t = sexp_parse(data, size, &e), *u;
	struct buf mach, hum, again;

	if (t == NULL)
		return 0;
	buf_init(&mach, (size_t)1 << 26);
	buf_init(&hum, (size_t)1 << 26);
	buf_init(&again, (size_t)1 << 26);
	sexp_mach(sexp_root(t), &mach);
	sexp_hum(sexp_root(t), &hum);
	u = sexp_parse(buf_data(&hum), buf_len(&hum), &e);
	if (u == NULL || sexp_mach(sexp_root(u), &again) == -1 ||
	    strcmp(buf_str(&again), buf_str(&mach)) != 0)
		abort();
	if (sexp_root(t)->text == NULL &&
	    (sexp_scan(&scan, buf_data(&mach), buf_len(&mach)) != 1 ||
		scan.at != buf_len(&mach)))
		abort();
	sexp_free(t);
	sexp_free(u);
	buf_clear(&mach);
	buf_clear(&hum);
	buf_clear(&again);
	return 0;
}
