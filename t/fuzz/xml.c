/*
 * Feeds the parser what a server may say below the stream header: the same in
 * pieces as whole, and each stanza where expat alone sees it, those that are
 * read past as well. Bytes below a blank stand for what is too much.
 */
#include <expat.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "xmpp/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OPEN                                                                   \
	"<stream:stream xmlns='jabber:client' "                                \
	"xmlns:stream='http://etherx.jabber.org/streams'>"
#define MAX ((size_t)1 << 26)

static void
repeat(struct buf *in, const char *piece, size_t n)
{
	while (n-- > 0)
		buf_adds(in, piece);
}

/* The bytes that DATA stands for. */
static void
expand(struct buf *in, const uint8_t *data, size_t size)
{
	char one[2] = "x";
	size_t i;

	buf_adds(in, OPEN);
	for (i = 0; i < size && i < 100; i++) {
		*one = i > 0 ? (char)data[i - 1] : 'x';
		if (data[i] == 1)
			repeat(in, one, 70000);
		else if (data[i] == 2)
			repeat(in, "<x>", 70);
		else if (data[i] == 3)
			repeat(in, "</x>", 70);
		else if (data[i] == 4)
			repeat(in, " a='&gt;'", 130);
		else if (data[i] == 5)
			repeat(in, "<a/>", 60000);
		else
			buf_addc(in, data[i]);
	}
}

/* Collects what X gives, by the names of the stanzas; in pieces of STEP bytes.
 */
static void
run(const struct buf *in, size_t step, struct buf *out, int *is_broken)
{
	struct xml *x = xml_new();
	enum xml_item item = XML_MORE;
	size_t at, n;

	for (at = 0; at < buf_len(in) && item == XML_MORE; at += n) {
		n = buf_len(in) - at < step ? buf_len(in) - at : step;
		xml_feed(x, buf_data(in) + at, n);
		do {
			item = xml_next(x);
			if (item == XML_STANZA || item == XML_PAST)
				buf_addf(out, "%s\n", xml_stanza(x)->name);
		} while (
		    item == XML_OPEN || item == XML_STANZA || item == XML_PAST);
	}
	*is_broken = item == XML_BROKEN;
	xml_free(x);
}

struct plain {
	XML_Parser parser;
	struct buf *out;
	int depth, forbidden;
};

static void
on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct plain *p = data;

	(void)name, (void)attrs;
	p->depth++;
}

static void
on_end(void *data, const XML_Char *name)
{
	struct plain *p = data;
	const char *sep = strchr(name, '\n');

	if (--p->depth == 1)
		buf_addf(p->out, "%s\n", sep == NULL ? name : sep + 1);
	p->forbidden |= p->depth == 0;
}

static void
on_text(void *data, const XML_Char *text, int n)
{
	struct plain *p = data;

	(void)text, (void)n;
	p->forbidden |= p->depth == 1;
}

static void
on_comment(void *data, const XML_Char *text)
{
	struct plain *p = data;

	(void)text;
	p->forbidden = 1;
}

static void
on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
	(void)target;
	on_comment(data, text);
}

/*
 * The same by expat alone, without bounds; 0: there is something wrong, or may
 * be in a token that is not whole.
 */
static int
run_plain(const struct buf *in, struct buf *out)
{
	struct plain p = {XML_ParserCreateNS("UTF-8", '\n'), out, 0, 0};
	enum XML_Status status;
	int whole;

	XML_SetUserData(p.parser, &p);
	XML_SetElementHandler(p.parser, on_start, on_end);
	XML_SetCharacterDataHandler(p.parser, on_text);
	XML_SetCommentHandler(p.parser, on_comment);
	XML_SetProcessingInstructionHandler(p.parser, on_instruction);
	status = XML_Parse(
	    p.parser, (const char *)buf_data(in), (int)buf_len(in), 0);
	whole = XML_GetCurrentByteIndex(p.parser) == (XML_Index)buf_len(in);
	XML_ParserFree(p.parser);
	return status == XML_STATUS_OK && whole && !p.forbidden;
}

/* Returns 1 if the shorter one of A and B is the beginning of the other. */
static int
agree(const struct buf *a, const struct buf *b)
{
	size_t n = buf_len(a) < buf_len(b) ? buf_len(a) : buf_len(b);

	return memcmp(buf_data(a), buf_data(b), n) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf in, whole, pieces, plain;
	int broken, broken_too, good;

	buf_init(&in, MAX);
	buf_init(&whole, MAX);
	buf_init(&pieces, MAX);
	buf_init(&plain, MAX);
	expand(&in, data, size);
	run(&in, MAX, &whole, &broken);
	run(&in, 1 + size % 977, &pieces, &broken_too);
	good = run_plain(&in, &plain);
	if (broken != broken_too || buf_len(&whole) != buf_len(&pieces) ||
	    !agree(&whole, &pieces) || !agree(&whole, &plain) ||
	    (good && (broken || buf_len(&whole) != buf_len(&plain))))
		abort();
	buf_clear(&in);
	buf_clear(&whole);
	buf_clear(&pieces);
	buf_clear(&plain);
	return 0;
}
