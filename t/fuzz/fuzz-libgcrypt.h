/*
 * libgcrypt for a driver that plays whole conversations of OTR, as a handshake
 * or a verification costs milliseconds there: the same random bytes in each
 * script, Diffie-Hellman in a group of 31 bits instead of that of libotr, and
 * signatures that anybody could make. What libotr does with them is the same.
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

/* A safe prime and half of it; 2 generates the group of that order. */
#define SMALL_PRIME "7FFFF637"
#define SMALL_ORDER "3FFFFB1B"
#define PART_MAX    4096 /* bytes of a key or of what is signed, at most */

static unsigned random_calls;

/* A new script begins: its random bytes are those of any other. */
static void
libgcrypt_begin(void)
{
	random_calls = 0;
}

/* Fills N bytes at P (SplitMix64). */
static void
fill_random(void *p, size_t n)
{
	uint64_t state = random_calls++, x;
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

/* The function NAME of the library. */
static void *
real_function(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* The numbers of the group of libotr, the only long ones in hexadecimal, are
 * those of the small one. */
gcry_error_t
gcry_mpi_scan(gcry_mpi_t *out, enum gcry_mpi_format format, const void *p,
    size_t n, size_t *used)
{
	static gcry_error_t (*real)(
	    gcry_mpi_t *, enum gcry_mpi_format, const void *, size_t, size_t *);

	if (real == NULL)
		*(void **)(&real) = real_function("gcry_mpi_scan");
	if (format == GCRYMPI_FMT_HEX && strncmp(p, "0xFFFFFFFF", 10) == 0)
		p = SMALL_PRIME;
	else if (format == GCRYMPI_FMT_HEX && strncmp(p, "0x7FFFFFFF", 10) == 0)
		p = SMALL_ORDER;
	return real(out, format, p, n, used);
}

/* Returns the remainder of NUMBER, at most PART_MAX bytes, by N. */
static uint64_t
remainder_by(gcry_mpi_t number, uint64_t n)
{
	unsigned char bytes[PART_MAX];
	uint64_t r = 0;
	size_t i, len;

	if (gcry_mpi_print(
		GCRYMPI_FMT_USG, bytes, sizeof bytes, &len, number) != 0)
		abort();
	for (i = 0; i < len; i++)
		r = (r << 8 | bytes[i]) % n;
	return r;
}

/* Powers in the small group take no time to speak of. */
void
gcry_mpi_powm(
    gcry_mpi_t w, const gcry_mpi_t b, const gcry_mpi_t e, const gcry_mpi_t m)
{
	static void (*real)(
	    gcry_mpi_t, const gcry_mpi_t, const gcry_mpi_t, const gcry_mpi_t);
	uint64_t n, base, left, power = 1;

	if (real == NULL)
		*(void **)(&real) = real_function("gcry_mpi_powm");
	if (gcry_mpi_get_nbits(m) > 31) {
		real(w, b, e, m);
		return;
	}
	n = remainder_by(m, UINT64_C(1) << 32);
	base = remainder_by(b, n);
	for (left = remainder_by(e, n - 1); left > 0; left >>= 1) {
		if (left & 1)
			power = power * base % n;
		base = base * base % n;
	}
	gcry_mpi_set_ui(w, power);
}

/* Returns the number NAME that is somewhere in S, the caller's, or NULL. */
static gcry_mpi_t
number(gcry_sexp_t s, const char *name)
{
	gcry_sexp_t token = gcry_sexp_find_token(s, name, 0);
	gcry_mpi_t m = gcry_sexp_nth_mpi(token, 1, GCRYMPI_FMT_USG);

	gcry_sexp_release(token);
	return m;
}

/* Returns what stands for the signature of DATA by KEY, be that its public
 * half or both; 0: they are too large. */
static unsigned long
signature_of(gcry_sexp_t data, gcry_sexp_t key)
{
	unsigned char bytes[2 * PART_MAX];
	gcry_mpi_t y = number(key, "y");
	size_t n, more = 0;

	n = gcry_sexp_sprint(data, GCRYSEXP_FMT_CANON, bytes, PART_MAX);
	if (y != NULL)
		gcry_mpi_print(GCRYMPI_FMT_USG, bytes + n, PART_MAX, &more, y);
	gcry_mpi_release(y);
	return n == 0 || more == 0 ? 0 : siphash(bytes, n + more);
}

gcry_error_t
gcry_pk_sign(gcry_sexp_t *out, gcry_sexp_t data, gcry_sexp_t key)
{
	gcry_mpi_t m = gcry_mpi_set_ui(NULL, signature_of(data, key));
	gcry_error_t status =
	    gcry_sexp_build(out, NULL, "(sig-val (dsa (r %m)(s %m)))", m, m);

	gcry_mpi_release(m);
	return status;
}

gcry_error_t
gcry_pk_verify(gcry_sexp_t signature, gcry_sexp_t data, gcry_sexp_t key)
{
	gcry_mpi_t r = number(signature, "r"), s = number(signature, "s");
	unsigned long good = signature_of(data, key);
	int is_good = good != 0 && gcry_mpi_cmp_ui(r, good) == 0 &&
		      gcry_mpi_cmp_ui(s, good) == 0;

	gcry_mpi_release(r);
	gcry_mpi_release(s);
	return is_good ? 0 : gcry_error(GPG_ERR_BAD_SIGNATURE);
}

#endif
