/*
 * Reads what a client writes, as its server does: by expat, not by the parser
 * of the program. Keeps the ids that were seen, what waits for an answer, and
 * the number of each text `markN.` that stood in the body of a message.
 */
#ifndef T_FUZZ_WIRE_H
#define T_FUZZ_WIRE_H

#include <expat.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexp/buf.h"
#include "t/unit/fake-tls.h"

#define WIRE_IDS   8   /* the last of them */
#define WIRE_ASKED 24  /* not answered */
#define WIRE_LINES 400 /* typed ones, at most */
#define WIRE_NAME  64
#define WIRE_JID   160

/* Something that a server answers. */
struct wire_asked {
	char name[WIRE_NAME], id[WIRE_NAME], to[WIRE_JID];
	char child[WIRE_NAME]; /* of an <iq/> */
	struct buf *body;      /* of a <message/> of type groupchat */
};

struct wire {
	XML_Parser parser;
	int hello;   /* nothing came since the connection was made */
	int headers; /* of this connection */
	int depth, closed, in_body;
	int managed; /* XEP-0198 is on */
	uint64_t handled;
	char ids[WIRE_IDS][WIRE_NAME];
	unsigned next_id;
	struct wire_asked now, asked[WIRE_ASKED];
	size_t asking;
	char type[WIRE_NAME];
	char query[WIRE_NAME]; /* of the last query to an archive */
	struct buf body;
	struct buf peer; /* bodies of what went to bob, an LF behind each */
	unsigned char clear[WIRE_LINES]; /* the mark of the line was seen */
	const char *fault;
};

static void
wire_copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text == NULL ? "" : text);
}

static const char *
wire_attribute(const char **attributes, const char *name)
{
	for (; *attributes != NULL; attributes += 2)
		if (strcmp(*attributes, name) == 0)
			return attributes[1];
	return NULL;
}

static int
wire_is_stanza(const char *name)
{
	return strcmp(name, "message") == 0 || strcmp(name, "presence") == 0 ||
	       strcmp(name, "iq") == 0;
}

/* A child of <stream:stream/> begins. */
static void
wire_top(struct wire *w, const char *name, const char **attributes)
{
	const char *id = wire_attribute(attributes, "id");

	if (w->headers < 2 && (wire_is_stanza(name) || strlen(name) < 3))
		w->fault = "a stanza before the login";
	wire_copy(w->now.name, WIRE_NAME, name);
	wire_copy(w->now.id, WIRE_NAME, id);
	wire_copy(w->now.to, WIRE_JID, wire_attribute(attributes, "to"));
	wire_copy(w->type, WIRE_NAME, wire_attribute(attributes, "type"));
	w->now.child[0] = '\0';
	buf_reset(&w->body);
	if (id != NULL)
		wire_copy(w->ids[w->next_id++ % WIRE_IDS], WIRE_NAME, id);
	if (strcmp(name, "enable") == 0) {
		w->managed = 1;
		w->handled = 0;
	}
}

/* The item of NODE is asked for: a list or a bundle of OMEMO, perhaps. */
static void
wire_node(struct wire *w, const char *node)
{
	if (node != NULL && strstr(node, ".devicelist") != NULL)
		wire_copy(w->now.child, WIRE_NAME, "list");
	else if (node != NULL && strstr(node, ".bundles:") != NULL)
		wire_copy(w->now.child, WIRE_NAME, "bundle");
}

static void
wire_start(void *data, const char *name, const char **attributes)
{
	struct wire *w = data;

	w->depth++;
	if (w->depth == 2)
		wire_top(w, name, attributes);
	if (w->depth == 3 && w->now.child[0] == '\0')
		wire_copy(w->now.child, WIRE_NAME, name);
	if (w->depth == 3 && wire_attribute(attributes, "queryid") != NULL) {
		wire_copy(w->now.child, WIRE_NAME, "archive");
		wire_copy(
		    w->query, WIRE_NAME, wire_attribute(attributes, "queryid"));
	}
	if (w->depth == 4 && strcmp(name, "items") == 0)
		wire_node(w, wire_attribute(attributes, "node"));
	if (w->depth == 3 && strcmp(w->now.name, "message") == 0 &&
	    strcmp(name, "body") == 0)
		w->in_body = 1;
}

static void
wire_text(void *data, const char *text, int n)
{
	struct wire *w = data;

	if (w->in_body)
		buf_add(&w->body, text, (size_t)n);
}

/* Notes each mark of a body. */
static void
wire_marks(struct wire *w)
{
	const char *p = buf_str(&w->body);
	char *end;
	long line;

	while ((p = strstr(p, "mark")) != NULL) {
		p += 4;
		line = strtol(p, &end, 10);
		if (end > p && *end == '.' && line > 0 && line < WIRE_LINES)
			w->clear[line] = 1;
	}
}

/* Returns 1 if the element that has just ended is answered by a server that is
 * polite. */
static int
wire_asks(const struct wire *w)
{
	const char *name = w->now.name;

	if (strcmp(name, "iq") == 0)
		return strcmp(w->type, "get") == 0 ||
		       strcmp(w->type, "set") == 0;
	if (strcmp(name, "message") == 0)
		return strcmp(w->type, "groupchat") == 0;
	if (strcmp(name, "presence") == 0)
		return strchr(w->now.to, '/') != NULL;
	return strcmp(name, "r") == 0 || strcmp(name, "enable") == 0 ||
	       strcmp(name, "resume") == 0;
}

static void
wire_bottom(struct wire *w)
{
	const char *bob = "bob@example.org";

	if (wire_is_stanza(w->now.name))
		w->handled++;
	if (strcmp(w->now.name, "message") == 0) {
		wire_marks(w);
		if (strncmp(w->now.to, bob, strlen(bob)) == 0) {
			buf_add(
			    &w->peer, buf_data(&w->body), buf_len(&w->body));
			buf_addc(&w->peer, '\0');
		}
	}
	if (!wire_asks(w) || w->asking == WIRE_ASKED)
		return;
	w->asked[w->asking] = w->now;
	/* The type of a presence is told by `child`. */
	if (strcmp(w->now.name, "presence") == 0)
		wire_copy(w->asked[w->asking].child, WIRE_NAME, w->type);
	if (strcmp(w->now.name, "message") == 0) {
		w->asked[w->asking].body = buf_alloc(sizeof(struct buf));
		buf_init(w->asked[w->asking].body, buf_len(&w->body) + 1);
		buf_add(w->asked[w->asking].body, buf_data(&w->body),
		    buf_len(&w->body));
	}
	w->asking++;
}

static void
wire_end(void *data, const char *name)
{
	struct wire *w = data;

	if (w->depth == 3 && strcmp(name, "body") == 0)
		w->in_body = 0;
	if (w->depth == 2)
		wire_bottom(w);
	if (w->depth == 1)
		w->closed = 1;
	w->depth--;
}

/* The request is answered, or never will be. */
static void
wire_forget(struct wire *w)
{
	while (w->asking > 0) {
		w->asking--;
		if (w->asked[w->asking].body != NULL) {
			buf_clear(w->asked[w->asking].body);
			free(w->asked[w->asking].body);
		}
	}
}

/* Makes W, zeroed or of a run before, ready for a run. */
static void
wire_init(struct wire *w)
{
	XML_Parser parser = w->parser;

	memset(w, 0, sizeof *w);
	w->parser = parser == NULL ? XML_ParserCreate("UTF-8") : parser;
	buf_init(&w->body, (size_t)1 << 20);
	buf_init(&w->peer, (size_t)1 << 20);
}

static void
wire_clear(struct wire *w)
{
	wire_forget(w);
	buf_clear(&w->body);
	buf_clear(&w->peer);
}

/* A connection begins; what the last one had under way is cut off. */
static void
wire_connected(struct wire *w)
{
	wire_forget(w);
	w->hello = 1;
	w->headers = w->depth = w->closed = 0;
}

static void
wire_header(struct wire *w)
{
	if (w->depth > 1)
		w->fault = "a header inside a stanza";
	XML_ParserReset(w->parser, "UTF-8");
	XML_SetUserData(w->parser, w);
	XML_SetElementHandler(w->parser, wire_start, wire_end);
	XML_SetCharacterDataHandler(w->parser, wire_text);
	w->depth = 0;
	w->headers++;
}

static void
wire_parse(struct wire *w, const char *p, size_t n)
{
	if (n == 0)
		return;
	if (w->closed || w->headers == 0)
		w->fault = "something where no stream is";
	else if (XML_Parse(w->parser, p, (int)n, 0) != XML_STATUS_OK)
		w->fault = XML_ErrorString(XML_GetErrorCode(w->parser));
}

/* Takes all of BYTES; w->fault is then what is wrong with them. */
static void
wire_read(struct wire *w, struct buf *bytes)
{
	static const char header[] = "<?xml ";
	const char *p = buf_str(bytes), *end = p + buf_len(bytes), *next;
	size_t n = strlen(FAKE_TLS_HELLO);

	if (p == end)
		return;
	if (memchr(p, '\0', buf_len(bytes)) != NULL)
		w->fault = "a NUL";
	if (w->hello && strncmp(p, FAKE_TLS_HELLO, n) == 0)
		p += n;
	else if (w->hello)
		w->fault = "no handshake";
	w->hello = 0;
	while (p < end && w->fault == NULL) {
		if (strncmp(p, header, sizeof header - 1) == 0)
			wire_header(w);
		next = strstr(p + 1, header);
		if (next == NULL)
			next = end;
		wire_parse(w, p, (size_t)(next - p));
		p = next;
	}
	buf_reset(bytes);
}

#endif
