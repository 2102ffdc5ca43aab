#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "xmpp/base64.h"
#include "xmpp/tls.h"
#include "xmpp/verify.h"

#define PEM_MAX ((size_t)1 << 20) /* bytes of one certificate */

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

/* Whether the line of N bytes at P is `-----WORD NAME-----`. */
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
 * Reads the base64 of one certificate; -1 where it is damaged. Once one is
 * usable the others wait for the first connection, since a start must not.
 */
static int
take(struct tls_anchors *a, const struct buf *text)
{
	struct buf der;
	int rc;

	buf_init(&der, PEM_MAX);
	rc = base64_decode(&der, (const char *)buf_data(text), buf_len(text));
	if (rc == -1 || buf_len(&der) > VERIFY_LEAF_MAX) {
		buf_clear(&der);
	} else if (a->count == 0) {
		add(a, &der);
		buf_clear(&der);
	} else {
		a->later =
		    buf_realloc(a->later, a->later_count + 1, sizeof *a->later);
		a->later[a->later_count++] = der;
	}
	return rc;
}

void
tls_anchors_all(struct tls_anchors *a)
{
	size_t i;

	for (i = 0; i < a->later_count; i++) {
		add(a, &a->later[i]);
		buf_clear(&a->later[i]);
	}
	free(a->later);
	a->later = NULL;
	a->later_count = 0;
}

/*
 * -1 where a certificate is damaged, or begun and not ended. Not by BearSSL's
 * decoder, which takes 30 ms for what a system has: the longest part of our
 * start.
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
			rc = take(a, &text);
			buf_reset(&text);
			inside = 0;
		}
	}
	buf_clear(&text);
	return inside ? -1 : rc;
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
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->later_count; i++)
		buf_clear(&a->later[i]);
	free(a->later);
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
