#include "line/text/address.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "line/text/escape.h"
#include "sexp/hex.h"

/* An escape takes ten bytes for one of the JID, at most; so does a URI. */
#define ADDRESS_MAX ((size_t)16 * JID_SIZE)

static const char scheme[] = "xmpp:";

static int
is_uri(const char *word, size_t n)
{
	return n >= sizeof scheme - 1 &&
	       strncasecmp(word, scheme, sizeof scheme - 1) == 0;
}

/* The two hex digits at P, of which N bytes are there, as a byte; -1: none. */
static int
read_byte(const char *p, size_t n)
{
	return n < 2 ? -1 : hex_byte(p);
}

/* Appends the N bytes at P, the path of a URI, with its %HH decoded. */
static void
add_path(struct buf *out, const char *p, size_t n)
{
	size_t i, end = 0;
	int byte;

	while (end < n && p[end] != '?' && p[end] != '#')
		end++;
	for (i = 0; i < end; i++) {
		byte = p[i] == '%' ? read_byte(p + i + 1, end - i - 1) : -1;
		buf_addc(out, byte < 0 ? p[i] : byte);
		i += byte < 0 ? 0 : 2;
	}
}

/* Appends the N bytes at P with `\HH` of XEP-0106 in our own spelling. */
static void
add_escaped(struct buf *out, const char *p, size_t n)
{
	static const char characters[] = " \"&'/:<>@\\";
	size_t i;
	int byte;

	for (i = 0; i < n; i++) {
		buf_addc(out, p[i]);
		if (p[i] != '\\')
			continue;
		byte = read_byte(p + i + 1, n - i - 1);
		if (byte > 0 && strchr(characters, byte) != NULL)
			buf_addc(out, '\\');
		else if (++i < n)
			buf_addc(out, p[i]);
	}
}

int
address_read(const char *word, size_t n, char jid[JID_SIZE], const char **why)
{
	struct buf spelt, plain;
	int result = -1;
	size_t at;

	*why = "no JID is given";
	if (n > ADDRESS_MAX / 2) {
		*why = "longer than any JID";
		return -1;
	}
	buf_init(&spelt, ADDRESS_MAX);
	buf_init(&plain, ADDRESS_MAX);
	if (is_uri(word, n))
		add_path(
		    &spelt, word + sizeof scheme - 1, n - (sizeof scheme - 1));
	else
		add_escaped(&spelt, word, n);
	if (is_uri(word, n))
		result = jid_parse(buf_str(&spelt), buf_len(&spelt), jid, why);
	else if (escape_read(
		     &plain, buf_data(&spelt), buf_len(&spelt), why, &at) == 1)
		result = jid_parse(
		    (const char *)buf_data(&plain), buf_len(&plain), jid, why);
	buf_clear(&spelt);
	buf_clear(&plain);
	return result;
}

int
address_is_bare_word(const char *word, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (word[i] == '@' || word[i] == '.' || word[i] == '[')
			return 0;
	return n > 0 && !is_uri(word, n);
}

/* Returns 1 if the N bytes at P are COMMAND, or short for it at a terminal. */
static int
is_short_for(const char *p, size_t n, const char *command)
{
	return n >= 3 && n <= strlen(command) && memcmp(p, command, n) == 0;
}

/* Returns how many of the N bytes at P stand before the next blank. */
static size_t
word_len(const char *p, size_t n)
{
	const char *blank = n == 0 ? NULL : memchr(p, ' ', n);

	return blank == NULL ? n : (size_t)(blank - p);
}

int
address_is_token(const char *word, size_t n)
{
	static const char characters[] = "0123456789._-"
					 "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t i;

	for (i = 0; i < n; i++)
		if (word[i] == '\0' || strchr(characters, word[i]) == NULL)
			return 0;
	return n > 0;
}

/*
 * Takes WORD and the word behind it, of *LEN bytes, off the N bytes at *LINE.
 * Returns that second word, or NULL where the line does not begin so.
 */
static const char *
take_prefix(const char **line, size_t *n, const char *word, size_t *len)
{
	const char *argument = *line + strlen(word);

	if (*n <= strlen(word) || memcmp(*line, word, strlen(word)) != 0)
		return NULL;
	*n -= strlen(word);
	*len = word_len(argument, *n);
	*line = argument + *len;
	*n -= *len;
	if (*n > 0) {
		(*line)++;
		(*n)--;
	}
	return argument;
}

char *
address_label(const char **line, size_t *n)
{
	const char *token;
	char *label = NULL;
	size_t len;

	for (;;) {
		token = take_prefix(line, n, "/label ", &len);
		if (token != NULL && address_is_token(token, len)) {
			free(label);
			label = buf_memdup(token, len);
		} else if (token != NULL ||
			   take_prefix(line, n, "/with ", &len) == NULL) {
			return label;
		}
	}
}

size_t
address_prefix(const char *line, size_t n)
{
	size_t len = word_len(line, n);

	if (len == n || (!is_short_for(line, len, "/label") &&
			    !is_short_for(line, len, "/with")))
		return 0;
	len++;
	len += word_len(line + len, n - len);
	return len < n ? len + 1 : 0;
}

int
address_is_go(const char *line, size_t n)
{
	size_t len;

	for (; (len = address_prefix(line, n)) > 0; n -= len)
		line += len;
	return n >= 2 && line[0] == '/' && (line[1] | 32) == 'g' &&
	       (n == 2 || line[2] == ' ' || (line[2] | 32) == 'o');
}
