/* Feeds what a server may send as TLS: refused, pinned, and as an anchor. */
#include <bearssl.h>
#include <stdlib.h>

#include "xmpp/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len, n, i, round, piece = size > 0 ? data[0] + 1U : 1;
	const unsigned char *leaf;
	char pem[99999] = "";
	struct tls_options o = {"a.example", "xmpp.example", NULL,
	    (unsigned char *)pem, 1, (unsigned char *)pem, 2000000000};
	struct tls *t[3] = {NULL};
	struct tls_anchors *a = NULL;

	for (round = 0; round < 3 && (t[round] = tls_new(&o)); round++) {
		for (i = 1; i < size; i += n) {
			n = size - i < piece ? size - i : piece;
			n = tls_recv(t[round], data + i, n);
			if (tls_ready(t[round]) || n == 0)
				abort(); /* an old flight fits no new random */
			while (tls_wire_buf(t[round], &len) != NULL)
				tls_wire_done(t[round], len);
		}
		o.pin = round == 0 ? tls_pin(t[0]) : NULL;
		if (round == 1 && (leaf = tls_leaf(t[0], &len)) != NULL) {
			len = br_pem_encode(pem, leaf, len, "CERTIFICATE", 0);
			a = tls_anchors_new(pem, len, &(const char *){NULL});
			o.anchors = a;
		}
	}
	for (round = 0; round < 3; round++)
		tls_free(t[round]);
	tls_anchors_free(a);
	return 0;
}
