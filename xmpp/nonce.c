#include "xmpp/nonce.h"

#include <bearssl.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"

/* Bytes generated at once, so that an id takes a tenth of a microsecond. */
#define PAGE 1024

struct nonce {
	br_chacha20_run run;
	size_t left;		  /* bytes at the end of page not given out */
	unsigned char page[PAGE]; /* begins with the key of the next page */
};

struct nonce *
nonce_new(const unsigned char *seed)
{
	struct nonce *n = buf_alloc(sizeof *n);

	n->run = br_chacha20_sse2_get();
	if (n->run == 0)
		n->run = br_chacha20_ct_run;
	memcpy(n->page, seed, NONCE_SEED);
	return n;
}

/* Each page begins with the key of the next, so that no earlier one is known
 * to who reads our memory. */
static void
next_page(struct nonce *n)
{
	static const unsigned char iv[12];
	unsigned char key[NONCE_SEED];

	memcpy(key, n->page, sizeof key);
	memset(n->page, 0, sizeof n->page);
	n->run(key, iv, 0, n->page, sizeof n->page);
	buf_wipe(key, sizeof key);
	n->left = PAGE - NONCE_SEED;
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
		if (n->left == 0)
			next_page(n);
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
	unsigned char bytes[NONCE_ID / 4 * 3];
	const unsigned char *p = bytes;
	size_t i;

	nonce_bytes(n, bytes, sizeof bytes);
	for (i = 0; i < NONCE_ID; i += 4, p += 3) {
		out[i] = digits[p[0] >> 2];
		out[i + 1] = digits[(p[0] & 3) << 4 | p[1] >> 4];
		out[i + 2] = digits[(p[1] & 15) << 2 | p[2] >> 6];
		out[i + 3] = digits[p[2] & 63];
	}
	out[NONCE_ID] = '\0';
}

uint32_t
nonce_below(struct nonce *n, uint32_t below)
{
	uint32_t r;

	nonce_bytes(n, &r, sizeof r);
	return r % below;
}
