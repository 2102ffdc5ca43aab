#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "xmpp/tls.h"
#include "xmpp/verify.h"

static void
append(void *to, const void *p, size_t n)
{
	/* Cut where it is too long: then it does not decode. */
	(void)buf_add(to, p, n);
}

static void
copy_key(br_x509_pkey *to, const br_x509_pkey *from)
{
	*to = *from;
	if (from->key_type == BR_KEYTYPE_RSA) {
		to->key.rsa.n = (unsigned char *)buf_memdup(
		    from->key.rsa.n, from->key.rsa.nlen);
		to->key.rsa.e = (unsigned char *)buf_memdup(
		    from->key.rsa.e, from->key.rsa.elen);
	} else {
		to->key.ec.q = (unsigned char *)buf_memdup(
		    from->key.ec.q, from->key.ec.qlen);
	}
}

/*
 * A certificate that is no authority is trusted for itself only (a server
 * that signs its own); one that BearSSL cannot read is left out.
 */
static void
add(struct tls_anchors *a, const struct buf *der)
{
	br_x509_decoder_context decoder;
	br_x509_trust_anchor *anchor;
	const br_x509_pkey *key;
	struct buf dn;

	buf_init(&dn, VERIFY_LEAF_MAX);
	br_x509_decoder_init(&decoder, append, &dn);
	br_x509_decoder_push(&decoder, buf_data(der), buf_len(der));
	key = br_x509_decoder_get_pkey(&decoder);
	if (key != NULL) {
		a->list = buf_realloc(a->list, a->count + 1, sizeof *a->list);
		anchor = &a->list[a->count++];
		anchor->dn.len = buf_len(&dn);
		anchor->dn.data =
		    (unsigned char *)buf_memdup(buf_data(&dn), buf_len(&dn));
		anchor->flags =
		    br_x509_decoder_isCA(&decoder) ? BR_X509_TA_CA : 0;
		copy_key(&anchor->pkey, key);
	}
	buf_clear(&dn);
}

/* One reading of PEM. */
struct reader {
	struct tls_anchors *anchors;
	br_pem_decoder_context pem;
	struct buf der; /* of the block that is read */
	int inside;	/* which is a certificate */
};

/* Takes one event of the decoder; -1 where the text is damaged. */
static int
take_event(struct reader *r)
{
	const char *name;

	switch (br_pem_decoder_event(&r->pem)) {
	case BR_PEM_BEGIN_OBJ:
		name = br_pem_decoder_name(&r->pem);
		r->inside = strcmp(name, "CERTIFICATE") == 0 ||
			    strcmp(name, "X509 CERTIFICATE") == 0;
		buf_reset(&r->der);
		br_pem_decoder_setdest(
		    &r->pem, r->inside ? append : NULL, &r->der);
		return 0;
	case BR_PEM_END_OBJ:
		if (r->inside)
			add(r->anchors, &r->der);
		r->inside = 0;
		return 0;
	case BR_PEM_ERROR:
		return r->inside ? -1 : 0;
	default:
		return 0;
	}
}

/* BearSSL would take the CR of a CR LF for a part of the block's name. */
static int
feed(struct reader *r, const unsigned char *p, size_t n)
{
	const unsigned char *cr;
	size_t taken, piece;

	while (n > 0) {
		cr = memchr(p, '\r', n);
		piece = cr == NULL ? n : (size_t)(cr - p);
		taken = piece == 0 ? 1 : br_pem_decoder_push(&r->pem, p, piece);
		p += taken;
		n -= taken;
		if (take_event(r) == -1)
			return -1;
	}
	return 0;
}

/* -1 where a certificate is damaged, or begun and not ended. */
static int
read_pem(struct tls_anchors *a, const void *p, size_t n)
{
	static const unsigned char newline[] = {'\n'};
	struct reader r = {0};
	int rc = -1;

	r.anchors = a;
	buf_init(&r.der, VERIFY_LEAF_MAX);
	br_pem_decoder_init(&r.pem);
	/* The last line may lack its end. */
	if (feed(&r, p, n) == 0 && feed(&r, newline, 1) == 0 && !r.inside)
		rc = 0;
	buf_clear(&r.der);
	return rc;
}

struct tls_anchors *
tls_anchors_new(const void *p, size_t n, const char **why)
{
	struct tls_anchors *a = buf_alloc(sizeof *a);

	if (read_pem(a, p, n) == -1)
		*why = "a certificate in PEM is damaged or cut short";
	else if (a->count == 0)
		*why = "there is no usable certificate in PEM";
	else
		return a;
	tls_anchors_free(a);
	return NULL;
}

void
tls_anchors_free(struct tls_anchors *a)
{
	br_x509_trust_anchor *anchor;

	if (a == NULL)
		return;
	while (a->count > 0) {
		anchor = &a->list[--a->count];
		free(anchor->dn.data);
		if (anchor->pkey.key_type == BR_KEYTYPE_RSA) {
			free(anchor->pkey.key.rsa.n);
			free(anchor->pkey.key.rsa.e);
		} else {
			free(anchor->pkey.key.ec.q);
		}
	}
	free(a->list);
	free(a);
}
