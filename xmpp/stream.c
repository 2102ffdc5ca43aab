#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xmpp/jid.h"
#include "xmpp/login.h"
#include "xmpp/stream.h"
#include "xmpp/xml.h"

#define NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"
/*
 * A TLS record holds complete stanzas, and no more than a server reads at once.
 * Prosody 0.12 goes on with the parser of the old stream when a session is
 * resumed, so that half a stanza in the old one would break the new one.
 */
#define RECORD_MAX  4096

#define NS_ERRORS   "urn:ietf:params:xml:ns:xmpp-streams"
#define NS_BIND	    "urn:ietf:params:xml:ns:xmpp-bind"
#define NS_SESSION  "urn:ietf:params:xml:ns:xmpp-session"
#define NS_VERSIONS "urn:xmpp:features:rosterver"

/* A bit of `seen` beside those of sasl.h: a server has offered XEP-0198. */
#define SEEN_MANAGEMENT 0x100u

#define STREAM_WHY	400 /* bytes of stream_why and a NUL */

/* Each header state is followed by its features state. */
enum stream_state {
	CLEAR_HEADER,
	CLEAR_FEATURES,
	PROCEED,
	HANDSHAKE,
	SECURE_HEADER,
	SECURE_FEATURES,
	AUTH,
	USER_HEADER,
	USER_FEATURES,
	RESUME,
	BIND,	     /* bound soon; stanzas must wait for the answer */
	BIND_EARLY,  /* the same, but stanzas may be sent already */
	BIND_ENABLE, /* the same, and <enable/> was sent */
	ENABLE,
	BOUND, /* STREAM_SESSION was returned, STREAM_ONLINE is next */
	ONLINE,
	CLOSING,
	END
};

struct stream {
	enum stream_state state;
	/* The state behind USER_FEATURES, if the binding or resumption was sent
	 * ahead of them; else 0. */
	enum stream_state ahead;
	int guessed; /* something was sent ahead, and is not answered yet */
	struct xml *xml;
	struct tls *tls;
	struct login *login;
	struct buf in, out;
	size_t feeding; /* bytes of `in`, or of TLS, that the parser has */
	size_t counted; /* bytes of `out` that struct resume has seen */
	int resumed;	/* the session was begun on another stream */
	int ended;	/* the server ended it, with an error or without */
	int poisoned;	/* it did so with policy-violation */
	int hello_sent; /* a byte of our TLS handshake was written */
	int end_said;	/* our </stream:stream> is in `out`, or was sent */
	struct stream_offer offer; /* features: so far */
	unsigned seen; /* options.seen as it is if the offer is as before */
	struct stream_options options; /* strings are copies */
	char bind_id[NONCE_ID + 1];
	char jid[JID_SIZE];
	const char *cause;
	char why[STREAM_WHY];
};

/* Logs N bytes at P that were received ("<") or are sent (">"). */
static void
log_clear(struct stream *s, const char *way, const void *p, size_t n)
{
	int secret = s->state == SECURE_FEATURES || s->state == AUTH ||
		     (s->state == SECURE_HEADER && s->guessed);

	if (s->options.log != NULL && n > 0)
		s->options.log(s->options.log_data, way, secret, p, n);
}

/* Ends S, if it has not ended, and sends nothing. */
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
send_end(struct stream *s)
{
	if (!s->end_said)
		buf_adds(&s->out, "</stream:stream>");
	s->end_said = 1;
}

/*
 * Returns 1 if the session should be resumed on another stream. It should not
 * if the server ended this stream, nor if it was resumed on this one already,
 * as the same failure would come again.
 */
static int
keep_session(const struct stream *s)
{
	if (s->state != ONLINE || s->options.resume == NULL || s->ended)
		return 0;
	if (s->resumed)
		resume_forget(s->options.resume);
	return resume_can(s->options.resume);
}

/*
 * Ends S, if it has not ended, for CAUSE (static) and WHY (copied). Returns
 * STREAM_END.
 */
static enum stream_item
fail_stream(struct stream *s, const char *cause, const char *why)
{
	/* Outside TLS no end tag is sent; a session to resume gets none either.
	 */
	if (s->state != END && s->tls != NULL && tls_ready(s->tls) &&
	    !keep_session(s))
		send_end(s);
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
	/* Our JID is not sent outside TLS (RFC 6120 4.7.1). */
	writer_attr(&w, "from", s->tls == NULL ? NULL : bare);
	writer_attr(&w, "version", "1.0");
	writer_text(&w, "", 0);
}

/* Returns 1 if the offer of the server is known. */
static int
knows_offer(const struct stream *s)
{
	return s->options.offer != NULL &&
	       (s->options.offer->features & STREAM_MANAGEMENT) != 0;
}

/* The offer of the server is another than the one that was counted on. */
static enum stream_item
fail_guess(struct stream *s)
{
	return fail_stream(s, "protocol",
	    "the server offers other features than the last time");
}

/* Begins a new stream; input that the parser has not read yet stays. */
static void
restart_stream(struct stream *s, enum stream_state state)
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

/* Returns 1 for an IP address, which must not be sent as SNI (RFC 6066 3). */
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
		return fail_stream(s, "config",
		    "there is no valid name to check the certificate for");
	return STREAM_MORE;
}

static void
send_starttls(struct stream *s)
{
	struct writer w;

	writer_init(&w, &s->out);
	writer_leaf(&w, "starttls", NS_TLS, NULL);
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
		if (knows_offer(s)) {
			send_starttls(s);
			s->guessed = 1;
		}
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
		fail_stream(s, "limit", "too much was received at once");
}

static enum stream_item
on_clear_features(struct stream *s, const struct stanza *x)
{
	if (stanza_child(x, "starttls", NS_TLS) == NULL)
		return fail_stream(
		    s, "no-starttls", "the server offers no STARTTLS");
	if (!s->guessed)
		send_starttls(s);
	s->state = PROCEED;
	return STREAM_MORE;
}

/* Refuses bytes after <proceed/> or, with direct TLS, before our handshake. */
static enum stream_item
fail_injected(struct stream *s)
{
	fail_stream(s, "tls-injected",
	    "the server sent something in the clear before TLS");
	/* A handshake that was ready is not sent any more. */
	tls_free(s->tls);
	s->tls = NULL;
	buf_reset(&s->out);
	return STREAM_END;
}

static enum stream_item
on_proceed(struct stream *s, const struct stanza *x)
{
	size_t left = xml_left(s->xml);

	(void)x;
	s->guessed = 0;
	if (buf_len(&s->out) > 0)
		return fail_stream(s, "protocol",
		    "the server answered <starttls/> before it was sent");
	if (left > 0 || buf_len(&s->in) > s->feeding)
		return fail_injected(s);
	buf_reset(&s->in);
	s->feeding = 0;
	return start_tls(s);
}

static enum stream_item
on_tls_refused(struct stream *s, const struct stanza *x)
{
	(void)x;
	s->guessed = 0;
	return fail_stream(s, "no-starttls", "the server refused STARTTLS");
}

static enum stream_item
fail_login(struct stream *s)
{
	return fail_stream(s, login_cause(s->login), login_why(s->login));
}

/* Begins the login with the mechanisms of OFFER. */
static void
begin_login(struct stream *s, const struct stream_offer *offer, unsigned *seen)
{
	struct login_options options = {.jid = s->options.jid,
	    .password = s->options.password,
	    .offered = offer->mechanisms,
	    .types = offer->types,
	    .binding = tls_unique(s->tls),
	    .seen = seen,
	    .nonce = s->options.nonce,
	    .hi = s->options.hi,
	    .salted = s->options.salted};

	s->login = login_new(&options, &s->out);
}

/* Begins the login of a known server, with nothing but a name and a nonce. */
static void
login_ahead(struct stream *s)
{
	if (!knows_offer(s) || (s->options.offer->mechanisms & SASL_SCRAM) == 0)
		return;
	s->seen = *s->options.seen;
	begin_login(s, s->options.offer, &s->seen);
	s->guessed = login_cause(s->login) == NULL;
	if (s->guessed)
		return;
	login_free(s->login);
	s->login = NULL;
}

static enum stream_item
on_secure_features(struct stream *s, const struct stanza *x)
{
	s->offer.mechanisms = login_offered(x, &s->offer.types);
	s->state = AUTH;
	if (!s->guessed) {
		begin_login(s, &s->offer, s->options.seen);
		return login_cause(s->login) == NULL ? STREAM_MORE
						     : fail_login(s);
	}
	if (s->offer.mechanisms != s->options.offer->mechanisms ||
	    s->offer.types != s->options.offer->types)
		return fail_guess(s);
	*s->options.seen = s->seen;
	return STREAM_MORE;
}

static enum stream_item
on_challenge(struct stream *s, const struct stanza *x)
{
	s->guessed = 0;
	if (login_challenge(s->login, x, &s->out) == -1)
		return fail_login(s);
	return STREAM_MORE;
}

/*
 * Ends S for CAUSE; the reason is WHAT with the condition in X, its first child
 * in the namespace NS, and the text in X.
 */
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
	return fail_stream(s, cause, why);
}

static enum stream_item
on_failure(struct stream *s, const struct stanza *x)
{
	s->guessed = 0;
	/* RFC 6120 6.5.11: a fault of the server, which may pass. */
	const char *cause =
	    stanza_child(x, "temporary-auth-failure", NS_SASL) == NULL
		? "auth-refused"
		: "refused";

	if (login_failure(s->login, x) == -1)
		return fail_login(s);
	return fail_condition(s, cause,
	    stanza_child(x, "not-authorized", NS_SASL) == NULL
		? "the server refused the login"
		: "the server refused the login, the name or the password is "
		  "wrong",
	    x, NS_SASL);
}

/* Asks for a session if the server requires one (RFC 3921 3). */
static void
send_session(struct stream *s)
{
	struct writer w;

	if ((s->offer.features & STREAM_NEEDS_SESSION) == 0)
		return;
	writer_init(&w, &s->out);
	writer_open(&w, "iq", NULL);
	writer_attr(&w, "type", "set");
	writer_attr(&w, "id", "session");
	writer_leaf(&w, "session", NS_SESSION, NULL);
	writer_end(&w);
}

/*
 * Binds a resource (RFC 6120 7). To a server that offers, or once offered,
 * XEP-0198 <enable/> and stanzas are sent without waiting for the answer, which
 * saves a round trip. Older servers such as jabberd2 would end the stream.
 */
static enum stream_item
send_bind(struct stream *s)
{
	struct writer w;

	nonce_id(s->options.nonce, s->bind_id);
	writer_init(&w, &s->out);
	writer_open(&w, "iq", NULL);
	writer_attr(&w, "type", "set");
	writer_attr(&w, "id", s->bind_id);
	writer_open(&w, "bind", NS_BIND);
	if (jid_resource(s->options.jid) != NULL)
		writer_leaf(&w, "resource", NULL, jid_resource(s->options.jid));
	writer_end(&w);
	s->counted = buf_len(&s->out);
	s->state = BIND;
	if ((*s->options.seen & SEEN_MANAGEMENT) == 0)
		return STREAM_MORE;
	send_session(s);
	s->state = BIND_EARLY;
	if (s->options.resume != NULL &&
	    (s->offer.features & STREAM_MANAGEMENT) != 0) {
		s->state = BIND_ENABLE;
		writer_open(&w, "enable", NS_SM);
		writer_attr(&w, "resume", "true");
		writer_end(&w);
	}
	s->counted = buf_len(&s->out);
	return STREAM_SESSION;
}

static enum stream_item
send_resume(struct stream *s)
{
	struct writer w;
	char h[16];

	snprintf(h, sizeof h, "%" PRIu32, resume_attempt(s->options.resume));
	writer_init(&w, &s->out);
	writer_open(&w, "resume", NS_SM);
	writer_attr(&w, "h", h);
	writer_attr(&w, "previd", s->options.resume->token);
	writer_end(&w);
	s->counted = buf_len(&s->out);
	s->state = RESUME;
	return STREAM_MORE;
}

/* Resumes the last session, or begins a new one. */
static enum stream_item
begin_session(struct stream *s)
{
	if (s->offer.features & STREAM_MANAGEMENT)
		*s->options.seen |= SEEN_MANAGEMENT;
	if (s->options.resume != NULL && resume_can(s->options.resume) &&
	    s->options.resume->attempts < RESUME_ATTEMPTS &&
	    (s->offer.features & STREAM_MANAGEMENT) != 0)
		return send_resume(s);
	return send_bind(s);
}

static unsigned
read_features(const struct stanza *x)
{
	const struct stanza *session = stanza_child(x, "session", NS_SESSION);
	unsigned features = 0;

	if (stanza_child(x, "ver", NS_VERSIONS) != NULL)
		features |= STREAM_ROSTER_VERSIONS;
	if (stanza_child(x, "sm", NS_SM) != NULL)
		features |= STREAM_MANAGEMENT;
	if (session != NULL &&
	    stanza_child(session, "optional", NS_SESSION) == NULL)
		features |= STREAM_NEEDS_SESSION;
	return features;
}

static enum stream_item
on_user_features(struct stream *s, const struct stanza *x)
{
	unsigned features = read_features(x);

	if (stanza_child(x, "bind", NS_BIND) == NULL)
		return fail_stream(
		    s, "protocol", "the server offers no resource binding");
	if (s->ahead == 0) {
		s->offer.features = features;
		return begin_session(s);
	}
	if (features != s->offer.features)
		return fail_guess(s);
	s->state = s->ahead;
	s->ahead = 0;
	return STREAM_MORE;
}

static enum stream_item
on_success(struct stream *s, const struct stanza *x)
{
	enum stream_item item;

	if (login_success(s->login, x) == -1)
		return fail_login(s);
	restart_stream(s, USER_HEADER);
	if (!knows_offer(s))
		return STREAM_MORE;
	s->guessed = 1;
	s->offer.features = s->options.offer->features;
	item = begin_session(s);
	s->ahead = s->state;
	s->state = USER_HEADER;
	return item;
}

/* Returns the attribute `h` of X, a number of 32 bits; -1 if there is none. */
static int64_t
read_h(const struct stanza *x)
{
	const char *text = stanza_get(x, "h");
	char *end;
	unsigned long long n;

	if (text == NULL || *text < '0' || *text > '9')
		return -1;
	n = strtoull(text, &end, 10);
	return *end == '\0' && n <= UINT32_MAX ? (int64_t)n : -1;
}

/*
 * Applies the `h` of X. Returns -1 and ends S if fewer stanzas were sent.
 */
static int
apply_h(struct stream *s, const struct stanza *x)
{
	int64_t h = read_h(x);

	if (h >= 0 && resume_ack(s->options.resume, (uint32_t)h) == 0)
		return 0;
	resume_forget(s->options.resume);
	fail_stream(s, "protocol",
	    "the server acknowledged more stanzas than were sent");
	return -1;
}

/* Remembers the offer, now that the server has accepted what we sent. */
static void
keep_offer(struct stream *s)
{
	s->guessed = 0;
	if (s->options.offer != NULL &&
	    (s->offer.features & STREAM_MANAGEMENT) != 0)
		*s->options.offer = s->offer;
}

static enum stream_item
on_resumed(struct stream *s, const struct stanza *x)
{
	const char *id = stanza_get(x, "previd");

	keep_offer(s);
	if (id != NULL && strcmp(id, s->options.resume->token) != 0) {
		resume_forget(s->options.resume);
		return fail_stream(
		    s, "protocol", "the server resumed another session");
	}
	if (apply_h(s, x) == -1)
		return STREAM_END;
	resume_resumed(s->options.resume);
	s->state = ONLINE;
	s->resumed = 1;
	return STREAM_RESUMED;
}

static enum stream_item
on_not_resumed(struct stream *s, const struct stanza *x)
{
	keep_offer(s);
	if (stanza_get(x, "h") != NULL) {
		if (apply_h(s, x) == -1)
			return STREAM_END;
		s->options.resume->known = 1;
	}
	resume_forget(s->options.resume);
	return send_bind(s);
}

static enum stream_item
on_bound(struct stream *s, const struct stanza *x)
{
	const struct stanza *jid;
	const char *id = stanza_get(x, "id"), *type = stanza_get(x, "type");
	const char *condition;
	char why[STREAM_WHY];

	keep_offer(s);
	if (id == NULL || strcmp(id, s->bind_id) != 0 || type == NULL)
		return fail_stream(s, "protocol",
		    "the server sent an unexpected answer to the binding");
	if (strcmp(type, "result") != 0) {
		condition = stanza_condition(x);
		snprintf(why, sizeof why, "the server refused the resource: %s",
		    condition);
		return fail_stream(s,
		    strcmp(condition, "conflict") == 0 ? "stream-conflict"
						       : "refused",
		    why);
	}
	jid = stanza_child(stanza_child(x, "bind", NS_BIND), "jid", NS_BIND);
	if (jid == NULL ||
	    jid_parse(jid->text, jid->text_len, s->jid, NULL) == -1 ||
	    jid_resource(s->jid) == NULL ||
	    !jid_same_bare(s->jid, s->options.jid))
		return fail_stream(
		    s, "protocol", "the server bound a JID that is not yours");
	switch (s->state) {
	case BIND_ENABLE:
		s->state = ENABLE;
		return STREAM_MORE;
	case BIND_EARLY:
		s->state = ONLINE;
		return STREAM_ONLINE;
	default:
		send_session(s);
		s->counted = buf_len(&s->out);
		s->state = BOUND;
		return STREAM_SESSION;
	}
}

static enum stream_item
on_enabled(struct stream *s, const struct stanza *x)
{
	const char *may = stanza_get(x, "resume"), *id = stanza_get(x, "id");

	if (may == NULL || (strcmp(may, "true") != 0 && strcmp(may, "1") != 0))
		id = NULL;
	resume_enabled(s->options.resume, id);
	s->state = ONLINE;
	return STREAM_ONLINE;
}

static enum stream_item
on_not_enabled(struct stream *s, const struct stanza *x)
{
	(void)x;
	resume_off(s->options.resume);
	s->state = ONLINE;
	return STREAM_ONLINE;
}

/* <r/> and <a/> are allowed only if stream management is on. */
static enum stream_item
on_asked(struct stream *s, const struct stanza *x)
{
	(void)x;
	if (s->options.resume == NULL || s->options.resume->state != RESUME_ON)
		return fail_stream(
		    s, "protocol", "the server sent an unexpected <r/>");
	return STREAM_ASKED;
}

static enum stream_item
on_acked(struct stream *s, const struct stanza *x)
{
	if (s->options.resume == NULL || s->options.resume->state != RESUME_ON)
		return fail_stream(
		    s, "protocol", "the server sent an unexpected <a/>");
	return apply_h(s, x) == -1 ? STREAM_END : STREAM_ACKED;
}

static enum stream_item
on_stanza(struct stream *s, const struct stanza *x)
{
	(void)s, (void)x;
	return STREAM_STANZA;
}

static enum stream_item
on_stream_error(struct stream *s, const struct stanza *x)
{
	const char *cause = "connection-lost";

	s->ended = 1;
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

/* The elements allowed in each state; anything else breaks the protocol. */
static const struct {
	enum stream_state first, last;
	const char *name, *ns;
	enum stream_item (*handle)(struct stream *, const struct stanza *);
} table[] = {
    {ENABLE, CLOSING, "message", NS_CLIENT, on_stanza},
    {ENABLE, CLOSING, "presence", NS_CLIENT, on_stanza},
    {ENABLE, CLOSING, "iq", NS_CLIENT, on_stanza},
    {ONLINE, CLOSING, "r", NS_SM, on_asked},
    {ONLINE, CLOSING, "a", NS_SM, on_acked},
    {CLEAR_FEATURES, CLEAR_FEATURES, "features", NS_STREAM, on_clear_features},
    {PROCEED, PROCEED, "proceed", NS_TLS, on_proceed},
    {PROCEED, PROCEED, "failure", NS_TLS, on_tls_refused},
    {SECURE_FEATURES, SECURE_FEATURES, "features", NS_STREAM,
	on_secure_features},
    {AUTH, AUTH, "challenge", NS_SASL, on_challenge},
    {AUTH, AUTH, "success", NS_SASL, on_success},
    {AUTH, AUTH, "failure", NS_SASL, on_failure},
    {USER_FEATURES, USER_FEATURES, "features", NS_STREAM, on_user_features},
    {RESUME, RESUME, "resumed", NS_SM, on_resumed},
    {RESUME, RESUME, "failed", NS_SM, on_not_resumed},
    {BIND, BIND_ENABLE, "iq", NS_CLIENT, on_bound},
    {ENABLE, ENABLE, "enabled", NS_SM, on_enabled},
    {ENABLE, ENABLE, "failed", NS_SM, on_not_enabled},
    {CLEAR_FEATURES, CLOSING, "error", NS_STREAM, on_stream_error},
};

static enum stream_item
dispatch_element(struct stream *s, const struct stanza *x)
{
	char why[STREAM_WHY];
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++)
		if (s->state >= table[i].first && s->state <= table[i].last &&
		    stanza_is(x, table[i].name, table[i].ns))
			return table[i].handle(s, x);
	snprintf(
	    why, sizeof why, "the server sent an unexpected <%.60s/>", x->name);
	return fail_stream(s, "protocol", why);
}

static enum stream_item
on_header(struct stream *s, const struct stanza *x)
{
	const char *version = stanza_get(x, "version");

	if (!stanza_is(x, "stream", NS_STREAM))
		return fail_stream(
		    s, "protocol", "the server does not speak XMPP");
	if (version == NULL || strcmp(version, "1.0") != 0)
		return fail_stream(s,
		    s->state == CLEAR_HEADER ? "no-starttls" : "protocol",
		    "the server does not speak XMPP 1.0");
	s->state++;
	return STREAM_MORE;
}

static enum stream_item
on_closed(struct stream *s)
{
	s->ended = 1;
	if (s->state == CLOSING) {
		s->state = END;
		return STREAM_END;
	}
	/* The server did not answer <resume/>: do not try it again. */
	if (s->state == RESUME)
		resume_forget(s->options.resume);
	return fail_stream(s, s->state < ONLINE ? "refused" : "connection-lost",
	    "the server ended the stream");
}

/*
 * Handles an element that exceeded a bound. A stanza may be from anybody and is
 * reported; before the binding all elements are from the server, which is then
 * broken.
 */
static enum stream_item
on_past(struct stream *s, const struct stanza *x)
{
	enum stream_item item;

	if (s->state < ENABLE)
		return fail_stream(s, "limit", xml_why(s->xml));
	item = dispatch_element(s, x);
	if (item != STREAM_STANZA)
		return item;
	snprintf(s->why, sizeof s->why, "%s", xml_why(s->xml));
	return STREAM_PAST;
}

static enum stream_item
handle_item(struct stream *s, enum xml_item item)
{
	switch (item) {
	case XML_OPEN:
		if (s->state != CLEAR_HEADER && s->state != SECURE_HEADER &&
		    s->state != USER_HEADER)
			return fail_stream(
			    s, "protocol", "a second stream header");
		return on_header(s, xml_stanza(s->xml));
	case XML_STANZA:
		return dispatch_element(s, xml_stanza(s->xml));
	case XML_PAST:
		return on_past(s, xml_stanza(s->xml));
	case XML_CLOSED:
		return on_closed(s);
	case XML_BROKEN:
		return fail_stream(s, xml_cause(s->xml), xml_why(s->xml));
	case XML_MORE:
		break;
	}
	return STREAM_MORE;
}

/* Feeds the parser the bytes received outside TLS; returns 0 if none came. */
static int
feed_clear(struct stream *s)
{
	buf_drop(&s->in, s->feeding);
	s->feeding = buf_len(&s->in);
	log_clear(s, "<", buf_data(&s->in), s->feeding);
	xml_feed(s->xml, buf_data(&s->in), s->feeding);
	return s->feeding > 0;
}

/* Decrypts more bytes for the parser; returns 0 if there are none. */
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
	if (s->state == HANDSHAKE && tls_ready(s->tls)) {
		restart_stream(s, SECURE_HEADER);
		login_ahead(s);
	}
	clear = tls_clear_buf(s->tls, &s->feeding);
	if (s->feeding > 0) {
		log_clear(s, "<", clear, s->feeding);
		xml_feed(s->xml, clear, s->feeding);
		return 1;
	}
	if (tls_cause(s->tls) != NULL) {
		fail_stream(s, tls_cause(s->tls), tls_why(s->tls));
		return 1;
	}
	return taken > 0;
}

enum stream_item
stream_next(struct stream *s)
{
	enum stream_item result;
	enum xml_item item;

	if (s->state == BOUND) {
		s->state = ONLINE;
		return STREAM_ONLINE;
	}
	while (s->state != END) {
		item = xml_next(s->xml);
		if (item != XML_MORE) {
			result = handle_item(s, item);
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

/* Lets struct resume keep the stanzas that were written since the last call. */
static void
count_written(struct stream *s)
{
	const unsigned char *p = buf_data(&s->out) + s->counted;
	long n;

	if (s->options.resume == NULL ||
	    (s->ahead != 0 ? s->ahead : s->state) < BIND ||
	    buf_len(&s->out) <= s->counted)
		return;
	n = resume_keep_sent(
	    s->options.resume, p, buf_len(&s->out) - s->counted);
	if (n == -1)
		fail_stream(s, "limit", "the server acknowledges no stanzas");
	else
		s->counted += (size_t)n;
}

const unsigned char *
stream_wire_buf(struct stream *s, size_t *len)
{
	size_t n;

	if (s->tls == NULL) {
		*len = buf_len(&s->out);
		return buf_data(&s->out);
	}
	count_written(s);
	/* Some output did not fit: only a new stream can send all of it. */
	if (s->out.refused)
		fail_silently(s, "connection-lost",
		    "the server does not read what jackline says");
	if (buf_len(&s->out) > 0) {
		n = resume_whole_elements(
		    buf_data(&s->out), buf_len(&s->out), RECORD_MAX);
		n = tls_send(s->tls, buf_data(&s->out), n);
		log_clear(s, ">", buf_data(&s->out), n);
		buf_drop(&s->out, n);
		s->counted -= n < s->counted ? n : s->counted;
		if (n > 0)
			tls_flush(s->tls);
	}
	/* RFC 6120 4.4: both have ended the stream, or it failed. */
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
	enum stream_state state = s->ahead != 0 ? s->ahead : s->state;

	return state >= BIND_EARLY && state <= ONLINE ? &s->out : NULL;
}

size_t
stream_unsent(const struct stream *s)
{
	return buf_len(&s->out);
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

uint64_t
stream_sent(struct stream *s)
{
	count_written(s);
	return s->options.resume == NULL ? 0 : s->options.resume->sent;
}

static const char ask[] = "<r xmlns='" NS_SM "'/>";

void
stream_ask(struct stream *s)
{
	if (stream_out(s) != NULL)
		buf_adds(&s->out, ask);
}

void
stream_answer(struct stream *s)
{
	buf_adds(&s->out, "<a xmlns='" NS_SM "' h='");
	buf_add_number(&s->out, resume_h(s->options.resume));
	buf_adds(&s->out, "'/>");
}

int
stream_again(struct stream *s)
{
	int asked;

	count_written(s);
	asked = resume_send_again(s->options.resume, &s->out, ask);
	if (asked >= 0) {
		s->counted = buf_len(&s->out);
		return asked;
	}
	fail_stream(
	    s, "limit", "more is to be sent again than there is room for");
	return -1;
}

void
stream_close(struct stream *s)
{
	if (stream_out(s) != NULL) {
		if (s->options.resume != NULL &&
		    s->options.resume->state == RESUME_ON)
			stream_answer(s);
		send_end(s);
		s->state = CLOSING;
		s->guessed = 0;
	} else if (s->state < ONLINE) {
		s->state = END;
	}
}

int
stream_said_end(const struct stream *s)
{
	return s->end_said;
}

void
stream_lost(struct stream *s)
{
	if (s->state < ONLINE)
		fail_silently(s, "refused", "the server closed the connection");
	else
		fail_silently(s, "connection-lost", "the connection was lost");
}

unsigned
stream_features(const struct stream *s)
{
	return s->offer.features;
}

const char *
stream_jid(const struct stream *s)
{
	return s->jid;
}

int
stream_guessed(const struct stream *s)
{
	return s->guessed;
}

void
stream_forget_offer(struct stream *s)
{
	if (s->options.offer != NULL)
		memset(s->options.offer, 0, sizeof *s->options.offer);
}

int
stream_poisoned(const struct stream *s)
{
	return s->poisoned;
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
