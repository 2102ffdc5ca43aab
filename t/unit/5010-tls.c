/* TLS itself against BearSSL's server in memory: bytes, ends, attacks. */
#include "t/unit/tap.h"
#include "t/unit/tls-server.h"

#define MEGABYTE ((size_t)1 << 20)

static const unsigned char seed[32] = "not at all random, but a seed...";
static struct tls_anchors *anchors;
static int64_t now;

static struct tls_options
options(void)
{
	struct tls_options o = {0};

	o.sni = "sni.example";
	o.name = "xmpp.example";
	o.anchors = anchors;
	o.seed = seed;
	o.now = now;
	return o;
}

/* A pair, not yet run, with the EC certificate. */
static void
start(struct pair *p)
{
	struct tls_options o = options();

	pair_init(p, server_new("good-ec.pem", "ec.key"), &o);
}

static void
establish(struct pair *p)
{
	start(p);
	pair_run(p);
}

static int
is(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int
holds(const struct buf *b, const void *p, size_t n)
{
	return buf_len(b) == n && memcmp(buf_data(b), p, n) == 0;
}

/* The pair has failed with CAUSE, in words that hold WHY. */
static void
failed(struct pair *p, const char *cause, const char *why, const char *what)
{
	const char *words = tls_why(p->client);

	ok(is(tls_cause(p->client), cause) && words != NULL &&
		strstr(words, why) != NULL,
	    "%s: %s: %s", what, cause, words != NULL ? words : "-");
	if (!is(tls_cause(p->client), cause) && tls_cause(p->client) != NULL)
		printf("# got %s\n", tls_cause(p->client));
	ok(!tls_ready(p->client) && tls_send(p->client, "x", 1) == 0 &&
		tls_recv(p->client, "abc", 3) == 3,
	    "  nothing goes out, input is ignored");
}

static void
test_facts(void)
{
	const br_ssl_engine_context *eng;
	struct pair p;

	start(&p);
	eng = &p.server->ctx.eng;
	ok(!tls_ready(p.client) && tls_version(p.client) == NULL &&
		tls_cipher(p.client) == NULL && tls_unique(p.client) == NULL,
	    "nothing is claimed before the handshake");
	ok(tls_send(p.client, "early", 5) == 0, "nothing is sent early");
	pair_run(&p);
	ok(tls_ready(p.client) && tls_cause(p.client) == NULL &&
		tls_why(p.client) == NULL,
	    "ready");
	ok(is(tls_version(p.client), "1.2"), "version");
	ok(is(tls_cipher(p.client), "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
	    "cipher %s", tls_cipher(p.client));
	ok(memcmp(tls_unique(p.client), eng->saved_finished, 12) == 0,
	    "tls-unique is the same on both sides");
	ok(is(br_ssl_engine_get_server_name(eng), "sni.example"),
	    "the SNI is not the name that is checked");
	ok(eng->selected_protocol == 0, "no ALPN unasked");
	pair_clear(&p);
}

/* The ClientHello: exactly the six suites in order, 1.2, no SHA-1. */
static void
test_hello(void)
{
	static const uint16_t suites[] = {
	    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8};
	static const unsigned char sign[] = {0x00, 0x0d, 0x00, 0x12, 0x00, 0x10,
	    4, 3, 3, 3, 5, 3, 6, 3, 4, 1, 3, 1, 5, 1, 6, 1};
	const unsigned char *hello;
	size_t len, i, found = 0;
	struct pair p;

	start(&p);
	hello = tls_wire_buf(p.client, &len);
	ok(len > 100 && hello[0] == 22 && hello[9] == 3 && hello[10] == 3,
	    "ClientHello of 1.2");
	ok(hello[43] == 0, "no session to resume");
	ok(hello[44] == 0 && hello[45] == 2 * 6, "six suites");
	for (i = 0; i < 6; i++)
		found +=
		    (hello[46 + 2 * i] << 8 | hello[47 + 2 * i]) == suites[i];
	ok(found == 6, "in order");
	for (i = 0, found = 0; i + sizeof sign <= len; i++)
		found += memcmp(hello + i, sign, sizeof sign) == 0;
	ok(found == 1, "signatures with SHA-2 only");
	pair_clear(&p);
}

/* Each step of the handshake is one piece for the socket. */
static void
test_flights(void)
{
	const unsigned char *at;
	size_t len, flights = 0;
	struct pair p;

	start(&p);
	while ((at = tls_wire_buf(p.client, &len)) != NULL) {
		flights++;
		if (flights == 2) {
			ok(at[0] == 22 && at[5] == 16, "a ClientKeyExchange");
			at += 5 + (at[3] << 8 | at[4]);
			ok(at[0] == 20, "  with the ChangeCipherSpec");
			ok(at[6] == 22, "  and the Finished");
		}
		while (pair_up(&p))
			;
		while (pair_down(&p))
			;
	}
	ok(flights == 2, "a handshake is sent in two pieces");
	pair_clear(&p);
}

static void
test_suites(void)
{
	static const struct {
		uint16_t suite;
		int rsa;
		const char *name;
	} cases[] = {
	    {0xc02b, 0, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
	    {0xc02c, 0, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
	    {0xcca9, 0, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
	    {0xc02f, 1, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
	    {0xc030, 1, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
	    {0xcca8, 1, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
	    {0xc009, 0, NULL}, /* ECDHE_ECDSA with AES-CBC and SHA-1 */
	    {0xc027, 1, NULL}, /* ECDHE_RSA with AES-CBC and SHA-256 */
	    {0x009c, 1, NULL}, /* RSA key exchange, AES-GCM */
	    {0xc02d, 0, NULL}, /* static ECDH, AES-GCM */
	    {0xc0ac, 0, NULL}, /* ECDHE_ECDSA with AES-CCM */
	};
	struct tls_options o = options();
	struct server *s;
	struct pair p;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		s = cases[i].rsa ? server_new("good-rsa.pem", "rsa.key")
				 : server_new("good-ec.pem", "ec.key");
		br_ssl_engine_set_suites(&s->ctx.eng, &cases[i].suite, 1);
		pair_init(&p, s, &o);
		pair_run(&p);
		if (cases[i].name == NULL)
			failed(&p, "tls-version", "handshake_failure",
			    "a server with another suite only");
		else
			ok(is(tls_cipher(p.client), cases[i].name), "%s",
			    cases[i].name);
		pair_clear(&p);
	}
}

static void
test_versions(void)
{
	static const unsigned char alert[] = {21, 3, 1, 0, 2, 2, 70};
	static const char plain[] = "HTTP/1.1 400 Bad Request\r\n";
	unsigned char hello[] = {22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2};
	struct pair p;

	start(&p);
	br_ssl_engine_set_versions(&p.server->ctx.eng, BR_TLS10, BR_TLS11);
	pair_run(&p);
	failed(&p, "tls-version", "version", "a server of 1.0 and 1.1");
	pair_clear(&p);

	start(&p);
	tls_recv(p.client, hello, sizeof hello);
	failed(&p, "tls-version", "TLS 1.2", "a ServerHello of 1.1");
	pair_clear(&p);

	start(&p);
	tls_recv(p.client, alert, sizeof alert);
	failed(&p, "tls-version", "protocol_version", "a server of 1.3");
	pair_clear(&p);

	start(&p);
	tls_recv(p.client, plain, sizeof plain - 1);
	failed(&p, "protocol", "does not speak TLS", "no TLS at all");
	pair_clear(&p);
}

/* Every alert is named; a warning is not the end. */
static void
test_alerts(void)
{
	unsigned char alert[] = {21, 3, 3, 0, 2, 2, 0};
	static const struct {
		unsigned char code;
		const char *cause, *why;
	} cases[] = {
	    {80, "protocol", "internal_error"},
	    {42, "protocol", "bad_certificate"},
	    {112, "tls-name", "unrecognized_name"},
	    {120, "protocol", "no_application_protocol"},
	    {71, "tls-version", "insufficient_security"},
	    {200, "protocol", "unknown alert"},
	};
	struct pair p;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		start(&p);
		alert[6] = cases[i].code;
		tls_recv(p.client, alert, sizeof alert);
		failed(&p, cases[i].cause, cases[i].why, "alert");
		pair_clear(&p);
	}
	start(&p);
	alert[5] = 1;
	alert[6] = 112;
	tls_recv(p.client, alert, sizeof alert);
	pair_run(&p);
	ok(tls_ready(p.client), "a warning does no harm");
	pair_clear(&p);
	start(&p);
	alert[6] = 0;
	tls_recv(p.client, alert, sizeof alert);
	failed(&p, "connection-lost", "before it was set up",
	    "close_notify in the handshake");
	pair_clear(&p);
}

static void
fill(unsigned char *p, size_t n)
{
	uint32_t x = 1;

	while (n-- > 0)
		*p++ = (unsigned char)((x = x * 1664525 + 1013904223) >> 24);
}

/* LEN bytes each way, fed to the client in pieces of CHUNK. */
static void
transfer(const unsigned char *data, size_t len, size_t chunk)
{
	size_t up = 0, down = 0, before;
	struct pair p;

	start(&p);
	p.chunk = chunk;
	pair_run(&p);
	while (tls_ready(p.client) && (up < len || down < len)) {
		before = up + down;
		up += tls_send(p.client, data + up, len - up);
		tls_flush(p.client);
		down += server_send(p.server, data + down, len - down);
		pair_run(&p);
		if (up + down == before)
			break;
	}
	pair_run(&p);
	ok(holds(&p.at_client, data, len), "%zu bytes down, by %zu", len,
	    chunk);
	ok(holds(&p.at_server, data, len), "%zu bytes up", len);
	pair_clear(&p);
}

static void
test_transfer(void)
{
	unsigned char *data = buf_alloc(MEGABYTE);

	fill(data, MEGABYTE);
	transfer(data, MEGABYTE, LARGE);
	transfer(data, MEGABYTE, 4093);
	transfer(data, 40000, 1);
	transfer(data, 40000, 2);
	transfer(data, 40000, 7);
	transfer(data, 1, 1);
	free(data);
}

static void
test_records(void)
{
	struct pair p;
	size_t before, len;
	int i;

	establish(&p);
	before = p.records;
	for (i = 0; i < 100; i++)
		tls_send(p.client, "<message/>", 10);
	ok(tls_wire_buf(p.client, &len) == NULL, "nothing before the flush");
	tls_flush(p.client);
	pair_run(&p);
	ok(p.records == before + 1 && buf_len(&p.at_server) == 1000,
	    "one record for a hundred small writes");
	tls_flush(p.client);
	tls_flush(p.client);
	ok(tls_wire_buf(p.client, &len) == NULL, "an empty flush is nothing");
	pair_clear(&p);
}

/* Clear bytes that nobody reads hold the rest back; none is lost. */
static void
test_backpressure(void)
{
	const unsigned char *wire, *clear;
	unsigned char copy[256];
	size_t len, n, taken;
	struct pair p;

	establish(&p);
	server_send(p.server, "first", 5);
	wire = br_ssl_engine_sendrec_buf(&p.server->ctx.eng, &n);
	memcpy(copy, wire, n);
	br_ssl_engine_sendrec_ack(&p.server->ctx.eng, n);
	server_send(p.server, "second", 6);
	wire = br_ssl_engine_sendrec_buf(&p.server->ctx.eng, &len);
	memcpy(copy + n, wire, len);
	br_ssl_engine_sendrec_ack(&p.server->ctx.eng, len);
	taken = tls_recv(p.client, copy, n + len);
	ok(taken == n, "only the first record is taken");
	ok(tls_recv(p.client, copy + n, len) == 0, "and nothing more");
	clear = tls_clear_buf(p.client, &taken);
	ok(taken == 5 && memcmp(clear, "first", 5) == 0, "it is there");
	tls_clear_done(p.client, 2);
	clear = tls_clear_buf(p.client, &taken);
	ok(taken == 3 && memcmp(clear, "rst", 3) == 0, "and read in parts");
	tls_clear_done(p.client, 3);
	ok(tls_clear_buf(p.client, &taken) == NULL, "till it is empty");
	ok(tls_recv(p.client, copy + n, len) == len, "then the second");
	clear = tls_clear_buf(p.client, &taken);
	ok(taken == 6 && memcmp(clear, "second", 6) == 0, "in order");
	pair_clear(&p);
}

static void
test_close(void)
{
	br_ssl_engine_context *eng;
	struct pair p;
	size_t len;

	establish(&p);
	eng = &p.server->ctx.eng;
	server_send(p.server, "last words", 10);
	br_ssl_engine_close(eng);
	pair_run(&p);
	ok(holds(&p.at_client, "last words", 10), "what came before the end");
	failed(&p, "connection-lost", "the server ended", "server's close");
	ok(br_ssl_engine_current_state(eng) == BR_SSL_CLOSED &&
		br_ssl_engine_last_error(eng) == 0,
	    "which was answered");
	pair_clear(&p);

	establish(&p);
	eng = &p.server->ctx.eng;
	tls_send(p.client, "last words", 10);
	tls_close(p.client);
	tls_close(p.client);
	ok(tls_send(p.client, "more", 4) == 0, "nothing after our close");
	pair_run(&p);
	ok(holds(&p.at_server, "last words", 10), "what was sent before it");
	ok(br_ssl_engine_current_state(eng) == BR_SSL_CLOSED &&
		br_ssl_engine_last_error(eng) == 0,
	    "the server saw an orderly end");
	ok(is(tls_cause(p.client), "connection-lost") &&
		is(tls_why(p.client), "the connection was closed"),
	    "and its answer ends it");
	pair_clear(&p);

	/* Data that is under way when we close. */
	establish(&p);
	server_send(p.server, "unread", 6);
	tls_close(p.client);
	pair_run(&p);
	ok(is(tls_cause(p.client), "connection-lost"), "close with data");
	ok(tls_wire_buf(p.client, &len) == NULL, "and all is written");
	pair_clear(&p);
}

/* The stream stops after each byte of the handshake: never ready. */
static void
test_truncated(void)
{
	size_t whole, cut, early = 0, loud = 0;
	struct pair p;

	establish(&p);
	whole = buf_len(&p.wire);
	pair_clear(&p);
	for (cut = 1; cut < whole; cut += 37) {
		start(&p);
		p.cut = cut;
		pair_run(&p);
		/* A flight is some bytes shorter at times. */
		if (cut < buf_len(&p.wire)) {
			early += (size_t)tls_ready(p.client);
			loud += tls_cause(p.client) != NULL;
		}
		pair_clear(&p);
	}
	ok(whole > 500 && early == 0, "cut off: never ready");
	ok(loud == 0, "which is for the caller to see");
}

/* A flipped bit anywhere in the server's bytes: never ready. */
static void
test_flipped(void)
{
	size_t whole, at, bad = 0;
	struct pair p;

	establish(&p);
	whole = buf_len(&p.wire);
	pair_clear(&p);
	for (at = 1; at <= whole; at += 11) {
		start(&p);
		p.flip = at;
		pair_run(&p);
		if (at <= buf_len(&p.wire))
			bad += (size_t)tls_ready(p.client);
		pair_clear(&p);
	}
	ok(bad == 0, "no bit of the handshake can be altered");
}

static void
test_flipped_record(void)
{
	struct pair p;

	establish(&p);
	server_send(p.server, "good", 4);
	pair_run(&p);
	server_send(p.server, "evil", 4);
	p.flip = buf_len(&p.wire) + 5 + 8 + 2;
	pair_run(&p);
	failed(&p, "protocol", "altered", "a flipped byte in a record");
	ok(holds(&p.at_client, "good", 4), "what came before it is whole");
	pair_clear(&p);
}

/* A record that comes twice. */
static void
test_replayed(void)
{
	unsigned char copy[256];
	size_t before, len;
	struct pair p;

	establish(&p);
	before = buf_len(&p.wire);
	server_send(p.server, "once", 4);
	pair_run(&p);
	len = buf_len(&p.wire) - before;
	memcpy(copy, buf_data(&p.wire) + before, len);
	pair_feed(&p, copy, len);
	failed(&p, "protocol", "altered", "a replayed record");
	ok(holds(&p.at_client, "once", 4), "counts once");
	pair_clear(&p);
}

static void
one_alpn(int offer, const char *serves, int tamper, const char *cause)
{
	struct tls_options o = options();
	struct server *s = server_new("good-ec.pem", "ec.key");
	size_t i;
	struct pair p;

	o.alpn = offer;
	if (serves != NULL)
		br_ssl_engine_set_protocol_names(&s->ctx.eng, &serves, 1);
	pair_init(&p, s, &o);
	pair_run(&p);
	if (tamper) { /* again, with one byte of the answer altered */
		for (i = 0; i + 11 < buf_len(&p.wire); i++)
			if (memcmp(buf_data(&p.wire) + i, "xmpp-client", 11) ==
			    0)
				break;
		pair_clear(&p);
		s = server_new("good-ec.pem", "ec.key");
		br_ssl_engine_set_protocol_names(&s->ctx.eng, &serves, 1);
		pair_init(&p, s, &o);
		p.flip = i + 1;
		pair_run(&p);
	}
	ok(is(tls_cause(p.client), cause), "ALPN %d, server has %s%s", offer,
	    serves ? serves : "none", tamper ? ", altered" : "");
	ok(tls_ready(p.client) == (cause == NULL), "  %s",
	    cause ? cause : "ready");
	if (cause == NULL)
		ok((p.server->ctx.eng.selected_protocol != 0) ==
			(offer && is(serves, "xmpp-client")),
		    "  selected");
	pair_clear(&p);
}

static void
test_alpn(void)
{
	one_alpn(1, "xmpp-client", 0, NULL);
	one_alpn(1, "http/1.1", 0, NULL);
	one_alpn(1, NULL, 0, NULL);
	one_alpn(0, "xmpp-client", 0, NULL);
	one_alpn(1, "xmpp-client", 1, "protocol");
}

static void
test_renegotiation(void)
{
	unsigned char unique[12];
	struct pair p;

	establish(&p);
	memcpy(unique, tls_unique(p.client), sizeof unique);
	ok(br_ssl_engine_renegotiate(&p.server->ctx.eng), "HelloRequest");
	pair_run(&p);
	ok(br_ssl_engine_last_error(&p.server->ctx.eng) ==
		BR_ERR_RECV_FATAL_ALERT + BR_ALERT_NO_RENEGOTIATION,
	    "is answered with no_renegotiation");
	ok(memcmp(unique, tls_unique(p.client), sizeof unique) == 0,
	    "and tls-unique is as before");
	pair_clear(&p);
}

static void
test_client_certificate(void)
{
	struct tls_options o = options();
	struct server *s = server_new("good-ec.pem", "ec.key");
	struct pair p;

	server_ask_client(s);
	pair_init(&p, s, &o);
	pair_run(&p);
	ok(tls_ready(p.client), "a request for our certificate: none given");
	pair_clear(&p);

	s = server_new("good-ec.pem", "ec.key");
	server_ask_client(s);
	br_ssl_engine_remove_flags(&s->ctx.eng, BR_OPT_TOLERATE_NO_CLIENT_AUTH);
	pair_init(&p, s, &o);
	pair_run(&p);
	ok(!tls_ready(p.client), "one that insists gets none either");
	pair_clear(&p);
}

/* Another seed, another client random. */
static void
test_random(void)
{
	static const unsigned char other[32] = "another seed";
	struct tls_options o = options();
	const unsigned char *hello;
	unsigned char first[64];
	struct pair p;
	size_t len;

	start(&p);
	hello = tls_wire_buf(p.client, &len);
	memcpy(first, hello, sizeof first);
	pair_clear(&p);
	o.seed = other;
	pair_init(&p, server_new("good-ec.pem", "ec.key"), &o);
	hello = tls_wire_buf(p.client, &len);
	ok(memcmp(first, hello, sizeof first) != 0, "a new client random");
	pair_clear(&p);
}

int
main(void)
{
	certs_make();
	now = (int64_t)time(NULL) + 60;
	anchors = certs_anchors("ca.pem");
	if (anchors == NULL)
		return 1;
	test_facts();
	test_hello();
	test_flights();
	test_suites();
	test_versions();
	test_alerts();
	test_transfer();
	test_records();
	test_backpressure();
	test_close();
	test_truncated();
	test_flipped();
	test_flipped_record();
	test_replayed();
	test_alpn();
	test_renegotiation();
	test_client_certificate();
	test_random();
	tls_anchors_free(anchors);
	certs_remove();
	return tap_done();
}
