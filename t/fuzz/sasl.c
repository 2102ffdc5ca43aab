/*
 * Feeds what a server may say during a login: two bytes choose the mechanisms
 * and the binding, then come challenges, one a line; the last line is success.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "xmpp/sasl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char binding[SASL_BINDING] = "0123456789a";
	const char *p = (const char *)data, *end = p + size, *line;
	struct sasl *s;
	unsigned seen = 0;
	struct buf out;

	if (size < 2)
		return 0;
	p += 2;
	s = sasl_new("us,er", "pencil", "rOprNGfwEbeRWgbNEkqOAAAA");
	buf_init(&out, 20000);
	sasl_start(s, data[0] & 0x7f, data[1] & 1 ? binding : NULL,
	    data[1] >> 1 & 1, &seen, &out);
	while ((line = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		sasl_challenge(s, p, (size_t)(line - p), &out);
		p = line + 1;
	}
	/* No success without at least the letter of the signature. */
	if (sasl_success(s, p, (size_t)(end - p)) == 0 &&
	    (data[0] & SASL_SCRAM) != 0 &&
	    memchr(data + 2, 'v', size - 2) == NULL)
		abort();
	sasl_free(s);
	buf_clear(&out);
	return 0;
}
