/* The checks of the server's certificate: chain, dates, name, pin. */
#include "t/unit/tap.h"
#include "t/unit/tls-server.h"

#define YEAR ((int64_t)365 * 86400)

static const unsigned char seed[32] = "not at all random, but a seed...";
static int64_t now;

struct scene {
	const char *chain, *key, *anchors, *name;
	int64_t shift;		 /* seconds from now */
	const char *cause, *why; /* NULL: accepted; a part of tls_why */
};

static const struct scene scenes[] = {
    {"good-ec.pem", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"good-ec.pem", "ec.key", "ca.pem", "chat.example", 0, NULL, NULL},
    {"good-ec.pem", "ec.key", "ca.pem", "XMPP.Example", 0, NULL, NULL},
    {"good-rsa.pem", "rsa.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"via.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"via.pem", "ec.key", "inter.pem", "xmpp.example", 0, NULL, NULL},
    {"self.pem", "ec.key", "self.pem", "xmpp.example", 0, NULL, NULL},
    {"wild.pem", "ec.key", "ca.pem", "a.example.org", 0, NULL, NULL},

    {"good-ec.pem", "ec.key", "ca.pem", "xmpp.example", 11 * YEAR,
	"tls-expired", "has expired"},
    {"good-ec.pem", "ec.key", "ca.pem", "xmpp.example", -86400, "tls-expired",
	"not yet valid"},
    {"good-ec.pem", "ec.key", "ca.pem", "xmpp.example", -100 * YEAR,
	"tls-expired", "not yet valid"},
    {"self.pem", "ec.key", "self.pem", "xmpp.example", 11 * YEAR, "tls-expired",
	"has expired"},
    {"via.chain", "ec.key", "ca.pem", "xmpp.example", 2 * YEAR, "tls-expired",
	"of the chain"},

    {"good-ec.pem", "ec.key", "ca.pem", "example", 0, "tls-name",
	"another name"},
    {"good-ec.pem", "ec.key", "ca.pem", "other.example", 0, "tls-name",
	"another name"},
    {"good-ec.pem", "ec.key", "ca.pem", "xmpp.example.evil", 0, "tls-name",
	"another name"},
    {"good-ec.pem", "ec.key", "ca.pem", "a.xmpp.example", 0, "tls-name",
	"another name"},
    {"self.pem", "ec.key", "self.pem", "chat.example", 0, "tls-name",
	"another name"},
    {"wild.pem", "ec.key", "ca.pem", "a.b.example.org", 0, "tls-name",
	"another name"},
    {"wild.pem", "ec.key", "ca.pem", "example.org", 0, "tls-name",
	"another name"},
    {"cn.pem", "ec.key", "ca.pem", "xmpp.example", 0, "tls-name",
	"common name"},
    {"self-cn.pem", "ec.key", "self-cn.pem", "xmpp.example", 0, "tls-name",
	"common name"},
    {"ip.pem", "ec.key", "ca.pem", "xmpp.example", 0, "tls-name",
	"common name"},
    {"ip.pem", "ec.key", "ca.pem", "127.0.0.1", 0, "tls-name", "common name"},

    {"other.pem", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"trust anchor"},
    {"self.pem", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"trust anchor"},
    {"via.pem", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"trust anchor"},
    {"order.chain", "ec.key", "ca.pem", "xmpp.example", 0, "tls-name",
	"common name"},
    {"rogue.chain", "ec2.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"not an authority"},
    {"rogue.pem", "ec2.key", "good-ec.pem", "xmpp.example", 0, "tls-untrusted",
	"trust anchor"},
    {"sha1.pem", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"SHA-1"},
    {"short-rsa.pem", "short.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"too short"},
    {"ed-leaf.pem", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"type of the certificate's key"},
    {"odd.pem", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"critical extension"},
    {"keyenc.pem", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"not for signing"},
    {"good-ec.pem", "ec2.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"does not hold the key"},
    {"good-rsa.pem", "short.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"does not hold the key"},

    /* The rest of a chain in any order, with what does not belong to it. */
    {"deep.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"deep-rsa.chain", "rsa.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"reversed.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"twice.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"last-twice.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"root.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"stray.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"unrelated.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"cross.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"names.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"names-8.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"strays-16.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"early-17.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"ring-out.chain", "ec.key", "ca.pem", "xmpp.example", 0, NULL, NULL},
    {"reversed.chain", "ec.key", "top.pem", "xmpp.example", 0, NULL, NULL},

    {"lacks-sub.chain", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"trust anchor"},
    {"lacks-top.chain", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"trust anchor"},
    {"cross-alone.chain", "ec.key", "ca.pem", "xmpp.example", 0,
	"tls-untrusted", "trust anchor"},
    {"stray.chain", "ec.key", "ring-a.pem", "xmpp.example", 0, "tls-untrusted",
	"trust anchor"},
    {"unrelated.chain", "ec.key", "inter.pem", "xmpp.example", 0,
	"tls-untrusted", "another type of key"},
    {"ring.chain", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"trust anchor"},
    {"names-9.chain", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"signature"},
    {"strays-17.chain", "ec.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"so many certificates"},
    {"reversed.chain", "ec.key", "ca.pem", "chat.example", 0, "tls-name",
	"another name"},
    {"reversed.chain", "ec.key", "ca.pem", "xmpp.example", 11 * YEAR,
	"tls-expired", "certificate has expired"},
    {"reversed.chain", "ec.key", "ca.pem", "xmpp.example", 2 * YEAR,
	"tls-expired", "of the chain"},
    {"names.chain", "ec.key", "ca.pem", "xmpp.example", 2 * YEAR, "tls-expired",
	"of the chain"},
    {"reversed.chain", "ec2.key", "ca.pem", "xmpp.example", 0, "tls-untrusted",
	"does not hold the key"},
};

static struct tls_options
options(const char *name)
{
	struct tls_options o = {0};

	o.sni = "sni.example";
	o.name = name;
	o.seed = seed;
	o.now = now;
	return o;
}

static int
same_string(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The verdict of P, and that nothing flows after a refusal. */
static void
judge(struct pair *p, const char *what, const char *cause, const char *why)
{
	unsigned char pin[TLS_PIN];
	const char *got = tls_cause(p->client);
	const char *words = tls_why(p->client);
	size_t n;

	ok(same_string(got, cause), "%s: %s", what, cause ? cause : "good");
	if (!same_string(got, cause))
		printf("# got %s: %s\n", got ? got : "-", words ? words : "-");
	if (cause != NULL) {
		ok(words != NULL && strstr(words, why) != NULL, "  because: %s",
		    words ? words : "-");
		ok(!tls_ready(p->client) && tls_unique(p->client) == NULL &&
			tls_version(p->client) == NULL &&
			tls_send(p->client, "x", 1) == 0 &&
			tls_wire_buf(p->client, &n) == NULL,
		    "  nothing can be sent");
	} else {
		ok(tls_ready(p->client), "  ready");
	}
	certs_pin(what, pin);
	ok(tls_pin(p->client) != NULL &&
		memcmp(tls_pin(p->client), pin, TLS_PIN) == 0,
	    "  its fingerprint is known");
}

static void
test_chains(void)
{
	const struct scene *scene;
	struct tls_anchors *anchors;
	struct tls_options o;
	struct pair p;
	size_t i;

	for (i = 0; i < sizeof scenes / sizeof *scenes; i++) {
		scene = &scenes[i];
		anchors = certs_anchors(scene->anchors);
		o = options(scene->name);
		o.anchors = anchors;
		o.now = now + scene->shift;
		pair_init(&p, server_new(scene->chain, scene->key), &o);
		pair_run(&p);
		printf("# %s for %s\n", scene->chain, scene->name);
		judge(&p, scene->chain, scene->cause, scene->why);
		pair_clear(&p);
		tls_anchors_free(anchors);
	}
}

static void
one_pin(const char *pinned, const char *chain, const char *key,
    const char *cause, const char *why)
{
	struct tls_options o = options("no.such.name");
	unsigned char pin[TLS_PIN];
	struct pair p;

	certs_pin(pinned, pin);
	o.pin = pin;
	o.now = 0; /* no dates, no name, no chain */
	pair_init(&p, server_new(chain, key), &o);
	pair_run(&p);
	printf("# pin of %s\n", pinned);
	judge(&p, chain, cause, why);
	pair_clear(&p);
}

static void
test_pins(void)
{
	one_pin("self.pem", "self.pem", "ec.key", NULL, NULL);
	one_pin("good-rsa.pem", "good-rsa.pem", "rsa.key", NULL, NULL);
	one_pin("cn.pem", "cn.pem", "ec.key", NULL, NULL);
	one_pin("via.pem", "via.chain", "ec.key", NULL, NULL);
	one_pin("inter.pem", "via.chain", "ec.key", "tls-pin", "fingerprint");
	one_pin("self.pem", "good-ec.pem", "ec.key", "tls-pin", "fingerprint");
	one_pin("deep.pem", "strays-17.chain", "ec.key", NULL, NULL);
	one_pin(
	    "sub.pem", "reversed.chain", "ec.key", "tls-pin", "fingerprint");
	one_pin("self.pem", "self.pem", "ec2.key", "tls-pin", "hold the key");
	one_pin("self.pem", "self.pem", "rsa.key", "tls-pin", "hold the key");
	one_pin("good-rsa.pem", "good-rsa.pem", "ec.key", "tls-pin",
	    "hold the key");
	one_pin("good-rsa.pem", "good-rsa.pem", "short.key", "tls-pin",
	    "hold the key");
	one_pin("ed-leaf.pem", "ed-leaf.pem", "ec.key", "tls-untrusted",
	    "type of the certificate's key");
	one_pin("short-rsa.pem", "short-rsa.pem", "short.key", "tls-untrusted",
	    "too short");
}

/* BearSSL takes its own clock for the first second of the year 0. */
static void
test_clock(void)
{
	struct tls_anchors *anchors = certs_anchors("ca.pem");
	struct tls_options o = options("xmpp.example");
	struct pair p;

	o.anchors = anchors;
	o.now = (int64_t)-719528 * 86400;
	pair_init(&p, server_new("good-ec.pem", "ec.key"), &o);
	pair_run(&p);
	judge(&p, "good-ec.pem", "tls-expired", "not yet valid");
	pair_clear(&p);
	tls_anchors_free(anchors);
}

/* One bit of the pin differs, each in turn. */
static void
test_pin_bits(void)
{
	struct tls_options o = options("xmpp.example");
	unsigned char pin[TLS_PIN];
	struct pair p;
	int bit, refused = 0;

	certs_pin("self.pem", pin);
	o.pin = pin;
	for (bit = 0; bit < TLS_PIN * 8; bit += 5) {
		pin[bit / 8] ^= (unsigned char)(1 << bit % 8);
		pair_init(&p, server_new("self.pem", "ec.key"), &o);
		pair_run(&p);
		refused += same_string(tls_cause(p.client), "tls-pin");
		pair_clear(&p);
		pin[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	ok(refused == (TLS_PIN * 8 + 4) / 5, "any other bit is refused");
}

/* /configure looks at the certificate with a pin that no leaf has. */
static void
test_look(void)
{
	struct tls_options o = options("xmpp.example");
	unsigned char pin[TLS_PIN] = {0};
	const unsigned char *leaf;
	struct buf der;
	struct pair p;
	size_t len;

	o.pin = pin;
	pair_init(&p, server_new("good-ec.pem", "ec.key"), &o);
	pair_run(&p);
	judge(&p, "good-ec.pem", "tls-pin", "configured fingerprint");
	certs_der("good-ec.pem", &der, 1);
	leaf = tls_leaf(p.client, &len);
	ok(len == buf_len(&der) && memcmp(leaf, buf_data(&der), len) == 0,
	    "the leaf as it was sent");
	ok(p.records == 1, "nothing but the ClientHello was sent");
	buf_clear(&der);
	pair_clear(&p);
}

static void
test_options(void)
{
	struct tls_anchors *anchors = certs_anchors("ca.pem");
	struct tls_options o = options("xmpp.example");
	unsigned char pin[TLS_PIN] = {0};
	struct tls *t;
	size_t len;

	ok(tls_new(&o) == NULL, "neither anchors nor pin: refused");
	o.anchors = anchors;
	o.pin = pin;
	ok(tls_new(&o) == NULL, "both: refused");
	o.pin = NULL;
	o.name = "";
	ok(tls_new(&o) == NULL, "empty name: refused");
	o.name = NULL;
	ok(tls_new(&o) == NULL, "no name: refused");
	o.name = ".example";
	ok(tls_new(&o) == NULL, "a name with an empty label: refused");
	o.name = "*.example";
	ok(tls_new(&o) == NULL, "a pattern for a name: refused");
	o.name = NULL;
	o.anchors = NULL;
	o.pin = pin;
	ok(tls_new(&o) == NULL, "no name with a pin: refused");
	o.name = "xmpp.example";
	o.seed = NULL;
	ok(tls_new(&o) == NULL, "no seed: refused");
	o.seed = seed;
	t = tls_new(&o);
	ok(t != NULL && tls_cause(t) == NULL && !tls_ready(t), "good options");
	ok(tls_pin(t) == NULL && tls_leaf(t, &len) == NULL && len == 0,
	    "no leaf before it came");
	tls_free(t);
	tls_free(NULL);
	tls_anchors_free(anchors);
}

int
main(void)
{
	certs_make();
	now = (int64_t)time(NULL) + 60; /* they are valid from just now */
	test_options();
	test_chains();
	test_clock();
	test_pins();
	test_pin_bits();
	test_look();
	certs_remove();
	return tap_done();
}
