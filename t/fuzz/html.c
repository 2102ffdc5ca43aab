/* The HTML of a peer; and, where it is UTF-8, as text there and back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "otr/html.h"
#include "sexp/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = buf_memdup(data, size);
	struct buf html, back;
	size_t n = strlen(text);

	buf_init(&html, 6 * size + 1);
	buf_init(&back, 3 * size + 1);
	if (html_decode(text, &back) == -1 ||
	    utf8_valid(buf_data(&back), buf_len(&back)) != buf_len(&back))
		abort();
	buf_reset(&back);
	if (utf8_valid(text, n) == n &&
	    (html_escape(text, &html) == -1 ||
		html_decode(buf_str(&html), &back) == -1 ||
		strcmp(buf_str(&back), text) != 0))
		abort();
	buf_clear(&html);
	buf_clear(&back);
	free(text);
	return 0;
}
