#include "xmpp/intern.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_BIND	    "urn:ietf:params:xml:ns:xmpp-bind"
#define NS_SESSION  "urn:ietf:params:xml:ns:xmpp-session"
#define NS_VERSIONS "urn:xmpp:features:rosterver"

/*
 * Binds, and asks for acknowledgements in the same breath, so that they cost
 * no turn; what follows is counted (XEP-0198 3).
 */
static enum stream_item
bind(struct stream *s)
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
	/* Servers of RFC 3921 want a session, and say so. */
	if (s->wants_session) {
		writer_open(&w, "iq", NULL);
		writer_attr(&w, "type", "set");
		writer_attr(&w, "id", "session");
		writer_leaf(&w, "session", NS_SESSION, NULL);
		writer_end(&w);
	}
	s->enabling =
	    s->options.resume != NULL && (s->features & STREAM_MANAGEMENT) != 0;
	if (s->enabling) {
		writer_open(&w, "enable", NS_SM);
		writer_attr(&w, "resume", "true");
		writer_end(&w);
	}
	s->counted = buf_len(&s->out);
	s->state = BIND;
	return STREAM_SESSION;
}

static enum stream_item
resume(struct stream *s)
{
	struct writer w;
	char h[16];

	snprintf(h, sizeof h, "%" PRIu32, resume_offer(s->options.resume));
	writer_init(&w, &s->out);
	writer_open(&w, "resume", NS_SM);
	writer_attr(&w, "h", h);
	writer_attr(&w, "previd", s->options.resume->token);
	writer_end(&w);
	s->counted = buf_len(&s->out);
	s->state = RESUME;
	return STREAM_MORE;
}

enum stream_item
bind_features(struct stream *s, const struct stanza *x)
{
	const struct stanza *session = stanza_child(x, "session", NS_SESSION);

	if (stanza_child(x, "bind", NS_BIND) == NULL)
		return stream_fail(
		    s, "protocol", "the server offers no binding");
	if (stanza_child(x, "ver", NS_VERSIONS) != NULL)
		s->features |= STREAM_ROSTER_VERSIONS;
	if (stanza_child(x, "sm", NS_SM) != NULL)
		s->features |= STREAM_MANAGEMENT;
	s->wants_session = session != NULL && stanza_child(session, "optional",
						  NS_SESSION) == NULL;
	if (s->options.resume != NULL && resume_can(s->options.resume) &&
	    s->options.resume->attempts < RESUME_ATTEMPTS &&
	    (s->features & STREAM_MANAGEMENT) != 0)
		return resume(s);
	return bind(s);
}

/* The attribute `h` of X, a number of 32 bits; -1: there is none. */
static int64_t
get_h(const struct stanza *x)
{
	const char *text = stanza_get(x, "h");
	char *end;
	unsigned long long n;

	if (text == NULL || *text < '0' || *text > '9')
		return -1;
	n = strtoull(text, &end, 10);
	return *end == '\0' && n <= UINT32_MAX ? (int64_t)n : -1;
}

/* What the server has handled, by X; -1: it cannot have. */
static int
take_h(struct stream *s, const struct stanza *x)
{
	int64_t h = get_h(x);

	if (h >= 0 && resume_ack(s->options.resume, (uint32_t)h) == 0)
		return 0;
	resume_forget(s->options.resume);
	stream_fail(s, "protocol", "the server acknowledged what was not sent");
	return -1;
}

enum stream_item
bind_resumed(struct stream *s, const struct stanza *x)
{
	if (take_h(s, x) == -1)
		return STREAM_END;
	resume_resumed(s->options.resume);
	s->state = ONLINE;
	return STREAM_RESUMED;
}

enum stream_item
bind_not_resumed(struct stream *s, const struct stanza *x)
{
	if (stanza_get(x, "h") != NULL) {
		if (take_h(s, x) == -1)
			return STREAM_END;
		s->options.resume->known = 1;
	}
	resume_forget(s->options.resume);
	return bind(s);
}

enum stream_item
bind_bound(struct stream *s, const struct stanza *x)
{
	const struct stanza *jid;
	const char *id = stanza_get(x, "id"), *type = stanza_get(x, "type");
	const char *condition;
	char why[STREAM_WHY];

	if (id == NULL || strcmp(id, s->bind_id) != 0 || type == NULL)
		return stream_fail(
		    s, "protocol", "another answer than to bind");
	if (strcmp(type, "result") != 0) {
		condition = stanza_condition(x);
		snprintf(why, sizeof why, "the server refused the resource: %s",
		    condition);
		return stream_fail(s,
		    strcmp(condition, "conflict") == 0 ? "stream-conflict"
						       : "refused",
		    why);
	}
	jid = stanza_child(stanza_child(x, "bind", NS_BIND), "jid", NS_BIND);
	if (jid == NULL ||
	    jid_parse(jid->text, jid->text_len, s->jid, NULL) == -1 ||
	    jid_resource(s->jid) == NULL ||
	    !jid_same_bare(s->jid, s->options.jid))
		return stream_fail(
		    s, "protocol", "the server bound another JID");
	s->state = s->enabling ? ENABLE : ONLINE;
	return s->enabling ? STREAM_MORE : STREAM_ONLINE;
}

enum stream_item
bind_enabled(struct stream *s, const struct stanza *x)
{
	const char *may = stanza_get(x, "resume"), *id = stanza_get(x, "id");

	if (may == NULL || (strcmp(may, "true") != 0 && strcmp(may, "1") != 0))
		id = NULL;
	resume_enabled(s->options.resume, id);
	s->state = ONLINE;
	return STREAM_ONLINE;
}

enum stream_item
bind_not_enabled(struct stream *s, const struct stanza *x)
{
	(void)x;
	resume_off(s->options.resume);
	s->state = ONLINE;
	return STREAM_ONLINE;
}

/* <r/> and <a/> mean something only where they were agreed upon. */
enum stream_item
bind_asked(struct stream *s, const struct stanza *x)
{
	(void)x;
	if (s->options.resume == NULL || s->options.resume->state != RESUME_ON)
		return stream_fail(s, "protocol", "an unexpected <r/>");
	return STREAM_ASKED;
}

enum stream_item
bind_acked(struct stream *s, const struct stanza *x)
{
	if (s->options.resume == NULL || s->options.resume->state != RESUME_ON)
		return stream_fail(s, "protocol", "an unexpected <a/>");
	return take_h(s, x) == -1 ? STREAM_END : STREAM_ACKED;
}

void
bind_count(struct stream *s)
{
	const unsigned char *p = buf_data(&s->out) + s->counted;
	long n;

	if (s->options.resume == NULL || s->state < BIND ||
	    buf_len(&s->out) <= s->counted)
		return;
	n = resume_take(s->options.resume, p, buf_len(&s->out) - s->counted);
	if (n == -1)
		stream_fail(s, "limit", "the server acknowledges nothing");
	else
		s->counted += (size_t)n;
}

uint64_t
stream_sent(struct stream *s)
{
	bind_count(s);
	return s->options.resume == NULL ? 0 : s->options.resume->sent;
}

static const char ask[] = "<r xmlns='" NS_SM "'/>";

void
stream_ask(struct stream *s)
{
	buf_adds(&s->out, ask);
}

void
stream_answer(struct stream *s)
{
	buf_addf(&s->out, "<a xmlns='" NS_SM "' h='%" PRIu32 "'/>",
	    resume_h(s->options.resume));
}

int
stream_again(struct stream *s)
{
	int asked;

	bind_count(s);
	asked = resume_again(s->options.resume, &s->out, ask);
	if (asked >= 0) {
		s->counted = buf_len(&s->out);
		return asked;
	}
	stream_fail(
	    s, "limit", "more is to be sent again than there is room for");
	return -1;
}

int
stream_poisoned(const struct stream *s)
{
	return s->poisoned;
}
