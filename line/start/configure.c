#include "line/start/configure.h"

#include <arpa/inet.h>

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "line/start/dialogue.h"
#include "line/start/filename.h"
#include "line/start/probe.h"
#include "line/talk/omemo_file.h"
#include "line/text/address.h"
#include "line/world/random.h"
#include "line/world/signals.h"
#include "otr/privkey.h"
#include "sexp/hex.h"

#define STATUS_SYSTEM 71
#define STATUS_OUTPUT 74
#define STATUS_CONFIG 78

#define RESOURCE      "/jackline" /* for a JID that has none */
#define NAMES_SHOWN   300	  /* bytes of the names of a certificate */
#define DIGITS_GROUP  8		  /* digits of a fingerprint in a group */

#define NO_VERSION    "version 3 or version 2 is needed"

/* The questions. MORE leads to those behind it, in this order. */
enum question {
	CHANGE,
	JID,
	PASSWORD,
	CONNECT,
	PIN,
	AGAIN,
	OMEMO,
	MORE,
	HOST,
	PORT,
	NAME,
	TRUST,
	PRIORITY,
	REQUIRE,
	VERSION_3,
	VERSION_2,
	TAG,
	TAG_STARTS,
	ERROR_STARTS,
	CALLBACK,
	LOG_TOP,
	CARBONS,
	ARCHIVE,
	QUESTIONS
};

enum change { CHANGE_NOTHING, CHANGE_TRUST, CHANGE_PASSWORD, CHANGE_ALL };

struct configure {
	const char *path, *options;
	struct dialogue dialogue;
	struct setup setup; /* the answers so far; what is there at first */
	struct buf before;  /* config.sexp as it would be printed at first */
	char *stored;	    /* the password that is stored already */
	char pin[2 * TLS_PIN + 1]; /* of the certificate that PIN shows */
	enum question open;	   /* the question that is asked */
	struct buf text;	   /* what it asks */
	enum change change;
	int has_directory, has_config, has_password, has_key, has_omemo;
	int wants_omemo; /* An OMEMO identity is to be made. */
	int has_trust;	 /* setup.anchors or setup.pin can be used */
	int yes;	 /* the last answer to a question with yes or no */
	int is_stale;	 /* A login may end otherwise than the last one. */
	int is_unproved; /* The last login failed. */
	int has_written; /* Some file was written. */
	int status;	 /* the exit status if it is not 0 */
	struct buf *why;
};

/*
 * Takes the answer TEXT to the open question; it is empty if the person wants
 * none. Returns NULL, or a clause that says why it is refused, borrowed until
 * the next call.
 */
typedef const char *take_answer(struct configure *c, const char *text);

static take_answer take_change, take_jid, take_password, take_yes, take_port,
    take_name, take_trust, take_priority, take_flag, take_callback;

/*
 * NONE stands in [] if there is no value, and says what an empty answer means
 * then; NULL if there is no such meaning. BIT is what a yes sets. AT is the
 * place in struct config of a value that is a string, or 0.
 */
static const struct {
	const char *what, *text, *none;
	take_answer *take;
	unsigned bit;
	size_t at;
} questions[QUESTIONS] = {
    [CHANGE] = {"change", "change the certificate, the password, or everything",
	"nothing", take_change, 0, 0},
    [JID] = {"jid", "your JID, as you@example.org", NULL, take_jid, 0,
	offsetof(struct config, jid)},
    [PASSWORD] = {"password", "password to store", "none, ask at each start",
	take_password, 0, 0},
    [CONNECT] = {"connect", "connect now, to check certificate and password",
	"y", take_yes, 0, 0},
    [PIN] = {"pin", "trust this certificate and no other, y or n", NULL,
	take_yes, 0, 0},
    [AGAIN] = {"again", "try again, maybe with another host name or port", "n",
	take_yes, 0, 0},
    [OMEMO] = {"omemo", "also encrypt with OMEMO, as most other clients do",
	"y", take_yes, 0, 0},
    [MORE] = {"more", "more questions", "n", take_yes, 0, 0},
    [HOST] = {"hostname", "host name or address of the server", "as DNS says",
	take_name, 0, offsetof(struct config, hostname)},
    [PORT] = {"port", "port of the server", "as DNS says, or 5222", take_port,
	0, 0},
    [NAME] = {"certificate_hostname", "host name in the server's certificate",
	"that of the JID", take_name, 0,
	offsetof(struct config, certificate_hostname)},
    [TRUST] = {"trust",
	"trust \"system\" authorities, those in a /FILE, or one certificate's "
	"SHA-256",
	NULL, take_trust, 0, 0},
    [PRIORITY] = {"priority",
	"priority: messages go to your client with the highest, -128 to 127",
	"0", take_priority, 0, 0},
    [REQUIRE] = {"require_encryption",
	"OTR: refuse to send what is not encrypted", "y", take_flag,
	CONFIG_REQUIRE_ENCRYPTION, 0},
    [VERSION_3] = {"otr_v3", "OTR: use version 3, as most clients do", "y",
	take_flag, CONFIG_OTR_V3, 0},
    [VERSION_2] = {"otr_v2", "OTR: use version 2 with older clients", "y",
	take_flag, CONFIG_OTR_V2, 0},
    [TAG] = {"send_whitespace_tag",
	"OTR: end unencrypted messages in blanks that offer encryption", "y",
	take_flag, CONFIG_SEND_WHITESPACE_TAG, 0},
    [TAG_STARTS] = {"whitespace_start_ake",
	"OTR: begin encryption when a contact offers it so", "y", take_flag,
	CONFIG_WHITESPACE_START_AKE, 0},
    [ERROR_STARTS] = {"error_start_ake",
	"OTR: begin encryption again after a contact's client has failed", "y",
	take_flag, CONFIG_ERROR_START_AKE, 0},
    [CALLBACK] = {"notification_callback",
	"program to run when a message comes, such as jackline-notify", "none",
	take_callback, 0, offsetof(struct config, notification_callback)},
    [LOG_TOP] = {"log_top",
	"for the original jackline: show its log above the chat", "n",
	take_flag, 0, 0},
    [CARBONS] = {"carbons",
	"show at a terminal what your other clients say and get", "y",
	take_flag, 0, 0},
    [ARCHIVE] = {"archive",
	"show at a terminal what was said meanwhile, from the server's archive",
	"y", take_flag, 0, 0},
};

/* Ends the dialogue with STATUS and the reason WHY. Returns -1. */
static int
stop_dialogue(struct configure *c, int status, const char *why)
{
	c->status = status;
	buf_reset(c->why);
	buf_adds(c->why, why);
	return -1;
}

/* Ends the dialogue because of a signal. Returns -1. */
static int
stop_for_signal(struct configure *c)
{
	return stop_dialogue(
	    c, STATUS_CONFIG, "interrupted: nothing was written");
}

/* Replaces the string *AT by a copy of TEXT, or by NULL if TEXT is empty. */
static void
set_string(char **at, const char *text)
{
	char *old = *at;

	*at = *text == '\0' ? NULL : buf_strdup(text);
	free(old);
}

/* Returns the bits of setup.config that Q is about. */
static unsigned *
bits_of(struct configure *c, enum question q)
{
	return q == VERSION_2 || q == VERSION_3 ? &c->setup.config.versions
						: &c->setup.config.policies;
}

/* Returns the place of the flag of setup.config that Q is about, or NULL. */
static int *
flag_of(struct configure *c, enum question q)
{
	struct config *k = &c->setup.config;

	return q == LOG_TOP   ? &k->log_top
	       : q == CARBONS ? &k->carbons
	       : q == ARCHIVE ? &k->archive
			      : NULL;
}

/* Returns the place of the string that Q is about. */
static char **
string_of(struct configure *c, enum question q)
{
	return (char **)(void *)((char *)&c->setup.config + questions[q].at);
}

/* Appends the present value for Q to OUT; nothing if there is none. */
static void
print_value(struct configure *c, enum question q, struct buf *out)
{
	const struct config *k = &c->setup.config;
	const char *text = NULL;

	if (questions[q].at != 0)
		text = *string_of(c, q);
	else if (questions[q].bit != 0)
		text = *bits_of(c, q) & questions[q].bit ? "y" : "n";
	else if (flag_of(c, q) != NULL)
		text = *flag_of(c, q) ? "y" : "n";
	else if (q == PASSWORD && c->stored != NULL)
		text = "keep the stored one";
	else if (q == TRUST && c->has_trust)
		text =
		    k->trust_anchor != NULL ? k->trust_anchor : k->fingerprint;
	else if (q == PORT && k->port != 0)
		buf_addf(out, "%d", k->port);
	else if (q == PRIORITY && k->has_priority)
		buf_addf(out, "%d", k->priority);
	if (text != NULL)
		buf_adds(out, text);
}

/* Returns 1 if Q can be answered by `-`, which means that there is no value. */
static int
is_optional(enum question q)
{
	take_answer *take = questions[q].take;

	return questions[q].none != NULL && take != take_yes &&
	       take != take_flag && take != take_change;
}

/*
 * Takes TEXT as the answer to the open question, which HAS_VALUE already or
 * not. Returns NULL, or why it is refused.
 */
static const char *
take_text(struct configure *c, const char *text, int has_value)
{
	enum question q = c->open;

	if (q == PASSWORD)
		return take_password(c, text);
	if (is_optional(q) && strcmp(text, "-") == 0)
		return questions[q].take(c, "");
	if (*text == '\0' && q == VERSION_2 && c->setup.config.versions == 0)
		return NO_VERSION;
	if (*text == '\0' && (has_value || is_optional(q)))
		return NULL;
	if (*text == '\0')
		text = questions[q].none;
	if (text == NULL)
		return "an answer is needed";
	return questions[q].take(c, text);
}

/*
 * Returns 1 if the input, which is no terminal, ended before the answer to Q,
 * and may: scripts for versions that did not ask this end there. It is a no.
 */
static int
is_old_end(struct configure *c, enum question q)
{
	if (q != OMEMO || c->dialogue.is_terminal || c->dialogue.is_lost ||
	    signals_ending())
		return 0;
	c->yes = 0;
	return 1;
}

/* Asks Q until there is an answer that can be taken. Returns 0 or -1. */
static int
ask_question(struct configure *c, enum question q)
{
	struct dialogue_question d = {.what = questions[q].what,
	    .cert = q == PIN ? c->pin : NULL,
	    .is_secret = q == PASSWORD,
	    .complete = q == TRUST	? filename_trust
			: q == CALLBACK ? filename_program
					: NULL};
	const char *none = questions[q].none, *why = NULL;
	struct buf answer, value;
	int status;

	buf_init(&answer, DIALOGUE_LINE);
	buf_init(&value, DIR_FILE);
	c->open = q;
	print_value(c, q, &value);
	if (buf_len(&value) > 0)
		none = buf_str(&value);
	buf_reset(&c->text);
	buf_adds(&c->text, questions[q].text);
	if (none != NULL)
		buf_addf(&c->text, " [%s]", none);
	d.text = buf_str(&c->text);
	do {
		status = dialogue_ask(&c->dialogue, &d, &answer);
		if (status == -1)
			break;
		why = take_text(c, buf_str(&answer), buf_len(&value) > 0);
		dialogue_answer(&c->dialogue, why);
	} while (why != NULL);
	buf_clear(&answer);
	buf_clear(&value);
	if (status == 0 || is_old_end(c, q))
		return 0;
	if (c->dialogue.is_lost)
		return stop_dialogue(
		    c, STATUS_OUTPUT, "standard output is gone");
	if (signals_ending())
		return stop_for_signal(c);
	return stop_dialogue(c, STATUS_CONFIG,
	    "the input ended before all was answered: nothing was written");
}

static const char *
take_change(struct configure *c, const char *text)
{
	static const char *const words[] = {
	    "nothing", "certificate", "password", "everything"};
	int i;

	for (i = 0; i < 4; i++)
		if (strncmp(words[i], text, strlen(text)) == 0)
			break;
	c->change = i < 4 ? (enum change)i : CHANGE_NOTHING;
	return i < 4
		   ? NULL
		   : "certificate, password, everything or nothing is expected";
}

static const char *
take_jid(struct configure *c, const char *text)
{
	char jid[JID_SIZE], domain[JID_SIZE], ascii[256];
	struct buf full;
	const char *why;
	int status;

	status = strncmp(text, "xmpp:", 5) == 0
		     ? address_read(text, strlen(text), jid, &why)
		     : jid_parse(text, strlen(text), jid, &why);
	if (status == -1)
		return why;
	if (!jid_has_local(jid))
		return "a JID has an @ in it, as you@example.org";
	jid_domain(jid, domain);
	if (jid_ascii_domain(domain, ascii) == -1)
		return "what is behind the @ is no host name";
	buf_init(&full, JID_SIZE + sizeof RESOURCE);
	buf_adds(&full, jid);
	if (jid_resource(jid) == NULL)
		buf_adds(&full, RESOURCE);
	set_string(&c->setup.config.jid, buf_str(&full));
	status = jid_parse(buf_str(&full), buf_len(&full), c->setup.jid, &why);
	buf_clear(&full);
	c->is_stale = 1;
	return status == -1 ? why : NULL;
}

static const char *
take_password(struct configure *c, const char *text)
{
	static const char blanks[] = " \t\n\r\f\v";
	struct buf *b = &c->setup.password;
	size_t n = strlen(text);
	const char *why;

	if (n > SETUP_PASSWORD)
		return "that is too long";
	if (n > 0 && (strchr(blanks, text[0]) != NULL ||
			 strchr(blanks, text[n - 1]) != NULL))
		return "blanks at either end would not be kept";
	why = n == 0 ? NULL : setup_password_why(text);
	if (why != NULL)
		return why;
	if (n == 0 && c->stored != NULL)
		text = c->stored;
	c->is_stale |= strcmp(buf_str(b), text) != 0;
	buf_reset(b);
	buf_adds(b, text);
	return NULL;
}

/* Returns 1 for yes, 0 for no, or -1. */
static int
yes_or_no(const char *text)
{
	if (strcasecmp(text, "y") == 0 || strcasecmp(text, "yes") == 0)
		return 1;
	return strcasecmp(text, "n") == 0 || strcasecmp(text, "no") == 0 ? 0
									 : -1;
}

static const char *
take_yes(struct configure *c, const char *text)
{
	int yes = yes_or_no(text);

	if (yes == -1)
		return "y or n is expected";
	c->yes = yes;
	return NULL;
}

static const char *
take_flag(struct configure *c, const char *text)
{
	unsigned bit = questions[c->open].bit, *bits = bits_of(c, c->open);
	unsigned old = *bits;
	int yes = yes_or_no(text);

	if (yes == -1)
		return "y or n is expected";
	if (flag_of(c, c->open) != NULL)
		*flag_of(c, c->open) = yes;
	else
		*bits = yes ? old | bit : old & ~bit;
	if (c->setup.config.versions != 0 || c->open == VERSION_3)
		return NULL;
	*bits = old;
	return NO_VERSION;
}

/* Reads the whole number TEXT, LOW to HIGH, into *OUT. Returns 0 or -1. */
static int
read_number(const char *text, long low, long high, int *out)
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

static const char *
take_priority(struct configure *c, const char *text)
{
	int n = 0;

	if (*text != '\0' && read_number(text, -128, 127, &n) == -1)
		return "a number from -128 to 127 is expected";
	c->setup.config.has_priority = *text != '\0';
	c->setup.config.priority = n;
	return NULL;
}

static const char *
take_port(struct configure *c, const char *text)
{
	int port = 0;

	if (*text != '\0' && read_number(text, 1, 65535, &port) == -1)
		return "a number from 1 to 65535 is expected";
	c->is_stale |= c->setup.config.port != port;
	c->setup.config.port = port;
	return NULL;
}

/* Takes the name, or for HOST the address, of a host. */
static const char *
take_name(struct configure *c, const char *text)
{
	char name[JID_SIZE] = "", ascii[256], **at = string_of(c, c->open);
	struct in6_addr address;

	/* A JID would have it in brackets. */
	if (c->open == HOST && inet_pton(AF_INET6, text, &address) == 1)
		snprintf(name, sizeof name, "%s", text);
	else if (*text != '\0' &&
		 (strpbrk(text, "@/*") != NULL || *text == '.' ||
		     jid_parse(text, strlen(text), name, NULL) == -1 ||
		     jid_ascii_domain(name, ascii) == -1))
		return "that is no host name";
	c->is_stale |= strcmp(*at == NULL ? "" : *at, name) != 0;
	set_string(at, name);
	return NULL;
}

/* Returns the file of the authorities that this system trusts, or NULL. */
static const char *
system_authorities(void)
{
	static const char *const paths[] = {
	    "/etc/ssl/certs/ca-certificates.crt",
	    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
	    "/etc/ssl/cert.pem"};
	const char *given = getenv("SSL_CERT_FILE");
	size_t i;

	if (given != NULL && *given == '/')
		return given;
	for (i = 0; i < sizeof paths / sizeof *paths; i++)
		if (access(paths[i], R_OK) == 0)
			return paths[i];
	return NULL;
}

/* Copies the 64 digits of TEXT, without blanks and colons. */
static const char *
read_digits(const char *text, char digits[2 * TLS_PIN + 1])
{
	unsigned char hash[TLS_PIN];
	size_t n = 0;

	for (; *text != '\0' && n < 2 * TLS_PIN + 1; text++)
		if (strchr(" :", *text) == NULL)
			digits[n++] = *text;
	if (n != 2 * TLS_PIN)
		return "a path that begins with /, or 64 hexadecimal digits, "
		       "is expected";
	digits[n] = '\0';
	return config_fingerprint(digits, hash) == -1
		   ? "64 hexadecimal digits are expected"
		   : NULL;
}

static const char *
take_trust(struct configure *c, const char *text)
{
	struct config *k = &c->setup.config;
	char *path = k->trust_anchor, *fingerprint = k->fingerprint;
	char digits[2 * TLS_PIN + 1] = "";
	const char *why = NULL;

	if (strcmp(text, "system") == 0)
		text = system_authorities();
	if (text == NULL)
		return "this system has no file of authorities";
	if (*text != '/')
		why = read_digits(text, digits);
	if (why != NULL)
		return why;
	k->trust_anchor = *text == '/' ? buf_strdup(text) : NULL;
	k->fingerprint = *text == '/' ? NULL : buf_strdup(digits);
	if (setup_trust(&c->setup) == -1) {
		free(k->trust_anchor);
		free(k->fingerprint);
		k->trust_anchor = path;
		k->fingerprint = fingerprint;
		return buf_str(&c->setup.why);
	}
	free(path);
	free(fingerprint);
	c->has_trust = c->is_stale = 1;
	return NULL;
}

static const char *
take_callback(struct configure *c, const char *text)
{
	set_string(&c->setup.config.notification_callback, text);
	return NULL;
}

/* Appends the DIGITS of a fingerprint to OUT, in groups. */
static void
print_digits(struct buf *out, const char *digits)
{
	size_t i;

	for (i = 0; digits[i] != '\0'; i++) {
		if (i > 0 && i % DIGITS_GROUP == 0)
			buf_addc(out, ' ');
		buf_addc(out, digits[i]);
	}
}

/* Describes the certificate that P has seen. */
static void
show_certificate(struct configure *c, const struct probe *p)
{
	int64_t before, after;
	char from[32], to[32];
	struct buf text;

	hex_write(p->pin, TLS_PIN, c->pin);
	buf_init(&text, 65536);
	if (tls_describe(buf_data(&p->der), buf_len(&p->der), &text, &before,
		&after) == 0) {
		event_time(before * 1000, from);
		event_time(after * 1000, to);
		dialogue_say(&c->dialogue, "it is for %.*s", NAMES_SHOWN,
		    buf_str(&text));
		dialogue_say(
		    &c->dialogue, "valid from %.10s to %.10s", from, to);
	}
	dialogue_say(&c->dialogue, "its SHA-256, to compare with the one that "
				   "the server's operator tells:");
	buf_reset(&text);
	print_digits(&text, c->pin);
	dialogue_say(&c->dialogue, "%s", buf_str(&text));
	buf_clear(&text);
}

/*
 * Asks what to do about the certificate that P has seen and that is not
 * trusted. Returns 0 or -1.
 */
static int
ask_certificate(struct configure *c, const struct probe *p)
{
	show_certificate(c, p);
	if (ask_question(c, PIN) == -1)
		return -1;
	if (!c->yes)
		return ask_question(
		    c, strcmp(p->cause, "tls-name") == 0 ? NAME : TRUST);
	take_trust(c, c->pin);
	return 0;
}

/* Asks what to do about a server that cannot be reached. Returns 0 or -1. */
static int
ask_server(struct configure *c)
{
	if (ask_question(c, AGAIN) == -1)
		return -1;
	if (!c->yes)
		return 0;
	c->is_stale = 1;
	return ask_question(c, HOST) == -1 ? -1 : ask_question(c, PORT);
}

/* Returns 1 if to trust the certificate that P has seen would help. */
static int
is_certificate_fault(const struct configure *c, const struct probe *p)
{
	/* A pinned certificate that is refused can never be used. */
	return strncmp(p->cause, "tls-", 4) == 0 && buf_len(&p->der) > 0 &&
	       (c->setup.anchors != NULL ||
		   memcmp(c->setup.pin, p->pin, TLS_PIN) != 0);
}

/*
 * Says why the login P has failed, and asks for what may help. Returns 0 or -1.
 */
static int
settle_failure(struct configure *c, const struct probe *p)
{
	struct dialogue *d = &c->dialogue;
	char text[600];

	if (!is_certificate_fault(c, p)) {
		dialogue_tell(d, EVENT_WARNING, p->why, "cause", p->cause);
		return strcmp(p->cause, "auth-refused") == 0
			   ? ask_question(c, PASSWORD)
			   : ask_server(c);
	}
	snprintf(text, sizeof text, "%s", event_sentence(p->cause));
	if (!c->has_trust)
		snprintf(text, sizeof text,
		    "the system has no file of authorities that could vouch "
		    "for the certificate");
	else if (strcmp(p->cause, "tls-untrusted") == 0)
		snprintf(text, sizeof text, "%s: %s", event_sentence(p->cause),
		    p->why);
	dialogue_tell(d, EVENT_WARNING, text, "cause", p->cause);
	return ask_certificate(c, p);
}

/*
 * Logs in, and asks for what may help, until that succeeds or nothing more is
 * to be tried. Returns 0 or -1.
 */
static int
check_login(struct configure *c)
{
	struct probe p;
	int status = 0;

	while (status == 0 && c->is_stale) {
		c->is_stale = 0;
		dialogue_say(&c->dialogue, "connecting as %.*s",
		    (int)jid_bare_len(c->setup.jid), c->setup.jid);
		probe_login(&c->setup, &p);
		c->is_unproved = p.cause != NULL;
		if (signals_ending()) {
			dialogue_newline(&c->dialogue);
			status = stop_for_signal(c);
		} else if (p.cause != NULL)
			status = settle_failure(c, &p);
		else
			dialogue_say(&c->dialogue,
			    "the server's certificate is trusted%s",
			    buf_len(&c->setup.password) == 0
				? ""
				: ", and the password is right");
		probe_clear(&p);
	}
	return status;
}

/* Asks everything that has to be asked. Returns 0 or -1. */
static int
ask_all(struct configure *c)
{
	enum question q;
	int connects;

	if (c->change == CHANGE_ALL && ask_question(c, JID) == -1)
		return -1;
	if (c->change != CHANGE_TRUST && ask_question(c, PASSWORD) == -1)
		return -1;
	if (ask_question(c, CONNECT) == -1)
		return -1;
	connects = c->yes;
	c->is_stale = 1;
	if (connects && check_login(c) == -1)
		return -1;
	if ((!connects && c->change != CHANGE_PASSWORD) || !c->has_trust)
		if (ask_question(c, TRUST) == -1)
			return -1;
	if (c->change != CHANGE_ALL)
		return 0;
	if (ask_question(c, MORE) == -1)
		return -1;
	for (q = MORE + 1; c->yes && q < QUESTIONS; q++)
		if (ask_question(c, q) == -1)
			return -1;
	return connects ? check_login(c) : 0;
}

/*
 * Asks whether OMEMO is to be switched on, for a new account: elsewhere
 * /omemo publish does that. Returns 0 or -1.
 */
static int
ask_omemo(struct configure *c)
{
	if (!omemo_file_is_built() || c->has_config || c->has_omemo)
		return 0;
	if (ask_question(c, OMEMO) == -1)
		return -1;
	c->wants_omemo = c->yes;
	return 0;
}

/* Says what the directory holds, and asks what is to change. 0 or -1. */
static int
ask_change(struct configure *c)
{
	const struct config *k = &c->setup.config;
	struct dialogue *d = &c->dialogue;
	struct buf text;

	buf_init(&text, DIR_FILE);
	dialogue_say(d, "%s holds the account %s", c->path, k->jid);
	print_value(c, HOST, &text);
	if (buf_len(&text) == 0)
		buf_adds(&text, questions[HOST].none);
	if (k->port != 0)
		buf_addf(&text, ", port %d", k->port);
	dialogue_say(d, "server: %s", buf_str(&text));
	buf_reset(&text);
	if (k->trust_anchor != NULL)
		buf_addf(&text, "by the authorities in %s", k->trust_anchor);
	else {
		buf_adds(&text, "one, SHA-256 ");
		print_digits(&text, k->fingerprint);
	}
	dialogue_say(d, "trusted certificate: %s", buf_str(&text));
	dialogue_say(d, "password: %s",
	    c->stored == NULL ? "asked for at each start" : "stored");
	if (!c->has_trust)
		dialogue_tell(d, EVENT_WARNING, buf_str(&c->setup.why), "cause",
		    "config");
	buf_clear(&text);
	return ask_question(c, CHANGE);
}

/* Returns 1 if PATH, or its first parent that exists, can be written, else 0
 * with errno. */
static int
is_writable(const char *path)
{
	char *copy = buf_strdup(path), *slash;
	int status;

	while ((status = access(copy, W_OK | X_OK)) == -1 && errno == ENOENT) {
		slash = strrchr(copy, '/');
		if (slash == NULL || slash == copy) {
			status = access(slash == NULL ? "." : "/", W_OK | X_OK);
			break;
		}
		*slash = '\0';
	}
	free(copy);
	return status == 0;
}

/* Returns 1 if the file NAME exists, 0 if not, -1 if it cannot be read. */
static int
find_file(struct configure *c, const char *name)
{
	struct buf text;
	int found;

	buf_init(&text, DIR_FILE);
	found = dir_read(c->setup.dir, name, DIR_FILE, &text);
	buf_clear(&text);
	return found;
}

/* Reads what there is. Returns 0 or -1. */
static int
read_files(struct configure *c)
{
	struct setup *s = &c->setup;

	if ((c->has_config = find_file(c, "config.sexp")) == -1 ||
	    (c->has_password = find_file(c, "password")) == -1 ||
	    (c->has_key = find_file(c, "otr_dsa.sexp")) == -1 ||
	    (c->has_omemo = find_file(c, "omemo.sexp")) == -1)
		return stop_dialogue(c, STATUS_CONFIG, dir_why(s->dir));
	/* A configuration that cannot be used is asked for again, whole. */
	c->change = CHANGE_ALL;
	if (c->has_config && setup_account(s, NULL) == 0) {
		c->change = CHANGE_NOTHING;
		config_print(&s->config, &c->before);
	} else {
		config_clear(&s->config);
	}
	if (setup_password(s) == 1 && buf_len(&s->password) > 0)
		c->stored = buf_strdup(buf_str(&s->password));
	if ((c->has_key || s->config.dsa != NULL) && setup_key(s) == -1)
		return stop_dialogue(c, s->status, buf_str(&s->why));
	return 0;
}

/* Opens the directory, if it is there. Returns 0 or -1. */
static int
open_directory(struct configure *c)
{
	struct setup *s = &c->setup;
	char why[PATH_MAX + 100];

	buf_init(&s->password, SETUP_PASSWORD);
	s->dir = dir_new();
	c->has_directory = dir_open(s->dir, c->path, 0);
	if (c->has_directory == -1)
		return stop_dialogue(c, STATUS_CONFIG, dir_why(s->dir));
	/* The person should learn that before all the questions. */
	if (!is_writable(c->path)) {
		snprintf(why, sizeof why, "%s: it cannot be written: %s",
		    c->path, strerror(errno));
		return stop_dialogue(c, STATUS_CONFIG, why);
	}
	if (c->has_directory == 1)
		return read_files(c);
	dir_free(s->dir); /* The directory is made at the end. */
	s->dir = dir_new();
	c->change = CHANGE_ALL;
	return 0;
}

/* Asks what is missing, or what is to change. Returns 0 or -1. */
static int
hold_dialogue(struct configure *c)
{
	struct config *k = &c->setup.config;
	int status;

	if (c->change == CHANGE_NOTHING) {
		c->has_trust = setup_trust(&c->setup) == 0;
		status = ask_change(c);
		/* To leave here is to change nothing. */
		if (status == -1 && !signals_ending() && !c->dialogue.is_lost)
			status = c->status = 0;
		if (status == -1 || c->change == CHANGE_NOTHING)
			return status;
	} else {
		if (c->has_config)
			dialogue_tell(&c->dialogue, EVENT_WARNING,
			    buf_str(&c->setup.why), "cause", "config");
		k->muc_max_stanzas = -1;
		k->versions = CONFIG_OTR_V2 | CONFIG_OTR_V3;
		k->carbons = k->archive = 1;
		k->policies =
		    CONFIG_REQUIRE_ENCRYPTION | CONFIG_SEND_WHITESPACE_TAG |
		    CONFIG_WHITESPACE_START_AKE | CONFIG_ERROR_START_AKE;
		take_trust(c, "system");
	}
	if (c->dialogue.is_terminal)
		dialogue_say(&c->dialogue,
		    "Return takes what is in [brackets], - means none; Ctrl-C "
		    "leaves and writes nothing");
	return ask_all(c) == -1 ? -1 : ask_omemo(c);
}

void
configure_quote(struct buf *out, const char *text)
{
	if (*text != '\0' &&
	    text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
			      "uvwxyz0123456789_./+:@%,-")] == '\0') {
		buf_adds(out, text);
		return;
	}
	buf_addc(out, '\'');
	for (; *text != '\0'; text++)
		if (*text == '\'')
			buf_adds(out, "'\"'\"'");
		else
			buf_addc(out, *text);
	buf_addc(out, '\'');
}

/*
 * Creates NAME with the bytes of TEXT; if HAS it already, NAME.new, which it
 * replaces, and appends the mv(1) that puts it in place to COMMAND. 0 or -1.
 */
static int
write_file(struct configure *c, int has, const char *name,
    const struct buf *text, struct buf *command)
{
	struct buf path;
	char leaf[32];

	c->has_written = 1;
	if (!has)
		return dir_create(
		    c->setup.dir, name, buf_data(text), buf_len(text));
	snprintf(leaf, sizeof leaf, "%s.new", name);
	if (dir_replace(c->setup.dir, leaf, buf_data(text), buf_len(text)) ==
	    -1)
		return -1;
	buf_init(&path, PATH_MAX + sizeof leaf);
	buf_adds(command, buf_len(command) == 0 ? "mv " : " && mv ");
	buf_addf(&path, "%s/%s", c->path, leaf);
	configure_quote(command, buf_str(&path));
	buf_cut(&path, buf_len(&path) - 4);
	buf_addc(command, ' ');
	configure_quote(command, buf_str(&path));
	buf_clear(&path);
	return 0;
}

/* Writes what is new, all of it or nothing: the OTR key KEY and, unless it is
 * empty, the OMEMO identity OMEMO. Returns 0 or -1. */
static int
write_files(struct configure *c, const struct buf *key, const struct buf *omemo,
    struct buf *command)
{
	struct setup *s = &c->setup;
	struct buf config;
	int is_new, is_new_password, status = 0;

	buf_init(&config, DIR_FILE);
	config_print(&s->config, &config);
	is_new_password = buf_len(&s->password) > 0 &&
			  (c->stored == NULL ||
			      strcmp(c->stored, buf_str(&s->password)) != 0);
	/* Before version 3 the password and the key are in config.sexp. */
	is_new = strcmp(buf_str(&config), buf_str(&c->before)) != 0 ||
		 (is_new_password && s->config.password != NULL);
	is_new_password |= is_new && s->config.password != NULL;
	if (!c->has_key && (s->config.dsa == NULL || is_new))
		status = write_file(c, 0, "otr_dsa.sexp", key, command);
	if (status == 0 && buf_len(omemo) > 0)
		status = write_file(c, 0, "omemo.sexp", omemo, command);
	if (status == 0 && is_new_password)
		status = write_file(
		    c, c->has_password, "password", &s->password, command);
	if (status == 0 && is_new)
		status = write_file(
		    c, c->has_config, "config.sexp", &config, command);
	buf_clear(&config);
	if (status == 0)
		return 0;
	stop_dialogue(c, STATUS_OUTPUT, dir_why(s->dir));
	/* Only what was made here can be taken back. */
	dir_take_back(s->dir, "config.sexp");
	dir_take_back(s->dir, "password");
	dir_take_back(s->dir, "omemo.sexp");
	dir_take_back(s->dir, "otr_dsa.sexp");
	return -1;
}

/* Tells the FINGERPRINT of the key of KIND; nothing if it is empty. */
static void
tell_key(struct configure *c, const char *kind, const char *fingerprint)
{
	struct buf text;

	if (*fingerprint == '\0')
		return;
	buf_init(&text, 256);
	buf_addf(&text, "the %s key has the fingerprint ", kind);
	print_digits(&text, fingerprint);
	dialogue_tell(
	    &c->dialogue, EVENT_SUCCESS, buf_str(&text), "fp", fingerprint);
	buf_clear(&text);
}

/* Says what was written, and how to go on. */
static void
tell_end(struct configure *c, struct buf *command)
{
	struct dialogue *d = &c->dialogue;

	if (buf_len(command) > 0) {
		dialogue_say(d, "nothing has changed yet: this command puts "
				"what is new in its place");
		dialogue_command(d, buf_str(command));
	} else if (c->has_written) {
		dialogue_say(d, "all is written to %s", c->path);
	} else {
		dialogue_say(d, "nothing is changed");
	}
	if (d->is_terminal && c->options != NULL)
		dialogue_say(d, "jackline -c%s connects", c->options);
}

/*
 * Makes an OMEMO identity, if it is wanted, in OUT, and its fingerprint FP,
 * which is else empty. Returns 0 or -1.
 */
static int
make_omemo(struct configure *c, struct buf *out, char fp[OMEMO_FINGERPRINT])
{
	unsigned char seed[OMEMO_FILE_SEED];

	*fp = '\0';
	if (!c->wants_omemo)
		return 0;
	if (random_bytes(seed, sizeof seed) == -1)
		return stop_dialogue(c, STATUS_SYSTEM, "no randomness");
	omemo_file_make(seed, out, fp);
	buf_wipe(seed, sizeof seed);
	return 0;
}

/* Makes the keys that are missing, and writes everything. Returns 0 or -1. */
static int
write_everything(struct configure *c)
{
	struct setup *s = &c->setup;
	struct buf text, omemo, command;
	char fp[OMEMO_FINGERPRINT];
	int status;

	if (s->key == NULL)
		s->key = privkey_generate();
	if (s->key == NULL)
		return stop_dialogue(
		    c, STATUS_SYSTEM, "no OTR key could be made");
	buf_init(&text, DIR_FILE);
	buf_init(&omemo, DIR_FILE);
	buf_init(&command, DIR_FILE);
	privkey_print(s->key, &text);
	if (make_omemo(c, &omemo, fp) == -1)
		status = -1;
	else if (signals_ending())
		status = stop_for_signal(c);
	else if (!c->has_directory &&
		 dir_open(s->dir, c->path, DIR_CREATE) != 1)
		status = stop_dialogue(c, STATUS_CONFIG, dir_why(s->dir));
	else
		status = write_files(c, &text, &omemo, &command);
	if (status == 0) {
		tell_key(c, "OTR", privkey_fingerprint(s->key));
		tell_key(c, "OMEMO", fp);
		tell_end(c, &command);
	}
	buf_clear(&text);
	buf_clear(&omemo);
	buf_clear(&command);
	return status;
}

int
configure_directory(
    const char *path, const char *options, int ascii, struct buf *why)
{
	struct configure c = {.path = path, .options = options, .why = why};

	buf_init(&c.before, DIR_FILE);
	buf_init(&c.text, DIR_FILE);
	if (open_directory(&c) == 0) {
		dialogue_open(&c.dialogue, ascii);
		if (hold_dialogue(&c) == 0 && write_everything(&c) == 0 &&
		    !c.dialogue.is_terminal) {
			/* A person has seen it. */
			if (c.is_unproved)
				stop_dialogue(&c, 1,
				    "all is written, but the login failed");
			else if (c.dialogue.had_error)
				stop_dialogue(&c, 1,
				    "all is written, but some answers were "
				    "refused at first");
		}
		dialogue_close(&c.dialogue);
	}
	buf_free_secret(c.stored);
	buf_clear(&c.before);
	buf_clear(&c.text);
	setup_clear(&c.setup);
	return c.status;
}
