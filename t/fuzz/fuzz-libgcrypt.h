/*
 * libgcrypt for a driver that plays whole conversations of OTR: the same random
 * bytes in each script, and powers and signatures that are remembered, as a
 * handshake or a verification costs milliseconds and most scripts have the same
 * ones. What libotr gets is what libgcrypt has given for the same before.
 * _GNU_SOURCE is defined before.
 */
#ifndef T_FUZZ_LIBGCRYPT_H
#define T_FUZZ_LIBGCRYPT_H

#include <dlfcn.h>
#include <gcrypt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/siphash.h"

#define NUMBER_MAX     512  /* bytes of a number, at most */
#define EXPRESSION_MAX 8192 /* bytes of an expression, at most */
#define SECRETS	       16
#define RESULTS	       8192 /* that are remembered */

/* What was asked, and what came of it. */
struct result {
	size_t asked, len; /* bytes of the question, and of both */
	unsigned char *bytes;
};

static struct result results[RESULTS];
static unsigned random_calls;

/* A new script begins: its random bytes are those of any other. */
static void
libgcrypt_begin(void)
{
	random_calls = 0;
}

/*
 * Fills N bytes at P (SplitMix64). There are SECRETS beginnings in all: with
 * more of them, hardly a power would come again.
 */
static void
fill_random(void *p, size_t n)
{
	uint64_t state = random_calls++ % SECRETS, x;
	unsigned char *byte = p;

	for (state <<= 32; n-- > 0;) {
		x = state += UINT64_C(0x9e3779b97f4a7c15);
		x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
		*byte++ = (unsigned char)(x >> 56);
	}
}

void
gcry_randomize(void *p, size_t n, enum gcry_random_level level)
{
	(void)level;
	fill_random(p, n);
}

void *
gcry_random_bytes(size_t n, enum gcry_random_level level)
{
	void *p = gcry_xmalloc(n);

	gcry_randomize(p, n, level);
	return p;
}

void *
gcry_random_bytes_secure(size_t n, enum gcry_random_level level)
{
	void *p = gcry_xmalloc_secure(n);

	gcry_randomize(p, n, level);
	return p;
}

/* The bytes of a question, and then of its result. */
struct question {
	unsigned char bytes[4 * EXPRESSION_MAX];
	size_t len;
	int is_too_large;
};

static void
add_bytes(struct question *q, const void *p, size_t n)
{
	if (n > sizeof q->bytes - q->len)
		q->is_too_large = 1;
	if (q->is_too_large)
		return;
	memcpy(q->bytes + q->len, p, n);
	q->len += n;
}

/* Appends M, with its length before it. */
static void
add_number(struct question *q, gcry_mpi_t m)
{
	unsigned char number[NUMBER_MAX];
	size_t n = 0;

	q->is_too_large |=
	    gcry_mpi_is_neg(m) ||
	    gcry_mpi_print(GCRYMPI_FMT_USG, number, sizeof number, &n, m) != 0;
	add_bytes(q, &n, sizeof n);
	add_bytes(q, number, n);
}

/* Appends S, with its length before it. */
static void
add_expression(struct question *q, gcry_sexp_t s)
{
	char text[EXPRESSION_MAX];
	size_t n = gcry_sexp_sprint(s, GCRYSEXP_FMT_CANON, text, sizeof text);

	q->is_too_large |= n == 0;
	add_bytes(q, &n, sizeof n);
	add_bytes(q, text, n);
}

/* Returns where the result of Q is, or will be; NULL if it is too large. */
static struct result *
find_result(const struct question *q, int *is_known)
{
	struct result *r = &results[siphash(q->bytes, q->len) % RESULTS];

	*is_known = !q->is_too_large && r->bytes != NULL &&
		    r->asked == q->len &&
		    memcmp(r->bytes, q->bytes, q->len) == 0;
	return q->is_too_large ? NULL : r;
}

/* Remembers in R, if it is not NULL, the first ASKED bytes of Q and its result,
 * which are the rest. */
static void
remember(struct result *r, const struct question *q, size_t asked)
{
	if (r == NULL || q->is_too_large)
		return;
	free(r->bytes);
	r->bytes = memcpy(malloc(q->len), q->bytes, q->len);
	r->asked = asked;
	r->len = q->len;
}

/* The function NAME of the library. */
static void *
real_function(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

void
gcry_mpi_powm(
    gcry_mpi_t w, const gcry_mpi_t b, const gcry_mpi_t e, const gcry_mpi_t m)
{
	static void (*real)(
	    gcry_mpi_t, const gcry_mpi_t, const gcry_mpi_t, const gcry_mpi_t);
	struct question q = {.len = 0};
	struct result *r;
	size_t asked, head = sizeof(size_t);
	gcry_mpi_t got;
	int is_known;

	if (real == NULL)
		*(void **)(&real) = real_function("gcry_mpi_powm");
	add_bytes(&q, "p", 1);
	add_number(&q, b);
	add_number(&q, e);
	add_number(&q, m);
	asked = q.len;
	r = find_result(&q, &is_known);
	if (is_known &&
	    gcry_mpi_scan(&got, GCRYMPI_FMT_USG, r->bytes + r->asked + head,
		r->len - r->asked - head, NULL) == 0) {
		gcry_mpi_set(w, got);
		gcry_mpi_release(got);
		return;
	}
	real(w, b, e, m);
	add_number(&q, w);
	remember(r, &q, asked);
}

gcry_error_t
gcry_pk_sign(gcry_sexp_t *out, gcry_sexp_t data, gcry_sexp_t key)
{
	static gcry_error_t (*real)(gcry_sexp_t *, gcry_sexp_t, gcry_sexp_t);
	struct question q = {.len = 0};
	struct result *r;
	size_t asked, head = sizeof(size_t);
	gcry_error_t status;
	int is_known;

	if (real == NULL)
		*(void **)(&real) = real_function("gcry_pk_sign");
	add_bytes(&q, "s", 1);
	add_expression(&q, data);
	add_expression(&q, key);
	asked = q.len;
	r = find_result(&q, &is_known);
	if (is_known)
		return gcry_sexp_new(out, r->bytes + r->asked + head,
		    r->len - r->asked - head, 0);
	status = real(out, data, key);
	if (status == 0) {
		add_expression(&q, *out);
		remember(r, &q, asked);
	}
	return status;
}

gcry_error_t
gcry_pk_verify(gcry_sexp_t signature, gcry_sexp_t data, gcry_sexp_t key)
{
	static gcry_error_t (*real)(gcry_sexp_t, gcry_sexp_t, gcry_sexp_t);
	struct question q = {.len = 0};
	struct result *r;
	gcry_error_t status;
	size_t asked;
	int is_known;

	if (real == NULL)
		*(void **)(&real) = real_function("gcry_pk_verify");
	add_bytes(&q, "v", 1);
	add_expression(&q, signature);
	add_expression(&q, data);
	add_expression(&q, key);
	asked = q.len;
	r = find_result(&q, &is_known);
	if (is_known) {
		memcpy(&status, r->bytes + r->asked, sizeof status);
		return status;
	}
	status = real(signature, data, key);
	add_bytes(&q, &status, sizeof status);
	remember(r, &q, asked);
	return status;
}

#endif
