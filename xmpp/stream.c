#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xmpp/intern.h"

#define NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"
/*
 * A record holds whole stanzas, and what a server reads at once: Prosody 0.12
 * goes on with the parser of the first stream when one is resumed, so that a
 * stanza cut in two would break the session.
 */
#define RECORD_MAX 4096

#define NS_ERRORS  "urn:ietf:params:xml:ns:xmpp-streams"

/* Notes N bytes of P that were received ("<") or are sent (">"). */
static void
note(struct stream *s, const char *way, const void *p, size_t n)
{
	/* What the mechanisms say is a secret. */
	if (s->options.log == NULL || n == 0 || s->state == SECURE_FEATURES ||
	    s->state == AUTH)
		return;
	buf_adds(s->options.log, way);
	buf_add(s->options.log, p, n);
	buf_addc(s->options.log, '\n');
}

/* Ends without a word: the other side is not there, or is to remember us. */
static void
fail_silently(struct stream *s, const char *cause, const char *why)
{
	if (s->state != END) {
		s->cause = cause;
		snprintf(s->why, sizeof s->why, "%s", why);
	}
	s->state = END;
}

static void
say_end(struct stream *s)
{
	if (!s->end_said)
		buf_adds(&s->out, "</stream:stream>");
	s->end_said = 1;
}

enum stream_item
stream_fail(struct stream *s, const char *cause, const char *why)
{
	/* Nothing goes out in the clear but what login needs. */
	if (s->state != END && s->tls != NULL && tls_ready(s->tls))
		say_end(s);
	fail_silently(s, cause, why);
	return STREAM_END;
}

static void
send_header(struct stream *s)
{
	char domain[JID_SIZE], bare[JID_SIZE];
	struct writer w;

	jid_domain(s->options.jid, domain);
	jid_bare(s->options.jid, bare);
	buf_adds(&s->out, "<?xml version='1.0'?>");
	writer_init(&w, &s->out);
	writer_open(&w, "stream:stream", NS_CLIENT);
	writer_attr(&w, "xmlns:stream", NS_STREAM);
	writer_attr(&w, "to", domain);
	/* Who we are is not said in the clear. */
	writer_attr(&w, "from", s->tls == NULL ? NULL : bare);
	writer_attr(&w, "version", "1.0");
	writer_text(&w, "", 0);
}

/* Begins a new stream; what the parser was fed and has not read stays. */
static void
restart(struct stream *s, enum stream_state state)
{
	size_t used = s->feeding - xml_left(s->xml);

	if (s->tls == NULL)
		buf_drop(&s->in, used);
	else
		tls_clear_done(s->tls, used);
	s->feeding = 0;
	xml_restart(s->xml);
	s->state = state;
	send_header(s);
}

/* An address is no name for SNI (RFC 6066 3). */
static int
is_address(const char *domain)
{
	return strchr(domain, ':') != NULL ||
	       domain[strspn(domain, "0123456789.")] == '\0';
}

static enum stream_item
start_tls(struct stream *s)
{
	unsigned char seed[32];
	struct tls_options options = {
	    .sni = is_address(s->options.domain) ? NULL : s->options.domain,
	    .name = s->options.name,
	    .anchors = s->options.anchors,
	    .pin = s->options.pin,
	    .alpn = s->options.direct,
	    .seed = seed,
	    .now = s->options.now};

	nonce_bytes(s->options.nonce, seed, sizeof seed);
	s->tls = tls_new(&options);
	buf_wipe(seed, sizeof seed);
	s->state = HANDSHAKE;
	if (s->tls == NULL)
		return stream_fail(
		    s, "config", "no name to check the server by");
	return STREAM_MORE;
}

struct stream *
stream_new(const struct stream_options *options)
{
	struct stream *s = buf_alloc(sizeof *s);
	unsigned char *pin = NULL;

	s->options = *options;
	s->options.jid = buf_strdup(options->jid);
	s->options.password = buf_strdup(options->password);
	s->options.domain = buf_strdup(options->domain);
	s->options.name = buf_strdup(options->name);
	if (options->pin != NULL)
		pin = (unsigned char *)buf_memdup(options->pin, TLS_PIN);
	s->options.pin = pin;
	buf_init(&s->in, STREAM_OUT_MAX);
	buf_init(&s->out, STREAM_OUT_MAX);
	s->xml = xml_new();
	if (options->direct) {
		start_tls(s);
	} else {
		s->state = CLEAR_HEADER;
		send_header(s);
	}
	return s;
}

void
stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	free((char *)s->options.jid);
	buf_free_secret((char *)s->options.password);
	free((char *)s->options.domain);
	free((char *)s->options.name);
	free((unsigned char *)s->options.pin);
	xml_free(s->xml);
	tls_free(s->tls);
	login_free(s->login);
	buf_clear(&s->in);
	buf_clear(&s->out);
	free(s);
}

void
stream_recv(struct stream *s, const void *p, size_t n)
{
	if (s->state != END && buf_add(&s->in, p, n) == -1)
		stream_fail(s, "limit", "too much was received at once");
}

static enum stream_item
clear_features(struct stream *s, const struct stanza *x)
{
	struct writer w;

	if (stanza_child(x, "starttls", NS_TLS) == NULL)
		return stream_fail(
		    s, "no-starttls", "the server offers no STARTTLS");
	writer_init(&w, &s->out);
	writer_leaf(&w, "starttls", NS_TLS, NULL);
	s->state = PROCEED;
	return STREAM_MORE;
}

/* Behind <proceed/> or, with direct TLS, before our first word. */
static enum stream_item
fail_injected(struct stream *s)
{
	stream_fail(s, "tls-injected",
	    "the server sent something in the clear before TLS");
	/* Our hello, where it was ready, does not go out any more. */
	tls_free(s->tls);
	s->tls = NULL;
	buf_reset(&s->out);
	return STREAM_END;
}

static enum stream_item
proceed(struct stream *s, const struct stanza *x)
{
	size_t left = xml_left(s->xml);

	(void)x;
	if (buf_len(&s->out) > 0)
		return stream_fail(s, "protocol",
		    "the server answered <starttls/> before it was sent");
	if (left > 0 || buf_len(&s->in) > s->feeding)
		return fail_injected(s);
	buf_reset(&s->in);
	s->feeding = 0;
	return start_tls(s);
}

static enum stream_item
no_proceed(struct stream *s, const struct stanza *x)
{
	(void)x;
	return stream_fail(s, "no-starttls", "the server refused STARTTLS");
}

static enum stream_item
fail_login(struct stream *s)
{
	return stream_fail(s, login_cause(s->login), login_why(s->login));
}

static enum stream_item
secure_features(struct stream *s, const struct stanza *x)
{
	struct login_options options = {.jid = s->options.jid,
	    .password = s->options.password,
	    .binding = tls_unique(s->tls),
	    .seen = s->options.seen,
	    .nonce = s->options.nonce,
	    .hi = s->options.hi};

	s->login = login_new(&options, x, &s->out);
	s->state = AUTH;
	return login_cause(s->login) == NULL ? STREAM_MORE : fail_login(s);
}

static enum stream_item
challenge(struct stream *s, const struct stanza *x)
{
	if (login_challenge(s->login, x, &s->out) == -1)
		return fail_login(s);
	return STREAM_MORE;
}

static enum stream_item
success(struct stream *s, const struct stanza *x)
{
	if (login_success(s->login, x) == -1)
		return fail_login(s);
	restart(s, USER_HEADER);
	return STREAM_MORE;
}

/* WHAT and the first child of X that is a condition in namespace NS. */
static enum stream_item
fail_condition(struct stream *s, const char *cause, const char *what,
    const struct stanza *x, const char *ns)
{
	const struct stanza *c, *text = stanza_child(x, "text", ns);
	char why[STREAM_WHY];
	int n;

	for (c = x->child; c != NULL; c = c->next)
		if (c != text && strcmp(c->ns, ns) == 0)
			break;
	n = snprintf(why, sizeof why, "%s: %.60s", what,
	    c == NULL ? "no reason given" : c->name);
	if (text != NULL && text->text_len > 0 && text->text_len < 200)
		snprintf(why + n, sizeof why - (size_t)n, " (%s)", text->text);
	return stream_fail(s, cause, why);
}

static enum stream_item
failure(struct stream *s, const struct stanza *x)
{
	/* RFC 6120 6.5.11: the fault is the server's, and passes. */
	const char *cause =
	    stanza_child(x, "temporary-auth-failure", NS_SASL) == NULL
		? "auth-refused"
		: "refused";

	return fail_condition(
	    s, cause, "the server refused the login", x, NS_SASL);
}

static enum stream_item
stanza(struct stream *s, const struct stanza *x)
{
	(void)s, (void)x;
	return STREAM_STANZA;
}

static enum stream_item
stream_error(struct stream *s, const struct stanza *x)
{
	const char *cause = "connection-lost";

	if (s->state == RESUME)
		resume_forget(s->options.resume);
	s->poisoned = stanza_child(x, "policy-violation", NS_ERRORS) != NULL;
	if (stanza_child(x, "conflict", NS_ERRORS) != NULL)
		cause = "stream-conflict";
	else if (stanza_child(x, "see-other-host", NS_ERRORS) != NULL)
		cause = "protocol";
	else if (s->state < ONLINE)
		cause = "refused";
	return fail_condition(
	    s, cause, "the server ended the stream", x, NS_ERRORS);
}

/* What may come when; anything else breaks the protocol. */
static const struct {
	enum stream_state first, last;
	const char *name, *ns;
	enum stream_item (*handle)(struct stream *, const struct stanza *);
} table[] = {
    {ENABLE, CLOSING, "message", NS_CLIENT, stanza},
    {ENABLE, CLOSING, "presence", NS_CLIENT, stanza},
    {ENABLE, CLOSING, "iq", NS_CLIENT, stanza},
    {ONLINE, CLOSING, "r", NS_SM, bind_asked},
    {ONLINE, CLOSING, "a", NS_SM, bind_acked},
    {CLEAR_FEATURES, CLEAR_FEATURES, "features", NS_STREAM, clear_features},
    {PROCEED, PROCEED, "proceed", NS_TLS, proceed},
    {PROCEED, PROCEED, "failure", NS_TLS, no_proceed},
    {SECURE_FEATURES, SECURE_FEATURES, "features", NS_STREAM, secure_features},
    {AUTH, AUTH, "challenge", NS_SASL, challenge},
    {AUTH, AUTH, "success", NS_SASL, success},
    {AUTH, AUTH, "failure", NS_SASL, failure},
    {USER_FEATURES, USER_FEATURES, "features", NS_STREAM, bind_features},
    {RESUME, RESUME, "resumed", NS_SM, bind_resumed},
    {RESUME, RESUME, "failed", NS_SM, bind_not_resumed},
    {BIND, BIND, "iq", NS_CLIENT, bind_bound},
    {ENABLE, ENABLE, "enabled", NS_SM, bind_enabled},
    {ENABLE, ENABLE, "failed", NS_SM, bind_not_enabled},
    {CLEAR_FEATURES, CLOSING, "error", NS_STREAM, stream_error},
};

static enum stream_item
dispatch(struct stream *s, const struct stanza *x)
{
	char why[STREAM_WHY];
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++)
		if (s->state >= table[i].first && s->state <= table[i].last &&
		    stanza_is(x, table[i].name, table[i].ns))
			return table[i].handle(s, x);
	snprintf(
	    why, sizeof why, "the server sent an unexpected <%.60s/>", x->name);
	return stream_fail(s, "protocol", why);
}

static enum stream_item
header(struct stream *s, const struct stanza *x)
{
	const char *version = stanza_get(x, "version");

	if (!stanza_is(x, "stream", NS_STREAM))
		return stream_fail(s, "protocol", "this is no XMPP stream");
	if (version == NULL || strcmp(version, "1.0") != 0)
		return stream_fail(s,
		    s->state == CLEAR_HEADER ? "no-starttls" : "protocol",
		    "the server does not speak XMPP 1.0");
	s->state++;
	return STREAM_MORE;
}

static enum stream_item
closed(struct stream *s)
{
	if (s->state == CLOSING) {
		s->state = END;
		return STREAM_END;
	}
	/* Instead of an answer to <resume/>: bind anew next time. */
	if (s->state == RESUME)
		resume_forget(s->options.resume);
	return stream_fail(s, s->state < ONLINE ? "refused" : "connection-lost",
	    "the server ended the stream");
}

static enum stream_item
handle(struct stream *s, enum xml_item item)
{
	switch (item) {
	case XML_OPEN:
		if (s->state != CLEAR_HEADER && s->state != SECURE_HEADER &&
		    s->state != USER_HEADER)
			return stream_fail(
			    s, "protocol", "a second stream header");
		return header(s, xml_stanza(s->xml));
	case XML_STANZA:
		return dispatch(s, xml_stanza(s->xml));
	case XML_CLOSED:
		return closed(s);
	case XML_BROKEN:
		return stream_fail(s, xml_cause(s->xml), xml_why(s->xml));
	case XML_MORE:
		break;
	}
	return STREAM_MORE;
}

/* Hands the parser what there is in the clear; 0 where there is nothing. */
static int
feed_clear(struct stream *s)
{
	buf_drop(&s->in, s->feeding);
	s->feeding = buf_len(&s->in);
	note(s, "< ", buf_data(&s->in), s->feeding);
	xml_feed(s->xml, buf_data(&s->in), s->feeding);
	return s->feeding > 0;
}

static int
feed_tls(struct stream *s)
{
	const unsigned char *clear;
	size_t taken;

	tls_clear_done(s->tls, s->feeding);
	s->feeding = 0;
	if (buf_len(&s->in) > 0 && !s->hello_sent) {
		fail_injected(s);
		return 1;
	}
	taken = tls_recv(s->tls, buf_data(&s->in), buf_len(&s->in));
	buf_drop(&s->in, taken);
	if (s->state == HANDSHAKE && tls_ready(s->tls))
		restart(s, SECURE_HEADER);
	clear = tls_clear_buf(s->tls, &s->feeding);
	if (s->feeding > 0) {
		note(s, "< ", clear, s->feeding);
		xml_feed(s->xml, clear, s->feeding);
		return 1;
	}
	if (tls_cause(s->tls) != NULL) {
		stream_fail(s, tls_cause(s->tls), tls_why(s->tls));
		return 1;
	}
	return taken > 0;
}

enum stream_item
stream_next(struct stream *s)
{
	enum stream_item result;
	enum xml_item item;

	while (s->state != END) {
		item = xml_next(s->xml);
		if (item != XML_MORE) {
			result = handle(s, item);
			if (result != STREAM_MORE)
				return result;
		} else if (!(s->tls == NULL ? feed_clear(s) : feed_tls(s))) {
			return STREAM_MORE;
		}
	}
	return STREAM_END;
}

const struct stanza *
stream_stanza(const struct stream *s)
{
	return xml_stanza(s->xml);
}

const unsigned char *
stream_wire_buf(struct stream *s, size_t *len)
{
	size_t n;

	if (s->tls == NULL) {
		*len = buf_len(&s->out);
		return buf_data(&s->out);
	}
	bind_count(s);
	if (buf_len(&s->out) > 0) {
		n = resume_piece(
		    buf_data(&s->out), buf_len(&s->out), RECORD_MAX);
		n = tls_send(s->tls, buf_data(&s->out), n);
		note(s, "> ", buf_data(&s->out), n);
		buf_drop(&s->out, n);
		s->counted -= n < s->counted ? n : s->counted;
		if (n > 0)
			tls_flush(s->tls);
	}
	/* RFC 6120 4.4: when both have said the end; a failure waits for none.
	 */
	if (s->state == END && s->end_said && buf_len(&s->out) == 0)
		tls_close(s->tls);
	return tls_wire_buf(s->tls, len);
}

void
stream_wire_done(struct stream *s, size_t n)
{
	if (s->tls == NULL) {
		buf_drop(&s->out, n);
		return;
	}
	s->hello_sent |= n > 0;
	tls_wire_done(s->tls, n);
}

struct buf *
stream_out(struct stream *s)
{
	return &s->out;
}

void
stream_expect(struct stream *s, const char *id)
{
	xml_expect(s->xml, id);
}

void
stream_expected(struct stream *s, const char *id)
{
	xml_expected(s->xml, id);
}

void
stream_close(struct stream *s)
{
	if (s->state == ONLINE) {
		if (s->options.resume != NULL &&
		    s->options.resume->state == RESUME_ON)
			stream_answer(s);
		say_end(s);
		s->state = CLOSING;
	} else if (s->state < ONLINE) {
		s->state = END;
	}
}

void
stream_lost(struct stream *s)
{
	if (s->state < ONLINE)
		fail_silently(s, "refused", "the server closed the connection");
	else
		fail_silently(s, "connection-lost", "the connection was lost");
}

int
stream_is_online(const struct stream *s)
{
	return s->state == ONLINE;
}

unsigned
stream_features(const struct stream *s)
{
	return s->features;
}

const char *
stream_jid(const struct stream *s)
{
	return s->jid;
}

const char *
stream_mechanism(const struct stream *s)
{
	return s->login == NULL ? NULL : login_mechanism(s->login);
}

const struct tls *
stream_tls(const struct stream *s)
{
	return s->tls;
}

const char *
stream_cause(const struct stream *s)
{
	return s->cause;
}

const char *
stream_why(const struct stream *s)
{
	return s->why;
}
