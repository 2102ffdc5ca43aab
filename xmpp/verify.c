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
verify_of(const br_x509_class **engine)
{
	return (struct verify *)(void *)engine;
}

/*
 * Notes why the chain is refused: CAUSE and WHY, or where they are NULL those
 * of BearSSL's CODE. Returns CODE, which BearSSL hands on to struct tls.
 */
static unsigned
refuse_chain(
    struct verify *v, unsigned code, const char *cause, const char *why)
{
	const struct fault *fault = fault_find((int)code);

	v->cause = cause != NULL ? cause : fault->cause;
	v->why = why != NULL ? why : fault->why;
	return code;
}

/* BearSSL gives the SNI as SERVER_NAME; the name to check is v->name. */
static void
start_chain(const br_x509_class **engine, const char *server_name)
{
	struct verify *v = verify_of(engine);

	(void)server_name;
	v->certificates = 0;
	v->seen = 0;
	v->cause = v->why = NULL;
	buf_reset(&v->leaf);
	path_reset(&v->path);
}

static void
start_cert(const br_x509_class **engine, uint32_t length)
{
	struct verify *v = verify_of(engine);

	(void)length;
	v->certificates++;
	buf_reset(&v->cert);
}

static void
append_cert(const br_x509_class **engine, const unsigned char *p, size_t n)
{
	struct verify *v = verify_of(engine);

	if (buf_add(&v->cert, p, n) == -1)
		refuse_chain(v, BR_ERR_X509_LIMIT_EXCEEDED, NULL,
		    "the certificate is too long");
}

static void
end_cert(const br_x509_class **engine)
{
	struct verify *v = verify_of(engine);
	br_sha256_context sha;

	if (v->cause != NULL)
		return;
	if (!v->is_pinned)
		path_add(&v->path, buf_data(&v->cert), buf_len(&v->cert));
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

/* Refuses the chain and says which of the leaf's dates is to blame. */
static unsigned
refuse_expired(struct verify *v, unsigned code)
{
	const br_x509_decoder_context *d = &v->decoder;

	if (v->now < verify_time(d->notbefore_days, d->notbefore_seconds))
		return refuse_chain(v, code, NULL,
		    "the certificate is not yet valid (is the clock right?)");
	if (v->now > verify_time(d->notafter_days, d->notafter_seconds))
		return refuse_chain(
		    v, code, NULL, "the certificate has expired");
	return refuse_chain(v, code, NULL, NULL);
}

/* Refuses the chain and says which algorithm of the leaf is to blame. */
static unsigned
refuse_algorithm(struct verify *v, unsigned code)
{
	if (br_x509_decoder_last_error(&v->decoder) != 0)
		return refuse_chain(v, code, NULL,
		    "the type of the certificate's key is not supported");
	if (br_x509_decoder_get_signer_hash_id(&v->decoder) == br_sha1_ID)
		return refuse_chain(v, code, NULL,
		    "the certificate is signed with SHA-1, which is weak");
	if (br_x509_decoder_get_signer_hash_id(&v->decoder) == 0)
		return refuse_chain(v, code, NULL,
		    "the certificate's signature algorithm is not supported");
	return refuse_chain(v, code, NULL, NULL);
}

/*
 * Gives BearSSL's validator the certificate of N bytes at P. The anchors that
 * may have issued it must be there before, as BearSSL compares them while it
 * reads; br_x509_minimal_context has no function to change them.
 */
static void
give_cert(struct verify *v, const unsigned char *p, size_t n)
{
	verify_find(v->anchors, p, n, &v->found);
	v->chain.trust_anchors = v->found.list;
	v->chain.trust_anchors_num = v->found.count;
	v->chain.vtable->start_cert(&v->chain.vtable, (uint32_t)n);
	v->chain.vtable->append(&v->chain.vtable, p, n);
	v->chain.vtable->end_cert(&v->chain.vtable);
}

/* Validates the current path; returns BearSSL's error, or 0. */
static unsigned
check_path(struct verify *v)
{
	const struct path *path = &v->path;
	const struct path_cert *cert;
	size_t i;

	v->chain.vtable->start_chain(&v->chain.vtable, v->name);
	for (i = 0; i < path->depth; i++) {
		cert = &path->certs[path->steps[i]];
		give_cert(v, buf_data(&path->der) + cert->at, cert->len);
	}
	return v->chain.vtable->end_chain(&v->chain.vtable);
}

/*
 * Ranks the errors of several paths by how much they explain. That no issuer is
 * trusted, or that a signature is by another key of that name, says little: the
 * server may have meant another path.
 */
static int
rank_error(unsigned code)
{
	switch (code) {
	case BR_ERR_X509_NOT_TRUSTED:
		return 0;
	case BR_ERR_X509_BAD_SIGNATURE:
	case BR_ERR_X509_WRONG_KEY_TYPE:
		return 1;
	default:
		return 2;
	}
}

/*
 * Validates one path after another. Returns 0 as soon as one is good, else the
 * error that explains most.
 */
static unsigned
check_paths(struct verify *v)
{
	unsigned code, most = BR_ERR_X509_NOT_TRUSTED;

	while (path_next(&v->path)) {
		code = check_path(v);
		if (code == 0)
			return 0;
		if (rank_error(code) > rank_error(most))
			most = code;
	}
	return most;
}

static unsigned
check_chain(struct verify *v)
{
	unsigned code = check_paths(v);

	/* Without a SAN, BearSSL accepts the common name; RFC 9525 2 does not.
	 */
	if ((code == 0 || code == BR_ERR_X509_BAD_SERVER_NAME) &&
	    v->san.status == 0)
		return refuse_chain(v, BR_ERR_X509_BAD_SERVER_NAME, NULL,
		    "the certificate names no DNS name (SAN); a common name "
		    "is not enough");
	if (code == 0)
		return 0;
	if (code == BR_ERR_X509_EXPIRED && v->seen)
		return refuse_expired(v, code);
	if (code == BR_ERR_X509_UNSUPPORTED && v->seen)
		return refuse_algorithm(v, code);
	if (code == BR_ERR_X509_NOT_TRUSTED && v->path.more)
		return refuse_chain(v, code, NULL,
		    "the server sent so many certificates that not all were "
		    "looked at; those lead to no trust anchor");
	return refuse_chain(v, code, NULL, NULL);
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
		return refuse_chain(v, BR_ERR_X509_NOT_TRUSTED, "tls-pin",
		    "the certificate is not the one with the configured "
		    "fingerprint");
	key = br_x509_decoder_get_pkey(&v->decoder);
	if (key == NULL)
		return refuse_algorithm(v, BR_ERR_X509_UNSUPPORTED);
	if (key->key_type == BR_KEYTYPE_RSA &&
	    key->key.rsa.nlen < VERIFY_RSA_MIN)
		return refuse_chain(v, BR_ERR_X509_WEAK_PUBLIC_KEY, NULL, NULL);
	return 0;
}

static unsigned
end_chain(const br_x509_class **engine)
{
	struct verify *v = verify_of(engine);

	if (v->cause != NULL)
		return BR_ERR_X509_LIMIT_EXCEEDED;
	if (v->certificates == 0 || !v->seen)
		return refuse_chain(v, BR_ERR_X509_EMPTY_CHAIN, NULL, NULL);
	return v->is_pinned ? check_pin(v) : check_chain(v);
}

/*
 * Returns the key that must have signed the handshake. BearSSL does not ask for
 * it after a refusal; should it ever, it gets none.
 */
static const br_x509_pkey *
get_pkey(const br_x509_class *const *engine, unsigned *usages)
{
	struct verify *v = (struct verify *)(uintptr_t)engine;

	if (v->cause != NULL)
		return NULL;
	if (!v->is_pinned)
		return v->chain.vtable->get_pkey(&v->chain.vtable, usages);
	if (usages != NULL)
		*usages = BR_KEYTYPE_SIGN;
	return br_x509_decoder_get_pkey(&v->decoder);
}

static const br_x509_class engine_class = {sizeof(struct verify), start_chain,
    start_cert, append_cert, end_cert, end_chain, get_pkey};

static void
init_chain(struct verify *v)
{
	static const unsigned char dns_name[] = {0, 2};
	int64_t now = v->now > 0 ? v->now : 0; /* 0 for a clock before 1970 */

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
	v->is_pinned = options->pin != NULL;
	if (v->is_pinned)
		memcpy(v->pin, options->pin, sizeof v->pin);
	v->anchors = options->anchors;
	buf_init(&v->leaf, VERIFY_CERT_MAX);
	buf_init(&v->cert, VERIFY_CERT_MAX);
	path_init(&v->path);
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
	path_clear(&v->path);
	verify_found_clear(&v->found);
}
