#include "line/configure.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/event.h"
#include "line/setup.h"
#include "sexp/utf8.h"
#include "xmpp/jid.h"

#define RESOURCE "jackline" /* where the JID has none */

/* In the order of asking, but for what TRUST leads to. */
enum question {
	JID,
	PRIORITY,
	HOST,
	PORT,
	PASSWORD,
	TRUST,
	CA,
	FINGERPRINT,
	PIN,
	NAME,
	VERSION_3,
	VERSION_2,
	REQUIRE,
	TAG,
	TAG_STARTS,
	ERROR_STARTS,
	CALLBACK,
	LOG_TOP,
	QUESTIONS
};

struct configure {
	enum configure_step step;
	enum question question;
	unsigned missing;
	struct config config;
	char *password;
	char domain[JID_SIZE];
	char pin[2 * TLS_PIN + 1]; /* of the certificate fetched */
	struct buf text, remark, error;
};

/* One answer, trimmed but for secrets, taken. 0, or -1 with *WHY. */
typedef int answer(struct configure *c, const char *text, const char **why);

static answer answer_jid, answer_priority, answer_host, answer_port,
    answer_password, answer_trust, answer_ca, answer_fingerprint, answer_pin,
    answer_name, answer_flag, answer_callback;

/* Of each question: the yes-or-no ones have the bit that they set. */
static const struct {
	const char *what, *text, *empty; /* NULL: must be answered */
	answer *take;
	unsigned bit;
} questions[QUESTIONS] = {
    [JID] = {"jid", "JID, as USER@HOST/RESOURCE", NULL, answer_jid, 0},
    [PRIORITY] = {"priority", "priority, -128 to 127", "0", answer_priority, 0},
    [HOST] = {"hostname", "name or address of the server", "as DNS says",
	answer_host, 0},
    [PORT] = {"port", "port of the server", "as DNS says, or 5222", answer_port,
	0},
    [PASSWORD] = {"password", "password, to be stored",
	"not stored, asked for at each start", answer_password, 0},
    [TRUST] = {"trust",
	"trust certificate authorities, y, or one certificate by its "
	"fingerprint, n",
	"y", answer_trust, 0},
    [CA] = {"trust_anchor", "file of CA certificates in PEM", CONFIGURE_CA,
	answer_ca, 0},
    [FINGERPRINT] = {"fingerprint",
	"SHA-256 fingerprint of the server's certificate",
	"connect to the server and look", answer_fingerprint, 0},
    [PIN] = {"pin", "trust this certificate and no other, y or n", NULL,
	answer_pin, 0},
    [NAME] = {"certificate_hostname", "name that the certificate must hold",
	NULL, answer_name, 0},
    [VERSION_3] = {"otr_v3", "OTR version 3 (recommended), y or n", "y",
	answer_flag, CONFIG_OTR_V3},
    [VERSION_2] = {"otr_v2", "OTR version 2 (recommended), y or n", "y",
	answer_flag, CONFIG_OTR_V2},
    [REQUIRE] = {"require_encryption",
	"OTR: send nothing in the clear (recommended), y or n", "y",
	answer_flag, CONFIG_REQUIRE_ENCRYPTION},
    [TAG] = {"send_whitespace_tag",
	"OTR: show by blanks that we can encrypt (recommended), y or n", "y",
	answer_flag, CONFIG_SEND_WHITESPACE_TAG},
    [TAG_STARTS] = {"whitespace_start_ake",
	"OTR: such blanks start encryption (recommended), y or n", "y",
	answer_flag, CONFIG_WHITESPACE_START_AKE},
    [ERROR_STARTS] = {"error_start_ake",
	"OTR: errors start encryption anew (recommended), y or n", "y",
	answer_flag, CONFIG_ERROR_START_AKE},
    [CALLBACK] = {"notification_callback",
	"program to run when something happens", "none", answer_callback, 0},
    [LOG_TOP] = {"log_top", "log above the chat, y or n", "n", answer_flag, 0},
};

/* Which questions belong to which thing that is missing. */
static unsigned
need_of(enum question q)
{
	return q == PASSWORD ? CONFIGURE_NO_PASSWORD : CONFIGURE_NO_CONFIG;
}

/* Goes to Q, or the next that is to be asked. */
static void
ask(struct configure *c, enum question q)
{
	while (q < QUESTIONS && (c->missing & need_of(q)) == 0)
		q++;
	c->question = q;
	c->step = q == QUESTIONS ? CONFIGURE_DONE : CONFIGURE_ASK;
}

struct configure *
configure_new(unsigned missing)
{
	struct configure *c = buf_alloc(sizeof *c);

	c->missing = missing;
	c->config.version = 3;
	c->config.muc_max_stanzas = -1;
	buf_init(&c->text, JID_SIZE + 400);
	buf_init(&c->remark, 65536);
	buf_init(&c->error, JID_SIZE + 400);
	ask(c, JID);
	return c;
}

void
configure_free(struct configure *c)
{
	if (c == NULL)
		return;
	config_clear(&c->config);
	buf_free_secret(c->password);
	buf_clear(&c->text);
	buf_clear(&c->remark);
	buf_clear(&c->error);
	free(c);
}

enum configure_step
configure_step(const struct configure *c)
{
	return c->step;
}

const struct config *
configure_config(const struct configure *c)
{
	return &c->config;
}

const char *
configure_password(const struct configure *c)
{
	return c->password;
}

void
configure_question(struct configure *c, struct configure_question *q)
{
	const char *empty = questions[c->question].empty;

	if (c->question == NAME)
		empty = c->domain;
	buf_reset(&c->text);
	buf_adds(&c->text, questions[c->question].text);
	if (empty != NULL)
		buf_addf(&c->text, " [%s]", empty);
	q->what = questions[c->question].what;
	q->text = buf_str(&c->text);
	q->secret = c->question == PASSWORD;
}

/* Replaces the string *AT by a copy of TEXT; an empty one is none. */
static void
set(char **at, const char *text)
{
	free(*at);
	*at = *text == '\0' ? NULL : buf_strdup(text);
}

static int
answer_jid(struct configure *c, const char *text, const char **why)
{
	char jid[JID_SIZE], ascii[256];
	struct buf full;

	if (jid_parse(text, strlen(text), jid, why) == -1)
		return -1;
	if (strchr(jid, '@') == NULL) {
		*why = "USER@HOST/RESOURCE is expected";
		return -1;
	}
	jid_domain(jid, c->domain);
	if (jid_ascii_domain(c->domain, ascii) == -1) {
		*why = "HOST is no name that DNS could know";
		return -1;
	}
	buf_init(&full, JID_SIZE + sizeof RESOURCE);
	buf_adds(&full, jid);
	if (jid_resource(jid) == NULL)
		buf_adds(&full, "/" RESOURCE);
	set(&c->config.jid, buf_str(&full));
	buf_clear(&full);
	return 0;
}

/* The whole number TEXT, LOW to HIGH, into *OUT; -1: it is none. */
static int
number(const char *text, long low, long high, int *out)
{
	const char *digits = text + (*text == '-');
	char *end;
	long n = strtol(text, &end, 10);

	if (*digits < '0' || *digits > '9' || *end != '\0' ||
	    strlen(digits) > 9 || n < low || n > high)
		return -1;
	*out = (int)n;
	return 0;
}

static int
answer_priority(struct configure *c, const char *text, const char **why)
{
	*why = "a number from -128 to 127 is expected";
	c->config.has_priority = *text != '\0';
	if (!c->config.has_priority)
		return 0;
	return number(text, -128, 127, &c->config.priority);
}

/* Whether TEXT is an IPv6 address, which is no part of a JID as it is. */
static int
is_address(const char *text)
{
	struct in6_addr address;

	return inet_pton(AF_INET6, text, &address) == 1;
}

/* Prepares the DNS name TEXT into NAME; -1 with *WHY. */
static int
dns_name(const char *text, char name[JID_SIZE], const char **why)
{
	char ascii[256];

	if (strpbrk(text, "@/*") == NULL && *text != '.' &&
	    jid_parse(text, strlen(text), name, NULL) == 0 &&
	    jid_ascii_domain(name, ascii) == 0)
		return 0;
	*why = "that is no name that DNS could know";
	return -1;
}

static int
answer_host(struct configure *c, const char *text, const char **why)
{
	char name[JID_SIZE] = "";

	if (is_address(text))
		snprintf(name, sizeof name, "%s", text);
	else if (*text != '\0' && dns_name(text, name, why) == -1)
		return -1;
	set(&c->config.hostname, name);
	return 0;
}

static int
answer_port(struct configure *c, const char *text, const char **why)
{
	*why = "a number from 1 to 65535 is expected";
	c->config.port = 0;
	return *text == '\0' ? 0 : number(text, 1, 65535, &c->config.port);
}

static int
answer_password(struct configure *c, const char *text, const char **why)
{
	static const char blanks[] = " \t\n\r\f\v";
	size_t n = strlen(text);

	buf_free_secret(c->password);
	c->password = NULL;
	if (n == 0)
		return 0;
	*why = NULL;
	if (strchr(blanks, text[0]) != NULL ||
	    strchr(blanks, text[n - 1]) != NULL)
		*why = "blanks at either end would not be kept";
	else if (n > SETUP_PASSWORD)
		*why = "that is too long";
	if (*why != NULL)
		return -1;
	c->password = buf_strdup(text);
	return 0;
}

/* The yes or no in TEXT, EMPTY where it is empty; -1: neither. */
static int
yes_no(const char *text, int empty)
{
	static const char *const words[] = {
	    "n", "y", "no", "yes", "N", "Y", "No", "Yes", "NO", "YES"};
	size_t i;

	if (*text == '\0')
		return empty;
	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(text, words[i]) == 0)
			return (int)(i & 1);
	return -1;
}

static int
answer_trust(struct configure *c, const char *text, const char **why)
{
	int yes = yes_no(text, 1);

	*why = "y or n is expected";
	if (yes == -1)
		return -1;
	ask(c, yes ? CA : FINGERPRINT);
	return 0;
}

static int
answer_ca(struct configure *c, const char *text, const char **why)
{
	const char *path = *text == '\0' ? CONFIGURE_CA : text;

	*why = "a path that begins with / is expected";
	if (*path != '/')
		return -1;
	set(&c->config.fingerprint, "");
	set(&c->config.trust_anchor, path);
	c->step = CONFIGURE_READ;
	return 0;
}

int
configure_read(struct configure *c, const void *p, size_t n, const char **why)
{
	struct tls_anchors *anchors =
	    p == NULL ? NULL : tls_anchors_new(p, n, why);

	ask(c, anchors == NULL ? CA : NAME);
	if (anchors == NULL)
		set(&c->config.trust_anchor, "");
	tls_anchors_free(anchors);
	return anchors == NULL ? -1 : 0;
}

static int
answer_fingerprint(struct configure *c, const char *text, const char **why)
{
	unsigned char hash[TLS_PIN];

	*why = "a SHA-256 of 64 hexadecimal digits is expected";
	if (*text == '\0') {
		c->step = CONFIGURE_FETCH;
		return 0;
	}
	if (config_fingerprint(text, hash) == -1)
		return -1;
	set(&c->config.trust_anchor, "");
	set(&c->config.fingerprint, text);
	ask(c, NAME);
	return 0;
}

void
configure_fetched(struct configure *c, const unsigned char *der, size_t n,
    const unsigned char pin[TLS_PIN])
{
	int64_t before, after;
	char from[32], to[32];
	struct buf names;
	size_t i;

	ask(c, der == NULL ? FINGERPRINT : PIN);
	if (der == NULL)
		return;
	for (i = 0; i < TLS_PIN; i++)
		snprintf(c->pin + 2 * i, 3, "%02x", pin[i]);
	buf_init(&names, 16384);
	buf_reset(&c->remark);
	buf_addf(&c->remark, "the server shows the certificate %s", c->pin);
	if (tls_describe(der, n, &names, &before, &after) == 0) {
		event_time(before * 1000, from);
		event_time(after * 1000, to);
		buf_addf(&c->remark, " for %s, valid from %.10s to %.10s",
		    buf_str(&names), from, to);
	}
	buf_clear(&names);
}

const char *
configure_remark(struct configure *c)
{
	return buf_len(&c->remark) == 0 ? NULL : buf_str(&c->remark);
}

static int
answer_pin(struct configure *c, const char *text, const char **why)
{
	int yes = yes_no(text, -1);

	*why = "y or n is expected";
	if (yes == -1)
		return -1;
	buf_reset(&c->remark);
	set(&c->config.trust_anchor, "");
	set(&c->config.fingerprint, yes ? c->pin : "");
	ask(c, yes ? NAME : TRUST);
	return 0;
}

static int
answer_name(struct configure *c, const char *text, const char **why)
{
	char name[JID_SIZE] = "";

	if (*text != '\0' && dns_name(text, name, why) == -1)
		return -1;
	set(&c->config.certificate_hostname, name);
	return 0;
}

static int
answer_flag(struct configure *c, const char *text, const char **why)
{
	unsigned bit = questions[c->question].bit, *bits = &c->config.policies;
	int yes = yes_no(text, *questions[c->question].empty == 'y');

	*why = "y or n is expected";
	if (yes == -1)
		return -1;
	if (c->question == LOG_TOP) {
		c->config.log_top = yes;
		return 0;
	}
	if (c->question == VERSION_2 || c->question == VERSION_3)
		bits = &c->config.versions;
	*bits = yes ? *bits | bit : *bits & ~bit;
	if (c->question != VERSION_2 || c->config.versions != 0)
		return 0;
	*why = "one version of OTR is needed at least";
	ask(c, VERSION_3);
	return -1;
}

static int
answer_callback(struct configure *c, const char *text, const char **why)
{
	(void)why;
	set(&c->config.notification_callback, text);
	return 0;
}

/* The N bytes of LINE as a string, trimmed unless SECRET; NULL with *WHY. */
static char *
clean(const char *line, size_t n, int secret, const char **why)
{
	if (memchr(line, '\0', n) != NULL || utf8_valid(line, n) < n) {
		*why = "that is not well-formed UTF-8";
		return NULL;
	}
	while (!secret && n > 0 && strchr(" \t\r", *line) != NULL) {
		line++;
		n--;
	}
	while (!secret && n > 0 && strchr(" \t\r", line[n - 1]) != NULL)
		n--;
	return buf_memdup(line, n);
}

int
configure_answer(
    struct configure *c, const char *line, size_t n, const char **why)
{
	enum question q = c->question;
	char *text = clean(line, n, q == PASSWORD, why);
	int status = -1;

	if (text == NULL)
		return -1;
	if (*text == '\0' && questions[q].empty == NULL && q != NAME)
		*why = "an answer is needed";
	else
		status = questions[q].take(c, text, why);
	buf_free_secret(text);
	if (status == 0 && c->step == CONFIGURE_ASK && c->question == q)
		ask(c, q + 1);
	return status;
}
