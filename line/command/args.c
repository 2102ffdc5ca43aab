#include "line/command/args.h"

#include <stdlib.h>
#include <string.h>

#include "line/command/table.h"
#include "line/core/answer.h"
#include "line/text/address.h"
#include "line/text/escape.h"
#include "sexp/utf8.h"

void
args_usage(struct client *c)
{
	struct buf why;

	buf_init(&why, 1024);
	buf_adds(&why, "usage: ");
	command_form(c->command.row, &why);
	answer_error(c, NULL, "usage", buf_str(&why));
	buf_clear(&why);
}

const char *
args_active(struct client *c)
{
	const char *jid = client_active(c);

	if (jid == NULL)
		answer_error(c, NULL, "no-contact", NULL);
	return jid;
}

int
args_online(struct client *c)
{
	if (c->link.state != LINK_ONLINE)
		answer_error(c, NULL, "not-connected", NULL);
	return c->link.state == LINK_ONLINE;
}

int
args_is_other(struct client *c, const char *jid)
{
	if (!client_is_self(c, jid))
		return 1;
	answer_error(c, jid, "policy", "that is your own account");
	return 0;
}

const char *
args_check(const char *text, size_t n)
{
	uint32_t cp;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		if ((unsigned char)text[i] >= ' ' &&
		    (unsigned char)text[i] < 0x7f) {
			len = 1;
			continue;
		}
		len = utf8_decode(text + i, n - i, &cp);
		if (len == 0)
			return "bad-utf8";
		if (!utf8_is_xml(cp))
			return "bad-char";
	}
	return NULL;
}

void
args_sanitize(struct client *c, struct buf *text)
{
	struct buf out;

	if (!c->options.sanitize)
		return;
	/* A byte becomes four at most, a character of three bytes ten. */
	buf_init(&out, 4 * buf_len(text) + 1);
	escape_sanitize(&out, buf_data(text), buf_len(text));
	if (buf_len(&out) != buf_len(text)) {
		buf_reset(text);
		text->max = out.max > text->max ? out.max : text->max;
		buf_add(text, buf_data(&out), buf_len(&out));
	}
	buf_clear(&out);
}

int
args_unescape(struct client *c, const char *peer, const char *text, size_t n,
    struct buf *plain)
{
	const char *why = "`-` stands for no text at all; write \\-", *cause;
	size_t at;

	if (escape_read(plain, text, n, &why, &at) != 1) {
		cause = "bad-escape";
	} else if (buf_len(plain) > INPUT_LINE_MAX) {
		cause = "too-long";
		why = NULL;
	} else {
		args_sanitize(c, plain);
		cause =
		    args_check((const char *)buf_data(plain), buf_len(plain));
		why = NULL;
	}
	if (cause == NULL)
		return 0;
	answer_error(c, peer, cause, why);
	return -1;
}

char *
args_text(struct client *c, const char *text)
{
	struct buf plain;
	char *copy = NULL;

	if (!c->options.escaped || *text == '\0')
		return buf_strdup(text);
	buf_init(&plain, INPUT_RAW_MAX);
	if (args_unescape(c, NULL, text, strlen(text), &plain) == 0)
		copy = buf_strdup(buf_str(&plain));
	buf_clear(&plain);
	return copy;
}

long
args_count(const char *text, long otherwise, long most)
{
	char *end;
	long n;

	if (*text == '\0')
		return otherwise;
	n = strtol(text, &end, 10);
	return *text < '0' || *text > '9' || *end != '\0' || n < 1 || n > most
		   ? -1
		   : n;
}

char *
args_id(struct client *c, const char *text, size_t n)
{
	struct buf plain;
	const char *why;
	const char *cause = "bad-escape";
	char *id = NULL;
	size_t at;

	buf_init(&plain, INPUT_LINE_MAX);
	if (escape_read(&plain, text, n, &why, &at) == 1 && buf_len(&plain) > 0)
		cause = args_check(buf_str(&plain), buf_len(&plain));
	if (cause == NULL)
		id = buf_strdup(buf_str(&plain));
	else
		answer_error(c, NULL, cause, NULL);
	buf_clear(&plain);
	return id;
}

const char *
args_jid(struct client *c, const char *args, char jid[JID_SIZE])
{
	size_t n = strcspn(args, " ");
	const char *why;
	struct buf words;

	if (address_read(args, n, jid, &why) == -1) {
		/* A person is not shown the cause. */
		buf_init(&words, 200);
		buf_addf(&words, "%s%s",
		    c->options.terminal ? "the JID is not valid: " : "", why);
		answer_error(c, NULL, "bad-jid", buf_str(&words));
		buf_clear(&words);
		return NULL;
	}
	return args + n + (args[n] == ' ');
}

const char *
args_person(struct client *c, const char *args, char jid[JID_SIZE])
{
	const char *rest = args_jid(c, args, jid);
	size_t n = strcspn(args, " ");
	char domain[JID_SIZE];
	struct buf why;

	if (rest == NULL || !c->options.terminal ||
	    !address_is_bare_word(args, n) ||
	    roster_find(&c->roster, jid) != NULL)
		return rest;
	jid_domain(c->self.jid, domain);
	buf_init(&why, 3 * JID_SIZE);
	buf_addf(&why, "did you mean %s@%s? If %s is a server, write xmpp:%s",
	    jid, domain, jid, jid);
	answer_error(c, NULL, "bad-jid", buf_str(&why));
	buf_clear(&why);
	return NULL;
}

int
args_is(const char *args, size_t n, const char *word)
{
	return strlen(word) == n && memcmp(word, args, n) == 0;
}

int
args_no_more(struct client *c, const char *rest)
{
	if (rest[strspn(rest, " ")] == '\0')
		return 1;
	args_usage(c);
	return 0;
}
