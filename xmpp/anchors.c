/*
 * The anchors are indexed when they are read, and decoded only when a chain
 * names them: of the hundred and more of a system a login needs one, and
 * BearSSL would take 40 ms over them.
 */
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "xmpp/base64.h"
#include "xmpp/tls.h"
#include "xmpp/verify.h"

#define PEM_MAX ((size_t)1 << 20) /* bytes of one certificate */

/* One certificate of the file: where it lies, and whom it is of. */
struct anchor {
	size_t at, len;
	struct verify_names names;
};

struct tls_anchors {
	struct buf der; /* all of them */
	struct anchor *list;
	size_t count;
};

/* DER: what is left to read. */
struct der {
	const unsigned char *p, *end;
};

/*
 * Takes the next item of D into ITEM, which has its tag and length too, and
 * its content into INSIDE. -1 where it is not TAG, or not whole.
 */
static int
take(struct der *d, int tag, struct der *item, struct der *inside)
{
	const unsigned char *p = d->p;
	size_t len, bytes;

	if (d->end - p < 2 || *p++ != tag)
		return -1;
	len = *p++;
	if (len >= 0x80) {
		bytes = len & 0x7f;
		if (bytes == 0 || bytes > 3 || (size_t)(d->end - p) < bytes)
			return -1;
		for (len = 0; bytes > 0; bytes--)
			len = len << 8 | *p++;
	}
	if ((size_t)(d->end - p) < len)
		return -1;
	item->p = d->p;
	inside->p = p;
	item->end = inside->end = d->p = p + len;
	return 0;
}

int
verify_names(const unsigned char *p, size_t n, struct verify_names *names)
{
	struct der all = {p, p + n}, whole, d, x, issuer, subject;

	if (take(&all, 0x30, &x, &whole) == -1 ||
	    take(&whole, 0x30, &x, &d) == -1)
		return -1;
	/* RFC 5280 4.1: the version may be absent, the rest may not. */
	take(&d, 0xa0, &x, &x);
	if (take(&d, 0x02, &x, &x) == -1 || take(&d, 0x30, &x, &x) == -1 ||
	    take(&d, 0x30, &issuer, &x) == -1 || take(&d, 0x30, &x, &x) == -1 ||
	    take(&d, 0x30, &subject, &x) == -1)
		return -1;
	names->issuer = (size_t)(issuer.p - p);
	names->issuer_len = (size_t)(issuer.end - issuer.p);
	names->subject = (size_t)(subject.p - p);
	names->subject_len = (size_t)(subject.end - subject.p);
	return 0;
}

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
 * Adds the certificate of N bytes at P to FOUND. One that is no authority is
 * trusted for itself only (a server that signs its own). -1 where BearSSL
 * cannot read it.
 */
static int
decode(struct verify_found *found, const unsigned char *p, size_t n)
{
	br_x509_decoder_context decoder;
	br_x509_trust_anchor *anchor;
	const br_x509_pkey *key;
	struct buf dn;

	buf_init(&dn, VERIFY_CERT_MAX);
	br_x509_decoder_init(&decoder, append, &dn);
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

/* Whether the N bytes at P are the name of one that was found already. */
static int
is_found(const struct verify_found *found, const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < found->count; i++)
		if (found->list[i].dn.len == n &&
		    memcmp(found->list[i].dn.data, p, n) == 0)
			return 1;
	return 0;
}

/* Adds all anchors whose name is the N bytes at P. */
static void
find(const struct tls_anchors *a, const unsigned char *p, size_t n,
    struct verify_found *found)
{
	const struct anchor *anchor = a->list, *end = anchor + a->count;
	const unsigned char *der;

	if (is_found(found, p, n))
		return;
	for (; anchor < end; anchor++) {
		der = buf_data(&a->der) + anchor->at;
		if (anchor->names.subject_len == n &&
		    memcmp(der + anchor->names.subject, p, n) == 0)
			decode(found, der, anchor->len);
	}
}

void
verify_find(const struct tls_anchors *a, const unsigned char *p, size_t n,
    struct verify_found *found)
{
	struct verify_names names;

	if (verify_names(p, n, &names) == -1)
		return; /* nor does BearSSL take it */
	find(a, p + names.issuer, names.issuer_len, found);
	find(a, p + names.subject, names.subject_len, found);
}

/* Takes the certificate in the base64 TEXT; -1 where that is damaged. */
static int
add(struct tls_anchors *a, struct buf *text)
{
	struct anchor anchor = {.at = buf_len(&a->der)};

	if (base64_decode(&a->der, buf_str(text), buf_len(text)) == -1)
		return -1;
	anchor.len = buf_len(&a->der) - anchor.at;
	if (anchor.len > VERIFY_CERT_MAX ||
	    verify_names(buf_data(&a->der) + anchor.at, anchor.len,
		&anchor.names) == -1) {
		buf_cut(&a->der, anchor.at);
		return 0;
	}
	a->list = buf_realloc(a->list, a->count + 1, sizeof *a->list);
	a->list[a->count++] = anchor;
	return 0;
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
 * -1 where a certificate is damaged, or begun and not ended. Not by BearSSL's
 * decoder either.
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
			rc = add(a, &text);
			buf_reset(&text);
			inside = 0;
		}
	}
	buf_clear(&text);
	return inside ? -1 : rc;
}

/* Whether BearSSL can read some of them: the first as a rule. */
static int
is_usable(const struct tls_anchors *a)
{
	struct verify_found found = {NULL, 0};
	size_t i;

	for (i = 0; i < a->count && found.count == 0; i++)
		decode(
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
