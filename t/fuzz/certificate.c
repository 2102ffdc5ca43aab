/* A certificate to be described, and the same bytes as a file of anchors. */
#include <stdlib.h>

#include "sexp/buf.h"
#include "xmpp/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t from, to;
	struct buf names;
	const char *why = NULL;
	size_t i;

	buf_init(&names, 100000);
	if (tls_describe(data, size, &names, &from, &to) == -1 &&
	    buf_len(&names) > 0)
		abort();
	for (i = 0; i < buf_len(&names); i++)
		if (buf_data(&names)[i] < ' ' || buf_data(&names)[i] > '~')
			abort();
	buf_clear(&names);
	if (size > 0) {
		struct tls_anchors *a = tls_anchors_new(data, size, &why);

		if (a == NULL && why == NULL)
			abort();
		tls_anchors_free(a);
	}
	return 0;
}
