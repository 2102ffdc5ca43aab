#include "xmpp/path.h"

#include <string.h>

/* The bytes of DER that are left to read. */
struct der {
	const unsigned char *p, *end;
};

/*
 * Reads the next element of D (X.690 8.1). Sets ITEM to the whole element, with
 * its tag and length, and INSIDE to its content. Returns -1 if it has another
 * tag than TAG or is not complete.
 */
static int
der_read(struct der *d, int tag, struct der *item, struct der *inside)
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
path_names(const unsigned char *p, size_t n, struct path_names *names)
{
	struct der all = {p, p + n}, whole, d, x, issuer, subject;

	if (der_read(&all, 0x30, &x, &whole) == -1 ||
	    der_read(&whole, 0x30, &x, &d) == -1)
		return -1;
	/* RFC 5280 4.1: the version may be absent, the rest may not. */
	der_read(&d, 0xa0, &x, &x);
	if (der_read(&d, 0x02, &x, &x) == -1 ||
	    der_read(&d, 0x30, &x, &x) == -1 ||
	    der_read(&d, 0x30, &issuer, &x) == -1 ||
	    der_read(&d, 0x30, &x, &x) == -1 ||
	    der_read(&d, 0x30, &subject, &x) == -1)
		return -1;
	names->issuer = (size_t)(issuer.p - p);
	names->issuer_len = (size_t)(issuer.end - issuer.p);
	names->subject = (size_t)(subject.p - p);
	names->subject_len = (size_t)(subject.end - subject.p);
	return 0;
}

void
path_init(struct path *p)
{
	memset(p, 0, sizeof *p);
	buf_init(&p->der, PATH_BYTES);
}

void
path_clear(struct path *p)
{
	buf_clear(&p->der);
}

void
path_reset(struct path *p)
{
	buf_reset(&p->der);
	p->count = p->depth = 0;
	p->more = 0;
	p->tries = 0;
}

static int
has_certificate(const struct path *p, const unsigned char *der, size_t n)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		if (p->certs[i].len == n &&
		    memcmp(buf_data(&p->der) + p->certs[i].at, der, n) == 0)
			return 1;
	return 0;
}

void
path_add(struct path *p, const unsigned char *der, size_t n)
{
	struct path_cert cert = {.at = buf_len(&p->der), .len = n};

	if (path_names(der, n, &cert.names) == -1 && p->count > 0)
		return;
	if (has_certificate(p, der, n))
		return;
	if (p->count == PATH_CERTS || buf_add(&p->der, der, n) == -1) {
		p->more = 1;
		return;
	}
	p->certs[p->count++] = cert;
}

static int
is_in_path(const struct path *p, size_t i)
{
	size_t k;

	for (k = 0; k < p->depth; k++)
		if (p->steps[k] == i)
			return 1;
	return 0;
}

/*
 * Returns the index of the first certificate from I on that bears the name of
 * the issuer of the last one of the path and is not in the path; `count` if
 * there is none.
 */
static size_t
find_issuer(const struct path *p, size_t i)
{
	const struct path_cert *last = &p->certs[p->steps[p->depth - 1]], *c;
	const unsigned char *all = buf_data(&p->der);
	size_t n = last->names.issuer_len;

	for (; i < p->count; i++) {
		c = &p->certs[i];
		if (n > 0 && c->names.subject_len == n && !is_in_path(p, i) &&
		    memcmp(all + c->at + c->names.subject,
			all + last->at + last->names.issuer, n) == 0)
			break;
	}
	return i;
}

int
path_next(struct path *p)
{
	size_t i = 0;

	if (p->count == 0 || p->tries == PATH_TRIES)
		return 0;
	if (p->tries++ == 0) {
		p->steps[0] = 0;
		p->depth = 1;
	} else {
		/* Go back to the last step that has another choice. */
		do {
			if (p->depth <= 1)
				return 0;
			i = p->steps[--p->depth] + 1;
			i = find_issuer(p, i);
		} while (i == p->count);
		p->steps[p->depth++] = i;
	}
	while ((i = find_issuer(p, 0)) < p->count)
		p->steps[p->depth++] = i;
	return 1;
}
