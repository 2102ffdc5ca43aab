#include "otr/html.h"

#include <string.h>
#include <strings.h>

#include "sexp/utf8.h"

/*
 * Only these are tags: "x<y and y>z" from a client that sends plain text must
 * not change.
 */
static const char tag_names[] =
    " a abbr address b big blockquote body br center code dd del div dl dt em "
    "font h1 h2 h3 h4 h5 h6 head hr html i img ins kbd li ol p pre q s samp "
    "small span strike strong style sub sup table tbody td th thead title tr "
    "tt u ul ";

/* Nobody types these tags, so that a message with one of them is HTML. */
static const char tag_tells[] =
    " body br div font head hr html img p span table tbody td th tr ";

#define TAG_NAME 10 /* bytes of the longest */

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

static int
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Returns 1 if some client may read the `&` at P as an entity. */
static int
is_risky_and(const char *p)
{
	static const char *const names[] = {
	    "amp", "lt", "gt", "quot", "apos", "nbsp"};
	size_t i, n = 1;

	/* Some clients do not need the semicolon. */
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strncasecmp(p + 1, names[i], strlen(names[i])) == 0)
			return 1;
	if (p[1] == '#')
		return is_alnum(p[2]);
	while (is_alnum(p[n]))
		n++;
	return n > 1 && p[n] == ';';
}

/* Returns 1 if some client may read the `<` at P as a tag. */
static int
is_risky_less(const char *p)
{
	const char *end = strchr(p, '>');

	return end != NULL &&
	       ((is_alnum(p[1]) && (p[1] < '0' || p[1] > '9')) ||
		   strchr("/!?>", p[1]) != NULL || end[-1] == '/');
}

int
html_escape(const char *text, struct buf *out)
{
	const char *p;
	int r = 0, risky = 0;

	for (p = text; *p != '\0' && !risky; p++)
		risky = (*p == '&' && is_risky_and(p)) ||
			(*p == '<' && is_risky_less(p));
	if (!risky)
		return buf_adds(out, text);
	/* All of it is escaped then, or the rest would look like plain text. */
	for (p = text; *p != '\0' && r == 0; p++)
		r = *p == '&'	? buf_adds(out, "&amp;")
		    : *p == '<' ? buf_adds(out, "&lt;")
		    : *p == '>' ? buf_adds(out, "&gt;")
				: buf_addc(out, *p);
	return r;
}

/* A tag. */
struct tag {
	size_t len;	 /* 0: not a tag */
	int br;		 /* a line break */
	int end;	 /* </a> */
	int tells;	 /* the text is HTML, as nobody types this tag */
	const char *url; /* href or src, url_len bytes; or NULL */
	size_t url_len;
};

/* Returns 1 if LIST has NAME, which has a blank on each side. */
static int
list_has(const char *list, const char *name)
{
	return strstr(list, name) != NULL;
}

/* Returns 1 if the N bytes at P are the name of a tag, and fills in T. */
static int
is_tag(const char *p, size_t n, struct tag *t)
{
	char name[TAG_NAME + 3] = " ";
	size_t i;

	if (n == 0 || n > TAG_NAME)
		return 0;
	for (i = 0; i < n; i++)
		name[i + 1] =
		    (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i]);
	name[n + 1] = ' ';
	t->br = strcmp(name, " br ") == 0;
	t->end = p[-1] == '/' && strcmp(name, " a ") == 0;
	t->tells = list_has(tag_tells, name);
	return list_has(tag_names, name);
}

/* Reads the attribute NAME=VALUE at S; returns its end, NULL if it is none. */
static const char *
read_attribute(const char *s, struct tag *t)
{
	const char *first = s, *value;
	int url;

	while (is_alnum(*s) || *s == '-' || *s == ':')
		s++;
	if (s == first || *s != '=')
		return NULL;
	url = (s - first == 4 && strncasecmp(first, "href", 4) == 0) ||
	      (s - first == 3 && strncasecmp(first, "src", 3) == 0);
	value = ++s;
	if (*s == '"' || *s == '\'') {
		value = s + 1;
		s = strchr(value, *s);
	} else {
		s += strcspn(s, " \t\r\n<>");
	}
	if (s == NULL)
		return NULL;
	if (url && s > value) {
		t->url = value;
		t->url_len = (size_t)(s - value);
	}
	t->tells = 1;
	return s + (*s == '"' || *s == '\'');
}

/*
 * Reads the tag at P, a `<`. Attributes must have a value: "a<b and c>d" has no
 * tag.
 */
static void
read_tag(const char *p, struct tag *t)
{
	const char *s = p + 1, *name;

	memset(t, 0, sizeof *t);
	if (*s == '/')
		s++;
	for (name = s; is_alnum(*s); s++)
		;
	if (!is_tag(name, (size_t)(s - name), t))
		return;
	while (s != NULL && *s != '>') {
		name = s;
		s += strspn(s, " \t\r\n");
		if (*s == '/' && s[1] == '>')
			s++;
		else if (*s != '>')
			s = s == name ? NULL : read_attribute(s, t);
	}
	t->len = s == NULL ? 0 : (size_t)(s - p) + 1;
}

static int
digit_value(char c, unsigned base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (base == 16 && c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (base == 16 && c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads the numeric entity at P ("&#") into CP; returns its length, or 0. */
static size_t
read_number(const char *p, uint32_t *cp)
{
	const char *s = p + 2, *first;
	unsigned base = 10;
	int d;

	if (*s == 'x' || *s == 'X') {
		base = 16;
		s++;
	}
	*cp = 0;
	for (first = s; (d = digit_value(*s, base)) != -1 && s - first < 8; s++)
		*cp = *cp * base + (unsigned)d;
	if (s == first || *s != ';' || *cp > 0x10ffff || !utf8_is_xml(*cp))
		return 0;
	return (size_t)(s - p) + 1;
}

/* Decodes the entity at P ("&") as UTF-8 into OUT; returns its length, or 0. */
static size_t
read_entity(const char *p, unsigned char out[5])
{
	uint32_t cp;
	size_t i, n;

	memset(out, 0, 5);
	for (i = 0; i < sizeof entities / sizeof *entities; i++) {
		n = strlen(entities[i].entity);
		if (strncmp(p, entities[i].entity, n) == 0) {
			*out = (unsigned char)entities[i].c;
			return n;
		}
	}
	n = p[1] == '#' ? read_number(p, &cp) : 0;
	if (n > 0)
		utf8_encode(cp, out);
	return n;
}

/*
 * Returns 1 if all of TEXT looks like HTML. A client that sends HTML escapes
 * all other < > &, so that an unescaped one means plain text. Somebody may have
 * typed a text with formatting only, as "<b>x</b>": it is kept, so that nothing
 * is lost.
 */
static int
is_html(const char *text)
{
	int tags = 0, tells = 0;
	unsigned char utf8[5];
	struct tag t;
	size_t n;

	for (; *text != '\0'; text += n) {
		n = 1;
		if (*text == '<') {
			read_tag(text, &t);
			n = t.len;
			tags = 1;
			tells |= t.tells;
		} else if (*text == '&') {
			n = read_entity(text, utf8);
		} else if (*text == '>') {
			n = 0;
		}
		if (n == 0)
			return 0;
	}
	return !tags || tells;
}

/*
 * Appends the first character of LEFT bytes of TEXT, or U+FFFD for a byte that
 * is not UTF-8. Returns its length; *FULL becomes -1 if OUT is full.
 */
static size_t
add_char(const char *text, size_t left, struct buf *out, int *full)
{
	uint32_t cp;
	size_t n = utf8_decode(text, left, &cp);

	if (n > 0) {
		*full = buf_add(out, text, n);
		return n;
	}
	*full = buf_adds(out, "\xef\xbf\xbd");
	return 1;
}

/* Appends N bytes of TEXT with entities decoded. */
static int
add_entities(const char *text, size_t n, struct buf *out)
{
	unsigned char utf8[5];
	int full = 0;
	size_t k;

	for (; n > 0 && full == 0; text += k, n -= k) {
		k = *text == '&' ? read_entity(text, utf8) : 0;
		if (k > n)
			k = 0;
		if (k > 0)
			full = buf_adds(out, (char *)utf8);
		else
			k = add_char(text, n, out, &full);
	}
	return full;
}

/* Appends the URL of T, unless the text of the link (OUT from AT on) has it. */
static int
add_url(const struct tag *t, size_t at, struct buf *out)
{
	int full, empty = buf_len(out) == at;
	struct buf url;

	buf_init(&url, 3 * t->url_len + 1);
	full = add_entities(t->url, t->url_len, &url);
	if (empty)
		full |= buf_adds(out, buf_str(&url));
	else if (strstr(buf_str(out) + at, buf_str(&url)) == NULL)
		full |= buf_adds(out, " (") | buf_adds(out, buf_str(&url)) |
			buf_addc(out, ')');
	buf_clear(&url);
	return full == 0 ? 0 : -1;
}

/* Appends HTML without its tags and with its entities decoded. */
static int
append_decoded(const char *html, struct buf *out)
{
	struct tag t, link = {0};
	size_t left = strlen(html), n, at = 0;
	int full = 0;

	for (; left > 0 && full == 0; html += n, left -= n) {
		if (*html != '<') {
			n = strcspn(html, "<");
			full = add_entities(html, n, out);
			continue;
		}
		read_tag(html, &t);
		n = t.len;
		if (t.br)
			full = buf_addc(out, '\n');
		if ((t.end || t.url != NULL) && link.url != NULL) {
			full = add_url(&link, at, out);
			link.url = NULL;
		}
		if (t.url != NULL) {
			link = t;
			at = buf_len(out);
		}
	}
	if (full == 0 && link.url != NULL)
		full = add_url(&link, at, out);
	return full;
}

int
html_decode(const char *html, struct buf *out)
{
	size_t left = strlen(html), n;
	int full = 0;

	if (is_html(html))
		return append_decoded(html, out);
	for (; left > 0 && full == 0; html += n, left -= n)
		n = add_char(html, left, out, &full);
	return full;
}
