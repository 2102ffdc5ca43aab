/*
 * A certificate to be described, the same bytes as a file of anchors, and cut
 * into pieces (two bytes of length before each) as the chain of a server whose
 * last one is trusted.
 */
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "xmpp/tls.h"
#include "xmpp/verify.h"

#define CERTS 32

struct piece {
	const uint8_t *p;
	size_t n;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
describe(const uint8_t *data, size_t size)
{
	int64_t from, to;
	struct buf names;
	const char *why = NULL;
	size_t i;

	buf_init(&names, 100000);
	if (tls_describe(data, size, &names, &from, &to) == -1 &&
	    buf_len(&names) > 0)
		abort();
	for (i = 0; i < buf_len(&names); i++)
		if (buf_data(&names)[i] < ' ' || buf_data(&names)[i] > '~')
			abort();
	buf_clear(&names);
	if (size > 0) {
		struct tls_anchors *a = tls_anchors_new(data, size, &why);

		if (a == NULL && why == NULL)
			abort();
		tls_anchors_free(a);
	}
}

/* The path is one that path.h promises. */
static void
check_path(const struct path *path)
{
	const unsigned char *all = buf_data(&path->der);
	const struct path_cert *a, *b;
	unsigned seen = 0;
	size_t i;

	if (path->tries > PATH_TRIES || path->count > PATH_CERTS)
		abort();
	for (i = 0; i < path->depth; i++) {
		if (path->steps[i] >= path->count ||
		    (i == 0) != !path->steps[i])
			abort();
		if (seen & 1U << path->steps[i])
			abort();
		seen |= 1U << path->steps[i];
		if (i == 0)
			continue;
		a = &path->certs[path->steps[i - 1]];
		b = &path->certs[path->steps[i]];
		if (a->names.issuer_len != b->names.subject_len ||
		    memcmp(all + a->at + a->names.issuer,
			all + b->at + b->names.subject,
			a->names.issuer_len) != 0)
			abort();
	}
}

/* The verdict on the chain, whose rest comes in order or BACKWARDS. */
static unsigned
verify(const struct piece *certs, size_t count, const struct tls_options *o,
    int backwards)
{
	static br_ssl_client_context client;
	const br_x509_class **engine;
	struct verify *v = buf_alloc(sizeof *v);
	unsigned code, usages;
	size_t i, at;

	verify_init(v, &client, o);
	engine = &v->vtable;
	v->vtable->start_chain(engine, "sni.example");
	for (i = 0; i < count; i++) {
		at = backwards && i > 0 ? count - i : i;
		v->vtable->start_cert(engine, (uint32_t)certs[at].n);
		v->vtable->append(engine, certs[at].p, certs[at].n);
		v->vtable->end_cert(engine);
	}
	code = v->vtable->end_chain(engine);
	check_path(&v->path);
	if ((v->vtable->get_pkey(engine, &usages) != NULL) != (code == 0) ||
	    (v->cause == NULL) != (code == 0))
		abort();
	verify_clear(v);
	free(v);
	return code;
}

static void
check_chain(const struct piece *certs, size_t count)
{
	struct tls_options o = {.name = "xmpp.example"};
	const struct piece *last = &certs[count - 1];
	char *pem = buf_alloc(2 * VERIFY_CERT_MAX);
	struct tls_anchors *anchors;
	const char *why = NULL;
	struct buf names;
	int64_t to;
	unsigned code;

	buf_init(&names, 100000);
	tls_describe(certs[0].p, certs[0].n, &names, &o.now, &to);
	o.now += 60;
	anchors = tls_anchors_new(
	    pem, br_pem_encode(pem, last->p, last->n, "CERTIFICATE", 0), &why);
	o.anchors = anchors;
	if (anchors != NULL) {
		code = verify(certs, count, &o, 0);
		/* Among so few no bound hides a path. */
		if (count <= 4 && (code == 0) != !verify(certs, count, &o, 1))
			abort();
	}
	tls_anchors_free(anchors);
	buf_clear(&names);
	free(pem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct piece certs[CERTS];
	size_t n, i, count = 0;

	describe(data, size);
	for (i = 0; size - i > 2 && count < CERTS; i += n) {
		n = (size_t)data[i] << 8 | data[i + 1];
		i += 2;
		if (n > size - i)
			n = size - i;
		certs[count].p = data + i;
		certs[count++].n = n;
	}
	if (count > 0)
		check_chain(certs, count);
	return 0;
}
