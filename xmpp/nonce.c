#include "xmpp/nonce.h"

#include <bearssl.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"

/* Asking the generator by the page keeps an id well under a microsecond. */
#define PAGE 1024

struct nonce {
	br_hmac_drbg_context drbg;
	size_t left;
	unsigned char page[PAGE];
};

struct nonce *
nonce_new(const unsigned char *seed)
{
	struct nonce *n = buf_alloc(sizeof *n);

	br_hmac_drbg_init(&n->drbg, &br_sha256_vtable, seed, NONCE_SEED);
	return n;
}

void
nonce_free(struct nonce *n)
{
	if (n != NULL)
		buf_wipe(n, sizeof *n);
	free(n);
}

void
nonce_bytes(struct nonce *n, void *out, size_t len)
{
	unsigned char *to = out;
	size_t part;

	while (len > 0) {
		if (n->left == 0) {
			br_hmac_drbg_generate(&n->drbg, n->page, PAGE);
			n->left = PAGE;
		}
		part = len < n->left ? len : n->left;
		memcpy(to, n->page + PAGE - n->left, part);
		buf_wipe(n->page + PAGE - n->left, part);
		n->left -= part;
		to += part;
		len -= part;
	}
}

void
nonce_id(struct nonce *n, char out[NONCE_ID + 1])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789_-";
	unsigned char bytes[NONCE_ID];
	size_t i;

	nonce_bytes(n, bytes, sizeof bytes);
	for (i = 0; i < NONCE_ID; i++)
		out[i] = digits[bytes[i] & 63];
	out[NONCE_ID] = '\0';
}

uint32_t
nonce_below(struct nonce *n, uint32_t below)
{
	uint32_t r;

	nonce_bytes(n, &r, sizeof r);
	return r % below;
}
