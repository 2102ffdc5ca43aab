/*
 * The server's side of SCRAM (RFC 5802, 7677), from its text and not from the
 * program's own: checks what the client says, and lies where it is told to.
 */
#ifndef T_PLAY_SCRAM_H
#define T_PLAY_SCRAM_H

#include <bearssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "xmpp/base64.h"

#define PLAY_SCRAM_MAX 8192

/* The fault of the server; NULL or 0: nothing. */
struct play_scram_lies {
	const char *nonce;  /* "other": not ours; "same": not extended */
	const char *error;  /* a server-error instead of the signature */
	const char *rounds; /* iterations, 4096 */
	int wrong;	    /* another signature */
};

struct play_scram {
	const br_hash_class *hash;
	char header[32];
	char first[PLAY_SCRAM_MAX]; /* client-first-message-bare */
	char nonce[PLAY_SCRAM_MAX];
	char server[PLAY_SCRAM_MAX]; /* server-first-message */
	uint32_t rounds;
};

static void
play_hmac(const br_hash_class *hash, const void *key, size_t n, const void *p,
    size_t len, void *out)
{
	br_hmac_key_context k;
	br_hmac_context h;

	br_hmac_key_init(&k, hash, key, n);
	br_hmac_init(&h, &k, 0);
	br_hmac_update(&h, p, len);
	br_hmac_out(&h, out);
}

static size_t
play_hash_size(const br_hash_class *hash)
{
	return hash->desc >> BR_HASHDESC_OUT_OFF & BR_HASHDESC_OUT_MASK;
}

/* The base64 of the text element ELEMENT into OUT, NUL-terminated. */
static int
play_scram_get(const char *element, char *out)
{
	const char *start = strchr(element, '>'), *end;
	struct buf b;
	int good;

	if (start == NULL || (end = strchr(start, '<')) == NULL)
		return 0;
	buf_init(&b, PLAY_SCRAM_MAX - 1);
	good = base64_decode(&b, start + 1, (size_t)(end - start) - 1) == 0;
	memcpy(out, buf_str(&b), buf_len(&b) + 1);
	buf_clear(&b);
	return good;
}

static const br_hash_class *
play_scram_hash(const char *auth)
{
	if (strstr(auth, "mechanism='SCRAM-SHA-1'") != NULL ||
	    strstr(auth, "mechanism='SCRAM-SHA-1-PLUS'") != NULL)
		return &br_sha1_vtable;
	if (strstr(auth, "mechanism='SCRAM-SHA-512") != NULL)
		return &br_sha512_vtable;
	return &br_sha256_vtable;
}

/*
 * Takes <auth/> and writes the challenge, without base64, into s->server.
 * NULL, or what is wrong with AUTH.
 */
__attribute__((unused)) static const char *
play_scram_first(
    struct play_scram *s, const char *auth, const struct play_scram_lies *lies)
{
	char text[PLAY_SCRAM_MAX], *comma, *nonce;

	memset(s, 0, sizeof *s);
	s->hash = play_scram_hash(auth);
	if (!play_scram_get(auth, text))
		return "no base64 in <auth/>";
	if ((comma = strchr(text, ',')) == NULL ||
	    (comma = strchr(comma + 1, ',')) == NULL)
		return "no GS2 header";
	snprintf(
	    s->header, sizeof s->header, "%.*s", (int)(comma + 1 - text), text);
	snprintf(s->first, sizeof s->first, "%s", comma + 1);
	if (strncmp(s->first, "n=alice,r=", 10) != 0)
		return "client-first-message is for somebody else";
	nonce = s->first + 10;
	if (lies->nonce == NULL)
		snprintf(s->nonce, sizeof s->nonce, "%.100sSERVER", nonce);
	else if (strcmp(lies->nonce, "same") == 0)
		snprintf(s->nonce, sizeof s->nonce, "%.100s", nonce);
	else
		snprintf(s->nonce, sizeof s->nonce, "x%.100s", nonce);
	s->rounds = 4096;
	if (lies->rounds != NULL)
		s->rounds = (uint32_t)atol(lies->rounds);
	snprintf(s->server, sizeof s->server, "r=%.110s,s=c2FsdCBzYWx0,i=%s",
	    s->nonce, lies->rounds == NULL ? "4096" : lies->rounds);
	return NULL;
}

/* SaltedPassword of PASSWORD: Hi() with the salt "salt salt". */
static void
play_scram_salted(
    const struct play_scram *s, const char *password, unsigned char *out)
{
	static const unsigned char salt[] = "salt salt\0\0\0\001";
	unsigned char u[64];
	size_t n = play_hash_size(s->hash), i;
	uint32_t round;

	play_hmac(s->hash, password, strlen(password), salt, 13, u);
	memcpy(out, u, n);
	for (round = 1; round < s->rounds; round++) {
		play_hmac(s->hash, password, strlen(password), u, n, u);
		for (i = 0; i < n; i++)
			out[i] ^= u[i];
	}
}

/* Writes what c= must be: the GS2 header and, where it says `p`, the binding.
 */
static void
play_scram_binding(
    const struct play_scram *s, const char *unique, struct buf *out)
{
	struct buf b;

	buf_init(&b, 100);
	buf_adds(&b, s->header);
	if (*s->header == 'p')
		buf_adds(&b, unique);
	base64_encode(out, buf_data(&b), buf_len(&b));
	buf_clear(&b);
}

/* Returns 1 if PROOF is that of somebody who knows SALTED, for the AuthMessage
 * AUTH. */
static int
play_scram_proves(const struct play_scram *s, const unsigned char *salted,
    struct buf *auth, struct buf *proof)
{
	unsigned char key[64], stored[64], signature[64];
	size_t n = play_hash_size(s->hash), i;
	br_hash_compat_context h;

	if (buf_len(proof) != n)
		return 0;
	play_hmac(s->hash, salted, n, "Client Key", 10, key);
	s->hash->init(&h.vtable);
	s->hash->update(&h.vtable, key, n);
	s->hash->out(&h.vtable, stored);
	play_hmac(s->hash, stored, n, buf_data(auth), buf_len(auth), signature);
	for (i = 0; i < n; i++)
		if ((buf_data(proof)[i] ^ signature[i]) != key[i])
			return 0;
	return 1;
}

/*
 * Takes <response/> and appends the server-final-message, without base64, to
 * OUT. NULL, or what is wrong with RESPONSE.
 */
__attribute__((unused)) static const char *
play_scram_final(struct play_scram *s, const char *response,
    const char *password, const char *unique,
    const struct play_scram_lies *lies, struct buf *out)
{
	unsigned char salted[64], key[64], signature[64];
	char text[PLAY_SCRAM_MAX], *proof;
	struct buf auth, want, given;
	const char *fault = NULL;
	size_t n = play_hash_size(s->hash);

	buf_init(&auth, 4 * PLAY_SCRAM_MAX);
	buf_init(&want, PLAY_SCRAM_MAX);
	buf_init(&given, PLAY_SCRAM_MAX);
	if (!play_scram_get(response, text) ||
	    (proof = strstr(text, ",p=")) == NULL ||
	    base64_decode(&given, proof + 3, strlen(proof + 3)) == -1) {
		fault = "no proof in <response/>";
		goto out;
	}
	*proof = '\0';
	buf_adds(&want, "c=");
	play_scram_binding(s, unique, &want);
	buf_addf(&want, ",r=%s", s->nonce);
	if (strcmp(buf_str(&want), text) != 0) {
		fault = "wrong binding or nonce in <response/>";
		goto out;
	}
	buf_addf(&auth, "%s,%s,%s", s->first, s->server, text);
	play_scram_salted(s, password, salted);
	if (!play_scram_proves(s, salted, &auth, &given))
		fault = "the proof is wrong";
	play_hmac(s->hash, salted, n, "Server Key", 10, key);
	play_hmac(s->hash, key, n, buf_data(&auth), buf_len(&auth), signature);
	signature[0] ^= (unsigned char)lies->wrong;
	if (lies->error != NULL) {
		buf_addf(out, "e=%s", lies->error);
		goto out;
	}
	buf_adds(out, "v=");
	base64_encode(out, signature, n);
out:
	buf_clear(&auth);
	buf_clear(&want);
	buf_clear(&given);
	return fault;
}

#endif
