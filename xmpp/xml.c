#include "xmpp/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATOR '\n'

/* A new parser is made after so many bytes, as expat forgets no name. */
#define RENEW ((size_t)256 * 1024)
/* Bytes kept of a start tag that is too long: of an attribute, and of all. */
#define PIECE_MAX ((size_t)20 * 1024)
#define ROOT_MAX  (5 * PIECE_MAX)
#define FED_MAX	  ((size_t)32 * 1024 * 1024) /* bytes fed and not read yet */
#define SHARED	  64			     /* names that are remembered */

/*
 * Expat since 2.6 delays a stanza unless this is called; older ones lack it, so
 * the symbol is weak.
 */
extern XML_Bool XML_SetReparseDeferralEnabled(
    XML_Parser parser, XML_Bool enabled) __attribute__((weak));

/* The id of an answer that may be large. */
struct expected {
	struct expected *next;
	char *id;
};

struct xml {
	XML_Parser parser;
	struct scan scan;
	struct buf in;	   /* input that expat does not have yet */
	size_t scanned;	   /* bytes of `in` that the scanner has read */
	struct buf header; /* the stream header as received, for a new parser */
	size_t given;	   /* bytes that this parser was given */
	int stale;	   /* the next stanza needs a new parser */
	int opened;	   /* the header was read */

	struct arena arena;
	struct stanza *top;  /* the stanza that is being read */
	struct stanza *at;   /* the innermost open element of `top` */
	struct stanza *done; /* the last complete stanza, or the header */
	size_t depth;
	size_t tree;	 /* bytes of the stanza in memory, roughly */
	size_t tree_max; /* bound of `tree` */

	/* Some names and namespaces in the arena, by hash_name. */
	const char *shared[SHARED];

	int past;	 /* the stanza is skipped, for the reason `why` */
	int deaf;	 /* the handlers ignore what expat finds */
	int in_root;	 /* the start tag of a skipped stanza is being read */
	int dropping;	 /* an attribute of it is being read that is too long */
	struct buf root; /* the part of that start tag that is kept */
	size_t root_len; /* bytes of `root` up to the last complete attribute */

	struct expected *expected; /* answers that may be large */
	const char *cause, *why;   /* as xml_cause and xml_why return them */
};

/* Ends the stream for good. */
static void
fail_xml(struct xml *x, const char *cause, const char *why)
{
	if (x->cause != NULL)
		return;
	x->cause = cause;
	x->why = why;
}

/* Called by a handler if the stanza exceeds a bound, WHY. */
static void
exceed_bound(struct xml *x, const char *why)
{
	if (!x->past)
		x->why = why;
	x->past = 1;
}

/* Called last by a handler: stops expat if a bound was exceeded. */
static void
stop_if_past(struct xml *x)
{
	if (!x->past)
		return;
	x->deaf = 1;
	XML_StopParser(x->parser, XML_FALSE);
}

/* Adds N bytes to the size of the tree. */
static void
count_tree(struct xml *x, size_t n)
{
	x->tree += n;
	if (x->depth >= 2 && x->tree > x->tree_max)
		exceed_bound(x, "a stanza has too much in it");
}

/* Returns a cheap hash of N bytes; of names that collide one is remembered. */
static size_t
hash_name(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;

	return n == 0 ? 0 : n + p[0] + 3u * p[n / 2] + 7u * p[n - 1];
}

/*
 * Copies N bytes of S into the arena, or returns a former copy: a stanza may
 * have ten thousand elements in the same namespace.
 */
static const char *
share_name(struct xml *x, const char *s, size_t n)
{
	const char **at = &x->shared[hash_name(s, n) % SHARED];
	char *copy;

	if (*at != NULL && strncmp(*at, s, n) == 0 && (*at)[n] == '\0')
		return *at;
	if (n > XML_NAME)
		exceed_bound(x, "a name is too long");
	count_tree(x, n + 1);
	copy = arena_alloc(&x->arena, n + 1);
	memcpy(copy, s, n);
	return *at = copy;
}

/*
 * Splits NAME, which expat gives as "namespace\nname". Returns the name and
 * sets *NS, or sets it to NULL if there is no namespace.
 */
static const char *
split_name(struct xml *x, const char *name, const char **ns)
{
	const char *sep = strchr(name, SEPARATOR);

	*ns = NULL;
	if (sep != NULL) {
		*ns = share_name(x, name, (size_t)(sep - name));
		name = sep + 1;
	}
	return share_name(x, name, strlen(name));
}

/* Returns 1 for the attributes that are kept even of a skipped stanza. */
static int
is_wanted(const char *name, size_t n)
{
	static const char *const names[] = {"from", "to", "id", "type"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
			return 1;
	return 0;
}

/* Adds the attributes ATTRS, as expat gives them, to S. */
static void
add_attrs(struct xml *x, struct stanza *s, const XML_Char **attrs)
{
	const char *name, *ns;
	int i;

	for (i = 0; attrs[i] != NULL; i += 2) {
		if (i / 2 == XML_ATTRS)
			exceed_bound(x, "an element has too many attributes");
		if (x->past && !is_wanted(attrs[i], strlen(attrs[i])))
			continue;
		name = split_name(x, attrs[i], &ns);
		stanza_add_attr(&x->arena, s, name, ns, attrs[i + 1]);
		count_tree(x, sizeof *s->attrs + strlen(attrs[i + 1]) + 1);
	}
}

/* Returns the place of the pointer to the answer ID, or of the last NULL. */
static struct expected **
expected_place(struct xml *x, const char *id)
{
	struct expected **at = &x->expected;

	while (*at != NULL && strcmp((*at)->id, id) != 0)
		at = &(*at)->next;
	return at;
}

static int
is_expected(struct xml *x)
{
	const char *id = stanza_get(x->top, "id");

	return id != NULL && strcmp(x->top->name, "iq") == 0 &&
	       *expected_place(x, id) != NULL;
}

static void
on_start(void *data, const XML_Char *qname, const XML_Char **attrs)
{
	struct xml *x = data;
	const char *name, *ns;
	struct stanza *s;

	if (x->deaf)
		return;
	x->depth++;
	if (x->depth <= 2) {
		arena_reset(&x->arena);
		memset(x->shared, 0, sizeof x->shared);
		x->tree = 0;
		x->tree_max = XML_TREE_MAX;
	}
	name = split_name(x, qname, &ns);
	s = stanza_add(
	    &x->arena, x->depth <= 2 ? NULL : x->at, name, ns ? ns : "");
	if (x->depth == 1)
		x->done = s;
	else
		x->at = s;
	if (x->depth == 2)
		x->top = s;
	count_tree(x, sizeof *s);
	add_attrs(x, s, attrs);
	if (x->depth == 2 && is_expected(x))
		x->tree_max = XML_ANSWER_TREE_MAX;
	stop_if_past(x);
}

static void
on_end(void *data, const XML_Char *qname)
{
	struct xml *x = data;

	(void)qname;
	if (x->deaf)
		return;
	x->depth--;
	if (x->depth == 1) {
		x->done = x->top;
		x->at = NULL;
	} else if (x->depth > 1) {
		x->at = x->at->parent;
	}
}

static void
on_text(void *data, const XML_Char *text, int n)
{
	struct xml *x = data;
	int i;

	if (x->deaf)
		return;
	if (x->depth >= 2) {
		stanza_add_text(&x->arena, x->at, text, (size_t)n);
		count_tree(x, (size_t)n);
		stop_if_past(x);
		return;
	}
	for (i = 0; i < n; i++)
		if (strchr(" \t\r\n", text[i]) == NULL)
			fail_xml(x, "protocol", "text between stanzas");
}

/* Bounds the length of a namespace: expat copies it to each name in it. */
static void
on_namespace(void *data, const XML_Char *prefix, const XML_Char *uri)
{
	struct xml *x = data;

	(void)prefix;
	if (!x->deaf && uri != NULL && strlen(uri) > XML_NAME)
		exceed_bound(x, "a namespace is too long");
}

static void
on_declaration(
    void *data, const XML_Char *version, const XML_Char *encoding, int alone)
{
	(void)version, (void)alone;
	if (encoding != NULL && strcasecmp(encoding, "UTF-8") != 0)
		fail_xml(data, "protocol", "an encoding other than UTF-8");
}

/* Makes a new parser: a used one grows with each new name. */
static void
begin_parser(struct xml *x)
{
	if (x->parser != NULL)
		XML_ParserFree(x->parser);
	x->parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
	if (x->parser == NULL)
		buf_alloc((size_t)-1); /* does not return */
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartNamespaceDeclHandler(x->parser, on_namespace);
	XML_SetXmlDeclHandler(x->parser, on_declaration);
	if (XML_SetReparseDeferralEnabled)
		XML_SetReparseDeferralEnabled(x->parser, XML_FALSE);
	arena_reset(&x->arena);
	x->top = x->at = x->done = NULL;
	x->depth = x->given = 0;
	x->stale = x->past = x->deaf = 0;
}

struct xml *
xml_new(void)
{
	struct xml *x = buf_alloc(sizeof *x);

	buf_init(&x->in, FED_MAX);
	buf_init(&x->header, 2 * XML_TOKEN);
	buf_init(&x->root, ROOT_MAX);
	xml_restart(x);
	return x;
}

void
xml_free(struct xml *x)
{
	if (x == NULL)
		return;
	XML_ParserFree(x->parser);
	arena_clear(&x->arena);
	buf_clear(&x->in);
	buf_clear(&x->header);
	buf_clear(&x->root);
	while (x->expected != NULL)
		xml_expected(x, x->expected->id);
	free(x);
}

void
xml_restart(struct xml *x)
{
	begin_parser(x);
	memset(&x->scan, 0, sizeof x->scan);
	x->scan.limit = XML_STANZA_MAX;
	x->scanned = 0;
	x->opened = x->in_root = 0;
	buf_reset(&x->in);
	buf_reset(&x->header);
}

/* Hands expat N bytes of P. */
static void
feed_expat(struct xml *x, const void *p, size_t n)
{
	x->given += n;
	if (XML_Parse(x->parser, p, (int)n, 0) == XML_STATUS_ERROR && !x->past)
		fail_xml(x, "protocol",
		    XML_ErrorString(XML_GetErrorCode(x->parser)));
}

/*
 * Hands expat the bytes that were scanned, except an unfinished tag or
 * reference. Drops them all if the stanza is skipped.
 */
static void
parse_scanned(struct xml *x)
{
	size_t n = x->scanned - (x->past ? 0 : x->scan.tag);

	if (n == 0 || x->cause != NULL)
		return;
	if (!x->opened && buf_add(&x->header, buf_data(&x->in), n) == -1)
		fail_xml(x, "limit", "the stream header is too long");
	if (!x->past)
		feed_expat(x, buf_data(&x->in), n);
	buf_drop(&x->in, n);
	x->scanned -= n;
}

/*
 * Returns 1 if the N bytes at P, the `<` and name of a start tag or one of its
 * attributes, are kept.
 */
static int
is_kept(const char *p, size_t n)
{
	size_t name;

	if (*p == '<')
		return n <= XML_NAME;
	while (n > 0 && strchr(" \t\r\n", *p) != NULL)
		p++, n--;
	for (name = 0; name < n && strchr(" \t\r\n=", p[name]) == NULL;)
		name++;
	return is_wanted(p, name) ||
	       (name == 5 && memcmp(p, "xmlns", name) == 0);
}

/*
 * Reads N more bytes of the start tag of a skipped stanza, at the end of which
 * the scanner found ITEM. After the tag, expat gets an empty element with the
 * attributes that were kept.
 */
static void
read_root(struct xml *x, size_t n, enum scan_item item)
{
	struct buf *root = &x->root;
	const char *piece;

	if (!x->dropping && (buf_add(root, buf_data(&x->in), n) == -1 ||
				buf_len(root) - x->root_len > PIECE_MAX))
		x->dropping = 1;
	piece = buf_str(root) + x->root_len;
	if (item == SCAN_PIECE && !x->dropping &&
	    is_kept(piece, buf_len(root) - x->root_len))
		x->root_len = buf_len(root);
	if (item == SCAN_PIECE || x->dropping)
		buf_cut(root, x->root_len);
	if (item == SCAN_PIECE)
		x->dropping = 0;
	if (item != SCAN_STARTED && item != SCAN_STANZA)
		return;
	x->in_root = x->deaf = 0;
	feed_expat(x, buf_data(root), x->root_len);
	feed_expat(x, "/>", 2);
	buf_clear(root);
}

/* Starts skipping the stanza, for the reason WHY; fails outside a stanza. */
static void
skip_stanza(struct xml *x, const char *why)
{
	int begun = scan_past(&x->scan);

	if (begun == -1) {
		fail_xml(x, "limit", why);
		return;
	}
	x->past = x->deaf = 1;
	x->why = why;
	if (!begun)
		return;
	x->in_root = 1;
	x->dropping = 0;
	x->scanned = x->root_len = 0;
	x->top = NULL;
}

/* Raises the limit and returns 1 if the stanza is an answer that may be large.
 */
static int
may_be_large(struct xml *x)
{
	if (x->past || x->top == NULL || !is_expected(x) ||
	    x->scan.size > XML_ANSWER_MAX)
		return 0;
	x->scan.limit = XML_ANSWER_MAX;
	return 1;
}

/* Finishes a stanza that is complete. */
static enum xml_item
finish_stanza(struct xml *x)
{
	struct stanza *s = x->top;

	x->top = NULL;
	x->scan.limit = XML_STANZA_MAX;
	x->stale = x->past || x->given > RENEW;
	if (!x->past && x->depth == 1 && x->done == s)
		return XML_STANZA;
	/* The scanner let bytes pass in a name that expat refuses. */
	if (!x->past || s == NULL) {
		fail_xml(x, "protocol", "a stanza without a name");
		return XML_BROKEN;
	}
	x->scan.past = 0;
	s->child = s->last = NULL;
	s->text = "";
	s->text_len = s->text_cap = 0;
	x->done = s;
	return XML_PAST;
}

/* Reads up to the next item of the scanner. */
static enum xml_item
read_scan_item(struct xml *x)
{
	enum scan_item item;
	size_t used;
	int whole;

	item = scan_next(&x->scan, buf_data(&x->in) + x->scanned,
	    buf_len(&x->in) - x->scanned, &used);
	x->scanned += used;
	whole = item == SCAN_STANZA ||
		(item == SCAN_LARGE && x->scan.depth == 1 && x->scan.tag == 0);
	if (x->in_root)
		read_root(x, used, item);
	parse_scanned(x);
	if (item == SCAN_BROKEN)
		fail_xml(x, "protocol", x->scan.why);
	else if (x->past && !x->opened)
		fail_xml(x, "limit", x->why);
	else if (x->past && !x->scan.past)
		skip_stanza(x, x->why);
	else if (item == SCAN_EXCEEDED ||
		 (item == SCAN_LARGE && !may_be_large(x)))
		skip_stanza(x, x->scan.why);
	if (x->cause != NULL)
		return XML_BROKEN;
	if (item == SCAN_OPENED)
		x->opened = 1;
	if (item == SCAN_OPENED || item == SCAN_CLOSED)
		return item == SCAN_OPENED ? XML_OPEN : XML_CLOSED;
	return whole ? finish_stanza(x) : XML_MORE;
}

/* Makes a new parser and feeds it the stream header. */
static void
renew_parser(struct xml *x)
{
	begin_parser(x);
	feed_expat(x, buf_data(&x->header), buf_len(&x->header));
}

void
xml_feed(struct xml *x, const void *p, size_t n)
{
	const unsigned char *first = p;

	if (x->cause != NULL || n == 0)
		return;
	if (!x->scan.begun && buf_len(&x->in) == 0 && *first >= 0xfe)
		fail_xml(x, "protocol", "an encoding other than UTF-8");
	else if (buf_add(&x->in, p, n) == -1)
		fail_xml(x, "limit", "too much was received at once");
}

enum xml_item
xml_next(struct xml *x)
{
	enum xml_item item = XML_MORE;

	if (x->stale)
		renew_parser(x);
	while (item == XML_MORE && x->cause == NULL &&
	       x->scanned < buf_len(&x->in))
		item = read_scan_item(x);
	return x->cause != NULL ? XML_BROKEN : item;
}

const struct stanza *
xml_stanza(const struct xml *x)
{
	return x->done;
}

size_t
xml_left(const struct xml *x)
{
	return buf_len(&x->in);
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
