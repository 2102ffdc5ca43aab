/* config.sexp: all versions as the original sees them, version 3 printed. */
#include "store/config.h"
#include "t/unit/expect.h"
#include "t/unit/tap.h"

#define MAX ((size_t)1 << 20)

static struct buf in, out, want;

static void
number(const char *name, int present, int value)
{
	if (present)
		buf_addf(&out, " %s=Some %d", name, value);
	else
		buf_addf(&out, " %s=None", name);
}

static void
option(const char *name, const char *text)
{
	buf_addf(&out, " %s=", name);
	expect_option(&out, text);
}

static void
describe(const struct config *c)
{
	const char *auth = c->fingerprint ? c->fingerprint : c->trust_anchor;

	buf_reset(&out);
	buf_addf(&out, "config: version=%d jid=", c->version);
	expect_quoted(&out, c->jid, strlen(c->jid));
	number("priority", c->has_priority, c->priority);
	option("hostname", c->hostname);
	number("port", c->port > 0, c->port);
	option("password", c->password);
	buf_addf(
	    &out, " auth=%s ", c->fingerprint ? "Fingerprint" : "Trust_anchor");
	expect_quoted(&out, auth, strlen(auth));
	option("cert_host", c->certificate_hostname);
	option("cb", c->notification_callback);
	buf_addf(&out, " log_top=%s", c->log_top ? "true" : "false");
	number("muc_max", c->muc_max_stanzas >= 0, c->muc_max_stanzas);
	buf_adds(&out, " otr{");
	expect_otr(&out, c->policies_order, c->versions_order);
	buf_adds(&out, "}\n");
}

static void
test_sample(const char *name, int current)
{
	static const char *const prefix[] = {"config: version", NULL};
	struct config c;
	char path[64], why[160];
	int line, column;

	snprintf(path, sizeof path, "t/samples/%s/config.sexp", name);
	file_read(path, &in);
	if (!ok(config_parse(
		    &c, buf_data(&in), buf_len(&in), &line, &column, why) == 0,
		"%s is read", name))
		return;
	expect_lines(name, prefix, &want);
	describe(&c);
	ok(buf_len(&want) > 0 && expect_same(&out, &want),
	    "%s has the values that the original sees", name);
	ok((c.dsa != NULL) == !current, "%s: key inside", name);
	buf_reset(&out);
	config_print(&c, &out);
	ok(!current || file_same(&out, &in), "%s is printed as it was", name);
	config_clear(&c);
}

#define HEAD	 "((version 3) (jid a@b/c) (port ()) "
#define ANCHOR	 "(authenticator (Trust_anchor /x)) "
#define OTR	 "(otr_config ((policies ()) (versions (V3))))"
#define V1(rest) "((version 1) (jid a@b/c) (port 5222)" rest OTR ")"

static int
parse(struct config *c, const char *text, int *column, char why[160])
{
	int line = 0;

	return config_parse(c, text, strlen(text), &line, column, why);
}

static void
refuse(const char *text, int column, const char *why)
{
	struct config c;
	char got[160] = "";
	int at = 0;

	if (!ok(parse(&c, text, &at, got) == -1 && at == column &&
		    strcmp(got, why) == 0 && c.jid == NULL,
		"%s", why))
		printf("# %d: %s\n", at, got);
	config_clear(&c);
}

static void
test_forms(void)
{
	struct config c;
	char why[160];
	int at;

	ok(parse(&c, V1("(trust_anchor (/ca))(tls_fingerprint ())"), &at,
	       why) == 0 &&
		strcmp(c.trust_anchor, "/ca") == 0 && c.port == 0,
	    "version 1 with a trust anchor");
	config_clear(&c);
	ok(parse(&c, V1("(trust_anchor none)(tls_fingerprint (some AB))"), &at,
	       why) == 0 &&
		strcmp(c.fingerprint, "AB") == 0 && c.trust_anchor == NULL,
	    "version 1 with a fingerprint, options in words");
	config_clear(&c);
	ok(parse(&c, HEAD "(new (a b)) " ANCHOR OTR "(newer))", &at, why) ==
		    0 &&
		c.muc_max_stanzas == -1 && !c.has_priority,
	    "unknown fields are skipped, optional ones may be missing");
	config_clear(&c);
	ok(parse(&c, HEAD "(priority (-5)) " ANCHOR OTR ")", &at, why) == 0 &&
		c.has_priority && c.priority == -5,
	    "a negative priority");
	config_clear(&c);
}

static void
test_errors(void)
{
	refuse("", 1, "expected an expression");
	refuse("x", 1, "expected a list of (name value)");
	refuse("()", 1, "expected a field (version ...) in here");
	refuse("((version 4))", 11, "expected a whole number, 0 to 3");
	refuse(HEAD ANCHOR ")", 1, "expected a field (otr_config ...) in here");
	refuse(
	    HEAD "(log_top yes) " ANCHOR OTR ")", 45, "expected true or false");
	refuse("((version 3) (jid a@b))", 19, "expected USER@HOST/RESOURCE");
	refuse("((version 3) (jid b/c@d))", 19, "expected USER@HOST/RESOURCE");
	refuse(
	    "((version 3) (jid b/c@d/e))", 19, "expected USER@HOST/RESOURCE");
	refuse("((version 3) (jid a@/c))", 19, "expected USER@HOST/RESOURCE");
	refuse(HEAD "(password x)" ANCHOR OTR ")", 46,
	    "expected no password here from version 3 on: it stands in the "
	    "file `password`");
	refuse(HEAD "(port (70000)))", 36, "expected the field port only once");
	refuse("((version 3) (jid a@b/c) (port (0)))", 33,
	    "expected a whole number, 1 to 65535");
	refuse(HEAD "(authenticator (Trust x)))", 52,
	    "expected (Fingerprint HEX) or (Trust_anchor PATH)");
	refuse(HEAD ANCHOR "(otr_config ((policies (NONE)))))", 94,
	    "expected one of REQUIRE_ENCRYPTION SEND_WHITESPACE_TAG "
	    "WHITESPACE_START_AKE ERROR_START_AKE REVEAL_MACS");
	refuse(V1("(trust_anchor ())(tls_fingerprint ())"), 1,
	    "expected a certificate authority or a fingerprint to know the "
	    "server by");
	refuse(V1("(trust_anchor (a))(tls_fingerprint (b))"), 1,
	    "expected either a certificate authority or a fingerprint, not "
	    "both");
}

static void
test_print(void)
{
	struct config c = {0};
	char why[160];
	int at;

	c.jid = "a@b/c";
	c.trust_anchor = "/ca";
	c.policies = CONFIG_REVEAL_MACS | CONFIG_REQUIRE_ENCRYPTION;
	c.versions = CONFIG_OTR_V2 | CONFIG_OTR_V3;
	c.muc_max_stanzas = -1;
	buf_reset(&out);
	config_print(&c, &out);
	ok(file_is(&out,
	       "((version 3) (jid a@b/c) (hostname ()) (port ()) (priority ())"
	       "\n (authenticator (Trust_anchor /ca))\n (otr_config\n"
	       "  ((policies (REQUIRE_ENCRYPTION REVEAL_MACS)) (versions (V3 "
	       "V2))))\n (certificate_hostname ()) (notification_callback ()) "
	       "(log_top false)\n (muc_max_stanzas ()))"),
	    "a new one is printed in the original's order");
	c.carbons = c.archive = c.bookmarks = 1;
	buf_reset(&out);
	config_print(&c, &out);
	ok(strstr(buf_str(&out), "(muc_max_stanzas ()) (carbons true) "
				 "(archive true) (bookmarks true))") != NULL,
	    "what only we have comes last");
	ok(parse(&c, buf_str(&out), &at, why) == 0 && c.carbons && c.archive &&
		c.bookmarks,
	    "and is read");
	config_clear(&c);
}

static void
test_fingerprint(void)
{
	unsigned char sha[32];
	char plain[80] = "", colons[120] = "";
	int i;

	for (i = 0; i < 32; i++) {
		snprintf(plain + 2 * i, 4, "%02x", i * 7);
		snprintf(colons + 3 * i, 5, "%02X:", i * 7);
	}
	colons[95] = '\0';
	ok(config_fingerprint(plain, sha) == 0 && sha[31] == 31 * 7,
	    "without colons, lower case");
	ok(config_fingerprint(colons, sha) == 0 && sha[1] == 7,
	    "with colons, upper case");
	colons[95] = ':';
	ok(config_fingerprint(colons, sha) == -1, "a colon too many");
	colons[92] = '\0';
	ok(config_fingerprint(colons, sha) == -1, "too short");
	plain[63] = 'g';
	ok(config_fingerprint(plain, sha) == -1, "no digit");
	ok(config_fingerprint("AA:BB", sha) == -1 &&
		config_fingerprint("", sha) == -1,
	    "far too short");
}

/* However much is missing, there is an answer and nothing leaks. */
static void
test_cut(const char *name)
{
	struct config c;
	char path[64], why[160];
	int line, column, good = 0;
	size_t n;

	snprintf(path, sizeof path, "t/samples/%s/config.sexp", name);
	file_read(path, &in);
	for (n = 0; n < buf_len(&in); n++) {
		line = 0;
		good += config_parse(
			    &c, buf_data(&in), n, &line, &column, why) == -1 &&
			line > 0;
		config_clear(&c);
	}
	ok((size_t)good == n, "%s cut at every byte is refused", name);
}

int
main(void)
{
	buf_init(&in, MAX);
	buf_init(&out, MAX);
	buf_init(&want, MAX);
	test_sample("gen-full", 1);
	test_sample("gen-min", 1);
	test_sample("live-alice", 1);
	test_sample("legacy-v0", 0);
	test_sample("legacy-v2", 0);
	test_forms();
	test_errors();
	test_print();
	test_fingerprint();
	test_cut("gen-full");
	test_cut("legacy-v0");
	buf_clear(&in);
	buf_clear(&out);
	buf_clear(&want);
	return tap_done();
}
