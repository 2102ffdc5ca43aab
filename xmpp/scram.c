#include "xmpp/scram.h"

#include <string.h>

#include "xmpp/base64.h"

/* One attribute of a message: LETTER=VALUE. */
struct field {
	char letter;
	const char *value;
	size_t len;
};

static int
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/*
 * Reads the next attribute of the message from *P to END. Returns 1, 0 at the
 * end of the message, or -1 if it is malformed.
 */
static int
next_field(const char **p, const char *end, struct field *f)
{
	const char *comma;

	if (*p == NULL)
		return 0;
	comma = memchr(*p, ',', (size_t)(end - *p));
	f->letter = '\0';
	f->value = *p + 2;
	f->len = (size_t)((comma != NULL ? comma : end) - *p);
	if (f->len < 2 || !is_letter((*p)[0]) || (*p)[1] != '=')
		return -1;
	f->len -= 2;
	if (memchr(f->value, '\0', f->len) != NULL)
		return -1;
	f->letter = (*p)[0];
	*p = comma != NULL ? comma + 1 : NULL;
	return 1;
}

/*
 * Reads the rest of a message, after the attributes CAME, and ignores optional
 * extensions. Returns NULL or the reason of an error.
 */
static const char *
skip_extensions(const char **p, const char *end, const char *came)
{
	unsigned char seen[128] = {0};
	struct field f;
	int more;

	for (; *came != '\0'; came++)
		seen[(unsigned char)*came] = 1;
	while ((more = next_field(p, end, &f)) == 1) {
		if (f.letter == 'm')
			return "the server demands an extension that is not "
			       "supported";
		if (seen[(unsigned char)f.letter]++)
			return "the server's message has an attribute twice";
	}
	return more == 0 ? NULL : "the server's message is malformed";
}

static int
read_nonce(struct scram_first *first, const struct field *f)
{
	size_t i;

	for (i = 0; i < f->len; i++)
		if (f->value[i] < 0x21 || f->value[i] > 0x7e)
			return -1;
	first->nonce = f->value;
	first->nonce_len = f->len;
	return f->len > 0 ? 0 : -1;
}

/* Decodes 1 to MAX bytes of base64 into BYTES; *LEN must be 0. */
static int
read_base64(
    unsigned char *bytes, size_t *len, size_t max, const struct field *f)
{
	struct buf b;

	buf_init(&b, max);
	if (base64_decode(&b, f->value, f->len) == 0) {
		*len = buf_len(&b);
		memcpy(bytes, buf_data(&b), *len);
	}
	buf_clear(&b);
	return *len > 0 ? 0 : -1;
}

/* Reads a posit-number (RFC 5802 7): no sign, no leading zero. */
static int
read_rounds(struct scram_first *first, const struct field *f)
{
	uint64_t rounds = 0;
	size_t i;

	for (i = 0; i < f->len; i++) {
		if (f->value[i] < '0' || f->value[i] > '9')
			return -1;
		rounds = rounds * 10 + (uint64_t)(f->value[i] - '0');
		if (rounds == 0)
			return -1;
		if (rounds > UINT32_MAX)
			rounds = UINT32_MAX;
	}
	first->rounds = (uint32_t)rounds;
	return f->len > 0 ? 0 : -1;
}

const char *
scram_read_first(struct scram_first *first, const char *p, size_t n)
{
	const char *end = p + n;
	struct field f = {0};

	memset(first, 0, sizeof *first);
	if (next_field(&p, end, &f) == 1 && f.letter == 'm')
		return "the server demands an extension that is not supported";
	if (f.letter != 'r' || read_nonce(first, &f) == -1)
		return "the challenge has no valid nonce";
	if (next_field(&p, end, &f) != 1 || f.letter != 's' ||
	    read_base64(first->salt, &first->salt_len, SCRAM_SALT, &f) == -1)
		return "the challenge has no valid salt";
	if (next_field(&p, end, &f) != 1 || f.letter != 'i' ||
	    read_rounds(first, &f) == -1)
		return "the challenge has no valid iteration count";
	return skip_extensions(&p, end, "rsi");
}

const char *
scram_read_final(struct scram_final *final, const char *p, size_t n)
{
	const char *end = p + n;
	struct field f = {0};

	memset(final, 0, sizeof *final);
	if (next_field(&p, end, &f) != 1)
		return "the server's last message is malformed";
	if (f.letter == 'e') {
		final->error = f.value;
		final->error_len = f.len;
	} else if (f.letter != 'v' ||
		   read_base64(final->signature, &final->signature_len,
		       SCRAM_HASH, &f) == -1) {
		return "the server's last message has no valid signature";
	}
	return skip_extensions(&p, end, "ev");
}

int
scram_write_first(struct buf *out, const char *name, const char *nonce)
{
	if (buf_adds(out, "n=") == -1)
		return -1;
	for (; *name != '\0'; name++) {
		int r;

		if (*name == ',')
			r = buf_adds(out, "=2C");
		else if (*name == '=')
			r = buf_adds(out, "=3D");
		else
			r = buf_addc(out, *name);
		if (r == -1)
			return -1;
	}
	return buf_addf(out, ",r=%s", nonce);
}

size_t
scram_hash_size(const br_hash_class *hash)
{
	return hash->desc >> BR_HASHDESC_OUT_OFF & BR_HASHDESC_OUT_MASK;
}

void
scram_hi(const br_hmac_key_context *key, const void *salt, size_t n,
    uint32_t rounds, unsigned char *out)
{
	static const unsigned char block[4] = {0, 0, 0, 1};
	unsigned char u[SCRAM_HASH];
	br_hmac_context mac;
	size_t size, i;

	/* KEY has both padded blocks hashed: two blocks per round, not four. */
	br_hmac_init(&mac, key, 0);
	br_hmac_update(&mac, salt, n);
	br_hmac_update(&mac, block, sizeof block);
	size = br_hmac_out(&mac, u);
	memcpy(out, u, size);
	while (--rounds > 0) {
		br_hmac_init(&mac, key, 0);
		br_hmac_update(&mac, u, size);
		br_hmac_out(&mac, u);
		for (i = 0; i < size; i++)
			out[i] ^= u[i];
	}
	buf_wipe(u, sizeof u);
	buf_wipe(&mac, sizeof mac);
}

/* Computes the HMAC of N bytes at P with KEY, which is as long as the hash. */
static void
hmac(const br_hash_class *hash, const unsigned char *key, const void *p,
    size_t n, unsigned char *out)
{
	br_hmac_key_context keyed;
	br_hmac_context mac;

	br_hmac_key_init(&keyed, hash, key, scram_hash_size(hash));
	br_hmac_init(&mac, &keyed, 0);
	br_hmac_update(&mac, p, n);
	br_hmac_out(&mac, out);
	buf_wipe(&keyed, sizeof keyed);
	buf_wipe(&mac, sizeof mac);
}

void
scram_proof(const br_hash_class *hash, const unsigned char *salted,
    const struct buf *auth, unsigned char proof[SCRAM_HASH],
    unsigned char signature[SCRAM_HASH])
{
	unsigned char client[SCRAM_HASH], key[SCRAM_HASH];
	br_hash_compat_context digest;
	size_t i, size = scram_hash_size(hash);

	hmac(hash, salted, "Client Key", strlen("Client Key"), client);
	hash->init(&digest.vtable);
	hash->update(&digest.vtable, client, size);
	hash->out(&digest.vtable, key);
	hmac(hash, key, buf_data(auth), buf_len(auth), proof);
	for (i = 0; i < size; i++)
		proof[i] ^= client[i];
	hmac(hash, salted, "Server Key", strlen("Server Key"), key);
	hmac(hash, key, buf_data(auth), buf_len(auth), signature);
	buf_wipe(client, sizeof client);
	buf_wipe(key, sizeof key);
	buf_wipe(&digest, sizeof digest);
}

int
scram_equal(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char differs = 0;

	while (n-- > 0)
		differs |= *x++ ^ *y++;
	return differs == 0;
}
