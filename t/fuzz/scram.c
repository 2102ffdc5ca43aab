/*
 * A login by SCRAM at a server that knows the password: its proof is right
 * unless the script changes it. Whatever it says beside that, the client proves
 * that it knows the password, too, and takes no other proof than the right one.
 *
 * The first byte chooses the mechanism, the second what is changed in the last
 * message (0: nothing) and the third how. Then come three lines: what the
 * server adds to the nonce, the salt, and further attributes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "xmpp/base64.h"
#include "xmpp/sasl.h"
#include "xmpp/scram.h"

#define NONCE "rOprNGfwEbeRWgbNEkqOAAAA"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stands for Hi(), which takes as long as all else 10,000 times. */
static int
quick_hi(const char *hash, const char *password, const void *salt, size_t n,
    uint32_t rounds, unsigned char *out)
{
	const unsigned char *byte = salt;
	uint32_t sum = rounds;
	size_t i;

	for (; *hash != '\0'; hash++)
		sum = sum * 33 + (unsigned char)*hash;
	for (; *password != '\0'; password++)
		sum = sum * 33 + (unsigned char)*password;
	while (n-- > 0)
		sum = sum * 33 + *byte++;
	for (i = 0; i < SCRAM_HASH; i++)
		out[i] = (unsigned char)((sum = sum * 33 + 1) >> 24);
	return 0;
}

static const struct {
	unsigned offered;
	const char *hash, *header; /* of the first message */
	const br_hash_class *class;
} ways[] = {
    {SASL_SCRAM_SHA_1, "SHA1", "n,,", &br_sha1_vtable},
    {SASL_SCRAM_SHA_256, "SHA256", "n,,", &br_sha256_vtable},
    {SASL_SCRAM_SHA_512, "SHA512", "n,,", &br_sha512_vtable},
    {SASL_SCRAM_SHA_1_PLUS, "SHA1", "p=tls-unique,,", &br_sha1_vtable},
    {SASL_SCRAM_SHA_256_PLUS, "SHA256", "p=tls-unique,,", &br_sha256_vtable},
    {SASL_SCRAM_SHA_512_PLUS, "SHA512", "p=tls-unique,,", &br_sha512_vtable},
};

/* The first line of the *N bytes at *P, which is taken off them, into OUT. */
static void
take_line(const char **p, size_t *n, struct buf *out)
{
	const char *lf = *n == 0 ? NULL : memchr(*p, '\n', *n);
	size_t len = lf == NULL ? *n : (size_t)(lf - *p);

	buf_add(out, *p, len);
	len += lf != NULL;
	*p += len;
	*n -= len;
}

/* Checks what the client answered, OUT, to FIRST; makes SIGNATURE. */
static void
check_proof(size_t way, const struct buf *bare, struct buf *first,
    const struct buf *salt, struct buf *out, unsigned char *signature)
{
	unsigned char salted[SCRAM_HASH], proof[SCRAM_HASH];
	const char *said = buf_str(out), *at = strstr(said, ",p=");
	struct buf auth, want;

	buf_init(&auth, 20000);
	buf_init(&want, 1000);
	if (at == NULL)
		abort();
	buf_add(&auth, buf_data(bare), buf_len(bare));
	buf_addc(&auth, ',');
	buf_add(&auth, buf_data(first), buf_len(first));
	buf_addc(&auth, ',');
	buf_add(&auth, said, (size_t)(at - said));
	/* The script may have put digits behind our number. */
	quick_hi(ways[way].hash, "pencil", buf_data(salt), buf_len(salt),
	    (uint32_t)strtoul(strstr(buf_str(first), ",i=") + 3, NULL, 10),
	    salted);
	scram_proof(ways[way].class, salted, &auth, proof, signature);
	base64_encode(&want, proof, scram_hash_size(ways[way].class));
	if (strcmp(at + 3, buf_str(&want)) != 0)
		abort();
	buf_clear(&auth);
	buf_clear(&want);
}

/* Sends the last message, which is wrong where CHANGE and HOW say so. */
static void
prove(struct sasl *s, size_t way, unsigned char *signature, unsigned change,
    unsigned how)
{
	size_t n = scram_hash_size(ways[way].class);
	int right = change == 0 || (how & 0xff) == 0, status;
	struct buf last;

	signature[change % n] ^= change == 0 ? 0 : (unsigned char)how;
	buf_init(&last, 1000);
	buf_adds(&last, "v=");
	base64_encode(&last, signature, n);
	status = sasl_success(s, buf_data(&last), buf_len(&last));
	if ((status == 0) != right)
		abort();
	buf_clear(&last);
}

static void
log_in(struct sasl *s, const uint8_t *data, size_t size, struct buf *bare,
    struct buf *first)
{
	static const unsigned char binding[SASL_BINDING] = "0123456789a";
	size_t way = data[0] % (sizeof ways / sizeof *ways), n = size - 3;
	const char *p = (const char *)data + 3;
	unsigned char signature[SCRAM_HASH];
	struct buf out, salt;
	unsigned seen = 0;

	buf_init(&out, 20000);
	buf_init(&salt, SCRAM_SALT + 1);
	sasl_start(
	    s, ways[way].offered, way < 3 ? NULL : binding, 1, &seen, &out);
	buf_adds(bare, buf_str(&out) + strlen(ways[way].header));
	buf_reset(&out);
	buf_adds(first, "r=" NONCE);
	take_line(&p, &n, first);
	buf_adds(first, ",s=");
	take_line(&p, &n, &salt);
	base64_encode(first, buf_data(&salt), buf_len(&salt));
	buf_adds(first, ",i=4096");
	take_line(&p, &n, first);
	if (sasl_challenge(s, buf_data(first), buf_len(first), &out) == 0) {
		check_proof(way, bare, first, &salt, &out, signature);
		prove(s, way, signature, data[1], data[2]);
	} else if (buf_len(&out) > 0 || sasl_cause(s) == NULL) {
		abort();
	}
	buf_clear(&out);
	buf_clear(&salt);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf bare, first;
	struct sasl *s;

	if (size < 3 || size > 5000)
		return 0;
	s = sasl_new("us,er", "pencil", NONCE);
	sasl_hash_by(s, quick_hi, NULL);
	buf_init(&bare, 1000);
	buf_init(&first, 20000);
	log_in(s, data, size, &bare, &first);
	buf_clear(&bare);
	buf_clear(&first);
	sasl_free(s);
	return 0;
}
