#include "xmpp/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATOR '\n'

/* Headers before expat 2.6 lack it; where the library has it, it is needed. */
extern XML_Bool XML_SetReparseDeferralEnabled(
    XML_Parser parser, XML_Bool enabled) __attribute__((weak));

/* The id of an answer. */
struct expected {
	struct expected *next;
	char *id;
};

struct xml {
	XML_Parser parser;
	struct arena arena;
	struct stanza *at;   /* innermost open element of the stanza */
	struct stanza *done; /* complete, or the header */
	int depth;
	enum xml_item item; /* found by a handler, not yet pulled */
	int suspended;
	size_t fed;   /* since the last start of a stream */
	size_t start; /* where the stanza began */
	size_t limit; /* of this stanza */
	/* The answers that may be large. */
	struct expected *expected;
	const char *cause, *why;
};

static size_t
position(const struct xml *x)
{
	return (size_t)XML_GetCurrentByteIndex(x->parser);
}

/* Stops the parser for good. */
static void
broken(struct xml *x, const char *cause, const char *why)
{
	if (x->cause != NULL)
		return;
	x->cause = cause;
	x->why = why;
	XML_StopParser(x->parser, XML_FALSE);
}

static void
found(struct xml *x, enum xml_item item)
{
	x->item = item;
	XML_StopParser(x->parser, XML_TRUE);
}

/* Splits expat's "namespace\nname"; NS is NULL where there is none. */
static const char *
split(struct arena *a, const char *name, const char **ns)
{
	const char *sep = strchr(name, SEPARATOR);
	char *copy;

	*ns = NULL;
	if (sep == NULL)
		return name;
	copy = arena_alloc(a, (size_t)(sep - name) + 1);
	memcpy(copy, name, (size_t)(sep - name));
	*ns = copy;
	return sep + 1;
}

static void
add_attrs(struct xml *x, struct stanza *s, const XML_Char **attrs)
{
	const char *name, *ns;
	int i;

	for (i = 0; attrs[i] != NULL; i += 2) {
		if (i / 2 >= XML_ATTRS) {
			broken(
			    x, "limit", "an element has too many attributes");
			return;
		}
		name = split(&x->arena, attrs[i], &ns);
		stanza_add_attr(&x->arena, s, name, ns, attrs[i + 1]);
	}
}

/* Where the pointer to the answer of id ID is, or would be. */
static struct expected **
expected_place(struct xml *x, const char *id)
{
	struct expected **at = &x->expected;

	while (*at != NULL && strcmp((*at)->id, id) != 0)
		at = &(*at)->next;
	return at;
}

static size_t
stanza_limit(struct xml *x, const struct stanza *s)
{
	const char *id = stanza_get(s, "id");

	if (id != NULL && strcmp(s->name, "iq") == 0 &&
	    *expected_place(x, id) != NULL)
		return XML_ANSWER_MAX;
	return XML_STANZA_MAX;
}

static void
on_start(void *data, const XML_Char *qname, const XML_Char **attrs)
{
	struct xml *x = data;
	const char *name, *ns;
	struct stanza *s;

	if (x->cause != NULL)
		return;
	if ((size_t)XML_GetCurrentByteCount(x->parser) > XML_TOKEN) {
		broken(x, "limit", "a tag is too long");
		return;
	}
	if (++x->depth > XML_DEPTH) {
		broken(x, "limit", "elements are nested too deeply");
		return;
	}
	if (x->depth <= 2) {
		arena_reset(&x->arena);
		x->start = position(x);
	}
	name = split(&x->arena, qname, &ns);
	s = stanza_add(
	    &x->arena, x->depth <= 2 ? NULL : x->at, name, ns ? ns : "");
	add_attrs(x, s, attrs);
	if (x->depth == 2)
		x->limit = stanza_limit(x, s);
	if (x->depth == 1) {
		x->done = s;
		found(x, XML_OPEN);
	} else {
		x->at = s;
	}
}

static void
on_end(void *data, const XML_Char *qname)
{
	struct xml *x = data;

	(void)qname;
	if (x->cause != NULL)
		return;
	x->depth--;
	if (x->depth == 0) {
		/* "<stream/>" opens and closes in one tag. */
		if (x->item == XML_OPEN)
			broken(x, "protocol", "the stream header is empty");
		else
			found(x, XML_CLOSED);
	} else if (x->depth == 1) {
		x->done = x->at;
		x->at = NULL;
		found(x, XML_STANZA);
	} else {
		x->at = x->at->parent;
	}
}

static void
on_text(void *data, const XML_Char *text, int n)
{
	struct xml *x = data;
	int i;

	if (x->cause != NULL)
		return;
	if (x->depth >= 2) {
		stanza_add_text(&x->arena, x->at, text, (size_t)n);
		return;
	}
	for (i = 0; i < n; i++)
		if (strchr(" \t\r\n", text[i]) == NULL)
			broken(x, "protocol", "text between stanzas");
}

static void
on_doctype(void *data, const XML_Char *name, const XML_Char *sysid,
    const XML_Char *pubid, int internal)
{
	(void)name, (void)sysid, (void)pubid, (void)internal;
	broken(data, "protocol", "a document type declaration");
}

static void
on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
	(void)target, (void)text;
	broken(data, "protocol", "a processing instruction");
}

static void
on_comment(void *data, const XML_Char *text)
{
	(void)text;
	broken(data, "protocol", "a comment");
}

static void
on_declaration(
    void *data, const XML_Char *version, const XML_Char *encoding, int alone)
{
	(void)version, (void)alone;
	if (encoding != NULL && strcasecmp(encoding, "UTF-8") != 0)
		broken(data, "protocol", "an encoding other than UTF-8");
}

static void
prepare(struct xml *x)
{
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
	XML_SetProcessingInstructionHandler(x->parser, on_instruction);
	XML_SetCommentHandler(x->parser, on_comment);
	XML_SetXmlDeclHandler(x->parser, on_declaration);
	if (XML_SetReparseDeferralEnabled)
		XML_SetReparseDeferralEnabled(x->parser, XML_FALSE);
	arena_reset(&x->arena);
	x->at = x->done = NULL;
	x->depth = x->suspended = 0;
	x->item = XML_MORE;
	x->fed = x->start = 0;
	x->limit = XML_STANZA_MAX;
}

struct xml *
xml_new(void)
{
	struct xml *x = buf_alloc(sizeof *x);

	x->parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
	if (x->parser == NULL)
		buf_alloc((size_t)-1); /* does not return */
	prepare(x);
	return x;
}

void
xml_free(struct xml *x)
{
	if (x == NULL)
		return;
	XML_ParserFree(x->parser);
	arena_clear(&x->arena);
	while (x->expected != NULL)
		xml_expected(x, x->expected->id);
	free(x);
}

void
xml_restart(struct xml *x)
{
	XML_ParserReset(x->parser, "UTF-8");
	prepare(x);
}

static void
too_large(struct xml *x, const char *why)
{
	x->cause = "limit";
	x->why = why;
	x->item = XML_MORE;
}

/* What expat said of the call, and the bounds on what is unfinished. */
static void
examine(struct xml *x, enum XML_Status status)
{
	size_t at;

	x->suspended = status == XML_STATUS_SUSPENDED;
	if (x->cause != NULL)
		return;
	if (status == XML_STATUS_ERROR) {
		x->cause = "protocol";
		x->why = XML_ErrorString(XML_GetErrorCode(x->parser));
		return;
	}
	at = x->fed - xml_left(x);
	if ((x->depth >= 2 || x->item == XML_STANZA) &&
	    at - x->start > x->limit)
		too_large(x, "a stanza is too large");
	else if (!x->suspended && x->fed - position(x) > XML_TOKEN)
		too_large(x, "a tag is too long");
}

void
xml_feed(struct xml *x, const void *p, size_t n)
{
	const unsigned char *first = p;

	if (x->cause != NULL || n == 0)
		return;
	if (x->fed == 0 && *first >= 0xfe) {
		x->cause = "protocol";
		x->why = "an encoding other than UTF-8";
		return;
	}
	x->fed += n;
	examine(x, XML_Parse(x->parser, p, (int)n, 0));
}

enum xml_item
xml_next(struct xml *x)
{
	enum xml_item item;

	if (x->item == XML_MORE && x->suspended && x->cause == NULL)
		examine(x, XML_ResumeParser(x->parser));
	item = x->item;
	x->item = XML_MORE;
	if (item != XML_MORE)
		return item;
	return x->cause != NULL ? XML_BROKEN : XML_MORE;
}

const struct stanza *
xml_stanza(const struct xml *x)
{
	return x->done;
}

size_t
xml_left(const struct xml *x)
{
	if (!x->suspended)
		return 0;
	return x->fed -
	       (position(x) + (size_t)XML_GetCurrentByteCount(x->parser));
}

void
xml_expect(struct xml *x, const char *id)
{
	struct expected *e = buf_alloc(sizeof *e);

	e->id = buf_strdup(id);
	e->next = x->expected;
	x->expected = e;
}

void
xml_expected(struct xml *x, const char *id)
{
	struct expected **at = expected_place(x, id), *e = *at;

	if (e == NULL)
		return;
	*at = e->next;
	free(e->id);
	free(e);
}

const char *
xml_cause(const struct xml *x)
{
	return x->cause;
}

const char *
xml_why(const struct xml *x)
{
	return x->why;
}
