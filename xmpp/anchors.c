/*
 * Trust anchors are indexed by name when their file is read, and decoded only
 * when a certificate chain names them. A system has more than a hundred, of
 * which a login needs one; decoding all of them would take 40 ms.
 */
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "xmpp/base64.h"
#include "xmpp/tls.h"
#include "xmpp/verify.h"

#define PEM_MAX ((size_t)1 << 20) /* bytes of one certificate */

/* One certificate: LEN bytes at offset AT of `der` of struct tls_anchors. */
struct anchor {
	size_t at, len;
	struct path_names names;
};

struct tls_anchors {
	struct buf der; /* the DER of all certificates, one after another */
	struct anchor *list;
	size_t count;
};

/* Called by BearSSL's decoder with the next N bytes of the subject's name. */
static void
append_dn(void *to, const void *p, size_t n)
{
	/* The name is part of a certificate that fits into the buffer. */
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
 * Decodes the certificate of N bytes at P and adds it to FOUND. A certificate
 * that is not an authority's is trusted for itself only, as that of a server
 * that signed its own. Returns -1 if BearSSL cannot read it.
 */
static int
decode_anchor(struct verify_found *found, const unsigned char *p, size_t n)
{
	br_x509_decoder_context decoder;
	br_x509_trust_anchor *anchor;
	const br_x509_pkey *key;
	struct buf dn;

	buf_init(&dn, VERIFY_CERT_MAX);
	br_x509_decoder_init(&decoder, append_dn, &dn);
	br_x509_decoder_push(&decoder, p, n);
	key = br_x509_decoder_get_pkey(&decoder);
	if (key != NULL) {
		found->list = buf_realloc(
		    found->list, found->count + 1, sizeof *found->list);
		anchor = &found->list[found->count++];
		anchor->dn.len = buf_len(&dn);
		anchor->dn.data =
		    (unsigned char *)buf_memdup(buf_data(&dn), buf_len(&dn));
		anchor->flags =
		    br_x509_decoder_isCA(&decoder) ? BR_X509_TA_CA : 0;
		copy_key(&anchor->pkey, key);
	}
	buf_clear(&dn);
	return key == NULL ? -1 : 0;
}

void
verify_found_clear(struct verify_found *found)
{
	br_x509_trust_anchor *anchor;

	while (found->count > 0) {
		anchor = &found->list[--found->count];
		free(anchor->dn.data);
		if (anchor->pkey.key_type == BR_KEYTYPE_RSA) {
			free(anchor->pkey.key.rsa.n);
			free(anchor->pkey.key.rsa.e);
		} else {
			free(anchor->pkey.key.ec.q);
		}
	}
	free(found->list);
	found->list = NULL;
}

/* Returns 1 if FOUND has an anchor whose name is the N bytes at P. */
static int
has_anchor(const struct verify_found *found, const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < found->count; i++)
		if (found->list[i].dn.len == n &&
		    memcmp(found->list[i].dn.data, p, n) == 0)
			return 1;
	return 0;
}

/* Adds all anchors of A whose name is the N bytes at P to FOUND. */
static void
add_named(const struct tls_anchors *a, const unsigned char *p, size_t n,
    struct verify_found *found)
{
	const struct anchor *anchor = a->list, *end = anchor + a->count;
	const unsigned char *der;

	if (has_anchor(found, p, n))
		return;
	for (; anchor < end; anchor++) {
		der = buf_data(&a->der) + anchor->at;
		if (anchor->names.subject_len == n &&
		    memcmp(der + anchor->names.subject, p, n) == 0)
			decode_anchor(found, der, anchor->len);
	}
}

void
verify_find(const struct tls_anchors *a, const unsigned char *p, size_t n,
    struct verify_found *found)
{
	struct path_names names;

	if (path_names(p, n, &names) == -1)
		return; /* BearSSL will refuse the certificate. */
	add_named(a, p + names.issuer, names.issuer_len, found);
	add_named(a, p + names.subject, names.subject_len, found);
}

/*
 * Indexes the certificate in the base64 TEXT. One that is too long or has no
 * names is left out. Returns -1 if TEXT is not base64.
 */
static int
index_certificate(struct tls_anchors *a, struct buf *text)
{
	struct anchor anchor = {.at = buf_len(&a->der)};

	if (base64_decode(&a->der, buf_str(text), buf_len(text)) == -1)
		return -1;
	anchor.len = buf_len(&a->der) - anchor.at;
	if (anchor.len > VERIFY_CERT_MAX ||
	    path_names(buf_data(&a->der) + anchor.at, anchor.len,
		&anchor.names) == -1) {
		buf_cut(&a->der, anchor.at);
		return 0;
	}
	a->list = buf_realloc(a->list, a->count + 1, sizeof *a->list);
	a->list[a->count++] = anchor;
	return 0;
}

/* Returns 1 if the line of N bytes at P is `-----WORD NAME-----`. */
static int
is_mark(const char *p, size_t n, const char *word, const char *name)
{
	size_t w = strlen(word), m = strlen(name);

	return n == w + m + 11 && memcmp(p, "-----", 5) == 0 &&
	       memcmp(p + 5, word, w) == 0 && p[5 + w] == ' ' &&
	       memcmp(p + 6 + w, name, m) == 0 &&
	       memcmp(p + n - 5, "-----", 5) == 0;
}

static int
is_certificate(const char *p, size_t n, const char *word)
{
	return is_mark(p, n, word, "CERTIFICATE") ||
	       is_mark(p, n, word, "X509 CERTIFICATE");
}

/*
 * Indexes the certificates in LEFT bytes of PEM at P (RFC 7468). Returns -1 if
 * one is damaged or has no end.
 */
static int
read_pem(struct tls_anchors *a, const char *p, size_t left)
{
	const char *lf;
	struct buf text;
	size_t n, line;
	int inside = 0, rc = 0;

	buf_init(&text, PEM_MAX);
	for (; left > 0 && rc == 0; p += line, left -= line) {
		lf = memchr(p, '\n', left);
		line = lf == NULL ? left : (size_t)(lf - p) + 1;
		for (n = line; n > 0 && p[n - 1] <= ' ' && p[n - 1] > 0; n--)
			;
		if (!inside) {
			inside = is_certificate(p, n, "BEGIN");
		} else if (!is_certificate(p, n, "END")) {
			rc = buf_add(&text, p, n);
		} else {
			rc = index_certificate(a, &text);
			buf_reset(&text);
			inside = 0;
		}
	}
	buf_clear(&text);
	return inside ? -1 : rc;
}

/* Returns 1 if BearSSL can read at least one of the certificates. */
static int
is_usable(const struct tls_anchors *a)
{
	struct verify_found found = {NULL, 0};
	size_t i;

	for (i = 0; i < a->count && found.count == 0; i++)
		decode_anchor(
		    &found, buf_data(&a->der) + a->list[i].at, a->list[i].len);
	i = found.count;
	verify_found_clear(&found);
	return i > 0;
}

struct tls_anchors *
tls_anchors_new(const void *p, size_t n, const char **why)
{
	struct tls_anchors *a = buf_alloc(sizeof *a);

	buf_init(&a->der, n);
	if (read_pem(a, p, n) == -1)
		*why = "a certificate in PEM is damaged or cut short";
	else if (!is_usable(a))
		*why = "there is no usable certificate in PEM";
	else
		return a;
	tls_anchors_free(a);
	return NULL;
}

void
tls_anchors_free(struct tls_anchors *a)
{
	if (a == NULL)
		return;
	buf_clear(&a->der);
	free(a->list);
	free(a);
}
