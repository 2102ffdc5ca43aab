/*
 * A TLS server in memory for the tests: BearSSL's server side, and a pump that
 * carries bytes between it and the client of xmpp/tls.h, in pieces of any
 * size, with a byte altered or the rest cut off on the way.
 */
#ifndef T_TLS_SERVER_H
#define T_TLS_SERVER_H

#include <bearssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sexp/buf.h"
#include "xmpp/tls.h"

#define UNUSED __attribute__((unused))
#define LARGE  ((size_t)4 << 20)
#define CHAIN  20 /* certificates that a server sends at most */

static char cert_dir[256];

struct server {
	br_ssl_server_context ctx;
	br_skey_decoder_context key;
	br_x509_certificate chain[CHAIN];
	size_t chain_len;
	br_x509_minimal_context client_check;
	br_x500_name client_issuer;
	unsigned char in[BR_SSL_BUFSIZE_INPUT], out[BR_SSL_BUFSIZE_OUTPUT];
};

/* Both ends and what has come out of them. */
struct pair {
	struct tls *client;
	struct server *server;
	struct buf at_client, at_server; /* clear bytes received */
	struct buf wire;		 /* all that the server sent */
	size_t chunk;			 /* bytes at once to the client */
	size_t flip;			 /* byte of WIRE to alter, 1-based */
	size_t cut;			 /* bytes of WIRE that arrive, or 0 */
	size_t records;			 /* that the client sent */
};

/* Makes the certificates in a new directory; ends the test where it cannot. */
UNUSED static void
certs_make(void)
{
	const char *tmp = getenv("TMPDIR");
	char command[512];

	snprintf(cert_dir, sizeof cert_dir, "%s/jackline-tls.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(cert_dir) == NULL) {
		printf("Bail out! mkdtemp\n");
		exit(1);
	}
	snprintf(command, sizeof command, "t/server/make-certs '%s'", cert_dir);
	if (system(command) != 0) {
		printf("Bail out! t/server/make-certs\n");
		exit(1);
	}
}

UNUSED static void
certs_remove(void)
{
	char command[512];

	snprintf(command, sizeof command, "rm -r '%s'", cert_dir);
	if (system(command) != 0)
		printf("# left behind: %s\n", cert_dir);
}

/* The file NAME of the certificates, whole, in OUT. */
UNUSED static void
certs_read(const char *name, struct buf *out)
{
	char path[512], block[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", cert_dir, name);
	f = fopen(path, "rb");
	if (f == NULL) {
		printf("Bail out! cannot read %s\n", path);
		exit(1);
	}
	buf_init(out, 1 << 20);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		buf_add(out, block, n);
	fclose(f);
}

/* Takes decoded bytes of PEM; TO is a struct buf. */
static void
pem_append(void *to, const void *p, size_t n)
{
	buf_add(to, p, n);
}

/* The COUNT first blocks of the file NAME, decoded; how many there were. */
UNUSED static size_t
certs_der(const char *name, struct buf *der, size_t count)
{
	br_pem_decoder_context pem;
	size_t n = 0, at = 0;
	struct buf text;

	certs_read(name, &text);
	br_pem_decoder_init(&pem);
	while (n < count && at < buf_len(&text)) {
		at += br_pem_decoder_push(
		    &pem, buf_data(&text) + at, buf_len(&text) - at);
		switch (br_pem_decoder_event(&pem)) {
		case BR_PEM_BEGIN_OBJ:
			buf_init(&der[n], 65536);
			br_pem_decoder_setdest(&pem, pem_append, &der[n]);
			break;
		case BR_PEM_END_OBJ:
			n++;
			break;
		}
	}
	buf_clear(&text);
	return n;
}

UNUSED static struct tls_anchors *
certs_anchors(const char *name)
{
	struct tls_anchors *anchors;
	const char *why = NULL;
	struct buf text;

	certs_read(name, &text);
	anchors = tls_anchors_new(buf_data(&text), buf_len(&text), &why);
	buf_clear(&text);
	if (anchors == NULL)
		printf("# %s: %s\n", name, why);
	return anchors;
}

UNUSED static void
certs_pin(const char *name, unsigned char pin[TLS_PIN])
{
	br_sha256_context sha;
	struct buf der;

	certs_der(name, &der, 1);
	br_sha256_init(&sha);
	br_sha256_update(&sha, buf_data(&der), buf_len(&der));
	br_sha256_out(&sha, pin);
	buf_clear(&der);
}

/* A server that presents CHAIN and signs with KEY (file names). */
UNUSED static struct server *
server_new(const char *chain, const char *key)
{
	struct server *s = buf_alloc(sizeof *s);
	struct buf der[CHAIN];
	size_t i;

	certs_der(key, der, 1);
	br_skey_decoder_init(&s->key);
	br_skey_decoder_push(&s->key, buf_data(der), buf_len(der));
	buf_clear(der);
	s->chain_len = certs_der(chain, der, CHAIN);
	for (i = 0; i < s->chain_len; i++) {
		s->chain[i].data_len = buf_len(&der[i]);
		s->chain[i].data = (unsigned char *)buf_memdup(
		    buf_data(&der[i]), buf_len(&der[i]));
		buf_clear(&der[i]);
	}
	if (br_skey_decoder_key_type(&s->key) == BR_KEYTYPE_RSA)
		br_ssl_server_init_full_rsa(&s->ctx, s->chain, s->chain_len,
		    br_skey_decoder_get_rsa(&s->key));
	else
		br_ssl_server_init_full_ec(&s->ctx, s->chain, s->chain_len,
		    BR_KEYTYPE_RSA, br_skey_decoder_get_ec(&s->key));
	br_ssl_engine_set_buffers_bidi(
	    &s->ctx.eng, s->in, sizeof s->in, s->out, sizeof s->out);
	return s;
}

/* Ask for a client's certificate, and go on without one. */
UNUSED static void
server_ask_client(struct server *s)
{
	static unsigned char name[] = {0x30, 0x00};

	s->client_issuer.data = name;
	s->client_issuer.len = sizeof name;
	br_x509_minimal_init_full(&s->client_check, NULL, 0);
	br_ssl_engine_set_x509(&s->ctx.eng, &s->client_check.vtable);
	br_ssl_server_set_trust_anchor_names(&s->ctx, &s->client_issuer, 1);
	br_ssl_engine_add_flags(&s->ctx.eng, BR_OPT_TOLERATE_NO_CLIENT_AUTH);
}

UNUSED static void
server_free(struct server *s)
{
	size_t i;

	for (i = 0; i < s->chain_len; i++)
		free(s->chain[i].data);
	free(s);
}

/* Takes what the server offers; how many bytes of P it took. */
UNUSED static size_t
server_send(struct server *s, const void *p, size_t n)
{
	const unsigned char *from = p;
	size_t done = 0, room;
	unsigned char *to;

	while (done < n) {
		to = br_ssl_engine_sendapp_buf(&s->ctx.eng, &room);
		if (to == NULL)
			break;
		if (room > n - done)
			room = n - done;
		memcpy(to, from + done, room);
		br_ssl_engine_sendapp_ack(&s->ctx.eng, room);
		done += room;
	}
	br_ssl_engine_flush(&s->ctx.eng, 0);
	return done;
}

UNUSED static void
pair_init(struct pair *p, struct server *s, const struct tls_options *o)
{
	memset(p, 0, sizeof *p);
	buf_init(&p->at_client, LARGE);
	buf_init(&p->at_server, LARGE);
	buf_init(&p->wire, LARGE);
	p->chunk = LARGE;
	p->server = s;
	if (br_ssl_server_reset(&s->ctx) == 0)
		printf("# server: %d\n", br_ssl_engine_last_error(&s->ctx.eng));
	p->client = tls_new(o);
}

UNUSED static void
pair_clear(struct pair *p)
{
	buf_clear(&p->at_client);
	buf_clear(&p->at_server);
	buf_clear(&p->wire);
	tls_free(p->client);
	server_free(p->server);
}

/* Gives N bytes to the client in pieces; takes its clear bytes out. */
static void
pair_feed(struct pair *p, const unsigned char *from, size_t n)
{
	const unsigned char *clear;
	size_t taken, piece, len, drained;

	while (n > 0) {
		piece = n < p->chunk ? n : p->chunk;
		taken = tls_recv(p->client, from, piece);
		from += taken;
		n -= taken;
		drained = 0;
		while ((clear = tls_clear_buf(p->client, &len)) != NULL) {
			buf_add(&p->at_client, clear, len);
			tls_clear_done(p->client, len);
			drained += len;
		}
		if (taken == 0 && drained == 0)
			break;
	}
}

/* Server to client: whether anything moved. */
static int
pair_down(struct pair *p)
{
	unsigned char block[BR_SSL_BUFSIZE_OUTPUT];
	const unsigned char *out;
	size_t len, start = buf_len(&p->wire), n;

	out = br_ssl_engine_sendrec_buf(&p->server->ctx.eng, &len);
	if (out == NULL)
		return 0;
	memcpy(block, out, len);
	br_ssl_engine_sendrec_ack(&p->server->ctx.eng, len);
	if (p->flip > start && p->flip <= start + len)
		block[p->flip - 1 - start] ^= 1;
	buf_add(&p->wire, block, len);
	n = len;
	if (p->cut > 0 && start + len > p->cut)
		n = p->cut > start ? p->cut - start : 0;
	pair_feed(p, block, n);
	return 1;
}

/* Client to server. */
static int
pair_up(struct pair *p)
{
	br_ssl_engine_context *eng = &p->server->ctx.eng;
	const unsigned char *from;
	unsigned char *to, *clear;
	size_t len, room, n;

	from = tls_wire_buf(p->client, &len);
	if (from == NULL)
		return 0;
	to = br_ssl_engine_recvrec_buf(eng, &room);
	n = to == NULL || len < room ? len : room;
	if (to != NULL) {
		memcpy(to, from, n);
		br_ssl_engine_recvrec_ack(eng, n);
	}
	tls_wire_done(p->client, n);
	p->records += n == len;
	while ((clear = br_ssl_engine_recvapp_buf(eng, &len)) != NULL) {
		buf_add(&p->at_server, clear, len);
		br_ssl_engine_recvapp_ack(eng, len);
	}
	return 1;
}

/* Carries bytes both ways until nothing moves. */
UNUSED static void
pair_run(struct pair *p)
{
	int moved;

	do {
		moved = pair_up(p);
		moved |= pair_down(p);
	} while (moved);
}

#endif
