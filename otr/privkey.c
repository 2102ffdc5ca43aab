#include "otr/privkey.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "otr/intern.h"
#include "sexp/hex.h"
#include "sexp/memory.h"
#include "sexp/sexp.h"

#define P_BITS_MIN 1024
#define P_BITS_MAX 3072
#define Q_BITS	   160 /* libotr signs with no other */
#define BYTES	   (P_BITS_MAX / 8)
#define DIGITS	   928 /* decimal digits of a number of BYTES bytes, at most */

enum { P, Q, G, X, Y, NUMBERS };

/* The names in the file, in the order of printing. */
static const char *const field[NUMBERS] = {"p", "q", "gg", "x", "y"};

struct privkey {
	gcry_mpi_t n[NUMBERS];
	char fingerprint[OTR_FINGERPRINT_SIZE];
};

/* Returns the decimal number S as a gcrypt number; NULL if it is none. */
static gcry_mpi_t
from_decimal(const struct sexp *s)
{
	unsigned char big[BYTES] = {0};
	gcry_mpi_t m = NULL;
	uint32_t carry = 0, scale;
	size_t i, k, top = BYTES; /* The bytes before TOP are 0. */

	if (s->text == NULL || s->len == 0 || s->len > DIGITS)
		return NULL;
	for (i = 0; i < s->len && carry == 0;) {
		/* Seven digits at once: 255 * 10^7 fits into 32 bits. */
		for (scale = 1; scale < 10000000 && i < s->len; i++) {
			if (s->text[i] < '0' || s->text[i] > '9')
				goto out;
			carry = carry * 10 + (uint32_t)(s->text[i] - '0');
			scale *= 10;
		}
		for (k = BYTES; k > top || (carry > 0 && k > 0);) {
			carry += big[--k] * scale;
			big[k] = carry & 0xff;
			carry >>= 8;
		}
		top = k < top ? k : top;
	}
	if (carry == 0)
		gcry_mpi_scan(&m, GCRYMPI_FMT_USG, big, sizeof big, NULL);
out:
	buf_wipe(big, sizeof big);
	return m;
}

/* Writes M, at most BYTES long, as decimal digits to OUT. */
static void
to_decimal(gcry_mpi_t m, char out[DIGITS + 1])
{
	unsigned char big[BYTES];
	char reversed[DIGITS];
	size_t len = 0, n = 0, first = 0, i;
	unsigned rest;

	gcry_mpi_print(GCRYMPI_FMT_USG, big, sizeof big, &len, m);
	do {
		for (rest = 0, i = first; i < len; i++) {
			rest = rest << 8 | big[i];
			big[i] = (unsigned char)(rest / 10);
			rest %= 10;
		}
		reversed[n++] = (char)('0' + rest);
		while (first < len && big[first] == 0)
			first++;
	} while (first < len && n < DIGITS);
	for (i = 0; i < n; i++)
		out[i] = reversed[n - 1 - i];
	out[n] = '\0';
	buf_wipe(reversed, sizeof reversed);
}

static gcry_sexp_t
private_key(const struct privkey *k)
{
	gcry_sexp_t s = NULL;

	gcry_sexp_build(&s, NULL,
	    "(private-key (dsa (p %m) (q %m) (g %m) (y %m) (x %m)))", k->n[P],
	    k->n[Q], k->n[G], k->n[Y], k->n[X]);
	return memory_check(s);
}

/* Returns the public key as sent in OTR, *LEN bytes on the heap. */
static unsigned char *
public_key(const struct privkey *k, size_t *len)
{
	static const int order[] = {P, Q, G, Y};
	unsigned char *out = NULL;
	size_t i, j, n = 0;

	*len = 0;
	for (i = 0; i < 4; i++) {
		gcry_mpi_print(GCRYMPI_FMT_USG, NULL, 0, &n, k->n[order[i]]);
		out = buf_realloc(out, *len + 4 + n, 1);
		for (j = 0; j < 4; j++)
			out[(*len)++] = (unsigned char)(n >> (24 - 8 * j));
		gcry_mpi_print(
		    GCRYMPI_FMT_USG, out + *len, n, &n, k->n[order[i]]);
		*len += n;
	}
	return out;
}

/* Returns 1 if the numbers are a DSA key. */
static int
is_dsa_key(const struct privkey *k)
{
	gcry_mpi_t t = gcry_mpi_new(0);
	gcry_sexp_t s = private_key(k);
	unsigned bits = gcry_mpi_get_nbits(k->n[P]);
	int good;

	good = bits >= P_BITS_MIN && bits <= P_BITS_MAX &&
	       gcry_mpi_get_nbits(k->n[Q]) == Q_BITS &&
	       gcry_mpi_test_bit(k->n[P], 0) && gcry_mpi_test_bit(k->n[Q], 0) &&
	       gcry_mpi_cmp_ui(k->n[G], 1) > 0 &&
	       gcry_mpi_cmp(k->n[G], k->n[P]) < 0 &&
	       gcry_mpi_cmp_ui(k->n[X], 0) > 0 &&
	       gcry_mpi_cmp(k->n[X], k->n[Q]) < 0;
	if (good) {
		/* The order of g is q: q divides p - 1. */
		gcry_mpi_powm(t, k->n[G], k->n[Q], k->n[P]);
		good = gcry_mpi_cmp_ui(t, 1) == 0 && gcry_pk_testkey(s) == 0;
	}
	gcry_sexp_release(s);
	gcry_mpi_release(t);
	return good;
}

static void
set_fingerprint(struct privkey *k)
{
	unsigned char hash[20], *pub;
	size_t len;

	pub = public_key(k, &len);
	gcry_md_hash_buffer(GCRY_MD_SHA1, hash, pub, len);
	hex_write(hash, sizeof hash, k->fingerprint);
	free(pub);
}

/* Reads the fields of LIST; returns NULL, or the reason of a failure. */
static const char *
read_fields(struct privkey *k, const struct sexp *list)
{
	const struct sexp *s;
	int i;

	if (list->text != NULL)
		return "a list of fields is expected";
	for (s = list->first; s != NULL; s = s->next) {
		if (s->text != NULL || s->len != 2 || s->first->text == NULL)
			return "fields like (p NUMBER) are expected";
		for (i = 0; i < NUMBERS; i++)
			if (strcmp(s->first->text, field[i]) == 0)
				break;
		if (i == NUMBERS)
			continue;
		if (k->n[i] != NULL)
			return "a field stands here twice";
		if ((k->n[i] = from_decimal(s->last)) == NULL)
			return "a decimal number is expected";
	}
	for (i = 0; i < NUMBERS; i++)
		if (k->n[i] == NULL)
			return "one of p, q, gg, x and y is missing";
	return is_dsa_key(k) ? NULL : "the numbers are no DSA key";
}

struct privkey *
privkey_parse(const void *p, size_t n, char why[160])
{
	struct sexp_error e;
	struct sexp_tree *t = NULL;
	struct privkey *k = NULL;
	const char *wrong;

	if (lib_ready() == -1) {
		snprintf(why, 160, "libotr is of another version");
		return NULL;
	}
	if ((t = sexp_parse(p, n, &e)) == NULL) {
		snprintf(why, 160, "line %d, column %d: %.100s", e.line,
		    e.column, e.why);
		return NULL;
	}
	k = buf_alloc(sizeof *k);
	if ((wrong = read_fields(k, sexp_root(t))) != NULL) {
		snprintf(why, 160, "%s", wrong);
		privkey_free(k);
		k = NULL;
	} else {
		set_fingerprint(k);
	}
	sexp_free(t);
	return k;
}

struct privkey *
privkey_generate(void)
{
	static const char *const token[NUMBERS] = {"p", "q", "g", "x", "y"};
	gcry_sexp_t what = NULL, made = NULL, secret = NULL, s;
	struct privkey *k = NULL;
	int i, good = 1;

	if (lib_ready() == -1 ||
	    gcry_sexp_build(&what, NULL, "(genkey (dsa (nbits 4:1024)))") != 0)
		goto out;
	if (gcry_pk_genkey(&made, what) != 0)
		goto out;
	if ((secret = gcry_sexp_find_token(made, "private-key", 0)) == NULL)
		goto out;
	k = buf_alloc(sizeof *k);
	for (i = 0; i < NUMBERS; i++) {
		s = gcry_sexp_find_token(secret, token[i], 0);
		if (s != NULL)
			k->n[i] = gcry_sexp_nth_mpi(s, 1, GCRYMPI_FMT_USG);
		gcry_sexp_release(s);
		good &= k->n[i] != NULL;
	}
	if (!good || !is_dsa_key(k)) {
		privkey_free(k);
		k = NULL;
	} else {
		set_fingerprint(k);
	}
out:
	gcry_sexp_release(what);
	gcry_sexp_release(made);
	gcry_sexp_release(secret);
	return k;
}

void
privkey_free(struct privkey *k)
{
	int i;

	if (k == NULL)
		return;
	/* libotr's allocator, set by lib_ready, wipes what it frees. */
	for (i = 0; i < NUMBERS; i++)
		gcry_mpi_release(k->n[i]);
	free(k);
}

int
privkey_print(const struct privkey *k, struct buf *out)
{
	struct sexp_tree *t = sexp_new();
	struct sexp *list = sexp_list(t), *pair;
	char digits[DIGITS + 1];
	int i, r;

	for (i = 0; i < NUMBERS; i++) {
		to_decimal(k->n[i], digits);
		pair = sexp_append(sexp_list(t), sexp_string(t, field[i]));
		sexp_append(list, sexp_append(pair, sexp_string(t, digits)));
	}
	r = sexp_hum(list, out);
	buf_wipe(digits, sizeof digits);
	sexp_free(t);
	return r;
}

const char *
privkey_fingerprint(const struct privkey *k)
{
	return k->fingerprint;
}

/*
 * Fills in the struct by hand: the reader of libotr takes only files, and
 * leaves the text of the key in freed memory.
 */
void
privkey_give(const struct privkey *k, struct s_OtrlUserState *us,
    const char *name, const char *protocol)
{
	OtrlPrivKey *p = buf_alloc(sizeof *p);

	p->accountname = buf_strdup(name);
	p->protocol = buf_strdup(protocol);
	p->pubkey_type = OTRL_PUBKEY_TYPE_DSA;
	p->privkey = private_key(k);
	p->pubkey_data = public_key(k, &p->pubkey_datalen);
	p->next = us->privkey_root;
	if (p->next != NULL)
		p->next->tous = &p->next;
	p->tous = &us->privkey_root;
	us->privkey_root = p;
}
