/* The primitives of libomemo-c, and AES-GCM, by BearSSL. */
#include <stdlib.h>
#include <string.h>

#include "omemo/intern.h"

#define BLOCK 16

void
crypto_random(struct omemo *o, void *out, size_t n)
{
	br_hmac_drbg_generate(&o->random, out, n);
}

uint32_t
crypto_below(struct omemo *o, uint32_t max)
{
	uint64_t n;

	/* 64 bits leave no bias that could be measured. */
	crypto_random(o, &n, sizeof n);
	return (uint32_t)(n % max);
}

static int
random_bytes(uint8_t *data, size_t len, void *o)
{
	crypto_random(o, data, len);
	return 0;
}

static int
hmac_begin(void **context, const uint8_t *key, size_t len, void *o)
{
	br_hmac_context *h = buf_alloc(sizeof *h);
	br_hmac_key_context k;

	(void)o;
	br_hmac_key_init(&k, &br_sha256_vtable, key, len);
	br_hmac_init(h, &k, 0);
	buf_wipe(&k, sizeof k);
	*context = h;
	return 0;
}

static int
hmac_update(void *context, const uint8_t *data, size_t len, void *o)
{
	(void)o;
	br_hmac_update(context, data, len);
	return 0;
}

static int
hmac_finish(void *context, signal_buffer **out, void *o)
{
	unsigned char mac[br_sha256_SIZE];

	(void)o;
	br_hmac_out(context, mac);
	*out = signal_buffer_create(mac, sizeof mac);
	buf_wipe(mac, sizeof mac);
	return *out == NULL ? SG_ERR_NOMEM : 0;
}

static void
hmac_end(void *context, void *o)
{
	(void)o;
	if (context != NULL)
		buf_wipe(context, sizeof(br_hmac_context));
	free(context);
}

/* The ways of AES-CBC: this processor's instructions, or portable. */
static const br_block_cbcenc_class *
cbc_encryption(void)
{
	const br_block_cbcenc_class *c = br_aes_x86ni_cbcenc_get_vtable();

	return c != NULL ? c : &br_aes_ct64_cbcenc_vtable;
}

static const br_block_cbcdec_class *
cbc_decryption(void)
{
	const br_block_cbcdec_class *c = br_aes_x86ni_cbcdec_get_vtable();

	return c != NULL ? c : &br_aes_ct64_cbcdec_vtable;
}

/* AES-CBC with the padding of PKCS#7, the only mode that is asked for. */
static int
aes_encrypt(signal_buffer **out, int cipher, const uint8_t *key, size_t key_len,
    const uint8_t *iv, size_t iv_len, const uint8_t *plain, size_t len, void *o)
{
	const br_block_cbcenc_class *class = cbc_encryption();
	br_aes_gen_cbcenc_keys k;
	size_t pad = BLOCK - len % BLOCK;
	unsigned char chain[BLOCK];
	uint8_t *data;

	(void)o;
	if (cipher != SG_CIPHER_AES_CBC_PKCS5 || iv_len != BLOCK ||
	    (key_len != 16 && key_len != 32))
		return SG_ERR_UNKNOWN;
	if ((*out = signal_buffer_alloc(len + pad)) == NULL)
		return SG_ERR_NOMEM;
	data = signal_buffer_data(*out);
	memcpy(data, plain, len);
	memset(data + len, (int)pad, pad);
	memcpy(chain, iv, BLOCK);
	class->init(&k.vtable, key, key_len);
	class->run(&k.vtable, chain, data, len + pad);
	buf_wipe(&k, sizeof k);
	return 0;
}

static int
is_padded(const unsigned char *data, size_t len)
{
	unsigned char pad = data[len - 1];
	size_t i;

	if (pad == 0 || pad > BLOCK)
		return 0;
	for (i = 1; i <= pad; i++)
		if (data[len - i] != pad)
			return 0;
	return 1;
}

static int
aes_decrypt(signal_buffer **out, int cipher, const uint8_t *key, size_t key_len,
    const uint8_t *iv, size_t iv_len, const uint8_t *from, size_t len, void *o)
{
	const br_block_cbcdec_class *class = cbc_decryption();
	br_aes_gen_cbcdec_keys k;
	unsigned char chain[BLOCK];
	uint8_t *data;

	(void)o;
	if (cipher != SG_CIPHER_AES_CBC_PKCS5 || iv_len != BLOCK ||
	    (key_len != 16 && key_len != 32))
		return SG_ERR_UNKNOWN;
	if (len == 0 || len % BLOCK != 0)
		return SG_ERR_INVALID_MESSAGE;
	data = buf_alloc(len);
	memcpy(data, from, len);
	memcpy(chain, iv, BLOCK);
	class->init(&k.vtable, key, key_len);
	class->run(&k.vtable, chain, data, len);
	buf_wipe(&k, sizeof k);
	/* The MAC was right, so that the padding says nothing to a stranger. */
	*out = !is_padded(data, len)
		   ? NULL
		   : signal_buffer_create(data, len - data[len - 1]);
	buf_wipe(data, len);
	free(data);
	return *out == NULL ? SG_ERR_INVALID_MESSAGE : 0;
}

void
crypto_provider(struct omemo *o, signal_crypto_provider *p)
{
	/* SHA-512 is never asked for by version 3 of the protocol. */
	memset(p, 0, sizeof *p);
	p->random_func = random_bytes;
	p->hmac_sha256_init_func = hmac_begin;
	p->hmac_sha256_update_func = hmac_update;
	p->hmac_sha256_final_func = hmac_finish;
	p->hmac_sha256_cleanup_func = hmac_end;
	p->encrypt_func = aes_encrypt;
	p->decrypt_func = aes_decrypt;
	p->user_data = o;
}

int
crypto_gcm(int encrypt, const unsigned char *key, struct omemo_bytes iv,
    unsigned char *data, size_t n, unsigned char *tag)
{
	const br_block_ctr_class *class = br_aes_x86ni_ctr_get_vtable();
	br_ghash ghash = br_ghash_pclmul_get();
	br_aes_gen_ctr_keys k;
	br_gcm_context g;
	int good = 1;

	if (class == NULL)
		class = &br_aes_ct64_ctr_vtable;
	if (ghash == 0)
		ghash = br_ghash_ctmul64;
	class->init(&k.vtable, key, PAYLOAD);
	br_gcm_init(&g, &k.vtable, ghash);
	br_gcm_reset(&g, iv.data, iv.len);
	br_gcm_flip(&g);
	br_gcm_run(&g, encrypt, data, n);
	if (encrypt)
		br_gcm_get_tag(&g, tag);
	else
		good = br_gcm_check_tag(&g, tag) != 0;
	buf_wipe(&k, sizeof k);
	buf_wipe(&g, sizeof g);
	return good ? 0 : -1;
}

int
crypto_is_weak(const unsigned char *key)
{
	/* The points of small order (RFC 7748 6.1), the low byte first. */
	static const unsigned char points[][OMEMO_KEY] = {
	    {0},
	    {1},
	    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
		0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c,
		0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8,
		0x00},
	    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
		0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58,
		0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11,
		0x57},
	};
	unsigned char masked[OMEMO_KEY];
	size_t i;

	/* The top bit is ignored by the curve. */
	memcpy(masked, key, sizeof masked);
	masked[OMEMO_KEY - 1] &= 0x7f;
	for (i = 0; i < sizeof points / sizeof *points; i++)
		if (memcmp(masked, points[i], sizeof masked) == 0)
			return 1;
	/* p - 1, p and p + 1, where p = 2^255 - 19; and all above are others'
	 * second names. */
	for (i = 1; i < OMEMO_KEY - 1; i++)
		if (masked[i] != 0xff)
			return 0;
	return masked[OMEMO_KEY - 1] == 0x7f && masked[0] >= 0xec;
}
