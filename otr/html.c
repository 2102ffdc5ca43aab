#include "otr/html.h"

#include <string.h>

#include "sexp/utf8.h"

/*
 * Only what is known to be a tag is dropped: "x<y and y>z" of a client that
 * sends plain text must stay what it is.
 */
static const char tag_names[] =
    " a abbr address b big blockquote body br center code dd del div dl dt em "
    "font h1 h2 h3 h4 h5 h6 head hr html i img ins kbd li ol p pre q s samp "
    "small span strike strong style sub sup table tbody td th thead title tr "
    "tt u ul ";

#define TAG_NAME 10 /* the longest of them */

static const struct {
	const char *entity;
	char c;
} entities[] = {
    {"&amp;", '&'},
    {"&lt;", '<'},
    {"&gt;", '>'},
    {"&quot;", '"'},
    {"&apos;", '\''},
    {"&nbsp;", ' '},
};

#define ESCAPED 5 /* those that are written; a blank stays a blank */

int
html_escape(const char *text, struct buf *out)
{
	size_t i;
	int r = 0;

	for (; *text != '\0' && r == 0; text++) {
		for (i = 0; i < ESCAPED && entities[i].c != *text; i++)
			;
		if (i < ESCAPED)
			r = buf_adds(out, entities[i].entity);
		else
			r = buf_addc(out, *text);
	}
	return r;
}

static int
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Whether the N bytes of P are a known name; BR: whether they are "br". */
static int
is_tag(const char *p, size_t n, int *br)
{
	char name[TAG_NAME + 3] = " ";
	size_t i;

	if (n == 0 || n > TAG_NAME)
		return 0;
	for (i = 0; i < n; i++)
		name[i + 1] =
		    (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i]);
	name[n + 1] = ' ';
	*br = strcmp(name, " br ") == 0;
	return strstr(tag_names, name) != NULL;
}

/* Behind the attribute NAME=VALUE at S; NULL where there is none. */
static const char *
attribute(const char *s)
{
	const char *first = s;

	while (is_alnum(*s) || *s == '-' || *s == ':')
		s++;
	if (s == first || *s != '=')
		return NULL;
	if (*++s == '"' || *s == '\'') {
		s = strchr(s + 1, *s);
		return s == NULL ? NULL : s + 1;
	}
	return s + strcspn(s, " \t\r\n<>");
}

/*
 * The length of the tag at P, which is a `<`; 0 where it begins none. Words
 * without a value are no attributes: "a<b and c>d" has no tag.
 */
static size_t
tag(const char *p, int *br)
{
	const char *s = p + 1, *name;

	if (*s == '/')
		s++;
	for (name = s; is_alnum(*s); s++)
		;
	if (!is_tag(name, (size_t)(s - name), br))
		return 0;
	while (s != NULL && *s != '>') {
		name = s;
		s += strspn(s, " \t\r\n");
		if (*s == '/' && s[1] == '>')
			s++;
		else if (*s != '>')
			s = s == name ? NULL : attribute(s);
	}
	return s == NULL ? 0 : (size_t)(s - p) + 1;
}

static int
digit(char c, unsigned base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (base == 16 && c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (base == 16 && c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The length of the numeric entity at P ("&#"), its character in CP; or 0. */
static size_t
number(const char *p, uint32_t *cp)
{
	const char *s = p + 2, *first;
	unsigned base = 10;
	int d;

	if (*s == 'x' || *s == 'X') {
		base = 16;
		s++;
	}
	*cp = 0;
	for (first = s; (d = digit(*s, base)) != -1 && s - first < 8; s++)
		*cp = *cp * base + (unsigned)d;
	if (s == first || *s != ';' || *cp > 0x10ffff || !utf8_is_xml(*cp))
		return 0;
	return (size_t)(s - p) + 1;
}

/* Appends what the entity at P ("&") means; returns its length, 0: none. */
static size_t
entity(const char *p, struct buf *out, int *full)
{
	unsigned char utf8[4];
	uint32_t cp;
	size_t i, n;

	for (i = 0; i < sizeof entities / sizeof *entities; i++) {
		n = strlen(entities[i].entity);
		if (strncmp(p, entities[i].entity, n) == 0) {
			*full = buf_addc(out, entities[i].c);
			return n;
		}
	}
	n = p[1] == '#' ? number(p, &cp) : 0;
	if (n > 0)
		*full = buf_add(out, utf8, utf8_encode(cp, utf8));
	return n;
}

int
html_decode(const char *html, struct buf *out)
{
	size_t left = strlen(html), n;
	uint32_t cp;
	int full = 0, br;

	for (; left > 0 && full == 0; html += n, left -= n) {
		n = 0;
		if (*html == '<' && (n = tag(html, &br)) > 0)
			full = br ? buf_addc(out, '\n') : 0;
		else if (*html == '&')
			n = entity(html, out, &full);
		if (n > 0)
			continue;
		n = utf8_decode(html, left, &cp);
		if (n > 0) {
			full = buf_add(out, html, n);
		} else {
			full = buf_adds(out, "\xef\xbf\xbd");
			n = 1;
		}
	}
	return full;
}
