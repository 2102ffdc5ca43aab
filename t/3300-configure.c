/* The dialogue of --configure, without a terminal, files or a server. */
#include <stdlib.h>
#include <string.h>

#include "line/configure.h"
#include "t/file.h"
#include "t/tap.h"
#include "xmpp/base64.h"

#define BOTH (CONFIGURE_NO_CONFIG | CONFIGURE_NO_PASSWORD)

static const char hex[] =
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/* What is asked for now. */
static const char *
what(struct configure *c)
{
	struct configure_question q;

	if (configure_step(c) != CONFIGURE_ASK)
		return "-";
	configure_question(c, &q);
	return q.what;
}

/* Gives ANSWER to the question WHAT; 0 where it was taken. */
static int
give(struct configure *c, const char *question, const char *text)
{
	const char *why = NULL;
	int status;

	if (strcmp(what(c), question) != 0) {
		printf("# asked for %s, not %s\n", what(c), question);
		return -2;
	}
	status = configure_answer(c, text, strlen(text), &why);
	if (status == -1 && (why == NULL || *why == '\0'))
		return -3;
	return status;
}

/* Whether ANSWER to QUESTION is refused, and asked for again. */
static int
refuses(struct configure *c, const char *question, const char *text)
{
	return give(c, question, text) == -1 && strcmp(what(c), question) == 0;
}

/* Answers the questions of LIST, pairs up to NULL. */
static int
give_all(struct configure *c, const char *const list[])
{
	for (; *list != NULL; list += 2)
		if (give(c, list[0], list[1]) != 0)
			return -1;
	return 0;
}

static const char *const account[] = {"jid", "alice@example.org/pad",
    "priority", "", "hostname", "", "port", "", "password", "", NULL};
static const char *const rest[] = {"certificate_hostname", "", "otr_v3", "",
    "otr_v2", "", "require_encryption", "", "send_whitespace_tag", "",
    "whitespace_start_ake", "", "error_start_ake", "", "notification_callback",
    "", "log_top", "", NULL};

/* A certificate authority in PEM, into OUT. */
static int
authority(struct buf *out)
{
	struct buf der, text;

	buf_init(out, 1 << 20);
	buf_init(&der, 1 << 20);
	buf_init(&text, 1 << 20);
	file_read("t/fuzz/certificate.corpus/ca", &der);
	base64_encode(&text, buf_data(&der), buf_len(&der));
	buf_addf(out,
	    "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n",
	    buf_str(&text));
	buf_clear(&der);
	buf_clear(&text);
	return buf_len(out) > 0 ? 0 : -1;
}

/* What C would write is TEXT. */
static void
prints(struct configure *c, const char *text, const char *name)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	config_print(configure_config(c), &out);
	if (!ok(strcmp(buf_str(&out), text) == 0, "%s", name))
		printf("# got %s\n", buf_str(&out));
	buf_clear(&out);
}

static void
test_defaults(void)
{
	static const char wanted[] =
	    "((version 3) (jid alice@example.org/pad) (hostname ()) (port ())\n"
	    " (priority ())\n"
	    " (authenticator\n"
	    "  (Fingerprint\n"
	    "   00112233445566778899aabbccddeeff"
	    "00112233445566778899aabbccddeeff))\n"
	    " (otr_config\n"
	    "  ((policies\n"
	    "    (REQUIRE_ENCRYPTION SEND_WHITESPACE_TAG WHITESPACE_START_AKE\n"
	    "     ERROR_START_AKE))\n"
	    "   (versions (V3 V2))))\n"
	    " (certificate_hostname ()) (notification_callback ())"
	    " (log_top false)\n"
	    " (muc_max_stanzas ()))";
	struct configure *c = configure_new(BOTH);

	ok(give_all(c, account) == 0, "an account by what holds anyway");
	ok(give(c, "trust", "n") == 0 && give(c, "fingerprint", hex) == 0,
	    "a fingerprint");
	ok(give_all(c, rest) == 0, "the rest by what holds anyway");
	ok(configure_step(c) == CONFIGURE_DONE, "then all is known");
	ok(configure_password(c) == NULL, "no password is to be stored");
	prints(c, wanted, "the configuration is what the original would use");
	configure_free(c);
}

static void
test_given(void)
{
	static const char *const list[] = {"jid",
	    "  Alice@Example.Org/With Space \r", "priority", "-128", "hostname",
	    "::1", "port", "65535", "password", "p\303\244ss \"w\\", "trust",
	    "No", "fingerprint", hex, "certificate_hostname",
	    "XMPP.example.org", "otr_v3", "n", "otr_v2", "Y",
	    "require_encryption", "n", "send_whitespace_tag", "no",
	    "whitespace_start_ake", "n", "error_start_ake", "yes",
	    "notification_callback", "/bin/notify me", "log_top", "y", NULL};
	static const char wanted[] =
	    "((version 3) (jid \"alice@example.org/With Space\")"
	    " (hostname (::1))\n"
	    " (port (65535)) (priority (-128))\n"
	    " (authenticator\n"
	    "  (Fingerprint\n"
	    "   00112233445566778899aabbccddeeff"
	    "00112233445566778899aabbccddeeff))\n"
	    " (otr_config ((policies (ERROR_START_AKE)) (versions (V2))))\n"
	    " (certificate_hostname (xmpp.example.org))\n"
	    " (notification_callback (\"/bin/notify me\")) (log_top true)\n"
	    " (muc_max_stanzas ()))";
	struct configure *c = configure_new(BOTH);

	ok(give_all(c, list) == 0 && configure_step(c) == CONFIGURE_DONE,
	    "everything is given");
	ok(configure_password(c) != NULL &&
		strcmp(configure_password(c), list[9]) == 0,
	    "the password to the byte");
	prints(c, wanted, "and everything stands there");
	configure_free(c);
}

static void
test_refused(void)
{
	static const char *const jids[] = {"", "@", "example.org", "a@",
	    "a@b@c/\xff", "alice@exa mple.org", "/x", NULL};
	static const char *const hosts[] = {"a b", "x@y", "x/y",
	    "*.example.org", ".example.org", "-\x01", NULL};
	static const char *const ports[] = {"0", "-1", "65536", "5222x", "x",
	    "+5", "99999999999999999999", "0x10", NULL};
	static const char *const hashes[] = {"x", "00", "zz", ":", NULL};
	struct configure *c = configure_new(BOTH);
	char *many = buf_alloc(5000);
	const char *const *p;

	for (p = jids; *p != NULL; p++)
		ok(refuses(c, "jid", *p), "no JID: %zu", (size_t)(p - jids));
	give(c, "jid", "alice@example.org");
	ok(strcmp(configure_config(c)->jid, "alice@example.org/jackline") == 0,
	    "a resource is made up");
	ok(refuses(c, "priority", "128") && refuses(c, "priority", "-129") &&
		refuses(c, "priority", "x") && refuses(c, "priority", "1.5"),
	    "no priority");
	give(c, "priority", "127");
	for (p = hosts; *p != NULL; p++)
		ok(refuses(c, "hostname", *p), "no host: %zu",
		    (size_t)(p - hosts));
	give(c, "hostname", "192.0.2.1");
	for (p = ports; *p != NULL; p++)
		ok(refuses(c, "port", *p), "no port: %s", *p);
	give(c, "port", "1");
	ok(refuses(c, "password", " x") && refuses(c, "password", "x\t"),
	    "a password that would be trimmed");
	memset(many, 'x', 4999);
	ok(refuses(c, "password", many), "a password that is too long");
	ok(refuses(c, "password", "\xc3"), "a password that is no UTF-8");
	free(many);
	give(c, "password", "");
	ok(refuses(c, "trust", "maybe"), "neither yes nor no");
	give(c, "trust", "n");
	for (p = hashes; *p != NULL; p++)
		ok(refuses(c, "fingerprint", *p), "no hash: %s", *p);
	give(c, "fingerprint", hex);
	ok(refuses(c, "certificate_hostname", "*.example.org") &&
		refuses(c, "certificate_hostname", "."),
	    "no name that a certificate could be held against");
	give(c, "certificate_hostname", "");
	ok(refuses(c, "otr_v3", "2"), "neither yes nor no");
	ok(give(c, "otr_v3", "n") == 0 && give(c, "otr_v2", "n") == -1 &&
		strcmp(what(c), "otr_v3") == 0,
	    "no version of OTR at all: both are asked for again");
	configure_free(c);
}

static void
test_anchors(void)
{
	struct configure *c = configure_new(BOTH);
	const char *why = "gone";
	struct buf pem;

	ok(authority(&pem) == 0, "there is an authority");
	give_all(c, account);
	ok(give(c, "trust", "") == 0, "authorities by default");
	ok(refuses(c, "trust_anchor", "relative.pem"), "a relative path");
	ok(give(c, "trust_anchor", "") == 0 &&
		configure_step(c) == CONFIGURE_READ &&
		strcmp(configure_config(c)->trust_anchor, CONFIGURE_CA) == 0,
	    "an empty answer is the system's bundle");
	ok(configure_read(c, NULL, 0, &why) == -1 && strcmp(why, "gone") == 0 &&
		strcmp(what(c), "trust_anchor") == 0,
	    "it is not there: asked again");
	give(c, "trust_anchor", "/x.pem");
	ok(configure_read(c, "no PEM", 6, &why) == -1 &&
		strcmp(what(c), "trust_anchor") == 0 &&
		configure_config(c)->trust_anchor == NULL,
	    "no certificate is in it: asked again");
	give(c, "trust_anchor", "/x.pem");
	ok(configure_read(c, buf_data(&pem), buf_len(&pem), &why) == 0 &&
		strcmp(what(c), "certificate_hostname") == 0,
	    "a good one");
	ok(give_all(c, rest) == 0 && configure_config(c)->fingerprint == NULL &&
		strcmp(configure_config(c)->trust_anchor, "/x.pem") == 0,
	    "is what is trusted");
	buf_clear(&pem);
	configure_free(c);
}

static void
test_fetch(void)
{
	static const unsigned char pin[TLS_PIN] = {0xab, 0xcd};
	struct configure *c = configure_new(BOTH);
	struct buf der;

	buf_init(&der, 1 << 20);
	file_read("t/fuzz/certificate.corpus/good-ec", &der);
	give_all(c, account);
	give(c, "trust", "n");
	ok(give(c, "fingerprint", "") == 0 &&
		configure_step(c) == CONFIGURE_FETCH,
	    "without a fingerprint the server is looked at");
	configure_fetched(c, NULL, 0, NULL);
	ok(strcmp(what(c), "fingerprint") == 0 && configure_remark(c) == NULL,
	    "which did not work: asked again");
	give(c, "fingerprint", "");
	configure_fetched(c, (const unsigned char *)"?", 1, pin);
	ok(strcmp(what(c), "pin") == 0 && configure_remark(c) != NULL &&
		strstr(configure_remark(c), "abcd00") != NULL,
	    "what was seen is told, also where it cannot be read");
	ok(refuses(c, "pin", "") && refuses(c, "pin", "x"),
	    "to trust it needs a word");
	ok(give(c, "pin", "n") == 0 && strcmp(what(c), "trust") == 0 &&
		configure_config(c)->fingerprint == NULL,
	    "no: from the start");
	give(c, "trust", "n");
	give(c, "fingerprint", "");
	configure_fetched(c, buf_data(&der), buf_len(&der), pin);
	ok(strstr(configure_remark(c), " for ") != NULL &&
		strstr(configure_remark(c), "valid from 20") != NULL,
	    "name and dates are told");
	buf_clear(&der);
	ok(give(c, "pin", "y") == 0 &&
		strncmp(configure_config(c)->fingerprint, "abcd00", 6) == 0 &&
		strcmp(what(c), "certificate_hostname") == 0,
	    "yes: it is pinned");
	configure_free(c);
}

static void
test_missing(void)
{
	struct configure *c = configure_new(CONFIGURE_NO_PASSWORD);
	struct configure_question q;

	configure_question(c, &q);
	ok(q.secret && strcmp(q.what, "password") == 0,
	    "only the password is missing");
	ok(give(c, "password", "x") == 0 && configure_step(c) == CONFIGURE_DONE,
	    "and then nothing");
	configure_free(c);
	c = configure_new(CONFIGURE_NO_CONFIG);
	give(c, "jid", "a@b/c");
	give(c, "priority", "");
	give(c, "hostname", "");
	give(c, "port", "");
	ok(strcmp(what(c), "trust") == 0, "a password that is there is kept");
	configure_free(c);
	c = configure_new(0);
	ok(configure_step(c) == CONFIGURE_DONE, "nothing is missing");
	configure_free(c);
}

int
main(void)
{
	test_defaults();
	test_given();
	test_refused();
	test_anchors();
	test_fetch();
	test_missing();
	return tap_done();
}
