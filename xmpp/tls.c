#include "xmpp/tls.h"

#include <bearssl.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "xmpp/fault.h"
#include "xmpp/verify.h"

#define SEED 32

struct tls {
	br_ssl_client_context client;
	struct verify verify;
	int ready;   /* the handshake is done */
	int begun;   /* the server has sent a byte... */
	int foreign; /* ...which no TLS record begins with */
	int closing;
	const char *cause, *why;
	struct buf flight; /* records of the handshake, to be sent at once */
	unsigned char in[BR_SSL_BUFSIZE_INPUT], out[BR_SSL_BUFSIZE_OUTPUT];
};

/* AES-GCM first, as it is the fastest on processors with AES instructions. */
static const struct suite {
	uint16_t id;
	const char *name;
} suites[] = {
    {BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
};

#define SUITES (sizeof suites / sizeof *suites)

static br_ssl_engine_context *
tls_engine(struct tls *t)
{
	return &t->client.eng;
}

static void
fail_tls(struct tls *t, int code)
{
	const struct fault *fault = fault_find(code);

	t->cause = fault->cause;
	t->why = fault->why;
	if (t->verify.cause != NULL) {
		t->cause = t->verify.cause;
		t->why = t->verify.why;
	} else if (t->foreign) {
		t->cause = "protocol";
		t->why = "the server does not speak TLS here";
	} else if (t->verify.is_pinned && (code == BR_ERR_BAD_SIGNATURE ||
					      code == BR_ERR_WRONG_KEY_USAGE)) {
		t->cause = "tls-pin";
		t->why = "the server does not hold the key of the "
			 "certificate with the configured fingerprint";
	} else if (code == BR_ERR_OK && t->closing) {
		t->why = "the connection was closed";
	} else if (code == BR_ERR_OK && !t->ready) {
		t->why = "the server ended TLS before it was set up";
	}
}

/*
 * Updates T from the state of the engine. BearSSL is closed only when our own
 * close_notify is written; shutdown_recv, which has no accessor, says that the
 * close_notify of the peer has come.
 */
static void
update_state(struct tls *t)
{
	unsigned state = br_ssl_engine_current_state(tls_engine(t));

	if (t->cause != NULL)
		return;
	if (state == BR_SSL_CLOSED)
		fail_tls(t, br_ssl_engine_last_error(tls_engine(t)));
	else if (tls_engine(t)->shutdown_recv)
		fail_tls(t, BR_ERR_OK);
	else if (state & (BR_SSL_SENDAPP | BR_SSL_RECVAPP))
		t->ready = 1;
}

static void
init_client(struct tls *t, const struct tls_options *options)
{
	static const char *alpn[] = {"xmpp-client"};
	uint16_t ids[SUITES];
	size_t i;

	for (i = 0; i < SUITES; i++)
		ids[i] = suites[i].id;
	br_ssl_engine_set_versions(tls_engine(t), BR_TLS12, BR_TLS12);
	br_ssl_engine_set_suites(tls_engine(t), ids, SUITES);
	br_ssl_engine_set_hash(tls_engine(t), br_md5_ID, NULL);
	br_ssl_engine_set_hash(tls_engine(t), br_sha1_ID, NULL);
	br_ssl_engine_set_all_flags(tls_engine(t),
	    BR_OPT_NO_RENEGOTIATION | BR_OPT_FAIL_ON_ALPN_MISMATCH);
	if (options->alpn)
		br_ssl_engine_set_protocol_names(tls_engine(t), alpn, 1);
	br_ssl_engine_set_buffers_bidi(
	    tls_engine(t), t->in, sizeof t->in, t->out, sizeof t->out);
	br_ssl_engine_inject_entropy(tls_engine(t), options->seed, SEED);
}

/*
 * Returns 1 if the options are sound. The name is checked here because BearSSL
 * checks none if it is empty, and lets *.a.b match .a.b.
 */
static int
are_sound(const struct tls_options *o)
{
	if (o->name == NULL || *o->name == '\0' || *o->name == '.' ||
	    strchr(o->name, '*') != NULL || o->seed == NULL)
		return 0;
	return (o->anchors == NULL) != (o->pin == NULL);
}

struct tls *
tls_new(const struct tls_options *options)
{
	struct tls *t;

	if (!are_sound(options))
		return NULL;
	t = buf_alloc(sizeof *t);
	buf_init(&t->flight, 2 * sizeof t->out);
	verify_init(&t->verify, &t->client, options);
	init_client(t, options);
	if (!br_ssl_client_reset(&t->client, options->sni, 0)) {
		tls_free(t);
		return NULL;
	}
	return t;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	verify_clear(&t->verify);
	buf_clear(&t->flight);
	buf_wipe(t, sizeof *t);
	free(t);
}

/* The first byte must be a type of record (RFC 5246 6.2.1). */
static void
check_first_byte(struct tls *t, unsigned char byte)
{
	if (!t->begun)
		t->foreign = byte < 20 || byte > 23;
	t->begun = 1;
}

size_t
tls_recv(struct tls *t, const void *p, size_t n)
{
	const unsigned char *from = p;
	unsigned char *to;
	size_t done = 0, room;

	while (done < n && t->cause == NULL) {
		to = br_ssl_engine_recvrec_buf(tls_engine(t), &room);
		if (to == NULL)
			break;
		if (room > n - done)
			room = n - done;
		check_first_byte(t, from[done]);
		memcpy(to, from + done, room);
		br_ssl_engine_recvrec_ack(tls_engine(t), room);
		done += room;
		update_state(t);
	}
	return t->cause == NULL ? done : n;
}

const unsigned char *
tls_wire_buf(struct tls *t, size_t *len)
{
	const unsigned char *record;

	while (!t->ready && buf_len(&t->flight) < sizeof t->out) {
		record = br_ssl_engine_sendrec_buf(tls_engine(t), len);
		if (record == NULL)
			break;
		buf_add(&t->flight, record, *len);
		br_ssl_engine_sendrec_ack(tls_engine(t), *len);
		update_state(t);
	}
	*len = buf_len(&t->flight);
	return *len > 0 ? buf_data(&t->flight)
			: br_ssl_engine_sendrec_buf(tls_engine(t), len);
}

void
tls_wire_done(struct tls *t, size_t n)
{
	size_t len = buf_len(&t->flight);

	if (len > 0) {
		buf_drop(&t->flight, n < len ? n : len);
		return;
	}
	if (br_ssl_engine_sendrec_buf(tls_engine(t), &len) == NULL || n == 0)
		return;
	br_ssl_engine_sendrec_ack(tls_engine(t), n < len ? n : len);
	update_state(t);
}

const unsigned char *
tls_clear_buf(struct tls *t, size_t *len)
{
	return br_ssl_engine_recvapp_buf(tls_engine(t), len);
}

void
tls_clear_done(struct tls *t, size_t n)
{
	size_t len;

	if (br_ssl_engine_recvapp_buf(tls_engine(t), &len) == NULL || n == 0)
		return;
	br_ssl_engine_recvapp_ack(tls_engine(t), n < len ? n : len);
}

size_t
tls_send(struct tls *t, const void *p, size_t n)
{
	const unsigned char *from = p;
	unsigned char *to;
	size_t done = 0, room;

	while (done < n && t->cause == NULL) {
		to = br_ssl_engine_sendapp_buf(tls_engine(t), &room);
		if (to == NULL)
			break;
		if (room > n - done)
			room = n - done;
		memcpy(to, from + done, room);
		br_ssl_engine_sendapp_ack(tls_engine(t), room);
		done += room;
	}
	return done;
}

void
tls_flush(struct tls *t)
{
	br_ssl_engine_flush(tls_engine(t), 0);
}

void
tls_close(struct tls *t)
{
	if (t->closing || t->cause != NULL)
		return;
	t->closing = 1;
	br_ssl_engine_close(tls_engine(t));
	update_state(t);
}

int
tls_ready(const struct tls *t)
{
	return t->ready && t->cause == NULL;
}

const char *
tls_cause(const struct tls *t)
{
	return t->cause;
}

const char *
tls_why(const struct tls *t)
{
	return t->why;
}

const unsigned char *
tls_pin(const struct tls *t)
{
	return t->verify.seen ? t->verify.hash : NULL;
}

const unsigned char *
tls_leaf(const struct tls *t, size_t *len)
{
	*len = t->verify.seen ? buf_len(&t->verify.leaf) : 0;
	return t->verify.seen ? buf_data(&t->verify.leaf) : NULL;
}

const char *
tls_version(const struct tls *t)
{
	return t->ready ? "1.2" : NULL;
}

const char *
tls_cipher(const struct tls *t)
{
	br_ssl_session_parameters session;
	const char *name = NULL;
	size_t i;

	br_ssl_engine_get_session_parameters(&t->client.eng, &session);
	for (i = 0; i < SUITES && t->ready; i++)
		if (suites[i].id == session.cipher_suite)
			name = suites[i].name;
	buf_wipe(&session, sizeof session);
	return name;
}

/*
 * BearSSL keeps both Finished messages, the client's first, and has no function
 * that returns them.
 */
const unsigned char *
tls_unique(const struct tls *t)
{
	return t->ready ? t->client.eng.saved_finished : NULL;
}
