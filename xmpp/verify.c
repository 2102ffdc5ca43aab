#include "xmpp/verify.h"

#include <stdlib.h>
#include <string.h>

#include "xmpp/fault.h"

#define DAY   86400
#define EPOCH 719528 /* days from 1 January of the year 0 to 1970 */

int64_t
verify_time(uint32_t days, uint32_t seconds)
{
	return ((int64_t)days - EPOCH) * DAY + seconds;
}

static struct verify *
self(const br_x509_class **engine)
{
	return (struct verify *)(void *)engine;
}

static unsigned
refuse(struct verify *v, unsigned code, const char *cause, const char *why)
{
	const struct fault *fault = fault_find((int)code);

	v->cause = cause != NULL ? cause : fault->cause;
	v->why = why != NULL ? why : fault->why;
	return code;
}

/* BearSSL's SERVER_NAME is the SNI; what is checked is our own name. */
static void
start_chain(const br_x509_class **engine, const char *server_name)
{
	struct verify *v = self(engine);

	(void)server_name;
	v->certificates = 0;
	v->seen = 0;
	v->cause = v->why = NULL;
	buf_reset(&v->leaf);
	if (v->mode == VERIFY_CHAIN)
		v->chain.vtable->start_chain(&v->chain.vtable, v->name);
}

static void
start_cert(const br_x509_class **engine, uint32_t length)
{
	struct verify *v = self(engine);

	(void)length;
	v->certificates++;
	buf_reset(&v->cert);
}

static void
append(const br_x509_class **engine, const unsigned char *p, size_t n)
{
	struct verify *v = self(engine);

	if (buf_add(&v->cert, p, n) == -1)
		refuse(v, BR_ERR_X509_LIMIT_EXCEEDED, NULL,
		    "the certificate is too long");
}

/*
 * Gives BearSSL the certificate that is whole, after the anchors that it might
 * be by: it looks for them while it reads. There is no function to set them.
 */
static void
give_cert(struct verify *v)
{
	const unsigned char *p = buf_data(&v->cert);
	size_t n = buf_len(&v->cert);

	verify_find(v->anchors, p, n, &v->found);
	v->chain.trust_anchors = v->found.list;
	v->chain.trust_anchors_num = v->found.count;
	v->chain.vtable->start_cert(&v->chain.vtable, (uint32_t)n);
	v->chain.vtable->append(&v->chain.vtable, p, n);
	v->chain.vtable->end_cert(&v->chain.vtable);
}

static void
end_cert(const br_x509_class **engine)
{
	struct verify *v = self(engine);
	br_sha256_context sha;

	if (v->cause != NULL)
		return;
	if (v->mode == VERIFY_CHAIN)
		give_cert(v);
	if (v->certificates != 1)
		return;
	buf_reset(&v->leaf);
	buf_add(&v->leaf, buf_data(&v->cert), buf_len(&v->cert));
	br_sha256_init(&sha);
	br_sha256_update(&sha, buf_data(&v->leaf), buf_len(&v->leaf));
	br_sha256_out(&sha, v->hash);
	br_x509_decoder_init(&v->decoder, NULL, NULL);
	br_x509_decoder_push(
	    &v->decoder, buf_data(&v->leaf), buf_len(&v->leaf));
	v->seen = 1;
}

static unsigned
refuse_expired(struct verify *v, unsigned code)
{
	const br_x509_decoder_context *d = &v->decoder;

	if (v->now < verify_time(d->notbefore_days, d->notbefore_seconds))
		return refuse(v, code, NULL,
		    "the certificate is not yet valid (is the clock right?)");
	if (v->now > verify_time(d->notafter_days, d->notafter_seconds))
		return refuse(v, code, NULL, "the certificate has expired");
	return refuse(v, code, NULL, NULL);
}

static unsigned
refuse_algorithm(struct verify *v, unsigned code)
{
	if (br_x509_decoder_last_error(&v->decoder) != 0)
		return refuse(v, code, NULL,
		    "the type of the certificate's key is not supported");
	if (br_x509_decoder_get_signer_hash_id(&v->decoder) == br_sha1_ID)
		return refuse(v, code, NULL,
		    "the certificate is signed with SHA-1, which is weak");
	if (br_x509_decoder_get_signer_hash_id(&v->decoder) == 0)
		return refuse(v, code, NULL,
		    "the certificate's signature algorithm is not supported");
	return refuse(v, code, NULL, NULL);
}

static unsigned
check_chain(struct verify *v)
{
	unsigned code = v->chain.vtable->end_chain(&v->chain.vtable);

	/* Without a SAN, BearSSL compares the common name: not with us. */
	if ((code == 0 || code == BR_ERR_X509_BAD_SERVER_NAME) &&
	    v->san.status == 0)
		return refuse(v, BR_ERR_X509_BAD_SERVER_NAME, NULL,
		    "the certificate names no DNS name (SAN); a common name "
		    "is not enough");
	if (code == 0)
		return 0;
	if (code == BR_ERR_X509_EXPIRED && v->seen)
		return refuse_expired(v, code);
	if (code == BR_ERR_X509_UNSUPPORTED && v->seen)
		return refuse_algorithm(v, code);
	return refuse(v, code, NULL, NULL);
}

static unsigned
check_pin(struct verify *v)
{
	const br_x509_pkey *key;
	unsigned char differ = 0;
	size_t i;

	for (i = 0; i < TLS_PIN; i++)
		differ |= (unsigned char)(v->hash[i] ^ v->pin[i]);
	if (differ != 0)
		return refuse(v, BR_ERR_X509_NOT_TRUSTED, "tls-pin",
		    "the certificate is not the one with the configured "
		    "fingerprint");
	key = br_x509_decoder_get_pkey(&v->decoder);
	if (key == NULL)
		return refuse_algorithm(v, BR_ERR_X509_UNSUPPORTED);
	if (key->key_type == BR_KEYTYPE_RSA &&
	    key->key.rsa.nlen < VERIFY_RSA_MIN)
		return refuse(v, BR_ERR_X509_WEAK_PUBLIC_KEY, NULL, NULL);
	return 0;
}

static unsigned
end_chain(const br_x509_class **engine)
{
	struct verify *v = self(engine);

	if (v->cause != NULL)
		return BR_ERR_X509_LIMIT_EXCEEDED;
	if (v->certificates == 0 || !v->seen)
		return refuse(v, BR_ERR_X509_EMPTY_CHAIN, NULL, NULL);
	if (v->mode == VERIFY_PIN)
		return check_pin(v);
	if (v->mode == VERIFY_CHAIN)
		return check_chain(v);
	return refuse(v, BR_ERR_X509_NOT_TRUSTED, NULL,
	    "the certificate was only looked at");
}

/*
 * The key that must have signed the handshake. The cause is looked at again
 * so that no key ever leaves after a refusal.
 */
static const br_x509_pkey *
get_pkey(const br_x509_class *const *engine, unsigned *usages)
{
	struct verify *v = (struct verify *)(uintptr_t)engine;

	if (v->cause != NULL || v->mode == VERIFY_LOOK)
		return NULL;
	if (v->mode == VERIFY_CHAIN)
		return v->chain.vtable->get_pkey(&v->chain.vtable, usages);
	if (usages != NULL)
		*usages = BR_KEYTYPE_SIGN;
	return br_x509_decoder_get_pkey(&v->decoder);
}

static const br_x509_class engine_class = {sizeof(struct verify), start_chain,
    start_cert, append, end_cert, end_chain, get_pkey};

static void
init_chain(struct verify *v)
{
	static const unsigned char dns_name[] = {0, 2};
	int64_t now = v->now > 0 ? v->now : 0; /* and never BearSSL's clock */

	br_x509_minimal_set_time(
	    &v->chain, (uint32_t)(now / DAY + EPOCH), (uint32_t)(now % DAY));
	br_x509_minimal_set_minrsa(&v->chain, VERIFY_RSA_MIN);
	br_x509_minimal_set_hash(&v->chain, br_sha1_ID, NULL);
	br_x509_minimal_set_hash(&v->chain, br_md5_ID, NULL);
	v->san.oid = dns_name;
	v->san.buf = &v->san_byte;
	v->san.len = sizeof v->san_byte;
	br_x509_minimal_set_name_elements(&v->chain, &v->san, 1);
}

void
verify_init(struct verify *v, br_ssl_client_context *client,
    const struct tls_options *options)
{
	v->vtable = &engine_class;
	v->name = buf_strdup(options->name);
	v->now = options->now;
	v->mode = VERIFY_PIN;
	if (options->fetch)
		v->mode = VERIFY_LOOK;
	else if (options->anchors != NULL)
		v->mode = VERIFY_CHAIN;
	if (v->mode == VERIFY_PIN)
		memcpy(v->pin, options->pin, sizeof v->pin);
	v->anchors = options->anchors;
	buf_init(&v->leaf, VERIFY_CERT_MAX);
	buf_init(&v->cert, VERIFY_CERT_MAX);
	br_ssl_client_init_full(client, &v->chain, NULL, 0);
	init_chain(v);
	br_ssl_engine_set_x509(&client->eng, &v->vtable);
}

void
verify_clear(struct verify *v)
{
	free(v->name);
	v->name = NULL;
	buf_clear(&v->leaf);
	buf_clear(&v->cert);
	verify_found_clear(&v->found);
}
