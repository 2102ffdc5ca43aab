#include "xmpp/login.h"

#include <stdlib.h>
#include <string.h>

#include "xmpp/base64.h"
#include "xmpp/jid.h"

#define NS_BINDING "urn:xmpp:sasl-cb:0" /* XEP-0440 */

#define DATA_MAX   ((size_t)16384) /* bytes of one message of a mechanism */

struct login {
	struct sasl *sasl;
	const char *mechanism, *cause, *why;
};

/* Returns 0 if the server lists binding types without tls-unique (XEP-0440). */
static int
may_bind(const struct stanza *features)
{
	const struct stanza *list, *x;
	const char *type;

	list = stanza_child(features, "sasl-channel-binding", NS_BINDING);
	if (list == NULL || list->child == NULL)
		return 1;
	for (x = list->child; x != NULL; x = x->next) {
		type = stanza_get(x, "type");
		if (stanza_is(x, "channel-binding", NS_BINDING) &&
		    type != NULL && strcmp(type, "tls-unique") == 0)
			return 1;
	}
	return 0;
}

static int
fail_login(struct login *l, const char *cause, const char *why)
{
	l->cause = cause;
	l->why = why;
	return -1;
}

static int
fail_sasl(struct login *l)
{
	return fail_login(l, sasl_cause(l->sasl), sasl_why(l->sasl));
}

/* Writes one message of the mechanism in the element NAME. */
static void
write_message(
    struct login *l, const char *name, struct buf *data, struct buf *out)
{
	struct buf text;
	struct writer w;

	buf_init(&text, 2 * DATA_MAX);
	base64_encode(&text, buf_data(data), buf_len(data));
	writer_init(&w, out);
	writer_open(&w, name, NS_SASL);
	if (strcmp(name, "auth") == 0)
		writer_attr(&w, "mechanism", l->mechanism);
	writer_text(&w, buf_str(&text), buf_len(&text));
	writer_close(&w);
	buf_clear(&text);
}

/* Decodes the text of X into OUT; a lone "=" is an empty message. */
static int
read_message(const struct stanza *x, struct buf *out)
{
	buf_init(out, DATA_MAX);
	if (strcmp(x->text, "=") == 0)
		return 0;
	return base64_decode(out, x->text, x->text_len);
}

unsigned
login_offered(const struct stanza *features, int *types)
{
	const struct stanza *list, *m;
	unsigned offered = 0;

	list = stanza_child(features, "mechanisms", NS_SASL);
	for (m = list == NULL ? NULL : list->child; m != NULL; m = m->next)
		if (stanza_is(m, "mechanism", NS_SASL))
			offered |= sasl_mechanism(m->text);
	*types = may_bind(features);
	return offered;
}

struct login *
login_new(const struct login_options *options, struct buf *out)
{
	struct login *l = buf_alloc(sizeof *l);
	char user[JID_SIZE], nonce[NONCE_ID + 1];
	struct buf first;

	jid_local(options->jid, user);
	nonce_id(options->nonce, nonce);
	l->sasl = sasl_new(user, options->password, nonce);
	sasl_hash_by(l->sasl, options->hi, options->salted);
	buf_init(&first, DATA_MAX);
	l->mechanism = sasl_start(l->sasl, options->offered, options->binding,
	    options->types, options->seen, &first);
	if (l->mechanism == NULL)
		fail_sasl(l);
	else
		write_message(l, "auth", &first, out);
	buf_clear(&first);
	return l;
}

void
login_free(struct login *l)
{
	if (l == NULL)
		return;
	sasl_free(l->sasl);
	free(l);
}

int
login_challenge(struct login *l, const struct stanza *x, struct buf *out)
{
	struct buf data, response;
	int result = 0;

	buf_init(&response, DATA_MAX);
	if (read_message(x, &data) == -1)
		result =
		    fail_login(l, "protocol", "a SASL challenge is not base64");
	else if (sasl_challenge(
		     l->sasl, buf_data(&data), buf_len(&data), &response) == -1)
		result = fail_sasl(l);
	else
		write_message(l, "response", &response, out);
	buf_clear(&data);
	buf_clear(&response);
	return result;
}

int
login_success(struct login *l, const struct stanza *x)
{
	struct buf data;
	int result = 0;

	if (read_message(x, &data) == -1)
		result =
		    fail_login(l, "protocol", "a SASL success is not base64");
	else if (sasl_success(l->sasl, buf_data(&data), buf_len(&data)) == -1)
		result = fail_sasl(l);
	buf_clear(&data);
	return result;
}

int
login_failure(struct login *l, const struct stanza *x)
{
	const char *why = sasl_not_offered(l->sasl), *text;

	text = stanza_child_text(x, "text");
	/* Prosody sends only malformed-request; others explain it in a text. */
	if (why == NULL ||
	    (stanza_child(x, "malformed-request", NS_SASL) == NULL &&
		(text == NULL || strstr(text, "channel") == NULL)))
		return 0;
	return fail_login(l, "downgrade", why);
}

const char *
login_mechanism(const struct login *l)
{
	return l->mechanism;
}

const char *
login_cause(const struct login *l)
{
	return l->cause;
}

const char *
login_why(const struct login *l)
{
	return l->why;
}
