/* Trust anchors from PEM, and what a certificate says of itself. */
#include "t/unit/tap.h"
#include "t/unit/tls-server.h"

/* Reads N bytes at P as anchors; whether there are some. */
static int
reads(const void *p, size_t n, const char **why)
{
	struct tls_anchors *anchors = tls_anchors_new(p, n, why);

	tls_anchors_free(anchors);
	return anchors != NULL;
}

static void
refused(const char *text, const char *why, const char *what)
{
	const char *got = "-";
	int good = reads(text, strlen(text), &got);

	ok(!good && strstr(got, why) != NULL, "%s: %s", what, got);
}

/* Returns 1 if TEXT serves as anchors for the certificate of SERVER. */
static int
serves(struct buf *text, const char *server)
{
	static const unsigned char seed[32] = "a seed";
	struct tls_options o = {0};
	struct tls_anchors *anchors;
	const char *why;
	struct pair p;
	int good;

	anchors = tls_anchors_new(buf_data(text), buf_len(text), &why);
	if (anchors == NULL)
		return 0;
	o.name = "xmpp.example";
	o.anchors = anchors;
	o.seed = seed;
	o.now = (int64_t)time(NULL) + 60;
	pair_init(&p, server_new(server, "ec.key"), &o);
	pair_run(&p);
	good = tls_ready(p.client);
	pair_clear(&p);
	tls_anchors_free(anchors);
	return good;
}

static void
test_anchors(void)
{
	struct buf ca, other, ed, leaf, all;
	const char *why = NULL;
	size_t i, n, good = 0;
	char *text;

	certs_read("ca.pem", &ca);
	certs_read("other-ca.pem", &other);
	certs_read("ed-leaf.pem", &ed);
	ok(serves(&ca, "good-ec.pem"), "one anchor");
	ok(!serves(&other, "good-ec.pem"), "another of the same name");

	buf_init(&all, LARGE);
	buf_adds(&all, "Comments are skipped\n");
	buf_add(&all, buf_data(&ed), buf_len(&ed));
	buf_add(&all, buf_data(&other), buf_len(&other));
	buf_adds(&all, "-----BEGIN OTHER-----\n!!!!\n-----END OTHER-----\n");
	buf_add(&all, buf_data(&ca), buf_len(&ca));
	ok(serves(&all, "good-ec.pem"), "one of several, others left out");
	ok(serves(&all, "other.pem"), "and the other of the same name");

	buf_reset(&all);
	buf_adds(&all, "-----BEGIN CERTIFICATE-----\n####\n"
		       "-----END CERTIFICATE-----\n");
	buf_add(&all, buf_data(&ca), buf_len(&ca));
	ok(!serves(&all, "good-ec.pem"), "a damaged one before a good one");

	/* The first certificate of the server, which another has signed. */
	certs_read("good-ec.pem", &leaf);
	text = strstr(buf_str(&leaf), "-----END CERTIFICATE-----\n");
	buf_cut(&leaf, (size_t)(text - buf_str(&leaf)) + 26);
	ok(serves(&leaf, "good-ec.pem"), "a server for itself");
	ok(!serves(&leaf, "other.pem"), "  and for no other");
	buf_clear(&leaf);

	/* Without the last newline, and with those of other systems. */
	text = buf_str(&ca);
	n = strlen(text);
	ok(text[n - 1] == '\n' && reads(text, n - 1, &why),
	    "the last line may lack its end");
	buf_reset(&all);
	for (i = 0; i < n; i++) {
		if (text[i] == '\n')
			buf_addc(&all, '\r');
		buf_addc(&all, text[i]);
	}
	ok(serves(&all, "good-ec.pem"), "lines that end in CR LF");

	/* Cut anywhere before the END line: never half a certificate. */
	for (i = 0; i + 26 < n; i++)
		good += (size_t)reads(text, i, &why);
	ok(good == 0, "cut short anywhere: refused");
	ok(strstr(why, "cut short") != NULL, "  %s", why);
	ok(!reads(buf_data(&ed), buf_len(&ed), &why) &&
		strstr(why, "no usable") != NULL,
	    "only Ed25519");
	buf_clear(&ca);
	buf_clear(&other);
	buf_clear(&ed);
	buf_clear(&all);
}

static void
test_refused(void)
{
	refused("", "no usable", "nothing");
	refused("hello\n", "no usable", "no PEM");
	refused("-----BEGIN CERTIFICATE-----\n", "cut short", "only a begin");
	refused("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
	    "no usable", "an empty certificate");
	refused("-----BEGIN CERTIFICATE-----\n####\n"
		"-----END CERTIFICATE-----\n",
	    "damaged", "not base64");
	refused("-----BEGIN CERTIFICATE-----\nMAAA\n"
		"-----END CERTIFICATE-----\n",
	    "no usable", "not a certificate");
	refused("-----BEGIN PRIVATE KEY-----\nMAAA\n"
		"-----END PRIVATE KEY-----\n",
	    "no usable", "a key");
}

static void
describes(const char *file, const char *expected)
{
	int64_t from = 0, to = 0, now = (int64_t)time(NULL);
	struct buf der, names;

	certs_der(file, &der, 1);
	buf_init(&names, 4096);
	ok(tls_describe(buf_data(&der), buf_len(&der), &names, &from, &to) ==
		    0 &&
		strcmp(buf_str(&names), expected) == 0,
	    "%s: %s", file, buf_str(&names));
	/* openssl(1) reads the clock once for each. */
	ok(from > now - 600 && from <= now &&
		to - from >= (int64_t)3650 * 86400 &&
		to - from < (int64_t)3650 * 86400 + 60,
	    "  and its dates");
	buf_clear(&names);
	buf_clear(&der);
}

static void
test_describe(void)
{
	struct buf der, names;
	int64_t from = -1, to = -1;
	size_t i, good = 0;

	describes("good-ec.pem", "xmpp.example chat.example");
	describes("wild.pem", "*.example.org");
	describes("cn.pem", "xmpp.example");
	describes("self.pem", "xmpp.example");
	describes("good-rsa.pem", "xmpp.example");
	describes("ca.pem", "Test?Root");

	certs_der("good-ec.pem", &der, 1);
	buf_init(&names, 4096);
	for (i = 0; i < buf_len(&der) / 2; i++)
		good +=
		    tls_describe(buf_data(&der), i, &names, &from, &to) == 0;
	ok(good == 0 && from == -1 && to == -1 && buf_len(&names) == 0,
	    "cut short: nothing");
	buf_clear(&der);
	certs_der("ed-leaf.pem", &der, 1);
	ok(tls_describe(buf_data(&der), buf_len(&der), &names, &from, &to) ==
		-1,
	    "Ed25519 cannot be read");
	buf_clear(&der);
	buf_clear(&names);
}

int
main(void)
{
	certs_make();
	test_anchors();
	test_refused();
	test_describe();
	certs_remove();
	return tap_done();
}
