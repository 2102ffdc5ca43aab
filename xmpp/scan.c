#include "xmpp/scan.h"

#include <string.h>

static const char bad_token[] = "not well-formed (invalid token)";

/* Returns SCAN_BROKEN, for the reason WHY. */
static enum scan_item
fail_scan(struct scan *s, const char *why)
{
	s->why = why;
	return SCAN_BROKEN;
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/*
 * Returns 1 if C may begin a name (XML 1.0 2.3). All bytes beyond ASCII may:
 * the parser checks the characters.
 */
static int
is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == ':' || (unsigned char)c >= 0x80;
}

static int
is_name_char(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.';
}

/* Handles the `>` of a start tag. */
static enum scan_item
open_element(struct scan *s)
{
	s->state = SCAN_TEXT;
	s->tag = 0;
	s->depth++;
	if (s->depth == 1)
		return SCAN_OPENED;
	return s->depth == 2 && s->past ? SCAN_STARTED : SCAN_MORE;
}

/* Handles the `>` of an end tag, or of an empty element. */
static enum scan_item
close_element(struct scan *s)
{
	s->state = SCAN_TEXT;
	s->tag = 0;
	s->depth--;
	if (s->depth > 1)
		return SCAN_MORE;
	return s->depth == 1 ? SCAN_STANZA : SCAN_CLOSED;
}

/* Reads C after `<`. */
static enum scan_item
read_after_less(struct scan *s, char c)
{
	if (c == '/') {
		s->state = SCAN_END;
		return s->depth == 0 ? fail_scan(s, bad_token) : SCAN_MORE;
	}
	if (c == '!') {
		s->state = SCAN_BANG;
		return SCAN_MORE;
	}
	if (c == '?') {
		s->state = SCAN_DECLARE;
		s->match = 0;
		return s->begun ? fail_scan(s, "a processing instruction")
				: SCAN_MORE;
	}
	/* In UTF-16 without a byte order mark, `<` is followed by a 0. */
	if (!is_name_start(c))
		return fail_scan(
		    s, c == '\0' ? "an encoding other than UTF-8" : bad_token);
	s->state = SCAN_NAME;
	s->attrs = 0;
	if (s->depth < SCAN_DEPTH || s->past)
		return SCAN_MORE;
	s->why = "elements are nested too deeply";
	return SCAN_EXCEEDED;
}

/* Reads C where an attribute or the end of a start tag may follow. */
static enum scan_item
read_in_tag(struct scan *s, char c)
{
	if (is_blank(c)) {
		s->state = SCAN_GAP;
	} else if (c == '>') {
		return open_element(s);
	} else if (c == '/') {
		s->state = SCAN_SLASH;
		/* <stream/> would be opened and closed at once. */
		if (s->depth == 0)
			return fail_scan(s, "the stream header is empty");
	} else if (s->state == SCAN_GAP && is_name_start(c)) {
		s->state = SCAN_ATTR;
		if (++s->attrs > SCAN_ATTRS && !s->past) {
			s->why = "an element has too many attributes";
			return SCAN_EXCEEDED;
		}
	} else {
		return fail_scan(s, bad_token);
	}
	return SCAN_MORE;
}

/* Reads C after the name of an attribute. */
static enum scan_item
read_before_value(struct scan *s, char c)
{
	if (is_blank(c))
		return SCAN_MORE;
	if (s->state == SCAN_EQUALS && c == '=') {
		s->state = SCAN_QUOTE;
	} else if (s->state == SCAN_QUOTE && (c == '\'' || c == '"')) {
		s->state = SCAN_IN_VALUE;
		s->quote = c;
	} else {
		return fail_scan(s, bad_token);
	}
	return SCAN_MORE;
}

/* Reads C in an end tag. */
static enum scan_item
read_in_end_tag(struct scan *s, char c)
{
	if (s->state == SCAN_END && is_name_start(c))
		s->state = SCAN_END_NAME;
	else if (s->state != SCAN_END && is_blank(c))
		s->state = SCAN_END_GAP;
	else if (s->state != SCAN_END && c == '>')
		return close_element(s);
	else
		return fail_scan(s, bad_token);
	return SCAN_MORE;
}

/*
 * Reads C in `<![CDATA[` or `<?xml `. RFC 6120 11.1 forbids everything else
 * that begins with `<!` or `<?`.
 */
static enum scan_item
read_in_declaration(struct scan *s, char c)
{
	static const char cdata[] = "CDATA[", xml[] = "xml";

	if (s->state == SCAN_BANG) {
		if (c == '-')
			return fail_scan(s, "a comment");
		if (c != '[')
			return fail_scan(s, "a document type declaration");
		s->state = SCAN_BRACKET;
		s->match = 0;
		return s->depth == 0 ? fail_scan(s, bad_token) : SCAN_MORE;
	}
	if (s->state == SCAN_BRACKET) {
		if (c != cdata[s->match])
			return fail_scan(s, bad_token);
		if (cdata[++s->match] == '\0') {
			s->state = SCAN_CDATA;
			s->tag = s->match = 0;
		}
		return SCAN_MORE;
	}
	if (s->match < strlen(xml) ? c != xml[s->match] : !is_blank(c))
		return fail_scan(s, "a processing instruction");
	if (s->match++ == strlen(xml)) {
		s->state = SCAN_DECLARED;
		s->match = 0;
	}
	return SCAN_MORE;
}

/* Reads C in a state in which bytes are read one by one. */
static enum scan_item
read_byte(struct scan *s, char c)
{
	switch (s->state) {
	case SCAN_LT:
		return read_after_less(s, c);
	case SCAN_NAMED:
	case SCAN_GAP:
	case SCAN_VALUED:
		return read_in_tag(s, c);
	case SCAN_EQUALS:
	case SCAN_QUOTE:
		return read_before_value(s, c);
	case SCAN_SLASH:
		if (c != '>')
			return fail_scan(s, bad_token);
		s->depth++;
		return close_element(s);
	case SCAN_BANG:
	case SCAN_BRACKET:
	case SCAN_DECLARE:
		return read_in_declaration(s, c);
	case SCAN_REFERENCE:
		if (c == ';') {
			s->state = SCAN_TEXT;
			s->tag = 0;
		} else if (c != '#') {
			return fail_scan(s, bad_token);
		}
		return SCAN_MORE;
	case SCAN_DECLARED:
		if (c == '>' && s->match == 1) {
			s->state = SCAN_TEXT;
			s->tag = 0;
		}
		s->match = c == '?';
		return SCAN_MORE;
	default:
		return read_in_end_tag(s, c);
	}
}

static const char *
skip_name(const char *p, const char *end)
{
	while (p < end && is_name_char(*p))
		p++;
	return p;
}

/* Reads a value up to and including the closing quote. */
static enum scan_item
read_value(struct scan *s, const char **at, const char *end)
{
	size_t n = (size_t)(end - *at);
	const char *quote = memchr(*at, s->quote, n);

	if (quote != NULL)
		n = (size_t)(quote - *at);
	if (memchr(*at, '<', n) != NULL)
		return fail_scan(s, bad_token);
	*at += n;
	if (quote == NULL)
		return SCAN_MORE;
	++*at;
	s->state = SCAN_VALUED;
	return s->past && s->depth == 1 ? SCAN_PIECE : SCAN_MORE;
}

/* Adds N bytes, which are not text, to the sizes of the tag and the stanza. */
static void
count_bytes(struct scan *s, size_t n)
{
	if (n == 0)
		return;
	s->size += n;
	if (s->tag > 0)
		s->tag += n;
	s->begun = 1;
}

/* Reads and counts text up to and including `<` or `&`, which begins a tag. */
static void
read_text(struct scan *s, const char **at, const char *end)
{
	size_t n = (size_t)(end - *at);
	const char *p = memchr(*at, '<', n), *amp;

	amp = memchr(*at, '&', p == NULL ? n : (size_t)(p - *at));
	if (amp != NULL)
		p = amp;
	s->begun |= p != *at;
	if (p != NULL) {
		s->state = amp != NULL ? SCAN_REFERENCE : SCAN_LT;
		s->tag = 1;
		n = (size_t)(++p - *at);
	}
	s->size = p != NULL && s->depth == 1 ? 1 : s->size + n;
	*at += n;
}

/* Reads CDATA up to a `]`, or one `]` or `>`. */
static void
read_cdata(struct scan *s, const char **at, const char *end)
{
	const char *p = *at;

	if (*p == ']') {
		s->match++;
		p++;
	} else if (*p == '>' && s->match >= 2) {
		s->state = SCAN_TEXT;
		p++;
	} else {
		s->match = 0;
		p = memchr(p, ']', (size_t)(end - p));
	}
	*at = p == NULL ? end : p;
}

/* Reads one byte at *AT, or as many as the state allows at once. */
static enum scan_item
read_token(struct scan *s, const char **at, const char *end)
{
	const char *p;

	switch (s->state) {
	case SCAN_CDATA:
		read_cdata(s, at, end);
		return SCAN_MORE;
	case SCAN_NAME:
		*at = skip_name(*at, end);
		if (*at == end)
			return SCAN_MORE;
		s->state = SCAN_NAMED;
		return s->past && s->depth == 1 ? SCAN_PIECE : SCAN_MORE;
	case SCAN_ATTR:
		*at = p = skip_name(*at, end);
		if (end - p > 1 && *p == '=' && (p[1] == '\'' || p[1] == '"')) {
			s->quote = p[1];
			s->state = SCAN_IN_VALUE;
			*at += 2;
		} else if (p < end) {
			s->state = SCAN_EQUALS;
		}
		return SCAN_MORE;
	case SCAN_IN_VALUE:
		return read_value(s, at, end);
	case SCAN_END_NAME:
	case SCAN_REFERENCE:
		p = *at;
		*at = skip_name(p, end);
		return *at > p ? SCAN_MORE : read_byte(s, *(*at)++);
	default:
		return read_byte(s, *(*at)++);
	}
}

/*
 * Reads up to the next item, or to END, or outside stanzas to the beginning of
 * a tag, as bounds apply from there on.
 */
static enum scan_item
read_window(struct scan *s, const char **at, const char *end)
{
	enum scan_item item = SCAN_MORE;
	const char *counted = *at; /* bytes before it are in the sizes */

	while (*at < end && item == SCAN_MORE) {
		if (s->state != SCAN_TEXT) {
			item = read_token(s, at, end);
			continue;
		}
		count_bytes(s, (size_t)(*at - counted));
		read_text(s, at, end);
		counted = *at;
		if (s->depth < 2)
			break;
	}
	count_bytes(s, (size_t)(*at - counted));
	return item;
}

/* Returns ITEM, or the bound that was exceeded with it. */
static enum scan_item
check_bounds(struct scan *s, enum scan_item item)
{
	if (s->past || item == SCAN_BROKEN || item == SCAN_EXCEEDED)
		return item;
	if (s->tag > SCAN_TOKEN) {
		s->why = "a tag is too long";
		return SCAN_EXCEEDED;
	}
	if (s->size <= s->limit ||
	    (s->depth < 2 && s->tag == 0 && item != SCAN_STANZA))
		return item;
	s->why = "a stanza is too large";
	return SCAN_LARGE;
}

/*
 * Returns how far the bytes from AT to END may be read before the bounds must
 * be checked: up to the first byte at which the stanza or a tag may exceed one.
 */
static const char *
window_end(const struct scan *s, const char *at, const char *end)
{
	size_t room = s->limit + 1 - s->size;

	if (s->past || (s->depth < 2 && s->tag == 0))
		return end;
	if (SCAN_TOKEN + 1 - s->tag < room)
		room = SCAN_TOKEN + 1 - s->tag;
	return (size_t)(end - at) > room ? at + room : end;
}

enum scan_item
scan_next(struct scan *s, const void *p, size_t n, size_t *used)
{
	const char *at = p, *end = at + n;
	enum scan_item item = SCAN_MORE;

	while (at < end && item == SCAN_MORE) {
		item = read_window(s, &at, window_end(s, at, end));
		item = check_bounds(s, item);
	}
	*used = (size_t)(at - (const char *)p);
	return item;
}

int
scan_past(struct scan *s)
{
	if (s->depth == 0 || (s->depth == 1 && s->state >= SCAN_END))
		return -1;
	s->past = 1;
	if (s->depth > 1 || s->tag == 0)
		return 0;
	s->state = SCAN_TEXT;
	s->tag = 0;
	return 1;
}
